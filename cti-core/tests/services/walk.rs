//! A random walk over every service, with phones that answer, refuse, hang up and vanish: after each step the laws of
//! calls, connections, legs, agents and audio hold, whatever was asked and whatever was refused.
//!
//! `CTI_WALK_SEEDS=2000 CTI_WALK_STEPS=2000 cargo test -p cti-core --features testkit --test services walk` runs more;
//! a failure prints its seed, and `CTI_WALK_SEED=7` runs that one alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    call::{Call, Place},
    cause::Cause,
    command::{Collect, Command, ForcedState, Service},
    connection::ConnectionState,
    event::{DeviceFeature, Fact, ForwardWhen, ForwardWhose, PauseReason},
    id::{AgentId, CallId, ContactId, DeviceId, LegId},
    needs::{Medium, Needs},
    role::Role,
    switch::{Origin, SwitchReport},
    target::{PartyRef, Target},
    testkit::World,
};

use super::{
    floor::{ringing, world},
    sums,
};

/// A small generator: the same seed gives the same run on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.roll(from.len() as u64) as usize].clone())
    }
}

struct Walk {
    dice: Dice,
    world: World,
    checked: usize,
    /// Legs that talk, by call, as the facts say.
    talks: BTreeMap<CallId, BTreeSet<LegId>>,
    started: u64,
    ended: u64,
    recordings: i64,
    waiting: i64,
    work: i64,
    accepted: u64,
}

