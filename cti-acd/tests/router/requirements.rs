//! What contacts ask for and what becomes of it: skills, sites, media, wanted agents, relaxation, ageing, entry,
//! misses, supervisors; one test for each rule.

use std::time::Duration;

use cti_acd::{
    Acd, Parts,
    config::{
        AcdConfig, AgeStep, Ageing, AgentProfile, Between, Membership, MinServiceLevel, MissRules,
        QueueRules, Relaxation,
    },
};
use cti_core::{
    agent::{AgentState, NotReadyReason},
    calendar::{Calendars, Holidays},
    event::{DequeueReason, Fact},
    id::ContactId,
    needs::{Medium, Needs, Wanted, WantedFor},
    router::{OverflowReason, Proposal, Router as _},
    time::Timestamp,
};

use crate::{
    centre::{Centre, agent, queue},
    rules::{shown, staff},
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns a router with the queue `general`.
fn acd(rules: impl FnOnce(&mut QueueRules), agents: Vec<AgentProfile>) -> Acd {
    let mut general = QueueRules::new(queue("general"));
    rules(&mut general);
    Acd::new(AcdConfig { queues: vec![general], agents, ..AcdConfig::default() }).unwrap()
}

fn profile(name: &str, change: impl FnOnce(&mut AgentProfile)) -> AgentProfile {
    let mut profile = AgentProfile::new(agent(name));
    change(&mut profile);
    profile
}

fn english(level: u8) -> Needs {
    Needs { skills: [("english".parse().unwrap(), level)].into(), ..Needs::default() }
}

fn speaks(name: &str, level: u8) -> AgentProfile {
    profile(name, |it| {
        it.skills.insert("english".parse().unwrap(), level);
    })
}

fn wants(name: &str, because: WantedFor, only_for: Option<u64>) -> Needs {
    let only_for = only_for.map(seconds);
    Needs { agent: Some(Wanted { agent: agent(name), because, only_for }), ..Needs::default() }
}

fn offers(centre: &mut Centre, acd: &mut Acd) -> String {
    shown(&centre.settle(acd))
}

#[test]
fn a_level_that_nobody_has_falls_step_by_step_until_somebody_has_it() {
    let step = |after, levels_down| Relaxation {
        after: seconds(after),
        levels_down,
        ..Relaxation::default()
    };
    let agents = vec![speaks("8001", 2), speaks("8002", 5)];
    let mut acd = acd(|it| it.relax = vec![step(20, 3), step(40, 3)], agents);
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.at(10);
    let contact = centre.arrive_with(&mut acd, &queue("general"), 0, english(8));
    assert_eq!(offers(&mut centre, &mut acd), "");
    let why = |acd: &Acd, name: &str, at| {
        acd.why_not(contact, &agent(name), Timestamp::from_secs(at)).why.en
    };
    assert_eq!(
        why(&acd, "8002", 12),
        "8002 has english at level 5, 8 is asked for; less is asked for in 18 s"
    );
    assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(30)));
    centre.at(30);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-1 -> 8002 (longest_idle: 空闲时间最长：已空闲 28 秒；要求已放宽 1 步)\n"
    );
    centre.at(40);
    centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
    assert_eq!(offers(&mut centre, &mut acd), "");
    centre.at(50);
    assert!(offers(&mut centre, &mut acd).starts_with("contact-1 -> 8001"), "3 and 3 below 8");
}

