//! The registrar on the wire.

use super::{super::*, harness::*};
use crate::sip::UnregisterCause;

const CONTACT: &str = "Contact: <sip:8001@192.168.0.9:5062>;expires=600\r\n";

fn attempt(world: &mut World, account: &str, password: &str) -> String {
    let challenge = world.receive(PHONE, &register(account, 1, CONTACT, ""));
    assert_eq!(status(&challenge[0]), 401);
    let line = proof(&challenge[0], "REGISTER", account, password, 1);
    world.receive(PHONE, &register(account, 2, CONTACT, &line)).remove(0)
}

#[test]
fn the_right_password_registers_and_the_time_left_is_told() {
    let mut world = World::new();
    let sent = attempt(&mut world, "8001", "demo8001");
    assert_eq!(status(&sent), 200);
    assert_eq!(header(&sent, "Contact"), "<sip:8001@192.168.0.9:5062>;expires=600");
    let SipEvent::Registered { account, source, .. } = world.event() else { panic!() };
    assert_eq!((account.as_str(), source), ("8001", PHONE.parse().unwrap()));
    assert_eq!(world.engine.stats.bindings(), 1);
}

#[test]
fn a_wrong_password_and_an_unknown_account_get_the_same_answer() {
    let mut world = World::new();
    let wrong = attempt(&mut world, "8001", "guess");
    let unknown = attempt(&mut world, "9999", "guess").replace("9999", "8001");
    let shape = |text: &str| {
        let lines =
            text.lines().map(|line| line.split(['=', '<']).next().unwrap_or_default().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(status(&wrong), 401);
    assert_eq!(shape(&wrong), shape(&unknown));
    assert!(world.events().is_empty());
}

#[test]
fn a_repeated_request_is_answered_alike_but_a_replayed_proof_is_not() {
    let mut world = World::new();
    let challenge = world.receive(PHONE, &register("8001", 1, CONTACT, ""));
    let line = proof(&challenge[0], "REGISTER", "8001", "demo8001", 1);
    let text = register("8001", 2, CONTACT, &line);
    assert_eq!(status(&world.receive(PHONE, &text)[0]), 200);
    assert_eq!(status(&world.receive(PHONE, &text)[0]), 200);
    let replay = register("8001", 3, CONTACT, &line);
    let sent = world.receive(PHONE, &replay);
    assert_eq!(status(&sent[0]), 401);
    assert!(header(&sent[0], "WWW-Authenticate").contains("stale=true"));
}

#[test]
fn an_expired_nonce_is_stale_and_the_new_one_works() {
    let mut world = World::new();
    let challenge = world.receive(PHONE, &register("8001", 1, CONTACT, ""));
    let line = proof(&challenge[0], "REGISTER", "8001", "demo8001", 1);
    world.advance(Duration::from_secs(301));
    let stale = world.receive(PHONE, &register("8001", 2, CONTACT, &line));
    assert!(header(&stale[0], "WWW-Authenticate").contains("stale=true"));
    let line = proof(&stale[0], "REGISTER", "8001", "demo8001", 1);
    assert_eq!(status(&world.receive(PHONE, &register("8001", 3, CONTACT, &line))[0]), 200);
}

#[test]
fn a_nonce_of_another_address_is_worthless() {
    let mut world = World::new();
    let challenge = world.receive(PHONE, &register("8001", 1, CONTACT, ""));
    let line = proof(&challenge[0], "REGISTER", "8001", "demo8001", 1);
    let sent = world.receive("203.0.113.5:5060", &register("8001", 2, CONTACT, &line));
    assert_eq!(status(&sent[0]), 401);
}

#[test]
fn one_account_cannot_register_another() {
    let mut world = World::new();
    let challenge = world.receive(PHONE, &register("8001", 1, CONTACT, ""));
    let line = proof(&challenge[0], "REGISTER", "8002", "demo8002", 1);
    assert_eq!(status(&world.receive(PHONE, &register("8001", 2, CONTACT, &line))[0]), 403);
}

#[test]
fn a_registration_that_is_not_refreshed_ends_by_itself() {
    let mut world = World::new();
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    world.advance(Duration::from_secs(599));
    assert!(world.events().is_empty());
    world.advance(Duration::from_secs(2));
    let SipEvent::Unregistered { cause, .. } = world.event() else { panic!() };
    assert_eq!(cause, UnregisterCause::Expired);
    assert_eq!(world.engine.stats.bindings(), 0);
}

#[test]
fn too_short_a_registration_is_423_and_zero_or_a_star_remove() {
    let mut world = World::new();
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    let mut cseq = 10;
    let mut send = |world: &mut World, contact: &str| {
        let challenge = world.receive(PHONE, &register("8001", cseq, contact, ""));
        let line = proof(&challenge[0], "REGISTER", "8001", "demo8001", 1);
        cseq += 2;
        world.receive(PHONE, &register("8001", cseq - 1, contact, &line)).remove(0)
    };
    let brief = send(&mut world, "Contact: <sip:x@y>;expires=5\r\n");
    assert_eq!((status(&brief), header(&brief, "Min-Expires")), (423, "30"));
    assert_eq!(status(&send(&mut world, "Contact: *\r\nExpires: 60\r\n")), 400);
    assert!(world.events().is_empty());
    let gone = send(&mut world, "Contact: <sip:8001@192.168.0.9>;expires=0\r\n");
    assert_eq!((status(&gone), headers(&gone, "Contact").count()), (200, 0));
    assert_eq!(world.events().len(), 1);
    world.register_on(udp(PHONE), "8001", 50, "sip:8001@192.168.0.9");
    assert_eq!(status(&send(&mut world, "Contact: *\r\nExpires: 0\r\n")), 200);
    assert_eq!(world.events().len(), 1);
    assert_eq!(world.engine.stats.bindings(), 0);
}

#[test]
fn registrations_survive_a_restart_with_the_time_they_had_left() {
    let mut world = World::new();
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    let records = world.engine.binding_records();
    assert_eq!(records[0].expires_at, 1_000_601);
    let mut next = World::with(SipConfig { restore: records, ..SipConfig::default() });
    assert!(matches!(next.event(), SipEvent::Registered { .. }));
    let (_, sent) = next.dial(crate::sip::Target::Account("8001".into()));
    assert!(sent[0].starts_with("INVITE sip:8001@192.168.0.9 "));
    assert_eq!(next.sent.last().unwrap().0.remote, PHONE.parse().unwrap());
}

#[test]
fn a_phone_is_called_where_it_sends_from_or_where_it_says_on_the_same_host() {
    let mut world = World::new();
    let contact = "Contact: <sip:8001@192.0.2.10:7000>;expires=600\r\n";
    for (via, cseq, port) in [(";rport", 1, 5062), ("", 11, 7000)] {
        let text =
            |cseq, proof: &str| register("8001", cseq, contact, proof).replace(";rport", via);
        let challenge = world.receive(PHONE, &text(cseq, ""));
        let line = proof(&challenge[0], "REGISTER", "8001", "demo8001", 1);
        world.receive(PHONE, &text(cseq + 1, &line));
        world.dial(crate::sip::Target::Account("8001".into()));
        assert_eq!(world.sent.last().unwrap().0.remote.port(), port);
    }
}
