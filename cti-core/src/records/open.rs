//! What is not over yet: waits, rings and talks that have begun, and the calls and contacts they belong to.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    micros,
    rows::{CallRecord, ContactRecord, Course, MAX_PARTS, Outcome, Part, Ring, Talk, Wait, Work},
};
use crate::{
    address::PhoneNumber,
    call::Listed,
    cause::Cause,
    event::{CallKind, DequeueReason, JoinReason, OfferEnd, Party, RecordingKind, WorkEnd},
    id::{AgentId, CallId, ContactId, LegId, QueueId, TrunkId},
    needs::Medium,
    numbers::CallNumbers,
    role::Role,
    switch::{Endpoint, Origin},
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
    pub(super) party: Party,
    pub(super) queue: Option<QueueId>,
    #[serde(default)]
    pub(super) why: Option<JoinReason>,
    pub(super) since: Timestamp,
}

impl OpenRing {
    pub(super) fn end(self, at: Timestamp, end: OfferEnd) -> Ring {
        let Self { call, leg, party, queue, why, since } = self;
        Ring { call, leg, party, queue, why, since, until: at, end }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenWork {
    pub(super) agent: AgentId,
    pub(super) queue: QueueId,
    pub(super) since: Timestamp,
}

impl OpenWork {
    pub(super) fn end(self, at: Timestamp, end: WorkEnd) -> Work {
        let Self { agent, queue, since } = self;
        Work { agent, queue, since, until: at, end }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenTalk {
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) party: Party,
    pub(super) part: Part,
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

    pub(super) fn end(mut self, at: Timestamp, cause: Option<Cause>) -> Talk {
        self.held += self.held_since.take().map_or(Duration::ZERO, |since| at.since(since));
        let Self { call, leg, party, part, queue, since, held, .. } = self;
        Talk { call, leg, party, part, queue, since, until: at, held, cause }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenCall {
    pub(super) call: CallId,
    pub(super) contact: ContactId,
    pub(super) kind: CallKind,
    pub(super) origin: Origin,
    /// The trunk by which it went outside first.
    #[serde(default)]
    pub(super) trunk: Option<TrunkId>,
    pub(super) caller: PhoneNumber,
    pub(super) called: PhoneNumber,
    #[serde(default)]
    pub(super) numbers: Option<Box<CallNumbers>>,
    #[serde(default)]
    pub(super) listed: Option<Listed>,
    pub(super) by: Option<Party>,
    pub(super) consults: Option<CallId>,
    /// The served party's leg at the beginning.
    pub(super) leg: LegId,
    /// The agent who calls or asks, and his leg, until he leaves.
    pub(super) starter: Option<(LegId, Party)>,
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
    /// Somebody is rung for it.
    pub(super) fn goes_to(&mut self, to: &Endpoint) {
        if let Endpoint::Outside { trunk, .. } = to {
            self.trunk.get_or_insert_with(|| trunk.clone());
        }
    }

    /// Returns the trunk by which it came, or went where it came from a device of the centre.
    pub(super) fn trunk(&self) -> Option<&TrunkId> {
        match &self.origin {
            Origin::Trunk(trunk) => Some(trunk),
            Origin::Device(_) => self.trunk.as_ref(),
        }
    }

    /// A party takes part. Who began the call for the centre speaks from then on too: his leg is the served one, and no
    /// fact says so.
    pub(super) fn talk_began(
        &mut self,
        at: Timestamp,
        leg: LegId,
        party: &Party,
        role: Role,
        queue: Option<&QueueId>,
    ) {
        if let Some(index) = self.rings.iter().position(|ring| ring.leg == Some(leg)) {
            self.course.add_ring(self.rings.remove(index).end(at, OfferEnd::Answered));
        }
        self.served = true;
        self.begin(at, leg, party.clone(), role, queue.cloned());
        if let Some((own, party)) = self.starter.clone()
            && own != leg
            && self.talks.iter().all(|talk| talk.leg != own)
        {
            self.begin(at, own, party, Role::Full, None);
        }
    }

    fn begin(
        &mut self,
        at: Timestamp,
        leg: LegId,
        party: Party,
        role: Role,
        queue: Option<QueueId>,
    ) {
        let part = Part::of(self.kind, role, &party);
        self.talks.push(OpenTalk {
            call: self.call,
            leg,
            party,
            part,
            queue,
            since: at,
            held_by: BTreeSet::new(),
            held_since: None,
            held: Duration::ZERO,
        });
    }

    /// The time in one role ends, the time in another begins.
    pub(super) fn role_changed(&mut self, at: Timestamp, leg: LegId, role: Role) {
        let Some(index) = self.talks.iter().position(|talk| talk.leg == leg) else { return };
        let part = Part::of(self.kind, role, &self.talks[index].party);
        if part == self.talks[index].part {
            return;
        }
        let before = self.talks.remove(index);
        let held_by = before.held_by.clone();
        let (party, queue) = (before.party.clone(), before.queue.clone());
        self.course.add_talk(before.end(at, None));
        self.begin(at, leg, party, role, queue);
        if let Some(talk) = self.talks.last_mut() {
            held_by.into_iter().for_each(|leg| talk.hold(at, leg));
        }
    }

    /// Someone of the centre who holds, holds for himself; a citizen, for all whom he speaks with.
    pub(super) fn held(&mut self, at: Timestamp, leg: LegId) {
        let inside = self.talks.iter().any(|talk| talk.leg == leg && talk.part != Part::Outside);
        for talk in self.talks.iter_mut().filter(|talk| !inside || talk.leg == leg) {
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
            self.course.add_talk(self.talks.remove(index).end(at, Some(cause)));
        }
        for talk in &mut self.talks {
            talk.retrieve(at, leg);
        }
        match self.starter.take_if(|(own, _)| *own == leg) {
            Some(_) => {}
            None => self.starter_alone(at, cause),
        }
    }

    /// Who began the call speaks with nobody any more.
    fn starter_alone(&mut self, at: Timestamp, cause: Cause) {
        let Some((own, _)) = &self.starter else { return };
        let others = self.talks.iter().any(|talk| talk.leg != *own && talk.part.carries());
        if let Some(index) = self.talks.iter().position(|talk| talk.leg == *own)
            && !others
        {
            self.course.add_talk(self.talks.remove(index).end(at, Some(cause)));
        }
    }

    pub(super) fn answered(&mut self, at: Timestamp) {
        self.answered = Some(at);
        if let Some(index) = self.rings.iter().position(|ring| ring.leg == Some(self.leg)) {
            self.course.add_ring(self.rings.remove(index).end(at, OfferEnd::Answered));
        }
    }

    /// The talk that a recording which begins is of.
    pub(super) fn talking(&self) -> Option<&OpenTalk> {
        self.talks.iter().rev().find(|talk| talk.part == Part::Talk)
    }

    pub(super) fn recording_began(&mut self, kind: RecordingKind) {
        match kind {
            RecordingKind::Message => self.message = true,
            RecordingKind::Talk => {}
        }
    }

    pub(super) fn end(mut self, at: Timestamp, cause: Cause) -> CallRecord {
        for ring in std::mem::take(&mut self.rings) {
            self.course.add_ring(ring.end(at, unanswered(cause)));
        }
        for talk in std::mem::take(&mut self.talks) {
            self.course.add_talk(talk.end(at, Some(cause)));
        }
        CallRecord {
            outcome: self.outcome(cause),
            call: self.call,
            contact: self.contact,
            kind: self.kind,
            origin: self.origin,
            caller: self.caller,
            called: self.called,
            numbers: self.numbers,
            listed: self.listed,
            by: self.by,
            consults: self.consults,
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
            | Cause::TakenOver
            | Cause::AnsweredElsewhere => Outcome::Failed,
        }
    }
}

/// How a ringing ended that a call's end broke off.
fn unanswered(cause: Cause) -> OfferEnd {
    match cause {
        Cause::NoAnswer => OfferEnd::NoAnswer,
        Cause::Busy | Cause::Rejected => OfferEnd::Rejected,
        Cause::Unreachable
        | Cause::UnknownNumber
        | Cause::Forbidden
        | Cause::Incompatible
        | Cause::ServiceUnavailable => OfferEnd::Unreachable,
        Cause::Normal
        | Cause::Cancelled
        | Cause::Lost
        | Cause::SystemRestart
        | Cause::Cleared
        | Cause::FlowEnded
        | Cause::Transferred
        | Cause::Conferenced
        | Cause::TakenOver
        | Cause::AnsweredElsewhere => OfferEnd::Withdrawn,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenContact {
    pub(super) medium: Medium,
    pub(super) caller: Option<PhoneNumber>,
    pub(super) instead_of: Option<ContactId>,
    /// Whether it goes on without a call until it is closed.
    pub(super) is_open: bool,
    pub(super) work: Option<OpenWork>,
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
            instead_of: None,
            is_open: false,
            work: None,
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
        self.is_open = false;
        if self.calls.len() < MAX_PARTS {
            self.calls.push(call);
        }
        self.caller.get_or_insert_with(|| caller.clone());
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.live.is_empty()
            && !self.is_open
            && self.wait.is_none()
            && self.work.is_none()
            && self.rings.is_empty()
    }

    pub(super) fn end(self, contact: ContactId, at: Timestamp) -> ContactRecord {
        ContactRecord {
            contact,
            medium: self.medium,
            caller: self.caller,
            instead_of: self.instead_of,
            started: self.started,
            ended: at,
            calls: self.calls,
            course: self.course,
        }
    }
}
