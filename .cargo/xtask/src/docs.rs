//! `cargo xtask docs`: the libraries' documentation, with every warning an error.

use crate::{Outcome, process, workspace};

/// Builds the documentation into `target/doc`.
pub(crate) fn run() -> Outcome {
    let mut cargo = workspace::cargo();
    cargo.env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--no-deps",
        "--exclude",
        "xtask",
    ]);
    process::succeed(&mut cargo)
}
