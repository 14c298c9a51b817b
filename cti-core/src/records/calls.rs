//! Call records: who took part in a call, who waited where, who talked with whom, for how long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    entry::Entry,
    open::{OpenCall, OpenContact, OpenRing, OpenWait, OpenWork},
    rows::{
        CallRecord, ContactRecord, Course, MAX_PARTS, Pause, RecordingRecord, VoiceRecord, Wait,
    },
};
use crate::{
    address::PhoneNumber,
    call::Listed,
    event::{CallKind, DequeueReason, Event, OfferEnd, Party, RecordingKind},
    id::{AgentId, CallId, ContactId, EventNo, LegId, RecordingId, SeatId, TrunkId},
    needs::Medium,
    numbers::CallNumbers,
    switch::{Endpoint, RecordingEnd},
    time::Timestamp,
};

/// A row that an event completes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "row")]
pub enum CallRow {
    /// A call is over.
    Call(Box<CallRecord>),
    /// A contact came to rest.
    Contact(Box<ContactRecord>),
    /// A recording is over.
    Recording(Box<RecordingRecord>),
    /// A leg is over, and was measured.
    Voice(Box<VoiceRecord>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenRecording {
    call: CallId,
    contact: Option<ContactId>,
    kind: RecordingKind,
    agent: Option<AgentId>,
    seat: Option<SeatId>,
    caller: Option<PhoneNumber>,
    called: Option<PhoneNumber>,
    #[serde(default)]
    numbers: Option<Box<CallNumbers>>,
    #[serde(default)]
    trunk: Option<TrunkId>,
    started: Timestamp,
    #[serde(default)]
    paused: Option<Pause>,
    #[serde(default)]
    pauses: Vec<Pause>,
}

impl OpenRecording {
    fn resumed(&mut self, at: Timestamp) {
        if let Some(pause) = self.paused.take()
            && self.pauses.len() < MAX_PARTS
        {
            self.pauses.push(Pause { until: at, ..pause });
        }
    }
}

/// The fold of calls, contacts and recordings: what is not over yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecords {
    last: EventNo,
    calls: BTreeMap<CallId, OpenCall>,
    contacts: BTreeMap<ContactId, OpenContact>,
    recordings: BTreeMap<RecordingId, OpenRecording>,
}

impl CallRecords {
    /// Returns the last event that was applied.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.last
    }

    /// Returns how many calls are not over.
    #[must_use]
    pub fn open_calls(&self) -> usize {
        self.calls.len()
    }

    /// Returns how many contacts are not at rest.
    #[must_use]
    pub fn open_contacts(&self) -> usize {
        self.contacts.len()
    }

    /// Returns what has happened so far to a call that is not over; what has begun and not ended is not in it.
    #[must_use]
    pub fn course(&self, call: CallId) -> Option<&Course> {
        self.calls.get(&call).map(|open| &open.course)
    }

