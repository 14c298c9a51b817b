//! The rules of a queue, one test each.

use std::{sync::Arc, time::Duration};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
    strategy::{Candidate, Strategy, Words},
};
use cti_core::{
    address::PhoneNumber,
    agent::{AgentState, NotReadyReason},
    cause::Cause,
    event::{CallKind, Fact},
    id::{CallId, ContactId, LegId},
    router::{OverflowReason, Proposal, Router as _},
    switch::Origin,
    time::Timestamp,
};

use crate::centre::{Centre, agent, device_of, queue};

/// Returns a router with one queue named `general`.
fn general(rules: impl FnOnce(&mut QueueRules)) -> Acd {
    let mut general = QueueRules::new(queue("general"));
    rules(&mut general);
    Acd::new(AcdConfig { queues: vec![general], ..AcdConfig::default() }).unwrap()
}

/// Lets agents sign in for `general` and be ready, one second after another, from second 1 on.
pub(crate) fn staff(centre: &mut Centre, acd: &mut Acd, names: &[&str]) {
    for (second, name) in (1..).zip(names) {
        centre.at(second);
        centre.device(acd, &agent(name), true);
        centre.sign_in(acd, &agent(name), &[queue("general")]);
        centre.ready(acd, &agent(name));
    }
}

pub(crate) fn shown(proposals: &[Proposal]) -> String {
    proposals
        .iter()
        .map(|proposal| match proposal {
            Proposal::Offer { contact, agent, why } => {
                format!("{contact} -> {agent} ({}: {})\n", why.rule, why.zh)
            }
            Proposal::Overflow { contact, reason, why, .. } => {
                format!("{contact} overflows {reason:?} ({}: {})\n", why.rule, why.zh)
            }
            Proposal::Move { contact, queue, why } => {
                format!("{contact} moves to {queue} ({}: {})\n", why.rule, why.zh)
            }
            Proposal::Raise { contact, priority, why } => {
                format!("{contact} rises to {priority} ({}: {})\n", why.rule, why.zh)
            }
            Proposal::CallBack { contact, queue, why, .. } => {
                format!("{contact} is called back from {queue} ({}: {})\n", why.rule, why.zh)
            }
            Proposal::Withdraw { contact, why } => {
                format!("{contact} is withdrawn ({}: {})\n", why.rule, why.zh)
            }
            Proposal::RuleFailed { rule, reason } => format!("{rule} failed: {reason}\n"),
            Proposal::RuleWorksAgain { rule } => format!("{rule} works again\n"),
            Proposal::NobodyStaffed { queue } => format!("nobody staffed: {queue}\n"),
            Proposal::StaffedAgain { queue } => format!("staffed again: {queue}\n"),
        })
        .collect()
}

#[test]
fn the_agent_who_has_been_idle_longest_gets_the_contact() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8003", "8001", "8002"]);
    centre.at(36);
    centre.arrive(&mut acd, &queue("general"), 0);
    centre.arrive(&mut acd, &queue("general"), 0);
    expect_test::expect![[r#"
        contact-1 -> 8003 (longest_idle: 空闲时间最长：已空闲 35 秒)
        contact-2 -> 8001 (longest_idle: 空闲时间最长：已空闲 34 秒)
    "#]]
    .assert_eq(&shown(&centre.settle(&mut acd)));
}

/// Prefers who signed in last, to show that a queue can be given any idea of preference.
#[derive(Debug)]
struct ShortestIdle;

impl Strategy for ShortestIdle {
    fn name(&self) -> &'static str {
        "shortest_idle"
    }
    fn description(&self) -> Words {
        Words::new("最晚空闲者优先", "who became ready last")
    }
    fn key(&self, agent: &Candidate<'_>) -> i64 {
        -i64::try_from(agent.figures.idle_since.as_micros()).unwrap()
    }
    fn why(&self, _agent: &Candidate<'_>, _now: Timestamp) -> Words {
        Words::new("刚刚空闲", "ready last")
    }
}

