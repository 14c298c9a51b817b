//! Facts that could be: calls, contacts, agents and alarms out of small numbers.

use std::{collections::BTreeSet, time::Duration};

use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    call::Otherwise,
    cause::Cause,
    event::{
        AlarmKind, CallKind, DequeueReason, Fact, JoinReason, OfferEnd, Party, RecordingKind,
        WorkEnd,
    },
    flow::CallData,
    id::{
        AgentId, AlarmId, CallId, ContactId, DeviceId, LegId, QueueId, RecordingId, SeatId,
        SessionId,
    },
    needs::{Medium, Needs},
    role::Role,
    router::Why,
    switch::{Endpoint, Origin, RecordingEnd},
    time::Timestamp,
};

pub(crate) fn device(n: u64) -> DeviceId {
    format!("device{n}").parse().unwrap()
}

pub(crate) fn agent(n: u64) -> AgentId {
    format!("agent{n}").parse().unwrap()
}

pub(crate) fn queue(n: u64) -> QueueId {
    format!("queue{n}").parse().unwrap()
}

/// What is going on, as far as the next fact must fit it.
#[derive(Debug, Default)]
pub(crate) struct Story {
    calls: u64,
    live: Vec<CallId>,
    recordings: BTreeSet<(RecordingId, CallId)>,
    recorded: u64,
    sessions: Vec<(SessionId, CallId)>,
    began: u64,
    alarms: Vec<AlarmId>,
    raised: u64,
}

