//! Who takes part in what: followed from the facts, so that an event reaches those whom it does not name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Subject,
    subject::{Mention, Step},
};
use crate::{
    call::Member,
    center::Center,
    event::Party,
    id::{
        AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, RecordingId,
        SessionId,
    },
};

/// How many stays at devices are remembered of one call; beyond that two stays at one device are taken for one, and
/// else the oldest is forgotten.
const STAYS: usize = 256;

/// Who takes part in which call and contact after some event of the log. Its size is that of what is going on, and of
/// the calls whose end is still among the recent events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relations {
    calls: BTreeMap<CallId, Call>,
    contacts: BTreeMap<ContactId, Contact>,
    sessions: BTreeMap<SessionId, CallId>,
    seated: BTreeMap<AgentId, DeviceId>,
    alarms: BTreeMap<AlarmId, QueueId>,
    visited: BTreeMap<DeviceId, BTreeSet<CallId>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Call {
    contact: ContactId,
    legs: BTreeMap<LegId, Part>,
    /// The devices at or for which it waits.
    waits_at: BTreeSet<DeviceId>,
    stays: Vec<Stay>,
    recordings: BTreeSet<RecordingId>,
    ended: bool,
    /// The event with which nothing more is to be said about it.
    over: Option<EventNo>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    device: Option<DeviceId>,
    agent: Option<AgentId>,
}

/// One stay of a call at a device: from the event that brought it to the event that took it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stay {
    device: DeviceId,
    from: EventNo,
    until: Option<EventNo>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Contact {
    calls: BTreeSet<CallId>,
    queues: BTreeSet<QueueId>,
    /// The agents who have it without a leg.
    had_by: BTreeSet<AgentId>,
}

impl Relations {
    /// Returns who takes part in what in a Center at this moment, as if its log had been followed from the beginning;
    /// where a call was before is not known.
    #[must_use]
    pub fn of(center: &Center) -> Self {
        let state = center.state();
        let now = state.last;
        let mut all = Self {
            sessions: state.sessions.clone(),
            seated: state
                .agents
                .iter()
                .map(|(agent, at_work)| (agent.clone(), at_work.device.clone()))
                .collect(),
            alarms: state
                .alarms
                .iter()
                .filter_map(|(alarm, kind)| Some((*alarm, kind.queue()?.clone())))
                .collect(),
            ..Self::default()
        };
        for it in state.calls.values() {
            let part = |member: &Member| {
                let Party { device, agent, .. } = member.party.clone();
                (member.leg, Part { device, agent })
            };
            let mut call = Call {
                contact: it.contact,
                legs: it.parties.iter().map(part).collect(),
                waits_at: it.place.waits_at().cloned().into_iter().collect(),
                stays: Vec::new(),
                recordings: BTreeSet::new(),
                ended: false,
                over: None,
            };
            let legs = call.legs.values().filter_map(|part| part.device.clone());
            let devices: BTreeSet<_> = legs.chain(call.waits_at.iter().cloned()).collect();
            for device in devices {
                call.open_stay(now, &device);
                all.visited.entry(device).or_default().insert(it.id);
            }
            let contact = all.contacts.entry(it.contact).or_default();
            contact.calls.insert(it.id);
            contact.queues.extend(it.waiting().map(|waiting| waiting.queue.clone()));
            all.calls.insert(it.id, call);
        }
        for (recording, open) in &state.recordings {
            // The end of a recording can come after the end of its call, which is all there is left of it then.
            if let Some(call) = all.calls.get_mut(&open.call) {
                call.recordings.insert(*recording);
            }
        }
        for (contact, work) in &state.works {
            let open = all.contacts.entry(*contact).or_default();
            open.queues.extend(work.waiting.as_ref().map(|waiting| waiting.queue.clone()));
            open.had_by.extend(work.agent.clone());
            let offer = work.waiting.as_ref().and_then(|waiting| waiting.offer.as_ref());
            open.had_by.extend(offer.map(|(agent, _, _)| agent.clone()));
            if *open == Contact::default() {
                all.contacts.remove(contact);
            }
        }
        all
    }

    /// Returns the calls that a fact concerns: those it names, or those that are meant.
    pub(super) fn calls(&self, mention: &Mention) -> Vec<CallId> {
        let mut calls = mention.calls.clone();
        calls.extend(mention.session.and_then(|session| self.sessions.get(&session)));
        if calls.is_empty()
            && let Some(contact) = mention.contact.and_then(|contact| self.contacts.get(&contact))
        {
            calls.extend(&contact.calls);
        }
        calls
    }

