//! A journal keeps what it acknowledged, whatever a crash leaves of the rest.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "journal/damage.rs"]
mod damage;
#[path = "journal/random.rs"]
mod random;

use std::{fs, path::Path};

use cti_core::{
    event::{Event, Fact},
    id::EventNo,
    journal::{
        Journal, JournalError,
        file::{FileJournal, read_durable},
        memory::MemoryJournal,
    },
    time::Timestamp,
};
use random::Random;

const SEGMENT: &str = "00000000000000000001.log";

fn event(no: u64) -> Event {
    let device = format!("device{}{no}", "x".repeat(usize::try_from(no * 7 % 50).unwrap()));
    Event {
        no: EventNo(no),
        at: Timestamp::from_micros(no * 1000),
        fact: Fact::DeviceInService { device: device.parse().unwrap() },
    }
}

fn events(from: u64, to: u64) -> Vec<Event> {
    (from..=to).map(event).collect()
}

/// A segment as it was written, and where each event ends in it.
struct Written {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How many events had been acknowledged.
    acknowledged: usize,
}

/// Writes groups of events, each synced but the last two.
fn written(random: &mut Random) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(SEGMENT);
    let mut journal = FileJournal::open(folder.path()).unwrap();
    let (mut ends, mut acknowledged) = (Vec::new(), 0);
    for group in 0..8 {
        for _ in 0..=random.below(6) {
            journal.append(&[event(ends.len() as u64 + 1)]).unwrap();
            ends.push(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap());
        }
        if group < 6 {
            journal.sync().unwrap();
            acknowledged = ends.len();
        }
    }
    Written { bytes: fs::read(path).unwrap(), ends, acknowledged }
}

impl Written {
    /// Returns how many bytes had been acknowledged.
    fn durable(&self) -> usize {
        self.ends[self.acknowledged - 1]
    }

    fn whole_up_to(&self, length: usize) -> usize {
        self.ends.iter().filter(|end| **end <= length).count()
    }
}

/// Opens a journal of one segment with these bytes.
fn open(folder: &Path, bytes: &[u8]) -> Result<FileJournal, JournalError> {
    fs::write(folder.join(SEGMENT), bytes).unwrap();
    FileJournal::open(folder)
}

/// A journal that was opened goes on: it takes the next event and has it after opening again.
fn goes_on(folder: &Path, mut journal: FileJournal, context: &str) {
    let next = journal.last().next();
    journal.append(&[event(next.0)]).unwrap();
    journal.sync().unwrap();
    drop(journal);
    let mut again = FileJournal::open(folder).unwrap();
    assert_eq!(again.read(EventNo(0)).unwrap(), events(1, next.0), "{context}");
}

#[test]
fn a_tail_torn_at_a_thousand_random_bytes_opens_as_the_events_that_were_whole() {
    let mut random = Random::seeded();
    for _ in 0..20 {
        let written = written(&mut random);
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..50 {
            let cut = random.below(written.bytes.len() + 1);
            let context = format!("{random:?}, cut at {cut} of {}", written.bytes.len());
            let mut journal = open(folder.path(), &written.bytes[..cut]).unwrap();
            let whole = written.whole_up_to(cut) as u64;
            assert_eq!(journal.last(), EventNo(whole), "{context}");
            assert_eq!(journal.read(EventNo(0)).unwrap(), events(1, whole), "{context}");
            goes_on(folder.path(), journal, &context);
        }
    }
}

#[test]
fn whatever_a_crash_leaves_behind_the_last_sync_everything_acknowledged_is_there() {
    let mut random = Random::seeded();
    for _ in 0..20 {
        let written = written(&mut random);
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..50 {
            let mut bytes = written.bytes.clone();
            let what = damage::tail(&mut random, &mut bytes, written.durable());
            let context = format!("{random:?}, {what}");
            let mut journal = open(folder.path(), &bytes).unwrap_or_else(|error| {
                panic!("{context}: {error}");
            });
            let last = journal.last().0;
            assert!(last >= written.acknowledged as u64, "{context}");
            assert_eq!(journal.read(EventNo(0)).unwrap(), events(1, last), "{context}");
            goes_on(folder.path(), journal, &context);
        }
    }
}