#[test]
fn a_queue_can_be_given_a_strategy_of_ones_own() {
    let mut rules = QueueRules::new(queue("general"));
    rules.strategy = "shortest_idle".to_owned();
    let config = AcdConfig { queues: vec![rules], ..AcdConfig::default() };
    assert!(Acd::new(config.clone()).is_err());
    let mut acd = Acd::with_strategies(config, vec![Arc::new(ShortestIdle)]).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(shown(&centre.settle(&mut acd)), "contact-1 -> 8002 (shortest_idle: 刚刚空闲)\n");
}

#[test]
fn contacts_are_served_by_priority_and_then_in_the_order_they_came() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    for (second, priority) in [(1, 0), (2, 0), (3, 5), (4, 5)] {
        centre.at(second);
        centre.arrive(&mut acd, &queue("general"), priority);
    }
    let order: Vec<_> = (1..=4).map(|contact| acd.position(ContactId(contact)).unwrap()).collect();
    assert_eq!(order, [3, 4, 1, 2]);
    staff(&mut centre, &mut acd, &["8001"]);
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-3 -> 8001"));
}

#[test]
fn an_agent_of_several_queues_gets_the_contact_with_the_best_place_of_all() {
    let (mut acd, mut centre) = (Acd::new(AcdConfig::default()).unwrap(), Centre::default());
    for (second, name) in [(1, "c"), (2, "a"), (3, "b")] {
        centre.at(second);
        centre.arrive(&mut acd, &queue(name), 0);
    }
    centre.at(4);
    centre.device(&mut acd, &agent("8001"), true);
    centre.sign_in(&mut acd, &agent("8001"), &[queue("a"), queue("b"), queue("c")]);
    centre.ready(&mut acd, &agent("8001"));
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 -> 8001"));
}

#[test]
fn a_contact_keeps_its_place_when_the_agent_does_not_answer() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.at(12);
    let second = centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!((acd.position(first), acd.position(second)), (Some(1), Some(2)));

    centre.at(25);
    centre.miss(&mut acd, first, NotReadyReason::NoAnswer);
    assert_eq!((acd.position(first), acd.position(second)), (Some(1), Some(2)));
    centre.at(26);
    centre.ready(&mut acd, &agent("8001"));
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 -> 8001"));
}

#[test]
fn an_agent_whose_offer_was_withdrawn_keeps_his_idle_time() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.at(10);
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.at(14);
    centre.abandon(&mut acd, first);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(
        shown(&centre.settle(&mut acd)),
        "contact-2 -> 8001 (longest_idle: 空闲时间最长：已空闲 13 秒)\n"
    );
}

#[test]
fn an_agent_whose_device_is_out_of_service_or_engaged_gets_nothing() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.device(&mut acd, &agent("8001"), false);
    centre.at(2);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(centre.settle(&mut acd), []);

    let number = |text| PhoneNumber::parse(text).unwrap();
    let dials = Fact::CallStarted {
        call: CallId(77),
        contact: ContactId(77),
        kind: CallKind::Feature,
        leg: LegId(7),
        origin: Origin::Device(device_of(&agent("8001"))),
        caller: number("8001"),
        called: number("*61"),
        network_id: String::new(),
        by: None,
        consults: None,
    };
    centre.fact(&mut acd, dials);
    centre.device(&mut acd, &agent("8001"), true);
    assert_eq!(centre.settle(&mut acd), []);

    let ends = Fact::CallEnded { call: CallId(77), contact: ContactId(77), cause: Cause::Normal };
    centre.fact(&mut acd, ends);
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 -> 8001"));
}

#[test]
fn a_contact_that_has_waited_as_long_as_it_may_overflows_at_that_moment() {
    let (mut acd, mut centre) =
        (general(|rules| rules.max_wait = Some(Duration::from_secs(180))), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let busy = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.answer(&mut acd, busy);
    centre.at(20);
    let waits = centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(centre.settle(&mut acd), []);
    assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(200)));

    centre.at(199);
    assert_eq!(centre.settle(&mut acd), []);
    centre.at(200);
    assert_eq!(
        shown(&centre.settle(&mut acd)),
        "contact-2 overflows WaitedTooLong (max_wait: 等待已达上限 3 分)\n"
    );
    assert_eq!((acd.position(waits), acd.poll_timeout()), (None, None));
}

