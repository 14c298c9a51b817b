//! Writes logs of a small centre for tests: who calls, who answers, who hangs up. [feature "testkit"]

#![expect(clippy::wildcard_enum_match_arm, reason = "looks for one fact among all")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cti_core::{
    address::PhoneNumber,
    agent::{AfterCall, AgentState, NotReadyReason},
    cause::Cause,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::{CallKind, DequeueReason, Event, Fact, OfferEnd, Party, RecordingKind},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, RecordingId},
    needs::Needs,
    quality::VoiceQuality,
    role::Role,
    router::Why,
    switch::{Origin, RecordingEnd},
    time::Timestamp,
};

/// Returns sixteen agents 8001 to 8016, seats A01 to A16 with devices 8001 to 8016, and one queue.
#[must_use]
pub fn center_config() -> CenterConfig {
    let general: QueueId = id("general");
    let numbers = 1..=16;
    CenterConfig {
        agents: numbers
            .clone()
            .map(|n| AgentConfig {
                id: id(&format!("{}", 8000 + n)),
                name: format!("话务员{n}"),
                announced_number: format!("{}", 8000 + n),
                queues: vec![general.clone()],
                capacity: BTreeMap::new(),
            })
            .collect(),
        seats: numbers
            .map(|n| SeatConfig {
                id: id(&format!("A{n:02}")),
                device: id(&format!("{}", 8000 + n)),
                pickup_group: None,
            })
            .collect(),
        queues: vec![QueueConfig {
            id: general,
            name: "综合受理".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(30),
        }],
        numbers: vec![NumberConfig {
            number: number("12345"),
            name: "市民热线".to_owned(),
            to: Destination::Flow(id("hotline-12345")),
        }],
        ..CenterConfig::default()
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("tests name things well")
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).expect("tests dial well")
}

/// A log that grows by sentences.
#[derive(Clone, Debug)]
pub struct Log {
    events: Vec<Event>,
    now: Timestamp,
    calls: u64,
    recordings: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    /// Returns an empty log that begins on 2026-11-22 at 01:00 UTC.
    #[must_use]
    pub fn new() -> Self {
        Self {
            events: Vec::new(),
            now: Timestamp::from_secs(1_795_309_200),
            calls: 0,
            recordings: 0,
        }
    }

    /// Returns all events.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the events as they are delivered.
    #[must_use]
    pub fn shared(&self) -> Vec<Arc<Event>> {
        self.events.iter().cloned().map(Arc::new).collect()
    }

