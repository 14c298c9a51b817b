//! The audio of recordings: WAV, of which any part can be read, wherever and however it is kept.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// A recording as a WAV file.
#[async_trait]
pub trait Audio: Send + Sync {
    /// Returns how many bytes it has.
    fn length(&self) -> u64;

    /// Returns bytes from a place on: as many as are wanted, or as there are.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn read(&self, from: u64, wanted: usize) -> io::Result<Vec<u8>>;
}

/// Where the audio of recordings is kept.
#[async_trait]
pub trait AudioSource: Send + Sync + std::fmt::Debug {
    /// Opens a recording by the file that its record names, relative to where recordings are kept; `None` when it is
    /// not there.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn open(&self, file: &str) -> io::Result<Option<Arc<dyn Audio>>>;

    /// Removes a recording for good; one that is not there is removed already.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn remove(&self, file: &str) -> io::Result<()>;
}

/// Recordings as WAV files below a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

struct WavFile {
    path: PathBuf,
    length: u64,
}

impl Folder {
    fn path(&self, file: &str) -> io::Result<PathBuf> {
        let is_below = Path::new(file)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        match is_below {
            true => Ok(self.0.join(file)),
            false => Err(io::Error::other(format!("{file} leads out of the recordings' folder"))),
        }
    }
}

#[async_trait]
impl AudioSource for Folder {
    async fn open(&self, file: &str) -> io::Result<Option<Arc<dyn Audio>>> {
        let path = self.path(file)?;
        match tokio::fs::metadata(&path).await {
            Ok(found) => Ok(Some(Arc::new(WavFile { path, length: found.len() }))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn remove(&self, file: &str) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(file)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Audio for WavFile {
    fn length(&self) -> u64 {
        self.length
    }

    async fn read(&self, from: u64, wanted: usize) -> io::Result<Vec<u8>> {
        let left = self.length.saturating_sub(from);
        let wanted = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut file = tokio::fs::File::open(&self.path).await?;
        file.seek(io::SeekFrom::Start(from)).await?;
        let mut bytes = vec![0; wanted];
        file.read_exact(&mut bytes).await?;
        Ok(bytes)
    }
}
