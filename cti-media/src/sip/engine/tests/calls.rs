//! Calls from outside.

use super::{super::*, harness::*};

#[test]
fn a_call_is_answered_acknowledged_and_ended_by_the_caller() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    let sent = world.receive(TRUNK, &in_dialog("BYE", "a", &to, 2, ""));
    assert_eq!(status(&sent[0]), 200);
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerHungUp });
    let again = world.receive(TRUNK, &in_dialog("BYE", "a", &to, 2, ""));
    assert_eq!(again, sent);
    world.assert_nothing_left();
    assert!(world.events().is_empty());
}

#[test]
fn what_is_known_of_a_caller_is_reported() {
    let mut world = World::new();
    world.receive(TRUNK, &invite("a", "v=0 offer"));
    let SipEvent::Incoming { from_user, from_display, to_user, account, trunk, offer, .. } =
        world.event()
    else {
        panic!()
    };
    assert_eq!((from_user.as_str(), from_display.as_deref()), ("13812345678", Some("Li")));
    assert_eq!((to_user.as_str(), account, trunk.as_deref()), ("12345", None, Some("mobile")));
    assert_eq!(offer.as_deref(), Some(&b"v=0 offer"[..]));
}

#[test]
fn we_hang_up_with_bye_to_the_contact_and_the_dialog_goes_with_its_answer() {
    let mut world = World::new();
    let (key, _) = world.answered_call("a");
    let sent = world.command(Command::Hangup { dialog: key });
    assert!(sent[0].starts_with("BYE sip:13812345678@10.1.1.1:5060 SIP/2.0\r\n"));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::HungUp });
    world.receive(TRUNK, &response(&sent[0], 200, "f-a", "", ""));
    assert_eq!(world.engine.stats.dialogs(), 0);
    world.assert_nothing_left();
}

#[test]
fn crossing_hang_ups_are_both_answered() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    world.command(Command::Hangup { dialog: key });
    world.events();
    let sent = world.receive(TRUNK, &in_dialog("BYE", "a", &to, 2, ""));
    assert_eq!(status(&sent[0]), 200);
    assert!(world.events().is_empty());
    world.assert_nothing_left();
}

#[test]
fn progress_and_ringing_carry_our_tag_and_contact() {
    let mut world = World::new();
    let key = world.incoming("a");
    let ring = world.command(Command::Ring { dialog: key });
    let progress = world.command(Command::Progress { dialog: key, sdp: b"v=0".to_vec() });
    assert_eq!((status(&ring[0]), status(&progress[0])), (180, 183));
    assert_eq!(header(&ring[0], "To"), header(&progress[0], "To"));
    assert_eq!(header(&ring[0], "Contact"), "<sip:cti@192.0.2.1:5060>");
    assert!(progress[0].ends_with("\r\n\r\nv=0"));
}

#[test]
fn a_cancelled_call_gets_200_and_487() {
    let mut world = World::new();
    let key = world.incoming("a");
    let text = in_dialog("CANCEL", "a", "<sip:12345@192.0.2.1>", 1, "");
    let text = text.replace("z9hG4bK-a-CANCEL-1", "z9hG4bK-a");
    let spoofed = world.receive("198.51.100.6:5060", &text);
    assert_eq!(status(&spoofed[0]), 481);
    let sent = world.receive(TRUNK, &text);
    assert_eq!((status(&sent[0]), status(&sent[1])), (200, 487));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::Cancelled });
    let to = header(&sent[1], "To").to_owned();
    let ack = in_dialog("ACK", "a", &to, 1, "").replace("z9hG4bK-a-ACK-1", "z9hG4bK-a");
    world.receive(TRUNK, &ack);
    world.advance(Duration::from_secs(6));
    assert_eq!(world.engine.stats.transactions(), 0);
    assert!(world.command(Command::Answer { dialog: key, sdp: vec![] }).is_empty());
}

#[test]
fn a_cancel_after_the_answer_changes_nothing() {
    let mut world = World::new();
    let key = world.incoming("a");
    world.command(Command::Answer { dialog: key, sdp: b"v=0".to_vec() });
    let text = in_dialog("CANCEL", "a", "<sip:12345@192.0.2.1>", 1, "");
    let sent = world.receive(TRUNK, &text.replace("z9hG4bK-a-CANCEL-1", "z9hG4bK-a"));
    assert_eq!(sent.iter().map(|text| status(text)).collect::<Vec<_>>(), [200]);
    assert!(world.events().is_empty());
}

