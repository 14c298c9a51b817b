//! The router: facts go in by [`Router::apply`], proposals come out by [`Router::propose`].
//!
//! One file per verb: `follow` facts; keep the indexes of agents, contacts and classes; `plan` what a contact asks for
//! as its wait goes on; `propose`, `explain`, say `why_not`, take and give back a `snapshot`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, MissingSchedule},
    event::Event,
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, LegId, QueueId},
    needs::{Medium, Needs, Wanted, WantedFor},
    router::{Explanation, InvalidRules, Proposal, Router, RulesChange},
    time::Timestamp,
};

use crate::{
    agents::{Agent, Profile},
    between::Turns,
    callers::Callers,
    class::{Class, Requirement},
    config::{AcdConfig, AgentProfile, InvalidAcdConfig, QueueRules},
    contacts::Contact,
    hash::IdMap,
    missed::Missed,
    place::{AgentNo, ClassNo, DeviceNo, Place, QueueNo, Slot},
    queue::Queue,
    script::{self, Script},
    strategy::{self, Strategy},
};

mod agent_index;
mod call_backs;
mod class_index;
mod contact_index;
mod entry;
mod explain;
mod follow;
mod plan;
mod propose;
mod scripts;
mod snapshot;
mod why_not;

/// Proposes which agent takes a waiting contact; the [`Router`] of this crate.
#[derive(Debug)]
pub struct Acd {
    config: AcdConfig,
    strategies: Vec<Arc<dyn Strategy>>,
    calendars: Calendars,
    scripts: Vec<Arc<Script>>,
    health: Vec<scripts::Health>,

    queues: Vec<Queue>,
    queue_numbers: IdMap<QueueId, QueueNo>,
    profiles: BTreeMap<AgentId, Profile>,
    agents: Vec<Agent>,
    agent_numbers: IdMap<AgentId, AgentNo>,
    contacts: Vec<Contact>,
    free_slots: Vec<Slot>,
    slots: IdMap<ContactId, Slot>,
    classes: Vec<Class>,
    class_numbers: IdMap<Arc<Requirement>, ClassNo>,
    free_classes: Vec<ClassNo>,
    /// Classes without contacts, the one that has been empty longest first.
    idle_classes: BTreeSet<(u64, ClassNo)>,
    /// How often a class became empty.
    emptied: u64,
    devices: Vec<Device>,
    device_numbers: IdMap<DeviceId, DeviceNo>,
    /// The devices that take part in a call otherwise than for an agent.
    engaged: BTreeMap<CallId, BTreeMap<LegId, DeviceId>>,
    alarms: BTreeMap<AlarmId, QueueNo>,
    /// The alarms that stand because a script failed.
    rule_alarms: BTreeMap<AlarmId, String>,
    turns: Turns,
    missed: Missed,
    callers: Callers,
    /// The moment of the last fact.
    told_at: Timestamp,

    /// The last moment that was heard of: of a fact or of a question.
    clock: Timestamp,
    /// The classes that have both a contact and an agent, by the place of their first contact.
    hot: BTreeSet<(Place, ClassNo)>,
    /// The classes that have both an agent and a contact on offer for which one more can be rung, by its place.
    hot_rung: BTreeSet<(Place, ClassNo)>,
    /// When one more agent can be rung for a contact that is on offer.
    steps: BTreeSet<(Timestamp, Slot)>,
    /// The agents who became free and are not entered among the ready yet.
    fresh: Vec<AgentNo>,
    /// When the next thing changes for a contact though nothing happens.
    due: BTreeSet<(Timestamp, Slot)>,
    /// The contacts for whom something other than an offer is due, by when it was.
    actions: BTreeSet<(Timestamp, Place)>,
    /// When agents who missed an offer are within reach again.
    held: BTreeSet<(Timestamp, AgentNo)>,
    /// When queues without staff are to be reported and emptied.
    lost: BTreeSet<(Timestamp, QueueNo)>,
    /// The queues whose alarm can end.
    staffed_again: BTreeSet<QueueNo>,
    /// What was proposed and is not answered by a fact yet; empty as long as the Center keeps the contract.
    asked: Vec<Asked>,
    /// The waits that contacts were told last; nothing is decided by them.
    announced: RefCell<BTreeMap<ContactId, (Timestamp, Duration)>>,
}

