//! Moves finished recordings to their target: copied, read back, compared, and only then removed here.
//!
//! What lies in the local folder and is over by its record is what is left to move, so nothing is kept beside it: after a
//! crash the next round goes on. While the target fails, recordings stay and are played from here.

use std::{collections::BTreeSet, io, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_bindings::records::Records;
use cti_core::{event::RecordingKind, id::RecordingId};
use hotline_store::sqlite::SqliteStore;
use sha2::{Digest as _, Sha256};

use super::{Vault, blocking, target};
use crate::modules::Membership;

/// How often is looked for recordings that are over.
const INTERVAL: Duration = Duration::from_secs(10);

/// How long is waited at most after the target has failed.
const LONGEST: Duration = Duration::from_secs(300);

/// How many recordings one round moves at most.
const AT_ONCE: usize = 1000;

/// How many recordings that stay are remembered, so that nobody is asked about them again.
const REMEMBERED: usize = 100_000;

/// What becomes of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on, is not written down yet, or is gone.
    Unknown,
    /// It is a message, which is played to whoever calls for it.
    Stays,
    /// It is a talk that is over; this is the SHA-256 of its file, in hexadecimal.
    Moves(String),
}

/// Who knows which recordings are over.
#[async_trait]
pub trait Finished: Send + Sync {
    /// Returns what becomes of a recording.
    ///
    /// # Errors
    /// When the records cannot be read.
    async fn fate(&self, recording: RecordingId) -> io::Result<Fate>;
}

#[async_trait]
impl Finished for SqliteStore {
    async fn fate(&self, recording: RecordingId) -> io::Result<Fate> {
        let found = Records::recording(self, recording).await.map_err(io::Error::other)?;
        Ok(found.map_or(Fate::Unknown, |it| match it.kind {
            RecordingKind::Talk => Fate::Moves(it.sha256),
            RecordingKind::Message => Fate::Stays,
        }))
    }
}

/// Moves recordings out of a vault that has a target.
pub struct Mover {
    vault: Vault,
    finished: Arc<dyn Finished>,
    stay: BTreeSet<RecordingId>,
}

impl std::fmt::Debug for Mover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mover").field("vault", &self.vault).finish_non_exhaustive()
    }
}

impl Mover {
    /// Returns what moves the recordings of a vault.
    #[must_use]
    pub fn new(vault: Vault, finished: Arc<dyn Finished>) -> Self {
        Self { vault, finished, stay: BTreeSet::new() }
    }

    /// Moves for as long as the program runs; the module tells while it cannot.
    pub async fn work(mut self, module: Membership) {
        let mut wait = INTERVAL;
        loop {
            match self.round().await {
                Ok(moved) => {
                    if moved > 0 {
                        tracing::info!(moved, "Recordings were moved to their target");
                    }
                    module.tell(None);
                    wait = INTERVAL;
                }
                Err(error) => {
                    module.tell(Some(format!("recordings cannot be moved: {error}")));
                    wait = (wait * 2).min(LONGEST);
                }
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Moves what is over, and returns how many that were.
    ///
    /// # Errors
    /// When the target fails, at once; when a file is not what was recorded, after the others.
    pub async fn round(&mut self) -> io::Result<usize> {
        let Some(target) = self.vault.target.clone() else { return Ok(0) };
        let folder = self.vault.folder.clone();
        let names = blocking(move || names(&folder)).await??;
        if self.stay.len() > REMEMBERED {
            self.stay.clear();
        }
        let (mut moved, mut changed) = (0, None);
        for (recording, name) in names {
            if moved == AT_ONCE {
                break;
            }
            if self.stay.contains(&recording) {
                continue;
            }
            let wanted = match self.finished.fate(recording).await? {
                Fate::Unknown => continue,
                Fate::Stays => {
                    self.stay.insert(recording);
                    continue;
                }
                Fate::Moves(sha256) => sha256,
            };
            let file = target::below(&self.vault.folder, &name)?;
            let here = blocking({
                let file = file.clone();
                move || hash(&file)
            });
            match here.await? {
                Ok(here) if here == wanted => {}
                Ok(_) => {
                    changed = Some(io::Error::other(format!("{name} is not what was recorded")));
                    continue;
                }
                // Somebody has deleted it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            }
            target.put(&name, &file).await?;
            let there = target::sha256(target.as_ref(), &name).await?;
            if there != wanted {
                target.remove(&name).await?;
                return Err(io::Error::other(format!("{name} was changed on its way")));
            }
            moved += usize::from(self.vault.leave_to(target.as_ref(), &name).await?);
        }
        changed.map_or(Ok(moved), Err)
    }
}

/// Returns the recordings in a folder with their names below it, the oldest day first.
fn names(folder: &Path) -> io::Result<Vec<(RecordingId, String)>> {
    let mut days = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            days.push(entry.file_name());
        }
    }
    days.sort_unstable();
    let mut names = Vec::new();
    for day in days {
        for entry in std::fs::read_dir(folder.join(&day))? {
            let file = entry?.file_name();
            let (Some(day), Some(file)) = (day.to_str(), file.to_str()) else { continue };
            let recording = file.split('.').next().and_then(|id| id.parse().ok());
            names.extend(recording.map(|id: RecordingId| (id, format!("{day}/{file}"))));
        }
    }
    Ok(names)
}

fn hash(file: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = std::fs::File::open(file)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut piece)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests;
