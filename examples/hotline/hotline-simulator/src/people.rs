//! Callers and agents: what each of them will do, and when.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    agent::{AgentState, NotReadyReason},
    cause::Cause,
    command::Command,
    event::{Event, Fact, RecordingKind},
    id::{AgentId, CallId, LegId, TrunkId},
    switch::{Origin, SwitchReport},
    testkit::World,
    time::Timestamp,
};

use crate::{SimulationConfig, random::Stream};

/// How long an agent who missed a call is away from his desk.
const AWAY: Duration = Duration::from_secs(60);

/// What somebody does at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// The next citizen calls.
    Call,
    /// A caller has lost his patience.
    GiveUp(CallId),
    /// A caller wants to leave a message.
    PressStar(CallId),
    /// An agent picks up.
    PickUp(LegId),
    /// One of two who talk hangs up.
    HangUp(LegId),
    /// An agent is back at his desk.
    Return(AgentId),
}

/// One caller, as chance made him when he dialled.
#[derive(Clone, Copy, Debug)]
struct Caller {
    leg: LegId,
    patience: Duration,
    talk: Duration,
    message: Duration,
    presses_star: bool,
    waits: bool,
}

/// Everybody outside the centre's machine.
#[derive(Debug)]
pub(crate) struct People<'a> {
    config: &'a SimulationConfig,
    arrivals: Stream,
    callers: Stream,
    agents: Stream,
    agenda: BTreeSet<(Timestamp, u64, Act)>,
    acts: u64,
    calls: u64,
    inside: BTreeMap<CallId, Caller>,
    trunk: TrunkId,
}

impl<'a> People<'a> {
    pub(crate) fn new(config: &'a SimulationConfig) -> Self {
        let mut people = Self {
            config,
            arrivals: Stream::new(config.seed, 1),
            callers: Stream::new(config.seed, 2),
            agents: Stream::new(config.seed, 3),
            agenda: BTreeSet::new(),
            acts: 0,
            calls: 0,
            inside: BTreeMap::new(),
            trunk: TrunkId::new("simulated").expect("letters are a name"),
        };
        people.next_call(config.from);
        people
    }

    /// When somebody does something next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _, _)| *at)
    }

    /// Lets everybody do what is due.
    pub(crate) fn act(&mut self, world: &mut World) {
        while self.next().is_some_and(|at| at <= world.now()) {
            if let Some((_, _, act)) = self.agenda.pop_first() {
                self.carry_out(world, act);
            }
        }
    }

    fn carry_out(&mut self, world: &mut World, act: Act) {
        match act {
            Act::Call => self.call(world),
            Act::GiveUp(call) => {
                if let Some(caller) = self.inside.get(&call).filter(|caller| caller.waits) {
                    world.switch.end(world.now(), caller.leg, Cause::Normal);
                    world.settle();
                }
            }
            Act::PressStar(call) => {
                if let Some(caller) = self.inside.get(&call).filter(|caller| caller.waits) {
                    world.report(SwitchReport::Digit { leg: caller.leg, digit: '*' });
                }
            }
            Act::PickUp(leg) => {
                world.switch.answer(leg);
                world.settle();
            }
            Act::HangUp(leg) => {
                world.switch.end(world.now(), leg, Cause::Normal);
                world.settle();
            }
            Act::Return(agent) => {
                // Refused if something else has happened to him meanwhile.
                let _ = world.request(Command::SetReady { agent });
            }
        }
    }

    fn call(&mut self, world: &mut World) {
        self.calls += 1;
        let caller = PhoneNumber::parse(&format!("138{:08}", self.calls % 100_000_000))
            .expect("eleven digits are a number");
        let leg = world.switch.incoming(None);
        world.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk(self.trunk.clone()),
            caller,
            called: self.config.called.clone(),
            network_id: format!("simulated-{}", self.calls),
        });
        self.next_call(world.now());
    }

    /// Calls come as a Poisson process whose rate changes by the hour: the work of an exponential waiting time is used
    /// up at each hour's rate.
    fn next_call(&mut self, now: Timestamp) {
        let mut work = self.arrivals.exponential();
        let mut at = now;
        while at < self.config.to {
            let hour = at.since(self.config.from).as_secs() / 3600;
            let rates = &self.config.calls_per_hour;
            let hour = usize::try_from(hour).unwrap_or(usize::MAX);
            let rate = rates.get(hour).or(rates.last()).copied().unwrap_or(0.0) / 3600.0;
            let hour_ends = self.config.from + Duration::from_secs((hour as u64 + 1) * 3600);
            let rest = hour_ends.since(at).as_secs_f64();
            if work <= rate * rest {
                at += Duration::from_secs_f64(work / rate);
                if at < self.config.to {
                    self.plan(at, Act::Call);
                }
                return;
            }
            work -= rate * rest;
            at = hour_ends;
        }
    }

    /// People notice what happens to them.
    #[expect(clippy::wildcard_enum_match_arm, reason = "people notice what concerns them")]
    pub(crate) fn notice(&mut self, event: &Event) {
        let at = event.at;
        match &event.fact {
            Fact::CallStarted { call, leg, .. } => {
                let config = self.config;
                let caller = Caller {
                    leg: *leg,
                    patience: config.patience.draw(&mut self.callers),
                    talk: config.talk.draw(&mut self.callers),
                    message: config.message.draw(&mut self.callers),
                    presses_star: self.callers.happens(config.star_percent / 100.0),
                    waits: false,
                };
                self.inside.insert(*call, caller);
            }
            Fact::Queued { call: Some(call), .. } => {
                let Some(caller) = self.inside.get_mut(call) else { return };
                caller.waits = true;
                let Caller { patience, presses_star, .. } = *caller;
                self.plan(at + patience, Act::GiveUp(*call));
                if presses_star {
                    self.plan(at + patience / 2, Act::PressStar(*call));
                }
            }
            Fact::Dequeued { call: Some(call), .. } => {
                if let Some(caller) = self.inside.get_mut(call) {
                    caller.waits = false;
                }
            }
            Fact::Offered { leg: Some(leg), .. } => {
                let picks_up_after = self.config.pick_up.draw(&mut self.agents);
                if !self.agents.happens(self.config.missed_percent / 100.0) {
                    self.plan(at + picks_up_after, Act::PickUp(*leg));
                }
            }
            Fact::Connected { call, leg, .. } => {
                let Some(caller) = self.inside.get(call).copied() else { return };
                // Agents hang up as often as callers do.
                let who = if self.agents.happens(0.5) { *leg } else { caller.leg };
                self.plan(at + caller.talk, Act::HangUp(who));
            }
            Fact::RecordingStarted { call, kind: RecordingKind::Message, .. } => {
                if let Some(caller) = self.inside.get(call).copied() {
                    self.plan(at + caller.message, Act::HangUp(caller.leg));
                }
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                let missed = AgentState::NotReady { reason: NotReadyReason::NoAnswer };
                if *to == missed {
                    self.plan(at + AWAY, Act::Return(agent.clone()));
                }
            }
            Fact::CallEnded { call, .. } => {
                self.inside.remove(call);
            }
            _ => {}
        }
    }

    fn plan(&mut self, at: Timestamp, act: Act) {
        self.acts += 1;
        self.agenda.insert((at, self.acts, act));
    }
}
