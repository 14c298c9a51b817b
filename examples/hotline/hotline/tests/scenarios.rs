//! The hotline's own flows, queues and routing as scenario text: what a citizen of the demonstration city goes through.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::time::Duration;

use cti_core::{
    config::{AgentConfig, CenterConfig, PromptsConfig, SeatConfig},
    event::Fact,
    testkit::{World, run},
    time::Timestamp,
};
use expect_test::{Expect, expect};
use hotline::{assets, config::Config, parts::Parts};

/// Monday 2026-11-23 10:00 in Shanghai: working hours.
const MONDAY_MORNING: u64 = 1_795_399_200;
/// The same day at 22:00.
const MONDAY_NIGHT: u64 = MONDAY_MORNING + 12 * 3600;
/// New Year's Day 2026, 10:00.
const HOLIDAY: u64 = 1_767_232_800;

fn parts() -> Parts {
    let config = Config::parse("demo.toml", assets::DEMO_TOML).unwrap();
    let queues: Vec<_> = config.queue_plan().into_iter().map(|queue| queue.id).collect();
    let numbers: Vec<String> = (8001..=8016).map(|number: u32| number.to_string()).collect();
    let agents = numbers.iter().map(|number| AgentConfig {
        id: number.parse().unwrap(),
        name: number.clone(),
        announced_number: number.clone(),
        queues: queues.clone(),
        capacity: Default::default(),
    });
    let seats = numbers.iter().map(|number| SeatConfig {
        id: format!("A{}", &number[2..]).parse().unwrap(),
        device: number.parse().unwrap(),
        pickup_group: None,
    });
    Parts {
        center: CenterConfig {
            agents: agents.collect(),
            seats: seats.collect(),
            queues: config.queue_plan(),
            numbers: config.number_plan(),
            prompts: PromptsConfig::default(),
            ..CenterConfig::default()
        },
        routing: config.routing(),
        flows: assets::flows(),
        schedules: assets::calendar("schedules.json").unwrap(),
        holidays: assets::calendar("holidays-cn.json").unwrap(),
    }
}

fn world(at: u64) -> World {
    World::new(parts().build().unwrap(), Timestamp::from_secs(at))
}

