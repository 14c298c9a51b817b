//! Ways through flows that are found by trying, and scripted callers in files.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::collections::BTreeMap;

use common::{document, flow_id};
use cti_core::{
    calendar::{Calendars, Holidays},
    flow::CallData,
    time::Timestamp,
};
use cti_ivr::{
    flow::FlowSet,
    table::Table,
    testkit::{
        paths::{Attempts, Coverage, walk},
        suite::{InvalidSuite, Suite},
    },
};

fn read(path: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/");
    std::fs::read_to_string(format!("{folder}{path}")).unwrap()
}

fn shipped() -> (FlowSet, Calendars) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/flows");
    let holidays =
        Holidays::parse("holidays-cn.json", &read("config/calendar/holidays-cn.json")).unwrap();
    let schedules = read("config/calendar/schedules.json");
    let calendars = Calendars::parse("schedules.json", &schedules, holidays).unwrap();
    (FlowSet::load(folder.as_ref()).unwrap(), calendars)
}

fn at(civil: &str) -> Timestamp {
    let zoned = format!("{civil}[Asia/Shanghai]").parse::<jiff::Zoned>().unwrap();
    Timestamp::from_micros(u64::try_from(zoned.timestamp().as_microsecond()).unwrap())
}

fn accounts() -> Table {
    Table::parse("gjj_accounts.csv", &read("config/tables/gjj_accounts.csv")).unwrap()
}

fn loans() -> Table {
    Table::parse("gjj_loans.csv", &read("config/tables/gjj_loans.csv")).unwrap()
}

/// What the Center may answer about a mailbox: one with a message in it, and one that is full and says nothing of use.
fn mailbox_rows() -> Vec<CallData> {
    let row = |values: [&str; 7]| {
        let names = ["mailbox", "new", "room", "recording", "caller", "call_back", "at"];
        names.into_iter().zip(values).map(|(name, value)| (name.into(), value.into())).collect()
    };
    vec![
        row(["8001", "2", "9", "recording-3", "138", "9138", "1795309200000000"]),
        row(["8001", "many", "0", "", "", "", ""]),
        row(["8001", "1", "9", "recording-4", "", "x/y", ""]),
    ]
}