impl Story {
    /// Returns what happens next by these choices, if they make sense.
    pub(crate) fn next(&mut self, [what, whose, a, b]: [u8; 4]) -> Option<Fact> {
        let small = |choice: u8| u64::from(choice % 4) + 1;
        let (device, agent, queue) = (device(small(a)), agent(small(b)), queue(small(b)));
        let seat: SeatId = "seat".parse().unwrap();
        let free = ContactId(small(whose));
        match what % 36 {
            0..=3 => return Some(self.call_starts(a, device)),
            4 => return Some(Fact::DeviceInService { device }),
            5 => {
                return Some(Fact::AgentSignedIn {
                    agent,
                    seat,
                    device,
                    queues: vec![queue],
                    capacity: Default::default(),
                });
            }
            6 => {
                return Some(Fact::AgentStateChanged { agent, to: AgentState::Ready, until: None });
            }
            7 => return Some(Fact::AgentSignedOut { agent, seat }),
            8 => {
                self.raised += 1;
                self.alarms.push(AlarmId(self.raised));
                let kind = AlarmKind::NobodyStaffed { queue };
                return Some(Fact::AlarmRaised { alarm: AlarmId(self.raised), kind });
            }
            9 => return self.alarms.pop().map(|alarm| Fact::AlarmCleared { alarm }),
            10 => return Some(Fact::PrioritySet { contact: free, priority: a, by: String::new() }),
            11 => return Some(queued(free, None, queue)),
            12 => return Some(offered(free, None, queue, agent, seat, device, None)),
            35 if a % 2 == 0 => {
                let medium = Medium::Chat;
                return Some(Fact::WorkBegun { contact: free, agent, medium, queue });
            }
            35 => {
                let (medium, end) = (Medium::Chat, WorkEnd::Finished);
                return Some(Fact::WorkEnded { contact: free, agent, medium, end });
            }
            13 => {
                let end = OfferEnd::Rejected;
                return Some(Fact::OfferEnded { contact: free, call: None, agent, leg: None, end });
            }
            14 => {
                let (recording, call) = self.recordings.pop_first()?;
                let end = RecordingEnd::Failed { reason: String::new() };
                return Some(Fact::RecordingEnded { recording, call, end });
            }
            15 => {
                let (session, _) = *self.sessions.last()?;
                let (node, outlet) = (String::new(), String::new());
                let (flow, version) = (None, None);
                return Some(Fact::FlowVisited { session, flow, version, node, outlet });
            }
            _ => {}
        }
        let index = usize::from(whose).checked_rem(self.live.len())?;
        let call = self.live[index];
        let contact = contact_of(call);
        let leg = LegId(u64::from(b % 3));
        let end = if a % 2 == 0 { OfferEnd::Answered } else { OfferEnd::NoAnswer };
        let party = Party {
            agent: Some(agent.clone()),
            seat: None,
            device: Some(device.clone()),
            number: None,
        };
        let (role, until) = (Role::Full, Timestamp::ZERO);
        Some(match what % 36 {
            16 => Fact::CallAnswered { call },
            17 => {
                let ring_for = Duration::ZERO;
                let both = [device, self::device(small(b))].map(Endpoint::Device);
                let legs = (0..2).map(LegId).zip(both).collect();
                let otherwise = Otherwise::GoOn;
                Fact::Rung { call, legs, then: Vec::new(), ring_for, otherwise }
            }
            18 => Fact::RingEnded { call, leg, end },
            19 => queued(contact, Some(call), queue),
            20 => offered(contact, Some(call), queue, agent, seat, device, Some(leg)),
            21 => Fact::OfferEnded { contact, call: Some(call), agent, leg: Some(leg), end },
            22 => {
                let reason = DequeueReason::Answered;
                Fact::Dequeued { contact, call: Some(call), queue, reason }
            }
            23 => {
                let queue = Some(queue);
                let after_call_work = Duration::ZERO;
                Fact::Connected { call, contact, leg, party, role, queue, after_call_work }
            }
            24 => Fact::Held { call, leg },
            25 => Fact::TalkEnded { call, leg, party, cause: Cause::Normal },
            26 => {
                self.recorded += 1;
                let recording = RecordingId(self.recorded);
                self.recordings.insert((recording, call));
                Fact::RecordingStarted { recording, call, kind: RecordingKind::Talk }
            }
            27 => {
                self.began += 1;
                let session = SessionId(self.began);
                self.sessions.push((session, call));
                let flow = "flow".parse().unwrap();
                let version = String::new();
                Fact::FlowStarted { call, session, flow, version, waiting: false, whisper: None }
            }
            28 => {
                let at = self.sessions.iter().position(|(_, its)| *its == call)?;
                let (session, call) = self.sessions.remove(at);
                Fact::FlowEnded { call, session }
            }
            29 => Fact::DataSet { call, data: CallData::new() },
            31 => {
                let (to, why) = (Endpoint::Device(device), JoinReason::Conference);
                Fact::PartyDialed { call, leg, to, party, role, why, until }
            }
            32 => Fact::PartyFailed { call, leg, end },
            33 => Fact::Parked { call, at: device, by: None, until },
            34 => Fact::ParkEnded { call, device },
            30 => Fact::Assigned { contact, agent: Some(agent), by: String::new() },
            _ => {
                self.live.remove(index);
                self.sessions.retain(|(_, its)| *its != call);
                Fact::CallEnded { call, contact, cause: Cause::Normal }
            }
        })
    }

    fn call_starts(&mut self, choice: u8, device: DeviceId) -> Fact {
        self.calls += 1;
        let call = CallId(self.calls);
        self.live.push(call);
        Fact::CallStarted {
            call,
            contact: contact_of(call),
            kind: CallKind::Service,
            leg: LegId(9),
            origin: match choice % 2 {
                0 => Origin::Device(device),
                _ => Origin::Trunk("trunk".parse().unwrap()),
            },
            caller: PhoneNumber::withheld(),
            called: PhoneNumber::withheld(),
            network_id: String::new(),
            by: None,
            consults: None,
        }
    }
}

/// Two calls in a row belong to one contact.
fn contact_of(call: CallId) -> ContactId {
    ContactId(call.0.div_ceil(2))
}

fn queued(contact: ContactId, call: Option<CallId>, queue: QueueId) -> Fact {
    Fact::Queued { contact, call, queue, priority: 0, needs: Needs::default(), since: None }
}

fn offered(
    contact: ContactId,
    call: Option<CallId>,
    queue: QueueId,
    agent: AgentId,
    seat: SeatId,
    device: DeviceId,
    leg: Option<LegId>,
) -> Fact {
    let why = Why { rule: String::new(), zh: String::new(), en: String::new() };
    let until = Timestamp::ZERO;
    Fact::Offered { contact, call, queue, agent, seat, device, leg, until, why }
}