/// Steps of flows would drown the rest.
fn without_steps(trace: &str) -> String {
    let noise = [" node ", " session-", " key", " enters flow "];
    trace
        .lines()
        .filter(|line| !noise.iter().any(|word| line.contains(word)))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[track_caller]
fn check(at: u64, before: &str, script: &str, expected: Expect) -> World {
    let mut world = world(at);
    run(&mut world, before).unwrap();
    let trace = run(&mut world, script).unwrap();
    expected.assert_eq(&without_steps(&trace));
    assert_eq!(world.center.calls().count(), 0, "a call is left");
    assert_eq!(world.center.leg_count(), 0, "a leg is left");
    assert_eq!(world.switch.leg_count(), 0, "a leg is left in the switch");
    assert_eq!(world.center.open_recordings().count(), 0, "a recording is left");
    world
}

const ONE_AGENT: &str = "
    00:00 phone 8001 registers
    00:00 agent 8001 signs in at A01
    00:01 agent 8001 is ready
";

const TWO_AGENTS: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:02 agent 8002 is ready
";

#[test]
fn by_day_a_citizen_is_greeted_told_of_the_recording_and_connected_without_a_menu() {
    check(
        MONDAY_MORNING,
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:20 phone 8001 answers
        01:20 citizen 13812341234 hangs up
        02:00
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:12   leg-1 hears recording-notice
            00:14 call-1 waits in general
            00:14 call-1 offered to agent 8001 by longest_idle
            00:14 agent 8001 reserved (call-1)
            00:14   leg-1 hears music/hold over and over
            00:16   leg-1 hears waiting
            00:18   leg-1 hears queue-next
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves general: answered
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears press-star-message
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            01:20 call-1 recording-1 saved, 60 s
            01:20 call-1 left by agent 8001: normal
            01:20 agent 8001 after_call_work
            01:20 call-1 ended: normal
            01:50 agent 8001 ready
        "#]],
    );
}

#[test]
fn a_citizen_who_waits_hears_his_position_and_music_and_the_second_keeps_behind_the_first() {
    check(
        MONDAY_MORNING,
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:11 citizen 13900000000 dials 12345
        00:12 citizen 13700000000 dials 12345
        00:20 phone 8001 answers
        00:50 citizen 13812341234 hangs up
        01:22 phone 8001 answers
        01:30 citizen 13700000000 hangs up
        01:31 citizen 13900000000 hangs up
        02:10
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:11 call-2 from 139****0000 to 12345
            00:11 call-2 answered
            00:11   leg-3 hears greeting-12345
            00:12 call-3 from 137****0000 to 12345
            00:12 call-3 answered
            00:12   leg-1 hears recording-notice
            00:12   leg-5 hears greeting-12345
            00:13   leg-3 hears recording-notice
            00:14 call-1 waits in general
            00:14 call-1 offered to agent 8001 by longest_idle
            00:14 agent 8001 reserved (call-1)
            00:14   leg-1 hears music/hold over and over
            00:14   leg-5 hears recording-notice
            00:15 call-2 waits in general
            00:15   leg-3 hears music/hold over and over
            00:16 call-3 waits in general
            00:16   leg-1 hears waiting
            00:16   leg-5 hears music/hold over and over
            00:17   leg-3 hears waiting
            00:18   leg-5 hears waiting
            00:18   leg-1 hears queue-next
            00:19   leg-3 hears queue-ahead n-1 queue-callers
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves general: answered
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears press-star-message
            00:20   leg-5 hears queue-ahead n-liang queue-callers
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:25   leg-3 hears press-star-message
            00:26   leg-5 hears press-star-message
            00:27   leg-3 hears music/hold over and over
            00:28   leg-5 hears music/hold over and over
            00:47   leg-3 hears queue-next
            00:48   leg-5 hears queue-ahead n-1 queue-callers
            00:49   leg-3 hears press-star-message
            00:50 call-1 recording-1 saved, 30 s
            00:50 call-1 left by agent 8001: normal
            00:50 agent 8001 after_call_work
            00:50 call-1 ended: normal
            00:51   leg-3 hears music/hold over and over
            00:54   leg-5 hears press-star-message
            00:56   leg-5 hears music/hold over and over
            01:11   leg-3 hears queue-next
            01:13   leg-3 hears press-star-message
            01:15   leg-3 hears music/hold over and over
            01:16   leg-5 hears queue-ahead n-1 queue-callers
            01:20 agent 8001 ready
            01:20 call-2 offered to agent 8001 by longest_idle
            01:20 agent 8001 reserved (call-2)
            01:22 call-2 offer to agent 8001 answered
            01:22 call-2 leaves general: answered
            01:22 call-2 talks with agent 8001
            01:22 agent 8001 on_call (call-2)
            01:22 call-2 recording-2 begins
            01:22   leg-5 hears press-star-message
            01:22   leg-3 hears n-8 n-0 n-0 n-yao agent-id
            01:22   leg-4 hears n-8 n-0 n-0 n-yao agent-id
            01:24   leg-5 hears music/hold over and over
            01:30 call-3 leaves general: abandoned
            01:30 call-3 ended: normal
            01:31 call-2 recording-2 saved, 9 s
            01:31 call-2 left by agent 8001: normal
            01:31 agent 8001 after_call_work
            01:31 call-2 ended: normal
            02:01 agent 8001 ready
        "#]],
    );
}

#[test]
fn an_agent_who_does_not_answer_is_not_ready_and_the_next_one_gets_the_same_citizen() {
    check(
        MONDAY_MORNING,
        TWO_AGENTS,
        "
        00:10 citizen 13812341234 dials 12345
        00:40 phone 8002 answers
        00:50 phone 8002 hangs up
        01:30
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:12   leg-1 hears recording-notice
            00:14 call-1 waits in general
            00:14 call-1 offered to agent 8001 by longest_idle
            00:14 agent 8001 reserved (call-1)
            00:14   leg-1 hears music/hold over and over
            00:16   leg-1 hears waiting
            00:18   leg-1 hears queue-next
            00:20   leg-1 hears press-star-message
            00:22   leg-1 hears music/hold over and over
            00:34 call-1 offer to agent 8001 not answered
            00:34 agent 8001 not_ready (no_answer)
            00:34 call-1 offered to agent 8002 by longest_idle
            00:34 agent 8002 reserved (call-1)
            00:40 call-1 offer to agent 8002 answered
            00:40 call-1 leaves general: answered
            00:40 call-1 talks with agent 8002
            00:40 agent 8002 on_call (call-1)
            00:40 call-1 recording-1 begins
            00:40   leg-1 hears n-8 n-0 n-0 n-2 agent-id
            00:40   leg-4 hears n-8 n-0 n-0 n-2 agent-id
            00:50 call-1 recording-1 saved, 10 s
            00:50 call-1 left by agent 8002: normal
            00:50 agent 8002 after_call_work
            00:50 call-1 ended: normal
            01:20 agent 8002 ready
        "#]],
    );
}

#[test]
fn what_a_program_puts_down_for_one_waiting_caller_is_spoken_to_him_alone() {
    let mut world = world(MONDAY_MORNING);
    let spoken = "
        00:10 citizen 13812341234 dials 12345
        00:15 phone 8001 answers
        01:15 citizen 13812341234 hangs up
        01:20 citizen 13900000000 dials 12345
        01:21 citizen 13700000000 dials 12345
        01:25 call 2 data announcement=道路抢修中
        02:05
    ";
    run(&mut world, ONE_AGENT).unwrap();
    let trace = run(&mut world, spoken).unwrap();
    let heard = |leg: &str| -> String {
        let hears = format!("  {leg} hears ");
        let lines = trace.lines().filter(|line| line.contains(&hears));
        lines.map(|line| format!("{}\n", line.trim())).collect()
    };
    expect![[r#"
        01:20   leg-3 hears greeting-12345
        01:22   leg-3 hears recording-notice
        01:24   leg-3 hears music/hold over and over
        01:26   leg-3 hears waiting
        01:28   leg-3 hears queue-next
        01:30   leg-3 hears "道路抢修中"
        01:31.250   leg-3 hears press-star-message
        01:33.250   leg-3 hears music/hold over and over
        01:53.250   leg-3 hears queue-next
        01:55.250   leg-3 hears "道路抢修中"
        01:56.500   leg-3 hears press-star-message
        01:58.500   leg-3 hears music/hold over and over
    "#]]
    .assert_eq(&heard("leg-3"));
    expect![[r#"
        01:21   leg-5 hears greeting-12345
        01:23   leg-5 hears recording-notice
        01:25   leg-5 hears music/hold over and over
        01:27   leg-5 hears waiting
        01:29   leg-5 hears queue-ahead n-1 queue-callers
        01:35   leg-5 hears press-star-message
        01:37   leg-5 hears music/hold over and over
        01:57   leg-5 hears queue-ahead n-1 queue-callers
        02:03   leg-5 hears press-star-message
        02:05   leg-5 hears music/hold over and over
    "#]]
    .assert_eq(&heard("leg-5"));
}

#[test]
fn the_star_key_leaves_the_queue_for_the_message_box() {
    check(
        MONDAY_MORNING,
        "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A01
        00:01 agent 8001 is ready
        00:02 citizen 13999999999 dials 12345
        00:09 phone 8001 answers
    ",
        "
        00:10 citizen 13812341234 dials 12345
        00:30 citizen 13812341234 presses *
        00:50 citizen 13812341234 presses #
        01:10 citizen 13812341234 hangs up
        01:20 call 1 is cleared
        02:10
    ",
        expect![[r#"
            00:10 call-2 from 138****1234 to 12345
            00:10 call-2 answered
            00:10   leg-3 hears greeting-12345
            00:12   leg-3 hears recording-notice
            00:14 call-2 waits in general
            00:14   leg-3 hears music/hold over and over
            00:16   leg-3 hears waiting
            00:18   leg-3 hears queue-next
            00:20   leg-3 hears press-star-message
            00:22   leg-3 hears music/hold over and over
            00:30   leg-3 hears leave-message Beep
            00:32.350 call-2 recording-2 begins
            00:50 call-2 recording-2 saved, 17 s
            00:50   leg-3 hears message-saved thanks-goodbye
            00:54 call-2 ended: flow ended
            01:20 call-1 left by agent 8001: cleared
            01:20 agent 8001 after_call_work
            01:20 call-1 ended: cleared
            01:20 call-1 recording-1 saved, 80 s
            01:50 agent 8001 ready
        "#]],
    );
}

#[test]
fn all_signed_in_agents_not_ready_counts_as_nobody_staffed_with_an_alarm_within_ten_seconds() {
    let world = check(
        MONDAY_MORNING,
        "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A01
        00:01 agent 8001 is not ready lunch
        00:02 phone 8016 registers
    ",
        "
        00:10 citizen 13812341234 dials 12345
        00:30 phone 8016 answers
        00:40 phone 8016 hangs up
        00:50
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:12   leg-1 hears recording-notice
            00:14 call-1 waits in general
            00:14   leg-1 hears music/hold over and over
            00:16   leg-1 hears waiting
            00:18   leg-1 hears queue-next
            00:19 alarm-1 raised: nobody staffs general
            00:19 call-1 leaves general: nobody staffed
            00:19   leg-1 hears no-staff
            00:21   leg-1 hears duty-calling
            00:23 call-1 rings device 8016
            00:23   leg-1 hears RingBack over and over
            00:30 call-1 ringing of leg-2 answered
            00:30 call-1 talks with device 8016
            00:30 call-1 recording-1 begins
            00:40 call-1 recording-1 saved, 10 s
            00:40 call-1 left by device 8016: normal
            00:40 call-1 ended: normal
        "#]],
    );
    let first = |wanted: fn(&Fact) -> bool| {
        world.events.iter().find(|event| wanted(&event.fact)).map(|event| event.at)
    };
    let raised = first(|fact| matches!(fact, Fact::AlarmRaised { .. }));
    let queued = first(|fact| matches!(fact, Fact::Queued { .. }));
    assert!(raised.unwrap().since(queued.unwrap()) <= Duration::from_secs(10));
}

#[test]
fn who_waits_too_long_is_sent_to_the_message_box() {
    check(
        MONDAY_MORNING,
        "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A01
        00:01 agent 8001 is ready
        00:02 citizen 13999999999 dials 12345
        00:09 phone 8001 answers
    ",
        "
        00:10 citizen 13812341234 dials 12345
        04:00 citizen 13812341234 hangs up
        04:01 call 1 is cleared
        05:00
    ",
        expect![[r#"
            00:10 call-2 from 138****1234 to 12345
            00:10 call-2 answered
            00:10   leg-3 hears greeting-12345
            00:12   leg-3 hears recording-notice
            00:14 call-2 waits in general
            00:14   leg-3 hears music/hold over and over
            00:16   leg-3 hears waiting
            00:18   leg-3 hears queue-next
            00:20   leg-3 hears press-star-message
            00:22   leg-3 hears music/hold over and over
            00:42   leg-3 hears queue-next
            00:44   leg-3 hears press-star-message
            00:46   leg-3 hears music/hold over and over
            01:06   leg-3 hears queue-next
            01:08   leg-3 hears press-star-message
            01:10   leg-3 hears music/hold over and over
            01:30   leg-3 hears queue-next
            01:32   leg-3 hears press-star-message
            01:34   leg-3 hears music/hold over and over
            01:54   leg-3 hears queue-next
            01:56   leg-3 hears press-star-message
            01:58   leg-3 hears music/hold over and over
            02:18   leg-3 hears queue-next
            02:20   leg-3 hears press-star-message
            02:22   leg-3 hears music/hold over and over
            02:42   leg-3 hears queue-next
            02:44   leg-3 hears press-star-message
            02:46   leg-3 hears music/hold over and over
            03:06   leg-3 hears queue-next
            03:08   leg-3 hears press-star-message
            03:10   leg-3 hears music/hold over and over
            03:14 call-2 leaves general: waited too long
            03:14   leg-3 hears all-busy
            03:16   leg-3 hears leave-message Beep
            03:18.350 call-2 recording-2 begins
            04:00 call-2 recording-2 saved, 41 s
            04:00 call-2 ended: normal
            04:00   leg-3 hears message-saved thanks-goodbye
            04:01 call-1 left by agent 8001: cleared
            04:01 agent 8001 after_call_work
            04:01 call-1 ended: cleared
            04:01 call-1 recording-1 saved, 241 s
            04:31 agent 8001 ready
        "#]],
    );
}

#[test]
fn at_night_the_night_group_is_asked_first_then_the_duty_phones_in_order_and_it_is_recorded() {
    check(
        MONDAY_NIGHT,
        "
        00:00 phone 8015 registers
        00:00 phone 8016 registers
    ",
        "
        00:10 citizen 13812341234 dials 12345
        00:50 phone 8016 answers
        01:00 citizen 13812341234 hangs up
        01:10
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:12   leg-1 hears recording-notice
            00:14   leg-1 hears night-greeting
            00:16 call-1 waits in night
            00:16 alarm-1 raised: nobody staffs night
            00:16 call-1 leaves night: nobody staffed
            00:16   leg-1 hears music/hold over and over
            00:16   leg-1 hears duty-calling
            00:18 call-1 rings device 8015
            00:18   leg-1 hears RingBack over and over
            00:38 call-1 ringing of leg-2 not answered
            00:38 call-1 rings device 8016
            00:50 call-1 ringing of leg-4 answered
            00:50 call-1 talks with device 8016
            00:50 call-1 recording-1 begins
            01:00 call-1 recording-1 saved, 10 s
            01:00 call-1 left by device 8016: normal
            01:00 call-1 ended: normal
        "#]],
    );
}

#[test]
fn at_night_an_agent_of_the_night_group_takes_the_call() {
    check(
        MONDAY_NIGHT,
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12345
        00:25 phone 8001 answers
        00:35 citizen 13812341234 hangs up
        01:10
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12345
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12345
            00:12   leg-1 hears recording-notice
            00:14   leg-1 hears night-greeting
            00:16 call-1 waits in night
            00:16 call-1 offered to agent 8001 by longest_idle
            00:16 agent 8001 reserved (call-1)
            00:16   leg-1 hears music/hold over and over
            00:18   leg-1 hears queue-next
            00:20   leg-1 hears press-star-message
            00:22   leg-1 hears music/hold over and over
            00:25 call-1 offer to agent 8001 answered
            00:25 call-1 leaves night: answered
            00:25 call-1 talks with agent 8001
            00:25 agent 8001 on_call (call-1)
            00:25 call-1 recording-1 begins
            00:25   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:25   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:35 call-1 recording-1 saved, 10 s
            00:35 call-1 left by agent 8001: normal
            00:35 agent 8001 after_call_work
            00:35 call-1 ended: normal
            00:50 agent 8001 ready
        "#]],
    );
}

#[test]
fn on_a_holiday_without_anyone_on_duty_a_message_is_the_last_resort() {
    check(
        HOLIDAY,
        "",
        "
        00:10 citizen 13812341234 dials 12345
        00:50 citizen 13812341234 presses #
        01:10
    ",
        expect![[r#"
        00:10 call-1 from 138****1234 to 12345
        00:10 call-1 answered
        00:10   leg-1 hears greeting-12345
        00:12   leg-1 hears recording-notice
        00:14   leg-1 hears holiday-greeting
        00:16 call-1 waits in night
        00:16 alarm-1 raised: nobody staffs night
        00:16 call-1 leaves night: nobody staffed
        00:16   leg-1 hears music/hold over and over
        00:16   leg-1 hears duty-calling
        00:18   leg-1 hears RingBack over and over
        00:18   leg-1 hears duty-no-answer
        00:20   leg-1 hears leave-message Beep
        00:22.350 call-1 recording-1 begins
        00:50 call-1 recording-1 saved, 27 s
        00:50   leg-1 hears message-saved thanks-goodbye
        00:54 call-1 ended: flow ended
    "#]],
    );
}

#[test]
fn the_fund_tells_a_balance_and_hands_over_to_an_agent() {
    let mut world = world(MONDAY_MORNING);
    let row = [
        ("name", "张三"),
        ("balance", "52380.45"),
        ("last_deposit", "1860.00"),
        ("deposit_month", "2026-10"),
    ];
    let row = row.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    world.tables.insert(("gjj_accounts".to_owned(), "1001234567".to_owned()), row);
    run(&mut world, ONE_AGENT).unwrap();
    let trace = run(
        &mut world,
        "
        00:10 citizen 13812341234 dials 12329
        00:20 citizen 13812341234 presses 1
        00:30 citizen 13812341234 presses 1
        00:40 citizen 13812341234 presses 1001234567#
        01:10 citizen 13812341234 presses 0
        01:20 phone 8001 answers
        01:30 citizen 13812341234 hangs up
        02:10
    ",
    )
    .unwrap();
    expect![[r#"
        00:10 call-1 from 138****1234 to 12329
        00:10 call-1 answered
        00:10   leg-1 hears greeting-12329
        00:12   leg-1 hears menu1
        00:19   leg-1 hears no-input menu1
        00:20   leg-1 hears menu1-1
        00:27   leg-1 hears no-input menu1-1
        00:30   leg-1 hears enter-account
        00:40   leg-1 hears no-input enter-account
        00:40   leg-1 hears your-balance n-5 u-wan n-2 u-qian n-3 u-bai n-8 u-shi m-yuan n-4 m-jiao n-5 m-fen
        01:08   leg-1 hears repeat-or-back
        01:10   leg-1 hears transfer-to-agent
        01:12   leg-1 hears recording-notice
        01:14 call-1 data gjj_account
        01:14 call-1 waits in gjj
        01:14 call-1 offered to agent 8001 by longest_idle
        01:14 agent 8001 reserved (call-1)
        01:14   leg-1 hears music/garden over and over
        01:16   leg-1 hears waiting
        01:18   leg-1 hears queue-next
        01:20   leg-1 hears press-star-message
        01:20   leg-2 hears whisper-incoming
        01:22   leg-1 hears music/garden over and over
        01:22   leg-2 hears whisper-account
        01:24 call-1 offer to agent 8001 answered
        01:24 call-1 leaves gjj: answered
        01:24 call-1 talks with agent 8001
        01:24 agent 8001 on_call (call-1)
        01:24 call-1 recording-1 begins
        01:24   leg-1 hears n-8 n-0 n-0 n-yao agent-id
        01:24   leg-2 hears n-8 n-0 n-0 n-yao agent-id
        01:30 call-1 recording-1 saved, 6 s
        01:30 call-1 left by agent 8001: normal
        01:30 agent 8001 after_call_work
        01:30 call-1 ended: normal
        02:00 agent 8001 ready
    "#]].assert_eq(&without_steps(&trace));
}

#[test]
fn the_transport_line_has_a_queue_of_its_own() {
    check(
        MONDAY_MORNING,
        ONE_AGENT,
        "
        00:10 citizen 13812341234 dials 12328
        00:20 phone 8001 answers
        00:30 citizen 13812341234 hangs up
        01:10
    ",
        expect![[r#"
            00:10 call-1 from 138****1234 to 12328
            00:10 call-1 answered
            00:10   leg-1 hears greeting-12328
            00:12   leg-1 hears recording-notice
            00:14 call-1 waits in transport
            00:14 call-1 offered to agent 8001 by longest_idle
            00:14 agent 8001 reserved (call-1)
            00:14   leg-1 hears music/hold over and over
            00:16   leg-1 hears waiting
            00:18   leg-1 hears queue-next
            00:20 call-1 offer to agent 8001 answered
            00:20 call-1 leaves transport: answered
            00:20 call-1 talks with agent 8001
            00:20 agent 8001 on_call (call-1)
            00:20 call-1 recording-1 begins
            00:20   leg-1 hears press-star-message
            00:20   leg-1 hears n-8 n-0 n-0 n-yao agent-id
            00:20   leg-2 hears n-8 n-0 n-0 n-yao agent-id
            00:30 call-1 recording-1 saved, 10 s
            00:30 call-1 left by agent 8001: normal
            00:30 agent 8001 after_call_work
            00:30 call-1 ended: normal
            01:00 agent 8001 ready
        "#]],
    );
}

#[test]
fn the_same_seed_gives_the_same_log_every_time() {
    let log = || {
        let mut world = world(MONDAY_MORNING);
        run(&mut world, TWO_AGENTS).unwrap();
        let script = "
            00:10 citizen 13812341234 dials 12345
            00:11 citizen 13900000000 dials 12329
            00:20 phone 8001 answers
            00:30 citizen 13900000000 presses 0
            00:45 citizen 13812341234 hangs up
            00:50 citizen 13900000000 hangs up
            02:00
        ";
        run(&mut world, script).unwrap();
        world.events.iter().map(|event| serde_json::to_string(event).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(log(), log());
}
