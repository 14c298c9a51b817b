//! Recordings sealed on the disk: audio in boxes of 1 KiB, each locked, so that any place can be played and a crash
//! leaves what was written.
//!
//! ```text
//! magic 8 │ key id 8 │ rate 4 │ channels 1 │ nonce 24 │ locked key 48 │ prefix 19 │ box 1040 │ box 1040 │ … │ last box
//! └──────────── authenticated with the locked key ─────────────────────┘
//! ```
//!
//! Each recording has a random key of its own, locked with the administrator's (XChaCha20-Poly1305). Box `n` is locked
//! with it under the nonce `prefix ‖ n ‖ last`, numbers in big-endian (STREAM, Hoang et al. 2015): boxes cannot be
//! exchanged, left out or appended, and a file that lacks its last box is known to have been cut. The boxes hold 16-bit
//! samples in little-endian; the head of the WAV file is made when it is read.

use std::io::{self, Write};

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use cti_core::seal::Key;
use sha2::{Digest as _, Sha256};

use super::audio::ReadAt;

/// What a sealed file begins with.
pub(super) const MAGIC: [u8; 8] = *b"CTIREC1\n";

/// How much of a file lies before its first box.
const HEAD: usize = KNOWN + NONCE + LOCKED + PREFIX;
const KNOWN: usize = 8 + 8 + 4 + 1;
const NONCE: usize = 24;
const LOCKED: usize = Key::LENGTH + TAG;
const PREFIX: usize = 19;
const TAG: usize = 16;

/// How many bytes of audio a box holds.
const BOX: usize = 1024;
const SEALED_BOX: usize = BOX + TAG;

/// Why a sealed recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// It is sealed, and there is no key.
    #[error("the recording is sealed, and no key is configured")]
    NoKey,
    /// It was sealed with a key that is not this one.
    #[error("the recording was sealed with key {found}, and the key is {known}")]
    OtherKey {
        /// The id of its key.
        found: String,
        /// The id of the configured key.
        known: String,
    },
    /// It was changed, or its head is.
    #[error("the recording is damaged at byte {at}")]
    Damaged {
        /// Where in the file.
        at: u64,
    },
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Returns the name of a key: the beginning of its SHA-256, which tells nothing of it.
#[must_use]
pub fn key_id(key: &Key) -> String {
    hex::encode(short_id(key))
}

fn short_id(key: &Key) -> [u8; 8] {
    let hash = Sha256::digest(key.as_bytes());
    std::array::from_fn(|n| hash[n])
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.as_bytes().into())
}

fn nonce(prefix: &[u8; PREFIX], number: u32, last: bool) -> XNonce {
    let mut nonce = [0; NONCE];
    nonce[..PREFIX].copy_from_slice(prefix);
    nonce[PREFIX..PREFIX + 4].copy_from_slice(&number.to_be_bytes());
    nonce[PREFIX + 4] = u8::from(last);
    XNonce::from(nonce)
}

/// Writes one sealed recording.
pub struct SealedWriter<W> {
    out: W,
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    number: u32,
    /// Audio that does not fill a box yet.
    rest: Vec<u8>,
}

impl<W> std::fmt::Debug for SealedWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedWriter").field("boxes", &self.number).finish_non_exhaustive()
    }
}

impl<W: Write> SealedWriter<W> {
    /// Writes the head of a recording with a key of its own, locked with `key`.
    ///
    /// # Errors
    /// When it cannot be written, or there is no randomness.
    pub fn new(mut out: W, key: &Key, rate: u32, channels: u8) -> io::Result<Self> {
        let mut random = |bytes: &mut [u8]| {
            getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
        };
        let own = Key::generate(&mut random)?;
        let (mut wrapping, mut prefix) = ([0; NONCE], [0; PREFIX]);
        random(&mut wrapping)?;
        random(&mut prefix)?;
        let mut head = MAGIC.to_vec();
        head.extend(short_id(key));
        head.extend(rate.to_be_bytes());
        head.push(channels);
        let payload = Payload { msg: own.as_bytes(), aad: &head };
        let locked = cipher(key)
            .encrypt(&XNonce::from(wrapping), payload)
            .map_err(|_| io::Error::other("a key cannot be sealed"))?;
        head.extend(wrapping);
        head.extend(locked);
        head.extend(prefix);
        out.write_all(&head)?;
        Ok(Self { out, cipher: cipher(&own), prefix, number: 0, rest: Vec::with_capacity(BOX) })
    }

    /// Appends samples, those of several channels by turns; what fills whole boxes is written at once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, samples: impl Iterator<Item = i16>) -> io::Result<()> {
        let mut boxes = Vec::new();
        for sample in samples {
            self.rest.extend(sample.to_le_bytes());
            // The last box is not empty unless the recording is: it is written by `finish`.
            if self.rest.len() > BOX {
                let next = self.rest.split_off(BOX);
                let full = std::mem::replace(&mut self.rest, next);
                boxes.extend(self.seal(&full, false)?);
            }
        }
        self.out.write_all(&boxes)
    }

    /// Writes the last box.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.rest);
        let last = self.seal(&rest, true)?;
        self.out.write_all(&last)?;
        Ok(self.out)
    }

    fn seal(&mut self, audio: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let nonce = nonce(&self.prefix, self.number, last);
        self.number = self
            .number
            .checked_add(1)
            .ok_or_else(|| io::Error::other("the recording is longer than a file can be"))?;
        self.cipher.encrypt(&nonce, audio).map_err(|_| io::Error::other("audio cannot be sealed"))
    }
}

