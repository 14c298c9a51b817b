//! A year of a centre of sixteen seats in virtual time: flow, queue, agents with habits, callers with patience, the real
//! router and the real flow engine.
//!
//! ```text
//! cargo run --release -p cti-benches --example year            # 365 days, 1,100 contacts a day
//! cargo run --release -p cti-benches --example year -- 30 1
//! ```
//!
//! Prints contacts, inputs, outcomes and the time it took; the second number is the seed.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "it measures, and says what it has measured"
)]

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

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
    event::{DequeueReason, Fact},
    id::{LegId, RequestId},
    switch::{Origin, SwitchCommand, SwitchReport},
    testkit::VirtualSwitch,
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

const SEATS: u64 = 16;
const CONTACTS_A_DAY: u64 = 1_100;
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

enum Deed {
    Call,
    PickUp(LegId),
    HangUp(LegId),
}

struct Year {
    center: Center,
    switch: VirtualSwitch,
    deeds: BTreeMap<(Timestamp, u64), Deed>,
    planned: u64,
    seed: u64,
    inputs: u64,
    events: u64,
    outcomes: BTreeMap<&'static str, u64>,
    /// When the talk of a citizen ends.
    talking: BTreeMap<LegId, Timestamp>,
}

impl Year {
    fn roll(&mut self, sides: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % sides
    }

    fn plan(&mut self, at: Timestamp, deed: Deed) {
        self.planned += 1;
        self.deeds.insert((at, self.planned), deed);
    }

    fn input(&mut self, now: Timestamp, input: Input) {
        self.inputs += 1;
        self.center.handle(now, input).expect("the virtual switch numbers its legs rightly");
    }

    fn settle(&mut self, now: Timestamp) {
        loop {
            while let Some(event) = self.center.poll_event() {
                self.events += 1;
                let outcome = match &event.fact {
                    Fact::Dequeued { reason: DequeueReason::Answered, .. } => "answered",
                    Fact::Dequeued { reason: DequeueReason::Abandoned, .. } => "abandoned",
                    Fact::Dequeued { .. } => "left otherwise",
                    Fact::CallEnded { .. } => "ended",
                    _ => continue,
                };
                *self.outcomes.entry(outcome).or_default() += 1;
            }
            if let Some(output) = self.center.poll_output() {
                let Effect::Switch(command) = output.effect else { continue };
                match &command {
                    SwitchCommand::Dial { leg, .. } => {
                        // One phone in fifty is left to ring.
                        let after = Duration::from_millis(1_500 + self.roll(4_000));
                        let ignored = self.roll(50) == 0;
                        let at = now + if ignored { Duration::from_secs(90) } else { after };
                        self.plan(at, Deed::PickUp(*leg));
                    }
                    SwitchCommand::Bridge { a, .. } => {
                        let end = now + Duration::from_secs(60 + self.roll(300));
                        self.talking.insert(*a, end);
                        self.plan(end, Deed::HangUp(*a));
                    }
                    _ => {}
                }
                self.switch.execute(now, command);
            } else if let Some(report) = self.switch.poll_report() {
                self.input(now, Input::Report(report));
            } else {
                return;
            }
        }
    }

