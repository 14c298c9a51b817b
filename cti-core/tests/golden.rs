//! Logs that earlier versions wrote load, and tell the same.
//!
//! `testdata/golden/v1-NAME.log` is a segment as `FileJournal` wrote it under schema version 1, and `v1-NAME.rows` is
//! what it tells. A log is written once and never again. After `SCHEMA_VERSION` was raised, or a story was added:
//!
//! ```text
//! UPDATE_EXPECT=1 cargo nextest run -p cti-core --features testkit --test golden
//! ```
//!
//! writes the logs of the current version that are missing, and the rows; look at what changed before committing.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "golden/rows.rs"]
mod rows;
#[path = "golden/stories.rs"]
mod stories;

use std::{
    fs,
    path::{Path, PathBuf},
};

use cti_core::{
    event::{Event, SCHEMA_VERSION},
    id::EventNo,
    journal::{Journal as _, file::FileJournal},
    time::Timestamp,
};
use expect_test::expect_file;

const SEGMENT: &str = "00000000000000000001.log";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden")
}

/// Returns the golden logs of all versions, by name.
fn logs() -> Vec<PathBuf> {
    let mut logs: Vec<_> = fs::read_dir(golden())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    logs
}

/// Reads a log as a program does that finds it in its data folder.
fn load(log: &Path) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(log, folder.path().join(SEGMENT)).unwrap();
    let mut journal = FileJournal::open(folder.path()).unwrap();
    let events = journal.read(EventNo(0)).unwrap();
    assert_eq!(journal.last(), events.last().unwrap().no);
    events
}

#[test]
fn every_story_has_a_log_of_the_current_schema_version() {
    for (name, tell) in stories::ALL {
        let log = golden().join(format!("v{SCHEMA_VERSION}-{name}.log"));
        if log.exists() {
            continue;
        }
        assert!(std::env::var_os("UPDATE_EXPECT").is_some(), "{} is missing", log.display());
        let folder = tempfile::tempdir().unwrap();
        let mut journal = FileJournal::open(folder.path()).unwrap();
        journal.append(&tell()).unwrap();
        journal.sync().unwrap();
        fs::copy(folder.path().join(SEGMENT), log).unwrap();
    }
}

#[test]
fn logs_of_every_version_tell_what_they_told() {
    let logs = logs();
    assert!(logs.len() >= stories::ALL.len());
    for log in logs {
        let events = load(&log);
        assert!(events.windows(2).all(|two| two[1].no == two[0].no.next()), "{}", log.display());
        expect_file![log.with_extension("rows")].assert_eq(&rows::of(&events));
    }
}

#[test]
fn a_centre_takes_up_a_log_of_every_version_and_ends_what_was_live() {
    for log in logs() {
        let events = load(&log);
        let mut center = stories::center();
        events.iter().for_each(|event| center.replay(event));
        let last = events.last().unwrap();
        assert_eq!((center.last_event(), center.last_time()), (last.no, last.at));

        center.start(last.at + std::time::Duration::from_secs(60), "test");
        assert_eq!(center.calls().count(), 0, "{}", log.display());
        assert!(center.agents().all(|(_, agent)| agent.state.call().is_none()));
        assert_eq!(center.poll_event().unwrap().no, last.no.next());
    }
}

#[test]
fn what_is_written_again_is_what_was_read() {
    for log in logs() {
        let events = load(&log);
        let folder = tempfile::tempdir().unwrap();
        let mut journal = FileJournal::open(folder.path()).unwrap();
        journal.append(&events).unwrap();
        journal.sync().unwrap();
        assert_eq!(journal.read(EventNo(0)).unwrap(), events);
        assert!(events[0].at > Timestamp::ZERO);
    }
}
