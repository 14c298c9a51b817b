//! What each fact changes. It never fails and never looks at the configuration, so that a log reads the same under
//! every version.

use std::time::Duration;

use super::{AgentAtWork, OpenRecording, State, Timer, Work, WorkOffer, WorkWaiting, place_until};
use crate::{
    agent::AgentState,
    call::{
        Call, Camped, Failed, Listed, Member, Offer, Originating, Parked, Place, Program, Ringing,
        Waiting,
    },
    connection::{ConnectionInput, ConnectionState},
    event::{CallKind, DequeueReason, Event, Fact, OfferEnd, Party},
    id::{CallId, LegId},
    needs::Medium,
    role::Role,
    switch::{Endpoint, Origin},
    time::Timestamp,
};

/// An agent hears at most this long something before he is put through.
const MAX_WHISPER: Duration = Duration::from_secs(30);

impl State {
    /// Changes the state by one fact: the only place where durable state changes.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.last = event.no;
        self.at = event.at;
        let at = event.at;
        match &event.fact {
            Fact::Started { .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowsOrdered { .. }
            | Fact::FlowQuarantined { .. }
            | Fact::DigitPressed { .. }
            | Fact::FloorAsked { .. }
            | Fact::VoiceMeasured { .. }
            | Fact::Transferred { .. }
            | Fact::Conferenced { .. }
            | Fact::Assigned { .. }
            | Fact::RulesChanged { .. }
            | Fact::QueueConfigured { .. }
            | Fact::CalendarChanged { .. }
            | Fact::AgentForced { .. }
            | Fact::UserInformation { .. } => {}

            Fact::DeviceInService { device } => {
                self.in_service.insert(device.clone());
            }
            Fact::DeviceOutOfService { device } => {
                self.in_service.remove(device);
            }
            Fact::DeviceFeatureSet { device, feature } => {
                self.devices.entry(device.clone()).or_default().set(feature);
            }
            Fact::StandingLegChanged { device, leg, to } => {
                self.standing_leg(device, *leg, *to, at);
            }
            Fact::CallBackWhenFree { from, to, wanted } => {
                let pair = (from.clone(), to.clone());
                if *wanted {
                    // He may be free already.
                    self.freed.insert(to.clone());
                    self.call_backs.insert(pair);
                } else {
                    self.call_backs.remove(&pair);
                }
            }

            Fact::AgentSignedIn { .. }
            | Fact::DutiesSet { .. }
            | Fact::AgentStateChanged { .. }
            | Fact::AgentHeard { .. }
            | Fact::AgentSignedOut { .. } => self.apply_agent(event),

            Fact::CallStarted { .. } => self.call_started(event),
            Fact::CallAnswered { call } => {
                self.with(*call, |it| it.answered = Some(at));
                let Some(it) = self.calls.get(call) else { return };
                let (leg, kind) = (it.leg, it.kind);
                self.step(*call, leg, ConnectionInput::Connect, at);
                self.with_program(*call, |it| it.step(ConnectionInput::Connect));
                if kind == CallKind::Feature {
                    self.place(*call, Place::Feature);
                }
            }
            Fact::NumbersRead { call, numbers } => {
                self.with(*call, |it| it.numbers = Some(numbers.clone()));
            }
            Fact::CallerListed { call, entry, level, .. } => {
                let listed = Listed { entry: *entry, level: level.clone() };
                self.with(*call, |it| it.listed = Some(listed));
            }
            Fact::ListEntryAdded { entry, listed } => {
                let kept = self.lists.insert(*entry, listed.as_ref().clone());
                debug_assert!(kept.is_ok(), "the entry was tried before it was added: {kept:?}");
            }
            Fact::ListEntryRemoved { entry, .. } => drop(self.lists.remove(*entry)),
            Fact::Originated { call, then, until, .. } => {
                let then = then.clone();
                self.place(*call, Place::Originating(Originating { then, until: *until }));
            }
            Fact::FlowStarted { call, session, whisper: Some(leg), .. } => {
                self.counters.session = (*session).max(self.counters.session);
                self.sessions.insert(*session, *call);
                let until = at + MAX_WHISPER;
                let offer = self.calls.get(call).and_then(|it| {
                    let offer = it.waiting()?.offers.iter().find(|offer| offer.leg == *leg)?;
                    Some((it.contact, offer.agent.clone()))
                });
                if let Some((contact, agent)) = offer {
                    self.timers.arm(Timer::Offer(contact, agent), until);
                }
                self.with_waiting(*call, |it| {
                    if let Some(offer) = it.offers.iter_mut().find(|offer| offer.leg == *leg) {
                        (offer.whisper, offer.until) = (Some(*session), until);
                    }
                });
            }
            Fact::FlowStarted { call, session, flow, waiting, .. } => {
                self.counters.session = (*session).max(self.counters.session);
                self.sessions.insert(*session, *call);
                let entertains =
                    *waiting && self.calls.get(call).is_some_and(|it| it.waiting().is_some());
                if entertains {
                    self.with_waiting(*call, |it| it.session = Some(*session));
                } else {
                    self.with(*call, |it| it.session = Some((*session, flow.clone())));
                    self.place(*call, Place::Flow);
                }
            }
            Fact::FlowEnded { call, session } => {
                self.sessions.remove(session);
                self.with(*call, |it| {
                    if it.session.as_ref().is_some_and(|(main, _)| main == session) {
                        it.session = None;
                    }
                });
                self.with_waiting(*call, |it| {
                    if it.session == Some(*session) {
                        it.session = None;
                    }
                    for offer in &mut it.offers {
                        offer.whisper.take_if(|whisper| *whisper == *session);
                    }
                });
            }
            Fact::DataSet { call, data } => self.with(*call, |it| {
                it.data.extend(data.clone());
                it.data_version += 1;
            }),
            Fact::Rung { call, legs, then, ring_for, otherwise } => {
                for (leg, to) in legs {
                    self.counters.leg_used(*leg);
                    let (party, input) = dialled(to);
                    self.join(*call, *leg, party, input, at);
                }
                let until = at + *ring_for;
                self.place(
                    *call,
                    Place::Ringing(Ringing {
                        legs: legs.clone(),
                        then: then.clone(),
                        ring_for: *ring_for,
                        until,
                        otherwise: otherwise.clone(),
                    }),
                );
            }
            Fact::RingEnded { call, leg, end } => {
                if *end != OfferEnd::Answered {
                    self.leave(*call, *leg);
                }
                let mut over = false;
                self.with(*call, |it| {
                    if let Place::Ringing(ringing) = &mut it.place {
                        ringing.legs.retain(|(known, _)| known != leg);
                        over = ringing.legs.is_empty();
                    }
                });
                if over {
                    self.place(*call, Place::Flow);
                }
            }
            Fact::LineShared { call, devices } => {
                self.with(*call, |it| it.line.clone_from(devices))
            }
            Fact::NetworkReached { call, leg } => {
                self.step(*call, *leg, ConnectionInput::ReachNetwork, at);
            }
            Fact::Alerting { call, leg } => self.step(*call, *leg, ConnectionInput::Alert, at),

            Fact::Queued { .. }
            | Fact::PrioritySet { .. }
            | Fact::Offered { .. }
            | Fact::OfferEnded { .. }
            | Fact::Dequeued { .. } => self.apply_queue(event),

            Fact::Connected { call, leg, party, role, queue, after_call_work, .. } => {
                if self.calls.get(call).is_some_and(|it| it.member(*leg).is_none()) {
                    self.join(*call, *leg, party.clone(), ConnectionInput::Connect, at);
                } else {
                    self.step(*call, *leg, ConnectionInput::Connect, at);
                }
                self.with_member(*call, *leg, |member| {
                    member.party = party.clone();
                    member.role = *role;
                    member.queue = queue.clone();
                    member.after_call_work = *after_call_work;
                    member.joined = Some(at);
                    member.talks = true;
                    member.invited = None;
                });
                self.timers.disarm(&Timer::Invitation(*call, *leg));
                self.index_device(*call);
                // Who only listens waits with whoever waits.
                if role.carries() && self.calls.get(call).is_some_and(|it| !it.is_talk()) {
                    self.place(*call, Place::Talk);
                }
            }
            Fact::Held { call, leg } => self.step(*call, *leg, ConnectionInput::Hold, at),
            Fact::Retrieved { call, leg } => self.step(*call, *leg, ConnectionInput::Retrieve, at),
            Fact::TalkEnded { call, leg, .. } => {
                self.leave(*call, *leg);
                let alone = self.calls.get(call).is_some_and(|it| {
                    it.is_talk() && it.first_talker().is_none() && !it.expects_someone()
                });
                if alone {
                    self.place(*call, Place::Flow);
                }
            }
            Fact::PartyDialed { call, leg, to, party, role, why, until } => {
                self.counters.leg_used(*leg);
                let (_, input) = dialled(to);
                self.join(*call, *leg, party.clone(), input, at);
                self.with_member(*call, *leg, |member| {
                    member.role = *role;
                    member.invited = Some((*why, *until));
                });
                self.timers.arm(Timer::Invitation(*call, *leg), *until);
            }
            Fact::PartyFailed { call, leg, .. } => self.leave(*call, *leg),
            Fact::RoleChanged { call, leg, role } => {
                self.with_member(*call, *leg, |member| member.role = *role);
            }
            Fact::Muted { call, leg, on } => {
                self.with_member(*call, *leg, |member| member.muted = *on);
            }
            Fact::Served { call, leg } => self.with(*call, |it| it.leg = *leg),
            Fact::Parked { call, at: device, by, until } => {
                let (at, by, until) = (device.clone(), by.clone(), *until);
                self.place(*call, Place::Parked(Parked { at, by, until }));
            }
            Fact::CampedOn { call, device, until } => {
                let (on, until) = (device.clone(), *until);
                self.place(*call, Place::Camped(Camped { on, until }));
            }
            Fact::Failed { call, device, cause, until } => {
                let (on, cause, until) = (device.clone(), *cause, *until);
                self.place(*call, Place::Failed(Failed { on, cause, until }));
            }
            Fact::RouteRequested { call, program, until, otherwise } => {
                let (name, until, otherwise) = (program.clone(), *until, otherwise.clone());
                let mut state = ConnectionState::Offered;
                self.with_program(*call, |it| state = it.state);
                self.place(*call, Place::Program(Program { name, until, otherwise, state }));
            }
            Fact::CallAccepted { call, until } => {
                self.with_program(*call, |it| {
                    it.until = *until;
                    it.step(ConnectionInput::Alert);
                });
                self.timers.arm(Timer::Place(*call), *until);
            }
            Fact::ParkEnded { call, .. } => {
                self.waits_no_more(*call);
                self.place(*call, Place::Flow);
            }
            Fact::DigitsCollected { collection, .. } => {
                self.counters.collection = (*collection).max(self.counters.collection);
            }
            Fact::MessagePlayed { message, .. } => {
                self.counters.play = (*message).max(self.counters.play);
            }
            Fact::CallEnded { call, contact, .. } => {
                let legs: Vec<LegId> = self
                    .calls
                    .get(call)
                    .map(|it| it.parties.iter().map(|member| member.leg).collect())
                    .unwrap_or_default();
                for leg in legs {
                    self.leave(*call, leg);
                }
                self.waits_no_more(*call);
                self.timers.disarm(&Timer::Place(*call));
                self.calls.remove(call);
                if self.contacts.get(contact) == Some(call) {
                    self.contacts.remove(contact);
                }
            }

            Fact::ContactOpened { contact, medium, caller, data, .. } => {
                self.counters.contact = (*contact).max(self.counters.contact);
                if *medium == Medium::Task {
                    self.mailboxes.task_opened(*contact, data);
                }
                self.works.insert(
                    *contact,
                    Work {
                        medium: *medium,
                        caller: caller.clone(),
                        data: data.clone(),
                        waiting: None,
                        from: None,
                        agent: None,
                    },
                );
            }
            Fact::WorkBegun { contact, agent, medium, .. } => {
                if let Some(work) = self.works.get_mut(contact) {
                    work.agent = Some(agent.clone());
                }
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.work.insert(*contact, *medium);
                }
            }
            Fact::WorkEnded { contact, agent, .. } => {
                if let Some(work) = self.works.get_mut(contact) {
                    work.agent = None;
                }
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.work.remove(contact);
                }
            }
            Fact::ContactClosed { contact } => {
                self.works.remove(contact);
            }

