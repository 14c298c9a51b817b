//! Rules that are tried out: on a recorded day, in the shadow, in force, and rolled back.

use std::time::Duration;

use cti_acd::{
    Acd, Parts,
    config::{AcdConfig, QueueRules},
    tryout::{Arrival, Day, Shift, Staged, compare},
};
use cti_core::{event::Event, id::ContactId, router::Router as _, time::Timestamp};

use crate::{
    centre::{Centre, agent, queue},
    rules::staff,
};

fn config(strategy: &str) -> AcdConfig {
    let mut general = QueueRules::new(queue("general"));
    general.strategy = strategy.to_owned();
    AcdConfig { queues: vec![general], ..AcdConfig::default() }
}

/// Three agents, a caller every 20 s who talks for 50 s, one in ten of whom gives up after 25 s.
fn day() -> Day {
    let arrivals = (0..300u64).map(|number| Arrival {
        at: Timestamp::from_secs(100 + number * 20 + (number * 7) % 13),
        queue: queue("general"),
        priority: u8::from(number % 5 == 0),
        needs: Default::default(),
        patience: (number % 10 == 0).then_some(Duration::from_secs(25)),
        handling: Duration::from_secs(30 + (number * 31) % 60),
    });
    let shift = |name: &str| Shift {
        agent: agent(name),
        queues: vec![queue("general")],
        from: Timestamp::from_secs(10),
        until: Timestamp::from_secs(9_000),
    };
    Day { arrivals: arrivals.collect(), shifts: ["8001", "8002", "8003"].map(shift).to_vec() }
}

#[test]
fn a_day_under_the_rules_it_was_recorded_under_comes_out_as_it_was() {
    let acd = || Acd::new(config("longest_idle")).unwrap();
    let report = day().run(acd());
    assert_eq!(report.all.contacts, 300);
    assert_eq!(report.all.answered + report.all.abandoned, 300);
    assert_eq!(report.all.overtakes, 0);
    assert_eq!(report, day().run(acd()), "the same again");
    assert_eq!(report.agents.len(), 3);
    assert!(report.all.waits.p50_ms <= report.all.waits.p95_ms);
}

#[test]
fn before_and_after_are_told_side_by_side() {
    // A log of the day, made by a simulated centre that is recorded.
    let log = recorded();
    let mut after = config("longest_idle");
    after.queues[0].max_wait = Some(Duration::from_secs(10));
    let comparison = compare(&log, config("longest_idle"), after, &Parts::default()).unwrap();
    assert_eq!(comparison.before.all.contacts, 40);
    assert_eq!(comparison.before.all.overflowed, 0);
    assert!(comparison.after.all.overflowed > 0);
    let text = comparison.to_string();
    assert!(
        text.contains("within 15 s") && text.contains("before") && text.contains("after"),
        "{text}"
    );
    let wrong = config("no_such_rule");
    assert!(compare(&log, wrong.clone(), wrong, &Parts::default()).is_err());
}

/// Forty callers, two agents, as the facts of a log.
fn recorded() -> Vec<Event> {
    let mut acd = Acd::new(config("longest_idle")).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    let mut talks: Vec<(u64, ContactId)> = Vec::new();
    let mut second = 10;
    while centre.contacts.len() < 40 || !talks.is_empty() {
        second += 1;
        centre.at(second);
        if second % 15 == 0 && centre.contacts.len() < 40 {
            centre.arrive(&mut acd, &queue("general"), 0);
        }
        if let Some(index) = talks.iter().position(|(until, _)| *until <= second) {
            let (_, contact) = talks.remove(index);
            centre.hang_up(&mut acd, contact, cti_core::agent::AgentState::Ready);
        }
        for proposal in centre.settle(&mut acd) {
            if let cti_core::router::Proposal::Offer { contact, .. } = proposal {
                centre.answer(&mut acd, contact);
                talks.push((second + 35, contact));
            }
        }
        assert!(second < 10_000);
    }
    centre.log
}

#[test]
fn rules_in_the_shadow_decide_nothing_and_are_counted() {
    let mut staged = Staged::new(config("longest_idle"), Parts::default()).unwrap();
    let mut centre = Centre::default();
    for (second, name) in (1..).zip(["8001", "8002", "8003"]) {
        centre.at(second);
        centre.device(&mut staged, &agent(name), true);
        centre.sign_in(&mut staged, &agent(name), &[queue("general")]);
        centre.ready(&mut staged, &agent(name));
    }
    assert_eq!(staged.shadow_report(), None);
    assert!(staged.shadow(config("no_such_rule")).is_err());
    staged.shadow(config("fewest_calls")).unwrap();
    for turn in 0..30u64 {
        centre.at(100 + turn * 10);
        let contact = centre.arrive(&mut staged, &queue("general"), 0);
        centre.settle(&mut staged);
        centre.answer(&mut staged, contact);
        centre.hang_up(&mut staged, contact, cti_core::agent::AgentState::Ready);
    }
    let report = staged.shadow_report().unwrap();
    assert_eq!(report.offers, 30);
    assert_eq!(report.same + report.other_agent, 30, "{report:?}");
    assert_eq!((report.other_contact, report.nothing), (0, 0));
}

#[test]
fn a_switch_and_a_roll_back_leave_everybody_in_his_place() {
    let mut staged = Staged::new(config("longest_idle"), Parts::default()).unwrap();
    let mut centre = Centre::default();
    let places = |staged: &Staged| {
        (1..=50).map(|contact| staged.position(ContactId(contact))).collect::<Vec<_>>()
    };
    for contact in 0..50u64 {
        centre.at(10 + contact);
        centre.arrive(&mut staged, &queue("general"), u8::from(contact % 3 == 0));
    }
    let before = places(&staged);
    assert!(!staged.switch().unwrap(), "nothing is in the shadow");
    staged.shadow(config("round_robin")).unwrap();
    assert!(staged.switch().unwrap());
    assert_eq!(staged.live().config().queues[0].strategy, "round_robin");
    assert_eq!(places(&staged), before);
    assert!(staged.roll_back().unwrap());
    assert_eq!(staged.live().config().queues[0].strategy, "longest_idle");
    assert_eq!(places(&staged), before);
    assert!(!staged.roll_back().unwrap());
}
