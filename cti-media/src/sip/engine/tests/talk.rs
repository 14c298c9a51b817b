//! Asking phones to answer.

use super::{super::*, harness::*};
use crate::sip::Target;

const OTHER: &str = "192.0.2.20:5064";

fn rings(invite: &str, tag: &str, events: &str) -> String {
    let ringing = response(invite, 180, tag, "sip:8001@192.168.0.9", "");
    ringing.replacen("Contact:", &format!("{events}Contact:"), 1)
}

fn talks(invite: &str, tag: &str) -> String {
    rings(invite, tag, "Allow-Events: hold, talk, conference\r\n")
}

fn call(world: &mut World) -> (DialogKey, Vec<String>) {
    world.register_on(udp(PHONE), "8001", 1, "sip:8001@192.168.0.9");
    world.dial(Target::Account(String::from("8001")))
}

#[test]
fn a_phone_that_allows_it_is_asked_in_its_early_dialog_and_talks_on_in_it() {
    let mut world = World::new();
    let (key, sent) = call(&mut world);
    world.receive(PHONE, &talks(&sent[0], "p"));
    let asked = world.command(Command::AskToAnswer { dialog: key });
    assert!(asked[0].starts_with("NOTIFY sip:8001@192.168.0.9 SIP/2.0\r\n"), "{}", asked[0]);
    assert_eq!(header(&asked[0], "Event"), "talk");
    assert_eq!(header(&asked[0], "CSeq"), "2 NOTIFY");
    assert_eq!(header(&asked[0], "Call-ID"), header(&sent[0], "Call-ID"));
    assert!(header(&asked[0], "To").ends_with(";tag=p"));
    world.receive(PHONE, &response(&asked[0], 200, "p", "", "").replace(";tag=p;tag=p", ";tag=p"));

    let ack = world.receive(PHONE, &response(&sent[0], 200, "p", "sip:8001@192.168.0.9", "v=0"));
    assert_eq!(header(&ack[0], "CSeq"), "1 ACK");
    let bye = world.command(Command::Hangup { dialog: key });
    // RFC 3261 §12.2.1.1: the number goes on from the highest one used in the dialog.
    assert_eq!(header(&bye[0], "CSeq"), "3 BYE");
}

#[test]
fn a_phone_that_does_not_ring_yet_is_asked_when_it_does() {
    let mut world = World::new();
    let (key, sent) = call(&mut world);
    assert!(world.command(Command::AskToAnswer { dialog: key }).is_empty());
    let asked = world.receive(PHONE, &talks(&sent[0], "p"));
    assert!(asked[0].starts_with("NOTIFY "));
    assert!(world.receive(PHONE, &talks(&sent[0], "p")).is_empty(), "it is asked once");
}

#[test]
fn a_phone_that_does_not_allow_it_is_left_alone() {
    let mut world = World::new();
    let (key, sent) = call(&mut world);
    world.receive(PHONE, &rings(&sent[0], "p", "Allow-Events: hold\r\n"));
    assert!(world.command(Command::AskToAnswer { dialog: key }).is_empty());
}

#[test]
fn of_two_devices_that_ring_one_is_asked() {
    let mut world = World::new();
    world.register_on(udp(OTHER), "8001", 11, "sip:8001@192.168.0.8");
    let (key, sent) = call(&mut world);
    assert_eq!(sent.len(), 2);
    for (n, invite) in sent.iter().enumerate() {
        world.receive(PHONE, &talks(invite, &format!("p{n}")));
    }
    let asked = world.command(Command::AskToAnswer { dialog: key });
    assert_eq!(asked.len(), 1, "{asked:?}");
    world.command(Command::Hangup { dialog: key });
    assert!(world.command(Command::AskToAnswer { dialog: key }).is_empty());
}
