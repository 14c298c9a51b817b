//! The sealed journal: personal values are locked with keys of the contacts' own, these with the administrator's.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use cti_core::{
    journal::{Codec, Plain},
    seal::{Entropy, FileKeys, Key, KeyError, Sealing, SharedKeys, WrappedKeys},
};

/// The folder of the contacts' keys in the data folder.
const FOLDER: &str = "keys";

/// The contacts' keys of a sealed journal.
pub type Keys = SharedKeys<WrappedKeys<FileKeys>>;

/// Why a journal cannot be sealed, or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file cannot be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no key.
    #[error("{}: must hold 64 hexadecimal digits; `hotline key` makes one", file.display())]
    NoKey {
        /// Which file.
        file: PathBuf,
    },
    /// Others than its owner can read the key.
    #[error("{}: others can read it (mode {mode:03o}); chmod 600", file.display())]
    Readable {
        /// Which file.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The journal is sealed, and no key is configured.
    #[error("the journal in {} is sealed: name its key in journal.key", data.display())]
    KeyMissing {
        /// The data folder.
        data: PathBuf,
    },
    /// The contacts' keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Opens the contacts' keys of a data folder; `None` when the journal is not sealed.
///
/// # Errors
/// When the key cannot be read, is not kept safe, or is missing though the journal is sealed.
pub fn open_keys(data: &Path, key: Option<&Path>) -> Result<Option<Keys>, SealError> {
    let folder = data.join(FOLDER);
    let Some(file) = key else {
        return match folder.exists() {
            true => Err(SealError::KeyMissing { data: data.to_owned() }),
            false => Ok(None),
        };
    };
    let master = read_key(file)?;
    Ok(Some(SharedKeys::new(WrappedKeys::new(FileKeys::open(&folder)?, &master))))
}

/// Returns what turns events into records: sealed ones when there are keys.
#[must_use]
pub fn codec(keys: Option<&Keys>) -> Box<dyn Codec> {
    match keys {
        Some(keys) => Box::new(Sealing::new(keys.clone(), SystemEntropy)),
        None => Box::new(Plain),
    }
}

/// Makes a key in a file that is not there yet; only its owner can read it.
///
/// # Errors
/// When the file is there, cannot be written, or the system has no randomness.
pub fn make_key(file: &Path) -> Result<(), SealError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let failed = |source| SealError::File { file: file.to_owned(), source };
    let key = Key::generate(&mut SystemEntropy).map_err(failed)?;
    let mut options = fs::OpenOptions::new();
    let mut out = options.write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    writeln!(out, "{}", hex::encode(key.as_bytes())).map_err(failed)?;
    out.sync_all().map_err(failed)
}

/// Reads a key that `hotline key` made.
///
/// # Errors
/// When it cannot be read, or others can read it too.
pub fn read_key(file: &Path) -> Result<Key, SealError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |source| SealError::File { file: file.to_owned(), source };
    let mode = fs::metadata(file).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SealError::Readable { file: file.to_owned(), mode });
    }
    let text = fs::read_to_string(file).map_err(failed)?;
    let mut bytes = [0; Key::LENGTH];
    hex::decode_to_slice(text.trim(), &mut bytes)
        .map_err(|_| SealError::NoKey { file: file.to_owned() })?;
    Ok(Key::from_bytes(bytes))
}

/// The randomness of the system.
#[derive(Clone, Copy, Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_is_the_owners_alone_and_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.key");
        make_key(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(open_keys(folder.path(), Some(&file)).unwrap().is_some());
        assert!(matches!(make_key(&file), Err(SealError::File { .. })), "it is never overwritten");
    }

    #[test]
    fn a_key_that_others_can_read_and_a_file_without_one_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.key");
        make_key(&file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = open_keys(folder.path(), Some(&file)).unwrap_err().to_string();
        assert!(refused.ends_with("others can read it (mode 640); chmod 600"), "{refused}");
        let other = folder.path().join("other");
        fs::write(&other, "secret").unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(open_keys(folder.path(), Some(&other)), Err(SealError::NoKey { .. })));
    }

    #[test]
    fn a_sealed_journal_is_not_opened_without_its_key() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open_keys(folder.path(), None).unwrap().is_none());
        let file = folder.path().join("journal.key");
        make_key(&file).unwrap();
        drop(open_keys(folder.path(), Some(&file)).unwrap());
        let refused = open_keys(folder.path(), None);
        assert!(matches!(refused, Err(SealError::KeyMissing { .. })));
    }
}
