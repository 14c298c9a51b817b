//! Where finished recordings are moved to: a folder that somebody has mounted, or a store that speaks S3.

use std::{
    io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use cti_media::record::audio::ReadAt;
use sha2::{Digest as _, Sha256};
use tokio::{fs, io::AsyncReadExt as _, io::AsyncSeekExt as _, runtime::Handle};

/// How much is read at once when a copy is compared, in bytes.
const PIECE: usize = 1 << 20;

/// A place for finished recordings, each by its name below the folder of recordings.
#[async_trait]
pub trait Target: Send + Sync + std::fmt::Debug {
    /// Copies a file there; what lay there by that name before is replaced, and a copy that breaks off does not count.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn put(&self, name: &str, file: &Path) -> io::Result<()>;

    /// Returns the length of what lies there, in bytes; `None` when nothing does.
    ///
    /// # Errors
    /// When the place does not answer.
    async fn length(&self, name: &str) -> io::Result<Option<u64>>;

    /// Returns bytes of what lies there: as many as are wanted, or as there are.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn read(&self, name: &str, from: u64, wanted: usize) -> io::Result<Vec<u8>>;

    /// Removes what lies there; nothing is removed already.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn remove(&self, name: &str) -> io::Result<()>;
}

/// Returns the SHA-256 of what lies at a target, in hexadecimal, as it is read from there.
///
/// # Errors
/// When it cannot be read.
pub(super) async fn sha256(target: &dyn Target, name: &str) -> io::Result<String> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("{name} is not there"));
    let length = target.length(name).await?.ok_or_else(missing)?;
    let (mut hash, mut from) = (Sha256::new(), 0);
    while from < length {
        let piece = target.read(name, from, PIECE).await?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        from += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(hex::encode(hash.finalize()))
}

/// Returns where a name leads below a folder.
///
/// # Errors
/// When it leads out of it.
pub(super) fn below(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let is_below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    match is_below {
        true => Ok(folder.join(name)),
        false => Err(io::Error::other(format!("{name} leads out of the recordings' folder"))),
    }
}

/// A folder, of this machine or of another one that is mounted there.
#[derive(Clone, Debug)]
pub struct FolderTarget(PathBuf);

impl FolderTarget {
    /// Returns the target of a folder, which must be there: it is never made, so that nothing is written where another
    /// machine should be mounted.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
}

#[async_trait]
impl Target for FolderTarget {
    async fn put(&self, name: &str, file: &Path) -> io::Result<()> {
        if !fs::metadata(&self.0).await.is_ok_and(|folder| folder.is_dir()) {
            let why = format!("{} is not there; is it mounted?", self.0.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        }
        let path = below(&self.0, name)?;
        if let Some(day) = path.parent() {
            fs::create_dir_all(day).await?;
        }
        let part = path.with_added_extension("part");
        fs::copy(file, &part).await?;
        fs::File::open(&part).await?.sync_all().await?;
        fs::rename(&part, &path).await
    }

    async fn length(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(below(&self.0, name)?).await {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, name: &str, from: u64, wanted: usize) -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(below(&self.0, name)?).await?;
        file.seek(io::SeekFrom::Start(from)).await?;
        let mut bytes = Vec::new();
        file.take(wanted as u64).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    async fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(below(&self.0, name)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// A recording at a target, as threads read it that may block.
pub(super) struct Far {
    target: Arc<dyn Target>,
    name: String,
    length: u64,
    runtime: Handle,
}

impl Far {
    /// Looks for a recording; `None` when it is not there.
    pub(super) async fn find(target: Arc<dyn Target>, name: &str) -> io::Result<Option<Self>> {
        let length = target.length(name).await?;
        let far =
            |length| Self { target, name: name.to_owned(), length, runtime: Handle::current() };
        Ok(length.map(far))
    }
}

impl ReadAt for Far {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let read = self.target.read(&self.name, offset, buffer.len());
        let bytes = self.runtime.block_on(read)?;
        if bytes.len() < buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.copy_from_slice(&bytes[..buffer.len()]);
        Ok(())
    }
}
