//! What can be wrong with variables: read before they are set, of the wrong type, secrets that get out.
//!
//! A variable is set at a node when every path from the entry sets it. The sets are bits, and each node is looked at
//! again only when the set of one before it has shrunk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    flow::{Code, Finding, Flow, MAX_VARIABLES, Placed, Type},
    node::{Exposure, Script, Source, Traffic, Written},
};

pub(super) fn check(flow: &Flow) -> Vec<Finding> {
    let traffic: Vec<Traffic> = flow
        .nodes()
        .iter()
        .map(|placed| {
            let mut traffic = Traffic::default();
            placed.node.traffic(&mut traffic);
            traffic
        })
        .collect();
    let mut findings = Vec::new();
    for (placed, traffic) in flow.nodes().iter().zip(&traffic) {
        types(flow, placed, traffic, &mut findings);
        secrets(flow, placed, traffic, &mut findings);
        for script in placed.node.scripts() {
            trial(flow, placed, &script, &mut findings);
        }
    }
    let names: BTreeSet<&str> = traffic.iter().flat_map(named).collect();
    if names.len() > MAX_VARIABLES {
        let reason = format!("there are more than {MAX_VARIABLES} variables");
        findings.push(Finding::document(Code::TooLarge, "nodes", reason));
        return findings;
    }
    findings.extend(read_before_set(flow, &traffic, &names));
    findings
}

fn named(traffic: &Traffic) -> impl Iterator<Item = &str> {
    let written = traffic.writes.iter().filter_map(|write| match &write.variable {
        Written::Named(name) => Some(name.as_str()),
        Written::Prefixed(_) => None,
    });
    traffic.reads.iter().map(|read| read.variable.as_str()).chain(written)
}

fn types(flow: &Flow, placed: &Placed, traffic: &Traffic, findings: &mut Vec<Finding>) {
    let declared = flow.variables();
    let mut clash = |field: &str, reason: String| {
        findings.push(Finding::field(Code::TypeClash, &placed.id, field, reason));
    };
    for read in &traffic.reads {
        let kind = declared.kind(&read.variable);
        if let Some(wants) = read.wants.filter(|wants| !wants.can_hold(kind)) {
            clash(read.field, format!("{} is of type {kind}, {wants} is needed", read.variable));
        }
    }
    for write in &traffic.writes {
        let Written::Named(name) = &write.variable else { continue };
        let kind = declared.kind(name);
        match &write.source {
            Source::Literal(text) if !kind.accepts(text) => {
                clash(write.field, format!("{text:?} is no {kind}, as {name} must be"));
            }
            Source::Copy(from) if !kind.can_hold(declared.kind(from)) => {
                let other = declared.kind(from);
                clash(write.field, format!("{from} is of type {other}, {name} of type {kind}"));
            }
            Source::Made(Some(made), _) if !kind.can_hold(*made) => {
                clash(write.field, format!("{name} is of type {kind} and gets {made}"));
            }
            Source::Literal(_) | Source::Copy(_) | Source::Made(..) | Source::Returned => {}
        }
    }
}

fn secrets(flow: &Flow, placed: &Placed, traffic: &Traffic, findings: &mut Vec<Finding>) {
    let declared = flow.variables();
    let mut exposed = |field: &str, reason: String| {
        findings.push(Finding::field(Code::SecretExposed, &placed.id, field, reason));
    };
    for read in traffic.reads.iter().filter(|read| declared.is_secret(&read.variable)) {
        match read.exposure {
            Exposure::Inside => {}
            Exposure::Spoken => {
                exposed(read.field, format!("{} is secret and would be spoken", read.variable));
            }
            Exposure::Shown => {
                let name = &read.variable;
                exposed(read.field, format!("{name} is secret and would be shown and logged"));
            }
        }
    }
    for (field, name) in traffic.shows.iter().filter(|(_, name)| declared.is_secret(name)) {
        exposed(field, format!("{name} is secret and would be shown and logged"));
    }
    for write in &traffic.writes {
        let Written::Named(name) = &write.variable else { continue };
        let sources: &[String] = match &write.source {
            Source::Copy(from) => std::slice::from_ref(from),
            Source::Made(_, sources) => sources,
            Source::Literal(_) | Source::Returned => &[],
        };
        let secret = sources.iter().find(|source| declared.is_secret(source));
        if let Some(secret) = secret.filter(|_| !declared.is_secret(name)) {
            exposed(write.field, format!("{secret} is secret, {name} is not"));
        }
    }
}

