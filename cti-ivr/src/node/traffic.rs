//! What a node does with variables, so that the check can follow them through a flow.

use crate::{expression::Expression, flow::Type};

/// Reads and writes of one node.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) reads: Vec<Read>,
    pub(crate) writes: Vec<Write>,
    /// Variables that are known to have a value behind an outlet.
    pub(crate) known: Vec<(String, &'static str)>,
    /// Variables whose value agents and the log get after the node has written it, by field.
    pub(crate) shows: Vec<(&'static str, String)>,
}

/// One variable that is read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) field: &'static str,
    pub(crate) variable: String,
    pub(crate) exposure: Exposure,
    /// What its text must look like, where that matters.
    pub(crate) wants: Option<Type>,
    /// Whether it makes sense without a value.
    pub(crate) may_be_unset: bool,
}

/// Who learns of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// The flow, and a service that it asks.
    Inside,
    /// Whoever hears the call.
    Spoken,
    /// Agents and the log.
    Shown,
}

/// One variable, or all that begin with a prefix, that get a value.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) field: &'static str,
    pub(crate) variable: Written,
    /// Behind which outlet; behind each when absent.
    pub(crate) outlet: Option<&'static str>,
    pub(crate) source: Source,
}

#[derive(Debug)]
pub(crate) enum Written {
    Named(String),
    /// Whatever a table has as columns.
    Prefixed(String),
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A fixed text.
    Literal(String),
    /// Another variable.
    Copy(String),
    /// A value of this type, made from these variables.
    Made(Option<Type>, Vec<String>),
    /// A sub-flow, against which it is checked.
    Returned,
}

/// An expression or script as the check tries it.
#[derive(Debug)]
pub(crate) struct Script<'a> {
    pub(crate) field: &'static str,
    pub(crate) expression: &'a Expression,
    /// What its value must be.
    pub(crate) wants: Option<Type>,
    /// The variable that its value goes into.
    pub(crate) into: Option<&'a str>,
    /// The variables that it assigns.
    pub(crate) assigns: &'a [String],
}

impl<'a> Script<'a> {
    pub(crate) fn value(
        field: &'static str,
        expression: &'a Expression,
        wants: Option<Type>,
    ) -> Self {
        Self { field, expression, wants, into: None, assigns: &[] }
    }
}

impl Traffic {
    /// An expression reads what it mentions.
    pub(crate) fn computes(&mut self, field: &'static str, expression: &Expression) {
        for variable in expression.reads() {
            self.reads(field, variable);
        }
    }

    pub(crate) fn reads(&mut self, field: &'static str, variable: &str) -> &mut Read {
        self.reads.push(Read {
            field,
            variable: variable.to_owned(),
            exposure: Exposure::Inside,
            wants: None,
            may_be_unset: false,
        });
        self.reads.last_mut().expect("one was pushed")
    }

    /// Whatever columns a source has become variables with a prefix.
    pub(crate) fn writes_columns(
        &mut self,
        field: &'static str,
        prefix: &str,
        outlet: &'static str,
    ) {
        let variable = Written::Prefixed(prefix.to_owned());
        let source = Source::Made(None, Vec::new());
        self.writes.push(Write { field, variable, outlet: Some(outlet), source });
    }

    pub(crate) fn writes(
        &mut self,
        field: &'static str,
        variable: &str,
        outlet: Option<&'static str>,
        source: Source,
    ) {
        let variable = Written::Named(variable.to_owned());
        self.writes.push(Write { field, variable, outlet, source });
    }
}
