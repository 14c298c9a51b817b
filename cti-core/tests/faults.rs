//! Nothing ever gets stuck: random callers, agents and faults, with the laws of the model checked at every step.
//!
//! `CTI_FAULT_SEEDS=1000 CTI_FAULT_STEPS=5000 cargo test -p cti-core --features testkit --test faults` runs more; a
//! failure prints its seed, and `CTI_FAULT_SEED=7` runs that one alone.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    call::Place,
    cause::Cause,
    center::Center,
    command::Command,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::{DequeueReason, Fact, OfferEnd},
    flow::FlowEffect,
    id::{AgentId, CallId, DeviceId, LegId},
    switch::{Clip, Origin, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

const AGENTS: u64 = 5;
/// A switch may say things twice, late, or about legs that are gone.
const FAULTS: u64 = 8;

/// A small generator: the same seed gives the same run on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn center() -> Center {
    let queues = ["general", "gjj"];
    let agent = |n: u64| AgentConfig {
        id: (8000 + n).to_string().parse().unwrap(),
        name: n.to_string(),
        announced_number: (8000 + n).to_string(),
        queues: queues[..=(n as usize % 2)].iter().map(|it| it.parse().unwrap()).collect(),
        capacity: Default::default(),
    };
    let seat = |n: u64| SeatConfig {
        id: format!("A{n}").parse().unwrap(),
        device: (8000 + n).to_string().parse().unwrap(),
        pickup_group: None,
    };
    let queue = |name: &str, after_call_work: u64| QueueConfig {
        id: name.parse().unwrap(),
        name: name.to_owned(),
        waiting_flow: Some("waiting".parse().unwrap()),
        whisper_flow: None,
        after_call_flow: None,
        ring_for: Duration::from_secs(15),
        after_call_work: Duration::from_secs(after_call_work),
    };
    let number = |number: &str, flow: &str| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to: Destination::Flow(flow.parse().unwrap()),
    };
    let play = |prompt: &str, looped| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped,
    };
    let wait = |queue: &str| FlowEffect::Enqueue {
        queue: queue.parse().unwrap(),
        priority: 0,
        needs: cti_core::needs::Needs::default(),
    };
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(30),
        silence: Duration::from_secs(5),
    };
    let ring = FlowEffect::RingDevices {
        devices: vec!["8005".parse().unwrap(), "8004".parse().unwrap()],
        ring_for: Duration::from_secs(10),
    };
    let flows = ScriptedFlows::default()
        .flow(
            "a",
            vec![
                FlowEffect::Answer,
                play("hello", false),
                wait("general"),
                play("sorry", false),
                message.clone(),
            ],
        )
        .flow("b", vec![wait("gjj"), ring, message])
        .flow("waiting", vec![play("music", true)])
        .on_key("waiting", '*', vec![FlowEffect::LeaveQueue]);
    let config = CenterConfig {
        agents: (1..=AGENTS).map(agent).collect(),
        seats: (1..=AGENTS).map(seat).collect(),
        queues: vec![queue("general", 20), queue("gjj", 0)],
        numbers: vec![number("12345", "a"), number("12329", "b"), number("12300", "missing")],
        ..CenterConfig::default()
    };
    let router = SimpleRouter::with_max_wait(Duration::from_secs(60));
    Center::new(config, Box::new(router), Box::new(flows)).unwrap()
}

struct Run {
    dice: Dice,
    world: World,
    callers: Vec<LegId>,
    checked: usize,
    ledger: Ledger,
}

/// What the log says, added up: every arrival has one end.
#[derive(Debug, Default)]
struct Ledger {
    started: BTreeMap<CallId, u32>,
    ended: BTreeMap<CallId, u32>,
    queued: u64,
    dequeued: u64,
    offered: u64,
    offers_ended: u64,
    connected: u64,
    talks_ended: u64,
    answered: u64,
    recordings_started: u64,
    recordings_ended: u64,
}

