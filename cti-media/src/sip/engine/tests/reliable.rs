//! Reliable provisional responses (RFC 3262), both ways.

use super::{super::*, harness::*};
use crate::sip::Target;

fn prack(call: &str, to: &str, rseq: u32, cseq: u32, body: &str) -> String {
    let described = format!(
        "RAck: {rseq} 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    in_dialog("PRACK", call, to, cseq, &described)
}

fn number(message: &str) -> u32 {
    header(message, "RSeq").parse().unwrap()
}

fn call_with(world: &mut World, line: &str, offer: &str) -> DialogKey {
    world.receive(TRUNK, &invite_with("a", offer, line));
    let SipEvent::Incoming { dialog, .. } = world.event() else { panic!() };
    dialog
}

fn early(world: &mut World, dialog: DialogKey) -> String {
    world.command(Command::Progress { dialog, sdp: b"v=0 early".to_vec() }).remove(0)
}

#[test]
fn a_description_before_the_answer_is_repeated_until_it_is_acknowledged() {
    let mut world = World::new();
    let dialog = call_with(&mut world, "Supported: 100rel\r\n", "v=0 offer");
    let ringing = world.command(Command::Ring { dialog });
    assert_eq!(headers(&ringing[0], "RSeq").count(), 0, "ringing alone may be lost");
    let first = early(&mut world, dialog);
    assert_eq!((status(&first), header(&first, "Require")), (183, "100rel"));
    let again = world.advance(Duration::from_secs(4));
    assert_eq!(again, [first.as_str(); 3], "after 0.5, 1.5 and 3.5 s");
    let to = header(&first, "To").to_owned();
    let wrong = world.receive(TRUNK, &prack("a", &to, number(&first) + 1, 2, ""));
    assert_eq!(status(&wrong[0]), 481);
    // An answer waits: the caller may not have our description yet (RFC 3262 §3).
    assert!(world.command(Command::Answer { dialog, sdp: b"v=0 early".to_vec() }).is_empty());
    let sent = world.receive(TRUNK, &prack("a", &to, number(&first), 3, ""));
    assert_eq!((status(&sent[0]), header(&sent[0], "CSeq")), (200, "3 PRACK"));
    assert_eq!((status(&sent[1]), header(&sent[1], "CSeq")), (200, "1 INVITE"));
    assert!(!sent[1].contains("v=0"), "the description is not told twice");
    world.receive(TRUNK, &in_dialog("ACK", "a", &to, 1, ""));
    assert_eq!(world.event(), SipEvent::Acked { dialog, sdp: None });
    assert!(world.advance(Duration::from_secs(40)).is_empty());
    world.receive(TRUNK, &in_dialog("BYE", "a", &to, 4, ""));
    world.events();
    world.assert_nothing_left();
}

#[test]
fn a_caller_who_requires_it_gets_every_provisional_response_so_and_one_at_a_time() {
    let mut world = World::new();
    let dialog = call_with(&mut world, "Require: 100rel\r\n", "v=0 offer");
    let ringing = world.command(Command::Ring { dialog }).remove(0);
    assert_eq!((status(&ringing), header(&ringing, "Require")), (180, "100rel"));
    let held = world.command(Command::Progress { dialog, sdp: b"v=0 early".to_vec() });
    assert!(held.is_empty());
    let to = header(&ringing, "To").to_owned();
    let sent = world.receive(TRUNK, &prack("a", &to, number(&ringing), 2, ""));
    assert_eq!((status(&sent[0]), status(&sent[1])), (200, 183));
    assert_eq!(number(&sent[1]), number(&ringing) + 1);
}

#[test]
fn an_offer_of_ours_is_answered_in_the_prack() {
    let mut world = World::new();
    let dialog = call_with(&mut world, "Supported: 100rel\r\n", "");
    let first = early(&mut world, dialog);
    let to = header(&first, "To").to_owned();
    world.receive(TRUNK, &prack("a", &to, number(&first), 2, "v=0 answer"));
    assert_eq!(world.event(), SipEvent::Acked { dialog, sdp: Some(b"v=0 answer".to_vec()) });
    world.command(Command::Answer { dialog, sdp: b"v=0 early".to_vec() });
    world.receive(TRUNK, &in_dialog("ACK", "a", &to, 1, ""));
    assert_eq!(world.event(), SipEvent::Acked { dialog, sdp: None });
}

#[test]
fn a_caller_who_never_acknowledges_is_refused_after_32_seconds() {
    let mut world = World::new();
    let dialog = call_with(&mut world, "Supported: 100rel\r\n", "v=0 offer");
    early(&mut world, dialog);
    let sent = world.advance(Duration::from_secs(33));
    assert!(sent.iter().any(|it| status(it) == 504));
    let cause = EndCause::NotAcknowledged;
    assert_eq!(world.event(), SipEvent::Ended { dialog, cause });
    world.assert_nothing_left();
}

#[test]
fn a_caller_who_knows_nothing_of_it_sees_nothing_of_it() {
    let mut world = World::new();
    let dialog = call_with(&mut world, "", "v=0 offer");
    let first = early(&mut world, dialog);
    assert_eq!(headers(&first, "RSeq").chain(headers(&first, "Require")).count(), 0);
    assert!(world.advance(Duration::from_secs(5)).is_empty());
}

fn reliably(invite: &str, code: u16, rseq: u32, body: &str) -> String {
    response(invite, code, "p", "sip:a1@10.1.1.1:5099", body).replacen(
        "Contact:",
        &format!("Require: 100rel\r\nRSeq: {rseq}\r\nContact:"),
        1,
    )
}

#[test]
fn what_the_other_side_wants_acknowledged_is_once_and_in_order() {
    let mut world = World::new();
    let (key, sent) = world.dial(Target::Uri(String::from("sip:a1@10.1.1.1:5060")));
    assert!(header(&sent[0], "Supported").contains("100rel"));
    let first = reliably(&sent[0], 183, 7, "v=0 answer");
    let acknowledged = world.receive(TRUNK, &first);
    assert!(acknowledged[0].starts_with("PRACK sip:a1@10.1.1.1:5099 SIP/2.0\r\n"));
    assert_eq!(header(&acknowledged[0], "RAck"), "7 1 INVITE");
    assert_eq!(header(&acknowledged[0], "CSeq"), "2 PRACK");
    let sdp = Some(b"v=0 answer".to_vec());
    assert_eq!(world.event(), SipEvent::Provisional { dialog: key, status: 183, sdp: sdp.clone() });
    for out_of_order in [first, reliably(&sent[0], 180, 9, "")] {
        assert!(world.receive(TRUNK, &out_of_order).is_empty());
        assert!(world.events().is_empty());
    }
    let second = world.receive(TRUNK, &reliably(&sent[0], 180, 8, ""));
    assert_eq!((header(&second[0], "RAck"), header(&second[0], "CSeq")), ("8 1 INVITE", "3 PRACK"));
    world.events();
    // The final response need not repeat the answer.
    let ack = world.receive(TRUNK, &response(&sent[0], 200, "p", "sip:a1@10.1.1.1:5099", ""));
    assert_eq!(header(&ack[0], "CSeq"), "1 ACK");
    assert_eq!(world.event(), SipEvent::Answered { dialog: key, transport: Transport::Udp, sdp });
    let bye = world.command(Command::Hangup { dialog: key });
    assert_eq!(header(&bye[0], "CSeq"), "4 BYE");
}