    fn act(&mut self, now: Timestamp, deed: Deed) {
        match deed {
            Deed::Call => {
                let leg = self.switch.incoming(None);
                let caller = PhoneNumber::parse(&format!("138{:08}", self.roll(100_000_000)));
                self.switch.report(SwitchReport::Incoming {
                    leg,
                    origin: Origin::Trunk("city".parse().expect("a name")),
                    caller: caller.expect("a number"),
                    called: PhoneNumber::parse("12345").expect("a number"),
                    network_id: format!("{leg}@year"),
                });
                let patience = Duration::from_secs(30 + self.roll(600));
                self.plan(now + patience, Deed::HangUp(leg));
            }
            Deed::PickUp(leg) => self.switch.answer(leg),
            // Patience ends while one waits; once one talks it is the talk that ends.
            Deed::HangUp(leg) => {
                if self.talking.get(&leg).is_none_or(|end| *end <= now) {
                    self.talking.remove(&leg);
                    self.switch.end(now, leg, Cause::Normal);
                }
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let days: u64 = args.next().map_or(Ok(365), |it| it.parse())?;
    let seed: u64 = args.next().map_or(Ok(1), |it| it.parse())?;
    let mut center = center()?;
    let start = Timestamp::from_secs(1_767_225_600);
    center.start(start, "year");
    let mut year = Year {
        center,
        switch: VirtualSwitch::default(),
        deeds: BTreeMap::new(),
        planned: 0,
        seed: seed ^ 0x9e37_79b9_7f4a_7c15,
        inputs: 0,
        events: 0,
        outcomes: BTreeMap::new(),
        talking: BTreeMap::new(),
    };
    for n in 0..SEATS {
        year.switch.register(&format!("{}", 8001 + n).parse()?, true);
    }
    year.settle(start);
    let began = Instant::now();
    for n in 0..SEATS {
        let (agent, seat) = (format!("{}", 8001 + n).parse()?, format!("S{n}").parse()?);
        for command in [
            Command::SignIn { agent, seat, queues: None },
            Command::SetReady { agent: format!("{}", 8001 + n).parse()? },
        ] {
            year.input(start, Input::Request(Request { id: RequestId(1), command }));
        }
    }
    year.settle(start);
    for day in 0..days {
        let morning = start + Duration::from_secs(day * 86_400 + 8 * 3_600);
        for _ in 0..CONTACTS_A_DAY {
            // Ten hours, busier towards the middle.
            let second = (year.roll(36_000) + year.roll(36_000)) / 2;
            year.plan(morning + Duration::from_secs(second), Deed::Call);
        }
        let night = start + Duration::from_secs((day + 1) * 86_400);
        loop {
            let deed = year.deeds.keys().next().map(|(at, _)| *at);
            let due = [deed, year.center.poll_timeout(), year.switch.poll_timeout()];
            let Some(at) = due.into_iter().flatten().min().filter(|at| *at < night) else { break };
            while year.deeds.first_key_value().is_some_and(|((due, _), _)| *due <= at) {
                if let Some((_, deed)) = year.deeds.pop_first() {
                    year.act(at, deed);
                    year.settle(at);
                }
            }
            year.switch.handle_timeout(at);
            year.settle(at);
            year.inputs += 1;
            year.center.handle_timeout(at);
            year.settle(at);
            // Who let his phone ring gets ready again.
            let away: Vec<_> = year
                .center
                .agents()
                .filter(|(_, it)| matches!(it.state, cti_core::agent::AgentState::NotReady { .. }))
                .map(|(agent, _)| agent.clone())
                .collect();
            for agent in away {
                let command = Command::SetReady { agent };
                year.input(at, Input::Request(Request { id: RequestId(1), command }));
                year.settle(at);
            }
        }
    }
    let took = began.elapsed();
    println!("{days} days, {} contacts, seed {seed}", days * CONTACTS_A_DAY);
    println!("{} inputs, {} events, outcomes {:?}", year.inputs, year.events, year.outcomes);
    println!("{} calls live at the end", year.center.calls().count());
    println!("{took:.1?}: {:.0} inputs a second", year.inputs as f64 / took.as_secs_f64());
    Ok(())
}

fn center() -> Result<Center, Box<dyn std::error::Error>> {
    let rules = QueueRules {
        max_wait: Some(Duration::from_secs(900)),
        ..QueueRules::new("general".parse()?)
    };
    let engine =
        Engine::new(FlowSet::parse([("day", DAY), ("waiting", WAITING)])?, Calendars::default())?;
    let agents: Result<Vec<_>, Box<dyn std::error::Error>> = (0..SEATS)
        .map(|n| {
            let name = format!("{}", 8001 + n);
            Ok(AgentConfig {
                id: name.parse()?,
                name: name.clone(),
                announced_number: name,
                queues: vec!["general".parse()?],
                capacity: Default::default(),
            })
        })
        .collect();
    let seats: Result<Vec<_>, Box<dyn std::error::Error>> = (0..SEATS)
        .map(|n| {
            Ok(SeatConfig {
                id: format!("S{n}").parse()?,
                device: format!("{}", 8001 + n).parse()?,
                pickup_group: None,
            })
        })
        .collect();
    let config = CenterConfig {
        agents: agents?,
        seats: seats?,
        queues: vec![QueueConfig {
            id: "general".parse()?,
            name: "general".to_owned(),
            waiting_flow: Some("waiting".parse()?),
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345")?,
            name: "hotline".to_owned(),
            to: Destination::Flow("day".parse()?),
        }],
        ..CenterConfig::default()
    };
    let router = Acd::new(AcdConfig { queues: vec![rules], ..AcdConfig::default() })?;
    Ok(Center::new(config, Box::new(router), Box::new(engine))?)
}