    /// Follows one event and returns the rows that it completes; one that was applied before changes nothing.
    #[must_use = "a row is returned once"]
    pub fn apply(&mut self, event: &Event) -> Vec<CallRow> {
        if event.no <= self.last {
            return Vec::new();
        }
        self.last = event.no;
        let at = event.at;
        match Entry::of(&event.fact) {
            Entry::CallBegan { call, contact, kind, leg, origin, caller, called, by, consults } => {
                let calls = matches!(kind, CallKind::Outgoing | CallKind::Consult);
                let starter = by.filter(|_| calls).map(|party| (leg, party.clone()));
                self.contact(contact, at, Medium::Voice).call_began(call, caller);
                self.calls.insert(
                    call,
                    OpenCall {
                        call,
                        contact,
                        kind,
                        origin: origin.clone(),
                        trunk: None,
                        caller: caller.clone(),
                        called: called.clone(),
                        numbers: None,
                        listed: None,
                        by: by.cloned(),
                        consults,
                        leg,
                        starter,
                        started: at,
                        answered: None,
                        rings: Vec::new(),
                        talks: Vec::new(),
                        served: false,
                        message: false,
                        left_queue: None,
                        course: Course::default(),
                    },
                );
            }
            Entry::NumbersRead { call, numbers } => {
                self.with(call, |it| it.numbers = Some(Box::new(numbers.clone())));
            }
            Entry::Listed { call, entry, level } => {
                let listed = Listed { entry, level: level.clone() };
                self.with(call, |it| it.listed = Some(listed));
            }
            Entry::CallAnswered { call } => self.with(call, |it| it.answered(at)),
            Entry::CallEnded { call, contact, cause } => {
                let Some(open) = self.calls.remove(&call) else { return Vec::new() };
                let record = open.end(at, cause);
                if let Some(contact) = self.contacts.get_mut(&contact) {
                    contact.live.remove(&call);
                    contact.course.add(&record.course);
                }
                let mut rows = vec![CallRow::Call(Box::new(record))];
                rows.extend(self.rest(contact, at));
                return rows;
            }

            Entry::WaitBegan { contact, call, queue, medium, .. } => {
                self.wait_ended(contact, at, DequeueReason::Moved);
                self.contact(contact, at, medium).wait =
                    Some(OpenWait { call, queue: queue.clone(), since: at });
            }
            Entry::WaitEnded { contact, reason } => {
                self.wait_ended(contact, at, reason);
                return self.rest(contact, at).into_iter().collect();
            }

            Entry::RingBegan { contact, call, leg, party, queue, why, to } => {
                if let (Some(call), Some(to)) = (call, to) {
                    self.with(call, |it| it.goes_to(to));
                }
                let queue = queue.cloned();
                let ring = OpenRing { call, leg, party, queue, why, since: at };
                match (call, contact) {
                    (Some(call), _) => self.with(call, |it| it.rings.push(ring)),
                    (None, Some(contact)) => {
                        self.contact(contact, at, Medium::Voice).rings.push(ring);
                    }
                    (None, None) => {}
                }
            }
            Entry::RungAt { call, legs } => self.with(call, |it| {
                legs.iter().for_each(|(_, to)| it.goes_to(to));
                let rung = |(leg, to): &(LegId, Endpoint)| ringing(call, *leg, to, at);
                it.rings.extend(legs.iter().map(rung));
            }),
            Entry::Originated { call, to } => {
                self.with(call, |it| {
                    it.goes_to(to);
                    it.rings.push(ringing(call, it.leg, to, at));
                });
            }
            Entry::RingEnded { contact, call, leg, agent, end } => {
                self.ring_ended(at, contact, call, (leg, agent), end);
                return contact.and_then(|contact| self.rest(contact, at)).into_iter().collect();
            }

            Entry::TalkBegan { call, leg, party, role, queue } => {
                self.with(call, |it| it.talk_began(at, leg, party, role, queue));
            }
            Entry::RoleChanged { call, leg, role } => {
                self.with(call, |it| it.role_changed(at, leg, role));
            }
            Entry::Held { call, leg } => self.with(call, |it| it.held(at, leg)),
            Entry::Retrieved { call, leg } => self.with(call, |it| it.retrieved(at, leg)),
            Entry::TalkEnded { call, leg, cause } => {
                self.with(call, |it| it.talk_ended(at, leg, cause));
            }

            Entry::Transferred { call } => self.with(call, |it| it.course.transfers += 1),
            Entry::Conferenced { call } => self.with(call, |it| it.course.conferences += 1),

            Entry::ContactOpened { contact, medium, caller, instead_of } => {
                let open = self.contact(contact, at, medium);
                open.is_open = true;
                open.caller = Some(caller.clone());
                open.instead_of = instead_of;
            }
            Entry::WorkBegan { contact, agent, queue } => {
                if let Some(open) = self.contacts.get_mut(&contact) {
                    let (agent, queue) = (agent.clone(), queue.clone());
                    open.work = Some(OpenWork { agent, queue, since: at });
                }
            }
            Entry::WorkEnded { contact, end } => {
                if let Some(open) = self.contacts.get_mut(&contact)
                    && let Some(work) = open.work.take()
                {
                    open.course.add_work(work.end(at, end));
                }
            }
            Entry::ContactClosed { contact } => {
                if let Some(open) = self.contacts.get_mut(&contact) {
                    open.is_open = false;
                }
                return self.rest(contact, at).into_iter().collect();
            }

            Entry::RecordingBegan { recording, call, kind } => {
                self.recording_began(at, recording, call, kind);
            }
            Entry::RecordingPaused { recording, reason, by } => {
                if let Some(open) = self.recordings.get_mut(&recording) {
                    let by = by.map(str::to_owned);
                    open.paused = Some(Pause { from: at, until: at, reason, by });
                }
            }
            Entry::RecordingResumed { recording } => {
                if let Some(open) = self.recordings.get_mut(&recording) {
                    open.resumed(at);
                }
            }
            Entry::RecordingEnded { recording, end } => {
                return self.recording_ended(at, recording, end).into_iter().collect();
            }
            Entry::VoiceMeasured { call, leg, agent, device, quality } => {
                let (agent, device) = (agent.cloned(), device.cloned());
                let record = VoiceRecord { call, leg, agent, device, ended: at, quality };
                return vec![CallRow::Voice(Box::new(record))];
            }

            Entry::SignedIn { .. }
            | Entry::Activity { .. }
            | Entry::SignedOut { .. }
            | Entry::Nothing => {}
        }
        Vec::new()
    }

