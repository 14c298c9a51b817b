//! Power cuts: what was confirmed to anyone is there afterwards, once.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    support::{asked_for, floor::Floor, http::Client, rtp::Phone, sipp::Scenario, wait},
    talk::{direct, quick},
};

const CUTS: u64 = 20;

/// What the server has told someone, so that it may not forget it.
#[derive(Default)]
struct Confirmed {
    /// Numbers whose call was answered with 200.
    callers: BTreeSet<String>,
    /// Tickets answered with 201.
    tickets: BTreeSet<String>,
}

#[test]
fn twenty_power_cuts_lose_and_double_nothing_that_was_confirmed() {
    if !asked_for() {
        return;
    }
    let mut folder = Floor::prepared(quick, direct);
    let mut confirmed = Confirmed::default();
    for life in 0..CUTS {
        folder = live_and_die(folder, life, &mut confirmed);
    }
    let Confirmed { callers, tickets } = confirmed;
    assert!(callers.len() >= CUTS as usize, "too few calls to mean anything: {}", callers.len());
    assert!(tickets.len() >= CUTS as usize, "too few tickets to mean anything: {}", tickets.len());

    let floor = Floor::open_in(folder, &[]);
    // The server is ready for calls before the records have caught up with the log.
    let records = wait::until("a record of every confirmed call", Duration::from_secs(20), || {
        let records = all(&floor, "/api/v1/call-records");
        let known: BTreeSet<_> = records.iter().filter_map(|it| it["caller"].as_str()).collect();
        callers.iter().all(|caller| known.contains(caller.as_str())).then_some(records)
    });
    assert!(records.iter().all(|record| !record["ended"].is_null()), "a record has no end");
    let calls: BTreeSet<_> = records.iter().map(|record| record["call"].to_string()).collect();
    assert_eq!(calls.len(), records.len(), "a call has two records");
    let mut by_caller = BTreeMap::<&str, u32>::new();
    for record in &records {
        *by_caller.entry(record["caller"].as_str().unwrap()).or_default() += 1;
    }
    for caller in &callers {
        assert_eq!(by_caller.get(caller.as_str()), Some(&1), "the record of {caller}");
    }
    let kept = all(&floor, "/api/v1/tickets");
    let numbers: BTreeSet<_> =
        kept.iter().map(|it| it["no"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), kept.len(), "a ticket is there twice");
    assert!(tickets.is_subset(&numbers), "lost: {:?}", tickets.difference(&numbers));
    // A ticket that was written and not confirmed may be there: one for each cut at most.
    assert!(kept.len() <= tickets.len() + CUTS as usize);
}

/// Serves callers, an agent and a clerk who files tickets, until the power is cut in the midst of it.
fn live_and_die(folder: TempDir, life: u64, confirmed: &mut Confirmed) -> TempDir {
    let floor = Floor::open_in(folder, &[]);
    let agent = floor.phone("8001", 1000.0);
    match floor.state("8001").as_str() {
        "signed_out" => {
            floor.sign_in("8001", "8001");
            floor.ready("8001");
        }
        "not_ready" => floor.ready("8001"),
        _ => {}
    }
    let answering = agent.does("agent").pause(Duration::from_millis(100)).load(1000, 1).start();
    let caller = Phone::playing(440.0);
    let calls = Scenario::new("callers")
        .to(floor.server.sip)
        .user("12300")
        .key("caller", format!("1{:04}", 1000 + life))
        .key("rtp_port", caller.port())
        .pause(Duration::from_millis(700))
        .load(100, 10)
        .start();
    let clerk = floor.supervisor.clone();
    let clerk = thread::spawn(move || files_tickets(&clerk));
    // A power cut waits for nothing: from the first INVITE to talks that have ended.
    thread::sleep(Duration::from_millis(100 + life * 7919 % 1700));
    let folder = floor.cut_power();
    confirmed.tickets.extend(clerk.join().unwrap());
    confirmed.callers.extend(answered(&calls.messages()));
    drop((calls, answering));
    folder
}

/// Files one ticket after another until the server is gone, and returns those it confirmed.
fn files_tickets(clerk: &Client) -> Vec<String> {
    let mut confirmed = Vec::new();
    loop {
        let ticket = json!({ "number": "13900000000", "category": "other", "text": "路灯不亮" });
        let Some(answer) = clerk.try_post("/api/v1/tickets", &ticket) else { return confirmed };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return confirmed };
        assert_eq!(answer.status, 201, "{body:#}");
        confirmed.push(body["no"].as_str().unwrap().to_owned());
    }
}

/// Finds who was told that his call is answered.
fn answered(messages: &str) -> Vec<String> {
    let received = messages.split("-----------------------------------------------");
    received
        .filter(|it| it.contains("message received") && it.contains("SIP/2.0 200"))
        .filter(|it| it.contains("CSeq: 1 INVITE"))
        .filter_map(|it| it.split_once("From: <sip:")?.1.split('@').next().map(str::to_owned))
        .collect()
}

/// Reads a list to its end.
fn all(floor: &Floor, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let page = floor.supervisor.get(&format!("{path}?limit=200{after}")).json();
        items.extend(page["items"].as_array().unwrap_or_else(|| panic!("{page:#}")).clone());
        let Some(next) = page["next"].as_str() else { return items };
        after = format!("&after={next}");
    }
}
