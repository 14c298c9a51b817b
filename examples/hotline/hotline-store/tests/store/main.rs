//! The store keeps what it confirmed, once, and finds it again.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics when its world is broken, and drives it"
)]

mod busy;
mod center;
mod demo;
mod kill;
mod records;
mod search;
mod tickets;
mod users;

use std::path::Path;

use hotline_store::sqlite::{SqliteStore, StoreConfig};

/// Opens the store of a data folder.
async fn open(data: &Path) -> SqliteStore {
    SqliteStore::open(StoreConfig::in_folder(data)).await.unwrap()
}
