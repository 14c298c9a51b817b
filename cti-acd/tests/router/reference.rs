//! The router against an obvious one: lists that are searched from end to end, and nothing derived.
//!
//! Random centres are driven through both; every proposal, every position and the end of every proposing must be
//! the same. `CTI_ACD_STEPS` sets how many steps are taken in all.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    agent::{AgentState, NotReadyReason},
    cause::Cause,
    event::{AlarmKind, CallKind, Event, Fact, OfferEnd},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId},
    router::{OverflowReason, Proposal, Router as _},
    switch::Origin,
    time::Timestamp,
};

use crate::centre::{Centre, Doing, agent, device_of, queue};

// --- the obvious router --------------------------------------------------------------------------------------------

/// What is proposed, without words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Plain {
    Offer(ContactId, AgentId),
    Overflow(ContactId, OverflowReason),
    NobodyStaffed(QueueId),
    StaffedAgain(QueueId),
}

#[derive(Debug)]
struct Agent {
    state: AgentState,
    device: DeviceId,
    queues: Vec<QueueId>,
    rung: bool,
    idle: (Timestamp, EventNo),
    reserved_at: Timestamp,
    calls: i64,
    waits: Vec<Duration>,
}

#[derive(Debug)]
struct Contact {
    queue: QueueId,
    order: (Reverse<u8>, Timestamp, EventNo),
    rung: bool,
    over: bool,
}

#[derive(Debug)]
struct Reference {
    rules: Vec<QueueRules>,
    agents: BTreeMap<AgentId, Agent>,
    contacts: BTreeMap<ContactId, Contact>,
    in_service: BTreeSet<DeviceId>,
    engaged: BTreeMap<CallId, DeviceId>,
    alarms: BTreeMap<AlarmId, QueueId>,
    lost_since: BTreeMap<QueueId, Timestamp>,
}

impl Reference {
    fn staffed(&self, queue: &QueueId) -> bool {
        self.agents.values().any(|agent| {
            agent.queues.contains(queue)
                && self.in_service.contains(&agent.device)
                && !matches!(agent.state, AgentState::SignedOut | AgentState::NotReady { .. })
        })
    }

    fn alarmed(&self, queue: &QueueId) -> bool {
        self.alarms.values().any(|alarmed| alarmed == queue)
    }

    fn ready(&self, queue: &QueueId) -> Option<AgentId> {
        let strategy = &self.rules.iter().find(|rules| rules.queue == *queue).unwrap().strategy;
        let key = |agent: &Agent| match (strategy.as_str(), agent.waits.len() as u32) {
            ("fewest_calls", _) => agent.calls,
            ("longest_idle", _) => 0,
            (_, 0) => i64::MIN,
            (_, count) => -((agent.waits.iter().sum::<Duration>() / count).as_micros() as i64),
        };
        let ready = self.agents.iter().filter(|(_, agent)| {
            agent.state == AgentState::Ready
                && !agent.rung
                && agent.queues.contains(queue)
                && self.in_service.contains(&agent.device)
                && self.engaged.values().all(|engaged| *engaged != agent.device)
        });
        ready.min_by_key(|(_, agent)| (key(agent), agent.idle)).map(|(id, _)| id.clone())
    }

