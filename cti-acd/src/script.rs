//! Strategies that an administrator writes (脚本排队): up to three functions in the Rhai language.
//!
//! ```text
//! // The smallest goes first. Milliseconds: a priority level is worth a minute of waiting.
//! fn contact_key(c) { c.since_ms - c.priority * 60000 }
//!
//! // The smallest is preferred.
//! fn agent_key(a) { if a.calls < 10 { a.idle_since_ms } else { a.talked_s } }
//!
//! // Of the best agents, at most 32, the number of the one who is taken.
//! fn pick(c, agents) { if c.skill("english") > 5 { agents.len() - 1 } else { 0 } }
//! ```
//!
//! What is not written is decided as by `longest_idle` and the queue's rule of ageing. Keys are computed when a contact
//! comes or an agent gets ready, so they see no clock; `pick` alone runs while a decision is made.
//!
//! A script is compiled and tried when it is saved. It has no loops without end, no files, no time, no chance: every
//! call may take [`MAX_OPERATIONS`] steps. When one fails all the same, the built-in rule decides this once, and an
//! alarm is proposed; after [`MAX_FAILURES`] failures in a row it is out of use until the rules are changed.

use std::sync::{Arc, LazyLock};

use cti_core::{needs::Needs, time::Timestamp};
use rhai::{AST, Array, CallFnOptions, Dynamic, Engine, EvalAltResult, FuncArgs, Position, Scope};
use serde::{Deserialize, Serialize};

use crate::strategy::{AgentFigures, Candidate};

mod keys;
mod views;

pub(crate) use keys::Keys;
pub(crate) use views::ContactView;
use views::{AgentView, register};

/// How many steps one call of a function may take.
pub const MAX_OPERATIONS: u64 = 2_000;
/// How many agents `pick` chooses among at most.
pub const MAX_PICK: usize = 32;
/// How many calls in a row may fail before the script is out of use.
pub const MAX_FAILURES: u32 = 10;
/// How long a script may be, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// A script as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptSource {
    /// The name by which queues choose it.
    pub name: String,
    /// The text.
    pub source: String,
}

/// A script that cannot be used; says where and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScript {
    /// The name is empty, too long or taken.
    #[error("script {script}: the name {reason}")]
    Name {
        /// Which script.
        script: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is too long.
    #[error("script {script}: it has {length} bytes, {MAX_LENGTH} are allowed")]
    TooLong {
        /// Which script.
        script: String,
        /// How long it is.
        length: usize,
    },
    /// The text cannot be read.
    #[error("script {script}, line {line}, column {column}: {reason}")]
    Syntax {
        /// Which script.
        script: String,
        /// The line, from 1 on.
        line: usize,
        /// The column, from 1 on.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// None of the functions is there that are called.
    #[error("script {script}: it has neither contact_key(c) nor agent_key(a) nor pick(c, agents)")]
    NoFunction {
        /// Which script.
        script: String,
    },
    /// A function has another number of parameters.
    #[error("script {script}: {function} takes {expected} parameters, not {found}")]
    Parameters {
        /// Which script.
        script: String,
        /// Which function.
        function: &'static str,
        /// How many it takes.
        expected: usize,
        /// How many were written.
        found: usize,
    },
    /// A function failed when it was tried.
    #[error("script {script}{}: {function}: {reason}", place(*line, *column))]
    Fails {
        /// Which script.
        script: String,
        /// Which function.
        function: &'static str,
        /// The line, from 1 on; 0 where it is not known.
        line: usize,
        /// The column, from 1 on; 0 where it is not known.
        column: usize,
        /// What went wrong.
        reason: String,
    },
}

const CONTACT_KEY: (&str, usize) = ("contact_key", 1);
const AGENT_KEY: (&str, usize) = ("agent_key", 1);
const PICK: (&str, usize) = ("pick", 2);

/// A script that compiles and that has been tried.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    /// Its place in the configuration.
    pub(crate) index: usize,
    ast: AST,
    pub(crate) has_contact_key: bool,
    pub(crate) has_agent_key: bool,
    pub(crate) has_pick: bool,
    /// Whether an agent's part in the queue can matter.
    reads_membership: bool,
    /// Whether his levels in what is asked for can matter.
    reads_skill: bool,
}

/// A call of a function that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    function: &'static str,
    line: usize,
    column: usize,
    reason: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { function, line, column, reason } = self;
        write!(f, "{function}{}: {reason}", place(*line, *column))
    }
}

/// One engine for all scripts: it holds limits and the names that scripts can use, and no state.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(8)
        .set_max_expr_depths(48, 32)
        .set_max_string_size(1024)
        .set_max_array_size(128)
        .set_max_map_size(64)
        .set_max_variables(64)
        .set_max_functions(64)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .disable_symbol("eval")
        .disable_symbol("print")
        .disable_symbol("debug");
    register(&mut engine);
    engine
});

impl ScriptSource {
    /// Checks the script as it is checked when it is saved.
    ///
    /// # Errors
    /// When it cannot be read, has none of the functions, or a function fails when it is tried.
    pub fn check(&self) -> Result<(), InvalidScript> {
        Script::compile(self, 0).map(drop)
    }
}

