//! A call that is not over: what its record will be made of.

use std::time::Duration;

use cti_bindings::{
    parties::{Entry, Member, Parties},
    records::call::{CallLeg, CallRecord, Outcome},
};
use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, DequeueReason, Event, Fact, RecordingKind},
    id::{CallId, ContactId, QueueId, RecordingId},
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
    consults: Option<CallId>,
    parties: Parties,
}

impl OpenCall {
    /// Returns the call that the event begins, if it begins one.
    pub(super) fn started(event: &Event) -> Option<Self> {
        let Fact::CallStarted { call, contact, kind, origin, caller, called, consults, .. } =
            &event.fact
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
            answered: consults.map(|_| event.at),
            queue: None,
            waiting_since: None,
            waited: Duration::ZERO,
            left_queue: None,
            message: false,
            consults: *consults,
            parties: Parties::begin(event)?,
        })
    }

    /// Follows one event of the call; returns whether anything changed.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a fold looks at the facts that concern it")]
    pub(super) fn apply(&mut self, event: &Event) -> bool {
        let at = event.at;
        let parties = self.parties.apply(event);
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
            Fact::RecordingStarted { kind: RecordingKind::Message, .. } => self.message = true,
            // A message in which nobody spoke, or that could not be written, is none.
            Fact::RecordingEnded { end, .. } => {
                self.message &=
                    matches!(end, RecordingEnd::Saved { length, .. } if !length.is_zero());
            }
            _ => return parties,
        }
        true
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
        let speaker = self.parties.speaker().map(|member| &member.party);
        Change::RecordingStarted {
            recording,
            call: self.call,
            kind,
            agent: speaker.and_then(|party| party.agent.clone()),
            seat: speaker.and_then(|party| party.seat.clone()),
            caller: self.caller.clone(),
            called: self.called.clone(),
            at,
        }
    }

    /// Returns the record of the call, which ended at `at`.
    pub(super) fn ended(mut self, event: &Event, cause: Cause) -> Change {
        let at = event.at;
        self.stop_waiting(at);
        self.parties.apply(event);
        let outcome = self.outcome(cause);
        // Everyone but a caller who is known by the call itself.
        let listed = self
            .parties
            .all()
            .iter()
            .filter(|member| member.entry != Entry::Began || member.party.agent.is_some());
        let legs: Vec<_> = listed.map(|member| CallLeg::of(member, at)).collect();
        let inside = || legs.iter().filter(|leg| leg.is_inside());
        let spoke = |leg: &&CallLeg| leg.answered.is_some() && leg.role.carries();
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
            talk: inside().map(|leg| leg.talk).sum(),
            hold: inside().map(|leg| leg.hold).sum(),
            agent: inside().rev().find(spoke).and_then(|leg| leg.agent.clone()),
            legs,
            consults: self.consults,
            recording: None,
            ticket: None,
        };
        Change::CallEnded { record: Box::new(record) }
    }

    fn outcome(&self, cause: Cause) -> Outcome {
        let reached = |member: &Member| {
            member.entry != Entry::Began && member.joined.is_some() && member.role.carries()
        };
        if self.parties.all().iter().any(reached) {
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
        let served = self.kind == CallKind::Service && self.answered.is_some();
        match cause {
            Cause::Normal | Cause::FlowEnded if served => Outcome::SelfService,
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
            | Cause::Cleared
            | Cause::Transferred
            | Cause::Conferenced
            | Cause::TakenOver
            | Cause::AnsweredElsewhere => Outcome::Failed,
        }
    }
}
