//! The router against an obvious one: lists that are searched from end to end, and nothing derived.
//!
//! Random centres are driven through both, with skills, levels, regions, sites, named agents, several media,
//! priorities, ageing, relaxation, moves, overflow, misses and supervisors; every proposal, every position and the end
//! of every proposing must be the same. `CTI_ACD_STEPS` sets how many steps are taken in all.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_acd::{
    Acd,
    config::{
        AcdConfig, AgeStep, Ageing, AgentProfile, Between, Membership, MissRules, QueueRules,
        Relaxation,
    },
};
use cti_core::{
    address::PhoneNumber,
    agent::{AgentState, NotReadyReason},
    cause::Cause,
    event::{AlarmKind, CallKind, Event, Fact, OfferEnd},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId},
    needs::{Medium, Needs, Wanted, WantedFor},
    router::{OverflowReason, Proposal, Router as _},
    switch::Origin,
    time::Timestamp,
};

use crate::centre::{Centre, Doing, agent, device_of, queue};

// --- what it knows -------------------------------------------------------------------------------------------------

/// What is proposed, without words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plain {
    Offer(ContactId, AgentId),
    Overflow(ContactId, OverflowReason),
    Move(ContactId, QueueId),
    Raise(ContactId, u8),
    NobodyStaffed(QueueId),
    StaffedAgain(QueueId),
}

#[derive(Debug)]
struct Agent {
    id: AgentId,
    state: AgentState,
    device: Option<DeviceId>,
    queues: Vec<QueueId>,
    capacity: BTreeMap<Medium, u8>,
    offers: BTreeMap<ContactId, Medium>,
    working: Vec<Medium>,
    idle: (Timestamp, EventNo),
    changed_at: Timestamp,
    calls: i64,
    waits: Vec<Duration>,
    misses: u32,
    missed: Option<(Timestamp, OfferEnd)>,
}

impl Agent {
    fn capacity(&self, medium: Medium) -> u8 {
        self.capacity.get(&medium).copied().unwrap_or(u8::from(medium.is_spoken()))
    }
}

#[derive(Debug)]
struct Contact {
    id: ContactId,
    queue: QueueId,
    priority: u8,
    needs: Needs,
    since: Timestamp,
    entered: Timestamp,
    rung: bool,
    refused: Option<OverflowReason>,
    assigned: Option<AgentId>,
    anyone: bool,
    raised: usize,
    tried: Vec<AgentId>,
}

#[derive(Debug)]
struct Reference {
    config: AcdConfig,
    agents: BTreeMap<AgentId, Agent>,
    contacts: BTreeMap<ContactId, Contact>,
    in_service: BTreeSet<DeviceId>,
    engaged: BTreeMap<CallId, DeviceId>,
    alarms: BTreeMap<AlarmId, QueueId>,
    lost_since: BTreeMap<QueueId, Timestamp>,
    last_offered: BTreeMap<QueueId, AgentId>,
    passes: BTreeMap<QueueId, u64>,
    pass_now: u64,
}

// --- the obvious router --------------------------------------------------------------------------------------------

impl Reference {
    fn staffed(&self, agent: &Agent) -> bool {
        agent.device.as_ref().is_some_and(|device| self.in_service.contains(device))
            && !matches!(agent.state, AgentState::SignedOut | AgentState::NotReady { .. })
    }

