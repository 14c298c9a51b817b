//! Agents' times: what each one's shift went to, as a whole and cut into intervals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Activity, Cuts, Interval, Times, entry::Entry};
use crate::{
    event::{Event, OfferEnd},
    id::{AgentId, DeviceId, EventNo, QueueId, SeatId},
    time::Timestamp,
};

/// What became of the offers that an agent got, counted where they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// He answered.
    pub answered: u32,
    /// He let it ring.
    pub no_answer: u32,
    /// He refused.
    pub rejected: u32,
    /// His device could not be reached.
    pub unreachable: u32,
    /// The caller gave up, or the call was cleared.
    pub withdrawn: u32,
    /// Another agent who was rung for the same contact answered first.
    #[serde(default)]
    pub answered_elsewhere: u32,
}

impl Offers {
    fn count(&mut self, end: OfferEnd) {
        match end {
            OfferEnd::Answered => self.answered += 1,
            OfferEnd::NoAnswer => self.no_answer += 1,
            OfferEnd::Rejected => self.rejected += 1,
            OfferEnd::Unreachable => self.unreachable += 1,
            OfferEnd::Withdrawn => self.withdrawn += 1,
            OfferEnd::AnsweredElsewhere => self.answered_elsewhere += 1,
        }
    }
}

/// One shift of one agent that is over, from signing in to signing out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Who.
    pub agent: AgentId,
    /// Where he sat.
    pub seat: SeatId,
    /// The device there.
    pub device: DeviceId,
    /// For which queues.
    pub queues: Vec<QueueId>,
    /// When he signed in.
    pub from: Timestamp,
    /// When he signed out.
    pub until: Timestamp,
    /// What the time went to; adds up to the shift.
    pub times: Times,
    /// What became of the offers he got.
    pub offers: Offers,
}

/// What one agent's time went to within one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentInterval {
    /// Who.
    pub agent: AgentId,
    /// Which interval.
    #[serde(flatten)]
    pub interval: Interval,
    /// What the time went to; adds up to the time he was signed in.
    pub times: Times,
    /// What became of the offers he got.
    pub offers: Offers,
}

/// The rows that an event completes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRows {
    /// Shifts that are over.
    pub shifts: Vec<Shift>,
    /// Intervals that are over, oldest first.
    pub intervals: Vec<AgentInterval>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenShift {
    /// What is known of the shift so far.
    shift: Shift,
    activity: Activity,
    /// From when the activity is not accounted for.
    since: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Share {
    times: Times,
    offers: Offers,
}

/// The fold of agents' times: the shifts that are not over, and the interval that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentTimes {
    cuts: Cuts,
    last: EventNo,
    interval: Option<Interval>,
    at_work: BTreeMap<AgentId, OpenShift>,
    shares: BTreeMap<AgentId, Share>,
}

impl AgentTimes {
    /// Begins with nobody at work; intervals are cut as told.
    #[must_use]
    pub fn new(cuts: Cuts) -> Self {
        Self {
            cuts,
            last: EventNo::default(),
            interval: None,
            at_work: BTreeMap::new(),
            shares: BTreeMap::new(),
        }
    }