impl Script {
    /// Compiles a script and tries its functions on contacts and agents that are made up.
    pub(crate) fn compile(source: &ScriptSource, index: usize) -> Result<Self, InvalidScript> {
        let script = || source.name.clone();
        if source.name.is_empty() || source.name.len() > 64 {
            let reason = "must have between 1 and 64 bytes";
            return Err(InvalidScript::Name { script: script(), reason });
        }
        if source.source.len() > MAX_LENGTH {
            let length = source.source.len();
            return Err(InvalidScript::TooLong { script: script(), length });
        }
        let ast = ENGINE.compile(&source.source).map_err(|error| {
            let (line, column) = at(error.position());
            InvalidScript::Syntax { script: script(), line, column, reason: error.0.to_string() }
        })?;
        let has = |(name, expected): (&'static str, usize)| {
            let mut found = ast.iter_functions().filter(|it| it.name == name).peekable();
            if found.peek().is_none() {
                return Ok(false);
            }
            let counts: Vec<usize> = found.map(|it| it.params.len()).collect();
            match counts.contains(&expected) {
                true => Ok(true),
                false => Err(InvalidScript::Parameters {
                    script: script(),
                    function: name,
                    expected,
                    found: counts[0],
                }),
            }
        };
        let (has_contact_key, has_agent_key, has_pick) =
            (has(CONTACT_KEY)?, has(AGENT_KEY)?, has(PICK)?);
        if !(has_contact_key || has_agent_key || has_pick) {
            return Err(InvalidScript::NoFunction { script: script() });
        }
        let name = source.name.clone();
        // A property is read by its name alone, so what is not named is not read.
        let names = |name: &str| {
            let mut words = source.source.split(|it: char| !it.is_alphanumeric() && it != '_');
            words.any(|word| word == name)
        };
        let it = Self {
            name,
            index,
            ast,
            has_contact_key,
            has_agent_key,
            has_pick,
            reads_membership: names("tier") || names("position"),
            reads_skill: names("skill"),
        };
        it.rehearse().map_err(|failure| InvalidScript::Fails {
            script: script(),
            function: failure.function,
            line: failure.line,
            column: failure.column,
            reason: failure.reason,
        })?;
        Ok(it)
    }

    fn rehearse(&self) -> Result<(), Failure> {
        let agent = cti_core::id::AgentId::new("8001").expect("digits");
        let fresh = AgentFigures::default();
        let busy = AgentFigures {
            idle_since: Timestamp::from_secs(1_800_000_000),
            calls: 40,
            handled: std::time::Duration::from_secs(9_000),
            talked: std::time::Duration::from_secs(7_000),
            idle_periods: 41,
            idle_total: std::time::Duration::from_secs(4_000),
        };
        let candidate = |figures| Candidate {
            agent: &agent,
            figures,
            membership: crate::config::Membership::default(),
            skill: 5,
            all_skills: 9,
        };
        let contacts = [
            ContactView::new("general", Timestamp::ZERO, 0, &Needs::default()),
            ContactView::new(
                "general",
                Timestamp::from_secs(1_800_000_000),
                255,
                &Needs {
                    skills: [("english".parse().expect("letters"), 5)].into(),
                    ..Needs::default()
                },
            ),
        ];
        for contact in contacts {
            if self.has_contact_key {
                self.contact_key(contact.clone())?;
            }
            for count in if self.has_pick { &[2, MAX_PICK][..] } else { &[] } {
                self.pick(contact.clone(), (0..*count).map(|_| candidate(&busy)).collect())?;
            }
        }
        if self.has_agent_key {
            self.agent_key(&candidate(&fresh))?;
            self.agent_key(&candidate(&busy))?;
        }
        Ok(())
    }

    /// Returns the contact's key in milliseconds.
    pub(crate) fn contact_key(&self, contact: ContactView) -> Result<i64, Failure> {
        self.call(CONTACT_KEY.0, (contact,))
    }

    /// Returns the agent's key.
    pub(crate) fn agent_key(&self, agent: &Candidate<'_>) -> Result<i64, Failure> {
        self.call(AGENT_KEY.0, (AgentView::new(agent),))
    }

    /// Returns which of the agents is taken.
    pub(crate) fn pick(
        &self,
        contact: ContactView,
        agents: Vec<Candidate<'_>>,
    ) -> Result<usize, Failure> {
        let count = agents.len();
        let agents: Array =
            agents.iter().map(|agent| Dynamic::from(AgentView::new(agent))).collect();
        let picked = self.call(PICK.0, (contact, agents))?;
        usize::try_from(picked).ok().filter(|picked| *picked < count).ok_or_else(|| Failure {
            function: PICK.0,
            line: 0,
            column: 0,
            reason: format!("it gave {picked}, and the agents are numbered 0 to {}", count - 1),
        })
    }