#[test]
fn a_flipped_bit_in_what_was_acknowledged_is_an_error_and_never_a_shorter_log() {
    let mut random = Random::seeded();
    for _ in 0..20 {
        let written = written(&mut random);
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..50 {
            let mut bytes = written.bytes.clone();
            let at = random.below(written.durable());
            let bit = random.below(8);
            bytes[at] ^= 1 << bit;
            let context = format!("{random:?}, bit {bit} of byte {at}");
            match open(folder.path(), &bytes) {
                Err(JournalError::Damaged { offset, .. }) => {
                    assert!(offset <= at as u64, "{context}: named byte {offset}");
                }
                Err(error) => panic!("{context}: {error}"),
                Ok(journal) => panic!("{context}: opened up to {}", journal.last()),
            }
        }
    }
}

#[test]
fn every_journal_reads_back_what_it_took_and_refuses_what_does_not_follow() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileJournal::open(folder.path()).unwrap();
    let journals: [Box<dyn Journal>; 2] = [Box::new(file), Box::<MemoryJournal>::default()];
    for mut journal in journals {
        journal.append(&events(1, 5)).unwrap();
        journal.sync().unwrap();
        assert!(matches!(journal.append(&[event(7)]), Err(JournalError::Gap { .. })));
        assert_eq!(journal.last(), EventNo(5));
        assert_eq!(journal.read(EventNo(3)).unwrap(), events(4, 5));
    }
}

#[test]
fn segments_follow_one_another_and_old_ones_can_go() {
    let folder = tempfile::tempdir().unwrap();
    let open = || FileJournal::open(folder.path()).unwrap().with_segment_bytes(500);
    let mut journal = open();
    for no in 1..=60 {
        journal.append(&[event(no)]).unwrap();
    }
    journal.sync().unwrap();
    let count = fs::read_dir(folder.path()).unwrap().count();
    assert!(count > 5, "{count} segments");
    assert_eq!(journal.read(EventNo(17)).unwrap(), events(18, 60));
    assert_eq!(read_durable(folder.path(), EventNo(58)).unwrap(), events(59, 60));

    journal.drop_through(EventNo(30)).unwrap();
    let kept = journal.read(EventNo(0)).unwrap();
    assert!(kept[0].no > EventNo(1) && kept[0].no <= EventNo(31), "from {}", kept[0].no);
    drop(journal);
    let mut journal = open();
    assert_eq!(journal.read(EventNo(0)).unwrap(), kept);
    journal.drop_through(EventNo(60)).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(journal);
    let mut journal = open();
    assert_eq!(journal.last(), EventNo(60), "an empty journal knows where it was");
    journal.append(&[event(61)]).unwrap();
}

#[test]
fn a_missing_segment_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = FileJournal::open(folder.path()).unwrap().with_segment_bytes(500);
    (1..=60).for_each(|no| journal.append(&[event(no)]).unwrap());
    drop(journal);
    let mut segments: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    fs::remove_file(&segments[2]).unwrap();
    assert!(matches!(FileJournal::open(folder.path()), Err(JournalError::Gap { .. })));
}

#[test]
fn damage_in_a_segment_that_others_follow_is_an_error_even_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = FileJournal::open(folder.path()).unwrap().with_segment_bytes(500);
    (1..=60).for_each(|no| journal.append(&[event(no)]).unwrap());
    drop(journal);
    let first = folder.path().join(SEGMENT);
    let length = fs::metadata(&first).unwrap().len();
    fs::OpenOptions::new().write(true).open(&first).unwrap().set_len(length - 1).unwrap();
    assert!(matches!(FileJournal::open(folder.path()), Err(JournalError::Damaged { .. })));
}
