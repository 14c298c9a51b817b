//! Lamps: messages that wait, and whether a colleague's telephone is in use.

use super::{super::*, harness::*};
use crate::sip::Target;

fn subscribe(cseq: u32, to: &str, lines: &str) -> String {
    format!(
        "SUBSCRIBE sip:8002@city SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.0.9:5062;branch=z9hG4bK-s{cseq};rport\r\n\
         From: <sip:8001@city>;tag=s1\r\nTo: {to}\r\nCall-ID: sub\r\nCSeq: {cseq} SUBSCRIBE\r\n\
         Contact: <sip:8001@192.168.0.9:5062>\r\n{lines}Content-Length: 0\r\n\r\n"
    )
}

/// A subscription of 8001 to an account; what was sent.
fn subscribed(world: &mut World, about: &str, lines: &str) -> Vec<String> {
    subscribed_by(world, "", about, lines)
}

/// The same with branches of its own.
fn subscribed_by(world: &mut World, branch: &str, about: &str, lines: &str) -> Vec<String> {
    let text = |cseq, lines: &str| {
        let text = subscribe(cseq, "<sip:city>", lines);
        let text = text.replacen("sip:8002@", &format!("sip:{about}@"), 1);
        text.replacen("z9hG4bK-s", &format!("z9hG4bK-s{branch}"), 1)
    };
    let before = world.engine.stats.transactions();
    let challenge = world.receive(PHONE, &text(1, lines));
    assert_eq!(status(&challenge[0]), 401);
    assert_eq!(world.engine.stats.transactions(), before);
    let proof = proof(&challenge[0], "SUBSCRIBE", "8001", "demo8001", 1);
    world.receive(PHONE, &text(2, &format!("{lines}{proof}")))
}

fn accept(world: &mut World, notify: &str) -> Vec<String> {
    assert!(notify.starts_with("NOTIFY sip:8001@192.168.0.9:5062 SIP/2.0\r\n"), "{notify}");
    let ok = response(notify, 200, "s1", "", "").replace(";tag=s1;tag=s1", ";tag=s1");
    world.receive(PHONE, &ok)
}

fn indicate(world: &mut World, count: u32) -> Vec<String> {
    world.command(Command::IndicateMessages { account: String::from("8001"), count })
}

const SUMMARY: &str = "Event: message-summary\r\nExpires: 600\r\n";
const LAMP: &str = "Event: dialog\r\nExpires: 600\r\n";

#[test]
fn a_telephone_is_told_of_its_messages_at_once_and_whenever_they_change() {
    let mut world = World::new();
    indicate(&mut world, 2);
    let sent = subscribed(&mut world, "8001", SUMMARY);
    assert_eq!((status(&sent[0]), header(&sent[0], "Expires")), (200, "600"));
    assert_eq!(header(&sent[1], "Event"), "message-summary");
    assert_eq!(header(&sent[1], "Subscription-State"), "active;expires=600");
    assert_eq!(header(&sent[1], "Content-Type"), "application/simple-message-summary");
    assert!(sent[1].contains("Messages-Waiting: yes\r\n"));
    assert!(sent[1].contains("Voice-Message: 2/0 (0/0)\r\n"));
    // One NOTIFY is on its way at a time; the next one tells the latest.
    assert!(indicate(&mut world, 3).is_empty() && indicate(&mut world, 0).is_empty());
    let next = accept(&mut world, &sent[1]);
    assert!(next.len() == 1 && next[0].contains("Messages-Waiting: no\r\n"));
    assert_eq!(header(&next[0], "CSeq"), "2 NOTIFY");
    assert!(accept(&mut world, &next[0]).is_empty());
    assert!(indicate(&mut world, 0).is_empty(), "nothing has changed");
    assert_eq!(indicate(&mut world, 1).len(), 1);
}

