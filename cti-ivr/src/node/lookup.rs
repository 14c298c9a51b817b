//! `lookup`: a row of a table becomes variables.

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape, State,
    Step, Traffic, Uses,
    asking::{Answered, Asking, RETRY_AFTER, TIMEOUT, half_a_second},
    fields,
    menu::five_seconds,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "lookup",
    group: Group::Data,
    fields: &[
        Field::must("source", Shape::Source, "数据表", "which table is asked"),
        Field::must("key", Shape::Variable, "键变量", "the variable whose value is looked up"),
        Field::may(
            "prefix",
            Shape::Text(64),
            "变量前缀",
            "what stands before the names of the columns",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
        Field::may(
            "retries",
            Shape::Count(0, 5, Some(0)),
            "重试次数",
            "attempts after the first when the source fails",
        ),
        Field::may("retry_after_ms", RETRY_AFTER, "重试间隔", "the wait before the next attempt"),
    ],
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
    parse: |value| Ok(Box::new(Lookup::new(fields(value)?)?)),
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
    #[serde(default)]
    retries: u32,
    #[serde(default = "half_a_second")]
    retry_after_ms: u64,
}

#[derive(Debug)]
struct Lookup {
    source: String,
    key: String,
    prefix: String,
    asking: Asking,
}

impl Lookup {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.source.is_empty() {
            return Err(FieldError::new("source", "is empty"));
        }
        let asking = Asking::new(fields.timeout_ms, fields.retries, fields.retry_after_ms)?;
        Ok(Self { source: fields.source, key: fields.key, prefix: fields.prefix, asking })
    }

    fn ask(&self, run: &mut Run<'_>) {
        let key = run.variable(&self.key).unwrap_or("").to_owned();
        run.lookup(&self.source, key);
    }
}

impl Node for Lookup {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        self.asking.begin(run, |run| self.ask(run))
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match self.asking.handle(state, what, run, |run| self.ask(run)) {
            Answered::Waits(state) => Step::Wait(state),
            Answered::Found(row, _) => {
                for (column, value) in row {
                    run.assign(&format!("{}{column}", self.prefix), &value);
                }
                Step::Leave("found")
            }
            Answered::NotFound => Step::Leave("not_found"),
            Answered::Failed => Step::Leave("error"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("key", &self.key);
        traffic.writes_columns("prefix", &self.prefix, "found");
    }

    fn uses(&self, uses: &mut Uses) {
        uses.tables.insert(self.source.clone());
    }
}
