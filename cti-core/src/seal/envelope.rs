//! One box: personal values locked with a key, bound to the rest of their record.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use super::{Entropy, Key};

const NONCE: usize = 24;

/// The box was not locked with this key, or it or the rest of its record was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unopened;

/// Returns the box as text.
pub(super) fn lock(
    key: &Key,
    entropy: &mut dyn Entropy,
    rest: &[u8],
    values: &[u8],
) -> io::Result<String> {
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce)?;
    let locked = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: values, aad: rest })
        .map_err(|_| io::Error::other("the values are too long to be locked"))?;
    Ok(BASE64.encode([nonce.as_slice(), &locked].concat()))
}

/// Returns the values in a box.
pub(super) fn open(key: &Key, rest: &[u8], boxed: &str) -> Result<Vec<u8>, Unopened> {
    let bytes = BASE64.decode(boxed).map_err(|_| Unopened)?;
    let (nonce, locked) = bytes.split_first_chunk::<NONCE>().ok_or(Unopened)?;
    cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: locked, aad: rest })
        .map_err(|_| Unopened)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.as_bytes().into())
}