    fn propose(&self, now: Timestamp) -> Option<Plain> {
        let mut open: Vec<_> = self.contacts.iter().filter(|(_, contact)| !contact.rung).collect();
        open.sort_by_key(|(_, contact)| contact.order);
        let rules =
            |queue: &QueueId| self.rules.iter().find(|rules| rules.queue == *queue).unwrap();

        for rules in &self.rules {
            if self.alarmed(&rules.queue) && self.staffed(&rules.queue) {
                return Some(Plain::StaffedAgain(rules.queue.clone()));
            }
        }
        for (id, contact) in &open {
            if let Some(agent) = self.ready(&contact.queue) {
                return Some(Plain::Offer(**id, agent));
            }
        }
        if let Some((id, _)) = open.iter().find(|(_, contact)| contact.over) {
            return Some(Plain::Overflow(**id, OverflowReason::QueueFull));
        }
        let due = open.iter().filter_map(|(id, contact)| {
            let due = contact.order.1 + rules(&contact.queue).max_wait?;
            (due <= now).then_some((due, contact.order, **id))
        });
        if let Some((_, _, id)) = due.min() {
            return Some(Plain::Overflow(id, OverflowReason::WaitedTooLong));
        }
        let lost = self.rules.iter().enumerate().filter_map(|(index, rules)| {
            let since = *self.lost_since.get(&rules.queue)?;
            let first = open.iter().find(|(_, contact)| contact.queue == rules.queue);
            let (due, proposal) = match (self.alarmed(&rules.queue), first) {
                (false, _) => {
                    (since + rules.nobody_staffed_after, Plain::NobodyStaffed(rules.queue.clone()))
                }
                (true, Some((id, _))) => {
                    (since, Plain::Overflow(**id, OverflowReason::NobodyStaffed))
                }
                (true, None) => return None,
            };
            (due <= now).then_some((due, index, proposal))
        });
        lost.min_by_key(|(due, index, _)| (*due, *index)).map(|(_, _, proposal)| proposal)
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        let here = self.contacts.get(&contact)?;
        let better = |other: &&Contact| other.queue == here.queue && other.order <= here.order;
        Some(self.contacts.values().filter(better).count())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "it names the facts that it needs")]
    fn apply(&mut self, event: &Event) {
        let at = event.at;
        match event.fact.clone() {
            Fact::DeviceInService { device } => drop(self.in_service.insert(device)),
            Fact::DeviceOutOfService { device } => drop(self.in_service.remove(&device)),
            Fact::AgentSignedIn { agent, device, queues, .. } => {
                // The steps stay below a shift's gap, so figures are kept from one sign-in to the next.
                let new = || Agent {
                    state: AgentState::SignedOut,
                    device: device.clone(),
                    queues: Vec::new(),
                    rung: false,
                    idle: (Timestamp::ZERO, EventNo(0)),
                    reserved_at: Timestamp::ZERO,
                    calls: 0,
                    waits: Vec::new(),
                };
                self.agents.entry(agent).or_insert_with(new).queues = queues;
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                let agent = self.agents.get_mut(&agent).unwrap();
                match (&agent.state, &to) {
                    (AgentState::Ready, AgentState::Reserved { .. }) => agent.reserved_at = at,
                    (AgentState::Reserved { .. }, AgentState::Ready)
                    | (AgentState::Ready, AgentState::Ready) => {}
                    (AgentState::Ready, _) => agent.waits.push(at.since(agent.idle.0)),
                    (AgentState::Reserved { .. }, _) => {
                        agent.waits.push(agent.reserved_at.since(agent.idle.0));
                    }
                    (_, AgentState::Ready) => agent.idle = (at, event.no),
                    _ => {}
                }
                agent.state = to;
            }
            Fact::AgentSignedOut { agent, .. } => {
                self.agents.get_mut(&agent).unwrap().queues.clear();
            }
            Fact::CallStarted { call, origin: Origin::Device(device), .. } => {
                self.engaged.insert(call, device);
            }
            Fact::CallEnded { call, .. } => drop(self.engaged.remove(&call)),
            Fact::Queued { contact, queue, priority, .. } => {
                let present = self.contacts.values().filter(|other| other.queue == queue).count();
                let rules = self.rules.iter().find(|rules| rules.queue == queue).unwrap();
                let over = rules.max_length.is_some_and(|limit| present >= limit as usize);
                let order = (Reverse(priority), at, event.no);
                self.contacts.insert(contact, Contact { queue, order, rung: false, over });
            }
            Fact::Offered { contact, agent, .. } => {
                let contact = self.contacts.get_mut(&contact).unwrap();
                (contact.rung, contact.over) = (true, false);
                self.agents.get_mut(&agent).unwrap().rung = true;
            }
            Fact::OfferEnded { contact, agent, end, .. } => {
                self.contacts.get_mut(&contact).unwrap().rung = end == OfferEnd::Answered;
                self.agents.get_mut(&agent).unwrap().rung = false;
            }
            Fact::Dequeued { contact, .. } => drop(self.contacts.remove(&contact)),
            Fact::Connected { party, .. } => {
                self.agents.get_mut(&party.agent.unwrap()).unwrap().calls += 1;
            }
            Fact::AlarmRaised { alarm, kind: AlarmKind::NobodyStaffed { queue } } => {
                self.alarms.insert(alarm, queue);
            }
            Fact::AlarmCleared { alarm } => drop(self.alarms.remove(&alarm)),
            _ => {}
        }
        for rules in &self.rules {
            let queue = &rules.queue;
            match self.contacts.values().any(|contact| contact.queue == *queue)
                && !self.staffed(queue)
            {
                true => drop(self.lost_since.entry(queue.clone()).or_insert(at)),
                false => drop(self.lost_since.remove(queue)),
            }
        }
    }
}

