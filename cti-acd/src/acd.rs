//! The router: facts go in by [`Router::apply`], proposals come out by [`Router::propose`].
//!
//! One file per verb: `follow` facts, keep the `index`es, `propose`, `explain`, `snapshot`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use cti_core::{
    event::Event,
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, LegId, QueueId},
    router::{Explanation, Proposal, Router},
    time::Timestamp,
};

use crate::{
    agents::Agent,
    config::{AcdConfig, InvalidAcdConfig, QueueRules},
    contacts::Contact,
    place::{AgentNo, Place, QueueNo},
    queue::{Queue, Told},
    strategy::{self, Strategy},
};

mod explain;
mod follow;
mod index;
mod propose;
mod snapshot;

/// Proposes which agent takes a waiting contact; the [`Router`] of this crate.
#[derive(Debug)]
pub struct Acd {
    config: AcdConfig,
    strategies: Vec<Arc<dyn Strategy>>,

    queues: Vec<Queue>,
    queue_numbers: BTreeMap<QueueId, QueueNo>,
    agents: Vec<Agent>,
    agent_numbers: BTreeMap<AgentId, AgentNo>,
    contacts: BTreeMap<ContactId, Contact>,
    devices: BTreeMap<DeviceId, Device>,
    /// The devices that take part in a call otherwise than for an agent.
    engaged: BTreeMap<CallId, BTreeMap<LegId, DeviceId>>,
    alarms: BTreeMap<AlarmId, QueueNo>,

    /// The queues that have both a contact and an agent, by the place of their first contact.
    hot: BTreeSet<(Place, QueueNo)>,
    /// The contacts for whom their queue was full.
    over_length: BTreeSet<(Place, QueueNo)>,
    /// When contacts have waited as long as they may.
    deadlines: BTreeSet<(Timestamp, Place, QueueNo)>,
    /// When queues without staff are to be reported and emptied.
    lost: BTreeSet<(Timestamp, QueueNo)>,
    /// The queues whose alarm can end.
    staffed_again: BTreeSet<QueueNo>,
    /// What was proposed and is not answered by a fact yet; empty as long as the Center keeps the contract.
    asked: Vec<Asked>,
}

/// A device, as far as offers are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Device {
    in_service: bool,
    /// Who sits there.
    agent: Option<AgentNo>,
    /// How many calls engage it: made from it, or offered to it directly.
    calls: usize,
}

/// A proposal that no fact has answered yet. It is made again after [`ASK_AGAIN`], so that a proposal that came to
/// nothing can neither be repeated without end nor leave anybody stuck.
#[derive(Clone, Copy, Debug)]
struct Asked {
    again_at: Timestamp,
    about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Contact(ContactId, Option<AgentNo>),
    Staff(QueueNo),
}

const ASK_AGAIN: Duration = Duration::from_secs(1);

impl Acd {
    /// Returns a router with the strategies of this crate.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn new(config: AcdConfig) -> Result<Self, InvalidAcdConfig> {
        Self::with_strategies(config, Vec::new())
    }

    /// Returns a router that knows `own` strategies beside those of this crate; one of the same name goes first.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn with_strategies(
        config: AcdConfig,
        own: Vec<Arc<dyn Strategy>>,
    ) -> Result<Self, InvalidAcdConfig> {
        let mut strategies = own;
        strategies.extend(strategy::built_in());
        config.check(&names(&strategies))?;
        let mut acd = Self {
            config: AcdConfig::default(),
            strategies,
            queues: Vec::new(),
            queue_numbers: BTreeMap::new(),
            agents: Vec::new(),
            agent_numbers: BTreeMap::new(),
            contacts: BTreeMap::new(),
            devices: BTreeMap::new(),
            engaged: BTreeMap::new(),
            alarms: BTreeMap::new(),
            hot: BTreeSet::new(),
            over_length: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            lost: BTreeSet::new(),
            staffed_again: BTreeSet::new(),
            asked: Vec::new(),
        };
        acd.take_config(config);
        Ok(acd)
    }

    /// Takes other rules at once, contacts waiting; nobody loses his place.
    ///
    /// # Errors
    /// When the configuration contradicts itself; nothing has changed then.
    pub fn reconfigure(&mut self, config: AcdConfig) -> Result<(), InvalidAcdConfig> {
        config.check(&names(&self.strategies))?;
        let state = self.state();
        self.take_config(config);
        self.take_state(state);
        Ok(())
    }

    /// Returns the rules in force.
    #[must_use]
    pub fn config(&self) -> &AcdConfig {
        &self.config
    }

    fn take_config(&mut self, config: AcdConfig) {
        self.config = config;
        self.queues.clear();
        self.queue_numbers.clear();
        for rules in self.config.queues.clone() {
            self.add_queue(rules, Told::default());
        }
    }

    /// Returns the queue's number; a queue without rules of its own gets the usual ones when it is first heard of.
    fn queue_number(&mut self, queue: &QueueId) -> QueueNo {
        match self.queue_numbers.get(queue) {
            Some(number) => *number,
            None => self.add_queue(QueueRules::new(queue.clone()), Told::default()),
        }
    }

    fn add_queue(&mut self, rules: QueueRules, told: Told) -> QueueNo {
        let number = QueueNo(self.queues.len());
        let strategy = self
            .strategies
            .iter()
            .find(|strategy| strategy.name() == rules.strategy)
            .expect("the configuration was checked, and the usual strategy is built in");
        self.queue_numbers.insert(rules.queue.clone(), number);
        self.queues.push(Queue::new(rules, Arc::clone(strategy), told));
        number
    }

    fn agent_number(&mut self, agent: &AgentId) -> AgentNo {
        if let Some(number) = self.agent_numbers.get(agent) {
            return *number;
        }
        let number = AgentNo(self.agents.len());
        self.agents.push(Agent::new(agent.clone()));
        self.agent_numbers.insert(agent.clone(), number);
        number
    }
}

fn names(strategies: &[Arc<dyn Strategy>]) -> Vec<&'static str> {
    strategies.iter().map(|strategy| strategy.name()).collect()
}

impl Router for Acd {
    fn apply(&mut self, event: &Event) {
        self.follow(event);
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        self.next_proposal(now)
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let deadline = self.deadlines.first().map(|(at, _, _)| *at);
        let lost = self.lost.first().map(|(at, _)| *at);
        let again = self.asked.iter().map(|asked| asked.again_at).min();
        [deadline, lost, again].into_iter().flatten().min()
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.ahead(contact).map(|(_, ahead)| ahead + 1)
    }

    fn expected_wait(&self, contact: ContactId, _now: Timestamp) -> Option<Duration> {
        let (queue, ahead) = self.ahead(contact)?;
        queue.expected_wait(ahead)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.explanations(contact, now)
    }

    fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(self.state()).expect("names and numbers can always be written")
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        let state = serde_json::from_value(snapshot)?;
        self.take_config(self.config.clone());
        self.take_state(state);
        Ok(())
    }
}
