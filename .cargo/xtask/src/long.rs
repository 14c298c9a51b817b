//! `cargo xtask long`: what takes longer than a test may.

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
        Command::Mutants(arguments) => mutants::run(arguments),
    }
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
