//! A person can be erased from a log that is never rewritten.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "journal/random.rs"]
mod random;

use std::{fs, io, path::Path, time::Duration};

use cti_core::{
    address::PhoneNumber,
    call::Otherwise,
    cause::Cause,
    event::{CallKind, CollectEnd, Event, Fact, JoinReason, Party, TransferKind},
    id::{CallId, CollectionId, ContactId, EventNo, LegId},
    journal::{
        Codec, CodecError, Journal as _, JournalError, Plain,
        file::{FileJournal, read_durable},
    },
    needs::Medium,
    role::Role,
    seal::{Entropy, FileKeys, Key, KeyError, KeyState, KeyTable, MemoryKeys, Sealing, SharedKeys},
    switch::{Endpoint, Origin},
    target::Target,
    time::Timestamp,
};
use random::Random;

const CANARY: &str = "13800001111";
const SECRET: &str = "370102199001011234";
const SEGMENT: &str = "00000000000000000001.log";

/// Bytes that differ from one another, which is all that these tests need.
fn entropy() -> impl FnMut(&mut [u8]) -> io::Result<()> + Send {
    let mut random = Random::seeded();
    move |bytes: &mut [u8]| {
        bytes.fill_with(|| u8::try_from(random.below(256)).unwrap());
        Ok(())
    }
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// Two calls of two contacts, with numbers, keys and values.
fn facts() -> Vec<Fact> {
    let call = |n: u64, kind, caller: &str, called: &str| Fact::CallStarted {
        call: CallId(n),
        contact: ContactId(n),
        kind,
        leg: LegId(n * 2 + 1),
        origin: Origin::Trunk("trunk".parse().unwrap()),
        caller: number(caller),
        called: number(called),
        network_id: format!("{caller}@10.0.0.1"),
        by: None,
        consults: None,
    };
    let data = [("id_card".to_owned(), SECRET.to_owned())];
    let end = |n| Fact::CallEnded { call: CallId(n), contact: ContactId(n), cause: Cause::Normal };
    vec![
        call(1, CallKind::Service, CANARY, "12345"),
        Fact::CallAnswered { call: CallId(1) },
        call(2, CallKind::Internal, "8001", CANARY),
        Fact::DigitPressed { call: CallId(1), digit: Some('7') },
        Fact::DigitPressed { call: CallId(1), digit: None },
        Fact::DataSet { call: CallId(1), data: data.clone().into() },
        Fact::DataSet { call: CallId(2), data: data.into() },
        end(1),
        end(2),
    ]
}

fn events() -> Vec<Event> {
    let numbered = facts().into_iter().zip(1..);
    numbered
        .map(|(fact, no)| Event { no: EventNo(no), at: Timestamp::from_secs(1_000 + no), fact })
        .collect()
}

/// Returns the events as they read once contact 1 has been erased.
fn events_without_contact_1() -> Vec<Event> {
    let mut events = events();
    let Fact::CallStarted { caller, network_id, .. } = &mut events[0].fact else {
        panic!("the first fact begins a call");
    };
    *caller = PhoneNumber::withheld();
    network_id.clear();
    events[3].fact = Fact::DigitPressed { call: CallId(1), digit: None };
    let data = [("id_card".to_owned(), String::new())].into();
    events[5].fact = Fact::DataSet { call: CallId(1), data };
    events
}

fn open(folder: &Path) -> (FileJournal, SharedKeys<FileKeys>) {
    let keys = SharedKeys::new(FileKeys::open(&folder.join("keys")).unwrap());
    let sealing = Sealing::new(keys.clone(), entropy());
    (FileJournal::open_with(&folder.join("journal"), Box::new(sealing)).unwrap(), keys)
}

/// Writes the events and returns the bytes that are on the disk.
fn write(folder: &Path) -> Vec<u8> {
    let (mut journal, _) = open(folder);
    journal.append(&events()).unwrap();
    journal.sync().unwrap();
    fs::read(folder.join("journal").join(SEGMENT)).unwrap()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_number_and_a_value_are_read_back_and_stand_nowhere_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = write(folder.path());
    for canary in [CANARY, SECRET, "10.0.0.1", "\"8001\""] {
        assert!(!holds(&bytes, canary), "{canary} is in the journal");
    }
    assert!(holds(&bytes, "12345") && holds(&bytes, "id_card"), "the centre's own words stay");
    let (mut journal, _) = open(folder.path());
    assert_eq!(journal.read(EventNo(0)).unwrap(), events());
}

#[test]
fn an_erased_contact_reads_as_if_it_had_withheld_everything_and_others_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = write(folder.path());
    let (mut journal, mut keys) = open(folder.path());
    keys.erase(&[ContactId(1)]).unwrap();
    assert_eq!(journal.read(EventNo(0)).unwrap(), events_without_contact_1());
    drop(journal);
    let (mut journal, _) = open(folder.path());
    assert_eq!(journal.read(EventNo(0)).unwrap(), events_without_contact_1());
    assert_eq!(fs::read(folder.path().join("journal").join(SEGMENT)).unwrap(), bytes);
}