    /// Returns the last event that was applied.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.last
    }

    /// Returns what the agent's shift has gone to until `now`, if he is at work.
    #[must_use]
    pub fn times(&self, agent: &AgentId, now: Timestamp) -> Option<Times> {
        let open = self.at_work.get(agent)?;
        let mut times = open.shift.times.clone();
        times.add(&open.activity, now.since(open.since));
        Some(times)
    }

    /// Follows one event and returns the rows that it completes; one that was applied before changes nothing.
    #[must_use = "a row is returned once"]
    pub fn apply(&mut self, event: &Event) -> AgentRows {
        if event.no <= self.last {
            return AgentRows::default();
        }
        self.last = event.no;
        let at = event.at;
        let mut rows = AgentRows { shifts: Vec::new(), intervals: self.advance_to(at) };
        match Entry::of(&event.fact) {
            Entry::SignedIn { agent, seat, device, queues } => {
                rows.shifts.extend(self.signed_out(agent, at));
                let shift = Shift {
                    agent: agent.clone(),
                    seat: seat.clone(),
                    device: device.clone(),
                    queues: queues.to_vec(),
                    from: at,
                    until: at,
                    times: Times::default(),
                    offers: Offers::default(),
                };
                let open = OpenShift { shift, activity: Activity::SignedOut, since: at };
                self.at_work.insert(agent.clone(), open);
                self.shares.entry(agent.clone()).or_default();
            }
            Entry::Activity { agent, activity } => {
                self.account(agent, at);
                if let Some(open) = self.at_work.get_mut(agent) {
                    open.activity = activity;
                }
            }
            Entry::SignedOut { agent } => rows.shifts.extend(self.signed_out(agent, at)),
            Entry::RingEnded { agent: Some(agent), end, .. } => {
                if let Some(open) = self.at_work.get_mut(agent) {
                    open.shift.offers.count(end);
                    self.shares.entry(agent.clone()).or_default().offers.count(end);
                }
            }
            Entry::RingEnded { agent: None, .. }
            | Entry::CallBegan { .. }
            | Entry::NumbersRead { .. }
            | Entry::Listed { .. }
            | Entry::CallAnswered { .. }
            | Entry::CallEnded { .. }
            | Entry::WaitBegan { .. }
            | Entry::WaitEnded { .. }
            | Entry::RingBegan { .. }
            | Entry::RungAt { .. }
            | Entry::Originated { .. }
            | Entry::TalkBegan { .. }
            | Entry::RoleChanged { .. }
            | Entry::Transferred { .. }
            | Entry::Conferenced { .. }
            | Entry::ContactOpened { .. }
            | Entry::WorkBegan { .. }
            | Entry::WorkEnded { .. }
            | Entry::ContactClosed { .. }
            | Entry::Held { .. }
            | Entry::Retrieved { .. }
            | Entry::TalkEnded { .. }
            | Entry::RecordingBegan { .. }
            | Entry::RecordingPaused { .. }
            | Entry::RecordingResumed { .. }
            | Entry::RecordingEnded { .. }
            | Entry::VoiceMeasured { .. }
            | Entry::Nothing => {}
        }
        rows
    }

    /// Returns the rows of the intervals that are over at `now`, though nothing has happened since; an event at or
    /// after `now` must come next.
    #[must_use = "a row is returned once"]
    pub fn advance_to(&mut self, now: Timestamp) -> Vec<AgentInterval> {
        let mut rows = Vec::new();
        loop {
            let interval = *self.interval.get_or_insert_with(|| self.cuts.around(now));
            if now < interval.until {
                return rows;
            }
            for agent in self.at_work.keys().cloned().collect::<Vec<_>>() {
                self.account(&agent, interval.until);
            }
            let shares = std::mem::take(&mut self.shares);
            rows.extend(shares.into_iter().map(|(agent, Share { times, offers })| AgentInterval {
                agent,
                interval,
                times,
                offers,
            }));
            // A time when nobody is at work has no rows.
            let next = if self.at_work.is_empty() { now } else { interval.until };
            self.interval = Some(self.cuts.around(next));
            self.shares =
                self.at_work.keys().map(|agent| (agent.clone(), Share::default())).collect();
        }
    }

    /// Adds what an agent has done until `at` to his shift and to the interval.
    fn account(&mut self, agent: &AgentId, at: Timestamp) {
        let Some(open) = self.at_work.get_mut(agent) else { return };
        let time = at.since(open.since);
        open.since = at;
        open.shift.times.add(&open.activity, time);
        self.shares.entry(agent.clone()).or_default().times.add(&open.activity, time);
    }

    fn signed_out(&mut self, agent: &AgentId, at: Timestamp) -> Option<Shift> {
        self.account(agent, at);
        let OpenShift { mut shift, .. } = self.at_work.remove(agent)?;
        shift.until = at;
        Some(shift)
    }
}
