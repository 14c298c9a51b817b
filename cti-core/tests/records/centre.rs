//! A centre with two queues in which anything may happen.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    center::Center,
    command::{Command, Service},
    config::{
        AgentConfig, CenterConfig, Destination, NumberConfig, OutsideConfig, QueueConfig,
        SeatConfig,
    },
    flow::FlowEffect,
    id::{AgentId, DeviceId, LegId},
    needs::Medium,
    switch::{Clip, Origin, SwitchReport},
    target::{PartyRef, Target},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

const AGENTS: u64 = 5;

/// Its queues.
pub(crate) const QUEUES: [&str; 2] = ["general", "gjj"];

/// A small generator: the same seed gives the same run on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

pub(crate) fn center() -> Center {
    let queues = QUEUES;
    let agent = |n: u64| AgentConfig {
        id: (8000 + n).to_string().parse().unwrap(),
        name: n.to_string(),
        announced_number: (8000 + n).to_string(),
        queues: queues[..=(n as usize % 2)].iter().map(|it| it.parse().unwrap()).collect(),
        capacity: [(Medium::Chat, 2)].into(),
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
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: String::new(),
            trunk: "city".parse().unwrap(),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        ..CenterConfig::default()
    };
    let router = SimpleRouter::with_max_wait(Duration::from_secs(60));
    Center::new(config, Box::new(router), Box::new(flows)).unwrap()
}

/// A world and what is done to it.
pub(crate) struct Run {
    dice: Dice,
    pub(crate) world: World,
    callers: Vec<LegId>,
}

impl Run {
    /// Lets so many things happen that a seed chooses; in the middle the process may die.
    pub(crate) fn random(seed: u64, steps: u64) -> Self {
        // Shortly before midnight, so that intervals are cut there too.
        let start = Timestamp::from_secs(1_795_362_600);
        let mut run =
            Self { dice: Dice(seed), world: World::new(center(), start), callers: Vec::new() };
        for step in 0..steps {
            run.step();
            if step == steps / 2 && seed.is_multiple_of(3) {
                run = run.crash();
            }
        }
        run
    }

    /// Everybody hangs up, colleagues who talk with each other too.
    pub(crate) fn finish(&mut self) {
        let now = self.world.now();
        for leg in std::mem::take(&mut self.callers) {
            self.world.switch.end(now, leg, Cause::Normal);
        }
        self.world.settle();
        let left: Vec<_> = self.world.center.calls().map(|call| call.id).collect();
        for call in left {
            // A consultation ends with the call it belongs to.
            drop(self.world.request(Command::ClearCall { call }));
        }
        self.world.advance_to(now + Duration::from_secs(120));
    }