    fn free(&self, agent: &Agent, medium: Medium, now: Timestamp) -> bool {
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

    /// Whether the agent can take the contact when he is free.
    fn fits(&self, agent: &Agent, it: &Contact, now: Timestamp) -> bool {
        let (rules, profile) = (self.rules(&it.queue), self.profile(agent));
        let wanted = it.needs.agent.as_ref().filter(|_| !it.anyone).filter(|wanted| {
            let there = self.agents.get(&wanted.agent).is_some_and(|agent| self.staffed(agent));
            wanted.only_for.is_none_or(|time| now < it.entered + time && there)
        });
        if agent.capacity(it.needs.medium) == 0 || agent.device.is_none() {
            return false;
        }
        if let Some(only) = it.assigned.as_ref().or(wanted.map(|wanted| &wanted.agent)) {
            return *only == agent.id;
        }
        let steps: Vec<_> = rules.relax.iter().filter(|s| it.entered + s.after <= now).collect();
        let down: u32 = steps.iter().map(|step| u32::from(step.levels_down)).sum();
        let has = |skill: &_, level: u32| {
            profile.skills.get(skill).is_some_and(|it| u32::from(*it) >= level)
        };
        let knows_language = it.needs.language.as_ref().is_none_or(|it| has(it, 1));
        let knows_region = it
            .needs
            .region
            .as_ref()
            .is_none_or(|it| profile.regions.is_empty() || profile.regions.contains(it));
        let here = rules.sites.is_empty()
            || profile.site.as_ref().is_some_and(|it| rules.sites.contains(it));
        let serves = |queue| agent.queues.contains(queue);
        let any = |is: fn(&Relaxation) -> bool| steps.iter().any(|step| is(step));
        let skilled = it.needs.skills.iter().all(|(skill, level)| {
            u32::from(*level) <= down || has(skill, u32::from(*level) - down)
        });
        (serves(&it.queue) || steps.iter().any(|step| step.queues.iter().any(serves)))
            && (skilled || any(|step| step.any_skill))
            && (knows_language || any(|step| step.any_language))
            && (knows_region || any(|step| step.any_region))
            && (here || any(|step| step.any_site))
    }

    /// Smaller goes first: assigned, lifted, by virtual arrival.
    fn place(&self, it: &Contact, now: Timestamp) -> (u8, i128, ContactId) {
        let (rules, since) = (self.rules(&it.queue), i128::from(it.since.as_micros()));
        let level = i128::from(it.priority);
        let ahead = match &rules.ageing {
            Ageing::Linear { worth } => level * worth.as_micros() as i128,
            Ageing::Steps { steps } => {
                let up = steps.iter().rev().find(|step| it.since + step.after <= now);
                (level + up.map_or(0, |step| i128::from(step.up))).min(255) << 54
            }
            Ageing::Strict | Ageing::Doubling { .. } => level << 54,
        };
        match (it.assigned.is_some(), rules.lift_after.is_some_and(|after| it.since + after <= now))
        {
            (true, _) => (0, since, it.id),
            (false, true) => (1, since, it.id),
            (false, false) => (2, since - ahead - rules.head_start.as_micros() as i128, it.id),
        }
    }

    /// Smaller is preferred.
    fn preference(&self, agent: &Agent, it: &Contact, last: Option<(u8, u16)>) -> impl Ord + use<> {
        let member = self.profile(agent).membership(&it.queue);
        let order = (member.tier, member.position);
        let skills = &self.profile(agent).skills;
        let asked: i64 = it
            .needs
            .skills
            .keys()
            .filter_map(|skill| skills.get(skill))
            .map(|it| i64::from(*it))
            .sum();
        let all: i64 = skills.values().map(|it| i64::from(*it)).sum();
        let average = agent.waits.iter().sum::<Duration>().checked_div(agent.waits.len() as u32);
        match self.rules(&it.queue).strategy.as_str() {
            "fewest_calls" => (0, agent.calls, 0, agent.idle),
            "longest_average_idle" => {
                (0, average.map_or(i64::MIN, |it| -(it.as_micros() as i64)), 0, agent.idle)
            }
            "top_down" => (0, i64::from(member.tier), 0, agent.idle),
            "highest_skill" => (0, -asked, -all, agent.idle),
            "round_robin" => (
                u8::from(last.is_some_and(|last| order <= last)),
                i64::from(order.0),
                i64::from(order.1),
                Default::default(),
            ),
            "ring_progressively" => (
                u8::from(it.tried.contains(&agent.id)),
                i64::from(order.0) * i64::from(!it.tried.contains(&agent.id)),
                i64::from(order.1),
                Default::default(),
            ),
            _ => (0, 0, 0, agent.idle),
        }
    }

    fn propose(&self, now: Timestamp) -> Option<Plain> {
        let alarmed = |queue: &QueueId| self.alarms.values().any(|alarmed| alarmed == queue);
        let members = |queue: &QueueId| {
            self.agents.values().any(|it| it.queues.contains(queue) && self.staffed(it))
        };
        if let Some(it) =
            self.config.queues.iter().find(|it| alarmed(&it.queue) && members(&it.queue))
        {
            return Some(Plain::StaffedAgain(it.queue.clone()));
        }
        let mut open: Vec<_> = self.contacts.values().filter(|contact| !contact.rung).collect();
        open.sort_by_key(|it| self.place(it, now));
        let can = |agent: &&Agent, it: &Contact| {
            self.fits(agent, it, now) && self.free(agent, it.needs.medium, now)
        };
        for first in &open {
            let last = self.last_offered.get(&first.queue).map(|id| {
                self.config
                    .agents
                    .iter()
                    .find(|it| it.agent == *id)
                    .unwrap()
                    .membership(&first.queue)
            });
            let last = last.map(|it| (it.tier, it.position));
            let able = self.agents.values().filter(|agent| can(agent, first));
            let Some(agent) = able.min_by_key(|it| self.preference(it, first, last)) else {
                continue;
            };
            let best = open.iter().filter(|it| can(&agent, it)).min_by_key(|it| {
                let (place, rules) = (self.place(it, now), self.rules(&it.queue));
                let weighted = i128::from(now.as_micros()) - place.1;
                let rule = match self.config.between {
                    Between::FirstCome => 0,
                    Between::QueueRank => {
                        i128::from(self.profile(agent).membership(&it.queue).rank)
                    }
                    Between::WeightedWait => -(weighted.max(0) * i128::from(rules.weight)),
                    Between::Ratio => i128::from(self.passes.get(&it.queue).copied().unwrap_or(0)),
                };
                (place.0, if place.0 < 2 { 0 } else { rule }, place)
            });
            return Some(Plain::Offer(best?.id, agent.id.clone()));
        }
        let due = open.iter().filter_map(|it| Some((self.pending(it, now)?, self.place(it, now))));
        if let Some(((_, _, proposal), _)) = due.min_by_key(|((due, ..), place)| (*due, *place)) {
            return Some(proposal);
        }
        let alone = |it: &&Contact| {
            !self.agents.values().any(|agent| self.staffed(agent) && self.fits(agent, it, now))
        };
        let lost = self.config.queues.iter().enumerate().filter_map(|(index, rules)| {
            let since = *self.lost_since.get(&rules.queue)?;
            self.contacts.values().filter(|it| it.queue == rules.queue).find(alone)?;
            let (due, proposal) = match alarmed(&rules.queue) {
                false => {
                    (since + rules.nobody_staffed_after, Plain::NobodyStaffed(rules.queue.clone()))
                }
                true => {
                    let first =
                        open.iter().filter(|it| it.queue == rules.queue).find(|it| alone(it))?;
                    (since, Plain::Overflow(first.id, OverflowReason::NobodyStaffed))
                }
            };
            (due <= now).then_some((due, index, proposal))
        });
        lost.min_by_key(|(due, index, _)| (*due, *index)).map(|(_, _, proposal)| proposal)
    }

    fn pending(&self, it: &Contact, now: Timestamp) -> Option<(Timestamp, u8, Plain)> {
        let rules = self.rules(&it.queue);
        let mut all: Vec<_> = it
            .refused
            .map(|why| (it.entered, 0, Plain::Overflow(it.id, why)))
            .into_iter()
            .collect();
        all.extend(rules.max_wait.map(|wait| {
            (it.entered + wait, 0, Plain::Overflow(it.id, OverflowReason::WaitedTooLong))
        }));
        for (index, step) in rules.relax.iter().enumerate() {
            let at = it.entered + step.after;
            all.extend(step.move_to.clone().map(|to| (at, 1, Plain::Move(it.id, to))));
            let raise = step.raise_to.filter(|to| *to > it.priority && index >= it.raised);
            all.extend(raise.map(|to| (at, 2, Plain::Raise(it.id, to))));
        }
        all.into_iter().filter(|(at, ..)| *at <= now).min_by_key(|(at, kind, _)| (*at, *kind))
    }

    fn position(&self, contact: ContactId, now: Timestamp) -> Option<usize> {
        let here = self.contacts.get(&contact)?;
        let before =
            |it: &&Contact| it.queue == here.queue && self.place(it, now) <= self.place(here, now);
        Some(self.contacts.values().filter(before).count())
    }

    fn rules(&self, queue: &QueueId) -> &QueueRules {
        self.config.queues.iter().find(|rules| rules.queue == *queue).unwrap()
    }

    fn profile(&self, agent: &Agent) -> &AgentProfile {
        self.config.agents.iter().find(|profile| profile.agent == agent.id).unwrap()
    }

    // --- what facts tell it ----------------------------------------------------------------------------------------

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
    fn apply(&mut self, event: &Event) {
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
                let alone =
                    !self.agents.values().any(|it| it.queues.contains(&queue) && self.staffed(it));
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
            let staff =
                self.agents.values().any(|it| it.queues.contains(queue) && self.staffed(it));
            match waits && !staff {
                true => drop(self.lost_since.entry(queue.clone()).or_insert(at)),
                false => drop(self.lost_since.remove(queue)),
            }
        }
    }
}

