//! `cargo xtask test`: the one test command, from a clean clone to the last browser test.
//!
//! ```text
//! set up ─ format ─ clippy ─ layers ─ texts ─ tests ─ doc tests ─ examples ─ page ─ end to end
//! ```
//!
//! The first step that fails ends the run. `--quick` leaves out what opens sockets: serving examples, the page's own
//! tests, and the end-to-end tests. The last line printed is the count of tests.

mod examples;
mod layers;
mod page;
mod setup;
mod texts;
mod totals;

use std::{process::Command, time::Duration};

use crate::{Outcome, clock::Stopwatch, process, workspace};
use totals::Totals;

/// Options of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Opens no sockets: leaves out end-to-end, browser and page tests.
    #[arg(long)]
    quick: bool,
}

/// One step: its heading, whether `--quick` keeps it, and what it does.
struct Step {
    name: &'static str,
    quick: bool,
    run: fn(&Run) -> Outcome<Totals>,
}

const STEPS: [Step; 10] = [
    Step {
        name: "set up",
        quick: true,
        run: |run| setup::run(run.quick).map(|()| Totals::default()),
    },
    Step { name: "format", quick: true, run: |run| run.succeed(&["fmt", "--all", "--check"]) },
    Step { name: "clippy", quick: true, run: clippy },
    Step { name: "layers", quick: true, run: |_| layers::run() },
    Step { name: "texts", quick: true, run: |_| texts::run() },
    Step { name: "unit and scenario tests", quick: true, run: unit_tests },
    Step {
        name: "doc tests",
        quick: true,
        run: |run| run.counted(&["test", "--workspace", "--doc"]),
    },
    Step { name: "examples", quick: true, run: |run| examples::run(run.quick) },
    Step { name: "page", quick: false, run: |_| page::run() },
    Step { name: "end to end", quick: false, run: end_to_end },
];

/// What the steps need to know.
struct Run {
    quick: bool,
    nextest: bool,
    /// Whether the page must be built into the binary.
    page: bool,
}

/// Runs all steps; fails with the first one that fails.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let quick = arguments.quick;
    let run = Run {
        quick,
        nextest: process::present("cargo-nextest", &["--version"]),
        page: !quick || setup::node_is_new_enough(),
    };
    let steps = STEPS.iter().filter(|step| step.quick || !quick);
    let (mut totals, mut times, mut failure) = (Totals::default(), Vec::new(), None);
    for (index, step) in steps.enumerate() {
        println!("\n==== {}. {} ====", index + 1, step.name);
        let watch = Stopwatch::start();
        let outcome = (step.run)(&run);
        times.push((step.name, watch.elapsed()));
        match outcome {
            Ok(counted) => totals += counted,
            Err(error) => {
                println!("{error}");
                totals.failed += 1;
            }
        }
        if totals.failed > 0 {
            failure = Some(step.name);
            break;
        }
    }
    report(&times, failure);
    println!("tests: {totals}");
    failure.map_or(Ok(()), |step| Err(format!("step `{step}` failed").into()))
}

fn report(times: &[(&str, Duration)], failure: Option<&str>) {
    println!("\n==== summary ====");
    for (name, took) in times {
        let verdict = if failure == Some(name) { "FAILED" } else { "ok" };
        println!("{name:<26} {:>7.1} s  {verdict}", took.as_secs_f64());
    }
}

fn clippy(run: &Run) -> Outcome<Totals> {
    run.succeed(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn unit_tests(run: &Run) -> Outcome<Totals> {
    if run.nextest {
        run.counted(&["nextest", "run", "--workspace", "--profile", "ci"])
    } else {
        run.counted(&["test", "--workspace", "--lib", "--bins", "--tests", "--", "--skip", "e2e::"])
    }
}

/// The tests whose names begin with `e2e::`, one at a time: they load the machine and look at times. The whole workspace
/// is named, so that what the step before has built is not built again with other features.
fn end_to_end(run: &Run) -> Outcome<Totals> {
    let counted = if run.nextest {
        let arguments = ["nextest", "run", "--workspace", "--profile", "e2e"];
        run.count(run.cargo(&arguments).env("HOTLINE_E2E", "1"))
    } else {
        let arguments = ["test", "--workspace", "--tests", "e2e::", "--", "--test-threads", "1"];
        run.count(run.cargo(&arguments).env("HOTLINE_E2E", "1"))
    }?;
    // The others were run, and counted, two steps before.
    Ok(Totals { skipped: 0, ..counted })
}

impl Run {
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = workspace::cargo();
        command.args(arguments);
        if self.page {
            command.env("HOTLINE_WEB", "required");
        }
        command
    }

    /// Runs cargo for its exit code alone.
    fn succeed(&self, arguments: &[&str]) -> Outcome<Totals> {
        process::succeed(&mut self.cargo(arguments))?;
        Ok(Totals::default())
    }

    /// Runs cargo and counts the tests it reports.
    fn counted(&self, arguments: &[&str]) -> Outcome<Totals> {
        self.count(&mut self.cargo(arguments))
    }

    fn count(&self, command: &mut Command) -> Outcome<Totals> {
        let (good, text) = process::watched(command)?;
        let totals = Totals::parse(&text);
        if good || totals.failed > 0 {
            Ok(totals)
        } else {
            Err("the runner failed before it could count".into())
        }
    }
}
