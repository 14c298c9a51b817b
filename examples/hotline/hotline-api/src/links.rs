//! Signed links to recordings, for players that cannot send headers.

use std::{fmt, fs, io, path::Path};

use cti_bindings::rest::recordings::Links;
use cti_core::{id::RecordingId, time::Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What signs links; kept in the data folder, so that links outlive a restart.
#[derive(Clone)]
pub struct LinkSecret([u8; 32]);

/// The secret could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum LinkSecretError {
    /// The file could not be read or written.
    #[error("secret of links {file}: {source}")]
    File {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold 32 bytes.
    #[error("secret of links {file}: it must hold 32 bytes")]
    Length {
        /// Which file.
        file: String,
    },
    /// The system has no randomness.
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

impl LinkSecret {
    /// Returns a secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the secret, making it when the file is not there; only the owner can read it.
    ///
    /// # Errors
    /// When the file cannot be used or the system has no randomness.
    pub fn load_or_create(file: &Path) -> Result<Self, LinkSecretError> {
        let name = || file.display().to_string();
        let failed = |source| LinkSecretError::File { file: name(), source };
        match fs::read(file) {
            Ok(bytes) => bytes
                .try_into()
                .map(Self)
                .map_err(|_: Vec<u8>| LinkSecretError::Length { file: name() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).map_err(LinkSecretError::Randomness)?;
                write_private(file, &bytes).map_err(failed)?;
                Ok(Self(bytes))
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn mac(&self, recording: RecordingId, expires: Timestamp) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{recording} {}", expires.as_micros()).as_bytes());
        mac
    }
}

fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl Links for LinkSecret {
    fn sign(&self, recording: RecordingId, expires: Timestamp) -> String {
        hex::encode(self.mac(recording, expires).finalize().into_bytes())
    }

    fn verify(&self, recording: RecordingId, expires: Timestamp, signature: &str) -> bool {
        let Ok(signature) = hex::decode(signature) else { return false };
        // Compares in constant time.
        self.mac(recording, expires).verify_slice(&signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_recording_and_one_time() {
        let secret = LinkSecret::new([7; 32]);
        let at = Timestamp::from_secs;
        let signature = secret.sign(RecordingId(7), at(100));
        assert!(secret.verify(RecordingId(7), at(100), &signature));
        assert!(!secret.verify(RecordingId(8), at(100), &signature));
        assert!(!secret.verify(RecordingId(7), at(101), &signature));
        assert!(!secret.verify(RecordingId(7), at(100), ""));
        assert!(!LinkSecret::new([8; 32]).verify(RecordingId(7), at(100), &signature));
    }

    #[test]
    fn the_secret_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("links.key");
        let first = LinkSecret::load_or_create(&file).unwrap();
        let second = LinkSecret::load_or_create(&file).unwrap();
        assert_eq!(first.0, second.0);
        fs::write(&file, "short").unwrap();
        assert!(matches!(LinkSecret::load_or_create(&file), Err(LinkSecretError::Length { .. })));
    }
}
