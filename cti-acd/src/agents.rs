//! What the router remembers of an agent: derived from facts, never decided here.

use std::time::Duration;

use cti_core::{
    agent::{AgentState, NotReadyReason},
    id::{AgentId, ContactId, DeviceId, EventNo, QueueId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    place::{Preference, QueueNo},
    strategy::AgentFigures,
};

/// An absence of this length ends a shift; the figures begin anew.
const SHIFT_GAP: Duration = Duration::from_secs(4 * 3600);

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) state: AgentState,
    /// Since when he is in this state.
    pub(crate) since: Timestamp,
    /// Where he sits, while he is signed in.
    pub(crate) device: Option<DeviceId>,
    /// The queues he signed in for.
    pub(crate) queues: Vec<QueueId>,
    /// Who is being offered to him.
    pub(crate) offered: Option<ContactId>,
    /// The queue and the beginning of the talk whose handling time is running.
    pub(crate) handling: Option<(QueueId, Timestamp)>,
    pub(crate) figures: AgentFigures,
    /// The fact that made him ready, to order those who became ready in the same microsecond.
    pub(crate) idle_no: EventNo,
    pub(crate) signed_out_at: Option<Timestamp>,
    /// What follows from the fields above and from the queues' rules; made again by a restore.
    #[serde(skip)]
    pub(crate) index: Index,
}

/// Where an agent is entered in the indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// The queues he serves now, by number.
    pub(crate) queues: Vec<QueueNo>,
    /// His entries among the ready.
    pub(crate) ready: Vec<(QueueNo, Preference)>,
    /// Whether he counts as staff of his queues.
    pub(crate) staffed: bool,
    /// Whether an offer to him was proposed and no fact has answered yet.
    pub(crate) asked: bool,
}

impl Agent {
    pub(crate) fn new(id: AgentId) -> Self {
        Self {
            id,
            state: AgentState::SignedOut,
            since: Timestamp::ZERO,
            device: None,
            queues: Vec::new(),
            offered: None,
            handling: None,
            figures: AgentFigures::default(),
            idle_no: EventNo::default(),
            signed_out_at: None,
            index: Index::default(),
        }
    }

    pub(crate) fn sign_in(&mut self, at: Timestamp, device: DeviceId, queues: Vec<QueueId>) {
        if self.signed_out_at.is_none_or(|left| at.since(left) >= SHIFT_GAP) {
            self.figures = AgentFigures::default();
        }
        self.device = Some(device);
        self.queues = queues;
        if self.state == AgentState::SignedOut {
            self.state = AgentState::NotReady { reason: NotReadyReason::SignedIn };
            self.since = at;
        }
    }

    pub(crate) fn sign_out(&mut self, at: Timestamp) {
        self.state = AgentState::SignedOut;
        self.since = at;
        self.device = None;
        self.queues.clear();
        self.offered = None;
        self.signed_out_at = Some(at);
    }

    /// Follows a change of state; returns the queue and the handling time of the call that it ended, if it ended one.
    pub(crate) fn change(
        &mut self,
        at: Timestamp,
        no: EventNo,
        to: AgentState,
    ) -> Option<(QueueId, Duration)> {
        let before = std::mem::replace(&mut self.state, to);
        match self.state {
            AgentState::Reserved { .. } => {}
            AgentState::SignedOut
            | AgentState::NotReady { .. }
            | AgentState::Ready
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => self.offered = None,
        }
        if before != self.state {
            self.follow_idle_time(at, no, &before);
            self.since = at;
        }
        match self.state {
            AgentState::Reserved { .. } | AgentState::OnCall { .. } | AgentState::AfterCallWork => {
                None
            }
            AgentState::SignedOut | AgentState::NotReady { .. } | AgentState::Ready => {
                let (queue, began) = self.handling.take()?;
                self.figures.handled += at.since(began);
                Some((queue, at.since(began)))
            }
        }
    }

    /// The idle clock starts when he becomes ready, goes on when an offer is withdrawn, and stops otherwise.
    fn follow_idle_time(&mut self, at: Timestamp, no: EventNo, before: &AgentState) {
        match (before, &self.state) {
            (AgentState::Ready, AgentState::Reserved { .. })
            | (AgentState::Reserved { .. }, AgentState::Ready) => {}
            (AgentState::Ready, _) => self.idle_time_over(at),
            (AgentState::Reserved { .. }, _) => self.idle_time_over(self.since),
            (_, AgentState::Ready) => {
                self.figures.idle_since = at;
                self.idle_no = no;
            }
            (_, _) => {}
        }
    }

    fn idle_time_over(&mut self, until: Timestamp) {
        self.figures.idle_periods += 1;
        self.figures.idle_total += until.since(self.figures.idle_since);
    }

    /// Returns whether he is at work and takes calls, now or after the present one.
    pub(crate) fn takes_calls(&self) -> bool {
        match self.state {
            AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => true,
            AgentState::SignedOut | AgentState::NotReady { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Agent {
        Agent::new(AgentId::new("8001").unwrap())
    }

    fn device() -> DeviceId {
        DeviceId::new("8001").unwrap()
    }

    #[test]
    fn signing_out_for_lunch_keeps_the_figures_and_a_new_shift_begins_without() {
        let mut agent = agent();
        agent.sign_in(Timestamp::from_secs(0), device(), Vec::new());
        agent.figures.calls = 40;
        agent.sign_out(Timestamp::from_secs(4 * 3600));
        agent.sign_in(Timestamp::from_secs(5 * 3600), device(), Vec::new());
        assert_eq!(agent.figures.calls, 40);
        agent.sign_out(Timestamp::from_secs(9 * 3600));
        agent.sign_in(Timestamp::from_secs(24 * 3600), device(), Vec::new());
        assert_eq!(agent.figures.calls, 0);
    }

    #[test]
    fn ringing_is_not_waiting_and_a_break_ends_it() {
        let mut agent = agent();
        agent.sign_in(Timestamp::ZERO, device(), Vec::new());
        let call = cti_core::id::CallId(1);
        let on_break = AgentState::NotReady { reason: NotReadyReason::Code("break".to_owned()) };
        for (second, state) in [
            (10, AgentState::Ready),
            (40, AgentState::Reserved { call }),
            (45, AgentState::OnCall { call }),
            (100, AgentState::Ready),
            (110, on_break),
        ] {
            agent.change(Timestamp::from_secs(second), EventNo(second), state);
        }
        assert_eq!(agent.figures.idle_periods, 2);
        assert_eq!(agent.figures.idle_total, Duration::from_secs(30 + 10));
        assert_eq!(agent.figures.average_idle(), Some(Duration::from_secs(20)));
    }
}
