//! What holds of every random centre, whatever its rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_acd::{
    Acd,
    config::{AcdConfig, Ageing, QueueRules},
};
use cti_core::{
    agent::{AgentState, NotReadyReason},
    event::{DequeueReason, Event, Fact},
    id::{AgentId, ContactId},
    router::{Explanation, Proposal, Router},
    time::Timestamp,
};

use crate::{
    centre::{Centre, Doing, agent, queue},
    reference::streams::{Dice, config, step},
};

fn agents() -> Vec<AgentId> {
    (8001..8010).map(|id| agent(&id.to_string())).collect()
}

fn steps() -> u64 {
    std::env::var("CTI_ACD_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(16_000)
}

fn waiting(centre: &Centre) -> Vec<ContactId> {
    let waits = |(_, (_, doing)): &(&ContactId, &(_, Doing))| *doing == Doing::Waiting;
    centre.contacts.iter().filter(waits).map(|(id, _)| *id).collect()
}

/// Lets random centres live; `look` sees each one at rest, and each proposal before it is carried out. It may carry one
/// out itself.
fn live(mut look: impl FnMut(&mut Centre, &mut Acd, Option<&Proposal>)) {
    for seed in 0..steps().div_ceil(2_000) {
        let mut dice = Dice(seed + 1_000_000);
        let mut centre = Centre::default();
        let mut acd = Acd::new(config(&mut dice)).unwrap();
        let mut direct_calls = Vec::new();
        for _ in 0..2_000 {
            step(&mut dice, &mut centre, &mut acd, &mut direct_calls);
            while let Some(proposal) = acd.propose(centre.now) {
                let known = centre.log.len();
                look(&mut centre, &mut acd, Some(&proposal));
                if centre.log.len() == known {
                    centre.carry_out(&mut acd, proposal);
                }
            }
            look(&mut centre, &mut acd, None);
        }
    }
}

#[test]
fn nobody_waits_while_an_agent_who_could_take_him_is_free() {
    let mut looked = 0;
    live(|centre, acd, proposal| {
        if proposal.is_some() {
            return;
        }
        for contact in waiting(centre) {
            for agent in agents() {
                let why = acd.why_not(contact, &agent, centre.now).why;
                let stuck = match why.rule.as_str() {
                    "next" | "others_first" | "on_its_way" => true,
                    // Who is ready has no call, so there is room for one, whatever an index says.
                    "capacity" => centre.medium(contact).is_spoken(),
                    _ => false,
                };
                assert!(!stuck, "{contact} and {agent}: {}", why.en);
                looked += 1;
            }
        }
    });
    assert!(looked > 10_000, "{looked}");
}

#[test]
fn of_two_who_ask_for_the_same_the_first_is_served_first() {
    let mut served = 0;
    live(|centre, _, proposal| {
        let Some(Proposal::Offer { contact, .. }) = proposal else { return };
        // Whoever was moved or given to somebody has another story than who asked for the same.
        let mut special: BTreeSet<ContactId> = BTreeSet::new();
        for event in &centre.log {
            if let Fact::Assigned { contact, .. }
            | Fact::Queued { contact, since: Some(_), .. }
            | Fact::PrioritySet { contact, .. } = &event.fact
            {
                special.insert(*contact);
            }
        }
        let (this, queue) = (&centre.wants[contact], &centre.contacts[contact].0);
        for other in waiting(centre).into_iter().filter(|other| other < contact) {
            let that = &centre.wants[&other];
            let same = that.needs == this.needs
                && that.priority == this.priority
                && centre.contacts[&other].0 == *queue;
            assert!(
                !same || special.contains(&other) || special.contains(contact),
                "{contact} before {other}"
            );
            served += 1;
        }
    });
    assert!(served > 1_000, "{served}");
}

#[test]
fn an_agent_is_never_offered_more_than_he_has_room_for_and_each_contact_ends_once() {
    let mut chats = 0;
    live(|centre, _, proposal| {
        if let Some(Proposal::Offer { contact, agent, .. }) = proposal {
            let medium = centre.medium(*contact);
            let rung = |other: &ContactId| centre.contacts[other].1 == Doing::Rung(agent.clone());
            let same = |other: &ContactId| {
                let that = centre.medium(*other);
                that == medium || that.is_spoken() && medium.is_spoken()
            };
            let rung = centre.contacts.keys().filter(|it| rung(it) && same(it)).count();
            let room = centre.capacity[agent].get(&medium).copied();
            let room = room.unwrap_or(u8::from(medium.is_spoken()));
            assert!(rung < usize::from(room), "{agent} has {rung} already");
            chats += usize::from(!medium.is_spoken());
        }
        if proposal.is_none() && centre.log.len() % 97 == 0 {
            let mut ends: BTreeMap<ContactId, usize> = BTreeMap::new();
            for event in &centre.log {
                if let Fact::Dequeued { contact, reason, .. } = &event.fact
                    && *reason != DequeueReason::Moved
                {
                    *ends.entry(*contact).or_default() += 1;
                }
            }
            assert!(ends.values().all(|count| *count == 1));
            for (contact, (_, doing)) in &centre.contacts {
                let waits = matches!(doing, Doing::Waiting | Doing::Rung(_));
                assert_eq!(ends.contains_key(contact), !waits, "{contact}");
            }
        }
    });
    assert!(chats > 50, "{chats}");
}

#[test]
fn a_higher_priority_never_delays_and_a_lower_one_never_helps() {
    let mut changed = 0;
    live(|centre, acd, proposal| {
        if proposal.is_some() || centre.log.len() % 5 > 0 {
            return;
        }
        let Some(contact) = waiting(centre).into_iter().min_by_key(|it| it.0 % 7) else { return };
        let before = acd.position(contact).unwrap();
        let mut position = before;
        let priority = centre.wants[&contact].priority;
        for (other, better) in [(priority.saturating_add(3), true), (priority, false)] {
            centre.set_priority(acd, contact, other);
            while let Some(proposal) = acd.propose(centre.now) {
                centre.carry_out(acd, proposal);
            }
            let Some(after) = acd.position(contact) else { return };
            match better {
                true => assert!(after <= before, "{contact} was {before} and is {after}"),
                false => assert!(after >= position, "{contact} was {position} and is {after}"),
            }
            position = after;
            changed += 1;
        }
    });
    assert!(changed > 500, "{changed}");
}

#[test]
fn who_was_not_answered_has_the_place_that_he_had() {
    let mut missed = 0;
    live(|centre, acd, proposal| {
        let Some(Proposal::Offer { contact, .. }) = proposal.cloned() else { return };
        let before = acd.position(contact).unwrap();
        centre.carry_out(acd, proposal.unwrap().clone());
        assert_eq!(acd.position(contact), Some(before), "while he is rung for");
        centre.miss(acd, contact, NotReadyReason::NoAnswer);
        assert_eq!(acd.position(contact), Some(before), "and afterwards");
        missed += 1;
    });
    assert!(missed > 100, "{missed}");
}

/// Lets more people come to one queue than its agents can serve, with priorities by chance; `look` sees who is offered
/// before it is carried out.
fn crowd(change: impl Fn(&mut QueueRules), mut look: impl FnMut(&Centre, ContactId)) {
    let general = queue("general");
    let mut rules = QueueRules::new(general.clone());
    change(&mut rules);
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let mut centre = Centre::default();
        let config = AcdConfig { queues: vec![rules.clone()], ..AcdConfig::default() };
        let mut acd = Acd::new(config).unwrap();
        for agent in &agents()[..3] {
            centre.device(&mut acd, agent, true);
            centre.sign_in(&mut acd, agent, std::slice::from_ref(&general));
            centre.ready(&mut acd, agent);
        }
        for _ in 0..600 {
            centre.now += Duration::from_millis(dice.roll(8_000));
            let priority = dice.roll(4) as u8;
            centre.arrive(&mut acd, &general, priority);
            let live: Vec<ContactId> = centre
                .contacts
                .iter()
                .filter(|(_, (_, doing))| *doing != Doing::Gone)
                .map(|(id, _)| *id)
                .collect();
            let someone = dice.pick(&live).unwrap();
            if centre.contacts[&someone].1 == Doing::Waiting && dice.roll(4) == 0 {
                centre.abandon(&mut acd, someone);
            }
            let talks = |id: &&ContactId| matches!(centre.contacts[id].1, Doing::Talking(_));
            if let Some(first) = live.iter().find(talks).copied()
                && dice.roll(5) < 3
            {
                centre.hang_up(&mut acd, first, AgentState::Ready);
            }
            while let Some(proposal) = acd.propose(centre.now) {
                let Proposal::Offer { contact, .. } = proposal else {
                    panic!("nothing else is due here: {proposal:?}");
                };
                look(&centre, contact);
                centre.carry_out(&mut acd, proposal);
                centre.answer(&mut acd, contact);
            }
        }
    }
}