    /// Returns everyone whom a fact concerns, each once, before it is applied.
    pub(super) fn subjects(&self, mention: &Mention, calls: &[CallId]) -> Vec<Subject> {
        let mut subjects = mention.named.clone();
        let mut contacts: BTreeSet<ContactId> = mention.contact.into_iter().collect();
        for call in calls {
            subjects.push(Subject::Call(*call));
            let Some(it) = self.calls.get(call) else { continue };
            contacts.insert(it.contact);
            for part in it.legs.values() {
                subjects.extend(part.device.clone().map(Subject::Device));
                subjects.extend(part.agent.clone().map(Subject::Agent));
            }
            subjects.extend(it.waits_at.iter().cloned().map(Subject::Device));
        }
        for contact in contacts {
            subjects.push(Subject::Contact(contact));
            let Some(it) = self.contacts.get(&contact) else { continue };
            subjects.extend(it.queues.iter().cloned().map(Subject::Queue));
            subjects.extend(it.had_by.iter().cloned().map(Subject::Agent));
        }
        let device = mention.seated.as_ref().and_then(|agent| self.seated.get(agent));
        subjects.extend(device.cloned().map(Subject::Device));
        let queue = mention.alarm.and_then(|alarm| self.alarms.get(&alarm));
        subjects.extend(queue.cloned().map(Subject::Queue));
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// Follows one fact; returns the device that a call came to by it, and whether a call is over with it.
    pub(super) fn apply(&mut self, no: EventNo, step: Step) -> Consequence {
        match step {
            Step::CallBegins { call, contact } => {
                self.contacts.entry(contact).or_default().calls.insert(call);
                let it = Call {
                    contact,
                    legs: BTreeMap::new(),
                    waits_at: BTreeSet::new(),
                    stays: Vec::new(),
                    recordings: BTreeSet::new(),
                    ended: false,
                    over: None,
                };
                self.calls.insert(call, it);
            }
            Step::Joins { call, leg, device, agent } => {
                return self.join(no, call, leg, Part { device, agent });
            }
            Step::Leaves { call, leg } => {
                if let Some(it) = self.calls.get_mut(&call) {
                    it.legs.remove(&leg);
                    it.close_stays(no);
                }
            }
            Step::CallEnds { call } => {
                if let Some(it) = self.calls.get_mut(&call) {
                    it.legs.clear();
                    it.waits_at.clear();
                    it.close_stays(no);
                    it.ended = true;
                }
                return self.over(no, call);
            }
            Step::RecordingBegins { call, recording } => {
                if let Some(it) = self.calls.get_mut(&call) {
                    it.recordings.insert(recording);
                }
            }
            Step::RecordingEnds { call, recording } => {
                if let Some(it) = self.calls.get_mut(&call) {
                    it.recordings.remove(&recording);
                }
                return self.over(no, call);
            }
            Step::SessionBegins { session, call } => {
                self.sessions.insert(session, call);
            }
            Step::SessionEnds { session } => {
                self.sessions.remove(&session);
            }
            Step::Waits { contact, queue } => {
                self.contacts.entry(contact).or_default().queues.insert(queue);
            }
            Step::WaitsNoMore { contact, queue } => {
                self.with_contact(contact, |it| it.queues.remove(&queue));
            }
            Step::WaitsAt { call, device } => {
                let Some(it) = self.calls.get_mut(&call).filter(|it| !it.ended) else {
                    return Consequence::None;
                };
                it.waits_at.insert(device.clone());
                return self.come_to(no, call, device);
            }
            Step::WaitsNoMoreAt { call, device } => {
                if let Some(it) = self.calls.get_mut(&call) {
                    it.waits_at.remove(&device);
                    it.close_stays(no);
                }
            }
            Step::Has { contact, agent } => {
                self.contacts.entry(contact).or_default().had_by.insert(agent);
            }
            Step::HasNoMore { contact, agent } => {
                self.with_contact(contact, |it| it.had_by.remove(&agent));
            }
            Step::Sits { agent, device } => {
                self.seated.insert(agent, device);
            }
            Step::Rises { agent } => {
                self.seated.remove(&agent);
            }
            Step::AlarmStands { alarm, queue } => {
                self.alarms.insert(alarm, queue);
            }
            Step::AlarmOver { alarm } => {
                self.alarms.remove(&alarm);
            }
        }
        Consequence::None
    }

    fn join(&mut self, no: EventNo, call: CallId, leg: LegId, part: Part) -> Consequence {
        let Some(it) = self.calls.get_mut(&call).filter(|it| !it.ended) else {
            return Consequence::None;
        };
        let device = part.device.clone();
        it.legs.insert(leg, part);
        // The leg may have been moved from another device.
        it.close_stays(no);
        device.map_or(Consequence::None, |device| self.come_to(no, call, device))
    }

    fn come_to(&mut self, no: EventNo, call: CallId, device: DeviceId) -> Consequence {
        let Some(it) = self.calls.get_mut(&call) else { return Consequence::None };
        if let Some(forgotten) = it.open_stay(no, &device) {
            leave(&mut self.visited, &forgotten, call);
        }
        self.visited.entry(device.clone()).or_default().insert(call);
        Consequence::CameTo { call, device }
    }

    fn over(&mut self, no: EventNo, call: CallId) -> Consequence {
        let Some(it) = self.calls.get_mut(&call) else { return Consequence::None };
        if !it.ended || !it.recordings.is_empty() || it.over.is_some() {
            return Consequence::None;
        }
        it.over = Some(no);
        let contact = it.contact;
        self.with_contact(contact, |it| it.calls.remove(&call));
        Consequence::Over(call)
    }

    /// Changes a contact and forgets it once nothing is left of it.
    fn with_contact(&mut self, contact: ContactId, change: impl FnOnce(&mut Contact) -> bool) {
        if let Some(it) = self.contacts.get_mut(&contact) {
            change(it);
            if *it == Contact::default() {
                self.contacts.remove(&contact);
            }
        }
    }

    /// Forgets the calls that were over with an event which is no longer kept.
    pub(super) fn forget(&mut self, no: EventNo, calls: &[CallId]) {
        for call in calls {
            if self.over_at(*call) == Some(no) {
                self.remove(*call);
            }
        }
    }

    /// Forgets all calls that are over, where no event is kept.
    pub(super) fn forget_ended(&mut self) {
        let over: Vec<_> =
            self.calls.iter().filter(|(_, it)| it.over.is_some()).map(|(call, _)| *call).collect();
        over.into_iter().for_each(|call| self.remove(call));
    }

    fn remove(&mut self, call: CallId) {
        for stay in self.calls.remove(&call).into_iter().flat_map(|it| it.stays) {
            leave(&mut self.visited, &stay.device, call);
        }
    }

    /// Returns the event with which a call was over, while that event is kept.
    pub(super) fn over_at(&self, call: CallId) -> Option<EventNo> {
        self.calls.get(&call).and_then(|it| it.over)
    }

    /// Returns whether a call is known: it lives, or its end is among the recent events.
    pub(super) fn knows(&self, call: CallId) -> bool {
        self.calls.contains_key(&call)
    }

    /// Returns the calls that were at a device after `since`, as far as they are known.
    pub(super) fn visitors(&self, device: &DeviceId, since: EventNo) -> Vec<CallId> {
        let visitors = self.visited.get(device).into_iter().flatten().copied();
        visitors.filter(|call| self.went_via(*call, device, since, EventNo(u64::MAX))).collect()
    }

    /// Returns whether a call was at a device at some moment after `since` and not later than event `at`.
    pub(super) fn went_via(
        &self,
        call: CallId,
        device: &DeviceId,
        since: EventNo,
        at: EventNo,
    ) -> bool {
        self.calls.get(&call).is_some_and(|it| {
            it.stays.iter().any(|stay| {
                stay.device == *device
                    && stay.from <= at
                    && stay.until.is_none_or(|until| until > since)
            })
        })
    }
}

fn leave(visited: &mut BTreeMap<DeviceId, BTreeSet<CallId>>, device: &DeviceId, call: CallId) {
    if let Some(visitors) = visited.get_mut(device) {
        visitors.remove(&call);
        if visitors.is_empty() {
            visited.remove(device);
        }
    }
}

impl Call {
    /// Returns the device whose only stay had to be forgotten for this one.
    fn open_stay(&mut self, no: EventNo, device: &DeviceId) -> Option<DeviceId> {
        if self.stays.iter().any(|stay| stay.device == *device && stay.until.is_none()) {
            return None;
        }
        let mut forgotten = None;
        if self.stays.len() >= STAYS {
            if let Some(earlier) = self.stays.iter_mut().rfind(|stay| stay.device == *device) {
                earlier.until = None;
                return None;
            }
            if let Some(oldest) = self.stays.iter().position(|stay| stay.until.is_some()) {
                let gone = self.stays.remove(oldest).device;
                forgotten = self.stays.iter().all(|stay| stay.device != gone).then_some(gone);
            }
        }
        self.stays.push(Stay { device: device.clone(), from: no, until: None });
        forgotten
    }

    /// Ends the stays at devices where it has no leg and does not wait.
    fn close_stays(&mut self, no: EventNo) {
        for stay in self.stays.iter_mut().filter(|stay| stay.until.is_none()) {
            let by_leg = self.legs.values().any(|part| part.device.as_ref() == Some(&stay.device));
            if !by_leg && !self.waits_at.contains(&stay.device) {
                stay.until = Some(no);
            }
        }
    }
}

/// What follows from a fact for the monitors of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nothing.
    None,
    /// The call is at a device.
    CameTo { call: CallId, device: DeviceId },
    /// Nothing more is to be said about the call.
    Over(CallId),
}