// --- random centres ------------------------------------------------------------------------------------------------

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let sides = from.len() as u64;
        (sides > 0).then(|| from[self.roll(sides) as usize].clone())
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn config(dice: &mut Dice) -> AcdConfig {
    let rules = |name, change: &dyn Fn(&mut QueueRules)| {
        let mut rules = QueueRules::new(queue(name));
        change(&mut rules);
        rules
    };
    let step = |after, change: &dyn Fn(&mut Relaxation)| {
        let mut step = Relaxation { after: seconds(after), ..Relaxation::default() };
        change(&mut step);
        step
    };
    let queues = vec![
        rules("a", &|it| {
            it.max_wait = Some(seconds(90));
            it.weight = 3;
            it.relax = vec![
                step(20, &|it| it.levels_down = 3),
                step(40, &|it| it.queues = vec![queue("b"), queue("e")]),
                step(60, &|it| (it.any_skill, it.any_language) = (true, true)),
            ];
        }),
        rules("b", &|it| {
            it.strategy = "fewest_calls".to_owned();
            it.max_length = Some(4);
            it.nobody_staffed_after = Duration::ZERO;
        }),
        rules("c", &|it| {
            it.strategy = "longest_average_idle".to_owned();
            it.max_wait = Some(seconds(60));
            it.max_length = Some(6);
            it.nobody_staffed_after = seconds(10);
            it.ageing = Ageing::Linear { worth: seconds(7) };
            it.head_start = seconds(5);
        }),
        rules("d", &|it| {
            it.strategy = "highest_skill".to_owned();
            it.max_length = Some(0);
        }),
        rules("e", &|it| {
            it.strategy = "round_robin".to_owned();
            it.sites = vec!["north".to_owned()];
            it.lift_after = Some(seconds(45));
            it.relax = vec![
                step(25, &|it| (it.any_site, it.any_region) = (true, true)),
                step(30, &|it| it.raise_to = Some(9)),
                step(70, &|it| it.move_to = Some(queue("a"))),
            ];
        }),
        rules("f", &|it| {
            it.strategy = "top_down".to_owned();
            it.refuse_unstaffed = true;
            it.max_wait = Some(seconds(120));
            it.ageing = Ageing::Steps {
                steps: vec![
                    AgeStep { after: seconds(15), up: 2 },
                    AgeStep { after: seconds(50), up: 200 },
                ],
            };
        }),
        rules("g", &|it| {
            // One at a time, so that the plain model can follow.
            it.strategy = "ring_progressively".to_owned();
            it.ring_at_most = 1;
            it.max_wait = Some(seconds(100));
        }),
    ];
    let agents = (0..9)
        .map(|number: u16| {
            let mut profile = AgentProfile::new(agent(&(8001 + number).to_string()));
            for skill in ["english", "law"] {
                let level = dice.roll(12);
                if level > 0 {
                    profile.skills.insert(skill.parse().unwrap(), level.min(10) as u8);
                }
            }
            if dice.roll(2) == 0 {
                profile.regions = vec!["east".parse().unwrap()];
            }
            profile.site =
                dice.pick(&[None, Some("north".to_owned()), Some("south".to_owned())]).unwrap();
            for rules in &queues {
                let (tier, rank) = (1 + dice.roll(2) as u8, 1 + dice.roll(3) as u8);
                profile
                    .queues
                    .insert(rules.queue.clone(), Membership { tier, position: number, rank });
            }
            profile
        })
        .collect();
    let misses = MissRules {
        after_no_answer: seconds(8),
        after_reject: seconds(3),
        max_misses: 3,
        pause: seconds(60),
        ..MissRules::default()
    };
    let between = dice.pick(&Between::ALL).unwrap();
    AcdConfig { queues, agents, between, misses, scripts: Vec::new() }
}