#[test]
fn an_answer_is_repeated_until_acknowledged_and_given_up_after_32_seconds() {
    let mut world = World::new();
    let key = world.incoming("a");
    world.command(Command::Answer { dialog: key, sdp: b"v=0".to_vec() });
    let sent = world.advance(Duration::from_secs(31));
    // RFC 3261 §13.3.1.4: after 0.5, 1.5, 3.5 s, then every 4 s.
    assert_eq!(sent.iter().filter(|text| status(text) == 200).count(), 9);
    assert!(world.events().is_empty());
    let sent = world.advance(Duration::from_secs(2));
    assert!(sent.iter().any(|text| text.starts_with("BYE ")));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::NotAcknowledged });
    world.assert_nothing_left();
}

#[test]
fn hanging_up_before_the_ack_waits_for_it() {
    let mut world = World::new();
    let key = world.incoming("a");
    let sent = world.command(Command::Answer { dialog: key, sdp: b"v=0".to_vec() });
    let to = header(&sent[0], "To").to_owned();
    assert!(world.command(Command::Hangup { dialog: key }).is_empty());
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::HungUp });
    let sent = world.receive(TRUNK, &in_dialog("ACK", "a", &to, 1, ""));
    assert!(sent[0].starts_with("BYE "));
    assert!(world.events().is_empty());
    world.assert_nothing_left();
}

#[test]
fn a_refusal_is_repeated_until_acknowledged() {
    let mut world = World::new();
    let key = world.incoming("a");
    let reject =
        Command::Reject { dialog: key, status: 486, reason: String::new(), retry_after: Some(5) };
    let sent = world.command(reject);
    assert_eq!((status(&sent[0]), header(&sent[0], "Retry-After")), (486, "5"));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::Rejected });
    assert_eq!(world.engine.stats.dialogs(), 0);
    assert_eq!(world.advance(Duration::from_secs(2)), [sent[0].as_str(), &sent[0]]);
    let to = header(&sent[0], "To").to_owned();
    let ack = in_dialog("ACK", "a", &to, 1, "").replace("z9hG4bK-a-ACK-1", "z9hG4bK-a");
    world.receive(TRUNK, &ack);
    assert!(world.advance(Duration::from_secs(10)).is_empty());
    assert_eq!(world.engine.stats.transactions(), 0);
}

#[test]
fn a_repeated_invite_gets_the_last_response_again_and_makes_no_second_call() {
    let mut world = World::new();
    let key = world.incoming("a");
    assert_eq!(status(&world.receive(TRUNK, &invite("a", "v=0 offer"))[0]), 100);
    world.command(Command::Ring { dialog: key });
    assert_eq!(status(&world.receive(TRUNK, &invite("a", "v=0 offer"))[0]), 180);
    assert!(world.events().is_empty());
    assert_eq!(world.engine.stats.dialogs(), 1);
}

#[test]
fn the_same_invite_by_another_way_is_a_loop() {
    let mut world = World::new();
    world.incoming("a");
    let other = invite("a", "v=0 offer").replace("z9hG4bK-a", "z9hG4bK-other");
    assert_eq!(status(&world.receive(TRUNK, &other)[0]), 482);
}

#[test]
fn a_call_without_an_offer_brings_the_answer_in_its_ack() {
    let mut world = World::new();
    world.receive(TRUNK, &invite("a", ""));
    let SipEvent::Incoming { dialog, offer: None, .. } = world.event() else { panic!() };
    let sent = world.command(Command::Answer { dialog, sdp: b"v=0 our offer".to_vec() });
    let to = header(&sent[0], "To").to_owned();
    let body = "Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0";
    world.receive(TRUNK, &in_dialog("ACK", "a", &to, 1, body));
    assert_eq!(world.event(), SipEvent::Acked { dialog, sdp: Some(b"v=0".to_vec()) });
}

#[test]
fn holding_and_retrieving_by_reinvite_is_reported_and_answered() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    let body = "Contact: <sip:new@10.1.1.1:5090>\r\nContent-Type: application/sdp\r\nContent-Length: 4\r\n\r\nhold";
    let sent = world.receive(TRUNK, &in_dialog("INVITE", "a", &to, 2, body));
    assert_eq!(status(&sent[0]), 100);
    assert_eq!(world.event(), SipEvent::Reinvite { dialog: key, offer: Some(b"hold".to_vec()) });
    let glare = world.receive(TRUNK, &in_dialog("INVITE", "a", &to, 3, ""));
    assert_eq!(status(&glare[0]), 500);
    let sent = world.command(Command::AnswerReinvite { dialog: key, sdp: b"held".to_vec() });
    assert_eq!(status(&sent[0]), 200);
    world.receive(TRUNK, &in_dialog("ACK", "a", &to, 2, ""));
    assert_eq!(world.event(), SipEvent::Acked { dialog: key, sdp: None });
    let bye = world.command(Command::Hangup { dialog: key });
    assert!(bye[0].starts_with("BYE sip:new@10.1.1.1:5090 "));
}

