//! The hash functions of digest authentication.

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// A hash a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// MD5, which RFC 3261 requires and every phone knows.
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

impl DigestAlgorithm {
    /// The name in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The hash of `text` in lower-case hexadecimal.
    pub(crate) fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

/// Returns HA1 (RFC 7616 §3.4.2) for an account whose password is known in clear.
#[must_use]
pub fn digest_ha1(
    algorithm: DigestAlgorithm,
    account: &str,
    realm: &str,
    password: &str,
) -> String {
    algorithm.hash(&format!("{account}:{realm}:{password}"))
}
