//! Journals in files and in memory, and some that lose or mix up what they were given.

use std::{fs, path::PathBuf};

use cti_core::{
    conformance::journal::{Harness, run_all},
    event::Event,
    id::EventNo,
    journal::{Journal, JournalError, file::FileJournal, memory::MemoryJournal},
};
use tempfile::TempDir;

struct InMemory;

impl Harness for InMemory {
    type Journal = MemoryJournal;
    fn create(&mut self) -> Result<MemoryJournal, JournalError> {
        Ok(MemoryJournal::default())
    }
}

#[derive(Default)]
struct InFiles(Option<TempDir>);

impl InFiles {
    fn segment(&self) -> PathBuf {
        self.0.as_ref().unwrap().path().join("00000000000000000001.log")
    }
}

impl Harness for InFiles {
    type Journal = FileJournal;

    fn create(&mut self) -> Result<FileJournal, JournalError> {
        let folder = self.0.insert(tempfile::tempdir().unwrap());
        FileJournal::open(folder.path())
    }

    fn reopen(&mut self, journal: FileJournal) -> Option<Result<FileJournal, JournalError>> {
        drop(journal);
        Some(FileJournal::open(self.0.as_ref()?.path()))
    }

    fn stored(&mut self) -> Option<u64> {
        Some(fs::metadata(self.segment()).unwrap().len())
    }

    fn crash(&mut self, it: FileJournal, keep: u64) -> Option<Result<FileJournal, JournalError>> {
        drop(it);
        fs::OpenOptions::new().write(true).open(self.segment()).unwrap().set_len(keep).unwrap();
        Some(FileJournal::open(self.0.as_ref()?.path()))
    }
}

#[test]
fn a_journal_in_memory_keeps_the_rules() {
    run_all(&mut InMemory).expect_conformance();
}

#[test]
fn a_journal_in_files_keeps_the_rules() {
    run_all(&mut InFiles::default()).expect_conformance();
}

/// What a wrong journal does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    BeginsWithRubbish,
    ReadsBackwards,
    ReadsFromTheBeginning,
    AcceptsGaps,
    CutsLargeEvents,
    CannotSyncTwice,
    ForgetsTheLastEventWhenOpened,
    LosesWhatWasSyncedInACrash,
    LeavesAHoleAfterACrash,
    ForgetsWhatComesAfterACrash,
}

/// A journal whose storage are events in memory: a byte each.
#[derive(Debug)]
struct Wrong {
    fault: Fault,
    events: Vec<Event>,
    synced: bool,
    crashed: bool,
}

impl Journal for Wrong {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        for event in events {
            let (last, found) = (self.last(), event.no);
            if found != last.next() && self.fault != Fault::AcceptsGaps {
                return Err(JournalError::Gap { last, found });
            }
            let mut event = event.clone();
            if self.fault == Fault::CutsLargeEvents {
                let text = serde_json::to_string(&event).unwrap();
                if text.len() > 65_536 {
                    event = self.events[0].clone();
                    event.no = found;
                }
            }
            self.events.push(event);
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        if self.fault == Fault::CannotSyncTwice && self.synced {
            let source = std::io::Error::other("nothing to sync");
            return Err(JournalError::Io { what: "sync", source });
        }
        self.synced = true;
        Ok(())
    }

    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        let from = |event: &&Event| event.no > after || self.fault == Fault::ReadsFromTheBeginning;
        let mut events: Vec<_> = self.events.iter().filter(from).cloned().collect();
        if self.fault == Fault::ReadsBackwards {
            events.reverse();
        }
        Ok(events)
    }

    fn last(&self) -> EventNo {
        let none = EventNo(u64::from(self.fault == Fault::BeginsWithRubbish));
        self.events.last().map_or(none, |event| event.no)
    }
}

struct Faulty(Fault, u64);

impl Harness for Faulty {
    type Journal = Wrong;

    fn create(&mut self) -> Result<Wrong, JournalError> {
        self.1 = 0;
        Ok(Wrong { fault: self.0, events: Vec::new(), synced: false, crashed: false })
    }

    fn reopen(&mut self, mut journal: Wrong) -> Option<Result<Wrong, JournalError>> {
        let forgets = match self.0 {
            Fault::ForgetsTheLastEventWhenOpened => true,
            Fault::ForgetsWhatComesAfterACrash => journal.crashed,
            _ => false,
        };
        if forgets {
            journal.events.pop();
        }
        Some(Ok(journal))
    }

    fn stored(&mut self) -> Option<u64> {
        // The rules append six events, then four.
        self.1 = if self.1 == 6 { 10 } else { 6 };
        Some(self.1)
    }

    fn crash(&mut self, mut it: Wrong, keep: u64) -> Option<Result<Wrong, JournalError>> {
        self.1 = 0;
        it.events.truncate(keep as usize);
        it.crashed = true;
        match self.0 {
            Fault::LosesWhatWasSyncedInACrash => it.events.truncate(5),
            Fault::LeavesAHoleAfterACrash if it.events.len() > 3 => drop(it.events.remove(3)),
            _ => {}
        }
        Some(Ok(it))
    }
}

#[test]
fn a_journal_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    for (fault, rule) in [
        (Fault::BeginsWithRubbish, "a_new_journal_is_empty"),
        (Fault::ReadsBackwards, "events_are_read_back_in_order"),
        (Fault::ReadsFromTheBeginning, "reading_begins_after_the_event_that_is_named"),
        (Fault::AcceptsGaps, "an_event_that_does_not_follow_is_refused"),
        (Fault::CutsLargeEvents, "an_event_of_any_size_is_kept_whole"),
        (Fault::CannotSyncTwice, "appending_nothing_and_syncing_twice_are_harmless"),
        (Fault::ForgetsTheLastEventWhenOpened, "what_was_synced_is_there_when_it_is_opened_again"),
        (
            Fault::LosesWhatWasSyncedInACrash,
            "a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced",
        ),
        (Fault::LeavesAHoleAfterACrash, "a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced"),
        (Fault::ForgetsWhatComesAfterACrash, "a_torn_journal_goes_on"),
    ] {
        let report = run_all(&mut Faulty(fault, 0));
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}
