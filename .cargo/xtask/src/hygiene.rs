//! `cargo xtask hygiene`: licences, advisories, spelling and unused dependencies.
//!
//! The tools are not part of a Rust installation, so this is a command of its own and not a step of `test`.

use std::process::Command;

use crate::{Outcome, process, workspace};

/// Runs cargo-deny, typos and cargo-shear.
///
/// # Errors
/// Names the tools that are not installed, and what the others found.
pub(crate) fn run() -> Outcome {
    let tools: [(&str, &[&str]); 3] = [
        ("cargo-deny", &["--config", ".cargo/deny.toml", "check", "bans", "licenses", "sources"]),
        ("typos", &["--config", ".typos.toml"]),
        ("cargo-shear", &[]),
    ];
    let mut faults = Vec::new();
    for (tool, arguments) in tools {
        if !process::present(tool, &["--version"]) {
            faults.push(format!("{tool} is not installed"));
        } else if let Err(error) =
            process::succeed(Command::new(tool).args(arguments).current_dir(workspace::root()))
        {
            faults.push(error.to_string());
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}
