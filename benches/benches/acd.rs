//! What one decision of the router costs in a very large centre.
//!
//! `cargo bench -p cti-benches --bench acd`: 10,000 agents who each serve 10 of 1,000 queues, 100,000 callers waiting.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    agent::AgentState,
    cause::Cause,
    event::{DequeueReason, Event, Fact, OfferEnd, Party},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, SeatId},
    router::{Proposal, Router as _},
    time::Timestamp,
};

const AGENTS: usize = 10_000;
const QUEUES_EACH: usize = 10;
const QUEUES: usize = 1_000;
const WAITING: usize = 100_000;

struct Centre {
    acd: Acd,
    agents: Vec<AgentId>,
    device: DeviceId,
    seat: SeatId,
    queues: Vec<QueueId>,
    events: u64,
    contacts: u64,
}

impl Centre {
    fn new() -> Self {
        let name = |number: usize| format!("{number}");
        let mut centre = Self {
            acd: Acd::new(AcdConfig::default()).expect("nothing contradicts itself"),
            agents: (0..AGENTS).map(|n| AgentId::new(&name(n)).expect("digits")).collect(),
            device: DeviceId::new("any").expect("letters"),
            seat: SeatId::new("any").expect("letters"),
            queues: (0..QUEUES).map(|n| QueueId::new(&name(n)).expect("digits")).collect(),
            events: 0,
            contacts: 0,
        };
        for (number, agent) in centre.agents.clone().into_iter().enumerate() {
            let device = DeviceId::new(agent.as_str()).expect("an agent's name");
            centre.fact(Fact::DeviceInService { device: device.clone() });
            let queues = (0..QUEUES_EACH)
                .map(|step| centre.queues[(number * 7 + step * 101) % QUEUES].clone())
                .collect();
            let seat = centre.seat.clone();
            centre.fact(Fact::AgentSignedIn { agent, seat, device, queues });
        }
        centre
    }

    fn fact(&mut self, fact: Fact) {
        self.events += 1;
        let at = Timestamp::from_micros(self.events * 1_000);
        self.acd.apply(&Event { no: EventNo(self.events), at, fact });
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.events * 1_000)
    }

    fn state(&mut self, agent: &AgentId, to: AgentState) {
        self.fact(Fact::AgentStateChanged { agent: agent.clone(), to, until: None });
    }

    fn arrive(&mut self) {
        self.contacts += 1;
        let number = usize::try_from(self.contacts).expect("a small count");
        let queue = self.queues[number * 31 % QUEUES].clone();
        let (contact, call) = (ContactId(self.contacts), CallId(self.contacts));
        self.fact(Fact::Queued {
            contact,
            call: Some(call),
            queue,
            priority: 0,
            needs: Default::default(),
            since: None,
        });
    }

    /// Asks for a proposal and carries it out to the end of the talk; returns who talked.
    fn serve(&mut self) -> AgentId {
        let Some(Proposal::Offer { contact, agent, why }) = self.acd.propose(self.now()) else {
            panic!("somebody waits and somebody is ready");
        };
        let (call, leg) = (CallId(contact.0), LegId(contact.0 * 2));
        let number = usize::try_from(contact.0).expect("a small count");
        let queue = self.queues[number * 31 % QUEUES].clone();
        let (seat, device) = (self.seat.clone(), self.device.clone());
        let until = self.now() + Duration::from_secs(15);
        let offered = agent.clone();
        self.fact(Fact::Offered {
            contact,
            call,
            queue: queue.clone(),
            agent: offered,
            seat: seat.clone(),
            device: device.clone(),
            leg,
            until,
            why,
        });
        self.state(&agent, AgentState::Reserved { call });
        let ended = OfferEnd::Answered;
        self.fact(Fact::OfferEnded { contact, call, agent: agent.clone(), leg, end: ended });
        let reason = DequeueReason::Answered;
        self.fact(Fact::Dequeued { contact, call, queue: queue.clone(), reason });
        self.state(&agent, AgentState::OnCall { call });
        let party = Party { agent: Some(agent.clone()), seat: Some(seat), device };
        let after_call_work = Duration::ZERO;
        let queue = Some(queue);
        self.fact(Fact::Connected { call, contact, leg, party, queue, after_call_work });
        self.fact(Fact::CallEnded { call, contact, cause: Cause::Normal });
        agent
    }
}

fn overload(c: &mut Criterion) {
    let mut centre = Centre::new();
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::AfterCallWork);
    }
    (0..WAITING).for_each(|_| centre.arrive());
    let mut next = 0;
    let mut group = c.benchmark_group("router, 10,000 agents in 10 of 1,000 queues");
    group.throughput(Throughput::Elements(1));
    group.bench_function("100,000 wait: an agent gets ready, is offered one, one arrives", |b| {
        b.iter(|| {
            let agent = centre.agents[next % AGENTS].clone();
            next += 1;
            centre.state(&agent, AgentState::Ready);
            black_box(centre.serve());
            centre.arrive();
        });
    });
    let (last, now) = (ContactId(centre.contacts), centre.now());
    group.bench_function("100,000 wait: one arrives and hangs up", |b| {
        b.iter(|| {
            centre.arrive();
            let (contact, call) = (ContactId(centre.contacts), CallId(centre.contacts));
            centre.fact(Fact::CallEnded { call, contact, cause: Cause::Cancelled });
        });
    });
    group.bench_function("100,000 wait: the place of one", |b| {
        b.iter(|| black_box(centre.acd.position(black_box(last))));
    });
    group.bench_function("100,000 wait: where one stands, in words", |b| {
        b.iter(|| black_box(centre.acd.explain(black_box(last), now)));
    });
    group.finish();
}

fn underload(c: &mut Criterion) {
    let mut centre = Centre::new();
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::Ready);
    }
    let mut group = c.benchmark_group("router, 10,000 agents in 10 of 1,000 queues");
    group.throughput(Throughput::Elements(1));
    group.bench_function("all ready: one arrives, is offered, the agent gets ready again", |b| {
        b.iter(|| {
            centre.arrive();
            let agent = centre.serve();
            centre.state(&agent, AgentState::Ready);
        });
    });
    group.finish();
}

criterion_group!(benches, overload, underload);
criterion_main!(benches);