// --- random centres ------------------------------------------------------------------------------------------------

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

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

fn config() -> AcdConfig {
    let mut a = QueueRules::new(queue("a"));
    a.max_wait = Some(Duration::from_secs(90));
    let mut b = QueueRules::new(queue("b"));
    b.strategy = "fewest_calls".to_owned();
    b.max_length = Some(4);
    b.nobody_staffed_after = Duration::ZERO;
    let mut c = QueueRules::new(queue("c"));
    c.strategy = "longest_average_idle".to_owned();
    c.max_wait = Some(Duration::from_secs(60));
    c.max_length = Some(6);
    c.nobody_staffed_after = Duration::from_secs(10);
    let mut d = QueueRules::new(queue("d"));
    d.max_length = Some(0);
    AcdConfig { queues: vec![a, b, c, d] }
}

/// One step of a random centre; a step that is not possible just now is none.
fn step(dice: &mut Dice, centre: &mut Centre, acd: &mut Acd, direct_calls: &mut Vec<ContactId>) {
    let agents: Vec<_> = (8001..8010).map(|id| agent(&id.to_string())).collect();
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
    let rests = matches!(
        state,
        AgentState::Ready | AgentState::NotReady { .. } | AgentState::AfterCallWork
    );
    match dice.roll(20) {
        0..=3 => centre.now += Duration::from_millis(dice.roll(20_000)),
        4..=7 => {
            let queue = dice.pick(&[queue("a"), queue("b"), queue("c"), queue("d")]).unwrap();
            let priority = dice.pick(&[0, 0, 0, 5]).unwrap();
            centre.arrive(acd, &queue, priority);
        }
        8 | 9 if rests => centre.ready(acd, &someone),
        10 if rests => centre.not_ready(acd, &someone, "break"),
        11 if rests => centre.sign_out(acd, &someone),
        11 | 12 if state == AgentState::SignedOut => {
            let mut queues = vec![queue("a"), queue("b"), queue("c"), queue("d")];
            queues.retain(|_| dice.roll(3) > 0);
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
        19 => match direct_calls.pop() {
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
        Proposal::NobodyStaffed { queue } => Plain::NobodyStaffed(queue.clone()),
        Proposal::StaffedAgain { queue } => Plain::StaffedAgain(queue.clone()),
    }
}

/// Drives one random centre through both; returns how many facts there were and how often each proposal was made.
fn compare(seed: u64, steps: u64) -> (usize, [usize; 6]) {
    let mut dice = Dice(seed);
    let mut centre = Centre::default();
    let mut acd = Acd::new(config()).unwrap();
    let mut reference = Reference {
        rules: config().queues,
        agents: BTreeMap::new(),
        contacts: BTreeMap::new(),
        in_service: BTreeSet::new(),
        engaged: BTreeMap::new(),
        alarms: BTreeMap::new(),
        lost_since: BTreeMap::new(),
    };
    let mut direct_calls = Vec::new();
    let mut made = [0; 6];
    let mut asked = Vec::new();
    let mut known = 0;
    for number in 0..steps {
        step(&mut dice, &mut centre, &mut acd, &mut direct_calls);
        loop {
            centre.log[known..].iter().for_each(|event| reference.apply(event));
            known = centre.log.len();

            let due = acd.poll_timeout().is_some_and(|due| due <= centre.now);
            let proposal = acd.propose(centre.now);
            let expected = reference.propose(centre.now);
            assert_eq!(
                proposal.as_ref().map(plain),
                expected,
                "seed {seed}, step {number}, fact {known}"
            );
            asked.push((known, centre.now, proposal.clone()));
            let Some(proposal) = proposal else {
                // A time-out that is due and yields nothing would keep a driver from ever sleeping.
                assert!(!due, "seed {seed}, step {number}: nothing came of the time-out");
                break;
            };
            made[match plain(&proposal) {
                Plain::Offer(..) => 0,
                Plain::Overflow(_, OverflowReason::WaitedTooLong) => 1,
                Plain::Overflow(_, OverflowReason::QueueFull) => 2,
                Plain::Overflow(_, OverflowReason::NobodyStaffed) => 3,
                Plain::NobodyStaffed(_) => 4,
                Plain::StaffedAgain(_) => 5,
            }] += 1;
            centre.carry_out(&mut acd, proposal);
        }
        for (contact, (_, doing)) in centre.contacts.iter().rev().take(8) {
            let position = acd.position(*contact);
            assert_eq!(position, reference.position(*contact), "seed {seed}, step {number}");
            assert_eq!(position.is_some(), matches!(doing, Doing::Waiting | Doing::Rung(_)));
        }
        if number % 500 == 499 {
            let snapshot = acd.snapshot();
            let mut restored = Acd::new(config()).unwrap();
            restored.restore(snapshot.clone()).unwrap();
            assert_eq!(restored.snapshot(), snapshot, "seed {seed}, step {number}");
            assert_eq!(restored.poll_timeout(), acd.poll_timeout());
            acd = restored;
        }
    }
    replay(&centre.log, &asked, &acd);
    (centre.log.len(), made)
}

/// A second router that is told the same facts and asked at the same moments says the same, words included.
fn replay(log: &[Event], asked: &[(usize, Timestamp, Option<Proposal>)], first: &Acd) {
    let mut again = Acd::new(config()).unwrap();
    let mut told = 0;
    for (known, now, proposal) in asked {
        log[told..*known].iter().for_each(|event| again.apply(event));
        told = *known;
        assert_eq!(again.propose(*now), *proposal);
    }
    assert_eq!(again.snapshot(), first.snapshot());
    // Facts alone are enough: what was asked in between leaves no trace.
    let mut silent = Acd::new(config()).unwrap();
    log.iter().for_each(|event| silent.apply(event));
    assert_eq!(silent.snapshot(), first.snapshot());
}

#[test]
fn it_decides_as_a_search_through_plain_lists_would_over_random_days() {
    let steps: u64 =
        std::env::var("CTI_ACD_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut facts = 0;
    let mut made = [0; 6];
    for seed in 0..steps.div_ceil(2_000) {
        let (count, proposals) = compare(seed, 2_000);
        facts += count;
        made.iter_mut().zip(proposals).for_each(|(sum, count)| *sum += count);
    }
    assert!(made.iter().all(|count| *count > 100), "every kind of proposal is made: {made:?}");
    println!("{facts} facts; offers, three overflows, alarms raised and cleared: {made:?}");
}