#[test]
fn what_comes_after_the_erasing_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, mut keys) = open(folder.path());
    journal.append(&events()[..1]).unwrap();
    keys.erase(&[ContactId(1)]).unwrap();
    journal.append(&events()[1..]).unwrap();
    journal.sync().unwrap();
    let bytes = fs::read(folder.path().join("journal").join(SEGMENT)).unwrap();
    assert!(!holds(&bytes, SECRET));
    assert_eq!(journal.read(EventNo(0)).unwrap(), events_without_contact_1());
}

#[test]
fn a_program_without_keys_reads_the_same_structure_ids_and_times() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let read = read_durable(&folder.path().join("journal"), EventNo(0)).unwrap();
    let shape = |events: &[Event]| -> Vec<_> {
        let of = |event: &Event| {
            (event.no, event.at, event.fact.call(), std::mem::discriminant(&event.fact))
        };
        events.iter().map(of).collect()
    };
    assert_eq!(shape(&read), shape(&events()));
    assert_eq!(read[5], events_without_contact_1()[5]);
}

#[test]
fn a_plain_log_goes_on_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = FileJournal::open(&folder.path().join("journal")).unwrap();
    plain.append(&events()[..4]).unwrap();
    plain.sync().unwrap();
    drop(plain);
    let (mut journal, _) = open(folder.path());
    journal.append(&events()[4..]).unwrap();
    journal.sync().unwrap();
    assert_eq!(journal.read(EventNo(0)).unwrap(), events());
    let bytes = fs::read(folder.path().join("journal").join(SEGMENT)).unwrap();
    assert!(!holds(&bytes, SECRET), "the values came later");
}

/// Every fact that can name someone outside, with his number wherever one can stand.
fn facts_about_a_party_outside() -> Vec<Fact> {
    let (call, contact, leg) = (CallId(3), ContactId(3), LegId(8));
    let party = Party { agent: None, seat: None, device: None, number: Some(number(CANARY)) };
    let to = Endpoint::Outside { trunk: "city".parse().unwrap(), number: number(CANARY) };
    let target = Target::Number(number(CANARY));
    let (role, until) = (Role::Full, Timestamp::ZERO);
    let text = CANARY.to_owned();
    vec![
        Fact::CallStarted {
            call,
            contact,
            kind: CallKind::Outgoing,
            leg,
            origin: Origin::Trunk("city".parse().unwrap()),
            caller: number(CANARY),
            called: number(CANARY),
            network_id: text.clone(),
            by: Some(party.clone()),
            consults: None,
        },
        Fact::Originated { call, to: to.clone(), then: Some(target.clone()), until },
        Fact::Rung {
            call,
            legs: vec![(leg, to.clone())],
            then: vec![vec![to.clone()]],
            ring_for: Duration::ZERO,
            otherwise: Otherwise::Recall { to: vec![to.clone()] },
        },
        Fact::PartyDialed {
            call,
            leg,
            to,
            party: Party { number: None, ..party.clone() },
            role,
            why: JoinReason::Conference,
            until,
        },
        Fact::Connected {
            call,
            contact,
            leg,
            party: party.clone(),
            role,
            queue: None,
            after_call_work: Duration::ZERO,
        },
        Fact::UserInformation { call, leg: Some(leg), text: text.clone() },
        Fact::DigitsCollected {
            call,
            leg,
            collection: CollectionId(1),
            digits: Some(text.clone()),
            count: 11,
            end: CollectEnd::Complete,
        },
        Fact::Transferred {
            call,
            by: party.clone(),
            to: Target::Numbers(vec![number(CANARY)]),
            how: TransferKind::SingleStep,
        },
        Fact::Conferenced { call, by: party.clone(), from: CallId(4) },
        Fact::RouteRequested { call, program: "any".to_owned(), until, otherwise: target },
        Fact::TalkEnded { call, leg, party, cause: Cause::Normal },
        Fact::ContactOpened {
            contact: ContactId(9),
            medium: Medium::CallBack,
            caller: number(CANARY),
            data: [("number".to_owned(), text)].into(),
            instead_of: None,
        },
    ]
}

