//! Drives random centres through the router and the lists, and compares what they propose.

use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    event::Event,
    id::ContactId,
    router::{OverflowReason, Proposal, Router as _},
    time::Timestamp,
};

use super::{
    due::Plain,
    lists::Lists,
    streams::{Dice, config, step},
};
use crate::centre::{Centre, Doing};

/// Drives one random centre through both; returns how many facts there were and how often each proposal was made.
fn compare(seed: u64, steps: u64) -> (usize, [usize; 9]) {
    let mut dice = Dice(seed);
    let mut centre = Centre::default();
    let config = config(&mut dice);
    let mut acd = Acd::new(config.clone()).unwrap();
    let mut reference = Lists::new(config.clone());
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
                proposal.as_ref().map(Plain::from),
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
            made[match Plain::from(&proposal) {
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

/// How many events are compared at least.
fn events() -> usize {
    let set = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    set("CTI_ACD_EVENTS").unwrap_or(40_000)
}

#[test]
fn it_decides_as_a_search_through_plain_lists_would_over_random_days() {
    let first: u64 =
        std::env::var("CTI_ACD_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (mut facts, mut made, mut seed) = (0, [0; 9], first);
    while facts < events() {
        let (count, proposals) = compare(seed, 2_000);
        facts += count;
        made.iter_mut().zip(proposals).for_each(|(sum, count)| *sum += count);
        seed += 1;
    }
    assert!(made[..8].iter().all(|count| *count > 50), "every kind of proposal is made: {made:?}");
    let [offers, late, full, alone, alarms, over, moves, raises, _] = made;
    println!(
        "{facts} events over {} seeds from {first}: {offers} offers, {late} waited too long, {full} found it full, \
         {alone} without staff, {alarms} alarms and {over} ends of one, {moves} moves, {raises} raises: all the same",
        seed - first
    );
}
