//! Calls of ours.

use super::{super::*, harness::*};
use crate::sip::Target;

const OTHER: &str = "192.0.2.20:5064";

fn uri() -> Target {
    Target::Uri(String::from("sip:a1@10.1.1.1:5060"))
}

fn account() -> Target {
    Target::Account(String::from("8001"))
}

fn two_devices() -> World {
    let mut world = World::new();
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    world.register_on(udp(OTHER), "8001", 11, "sip:8001@192.168.0.8");
    world
}

#[test]
fn a_call_rings_is_answered_and_the_peer_hangs_up() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    assert!(sent[0].starts_with("INVITE sip:a1@10.1.1.1:5060 SIP/2.0\r\n"));
    assert!(header(&sent[0], "From").starts_with("\"Citizen\" <sip:13812345678@city>;tag="));
    assert_eq!(header(&sent[0], "X-Call"), "7X-Evil: 1");
    world.receive(TRUNK, &response(&sent[0], 180, "p", "", ""));
    assert_eq!(world.event(), SipEvent::Provisional { dialog: key, status: 180, sdp: None });
    let answer = response(&sent[0], 200, "p", "sip:a1@10.1.1.1:5099", "v=0");
    let ack = world.receive(TRUNK, &answer);
    assert!(ack[0].starts_with("ACK sip:a1@10.1.1.1:5099 SIP/2.0\r\n"));
    assert_eq!(header(&ack[0], "CSeq"), "1 ACK");
    assert_eq!(
        world.event(),
        SipEvent::Answered { dialog: key, transport: Transport::Udp, sdp: Some(b"v=0".to_vec()) }
    );
    assert_eq!(world.receive(TRUNK, &answer), ack);
    let bye = format!(
        "BYE sip:cti@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bK-bye\r\nFrom: {};tag=p\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\n\r\n",
        header(&sent[0], "To"),
        header(&sent[0], "From"),
        header(&sent[0], "Call-ID")
    );
    assert_eq!(status(&world.receive(TRUNK, &bye)[0]), 200);
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerHungUp });
    world.assert_nothing_left();
}

#[test]
fn a_busy_peer_fails_the_call_and_gets_its_ack() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    let busy = response(&sent[0], 486, "p", "", "");
    let ack = world.receive(TRUNK, &busy);
    assert_eq!(header(&ack[0], "Via"), header(&sent[0], "Via"));
    let reason = String::from("Any Reason");
    let failed = SipEvent::Failed { dialog: key, status: 486, reason, from_peer: true };
    assert_eq!(world.event(), failed);
    assert_eq!(world.receive(TRUNK, &busy), ack);
    world.assert_nothing_left();
}

#[test]
fn a_challenge_is_never_met() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    let text = response(&sent[0], 407, "p", "", "").replace(
        "Content-Length",
        "Proxy-Authenticate: Digest realm=\"evil\", nonce=\"1\"\r\nContent-Length",
    );
    let sent = world.receive(TRUNK, &text);
    assert!(sent.len() == 1 && sent[0].starts_with("ACK "));
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 407, .. } if dialog == key));
}

#[test]
fn nobody_at_the_other_end_is_408_after_32_seconds() {
    let mut world = World::new();
    let (key, _) = world.dial(uri());
    let again = world.advance(Duration::from_secs(33));
    // RFC 3261 §17.1.1.2: after 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    assert_eq!(again.len(), 6);
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 408, .. } if dialog == key));
    assert_eq!(world.engine.stats.transactions(), 0);
}

#[test]
fn an_account_without_a_device_and_a_host_name_fail_at_once() {
    let mut world = World::new();
    let (_, sent) = world.dial(account());
    assert!(sent.is_empty());
    assert!(matches!(world.event(), SipEvent::Failed { status: 480, from_peer: false, .. }));
    world.dial(Target::Uri(String::from("sip:a@example.org")));
    assert!(matches!(world.event(), SipEvent::Failed { status: 502, .. }));
}