#[test]
fn no_fact_tells_a_number_to_who_has_no_key() {
    let keys = SharedKeys::new(MemoryKeys::default());
    let mut sealing = Sealing::new(keys.clone(), entropy());
    let mut records = Vec::new();
    for (fact, no) in facts_about_a_party_outside().into_iter().zip(1..) {
        let event = Event { no: EventNo(no), at: Timestamp::from_secs(no), fact };
        let mut record = Vec::new();
        sealing.encode(&event, &mut record).unwrap();
        assert!(!holds(&record, CANARY), "{}", String::from_utf8_lossy(&record));
        assert_eq!(sealing.decode(&record).unwrap(), event);
        records.push((event, record));
    }
    keys.clone().erase(&[ContactId(3), ContactId(9)]).unwrap();
    for (event, record) in records {
        let erased = sealing.decode(&record).unwrap();
        let text = serde_json::to_string(&erased).unwrap();
        assert!(!text.contains(CANARY) && erased != event, "{text}");
        assert_eq!(
            (erased.no, erased.at, erased.fact.call()),
            (event.no, event.at, event.fact.call())
        );
    }
}

#[test]
fn what_a_colleague_was_told_in_a_consultation_goes_with_the_citizen() {
    let mut keys = SharedKeys::new(MemoryKeys::default());
    let mut sealing = Sealing::new(keys.clone(), entropy());
    let mut consult = facts_about_a_party_outside().swap_remove(0);
    if let Fact::CallStarted { call, contact, consults, .. } = &mut consult {
        (*call, *contact, *consults) = (CallId(4), ContactId(4), Some(CallId(1)));
    }
    let data = [("id_card".to_owned(), SECRET.to_owned())].into();
    let facts = [events()[0].fact.clone(), consult, Fact::DataSet { call: CallId(4), data }];
    let mut records = Vec::new();
    for (fact, no) in facts.into_iter().zip(1..) {
        let mut record = Vec::new();
        let event = Event { no: EventNo(no), at: Timestamp::from_secs(no), fact };
        sealing.encode(&event, &mut record).unwrap();
        records.push(record);
    }
    keys.erase(&[ContactId(1)]).unwrap();
    for record in records {
        let text = serde_json::to_string(&sealing.decode(&record).unwrap()).unwrap();
        assert!(!text.contains(CANARY) && !text.contains(SECRET), "{text}");
    }
}

/// Encodes the events with keys in memory.
fn records() -> (Sealing<SharedKeys<MemoryKeys>, impl Entropy>, Vec<Vec<u8>>) {
    let mut sealing = Sealing::new(SharedKeys::new(MemoryKeys::default()), entropy());
    let mut encoded = Vec::new();
    for event in events() {
        let mut record = Vec::new();
        sealing.encode(&event, &mut record).unwrap();
        encoded.push(record);
    }
    (sealing, encoded)
}

#[test]
fn equal_values_look_different_in_every_record() {
    let mut sealing = Sealing::new(MemoryKeys::default(), entropy());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    sealing.encode(&events()[0], &mut first).unwrap();
    sealing.encode(&events()[0], &mut second).unwrap();
    assert_ne!(first, second);
}