    /// Returns the time of the last sentence.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass.
    pub fn seconds(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    /// Appends one fact.
    pub fn fact(&mut self, fact: Fact) -> &mut Self {
        let no = EventNo(self.events.len() as u64 + 1);
        self.events.push(Event { no, at: self.now, fact });
        self
    }

    /// A device registers.
    pub fn registers(&mut self, device: &str) -> &mut Self {
        self.fact(Fact::DeviceInService { device: id(device) })
    }

    /// An agent signs in at a seat.
    pub fn sign_in(&mut self, agent: &str, seat: &str) -> &mut Self {
        self.fact(Fact::AgentSignedIn {
            agent: id(agent),
            seat: id(seat),
            device: device_of(seat),
            queues: vec![id("general")],
            capacity: BTreeMap::new(),
        });
        self.state(agent, AgentState::NotReady { reason: NotReadyReason::SignedIn })
    }

    /// An agent signs out.
    pub fn sign_out(&mut self, agent: &str, seat: &str) -> &mut Self {
        self.state(agent, AgentState::SignedOut);
        self.fact(Fact::AgentSignedOut { agent: id(agent), seat: id(seat) })
    }

    /// An agent becomes ready.
    pub fn ready(&mut self, agent: &str) -> &mut Self {
        self.state(agent, AgentState::Ready)
    }

    /// An agent takes a pause.
    pub fn pause(&mut self, agent: &str, reason: &str) -> &mut Self {
        self.state(agent, AgentState::NotReady { reason: NotReadyReason::Code(reason.to_owned()) })
    }

    fn state(&mut self, agent: &str, to: AgentState) -> &mut Self {
        self.fact(Fact::AgentStateChanged { agent: id(agent), to, until: None })
    }

    /// A citizen dials 12345 and is answered by the flow.
    pub fn dials(&mut self, caller: &str) -> CallId {
        self.calls += 1;
        let call = CallId(self.calls);
        self.fact(Fact::CallStarted {
            call,
            contact: contact_of(call),
            kind: CallKind::Service,
            leg: LegId(call.0 * 2 + 1),
            origin: Origin::Trunk(id("city")),
            caller: number(caller),
            called: number("12345"),
            network_id: format!("net-{}", call.0),
            by: None,
            consults: None,
        });
        self.fact(Fact::CallAnswered { call });
        call
    }

    /// A call begins to wait.
    pub fn queued(&mut self, call: CallId, queue: &str) -> &mut Self {
        self.fact(Fact::Queued {
            contact: contact_of(call),
            call: Some(call),
            queue: id(queue),
            priority: 0,
            needs: Needs::default(),
            since: None,
        })
    }

    /// A call no longer waits.
    pub fn dequeued(&mut self, call: CallId, queue: &str, reason: DequeueReason) -> &mut Self {
        let (contact, call) = (contact_of(call), Some(call));
        self.fact(Fact::Dequeued { contact, call, queue: id(queue), reason })
    }

    /// A waiting call rings at an agent's seat.
    pub fn offered(&mut self, call: CallId, agent: &str, seat: &str) -> &mut Self {
        self.fact(Fact::Offered {
            contact: contact_of(call),
            call: Some(call),
            queue: id("general"),
            agent: id(agent),
            seat: id(seat),
            device: device_of(seat),
            leg: Some(self.leg()),
            until: self.now + Duration::from_secs(15),
            why: Why {
                rule: "longest_idle".to_owned(),
                zh: "空闲最久".to_owned(),
                en: "idle longest".to_owned(),
            },
        });
        self.state(agent, AgentState::Reserved { call })
    }

    /// The ringing ends without an answer.
    pub fn offer_ends(&mut self, call: CallId, agent: &str, end: OfferEnd) -> &mut Self {
        let (contact, leg) = (contact_of(call), Some(self.last_offer(call)));
        self.fact(Fact::OfferEnded { contact, call: Some(call), agent: id(agent), leg, end });
        self.state(agent, AgentState::NotReady { reason: NotReadyReason::NoAnswer })
    }

    /// The agent answers, the talk begins and is recorded.
    pub fn answered(&mut self, call: CallId, agent: &str, seat: &str) -> &mut Self {
        let (leg, contact) = (self.last_offer(call), contact_of(call));
        let end = OfferEnd::Answered;
        self.fact(Fact::OfferEnded {
            contact,
            call: Some(call),
            agent: id(agent),
            leg: Some(leg),
            end,
        });
        self.dequeued(call, "general", DequeueReason::Answered);
        self.fact(Fact::Connected {
            call,
            contact,
            leg,
            party: party(agent, seat),
            role: Role::Full,
            queue: Some(id("general")),
            after_call_work: Duration::from_secs(30),
        });
        self.state(agent, AgentState::OnCall { call, then: AfterCall::Work });
        self.recordings += 1;
        let recording = RecordingId(self.recordings);
        self.fact(Fact::RecordingStarted { recording, call, kind: RecordingKind::Talk })
    }

    /// The talk and the call end; the recording is saved.
    pub fn hangs_up(&mut self, call: CallId, agent: &str, seat: &str) -> &mut Self {
        let leg = self.last_offer(call);
        let cause = Cause::Normal;
        self.fact(Fact::TalkEnded { call, leg, party: party(agent, seat), cause });
        self.state(agent, AgentState::AfterCallWork);
        self.ends(call, cause);
        self.saved(call, Duration::from_secs(5))
    }

    /// The leg of an agent in a call that is over was measured: one packet of a hundred is missing.
    pub fn heard(&mut self, call: CallId, agent: &str, seat: &str) -> &mut Self {
        let leg = self.last_offer(call);
        let Party { agent, device, .. } = party(agent, seat);
        let quality = VoiceQuality {
            received: 990,
            lost: 10,
            sent: 1000,
            lost_by_peer: 0,
            jitter_us: 2500,
            max_jitter_us: 12_000,
            round_trip_us: Some(30_000),
        };
        self.fact(Fact::VoiceMeasured { call, leg, agent, device, quality })
    }

    /// The call ends.
    pub fn ends(&mut self, call: CallId, cause: Cause) -> &mut Self {
        self.fact(Fact::CallEnded { call, contact: contact_of(call), cause })
    }

    /// The caller leaves a message of five seconds.
    pub fn leaves_message(&mut self, call: CallId) -> &mut Self {
        self.recordings += 1;
        let recording = RecordingId(self.recordings);
        self.fact(Fact::RecordingStarted { recording, call, kind: RecordingKind::Message });
        self.seconds(5).saved(call, Duration::from_secs(5))
    }

    /// The caller is asked for a message and says nothing.
    pub fn says_nothing(&mut self, call: CallId) -> &mut Self {
        self.recordings += 1;
        let recording = RecordingId(self.recordings);
        self.fact(Fact::RecordingStarted { recording, call, kind: RecordingKind::Message });
        self.seconds(5).saved(call, Duration::ZERO)
    }

    /// The last recording of the call is written.
    fn saved(&mut self, call: CallId, length: Duration) -> &mut Self {
        let Some(recording) = self.events.iter().rev().find_map(|event| match &event.fact {
            Fact::RecordingStarted { recording, call: of, .. } if *of == call => Some(*recording),
            _ => None,
        }) else {
            return self;
        };
        let end = RecordingEnd::Saved {
            file: format!("{recording}.wav"),
            length,
            bytes: 80_044,
            sha256: "00".repeat(32),
        };
        self.fact(Fact::RecordingEnded { recording, call, end })
    }

    fn leg(&self) -> LegId {
        LegId((self.events.len() as u64 + 1) * 2)
    }

    fn last_offer(&self, call: CallId) -> LegId {
        self.events
            .iter()
            .rev()
            .find_map(|event| match &event.fact {
                Fact::Offered { leg, call: of, .. } if *of == Some(call) => *leg,
                _ => None,
            })
            .unwrap_or_default()
    }
}

fn party(agent: &str, seat: &str) -> Party {
    Party {
        agent: Some(id::<AgentId>(agent)),
        seat: Some(id(seat)),
        device: Some(device_of(seat)),
        number: None,
    }
}

/// Seat A03 has the device 8003.
fn device_of(seat: &str) -> DeviceId {
    id(&format!("80{}", &seat[1..]))
}

fn contact_of(call: CallId) -> ContactId {
    ContactId(call.0)
}
