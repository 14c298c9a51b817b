//! A call that is not over: what its record will be made of.

use std::time::Duration;

use cti_bindings::records::call::{AgentLeg, CallRecord, Outcome};
use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, DequeueReason, Event, Fact, OfferEnd, RecordingKind},
    id::{AgentId, CallId, ContactId, DeviceId, LegId, QueueId, RecordingId, SeatId},
    switch::{Origin, RecordingEnd},
    time::{Timestamp, millis},
};
use serde::{Deserialize, Serialize};

use super::change::Change;

/// A call that is not over; kept in the database between batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCall {
    /// The call.
    pub call: CallId,
    contact: ContactId,
    kind: CallKind,
    origin: Origin,
    caller: PhoneNumber,
    called: PhoneNumber,
    started: Timestamp,
    answered: Option<Timestamp>,
    queue: Option<QueueId>,
    waiting_since: Option<Timestamp>,
    #[serde(with = "millis")]
    waited: Duration,
    left_queue: Option<DequeueReason>,
    message: bool,
    legs: Vec<OpenLeg>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenLeg {
    leg: LegId,
    agent: Option<AgentId>,
    seat: Option<SeatId>,
    device: DeviceId,
    offered: Timestamp,
    answered: Option<Timestamp>,
    ended: Option<Timestamp>,
    outcome: Option<OfferEnd>,
}

impl OpenCall {
    /// Returns the call that the event begins, if it begins one.
    pub(super) fn started(event: &Event) -> Option<Self> {
        let Fact::CallStarted { call, contact, kind, origin, caller, called, .. } = &event.fact
        else {
            return None;
        };
        Some(Self {
            call: *call,
            contact: *contact,
            kind: *kind,
            origin: origin.clone(),
            caller: caller.clone(),
            called: called.clone(),
            started: event.at,
            answered: None,
            queue: None,
            waiting_since: None,
            waited: Duration::ZERO,
            left_queue: None,
            message: false,
            legs: Vec::new(),
        })
    }