#[test]
fn a_contact_does_not_overflow_while_an_agent_is_rung_for_it() {
    let (mut acd, mut centre) =
        (general(|rules| rules.max_wait = Some(Duration::from_secs(30))), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.at(41);
    assert_eq!(centre.settle(&mut acd), []);
    centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 overflows WaitedTooLong"));
}

#[test]
fn who_comes_to_a_full_queue_overflows_unless_an_agent_is_free() {
    let (mut acd, mut centre) = (general(|rules| rules.max_length = Some(1)), Centre::default());
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.at(10);
    for _ in 0..2 {
        centre.arrive(&mut acd, &queue("general"), 0);
    }
    // Both are offered, though the second one came to a full queue.
    assert_eq!(centre.settle(&mut acd).len(), 2);
    centre.answer(&mut acd, ContactId(1));
    centre.answer(&mut acd, ContactId(2));
    centre.at(11);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(centre.settle(&mut acd), []);
    centre.arrive(&mut acd, &queue("general"), 9);
    assert_eq!(
        shown(&centre.settle(&mut acd)),
        "contact-4 overflows QueueFull (max_length: 到达时队列已满：上限 1 位)\n"
    );
}

#[test]
fn who_was_offered_to_an_agent_at_once_stays_in_the_full_queue_when_he_does_not_answer() {
    let (mut acd, mut centre) = (general(|rules| rules.max_length = Some(0)), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 -> 8001"));
    centre.at(12);
    centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
    assert_eq!(centre.settle(&mut acd), []);
    assert_eq!(acd.position(contact), Some(1));
}

#[test]
fn when_all_are_not_ready_an_alarm_is_raised_once_and_callers_overflow() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.not_ready(&mut acd, &agent("8001"), "lunch");
    centre.not_ready(&mut acd, &agent("8002"), "break");
    centre.at(100);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(centre.settle(&mut acd), []);
    assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(105)));

    centre.at(105);
    expect_test::expect![[r#"
        nobody staffed: general
        contact-1 overflows NobodyStaffed (nobody_staffed: 无坐席可接听：已签入 2 名，均示忙或话机不通)
    "#]]
    .assert_eq(&shown(&centre.settle(&mut acd)));

    // While the alarm stands nobody is kept waiting for its delay.
    centre.at(300);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-2 overflows NobodyStaffed"));

    centre.at(400);
    centre.ready(&mut acd, &agent("8002"));
    assert_eq!(shown(&centre.settle(&mut acd)), "staffed again: general\n");
    assert_eq!(centre.settle(&mut acd), []);
}

#[test]
fn agents_who_talk_or_write_up_count_as_staff_and_unreachable_ones_do_not() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.answer(&mut acd, first);
    centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(50);
    assert_eq!(centre.settle(&mut acd), []);
    centre.hang_up(&mut acd, first, AgentState::AfterCallWork);
    centre.at(100);
    assert_eq!(centre.settle(&mut acd), []);

    centre.device(&mut acd, &agent("8001"), false);
    centre.at(105);
    assert!(shown(&centre.settle(&mut acd)).starts_with("nobody staffed: general"));
}

#[test]
fn a_short_lack_of_staff_raises_no_alarm() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.at(25);
    centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
    assert_eq!(centre.settle(&mut acd), []);
    centre.at(28);
    centre.ready(&mut acd, &agent("8001"));
    assert!(shown(&centre.settle(&mut acd)).starts_with("contact-1 -> 8001"));
    assert_eq!(acd.poll_timeout(), None);
}

#[test]
fn an_empty_queue_without_staff_raises_no_alarm() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    centre.at(100);
    assert_eq!(centre.settle(&mut acd), []);
    assert_eq!(acd.poll_timeout(), None);
}

#[test]
fn a_proposal_that_came_to_nothing_is_made_again_a_second_later_and_not_at_once() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    centre.arrive(&mut acd, &queue("general"), 0);
    let proposal = acd.propose(centre.now);
    assert!(matches!(proposal, Some(Proposal::Offer { .. })));
    assert_eq!(acd.propose(centre.now), None);
    assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(11)));
    assert!(matches!(acd.propose(Timestamp::from_secs(11)), Some(Proposal::Offer { .. })));
}