fn needs(dice: &mut Dice) -> Needs {
    let mut needs = Needs::default();
    match dice.roll(12) {
        0 | 1 => drop(needs.skills.insert("english".parse().unwrap(), 1 + dice.roll(10) as u8)),
        2 => {
            needs.skills.insert("english".parse().unwrap(), 1 + dice.roll(6) as u8);
            needs.skills.insert("law".parse().unwrap(), 1 + dice.roll(6) as u8);
        }
        3 => needs.language = Some("english".parse().unwrap()),
        4 => needs.region = Some("west".parse().unwrap()),
        5 => needs.medium = Medium::Chat,
        6 => {
            let only_for = dice.pick(&[None, Some(seconds(10)), Some(seconds(30))]).unwrap();
            let agent = agent(&(8001 + dice.roll(9)).to_string());
            needs.agent = Some(Wanted { agent, because: WantedFor::Last, only_for });
        }
        _ => {}
    }
    needs
}

/// One step of a random centre; a step that is not possible just now is none.
pub(crate) fn step(
    dice: &mut Dice,
    centre: &mut Centre,
    acd: &mut Acd,
    direct_calls: &mut Vec<ContactId>,
) {
    let agents: Vec<_> = (8001..8010).map(|id| agent(&id.to_string())).collect();
    let queues = ["a", "b", "c", "d", "e", "f", "g"].map(queue);
    let someone = dice.pick(&agents).unwrap();
    let state = centre.agents.get(&someone).cloned().unwrap_or(AgentState::SignedOut);
    let live: Vec<_> = centre
        .contacts
        .iter()
        .filter(|(_, (_, doing))| *doing != Doing::Gone)
        .map(|(id, (_, doing))| (*id, doing.clone()))
        .collect();
    let rung: Vec<_> =
        live.iter().filter(|(_, doing)| matches!(doing, Doing::Rung(_))).cloned().collect();
    let talking: Vec<_> =
        live.iter().filter(|(_, doing)| matches!(doing, Doing::Talking(_))).cloned().collect();
    let waiting: Vec<_> =
        live.iter().filter(|(_, doing)| *doing == Doing::Waiting).cloned().collect();
    let rests = matches!(
        state,
        AgentState::Ready | AgentState::NotReady { .. } | AgentState::AfterCallWork
    );
    let is_rung = rung.iter().any(|(_, doing)| *doing == Doing::Rung(someone.clone()));
    match dice.roll(22) {
        0..=3 => centre.now += Duration::from_millis(dice.roll(15_000)),
        4..=7 => {
            let queue = dice.pick(&queues).unwrap();
            let priority = dice.pick(&[0, 0, 0, 1, 5]).unwrap();
            let needs = needs(dice);
            centre.arrive_with(acd, &queue, priority, needs);
        }
        8 | 9 if rests => centre.ready(acd, &someone),
        10 if rests => centre.not_ready(acd, &someone, "break"),
        11 if rests && !is_rung => centre.sign_out(acd, &someone),
        11 | 12 if state == AgentState::SignedOut => {
            let mut queues = queues.to_vec();
            queues.retain(|_| dice.roll(3) > 0);
            let room = [(Medium::Chat, dice.roll(3) as u8)].into();
            centre.capacity.insert(someone.clone(), room);
            centre.sign_in(acd, &someone, &queues);
        }
        13 => centre.device(acd, &someone, dice.roll(4) > 0),
        14 | 15 => {
            if let Some((contact, _)) = dice.pick(&rung) {
                centre.answer(acd, contact);
            }
        }
        16 => {
            if let Some((contact, _)) = dice.pick(&rung) {
                centre.miss(acd, contact, NotReadyReason::NoAnswer);
            }
        }
        17 => {
            if let Some((contact, _)) = dice.pick(&live) {
                centre.abandon(acd, contact);
            }
        }
        18 => {
            if let Some((contact, _)) = dice.pick(&talking) {
                let then = [AgentState::Ready, AgentState::AfterCallWork];
                centre.hang_up(acd, contact, dice.pick(&then).unwrap());
            }
        }
        19 => {
            if let Some((contact, _)) = dice.pick(&waiting) {
                let priority = dice.roll(12) as u8;
                centre.set_priority(acd, contact, priority);
            }
        }
        20 => {
            if let Some((contact, _)) = dice.pick(&waiting)
                && dice.roll(3) == 0
            {
                let agent = (dice.roll(3) > 0).then(|| someone.clone());
                centre.assign(acd, contact, agent);
            }
        }
        21 => match direct_calls.pop() {
            Some(contact) if dice.roll(2) == 0 => {
                let call = CallId(contact.0);
                centre.fact(acd, Fact::CallEnded { call, contact, cause: Cause::Normal });
            }
            kept => {
                direct_calls.extend(kept);
                let id = 1_000_000 + centre.log.len() as u64;
                direct_calls.push(ContactId(id));
                let number = PhoneNumber::withheld();
                let fact = Fact::CallStarted {
                    call: CallId(id),
                    contact: ContactId(id),
                    kind: CallKind::Internal,
                    leg: LegId(id),
                    origin: Origin::Device(device_of(&someone)),
                    caller: number.clone(),
                    called: number,
                    network_id: String::new(),
                    by: None,
                    consults: None,
                };
                centre.fact(acd, fact);
            }
        },
        _ => {}
    }
}

