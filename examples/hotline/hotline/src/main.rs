//! `hotline`: the 12345 hotline centre on the command line.

use std::process::ExitCode;

use clap::Parser as _;
use hotline::commands::{Cli, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// One clear line and an exit code that scripts see.
fn fail(reason: &str) -> ExitCode {
    eprintln!("hotline: {}", reason.replace('\n', " "));
    ExitCode::FAILURE
}
