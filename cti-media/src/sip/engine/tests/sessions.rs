//! Session timers (RFC 4028), UPDATE (RFC 3311) and changes that meet each other.

use super::{super::*, harness::*};
use crate::sip::Target;

const TIMER: &str = "Supported: timer\r\n";

/// An answered call from the trunk whose INVITE says `lines`; its key, our To value and our 200.
fn answered(world: &mut World, lines: &str) -> (DialogKey, String, String) {
    world.receive(TRUNK, &invite_with("a", "v=0 offer", lines));
    let SipEvent::Incoming { dialog, .. } = world.event() else { panic!() };
    let sent = world.command(Command::Answer { dialog, sdp: b"v=0 answer".to_vec() });
    let to = header(&sent[0], "To").to_owned();
    world.receive(TRUNK, &in_dialog("ACK", "a", &to, 1, ""));
    world.events();
    (dialog, to, sent[0].clone())
}

fn with_sdp(lines: &str, sdp: &str) -> String {
    format!("{lines}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len())
}

#[test]
fn a_caller_who_refreshes_keeps_his_call_and_one_who_stops_loses_it() {
    let mut world = World::new();
    let lines = "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n";
    let (key, to, ok) = answered(&mut world, lines);
    assert_eq!(header(&ok, "Session-Expires"), "120;refresher=uac");
    assert_eq!(header(&ok, "Require"), "timer");
    for cseq in 2..6 {
        assert!(world.advance(Duration::from_secs(60)).is_empty());
        let update = in_dialog("UPDATE", "a", &to, cseq, lines);
        let sent = world.receive(
            TRUNK,
            &format!("{update}Content-Length: 0\r\n\r\n").replacen(
                "Content-Length: 0\r\n\r\nContent",
                "Content",
                1,
            ),
        );
        assert_eq!(
            (status(&sent[0]), header(&sent[0], "Session-Expires")),
            (200, "120;refresher=uac")
        );
    }
    assert!(world.events().is_empty());
    let sent = world.advance(Duration::from_secs(100));
    assert!(sent[0].starts_with("BYE "));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerLost });
    world.assert_nothing_left();
}

#[test]
fn we_refresh_by_update_where_it_is_known_and_by_the_same_offer_where_not() {
    for (allow, method) in
        [("Allow: INVITE, UPDATE\r\n", "UPDATE"), ("Allow: INVITE\r\n", "INVITE")]
    {
        let mut world = World::new();
        let (key, _, ok) = answered(&mut world, &format!("{TIMER}Session-Expires: 120\r\n{allow}"));
        assert_eq!(header(&ok, "Session-Expires"), "120;refresher=uas");
        for _ in 0..5 {
            let sent = world.advance(Duration::from_secs(60));
            assert_eq!(header(&sent[0], "Session-Expires"), "120;refresher=uac");
            assert!(sent[0].starts_with(method), "{}", sent[0]);
            assert_eq!(sent[0].ends_with("v=0 answer"), method == "INVITE");
            let ok = response(&sent[0], 200, "f-a", "", "v=0");
            let ok = ok.replacen("Content-", "Session-Expires: 120;refresher=uac\r\nContent-", 1);
            let ack = world.receive(TRUNK, &ok);
            assert_eq!(ack.len(), usize::from(method == "INVITE"));
            assert!(world.events().is_empty(), "nobody has to know");
        }
        let sent = world.advance(Duration::from_secs(125));
        assert!(sent.iter().any(|it| it.starts_with("BYE ")));
        assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerLost });
        world.assert_nothing_left();
    }
}

#[test]
fn an_interval_below_the_least_is_refused_and_a_caller_without_timers_has_none() {
    let mut world = World::new();
    let short = format!("{TIMER}Session-Expires: 60\r\n");
    let sent = world.receive(TRUNK, &invite_with("x", "v=0", &short));
    assert_eq!((status(&sent[0]), header(&sent[0], "Min-SE")), (422, "90"));
    assert_eq!(world.engine.stats.dialogs(), 0);
    let (_, _, ok) = answered(&mut world, "Session-Expires: 120\r\n");
    assert_eq!(headers(&ok, "Session-Expires").count(), 0);
    assert!(world.advance(Duration::from_secs(10_000)).is_empty());
}

