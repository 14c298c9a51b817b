//! What is wrong with a flow, in words an administrator understands.

use std::fmt;

use serde::{Serialize, Serializer};

/// Whether a finding keeps a flow from being published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but somebody should look at it.
    Warning,
}

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
    /// The document has too many nodes, or too many variables.
    TooLarge,
    /// An expression or a script cannot be compiled, or cannot work with the types that are declared.
    ExpressionError,
    /// A value can never be of the type of the variable that it goes into.
    TypeClash,
    /// A variable may be read before it has a value.
    ReadBeforeSet,
    /// A secret is spoken, shown, or copied into a variable that is not secret.
    SecretExposed,
    /// One key means two things.
    OverlappingKeys,
    /// Sub-flows use each other in a circle.
    SubflowCycle,
    /// A sub-flow is handed what it does not know, or not handed what it needs.
    WrongArguments,
    /// A flow names a version or a schedule that is not there.
    UnknownReference,
    /// A prompt is missing in one of the languages.
    MissingPrompt,
    /// From here a caller never reaches a person.
    NoWayToHuman,
    /// A caller must listen for long before he can press the first key.
    LateFirstKey,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 26] = [
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
        Self::ExpressionError,
        Self::TypeClash,
        Self::ReadBeforeSet,
        Self::SecretExposed,
        Self::OverlappingKeys,
        Self::SubflowCycle,
        Self::WrongArguments,
        Self::UnknownReference,
        Self::MissingPrompt,
        Self::NoWayToHuman,
        Self::LateFirstKey,
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
            Self::ExpressionError => "expression-error",
            Self::TypeClash => "type-clash",
            Self::ReadBeforeSet => "read-before-set",
            Self::SecretExposed => "secret-exposed",
            Self::OverlappingKeys => "overlapping-keys",
            Self::SubflowCycle => "subflow-cycle",
            Self::WrongArguments => "wrong-arguments",
            Self::UnknownReference => "unknown-reference",
            Self::MissingPrompt => "missing-prompt",
            Self::NoWayToHuman => "no-way-to-human",
            Self::LateFirstKey => "late-first-key",
        }
    }

    /// Returns whether it keeps a flow from being published.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::ReadBeforeSet | Self::NoWayToHuman | Self::LateFirstKey => Severity::Warning,
            Self::Syntax
            | Self::UnknownSchema
            | Self::UnknownType
            | Self::InvalidField
            | Self::NotForKind
            | Self::UnknownOutlet
            | Self::MissingOutlet
            | Self::DanglingTarget
            | Self::Unreachable
            | Self::NoWayToEnd
            | Self::InstantCycle
            | Self::TwiceInSet
            | Self::UnknownFlow
            | Self::KindMismatch
            | Self::TooLarge
            | Self::ExpressionError
            | Self::TypeClash
            | Self::SecretExposed
            | Self::OverlappingKeys
            | Self::SubflowCycle
            | Self::WrongArguments
            | Self::UnknownReference
            | Self::MissingPrompt => Severity::Error,
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Returns whether it keeps the flow from being published.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

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
