//! What it costs to tell 5,000 monitors of what happens on a floor of 1,000 agents.
//!
//! `cargo bench -p cti-benches --bench monitor`: each iteration publishes 10,000 events of calls from queue to
//! after-call work and lets every reader read all he is given. It ends with an error when a reader is told that he lost
//! events, or when an event concerns fewer than four or more than six monitors on average.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_core::{
    address::PhoneNumber,
    agent::{AfterCall, AgentState},
    cause::Cause,
    event::{CallKind, DequeueReason, Event, Fact, OfferEnd, Party},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, SeatId},
    monitor::{Delivery, Limits, MonitorId, Monitors, Request, Subject, View},
    needs::Needs,
    role::Role,
    router::Why,
    switch::Origin,
    time::Timestamp,
};

const AGENTS: u64 = 1_000;
const QUEUES: u64 = 220;
const MONITORS: usize = 5_000;
const EVENTS: u64 = 10_000;
const EVENTS_OF_A_CALL: u64 = 13;

struct Floor {
    monitors: Monitors,
    agents: Vec<AgentId>,
    devices: Vec<DeviceId>,
    queues: Vec<QueueId>,
    seat: SeatId,
    why: Why,
    calls: u64,
    told: u64,
}

/// Everything exists and nothing is going on.
struct Beginning;

impl View for Beginning {
    type Snapshot = ();

    fn last_event(&self) -> EventNo {
        EventNo(0)
    }

    fn snapshot(&self, _subject: &Subject) -> Option<()> {
        Some(())
    }
}

impl Floor {
    fn new() -> Self {
        let mut floor = Self {
            monitors: Monitors::new(Limits::default(), EventNo(0)),
            agents: (0..AGENTS).map(|n| AgentId::new(&n.to_string()).expect("digits")).collect(),
            devices: (0..AGENTS).map(|n| DeviceId::new(&n.to_string()).expect("digits")).collect(),
            queues: (0..QUEUES).map(|n| QueueId::new(&n.to_string()).expect("digits")).collect(),
            seat: SeatId::new("any").expect("letters"),
            why: Why { rule: "longest_idle".to_owned(), zh: String::new(), en: String::new() },
            calls: 0,
            told: 0,
        };
        // An agent's own page, his telephone, and a program that follows his calls to their end; supervisors.
        let agents = floor.agents.iter().cloned().map(Subject::Agent);
        let devices = floor.devices.iter().cloned().map(Subject::Device);
        let via = floor.devices.iter().cloned().map(Subject::CallsVia);
        let queues = floor.queues.iter().cloned().cycle().map(Subject::Queue);
        let subjects: Vec<_> =
            agents.chain(devices).chain(via).chain(queues).take(MONITORS).collect();
        for subject in subjects {
            floor.monitors.start(Request::new(subject), &Beginning).expect("there is room");
        }
        floor.read_all();
        floor
    }

    fn publish(&mut self, fact: Fact) {
        let no = self.monitors.last_event().next();
        let event = Event { no, at: Timestamp::from_micros(no.0 * 100), fact };
        self.monitors.publish(event).expect("numbers follow one another");
    }

    fn read_all(&mut self) {
        while let Some(monitor) = self.monitors.poll_ready() {
            self.read(monitor);
        }
    }

    fn read(&mut self, monitor: MonitorId) {
        while let Some(delivery) = self.monitors.poll(monitor).expect("nobody stops") {
            match delivery {
                Delivery::Event(event) => {
                    black_box(event);
                    self.told += 1;
                }
                Delivery::Lost { from, to } => panic!("{monitor} lost {from} to {to}"),
                Delivery::Stopped(reason) => panic!("{monitor} stopped: {reason:?}"),
            }
        }
    }

    /// One call from its beginning to the end of after-call work.
    fn call(&mut self) {
        self.calls += 1;
        let n = usize::try_from(self.calls * 7_919 % AGENTS).expect("a small number");
        let (agent, device) = (self.agents[n].clone(), self.devices[n].clone());
        let queue = self.queues[n % self.queues.len()].clone();
        let (call, contact) = (CallId(self.calls), ContactId(self.calls));
        let leg = LegId(self.calls * 2);
        let party = Party { agent: Some(agent.clone()), ..Party::at(device.clone()) };
        let becomes = |to| Fact::AgentStateChanged { agent: agent.clone(), to, until: None };
        let facts: [Fact; EVENTS_OF_A_CALL as usize] = [
            Fact::CallStarted {
                call,
                contact,
                kind: CallKind::Service,
                leg: LegId(self.calls * 2 + 1),
                origin: Origin::Trunk("any".parse().expect("letters")),
                caller: PhoneNumber::withheld(),
                called: PhoneNumber::withheld(),
                network_id: String::new(),
                by: None,
                consults: None,
            },
            Fact::CallAnswered { call },
            Fact::Queued {
                contact,
                call: Some(call),
                queue: queue.clone(),
                priority: 0,
                needs: Needs::default(),
                since: None,
            },
            Fact::Offered {
                contact,
                call: Some(call),
                queue: queue.clone(),
                agent: agent.clone(),
                seat: self.seat.clone(),
                device: device.clone(),
                leg: Some(leg),
                until: Timestamp::ZERO,
                why: self.why.clone(),
            },
            becomes(AgentState::Reserved { call }),
            Fact::OfferEnded {
                contact,
                call: Some(call),
                agent: agent.clone(),
                leg: Some(leg),
                end: OfferEnd::Answered,
            },
            Fact::Dequeued {
                contact,
                call: Some(call),
                queue: queue.clone(),
                reason: DequeueReason::Answered,
            },
            Fact::Connected {
                call,
                contact,
                leg,
                party: party.clone(),
                role: Role::Full,
                queue: Some(queue),
                after_call_work: Duration::from_secs(20),
            },
            becomes(AgentState::OnCall { call, then: AfterCall::Work }),
            Fact::TalkEnded { call, leg, party, cause: Cause::Normal },
            becomes(AgentState::AfterCallWork),
            Fact::CallEnded { call, contact, cause: Cause::Normal },
            becomes(AgentState::Ready),
        ];
        facts.into_iter().for_each(|fact| self.publish(fact));
        self.read_all();
    }
}

fn monitors(c: &mut Criterion) {
    let mut group = c.benchmark_group("monitor");
    let calls = EVENTS / EVENTS_OF_A_CALL;
    group.throughput(Throughput::Elements(calls * EVENTS_OF_A_CALL));
    let mut floor = Floor::new();
    assert_eq!(floor.monitors.len(), MONITORS);
    group.bench_function("10,000 events for 5,000 monitors", |b| {
        b.iter(|| (0..calls).for_each(|_| floor.call()));
    });
    group.finish();
    let events = u32::try_from(floor.monitors.last_event().0).expect("a run is not so long");
    let each = f64::from(u32::try_from(floor.told).expect("nor told so often")) / f64::from(events);
    assert!((4.0..6.0).contains(&each), "each event concerns {each:.2} monitors on average");
}

criterion_group!(benches, monitors);
criterion_main!(benches);