#[test]
fn a_priority_passes_nobody_who_has_waited_as_long_as_the_guard_allows() {
    let guard = Duration::from_secs(30);
    let (mut passed, mut guarded) = (0, 0);
    crowd(
        |rules| rules.lift_after = Some(guard),
        |centre, contact| {
            let this = &centre.wants[&contact];
            for other in waiting(centre).into_iter().filter(|other| *other < contact) {
                let waited = centre.now.since(centre.wants[&other].since);
                assert!(waited < guard, "{contact} before {other}, who waited {waited:?}");
                passed += 1;
            }
            guarded += usize::from(this.priority == 0 && centre.now.since(this.since) >= guard);
        },
    );
    assert!(passed > 50 && guarded > 50, "{passed}, {guarded}");
}

#[test]
fn a_level_of_priority_passes_nobody_who_came_earlier_than_it_is_worth() {
    let worth = Duration::from_secs(15);
    let (mut passed, mut waited) = (0, 0);
    crowd(
        |rules| rules.ageing = Ageing::Linear { worth },
        |centre, contact| {
            let this = &centre.wants[&contact];
            for other in waiting(centre).into_iter().filter(|other| *other < contact) {
                let that = &centre.wants[&other];
                let levels = u32::from(this.priority.saturating_sub(that.priority));
                let earlier = this.since.since(that.since);
                assert!(earlier <= worth * levels, "{contact} before {other}");
                passed += 1;
            }
            waited += usize::from(this.priority == 0 && this.since < centre.now);
        },
    );
    assert!(passed > 50 && waited > 50, "{passed}, {waited}");
}

