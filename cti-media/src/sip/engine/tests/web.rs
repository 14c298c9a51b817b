//! Browsers: WebSockets, flows that are used again, guests (RFC 7118, RFC 5626).

use super::{super::*, harness::*};
use crate::sip::{Guests, ListenerConfig, SipConfig, Target, UnregisterCause};

const PAGE: &str = "10.1.7.7:40000";
const CONTACT: &str = "sip:k3j2@7f1a.invalid;transport=ws";

fn connected(world: &mut World, id: u64) -> Flow {
    world.input(Input::Connected { connection: ConnectionId(id) });
    ws(PAGE, id)
}

fn closed(world: &mut World, id: u64) {
    world.input(Input::Closed { connection: ConnectionId(id) });
}

/// A browser that registered as 8001 over connection 7 and answered a call of ours.
fn talking_browser() -> (World, DialogKey, String) {
    let mut world = World::new();
    let flow = connected(&mut world, 7);
    world.register_on(flow, "8001", 1, CONTACT);
    let (key, sent) = world.dial(Target::Account(String::from("8001")));
    let answer = response(&sent[0], 200, "page", CONTACT, "v=0");
    assert!(world.receive_on(flow, &answer)[0].starts_with("ACK "));
    let answered = world.event();
    assert!(
        matches!(answered, SipEvent::Answered { transport: Transport::Ws, .. }),
        "{answered:?}"
    );
    (world, key, sent[0].clone())
}

fn guest_invite(number: &str, from: &str) -> String {
    format!(
        "INVITE sip:{number}@city SIP/2.0\r\nVia: SIP/2.0/WS 7f1a.invalid;branch=z9hG4bK-g{number}{from}\r\n\
         From: \"The Mayor\" <sip:{from}@city>;tag=g\r\nTo: <sip:{number}@city>\r\nCall-ID: g{number}{from}\r\n\
         CSeq: 1 INVITE\r\nContact: <{CONTACT};ob>\r\nContent-Type: application/sdp\r\n\r\nv=0"
    )
}

fn with_guests() -> World {
    let guests = Guests { trunk: String::from("web"), numbers: vec![String::from("12345")] };
    World::with(SipConfig { guests: Some(guests), ..SipConfig::default() })
}

#[test]
fn a_call_to_a_browser_goes_back_over_the_connection_it_registered_on() {
    let (mut world, key, invite) = talking_browser();
    assert!(invite.starts_with(&format!("INVITE {CONTACT} SIP/2.0\r\n")), "{invite}");
    assert!(header(&invite, "Via").starts_with("SIP/2.0/WS 192.0.2.1:5060;"), "{invite}");
    assert!(invite.ends_with("v=0 for browsers"), "{invite}");
    assert_eq!(header(&invite, "Contact"), "<sip:cti@192.0.2.1:5060;transport=ws>");
    let bye = world.command(Command::Hangup { dialog: key });
    assert!(bye[0].starts_with("BYE sip:k3j2@7f1a.invalid"), "{bye:?}");
    assert!(world.opened.is_empty(), "nobody can connect to a browser");
    assert!(world.sent.iter().all(|(flow, _)| flow.connection == Some(ConnectionId(7))));
}

#[test]
fn a_lost_connection_takes_the_registration_with_it() {
    let mut world = World::new();
    let flow = connected(&mut world, 7);
    world.register_on(flow, "8001", 1, CONTACT);
    closed(&mut world, 7);
    let SipEvent::Unregistered { account, cause, .. } = world.event() else { panic!() };
    assert_eq!((account.as_str(), cause), ("8001", UnregisterCause::ConnectionClosed));
    let (_, sent) = world.dial(Target::Account(String::from("8001")));
    assert!(sent.is_empty());
    assert!(matches!(world.event(), SipEvent::Failed { status: 480, .. }));
}

