//! `cargo xtask long`: what takes longer than a test may.

mod flood;
mod fuzz;
mod mutants;

use std::{
    path::{Path, PathBuf},
    process::Command as Process,
};

use crate::{Outcome, clock::Stopwatch, process, workspace};

/// What is to be run.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Simulates many mornings of the centre; each caller must be accounted for exactly once.
    Simulate {
        /// How many mornings.
        #[arg(long, default_value_t = 1000)]
        seeds: u64,
        /// The seed of the first one.
        #[arg(long, default_value_t = 1)]
        first: u64,
        /// Runs this program instead of building one.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Dials forty hours in each of the worlds of the outbound simulation.
    Dialer,
    /// Holds the router against a search through plain lists, over random centres; every decision must be the same.
    Reference {
        /// How many events at least.
        #[arg(long, default_value_t = 1_000_000)]
        events: u64,
        /// The seed of the first centre.
        #[arg(long, default_value_t = 0)]
        first: u64,
    },
    /// Holds the router on a virtual clock against queueing theory, and what callers are told against their waits.
    Theory {
        /// How many contacts each cell has.
        #[arg(long, default_value_t = 1_000_000)]
        contacts: u64,
    },
    /// Floods a server with calls of strangers while citizens call; they must not notice.
    Flood(flood::Arguments),
    /// Gives the fuzz targets broken messages, descriptions, packets, keys and files, led by coverage.
    Fuzz(fuzz::Arguments),
    /// Plants known faults into a copy of the source, one at a time; each must be found by a test.
    Mutants(mutants::Arguments),
}

/// The numbers that are called in turn.
const NUMBERS: [&str; 3] = ["12345", "12329", "12328"];

/// Runs it.
///
/// # Errors
/// Names what went wrong and how to see it again.
pub(crate) fn run(command: &Command) -> Outcome {
    match command {
        Command::Simulate { seeds, first, program } => {
            let program = match program {
                Some(program) => program.canonicalize()?,
                None => workspace::release_binary()?,
            };
            simulate(&program, *first, *seeds)
        }
        Command::Dialer => process::succeed(
            Process::new("cargo")
                .args(["test", "--release", "-p", "cti-acd", "--test", "dialer", "hours_of_work"])
                .args(["--", "--nocapture"])
                .env("CTI_DIALER_HOURS", "40"),
        ),
        Command::Reference { events, first } => {
            let set = [("CTI_ACD_EVENTS", *events), ("CTI_ACD_SEED", *first)];
            router_tests("router", "reference", &set)
        }
        Command::Theory { contacts } => {
            router_tests("theory", "", &[("CTI_ACD_CONTACTS", *contacts)])
        }
        Command::Flood(arguments) => flood::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
        Command::Mutants(arguments) => mutants::run(arguments),
    }
}

/// Runs tests of the router as fast as the compiler can make them; what they print is their report.
fn router_tests(suite: &str, filter: &str, set: &[(&str, u64)]) -> Outcome {
    let watch = Stopwatch::start();
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--release", "--package", "cti-acd", "--test", suite, filter]);
    cargo.args(["--", "--nocapture", "--test-threads", "1"]);
    for (name, value) in set {
        cargo.env(name, value.to_string());
        println!("{name}={value}");
    }
    process::succeed(&mut cargo)?;
    println!("{:.1} s", watch.elapsed().as_secs_f64());
    Ok(())
}

/// The seed chooses the number that is called, and how many agents there are: from far too few to plenty.
fn simulate(program: &Path, first: u64, seeds: u64) -> Outcome {
    let watch = Stopwatch::start();
    let (mut callers, mut events) = (0, 0);
    for seed in first..first + seeds {
        let agents = 2 + seed % 19;
        let number = NUMBERS[(seed % 3) as usize];
        let mut morning = Process::new(program);
        morning.args(["simulate", "--seed", &seed.to_string()]);
        morning.args(["--agents", &agents.to_string(), "--number", number]);
        let summary = process::output(&mut morning)?;
        callers += count(&summary, "arrivals")?;
        events += count(&summary, "events")?;
    }
    println!(
        "{seeds} mornings, {callers} callers, {events} events, each caller accounted for once; {:.1} s",
        watch.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Finds a line `123  来电 arrivals`.
fn count(summary: &str, name: &str) -> Outcome<u64> {
    let line = summary.lines().find(|line| line.ends_with(name));
    let value = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| format!("the summary names no {name}:\n{summary}").into())
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn a_count_is_the_number_before_its_name() {
        assert_eq!(count("  3  seed\n  583  来电 arrivals\n", "arrivals").unwrap(), 583);
        assert!(count("", "arrivals").is_err());
    }
}
