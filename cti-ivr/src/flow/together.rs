//! What can be wrong between flows: names of others, kinds, arguments of sub-flows, circles.

use std::{collections::BTreeMap, sync::Arc};

use cti_core::id::FlowId;

use super::{Code, Finding, Flow, InvalidFlow, Target, Wanted, check};
use crate::node::{Argument, Call};

/// Checks flows against each other; `known` says whether a version outside the set is there.
pub(super) fn check(
    flows: &BTreeMap<FlowId, Arc<Flow>>,
    known: impl Fn(&Target) -> bool,
) -> Result<(), InvalidFlow> {
    let number: BTreeMap<&FlowId, usize> =
        flows.keys().enumerate().map(|(at, id)| (id, at)).collect();
    let mut at_once = Vec::with_capacity(flows.len());
    let mut used = Vec::with_capacity(flows.len());
    // Everywhere a session of a flow can come to, at once or later, by going on or by using.
    let mut leads = Vec::with_capacity(flows.len());
    for flow in flows.values() {
        let mut findings = Vec::new();
        let (mut goes_on, mut uses, mut comes_to) = (Vec::new(), Vec::new(), Vec::new());
        let instant: Vec<Vec<usize>> = flow.nodes().iter().map(check::instant_targets).collect();
        let reached = check::reach(&instant, std::iter::once(flow.entry()));
        for (placed, reached) in flow.nodes().iter().zip(reached) {
            if let Some((field, named, kind)) = placed.node.names_flow() {
                let find = |code, reason| Finding::field(code, &placed.id, field, reason);
                match flows.get(named) {
                    Some(other) if other.kind() != kind => {
                        let reason = format!("{named} is of kind {}, not {kind}", other.kind());
                        findings.push(find(Code::KindMismatch, reason));
                    }
                    Some(_) => {}
                    None => {
                        let reason = format!("there is no flow {named}");
                        findings.push(find(Code::UnknownFlow, reason));
                    }
                }
            }
            let call = placed.node.calls();
            let Some(target) = placed.node.goes_to().or(call.map(|call| &call.target)) else {
                continue;
            };
            let field = |code, reason| Finding::field(code, &placed.id, "flow", reason);
            match flows.get(&target.flow) {
                Some(other) if other.kind() != flow.kind() => {
                    let reason = format!("{} is of kind {}", target.flow, other.kind());
                    findings.push(field(Code::KindMismatch, reason));
                }
                Some(other) => {
                    let next = number.get(&target.flow).copied();
                    comes_to.extend(next);
                    match call {
                        Some(call) => {
                            findings.extend(arguments(flow, &placed.id, call, other));
                            uses.extend(next);
                        }
                        None if reached => goes_on.extend(next),
                        None => {}
                    }
                    let is_it = |hash: &String| other.hash().starts_with(hash.as_str());
                    if let Wanted::Pinned(hash) = &target.version
                        && !is_it(hash)
                        && !known(target)
                    {
                        let reason = format!("flow {} has no version {hash}", target.flow);
                        findings.push(field(Code::UnknownReference, reason));
                    }
                }
                None if known(target) => {}
                None => {
                    let reason = format!("there is no flow {}", target.flow);
                    findings.push(field(Code::UnknownFlow, reason));
                }
            }
        }
        if let Some(fallback) = flow.fallback() {
            let wrong = match flows.get(fallback) {
                None => Some((Code::UnknownFlow, format!("there is no flow {fallback}"))),
                Some(other) if other.kind() != flow.kind() => {
                    Some((Code::KindMismatch, format!("{fallback} is of kind {}", other.kind())))
                }
                Some(_) => None,
            };
            findings
                .extend(wrong.map(|(code, reason)| Finding::document(code, "fallback", reason)));
        }
        if !findings.is_empty() {
            return Err(InvalidFlow { name: flow.id().to_string(), findings });
        }
        at_once.push(goes_on);
        used.push(uses);
        leads.push(comes_to);
    }
    let ids: Vec<&str> = flows.keys().map(FlowId::as_str).collect();
    let refuse = |name: &str, code, reason| {
        let findings = vec![Finding::document(code, "nodes", reason)];
        Err(InvalidFlow { name: name.to_owned(), findings })
    };
    if let Some(circle) = check::find_cycle(&at_once) {
        let names: Vec<&str> = circle.iter().map(|at| ids[*at]).collect();
        let reason = format!("the circle {} waits for nothing", names.join(" → "));
        return refuse(names[0], Code::InstantCycle, reason);
    }
    for (user, subflows) in used.iter().enumerate() {
        for subflow in subflows {
            if check::reach(&leads, std::iter::once(*subflow))[user] {
                let (user, subflow) = (ids[user], ids[*subflow]);
                let reason = format!("{user} uses {subflow}, which comes to {user} again");
                return refuse(user, Code::SubflowCycle, reason);
            }
        }
    }
    Ok(())
}

/// Checks what a node hands to a sub-flow against what that declares.
fn arguments(flow: &Flow, node: &str, call: &Call, other: &Flow) -> Vec<Finding> {
    let params = &other.variables().params;
    let mut findings = Vec::new();
    let mut find = |field: String, reason| {
        findings.push(Finding::field(Code::WrongArguments, node, &field, reason));
    };
    for (name, argument) in &call.arguments {
        let field = format!("arguments.{name}");
        let Some(declared) = params.get(name) else {
            find(field, format!("{} has no parameter {name}", other.id()));
            continue;
        };
        match argument {
            Argument::Text(text) if !declared.kind.accepts(text) => {
                find(field, format!("must be of type {}", declared.kind));
            }
            Argument::Variable { from } if !declared.kind.can_hold(flow.variables().kind(from)) => {
                let kind = flow.variables().kind(from);
                find(field, format!("{from} is of type {kind}, {name} of type {}", declared.kind));
            }
            Argument::Variable { from } if flow.variables().is_secret(from) && !declared.secret => {
                find(field, format!("{from} is secret, the parameter {name} is not"));
            }
            Argument::Text(_) | Argument::Variable { .. } => {}
        }
    }
    for (name, declared) in params {
        if declared.default.is_none() && !call.arguments.contains_key(name) {
            find("arguments".to_owned(), format!("{} needs the parameter {name}", other.id()));
        }
    }
    for (theirs, ours) in &call.results {
        let field = format!("results.{theirs}");
        let (given, taken) = (other.variables(), flow.variables());
        if !taken.kind(ours).can_hold(given.kind(theirs)) {
            let (from, to) = (given.kind(theirs), taken.kind(ours));
            find(field, format!("{theirs} is of type {from}, {ours} of type {to}"));
        } else if given.is_secret(theirs) && !taken.is_secret(ours) {
            find(field, format!("{theirs} is secret, {ours} is not"));
        }
    }
    findings
}
