//! What facts told, as plain lists; what is asked of them is looked for from end to end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_acd::config::{AcdConfig, AgentProfile, Membership, QueueRules, Relaxation};
use cti_core::{
    agent::AgentState,
    event::{AlarmKind, Event, Fact, OfferEnd},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, QueueId},
    needs::{Medium, Needs},
    router::OverflowReason,
    switch::Origin,
    time::Timestamp,
};

#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: AgentId,
    state: AgentState,
    pub(super) device: Option<DeviceId>,
    pub(super) queues: Vec<QueueId>,
    capacity: BTreeMap<Medium, u8>,
    offers: BTreeMap<ContactId, Medium>,
    working: Vec<Medium>,
    /// The fact that made him ready.
    pub(super) idle: (Timestamp, EventNo),
    changed_at: Timestamp,
    pub(super) calls: i64,
    waits: Vec<Duration>,
    misses: u32,
    missed: Option<(Timestamp, OfferEnd)>,
}

impl Agent {
    pub(super) fn capacity(&self, medium: Medium) -> u8 {
        self.capacity.get(&medium).copied().unwrap_or(u8::from(medium.is_spoken()))
    }
}

#[derive(Debug)]
pub(super) struct Contact {
    pub(super) id: ContactId,
    pub(super) queue: QueueId,
    pub(super) priority: u8,
    pub(super) needs: Needs,
    pub(super) since: Timestamp,
    pub(super) entered: Timestamp,
    /// Whether an agent is being rung for it.
    pub(super) rung: bool,
    pub(super) refused: Option<OverflowReason>,
    pub(super) assigned: Option<AgentId>,
    anyone: bool,
    pub(super) raised: usize,
    pub(super) tried: Vec<AgentId>,
}

/// All that facts told.
#[derive(Debug)]
pub(super) struct Lists {
    pub(super) config: AcdConfig,
    pub(super) agents: BTreeMap<AgentId, Agent>,
    pub(super) contacts: BTreeMap<ContactId, Contact>,
    in_service: BTreeSet<DeviceId>,
    engaged: BTreeMap<CallId, DeviceId>,
    alarms: BTreeMap<AlarmId, QueueId>,
    pub(super) lost_since: BTreeMap<QueueId, Timestamp>,
    last_offered: BTreeMap<QueueId, AgentId>,
    /// How far queues have been served, where they are served in a ratio.
    pub(super) passes: BTreeMap<QueueId, u64>,
    pass_now: u64,
}

impl Agent {
    /// Microseconds that he waited for a call on average; who never has waited longest.
    pub(super) fn average_idle(&self) -> i64 {
        let average = self.waits.iter().sum::<Duration>().checked_div(self.waits.len() as u32);
        average.map_or(i64::MAX, |it| it.as_micros() as i64)
    }
}

impl Lists {
    pub(super) fn new(config: AcdConfig) -> Self {
        Self {
            config,
            agents: BTreeMap::new(),
            contacts: BTreeMap::new(),
            in_service: BTreeSet::new(),
            engaged: BTreeMap::new(),
            alarms: BTreeMap::new(),
            lost_since: BTreeMap::new(),
            last_offered: BTreeMap::new(),
            passes: BTreeMap::new(),
            pass_now: 0,
        }
    }

    pub(super) fn rules(&self, queue: &QueueId) -> &QueueRules {
        self.config.queues.iter().find(|rules| rules.queue == *queue).unwrap()
    }

    pub(super) fn profile(&self, agent: &AgentId) -> &AgentProfile {
        self.config.agents.iter().find(|profile| profile.agent == *agent).unwrap()
    }

    pub(super) fn member(&self, agent: &AgentId, queue: &QueueId) -> Membership {
        self.profile(agent).membership(queue)
    }

    /// The sum of his levels in what is asked for, and of all of them.
    pub(super) fn levels(&self, agent: &AgentId, needs: &Needs) -> [i64; 2] {
        let skills = &self.profile(agent).skills;
        let asked = needs.skills.keys().filter_map(|skill| skills.get(skill));
        [asked.map(|it| i64::from(*it)).sum(), skills.values().map(|it| i64::from(*it)).sum()]
    }

    /// Tier and position of who was offered a contact of the queue last.
    pub(super) fn last_order(&self, queue: &QueueId) -> Option<(i64, i64)> {
        let last = self.member(self.last_offered.get(queue)?, queue);
        Some((i64::from(last.tier), i64::from(last.position)))
    }