    fn contact(&mut self, contact: ContactId, at: Timestamp, medium: Medium) -> &mut OpenContact {
        self.contacts.entry(contact).or_insert_with(|| OpenContact::new(at, medium))
    }

    fn with(&mut self, call: CallId, change: impl FnOnce(&mut OpenCall)) {
        if let Some(open) = self.calls.get_mut(&call) {
            change(open);
        }
    }

    fn wait_ended(&mut self, contact: ContactId, at: Timestamp, reason: DequeueReason) {
        let Some(open) = self.contacts.get_mut(&contact) else { return };
        let Some(wait) = open.wait.take() else { return };
        let wait: Wait = wait.end(at, reason);
        match wait.call.and_then(|call| self.calls.get_mut(&call)) {
            Some(call) => {
                call.left_queue = Some(reason);
                call.course.add_wait(wait);
            }
            None => open.course.add_wait(wait),
        }
    }

    fn ring_ended(
        &mut self,
        at: Timestamp,
        contact: Option<ContactId>,
        call: Option<CallId>,
        (leg, agent): (Option<LegId>, Option<&AgentId>),
        end: OfferEnd,
    ) {
        let is_it = |ring: &OpenRing| match leg {
            Some(leg) => ring.leg == Some(leg),
            None => ring.party.agent.as_ref() == agent,
        };
        let open_call = call.and_then(|call| self.calls.get_mut(&call));
        let open_contact = contact.and_then(|contact| self.contacts.get_mut(&contact));
        let (rings, course) = match (open_call, open_contact) {
            (Some(open), _) => (&mut open.rings, &mut open.course),
            (None, Some(open)) => (&mut open.rings, &mut open.course),
            (None, None) => return,
        };
        if let Some(index) = rings.iter().position(is_it) {
            course.add_ring(rings.remove(index).end(at, end));
        }
    }

    fn recording_began(
        &mut self,
        at: Timestamp,
        recording: RecordingId,
        call: CallId,
        kind: RecordingKind,
    ) {
        let open = self.calls.get_mut(&call);
        let party = open.as_ref().and_then(|open| open.talking()).map(|talk| talk.party.clone());
        self.recordings.insert(
            recording,
            OpenRecording {
                call,
                contact: open.as_ref().map(|open| open.contact),
                kind,
                agent: party.as_ref().and_then(|party| party.agent.clone()),
                seat: party.and_then(|party| party.seat),
                caller: open.as_ref().map(|open| open.caller.clone()),
                called: open.as_ref().map(|open| open.called.clone()),
                numbers: open.as_ref().and_then(|open| open.numbers.clone()),
                trunk: open.as_ref().and_then(|open| open.trunk().cloned()),
                started: at,
                paused: None,
                pauses: Vec::new(),
            },
        );
        if let Some(open) = open {
            open.course.add_recording(recording);
            open.recording_began(kind);
        }
    }

    fn recording_ended(
        &mut self,
        at: Timestamp,
        recording: RecordingId,
        end: &RecordingEnd,
    ) -> Option<CallRow> {
        let mut open = self.recordings.remove(&recording)?;
        open.resumed(at);
        // A message in which nobody spoke, or that could not be written, is none.
        let spoken = matches!(end, RecordingEnd::Saved { length, .. } if !length.is_zero());
        if open.kind == RecordingKind::Message {
            self.with(open.call, |it| it.message &= spoken);
        }
        Some(CallRow::Recording(Box::new(RecordingRecord {
            recording,
            call: open.call,
            contact: open.contact,
            kind: open.kind,
            agent: open.agent,
            seat: open.seat,
            trunk: open.trunk,
            caller: open.caller,
            called: open.called,
            numbers: open.numbers,
            started: open.started,
            ended: at,
            pauses: open.pauses,
            end: end.clone(),
        })))
    }

    /// Returns the row of a contact that came to rest.
    fn rest(&mut self, contact: ContactId, at: Timestamp) -> Option<CallRow> {
        if !self.contacts.get(&contact)?.is_at_rest() {
            return None;
        }
        let open = self.contacts.remove(&contact)?;
        Some(CallRow::Contact(Box::new(open.end(contact, at))))
    }
}

/// Returns the ringing of an endpoint, which names no agent.
fn ringing(call: CallId, leg: LegId, to: &Endpoint, since: Timestamp) -> OpenRing {
    let party = match to {
        Endpoint::Device(device) => Party::at(device.clone()),
        Endpoint::Outside { number, .. } => Party::outside(number.clone()),
    };
    OpenRing { call: Some(call), leg: Some(leg), party, queue: None, why: None, since }
}