    fn step(&mut self) {
        let agent: AgentId = (8001 + self.dice.roll(AGENTS)).to_string().parse().unwrap();
        let device: DeviceId = (8001 + self.dice.roll(AGENTS)).to_string().parse().unwrap();
        let now = self.world.now();
        match self.dice.roll(30) {
            0..=2 => self.dial(),
            3 => self.world.switch.register(&device, true),
            4 => {
                if self.dice.roll(6) == 0 {
                    self.world.switch.register(&device, false);
                }
            }
            5..=7 => {
                let seat = format!("A{}", 1 + self.dice.roll(AGENTS)).parse().unwrap();
                let signing = Command::SignIn { agent: agent.clone(), seat, queues: None };
                let _ = self.world.request(signing);
                let _ = self.world.request(Command::SetReady { agent });
            }
            8 => {
                let reason = ["break", "lunch", "training"][self.dice.roll(3) as usize].to_owned();
                let _ = self.world.request(Command::SetNotReady { agent, reason });
            }
            9 => drop(self.world.request(Command::SignOut { agent })),
            10 | 11 => drop(self.world.request(Command::SetReady { agent })),
            12..=14 => self.on_device(&device, |world, leg| world.switch.answer(leg)),
            15 => self.on_device(&device, |world, leg| world.switch.end(now, leg, Cause::Busy)),
            16 => self.on_device(&device, |world, leg| world.switch.end(now, leg, Cause::Normal)),
            17 => self.on_device(&device, |world, leg| {
                world.switch.report(SwitchReport::Held { leg });
            }),
            18 => self.on_device(&device, |world, leg| {
                world.switch.report(SwitchReport::Retrieved { leg });
            }),
            19 => self.on_caller(|world, leg| world.switch.report(SwitchReport::Held { leg })),
            20 => self.on_caller(|world, leg| {
                world.switch.report(SwitchReport::Digit { leg, digit: '*' });
            }),
            21 => self.on_caller(|world, leg| world.switch.end(now, leg, Cause::Normal)),
            23..=28 => self.service(&device),
            _ => {
                let call = self.world.center.calls().next().map(|call| call.id);
                if let Some(call) = call.filter(|_| self.dice.roll(3) == 0) {
                    self.world.request(Command::ClearCall { call }).unwrap();
                }
            }
        }
        self.world.settle();
        let pause = Duration::from_micros(
            [0, 1, 10_007, 700_000, 3_000_001, 9_000_000][self.dice.roll(6) as usize],
        );
        self.world.advance_to(self.world.now() + pause);
    }

    /// An agent who talks asks for a service on his calls; what makes no sense is refused.
    fn service(&mut self, device: &DeviceId) {
        let talking: Vec<AgentId> = self
            .world
            .center
            .calls()
            .flat_map(|call| call.parties.iter().filter_map(|it| it.party.agent.clone()))
            .collect();
        if talking.is_empty() {
            return;
        }
        let agent = &talking[self.dice.roll(talking.len() as u64) as usize];
        let mine: Vec<_> = self
            .world
            .center
            .calls()
            .filter(|call| call.parties.iter().any(|it| it.party.agent.as_ref() == Some(agent)))
            .map(|call| call.id)
            .collect();
        let Some(call) = mine.first().copied() else { return };
        let active = mine.last().copied().unwrap_or(call);
        let party = || PartyRef::Agent(agent.clone());
        let (held, to) = (call, Target::Device(device.clone()));
        let queue = QUEUES[self.dice.roll(2) as usize].parse().unwrap();
        let service = match (mine.len(), self.dice.roll(4)) {
            (2.., 0) => Service::TransferCall { held, active, party: party() },
            (2.., 1 | 2) => Service::ConferenceCall { held, active, party: party() },
            (2.., _) => Service::AlternateCall { held, active, party: party() },
            (_, 0 | 1) => Service::ConsultationCall { call, party: party(), to },
            (_, 2) => {
                Service::SingleStepTransfer { call, party: party(), to: Target::Queue(queue) }
            }
            _ if self.dice.roll(2) == 0 => Service::HoldCall { call, party: party() },
            _ => Service::RetrieveCall { call, party: party() },
        };
        drop(self.world.request(Command::Call(service)));
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
        // One of the last: most of those before are gone.
        let recent = self.callers.len().min(6) as u64;
        if recent > 0 {
            let index = self.callers.len() - 1 - self.dice.roll(recent) as usize;
            act(&mut self.world, self.callers[index]);
        }
    }

    /// The process dies and the next one goes on with its log.
    fn crash(self) -> Self {
        let Self { dice, world, .. } = self;
        let now = world.now();
        let mut next = center();
        for event in &world.events {
            next.replay(event);
        }
        let open: Vec<_> = next.open_recordings().map(|(id, _)| id).collect();
        let mut events = world.events;
        let mut world = World::new(next, now + Duration::from_secs(1));
        for recording in open {
            let end = cti_core::switch::RecordingEnd::Failed { reason: "crash".to_owned() };
            world.report(SwitchReport::RecordingEnded { recording, end });
        }
        events.append(&mut world.events);
        world.events = events;
        Self { dice, world, callers: Vec::new() }
    }
}