#[test]
fn a_call_of_ours_asks_for_longer_when_its_interval_is_too_short() {
    let mut world = World::new();
    let (key, sent) = world.dial(Target::Uri(String::from("sip:a1@10.1.1.1:5060")));
    assert_eq!(header(&sent[0], "Session-Expires"), "1800");
    let small =
        response(&sent[0], 422, "p", "", "").replacen("Content-", "Min-SE: 3600\r\nContent-", 1);
    let again = world.receive(TRUNK, &small);
    assert!(again[0].starts_with("ACK "));
    assert_eq!(header(&again[1], "Session-Expires"), "3600");
    assert_eq!(header(&again[1], "CSeq"), "2 INVITE");
    let small =
        response(&again[1], 422, "p", "", "").replacen("Content-", "Min-SE: 3600\r\nContent-", 1);
    world.receive(TRUNK, &small);
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 422, .. } if dialog == key));
}

#[test]
fn the_one_who_is_called_may_choose_to_refresh() {
    let mut world = World::new();
    let (key, sent) = world.dial(Target::Uri(String::from("sip:a1@10.1.1.1:5060")));
    let ok = response(&sent[0], 200, "p", "sip:a1@10.1.1.1", "v=0");
    world.receive(
        TRUNK,
        &ok.replacen("Contact", "Session-Expires: 300;refresher=uas\r\nContact", 1),
    );
    world.events();
    assert!(world.advance(Duration::from_secs(250)).is_empty());
    let sent = world.advance(Duration::from_secs(20));
    assert!(sent[0].starts_with("BYE "), "32 s before the end");
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerLost });
}

#[test]
fn an_update_changes_the_session_without_an_acknowledgement() {
    let mut world = World::new();
    let (key, to, _) = answered(&mut world, "");
    let update = in_dialog("UPDATE", "a", &to, 2, &with_sdp("", "v=0 held"));
    assert!(world.receive(TRUNK, &update).is_empty());
    assert_eq!(
        world.event(),
        SipEvent::Reinvite { dialog: key, offer: Some(b"v=0 held".to_vec()) }
    );
    let second = in_dialog("UPDATE", "a", &to, 3, &with_sdp("", "v=0 more"));
    assert_eq!(status(&world.receive(TRUNK, &second)[0]), 500);
    let sent = world.command(Command::AnswerReinvite { dialog: key, sdp: b"v=0 ok".to_vec() });
    assert_eq!((status(&sent[0]), header(&sent[0], "CSeq")), (200, "2 UPDATE"));
    assert!(sent[0].ends_with("v=0 ok"));
    assert!(world.advance(Duration::from_secs(40)).is_empty());
}

#[test]
fn an_update_that_meets_our_offer_or_an_unanswered_call_is_put_off() {
    let mut world = World::new();
    let (key, to, _) = answered(&mut world, "");
    world.command(Command::Reinvite { dialog: key, sdp: b"v=0 ours".to_vec() });
    let update = in_dialog("UPDATE", "a", &to, 2, &with_sdp("", "v=0 theirs"));
    assert_eq!(status(&world.receive(TRUNK, &update)[0]), 491);
    let dialog = world.incoming("b");
    let ringing = world.command(Command::Ring { dialog });
    let to = header(&ringing[0], "To").to_owned();
    let update = in_dialog("UPDATE", "b", &to, 2, &with_sdp("", "v=0 theirs"));
    let sent = world.receive(TRUNK, &update);
    assert_eq!((status(&sent[0]), header(&sent[0], "Retry-After")), (500, "3"));
}

#[test]
fn our_change_that_meets_the_peers_is_tried_again_a_few_times() {
    let mut world = World::new();
    let (key, _, _) = answered(&mut world, "");
    let mut sent = world.command(Command::Reinvite { dialog: key, sdp: b"v=0 ours".to_vec() });
    for attempt in 1..4 {
        let ack = world.receive(TRUNK, &response(&sent[0], 491, "f-a", "", ""));
        assert!(ack.len() == 1 && ack[0].starts_with("ACK "), "{attempt}");
        assert!(world.events().is_empty());
        // RFC 3261 §14.1: the one who did not begin the call waits up to 2 s.
        sent = world.advance(Duration::from_millis(2010));
        assert!(sent[0].starts_with("INVITE ") && sent[0].ends_with("v=0 ours"));
    }
    world.receive(TRUNK, &response(&sent[0], 491, "f-a", "", ""));
    assert_eq!(world.event(), SipEvent::ReinviteAnswered { dialog: key, status: 491, sdp: None });
    assert!(world.advance(Duration::from_secs(10)).is_empty());
}
