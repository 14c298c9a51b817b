//! A busy centre with two queues in which anything may happen, chosen by a seed.

#![expect(clippy::missing_panics_doc, reason = "what is parsed here is written here")]

use std::time::Duration;

use crate::{
    cause::Cause,
    center::Center,
    command::{Command, Service},
    config::{
        AgentConfig, CenterConfig, Destination, NumberConfig, OutsideConfig, QueueConfig,
        SeatConfig,
    },
    flow::FlowEffect,
    id::{AgentId, DeviceId, LegId},
    needs::{Medium, Needs},
    numbers::{BlackLevel, ListEntry, ListLevel, ListScope, NumberRules, NumberingConfig},
    switch::{Clip, Origin, RecordingEnd, SwitchReport},
    target::{PartyRef, Target},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

/// How many agents it has.
const AGENTS: u64 = 5;

/// Who calls it: two spellings of one citizen, another one, and one who withholds his number.
const CALLERS: [&str; 4] = ["13812341234", "013812341234", "13900001111", ""];

/// Its queues.
pub const QUEUES: [&str; 2] = ["general", "gjj"];

/// A small generator: the same seed gives the same run on every machine.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Returns the dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    /// Returns a number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Returns a name that is written here.
fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("the name is written here")
}

/// Returns the number of the nth agent, who is also the device of the nth seat.
fn nth<T: std::str::FromStr<Err: std::fmt::Debug>>(n: u64) -> T {
    named(&(8000 + n).to_string())
}

/// Returns the configuration of the busy centre: five agents, two queues, three flows of which one is missing, a way
/// outside, rules of numbers.
#[must_use]
pub fn config() -> CenterConfig {
    let queues = QUEUES;
    let agent = |n: u64| AgentConfig {
        id: nth(n),
        name: n.to_string(),
        announced_number: (8000 + n).to_string(),
        queues: queues[..=(n as usize % 2)].iter().map(|it| named(it)).collect(),
        capacity: [(Medium::Chat, 2)].into(),
    };
    let seat =
        |n: u64| SeatConfig { id: named(&format!("A{n}")), device: nth(n), pickup_group: None };
    let queue = |name: &str, after_call_work: u64| QueueConfig {
        id: named(name),
        name: name.to_owned(),
        waiting_flow: Some(named("waiting")),
        whisper_flow: None,
        after_call_flow: None,
        ring_for: Duration::from_secs(15),
        after_call_work: Duration::from_secs(after_call_work),
    };
    let number = |number: &str, flow: &str| NumberConfig {
        number: named(number),
        name: number.to_owned(),
        to: Destination::Flow(named(flow)),
    };
    CenterConfig {
        agents: (1..=AGENTS).map(agent).collect(),
        seats: (1..=AGENTS).map(seat).collect(),
        queues: vec![queue("general", 20), queue("gjj", 0)],
        numbers: vec![number("12345", "a"), number("12329", "b"), number("12300", "missing")],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: String::new(),
            trunk: named("city"),
            show: named("12345"),
        }],
        numbering: Some(NumberingConfig { area: "0531".to_owned(), ..NumberingConfig::default() }),
        ..CenterConfig::default()
    }
}

/// Returns the busy centre without history: first come, first served, for a minute at most, one agent rung at a time.
#[must_use]
pub fn center() -> Center {
    center_ringing(1)
}

/// Returns the busy centre where so many agents at a time are rung for a caller, one after the other every four seconds.
#[must_use]
pub fn center_ringing(at_once: usize) -> Center {
    let play = |prompt: &str, looped| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped,
    };
    let wait = |queue: &str| FlowEffect::Enqueue {
        queue: named(queue),
        priority: 0,
        needs: Needs::default(),
    };
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(30),
        silence: Duration::from_secs(5),
        into: None,
    };
    let ring = FlowEffect::RingDevices {
        devices: vec![named("8005"), named("8004")],
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
    let router = SimpleRouter::with_max_wait(Duration::from_secs(60))
        .ringing(at_once.saturating_sub(1), Duration::from_secs(4));
    Center::new(config(), Box::new(router), Box::new(flows))
        .expect("the configuration is written here")
}

/// A busy centre and what is done to it: the same seed gives the same day on every machine.
///
/// ```
/// use cti_core::{records::CallRecords, testkit::busy::BusyCentre};
///
/// let mut day = BusyCentre::random(7, 500);
/// day.finish();
/// let mut records = CallRecords::default();
/// let rows = day.world.events.iter().flat_map(|event| records.apply(event)).count();
/// assert!(rows > 0 && records.open_calls() == 0);
/// ```
#[derive(Debug)]
pub struct BusyCentre {
    /// What chance decides by.
    pub dice: Dice,
    /// The centre, with everything that happened.
    pub world: World,
    /// The callers' legs, also of those who are gone.
    pub callers: Vec<LegId>,
    /// How many agents at a time are rung for a caller: three on the days of even seeds, else one.
    pub at_once: usize,
}

