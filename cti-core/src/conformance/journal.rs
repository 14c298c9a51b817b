//! What every [`Journal`] must keep.

use super::{Report, Rule, Verdict, Violation};
use crate::{
    event::{AlarmKind, Event, Fact},
    id::{AlarmId, EventNo},
    journal::{Journal, JournalError},
    time::Timestamp,
};

/// Makes journals of one kind.
pub trait Harness {
    /// The kind.
    type Journal: Journal;

    /// Makes an empty journal on storage of its own.
    ///
    /// # Errors
    /// When the storage cannot be had.
    fn create(&mut self) -> Result<Self::Journal, JournalError>;

    /// Puts a journal away and opens its storage again; `None` where it ends with its process.
    fn reopen(&mut self, _journal: Self::Journal) -> Option<Result<Self::Journal, JournalError>> {
        None
    }

    /// Returns how many bytes the storage of the journal that was made last holds; `None` where it cannot be cut.
    fn stored(&mut self) -> Option<u64> {
        None
    }

    /// Puts a journal away, cuts its storage to the first `keep` bytes, as a crash may, and opens it again; `None` where
    /// it cannot be cut.
    fn crash(
        &mut self,
        _journal: Self::Journal,
        _keep: u64,
    ) -> Option<Result<Self::Journal, JournalError>> {
        None
    }
}

/// Checks all rules; those about storage only where the harness has one.
pub fn run_all<H: Harness>(harness: &mut H) -> Report {
    let mut report = Report::default();
    report.note("a_new_journal_is_empty", a_new_journal_is_empty(harness));
    report.note("events_are_read_back_in_order", events_are_read_back_in_order(harness));
    report.note(
        "reading_begins_after_the_event_that_is_named",
        reading_begins_after_the_event_that_is_named(harness),
    );
    report.note(
        "an_event_that_does_not_follow_is_refused",
        an_event_that_does_not_follow_is_refused(harness),
    );
    report.note("an_event_of_any_size_is_kept_whole", an_event_of_any_size_is_kept_whole(harness));
    report.note(
        "appending_nothing_and_syncing_twice_are_harmless",
        appending_nothing_and_syncing_twice_are_harmless(harness),
    );
    report.note(
        "what_was_synced_is_there_when_it_is_opened_again",
        what_was_synced_is_there_when_it_is_opened_again(harness),
    );
    report.note(
        "a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced",
        a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced(harness),
    );
    report.note("a_torn_journal_goes_on", a_torn_journal_goes_on(harness));
    report
}

/// There is no event, and the last one has the number 0.
///
/// # Errors
/// When the rule is broken.
pub fn a_new_journal_is_empty<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("a_new_journal_is_empty");
    let mut journal = rule.works("create", harness.create())?;
    rule.holds(journal.last() == EventNo(0), || format!("its last event is {}", journal.last()))?;
    holds_exactly(rule, &mut journal, &[])
}

/// What was appended in batches is read back as it was.
///
/// # Errors
/// When the rule is broken.
pub fn events_are_read_back_in_order<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("events_are_read_back_in_order");
    let mut journal = rule.works("create", harness.create())?;
    let events = events(1, 64);
    let mut rest = events.as_slice();
    for size in [1, 2, 5, 13, 43] {
        let (batch, others) = rest.split_at(size);
        rule.works("append", journal.append(batch))?;
        rest = others;
        holds_exactly(rule, &mut journal, &events[..events.len() - rest.len()])?;
    }
    rule.works("sync", journal.sync())?;
    holds_exactly(rule, &mut journal, &events)
}

/// Reading after an event gives those behind it, and reading after the last one nothing.
///
/// # Errors
/// When the rule is broken.
pub fn reading_begins_after_the_event_that_is_named<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("reading_begins_after_the_event_that_is_named");
    let (mut journal, events) = filled(rule, harness, 20)?;
    for after in 0..=22 {
        let read = rule.works("read", journal.read(EventNo(after)))?;
        let expected = events.iter().filter(|event| event.no.0 > after);
        rule.holds(read.iter().eq(expected), || {
            let numbers: Vec<_> = read.iter().map(|event| event.no.0).collect();
            format!("after {after} of 20 it reads {numbers:?}")
        })?;
    }
    Ok(())
}

