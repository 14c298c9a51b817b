//! What one decision of the router costs in a very large centre, and beside it what polling designs cost.
//!
//! `cargo bench -p cti-benches --bench acd`: 10,000 agents who each serve 10 of 1,000 queues, 1,000,000 callers waiting
//! (`CTI_ACD_WAITING`). Before criterion's figures it prints rates, percentiles and memory, which criterion does not
//! measure.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]
#![expect(clippy::print_stdout, reason = "figures go to the terminal")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group};
use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules, ScriptSource},
};
use cti_core::{
    agent::{AfterCall, AgentState},
    cause::Cause,
    event::{DequeueReason, Event, Fact, OfferEnd, Party},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, SeatId},
    router::{Proposal, Router as _},
    time::Timestamp,
};

#[path = "acd/peers.rs"]
mod peers;

const AGENTS: usize = 10_000;
const QUEUES_EACH: usize = 10;
const QUEUES: usize = 1_000;

fn waiting() -> usize {
    std::env::var("CTI_ACD_WAITING").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

const SCRIPT: &str = "\
    fn contact_key(c) { c.since_ms - c.priority * 60000 } \
    fn agent_key(a) { a.idle_since_ms - a.skill * 1000 + a.calls * 500 }";

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
    fn new(agents: usize, queues: usize, script: Option<&str>) -> Self {
        let name = |number: usize| format!("{number}");
        let queues: Vec<QueueId> =
            (0..queues).map(|n| QueueId::new(&name(n)).expect("digits")).collect();
        let rules = |queue: &QueueId| QueueRules {
            strategy: if script.is_some() { "ours" } else { "longest_idle" }.to_owned(),
            ..QueueRules::new(queue.clone())
        };
        let source =
            |source: &str| ScriptSource { name: "ours".to_owned(), source: source.to_owned() };
        let config = AcdConfig {
            queues: queues.iter().map(rules).collect(),
            scripts: script.map(source).into_iter().collect(),
            ..AcdConfig::default()
        };
        let mut centre = Self {
            acd: Acd::new(config).expect("nothing contradicts itself"),
            agents: (0..agents).map(|n| AgentId::new(&name(n)).expect("digits")).collect(),
            device: DeviceId::new("any").expect("letters"),
            seat: SeatId::new("any").expect("letters"),
            queues,
            events: 0,
            contacts: 0,
        };
        for (number, agent) in centre.agents.clone().into_iter().enumerate() {
            let device = DeviceId::new(agent.as_str()).expect("an agent's name");
            centre.fact(Fact::DeviceInService { device: device.clone() });
            let count = centre.queues.len();
            let queues = (0..QUEUES_EACH)
                .map(|step| centre.queues[(number * 7 + step * 101) % count].clone())
                .collect();
            let seat = centre.seat.clone();
            centre.fact(Fact::AgentSignedIn {
                agent,
                seat,
                device,
                queues,
                capacity: Default::default(),
            });
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

    fn queue_of(&self, contact: u64) -> QueueId {
        let number = usize::try_from(contact).expect("a small count");
        self.queues[number * 31 % self.queues.len()].clone()
    }

    fn arrive(&mut self) {
        self.contacts += 1;
        let (contact, call) = (ContactId(self.contacts), Some(CallId(self.contacts)));
        let queue = self.queue_of(self.contacts);
        let (priority, needs, since) = (0, Default::default(), None);
        self.fact(Fact::Queued { contact, call, queue, priority, needs, since });
    }

    fn propose(&mut self) -> Proposal {
        self.acd.propose(self.now()).expect("somebody waits and somebody is ready")
    }

    /// Carries a proposal out to the end of the talk; returns who talked.
    fn serve(&mut self, proposal: Proposal) -> AgentId {
        let Proposal::Offer { contact, agent, why } = proposal else {
            panic!("somebody waits and somebody is ready");
        };
        let (call, leg) = (CallId(contact.0), LegId(contact.0 * 2));
        let queue = self.queue_of(contact.0);
        let (seat, device) = (self.seat.clone(), self.device.clone());
        let until = self.now() + Duration::from_secs(15);
        self.fact(Fact::Offered {
            contact,
            call: Some(call),
            queue: queue.clone(),
            agent: agent.clone(),
            seat: seat.clone(),
            device: device.clone(),
            leg: Some(leg),
            until,
            why,
        });
        self.state(&agent, AgentState::Reserved { call });
        let (call_id, leg_id, end) = (Some(call), Some(leg), OfferEnd::Answered);
        let to = agent.clone();
        self.fact(Fact::OfferEnded { contact, call: call_id, agent: to, leg: leg_id, end });
        let reason = DequeueReason::Answered;
        self.fact(Fact::Dequeued { contact, call: call_id, queue: queue.clone(), reason });
        self.state(&agent, AgentState::OnCall { call, then: AfterCall::Work });
        let party = Party {
            agent: Some(agent.clone()),
            seat: Some(seat),
            device: Some(device),
            number: None,
        };
        self.fact(Fact::Connected {
            call,
            contact,
            leg,
            party,
            queue: Some(queue),
            after_call_work: Duration::ZERO,
            role: Default::default(),
        });
        self.fact(Fact::CallEnded { call, contact, cause: Cause::Normal });
        agent
    }
}

/// A centre in which nobody is ready and very many wait.
fn overloaded(script: Option<&str>) -> Centre {
    let mut centre = Centre::new(AGENTS, QUEUES, script);
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::AfterCallWork);
    }
    (0..waiting()).for_each(|_| centre.arrive());
    centre
}

