//! The seam inside a journal: what is written of an event.

use std::{fmt, io};

use crate::{event::Event, id::EventNo};

/// Why an event cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The record is none of an event.
    #[error("event cannot be read: {reason}")]
    Malformed {
        /// Why not.
        reason: String,
    },
    /// The record was changed after it was written.
    #[error("the record of event {no} is not as it was written")]
    Forged {
        /// The event that it says it is.
        no: EventNo,
    },
    /// What the codec needs besides the record is not to be had.
    #[error("{what}: {source}")]
    Unavailable {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Turns events into records and back.
///
/// Contract: a record holds its event alone; what `decode` needs besides it was made durable by
/// [`sync`](Self::sync). A journal syncs its codec before the records.
pub trait Codec: fmt::Debug + Send {
    /// Writes the record of an event to the end of `record`.
    ///
    /// # Errors
    /// When something that is needed is not to be had.
    fn encode(&mut self, event: &Event, record: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Reads a record.
    ///
    /// # Errors
    /// When it is no record, was changed, or something that is needed is not to be had.
    fn decode(&mut self, record: &[u8]) -> Result<Event, CodecError>;

    /// Makes durable whatever the records encoded so far need to be read.
    ///
    /// # Errors
    /// When the storage fails.
    fn sync(&mut self) -> Result<(), CodecError> {
        Ok(())
    }
}

/// Events as plain JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Codec for Plain {
    fn encode(&mut self, event: &Event, record: &mut Vec<u8>) -> Result<(), CodecError> {
        serde_json::to_writer(record, event)
            .map_err(|error| CodecError::Unavailable { what: "serialise", source: error.into() })
    }

    fn decode(&mut self, record: &[u8]) -> Result<Event, CodecError> {
        serde_json::from_slice(record)
            .map_err(|error| CodecError::Malformed { reason: error.to_string() })
    }
}
