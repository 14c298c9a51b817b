//! Keys, where they are kept, and where they come from.

use std::{fmt, io};

use zeroize::Zeroizing;

use crate::id::ContactId;

/// The key of one contact. It is wiped from memory when it is dropped, and never printed.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; Self::LENGTH]>);

impl Key {
    /// How many bytes a key has.
    pub const LENGTH: usize = 32;

    /// Makes a new key.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &mut dyn Entropy) -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; Self::LENGTH]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Takes up a key that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Returns the key as it is to be kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What a table knows of a contact's key.
#[derive(Clone, Debug)]
pub enum KeyState {
    /// There never was one.
    None,
    /// Here it is.
    Kept(Key),
    /// It was erased; there will be no other.
    Erased,
}

/// Why a table cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The storage failed.
    #[error("keys {what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file of keys is not as it was written.
    #[error("keys {file}: damaged at byte {offset}")]
    Damaged {
        /// Which file.
        file: String,
        /// Where.
        offset: u64,
    },
    /// The contact has a key, or had one.
    #[error("{contact} has or had a key")]
    Taken {
        /// Whose.
        contact: ContactId,
    },
}

/// Keeps a key for each contact, and forgets it for good.
///
/// Contract: what was inserted before a successful [`sync`](Self::sync), and what was erased, is so after any crash.
pub trait KeyTable: fmt::Debug + Send {
    /// Returns what is known of a contact's key.
    ///
    /// # Errors
    /// When the storage fails.
    fn key(&mut self, contact: ContactId) -> Result<KeyState, KeyError>;

    /// Keeps a contact's first key.
    ///
    /// # Errors
    /// When the contact has or had one, or the storage fails.
    fn insert(&mut self, contact: ContactId, key: &Key) -> Result<(), KeyError>;

    /// Makes the keys durable that were inserted.
    ///
    /// # Errors
    /// When the storage fails; the keys may or may not be durable then.
    fn sync(&mut self) -> Result<(), KeyError>;

    /// Destroys the keys of these contacts; they are gone for good when this returns.
    ///
    /// # Errors
    /// When the storage fails; some of the keys may be gone then. It can be asked again.
    fn erase(&mut self, contacts: &[ContactId]) -> Result<(), KeyError>;
}

/// Where randomness comes from: the driver's business, as the machines here read no chance.
///
/// Any function that fills a slice is one, for example
/// `|bytes: &mut [u8]| getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))`.
pub trait Entropy: Send {
    /// Fills the slice with bytes that nobody can foretell.
    ///
    /// # Errors
    /// When there are none.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()>;
}

impl<F: FnMut(&mut [u8]) -> io::Result<()> + Send> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self(bytes)
    }
}