/// How much memory the process has in use, in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = status.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / f64::from(1 << 20)
}

/// Prints rates, percentiles and memory.
fn figures(name: &str, script: Option<&str>) {
    let before = resident();
    let mut centre = overloaded(script);
    println!("{name}: {} wait, {:.1} MiB for all of it", waiting(), resident() - before);
    let count = if script.is_some() { 50_000 } else { 200_000 };
    let mut decisions = Vec::with_capacity(count);
    let began = Instant::now();
    for turn in 0..count {
        let agent = centre.agents[turn % AGENTS].clone();
        let asked = Instant::now();
        centre.state(&agent, AgentState::Ready);
        let proposal = centre.propose();
        decisions.push(asked.elapsed());
        centre.serve(proposal);
        centre.arrive();
    }
    let cycles = f64::from(u32::try_from(count).expect("small")) / began.elapsed().as_secs_f64();
    let deciding: Duration = decisions.iter().sum();
    let matches = f64::from(u32::try_from(count).expect("small")) / deciding.as_secs_f64();
    decisions.sort();
    let at = |thousandth: usize| decisions[count * thousandth / 1000];
    println!(
        "{name}, overload: {matches:.0} matches/s (ready to offer), {cycles:.0} whole calls/s; \
         decision p50 {:?}, p99 {:?}, p99.9 {:?}",
        at(500),
        at(990),
        at(999)
    );
    drop(centre);
    let mut centre = Centre::new(AGENTS, QUEUES, script);
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::Ready);
    }
    let mut decisions = Vec::with_capacity(count);
    let mut deciding = Duration::ZERO;
    for _ in 0..count {
        let asked = Instant::now();
        centre.arrive();
        let proposal = centre.propose();
        let decided = asked.elapsed();
        let agent = centre.serve(proposal);
        let ready = Instant::now();
        centre.state(&agent, AgentState::Ready);
        deciding += decided + ready.elapsed();
        decisions.push(decided);
    }
    decisions.sort();
    let matches = f64::from(u32::try_from(count).expect("small")) / deciding.as_secs_f64();
    println!(
        "{name}, all ready: {matches:.0} matches/s (arrival to offer, and the agent back); \
         decision p50 {:?}, p99 {:?}, p99.9 {:?}",
        decisions[count / 2],
        decisions[count * 99 / 100],
        decisions[count * 999 / 1000]
    );
}

fn overload(c: &mut Criterion) {
    let mut centre = overloaded(None);
    let mut next = 0;
    let mut group = c.benchmark_group("router, 10,000 agents in 10 of 1,000 queues");
    group.throughput(Throughput::Elements(1));
    group.bench_function("very many wait: an agent gets ready, is offered one, one arrives", |b| {
        b.iter(|| {
            let agent = centre.agents[next % AGENTS].clone();
            next += 1;
            centre.state(&agent, AgentState::Ready);
            let proposal = centre.propose();
            black_box(centre.serve(proposal));
            centre.arrive();
        });
    });
    let (last, now) = (ContactId(centre.contacts), centre.now());
    group.bench_function("very many wait: one arrives and hangs up", |b| {
        b.iter(|| {
            centre.arrive();
            let (contact, call) = (ContactId(centre.contacts), CallId(centre.contacts));
            centre.fact(Fact::CallEnded { call, contact, cause: Cause::Cancelled });
        });
    });
    group.bench_function("very many wait: the place of one", |b| {
        b.iter(|| black_box(centre.acd.position(black_box(last))));
    });
    group.bench_function("very many wait: where one stands, in words", |b| {
        b.iter(|| black_box(centre.acd.explain(black_box(last), now)));
    });
    group.finish();
}

fn underload(c: &mut Criterion) {
    let mut centre = Centre::new(AGENTS, QUEUES, None);
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::Ready);
    }
    let mut group = c.benchmark_group("router, 10,000 agents in 10 of 1,000 queues");
    group.throughput(Throughput::Elements(1));
    group.bench_function("all ready: one arrives, is offered, the agent gets ready again", |b| {
        b.iter(|| {
            centre.arrive();
            let proposal = centre.propose();
            let agent = centre.serve(proposal);
            centre.state(&agent, AgentState::Ready);
        });
    });
    group.finish();
}

criterion_group!(benches, overload, underload);

fn main() {
    // Tests of all targets run benches once to see that they work; figures are not wanted then.
    if std::env::args().any(|argument| argument == "--bench") {
        figures("native", None);
        figures("scripted", Some(SCRIPT));
        peers::compare();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