#[test]
fn agents_of_another_queue_and_of_another_site_join_after_a_time() {
    let joins = Relaxation {
        after: seconds(20),
        any_site: true,
        queues: vec![queue("reserve")],
        ..Relaxation::default()
    };
    let agents = vec![profile("8001", |it| it.site = Some("south".to_owned()))];
    let mut acd = acd(|it| (it.sites, it.relax) = (vec!["north".to_owned()], vec![joins]), agents);
    let mut centre = Centre::default();
    for name in ["8001", "8002"] {
        centre.device(&mut acd, &agent(name), true);
    }
    centre.sign_in(&mut acd, &agent("8001"), &[queue("general")]);
    centre.sign_in(&mut acd, &agent("8002"), &[queue("reserve")]);
    centre.ready(&mut acd, &agent("8001"));
    let first = centre.arrive(&mut acd, &queue("general"), 0);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(offers(&mut centre, &mut acd), "");
    let why = acd.why_not(first, &agent("8001"), centre.now).why;
    assert_eq!(
        (why.rule.as_str(), why.zh.as_str()),
        ("site", "8001 属于其他职场；20 秒 后放宽要求")
    );
    centre.at(5);
    centre.ready(&mut acd, &agent("8002"));
    assert_eq!(acd.why_not(first, &agent("8002"), centre.now).why.rule, "not_in_queue");
    centre.at(20);
    let made = offers(&mut centre, &mut acd);
    assert!(made.starts_with("contact-1 -> 8001") && made.contains("contact-2 -> 8002"), "{made}");
}

#[test]
fn a_contact_moves_on_and_its_wait_so_far_counts() {
    let moves =
        Relaxation { after: seconds(30), move_to: Some(queue("reserve")), ..Relaxation::default() };
    let mut acd = acd(|it| it.relax = vec![moves], Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.not_ready(&mut acd, &agent("8001"), "break");
    centre.device(&mut acd, &agent("8009"), true);
    centre.sign_in(&mut acd, &agent("8009"), &[queue("reserve"), queue("general")]);
    centre.state(&mut acd, &agent("8009"), AgentState::AfterCallWork);
    centre.at(10);
    let moving = centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(20);
    let other = centre.arrive(&mut acd, &queue("reserve"), 0);
    centre.settle(&mut acd);
    centre.at(40);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-1 moves to reserve (move_to: 等待 30 秒 后转入 reserve，位置保留)\n"
    );
    assert_eq!((acd.position(moving), acd.position(other)), (Some(1), Some(2)));
}

#[test]
fn a_priority_rises_by_rule_once_and_a_supervisor_has_the_last_word() {
    let raise = Relaxation { after: seconds(30), raise_to: Some(7), ..Relaxation::default() };
    let mut acd = acd(|it| it.relax = vec![raise], Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
    centre.at(10);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(40);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-1 rises to 7 (raise_to: 等待 30 秒 后优先级升为 7)\n"
    );
    centre.set_priority(&mut acd, contact, 2);
    assert_eq!(offers(&mut centre, &mut acd), "");
    centre.at(400);
    assert_eq!(offers(&mut centre, &mut acd), "");
}

#[test]
fn a_level_of_priority_is_worth_as_much_waiting_as_the_formula_says() {
    let mut acd = acd(|it| it.ageing = Ageing::Linear { worth: seconds(30) }, Vec::new());
    let mut centre = Centre::default();
    let mut arrive = |at, priority| {
        centre.at(at);
        centre.arrive(&mut acd, &queue("general"), priority)
    };
    let (usual, late, later) = (arrive(10, 0), arrive(39, 1), arrive(41, 1));
    let order = [late, usual, later].map(|contact| acd.position(contact).unwrap());
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn a_priority_that_grows_by_steps_passes_others_at_that_moment() {
    let steps = vec![AgeStep { after: seconds(30), up: 3 }];
    let mut acd = acd(|it| it.ageing = Ageing::Steps { steps }, Vec::new());
    let mut centre = Centre::default();
    centre.device(&mut acd, &agent("8001"), true);
    centre.sign_in(&mut acd, &agent("8001"), &[queue("general")]);
    centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
    centre.at(10);
    let usual = centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(30);
    let vip = centre.arrive(&mut acd, &queue("general"), 2);
    centre.settle(&mut acd);
    assert_eq!((acd.position(vip), acd.position(usual)), (Some(1), Some(2)));
    assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(40)));
    centre.at(40);
    centre.settle(&mut acd);
    assert_eq!((acd.position(usual), acd.position(vip)), (Some(1), Some(2)));
}