#[test]
fn of_several_devices_the_first_answer_wins_and_the_others_are_cancelled() {
    let mut world = two_devices();
    let (key, sent) = world.dial(account());
    assert_eq!(sent.len(), 2);
    assert_ne!(header(&sent[0], "Call-ID"), header(&sent[1], "Call-ID"));
    world.receive(PHONE, &response(&sent[0], 180, "p", "", ""));
    world.receive(OTHER, &response(&sent[1], 180, "q", "", ""));
    world.events();
    let after = world.receive(OTHER, &response(&sent[1], 200, "q", "sip:o@192.168.0.8", "v=0"));
    assert!(after[0].starts_with("ACK sip:o@192.168.0.8 "));
    assert!(after[1].starts_with("CANCEL sip:8001@192.168.0.9 "));
    assert_eq!(header(&after[1], "CSeq"), "1 CANCEL");
    assert_eq!(
        header(&after[1], "Reason"),
        "SIP;cause=200;text=\"Call completed elsewhere\"",
        "RFC 3326: no missed call on this phone"
    );
    assert!(matches!(world.event(), SipEvent::Answered { dialog, .. } if dialog == key));
    // RFC 3261 §13.2.2.4: the other device picked up before our CANCEL came.
    let late = response(&sent[0], 200, "p", "sip:l@192.168.0.9", "v=0");
    let declined = world.receive(PHONE, &late);
    assert!(declined[0].starts_with("ACK sip:l@192.168.0.9 "));
    assert!(declined[1].starts_with("BYE sip:l@192.168.0.9 "));
    assert_eq!(world.receive(PHONE, &late), [declined[0].as_str()]);
    world.receive(PHONE, &response(&declined[1], 200, "p", "", ""));
    assert!(world.events().is_empty());
    assert_eq!(world.engine.stats.dialogs(), 1);
    let bye = world.command(Command::Hangup { dialog: key });
    world.receive(OTHER, &response(&bye[0], 200, "q", "", ""));
    world.events();
    world.assert_nothing_left();
}

#[test]
fn a_call_fails_only_when_every_device_has_failed() {
    let mut world = two_devices();
    let (key, sent) = world.dial(account());
    world.receive(PHONE, &response(&sent[0], 480, "p", "", ""));
    assert!(world.events().is_empty());
    world.receive(OTHER, &response(&sent[1], 486, "q", "", ""));
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 486, .. } if dialog == key));
}

#[test]
fn hanging_up_while_it_rings_cancels_after_the_first_sign_of_life() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    assert!(world.command(Command::Hangup { dialog: key }).is_empty());
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::HungUp });
    assert_eq!(world.engine.stats.dialogs(), 0);
    let cancel = world.receive(TRUNK, &response(&sent[0], 100, "p", "", ""));
    assert!(cancel[0].starts_with("CANCEL "));
    assert!(!cancel[0].contains("Reason:"), "nobody has answered");
    world.receive(TRUNK, &response(&cancel[0], 200, "p", "", ""));
    let ack = world.receive(TRUNK, &response(&sent[0], 487, "p", "", ""));
    assert!(ack[0].starts_with("ACK "));
    assert!(world.events().is_empty());
    world.assert_nothing_left();
}

#[test]
fn a_phone_that_rings_on_is_told_that_another_agent_has_answered() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    world.receive(TRUNK, &response(&sent[0], 180, "p", "", ""));
    let cancel = world.command(Command::HangupAnsweredElsewhere { dialog: key });
    assert!(cancel[0].starts_with("CANCEL "));
    assert_eq!(header(&cancel[0], "Reason"), "SIP;cause=200;text=\"Call completed elsewhere\"");
    // It was not heard of yet: the CANCEL waits, and says so then.
    let (key, sent) = world.dial(uri());
    assert!(world.command(Command::HangupAnsweredElsewhere { dialog: key }).is_empty());
    let cancel = world.receive(TRUNK, &response(&sent[0], 100, "q", "", ""));
    assert!(header(&cancel[0], "Reason").starts_with("SIP;cause=200;"));
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_ended() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    world.receive(TRUNK, &response(&sent[0], 180, "p", "", ""));
    world.command(Command::Hangup { dialog: key });
    world.events();
    let late = world.receive(TRUNK, &response(&sent[0], 200, "p", "sip:a1@10.1.1.1", "v=0"));
    assert!(late[0].starts_with("ACK ") && late[1].starts_with("BYE "));
    assert_eq!(header(&late[1], "CSeq"), "2 BYE");
    world.receive(TRUNK, &response(&late[1], 200, "p", "", ""));
    assert!(world.events().is_empty());
    world.assert_nothing_left();
}

