//! What is not over yet: waits, rings and talks that have begun, and the calls and contacts they belong to.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    micros,
    rows::{CallRecord, ContactRecord, Course, MAX_PARTS, Outcome, Ring, Talk, Wait},
};
use crate::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, DequeueReason, OfferEnd, Party, RecordingKind},
    id::{AgentId, CallId, ContactId, DeviceId, LegId, QueueId, SeatId},
    needs::Medium,
    switch::Origin,
    time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenWait {
    pub(super) call: Option<CallId>,
    pub(super) queue: QueueId,
    pub(super) since: Timestamp,
}

impl OpenWait {
    pub(super) fn end(self, at: Timestamp, reason: DequeueReason) -> Wait {
        let Self { call, queue, since } = self;
        Wait { call, queue, since, until: at, reason }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenRing {
    pub(super) call: Option<CallId>,
    pub(super) leg: Option<LegId>,
    pub(super) agent: Option<AgentId>,
    pub(super) seat: Option<SeatId>,
    pub(super) device: DeviceId,
    pub(super) queue: Option<QueueId>,
    pub(super) since: Timestamp,
}

impl OpenRing {
    pub(super) fn end(self, at: Timestamp, end: OfferEnd) -> Ring {
        let Self { call, leg, agent, seat, device, queue, since } = self;
        Ring { call, leg, agent, seat, device, queue, since, until: at, end }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenTalk {
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) party: Party,
    pub(super) queue: Option<QueueId>,
    pub(super) since: Timestamp,
    /// The legs that have it on hold.
    pub(super) held_by: BTreeSet<LegId>,
    pub(super) held_since: Option<Timestamp>,
    #[serde(with = "micros")]
    pub(super) held: Duration,
}

impl OpenTalk {
    pub(super) fn hold(&mut self, at: Timestamp, leg: LegId) {
        self.held_by.insert(leg);
        self.held_since.get_or_insert(at);
    }

    pub(super) fn retrieve(&mut self, at: Timestamp, leg: LegId) {
        self.held_by.remove(&leg);
        if self.held_by.is_empty() {
            self.held += self.held_since.take().map_or(Duration::ZERO, |since| at.since(since));
        }
    }

    pub(super) fn end(mut self, at: Timestamp, cause: Cause) -> Talk {
        self.held += self.held_since.take().map_or(Duration::ZERO, |since| at.since(since));
        let Self { call, leg, party, queue, since, held, .. } = self;
        Talk { call, leg, party, queue, since, until: at, held, cause }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenCall {
    pub(super) call: CallId,
    pub(super) contact: ContactId,
    pub(super) kind: CallKind,
    pub(super) origin: Origin,
    pub(super) caller: PhoneNumber,
    pub(super) called: PhoneNumber,
    pub(super) started: Timestamp,
    pub(super) answered: Option<Timestamp>,
    pub(super) rings: Vec<OpenRing>,
    pub(super) talks: Vec<OpenTalk>,
    /// Whether somebody has talked with the caller.
    pub(super) served: bool,
    /// Whether the caller leaves a message, or has left one.
    pub(super) message: bool,
    pub(super) left_queue: Option<DequeueReason>,
    pub(super) course: Course,
}

impl OpenCall {
    /// A leg of a talk holds that talk; any other one, that is the caller's, all of them.
    pub(super) fn held(&mut self, at: Timestamp, leg: LegId) {
        let whose = self.talks.iter().any(|talk| talk.leg == leg);
        for talk in self.talks.iter_mut().filter(|talk| !whose || talk.leg == leg) {
            talk.hold(at, leg);
        }
    }

    pub(super) fn retrieved(&mut self, at: Timestamp, leg: LegId) {
        for talk in self.talks.iter_mut().filter(|talk| talk.held_by.contains(&leg)) {
            talk.retrieve(at, leg);
        }
    }

    pub(super) fn talk_ended(&mut self, at: Timestamp, leg: LegId, cause: Cause) {
        if let Some(index) = self.talks.iter().position(|talk| talk.leg == leg) {
            self.course.add_talk(self.talks.remove(index).end(at, cause));
        }
    }

    /// The talk that a recording which begins is of.
    pub(super) fn talking(&self) -> Option<&OpenTalk> {
        self.talks.last()
    }

    pub(super) fn recording_began(&mut self, kind: RecordingKind) {
        match kind {
            RecordingKind::Message => self.message = true,
            RecordingKind::Talk => {}
        }
    }

    pub(super) fn end(mut self, at: Timestamp, cause: Cause) -> CallRecord {
        for ring in std::mem::take(&mut self.rings) {
            self.course.add_ring(ring.end(at, OfferEnd::Withdrawn));
        }
        for talk in std::mem::take(&mut self.talks) {
            self.course.add_talk(talk.end(at, cause));
        }
        CallRecord {
            outcome: self.outcome(cause),
            call: self.call,
            contact: self.contact,
            kind: self.kind,
            origin: self.origin,
            caller: self.caller,
            called: self.called,
            started: self.started,
            answered: self.answered,
            ended: at,
            cause,
            course: self.course,
        }
    }

    fn outcome(&self, cause: Cause) -> Outcome {
        if self.served {
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
            | Cause::Cleared
            | Cause::Transferred
            | Cause::Conferenced
            | Cause::TakenOver => Outcome::Failed,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenContact {
    pub(super) medium: Medium,
    pub(super) caller: Option<PhoneNumber>,
    pub(super) started: Timestamp,
    /// Every call it had, at most [`MAX_PARTS`].
    pub(super) calls: Vec<CallId>,
    /// The calls that live.
    pub(super) live: BTreeSet<CallId>,
    pub(super) wait: Option<OpenWait>,
    /// Offers without a call.
    pub(super) rings: Vec<OpenRing>,
    /// What happened outside calls that live.
    pub(super) course: Course,
}

impl OpenContact {
    pub(super) fn new(started: Timestamp, medium: Medium) -> Self {
        Self {
            medium,
            caller: None,
            started,
            calls: Vec::new(),
            live: BTreeSet::new(),
            wait: None,
            rings: Vec::new(),
            course: Course::default(),
        }
    }

    pub(super) fn call_began(&mut self, call: CallId, caller: &PhoneNumber) {
        self.live.insert(call);
        if self.calls.len() < MAX_PARTS {
            self.calls.push(call);
        }
        self.caller.get_or_insert_with(|| caller.clone());
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.live.is_empty() && self.wait.is_none() && self.rings.is_empty()
    }

    pub(super) fn end(self, contact: ContactId, at: Timestamp) -> ContactRecord {
        ContactRecord {
            contact,
            medium: self.medium,
            caller: self.caller,
            started: self.started,
            ended: at,
            calls: self.calls,
            course: self.course,
        }
    }
}
