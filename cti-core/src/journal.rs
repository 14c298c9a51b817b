//! The seam to durable storage: facts are appended, made durable, and read back.

use std::{fmt, io};

use crate::{event::Event, id::EventNo};

mod codec;
pub mod file;
pub mod memory;
mod upgrade;

pub use codec::{Codec, CodecError, Plain};

/// Why a journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The storage failed.
    #[error("journal {what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The log was written by a newer program.
    #[error(
        "journal {file}: schema version {found} is newer than {known}, which this program knows"
    )]
    Version {
        /// Which file.
        file: String,
        /// The version found.
        found: u16,
        /// The version known.
        known: u16,
    },
    /// The log is damaged before its end, so that acknowledged facts would be lost.
    #[error("journal {file}: damaged at byte {offset}: {reason}")]
    Damaged {
        /// Which file.
        file: String,
        /// Where.
        offset: u64,
        /// How.
        reason: String,
    },
    /// The record of an event was changed after it was written: its checksum is right, its seal is not.
    #[error("journal: the record of event {no} is not as it was written")]
    Forged {
        /// The event that it says it is.
        no: EventNo,
    },
    /// Events must follow one another without a gap.
    #[error("journal: event {found} does not follow {last}")]
    Gap {
        /// The last event there is.
        last: EventNo,
        /// The event that was to be appended or was read.
        found: EventNo,
    },
}

/// An append-only log of events. Blocking; the runtime calls it from a thread of its own.
///
/// Contract: what was appended before a successful [`sync`](Self::sync) is read back after any crash; what was
/// appended later may be missing from some event on, never with a hole.
pub trait Journal: fmt::Debug + Send {
    /// Appends events that follow the last one.
    ///
    /// # Errors
    /// When the storage fails or an event does not follow.
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError>;

    /// Makes all appended events durable.
    ///
    /// # Errors
    /// When the storage fails; the events may or may not be durable then.
    fn sync(&mut self) -> Result<(), JournalError>;

    /// Returns the events after `after`, oldest first.
    ///
    /// # Errors
    /// When the storage fails or is damaged.
    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError>;

    /// Returns the number of the last event, zero when there is none.
    fn last(&self) -> EventNo;
}
