//! A journal of your own, in thirty lines: a line of JSON for each event.
//!
//! ```text
//! cargo run -p cti-examples --example seam_journal
//! ```
//!
//! You see that it keeps the rules that every journal must keep, those of a tail torn by a crash too.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{fs, io::Write as _, path::PathBuf};

use cti_core::{
    conformance::journal as rules,
    event::Event,
    id::EventNo,
    journal::{Journal, JournalError},
};

#[derive(Debug)]
struct Lines(fs::File, Vec<Event>);

fn io(what: &'static str) -> impl Fn(std::io::Error) -> JournalError {
    move |source| JournalError::Io { what, source }
}

impl Lines {
    /// Opens a file and cuts off the line that a crash has torn.
    fn open(path: &PathBuf) -> Result<Self, JournalError> {
        let bytes = fs::read(path).unwrap_or_default();
        let (mut events, mut whole) = (Vec::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|it| it.ends_with(b"\n")) {
            let Ok(event) = serde_json::from_slice(line) else { break };
            events.push(event);
            whole += line.len();
        }
        fs::write(path, &bytes[..whole]).map_err(io("cut"))?;
        let file = fs::OpenOptions::new().append(true).open(path).map_err(io("open"))?;
        Ok(Self(file, events))
    }
}

impl Journal for Lines {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        for event in events {
            let (last, found) = (self.last(), event.no);
            if found != last.next() {
                return Err(JournalError::Gap { last, found });
            }
            let line = serde_json::to_string(event).map_err(|it| io("write")(it.into()))?;
            writeln!(self.0, "{line}").map_err(io("append"))?;
            self.1.push(event.clone());
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.0.sync_data().map_err(io("sync"))
    }

    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        Ok(self.1.iter().filter(|event| event.no > after).cloned().collect())
    }

    fn last(&self) -> EventNo {
        self.1.last().map_or(EventNo(0), |event| event.no)
    }
}

struct Mine(tempfile::TempDir, PathBuf);

impl rules::Harness for Mine {
    type Journal = Lines;

    fn create(&mut self) -> Result<Lines, JournalError> {
        self.1 = self.0.path().join("events.jsonl");
        fs::write(&self.1, "").map_err(io("create"))?;
        Lines::open(&self.1)
    }

    fn reopen(&mut self, _journal: Lines) -> Option<Result<Lines, JournalError>> {
        Some(Lines::open(&self.1))
    }

    fn stored(&mut self) -> Option<u64> {
        fs::metadata(&self.1).ok().map(|it| it.len())
    }

    fn crash(&mut self, journal: Lines, keep: u64) -> Option<Result<Lines, JournalError>> {
        Some(journal.0.set_len(keep).map_err(io("cut")).and_then(|()| Lines::open(&self.1)))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = rules::run_all(&mut Mine(tempfile::tempdir()?, PathBuf::new()));
    println!("{report}");
    report.expect_conformance();
    Ok(())
}