#[test]
fn the_expected_wait_is_told_after_five_calls_and_grows_with_the_place() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    for turn in 0..5u64 {
        centre.at(100 + turn * 200);
        let contact = centre.arrive(&mut acd, &queue("general"), 0);
        centre.settle(&mut acd);
        assert_eq!(acd.expected_wait(contact, centre.now), None);
        centre.answer(&mut acd, contact);
        centre.at(190 + turn * 200);
        centre.hang_up(&mut acd, contact, AgentState::AfterCallWork);
        centre.at(200 + turn * 200);
        for name in ["8001", "8002"] {
            centre.ready(&mut acd, &agent(name));
        }
    }
    centre.at(2000);
    let mut waits = |acd: &mut Acd| {
        let contact = centre.arrive(acd, &queue("general"), 0);
        centre.settle(acd);
        acd.expected_wait(contact, centre.now)
    };
    for _ in 0..2 {
        waits(&mut acd);
    }
    // Two are being rung and count as ahead; two agents take 100 s for a call.
    assert_eq!(waits(&mut acd), Some(Duration::from_secs(150)));
    assert_eq!(waits(&mut acd), Some(Duration::from_secs(200)));
}

#[test]
fn where_a_contact_stands_and_how_it_got_there_is_said_in_words() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001", "8002", "8003"]);
    centre.at(10);
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.answer(&mut acd, first);
    centre.not_ready(&mut acd, &agent("8002"), "lunch");
    centre.at(20);
    let second = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.at(35);
    centre.miss(&mut acd, second, NotReadyReason::NoAnswer);
    let said: String = acd
        .explain(second, Timestamp::from_secs(38))
        .into_iter()
        .map(|explanation| {
            let why = explanation.why;
            format!("{} {}\n{}\n", explanation.at.as_micros() / 1_000_000, why.zh, why.en)
        })
        .collect();
    expect_test::expect![[r#"
        20 进入队列 general，优先级 0
        entered queue general with priority 0
        20 分配给 8003：空闲时间最长：已空闲 17 秒
        offered to 8003: longest idle: for 17 s
        35 8003 振铃超时未接，来电保持原位
        8003 did not answer; the place is kept
        38 队列 general 第 1 位，已等待 18 秒；前面还有 0 位；组内 3 名坐席：8001 通话中；8002 示忙(午休)；8003 示忙(振铃未接)
        number 1 in queue general, waiting for 18 s; 0 ahead; 3 agents signed in: 8001 on a call; 8002 not ready (lunch); 8003 not ready (no_answer)
    "#]]
    .assert_eq(&said);

    centre.abandon(&mut acd, second);
    assert_eq!(acd.explain(second, centre.now), []);
}

#[test]
fn other_rules_take_effect_at_once_and_nobody_loses_his_place() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    staff(&mut centre, &mut acd, &["8001"]);
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.answer(&mut acd, first);
    for second in [10, 20] {
        centre.at(second);
        centre.arrive(&mut acd, &queue("general"), 0);
    }
    let mut rules = QueueRules::new(queue("general"));
    rules.max_wait = Some(Duration::from_secs(30));
    acd.reconfigure(AcdConfig { queues: vec![rules], ..AcdConfig::default() }).unwrap();
    assert_eq!(acd.position(ContactId(3)), Some(2));
    centre.at(40);
    let proposals = centre.settle(&mut acd);
    assert!(matches!(
        proposals[..],
        [Proposal::Overflow { contact: ContactId(2), reason: OverflowReason::WaitedTooLong, .. }]
    ));
}

#[test]
fn a_snapshot_of_another_form_is_refused_and_changes_nothing() {
    let (mut acd, mut centre) = (general(|_| {}), Centre::default());
    centre.arrive(&mut acd, &queue("general"), 0);
    let before = acd.snapshot();
    let mut other = before.clone();
    other["version"] = "cti-acd/1".into();
    assert!(acd.restore(other).is_err());
    assert_eq!(acd.snapshot(), before);
    assert_eq!(acd.position(ContactId(1)), Some(1));
}
