//! The transfer key of a telephone.

use super::{super::*, harness::*};
use crate::sip::Target;

/// A call to the phone of 8001 that it answered with a tag; its key and the INVITE.
fn called(world: &mut World, tag: &str) -> (DialogKey, String) {
    let (key, sent) = world.dial(Target::Account(String::from("8001")));
    world.receive(PHONE, &response(&sent[0], 200, tag, "sip:8001@192.168.0.9", "v=0"));
    world.events();
    (key, sent[0].clone())
}

fn phone() -> World {
    let mut world = World::new();
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    world
}

/// A request of the phone inside a call of ours.
fn refer(invite: &str, tag: &str, cseq: u32, lines: &str) -> String {
    format!(
        "REFER sip:cti@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.0.9:5062;branch=z9hG4bK-r{tag}{cseq};rport\r\n\
         From: {};tag={tag}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} REFER\r\n{lines}Content-Length: 0\r\n\r\n",
        header(invite, "To"),
        header(invite, "From"),
        header(invite, "Call-ID")
    )
}

fn tag_of(value: &str) -> &str {
    value.split(";tag=").nth(1).unwrap()
}

#[test]
fn a_transfer_to_a_number_is_reported_and_its_outcome_told() {
    let mut world = phone();
    let (key, invite) = called(&mut world, "p");
    let sent = world.receive(PHONE, &refer(&invite, "p", 1, "Refer-To: <sip:8002@city>\r\n"));
    assert_eq!(status(&sent[0]), 202);
    assert_eq!(header(&sent[1], "Event"), "refer;id=1");
    assert!(header(&sent[1], "Subscription-State").starts_with("active;"));
    assert_eq!(header(&sent[1], "Content-Type"), "message/sipfrag;version=2.0");
    assert!(sent[1].ends_with("SIP/2.0 100 Trying\r\n"));
    let number = Some(String::from("8002"));
    assert_eq!(world.event(), SipEvent::Referred { dialog: key, number, replaces: None });
    let again = world.receive(PHONE, &refer(&invite, "p", 2, "Refer-To: <sip:8003@city>\r\n"));
    assert_eq!(status(&again[0]), 491, "one after the other");
    let told = world.command(Command::AnswerReference { dialog: key, status: 603 });
    assert!(header(&told[0], "Subscription-State").starts_with("terminated"));
    assert!(told[0].ends_with("SIP/2.0 603 Decline\r\n"));
    assert!(world.command(Command::AnswerReference { dialog: key, status: 200 }).is_empty());
}

#[test]
fn a_call_that_is_released_went_where_it_should() {
    let mut world = phone();
    let (key, invite) = called(&mut world, "p");
    world.receive(PHONE, &refer(&invite, "p", 1, "Refer-To: <tel:13900001111>\r\n"));
    let sent = world.command(Command::Hangup { dialog: key });
    assert!(sent[0].starts_with("NOTIFY ") && sent[0].ends_with("SIP/2.0 200 OK\r\n"));
    assert!(sent[1].starts_with("BYE "));
    let number =
        |message: &str| header(message, "CSeq").split(' ').next().unwrap().parse::<u32>().unwrap();
    assert!(number(&sent[0]) < number(&sent[1]));
}

#[test]
fn another_call_of_the_same_telephone_is_found_by_its_tags() {
    let mut world = phone();
    let (first, invite) = called(&mut world, "p");
    let (second, other) = called(&mut world, "q");
    let replaces = |call_id: &str, to: &str, from: &str| {
        format!(
            "Refer-To: <sip:8002@city?Replaces={call_id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>\r\n"
        )
    };
    let (call_id, ours) = (header(&other, "Call-ID"), tag_of(header(&other, "From")));
    let wrong = [replaces("nothing", ours, "q"), replaces(call_id, ours, "p")];
    for (n, line) in wrong.iter().enumerate() {
        let sent = world.receive(PHONE, &refer(&invite, "p", 1 + n as u32, line));
        assert_eq!(status(&sent[0]), 481);
    }
    world.receive(PHONE, &refer(&invite, "p", 5, &replaces(call_id, ours, "q")));
    let event = SipEvent::Referred { dialog: first, number: None, replaces: Some(second) };
    assert_eq!(world.event(), event);
}

#[test]
fn a_telephone_that_wants_no_news_gets_none() {
    let mut world = phone();
    let (key, invite) = called(&mut world, "p");
    let lines = "Refer-To: <sip:8002@city>\r\nRefer-Sub: false\r\n";
    let sent = world.receive(PHONE, &refer(&invite, "p", 1, lines));
    assert_eq!((sent.len(), header(&sent[0], "Refer-Sub")), (1, "false"));
    assert!(world.command(Command::AnswerReference { dialog: key, status: 200 }).is_empty());
}

#[test]
fn nobody_outside_sends_a_call_elsewhere_and_a_bad_target_is_400() {
    let mut world = World::new();
    let (_, to) = world.answered_call("a");
    let outside = in_dialog("REFER", "a", &to, 2, "Refer-To: <sip:00881@city>\r\n");
    assert_eq!(status(&world.receive(TRUNK, &outside)[0]), 403);
    assert!(world.events().is_empty());
    let mut world = phone();
    let (_, invite) = called(&mut world, "p");
    for (n, line) in
        ["", "Refer-To: <mailto:a@b>\r\n", "Refer-To: <sip:1@c>\r\nRefer-To: <sip:2@c>\r\n"]
            .iter()
            .enumerate()
    {
        let sent = world.receive(PHONE, &refer(&invite, "p", 1 + n as u32, line));
        assert_eq!(status(&sent[0]), 400, "{line}");
    }
    assert!(world.events().is_empty());
}