#[test]
fn nobody_waits_longer_than_the_guard_while_others_with_a_higher_priority_come() {
    let mut acd = acd(|it| it.lift_after = Some(seconds(100)), Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    let lowest = centre.arrive(&mut acd, &queue("general"), 0);
    let mut answered = None;
    for turn in 0..40u64 {
        centre.at(1 + turn * 10);
        let vip = centre.arrive(&mut acd, &queue("general"), 200);
        if turn == 0 {
            assert_eq!(acd.position(lowest), Some(2));
        }
        for proposal in centre.settle(&mut acd) {
            let Proposal::Offer { contact, .. } = proposal else { continue };
            answered = answered.or((contact == lowest).then_some(centre.now));
            centre.answer(&mut acd, contact);
            centre.hang_up(&mut acd, contact, AgentState::AfterCallWork);
        }
        assert!(vip > lowest);
        if turn > 0 {
            centre.ready(&mut acd, &agent("8001"));
        }
    }
    // At most the guard and the call that is being handled.
    assert!(answered.unwrap() <= Timestamp::from_secs(1 + 100 + 10), "{answered:?}");
}

#[test]
fn the_last_agent_is_waited_for_as_long_as_he_is_there_and_no_longer_than_asked() {
    let mut acd = acd(|_| {}, Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.state(&mut acd, &agent("8002"), AgentState::AfterCallWork);
    centre.at(10);
    let needs = wants("8002", WantedFor::Last, Some(20));
    let contact = centre.arrive_with(&mut acd, &queue("general"), 0, needs.clone());
    assert_eq!(offers(&mut centre, &mut acd), "");
    let why = acd.why_not(contact, &agent("8001"), centre.now).why;
    assert_eq!(why.en, "it waits for 8002 only");
    centre.at(30);
    assert!(offers(&mut centre, &mut acd).starts_with("contact-1 -> 8001 (longest_idle"));

    centre.at(40);
    centre.answer(&mut acd, contact);
    centre.hang_up(&mut acd, contact, AgentState::Ready);
    centre.arrive_with(&mut acd, &queue("general"), 0, needs.clone());
    centre.not_ready(&mut acd, &agent("8002"), "lunch");
    assert!(offers(&mut centre, &mut acd).starts_with("contact-2 -> 8001"), "he has gone to lunch");

    centre.ready(&mut acd, &agent("8002"));
    centre.arrive_with(&mut acd, &queue("general"), 0, needs);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-3 -> 8002 (last_agent: 8002 上次受理过该来电)\n"
    );
}

#[test]
fn a_named_agent_without_a_time_is_waited_for_and_needs_no_queue() {
    let mut acd = acd(|_| {}, Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.at(10);
    let needs = wants("8007", WantedFor::Named, None);
    centre.arrive_with(&mut acd, &queue("general"), 0, needs);
    assert_eq!(offers(&mut centre, &mut acd), "");
    centre.at(600);
    centre.device(&mut acd, &agent("8007"), true);
    centre.sign_in(&mut acd, &agent("8007"), &[]);
    centre.ready(&mut acd, &agent("8007"));
    assert_eq!(offers(&mut centre, &mut acd), "contact-1 -> 8007 (named_agent: 来电人指定 8007)\n");
}

#[test]
fn a_supervisor_gives_a_contact_to_an_agent_before_all_others_and_takes_it_back() {
    let mut acd = acd(|_| {}, Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
    for priority in [9, 9, 0, 0] {
        centre.arrive(&mut acd, &queue("general"), priority);
    }
    centre.assign(&mut acd, ContactId(4), Some(agent("8001")));
    centre.assign(&mut acd, ContactId(1), Some(agent("8009")));
    centre.ready(&mut acd, &agent("8001"));
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-4 -> 8001 (assigned: 班长指定由 8001 接听)\n"
    );
    centre.answer(&mut acd, ContactId(4));
    centre.hang_up(&mut acd, ContactId(4), AgentState::Ready);
    assert!(offers(&mut centre, &mut acd).starts_with("contact-2 -> 8001"), "8009 has contact-1");
    centre.assign(&mut acd, ContactId(1), None);
    assert_eq!(acd.position(ContactId(1)), Some(1));
}

#[test]
fn chats_go_to_who_has_room_for_them_beside_his_call() {
    let mut acd = acd(|_| {}, Vec::new());
    let mut centre = Centre::default();
    for (name, count) in [("8001", 2), ("8002", 1)] {
        centre.capacity.insert(agent(name), [(Medium::Chat, count)].into());
    }
    staff(&mut centre, &mut acd, &["8001", "8002", "8003"]);
    for _ in 0..4 {
        centre.arrive_with(&mut acd, &queue("general"), 0, Needs::of(Medium::Chat));
    }
    let call = centre.arrive(&mut acd, &queue("general"), 0);
    let made = offers(&mut centre, &mut acd);
    assert_eq!(made.lines().filter(|line| line.contains("-> 8001")).count(), 3, "{made}");
    assert_eq!(made.lines().filter(|line| line.contains("-> 8002")).count(), 1, "{made}");
    assert!(made.contains("contact-5 -> 8001"), "{made}");
    let why = acd.why_not(ContactId(4), &agent("8003"), centre.now).why;
    assert_eq!(why.en, "8003 takes no contacts by chat");
    assert_eq!(
        acd.why_not(ContactId(4), &agent("8002"), centre.now).why.zh,
        "8002 的 chat 已达上限 1 个"
    );
    centre.abandon(&mut acd, call);
    centre.answer(&mut acd, ContactId(1));
    let who = match made.contains("contact-1 -> 8001") {
        true => agent("8001"),
        false => agent("8002"),
    };
    let (contact, end) = (ContactId(1), cti_core::event::WorkEnd::Finished);
    let medium = Medium::Chat;
    centre.fact(&mut acd, Fact::WorkEnded { contact, agent: who.clone(), medium, end });
    assert!(offers(&mut centre, &mut acd).starts_with(&format!("contact-4 -> {who}")));
}

#[test]
fn other_queues_and_another_capacity_of_an_agent_count_at_once_and_his_work_stays_his() {
    let mut acd = acd(|_| {}, Vec::new());
    let mut centre = Centre::default();
    centre.capacity.insert(agent("8001"), [(Medium::Chat, 1)].into());
    staff(&mut centre, &mut acd, &["8001"]);
    for _ in 0..3 {
        centre.arrive_with(&mut acd, &queue("general"), 0, Needs::of(Medium::Chat));
    }
    assert_eq!(offers(&mut centre, &mut acd).lines().count(), 1);
    centre.answer(&mut acd, ContactId(1));
    let general = [queue("general")];
    centre.duties(&mut acd, &agent("8001"), &general, [(Medium::Chat, 2)].into());
    assert!(offers(&mut centre, &mut acd).starts_with("contact-2 -> 8001"));
    centre.answer(&mut acd, ContactId(2));
    centre.duties(&mut acd, &agent("8001"), &general, [(Medium::Chat, 1)].into());
    assert_eq!(offers(&mut centre, &mut acd), "", "he has two, and is to have one");
    let call = centre.arrive(&mut acd, &queue("gjj"), 0);
    assert_eq!(offers(&mut centre, &mut acd), "", "he does not serve the other queue");
    centre.duties(&mut acd, &agent("8001"), &[queue("gjj")], [(Medium::Chat, 3)].into());
    assert_eq!(offers(&mut centre, &mut acd).lines().count(), 1, "the chat's queue is not his now");
    assert_eq!(
        acd.why_not(ContactId(3), &agent("8001"), centre.now).why.rule,
        "not_in_queue",
        "{call}"
    );
}

#[test]
fn who_missed_an_offer_is_out_of_reach_for_a_while_even_if_he_gets_ready() {
    let misses = MissRules {
        after_no_answer: seconds(20),
        max_misses: 2,
        pause: seconds(300),
        ..MissRules::default()
    };
    let mut acd = Acd::new(AcdConfig { misses, ..AcdConfig::default() }).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    for (miss, back) in [(10, 30), (40, 340)] {
        centre.settle(&mut acd);
        centre.at(miss);
        centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
        centre.ready(&mut acd, &agent("8001"));
        assert_eq!(offers(&mut centre, &mut acd), "");
        assert_eq!(acd.why_not(contact, &agent("8001"), centre.now).why.rule, "held");
        assert_eq!(acd.poll_timeout(), Some(Timestamp::from_secs(back)));
        centre.at(back);
        assert!(offers(&mut centre, &mut acd).starts_with("contact-1 -> 8001"));
    }
}

#[test]
fn what_speaks_against_entry_sends_a_contact_on_unless_an_agent_is_free() {
    let level = MinServiceLevel { percent: 80, within: seconds(15), minutes: 5, at_least: 2 };
    let mut acd = acd(|it| it.min_service_level = Some(level), Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    for (came, answered) in [(10, 40), (50, 90)] {
        centre.at(came);
        let contact = centre.arrive(&mut acd, &queue("general"), 0);
        centre.settle(&mut acd);
        centre.at(answered);
        centre.answer(&mut acd, contact);
        centre.hang_up(&mut acd, contact, AgentState::Ready);
    }
    centre.at(100);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert!(offers(&mut centre, &mut acd).starts_with("contact-3 -> 8001"));
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-4 overflows ServiceLevel (service_level: 到达时及时接通率低于 80%)\n"
    );
    centre.at(1000);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(offers(&mut centre, &mut acd), "", "that was long ago");
}

#[test]
fn a_closed_queue_sends_contacts_on_and_an_advanced_one_leaves_that_to_its_flow() {
    const HOURS: &str = r#"{"schema": "cti.schedules/1", "schedules": {
        "day": {"name": "白天", "days": {"thu": [["08:30", "17:30", "work"]]}}}}"#;
    const HOLIDAYS: &str = r#"{"schema": "cti.holidays/1", "years": {}}"#;
    let holidays = Holidays::parse("holidays.json", HOLIDAYS).unwrap();
    let calendars = Calendars::parse("schedules.json", HOURS, holidays).unwrap();
    let with = |advanced| {
        let general = QueueRules {
            schedule: Some("day".to_owned()),
            max_wait: Some(seconds(60)),
            advanced,
            ..QueueRules::new(queue("general"))
        };
        let config = AcdConfig { queues: vec![general], ..AcdConfig::default() };
        assert!(Acd::new(config.clone()).unwrap_err().to_string().contains("schedule named day"));
        Acd::with(config, Parts { calendars: calendars.clone(), ..Parts::default() }).unwrap()
    };
    let (open, closed) = (1_767_837_600, 1_767_837_600 + 12 * 3600);
    for (advanced, at, expected) in [
        (false, open, ""),
        (false, closed, "contact-1 overflows Closed (closed: 到达时不在服务时间（day）)\n"),
        (true, closed, ""),
    ] {
        let (mut acd, mut centre) = (with(advanced), Centre::default());
        staff(&mut centre, &mut acd, &["8001"]);
        centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
        centre.at(at);
        centre.arrive(&mut acd, &queue("general"), 0);
        assert_eq!(offers(&mut centre, &mut acd), expected);
        centre.at(at + 60);
        let later = offers(&mut centre, &mut acd);
        assert_eq!(later.contains("WaitedTooLong"), !advanced && expected.is_empty(), "{later}");
    }
}