impl Ledger {
    fn add(&mut self, fact: &Fact) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a ledger adds up what concerns it")]
        match fact {
            Fact::CallStarted { call, .. } => *self.started.entry(*call).or_default() += 1,
            Fact::CallEnded { call, .. } => *self.ended.entry(*call).or_default() += 1,
            Fact::Queued { .. } => self.queued += 1,
            Fact::Dequeued { reason, .. } => {
                self.dequeued += 1;
                self.answered += u64::from(*reason == DequeueReason::Answered);
            }
            Fact::Offered { .. } => self.offered += 1,
            Fact::Rung { legs, .. } => self.offered += legs.len() as u64,
            Fact::OfferEnded { end, .. } | Fact::RingEnded { end, .. } => {
                self.offers_ended += 1;
                let _: OfferEnd = *end;
            }
            Fact::Connected { .. } => self.connected += 1,
            Fact::TalkEnded { .. } => self.talks_ended += 1,
            Fact::RecordingStarted { .. } => self.recordings_started += 1,
            Fact::RecordingEnded { .. } => self.recordings_ended += 1,
            _ => {}
        }
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let world = World::new(center(), Timestamp::from_secs(1_000));
        Self {
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed),
            world,
            callers: Vec::new(),
            checked: 0,
            ledger: Ledger::default(),
        }
    }

    fn step(&mut self) {
        let some_agent: AgentId = (8001 + self.dice.roll(AGENTS)).to_string().parse().unwrap();
        let some_device: DeviceId = (8001 + self.dice.roll(AGENTS)).to_string().parse().unwrap();
        let at = self.world.now();
        match self.dice.roll(24) {
            0..=2 => self.dial(),
            3 => self.world.switch.register(&some_device, true),
            4 => {
                if self.dice.roll(4) == 0 {
                    self.world.switch.register(&some_device, false);
                }
            }
            5..=7 => {
                let seat = format!("A{}", 1 + self.dice.roll(AGENTS)).parse().unwrap();
                let agent = some_agent.clone();
                let _ = self.world.request(Command::SignIn { agent, seat, queues: None });
                let _ = self.world.request(Command::SetReady { agent: some_agent });
            }
            8 => {
                let reason = "break".to_owned();
                let _ = self.world.request(Command::SetNotReady { agent: some_agent, reason });
            }
            9 => {
                let _ = self.world.request(Command::SignOut { agent: some_agent });
            }
            10 | 11 => {
                let _ = self.world.request(Command::SetReady { agent: some_agent });
            }
            12..=14 => self.on_device(&some_device, |world, leg| world.switch.answer(leg)),
            15 => self.on_device(&some_device, |world, leg| world.switch.end(at, leg, Cause::Busy)),
            16 => {
                self.on_device(&some_device, |world, leg| world.switch.end(at, leg, Cause::Normal))
            }
            17 => self.on_device(&some_device, |world, leg| {
                world.switch.report(SwitchReport::Held { leg });
            }),
            18 => self.on_device(&some_device, |world, leg| {
                world.switch.report(SwitchReport::Retrieved { leg });
            }),
            19 => self.on_caller(|world, leg| {
                world.switch.report(SwitchReport::Digit { leg, digit: '*' });
            }),
            20 | 21 => self.on_caller(|world, leg| world.switch.end(at, leg, Cause::Normal)),
            22 => {
                let call = self.world.center.calls().nth(0).map(|call| call.id);
                if let Some(call) = call.filter(|_| self.dice.roll(3) == 0) {
                    self.world.request(Command::ClearCall { call }).unwrap();
                }
            }
            _ => self.fault(),
        }
        self.world.settle();
        let pause = Duration::from_millis([0, 10, 700, 3_000, 9_000][self.dice.roll(5) as usize]);
        self.world.advance_to(self.world.now() + pause);
        self.check_laws();
    }

    fn dial(&mut self) {
        let leg = self.world.switch.incoming(None);
        self.callers.push(leg);
        let called = ["12345", "12345", "12329", "12300", "99999"][self.dice.roll(5) as usize];
        self.world.switch.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk("trunk".parse().unwrap()),
            caller: PhoneNumber::parse("13812341234").unwrap(),
            called: PhoneNumber::parse(called).unwrap(),
            network_id: leg.to_string(),
        });
    }

    fn on_device(&mut self, device: &DeviceId, act: impl FnOnce(&mut World, LegId)) {
        if let Some(leg) = self.world.switch.leg_at(device) {
            act(&mut self.world, leg);
        }
    }

    fn on_caller(&mut self, act: impl FnOnce(&mut World, LegId)) {
        if !self.callers.is_empty() {
            let index = self.dice.roll(self.callers.len() as u64) as usize;
            act(&mut self.world, self.callers[index]);
        }
    }

    /// Something that a switch should not say, or says too late, or twice.
    fn fault(&mut self) {
        let leg = LegId(self.dice.roll(40) + 1);
        let report = match self.dice.roll(FAULTS) {
            0 => SwitchReport::Answered { leg },
            1 => SwitchReport::LegEnded { leg: LegId(leg.0 + 1_000_001), cause: Cause::Lost },
            2 => SwitchReport::Held { leg },
            3 => SwitchReport::Retrieved { leg },
            4 => SwitchReport::Digit { leg, digit: '#' },
            5 => SwitchReport::PlayEnded {
                leg,
                play: cti_core::id::PlayId(self.dice.roll(30)),
                end: cti_core::switch::PlayEnd::Finished,
            },
            6 => SwitchReport::RecordingEnded {
                recording: cti_core::id::RecordingId(self.dice.roll(1000) + 1_000_000),
                end: cti_core::switch::RecordingEnd::Failed { reason: "fault".to_owned() },
            },
            _ => SwitchReport::Ringing { leg },
        };
        self.world.switch.report(report);
    }

    /// The laws that hold between any two inputs.
    fn check_laws(&mut self) {
        let center = &self.world.center;
        for event in &self.world.events[self.checked..] {
            self.ledger.add(&event.fact);
        }
        self.checked = self.world.events.len();

        let mut owners: BTreeMap<AgentId, CallId> = BTreeMap::new();
        for call in center.calls() {
            let agent = match &call.place {
                Place::Queue(waiting) => waiting.offer.as_ref().map(|offer| offer.agent.clone()),
                Place::Talk => call.first_talker().and_then(|it| it.party.agent.clone()),
                Place::Arriving => panic!("{} is left where it arrived", call.id),
                Place::Originating(_)
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_) => None,
                Place::Flow => {
                    assert!(call.session.is_some(), "{} is in a flow without a session", call.id);
                    None
                }
                Place::Ringing(_) | Place::Feature => None,
            };
            if let Some(agent) = agent {
                let other = owners.insert(agent.clone(), call.id);
                assert_eq!(other, None, "agent {agent} has two calls");
            }
        }
        for (agent, at_work) in center.agents() {
            let has = owners.get(agent).copied();
            assert_eq!(at_work.state.call(), has, "agent {agent} is {:?}", at_work.state);
            if at_work.state == AgentState::Ready && center.in_service(&at_work.device) {
                let kept_waiting = center.calls().find(|call| {
                    call.waiting().is_some_and(|waiting| {
                        waiting.offer.is_none() && at_work.queues.contains(&waiting.queue)
                    })
                });
                let id = kept_waiting.map(|call| call.id);
                assert_eq!(id, None, "agent {agent} is idle while a call waits for him");
            }
            let ends_by_itself = center.poll_timeout().is_some();
            assert!(
                at_work.state != AgentState::AfterCallWork || ends_by_itself,
                "after-call work of {agent} has no end"
            );
        }
        let waiting = center.calls().filter(|call| call.waiting().is_some()).count() as u64;
        assert_eq!(self.ledger.queued, self.ledger.dequeued + waiting, "{:?}", self.ledger);
        let offers = center
            .calls()
            .filter(|call| match &call.place {
                Place::Queue(waiting) => waiting.offer.is_some(),
                Place::Ringing(_) => true,
                Place::Arriving
                | Place::Originating(_)
                | Place::Flow
                | Place::Talk
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_)
                | Place::Feature => false,
            })
            .count() as u64;
        assert_eq!(self.ledger.offered, self.ledger.offers_ended + offers, "{:?}", self.ledger);
        let talks = center.calls().filter(|call| call.is_talk()).count() as u64;
        assert_eq!(self.ledger.connected, self.ledger.talks_ended + talks, "{:?}", self.ledger);
    }

    /// Everybody goes home: nothing may be left.
    fn finish(&mut self) {
        let now = self.world.now();
        for leg in std::mem::take(&mut self.callers) {
            self.world.switch.end(now, leg, Cause::Normal);
        }
        self.world.advance_to(now + Duration::from_secs(120));
        self.check_laws();
        let center = &self.world.center;
        assert_eq!(center.calls().count(), 0, "calls are left");
        assert_eq!(center.leg_count(), 0, "legs are left");
        assert_eq!(self.world.switch.leg_count(), 0, "legs are left in the switch");
        assert_eq!(center.play_count(), 0, "playings are left");
        assert_eq!(center.open_recordings().count(), 0, "recordings are left");
        assert_eq!(self.ledger.started, self.ledger.ended, "each call starts once and ends once");
        assert_eq!(self.ledger.recordings_started, self.ledger.recordings_ended);
        assert!(self.ledger.connected >= self.ledger.answered);
    }

    /// Recovery is replay: a fresh Center that follows the log is in the same state.
    fn check_replay(&self) {
        let mut again = center();
        for event in &self.world.events {
            again.replay(event);
        }
        assert_eq!(again.state(), self.world.center.state(), "the log does not give the state");
        let mut restored = center();
        restored.restore(self.world.center.snapshot()).unwrap();
        assert_eq!(
            restored.state(),
            self.world.center.state(),
            "the snapshot does not give the state"
        );
    }

    /// The process dies: the next one accounts for every call, exactly once.
    fn crash(self) -> Self {
        let Self { world, mut ledger, checked, .. } = self;
        for event in &world.events[checked..] {
            ledger.add(&event.fact);
        }
        let mut next = center();
        for event in &world.events {
            next.replay(event);
        }
        let open: Vec<_> = next.open_recordings().map(|(id, _)| id).collect();
        let mut world = World::new(next, world.now() + Duration::from_secs(1));
        for recording in open {
            let end = cti_core::switch::RecordingEnd::Failed { reason: "crash".to_owned() };
            world.report(SwitchReport::RecordingEnded { recording, end });
        }
        let dice = self.dice;
        let mut run = Self { dice, world, callers: Vec::new(), checked: 0, ledger };
        run.check_laws();
        assert_eq!(run.world.center.calls().count(), 0, "a call outlives its process");
        run
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn whatever_callers_agents_and_faults_do_nothing_gets_stuck_and_the_numbers_add_up() {
    let steps = setting("CTI_FAULT_STEPS", 1_500);
    let seeds = match std::env::var("CTI_FAULT_SEED").ok().and_then(|text| text.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 1..setting("CTI_FAULT_SEEDS", 40) + 1,
    };
    let mut calls = 0;
    let mut answered = 0;
    for seed in seeds {
        let run = std::panic::catch_unwind(|| {
            let mut run = Run::new(seed);
            for step in 0..steps {
                run.step();
                if step == steps / 2 && seed % 3 == 0 {
                    run = run.crash();
                }
            }
            if seed % 3 != 0 {
                run.check_replay();
            }
            run.finish();
            (run.ledger.started.len(), run.ledger.answered)
        });
        match run {
            Ok((started, taken)) => {
                calls += started;
                answered += taken;
            }
            Err(cause) => {
                eprintln!("CTI_FAULT_SEED={seed} fails");
                std::panic::resume_unwind(cause);
            }
        }
    }
    println!("{calls} calls, {answered} answered from a queue");
    assert!(answered > 100, "the run exercises answered calls: {answered} of {calls}");
}
