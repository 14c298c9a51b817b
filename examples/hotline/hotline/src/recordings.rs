//! Where recordings lie, in clear or sealed, and how they are read.

use std::{
    io,
    num::NonZeroU32,
    path::{Component, Path, PathBuf},
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

use crate::modules::Membership;

/// A day, in seconds.
const DAY: u64 = 24 * 3600;

/// How many recordings are deleted before others may write.
const AT_ONCE: u32 = 100;

/// The folder of recordings, and the key that opens the sealed ones.
#[derive(Clone, Debug)]
pub struct Vault {
    folder: PathBuf,
    key: Option<Key>,
}

impl Vault {
    /// Returns the vault of a folder.
    #[must_use]
    pub fn new(folder: PathBuf, key: Option<Key>) -> Self {
        Self { folder, key }
    }

    fn path(&self, file: &str) -> io::Result<PathBuf> {
        let is_below =
            Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        match is_below {
            true => Ok(self.folder.join(file)),
            false => Err(io::Error::other(format!("{file} leads out of the recordings' folder"))),
        }
    }
}

#[async_trait]
impl AudioSource for Vault {
    async fn open(&self, file: &str) -> io::Result<Option<Arc<dyn Audio>>> {
        let (path, key) = (self.path(file)?, self.key.clone());
        let opened = blocking(move || RecordedAudio::open(&path, key.as_ref())).await?;
        match opened {
            Ok(audio) => Ok(Some(Arc::new(Opened::new(audio)))),
            Err(SealedError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    async fn remove(&self, file: &str) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(file)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
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
