//! What one input costs the Center: a mixed load of calls, with the plainest parts and with the real ones.
//!
//! ```text
//! cargo bench -p cti-benches --bench center
//! ```
//!
//! The load is played once against a virtual switch to learn its inputs: twenty calls for each agent, which are greeted,
//! wait, press keys, are answered or left to ring, put on hold, hung up or abandoned. What is measured is feeding those
//! inputs to a fresh Center and draining every event and output; `elem/s` are inputs per second.

use std::{collections::BTreeMap, hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    cause::Cause,
    center::{Center, Effect, Input},
    command::{Command, Request},
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::Event,
    flow::{FlowEffect, FlowEngine},
    id::{AgentId, DeviceId, FlowId, LegId, QueueId, RequestId, SeatId, TrunkId},
    router::Router,
    switch::{Clip, Origin, SwitchCommand, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter, VirtualSwitch},
    time::Timestamp,
    trace::Step,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

const CALLS_PER_AGENT: u32 = 20;
const START: Timestamp = Timestamp::from_secs(1_000_000);

const DAY: &str = r#"{
    "schema": "cti.flow/1", "id": "day", "kind": "inbound", "name": "day", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "out": {"next": "greet"}},
        "greet": {"type": "play", "prompt": ["greeting"], "out": {"next": "wait"}},
        "wait": {"type": "enqueue", "queue": "general", "out": {
            "overflow": "bye", "no_staff": "bye", "full": "bye", "left": "bye", "failed": "bye"
        }},
        "bye": {"type": "hangup"}
    }
}"#;

const WAITING: &str = r#"{
    "schema": "cti.flow/1", "id": "waiting", "kind": "queue", "name": "waiting", "entry": "where",
    "nodes": {
        "where": {"type": "position", "before": ["before-you"], "after": ["callers"], "out": {"next": "music"}},
        "music": {"type": "music", "prompt": ["music"], "for_ms": 20000, "out": {"done": "where", "*": "leave"}},
        "leave": {"type": "leave_queue"}
    }
}"#;

fn name<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("the bench names things rightly")
}

fn config(agents: u32) -> CenterConfig {
    let number = |n: u32| (8001 + n).to_string();
    CenterConfig {
        agents: (0..agents)
            .map(|n| AgentConfig {
                id: name::<AgentId>(&number(n)),
                name: number(n),
                announced_number: number(n),
                queues: vec![name("general")],
                capacity: Default::default(),
            })
            .collect(),
        seats: (0..agents)
            .map(|n| SeatConfig {
                id: name::<SeatId>(&format!("S{n}")),
                device: name(&number(n)),
                pickup_group: None,
            })
            .collect(),
        queues: vec![QueueConfig {
            id: name::<QueueId>("general"),
            name: "general".to_owned(),
            waiting_flow: Some(name("waiting")),
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(10),
        }],
        numbers: vec![NumberConfig {
            number: name_of("12345"),
            name: "hotline".to_owned(),
            to: Destination::Flow(name::<FlowId>("day")),
        }],
        ..CenterConfig::default()
    }
}

fn name_of(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number).expect("the bench dials numbers")
}

/// The parts that the Center is made of.
#[derive(Clone, Copy)]
enum Parts {
    /// The test kit's router, which scans everything, and its flows, which are lists.
    Plain,
    /// `cti-acd` and `cti-ivr`.
    Real,
}

fn center(parts: Parts, agents: u32) -> Center {
    let (router, flows): (Box<dyn Router>, Box<dyn FlowEngine>) = match parts {
        Parts::Plain => {
            let play = |prompt: &str, looped| FlowEffect::Play {
                play: 0,
                clips: vec![Clip::Prompt(prompt.to_owned())],
                looped,
            };
            let enqueue = FlowEffect::Enqueue {
                queue: name("general"),
                priority: 0,
                needs: cti_core::needs::Needs::default(),
            };
            let flows = ScriptedFlows::default()
                .flow("day", vec![FlowEffect::Answer, play("greeting", false), enqueue])
                .flow("waiting", vec![play("music", true)]);
            (Box::new(SimpleRouter::with_max_wait(Duration::from_secs(120))), Box::new(flows))
        }
        Parts::Real => {
            let rules = QueueRules {
                max_wait: Some(Duration::from_secs(120)),
                ..QueueRules::new(name("general"))
            };
            let router = Acd::new(AcdConfig { queues: vec![rules], ..AcdConfig::default() })
                .expect("the rules are in range");
            let flows =
                FlowSet::parse([("day", DAY), ("waiting", WAITING)]).expect("the flows are right");
            let engine = Engine::new(flows, Calendars::default()).expect("no schedule is asked");
            (Box::new(router), Box::new(engine))
        }
    };
    let mut center =
        Center::new(config(agents), router, flows).expect("the configuration is right");
    center.start(START, "bench");
    drain(&mut center);
    center
}

fn drain(center: &mut Center) {
    while let Some(event) = center.poll_event() {
        black_box::<Event>(event);
    }
    while let Some(output) = center.poll_output() {
        black_box(output);
    }
}

fn play(center: &mut Center, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Input { at, input } => {
                center.handle(*at, input.clone()).expect("it was accepted when it was learnt");
            }
            Step::Timeout { at } => center.handle_timeout(*at),
        }
        drain(center);
    }
}

/// What people do, by the moment they do it.
enum Deed {
    Call(u64),
    Key(LegId),
    PickUp(LegId),
    Hold(LegId),
    Retrieve(LegId),
    HangUp(LegId),
}