/// A device, as far as offers are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Device {
    id: DeviceId,
    in_service: bool,
    /// Who sits there.
    agent: Option<AgentNo>,
    /// How many calls engage it: made from it, or offered to it directly.
    calls: usize,
}

/// A proposal that no fact has answered yet. It is made again after [`ASK_AGAIN`], so that a proposal that came to
/// nothing can neither be repeated without end nor leave anybody stuck.
#[derive(Clone, Debug)]
struct Asked {
    again_at: Timestamp,
    about: About,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Contact(ContactId, Option<AgentNo>),
    Staff(QueueNo),
    Rule(String),
    CallBack(PhoneNumber),
}

const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What a router can be given beside its configuration.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Strategies beside those of this crate; one of the same name goes first.
    pub strategies: Vec<Arc<dyn Strategy>>,
    /// The calendars whose schedules queues name.
    pub calendars: Calendars,
}

impl Acd {
    /// Returns a router with the strategies of this crate and without calendars.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn new(config: AcdConfig) -> Result<Self, InvalidAcdConfig> {
        Self::with(config, Parts::default())
    }

    /// Returns a router that knows `own` strategies beside those of this crate; one of the same name goes first.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn with_strategies(
        config: AcdConfig,
        own: Vec<Arc<dyn Strategy>>,
    ) -> Result<Self, InvalidAcdConfig> {
        Self::with(config, Parts { strategies: own, ..Parts::default() })
    }

    /// Returns a router with strategies and calendars of one's own.
    ///
    /// # Errors
    /// When the configuration contradicts itself, or names a schedule that is not there.
    pub fn with(config: AcdConfig, parts: Parts) -> Result<Self, InvalidAcdConfig> {
        let mut strategies = parts.strategies;
        strategies.extend(strategy::built_in());
        let scripts = check(&config, &strategies, &parts.calendars)?;
        let mut acd = Self {
            config: AcdConfig::default(),
            strategies,
            calendars: parts.calendars,
            scripts: Vec::new(),
            health: Vec::new(),
            queues: Vec::new(),
            queue_numbers: IdMap::default(),
            profiles: BTreeMap::new(),
            agents: Vec::new(),
            agent_numbers: IdMap::default(),
            contacts: Vec::new(),
            free_slots: Vec::new(),
            slots: IdMap::default(),
            classes: Vec::new(),
            class_numbers: IdMap::default(),
            free_classes: Vec::new(),
            idle_classes: BTreeSet::new(),
            emptied: 0,
            devices: Vec::new(),
            device_numbers: IdMap::default(),
            engaged: BTreeMap::new(),
            alarms: BTreeMap::new(),
            rule_alarms: BTreeMap::new(),
            turns: Turns::default(),
            missed: Missed::default(),
            callers: Callers::default(),
            told_at: Timestamp::ZERO,
            clock: Timestamp::ZERO,
            hot: BTreeSet::new(),
            hot_rung: BTreeSet::new(),
            steps: BTreeSet::new(),
            fresh: Vec::new(),
            due: BTreeSet::new(),
            actions: BTreeSet::new(),
            held: BTreeSet::new(),
            lost: BTreeSet::new(),
            staffed_again: BTreeSet::new(),
            asked: Vec::new(),
            announced: RefCell::default(),
        };
        acd.take_config(config, scripts);
        Ok(acd)
    }

    /// Takes other rules at once, contacts waiting; nobody loses his place.
    ///
    /// # Errors
    /// When the configuration contradicts itself; nothing has changed then.
    pub fn reconfigure(&mut self, config: AcdConfig) -> Result<(), InvalidAcdConfig> {
        let scripts = check(&config, &self.strategies, &self.calendars)?;
        let state = self.state();
        self.take_config(config, scripts);
        self.take_state(state);
        Ok(())
    }

    /// Takes over what another router was told, under the rules of this one.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.take_config(self.config.clone(), self.scripts.clone());
        self.take_state(other.state());
    }

    /// Returns the rules in force.
    #[must_use]
    pub fn config(&self) -> &AcdConfig {
        &self.config
    }

    /// Returns how many contacts wait in a queue.
    #[must_use]
    pub fn length(&self, queue: &QueueId) -> usize {
        self.queue_numbers.get(queue).map_or(0, |number| self.queues[number.index()].length)
    }

    fn take_config(&mut self, config: AcdConfig, scripts: Vec<Arc<Script>>) {
        self.health = vec![scripts::Health::default(); scripts.len()];
        self.scripts = scripts;
        self.profiles =
            config.agents.iter().map(|it| (it.agent.clone(), Profile::new(it.clone()))).collect();
        self.config = config;
        self.queues.clear();
        self.queue_numbers.clear();
        for rules in self.config.queues.clone() {
            self.add_queue(rules);
        }
    }

    /// Returns the queue's number; a queue without rules of its own gets the usual ones when it is first heard of.
    fn queue_number(&mut self, queue: &QueueId) -> QueueNo {
        match self.queue_numbers.get(queue) {
            Some(number) => *number,
            None => self.add_queue(QueueRules::new(queue.clone())),
        }
    }

    fn add_queue(&mut self, rules: QueueRules) -> QueueNo {
        let number = QueueNo::of(self.queues.len());
        let script = self.scripts.iter().find(|script| script.name == rules.strategy).cloned();
        let name = match script {
            Some(_) => scripts::FALLBACK,
            None => &rules.strategy,
        };
        let strategy = self
            .strategies
            .iter()
            .find(|strategy| strategy.name() == name)
            .expect("the configuration was checked, and the usual strategy is built in");
        self.queue_numbers.insert(rules.queue.clone(), number);
        self.queues.push(Queue::new(rules, Arc::clone(strategy), script));
        number
    }

    fn agent_number(&mut self, agent: &AgentId) -> AgentNo {
        if let Some(number) = self.agent_numbers.get(agent) {
            return *number;
        }
        let number = AgentNo::of(self.agents.len());
        let mut new = Agent::new(agent.clone());
        new.index.profile = self.profile_of(agent);
        self.agents.push(new);
        self.agent_numbers.insert(agent.clone(), number);
        number
    }

    fn device_number(&mut self, device: &DeviceId) -> DeviceNo {
        if let Some(number) = self.device_numbers.get(device) {
            return *number;
        }
        let number = DeviceNo::of(self.devices.len());
        let id = device.clone();
        self.devices.push(Device { id, in_service: false, agent: None, calls: 0 });
        self.device_numbers.insert(device.clone(), number);
        number
    }

    fn device_mut(&mut self, device: &DeviceId) -> &mut Device {
        let number = self.device_number(device);
        &mut self.devices[number.index()]
    }

    fn profile_of(&self, agent: &AgentId) -> Profile {
        match self.profiles.get(agent) {
            Some(profile) => profile.clone(),
            None => Profile::new(AgentProfile::new(agent.clone())),
        }
    }
}

