//! How long a search of recordings takes, by every combination of the eight keys.
//!
//! ```text
//! cargo run --release -p hotline-store --example search_recordings -- /tmp/recordings 10000000
//! ```
//!
//! Fills the database of the folder with so many recordings, unless it has some, and prints how long the first page
//! of each of the 255 combinations took, by the values of recordings old and new, and of some that never meet.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures, and says what it has measured"
)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use cti_bindings::records::{
    Records as _,
    filter::{Filter, PageRequest},
    recording::{Quality, Recording},
};
use cti_core::{id::RecordingId, time::Timestamp};
use hotline_store::sqlite::{SqliteStore, StoreConfig};
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let count: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let store = SqliteStore::open(StoreConfig::in_folder(folder)).await?;
    let options = SqliteConnectOptions::new().filename(folder.join("hotline.db"));
    let mut db = SqliteConnection::connect_with(&options).await?;
    let row = sqlx::query("SELECT coalesce(max(id), 0) AS newest FROM recording");
    let mut newest: i64 = row.fetch_one(&mut db).await?.try_get("newest")?;
    if newest == 0 {
        let begun = Instant::now();
        newest = i64::try_from(count)?;
        fill(&mut db, newest).await?;
        println!("{newest} recordings written in {:.0?}", begun.elapsed());
    }
    db.close().await?;

    let mut times = Vec::new();
    for place in [newest, newest / 2, newest / 50] {
        let id = RecordingId(u64::try_from(place)?);
        let like = store.recording(id).await?.ok_or("it was written")?;
        for keys in 1..256_u32 {
            let filter = filter(keys, &like);
            times.push(measure(&store, keys, filter).await?);
        }
    }
    // A number of the centre that is never dialled by this trunk, and one quality state: nothing is found.
    let nowhere = Filter { trunk: Some("nowhere".parse()?), ..Filter::default() };
    times.push(measure(&store, 0, nowhere).await?);
    let long = Filter {
        shortest: Some(Duration::from_secs(6_999)),
        longest: Some(Duration::from_millis(6_999_001)),
        ..Filter::default()
    };
    times.push(measure(&store, 64, long).await?);

    times.sort_by_key(|(time, ..)| *time);
    let at = |share: usize| times[(times.len() - 1) * share / 100].0;
    println!(
        "{newest} recordings, {} searches: p50 {:.1?}, p95 {:.1?}, p99 {:.1?}, longest {:.1?}",
        times.len(),
        at(50),
        at(95),
        at(99),
        at(100)
    );
    for (time, keys, found) in times.iter().rev().take(5) {
        println!("{time:>9.1?}  {found:>3} found  {}", names(*keys));
    }
    Ok(())
}

async fn measure(
    store: &SqliteStore,
    keys: u32,
    filter: Filter,
) -> Result<(Duration, u32, usize), Failure> {
    let begun = Instant::now();
    let page = store.recordings(&filter, PageRequest::default()).await?;
    Ok((begun.elapsed(), keys, page.items.len()))
}

const KEYS: [&str; 8] = ["trunk", "time", "agent", "seat", "caller", "called", "length", "quality"];

fn names(keys: u32) -> String {
    let asked = (0..8).filter(|bit| keys & (1 << bit) != 0).map(|bit| KEYS[bit as usize]);
    asked.collect::<Vec<_>>().join(" ")
}

/// Returns the combination of keys, by the values of one recording.
fn filter(keys: u32, like: &Recording) -> Filter {
    let asked = |bit: u32| keys & (1 << bit) != 0;
    let month = 30 * 24 * 3600 * 1_000_000;
    let started = like.started.as_micros();
    Filter {
        trunk: like.trunk.clone().filter(|_| asked(0)),
        from: asked(1).then(|| Timestamp::from_micros(started.saturating_sub(month))),
        to: asked(1).then(|| Timestamp::from_micros(started + 1)),
        agent: like.agent.clone().filter(|_| asked(2)),
        seat: like.seat.clone().filter(|_| asked(3)),
        caller: asked(4).then(|| like.caller.clone()),
        called: asked(5).then(|| like.called.clone()),
        shortest: asked(6).then_some(like.length),
        longest: asked(6).then(|| like.length + Duration::from_secs(1)),
        // A rare one: most recordings nobody has judged.
        quality: asked(7).then_some(Quality::Poor),
        ..Filter::default()
    }
}

/// Writes recordings of four trunks, 500 agents at 300 seats and two million callers, one every three seconds.
async fn fill(db: &mut SqliteConnection, count: i64) -> Result<(), Failure> {
    let kept = sqlx::query(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'recording' AND sql IS NOT NULL \
         AND type IN ('index', 'trigger')",
    );
    let kept = kept.fetch_all(&mut *db).await?;
    let mut again = Vec::new();
    for row in &kept {
        let (kind, name): (String, String) = (row.try_get("type")?, row.try_get("name")?);
        again.push(row.try_get::<String, _>("sql")?);
        sqlx::raw_sql(AssertSqlSafe(format!("DROP {kind} {name}"))).execute(&mut *db).await?;
    }
    sqlx::raw_sql(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY;
         INSERT OR IGNORE INTO recording_cell (trunk, quality, class)
         SELECT trunk.value, quality.value, class FROM length_class,
         json_each('[\"mobile\", \"telecom\", \"unicom\", \"city\"]') AS trunk,
         json_each('[\"unchecked\", \"good\", \"poor\", \"disputed\"]') AS quality;",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "WITH RECURSIVE
         n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?),
         dice AS (SELECT id, abs(random()) % 100 AS t, abs(random()) % 200 AS q, abs(random()) % 100 AS c,
            abs(random()) % 1000 AS u, abs(random()) % 1000 AS v FROM n),
         it AS (SELECT id,
            CASE WHEN t < 50 THEN 'mobile' WHEN t < 75 THEN 'telecom' WHEN t < 95 THEN 'unicom' ELSE 'city' END AS trunk,
            CASE WHEN q < 194 THEN 'unchecked' WHEN q < 198 THEN 'good' WHEN q < 199 THEN 'poor' ELSE 'disputed' END
            AS quality,
            CASE WHEN c < 90 THEN '12345' WHEN c < 95 THEN '12329' WHEN c < 99 THEN '12328'
            ELSE '139' || (10000000 + abs(random()) % 90000000) END AS called,
            CASE WHEN c % 50 = 7 THEN '' ELSE '138' || (10000000 + abs(random()) % 2000000) END AS caller,
            5000 + u * 150 + u * u * v / 1000 * v / 150 AS length_ms FROM dice)
         INSERT INTO recording (id, call, kind, agent, seat, caller, called, caller_normal, called_normal, started,
            ended, file, length_ms, bytes, sha256, trunk, quality, cell)
         SELECT id, id, 'talk', 8000 + abs(random()) % 500, 'A' || (100 + abs(random()) % 300), caller, called, caller,
            called, 1700000000000000 + id * 3000000, 1700000000000000 + id * 3000000 + length_ms * 1000,
            '2026-01-01/recording-' || id || '.wav.sealed', length_ms, length_ms * 32,
            '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', trunk, quality,
            (SELECT cell.id FROM recording_cell AS cell WHERE cell.trunk = it.trunk AND cell.quality = it.quality
             AND class = (SELECT max(class) FROM length_class WHERE from_ms <= it.length_ms)) FROM it",
    )
    .bind(count)
    .execute(&mut *db)
    .await?;
    for statement in again {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *db).await?;
    }
    Ok(())
}
