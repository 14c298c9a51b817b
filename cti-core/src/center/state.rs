//! The durable state of a Center, changed by [`State::apply`] and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    agent::AgentState,
    call::{Call, Offer, Place, Ringing, Talk, Waiting},
    event::{AlarmKind, Event, Fact, RecordingKind},
    id::{
        AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, RecordingId,
        SeatId, SessionId,
    },
    time::Timestamp,
    timers::Timers,
};

/// What the Center wakes up for by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// After-call work of an agent is over.
    AfterCallWork(AgentId),
    /// An offer has rung long enough.
    Offer(CallId),
    /// A device has rung long enough.
    Ringing(CallId),
}

/// One signed-in agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAtWork {
    /// What he does.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// Where he sits.
    pub seat: SeatId,
    /// The device there.
    pub device: DeviceId,
    /// The queues he serves today.
    pub queues: Vec<QueueId>,
    /// When after-call work ends by itself.
    pub until: Option<Timestamp>,
}

/// A recording that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRecording {
    /// The call it belongs to.
    pub call: CallId,
    /// What it is of.
    pub kind: RecordingKind,
    /// When it began; dates its file.
    pub started: Timestamp,
}

/// The highest ids that were given away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) call: CallId,
    pub(crate) contact: ContactId,
    /// Outgoing legs; even.
    pub(crate) leg: LegId,
    /// Incoming legs; odd.
    pub(crate) switch_leg: LegId,
    pub(crate) recording: RecordingId,
    pub(crate) session: SessionId,
    pub(crate) alarm: AlarmId,
}

/// Everything that must survive a crash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) last: EventNo,
    pub(crate) at: Timestamp,
    pub(crate) counters: Counters,
    pub(crate) in_service: BTreeSet<DeviceId>,
    pub(crate) agents: BTreeMap<AgentId, AgentAtWork>,
    pub(crate) seats: BTreeMap<SeatId, AgentId>,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) legs: BTreeMap<LegId, CallId>,
    pub(crate) sessions: BTreeMap<SessionId, CallId>,
    pub(crate) contacts: BTreeMap<ContactId, CallId>,
    pub(crate) recordings: BTreeMap<RecordingId, OpenRecording>,
    pub(crate) alarms: BTreeMap<AlarmId, AlarmKind>,
    #[serde(skip)]
    pub(crate) timers: Timers<Timer>,
}

