//! Brings the schema up to date; `user_version` of the file says how far it is.

use sqlx::{AssertSqlSafe, Row as _, SqlitePool};

use crate::error::StoreError;

/// The steps, in order; a step that was released is never edited.
const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_supervised_queues.sql"),
    include_str!("../../migrations/sqlite/0003_parties.sql"),
    include_str!("../../migrations/sqlite/0004_records.sql"),
    include_str!("../../migrations/sqlite/0005_recordings.sql"),
    include_str!("../../migrations/sqlite/0006_recording_search.sql"),
    include_str!("../../migrations/sqlite/0007_voice.sql"),
];

/// Carries out the steps that the file lacks, each in a transaction of its own.
pub(super) async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).expect("there are few steps");
    let found: i64 = sqlx::query("PRAGMA user_version").fetch_one(writer).await?.try_get(0)?;
    if found > known {
        return Err(StoreError::Version { found, known });
    }
    for (version, step) in (1..).zip(STEPS).skip_while(|(version, _)| *version <= found) {
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        // A pragma takes no bound values; the version is our own number.
        let mark = AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::raw_sql(mark).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}
