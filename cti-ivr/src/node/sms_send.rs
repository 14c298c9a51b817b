//! `sms_send`: sends a short message by a template of the centre.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    EVERY_KIND, Exposure, Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, Shape,
    State, Step, Traffic, Uses,
    asking::{Answered, Asking, TIMEOUT},
    fields,
    http::{filled, templates},
    menu::five_seconds,
    template::Template,
};
use crate::service::{FAX, Fax, SMS, Sms};

pub(super) static TYPE: NodeType = NodeType {
    name: "sms_send",
    group: Group::Data,
    fields: &[
        Field::must("template", Shape::Text(64), "短信模板", "the name of the template"),
        Field::may(
            "to",
            Shape::Variable,
            "号码变量",
            "the variable with the number; the caller's by default",
        ),
        Field::may("params", Shape::TextMap, "模板参数", "texts with {variables}, by name"),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait until the gateway has taken it"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("sent", "网关已接收", "the gateway has taken it"),
        Outlet::waited("error", "未能发送", "it could not be sent, or nobody knows"),
    ],
    keys: None,
    ends: false,
    zh: "按模板发送短信；不自动重发，以免重复",
    en: "Sends a short message by a template; never twice by itself",
    parse: |value| Ok(Box::new(sms(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    template: String,
    #[serde(default = "caller")]
    to: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

pub(super) fn caller() -> String {
    "caller".to_owned()
}

fn sms(fields: Fields) -> Result<Handed, FieldError> {
    let Fields { template, to, params, timeout_ms } = fields;
    Handed::new(Gateway::Sms, ("template", template), to, params, timeout_ms)
}

/// Who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gateway {
    Sms,
    Fax,
}

/// Something that a gateway is handed, once.
#[derive(Debug)]
pub(super) struct Handed {
    gateway: Gateway,
    /// The template or the document.
    what: String,
    to: String,
    params: BTreeMap<String, Template>,
    asking: Asking,
}

impl Handed {
    pub(super) fn new(
        gateway: Gateway,
        (field, what): (&'static str, String),
        to: String,
        params: BTreeMap<String, String>,
        timeout_ms: u64,
    ) -> Result<Self, FieldError> {
        for (field, text) in [(field, &what), ("to", &to)] {
            if text.is_empty() {
                return Err(FieldError::new(field, "is empty"));
            }
        }
        let params = templates("params", params)?;
        Ok(Self { gateway, what, to, params, asking: Asking::new(timeout_ms, 0, 0)? })
    }

    fn ask(&self, run: &mut Run<'_>) {
        let to = run.variable(&self.to).unwrap_or("").to_owned();
        let (what, params) = (self.what.clone(), filled(&self.params, run));
        let (source, key) = match self.gateway {
            Gateway::Sms => (SMS, serde_json::to_string(&Sms { template: what, to, params })),
            Gateway::Fax => (FAX, serde_json::to_string(&Fax { document: what, to, params })),
        };
        let key = key.expect("texts can be written as JSON");
        run.lookup(&format!("{source}{}", self.what), key);
    }
}

impl Node for Handed {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        self.asking.begin(run, |run| self.ask(run))
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match self.asking.handle(state, what, run, |run| self.ask(run)) {
            Answered::Waits(state) => Step::Wait(state),
            Answered::Found(..) => Step::Leave("sent"),
            Answered::NotFound | Answered::Failed => Step::Leave("error"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("to", &self.to);
        let from = traffic.reads.len();
        self.params.values().for_each(|template| template.traffic("params", traffic));
        // A message is kept by the network and by whoever gets it.
        traffic.reads[from..].iter_mut().for_each(|read| read.exposure = Exposure::Shown);
    }

    fn uses(&self, uses: &mut Uses) {
        match self.gateway {
            Gateway::Sms => uses.templates.insert(self.what.clone()),
            Gateway::Fax => uses.documents.insert(self.what.clone()),
        };
    }
}
