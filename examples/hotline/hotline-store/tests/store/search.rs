//! Recordings are found by any combination of what is known of them, the newest first, page by page.

use std::{path::Path, time::Duration};

use cti_bindings::records::{
    Records as _,
    filter::{Filter, PageRequest},
    recording::{Decision, Quality},
};
use cti_core::{address::PhoneNumber, id::RecordingId, time::Timestamp};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::open;

/// More than are looked through one by one.
const COUNT: u64 = 6_000;

const TRUNKS: [&str; 3] = ["mobile", "telecom", "city"];
const QUALITIES: [Quality; 4] =
    [Quality::Unchecked, Quality::Unchecked, Quality::Good, Quality::Poor];

/// A recording by its number; the old ones are rarely by `city` and never poor there.
#[derive(Clone, Debug)]
struct Row {
    id: u64,
    trunk: &'static str,
    quality: Quality,
    agent: String,
    seat: String,
    caller: String,
    called: &'static str,
    started: u64,
    length: u64,
}

impl Row {
    fn new(id: u64) -> Self {
        let dice = |sides: u64, salt: u64| {
            (id.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt * 1_442_695_040_888_963)
                >> 33)
                % sides
        };
        let is_old = id < 500;
        let trunk = if is_old { TRUNKS[dice(2, 1) as usize] } else { TRUNKS[dice(3, 1) as usize] };
        Self {
            id,
            trunk: if id == 77 { "city" } else { trunk },
            quality: QUALITIES[dice(4, 2) as usize],
            agent: format!("{}", 8001 + dice(20, 3)),
            seat: format!("A{:02}", dice(10, 4)),
            caller: if dice(10, 5) == 0 {
                String::new()
            } else {
                format!("1380000{:04}", dice(300, 6))
            },
            called: ["12345", "12345", "12329"][dice(3, 7) as usize],
            started: 1_000_000_000 + id * 3_000_000,
            length: 500 + dice(4_000, 8) * 1_000,
        }
    }

    fn fits(&self, filter: &Filter) -> bool {
        let is = |asked: &Option<String>, it: &str| asked.as_ref().is_none_or(|asked| asked == it);
        is(&filter.trunk.as_ref().map(ToString::to_string), self.trunk)
            && filter.quality.is_none_or(|asked| asked == self.quality)
            && is(&filter.agent.as_ref().map(ToString::to_string), &self.agent)
            && is(&filter.seat.as_ref().map(ToString::to_string), &self.seat)
            && is(&filter.caller.as_ref().map(|it| it.reveal().to_owned()), &self.caller)
            && is(&filter.called.as_ref().map(|it| it.reveal().to_owned()), self.called)
            && filter.from.is_none_or(|from| self.started >= from.as_micros())
            && filter.to.is_none_or(|to| self.started < to.as_micros())
            && filter.shortest.is_none_or(|it| u128::from(self.length) >= it.as_millis())
            && filter.longest.is_none_or(|it| u128::from(self.length) <= it.as_millis())
    }
}

async fn fill(data: &Path) -> Vec<Row> {
    let rows: Vec<Row> = (1..=COUNT).map(Row::new).collect();
    let options = SqliteConnectOptions::new().filename(data.join("hotline.db"));
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let mut transaction = db.begin().await.unwrap();
    for row in &rows {
        let quality = serde_json::to_value(row.quality).unwrap();
        sqlx::query(
            "INSERT INTO recording (id, call, kind, agent, seat, caller, called, caller_normal, called_normal, \
             started, ended, file, length_ms, bytes, sha256, trunk, quality) \
             VALUES (?1, ?1, 'talk', ?2, ?3, ?4, ?5, ?4, ?5, ?6, ?6, 'x.wav', ?7, 1, '', ?8, ?9)",
        )
        .bind(i64::try_from(row.id).unwrap())
        .bind(&row.agent)
        .bind(&row.seat)
        .bind(&row.caller)
        .bind(row.called)
        .bind(i64::try_from(row.started).unwrap())
        .bind(i64::try_from(row.length).unwrap())
        .bind(row.trunk)
        .bind(quality.as_str())
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    transaction.commit().await.unwrap();
    rows
}

/// The combination of keys whose bits are set in `keys`, by the values of one recording.
fn filter(keys: u32, like: &Row) -> Filter {
    let asked = |bit: u32| keys & (1 << bit) != 0;
    let number = |text: &str| match text {
        "" => PhoneNumber::withheld(),
        text => PhoneNumber::parse(text).unwrap(),
    };
    Filter {
        trunk: asked(0).then(|| like.trunk.parse().unwrap()),
        from: asked(1).then(|| Timestamp::from_micros(like.started.saturating_sub(6_000_000_000))),
        to: asked(1).then(|| Timestamp::from_micros(like.started + 1)),
        agent: asked(2).then(|| like.agent.parse().unwrap()),
        seat: asked(3).then(|| like.seat.parse().unwrap()),
        caller: asked(4).then(|| number(&like.caller)),
        called: asked(5).then(|| number(like.called)),
        shortest: asked(6).then(|| Duration::from_millis(like.length.saturating_sub(60_000))),
        longest: asked(6).then(|| Duration::from_millis(like.length)),
        quality: asked(7).then_some(like.quality),
        ..Filter::default()
    }
}

#[tokio::test]
async fn every_combination_of_the_eight_keys_finds_what_a_look_at_each_recording_finds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let rows = fill(folder.path()).await;
    for keys in 0..256_u32 {
        for like in [77, 2_000, 5_990] {
            let filter = filter(keys, &rows[like - 1]);
            let expected: Vec<u64> =
                rows.iter().rev().filter(|row| row.fits(&filter)).map(|row| row.id).collect();
            let first = PageRequest { limit: 30, after: None };
            let page = store.recordings(&filter, first).await.unwrap();
            let mut found: Vec<u64> = page.items.iter().map(|it| it.id.0).collect();
            assert_eq!(page.next.is_some(), expected.len() > 30, "{filter:?}");
            if let Some(next) = page.next {
                let second = PageRequest { limit: 30, after: Some(next) };
                let page = store.recordings(&filter, second).await.unwrap();
                found.extend(page.items.iter().map(|it| it.id.0));
            }
            assert_eq!(found[..], expected[..expected.len().min(60)], "{filter:?}");
        }
    }
}