            Fact::RecordingStarted { recording, call, kind } => {
                self.counters.recording = (*recording).max(self.counters.recording);
                let open = OpenRecording { call: *call, kind: *kind, started: at, paused: false };
                self.recordings.insert(*recording, open);
                self.with(*call, |it| it.recording = Some(*recording));
            }
            Fact::RecordingPaused { recording, .. } => {
                if let Some(open) = self.recordings.get_mut(recording) {
                    open.paused = true;
                }
            }
            Fact::RecordingResumed { recording, .. } => {
                if let Some(open) = self.recordings.get_mut(recording) {
                    open.paused = false;
                }
            }
            Fact::MailboxChanged { mailbox, change } => self.mailboxes.apply(at, mailbox, change),
            Fact::DataErased { contacts, .. } => self.mailboxes.erase(contacts),
            Fact::RecordingEnded { recording, call, end } => {
                self.recordings.remove(recording);
                self.mailboxes.recording_ended(*recording, end);
                self.with(*call, |it| {
                    if it.recording == Some(*recording) {
                        it.recording = None;
                    }
                });
            }

            Fact::AlarmRaised { alarm, kind } => {
                self.counters.alarm = (*alarm).max(self.counters.alarm);
                self.alarms.insert(*alarm, kind.clone());
            }
            Fact::AlarmCleared { alarm } => {
                self.alarms.remove(alarm);
            }
        }
    }

    fn apply_agent(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over agents' facts")]
        match &event.fact {
            Fact::AgentSignedIn { agent, seat, device, queues, capacity } => {
                self.seats.insert(seat.clone(), agent.clone());
                self.agents.insert(
                    agent.clone(),
                    AgentAtWork {
                        state: AgentState::SignedOut,
                        since: event.at,
                        seat: seat.clone(),
                        device: device.clone(),
                        queues: queues.clone(),
                        capacity: capacity.clone(),
                        until: None,
                        work: Default::default(),
                        heard: true,
                    },
                );
            }
            Fact::DutiesSet { agent, queues, capacity, .. } => {
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.queues.clone_from(queues);
                    at_work.capacity.clone_from(capacity);
                }
            }
            Fact::AgentStateChanged { agent, to, until } => {
                // A call-back reserves the number of its call before the call begins.
                if let AgentState::Reserved { call } = to {
                    self.counters.call = (*call).max(self.counters.call);
                }
                let until = until.filter(|_| *to == AgentState::AfterCallWork);
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.state = to.clone();
                    at_work.since = event.at;
                    at_work.until = until;
                }
                match until {
                    Some(at) => self.timers.arm(Timer::AfterCallWork(agent.clone()), at),
                    None => self.timers.disarm(&Timer::AfterCallWork(agent.clone())),
                }
            }
            Fact::AgentHeard { agent, heard } => {
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.heard = *heard;
                }
            }
            Fact::AgentSignedOut { agent, seat } => {
                self.agents.remove(agent);
                self.seats.remove(seat);
                self.timers.disarm(&Timer::AfterCallWork(agent.clone()));
            }
            _ => {}
        }
    }

    fn call_started(&mut self, event: &Event) {
        let Fact::CallStarted {
            call,
            contact,
            kind,
            leg,
            origin,
            caller,
            called,
            by,
            consults,
            ..
        } = &event.fact
        else {
            return;
        };
        self.counters.call = (*call).max(self.counters.call);
        self.counters.contact = (*contact).max(self.counters.contact);
        self.counters.leg_used(*leg);
        self.contacts.insert(*contact, *call);
        let (data, served_from) =
            self.works.remove(contact).map(|work| (work.data, work.from)).unwrap_or_default();
        self.calls.insert(
            *call,
            Call {
                id: *call,
                contact: *contact,
                kind: *kind,
                origin: origin.clone(),
                caller: caller.clone(),
                called: called.clone(),
                numbers: None,
                listed: None,
                leg: *leg,
                started: event.at,
                answered: None,
                place: Place::Arriving,
                session: None,
                recording: None,
                consults: *consults,
                served_from,
                parties: Vec::new(),
                line: Vec::new(),
                data,
                data_version: 0,
            },
        );
        let party = by.clone().unwrap_or_else(|| match origin {
            Origin::Device(device) => Party::at(device.clone()),
            Origin::Trunk(_) => Party::outside(caller.clone()),
        });
        // Who consults is on his leg already.
        let input = match consults {
            Some(_) => ConnectionInput::Connect,
            None => ConnectionInput::Originate,
        };
        self.join(*call, *leg, party, input, event.at);
        if consults.is_some() {
            self.with(*call, |it| it.answered = Some(event.at));
        }
    }

    fn apply_queue(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over queues' facts")]
        match &event.fact {
            Fact::Queued { contact, call, queue, priority, needs, since } => {
                let since = since.unwrap_or(event.at);
                match call {
                    Some(call) => self.place(
                        *call,
                        Place::Queue(Waiting {
                            queue: queue.clone(),
                            since,
                            priority: *priority,
                            needs: needs.clone(),
                            session: None,
                            offers: Vec::new(),
                        }),
                    ),
                    None => {
                        if let Some(work) = self.works.get_mut(contact) {
                            work.waiting = Some(WorkWaiting {
                                queue: queue.clone(),
                                since,
                                priority: *priority,
                                needs: needs.clone(),
                                offers: Vec::new(),
                            });
                        }
                    }
                }
            }
            Fact::PrioritySet { contact, priority, .. } => {
                if let Some(call) = self.contacts.get(contact).copied() {
                    self.with_waiting(call, |it| it.priority = *priority);
                }
                if let Some(waiting) =
                    self.works.get_mut(contact).and_then(|work| work.waiting.as_mut())
                {
                    waiting.priority = *priority;
                }
            }
            Fact::Offered { contact, call, agent, seat, device, leg, until, .. } => {
                self.timers.arm(Timer::Offer(*contact, agent.clone()), *until);
                if let Some(leg) = leg {
                    self.counters.leg_used(*leg);
                }
                if let (Some(call), Some(leg)) = (call, leg) {
                    let party = Party {
                        agent: Some(agent.clone()),
                        seat: Some(seat.clone()),
                        device: Some(device.clone()),
                        number: None,
                    };
                    self.join(*call, *leg, party, ConnectionInput::Alert, event.at);
                    self.with_waiting(*call, |it| {
                        it.offers.push(Offer {
                            agent: agent.clone(),
                            seat: seat.clone(),
                            device: device.clone(),
                            leg: *leg,
                            until: *until,
                            whisper: None,
                        });
                    });
                } else if let Some(waiting) =
                    self.works.get_mut(contact).and_then(|work| work.waiting.as_mut())
                {
                    let (agent, leg, until) = (agent.clone(), *leg, *until);
                    waiting.offers.push(WorkOffer { agent, leg, until });
                    if let Some(leg) = leg {
                        self.legs.entry(leg).or_default().work = Some(*contact);
                    }
                }
            }
            Fact::OfferEnded { contact, call, agent, leg, end } => {
                self.timers.disarm(&Timer::Offer(*contact, agent.clone()));
                if let Some(call) = call {
                    self.with_waiting(*call, |it| it.offers.retain(|it| it.agent != *agent));
                    if let (Some(leg), true) = (leg, *end != OfferEnd::Answered) {
                        self.leave(*call, *leg);
                    }
                } else {
                    if let Some(waiting) =
                        self.works.get_mut(contact).and_then(|work| work.waiting.as_mut())
                    {
                        waiting.offers.retain(|it| it.agent != *agent);
                    }
                    if let Some(leg) = leg {
                        self.release_work(*leg);
                    }
                }
            }
            Fact::Dequeued { contact, call, queue, reason } => match call {
                Some(call) => {
                    let since = self.calls.get(call).and_then(|it| it.waiting()).map(|it| it.since);
                    self.place(*call, Place::Flow);
                    if let (Some(since), DequeueReason::Answered) = (since, reason) {
                        self.with(*call, |it| it.served_from = Some((queue.clone(), since)));
                    }
                }
                None => {
                    if let Some(work) = self.works.get_mut(contact) {
                        work.from = work.waiting.take().map(|it| (it.queue, it.since));
                    }
                }
            },
            _ => {}
        }
    }

    /// Changes where a call is, and arms what ends that place.
    fn place(&mut self, call: CallId, place: Place) {
        match place_until(&place) {
            Some(until) => self.timers.arm(Timer::Place(call), until),
            None => self.timers.disarm(&Timer::Place(call)),
        }
        if let Some(device) = place.waits_at() {
            self.waiting_at.entry(device.clone()).or_default().insert(call);
        }
        self.with(call, |it| it.place = place);
    }

    /// A call no longer waits at a device.
    fn waits_no_more(&mut self, call: CallId) {
        let Some(device) = self.calls.get(&call).and_then(|it| it.place.waits_at()) else { return };
        if let Some(calls) = self.waiting_at.get_mut(device) {
            calls.remove(&call);
            if calls.is_empty() {
                self.waiting_at.remove(device);
            }
        }
    }

    /// A party gets a connection to a call.
    fn join(
        &mut self,
        call: CallId,
        leg: LegId,
        party: Party,
        input: ConnectionInput,
        at: Timestamp,
    ) {
        let Ok(state) = ConnectionState::Null.next(input) else { return };
        let joined = state.takes_part().then_some(at);
        self.with(call, |it| {
            it.parties.push(Member {
                leg,
                party,
                state,
                role: Role::Full,
                muted: false,
                joined,
                talks: false,
                queue: None,
                after_call_work: Duration::ZERO,
                invited: None,
            });
        });
        let uses = self.legs.entry(leg).or_default();
        if !uses.calls.contains(&call) {
            uses.calls.push(call);
        }
        self.index_device(call);
    }

    /// A party's connection to a call is gone.
    fn leave(&mut self, call: CallId, leg: LegId) {
        self.timers.disarm(&Timer::Invitation(call, leg));
        let Some(it) = self.calls.get_mut(&call) else { return };
        let Some(at) = it.parties.iter().position(|member| member.leg == leg) else { return };
        let gone = it.parties.remove(at);
        if let Some(device) = gone.party.device
            && !it.engages(&device)
            && let Some(calls) = self.engaged.get_mut(&device)
        {
            calls.remove(&call);
            if calls.is_empty() {
                self.engaged.remove(&device);
                self.freed.insert(device);
            }
        }
        if let Some(uses) = self.legs.get_mut(&leg) {
            uses.calls.retain(|known| *known != call);
            if uses.calls.is_empty() && uses.work.is_none() {
                self.legs.remove(&leg);
            }
        }
    }

    fn release_work(&mut self, leg: LegId) {
        if let Some(uses) = self.legs.get_mut(&leg) {
            uses.work = None;
            if uses.calls.is_empty() {
                self.legs.remove(&leg);
            }
        }
    }

    /// Moves a connection by its table.
    fn step(&mut self, call: CallId, leg: LegId, input: ConnectionInput, at: Timestamp) {
        self.with_member(call, leg, |member| {
            let next = member.state.next(input);
            debug_assert!(next.is_ok() || input == ConnectionInput::Connect, "{leg}: {next:?}");
            if let Ok(state) = next {
                if state.takes_part() && !member.state.takes_part() {
                    member.joined = Some(at);
                }
                member.state = state;
            }
        });
    }

    fn index_device(&mut self, call: CallId) {
        let Some(it) = self.calls.get(&call) else { return };
        for member in &it.parties {
            if let Some(device) = &member.party.device
                && !self.engaged.get(device).is_some_and(|calls| calls.contains(&call))
            {
                self.engaged.entry(device.clone()).or_default().insert(call);
            }
        }
    }

    fn with(&mut self, call: CallId, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.get_mut(&call) {
            change(call);
        }
    }

    fn with_waiting(&mut self, call: CallId, change: impl FnOnce(&mut Waiting)) {
        self.with(call, |it| {
            if let Place::Queue(waiting) = &mut it.place {
                change(waiting);
            }
        });
    }

    fn with_program(&mut self, call: CallId, change: impl FnOnce(&mut Program)) {
        self.with(call, |it| {
            if let Place::Program(program) = &mut it.place {
                change(program);
            }
        });
    }

    fn with_member(&mut self, call: CallId, leg: LegId, change: impl FnOnce(&mut Member)) {
        self.with(call, |it| {
            if let Some(member) = it.parties.iter_mut().find(|member| member.leg == leg) {
                change(member);
            }
        });
    }
}

/// Returns who is behind a dialled endpoint, and how his connection begins.
fn dialled(to: &Endpoint) -> (Party, ConnectionInput) {
    match to {
        Endpoint::Device(device) => (Party::at(device.clone()), ConnectionInput::Alert),
        Endpoint::Outside { number, .. } => (Party::outside(number.clone()), ConnectionInput::Dial),
    }
}
