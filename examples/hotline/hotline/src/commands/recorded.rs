//! What a centre has recorded: a trace, or its journal.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use cti_core::{event::Event, id::EventNo, journal::file::read_durable_with, trace::Header};

use crate::{config::Config, parts::Parts, seal, server::StartError};

/// A trace that `--record-trace` has written.
pub(super) struct Trace {
    /// What the Center was made of.
    pub(super) parts: Parts,
    /// The first line.
    pub(super) header: Header,
    /// The other lines.
    pub(super) steps: Vec<String>,
}

impl Trace {
    /// Reads a trace.
    pub(super) fn read(path: &Path) -> Result<Self, StartError> {
        let say = |error: std::io::Error| format!("trace {}: {error}", path.display());
        let mut lines = BufReader::new(File::open(path).map_err(say)?).lines();
        let first = lines.next().ok_or("the trace is empty")?.map_err(say)?;
        let header: Header =
            serde_json::from_str(&first).map_err(|error| format!("trace line 1: {error}"))?;
        let parts = serde_json::from_value(header.parts.clone())
            .map_err(|error| format!("trace line 1: parts: {error}"))?;
        let steps = lines.collect::<Result<_, _>>().map_err(say)?;
        Ok(Self { parts, header, steps })
    }

    /// Puts it into a fresh Center and hands over every event.
    pub(super) fn replay(self, sink: impl FnMut(Event)) -> Result<(), StartError> {
        let mut center = self.parts.build()?;
        let steps = self.steps.iter().map(String::as_str);
        Ok(cti_core::trace::replay(&mut center, self.header, steps, sink)?)
    }
}

/// Reads the journal of a centre, which may be serving meanwhile.
pub(super) fn journal(config: &Config) -> Result<Vec<Event>, StartError> {
    let keys = seal::open_keys(&config.data, config.journal.key.as_deref())?;
    let mut codec = seal::codec(keys.as_ref());
    Ok(read_durable_with(&config.data.join("journal"), EventNo(0), codec.as_mut())?)
}
