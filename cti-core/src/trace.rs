//! A trace: everything that was put into a Center, so that the same can be done again.
//!
//! A trace is lines of JSON: a [`Header`] with the hashes of what the Center was made of, then every input and every
//! time-out in order. [`replay`] puts them into a fresh Center, which gives the same events, byte for byte.

use serde::{Deserialize, Serialize};

use crate::{
    center::{Center, Input, Snapshot},
    event::Event,
    time::Timestamp,
};

/// The first line of a trace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// The version of the program that recorded it.
    pub version: String,
    /// Everything that is needed to build the same Center again, as the recorder wrote it.
    pub parts: serde_json::Value,
    /// What the Center knew when the recording began.
    pub snapshot: Snapshot,
    /// When the Center was started.
    pub started: Timestamp,
}

/// One later line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Something happened.
    Input {
        /// When.
        at: Timestamp,
        /// What.
        input: Input,
    },
    /// Time-outs were fired.
    Timeout {
        /// When.
        at: Timestamp,
    },
}

/// A trace that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A line cannot be read.
    #[error("trace line {line}: {reason}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// Why not.
        reason: String,
    },
    /// The snapshot does not fit the router.
    #[error("trace: the snapshot does not fit this version: {0}")]
    Snapshot(serde_json::Error),
}

/// Puts a trace into a Center that was built from the header's parts, and hands every event to `sink`.
///
/// # Errors
/// When the snapshot does not fit or a line cannot be read.
pub fn replay<'a>(
    center: &mut Center,
    header: Header,
    lines: impl Iterator<Item = &'a str>,
    mut sink: impl FnMut(Event),
) -> Result<(), ReplayError> {
    center.restore(header.snapshot).map_err(ReplayError::Snapshot)?;
    center.start(header.started, &header.version);
    let mut drain = |center: &mut Center| {
        while let Some(event) = center.poll_event() {
            sink(event);
        }
        while center.poll_output().is_some() {}
    };
    drain(center);
    for (index, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let step: Step = serde_json::from_str(line)
            .map_err(|error| ReplayError::Line { line: index + 2, reason: error.to_string() })?;
        match step {
            // An input that was refused when it was recorded is refused again.
            Step::Input { at, input } => drop(center.handle(at, input)),
            Step::Timeout { at } => center.handle_timeout(at),
        }
        drain(center);
    }
    Ok(())
}