    /// All that is relaxed for a contact, as one step.
    pub(super) fn relaxed(&self, it: &Contact, now: Timestamp) -> Relaxation {
        let mut all = Relaxation::default();
        for step in self.rules(&it.queue).relax.iter().filter(|step| it.entered + step.after <= now)
        {
            all.levels_down += step.levels_down;
            all.queues.extend(step.queues.clone());
            all.any_skill |= step.any_skill;
            all.any_language |= step.any_language;
            all.any_region |= step.any_region;
            all.any_site |= step.any_site;
        }
        all
    }

    /// The one agent for whom a contact waits.
    pub(super) fn only<'a>(&self, it: &'a Contact, now: Timestamp) -> Option<&'a AgentId> {
        let wanted = it.needs.agent.as_ref().filter(|_| !it.anyone).filter(|wanted| {
            let there = self.agents.get(&wanted.agent).is_some_and(|agent| self.staffed(agent));
            wanted.only_for.is_none_or(|time| now < it.entered + time && there)
        });
        it.assigned.as_ref().or(wanted.map(|wanted| &wanted.agent))
    }

    pub(super) fn alarmed(&self, queue: &QueueId) -> bool {
        self.alarms.values().any(|alarmed| alarmed == queue)
    }

    pub(super) fn is_staffed(&self, queue: &QueueId) -> bool {
        self.agents.values().any(|it| it.queues.contains(queue) && self.staffed(it))
    }

    pub(super) fn staffed(&self, agent: &Agent) -> bool {
        agent.device.as_ref().is_some_and(|device| self.in_service.contains(device))
            && !matches!(agent.state, AgentState::SignedOut | AgentState::NotReady { .. })
    }

    pub(super) fn free(&self, agent: &Agent, medium: Medium, now: Timestamp) -> bool {
        let rules = self.config.misses;
        let held = agent.missed.is_some_and(|(at, end)| {
            let long = rules.max_misses > 0 && agent.misses >= rules.max_misses;
            let usual =
                if end == OfferEnd::NoAnswer { rules.after_no_answer } else { rules.after_reject };
            at + if long { usual.max(rules.pause) } else { usual } > now
        });
        let reachable = agent.device.as_ref().is_some_and(|device| {
            self.in_service.contains(device) && self.engaged.values().all(|it| it != device)
        });
        let room = match medium.is_spoken() {
            true => reachable && !agent.offers.values().any(|it| it.is_spoken()),
            false => {
                let taken = agent.offers.values().chain(&agent.working).filter(|it| **it == medium);
                taken.count() < usize::from(agent.capacity(medium))
            }
        };
        agent.state == AgentState::Ready && agent.device.is_some() && !held && room
    }

    pub(super) fn position(&self, contact: ContactId, now: Timestamp) -> Option<usize> {
        let here = self.contacts.get(&contact)?;
        let before =
            |it: &&Contact| it.queue == here.queue && self.place(it, now) <= self.place(here, now);
        Some(self.contacts.values().filter(before).count())
    }

    // --- what facts tell it ------------------------------------------------------------------------------------

    fn agent(&mut self, id: &AgentId) -> &mut Agent {
        self.agents.entry(id.clone()).or_insert_with(|| Agent {
            id: id.clone(),
            state: AgentState::SignedOut,
            device: None,
            queues: Vec::new(),
            capacity: BTreeMap::new(),
            offers: BTreeMap::new(),
            working: Vec::new(),
            idle: (Timestamp::ZERO, EventNo(0)),
            changed_at: Timestamp::ZERO,
            calls: 0,
            waits: Vec::new(),
            misses: 0,
            missed: None,
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "it names the facts that it needs")]
    pub(super) fn apply(&mut self, event: &Event) {
        let at = event.at;
        match event.fact.clone() {
            Fact::DeviceInService { device } => drop(self.in_service.insert(device)),
            Fact::DeviceOutOfService { device } => drop(self.in_service.remove(&device)),
            Fact::AgentSignedIn { agent, device, queues, capacity, .. } => {
                // The steps stay below a shift's gap, so figures are kept from one sign-in to the next.
                let agent = self.agent(&agent);
                (agent.device, agent.queues) = (Some(device), queues);
                agent.capacity = capacity;
                (agent.misses, agent.missed) = (0, None);
            }
            Fact::DutiesSet { agent, queues, capacity, .. } => {
                let agent = self.agent(&agent);
                if agent.device.is_some() {
                    (agent.queues, agent.capacity) = (queues, capacity);
                }
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                let agent = self.agent(&agent);
                match (&agent.state, &to) {
                    (AgentState::Ready, AgentState::Reserved { .. })
                    | (AgentState::Reserved { .. }, AgentState::Ready)
                    | (AgentState::Ready, AgentState::Ready) => {}
                    (AgentState::Ready, _) => agent.waits.push(at.since(agent.idle.0)),
                    (AgentState::Reserved { .. }, _) => {
                        agent.waits.push(agent.changed_at.since(agent.idle.0));
                    }
                    (_, AgentState::Ready) => agent.idle = (at, event.no),
                    _ => {}
                }
                if agent.state != to {
                    agent.changed_at = at;
                }
                agent.state = to;
            }
            Fact::AgentSignedOut { agent, .. } => {
                let agent = self.agent(&agent);
                (agent.device, agent.queues) = (None, Vec::new());
                agent.offers.clear();
                agent.working.clear();
            }
            Fact::CallStarted { call, origin: Origin::Device(device), .. } => {
                self.engaged.insert(call, device);
            }
            Fact::CallEnded { call, .. } => drop(self.engaged.remove(&call)),
            Fact::Queued { contact, queue, priority, needs, since, .. } => {
                let length = self.contacts.values().filter(|other| other.queue == queue).count();
                let rules = self.rules(&queue).clone();
                let alone = !self.is_staffed(&queue);
                let refused = match rules.max_length {
                    _ if rules.refuse_unstaffed && alone => Some(OverflowReason::NobodyStaffed),
                    Some(limit) if length >= limit as usize => Some(OverflowReason::QueueFull),
                    _ => None,
                };
                if length == 0 {
                    let pass = self.passes.entry(queue.clone()).or_default();
                    *pass = (*pass).max(self.pass_now);
                }
                let since = since.unwrap_or(at);
                self.contacts.insert(
                    contact,
                    Contact {
                        id: contact,
                        queue,
                        priority,
                        needs,
                        since,
                        entered: at,
                        rung: false,
                        refused,
                        assigned: None,
                        anyone: false,
                        raised: 0,
                        tried: Vec::new(),
                    },
                );
            }
            Fact::PrioritySet { contact, priority, .. } => {
                let entered = self.contacts[&contact].entered;
                let steps = &self.rules(&self.contacts[&contact].queue).relax;
                let raised = steps.iter().filter(|step| entered + step.after <= at).count();
                let contact = self.contacts.get_mut(&contact).unwrap();
                (contact.priority, contact.raised) = (priority, raised);
            }
            Fact::Assigned { contact, agent, .. } => {
                let contact = self.contacts.get_mut(&contact).unwrap();
                (contact.anyone, contact.assigned) = (agent.is_none(), agent);
            }
            Fact::Offered { contact: id, agent, .. } => {
                let contact = self.contacts.get_mut(&id).unwrap();
                (contact.rung, contact.refused) = (true, None);
                let (queue, medium) = (contact.queue.clone(), contact.needs.medium);
                let weight = u64::from(self.rules(&queue).weight);
                let pass = self.passes.entry(queue.clone()).or_default();
                self.pass_now = self.pass_now.max(*pass);
                *pass += (1 << 20) / weight;
                self.last_offered.insert(queue, agent.clone());
                self.agent(&agent).offers.insert(id, medium);
            }
            Fact::OfferEnded { contact: id, agent, end, .. } => {
                let contact = self.contacts.get_mut(&id).unwrap();
                contact.rung = end == OfferEnd::Answered;
                if end == OfferEnd::NoAnswer || end == OfferEnd::Rejected {
                    contact.tried.push(agent.clone());
                }
                let agent = self.agent(&agent);
                let medium = agent.offers.remove(&id);
                match end {
                    OfferEnd::Answered => {
                        (agent.misses, agent.missed) = (0, None);
                        agent.working.extend(medium.filter(|medium| !medium.is_spoken()));
                    }
                    OfferEnd::Withdrawn => {}
                    _ => (agent.misses, agent.missed) = (agent.misses + 1, Some((at, end))),
                }
            }
            Fact::Dequeued { contact, .. } => drop(self.contacts.remove(&contact)),
            Fact::Connected { party, .. } => self.agent(&party.agent.unwrap()).calls += 1,
            Fact::AlarmRaised { alarm, kind: AlarmKind::NobodyStaffed { queue } } => {
                self.alarms.insert(alarm, queue);
            }
            Fact::AlarmCleared { alarm } => drop(self.alarms.remove(&alarm)),
            _ => {}
        }
        for rules in &self.config.queues {
            let queue = &rules.queue;
            let waits = self.contacts.values().any(|contact| contact.queue == *queue);
            match waits && !self.is_staffed(queue) {
                true => drop(self.lost_since.entry(queue.clone()).or_insert(at)),
                false => drop(self.lost_since.remove(queue)),
            }
        }
    }
}
