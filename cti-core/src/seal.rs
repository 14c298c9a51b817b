//! Personal values sealed in the journal, so that a person can be erased from a log that is never rewritten.
//!
//! Facts in memory are plain. [`Sealing`] is a [codec](crate::journal::Codec) of the journal: what a fact says of a
//! person (numbers, keys pressed, values kept with the call) is left out of its record and put into a box in it, which
//! is locked with a key of the contact's own. The keys are in a [`KeyTable`] beside the journal. Whoever
//! [erases](KeyTable::erase) a contact destroys its key: from then on, in every copy of the log, its facts read as
//! if the caller had withheld everything. Structure, ids and times stay as they were, and so do all statistics.
//!
//! ```text
//! {"no":7,"at":…,"fact":"call_started","call":"call-3","caller":"",…,"sealed":{"contact":"contact-3","box":"…"}}
//!  └────────────────── the event without what is personal ──────┘
//! ```
//!
//! The box is XChaCha20-Poly1305 (RFC 8439 with the nonce of draft-irtf-cfrg-xchacha) with a random nonce, and the
//! rest of the record is authenticated with it. A record that was changed, or whose box was changed for another, is
//! [`JournalError::Forged`](crate::journal::JournalError::Forged) as long as its key is there. A program without this
//! module reads the log as if everybody had been erased.
//!
//! An erased contact gets no second key: what comes later is not written.
//!
//! Keep the table's backups shorter than the journal's, for a copy of a key undoes its erasing. What was read before
//! (memory, databases filled from the log, traces) is not reached by it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cti_core::{
//!     id::ContactId,
//!     journal::file::FileJournal,
//!     seal::{FileKeys, KeyTable as _, Sealing, SharedKeys},
//! };
//! # let data = tempfile::tempdir()?;
//! # let data = data.path();
//! # fn random(bytes: &mut [u8]) -> std::io::Result<()> { bytes.fill(7); Ok(()) }
//!
//! let mut keys = SharedKeys::new(FileKeys::open(&data.join("keys"))?);
//! // `random` fills a slice from the system's generator, as `getrandom::fill` does.
//! let sealing = Sealing::new(keys.clone(), random);
//! let journal = FileJournal::open_with(&data.join("journal"), Box::new(sealing))?;
//! // … a citizen asks to be forgotten:
//! keys.erase(&[ContactId(3)])?;
//! # drop(journal);
//! # Ok(())
//! # }
//! ```

mod envelope;
mod file;
mod key;
mod memory;
mod personal;
mod sealing;
mod shared;
mod wrapped;

pub use self::{
    file::FileKeys,
    key::{Entropy, Key, KeyError, KeyState, KeyTable},
    memory::MemoryKeys,
    personal::{Personal, Whose, personal},
    sealing::Sealing,
    shared::SharedKeys,
    wrapped::WrappedKeys,
};
