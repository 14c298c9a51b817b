//! `cargo xtask long fuzz`: the targets of `cti-media/fuzz`, led by coverage.
//!
//! The compiler passes the options of the instrumentation on to LLVM, so a stable one will do; libFuzzer is built with a
//! C++ compiler. Inputs that led somewhere new are kept in `target/fuzz/corpus/TARGET`, what broke a promise in
//! `target/fuzz/found`: put that among the seeds, together with the fix.

use std::{
    env::consts,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Outcome, process, workspace};

/// What libFuzzer needs of the compiler: counters of coverage, the table of places, and what is compared.
const FLAGS: [&str; 10] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
    "-Cdebuginfo=line-tables-only",
];

/// The longest input, in bytes.
const LONGEST: usize = 8192;

/// An input that takes longer than this is a finding, in seconds.
const TIME_OUT: u32 = 5;

/// Options of `cargo xtask long fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long each target is run.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Runs this target alone.
    #[arg(long)]
    target: Option<String>,
}

/// Builds the program once and gives every target its time; fails at the first finding.
///
/// # Errors
/// Names the target, and what libFuzzer printed of the input.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let package = workspace::root().join("cti-media/fuzz");
    let mut targets = names(&package.join("seeds"))?;
    if let Some(only) = &arguments.target {
        targets.retain(|name| name == only);
    }
    if targets.is_empty() {
        return Err("there is no target of that name".into());
    }
    let output = workspace::target().join("fuzz");
    let program = built(&output)?;
    for name in &targets {
        println!("\n==== {name} ====");
        fuzz(&program, &package, &output, name, arguments.seconds)?;
    }
    println!("{} targets for {} s each, no finding", targets.len(), arguments.seconds);
    Ok(())
}

fn built(output: &Path) -> Outcome<PathBuf> {
    // Naming the platform keeps the instrumentation out of build scripts and macros.
    let platform = format!("{}-unknown-linux-gnu", consts::ARCH);
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release", "--package", "cti-media-fuzz", "--bin", "fuzz"]);
    cargo.args(["--features", "coverage", "--target", &platform]).arg("--target-dir").arg(output);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    process::succeed(&mut cargo)?;
    Ok(output.join(platform).join("release/fuzz"))
}

fn fuzz(program: &Path, package: &Path, output: &Path, name: &str, seconds: u64) -> Outcome {
    let (corpus, found) = (output.join("corpus").join(name), output.join("found"));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let mut fuzz = Command::new(program);
    fuzz.env("CTI_FUZZ_TARGET", name).arg(&corpus).arg(package.join("seeds").join(name));
    fuzz.args([format!("-max_total_time={seconds}"), format!("-max_len={LONGEST}")]);
    fuzz.args([format!("-timeout={TIME_OUT}"), String::from("-print_final_stats=1")]);
    fuzz.arg(format!("-artifact_prefix={}/{name}-", found.display()));
    let family = name.split('-').next().unwrap_or(name);
    let dictionary = package.join("dictionaries").join(format!("{family}.dict"));
    if dictionary.exists() {
        fuzz.arg(format!("-dict={}", dictionary.display()));
    }
    let (good, _) = process::watched(&mut fuzz)?;
    if good { Ok(()) } else { Err(format!("{name}: see {}", found.display()).into()) }
}

/// The folders of seeds, which are named as the targets.
fn names(folder: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