#[test]
fn whatever_is_asked_the_laws_of_calls_parties_agents_and_audio_hold() {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let steps = number("CTI_WALK_STEPS").unwrap_or(400);
    let seeds = match number("CTI_WALK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CTI_WALK_SEEDS").unwrap_or(60),
    };
    let (mut accepted, mut calls) = (0, 0);
    for seed in seeds {
        let run = std::panic::catch_unwind(|| {
            let mut walk = Walk::new(seed);
            for _ in 0..steps {
                walk.step();
            }
            walk.finish();
            (walk.accepted, walk.started)
        });
        match run {
            Ok((commands, begun)) => (accepted, calls) = (accepted + commands, calls + begun),
            Err(panic) => {
                eprintln!("the walk failed with CTI_WALK_SEED={seed} CTI_WALK_STEPS={steps}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{calls} calls, {accepted} commands carried out");
    assert!(accepted > calls / 10, "a walk in which nothing is carried out shows nothing");
}

impl Walk {
    fn new(seed: u64) -> Self {
        // In every other walk callers are offered to several agents at a time.
        let mut world = match seed % 2 {
            0 => world(),
            _ => ringing(2, Duration::from_secs(3)),
        };
        for n in 1..=5 {
            world.switch.register(&format!("800{n}").parse().unwrap(), true);
        }
        for n in 1..=3 {
            let (agent, seat) = (agent(n), format!("A{n}").parse().unwrap());
            world.settle();
            world.request(Command::SignIn { agent: agent.clone(), seat, queues: None }).unwrap();
            world.request(Command::SetReady { agent }).unwrap();
        }
        Self {
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed),
            world,
            checked: 0,
            talks: BTreeMap::new(),
            started: 0,
            ended: 0,
            recordings: 0,
            waiting: 0,
            work: 0,
            accepted: 0,
        }
    }

    fn step(&mut self) {
        let now = self.world.now();
        let device = self.device();
        match self.dice.roll(20) {
            0 | 1 => self.citizen_calls(),
            2 => self.phone_calls(&device),
            3..=6 => self.at_a_leg(|world, leg| world.switch.answer(leg)),
            7 => self.at_a_leg(|world, leg| world.switch.end(now, leg, Cause::Busy)),
            8 => self.at_a_leg(|world, leg| world.switch.end(now, leg, Cause::Normal)),
            9 => self.at_a_leg(|world, leg| world.switch.report(SwitchReport::Held { leg })),
            10 => self.at_a_leg(|world, leg| world.switch.report(SwitchReport::Retrieved { leg })),
            11 => self.at_a_leg(|world, leg| {
                world.switch.report(SwitchReport::Digit { leg, digit: '5' });
            }),
            12 => {
                let on = self.dice.roll(4) > 0;
                self.world.switch.register(&device, on);
            }
            13 => self.about_agents(),
            14 => self.about_contacts(),
            _ => self.service(),
        }
        self.world.settle();
        let pause = [0, 0, 50, 900, 4_000, 16_000][self.dice.roll(6) as usize];
        self.world.advance_to(self.world.now() + Duration::from_millis(pause));
        self.check();
    }

    fn ask(&mut self, command: Command) {
        let events = self.world.center.last_event();
        let refused = self.world.request(command.clone());
        match refused {
            Ok(_) => self.accepted += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                let after = self.world.center.last_event();
                assert_eq!(
                    events, after,
                    "{command:?} was refused ({error}) and changed something"
                );
            }
        }
    }

    fn service(&mut self) {
        let calls: Vec<CallId> = self.world.center.calls().map(|it| it.id).collect();
        let (Some(call), Some(other)) = (self.dice.pick(&calls), self.dice.pick(&calls)) else {
            return;
        };
        let parties: Vec<PartyRef> = self
            .world
            .center
            .call(call)
            .into_iter()
            .flat_map(|it| it.parties.iter().map(|member| PartyRef::Leg(member.leg)))
            .chain([
                PartyRef::Served,
                PartyRef::Agent(agent(1)),
                PartyRef::Device("8002".parse().unwrap()),
            ])
            .collect();
        let party = self.dice.pick(&parties).unwrap();
        let (to, device) = (self.target(), self.device());
        let on = self.dice.roll(2) == 0;
        let role = self.dice.pick(&[Role::Full, Role::ListenOnly, Role::MayAsk]).unwrap();
        let queue = "general".parse().unwrap();
        let service = match self.dice.roll(41) {
            37 => Service::AcceptCall { call },
            0 => Service::MakeCall { from: device, to: Some(to), data: Default::default() },
            1 => Service::MakePredictiveCall {
                to: "913900001111".parse().unwrap(),
                then: to,
                ring_for: Duration::from_secs(20),
                data: Default::default(),
            },
            2 => Service::AnswerCall { call, device: on.then_some(device) },
            3 => Service::DeflectCall { call, to },
            4 => Service::DirectedPickup { call, device },
            5 => Service::GroupPickup { device },
            6 => Service::RouteSelect { call, to, priority: 1, needs: Needs::default() },
            7 | 8 => Service::HoldCall { call, party },
            9 => Service::RetrieveCall { call, party },
            10..=12 => Service::ConsultationCall { call, party, to },
            13 => Service::AlternateCall { held: call, active: other, party },
            14 => Service::ReconnectCall { held: call, active: other, party },
            15 | 16 => Service::TransferCall { held: call, active: other, party },
            17 | 18 => Service::ConferenceCall { held: call, active: other, party },
            19 | 20 => Service::SingleStepTransfer { call, party, to },
            21 => Service::SingleStepConference { call, to, role },
            22 => Service::ParkCall { call, party, at: device },
            23 => Service::Unpark { at: device, device: self.device() },
            24 => Service::CampOnCall { call, party, on: device },
            25 => Service::CallBackCall { from: device, to: self.device() },
            26 => Service::IntrudeCall { call, device },
            27 => Service::ClearConnection { call, party },
            28 => Service::TakeBack { call, device },
            29 => Service::SilentMonitor { call, device },
            30 => Service::Whisper { call, device, to: party },
            31 => Service::Barge { call, device },
            32 => Service::TakeOver { call, device, from: party },
            33 => Service::SetRole { call, party, role },
            34 => Service::Mute { call, party, on },
            35 => Service::CollectDigits { call, party, collect: Collect::default() },
            36 => Service::Record { call, on },
            39 => {
                let (reason, by) = (PauseReason::SecretData, "8001".to_owned());
                match on {
                    true => Service::PauseRecording { call, reason, by },
                    false => Service::ResumeRecording { call, by },
                }
            }
            38 => Service::JoinCall { call, device },
            _ => Service::Requeue { call, party, queue, needs: Needs::default(), agent: None },
        };
        self.ask(Command::Call(service));
    }

    fn about_agents(&mut self) {
        let agent = agent(1 + self.dice.roll(3));
        let by = "supervisor".to_owned();
        let seat = format!("A{}", 1 + self.dice.roll(5)).parse().unwrap();
        let command = match self.dice.roll(10) {
            0 => Command::SignOut { agent },
            1..=3 => {
                self.ask(Command::SignIn { agent: agent.clone(), seat, queues: None });
                Command::SetReady { agent }
            }
            4 => Command::SetNotReady { agent, reason: "break".to_owned() },
            5 => Command::ForceAgent { agent, to: ForcedState::Ready, by },
            6 => Command::ForceAgent { agent, to: ForcedState::SignedOut, by },
            7 => Command::Heartbeat { agent },
            8 => Command::Reset { agent },
            _ => {
                let feature = match self.dice.roll(5) {
                    3 | 4 => DeviceFeature::ConstantOffHook(self.dice.roll(4) > 0),
                    0 => DeviceFeature::DoNotDisturb(self.dice.roll(3) == 0),
                    1 => DeviceFeature::AutoAnswer(self.dice.roll(2) == 0),
                    _ => DeviceFeature::Forwarding {
                        when: ForwardWhen::NoAnswer,
                        whose: ForwardWhose::All,
                        to: self.dice.pick(&[None, Some("8003".parse().unwrap())]).unwrap(),
                    },
                };
                Command::SetFeature { device: self.device(), feature }
            }
        };
        self.ask(command);
    }

    fn about_contacts(&mut self) {
        let contact = ContactId(1 + self.dice.roll(self.started.max(1) + 20));
        let agent = agent(1 + self.dice.roll(3));
        let (by, queue) = ("supervisor".to_owned(), "general".parse().unwrap());
        let command = match self.dice.roll(9) {
            0 => Command::SetPriority { contact, priority: 7, by },
            1 => Command::MoveContact { contact, queue, by },
            2 => Command::AssignContact { contact, agent: Some(agent), by },
            3 | 4 => {
                let number = Some("913900001111".parse().unwrap());
                Command::RequestCallBack { contact, number }
            }
            5 => Command::AcceptContact { contact, agent },
            6 => Command::FinishContact { contact, agent },
            7 => Command::WithdrawContact { contact },
            _ => Command::OpenContact {
                medium: Medium::CallBack,
                caller: "913900002222".parse().unwrap(),
                queue,
                priority: 0,
                needs: Needs::default(),
                data: Default::default(),
            },
        };
        self.ask(command);
    }

    fn citizen_calls(&mut self) {
        let leg = self.world.switch.incoming(None);
        let called = self.dice.pick(&["12345", "12345", "12346", "12347", "777"]).unwrap();
        self.world.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk("city".parse().unwrap()),
            caller: PhoneNumber::parse("13812341234").unwrap(),
            called: PhoneNumber::parse(called).unwrap(),
            network_id: leg.to_string(),
        });
    }

    fn phone_calls(&mut self, device: &DeviceId) {
        let leg = self.world.switch.incoming(Some(device.clone()));
        let called = self
            .dice
            .pick(&["8002", "8100", "913900001111", "*8", "*6", "*728004", "*72", "*70"])
            .unwrap();
        self.world.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Device(device.clone()),
            caller: PhoneNumber::parse(device.as_str()).unwrap(),
            called: PhoneNumber::parse(called).unwrap(),
            network_id: leg.to_string(),
        });
    }

    fn at_a_leg(&mut self, act: impl FnOnce(&mut World, LegId)) {
        let legs: Vec<LegId> = self
            .world
            .center
            .calls()
            .flat_map(|it| it.parties.iter().map(|member| member.leg))
            .chain(self.world.center.standing_legs().map(|(_, standing)| standing.leg))
            .collect();
        if let Some(leg) = self.dice.pick(&legs) {
            act(&mut self.world, leg);
        }
    }

    fn device(&mut self) -> DeviceId {
        format!("800{}", 1 + self.dice.roll(5)).parse().unwrap()
    }

    fn target(&mut self) -> Target {
        match self.dice.roll(7) {
            0 | 1 => Target::Device(self.device()),
            2 | 3 => Target::Agent(agent(1 + self.dice.roll(3))),
            4 => Target::Number("913900001111".parse().unwrap()),
            5 => Target::Queue("general".parse().unwrap()),
            _ => Target::Flow("menu".parse().unwrap()),
        }
    }

    fn check(&mut self) {
        for event in &self.world.events[self.checked..] {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the laws concern these facts")]
            match &event.fact {
                Fact::CallStarted { .. } => self.started += 1,
                Fact::CallEnded { call, .. } => {
                    self.ended += 1;
                    let left = self.talks.remove(call).unwrap_or_default();
                    assert!(left.is_empty(), "{call} ended with {left:?} talking in it");
                }
                Fact::Connected { call, leg, .. } => {
                    let new = self.talks.entry(*call).or_default().insert(*leg);
                    assert!(new, "{leg} is connected to {call} twice");
                }
                Fact::TalkEnded { call, leg, .. } => {
                    self.talks.entry(*call).or_default().remove(leg);
                }
                Fact::RecordingStarted { .. } => self.recordings += 1,
                Fact::RecordingEnded { .. } => self.recordings -= 1,
                Fact::Queued { .. } => self.waiting += 1,
                Fact::Dequeued { .. } => self.waiting -= 1,
                Fact::WorkBegun { .. } => self.work += 1,
                Fact::WorkEnded { .. } => self.work -= 1,
                _ => {}
            }
        }
        self.checked = self.world.events.len();
        let center = &self.world.center;
        assert_eq!(self.started - self.ended, center.calls().count() as u64);
        assert_eq!(self.recordings, center.open_recordings().count() as i64);
        let in_calls = center.calls().filter(|it| it.waiting().is_some()).count();
        assert_eq!(self.waiting, (in_calls + center.state().waiting_work()) as i64);

        for call in center.calls() {
            self.check_call(call);
        }
        self.check_legs();
        self.check_agents();
        self.check_audio();
    }

    fn check_call(&self, call: &Call) {
        let id = call.id;
        assert!(call.member(call.leg).is_some(), "{id} serves somebody who is not in it: {call:?}");
        let legs: BTreeSet<LegId> = call.parties.iter().map(|it| it.leg).collect();
        assert_eq!(legs.len(), call.parties.len(), "{id} has a leg twice: {call:?}");
        let carriers = call.talkers().filter(|it| it.role.carries()).count();
        match &call.place {
            Place::Arriving => panic!("{id} is left where it arrived"),
            Place::Flow => assert!(call.session.is_some(), "{id} is in a flow without a session"),
            Place::Talk => {
                let comes = call.parties.iter().any(|it| it.invited.is_some());
                assert!(carriers >= 2 || comes, "{id} is a talk of {carriers}: {call:?}");
            }
            Place::Ringing(ringing) => {
                assert!(!ringing.legs.is_empty(), "{id} rings nobody");
                for (leg, _) in &ringing.legs {
                    assert!(legs.contains(leg), "{id} rings {leg}, which is not in it");
                }
            }
            Place::Originating(_)
            | Place::Queue(_)
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => {}
        }
        if !call.is_talk() {
            assert!(carriers <= 1, "{id} is no talk, and {carriers} talk in it: {call:?}");
        }
        let ends_by_itself = match &call.place {
            Place::Originating(it) => Some(it.until),
            Place::Ringing(it) => Some(it.until),
            Place::Parked(it) => Some(it.until),
            Place::Camped(it) => Some(it.until),
            Place::Failed(it) => Some(it.until),
            Place::Program(it) => Some(it.until),
            Place::Arriving | Place::Flow | Place::Queue(_) | Place::Talk | Place::Feature => None,
        };
        if let Some(until) = ends_by_itself {
            assert!(until >= self.world.now(), "{id} should have left {:?}", call.place);
        }
    }

    fn check_legs(&self) {
        let mut connected: BTreeMap<LegId, CallId> = BTreeMap::new();
        let mut legs = BTreeSet::new();
        for call in self.world.center.calls() {
            for member in &call.parties {
                legs.insert(member.leg);
                if member.state == ConnectionState::Connected {
                    let other = connected.insert(member.leg, call.id);
                    assert_eq!(other, None, "{} talks in two calls", member.leg);
                }
            }
        }
        let offered = self.world.center.state().legs_of_work();
        assert_eq!(self.world.center.leg_count(), legs.len() + offered, "a leg belongs to nothing");
        let center = &self.world.center;
        let idle = center.standing_legs().filter(|(_, it)| !center.is_used(it.leg)).count();
        assert_eq!(
            self.world.switch.leg_count(),
            legs.len() + offered + idle,
            "the switch differs"
        );
        for (device, standing) in center.standing_legs() {
            let until = standing.until.is_none_or(|until| until >= self.world.now());
            assert!(until, "device {device} should have answered");
            assert_eq!(standing.connected, standing.until.is_none());
        }
    }

    fn check_agents(&self) {
        let center = &self.world.center;
        for (agent, at_work) in center.agents() {
            let talks: Vec<&Call> = center
                .calls()
                .filter(|call| {
                    call.member_of(agent).is_some_and(|it| {
                        it.role.carries()
                            && (it.state.takes_part() || it.state == ConnectionState::Initiated)
                    })
                })
                .collect();
            match &at_work.state {
                AgentState::OnCall { call, .. } => {
                    assert!(
                        talks.iter().any(|it| it.id == *call),
                        "agent {agent} is on {call}, and talks in {:?}",
                        talks.iter().map(|it| it.id).collect::<Vec<_>>()
                    );
                }
                AgentState::Reserved { call } => {
                    let offers = center
                        .calls()
                        .filter(|it| it.waiting().is_some_and(|it| it.offer_to(agent).is_some()))
                        .count();
                    let by_work = center.state().offers_of_work(agent);
                    assert_eq!(offers + by_work, 1, "agent {agent} is reserved for {call}");
                }
                AgentState::Ready | AgentState::NotReady { .. } | AgentState::AfterCallWork => {
                    assert!(talks.is_empty(), "agent {agent} is {:?} and talks", at_work.state);
                }
                AgentState::SignedOut => panic!("agent {agent} is at work and signed out"),
            }
        }
    }

    /// Who hears whom at the switch is what states and roles say, no more and no less.
    fn check_audio(&self) {
        let mut wanted: BTreeSet<(LegId, LegId)> = BTreeSet::new();
        let mut legs: BTreeSet<LegId> = BTreeSet::new();
        for call in self.world.center.calls() {
            legs.extend(call.parties.iter().map(|it| it.leg));
            legs.extend(self.world.center.standing_legs().map(|(_, standing)| standing.leg));
            if !call.is_talk() {
                continue;
            }
            let present: Vec<_> =
                call.parties.iter().filter(|it| it.state == ConnectionState::Connected).collect();
            for hearer in &present {
                for speaker in &present {
                    let heard = speaker.leg != hearer.leg
                        && !speaker.muted
                        && match speaker.role {
                            Role::Full => true,
                            Role::Coach { to } => to == hearer.leg,
                            Role::ListenOnly | Role::MayAsk => false,
                        };
                    if heard {
                        wanted.insert((hearer.leg, speaker.leg));
                    }
                }
            }
        }
        for a in &legs {
            for b in &legs {
                let hears = self.world.switch.hears(*a, *b);
                assert_eq!(hears, wanted.contains(&(*a, *b)), "{a} hears {b}: {hears}");
            }
        }
    }

    /// Everybody goes home: nothing may be left.
    fn finish(&mut self) {
        self.ask(Command::ClearAll);
        for n in 1..=3 {
            let (agent, by) = (agent(n), "night".to_owned());
            let _ = self.world.request(Command::ForceAgent {
                agent,
                to: ForcedState::NotReady("night".to_owned()),
                by,
            });
        }
        for contact in 1..=self.world.center.state().last_contact().0 {
            let _ = self.world.request(Command::WithdrawContact { contact: ContactId(contact) });
        }
        for n in 1..=5 {
            let device = format!("800{n}").parse().unwrap();
            let feature = DeviceFeature::ConstantOffHook(false);
            self.world.request(Command::SetFeature { device, feature }).unwrap();
        }
        self.world.advance_to(self.world.now() + Duration::from_secs(7200));
        self.ask(Command::ClearAll);
        self.world.advance_to(self.world.now() + Duration::from_secs(7200));
        self.check();
        assert_eq!(self.world.center.calls().count(), 0);
        assert_eq!(self.world.switch.leg_count(), 0);
        assert_eq!(self.world.center.open_recordings().count(), 0);
        assert_eq!(self.world.center.play_count(), 0, "a playing is left");
        sums::check(&self.world.events, &self.world.center, self.world.now());
    }
}

fn agent(n: u64) -> AgentId {
    format!("800{n}").parse().unwrap()
}

impl Drop for Walk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let from = self.world.events.len().saturating_sub(40);
            for event in &self.world.events[from..] {
                eprintln!("{} {}", event.no, cti_core::words::in_words(&event.fact));
            }
        }
    }
}