    fn call(&self, function: &'static str, arguments: impl FuncArgs) -> Result<i64, Failure> {
        let options = CallFnOptions::new().eval_ast(false).rewind_scope(false);
        let result: Result<Dynamic, Box<EvalAltResult>> =
            ENGINE.call_fn_with_options(options, &mut Scope::new(), &self.ast, function, arguments);
        let value = result.map_err(|error| {
            let inner = innermost(&error).position();
            let (line, column) = at(if inner.is_none() { error.position() } else { inner });
            let mut reason = innermost(&error).clone_message();
            if reason.is_empty() {
                reason = error.to_string();
            }
            Failure { function, line, column, reason }
        })?;
        value.as_int().map_err(|kind| Failure {
            function,
            line: 0,
            column: 0,
            reason: format!("it gave a {kind}, and a whole number is needed"),
        })
    }
}

/// Says what went wrong without the position, which is a value of its own.
trait Message {
    fn clone_message(&self) -> String;
}

impl Message for EvalAltResult {
    fn clone_message(&self) -> String {
        let text = self.to_string();
        match text.rfind(" (line ") {
            Some(end) => text[..end].to_owned(),
            None => text,
        }
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    error.unwrap_inner()
}

/// Where something is, for a sentence; nothing where it is not known.
fn place(line: usize, column: usize) -> String {
    match line {
        0 => String::new(),
        line => format!(", line {line}, column {column}"),
    }
}

fn at(position: Position) -> (usize, usize) {
    (position.line().unwrap_or(0), position.position().unwrap_or(0))
}

/// Compiles all scripts of a configuration.
pub(crate) fn compile_all(
    sources: &[ScriptSource],
    taken: &[&str],
) -> Result<Vec<Arc<Script>>, InvalidScript> {
    let mut scripts: Vec<Arc<Script>> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let twice = scripts.iter().any(|it| it.name == source.name);
        if twice || taken.contains(&source.name.as_str()) {
            let (script, reason) = (source.name.clone(), "is taken");
            return Err(InvalidScript::Name { script, reason });
        }
        scripts.push(Arc::new(Script::compile(source, index)?));
    }
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(source: &str) -> Result<(), String> {
        let source = ScriptSource { name: "vip".to_owned(), source: source.to_owned() };
        source.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_script_with_one_of_the_functions_is_enough() {
        assert_eq!(checked("fn contact_key(c) { c.since_ms - c.priority * 60000 }"), Ok(()));
        assert_eq!(checked("fn agent_key(a) { a.calls * 100 + a.tier - a.skill }"), Ok(()));
        assert_eq!(checked("fn pick(c, agents) { agents.len() - 1 }"), Ok(()));
        assert_eq!(
            checked(r#"fn contact_key(c) { if c.skill("english") > 3 { 0 } else { c.since_ms } }"#),
            Ok(())
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column() {
        let wrong = |source| checked(source).unwrap_err();
        expect_test::expect![[r#"
            script vip, line 2, column 16: Unexpected ';'
            script vip, line 1, column 21: Undefined variable: d
            script vip: it has neither contact_key(c) nor agent_key(a) nor pick(c, agents)
            script vip: agent_key takes 1 parameters, not 2
            script vip, line 2, column 3: agent_key: Unknown property 'salary' - a getter is not registered for type 'agent'
            script vip: contact_key: Too many operations
            script vip: contact_key: it gave a bool, and a whole number is needed
            script vip: pick: it gave 2, and the agents are numbered 0 to 1
            script vip: contact_key: Stack overflow
            script vip, line 1, column 21: reserved keyword 'eval' is disabled
        "#]]
        .assert_eq(&format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            wrong("fn agent_key(a) {\n    a.calls +  ;\n}"),
            wrong("fn contact_key(c) { d }"),
            wrong("let x = 1;"),
            wrong("fn agent_key(a, b) { 1 }"),
            wrong("fn agent_key(a) {\na.salary }"),
            wrong("fn contact_key(c) { loop { } }"),
            wrong("fn contact_key(c) { c.priority > 3 }"),
            wrong("fn pick(c, agents) { agents.len() }"),
            wrong("fn contact_key(c) { f(1) } fn f(x) { f(x + 1) }"),
            wrong("fn contact_key(c) { eval(\"1\") }"),
        ));
    }

    #[test]
    fn texts_that_grow_and_arrays_that_grow_are_stopped() {
        let text = r#"fn contact_key(c) { let s = "xxxxxxxx"; loop { s += s; } }"#;
        assert!(checked(text).unwrap_err().contains("Length of string too large"));
        let array = "fn contact_key(c) { let a = [1]; loop { a += a; } }";
        assert!(checked(array).is_err());
    }

    #[test]
    fn names_of_built_in_rules_are_taken() {
        let source =
            ScriptSource { name: "vip".to_owned(), source: "fn agent_key(a) { 0 }".to_owned() };
        assert!(compile_all(std::slice::from_ref(&source), &["longest_idle"]).is_ok());
        assert!(compile_all(std::slice::from_ref(&source), &["vip"]).is_err());
        assert!(compile_all(&[source.clone(), source], &[]).is_err());
    }
}
