//! Scripted callers in a file, for a command line, a REST request or a build.
//!
//! ```json
//! {
//!   "schema": "cti.flow-tests/1",
//!   "tests": [
//!     {
//!       "name": "by day a caller is queued", "flow": "hotline-12345", "at": "2026-11-23T10:00:00+08:00",
//!       "script": ["expect answer", "expect play greeting-12345", "hangs up"]
//!     }
//!   ]
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{calendar::Calendars, id::FlowId, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{Caller, not_walked};
use crate::{
    engine::{Engine, UnknownSchedule},
    flow::FlowSet,
    table::Table,
};

/// A file has at most this many tests.
const MAX_TESTS: usize = 10_000;

/// Scripted callers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    schema: String,
    tests: Vec<Test>,
}

/// One scripted caller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    name: String,
    flow: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    called: Option<String>,
    script: Lines,
}

/// Steps, as one text or as a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Lines {
    Text(String),
    List(Vec<String>),
}

/// A file that holds no tests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSuite {
    /// It is not JSON of the right shape.
    #[error("{0}")]
    Syntax(String),
    /// It is of another schema.
    #[error("schema: {0:?} is not \"cti.flow-tests/1\"")]
    Schema(String),
    /// A value of a test cannot be used.
    #[error("test {test}: {field}: {reason}")]
    Value {
        /// Which test.
        test: String,
        /// Which field.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// There are too many.
    #[error("there are more than {MAX_TESTS} tests")]
    TooMany,
    /// A flow asks for a schedule that is not there.
    #[error(transparent)]
    Schedule(#[from] UnknownSchedule),
}

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// The flow that it called.
    pub flow: String,
    /// What went wrong: the step and what happened in its place; nothing when all went as written.
    pub failure: Option<String>,
    /// Everything that could be noticed, in order.
    pub heard: Vec<String>,
}

/// How all tests went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order of the file.
    pub outcomes: Vec<Outcome>,
    /// The outlets that no test took, as node and outlet, of each flow that was called.
    pub not_walked: BTreeMap<String, Vec<(String, String)>>,
}

impl Report {
    /// Returns how many tests failed.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count()
    }

    /// Returns whether all went well and every outlet was taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures() == 0 && self.not_walked.values().all(Vec::is_empty)
    }
}

impl Suite {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn parse(text: &str) -> Result<Self, InvalidSuite> {
        let suite: Self =
            serde_json::from_str(text).map_err(|error| InvalidSuite::Syntax(error.to_string()))?;
        if suite.schema != "cti.flow-tests/1" {
            return Err(InvalidSuite::Schema(suite.schema));
        }
        if suite.tests.len() > MAX_TESTS {
            return Err(InvalidSuite::TooMany);
        }
        Ok(suite)
    }

    /// Runs every test with a caller and an engine of its own.
    ///
    /// # Errors
    /// When a test cannot be set up; tests that do not go as written are in the report.
    pub fn run(
        &self,
        flows: &FlowSet,
        calendars: &Calendars,
        tables: &BTreeMap<String, Table>,
    ) -> Result<Report, InvalidSuite> {
        let mut report = Report::default();
        let mut visited: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
        for test in &self.tests {
            let wrong = |field, reason: String| InvalidSuite::Value {
                test: test.name.clone(),
                field,
                reason,
            };
            let engine = Engine::new(flows.clone(), calendars.clone())?;
            let mut caller = Caller::new(engine, &test.flow)
                .map_err(|error| wrong("flow", error.to_string()))?;
            for (name, table) in tables {
                caller = caller.with_table(name, table.clone());
            }
            if let Some(at) = &test.at {
                caller = caller.at(moment(at).map_err(|reason| wrong("at", reason))?);
            }
            if let Some(called) = &test.called {
                caller =
                    caller.dials(called).map_err(|error| wrong("called", error.to_string()))?;
            }
            let script = match &test.script {
                Lines::Text(text) => text.clone(),
                Lines::List(lines) => lines.join("\n"),
            };
            if super::script::steps(&script).any(|step| step.starts_with("answers ")) {
                caller = caller.with_answers();
            }
            let failure = caller.run(&script).err();
            let failure = failure.map(|error| format!("{}: {}", error.step, error.reason));
            visited.entry(&test.flow).or_default().extend(caller.visited().iter().cloned());
            report.outcomes.push(Outcome {
                name: test.name.clone(),
                flow: test.flow.clone(),
                failure,
                heard: caller.heard().to_vec(),
            });
        }
        for (name, visited) in visited {
            let flow = FlowId::new(name).ok().and_then(|id| flows.get(&id));
            if let Some(flow) = flow {
                report.not_walked.insert(name.to_owned(), not_walked(flow, &visited));
            }
        }
        Ok(report)
    }
}

/// Reads a moment as RFC 3339.
fn moment(text: &str) -> Result<Timestamp, String> {
    let at: jiff::Timestamp = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    u64::try_from(at.as_microsecond())
        .map(Timestamp::from_micros)
        .map_err(|_| "is before 1970".to_owned())
}
