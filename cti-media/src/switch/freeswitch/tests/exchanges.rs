//! The machine against exchanges written by hand (`synthetic/`), and against whatever else comes by the socket.
//!
//! `<` is a line of the switch, `>` how what is sent next begins, `!` a command of the Center, `=` how what is
//! reported next begins. `Content-Length` is counted anew, so that a line can be changed.

use std::collections::VecDeque;

use cti_core::time::Timestamp;
use proptest::prelude::*;

use super::{
    super::{
        event::Event,
        machine::{Machine, Output},
        message::{Decoder, Message},
    },
    world::config,
};
use crate::switch::native::recordings::Recordings;

const SYNTHETIC: [&str; 2] = [
    include_str!("synthetic/a-call-is-answered-and-greeted.txt"),
    include_str!("synthetic/a-number-outside-is-busy.txt"),
];

fn machine(folder: &std::path::Path) -> Machine {
    let recordings = Recordings::new(folder.to_owned(), "Asia/Shanghai", None).unwrap();
    let mut machine =
        Machine::new(config("127.0.0.1:8021".to_owned(), folder), recordings, Timestamp::ZERO);
    machine.connected();
    machine
}

/// What the switch sends between two lines of ours, with the lengths of its bodies counted.
fn said(lines: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest: VecDeque<&str> = lines.iter().copied().collect();
    while !rest.is_empty() {
        let mut head = Vec::new();
        while let Some(line) = rest.pop_front().filter(|line| !line.is_empty()) {
            head.push(line);
        }
        let counted = head.iter().any(|line| line.starts_with("Content-Length"));
        let mut body = String::new();
        if counted {
            let next = rest.iter().position(|line| {
                line.starts_with("Content-Type: ") || line.starts_with("Content-Length: ")
            });
            // The length of the answer of a job stands within its event.
            let inner = rest.front().is_some_and(|line| *line == "Event-Name: BACKGROUND_JOB");
            let end = if inner { rest.len() } else { next.unwrap_or(rest.len()) };
            for line in rest.drain(..end) {
                body += line;
                body += "\n";
            }
        }
        for line in head.iter().filter(|line| !line.starts_with("Content-Length")) {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        if counted {
            bytes.extend_from_slice(format!("Content-Length: {}\n", body.len()).as_bytes());
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(body.as_bytes());
    }
    bytes
}

fn follow(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, mut decoder) = (machine(folder.path()), Decoder::default());
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let (kind, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match kind {
            "<" => {
                let mut all = vec![rest];
                while let Some(line) = lines.next_if(|line| line.starts_with('<')) {
                    all.push(line[1..].strip_prefix(' ').unwrap_or(&line[1..]));
                }
                decoder.push(&said(&all));
                while let Some(message) = decoder.next_message().unwrap() {
                    machine.message(&message, Timestamp::ZERO).unwrap();
                }
            }
            ">" => match machine.poll_output() {
                Some(Output::Send(sent)) => {
                    assert!(sent.starts_with(rest), "{sent}\nis not\n{rest}")
                }
                other => panic!("{other:?} instead of {rest}"),
            },
            "!" => machine.execute(serde_json::from_str(rest).unwrap(), Timestamp::ZERO),
            "=" => {
                let told = machine.poll_report().map(|report| format!("{report:?}"));
                assert!(
                    told.as_ref().is_some_and(|it| it.starts_with(rest)),
                    "{told:?}\nis not\n{rest}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((machine.poll_output(), machine.poll_report()), (None, None));
}

#[test]
fn the_machine_speaks_as_the_exchanges_written_by_hand() {
    SYNTHETIC.into_iter().for_each(follow);
}

/// What a switch wrote in an exchange.
fn theirs(text: &str) -> Vec<u8> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('<'));
    said(&lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn no_bytes_of_a_switch_make_the_machine_fail(
        seed in 0..SYNTHETIC.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        size in 1..200_usize,
    ) {
        let mut bytes = theirs(SYNTHETIC[seed]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let folder = tempfile::tempdir().unwrap();
        let (mut machine, mut decoder) = (machine(folder.path()), Decoder::default());
        'read: for piece in bytes.chunks(size) {
            decoder.push(piece);
            loop {
                match decoder.next_message() {
                    Ok(Some(message)) => {
                        if machine.message(&message, Timestamp::ZERO).is_err() {
                            break 'read;
                        }
                    }
                    Ok(None) => break,
                    Err(_) => break 'read,
                }
            }
        }
        machine.disconnected(Timestamp::ZERO);
        machine.handle_timeout(Timestamp::from_secs(3_600));
        prop_assert_eq!(machine.legs(), 0, "every leg ends");
    }
}

#[test]
fn a_reply_that_nothing_was_asked_for_and_a_refusal_end_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let read = |bytes: &[u8]| -> Vec<Message> {
        let mut decoder = Decoder::default();
        decoder.push(bytes);
        std::iter::from_fn(|| decoder.next_message().unwrap()).collect()
    };
    let fails = |bytes: &[u8]| {
        let mut machine = machine(folder.path());
        let failed = read(bytes).iter().find_map(|it| machine.message(it, Timestamp::ZERO).err());
        failed.unwrap().to_string()
    };
    assert_eq!(
        fails(b"Content-Type: command/reply\nReply-Text: +OK\n\n"),
        "command/reply: nothing was asked for"
    );
    assert_eq!(
        fails(b"Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: -ERR invalid\n\n"),
        "the switch refuses: -ERR invalid"
    );
    assert_eq!(
        fails(
            b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"
        ),
        "the switch refuses: Access Denied, go away."
    );
    assert_eq!(
        fails(b"Content-Type: text/event-plain\nContent-Length: 14\n\nUnique-ID: 7\n\n"),
        "Event-Name: is missing"
    );
}

/// What `cargo xtask capture freeswitch` wrote down, once it has met a live switch, and what was written by hand.
#[test]
fn everything_that_a_switch_said_is_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/switch/freeswitch/tests/captured");
    let mut all: Vec<Vec<u8>> = SYNTHETIC.into_iter().map(theirs).collect();
    for file in std::fs::read_dir(folder).into_iter().flatten() {
        all.push(std::fs::read(file.unwrap().path()).unwrap());
    }
    for bytes in all {
        let (mut decoder, mut events) = (Decoder::default(), 0);
        decoder.push(&bytes);
        while let Some(message) = decoder.next_message().unwrap() {
            if message.content_type().unwrap().starts_with("text/event-") {
                Event::parse(&message).unwrap();
                events += 1;
            }
        }
        assert!(events > 0, "nothing happened");
    }
}