#[test]
fn every_way_through_the_shipped_flows_is_found() {
    let (flows, calendars) = shipped();
    let row = accounts().row("1001234567").unwrap();
    let mut dateless = row.clone();
    dateless.insert("deposit_month".to_owned(), "?".to_owned());
    dateless.insert("withdrawal_date".to_owned(), "?".to_owned());
    dateless.insert("status".to_owned(), "?".to_owned());
    let mut broken = row.clone();
    broken.values_mut().for_each(|value| *value = "?".to_owned());
    let (sealed, frozen) = (accounts().row("1001234570"), accounts().row("1001234574"));
    let (on_time, overdue) =
        (loans().row("1001234567").unwrap(), loans().row("1001234568").unwrap());
    let unreadable = overdue.keys().map(|field| {
        let mut row = overdue.clone();
        row.insert(field.clone(), "?".to_owned());
        row
    });
    let loan_rows = [on_time, overdue.clone()].into_iter().chain(unreadable).collect();
    let mut attempts = Attempts {
        moments: ["2026-11-23T10:00", "2026-11-23T12:30", "2026-11-23T22:00", "2026-10-01T10:00"]
            .map(at)
            .to_vec(),
        data: vec![CallData::new()],
        rows: [
            (
                "gjj_accounts".to_owned(),
                vec![row, broken, dateless, sealed.unwrap(), frozen.unwrap()],
            ),
            ("query:gjj_loan".to_owned(), loan_rows),
            ("mailbox".to_owned(), mailbox_rows()),
        ]
        .into(),
        inputs: vec!["1001234567#".to_owned(), "1#".to_owned()],
        most_places: 20_000,
    };
    // The flows with opening hours first: all moments are the same to 12329, which has the most to read out.
    let mut ids: Vec<_> = flows.iter().map(|flow| flow.id().clone()).collect();
    ids.sort_by_key(|flow| flow.as_str() == "gjj-12329");
    let left: CallData = [
        ("survey.satisfaction", "satisfied"),
        ("gjj_account", "1001234567"),
        ("announcement", "道路施工"),
        ("language", "en-US"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for flow in ids {
        if flow.as_str() == "gjj-12329" {
            attempts.moments.truncate(1);
        }
        // What an earlier flow of the same call, or a supervisor, may have left decides in these.
        attempts.data = match flow.as_str() {
            "satisfaction" | "whisper" | "queue-general" | "queue-gjj" => {
                vec![CallData::new(), left.clone()]
            }
            _ => vec![CallData::new()],
        };
        let Coverage { walked, not_walked, .. } =
            walk(&flows, &calendars, &flow, &attempts).unwrap();
        // The handler of errors is entered by sessions that break, and a sound flow does not break.
        let missing: Vec<_> = not_walked.iter().filter(|edge| edge.node != "sorry").collect();
        assert!(missing.is_empty(), "{flow}: {missing:?}");
        assert!(walked.iter().all(|(_, way)| way[0].starts_with("calls at ")));
    }
}

#[test]
fn the_shortest_way_is_told_and_what_cannot_be_reached_is_reported() {
    let text = document(
        r#""a":{"type":"menu","prompt":["m"],"out":{"1":"b","exhausted":"bye"}},
        "b":{"type":"set","variable":"x","value":"1","out":{"next":"c"}},
        "c":{"type":"if","variable":"x","is":"equals","value":"2","out":{"true":"bye","false":"bye"}}"#,
    );
    let flows = FlowSet::parse([("main.json", text.as_str())]).unwrap();
    let coverage =
        walk(&flows, &Calendars::default(), &flow_id("main"), &Attempts::default()).unwrap();
    let left: Vec<String> =
        coverage.not_walked.iter().map(|it| format!("{}.{}", it.node, it.outlet)).collect();
    assert_eq!(left, ["c.true"], "the variable is always 1");
    let way = |node: &str, outlet: &str| {
        let found = coverage.walked.iter().find(|(it, _)| it.node == node && it.outlet == outlet);
        found.unwrap().1[1..].join("; ")
    };
    assert_eq!(way("c", "false"), "press 1");
    assert!(!coverage.cut_short);
    let few = Attempts { most_places: 1, ..Attempts::default() };
    assert!(walk(&flows, &Calendars::default(), &flow_id("main"), &few).unwrap().cut_short);
}

const SUITE: &str = r#"{
    "schema": "cti.flow-tests/1",
    "tests": [
        {"name": "queued by day", "flow": "transport-12328", "at": "2026-11-23T10:00:00+08:00", "called": "12328",
         "script": ["expect answer", "wait 60s", "hangs up"]},
        {"name": "wrong", "flow": "transport-12328", "at": "2026-11-23T10:00:00+08:00",
         "script": "expect answer; expect play nothing-like-this"}
    ]
}"#;

#[test]
fn scripted_callers_in_a_file_are_run_and_reported() {
    let (flows, calendars) = shipped();
    let tables = BTreeMap::from([("gjj_accounts".to_owned(), accounts())]);
    let report = Suite::parse(SUITE).unwrap().run(&flows, &calendars, &tables).unwrap();
    assert_eq!((report.failures(), report.outcomes.len()), (1, 2));
    assert_eq!(report.outcomes[0].failure, None);
    let failure = report.outcomes[1].failure.as_deref().unwrap();
    assert!(failure.starts_with("expect play nothing-like-this: did play "), "{failure}");
    assert!(!report.not_walked["transport-12328"].is_empty() && !report.is_complete());
    assert!(serde_json::to_value(&report).unwrap()["outcomes"][1]["heard"][0] == "answer");
}

#[test]
fn a_file_that_holds_no_tests_says_why() {
    let error = |text: &str| match Suite::parse(text) {
        Err(error) => error,
        Ok(suite) => {
            let (flows, calendars) = shipped();
            suite.run(&flows, &calendars, &BTreeMap::new()).unwrap_err()
        }
    };
    assert!(matches!(error("{"), InvalidSuite::Syntax(_)));
    assert!(matches!(error(&SUITE.replace("tests/1", "tests/2")), InvalidSuite::Schema(_)));
    assert_eq!(
        error(&SUITE.replacen("2026-11-23T10", "yesterday", 1)).to_string().split(':').next(),
        Some("test queued by day")
    );
}
