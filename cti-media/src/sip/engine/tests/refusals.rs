//! What is refused, dropped or challenged.

use super::{super::*, harness::*};

fn request(method: &str, extra: &str) -> String {
    format!(
        "{method} sip:12345@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.0.9;branch=z9hG4bK-x{method};rport\r\n\
         From: <sip:8001@city>;tag=1\r\nTo: <sip:12345@192.0.2.1>\r\nCall-ID: x\r\n\
         CSeq: 1 {method}\r\nContact: <sip:8001@192.168.0.9>\r\n{extra}Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn options_names_what_is_understood() {
    let mut world = World::new();
    let sent = world.receive(PHONE, &request("OPTIONS", ""));
    assert_eq!(status(&sent[0]), 200);
    assert!(header(&sent[0], "Allow").contains("INVITE"));
    assert!(header(&sent[0], "Accept").contains("application/sdp"));
    assert!(header(&sent[0], "Via").ends_with(";received=192.0.2.10;rport=5062"));
    assert_eq!(world.engine.stats.transactions(), 0);
}

#[test]
fn methods_not_offered_are_405_and_unknown_ones_501() {
    let mut world = World::new();
    for (method, code) in [("MESSAGE", 405), ("PUBLISH", 405), ("DANCE", 501), ("invite", 501)] {
        let sent = world.receive(PHONE, &request(method, ""));
        assert_eq!(status(&sent[0]), code, "{method}");
        assert!(header(&sent[0], "Allow").contains("BYE"));
    }
    let (_, to) = world.answered_call("a");
    let sent = world.receive(TRUNK, &in_dialog("PUBLISH", "a", &to, 2, ""));
    assert_eq!(status(&sent[0]), 405);
}

#[test]
fn requests_for_unknown_dialogs_are_481_and_their_acks_nothing() {
    let mut world = World::new();
    assert_eq!(status(&world.receive(PHONE, &request("BYE", ""))[0]), 481);
    let inside = in_dialog("INFO", "x", "<sip:a@b>;tag=nobody", 2, "");
    assert_eq!(status(&world.receive(PHONE, &inside)[0]), 481);
    assert!(world.receive(PHONE, &inside.replace("INFO", "ACK")).is_empty());
}

#[test]
fn demands_that_cannot_be_met_are_named() {
    let mut world = World::new();
    let sent = world.receive(TRUNK, &invite_with("a", "", "Require: 100rel, precondition, x\r\n"));
    assert_eq!((status(&sent[0]), header(&sent[0], "Unsupported")), (420, "precondition, x"));
    let text = invite("b", "v=0").replace("application/sdp", "text/plain");
    let sent = world.receive(TRUNK, &text);
    assert_eq!((status(&sent[0]), header(&sent[0], "Accept")), (415, "application/sdp"));
    let text = invite("c", "").replace("INVITE sip:12345", "INVITE mailto:12345");
    assert_eq!(status(&world.receive(TRUNK, &text)[0]), 416);
    assert_eq!(world.engine.stats.dialogs(), 0);
    assert!(world.events().is_empty());
}

#[test]
fn a_flood_of_unknown_callers_leaves_no_state() {
    let mut world = World::new();
    for n in 0..1000 {
        let from = format!("198.51.100.{}:5060", n % 200);
        let text = request("INVITE", "").replace("z9hG4bK-x", &format!("z9hG4bK-{n}"));
        let sent = world.receive(&from, &text);
        assert_eq!(status(&sent[0]), 401);
        assert_eq!(headers(&sent[0], "WWW-Authenticate").count(), 2);
    }
    assert_eq!(world.engine.stats.transactions(), 0);
    assert_eq!(world.engine.stats.dialogs(), 0);
    assert!(world.events().is_empty());
}

#[test]
fn a_repeated_challenge_has_the_same_tag() {
    let mut world = World::new();
    let first = world.receive(PHONE, &request("INVITE", ""));
    let second = world.receive(PHONE, &request("INVITE", ""));
    assert_eq!(header(&first[0], "To"), header(&second[0], "To"));
}

#[test]
fn one_source_beyond_its_rate_is_not_answered() {
    let config = SipConfig { requests_per_second: 5, request_burst: 5, ..SipConfig::default() };
    let mut world = World::with(config);
    let answered = (0..50)
        .filter(|n| {
            let text = request("OPTIONS", "").replace("z9hG4bK-x", &format!("z9hG4bK-{n}"));
            !world.receive(PHONE, &text).is_empty()
        })
        .count();
    assert_eq!(answered, 5);
    assert_eq!(world.engine.stats.rate_limited(), 45);
}

#[test]
fn an_account_proves_itself_before_it_calls() {
    let mut world = World::new();
    let challenge = world.receive(PHONE, &request("INVITE", ""));
    let line = proof(&challenge[0], "INVITE", "8001", "demo8001", 1);
    let text = request("INVITE", &line).replace("z9hG4bK-x", "z9hG4bK-y");
    assert_eq!(status(&world.receive(PHONE, &text)[0]), 100);
    let SipEvent::Incoming { account, trunk: None, .. } = world.event() else { panic!() };
    assert_eq!(account.as_deref(), Some("8001"));
}

#[test]
fn a_trunk_cannot_speak_for_an_account() {
    let mut world = World::new();
    let text = invite("a", "").replace("sip:13812345678@10.1.1.1>;tag", "sip:8001@10.1.1.1>;tag");
    assert_eq!(status(&world.receive(TRUNK, &text)[0]), 401);
    assert!(world.events().is_empty());
}

#[test]
fn while_draining_new_calls_get_503_and_old_ones_go_on() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    world.command(Command::Drain(true));
    let sent = world.receive(TRUNK, &invite("b", "v=0"));
    assert_eq!((status(&sent[0]), header(&sent[0], "Retry-After")), (503, "10"));
    assert_eq!(status(&world.receive(PHONE, &request("OPTIONS", ""))[0]), 503);
    assert_eq!(status(&world.receive(TRUNK, &in_dialog("BYE", "a", &to, 2, ""))[0]), 200);
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerHungUp });
    world.command(Command::Drain(false));
    world.incoming("c");
}

