//! Messages that stretch or break the grammar, written from the descriptions of RFC 4475 and RFC 5118, and a
//! generator of thousands of broken ones: the right answer where one is due, and a good call afterwards.

mod broken;
mod inet6;
mod odd;
mod wrong;

use super::{super::*, harness::*};
use crate::sip::stream::{Frame, Framer};

/// One message and the answers that are right; 0 stands for none.
struct Case {
    name: &'static str,
    text: &'static str,
    answers: &'static [u16],
}

const fn case(name: &'static str, answers: &'static [u16], text: &'static str) -> Case {
    Case { name, text, answers }
}

/// The message with the line ends of the wire.
fn wire(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn probe(world: &mut World, n: usize) {
    let text = format!(
        "OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.7;branch=z9hG4bK-probe{n}\r\n\
         From: <sip:p@203.0.113.7>;tag=p\r\nTo: <sip:192.0.2.1>\r\nCall-ID: probe{n}\r\n\
         CSeq: 1 OPTIONS\r\n\r\n"
    );
    let sent = world.receive("203.0.113.7:5060", &text);
    assert_eq!(status(&sent[0]), 200, "after case {n}");
    world.advance(Duration::from_millis(10));
}

/// Hangs up what has come in.
fn hang_up(world: &mut World) {
    for event in world.events() {
        if let SipEvent::Incoming { dialog, .. } = event {
            world.command(Command::Hangup { dialog });
        }
    }
    world.events();
}

#[test]
fn every_odd_and_every_wrong_message_gets_its_answer_by_datagram() {
    let mut world = World::new();
    let mut wrong_answers = Vec::new();
    for (n, case) in odd::CASES.iter().chain(wrong::CASES).chain(inet6::CASES).enumerate() {
        let sent = world.receive(TRUNK, &wire(case.text));
        let first = sent.first().map_or(0, |text| status(text));
        if !case.answers.contains(&first) {
            wrong_answers.push(format!("{}: {first} {sent:?}", case.name));
        }
        hang_up(&mut world);
        probe(&mut world, n);
    }
    assert!(wrong_answers.is_empty(), "{wrong_answers:#?}");
    world.advance(Duration::from_secs(40));
    world.answered_call("good");
}

#[test]
fn the_same_messages_on_a_stream_are_answered_or_end_the_connection() {
    let mut world = World::new();
    let mut wrong_answers = Vec::new();
    for (n, case) in odd::CASES.iter().chain(wrong::CASES).chain(inet6::CASES).enumerate() {
        let mut framer = Framer::new(16 * 1024);
        framer.buffer().extend_from_slice(wire(case.text).as_bytes());
        let flow = tcp(TRUNK, 1000 + n as u64);
        world.input(Input::Connected { connection: ConnectionId(1000 + n as u64) });
        let frame = framer.next();
        if let Ok(Some(Frame::Message(data))) = &frame {
            let sent = world.receive_on(flow, str::from_utf8(data).unwrap());
            let first = sent.first().map_or(0, |text| status(text));
            // What is left in the stream belongs to the next message.
            if first != 0 && !case.answers.contains(&first) {
                wrong_answers.push(format!("{}: {first} {sent:?}", case.name));
            }
        }
        hang_up(&mut world);
        probe(&mut world, n);
    }
    assert!(wrong_answers.is_empty(), "{wrong_answers:#?}");
    world.answered_call("good");
}

#[test]
fn there_are_as_many_messages_as_the_two_documents_have() {
    assert_eq!(odd::CASES.len() + wrong::CASES.len(), 49);
    assert_eq!(inet6::CASES.len(), 12);
}