    /// Follows one event of the call; returns whether anything changed.
    pub(super) fn apply(&mut self, event: &Event) -> bool {
        let at = event.at;
        match &event.fact {
            Fact::CallAnswered { .. } => self.answered = Some(at),
            Fact::Queued { queue, .. } => {
                self.queue = Some(queue.clone());
                self.waiting_since = Some(at);
                self.left_queue = None;
            }
            Fact::Dequeued { reason, .. } => {
                self.stop_waiting(at);
                self.left_queue = Some(*reason);
            }
            Fact::Offered { leg: Some(leg), agent, seat, device, .. } => {
                self.ring(*leg, Some(agent), Some(seat), device, at);
            }
            Fact::DeviceOffered { leg, device, .. } => self.ring(*leg, None, None, device, at),
            Fact::OfferEnded { leg: Some(leg), end, .. }
            | Fact::DeviceOfferEnded { leg, end, .. } => {
                if let Some(it) = self.leg(*leg) {
                    it.outcome = Some(*end);
                    match end {
                        OfferEnd::Answered => it.answered = Some(at),
                        OfferEnd::NoAnswer
                        | OfferEnd::Rejected
                        | OfferEnd::Unreachable
                        | OfferEnd::Withdrawn => it.ended = Some(at),
                    }
                }
            }
            Fact::Connected { leg, party, .. } => {
                if let Some(it) = self.leg(*leg) {
                    it.answered.get_or_insert(at);
                    it.outcome = Some(OfferEnd::Answered);
                    it.seat.clone_from(&party.seat);
                }
            }
            Fact::TalkEnded { leg, .. } => {
                if let Some(it) = self.leg(*leg) {
                    it.ended = Some(at);
                }
            }
            Fact::RecordingStarted { kind: RecordingKind::Message, .. } => self.message = true,
            // A message in which nobody spoke, or that could not be written, is none.
            Fact::RecordingEnded { end, .. } => {
                self.message &=
                    matches!(end, RecordingEnd::Saved { length, .. } if !length.is_zero());
            }
            Fact::Started { .. }
            | Fact::DeviceInService { .. }
            | Fact::DeviceOutOfService { .. }
            | Fact::AgentSignedIn { .. }
            | Fact::AgentStateChanged { .. }
            | Fact::AgentSignedOut { .. }
            | Fact::CallStarted { .. }
            | Fact::FlowStarted { .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowEnded { .. }
            | Fact::DigitPressed { .. }
            | Fact::DataSet { .. }
            | Fact::Held { .. }
            | Fact::Retrieved { .. }
            | Fact::CallEnded { .. }
            | Fact::RecordingStarted { kind: RecordingKind::Talk, .. }
            | Fact::Offered { leg: None, .. }
            | Fact::OfferEnded { leg: None, .. }
            | Fact::PrioritySet { .. }
            | Fact::Assigned { .. }
            | Fact::AlarmRaised { .. }
            | Fact::AlarmCleared { .. } => return false,
        }
        true
    }

    fn ring(
        &mut self,
        leg: LegId,
        agent: Option<&AgentId>,
        seat: Option<&SeatId>,
        device: &DeviceId,
        offered: Timestamp,
    ) {
        self.legs.push(OpenLeg {
            leg,
            agent: agent.cloned(),
            seat: seat.cloned(),
            device: device.clone(),
            offered,
            answered: None,
            ended: None,
            outcome: None,
        });
    }

    fn leg(&mut self, leg: LegId) -> Option<&mut OpenLeg> {
        self.legs.iter_mut().find(|it| it.leg == leg)
    }

    fn stop_waiting(&mut self, at: Timestamp) {
        if let Some(since) = self.waiting_since.take() {
            self.waited += at.since(since);
        }
    }

    /// Returns the beginning of a recording of this call.
    pub(super) fn recording_started(
        &self,
        at: Timestamp,
        recording: RecordingId,
        kind: RecordingKind,
    ) -> Change {
        let talking =
            self.legs.iter().rev().find(|leg| leg.answered.is_some() && leg.ended.is_none());
        Change::RecordingStarted {
            recording,
            call: self.call,
            kind,
            agent: talking.and_then(|leg| leg.agent.clone()),
            seat: talking.and_then(|leg| leg.seat.clone()),
            caller: self.caller.clone(),
            called: self.called.clone(),
            at,
        }
    }

    /// Returns the record of the call, which ended at `at`.
    pub(super) fn ended(mut self, at: Timestamp, cause: Cause) -> Change {
        self.stop_waiting(at);
        let outcome = self.outcome(cause);
        let legs: Vec<_> = self.legs.iter().map(|leg| leg.leg).collect();
        let records: Vec<_> = self.legs.into_iter().map(|leg| leg.closed(at)).collect();
        let last = records.iter().rev().find(|leg| leg.answered.is_some());
        let record = CallRecord {
            call: self.call,
            contact: self.contact,
            kind: self.kind,
            origin: self.origin,
            caller: self.caller,
            called: self.called,
            started: self.started,
            answered: self.answered,
            ended: at,
            outcome,
            cause,
            queue: self.queue,
            wait: self.waited,
            talk: records.iter().map(AgentLeg::talk).sum(),
            agent: last.and_then(|leg| leg.agent.clone()),
            legs: records,
            recording: None,
            ticket: None,
        };
        Change::CallEnded { record: Box::new(record), legs }
    }

    fn outcome(&self, cause: Cause) -> Outcome {
        if self.legs.iter().any(|leg| leg.answered.is_some()) {
            return Outcome::Answered;
        }
        if self.message {
            return Outcome::Message;
        }
        match self.left_queue {
            Some(DequeueReason::Abandoned | DequeueReason::Left) => return Outcome::Abandoned,
            Some(DequeueReason::Overflowed(_)) => return Outcome::Overflowed,
            Some(DequeueReason::Cleared | DequeueReason::SystemRestart) => return Outcome::Failed,
            Some(DequeueReason::Answered | DequeueReason::Moved) | None => {}
        }
        match cause {
            Cause::Normal | Cause::FlowEnded if self.answered.is_some() => Outcome::SelfService,
            Cause::Cancelled => Outcome::Abandoned,
            Cause::Normal
            | Cause::FlowEnded
            | Cause::Busy
            | Cause::NoAnswer
            | Cause::Rejected
            | Cause::Unreachable
            | Cause::UnknownNumber
            | Cause::Forbidden
            | Cause::Incompatible
            | Cause::ServiceUnavailable
            | Cause::Lost
            | Cause::SystemRestart
            | Cause::Cleared => Outcome::Failed,
        }
    }
}

impl OpenLeg {
    fn closed(self, at: Timestamp) -> AgentLeg {
        AgentLeg {
            agent: self.agent,
            seat: self.seat,
            device: self.device,
            offered: self.offered,
            answered: self.answered,
            ended: self.ended.unwrap_or(at),
            outcome: self.outcome.unwrap_or(OfferEnd::Withdrawn),
        }
    }
}
