//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! One module per command; `cargo xtask --help` lists them.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the terminal")]

mod capture;
mod clock;
mod docs;
mod hygiene;
mod load;
mod long;
mod process;
mod prompts;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs the project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every check and test, from formatting to the browser.
    Test(test::Arguments),
    /// Builds the documentation; a warning is an error.
    Docs,
    /// Checks licences, spelling and unused dependencies with cargo-deny, typos and cargo-shear.
    Hygiene,
    /// Measures what a call costs the server, with sipp as callers and agents.
    Load(load::Arguments),
    /// Runs what takes longer than a test may.
    #[command(subcommand)]
    Long(long::Command),
    /// Writes down what a live switch says, for the tests of its adapter.
    #[command(subcommand)]
    Capture(capture::Command),
    /// Renders the hotline's spoken clips, music and tones with espeak-ng.
    Prompts(prompts::Arguments),
}

/// What a command answers; the text names what went wrong.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(arguments) => test::run(&arguments),
        Command::Docs => docs::run(),
        Command::Hygiene => hygiene::run(),
        Command::Load(arguments) => load::run(&arguments),
        Command::Capture(command) => capture::run(&command),
        Command::Long(command) => long::run(&command),
        Command::Prompts(arguments) => prompts::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