fn plain(proposal: &Proposal) -> Plain {
    match proposal {
        Proposal::Offer { contact, agent, .. } => Plain::Offer(*contact, agent.clone()),
        Proposal::Overflow { contact, reason, .. } => Plain::Overflow(*contact, *reason),
        Proposal::Move { contact, queue, .. } => Plain::Move(*contact, queue.clone()),
        Proposal::Raise { contact, priority, .. } => Plain::Raise(*contact, *priority),
        Proposal::NobodyStaffed { queue } => Plain::NobodyStaffed(queue.clone()),
        Proposal::StaffedAgain { queue } => Plain::StaffedAgain(queue.clone()),
        Proposal::CallBack { .. }
        | Proposal::Withdraw { .. }
        | Proposal::RuleFailed { .. }
        | Proposal::RuleWorksAgain { .. } => {
            panic!("there are no scripts, and nobody is called back: {proposal:?}")
        }
    }
}

/// Drives one random centre through both; returns how many facts there were and how often each proposal was made.
fn compare(seed: u64, steps: u64) -> (usize, [usize; 9]) {
    let mut dice = Dice(seed);
    let mut centre = Centre::default();
    let config = config(&mut dice);
    let mut acd = Acd::new(config.clone()).unwrap();
    let mut reference = Reference {
        config: config.clone(),
        agents: BTreeMap::new(),
        contacts: BTreeMap::new(),
        in_service: BTreeSet::new(),
        engaged: BTreeMap::new(),
        alarms: BTreeMap::new(),
        lost_since: BTreeMap::new(),
        last_offered: BTreeMap::new(),
        passes: BTreeMap::new(),
        pass_now: 0,
    };
    let mut direct_calls = Vec::new();
    let mut made = [0; 9];
    let mut asked = Vec::new();
    let mut known = 0;
    for number in 0..steps {
        step(&mut dice, &mut centre, &mut acd, &mut direct_calls);
        loop {
            centre.log[known..].iter().for_each(|event| reference.apply(event));
            known = centre.log.len();

            let proposal = acd.propose(centre.now);
            let expected = reference.propose(centre.now);
            assert_eq!(
                proposal.as_ref().map(plain),
                expected,
                "seed {seed}, step {number}, fact {known}, {:?}",
                config.between
            );
            asked.push((known, centre.now, proposal.clone()));
            let Some(proposal) = proposal else {
                // A time-out that is due and yields nothing would keep a driver from ever sleeping.
                let due = acd.poll_timeout();
                assert!(due.is_none_or(|due| due > centre.now), "seed {seed}, step {number}");
                break;
            };
            made[match plain(&proposal) {
                Plain::Offer(..) => 0,
                Plain::Overflow(_, OverflowReason::WaitedTooLong) => 1,
                Plain::Overflow(_, OverflowReason::QueueFull) => 2,
                Plain::Overflow(_, OverflowReason::NobodyStaffed) => 3,
                Plain::Overflow(_, reason) => panic!("{reason:?} has no rule here"),
                Plain::NobodyStaffed(_) => 4,
                Plain::StaffedAgain(_) => 5,
                Plain::Move(..) => 6,
                Plain::Raise(..) => 7,
            }] += 1;
            let explained = acd.explain(ContactId(1), centre.now).len();
            made[8] += usize::from(explained > 0);
            centre.carry_out(&mut acd, proposal);
        }
        for (contact, (_, doing)) in centre.contacts.iter().rev().take(8) {
            let position = acd.position(*contact);
            let expected = reference.position(*contact, centre.now);
            assert_eq!(position, expected, "seed {seed}, step {number}");
            assert_eq!(position.is_some(), matches!(doing, Doing::Waiting | Doing::Rung(_)));
        }
        if number % 500 == 499 {
            let snapshot = acd.snapshot();
            let mut restored = Acd::new(config.clone()).unwrap();
            restored.restore(snapshot.clone()).unwrap();
            assert_eq!(restored.snapshot(), snapshot, "seed {seed}, step {number}");
            assert_eq!(restored.propose(centre.now), None, "seed {seed}, step {number}");
            assert_eq!(restored.poll_timeout(), acd.poll_timeout(), "seed {seed}, step {number}");
            acd = restored;
        }
    }
    replay(&config, &centre.log, &asked, &acd);
    (centre.log.len(), made)
}