/// A gap, a repetition and a step back are refused as [`JournalError::Gap`], and nothing gets a hole.
///
/// # Errors
/// When the rule is broken.
pub fn an_event_that_does_not_follow_is_refused<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("an_event_that_does_not_follow_is_refused");
    let (mut journal, events) = filled(rule, harness, 5)?;
    for no in [0, 1, 5, 7, 600] {
        match journal.append(&[event(no)]) {
            Err(JournalError::Gap { .. }) => {}
            Err(other) => {
                return rule.broken(format!("event {no} after 5 is refused as `{other}`"));
            }
            Ok(()) => return rule.broken(format!("event {no} after 5 is accepted")),
        }
        holds_exactly(rule, &mut journal, &events)?;
    }
    rule.works("append after a refusal", journal.append(&[event(6)]))?;
    holds_exactly(rule, &mut journal, &[events, vec![event(6)]].concat())
}

/// Events of a few bytes and of many, and of any language, come back whole.
///
/// # Errors
/// When the rule is broken.
pub fn an_event_of_any_size_is_kept_whole<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("an_event_of_any_size_is_kept_whole");
    let mut journal = rule.works("create", harness.create())?;
    let sizes = [0, 1, 7, 255, 4_096, 65_535, 65_536, 300_000];
    let large = (1..).zip(sizes).map(|(no, size)| sized(no, size));
    let events: Vec<_> = large.collect();
    for event in &events {
        rule.works("append", journal.append(std::slice::from_ref(event)))?;
    }
    rule.works("sync", journal.sync())?;
    holds_exactly(rule, &mut journal, &events)
}

/// An empty batch changes nothing; neither does a sync with nothing new.
///
/// # Errors
/// When the rule is broken.
pub fn appending_nothing_and_syncing_twice_are_harmless<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("appending_nothing_and_syncing_twice_are_harmless");
    let mut journal = rule.works("create", harness.create())?;
    rule.works("sync of nothing", journal.sync())?;
    rule.works("append of nothing", journal.append(&[]))?;
    rule.works("append", journal.append(&events(1, 3)))?;
    rule.works("sync", journal.sync())?;
    rule.works("second sync", journal.sync())?;
    rule.works("append of nothing", journal.append(&[]))?;
    holds_exactly(rule, &mut journal, &events(1, 3))
}

/// A journal that is opened again holds what was synced, and goes on behind it.
///
/// # Errors
/// When the rule is broken.
pub fn what_was_synced_is_there_when_it_is_opened_again<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("what_was_synced_is_there_when_it_is_opened_again");
    let (mut journal, mut expected) = filled(rule, harness, 10)?;
    for round in 0..3 {
        let Some(opened) = harness.reopen(journal) else { return Ok(()) };
        journal = rule.works("open", opened)?;
        holds_exactly(rule, &mut journal, &expected)?;
        let more = events(expected.len() as u64 + 1, 4 + round);
        rule.works("append", journal.append(&more))?;
        rule.works("sync", journal.sync())?;
        expected.extend(more);
    }
    holds_exactly(rule, &mut journal, &expected)
}

