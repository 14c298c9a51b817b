//! `db_query`: asks a database by a query that the centre has under a name.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape, State,
    Step, Traffic, Uses,
    asking::{Answered, Asking, RETRY_AFTER, TIMEOUT, half_a_second},
    fields,
    http::{filled, templates},
    menu::five_seconds,
    template::Template,
};
use crate::service::QUERY;

pub(super) static TYPE: NodeType = NodeType {
    name: "db_query",
    group: Group::Data,
    fields: &[
        Field::must(
            "query",
            Shape::Text(64),
            "查询",
            "the name that the centre has given the query",
        ),
        Field::may("params", Shape::TextMap, "参数", "texts with {variables}, by name"),
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
            "attempts after the first when the database fails",
        ),
        Field::may("retry_after_ms", RETRY_AFTER, "重试间隔", "the wait before the next attempt"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited(
            "found",
            "查到，首行各列存入变量",
            "found; the columns of the first row are variables",
        ),
        Outlet::waited("not_found", "没有记录", "there is no such row"),
        Outlet::waited(
            "error",
            "数据库不可用、出错或超时",
            "the database is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "执行中心预先命名的数据库查询，参数绑定，不拼接语句",
    en: "Asks a database by a named query with bound parameters; the flow holds no SQL",
    parse: |value| Ok(Box::new(Query::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    query: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
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
struct Query {
    query: String,
    params: BTreeMap<String, Template>,
    prefix: String,
    asking: Asking,
}

impl Query {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.query.is_empty() {
            return Err(FieldError::new("query", "is empty"));
        }
        Ok(Self {
            query: fields.query,
            params: templates("params", fields.params)?,
            prefix: fields.prefix,
            asking: Asking::new(fields.timeout_ms, fields.retries, fields.retry_after_ms)?,
        })
    }

    fn ask(&self, run: &mut Run<'_>) {
        let params = filled(&self.params, run);
        let key = serde_json::to_string(&params).expect("texts can be written as JSON");
        run.lookup(&format!("{QUERY}{}", self.query), key);
    }
}

impl Node for Query {
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
        self.params.values().for_each(|template| template.traffic("params", traffic));
        traffic.writes_columns("prefix", &self.prefix, "found");
    }

    fn uses(&self, uses: &mut Uses) {
        uses.queries.insert(self.query.clone());
        if self.asking.repeats() {
            uses.repeated_queries.insert(self.query.clone());
        }
    }
}
