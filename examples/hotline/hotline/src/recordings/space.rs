//! Warns before the disk of the recordings is full.

use std::{path::PathBuf, time::Duration};

use cti_media::record::free_space;

use crate::modules::Membership;

/// How often is looked.
const INTERVAL: Duration = Duration::from_secs(5);

/// Looks how much is free where a folder lies for as long as the program runs; the module tells when it is less than
/// `least` bytes.
pub async fn watch(folder: PathBuf, least: u64, module: Membership) {
    loop {
        module.tell(match free_space(&folder) {
            Ok(free) if free >= least => None,
            Ok(_) => Some(format!("less than {} MB are free", least / 1_000_000)),
            Err(error) => Some(format!("how much is free cannot be read: {error}")),
        });
        tokio::time::sleep(INTERVAL).await;
    }
}
