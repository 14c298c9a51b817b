//! `hotline replay`: a recorded trace gives the same log again, byte for byte.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::PathBuf,
};

use clap::Args;
use cti_core::trace::{Header, replay};

use crate::{parts::Parts, server::StartError};

#[derive(Clone, Debug, Args)]
pub(super) struct ReplayArgs {
    /// What `--record-trace` has written.
    #[arg(value_name = "FILE")]
    trace: PathBuf,
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), StartError> {
    let say = |error: std::io::Error| format!("trace {}: {error}", args.trace.display());
    let mut lines = BufReader::new(File::open(&args.trace).map_err(say)?).lines();
    let first = lines.next().ok_or("the trace is empty")?.map_err(say)?;
    let header: Header =
        serde_json::from_str(&first).map_err(|error| format!("trace line 1: {error}"))?;
    let parts: Parts = serde_json::from_value(header.parts.clone())
        .map_err(|error| format!("trace line 1: parts: {error}"))?;
    let mut center = parts.build()?;
    let rest: Vec<String> = lines.collect::<Result<_, _>>().map_err(say)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    replay(&mut center, header, rest.iter().map(String::as_str), |event| {
        let written = serde_json::to_writer(&mut out, &event)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"));
        if let Err(error) = written {
            failed.get_or_insert(error);
        }
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(out.flush()?),
    }
}
