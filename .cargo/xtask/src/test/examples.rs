//! The single-file examples: each one is run, as its header tells a reader to.
//!
//! An example ends by itself within a minute and with exit code 0. One that serves until it is stopped is named under
//! `[package.metadata.xtask] serve = ["…"]` in `examples/Cargo.toml`; it must still be running after two seconds.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde::Deserialize;

use super::totals::Totals;
use crate::{Outcome, clock::Stopwatch, process, workspace};

const PACKAGE: &str = "cti-examples";
const TIME_TO_END: Duration = Duration::from_secs(60);
const TIME_TO_SERVE: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
    #[serde(default)]
    metadata: Option<Extra>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Extra {
    #[serde(default)]
    xtask: Serving,
}

#[derive(Debug, Default, Deserialize)]
struct Serving {
    serve: Vec<String>,
}

/// Builds all examples and runs them; with `quick` those that serve are left out.
///
/// # Errors
/// Names the example that failed or ran out of time.
pub(crate) fn run(quick: bool) -> Outcome<Totals> {
    let mut metadata = workspace::cargo();
    let text = process::output(metadata.args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&text)?;
    let package = metadata.packages.into_iter().find(|package| package.name == PACKAGE);
    let package = package.ok_or_else(|| format!("no package {PACKAGE} in the workspace"))?;
    let serving = package.metadata.unwrap_or_default().xtask.serve;
    process::succeed(workspace::cargo().args(["build", "--package", PACKAGE, "--examples"]))?;

    let mut totals = Totals::default();
    for target in package
        .targets
        .into_iter()
        .filter(|target| target.kind.iter().any(|kind| kind == "example"))
    {
        let mut command = workspace::cargo();
        command.args(["run", "--quiet", "--package", PACKAGE, "--example", &target.name]);
        if !serving.contains(&target.name) {
            ends(&target.name, &mut command)?;
        } else if quick {
            totals.skipped += 1;
            continue;
        } else {
            serves(&target.name, &mut command)?;
        }
        totals.passed += 1;
    }
    Ok(totals)
}

fn ends(name: &str, command: &mut Command) -> Outcome {
    println!("$ {}", process::shown(command));
    let mut child = command.stdin(Stdio::null()).spawn()?;
    let watch = Stopwatch::start();
    while watch.elapsed() < TIME_TO_END {
        if let Some(status) = child.try_wait()? {
            return if status.success() {
                Ok(())
            } else {
                Err(format!("example {name}: {status}").into())
            };
        }
        thread::sleep(Duration::from_millis(20));
    }
    stop(&mut child)?;
    Err(format!("example {name} did not end within {} s", TIME_TO_END.as_secs()).into())
}

fn serves(name: &str, command: &mut Command) -> Outcome {
    println!("$ {}", process::shown(command));
    let mut child = command.stdin(Stdio::null()).spawn()?;
    thread::sleep(TIME_TO_SERVE);
    if let Some(status) = child.try_wait()? {
        return Err(format!(
            "example {name} should serve until it is stopped, but ended: {status}"
        )
        .into());
    }
    stop(&mut child)
}

/// `cargo run` replaces itself by the example, so this ends the example.
fn stop(child: &mut Child) -> Outcome {
    child.kill()?;
    child.wait()?;
    Ok(())
}
