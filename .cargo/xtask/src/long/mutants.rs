//! `cargo xtask long mutants`: plants known faults into a copy of the source, one at a time; each must be found by a test.
//!
//! A fault is a patch in `<crate>/testdata/mutants/NAME.patch`, with what it breaks and who finds it before the diff:
//!
//! ```text
//! # rule: A deadline that is armed again replaces the one before.
//! # caught by: test(arming_again_moves_it)
//! diff --git a/cti-core/src/timers.rs b/cti-core/src/timers.rs
//! ```
//!
//! The copy lies under `target/mutants` and is built there, so that the next run builds only what has changed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command as Process,
};

use crate::{Outcome, clock::Stopwatch, process, workspace};

/// Which faults are planted.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the fault of this name, as its file is called without `.patch`.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only faults of this crate, with or without `cti-`.
    #[arg(long = "crate", value_name = "NAME")]
    package: Option<String>,
}

/// One fault.
#[derive(Debug, PartialEq, Eq)]
struct Mutant {
    name: String,
    package: String,
    patch: PathBuf,
    rule: String,
    caught_by: String,
}

/// What became of a fault.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The test that was to find it, or another of its filter, failed.
    Caught(String),
    /// Only a test that its patch does not name failed.
    CaughtElsewhere(String),
    /// No test of the crate failed.
    Survived,
    /// It cannot be planted, or built.
    Unusable(&'static str),
}

/// What a run of nextest says.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    Passed,
    Failed(String),
    NoTests,
    DoesNotBuild,
}

/// Plants each fault and says which test found it.
///
/// # Errors
/// When one survives or cannot be planted, or tests fail without any.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let watch = Stopwatch::start();
    let mutants = chosen(arguments)?;
    let scratch = workspace::root().join("target/mutants");
    let tree = scratch.join("tree");
    copy_tree(&tree)?;
    healthy(&tree, &mutants)?;
    let mut bad = 0;
    for mutant in &mutants {
        let verdict = judge(&tree, mutant)?;
        copy_tree(&tree)?;
        let (word, test) = match &verdict {
            Verdict::Caught(test) => ("caught", test.as_str()),
            Verdict::CaughtElsewhere(test) => ("caught elsewhere", test.as_str()),
            Verdict::Survived => ("SURVIVED", "no test failed"),
            Verdict::Unusable(why) => ("UNUSABLE", *why),
        };
        bad += u32::from(!matches!(verdict, Verdict::Caught(_)));
        println!("{:<16} {:<40} {test}\n{:<16} {}", word, mutant.name, "", mutant.rule);
    }
    println!(
        "{} faults, {bad} not found as they should be; {:.0} s",
        mutants.len(),
        watch.elapsed().as_secs_f64()
    );
    if bad == 0 {
        Ok(())
    } else {
        Err(format!("{bad} faults were not found as they should be").into())
    }
}

fn judge(tree: &Path, mutant: &Mutant) -> Outcome<Verdict> {
    let mut apply = Process::new("git");
    // The copy lies within the repository, whose paths are not meant.
    apply.current_dir(tree).env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(tree));
    apply.args(["apply", "--whitespace=nowarn"]).arg(&mutant.patch);
    if !apply.output()?.status.success() {
        return Ok(Verdict::Unusable("the patch does not apply"));
    }
    Ok(match nextest(tree, &mutant.package, Some(&mutant.caught_by))? {
        Run::Failed(test) => Verdict::Caught(test),
        Run::DoesNotBuild => Verdict::Unusable("it does not build"),
        Run::NoTests => Verdict::Unusable("its filter names no test"),
        Run::Passed => match nextest(tree, &mutant.package, None)? {
            Run::Failed(test) => Verdict::CaughtElsewhere(test),
            Run::Passed | Run::NoTests => Verdict::Survived,
            Run::DoesNotBuild => Verdict::Unusable("it does not build"),
        },
    })
}

/// Makes sure that the tests that are to find the faults exist and pass without any.
fn healthy(tree: &Path, mutants: &[Mutant]) -> Outcome {
    let mut packages: Vec<&str> = mutants.iter().map(|it| it.package.as_str()).collect();
    packages.dedup();
    for package in packages {
        let filters: Vec<String> = mutants
            .iter()
            .filter(|it| it.package == package)
            .map(|it| format!("({})", it.caught_by))
            .collect();
        match nextest(tree, package, Some(&filters.join(" | ")))? {
            Run::Passed => {}
            Run::Failed(test) => return Err(format!("{test} fails without any fault").into()),
            Run::NoTests => return Err(format!("no filter of {package} names a test").into()),
            Run::DoesNotBuild => return Err(format!("{package} does not build").into()),
        }
    }
    Ok(())
}

