//! The store in one SQLite file: one connection writes, a few read.
//!
//! WAL lets readers go on while one writes; `synchronous=FULL` makes a commit durable before anyone is told.

mod calls;
mod directory;
mod erasure;
mod keep;
mod migrate;
mod projection;
mod recordings;
mod search;
mod statistics;
mod tickets;
mod users;
mod value;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cti_bindings::records::audio::{AudioSource, Folder};
use cti_core::id::EventNo;
use hotline_ticket::number::NumberPattern;
use jiff::tz::TimeZone;
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

use crate::{error::StoreError, projection::Projector};

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections read at the same time.
const READERS: u32 = 4;

/// What the administrator decides about the store.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The database file; made when it is not there.
    pub file: PathBuf,
    /// Where the audio of recordings is kept.
    pub recordings: Arc<dyn AudioSource>,
    /// How ticket numbers are made.
    pub ticket_numbers: NumberPattern,
    /// The zone in which a day of ticket numbers begins.
    pub zone: TimeZone,
}

impl StoreConfig {
    /// Returns the configuration of a data folder: `hotline.db` and `recordings/` in it, Shanghai time.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self {
            file: data.join("hotline.db"),
            recordings: Arc::new(Folder(data.join("recordings"))),
            ticket_numbers: NumberPattern::default(),
            zone: TimeZone::get("Asia/Shanghai").expect("the zone table is compiled in"),
        }
    }
}

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    config: StoreConfig,
    writer: SqlitePool,
    readers: SqlitePool,
    /// The folds, and from when their written state is.
    projector: Mutex<Option<(Projector, EventNo)>>,
}

impl SqliteStore {
    /// Opens the database, making or upgrading it as needed.
    ///
    /// # Errors
    /// When the file cannot be opened, is damaged or was written by a newer program.
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(&config.file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: an erased citizen must not be found in the file.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let writer =
            SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        migrate::migrate(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { config, writer, readers, projector: Mutex::new(None) })
    }

    /// Returns where the audio of recordings is kept.
    #[must_use]
    pub fn audio(&self) -> Arc<dyn AudioSource> {
        Arc::clone(&self.config.recordings)
    }

    /// Closes the database; what was confirmed is on disk already.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Returns whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}
