//! The hotline's flows inside the Center, through the virtual switch.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::{fmt::Debug, str::FromStr, time::Duration};

use cti_core::{
    address::PhoneNumber,
    calendar::{CalendarChange, Calendars, Holidays},
    center::Center,
    command::Command,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::Fact,
    testkit::{SimpleRouter, World, run},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet, table::Table};

fn read(path: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/");
    std::fs::read_to_string(format!("{folder}{path}")).unwrap()
}

fn id<T: FromStr<Err: Debug>>(name: &str) -> T {
    name.parse().unwrap()
}

fn config() -> CenterConfig {
    let queue = |name: &str, flow: &str| QueueConfig {
        id: id(name),
        name: name.to_owned(),
        waiting_flow: Some(id(flow)),
        whisper_flow: None,
        after_call_flow: None,
        ring_for: Duration::from_secs(15),
        after_call_work: Duration::from_secs(20),
    };
    let number = |number: &str, flow: &str| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to: Destination::Flow(id(flow)),
    };
    CenterConfig {
        agents: vec![AgentConfig {
            id: id("8001"),
            name: "Li Na".to_owned(),
            announced_number: "8001".to_owned(),
            queues: vec![id("general"), id("gjj")],
            capacity: Default::default(),
        }],
        seats: ["1", "15", "16"]
            .map(|n| SeatConfig {
                id: id(&format!("A{n}")),
                device: id(&format!("80{n:0>2}")),
                pickup_group: None,
            })
            .to_vec(),
        queues: vec![
            queue("general", "queue-general"),
            queue("night", "queue-night"),
            queue("gjj", "queue-gjj"),
            queue("transport", "queue-general"),
        ],
        numbers: vec![number("12345", "hotline-12345"), number("12329", "gjj-12329")],
        ..CenterConfig::default()
    }
}

/// A centre in Shanghai at this hour.
fn world(civil: &str) -> World {
    let zoned = format!("{civil}[Asia/Shanghai]").parse::<jiff::Zoned>().unwrap();
    let now = u64::try_from(zoned.timestamp().as_microsecond()).unwrap();
    let holidays =
        Holidays::parse("holidays-cn.json", &read("config/calendar/holidays-cn.json")).unwrap();
    let schedules = read("config/calendar/schedules.json");
    let calendars = Calendars::parse("schedules.json", &schedules, holidays).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/flows");
    let engine = Engine::new(FlowSet::load(folder.as_ref()).unwrap(), calendars.clone()).unwrap();
    let router = SimpleRouter::with_max_wait(Duration::from_secs(60));
    let center = Center::new(config(), Box::new(router), Box::new(engine)).unwrap();
    let mut world = World::new(center.with_calendars(calendars), Timestamp::from_micros(now));
    let accounts = read("config/tables/gjj_accounts.csv");
    let table = Table::parse("gjj_accounts.csv", &accounts).unwrap();
    let account = "1001234567".to_owned();
    let row = table.row(&account).unwrap();
    world.tables = [(("gjj_accounts".to_owned(), account), row)].into();
    world
}

/// Runs a scenario and demands that its trace has these pieces in this order.
#[track_caller]
fn check(world: &mut World, script: &str, pieces: &[&str]) {
    let trace = run(world, script).unwrap_or_else(|error| panic!("{error}"));
    let mut rest = trace.as_str();
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            panic!("no {piece:?} in its place in\n{trace}");
        };
        rest = after;
    }
}

const AGENT: &str = "
    00:00 phone 8001 registers
    00:00 agent 8001 signs in at A1
    00:00 agent 8001 is ready
";

#[test]
fn by_day_a_caller_hears_greeting_and_notice_and_talks_with_an_agent() {
    let script = format!(
        "{AGENT}
        00:05 citizen 13812341234 dials 12345
        00:15 phone 8001 answers
        01:00 citizen 13812341234 hangs up"
    );
    check(
        &mut world("2026-11-23T10:00"),
        &script,
        &[
            "enters flow hotline-12345",
            "hears greeting-12345",
            "hears recording-notice",
            "waits in general",
            "offered to agent 8001",
            "hears music/hold over and over",
            "talks with agent 8001",
            "ended: ",
        ],
    );
}

