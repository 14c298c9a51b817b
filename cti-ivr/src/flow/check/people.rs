//! Whether a caller can come to a person, and how long he listens before he can press a key.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use super::{reach, reversed};
use crate::{
    flow::{Code, Finding, Flow, Kind},
    prompt::Prompt,
};

/// A caller should not have to listen longer than this before his first key counts.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds menus of an inbound flow from which nobody comes to a person.
pub(super) fn no_way_to_human(flow: &Flow, forward: &[Vec<usize>]) -> Vec<Finding> {
    if flow.kind() != Kind::Inbound {
        return Vec::new();
    }
    // What another flow does is not known here.
    let people = flow.nodes().iter().enumerate().filter(|(_, placed)| {
        let node = &placed.node;
        node.leads_to_people() || node.goes_to().is_some() || node.calls().is_some()
    });
    let reaches = reach(&reversed(forward), people.map(|(at, _)| at));
    let menus = flow.nodes().iter().zip(reaches).filter(|(placed, reaches)| {
        placed.node_type.keys.is_some_and(|least| least > 0) && !reaches
    });
    menus
        .map(|(placed, _)| {
            let reason = "no key and no other way from here leads to a person";
            Finding::node(Code::NoWayToHuman, &placed.id, reason)
        })
        .collect()
}

/// Finds nodes that ask for a key after the caller had to listen too long, even on the shortest way.
pub(super) fn late_first_key(
    flow: &Flow,
    forward: &[Vec<usize>],
    length: impl Fn(&Prompt) -> Duration,
) -> Vec<Finding> {
    let heard = |at: usize| flow.nodes()[at].node.must_hear().map_or(Duration::ZERO, &length);
    let mut shortest: Vec<Option<Duration>> = vec![None; forward.len()];
    let mut work = BinaryHeap::from([(Reverse(Duration::ZERO), flow.entry())]);
    while let Some((Reverse(before), at)) = work.pop() {
        if shortest[at].is_some() {
            continue;
        }
        let listened = before + heard(at);
        shortest[at] = Some(listened);
        // Where a key counts, the caller is no longer made to listen.
        if !flow.nodes()[at].node.asks() {
            work.extend(forward[at].iter().map(|next| (Reverse(listened), *next)));
        }
    }
    let late = flow.nodes().iter().zip(shortest).filter_map(|(placed, listened)| {
        let listened = listened.filter(|_| placed.node.asks())?;
        (listened > PATIENCE).then(|| {
            let reason = format!(
                "the caller listens for {} s before he can press a key; {} s are bearable",
                listened.as_secs(),
                PATIENCE.as_secs()
            );
            Finding::node(Code::LateFirstKey, &placed.id, reason)
        })
    });
    late.collect()
}
