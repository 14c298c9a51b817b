//! What can be wrong with the graph of a flow: nodes out of reach, no way to an end, circles without a wait.
//!
//! All walks use a list of work, not recursion, so the depth of a flow is not limited.

mod data;
mod keys;
mod people;

use std::time::Duration;

use super::{Code, Finding, Flow, Placed};
use crate::prompt::Prompt;

pub(super) fn check(flow: &Flow) -> Vec<Finding> {
    let nodes = &flow.nodes;
    let forward: Vec<Vec<usize>> =
        nodes.iter().map(|placed| placed.out.values().copied().collect()).collect();
    let starts = [Some(flow.entry), flow.on_error];
    let reached = reach(&forward, starts.into_iter().flatten());
    let mut findings: Vec<Finding> = nodes
        .iter()
        .zip(&reached)
        .filter(|(_, reached)| !**reached)
        .map(|(placed, _)| {
            Finding::node(Code::Unreachable, &placed.id, "no path from the entry leads here")
        })
        .collect();
    // A waiting flow ends from outside: an agent answers, or the queue sends the caller on.
    if flow.kind.ends_by_itself() {
        let ends = nodes.iter().enumerate().filter(|(_, p)| p.node_type.ends).map(|(at, _)| at);
        let can_end = reach(&reversed(&forward), ends);
        for ((placed, can_end), reached) in nodes.iter().zip(can_end).zip(&reached) {
            if *reached && !can_end {
                let reason = "no path from here ends the call";
                findings.push(Finding::node(Code::NoWayToEnd, &placed.id, reason));
            }
        }
    }
    let instant: Vec<Vec<usize>> = nodes.iter().map(instant_targets).collect();
    if let Some(circle) = find_cycle(&instant) {
        let path: Vec<&str> = circle.iter().map(|at| nodes[*at].id.as_str()).collect();
        let reason = format!("the circle {} waits for nothing", path.join(" → "));
        findings.push(Finding::node(Code::InstantCycle, path[0], reason));
    }
    findings.extend(keys::check(flow));
    findings.extend(data::check(flow));
    findings.extend(people::no_way_to_human(flow, &forward));
    findings
}

/// Finds nodes that ask for a key late; it needs to know how long prompts are.
pub(super) fn late_first_key(flow: &Flow, length: impl Fn(&Prompt) -> Duration) -> Vec<Finding> {
    let forward: Vec<Vec<usize>> =
        flow.nodes.iter().map(|placed| placed.out.values().copied().collect()).collect();
    people::late_first_key(flow, &forward, length)
}

/// Returns where a node leads without anything to wait for.
pub(super) fn instant_targets(placed: &Placed) -> Vec<usize> {
    placed
        .out
        .iter()
        .filter(|(outlet, _)| placed.node_type.outlet(outlet).is_some_and(|spec| spec.instant))
        .map(|(_, target)| *target)
        .collect()
}

pub(super) fn reach(edges: &[Vec<usize>], starts: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut reached = vec![false; edges.len()];
    let mut work: Vec<usize> = starts.collect();
    while let Some(at) = work.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            work.extend(edges[at].iter().copied().filter(|next| !reached[*next]));
        }
    }
    reached
}

pub(super) fn reversed(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        targets.iter().for_each(|to| back[*to].push(from));
    }
    back
}

/// Returns the vertices of one cycle, if there is any.
pub(super) fn find_cycle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    // What has no way in is on no cycle: take such vertices away until none is left. Every vertex that stays has a
    // way in from one that stays, so walking backwards must come round.
    let mut ways_in = vec![0_usize; edges.len()];
    edges.iter().flatten().for_each(|to| ways_in[*to] += 1);
    let mut work: Vec<usize> = (0..edges.len()).filter(|at| ways_in[*at] == 0).collect();
    let mut gone = vec![false; edges.len()];
    while let Some(at) = work.pop() {
        gone[at] = true;
        for to in &edges[at] {
            ways_in[*to] -= 1;
            if ways_in[*to] == 0 {
                work.push(*to);
            }
        }
    }
    let back = reversed(edges);
    let mut at = gone.iter().position(|gone| !gone)?;
    let mut place = vec![None; edges.len()];
    let mut path = Vec::new();
    while place[at].is_none() {
        place[at] = Some(path.len());
        path.push(at);
        at = back[at].iter().copied().find(|from| !gone[*from])?;
    }
    let mut cycle = path.split_off(place[at]?);
    cycle.reverse();
    let first = cycle.iter().enumerate().min_by_key(|(_, at)| **at).map_or(0, |(first, _)| first);
    cycle.rotate_left(first);
    Some(cycle)
}
