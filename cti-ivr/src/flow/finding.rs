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

    /// Returns what it means to an operator, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Syntax => "不是有效的流程文档",
            Self::UnknownSchema => "文档的格式版本不支持",
            Self::UnknownType => "没有这种节点",
            Self::InvalidField => "节点的某项设置缺失、多余或超出范围",
            Self::NotForKind => "这种流程不能使用该节点",
            Self::UnknownOutlet => "节点没有这个出口",
            Self::MissingOutlet => "必须连接的出口没有连接",
            Self::DanglingTarget => "连接到的节点不存在",
            Self::Unreachable => "从入口走不到该节点",
            Self::NoWayToEnd => "从该节点走不到结束",
            Self::InstantCycle => "节点之间无等待地循环",
            Self::TwiceInSet => "流程编号重复",
            Self::UnknownFlow => "引用的流程不存在",
            Self::KindMismatch => "引用的流程类型不符",
            Self::TooLarge => "节点或变量太多",
            Self::ExpressionError => "表达式有错误",
            Self::TypeClash => "值与变量的类型不符",
            Self::ReadBeforeSet => "变量可能在赋值前被使用",
            Self::SecretExposed => "保密变量被播报、显示或写入普通变量",
            Self::OverlappingKeys => "同一个按键有两种含义",
            Self::SubflowCycle => "子流程互相循环调用",
            Self::WrongArguments => "子流程的参数不符",
            Self::UnknownReference => "引用的版本或日程不存在",
            Self::MissingPrompt => "缺少语音",
            Self::NoWayToHuman => "从这里无法转到人工",
            Self::LateFirstKey => "要听很久才能按第一个键",
        }
    }

    /// Returns what it means to an operator, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Syntax => "The text is no document of a flow",
            Self::UnknownSchema => "The document is of another schema",
            Self::UnknownType => "There is no such type of node",
            Self::InvalidField => "A setting of the node is missing, unknown or out of its range",
            Self::NotForKind => "Flows of this kind cannot have this node",
            Self::UnknownOutlet => "The node has no such outlet",
            Self::MissingOutlet => "An outlet that must lead somewhere does not",
            Self::DanglingTarget => "Something leads to a node that is not there",
            Self::Unreachable => "No way from the entry leads to the node",
            Self::NoWayToEnd => "No way from the node leads to an end",
            Self::InstantCycle => "Nodes go round without anything to wait for",
            Self::TwiceInSet => "Two flows have this id",
            Self::UnknownFlow => "It goes on in a flow that is not there",
            Self::KindMismatch => "It goes on in a flow of another kind",
            Self::TooLarge => "There are too many nodes or variables",
            Self::ExpressionError => "An expression cannot be computed",
            Self::TypeClash => "A value can never be of the variable's type",
            Self::ReadBeforeSet => "A variable may be read before it has a value",
            Self::SecretExposed => "A secret is spoken, shown or copied where others see it",
            Self::OverlappingKeys => "One key means two things",
            Self::SubflowCycle => "Sub-flows use each other in a circle",
            Self::WrongArguments => "A sub-flow is not handed what it needs",
            Self::UnknownReference => "A version or a schedule is not there",
            Self::MissingPrompt => "A recording is missing",
            Self::NoWayToHuman => "From here nobody reaches a person",
            Self::LateFirstKey => "Callers listen for long before their first key counts",
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