/// Cut behind the last sync, wherever it may be, the journal opens as some first part of what was appended, without a hole, and
/// nothing that was synced is missing.
///
/// # Errors
/// When the rule is broken.
pub fn a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced<H: Harness>(
    harness: &mut H,
) -> Verdict {
    let rule = Rule("a_torn_tail_opens_as_a_prefix_that_holds_what_was_synced");
    let mut cut = 0;
    loop {
        let (mut journal, mut expected) = filled(rule, harness, 6)?;
        let Some(synced) = harness.stored() else { return Ok(()) };
        let more = events(7, 4);
        rule.works("append", journal.append(&more))?;
        expected.extend(more);
        let Some(whole) = harness.stored() else { return Ok(()) };
        if synced + cut > whole {
            return Ok(());
        }
        let Some(opened) = harness.crash(journal, synced + cut) else { return Ok(()) };
        let mut opened = rule.works(&format!("open, cut {cut} bytes behind the sync"), opened)?;
        let read = rule.works("read", opened.read(EventNo(0)))?;
        rule.holds(expected.starts_with(&read), || {
            let numbers: Vec<_> = read.iter().map(|event| event.no.0).collect();
            format!("cut {cut} bytes behind the sync it holds {numbers:?} of 1 to 10")
        })?;
        rule.holds(read.len() >= 6, || {
            format!("cut {cut} bytes behind the sync it holds {} of 6 that were synced", read.len())
        })?;
        // Every byte of the first frame, and bytes of all kinds of those behind it.
        cut += if cut < 32 { 1 } else { 17 };
    }
}

/// After a crash the next event is appended behind what is left, and is there when the journal is opened again.
///
/// # Errors
/// When the rule is broken.
pub fn a_torn_journal_goes_on<H: Harness>(harness: &mut H) -> Verdict {
    let rule = Rule("a_torn_journal_goes_on");
    for torn in [1, 3, 9, 40] {
        let (journal, _) = filled(rule, harness, 6)?;
        let Some(whole) = harness.stored() else { return Ok(()) };
        let Some(opened) = harness.crash(journal, whole.saturating_sub(torn)) else {
            return Ok(());
        };
        let mut opened = rule.works("open", opened)?;
        let mut expected = rule.works("read", opened.read(EventNo(0)))?;
        let next = sized(opened.last().next().0, 30);
        rule.works("append", opened.append(std::slice::from_ref(&next)))?;
        rule.works("sync", opened.sync())?;
        expected.push(next);
        holds_exactly(rule, &mut opened, &expected)?;
        let Some(again) = harness.reopen(opened) else { return Ok(()) };
        holds_exactly(rule, &mut rule.works("open again", again)?, &expected)?;
    }
    Ok(())
}

fn filled<H: Harness>(
    rule: Rule,
    harness: &mut H,
    count: u64,
) -> Result<(H::Journal, Vec<Event>), Violation> {
    let mut journal = rule.works("create", harness.create())?;
    let events = events(1, count);
    rule.works("append", journal.append(&events))?;
    rule.works("sync", journal.sync())?;
    Ok((journal, events))
}

fn holds_exactly(rule: Rule, journal: &mut impl Journal, expected: &[Event]) -> Verdict {
    let read = rule.works("read", journal.read(EventNo(0)))?;
    rule.holds(read == expected, || {
        let numbers: Vec<_> = read.iter().map(|event| event.no.0).collect();
        format!("{} events were appended, it reads {numbers:?}, or others", expected.len())
    })?;
    let last = expected.last().map_or(EventNo(0), |event| event.no);
    rule.holds(journal.last() == last, || format!("its last is {}, not {last}", journal.last()))
}

fn events(first: u64, count: u64) -> Vec<Event> {
    (first..first + count).map(event).collect()
}

/// Each event is like no other, so that a mixture is noticed.
fn event(no: u64) -> Event {
    sized(no, usize::try_from(no % 17).unwrap_or(0))
}

fn sized(no: u64, size: usize) -> Event {
    let letters = ["a", "电", "\"", "\n", "話"];
    let reason = (0..size).map(|at| letters[(at + size) % letters.len()]).collect();
    let kind = AlarmKind::RecordingFailed { reason };
    Event {
        no: EventNo(no),
        at: Timestamp::from_micros(no * 1_000),
        fact: Fact::AlarmRaised { alarm: AlarmId(no), kind },
    }
}