impl BusyCentre {
    /// Opens the centre shortly before midnight in Shanghai, so that days and intervals are cut while it is busy.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let start = Timestamp::from_secs(1_795_362_600);
        let at_once = if seed.is_multiple_of(2) { 3 } else { 1 };
        let (dice, world) = (Dice::new(seed), World::new(center_ringing(at_once), start));
        Self { dice, world, callers: Vec::new(), at_once }
    }

    /// Lets so many things happen that a seed chooses; in the middle the process may die.
    #[must_use]
    pub fn random(seed: u64, steps: u64) -> Self {
        let mut day = Self::new(seed);
        for step in 0..steps {
            day.step();
            if step == steps / 2 && seed.is_multiple_of(3) {
                day = day.crash();
            }
        }
        day
    }

    /// Everybody hangs up, colleagues who talk with each other too.
    pub fn finish(&mut self) {
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

    /// Lets one thing happen, a service on a call too, and time pass.
    pub fn step(&mut self) {
        if self.dice.roll(5) == 0 {
            let device = nth(1 + self.dice.roll(AGENTS));
            self.service(&device);
        } else {
            self.happening();
        }
        self.pause();
    }

    /// Lets one thing happen that callers, agents and telephones do by themselves, and time pass.
    pub fn plain_step(&mut self) {
        self.happening();
        self.pause();
    }

    fn happening(&mut self) {
        let agent: AgentId = nth(1 + self.dice.roll(AGENTS));
        let device: DeviceId = nth(1 + self.dice.roll(AGENTS));
        let now = self.world.now();
        match self.dice.roll(24) {
            0..=2 => self.dial(),
            3 => self.world.switch.register(&device, true),
            4 => {
                if self.dice.roll(6) == 0 {
                    self.world.switch.register(&device, false);
                }
            }
            5..=7 => {
                let seat = named(&format!("A{}", 1 + self.dice.roll(AGENTS)));
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
            22 => self.list(),
            _ => {
                let call = self.world.center.calls().next().map(|call| call.id);
                if let Some(call) = call.filter(|_| self.dice.roll(3) == 0) {
                    drop(self.world.request(Command::ClearCall { call }));
                }
            }
        }
    }

    fn pause(&mut self) {
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
        let queue = named(QUEUES[self.dice.roll(2) as usize]);
        let service = match (mine.len(), self.dice.roll(4)) {
            (2.., 0) => Service::TransferCall { held, active, party: party() },
            (2.., 1 | 2) => Service::ConferenceCall { held, active, party: party() },
            (2.., _) => Service::AlternateCall { held, active, party: party() },
            (_, 0 | 1) => Service::ConsultationCall { call, party: party(), to },
            (_, 2) if self.dice.roll(2) == 0 => {
                Service::SilentMonitor { call, device: device.clone() }
            }
            (_, 2) => {
                Service::SingleStepTransfer { call, party: party(), to: Target::Queue(queue) }
            }
            _ if self.dice.roll(2) == 0 => Service::HoldCall { call, party: party() },
            _ => Service::RetrieveCall { call, party: party() },
        };
        drop(self.world.request(Command::Call(service)));
    }

    /// Somebody is put on a list for a while, or taken off.
    fn list(&mut self) {
        let listed = self.world.center.state().lists().entries().next().map(|(entry, _)| entry);
        if let Some(entry) = listed.filter(|_| self.dice.roll(3) > 0) {
            drop(self.world.request(Command::RemoveListEntry { entry, by: "8000".to_owned() }));
            return;
        }
        let rules = NumberRules::china("0531").expect("there is such an area");
        let levels = [
            ListLevel::Black(BlackLevel::Refuse),
            ListLevel::Black(BlackLevel::Divert(named("b"))),
            ListLevel::Black(BlackLevel::Warn),
            ListLevel::White { free: false, priority: 5 },
        ];
        let number = CALLERS[1 + self.dice.roll(2) as usize];
        let entry = ListEntry {
            number: rules.pattern(number).expect("it is a number"),
            scope: match self.dice.roll(2) {
                0 => ListScope::Centre,
                _ => ListScope::Queue(named(QUEUES[self.dice.roll(2) as usize])),
            },
            level: levels[self.dice.roll(4) as usize].clone(),
            expires: Some(self.world.now() + Duration::from_secs(30 + self.dice.roll(120))),
            reason: "by chance".to_owned(),
            entered_by: "8000".to_owned(),
            entered_at: self.world.now(),
        };
        drop(self.world.request(Command::AddListEntries { entries: vec![entry] }));
    }

    /// Somebody calls.
    pub fn dial(&mut self) {
        let leg = self.world.switch.incoming(None);
        self.callers.push(leg);
        let called = ["12345", "12345", "12329", "12300", "99999"][self.dice.roll(5) as usize];
        self.world.switch.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk(named("trunk")),
            caller: named(CALLERS[self.dice.roll(4) as usize]),
            called: named(called),
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
    #[must_use]
    pub fn crash(self) -> Self {
        let Self { dice, world, at_once, .. } = self;
        let now = world.now();
        let mut next = center_ringing(at_once);
        for event in &world.events {
            next.replay(event);
        }
        let open: Vec<_> = next.open_recordings().map(|(id, _)| id).collect();
        let mut events = world.events;
        let mut world = World::new(next, now + Duration::from_secs(1));
        for recording in open {
            let end = RecordingEnd::Failed { reason: "crash".to_owned() };
            world.report(SwitchReport::RecordingEnded { recording, end });
        }
        events.append(&mut world.events);
        world.events = events;
        Self { dice, world, callers: Vec::new(), at_once }
    }
}
