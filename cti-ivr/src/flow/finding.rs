//! What is wrong with a flow, in words an administrator understands.

use std::fmt;

/// The kind of a finding; its code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text is not JSON, or a part of the document is missing or of the wrong type.
    Syntax,
    /// The document is of another schema.
    UnknownSchema,
    /// There is no node type of this name.
    UnknownType,
    /// A field of a node is missing, unknown or out of its range.
    InvalidField,
    /// The node type is not allowed in a flow of this kind.
    NotForKind,
    /// The node type has no such outlet.
    UnknownOutlet,
    /// An outlet that must lead somewhere does not.
    MissingOutlet,
    /// An outlet or an entry leads to a node that is not there.
    DanglingTarget,
    /// No path from the entry reaches the node.
    Unreachable,
    /// No path from the node reaches an end.
    NoWayToEnd,
    /// A circle without anything to wait for.
    InstantCycle,
    /// A flow of this id occurs twice.
    TwiceInSet,
    /// A flow goes on in a flow that is not there.
    UnknownFlow,
    /// A flow goes on in a flow of another kind.
    KindMismatch,
    /// The document has too many nodes.
    TooLarge,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 15] = [
        Self::Syntax,
        Self::UnknownSchema,
        Self::UnknownType,
        Self::InvalidField,
        Self::NotForKind,
        Self::UnknownOutlet,
        Self::MissingOutlet,
        Self::DanglingTarget,
        Self::Unreachable,
        Self::NoWayToEnd,
        Self::InstantCycle,
        Self::TwiceInSet,
        Self::UnknownFlow,
        Self::KindMismatch,
        Self::TooLarge,
    ];

    /// Returns the stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownSchema => "unknown-schema",
            Self::UnknownType => "unknown-type",
            Self::InvalidField => "invalid-field",
            Self::NotForKind => "not-for-kind",
            Self::UnknownOutlet => "unknown-outlet",
            Self::MissingOutlet => "missing-outlet",
            Self::DanglingTarget => "dangling-target",
            Self::Unreachable => "unreachable",
            Self::NoWayToEnd => "no-way-to-end",
            Self::InstantCycle => "instant-cycle",
            Self::TwiceInSet => "twice-in-set",
            Self::UnknownFlow => "unknown-flow",
            Self::KindMismatch => "kind-mismatch",
            Self::TooLarge => "too-large",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// At which node, if at one.
    pub node: Option<String>,
    /// In which field, if in one.
    pub field: Option<String>,
    /// Why, in words.
    pub reason: String,
}

impl Finding {
    pub(crate) fn document(code: Code, field: &str, reason: impl Into<String>) -> Self {
        Self { code, node: None, field: Some(field.to_owned()), reason: reason.into() }
    }

    pub(crate) fn node(code: Code, node: &str, reason: impl Into<String>) -> Self {
        Self { code, node: Some(node.to_owned()), field: None, reason: reason.into() }
    }

    pub(crate) fn field(code: Code, node: &str, field: &str, reason: impl Into<String>) -> Self {
        let mut finding = Self::node(code, node, reason);
        finding.field = Some(field.to_owned());
        finding
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node) = &self.node {
            write!(f, "node {node}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{} [{}]", self.reason, self.code.as_str())
    }
}

/// A flow that cannot be used, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .findings.iter().map(|f| format!("{name}: {f}")).collect::<Vec<_>>().join("\n"))]
pub struct InvalidFlow {
    /// The flow's id, or the name of its file.
    pub name: String,
    /// What is wrong; at least one thing.
    pub findings: Vec<Finding>,
}