/// A second router that is told the same facts and asked at the same moments says the same, words included.
fn replay(
    config: &AcdConfig,
    log: &[Event],
    asked: &[(usize, Timestamp, Option<Proposal>)],
    first: &Acd,
) {
    let mut again = Acd::new(config.clone()).unwrap();
    let mut told = 0;
    for (known, now, proposal) in asked {
        log[told..*known].iter().for_each(|event| again.apply(event));
        told = *known;
        assert_eq!(again.propose(*now), *proposal);
    }
    assert_eq!(again.snapshot(), first.snapshot());
    // Facts alone are enough: what was asked in between leaves no trace.
    let mut silent = Acd::new(config.clone()).unwrap();
    log.iter().for_each(|event| silent.apply(event));
    assert_eq!(silent.snapshot(), first.snapshot());
}

#[test]
fn it_decides_as_a_search_through_plain_lists_would_over_random_days() {
    let steps: u64 =
        std::env::var("CTI_ACD_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(60_000);
    let mut facts = 0;
    let mut made = [0; 9];
    let first: u64 =
        std::env::var("CTI_ACD_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    for seed in first..first + steps.div_ceil(2_000) {
        let (count, proposals) = compare(seed, 2_000);
        facts += count;
        made.iter_mut().zip(proposals).for_each(|(sum, count)| *sum += count);
    }
    assert!(made[..8].iter().all(|count| *count > 50), "every kind of proposal is made: {made:?}");
    println!(
        "{facts} facts; offers, three overflows, alarms raised and cleared, moves, raises: {made:?}"
    );
}
