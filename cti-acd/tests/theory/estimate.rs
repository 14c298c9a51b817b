//! The wait that callers are told, against the wait they then had, and against other estimators: that of the one at
//! the head, of the last one served, of the last ten.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
    tryout::{End, Simulation},
};
use cti_core::time::Timestamp;

use crate::random::{Stream, arrivals, contacts, queue, staff};

/// What became of one contact, in microseconds.
struct Lived {
    at: u64,
    waited: u64,
    answered: bool,
    told: Option<Duration>,
}

/// Runs a centre whose handling takes 100 s; returns the errors of the estimators in handling times.
fn errors(load: f64, agents: usize, patience: f64, count: usize) -> [f64; 4] {
    const HANDLING: f64 = 100.0;
    let general = QueueRules::new(queue("general"));
    let acd = Acd::new(AcdConfig { queues: vec![general], ..AcdConfig::default() }).unwrap();
    let mut simulation = Simulation::new(acd).announcing();
    staff(&mut simulation, 'a', agents, &["general"]);
    let stream = Stream {
        queue: "general",
        priority: 0,
        between: HANDLING / load,
        handling: HANDLING,
        patience: Some(HANDLING * patience),
    };
    let mut lived: Vec<Option<Lived>> = (0..count).map(|_| None).collect();
    simulation.run(arrivals(&[stream], count, 5), &mut |outcome| {
        lived[outcome.contact.0 as usize - 1] = Some(Lived {
            at: outcome.arrival.at.as_micros(),
            waited: outcome.waited.as_micros() as u64,
            answered: matches!(outcome.end, End::Answered { .. }),
            told: outcome.told,
        });
    });
    let lived: Vec<Lived> = lived.into_iter().map(Option::unwrap).collect();

    // Goes through all arrivals and ends in order, so that each estimator knows what it could know.
    let mut moments: Vec<(u64, bool, usize)> = Vec::new();
    for (contact, it) in lived.iter().enumerate() {
        moments.push((it.at, true, contact));
        moments.push((it.at + it.waited, false, contact));
    }
    moments.sort_unstable();
    let mut waiting: BTreeSet<usize> = BTreeSet::new();
    let mut last: VecDeque<u64> = VecDeque::new();
    let (mut sums, mut number) = ([0.0; 4], 0.0);
    for (at, arrives, contact) in moments {
        let it = &lived[contact];
        if !arrives {
            waiting.remove(&contact);
            if it.answered && it.waited > 0 {
                last.push_front(it.waited);
                last.truncate(10);
            }
            continue;
        }
        if it.waited > 0 {
            let head = waiting.first().map_or(0, |head| at - lived[*head].at);
            let mean = last.iter().sum::<u64>() / last.len().max(1) as u64;
            let told = it.told.map(|told| told.as_micros() as u64);
            if let (true, Some(told), Some(newest), true) =
                (it.answered, told, last.front(), contact > count / 10)
            {
                for (sum, guess) in sums.iter_mut().zip([told, head, *newest, mean]) {
                    *sum += ((guess as f64 - it.waited as f64) / 1e6 / HANDLING).powi(2);
                }
                number += 1.0;
            }
            waiting.insert(contact);
        }
    }
    sums.map(|sum| (sum / number).sqrt())
}

/// Load, agents, patience in handling times, and the error that theory allows the estimator of this crate.
const ROWS: [(f64, usize, f64, f64); 5] = [
    (98.0, 100, 2.0, 0.0308),
    (105.0, 100, 2.0, 0.0379),
    (120.0, 100, 1.0, 0.0405),
    (10.0, 10, 2.0, 0.1734),
    (12.0, 10, 2.0, 0.2044),
];

#[test]
fn what_callers_are_told_is_nearer_to_their_wait_than_any_other_guess() {
    let count = contacts(16_000);
    // A short run cannot tell the error to a tenth.
    let slack = if count < 200_000 { 1.25 } else { 1.1 };
    for (load, agents, patience, allowed) in ROWS {
        let [told, head, newest, mean] = errors(load, agents, patience, count);
        println!(
            "{load} on {agents}, patience {patience}: told {told:.4}, head {head:.4}, last {newest:.4}, ten {mean:.4}"
        );
        assert!(told < head && head < newest && newest < mean, "{load} on {agents}");
        assert!(told <= slack * allowed, "{load} on {agents}: {told} > {slack} · {allowed}");
    }
}

#[test]
fn what_a_caller_is_told_never_rises() {
    use cti_core::{
        event::{DequeueReason, Event, Fact},
        id::{CallId, ContactId, EventNo},
        router::Router as _,
    };
    let mut simulation = Simulation::new(Acd::new(AcdConfig::default()).unwrap());
    staff(&mut simulation, 'a', 2, &["general"]);
    let stream = Stream {
        queue: "general",
        priority: 0,
        between: 60.0,
        handling: 100.0,
        patience: Some(300.0),
    };
    simulation.run(arrivals(&[stream], 500, 3), &mut |_| {});
    let mut acd = Acd::new(AcdConfig::default()).unwrap();
    acd.restore(simulation.acd().snapshot()).unwrap();
    let (mut now, mut no) = (simulation.now() + Duration::from_secs(1), 1_000_000);
    let mut tell = |acd: &mut Acd, now: Timestamp, fact| {
        no += 1;
        acd.apply(&Event { no: EventNo(no), at: now, fact });
    };
    let queued = |contact, priority| Fact::Queued {
        contact: ContactId(contact),
        call: Some(CallId(contact)),
        queue: queue("general"),
        priority,
        needs: Default::default(),
        since: None,
    };
    for contact in 0..9 {
        tell(&mut acd, now, queued(10_000 + contact, 0));
    }
    let caller = ContactId(10_008);
    let mut told = acd.expected_wait(caller, now).unwrap();
    assert!(told > Duration::from_secs(60), "{told:?}");
    for step in 0..30u64 {
        now += Duration::from_secs(7);
        // Others with a higher priority push in, some before him give up.
        if step % 3 == 0 {
            tell(&mut acd, now, queued(20_000 + step, 9));
        } else if step < 8 {
            let contact = ContactId(10_000 + step);
            let (call, queue) = (Some(CallId(contact.0)), queue("general"));
            let reason = DequeueReason::Abandoned;
            tell(&mut acd, now, Fact::Dequeued { contact, call, queue, reason });
        }
        let next = acd.expected_wait(caller, now).unwrap();
        assert!(next <= told, "{next:?} after {told:?}");
        assert!(next >= told.saturating_sub(Duration::from_secs(7)), "no faster than time");
        told = next;
    }
}
