//! `lookup`: a row of a table becomes variables.

use std::time::Duration;

use cti_core::flow::{CallData, LookupFailure};
use serde::Deserialize;

use super::{
    EVERY_KIND, FieldError, Happening, Node, NodeType, Outlet, Run, State, Step, Uses, fields,
    menu::five_seconds, time,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "lookup",
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("found", "查到，各列存入变量", "found; its columns are variables"),
        Outlet::waited("not_found", "没有这一行", "there is no such row"),
        Outlet::waited(
            "error",
            "数据源不可用或超时",
            "the source is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "按变量的值查表，列名加前缀成为变量",
    en: "Asks a table for the row of a variable's value; columns become variables with a prefix",
    parse: |value| {
        let fields: Fields = fields(value)?;
        if fields.source.is_empty() {
            return Err(FieldError::new("source", "is empty"));
        }
        let limit = time("timeout_ms", fields.timeout_ms, 100, 60_000)?;
        Ok(Box::new(Lookup { fields, limit }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    source: String,
    key: String,
    #[serde(default)]
    prefix: String,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

#[derive(Debug)]
struct Lookup {
    fields: Fields,
    limit: Duration,
}

impl Lookup {
    fn done(&self, result: Result<CallData, LookupFailure>, run: &mut Run<'_>) -> Step {
        match result {
            Ok(row) => {
                for (column, value) in row {
                    run.assign(&format!("{}{column}", self.fields.prefix), &value);
                }
                Step::Leave("found")
            }
            Err(LookupFailure::NotFound) => Step::Leave("not_found"),
            Err(LookupFailure::UnknownSource | LookupFailure::Unavailable) => Step::Leave("error"),
        }
    }
}

impl Node for Lookup {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let key = run.variable(&self.fields.key).unwrap_or("").to_owned();
        run.lookup(&self.fields.source, key);
        run.wake_after(self.limit);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match what {
            Happening::LookupDone(result) => self.done(result, run),
            Happening::TimeOut => Step::Leave("error"),
            Happening::Digit(digit) => {
                run.type_ahead(digit);
                Step::Wait(state)
            }
            Happening::PlayEnded
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.tables.insert(self.fields.source.clone());
    }
}
