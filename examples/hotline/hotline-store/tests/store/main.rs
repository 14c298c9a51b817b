//! The store keeps what it confirmed, once, and finds it again.

mod demo;
mod records;
mod tickets;
mod users;

use std::path::Path;

use hotline_store::sqlite::{SqliteStore, StoreConfig};

/// Opens the store of a data folder.
async fn open(data: &Path) -> SqliteStore {
    SqliteStore::open(StoreConfig::in_folder(data)).await.unwrap()
}
