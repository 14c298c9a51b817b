//! What holds of every random centre, whatever its rules.

use std::collections::{BTreeMap, BTreeSet};

use cti_acd::Acd;
use cti_core::{
    agent::NotReadyReason,
    event::{DequeueReason, Fact},
    id::{AgentId, ContactId},
    router::{Proposal, Router as _},
};

use crate::{
    centre::{Centre, Doing, agent},
    reference::{Dice, config, step},
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
