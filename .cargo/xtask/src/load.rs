//! `cargo xtask load`: what a call costs the server, measured from outside while sipp calls it.
//!
//! ```text
//!  sipp callers ──SIP──▶ hotline (release) ──SIP──▶ sipp agents
//!       voice   ◀──RTP──▶                  ◀──RTP──▶  echo
//! ```
//!
//! The server runs with `examples/hotline/config/load.toml`, in a folder and on ports of its own. Its time on the
//! processors is read from `/proc` before and after each workload, and its idle rate is taken off. Figures of a shared
//! machine differ from run to run; the goals that stand beside them are for one core of its own.

pub(crate) mod http;
pub(crate) mod meter;
pub(crate) mod server;
pub(crate) mod sipp;
mod voice;
mod workload;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{Outcome, workspace};
use server::Server;
use workload::{WORKLOADS, Workload};

/// Options of `cargo xtask load`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A fifth of the calls: says that everything works, not what it costs.
    #[arg(long)]
    quick: bool,
    /// Only the workloads whose name begins with this.
    #[arg(long, default_value = "")]
    only: String,
    /// Keeps the server on the first processor and sipp on the second.
    #[arg(long)]
    pin: bool,
    /// Measures this program instead of building one.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Time from exec to the first good answer of `/readyz`.
const START_GOAL: Duration = Duration::from_secs(2);

/// Builds and starts the server, runs the workloads one after another and prints a row for each.
///
/// # Errors
/// When something cannot be started, a call failed, or the server was slow to start.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let program = match &arguments.program {
        Some(program) => program.canonicalize()?,
        None => workspace::release_binary()?,
    };
    let folder = workspace::root().join(format!("target/load-{}", std::process::id()));
    let outcome = measure(arguments, &program, &folder);
    if outcome.is_ok() {
        fs::remove_dir_all(&folder)?;
    } else {
        println!("logs are in {}", folder.display());
    }
    outcome
}

fn measure(arguments: &Arguments, program: &Path, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let first = Server::start(program, folder, arguments.pin)?;
    let fresh = first.started_in;
    drop(first);
    let server = Server::start(program, folder, arguments.pin)?;
    let again = server.started_in;
    println!(
        "start, exec to /readyz: {} ms with fresh data, {} ms on that data (goal: {} ms)",
        fresh.as_millis(),
        again.as_millis(),
        START_GOAL.as_millis()
    );
    let syncs = meter::syncs(folder)?;
    println!("raw fdatasync of 4 KiB: p50 {} ms, p99 {} ms\n", syncs.at(50), syncs.at(99));

    println!("{}", Workload::heading());
    let mut faults = Vec::new();
    for workload in WORKLOADS.iter().filter(|it| it.name.starts_with(&arguments.only)) {
        let row = workload.run(&server, folder, arguments)?;
        println!("{row}\n{}", workload.goal());
        if row.failed > 0 {
            faults.push(format!("{}: {} calls failed", workload.name, row.failed));
        }
    }
    if fresh.max(again) > START_GOAL {
        faults.push("the server was slow to start".to_owned());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}
