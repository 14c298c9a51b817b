//! `hotline tryout`: a recorded day under other rules of the queues, before and after.

use std::{io::Write as _, path::PathBuf, time::Duration};

use clap::Args;
use cti_acd::{config::AcdConfig, tryout};
use cti_core::{calendar::Calendars, event::Event};

use super::recorded::{self, Trace};
use crate::{
    config::Config,
    parts,
    routing::{self, last_of},
    server::{Layout, StartError},
};

#[derive(Clone, Debug, Args)]
pub(super) struct TryoutArgs {
    /// What `--record-trace` has written.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "config",
        conflicts_with = "config"
    )]
    trace: Option<PathBuf>,
    /// The configuration of a centre, whose journal is read; it may be serving meanwhile.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How many hours of the journal, counted from its end.
    #[arg(long, value_name = "HOURS", default_value_t = 24, conflicts_with = "trace")]
    hours: u32,
    /// The other rules, as `GET /api/v1/routing` shows them.
    #[arg(long, value_name = "FILE")]
    routing: PathBuf,
    /// Prints JSON in place of a table.
    #[arg(long)]
    json: bool,
}

/// What was recorded, and what was in force.
struct Day {
    events: Vec<Event>,
    rules: AcdConfig,
    calendars: Calendars,
}

pub(super) fn run(args: &TryoutArgs) -> Result<(), StartError> {
    let say = |error: String| format!("routing {}: {error}", args.routing.display());
    let text = std::fs::read_to_string(&args.routing).map_err(|error| say(error.to_string()))?;
    let document = serde_json::from_str(&text).map_err(|error| say(error.to_string()))?;
    let after = AcdConfig::read(&document).map_err(|error| say(error.to_string()))?;
    let day = match (&args.trace, &args.config) {
        (Some(trace), _) => {
            let trace = Trace::read(trace)?;
            let (rules, calendars) = (trace.parts.routing.clone(), trace.parts.calendars()?);
            let mut events = Vec::new();
            trace.replay(|event| events.push(event))?;
            Day { events, rules, calendars }
        }
        (None, Some(config)) => {
            let config = Config::load(config)?;
            let layout = Layout::new(&config);
            let mut events = recorded::journal(&config)?;
            last_of(&mut events, Duration::from_secs(u64::from(args.hours) * 3600));
            let rules = routing::read(&layout.data, config.routing())?;
            Day { events, rules, calendars: parts::calendars_in(&layout.calendar)? }
        }
        (None, None) => return Err("nothing says what was recorded".into()),
    };
    let acd = cti_acd::Parts { calendars: day.calendars, ..cti_acd::Parts::default() };
    let compared = tryout::compare(&day.events, day.rules, after, &acd)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &compared)?;
        writeln!(out)?;
    } else {
        write!(out, "{compared}")?;
    }
    Ok(())
}