#[test]
fn a_browser_that_connects_again_keeps_its_call() {
    let (mut world, key, _) = talking_browser();
    closed(&mut world, 7);
    world.events();
    world.advance(Duration::from_secs(3));
    let again = connected(&mut world, 8);
    world.register_on(again, "8001", 5, CONTACT);
    world.advance(Duration::from_secs(20));
    assert!(world.events().is_empty());
    let bye = world.command(Command::Hangup { dialog: key });
    assert!(bye[0].starts_with("BYE "), "{bye:?}");
    assert_eq!(world.sent.last().unwrap().0, again);
}

#[test]
fn the_call_of_a_page_that_was_closed_ends_after_a_while() {
    let (mut world, key, _) = talking_browser();
    closed(&mut world, 7);
    world.events();
    world.advance(Duration::from_secs(9));
    assert!(world.events().is_empty());
    world.advance(Duration::from_secs(2));
    assert_eq!(world.event(), SipEvent::Ended { dialog: key, cause: EndCause::PeerLost });
    world.assert_nothing_left();
}

#[test]
fn a_guest_reaches_the_listed_numbers_with_his_number_withheld() {
    let mut world = with_guests();
    let flow = connected(&mut world, 7);
    let sent = world.receive_on(flow, &guest_invite("12345", "13800000000"));
    assert_eq!(status(&sent[0]), 100);
    let SipEvent::Incoming { from_user, from_display, trunk, transport, .. } = world.event() else {
        panic!()
    };
    assert_eq!((from_user.as_str(), from_display), ("anonymous", None));
    assert_eq!((trunk.as_deref(), transport), (Some("web"), Transport::Ws));
    for (number, from) in [("90000", "13800000000"), ("12345", "8001")] {
        let sent = world.receive_on(flow, &guest_invite(number, from));
        assert_eq!(status(&sent[0]), 401, "{number} from {from}");
    }
}

#[test]
fn a_page_is_no_trunk_whatever_its_address() {
    let mut world = World::new();
    let flow = connected(&mut world, 7);
    let sent = world.receive_on(flow, &guest_invite("12345", "13800000000"));
    assert_eq!(status(&sent[0]), 401);
    assert!(world.events().is_empty());
}

#[test]
fn guests_come_over_a_web_socket_only() {
    let mut world = with_guests();
    let sent = world.receive(PHONE, &guest_invite("12345", "13800000000"));
    assert_eq!(status(&sent[0]), 401);
}

#[test]
fn an_unanswered_call_of_a_page_that_was_closed_is_taken_back() {
    let mut world = with_guests();
    let flow = connected(&mut world, 7);
    world.receive_on(flow, &guest_invite("12345", "guest"));
    let SipEvent::Incoming { dialog, .. } = world.event() else { panic!() };
    closed(&mut world, 7);
    world.advance(Duration::from_secs(11));
    assert_eq!(world.event(), SipEvent::Ended { dialog, cause: EndCause::Cancelled });
}

#[test]
fn a_listener_for_some_networks_does_not_hear_others() {
    let allowed = vec![Network { address: "10.1.0.0".parse().unwrap(), prefix: 16 }];
    let bind = "192.0.2.1:5060".parse().unwrap();
    let listener = ListenerConfig { allowed, ..ListenerConfig::new(Transport::Udp, bind) };
    let mut world = World::with(SipConfig { listeners: vec![listener], ..SipConfig::default() });
    assert_eq!(status(&world.receive(TRUNK, &invite("a", "v=0"))[0]), 100);
    assert!(world.receive(PHONE, &invite("b", "v=0")).is_empty());
    assert_eq!(world.engine.stats.refused_sources(), 1);
}

#[test]
fn the_hash_that_everyone_knows_stands_first_for_telephones_and_last_for_browsers() {
    let mut world = World::new();
    let flow = connected(&mut world, 7);
    let last = |text: &str| headers(text, "WWW-Authenticate").last().unwrap().to_owned();
    let text = register("8001", 1, "Contact: <sip:a@b.invalid>\r\n", "");
    assert!(last(&world.receive_on(flow, &text)[0]).contains("algorithm=MD5"));
    let text = register("8001", 1, "Contact: <sip:a@192.168.0.9>\r\n", "");
    assert!(last(&world.receive(PHONE, &text)[0]).contains("algorithm=SHA-256"));
}
