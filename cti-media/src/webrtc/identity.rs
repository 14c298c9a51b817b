//! The certificate that this side shows browsers: self-signed, made at every start, known by its fingerprint.

use sha2::{Digest as _, Sha256};
use str0m::crypto::dtls::DtlsCert;

/// No certificate could be made.
#[derive(Debug, thiserror::Error)]
#[error("no certificate for browsers: {0}")]
pub struct IdentityError(#[from] rcgen::Error);

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(super) certificate: DtlsCert,
    fingerprint: [u8; 32],
}

impl Identity {
    /// Makes a new one.
    pub(crate) fn generate() -> Result<Self, IdentityError> {
        let made = rcgen::generate_simple_self_signed([String::from("cti")])?;
        let certificate = made.cert.der().to_vec();
        let fingerprint = Sha256::digest(&certificate).into();
        let private_key = made.signing_key.serialize_der();
        Ok(Self { certificate: DtlsCert { certificate, private_key }, fingerprint })
    }

    /// SHA-256 of the certificate, for the session description.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}
