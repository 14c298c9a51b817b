//! `http`: asks a service of the centre over HTTP.

use std::collections::BTreeMap;

use cti_core::flow::CallData;
use serde::Deserialize;
use serde_json::Value;

use super::{
    EVERY_KIND, Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape, Source,
    State, Step, Traffic, Uses,
    asking::{Answered, Asking, RETRY_AFTER, TIMEOUT, half_a_second},
    fields,
    menu::five_seconds,
    template::Template,
};
use crate::service::{HTTP, HttpRequest};

pub(super) static TYPE: NodeType = NodeType {
    name: "http",
    group: Group::Data,
    fields: &[
        Field::must(
            "endpoint",
            Shape::Text(64),
            "服务",
            "the name that the centre has given the service",
        ),
        Field::may("method", Shape::Choice(&["GET", "POST", "PUT"]), "方法", "GET by default"),
        Field::must("path", Shape::Text(1000), "路径", "the path with {variables}"),
        Field::may("query", Shape::TextMap, "查询参数", "texts with {variables}, by name"),
        Field::may(
            "body",
            Shape::TextMap,
            "正文",
            "the fields of a JSON object: texts with {variables}",
        ),
        Field::may(
            "map",
            Shape::TextMap,
            "结果映射",
            "variables and where their values are in the answer (JSON Pointer)",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
        Field::may(
            "retries",
            Shape::Count(0, 5, Some(0)),
            "重试次数",
            "attempts after the first; POST is not repeated",
        ),
        Field::may("retry_after_ms", RETRY_AFTER, "重试间隔", "the wait before the next attempt"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("ok", "成功，结果存入变量", "it answered 2xx; mapped values are variables"),
        Outlet::waited("not_found", "服务答复不存在", "it answered 404 or 410"),
        Outlet::waited(
            "error",
            "服务不可用、出错或超时",
            "it is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "按名字调用中心配置的 HTTP 服务，用 JSON Pointer 把结果存入变量",
    en: "Asks a service that the centre knows by name over HTTP; JSON Pointers say which values become variables",
    parse: |value| Ok(Box::new(Http::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    endpoint: String,
    #[serde(default)]
    method: Method,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    body: BTreeMap<String, String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
    #[serde(default)]
    retries: u32,
    #[serde(default = "half_a_second")]
    retry_after_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
    Put,
}

#[derive(Debug)]
struct Http {
    endpoint: String,
    method: Method,
    path: Template,
    query: BTreeMap<String, Template>,
    body: BTreeMap<String, Template>,
    map: BTreeMap<String, String>,
    asking: Asking,
}

/// Reads texts with variables, by name.
pub(super) fn templates(
    field: &str,
    texts: BTreeMap<String, String>,
) -> Result<BTreeMap<String, Template>, FieldError> {
    if texts.len() > 64 {
        return Err(FieldError::new(field, "must be at most 64"));
    }
    let one = |(name, text): (String, String)| {
        Ok((name.clone(), Template::parse(&format!("{field}.{name}"), &text)?))
    };
    texts.into_iter().map(one).collect()
}

/// Fills texts with values, by name.
pub(super) fn filled(
    templates: &BTreeMap<String, Template>,
    run: &Run<'_>,
) -> BTreeMap<String, String> {
    templates.iter().map(|(name, template)| (name.clone(), template.fill(run))).collect()
}

impl Http {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        if fields.endpoint.is_empty() {
            return Err(FieldError::new("endpoint", "is empty"));
        }
        if !fields.path.starts_with('/') {
            return Err(FieldError::new("path", "must begin with /"));
        }
        if fields.method == Method::Post && fields.retries > 0 {
            let reason = "a POST that was too slow may have worked, so it is not repeated";
            return Err(FieldError::new("retries", reason));
        }
        let is_pointer = |pointer: &String| pointer.is_empty() || pointer.starts_with('/');
        if let Some((name, _)) = fields.map.iter().find(|(_, pointer)| !is_pointer(pointer)) {
            let reason = "must be a JSON Pointer, as /data/balance";
            return Err(FieldError::new(&format!("map.{name}"), reason));
        }
        if fields.map.len() > 64 {
            return Err(FieldError::new("map", "must be at most 64"));
        }
        Ok(Self {
            endpoint: fields.endpoint,
            method: fields.method,
            path: Template::parse("path", &fields.path)?,
            query: templates("query", fields.query)?,
            body: templates("body", fields.body)?,
            map: fields.map,
            asking: Asking::new(fields.timeout_ms, fields.retries, fields.retry_after_ms)?,
        })
    }

    fn ask(&self, run: &mut Run<'_>) {
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let request = HttpRequest {
            method: method.to_owned(),
            path: self.path.fill_path(run),
            query: filled(&self.query, run),
            body: filled(&self.body, run),
        };
        let key = serde_json::to_string(&request).expect("texts can be written as JSON");
        run.lookup(&format!("{HTTP}{}", self.endpoint), key);
    }

    fn answered(&self, answer: &CallData, run: &mut Run<'_>) -> Option<()> {
        if self.map.is_empty() {
            return Some(());
        }
        let body: Value = serde_json::from_str(answer.get("body")?).ok()?;
        for (name, pointer) in &self.map {
            // What is not there has no value, whatever it had before.
            let value = match body.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
                Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
            };
            run.assign(name, &value);
        }
        Some(())
    }
}

impl Node for Http {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        self.asking.begin(run, |run| self.ask(run))
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        let (answer, failed) = match self.asking.handle(state, what, run, |run| self.ask(run)) {
            Answered::Waits(state) => return Step::Wait(state),
            Answered::NotFound => return Step::Leave("not_found"),
            Answered::Failed => return Step::Leave("error"),
            Answered::Found(answer, failed) => (answer, failed),
        };
        let status = answer.get("status").and_then(|status| status.parse::<u16>().ok());
        match status {
            Some(200..=299) => Step::Leave(match self.answered(&answer, run) {
                Some(()) => "ok",
                None => "error",
            }),
            Some(404 | 410) => Step::Leave("not_found"),
            // RFC 9110 §15: these may pass; every other answer would be the same again.
            Some(408 | 429 | 500..=599) => match self.asking.again(failed, run) {
                Answered::Waits(state) => Step::Wait(state),
                Answered::Found(..) | Answered::NotFound | Answered::Failed => Step::Leave("error"),
            },
            Some(_) | None => Step::Leave("error"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        self.path.traffic("path", traffic);
        self.query.values().for_each(|template| template.traffic("query", traffic));
        self.body.values().for_each(|template| template.traffic("body", traffic));
        for name in self.map.keys() {
            traffic.writes("map", name, Some("ok"), Source::Made(None, Vec::new()));
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.endpoints.insert(self.endpoint.clone());
    }
}
