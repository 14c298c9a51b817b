//! From the text of a document to a checked flow.

use std::{collections::BTreeMap, fmt};

use cti_core::id::FlowId;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    Code, Declaration, Finding, Flow, InvalidFlow, Kind, Limits, MAX_VARIABLES, Placed, Severity,
    Variables, canonical, check, duplicates,
};
use crate::{
    language::Language,
    node::{self, NodeType},
};

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
    #[serde(default = "mandarin")]
    languages: Vec<Language>,
    #[serde(default)]
    on_error: Option<String>,
    #[serde(default)]
    fallback: Option<FlowId>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    params: BTreeMap<String, Declaration>,
    #[serde(default)]
    vars: BTreeMap<String, Declaration>,
    nodes: Nodes,
    #[serde(default, rename = "view")]
    _view: IgnoredAny,
}

fn mandarin() -> Vec<Language> {
    vec![Language::Mandarin]
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
    build(document, text, canonical::hash(&value)).map_err(|findings| refuse(&name, findings))
}

/// Returns the id of a document, whatever else is wrong with it.
pub(crate) fn id_of(text: &str) -> Option<FlowId> {
    let value: Value = serde_json::from_str(text).ok()?;
    FlowId::new(value.get("id")?.as_str()?).ok()
}

fn build(document: Document, text: &str, hash: String) -> Result<Flow, Vec<Finding>> {
    if document.schema != "cti.flow/1" {
        let reason = format!("{:?} is not \"cti.flow/1\"", document.schema);
        return Err(vec![Finding::document(Code::UnknownSchema, "schema", reason)]);
    }
    if document.nodes.0.len() > MAX_NODES {
        let reason = format!("there are more than {MAX_NODES} nodes");
        return Err(vec![Finding::document(Code::TooLarge, "nodes", reason)]);
    }
    let mut findings = duplicates::find(text).iter().map(|path| twice(path)).collect();
    let index: BTreeMap<String, usize> =
        document.nodes.0.keys().enumerate().map(|(at, id)| (id.clone(), at)).collect();
    let mut nodes = Vec::with_capacity(index.len());
    for (id, value) in document.nodes.0 {
        match place(&id, value, document.kind, &index, &mut findings) {
            Ok(placed) => nodes.push(placed),
            Err(finding) => findings.push(finding),
        }
    }
    spoken(&document.languages, &nodes, &mut findings);
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
    let variables = Variables { params: document.params, vars: document.vars };
    declared(&variables, &mut findings);
    let (true, Some(entry)) = (findings.is_empty(), entry) else {
        return Err(findings);
    };
    let flow = Flow {
        id: document.id,
        kind: document.kind,
        name: document.name,
        hash: hash.into(),
        document: text.into(),
        languages: document.languages,
        limits: document.limits,
        variables,
        fallback: document.fallback,
        entry,
        on_error: on_error.flatten(),
        nodes,
        warnings: Vec::new(),
    };
    let findings = check::check(&flow);
    if findings.iter().any(|finding| finding.severity() == Severity::Error) {
        return Err(findings);
    }
    Ok(Flow { warnings: findings, ..flow })
}

/// Checks that a flow speaks what its nodes choose.
fn spoken(languages: &[Language], nodes: &[Placed], findings: &mut Vec<Finding>) {
    let twice = (1..languages.len()).any(|at| languages[..at].contains(&languages[at]));
    if languages.is_empty() || twice {
        let reason = "must be one or more languages, each once";
        findings.push(Finding::document(Code::InvalidField, "languages", reason));
    }
    for placed in nodes {
        if let Some(language) = placed.node.speaks().filter(|it| !languages.contains(it)) {
            let reason = format!("{} is none of the languages of the flow", language.tag());
            findings.push(Finding::field(Code::InvalidField, &placed.id, "language", reason));
        }
    }
}

/// Returns what is wrong when a field occurs twice.
fn twice(path: &[String]) -> Finding {
    match path {
        [nodes, node, out, key] if nodes == "nodes" && out == "out" => {
            let reason = format!("the outlet {key} leads to two nodes");
            Finding::field(Code::OverlappingKeys, node, &format!("out.{key}"), reason)
        }
        path => Finding::document(Code::Syntax, &path.join("."), "occurs twice"),
    }
}

/// Checks what a document declares about its variables.
fn declared(variables: &Variables, findings: &mut Vec<Finding>) {
    if variables.iter().count() > MAX_VARIABLES {
        let reason = format!("there are more than {MAX_VARIABLES} variables");
        findings.push(Finding::document(Code::TooLarge, "vars", reason));
    }
    for (name, declaration) in &variables.params {
        let field = format!("params.{name}");
        if variables.vars.contains_key(name) {
            let reason = "is a variable too";
            findings.push(Finding::document(Code::InvalidField, &field, reason));
        }
        if declaration.from_call {
            let reason = "a parameter comes from the flow that uses this one, not from the call";
            findings.push(Finding::document(Code::InvalidField, &field, reason));
        }
    }
    for (name, declaration) in variables.iter() {
        let wrong = declaration.default.as_ref().filter(|text| !declaration.kind.accepts(text));
        if wrong.is_some() {
            let group = if variables.params.contains_key(name) { "params" } else { "vars" };
            let reason = format!("must be of type {}", declaration.kind);
            let field = format!("{group}.{name}.default");
            findings.push(Finding::document(Code::TypeClash, &field, reason));
        }
    }
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
        .map_err(|error| Finding::field(error.code, id, &error.field, error.reason))?;
    let out = wire(id, node_type, node.as_ref(), wires, index, findings);
    Ok(Placed { id: id.to_owned(), node_type, node, out })
}

fn wire(
    id: &str,
    node_type: &NodeType,
    node: &dyn node::Node,
    wires: Map<String, Value>,
    index: &BTreeMap<String, usize>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    let mut keys = 0;
    for (outlet, target) in wires {
        let field = format!("out.{outlet}");
        let is_key = node::key_outlet(&outlet).is_some();
        let is_own = node_type.outlet(&outlet).is_some() && node.takes(&outlet);
        if !(is_own || is_key && node_type.keys.is_some()) {
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
    let must = |outlet: &&node::Outlet| outlet.required || node.must_wire().contains(&outlet.name);
    for outlet in node_type.outlets.iter().filter(must) {
        let dangling = format!("out.{}", outlet.name);
        let reported = findings
            .iter()
            .any(|f| f.node.as_deref() == Some(id) && f.field.as_deref() == Some(&dangling));
        if !out.contains_key(outlet.name) && !reported {
            let reason = format!("the outlet {} must lead to a node", outlet.name);
            findings.push(Finding::field(Code::MissingOutlet, id, "out", reason));
        }
    }
    for key in node.must_wire_keys() {
        let dangling = format!("out.{key}");
        let reported = findings
            .iter()
            .any(|f| f.node.as_deref() == Some(id) && f.field.as_deref() == Some(&dangling));
        if !out.contains_key(key) && !reported {
            let reason = format!("the key {key} must lead to a node");
            findings.push(Finding::field(Code::MissingOutlet, id, "out", reason));
        }
    }
    if node_type.keys.is_some_and(|least| keys < least) {
        let reason = "at least one key must lead to a node";
        findings.push(Finding::field(Code::MissingOutlet, id, "out", reason));
    }
    out
}