impl State {
    /// Changes the state by one fact: the only place where durable state changes. It never fails and never looks at
    /// the configuration, so a log reads the same under every version.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.last = event.no;
        self.at = event.at;
        match &event.fact {
            Fact::Started { .. } | Fact::FlowVisited { .. } | Fact::DigitPressed { .. } => {}

            Fact::DeviceInService { device } => {
                self.in_service.insert(device.clone());
            }
            Fact::DeviceOutOfService { device } => {
                self.in_service.remove(device);
            }

            Fact::AgentSignedIn { agent, seat, device, queues } => {
                self.seats.insert(seat.clone(), agent.clone());
                self.agents.insert(
                    agent.clone(),
                    AgentAtWork {
                        state: AgentState::SignedOut,
                        since: event.at,
                        seat: seat.clone(),
                        device: device.clone(),
                        queues: queues.clone(),
                        until: None,
                    },
                );
            }
            Fact::AgentStateChanged { agent, to, until } => {
                if let Some(at_work) = self.agents.get_mut(agent) {
                    at_work.state = to.clone();
                    at_work.since = event.at;
                    at_work.until = *until;
                }
                match until {
                    Some(at) => self.timers.arm(Timer::AfterCallWork(agent.clone()), *at),
                    None => self.timers.disarm(&Timer::AfterCallWork(agent.clone())),
                }
            }
            Fact::AgentSignedOut { agent, seat } => {
                self.agents.remove(agent);
                self.seats.remove(seat);
            }

            Fact::CallStarted { call, contact, kind, leg, origin, caller, called, .. } => {
                self.counters.call = (*call).max(self.counters.call);
                self.counters.contact = (*contact).max(self.counters.contact);
                self.counters.switch_leg = (*leg).max(self.counters.switch_leg);
                self.legs.insert(*leg, *call);
                self.contacts.insert(*contact, *call);
                self.calls.insert(
                    *call,
                    Call {
                        id: *call,
                        contact: *contact,
                        kind: *kind,
                        origin: origin.clone(),
                        caller: caller.clone(),
                        called: called.clone(),
                        leg: *leg,
                        started: event.at,
                        answered: None,
                        place: Place::Arriving,
                        session: None,
                        recording: None,
                        data: Default::default(),
                    },
                );
            }
            Fact::CallAnswered { call } => {
                self.with(*call, |it| {
                    it.answered = Some(event.at);
                    if it.kind == crate::event::CallKind::Feature {
                        it.place = Place::Feature;
                    }
                });
            }
            Fact::FlowStarted { call, session, flow, waiting, .. } => {
                self.counters.session = (*session).max(self.counters.session);
                self.sessions.insert(*session, *call);
                self.with(*call, |it| match &mut it.place {
                    Place::Queue(place) if *waiting => place.session = Some(*session),
                    Place::Arriving
                    | Place::Flow
                    | Place::Queue(_)
                    | Place::Ringing(_)
                    | Place::Talk(_)
                    | Place::Feature => {
                        it.session = Some((*session, flow.clone()));
                        it.place = Place::Flow;
                    }
                });
            }
            Fact::FlowEnded { call, session } => {
                self.sessions.remove(session);
                self.with(*call, |it| {
                    if it.session.as_ref().is_some_and(|(main, _)| main == session) {
                        it.session = None;
                    }
                    if let Place::Queue(place) = &mut it.place
                        && place.session == Some(*session)
                    {
                        place.session = None;
                    }
                });
            }
            Fact::DataSet { call, data } => {
                self.with(*call, |it| it.data.extend(data.clone()));
            }
            Fact::DeviceOffered { call, leg, device, then, ring_for } => {
                self.counters.leg = (*leg).max(self.counters.leg);
                self.legs.insert(*leg, *call);
                let until = event.at + *ring_for;
                self.timers.arm(Timer::Ringing(*call), until);
                self.with(*call, |it| {
                    it.place = Place::Ringing(Ringing {
                        device: device.clone(),
                        leg: *leg,
                        then: then.clone(),
                        ring_for: *ring_for,
                        until,
                    });
                });
            }
            Fact::DeviceOfferEnded { call, leg, end } => {
                self.timers.disarm(&Timer::Ringing(*call));
                if *end != crate::event::OfferEnd::Answered {
                    self.legs.remove(leg);
                    self.with(*call, |it| it.place = Place::Flow);
                }
            }

            Fact::Queued { call: Some(call), queue, priority, needs, since, .. } => {
                self.with(*call, |it| {
                    it.place = Place::Queue(Waiting {
                        queue: queue.clone(),
                        since: since.unwrap_or(event.at),
                        priority: *priority,
                        needs: needs.clone(),
                        session: None,
                        offer: None,
                    });
                });
            }
            Fact::PrioritySet { contact, priority, .. } => {
                if let Some(call) = self.contacts.get(contact).copied() {
                    self.with(call, |it| {
                        if let Place::Queue(waiting) = &mut it.place {
                            waiting.priority = *priority;
                        }
                    });
                }
            }
            Fact::Assigned { .. } => {}
            Fact::Offered {
                call: Some(call), agent, seat, device, leg: Some(leg), until, ..
            } => {
                self.counters.leg = (*leg).max(self.counters.leg);
                self.legs.insert(*leg, *call);
                self.timers.arm(Timer::Offer(*call), *until);
                self.with(*call, |it| {
                    if let Place::Queue(waiting) = &mut it.place {
                        waiting.offer = Some(Offer {
                            agent: agent.clone(),
                            seat: seat.clone(),
                            device: device.clone(),
                            leg: *leg,
                            until: *until,
                        });
                    }
                });
            }
            Fact::OfferEnded { call: Some(call), leg: Some(leg), end, .. } => {
                self.timers.disarm(&Timer::Offer(*call));
                if *end != crate::event::OfferEnd::Answered {
                    self.legs.remove(leg);
                }
                self.with(*call, |it| {
                    if let Place::Queue(waiting) = &mut it.place {
                        waiting.offer = None;
                    }
                });
            }
            Fact::Dequeued { call: Some(call), .. } => {
                self.with(*call, |it| it.place = Place::Flow);
            }
            Fact::Queued { call: None, .. }
            | Fact::Offered { .. }
            | Fact::OfferEnded { .. }
            | Fact::Dequeued { .. } => {}

            Fact::Connected { call, leg, party, queue, after_call_work, .. } => {
                self.with(*call, |it| {
                    it.place = Place::Talk(Talk {
                        party: party.clone(),
                        leg: *leg,
                        queue: queue.clone(),
                        since: event.at,
                        after_call_work: *after_call_work,
                        held_by: Vec::new(),
                    });
                });
            }
            Fact::Held { call, leg } => self.with(*call, |it| {
                if let Place::Talk(talk) = &mut it.place {
                    talk.held_by.push(*leg);
                }
            }),
            Fact::Retrieved { call, leg } => self.with(*call, |it| {
                if let Place::Talk(talk) = &mut it.place {
                    talk.held_by.retain(|held| held != leg);
                }
            }),
            Fact::TalkEnded { call, leg, .. } => {
                self.legs.remove(leg);
                self.with(*call, |it| it.place = Place::Flow);
            }
            Fact::CallEnded { call, contact, .. } => {
                self.contacts.remove(contact);
                if let Some(ended) = self.calls.remove(call) {
                    self.legs.remove(&ended.leg);
                }
            }

            Fact::RecordingStarted { recording, call, kind } => {
                self.counters.recording = (*recording).max(self.counters.recording);
                self.recordings.insert(
                    *recording,
                    OpenRecording { call: *call, kind: *kind, started: event.at },
                );
                self.with(*call, |it| it.recording = Some(*recording));
            }
            Fact::RecordingEnded { recording, call, .. } => {
                self.recordings.remove(recording);
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

    fn with(&mut self, call: CallId, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.get_mut(&call) {
            change(call);
        }
    }

    /// Arms the timers that a snapshot does not hold.
    pub(crate) fn rebuild_timers(&mut self) {
        self.timers = Timers::default();
        for (agent, at_work) in &self.agents {
            if let Some(until) = at_work.until {
                self.timers.arm(Timer::AfterCallWork(agent.clone()), until);
            }
        }
        for call in self.calls.values() {
            match &call.place {
                Place::Queue(Waiting { offer: Some(offer), .. }) => {
                    self.timers.arm(Timer::Offer(call.id), offer.until);
                }
                Place::Ringing(ringing) => self.timers.arm(Timer::Ringing(call.id), ringing.until),
                Place::Arriving
                | Place::Flow
                | Place::Queue(Waiting { offer: None, .. })
                | Place::Talk(_)
                | Place::Feature => {}
            }
        }
    }
}