/// How a sealed recording is laid out, and what opens it.
pub(super) struct Sealed {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    pub(super) rate: u32,
    pub(super) channels: u8,
    /// The number of the last box that is whole.
    last: u32,
    /// Whether it is the last that was written, or the file was cut.
    pub(super) is_complete: bool,
    /// How many bytes of audio there are.
    pub(super) audio: u64,
}

impl Sealed {
    /// Reads the head, and looks at the end.
    pub(super) fn open(source: &mut dyn ReadAt, key: Option<&Key>) -> Result<Self, SealedError> {
        let key = key.ok_or(SealedError::NoKey)?;
        let length = source.length();
        let mut head = [0; HEAD];
        if length < HEAD as u64 {
            return Err(SealedError::Damaged { at: length });
        }
        source.read_at(0, &mut head)?;
        if head[8..16] != short_id(key) {
            let found = hex::encode(&head[8..16]);
            return Err(SealedError::OtherKey { found, known: key_id(key) });
        }
        let (known, rest) = head.split_at(KNOWN);
        let (wrapping, rest) = rest.split_at(NONCE);
        let (locked, prefix) = rest.split_at(LOCKED);
        let damaged = || SealedError::Damaged { at: KNOWN as u64 };
        let wrapping: [u8; NONCE] = wrapping.try_into().map_err(|_| damaged())?;
        let own = cipher(key)
            .decrypt(&XNonce::from(wrapping), Payload { msg: locked, aad: known })
            .map_err(|_| damaged())?;
        let own = zeroize::Zeroizing::new(own);
        let own = Key::from_bytes(own.as_slice().try_into().map_err(|_| damaged())?);
        let mut this = Self {
            cipher: cipher(&own),
            prefix: prefix.try_into().map_err(|_| damaged())?,
            rate: u32::from_be_bytes([known[16], known[17], known[18], known[19]]),
            channels: known[20].max(1),
            last: 0,
            is_complete: false,
            audio: 0,
        };
        this.find_end(source, length - HEAD as u64)?;
        Ok(this)
    }

    /// Finds the last whole box; what a crash left half written behind it is not audio.
    fn find_end(&mut self, source: &mut dyn ReadAt, sealed: u64) -> Result<(), SealedError> {
        let (full, torn) = (sealed / SEALED_BOX as u64, sealed % SEALED_BOX as u64);
        let mut ends = Vec::new();
        if torn >= TAG as u64 {
            ends.push((full, torn as usize));
        }
        if let Some(before) = full.checked_sub(1) {
            ends.push((before, SEALED_BOX));
        }
        for (number, size) in ends.iter().copied() {
            let mut bytes = vec![0; size];
            source.read_at(HEAD as u64 + number * SEALED_BOX as u64, &mut bytes)?;
            let number =
                u32::try_from(number).map_err(|_| SealedError::Damaged { at: HEAD as u64 })?;
            let complete = self.unlock(number, true, &bytes);
            let found = match complete {
                Some(audio) => Some((audio, true)),
                None => self.unlock(number, false, &bytes).map(|audio| (audio, false)),
            };
            if let Some((audio, is_complete)) = found {
                (self.last, self.is_complete) = (number, is_complete);
                self.audio = u64::from(number) * BOX as u64 + audio.len() as u64;
                return Ok(());
            }
        }
        match ends.is_empty() || (full == 0 && torn > 0) {
            // Nothing whole was written yet.
            true => Ok(()),
            false => Err(SealedError::Damaged { at: HEAD as u64 + (full - 1) * SEALED_BOX as u64 }),
        }
    }

    fn unlock(&self, number: u32, last: bool, bytes: &[u8]) -> Option<Vec<u8>> {
        self.cipher.decrypt(&nonce(&self.prefix, number, last), bytes).ok()
    }

    /// Returns audio from `from` on, `wanted` bytes of it; no more than there is.
    pub(super) fn read(
        &self,
        source: &mut dyn ReadAt,
        from: u64,
        wanted: usize,
    ) -> Result<Vec<u8>, SealedError> {
        let to = self.audio.min(from.saturating_add(wanted as u64));
        if from >= to {
            return Ok(Vec::new());
        }
        let (first, last) = (from / BOX as u64, (to - 1) / BOX as u64);
        let start = HEAD as u64 + first * SEALED_BOX as u64;
        let audio_end = self.audio.min((last + 1) * BOX as u64);
        let size = audio_end - first * BOX as u64 + (last - first + 1) * TAG as u64;
        let mut bytes = vec![0; size as usize];
        source.read_at(start, &mut bytes)?;
        let mut audio = Vec::with_capacity(bytes.len());
        for (number, sealed) in (first..).zip(bytes.chunks(SEALED_BOX)) {
            let at = HEAD as u64 + number * SEALED_BOX as u64;
            let number = u32::try_from(number).map_err(|_| SealedError::Damaged { at })?;
            let is_last = number == self.last && self.is_complete;
            audio.extend(self.unlock(number, is_last, sealed).ok_or(SealedError::Damaged { at })?);
        }
        let skip = (from - first * BOX as u64) as usize;
        audio.drain(..skip);
        audio.truncate((to - from) as usize);
        Ok(audio)
    }
}
