//! From the text of a document to a checked flow.

use std::{collections::BTreeMap, fmt};

use cti_core::id::FlowId;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{Code, Finding, Flow, InvalidFlow, Kind, Limits, Placed, canonical, check};
use crate::node::{self, NodeType};

/// A document has at most this many nodes.
const MAX_NODES: usize = 100_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    id: FlowId,
    kind: Kind,
    name: String,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    entry: String,
    #[serde(default)]
    on_error: Option<String>,
    #[serde(default)]
    limits: Limits,
    nodes: Nodes,
    #[serde(default, rename = "view")]
    _view: IgnoredAny,
}

/// Nodes by id; an id that occurs twice is an error, where a plain map would keep the last one.
struct Nodes(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;
        impl<'de> Visitor<'de> for Unique {
            type Value = Nodes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of nodes by id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nodes, A::Error> {
                let mut nodes = BTreeMap::new();
                while let Some((id, node)) = map.next_entry::<String, Value>()? {
                    if nodes.contains_key(&id) {
                        return Err(A::Error::custom(format!("node {id} occurs twice")));
                    }
                    nodes.insert(id, node);
                }
                Ok(Nodes(nodes))
            }
        }
        deserializer.deserialize_map(Unique)
    }
}

pub(super) fn parse(text: &str) -> Result<Flow, InvalidFlow> {
    let refuse = |name: &str, findings| InvalidFlow { name: name.to_owned(), findings };
    let value: Value = serde_json::from_str(text).map_err(|error| {
        refuse("flow", vec![Finding::document(Code::Syntax, "document", error.to_string())])
    })?;
    let name = value.get("id").and_then(Value::as_str).unwrap_or("flow").to_owned();
    let mut json = serde_json::Deserializer::from_str(text);
    let document: Document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        refuse(&name, vec![Finding::document(Code::Syntax, &field, error.into_inner().to_string())])
    })?;
    build(document, canonical::hash(&value)).map_err(|findings| refuse(&name, findings))
}

fn build(document: Document, hash: String) -> Result<Flow, Vec<Finding>> {
    if document.schema != "cti.flow/1" {
        let reason = format!("{:?} is not \"cti.flow/1\"", document.schema);
        return Err(vec![Finding::document(Code::UnknownSchema, "schema", reason)]);
    }
    if document.nodes.0.len() > MAX_NODES {
        let reason = format!("there are more than {MAX_NODES} nodes");
        return Err(vec![Finding::document(Code::TooLarge, "nodes", reason)]);
    }
    let mut findings = Vec::new();
    let index: BTreeMap<String, usize> =
        document.nodes.0.keys().enumerate().map(|(at, id)| (id.clone(), at)).collect();
    let mut nodes = Vec::with_capacity(index.len());
    for (id, value) in document.nodes.0 {
        match place(&id, value, document.kind, &index, &mut findings) {
            Ok(placed) => nodes.push(placed),
            Err(finding) => findings.push(finding),
        }
    }
    let mut find = |field: &str, id: &str| {
        let at = index.get(id).copied();
        if at.is_none() {
            let reason = format!("there is no node {id}");
            findings.push(Finding::document(Code::DanglingTarget, field, reason));
        }
        at
    };
    let entry = find("entry", &document.entry);
    let on_error = document.on_error.as_deref().map(|id| find("on_error", id));
    let (true, Some(entry)) = (findings.is_empty(), entry) else {
        return Err(findings);
    };
    let flow = Flow {
        id: document.id,
        kind: document.kind,
        name: document.name,
        hash,
        limits: document.limits,
        entry,
        on_error: on_error.flatten(),
        nodes,
    };
    let findings = check::check(&flow);
    if findings.is_empty() { Ok(flow) } else { Err(findings) }
}

/// Reads one node and wires its outlets.
fn place(
    id: &str,
    value: Value,
    kind: Kind,
    index: &BTreeMap<String, usize>,
    findings: &mut Vec<Finding>,
) -> Result<Placed, Finding> {
    let invalid = |field: &str, reason: &str| Finding::field(Code::InvalidField, id, field, reason);
    if id.is_empty() || id.chars().count() > 64 {
        return Err(invalid("id", "a node id has 1 to 64 characters"));
    }
    let Value::Object(mut fields) = value else {
        return Err(Finding::node(Code::InvalidField, id, "a node is an object"));
    };
    let Some(Value::String(type_name)) = fields.remove("type") else {
        return Err(invalid("type", "is missing"));
    };
    let Some(node_type) = node::find(&type_name) else {
        let reason = format!("there is no node type {type_name:?}");
        return Err(Finding::field(Code::UnknownType, id, "type", reason));
    };
    if !node_type.kinds.contains(&kind) {
        let reason = format!("{type_name} is not allowed in a flow of kind {kind}");
        findings.push(Finding::field(Code::NotForKind, id, "type", reason));
    }
    for text in ["name", "description"] {
        match fields.remove(text) {
            None | Some(Value::String(_)) => {}
            Some(_) => return Err(invalid(text, "must be a text")),
        }
    }
    let wires = match fields.remove("out") {
        None => Map::new(),
        Some(Value::Object(wires)) => wires,
        Some(_) => return Err(invalid("out", "must be an object of outlets")),
    };
    let node = (node_type.parse)(Value::Object(fields))
        .map_err(|error| invalid(&error.field, &error.reason))?;
    let out = wire(id, node_type, wires, index, findings);
    Ok(Placed { id: id.to_owned(), node_type, node, out })
}

fn wire(
    id: &str,
    node_type: &NodeType,
    wires: Map<String, Value>,
    index: &BTreeMap<String, usize>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    let mut keys = 0;
    for (outlet, target) in wires {
        let field = format!("out.{outlet}");
        let is_key = node::key_outlet(&outlet).is_some();
        if !(node_type.outlet(&outlet).is_some() || is_key && node_type.keys.is_some()) {
            let reason = format!("{} has no outlet {outlet}", node_type.name);
            findings.push(Finding::field(Code::UnknownOutlet, id, &field, reason));
            continue;
        }
        keys += usize::from(is_key);
        let at = target.as_str().and_then(|target| index.get(target));
        match at {
            Some(at) => {
                out.insert(outlet, *at);
            }
            None => {
                let reason = format!("there is no node {target}");
                findings.push(Finding::field(Code::DanglingTarget, id, &field, reason));
            }
        }
    }
    for outlet in node_type.outlets.iter().filter(|outlet| outlet.required) {
        let dangling = format!("out.{}", outlet.name);
        let reported = findings
            .iter()
            .any(|f| f.node.as_deref() == Some(id) && f.field.as_deref() == Some(&dangling));
        if !out.contains_key(outlet.name) && !reported {
            let reason = format!("the outlet {} must lead to a node", outlet.name);
            findings.push(Finding::field(Code::MissingOutlet, id, "out", reason));
        }
    }
    if node_type.keys.is_some_and(|least| keys < least) {
        let reason = "at least one key must lead to a node";
        findings.push(Finding::field(Code::MissingOutlet, id, "out", reason));
    }
    out
}