#[test]
fn who_would_wait_too_long_is_sent_on_at_once() {
    let mut acd = acd(|it| it.max_expected_wait = Some(seconds(120)), Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    for turn in 1..=5u64 {
        centre.at(turn * 100);
        let contact = centre.arrive(&mut acd, &queue("general"), 0);
        centre.settle(&mut acd);
        centre.answer(&mut acd, contact);
        centre.at(turn * 100 + 100);
        centre.hang_up(&mut acd, contact, AgentState::Ready);
    }
    // One is rung, one waits and can expect 200 s with the one before it.
    centre.arrive(&mut acd, &queue("general"), 0);
    centre.settle(&mut acd);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(
        offers(&mut centre, &mut acd),
        "contact-7 overflows ExpectedWait (expected_wait: 到达时预计等待超过 2 分)\n"
    );
}

#[test]
fn a_place_that_counts_from_before_is_before_who_came_since() {
    let mut acd = acd(|it| it.max_wait = Some(seconds(60)), Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
    centre.at(10);
    let dropped = centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(20);
    let other = centre.arrive(&mut acd, &queue("general"), 0);
    centre.at(50);
    let (call, queue_id) = (Some(cti_core::id::CallId(1)), queue("general"));
    let reason = DequeueReason::Moved;
    centre.fact(&mut acd, Fact::Dequeued { contact: dropped, call, queue: queue_id, reason });
    let since = Some(Timestamp::from_secs(10));
    centre.enqueue(&mut acd, dropped, &queue("general"), since);
    assert_eq!((acd.position(dropped), acd.position(other)), (Some(1), Some(2)));
    // The longest wait is counted from its entry, the place from before.
    centre.at(80);
    let made = centre.settle(&mut acd);
    assert!(
        matches!(made[..], [Proposal::Overflow { contact, reason: OverflowReason::WaitedTooLong, .. }] if contact == other)
    );
}

#[test]
fn strategies_with_an_order_go_by_tier_and_position() {
    let member = |name: &str, tier, position| {
        profile(name, |it| {
            it.queues.insert(queue("general"), Membership { tier, position, rank: 1 });
        })
    };
    let agents = || vec![member("8001", 2, 1), member("8002", 1, 2), member("8003", 1, 1)];
    let first_three = |strategy: &str| {
        let mut acd = acd(|it| it.strategy = strategy.to_owned(), agents());
        let mut centre = Centre::default();
        staff(&mut centre, &mut acd, &["8001", "8002", "8003"]);
        let mut order = Vec::new();
        for _ in 0..3 {
            let contact = centre.arrive(&mut acd, &queue("general"), 0);
            for proposal in centre.settle(&mut acd) {
                let Proposal::Offer { agent, .. } = proposal else { continue };
                order.push(agent.to_string());
                centre.answer(&mut acd, contact);
                centre.hang_up(&mut acd, contact, AgentState::Ready);
            }
        }
        order.join(" ")
    };
    assert_eq!(first_three("top_down"), "8002 8003 8002");
    assert_eq!(first_three("sequential"), "8003 8003 8003");
    assert_eq!(first_three("round_robin"), "8003 8002 8001");
    assert_eq!(first_three("ring_progressively"), "8003 8003 8003");
    assert_eq!(first_three("longest_idle"), "8001 8002 8003");
}

#[test]
fn a_contact_that_rings_at_one_at_a_time_goes_to_whom_it_has_not_been_offered() {
    let one_at_a_time = |it: &mut QueueRules| {
        it.strategy = "ring_progressively".to_owned();
        it.ring_at_most = 1;
    };
    let mut acd = acd(one_at_a_time, Vec::new());
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002", "8003"]);
    let contact = centre.arrive(&mut acd, &queue("general"), 0);
    let mut order = Vec::new();
    for _ in 0..4 {
        for proposal in centre.settle(&mut acd) {
            let Proposal::Offer { agent, .. } = proposal else { continue };
            centre.miss(&mut acd, contact, NotReadyReason::NoAnswer);
            centre.ready(&mut acd, &agent);
            order.push(agent.to_string());
        }
    }
    assert_eq!(order, ["8001", "8002", "8003", "8001"]);
}

#[test]
fn queues_are_served_in_the_ratio_of_their_weights() {
    let weighted = |name, weight| QueueRules { weight, ..QueueRules::new(queue(name)) };
    let queues = vec![weighted("a", 3), weighted("b", 1)];
    let between = Between::Ratio;
    let mut acd = Acd::new(AcdConfig { queues, between, ..AcdConfig::default() }).unwrap();
    let mut centre = Centre::default();
    for name in ["a", "b"] {
        for _ in 0..40 {
            centre.arrive(&mut acd, &queue(name), 0);
        }
    }
    centre.device(&mut acd, &agent("8001"), true);
    centre.sign_in(&mut acd, &agent("8001"), &[queue("a"), queue("b")]);
    let mut served = [0, 0];
    for _ in 0..40 {
        centre.ready(&mut acd, &agent("8001"));
        for proposal in centre.settle(&mut acd) {
            let Proposal::Offer { contact, .. } = proposal else { continue };
            served[usize::from(centre.contacts[&contact].0 == queue("b"))] += 1;
            centre.answer(&mut acd, contact);
            centre.hang_up(&mut acd, contact, AgentState::AfterCallWork);
        }
    }
    assert_eq!(served, [30, 10]);
}