#[test]
fn record_routes_of_the_answer_are_followed_backwards() {
    let mut world = World::new();
    let (key, sent) = world.dial(uri());
    let answer = response(&sent[0], 200, "p", "sip:a1@10.1.1.77", "v=0")
        .replace("Contact", "Record-Route: <sip:10.1.1.2;lr>, <sip:10.1.1.1;lr>\r\nContact");
    let ack = world.receive(TRUNK, &answer);
    assert!(ack[0].starts_with("ACK sip:a1@10.1.1.77 "));
    let routes: Vec<_> = headers(&ack[0], "Route").collect();
    assert_eq!(routes, ["<sip:10.1.1.1;lr>", "<sip:10.1.1.2;lr>"]);
    world.command(Command::Hangup { dialog: key });
    assert_eq!(world.sent.last().unwrap().0.remote, "10.1.1.1:5060".parse().unwrap());
}

#[test]
fn a_device_on_tcp_is_called_over_its_own_connection() {
    let mut world = World::new();
    let flow = tcp("192.0.2.30:40000", 7);
    world.input(Input::Connected { connection: ConnectionId(7) });
    world.register_on(flow, "8001", 1, "sip:8001@192.168.0.7:5060;transport=tcp");
    let (key, sent) = world.dial(account());
    assert_eq!(world.sent.last().unwrap().0, flow);
    assert!(header(&sent[0], "Via").starts_with("SIP/2.0/TCP "));
    assert!(header(&sent[0], "Contact").ends_with(";transport=tcp>"));
    assert!(world.opened.is_empty());
    world.input(Input::Closed { connection: ConnectionId(7) });
    let events = world.events();
    assert!(matches!(&events[0], SipEvent::Unregistered { .. }));
    assert!(matches!(&events[1], SipEvent::Failed { dialog, status: 503, .. } if *dialog == key));
    world.assert_nothing_left();
}

#[test]
fn a_tcp_address_is_called_over_a_new_connection() {
    let mut world = World::new();
    world.dial(Target::Uri(String::from("sip:a@10.1.1.1:5070;transport=tcp")));
    assert_eq!(world.opened[0].1, "10.1.1.1:5070".parse().unwrap());
    world.input(Input::Closed { connection: world.opened[0].0 });
    assert!(matches!(world.event(), SipEvent::Failed { status: 503, .. }));
}

#[test]
fn a_call_of_ours_that_comes_back_is_a_loop() {
    let mut world = World::new();
    let (_, sent) = world.dial(uri());
    let back = sent[0].replace("branch=z9hG4bK", "branch=z9hG4bKother");
    assert_eq!(status(&world.receive(TRUNK, &back)[0]), 482);
}

#[test]
fn a_peer_that_forgot_the_call_ends_it() {
    let mut world = World::new();
    let (key, _) = world.answered_call("a");
    let ours = world.command(Command::Reinvite { dialog: key, sdp: b"v=0".to_vec() });
    world.receive(TRUNK, &response(&ours[0], 481, "f-a", "", ""));
    let events = world.events();
    assert!(matches!(events[0], SipEvent::ReinviteAnswered { status: 481, .. }));
    assert_eq!(events[1], SipEvent::Ended { dialog: key, cause: EndCause::PeerLost });
    world.assert_nothing_left();
}

#[test]
fn our_reinvite_is_acknowledged_in_the_dialog() {
    let mut world = World::new();
    let (key, _) = world.answered_call("a");
    let ours = world.command(Command::Reinvite { dialog: key, sdp: b"v=0".to_vec() });
    let ack = world.receive(TRUNK, &response(&ours[0], 200, "f-a", "", "v=1"));
    assert!(ack[0].starts_with("ACK sip:13812345678@10.1.1.1:5060 "));
    assert_eq!(header(&ack[0], "CSeq"), "1 ACK");
    let sdp = Some(b"v=1".to_vec());
    assert_eq!(world.event(), SipEvent::ReinviteAnswered { dialog: key, status: 200, sdp });
}