/// Plays the load against a virtual switch and writes every input down.
struct Learner {
    center: Center,
    switch: VirtualSwitch,
    deeds: BTreeMap<(Timestamp, u64), Deed>,
    planned: u64,
    dialled: u64,
    steps: Vec<Step>,
}

impl Learner {
    fn plan(&mut self, at: Timestamp, deed: Deed) {
        self.planned += 1;
        self.deeds.insert((at, self.planned), deed);
    }

    fn input(&mut self, at: Timestamp, input: Input) {
        self.steps.push(Step::Input { at, input: input.clone() });
        self.center.handle(at, input).expect("the virtual switch numbers its legs rightly");
    }

    fn settle(&mut self, now: Timestamp) {
        loop {
            while self.center.poll_event().is_some() {}
            if let Some(output) = self.center.poll_output() {
                if let Effect::Switch(command) = output.effect {
                    if let SwitchCommand::Dial { leg, .. } = &command {
                        self.dialled += 1;
                        // Every twentieth phone is left to ring.
                        if !self.dialled.is_multiple_of(20) {
                            self.plan(now + Duration::from_secs(3), Deed::PickUp(*leg));
                        }
                    }
                    self.switch.execute(now, command);
                }
            } else if let Some(report) = self.switch.poll_report() {
                self.input(now, Input::Report(report));
            } else {
                return;
            }
        }
    }

    fn act(&mut self, now: Timestamp, deed: Deed) {
        match deed {
            Deed::Call(number) => {
                let leg = self.switch.incoming(None);
                self.switch.report(SwitchReport::Incoming {
                    leg,
                    origin: Origin::Trunk(name::<TrunkId>("trunk")),
                    caller: name_of(&format!("138{number:08}")),
                    called: name_of("12345"),
                    network_id: format!("{number}@bench"),
                });
                let stays = Duration::from_secs(25 + number * 37 % 90);
                self.plan(now + stays, Deed::HangUp(leg));
                if number.is_multiple_of(3) {
                    self.plan(now + Duration::from_secs(4), Deed::Key(leg));
                }
                if number.is_multiple_of(10) {
                    self.plan(now + Duration::from_secs(12), Deed::Hold(leg));
                    self.plan(now + Duration::from_secs(18), Deed::Retrieve(leg));
                }
            }
            Deed::Key(leg) => self.switch.report(SwitchReport::Digit { leg, digit: '5' }),
            Deed::PickUp(leg) => self.switch.answer(leg),
            Deed::Hold(leg) => self.switch.report(SwitchReport::Held { leg }),
            Deed::Retrieve(leg) => self.switch.report(SwitchReport::Retrieved { leg }),
            Deed::HangUp(leg) => self.switch.end(now, leg, Cause::Normal),
        }
    }
}

fn learn(parts: Parts, agents: u32) -> Vec<Step> {
    let mut it = Learner {
        center: center(parts, agents),
        switch: VirtualSwitch::default(),
        deeds: BTreeMap::new(),
        planned: 0,
        dialled: 0,
        steps: Vec::new(),
    };
    let mut request = RequestId(0);
    let mut ask = |it: &mut Learner, command: Command| {
        request.0 += 1;
        it.input(START, Input::Request(Request { id: request, command }));
    };
    for n in 0..agents {
        let agent: AgentId = name(&(8001 + n).to_string());
        it.switch.register(&name::<DeviceId>(agent.as_str()), true);
        it.settle(START);
        let seat = name(&format!("S{n}"));
        ask(&mut it, Command::SignIn { agent: agent.clone(), seat, queues: None });
        ask(&mut it, Command::SetReady { agent });
        it.settle(START);
    }
    // One call for each agent in seventy seconds: nearly as much as they can take.
    for number in 0..u64::from(agents * CALLS_PER_AGENT) {
        let after = Duration::from_millis(70_000 * number / u64::from(agents) + 1000);
        it.plan(START + after, Deed::Call(number));
    }
    loop {
        let due = [it.center.poll_timeout(), it.switch.poll_timeout()].into_iter().flatten().min();
        let deed = it.deeds.first_key_value().map(|((at, _), _)| *at);
        match (due, deed) {
            (Some(due), at) if at.is_none_or(|at| due <= at) => {
                it.switch.handle_timeout(due);
                it.steps.push(Step::Timeout { at: due });
                it.center.handle_timeout(due);
                it.settle(due);
            }
            (_, Some(at)) => {
                let deed = it.deeds.pop_first().map(|(_, deed)| deed).expect("it was just seen");
                it.act(at, deed);
                it.settle(at);
            }
            (Some(_) | None, None) => break,
        }
        if it.deeds.is_empty() && it.center.calls().next().is_none() {
            break;
        }
    }
    it.steps
}

fn inputs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("center");
    group.sample_size(20);
    for (label, parts, agents) in [
        ("test kit, 10 agents", Parts::Plain, 10),
        ("acd and ivr, 10 agents", Parts::Real, 10),
        ("acd and ivr, 100 agents", Parts::Real, 100),
    ] {
        let steps = learn(parts, agents);
        group.throughput(Throughput::Elements(steps.len() as u64));
        group.bench_function(label, |bencher| {
            bencher.iter_batched_ref(
                || center(parts, agents),
                |center| play(center, &steps),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, inputs);
criterion_main!(benches);
