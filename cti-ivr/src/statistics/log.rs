//! Counts that a log tells: what sessions of earlier processes did.
//!
//! ```text
//!   FlowStarted ─▶ stands at the entry ── FlowVisited ─▶ stands at the next node ── FlowEnded ─▶ given up
//!                                                                                      │
//!             why: Connected: answered · CallEnded: abandoned · another session: moved ◀┘
//! ```
//!
//! The log says by which outlet each node was left; where the outlet leads is in the version, which the library keeps.
//! Keys that led nowhere and errors of flows are not in the log: they count in the process that met them alone.

use std::collections::BTreeMap;

use cti_core::{
    cause::Cause,
    event::{Event, Fact},
    flow::SessionEnd,
    id::{CallId, FlowId, SessionId},
    time::Timestamp,
};

use super::{Observation, Statistics, What};
use crate::{flow::Flow, node::Group, publish::Library};

/// Where a session stands, as far as the log says.
#[derive(Debug)]
struct Standing {
    call: CallId,
    flow: FlowId,
    version: String,
    /// None when it has come to its end.
    node: Option<String>,
    since: Timestamp,
    /// The nodes that wait for the sub-flows which it is in.
    using: Vec<(FlowId, String, Timestamp)>,
}

/// The sessions of a log that is being read.
#[derive(Debug, Default)]
pub(crate) struct LogReader {
    /// When the log begins.
    pub(crate) since: Option<Timestamp>,
    sessions: BTreeMap<SessionId, Standing>,
    /// Sessions that ended in the middle, until the log says why; at most two of a call.
    ended: BTreeMap<CallId, Vec<(Standing, Timestamp)>>,
}

impl LogReader {
    /// Follows one event, and counts what it tells.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts say what sessions do")]
    pub(crate) fn follow(&mut self, event: &Event, library: &Library, counts: &mut Statistics) {
        let at = event.at;
        self.since.get_or_insert(at);
        match &event.fact {
            Fact::FlowStarted { call, session, flow, version, .. } => {
                self.given_up(*call, Some(SessionEnd::Moved), counts);
                let entry = library.pinned(flow, version);
                let node = entry.map(|it| it.nodes()[it.entry()].id.clone());
                let (call, flow, version) = (*call, flow.clone(), version.clone());
                let using = Vec::new();
                let standing = Standing { call, flow, version, node, since: at, using };
                standing.observe(What::Started, counts);
                standing.observe(What::Entered, counts);
                self.sessions.insert(*session, standing);
            }
            Fact::FlowVisited { session, flow, version, node, outlet } => {
                let Some(standing) = self.sessions.get_mut(session) else { return };
                if let (Some(flow), Some(version)) = (flow, version) {
                    standing.is_in(at, flow, version, node, counts);
                }
                standing.left(at, node, outlet, library, counts);
                let call = standing.call;
                self.given_up(call, Some(SessionEnd::Moved), counts);
            }
            Fact::FlowEnded { call, session } => {
                if let Some(standing) = self.sessions.remove(session).filter(|it| it.node.is_some())
                {
                    self.ended.entry(*call).or_default().push((standing, at));
                }
            }
            Fact::DataSet { call, data } => {
                let asks = |it: &&Standing| it.call == *call && it.asks(library);
                let Some(standing) = self.sessions.values().find(asks) else { return };
                for (name, answer) in data {
                    if let Some(question) = name.strip_prefix("survey.") {
                        standing.observe(What::Answered { question, answer }, counts);
                    }
                }
            }
            Fact::Connected { call, .. } => {
                self.given_up(*call, Some(SessionEnd::Answered), counts);
            }
            Fact::CallEnded { call, cause, .. } => {
                // What died with its process was given up by nobody.
                let why = (*cause != Cause::SystemRestart).then_some(SessionEnd::HungUp);
                self.given_up(*call, why, counts);
            }
            _ => {}
        }
    }

    fn given_up(&mut self, call: CallId, why: Option<SessionEnd>, counts: &mut Statistics) {
        for (standing, at) in self.ended.remove(&call).unwrap_or_default() {
            if let Some(why) = why {
                let dwell = at.since(standing.since);
                standing.observe(What::GivenUp { why, dwell }, counts);
            }
        }
    }
}

impl Standing {
    fn observe(&self, what: What<'_>, counts: &mut Statistics) {
        let Some(node) = &self.node else { return };
        counts.apply(&Observation { flow: &self.flow, version: &self.version, node, what });
    }

    /// A sub-flow is entered, and left, without an outlet of its own; so is another flow that it goes on in.
    fn is_in(
        &mut self,
        at: Timestamp,
        flow: &FlowId,
        version: &str,
        node: &str,
        counts: &mut Statistics,
    ) {
        if self.flow == *flow && self.node.as_deref() == Some(node) {
            return;
        }
        let back = self.using.last().is_some_and(|(it, used, _)| it == flow && used == node);
        let used = std::mem::replace(&mut self.flow, flow.clone());
        version.clone_into(&mut self.version);
        let waits = self.node.replace(node.to_owned());
        match (back, waits) {
            (true, _) => {
                self.since = self.using.pop().map_or(at, |(_, _, since)| since);
            }
            (false, waits) => {
                self.using.extend(waits.map(|waits| (used, waits, self.since)));
                self.since = at;
                self.observe(What::Entered, counts);
            }
        }
    }

    /// Leaves a node, and comes to the next one.
    fn left(
        &mut self,
        at: Timestamp,
        node: &str,
        outlet: &str,
        library: &Library,
        counts: &mut Statistics,
    ) {
        if let Some(key) =
            outlet.chars().next().filter(|_| crate::node::key_outlet(outlet).is_some())
        {
            self.observe(What::Key(key), counts);
        }
        self.observe(What::Left { outlet, dwell: at.since(self.since) }, counts);
        let next = library.pinned(&self.flow, &self.version).and_then(|it| next(&it, node, outlet));
        (self.node, self.since) = (next, at);
        self.observe(What::Entered, counts);
    }

    /// Returns whether it stands at a question of a survey.
    fn asks(&self, library: &Library) -> bool {
        let flow = library.pinned(&self.flow, &self.version);
        flow.zip(self.node.as_ref()).is_some_and(|(flow, node)| {
            flow.index_of(node).is_some_and(|at| flow.nodes()[at].node_type.group == Group::Survey)
        })
    }
}

fn next(flow: &Flow, node: &str, outlet: &str) -> Option<String> {
    let placed = &flow.nodes()[flow.index_of(node)?];
    let next = placed.out.get(outlet).copied().or_else(|| match outlet {
        "error" => flow.on_error(),
        _ => None,
    })?;
    Some(flow.nodes()[next].id.clone())
}
