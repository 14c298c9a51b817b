//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! One module per command; `cargo xtask --help` lists them.
#![expect(clippy::print_stdout, reason = "a command line tool talks to the terminal")]

mod prompts;
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
    /// Renders the hotline's spoken clips, music and tones with espeak-ng.
    Prompts(prompts::Arguments),
}

/// What a command answers; the text names what went wrong.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
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