#[test]
fn one_dialog_too_many_is_503() {
    let mut world = World::with(SipConfig { max_dialogs: 1, ..SipConfig::default() });
    world.incoming("a");
    assert_eq!(status(&world.receive(TRUNK, &invite("b", "v=0"))[0]), 503);
}

#[test]
fn while_the_centre_is_behind_nobody_new_is_let_in_and_talks_go_on() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    world.input(Input::Busy(true));
    let sent = world.receive(TRUNK, &invite("b", "v=0"));
    assert_eq!((status(&sent[0]), header(&sent[0], "Retry-After")), (503, "10"));
    let registering = register("8001", 1, "Contact: <sip:8001@192.0.2.10>\r\n", "");
    assert_eq!(status(&world.receive(PHONE, &registering)[0]), 503);
    assert_eq!(status(&world.receive(TRUNK, &in_dialog("BYE", "a", &to, 2, ""))[0]), 200);
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerHungUp });
    world.input(Input::Busy(false));
    world.incoming("c");
}

#[test]
fn an_emergency_number_is_called_when_nothing_else_is() {
    let mut world = World::with(SipConfig { max_dialogs: 1, ..SipConfig::default() });
    world.incoming("a");
    world.input(Input::Busy(true));
    let emergency =
        |call: &str| invite(call, "v=0").replace("INVITE sip:12345@", "INVITE sip:110@");
    for n in 0..64 {
        let call = format!("e{n}");
        assert_eq!(status(&world.receive(TRUNK, &emergency(&call))[0]), 100, "{n}");
    }
    // The room for them has an end too, and a stranger is asked for his password.
    assert_eq!(status(&world.receive(TRUNK, &emergency("more"))[0]), 503);
    world.engine.config.max_dialogs = 100;
    assert_eq!(status(&world.receive("203.0.113.9:5060", &emergency("s"))[0]), 401);
    world.events();
}

#[test]
fn malformed_and_oversized_messages_are_refused_and_the_next_good_call_works() {
    let mut world = World::new();
    let broken = request("OPTIONS", "").replace("CSeq: 1", "CSeq: minus one");
    assert_eq!(status(&world.receive(PHONE, &broken)[0]), 400);
    assert!(world.receive(PHONE, "\u{0}\u{1}garbage").is_empty());
    assert!(world.receive(PHONE, "\r\n\r\n").is_empty());
    let big = request("OPTIONS", &format!("X: {}\r\n", "y".repeat(20_000)));
    assert_eq!(status(&world.receive(PHONE, &big)[0]), 513);
    let endless = big.replace("\r\n\r\n", "");
    assert!(world.receive(PHONE, &endless).is_empty());
    assert_eq!(status(&world.receive(PHONE, &request("OPTIONS", ""))[0]), 200);
    world.answered_call("a");
}

/// Messages bent in a hundred thousand ways, in the middle of a live call: nothing panics, nothing
/// piles up, and the next good request is served.
#[test]
fn bent_messages_leave_the_endpoint_whole() {
    let mut world = World::new();
    let (_, to) = world.answered_call("live");
    let body = "Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0";
    let good = [
        invite_with("new", "v=0", "Record-Route: <sip:10.1.1.2;lr>\r\n"),
        in_dialog("INVITE", "live", &to, 5, body),
        in_dialog("INFO", "live", &to, 6, ""),
        in_dialog("ACK", "live", &to, 1, ""),
        in_dialog("CANCEL", "live", &to, 1, ""),
        register("8001", 3, "Contact: <sip:8001@192.0.2.10>;expires=60\r\n", ""),
        request("OPTIONS", "Require: a\r\n"),
        response(&invite("x", ""), 200, "t", "sip:a@10.1.1.1", "v=0"),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as usize % below
    };
    for round in 0..30_000 {
        let mut bytes = good[random(good.len())].clone().into_bytes();
        for _ in 0..=random(6) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, b"\"<>;,=@: \r\n%\0\xff"[random(14)]),
                _ => {
                    let end = (at + random(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = random(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        let flow = if round % 3 == 0 { tcp(TRUNK, 9) } else { udp(TRUNK) };
        world.input(Input::Message { flow, data: Bytes::from(bytes) });
        world.sent.clear();
        world.events.clear();
        world.advance(Duration::from_millis(10));
    }
    assert_eq!(status(&world.receive(PHONE, &request("OPTIONS", ""))[0]), 200);
    for key in 0..world.engine.new_key().0 {
        world.command(Command::Hangup { dialog: DialogKey(key) });
    }
    world.advance(Duration::from_secs(40));
    world.assert_nothing_left();
}