fn nextest(tree: &Path, package: &str, filter: Option<&str>) -> Outcome<Run> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", tree.with_file_name("build"));
    cargo.args(["nextest", "run", "--all-features", "--fail-fast", "--package", package]);
    if let Some(filter) = filter {
        cargo.args(["--filterset", filter]);
    }
    println!("$ {}", process::shown(&cargo));
    let output = cargo.output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    // The exit codes that nextest documents.
    match output.status.code() {
        Some(0) => Ok(Run::Passed),
        Some(4) => Ok(Run::NoTests),
        Some(100) => Ok(Run::Failed(failed(&text).unwrap_or_else(|| "a test".to_owned()))),
        Some(101) => {
            let wrong = text.lines().skip_while(|line| !line.starts_with("error"));
            wrong.take(12).for_each(|line| println!("    {line}"));
            Ok(Run::DoesNotBuild)
        }
        _ => Err(format!("`{}`: {text}", process::shown(&cargo)).into()),
    }
}

/// Finds the first line `FAIL [   0.004s] (3/9) cti-core::records a_test` and returns its test.
fn failed(text: &str) -> Option<String> {
    let verdicts = ["FAIL", "TIMEOUT", "ABORT", "SIGABRT", "SIGSEGV", "LEAK-FAIL"];
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| line.split_whitespace().next().is_some_and(|word| verdicts.contains(&word)))?;
    let (_, rest) = line.split_once(']')?;
    let rest = rest.trim();
    let rest = match rest.strip_prefix('(') {
        Some(counted) => counted.split_once(')')?.1,
        None => rest,
    };
    Some(rest.trim().to_owned())
}

fn chosen(arguments: &Arguments) -> Outcome<Vec<Mutant>> {
    let wanted = arguments.package.as_ref().map(|name| match name.strip_prefix("cti-") {
        Some(_) => name.clone(),
        None => format!("cti-{name}"),
    });
    let mut mutants = Vec::new();
    for file in workspace::files()? {
        let Some((package, rest)) = file.split_once("/testdata/mutants/") else { continue };
        let Some(name) = rest.strip_suffix(".patch") else { continue };
        let unwanted = wanted.as_ref().is_some_and(|wanted| wanted != package)
            || arguments.only.as_ref().is_some_and(|only| only != name);
        let patch = workspace::root().join(&file);
        if !unwanted && patch.exists() {
            let text = fs::read_to_string(&patch)?;
            let (rule, caught_by) = header(&text)
                .ok_or_else(|| format!("{file}: begins with `# rule: …` and `# caught by: …`"))?;
            let (name, package) = (name.to_owned(), package.to_owned());
            mutants.push(Mutant { name, package, patch, rule, caught_by });
        }
    }
    mutants.sort_by(|one, two| (&one.package, &one.name).cmp(&(&two.package, &two.name)));
    if mutants.is_empty() { Err("no fault of this name".into()) } else { Ok(mutants) }
}

/// Returns the rule and the filter that stand before the diff.
fn header(text: &str) -> Option<(String, String)> {
    let before = || text.lines().take_while(|line| line.starts_with('#'));
    let value =
        |key| before().find_map(|line| line.strip_prefix(key)).map(|it| it.trim().to_owned());
    Some((value("# rule:")?, value("# caught by:")?))
        .filter(|(rule, by)| !rule.is_empty() && !by.is_empty())
}

/// Makes the copy equal to the repository; files that are equal already keep their times, and what was built of them.
fn copy_tree(tree: &Path) -> Outcome {
    let root = workspace::root();
    for file in workspace::files()? {
        let (from, to) = (root.join(&file), tree.join(&file));
        let original = match fs::read(&from) {
            Ok(bytes) => bytes,
            // It is tracked and was deleted.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                drop(fs::remove_file(&to));
                continue;
            }
            Err(error) => return Err(format!("{}: {error}", from.display()).into()),
        };
        if fs::read(&to).is_ok_and(|copy| copy == original) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&to, original).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{failed, header};

    #[test]
    fn a_patch_says_what_it_breaks_and_who_finds_it_before_the_diff() {
        let text =
            "# rule: Nobody waits.\n# caught by: test(waits)\ndiff --git a/x b/x\n# rule: no";
        let expected = ("Nobody waits.".to_owned(), "test(waits)".to_owned());
        assert_eq!(header(text), Some(expected));
        assert_eq!(
            header("# rule: Nobody waits.\ndiff --git a/x b/x\n# caught by: test(waits)"),
            None
        );
        assert_eq!(header("# rule:\n# caught by: test(waits)\n"), None);
    }

    #[test]
    fn the_test_that_failed_first_is_named() {
        let text =
            "   PASS [   0.1s] (1/3) cti-core a\n  FAIL [   0.004s] (2/3) cti-core::records b::c\n";
        assert_eq!(failed(text).as_deref(), Some("cti-core::records b::c"));
        let text = " TIMEOUT [ 120.004s] cti-core::faults stuck\n";
        assert_eq!(failed(text).as_deref(), Some("cti-core::faults stuck"));
        assert_eq!(failed("all is well"), None);
    }
}
