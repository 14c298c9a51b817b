//! `hotline tryout`: a recorded trace under other rules of the queues, before and after.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
};

use clap::Args;
use cti_acd::{config::AcdConfig, tryout};
use cti_core::trace::{Header, replay};

use crate::{parts::Parts, server::StartError};

#[derive(Clone, Debug, Args)]
pub(super) struct TryoutArgs {
    /// What `--record-trace` has written.
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// The other rules, as `GET /api/v1/routing` shows them.
    #[arg(long, value_name = "FILE")]
    routing: PathBuf,
    /// Prints JSON in place of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &TryoutArgs) -> Result<(), StartError> {
    let say = |error: std::io::Error| format!("trace {}: {error}", args.trace.display());
    let mut lines = BufReader::new(File::open(&args.trace).map_err(say)?).lines();
    let first = lines.next().ok_or("the trace is empty")?.map_err(say)?;
    let header: Header =
        serde_json::from_str(&first).map_err(|error| format!("trace line 1: {error}"))?;
    let parts: Parts = serde_json::from_value(header.parts.clone())
        .map_err(|error| format!("trace line 1: parts: {error}"))?;
    let text = std::fs::read_to_string(&args.routing)
        .map_err(|error| format!("routing {}: {error}", args.routing.display()))?;
    let after: AcdConfig = serde_json::from_str(&text)
        .map_err(|error| format!("routing {}: {error}", args.routing.display()))?;

    let mut center = parts.build()?;
    let rest: Vec<String> = lines.collect::<Result<_, _>>().map_err(say)?;
    let mut events = Vec::new();
    replay(&mut center, header, rest.iter().map(String::as_str), |event| events.push(event))?;
    let acd = cti_acd::Parts { calendars: parts.calendars()?, ..cti_acd::Parts::default() };
    let compared = tryout::compare(&events, parts.routing.clone(), after, &acd)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &compared)?;
        writeln!(out)?;
    } else {
        write!(out, "{compared}")?;
    }
    Ok(())
}
