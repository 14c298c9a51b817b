//! Where recordings lie, in clear or sealed, here or at their target, and how they are read.

mod mover;
mod s3;
mod space;
mod target;

pub use self::{
    mover::{Fate, Finished, Mover},
    s3::S3,
    space::watch as watch_space,
    target::{FolderTarget, Target},
};

use std::{
    io,
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use cti_bindings::{
    centre::Centre,
    records::audio::{Audio, AudioSource},
};
use cti_core::{seal::Key, time::Timestamp};
use cti_media::record::{audio::RecordedAudio, sealed::SealedError};
use hotline_store::sqlite::SqliteStore;

use self::target::Far;
use crate::modules::Membership;

/// A day, in seconds.
const DAY: u64 = 24 * 3600;

/// How many recordings are deleted before others may write.
const AT_ONCE: u32 = 100;

/// The folder of recordings, the key that opens the sealed ones, and where those go that are over.
#[derive(Clone, Debug)]
pub struct Vault {
    folder: PathBuf,
    key: Option<Key>,
    target: Option<Arc<dyn Target>>,
}

impl Vault {
    /// Returns the vault of a folder.
    #[must_use]
    pub fn new(folder: PathBuf, key: Option<Key>) -> Self {
        Self { folder, key, target: None }
    }

    /// Looks at this target for what is not here, too.
    #[must_use]
    pub fn with_target(self, target: Arc<dyn Target>) -> Self {
        Self { target: Some(target), ..self }
    }

    /// Returns whether recordings that are over are moved away.
    #[must_use]
    pub fn has_target(&self) -> bool {
        self.target.is_some()
    }

    /// Leaves a recording to the target that has a copy; one that somebody has deleted here meanwhile is deleted there
    /// too. Returns whether it was left.
    async fn leave_to(&self, target: &dyn Target, file: &str) -> io::Result<bool> {
        let path = target::below(&self.folder, file)?;
        // Of two who remove a file one finds nothing; whoever deletes looks at the target afterwards.
        match tokio::fs::remove_file(path).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                target.remove(file).await.map(|()| false)
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl AudioSource for Vault {
    async fn open(&self, file: &str) -> io::Result<Option<Arc<dyn Audio>>> {
        let (path, key) = (target::below(&self.folder, file)?, self.key.clone());
        let opened = blocking(move || RecordedAudio::open(&path, key.as_ref())).await?;
        match opened {
            Ok(audio) => return Ok(Some(Arc::new(Opened::new(audio)))),
            Err(SealedError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io::Error::other(error)),
        }
        let Some(target) = &self.target else { return Ok(None) };
        let Some(far) = Far::find(Arc::clone(target), file).await? else { return Ok(None) };
        let key = self.key.clone();
        let opened = blocking(move || RecordedAudio::of(Box::new(far), key.as_ref())).await?;
        Ok(Some(Arc::new(Opened::new(opened.map_err(io::Error::other)?))))
    }

    async fn remove(&self, file: &str) -> io::Result<()> {
        let path = target::below(&self.folder, file)?;
        match tokio::fs::remove_file(path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        match &self.target {
            Some(target) => target.remove(file).await,
            None => Ok(()),
        }
    }
}

/// Deletes recordings whose time is over, once at the start and then every day, for as long as the program runs.
pub async fn expire(
    store: Arc<SqliteStore>,
    centre: Arc<dyn Centre>,
    keep_days: NonZeroU32,
    module: Membership,
) {
    let keep = Duration::from_secs(u64::from(keep_days.get()) * DAY);
    loop {
        let mut after = None;
        loop {
            let now = centre.now();
            let before = now.as_micros().saturating_sub(keep.as_micros() as u64);
            let before = Timestamp::from_micros(before);
            match store.expire(before, after, AT_ONCE, now).await {
                Ok(Some(last)) => after = Some(last),
                Ok(None) => {
                    module.tell(None);
                    break;
                }
                Err(error) => {
                    module.tell(Some(format!("what is too old cannot be deleted: {error}")));
                    break;
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(DAY)).await;
    }
}

/// An open recording, which one at a time reads.
struct Opened {
    length: u64,
    audio: Arc<Mutex<RecordedAudio>>,
}

impl Opened {
    fn new(audio: RecordedAudio) -> Self {
        Self { length: audio.length(), audio: Arc::new(Mutex::new(audio)) }
    }
}

#[async_trait]
impl Audio for Opened {
    fn length(&self) -> u64 {
        self.length
    }

    async fn read(&self, from: u64, wanted: usize) -> io::Result<Vec<u8>> {
        let audio = Arc::clone(&self.audio);
        let read = move || {
            let mut audio = audio.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            audio.read_at(from, wanted).map_err(io::Error::other)
        };
        blocking(read).await?
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use cti_media::record::sealed::SealedWriter;

    use super::*;

    #[tokio::test]
    async fn nothing_outside_the_folder_is_opened_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "x").unwrap();
        let vault = Vault::new(folder.path().join("recordings"), None);
        for file in ["../secret", secret.to_str().unwrap(), "a/../../secret"] {
            assert!(vault.open(file).await.is_err(), "{file}");
            assert!(vault.remove(file).await.is_err(), "{file}");
        }
        assert!(vault.open("2026-01-01/recording-1.wav").await.unwrap().is_none());
        assert!(secret.exists());
    }

    #[tokio::test]
    async fn a_sealed_recording_is_read_from_any_place_with_its_key_and_not_without() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::from_bytes([3; Key::LENGTH]);
        let day = folder.path().join("2026-01-01");
        std::fs::create_dir(&day).unwrap();
        let file = std::fs::File::create(day.join("recording-1.wav.sealed")).unwrap();
        let mut writer = SealedWriter::new(file, &key, 8000, 1).unwrap();
        writer.append((0..4000).map(|n| n as i16)).unwrap();
        writer.finish().unwrap();

        let name = "2026-01-01/recording-1.wav.sealed";
        let vault = Vault::new(folder.path().to_owned(), Some(key));
        let audio = vault.open(name).await.unwrap().unwrap();
        assert_eq!(audio.length(), 44 + 8000);
        assert_eq!(audio.read(0, 4).await.unwrap(), b"RIFF");
        assert_eq!(audio.read(44 + 2 * 3000, 2).await.unwrap(), 3000_i16.to_le_bytes());
        assert_eq!(audio.read(8040, 100).await.unwrap().len(), 4);
        let other = Vault::new(folder.path().to_owned(), Some(Key::from_bytes([4; Key::LENGTH])));
        assert!(other.open(name).await.err().unwrap().to_string().contains("was sealed with key"));
        assert!(Vault::new(folder.path().to_owned(), None).open(name).await.is_err());
        vault.remove(name).await.unwrap();
        vault.remove(name).await.unwrap();
        assert!(vault.open(name).await.unwrap().is_none());
    }
}