/// A router whose indexes grow fact by fact, and one that made them from a snapshot; both are asked everything.
#[derive(Debug)]
struct Twins {
    kept: Acd,
    made_again: Acd,
}

impl Router for Twins {
    fn apply(&mut self, event: &Event) {
        self.kept.apply(event);
        self.made_again.apply(event);
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        let proposal = self.kept.propose(now);
        assert_eq!(self.made_again.propose(now), proposal);
        proposal
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.kept.poll_timeout();
        assert_eq!(self.made_again.poll_timeout(), due);
        due
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        let position = self.kept.position(contact);
        assert_eq!(self.made_again.position(contact), position, "{contact}");
        position
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.kept.expected_wait(contact, now)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.kept.explain(contact, now)
    }

    fn snapshot(&self) -> serde_json::Value {
        let snapshot = self.kept.snapshot();
        assert_eq!(self.made_again.snapshot(), snapshot);
        snapshot
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        self.made_again.restore(snapshot)
    }
}

#[test]
fn indexes_that_grow_with_each_fact_are_those_that_are_made_from_nothing() {
    let mut compared = 0;
    for seed in 0..steps().div_ceil(2_000) {
        let mut dice = Dice(seed + 2_000_000);
        let mut centre = Centre::default();
        let config = config(&mut dice);
        let fresh = || Acd::new(config.clone()).unwrap();
        let mut twins = Twins { kept: fresh(), made_again: fresh() };
        let mut direct_calls = Vec::new();
        for number in 0..2_000 {
            step(&mut dice, &mut centre, &mut twins, &mut direct_calls);
            centre.settle(&mut twins);
            twins.poll_timeout();
            if number % 50 > 0 {
                continue;
            }
            for contact in waiting(&centre) {
                twins.position(contact);
                for agent in agents() {
                    let why = |acd: &Acd| acd.why_not(contact, &agent, centre.now).why;
                    assert_eq!(why(&twins.kept), why(&twins.made_again), "{contact} and {agent}");
                    compared += 1;
                }
            }
            twins.made_again = fresh();
            let snapshot = twins.kept.snapshot();
            twins.restore(snapshot).unwrap();
            twins.snapshot();
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn a_replay_of_the_facts_gives_the_same_decisions_word_for_word() {
    let mut same = 0;
    let mut again: Option<(Acd, usize)> = None;
    live(|centre, acd, proposal| {
        // A new centre begins; its log is shorter than that of the one before.
        if again.as_ref().is_none_or(|(_, told)| *told > centre.log.len()) {
            again = Some((Acd::new(acd.config().clone()).unwrap(), 0));
        }
        let (again, told) = again.as_mut().unwrap();
        centre.log[*told..].iter().for_each(|event| again.apply(event));
        *told = centre.log.len();
        assert_eq!(again.propose(centre.now).as_ref(), proposal);
        same += usize::from(proposal.is_some());
    });
    assert!(same > 1_000, "{same}");
}