#[test]
fn no_changed_byte_of_a_sealed_record_is_believed() {
    let (mut sealing, records) = records();
    let original = &records[0];
    let event = sealing.decode(original).unwrap();
    for at in 0..original.len() {
        let mut changed = original.clone();
        changed[at] ^= 1;
        if let Ok(read) = sealing.decode(&changed) {
            // The name of the seal or of its contact was changed: the values are not to be had, as if erased.
            let (Fact::CallStarted { caller, .. }, true) = (&read.fact, read != event) else {
                panic!("byte {at} of {}", String::from_utf8_lossy(original));
            };
            assert!(caller.is_withheld());
        }
    }
}

#[test]
fn a_record_of_the_first_version_is_opened() {
    let mut keys = MemoryKeys::default();
    keys.insert(ContactId(1), &key(5)).unwrap();
    let mut sealing = Sealing::new(keys, |bytes: &mut [u8]| {
        bytes.fill(3);
        Ok(())
    });
    let mut record = Vec::new();
    sealing.encode(&events()[0], &mut record).unwrap();
    let expected = expect_test::expect![[
        r#"{"no":1,"at":1001000000,"fact":"call_started","call":"call-1","contact":"contact-1","kind":"service","leg":"leg-3","origin":{"trunk":"trunk"},"caller":"","called":"12345","network_id":"","sealed":{"contact":"contact-1","box":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDpxAIEvwa/Nb+uhxZ1V61/vqKbyzUGUgxiugJqgucjcOz1H1Add4oUNuBuKma25t8dJShHJQzUZglQEgoG45VQwLBsOOd0c3I18vR4w"}}"#
    ]];
    expected.assert_eq(std::str::from_utf8(&record).unwrap());
    assert_eq!(sealing.decode(expected.data().as_bytes()).unwrap(), events()[0]);
}

/// Writes records as they are given, whatever the events are.
#[derive(Debug)]
struct AsGiven(Vec<Vec<u8>>);

impl Codec for AsGiven {
    fn encode(&mut self, event: &Event, record: &mut Vec<u8>) -> Result<(), CodecError> {
        record.extend_from_slice(&self.0[usize::try_from(event.no.0).unwrap() - 1]);
        Ok(())
    }

    fn decode(&mut self, record: &[u8]) -> Result<Event, CodecError> {
        Plain.decode(record)
    }
}

#[test]
fn a_record_with_the_box_of_another_is_an_error_that_names_the_event() {
    let (sealing, mut records) = records();
    let halves = |record: &[u8]| {
        let text = std::str::from_utf8(record).unwrap();
        let (public, seal) = text.split_at(text.find(",\"sealed\":").unwrap());
        (public.to_owned(), seal.to_owned())
    };
    // Both are of contact 1, so that the key is right; and the frame's checksum is that of what was written.
    records[5] = (halves(&records[5]).0 + &halves(&records[0]).1).into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let mut journal = FileJournal::open_with(folder.path(), Box::new(AsGiven(records))).unwrap();
    journal.append(&events()).unwrap();
    journal.sync().unwrap();
    drop(journal);
    let error = FileJournal::open_with(folder.path(), Box::new(sealing)).unwrap_err();
    assert!(matches!(error, JournalError::Forged { no: EventNo(6) }), "{error}");
}

fn keys_in(folder: &Path) -> FileKeys {
    FileKeys::open(folder).unwrap()
}

fn key(n: u8) -> Key {
    Key::from_bytes([n; Key::LENGTH])
}

/// Returns the first byte of the key, `None` when there never was one, 0 when it was erased.
fn state(keys: &mut impl KeyTable, contact: u64) -> Option<u8> {
    match keys.key(ContactId(contact)).unwrap() {
        KeyState::None => None,
        KeyState::Kept(key) => Some(key.as_bytes()[0]),
        KeyState::Erased => Some(0),
    }
}