/// Tries an expression with made-up values of the declared types.
fn trial(flow: &Flow, placed: &Placed, script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut wrong = |code, reason| {
        findings.push(Finding::field(code, &placed.id, script.field, reason));
    };
    let made = match script.expression.trial(flow.variables(), script.assigns) {
        Ok(made) => made,
        Err(reason) => return wrong(Code::ExpressionError, reason),
    };
    if let Some(wants) = script.wants.filter(|wants| *wants != made && made != Type::Text) {
        wrong(Code::ExpressionError, format!("gives {made}, {wants} is needed"));
    }
    if let Some(into) = script.into {
        let kind = flow.variables().kind(into);
        if !kind.can_hold(made) {
            wrong(Code::TypeClash, format!("gives {made}, {into} is of type {kind}"));
        }
    }
}

/// A set of variables, by their numbers.
type Bits = Vec<u64>;

fn put(bits: &mut Bits, number: usize) {
    bits[number / 64] |= 1 << (number % 64);
}

fn has(bits: &Bits, number: usize) -> bool {
    bits[number / 64] & (1 << (number % 64)) != 0
}

fn read_before_set(flow: &Flow, traffic: &[Traffic], names: &BTreeSet<&str>) -> Vec<Finding> {
    let number: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(number, name)| (*name, number)).collect();
    let words = names.len().div_ceil(64);
    let mut known: Bits = vec![0; words];
    for (name, number) in &number {
        let declared = flow.variables().get(name);
        let given = declared.is_some_and(|it| it.default.is_some() || it.from_call)
            || flow.variables().params.contains_key(*name)
            || matches!(*name, "caller" | "called");
        if given {
            put(&mut known, *number);
        }
    }
    // What every path to a node has set; nothing is known of nodes that were not reached.
    let mut before: Vec<Option<Bits>> = vec![None; flow.nodes().len()];
    let mut work: VecDeque<usize> = VecDeque::new();
    for start in [Some(flow.entry()), flow.on_error()].into_iter().flatten() {
        before[start] = Some(known.clone());
        work.push_back(start);
    }
    while let Some(at) = work.pop_front() {
        let Some(set) = before[at].clone() else { continue };
        for (outlet, next) in &flow.nodes()[at].out {
            let after = behind(&traffic[at], outlet, set.clone(), &number);
            let grown = match &mut before[*next] {
                None => {
                    before[*next] = Some(after);
                    true
                }
                Some(old) => meet(old, &after),
            };
            if grown {
                work.push_back(*next);
            }
        }
    }
    let mut findings = Vec::new();
    for ((placed, traffic), set) in flow.nodes().iter().zip(traffic).zip(&before) {
        let Some(set) = set else { continue };
        let mut told = BTreeSet::new();
        for read in traffic.reads.iter().filter(|read| !read.may_be_unset) {
            if !has(set, number[read.variable.as_str()]) && told.insert(&read.variable) {
                let reason = format!("{} may have no value here", read.variable);
                findings.push(Finding::field(Code::ReadBeforeSet, &placed.id, read.field, reason));
            }
        }
    }
    findings
}

/// Returns what is set behind an outlet of a node.
fn behind(traffic: &Traffic, outlet: &str, mut set: Bits, number: &BTreeMap<&str, usize>) -> Bits {
    for write in &traffic.writes {
        if write.outlet.is_some_and(|only| only != outlet) {
            continue;
        }
        match &write.variable {
            Written::Named(name) => put(&mut set, number[name.as_str()]),
            Written::Prefixed(prefix) => {
                let columns = number.iter().filter(|(name, _)| name.starts_with(prefix.as_str()));
                columns.for_each(|(_, number)| put(&mut set, *number));
            }
        }
    }
    for (name, _) in traffic.known.iter().filter(|(_, only)| *only == outlet) {
        put(&mut set, number[name.as_str()]);
    }
    set
}

/// Keeps in `old` what is in `new` too; returns whether it shrank.
fn meet(old: &mut Bits, new: &Bits) -> bool {
    let mut shrank = false;
    for (old, new) in old.iter_mut().zip(new) {
        shrank |= *old & !*new != 0;
        *old &= *new;
    }
    shrank
}