#[test]
fn a_waiting_caller_leaves_by_the_star_key_and_leaves_a_message() {
    check(
        &mut world("2026-11-23T10:00"),
        "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A1
        00:05 citizen 13812341234 dials 12345
        00:50 citizen 13812341234 presses *
        01:10 citizen 13812341234 presses #
        02:00",
        &[
            "waits in general",
            "hears waiting",
            "hears queue-next",
            "hears press-star-message",
            "leaves general: left by key",
            "hears leave-message Beep",
            "recording-1 begins",
            "saved",
            "hears message-saved thanks-goodbye",
            "call-1 ended: ",
        ],
    );
}

#[test]
fn a_wait_that_is_too_long_ends_at_the_message_box() {
    check(
        &mut world("2026-11-23T10:00"),
        "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A1
        00:05 citizen 13812341234 dials 12345
        02:00 citizen 13812341234 presses #
        03:00",
        &["leaves general: waited too long", "hears all-busy", "hears leave-message Beep"],
    );
}

#[test]
fn at_night_the_duty_phones_ring_in_order_and_the_second_one_answers() {
    check(
        &mut world("2026-11-23T22:00"),
        "
        00:00 phone 8015 registers
        00:00 phone 8016 registers
        00:05 citizen 13812341234 dials 12345
        01:40 phone 8016 answers
        02:30 phone 8016 hangs up",
        &[
            "hears night-greeting",
            "waits in night",
            "leaves night: ",
            "hears duty-calling",
            "rings device 8015",
            "hears RingBack over and over",
            "not answered",
            "rings device 8016",
            "talks with device 8016",
            "call-1 ended: ",
        ],
    );
}

#[test]
fn other_hours_are_in_force_for_the_next_caller_and_a_schedule_in_use_cannot_be_left_out() {
    let mut world = world("2026-11-23T10:00");
    let change = |schedules: &str| Command::ChangeCalendar {
        change: CalendarChange::Schedules(serde_json::from_str(schedules).unwrap()),
        by: "admin".to_owned(),
    };
    let none = r#"{"schema": "cti.schedules/1", "schedules": {}}"#;
    let refused = world.request(change(none)).unwrap_err().to_string();
    assert!(refused.contains("schedule \"hotline\", which is not there"), "{refused}");
    check(
        &mut world,
        "00:00 citizen 13812340001 dials 12345\n 00:20 citizen 13812340001 hangs up",
        &["waits in general"],
    );
    let closed = r#"{"schema": "cti.schedules/1", "schedules": {"hotline":
        {"name": "热线", "days": {"mon": [["13:30", "17:30", "work"]]}}}}"#;
    world.request(change(closed)).unwrap();
    let script = "00:30 phone 8016 registers\n 00:30 citizen 13812340002 dials 12345\n 01:00";
    let trace = run(&mut world, script).unwrap();
    assert!(!trace.contains("waits in general"), "{trace}");
    let last = world.events.iter().find(|it| matches!(it.fact, Fact::CalendarChanged { .. }));
    assert_eq!(cti_core::words::in_words(&last.unwrap().fact), "schedules changed by admin");
}

#[test]
fn on_a_holiday_without_duty_phones_a_message_is_the_last_resort() {
    check(
        &mut world("2026-10-01T10:00"),
        "
        00:05 citizen 13812341234 dials 12345
        02:10 citizen 13812341234 presses #
        03:00",
        &[
            "hears holiday-greeting",
            "hears duty-calling",
            "hears duty-no-answer",
            "hears leave-message Beep",
        ],
    );
}

#[test]
fn a_housing_fund_account_is_read_out_and_zero_leads_to_an_agent_who_sees_it() {
    let script = format!(
        "{AGENT}
        00:05 citizen 13812341234 dials 12329
        00:06 citizen 13812341234 presses 11
        00:10 citizen 13812341234 presses 1001234567#
        00:40 citizen 13812341234 presses 0
        00:50 phone 8001 answers
        01:30 phone 8001 hangs up"
    );
    check(
        &mut world("2026-11-23T10:00"),
        &script,
        &[
            "hears enter-account",
            "hears your-balance n-4 u-wan n-5 u-qian n-6 u-bai n-7 u-shi n-8 m-yuan n-9 m-jiao",
            "call-1 data gjj_account",
            "waits in gjj",
            "talks with agent 8001",
        ],
    );
}
