//! `fax_hook`: hands a document to the fax gateway of the centre.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, NodeType, Outlet, Shape,
    asking::TIMEOUT,
    fields,
    menu::five_seconds,
    sms_send::{Gateway, Handed, caller},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "fax_hook",
    group: Group::Data,
    fields: &[
        Field::must("document", Shape::Text(64), "传真文档", "the name of the document"),
        Field::may(
            "to",
            Shape::Variable,
            "传真号码变量",
            "the variable with the number; the caller's by default",
        ),
        Field::may("params", Shape::TextMap, "文档参数", "texts with {variables}, by name"),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait until the gateway has taken it"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("sent", "网关已接收", "the gateway has taken it"),
        Outlet::waited("error", "未能发送", "it could not be sent, or nobody knows"),
    ],
    keys: None,
    ends: false,
    zh: "把文档交给传真网关发送；不自动重发，以免重复",
    en: "Has the fax gateway send a document; never twice by itself",
    parse: |value| Ok(Box::new(fax(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    document: String,
    #[serde(default = "caller")]
    to: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

fn fax(fields: Fields) -> Result<Handed, FieldError> {
    let Fields { document, to, params, timeout_ms } = fields;
    Handed::new(Gateway::Fax, ("document", document), to, params, timeout_ms)
}