#[tokio::test]
async fn who_judges_moves_a_recording_and_one_that_is_deleted_is_found_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    fill(folder.path()).await;
    let city = |quality| Filter {
        trunk: Some("city".parse().unwrap()),
        quality: Some(quality),
        to: Some(Timestamp::from_micros(1_000_000_000 + 500 * 3_000_000)),
        ..Filter::default()
    };
    let found = async |quality| {
        let page = store.recordings(&city(quality), PageRequest::default()).await.unwrap();
        page.items.iter().map(|it| it.id.0).collect::<Vec<_>>()
    };
    let (id, at) = (RecordingId(77), Timestamp::from_secs(2_000));
    store.decide(id, &Decision::Judge(Quality::Disputed), "8000", "申诉", at).await.unwrap();
    assert_eq!(found(Quality::Disputed).await, [77]);
    store.decide(id, &Decision::Hold, "8000", "案件 7", at).await.unwrap();
    let held = store.decide(id, &Decision::Delete, "admin", "到期", at).await.unwrap_err();
    assert_eq!(held.to_string(), "recording-77 is held: 案件 7");
    store.decide(id, &Decision::Release, "admin", "结案", at).await.unwrap();
    store.decide(id, &Decision::Delete, "admin", "到期", at).await.unwrap();
    assert_eq!(found(Quality::Disputed).await, [0; 0]);
    assert!(store.recording_audio(id).await.unwrap().is_none());
    assert!(store.decide(id, &Decision::Hold, "admin", "zu spät", at).await.is_err());
    let notes = store.recording_notes(id).await.unwrap();
    let whats: Vec<&str> = notes.iter().map(|note| note.what.as_str()).collect();
    assert_eq!(whats, ["disputed", "held", "released", "deleted"]);
    assert_eq!((notes[3].by.as_str(), notes[3].reason.as_str()), ("admin", "到期"));
}

#[tokio::test]
async fn recordings_whose_time_is_over_are_deleted_unless_they_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    fill(folder.path()).await;
    let before = Timestamp::from_micros(1_000_000_000 + 11 * 3_000_000);
    let now = Timestamp::from_secs(100_000);
    store.decide(RecordingId(4), &Decision::Hold, "8000", "案件 4", now).await.unwrap();
    let mut after = None;
    let mut rounds = 0;
    while let Some(last) = store.expire(before, after, 4, now).await.unwrap() {
        (after, rounds) = (Some(last), rounds + 1);
    }
    assert_eq!(rounds, 3, "four at a time");
    let left = Filter {
        to: Some(Timestamp::from_micros(before.as_micros() + 3_000_000)),
        ..Filter::default()
    };
    let page = store.recordings(&left, PageRequest::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.id.0).collect::<Vec<_>>(), [11, 4]);
    let notes = store.recording_notes(RecordingId(3)).await.unwrap();
    assert_eq!((notes[0].by.as_str(), notes[0].what.as_str()), ("retention", "deleted"));
    store.decide(RecordingId(4), &Decision::Release, "admin", "结案", now).await.unwrap();
    assert_eq!(store.expire(before, None, 4, now).await.unwrap(), Some(RecordingId(4)));
}