/// Checks a configuration; returns its scripts, compiled.
fn check(
    config: &AcdConfig,
    strategies: &[Arc<dyn Strategy>],
    calendars: &Calendars,
) -> Result<Vec<Arc<Script>>, InvalidAcdConfig> {
    let names: Vec<&str> = strategies.iter().map(|strategy| strategy.name()).collect();
    config.check(&names)?;
    schedules_are_there(config, calendars).map_err(|(queue, schedule)| {
        InvalidAcdConfig::UnknownSchedule { queue: queue.clone(), schedule: schedule.clone() }
    })?;
    Ok(script::compile_all(&config.scripts, &names)?)
}

/// Returns the first queue that goes by a schedule which is not there, and which one.
fn schedules_are_there<'a>(
    config: &'a AcdConfig,
    calendars: &Calendars,
) -> Result<(), (&'a QueueId, &'a String)> {
    let named = config.queues.iter().flat_map(|rules| {
        let of_missed = rules.missed.as_ref().and_then(|missed| missed.schedule.as_ref());
        rules.schedule.iter().chain(of_missed).map(|schedule| (&rules.queue, schedule))
    });
    let missing = named.into_iter().find(|(_, schedule)| calendars.get(schedule).is_none());
    missing.map_or(Ok(()), Err)
}