#[test]
fn every_table_keeps_one_key_for_each_contact_and_none_after_erasing() {
    let folder = tempfile::tempdir().unwrap();
    let tables: [Box<dyn KeyTable>; 2] =
        [Box::new(keys_in(folder.path())), Box::<MemoryKeys>::default()];
    for mut keys in tables {
        keys.insert(ContactId(1), &key(1)).unwrap();
        keys.insert(ContactId(5_000), &key(2)).unwrap();
        let again = keys.insert(ContactId(1), &key(9));
        assert!(matches!(again, Err(KeyError::Taken { contact: ContactId(1) })));
        keys.sync().unwrap();
        keys.erase(&[ContactId(1), ContactId(7)]).unwrap();
        let after = keys.insert(ContactId(7), &key(9));
        assert!(matches!(after, Err(KeyError::Taken { contact: ContactId(7) })));
        assert!(matches!(keys.key(ContactId(1)), Ok(KeyState::Erased)));
        assert!(matches!(keys.key(ContactId(2)), Ok(KeyState::None)));
        assert!(matches!(keys.key(ContactId(5_000)), Ok(KeyState::Kept(_))));
    }
}

#[test]
fn keys_are_there_after_opening_again_and_an_erased_one_is_nowhere_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys = keys_in(folder.path());
    for n in 1..=200 {
        keys.insert(ContactId(u64::from(n) * 999), &key(n)).unwrap();
    }
    keys.sync().unwrap();
    keys.erase(&[ContactId(7 * 999)]).unwrap();
    drop(keys);
    let mut keys = keys_in(folder.path());
    for n in 1..=200 {
        let expected = if n == 7 { 0 } else { n };
        assert_eq!(state(&mut keys, u64::from(n) * 999), Some(expected));
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(Key::LENGTH).any(|window| window == [7; Key::LENGTH]));
    }
}

#[test]
fn a_table_torn_at_any_byte_has_every_key_that_was_synced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{:020}.keys", 0));
    let mut keys = keys_in(folder.path());
    keys.insert(ContactId(1), &key(1)).unwrap();
    keys.sync().unwrap();
    let synced = fs::read(&path).unwrap().len();
    (2..5).for_each(|n| keys.insert(ContactId(u64::from(n)), &key(n)).unwrap());
    keys.sync().unwrap();
    let bytes = fs::read(&path).unwrap();
    for cut in synced..=bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let mut keys = keys_in(folder.path());
        assert_eq!(state(&mut keys, 1), Some(1), "cut at {cut}");
        assert!(matches!(state(&mut keys, 4), None | Some(4)), "cut at {cut}");
        keys.insert(ContactId(9), &key(9)).unwrap();
        keys.sync().unwrap();
        let mut again = keys_in(folder.path());
        assert_eq!((state(&mut again, 1), state(&mut again, 9)), (Some(1), Some(9)));
    }
}

#[test]
fn a_crash_while_erasing_leaves_the_key_or_not_and_no_other_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{:020}.keys", 0));
    let mut keys = keys_in(folder.path());
    keys.insert(ContactId(1), &key(1)).unwrap();
    keys.insert(ContactId(2), &key(2)).unwrap();
    keys.sync().unwrap();
    // The new file was written in part when the power failed.
    fs::write(path.with_extension("new"), [2; 60]).unwrap();
    let mut keys = keys_in(folder.path());
    assert_eq!((state(&mut keys, 1), state(&mut keys, 2)), (Some(1), Some(2)));
    assert!(!path.with_extension("new").exists());
    keys.erase(&[ContactId(1)]).unwrap();
    let mut keys = keys_in(folder.path());
    assert_eq!((state(&mut keys, 1), state(&mut keys, 2)), (Some(0), Some(2)));
}

#[test]
fn a_damaged_table_is_an_error_and_never_an_erased_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{:020}.keys", 0));
    let mut keys = keys_in(folder.path());
    (1..5).for_each(|n| keys.insert(ContactId(u64::from(n)), &key(n)).unwrap());
    keys.sync().unwrap();
    let bytes = fs::read(&path).unwrap();
    for at in 0..100 {
        let mut changed = bytes.clone();
        changed[at] ^= 4;
        fs::write(&path, changed).unwrap();
        let found = keys_in(folder.path()).key(ContactId(2));
        assert!(matches!(found, Err(KeyError::Damaged { .. })), "byte {at}: {found:?}");
    }
}