#[test]
fn a_lamp_follows_the_telephone_it_watches_and_shows_no_number() {
    let mut world = World::new();
    world.register_on(udp("192.0.2.20:5064"), "8002", 1, "sip:8002@192.168.0.8");
    let sent = subscribed(&mut world, "8002", LAMP);
    assert_eq!(header(&sent[1], "Content-Type"), "application/dialog-info+xml");
    assert!(sent[1].contains("version=\"0\" state=\"full\" entity=\"sip:8002@city\""));
    assert!(!sent[1].contains("<dialog "));
    accept(&mut world, &sent[1]);
    let (key, sent) = world.dial(Target::Account(String::from("8002")));
    assert!(sent[1].contains("direction=\"recipient\"><state>early</state>"), "{}", sent[1]);
    assert!(sent[1].contains("version=\"1\"") && !sent[1].contains("138"));
    accept(&mut world, &sent[1]);
    let answer = response(&sent[0], 200, "p", "sip:8002@192.168.0.8", "v=0");
    let sent = world.receive("192.0.2.20:5064", &answer);
    let lamp = sent.iter().find(|it| it.starts_with("NOTIFY")).unwrap();
    assert!(lamp.contains("<state>confirmed</state>"));
    accept(&mut world, lamp);
    let sent = world.command(Command::Hangup { dialog: key });
    let lamp = sent.iter().find(|it| it.starts_with("NOTIFY")).unwrap();
    assert!(!lamp.contains("<dialog "));
}

#[test]
fn a_call_of_somebody_else_moves_no_lamp() {
    let mut world = World::new();
    let sent = subscribed(&mut world, "8002", LAMP);
    accept(&mut world, &sent[1]);
    let (key, _) = world.answered_call("a");
    let sent = world.command(Command::Hangup { dialog: key });
    assert!(sent.iter().all(|it| it.starts_with("BYE ")));
}

#[test]
fn a_subscription_is_renewed_ended_or_runs_out() {
    let mut world = World::new();
    let sent = subscribed(&mut world, "8001", SUMMARY);
    let to = header(&sent[0], "To").to_owned();
    accept(&mut world, &sent[1]);
    world.advance(Duration::from_secs(500));
    let renewed = world.receive(PHONE, &subscribe(3, &to, SUMMARY));
    assert_eq!((status(&renewed[0]), renewed.len()), (200, 2));
    accept(&mut world, &renewed[1]);
    assert_eq!(
        status(&world.receive(PHONE, &subscribe(3, &to, SUMMARY).replace("-s3", "-x"))[0]),
        500
    );
    let out = world.advance(Duration::from_secs(601));
    assert_eq!(header(&out[0], "Subscription-State"), "terminated;reason=timeout");
    assert_eq!(status(&world.receive(PHONE, &subscribe(9, &to, SUMMARY))[0]), 481);

    let mut world = World::new();
    let sent = subscribed(&mut world, "8001", SUMMARY);
    let to = header(&sent[0], "To").to_owned();
    accept(&mut world, &sent[1]);
    let over = SUMMARY.replace("600", "0");
    let ended = world.receive(PHONE, &subscribe(3, &to, &over));
    assert_eq!(header(&ended[1], "Subscription-State"), "terminated;reason=timeout");
    assert!(indicate(&mut world, 5).is_empty());
}

#[test]
fn whoever_refuses_a_notification_or_never_answers_is_told_no_more() {
    for answers in [true, false] {
        let mut world = World::new();
        let sent = subscribed(&mut world, "8001", SUMMARY);
        if answers {
            world.receive(PHONE, &response(&sent[1], 481, "s1", "", ""));
        } else {
            world.advance(Duration::from_secs(33));
        }
        assert!(indicate(&mut world, 5).is_empty());
        world.assert_nothing_left();
    }
}

#[test]
fn what_cannot_be_subscribed_to_says_why() {
    for (about, lines, code, name) in [
        ("8001", "Event: presence\r\n", 489, "Allow-Events"),
        ("8001", "Event: dialog\r\nAccept: application/pidf+xml\r\n", 406, "Accept"),
        ("8002", "Event: message-summary\r\n", 403, "Call-ID"),
        ("nobody", "Event: dialog\r\n", 404, "Call-ID"),
        ("8001", "Event: dialog\r\nExpires: 5\r\n", 423, "Min-Expires"),
        ("8001", "Event: dialog\r\nRequire: eventlist\r\n", 420, "Unsupported"),
    ] {
        let mut world = World::new();
        let sent = subscribed(&mut world, about, lines);
        assert_eq!(status(&sent[0]), code, "{lines}");
        assert!(!header(&sent[0], name).is_empty());
        assert_eq!(world.engine.subscriptions.len(), 0);
    }
}

#[test]
fn one_account_has_a_limited_number_of_lamps() {
    let mut world = World::new();
    for n in 0..65 {
        let sent = subscribed_by(&mut world, &format!("n{n}-"), "8002", LAMP);
        let expected = if n < 64 { 200 } else { 503 };
        assert_eq!(status(&sent[0]), expected, "{n}");
    }
}
