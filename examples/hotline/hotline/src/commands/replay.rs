//! `hotline replay`: a recorded trace gives the same log again, byte for byte.

use std::{
    io::{BufWriter, Write as _},
    path::PathBuf,
};

use clap::Args;

use super::recorded::Trace;
use crate::server::StartError;

#[derive(Clone, Debug, Args)]
pub(super) struct ReplayArgs {
    /// What `--record-trace` has written.
    #[arg(value_name = "FILE")]
    trace: PathBuf,
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), StartError> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    Trace::read(&args.trace)?.replay(|event| {
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
