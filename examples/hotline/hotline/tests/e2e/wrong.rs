//! What goes wrong on the wire is answered or dropped, and the next good call works.

use std::{net::UdpSocket, time::Duration};

use super::{
    support::{
        asked_for,
        floor::{Agent, Floor, LIMIT},
        raw::Raw,
        rtp::Phone,
        sipp::Scenario,
        wait,
    },
    talk::{direct, quick},
};

#[test]
fn after_every_wrong_message_the_next_call_works() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let mut raw = Raw::new(floor.server.sip);
    let mut calls = 0;
    let mut a_good_call_works = |after: &str| {
        calls += 1;
        good_call(&floor, &agent, &format!("1380000{calls:04}"), after);
    };

    let register = Scenario::new("register").to(floor.server.sip).user("8002");
    let register = register.password("8002", "wrong").key("expires", 600);
    let messages = register.start().fails(LIMIT);
    assert!(messages.matches("SIP/2.0 401").count() >= 2 || messages.contains("SIP/2.0 403"));
    assert!(!messages.contains("SIP/2.0 200"), "{messages}");
    a_good_call_works("a wrong password");

    assert_eq!(raw.ask("INVITE", "99999"), Some(404));
    a_good_call_works("an unknown number");

    assert!(matches!(raw.ask("FETCH", "12300"), Some(405 | 501)), "an unknown method");
    a_good_call_works("an unknown method");

    for bent in [
        "INVITE".to_owned(),
        "\r\n\r\n".to_owned(),
        "INVITE sip:12300@127.0.0.1 SIP/9.9\r\n\r\n".to_owned(),
        raw.request("INVITE", "12300", "").replace("Call-ID", "Call"),
        raw.request("INVITE", "12300", "").replace("CSeq: 1 INVITE", "CSeq: one BYE"),
        raw.request("INVITE", "12300", "").replace("Content-Length: 0", "Content-Length: 4000"),
        raw.request("INVITE", "12300", "").replace("From: <", "From: <<\"\u{0}"),
    ] {
        let status = raw.say(bent.as_bytes());
        assert!(status.is_none_or(|status| (400..600).contains(&status)), "{status:?}: {bent}");
    }
    a_good_call_works("malformed messages");

    let padding = format!("X-Padding: {}\r\n", "x".repeat(40_000));
    let oversized = raw.request("INVITE", "12300", &padding);
    let status = raw.say(oversized.as_bytes());
    assert!(status.is_none_or(|status| (400..600).contains(&status)), "{status:?}");
    let noise: Vec<u8> =
        (0..60_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .send_to(&noise, ("127.0.0.1", floor.server.sip))
        .unwrap();
    a_good_call_works("oversized datagrams");

    floor.until_state("8001", "ready");
    let answering = agent.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13900000001", "12300", &caller).over_tcp();
    calling.pause(Duration::from_secs(1)).run(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.record("13900000001")["outcome"], "answered", "by TCP");

    assert_eq!(raw.ask("OPTIONS", "12300"), Some(200));
    assert!(floor.items("/api/v1/calls").is_empty());
}

#[test]
fn a_phone_that_signs_in_by_feature_code_proves_itself_first() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let phone = floor.phone("8001", 1000.0);
    let dial = |code: &str| floor.call("caller-proves-himself", "8001", code, &phone.phone);
    let stranger = dial("*118005").password("8001", "wrong").start();
    wait::until("the refusal of his proof", LIMIT, || {
        (stranger.messages().matches("SIP/2.0 401").count() >= 2).then_some(())
    });
    assert!(!stranger.messages().contains("SIP/2.0 200"), "{}", stranger.messages());
    drop(stranger);
    assert_eq!(floor.state("8005"), "signed_out");

    dial("*118005").password("8001", "demo8001").run(LIMIT);
    floor.until_state("8005", "not_ready");
    dial("*13").password("8001", "demo8001").run(LIMIT);
    floor.until_state("8005", "ready");
    let answering = phone.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12300", &caller);
    calling.pause(Duration::from_secs(1)).run(LIMIT);
    answering.succeeds(LIMIT);
    let record = floor.record("13800000001");
    assert_eq!(record["agent"], "8005", "{record:#}");
    floor.until_state("8005", "ready");
    dial("*14").password("8001", "demo8001").run(LIMIT);
    floor.until_state("8005", "not_ready");
    dial("*12").password("8001", "demo8001").run(LIMIT);
    floor.until_state("8005", "signed_out");
}

fn good_call(floor: &Floor, agent: &Agent, number: &str, after: &str) {
    floor.until_state("8001", "ready");
    let answering = agent.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", number, "12300", &caller);
    calling.pause(Duration::from_secs(1)).run(LIMIT);
    answering.succeeds(LIMIT);
    assert_eq!(floor.record(number)["outcome"], "answered", "after {after}");
}