#[test]
fn a_refused_reinvite_leaves_the_call_up() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    world.receive(TRUNK, &in_dialog("INVITE", "a", &to, 2, ""));
    world.events();
    let sent = world.command(Command::RejectReinvite { dialog: key, status: 488 });
    assert_eq!(status(&sent[0]), 488);
    assert!(world.engine.dialogs[&key].is_confirmed());
}

#[test]
fn crossing_reinvites_get_491() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    let ours = world.command(Command::Reinvite { dialog: key, sdp: b"v=0".to_vec() });
    assert!(ours[0].starts_with("INVITE sip:13812345678@10.1.1.1:5060 "));
    let theirs = world.receive(TRUNK, &in_dialog("INVITE", "a", &to, 2, ""));
    assert_eq!(status(&theirs[0]), 491);
    let answer = response(&ours[0], 491, "f-a", "", "");
    assert!(world.receive(TRUNK, &answer)[0].starts_with("ACK "));
    assert!(world.events().is_empty());
    let again = world.advance(Duration::from_secs(3));
    world.receive(TRUNK, &response(&again[0], 200, "f-a", "", "v=1"));
    let sdp = Some(b"v=1".to_vec());
    assert_eq!(world.event(), SipEvent::ReinviteAnswered { dialog: key, status: 200, sdp });
}

#[test]
fn digits_by_info_are_reported_once() {
    let mut world = World::new();
    let (key, to) = world.answered_call("a");
    let body = "Content-Type: application/dtmf-relay\r\nContent-Length: 22\r\n\r\nSignal=5\r\nDuration=160";
    let text = in_dialog("INFO", "a", &to, 2, body);
    assert_eq!(status(&world.receive(TRUNK, &text)[0]), 200);
    assert_eq!(status(&world.receive(TRUNK, &text)[0]), 200);
    let duration = Some(Duration::from_millis(160));
    assert_eq!(world.event(), SipEvent::Info { dialog: key, digit: '5', duration });
    let other = "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\n5";
    let sent = world.receive(TRUNK, &in_dialog("INFO", "a", &to, 3, other));
    assert_eq!(status(&sent[0]), 415);
    let sent = world.command(Command::InfoDigit { dialog: key, digit: '#', duration_ms: 100 });
    assert!(sent[0].ends_with("Signal=#\r\nDuration=100\r\n"));
}

#[test]
fn a_stranger_with_the_right_tags_cannot_end_a_call() {
    let mut world = World::new();
    let (_, to) = world.answered_call("a");
    let bye = in_dialog("BYE", "a", &to, 2, "");
    assert_eq!(status(&world.receive("198.51.100.6:5060", &bye)[0]), 481);
    let wrong = bye.replace("tag=f-a", "tag=guess");
    assert_eq!(status(&world.receive(TRUNK, &wrong)[0]), 481);
    assert!(world.events().is_empty());
}

#[test]
fn a_bye_that_is_challenged_is_not_sent_with_a_password_and_the_dialog_still_goes() {
    let mut world = World::new();
    let (key, _) = world.answered_call("a");
    let bye = world.command(Command::Hangup { dialog: key });
    let challenge = response(&bye[0], 401, "f-a", "", "").replace(
        "Content-Length",
        "WWW-Authenticate: Digest realm=\"evil\", nonce=\"1\"\r\nContent-Length",
    );
    assert!(world.receive(TRUNK, &challenge).is_empty());
    assert_eq!(world.engine.stats.dialogs(), 0);
}

#[test]
fn a_thousand_calls_leave_nothing_behind() {
    let mut world = World::new();
    for n in 0..1000 {
        let call = format!("c{n}");
        let (key, to) = world.answered_call(&call);
        if n % 2 == 0 {
            world.receive(TRUNK, &in_dialog("BYE", &call, &to, 2, ""));
        } else {
            let bye = world.command(Command::Hangup { dialog: key });
            world.receive(TRUNK, &response(&bye[0], 200, "x", "", ""));
        }
        world.events();
        world.advance(Duration::from_millis(20));
    }
    assert_eq!(world.engine.stats.dialogs(), 0);
    assert!(world.engine.stats.transactions() > 500);
    world.assert_nothing_left();
}