impl Acd {
    /// Returns for whom a caller waits first because he served him last: if he is there and the queue wants it so.
    fn last_agent(&self, call: CallId, queue: QueueNo, now: Timestamp) -> Option<Wanted> {
        let rule = self.queues[queue.index()].rules.last_agent?;
        let served = self.callers.before(call).filter(|it| now.since(it.at) <= rule.within)?;
        let agent = &self.agents[self.agent_numbers.get(&served.agent)?.index()];
        let serves = agent.device.is_some() && agent.index.queues.contains(&queue);
        serves.then(|| Wanted {
            agent: served.agent.clone(),
            because: WantedFor::Last,
            only_for: Some(rule.wait),
        })
    }
}

impl Router for Acd {
    fn apply(&mut self, event: &Event) {
        self.follow(event);
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        self.next_proposal(now)
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(at, _)| *at);
        let step = self.steps.first().map(|(at, _)| *at);
        let held = self.held.first().map(|(at, _)| *at);
        let lost = self.lost.first().map(|(at, _)| *at);
        let again = self.asked.iter().map(|asked| asked.again_at).min();
        let missed = self.missed.next(self.clock);
        [due, step, held, lost, again, missed].into_iter().flatten().min()
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.ahead(contact).map(|(_, ahead)| ahead + 1)
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.announce(contact, now)
    }

    fn expected_waits(&self) -> BTreeMap<QueueId, Duration> {
        let known = self.queues.iter().filter_map(|queue| {
            let free = |it: &AgentNo| self.agents[it.index()].index.free.contains(Medium::Voice);
            let wait = match queue.length == 0 && queue.members.iter().any(free) {
                true => Duration::ZERO,
                false => queue.told.learned.expected_wait(queue.length, queue.staffed)?,
            };
            Some((queue.rules.queue.clone(), wait))
        });
        known.collect()
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.explanations(contact, now)
    }

    fn why_not(&self, contact: ContactId, agent: &AgentId, now: Timestamp) -> Option<Explanation> {
        Some(Self::why_not(self, contact, agent, now))
    }

    fn kept_place(
        &self,
        caller: &PhoneNumber,
        queue: &QueueId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.missed.kept_place(caller, queue, now)
    }

    fn wishes(&self, call: CallId, queue: &QueueId, needs: Needs, now: Timestamp) -> Needs {
        let Some(number) = self.queue_numbers.get(queue).copied() else { return needs };
        let rules = &self.queues[number.index()].rules;
        let region = || self.callers.region(call, &rules.areas).cloned();
        let region = needs.region.clone().or_else(region);
        let agent = needs.agent.clone().or_else(|| self.last_agent(call, number, now));
        Needs { region, agent, ..needs }
    }

    fn change_rules(&mut self, change: &RulesChange) -> Result<String, InvalidRules> {
        match change {
            RulesChange::Replace(rules) => {
                self.reconfigure(AcdConfig::read(rules)?)?;
                Ok(self.config.version())
            }
            RulesChange::Shadow(_)
            | RulesChange::Unshadow
            | RulesChange::Switch
            | RulesChange::RollBack => Err(InvalidRules {
                field: "rules".to_owned(),
                reason: "this router keeps no rules beside those in force".to_owned(),
            }),
        }
    }

    fn check_calendars(&self, calendars: &Calendars) -> Result<(), MissingSchedule> {
        schedules_are_there(&self.config, calendars).map_err(|(queue, schedule)| MissingSchedule {
            schedule: schedule.clone(),
            by: format!("queue {queue}"),
        })
    }

    fn set_calendars(&mut self, calendars: &Calendars) {
        self.calendars = calendars.clone();
    }

    fn rules(&self) -> serde_json::Value {
        serde_json::json!({ "rules": self.config, "version": self.config.version() })
    }

    fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(self.state()).expect("names and numbers can always be written")
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        let state = serde_json::from_value(snapshot)?;
        self.take_config(self.config.clone(), self.scripts.clone());
        self.take_state(state);
        Ok(())
    }
}
