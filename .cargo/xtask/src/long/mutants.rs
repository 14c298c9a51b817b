//! `cargo xtask long mutants`: plants known faults into a copy of the source, one at a time; each must be found by a test.
//!
//! A fault is a patch in `<crate>/testdata/mutants/NAME.patch`. Before the diff it says what it breaks, what of the crate
//! is built to find it, and which test finds it there:
//!
//! ```text
//! # rule: A deadline that is armed again replaces the one before.
//! # target: --lib
//! # caught by: test(arming_again_moves_it)
//! --- a/cti-core/src/timers.rs
//! +++ b/cti-core/src/timers.rs
//! ```
//!
//! The copy lies under `target/mutants` and is built there, so that each fault costs one build of its crate and of one
//! file of tests. Whether every patch still fits the source is an ordinary test of this crate.

use std::{
    collections::BTreeSet,
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
    header: Header,
}

/// What stands before the diff.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Header {
    /// What the fault breaks.
    rule: String,
    /// What cargo builds to find it: `--lib`, or `--test NAME`.
    target: String,
    /// Which tests of that are to find it, as nextest selects them.
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
        // One run that was broken off from outside costs one verdict, and not all of them.
        let verdict = judge(&tree, mutant).unwrap_or_else(|error| {
            println!("{error}");
            Verdict::Unusable("its tests could not be run")
        });
        copy_tree(&tree)?;
        let (word, test) = match &verdict {
            Verdict::Caught(test) => ("caught", test.as_str()),
            Verdict::CaughtElsewhere(test) => ("caught elsewhere", test.as_str()),
            Verdict::Survived => ("SURVIVED", "no test failed"),
            Verdict::Unusable(why) => ("UNUSABLE", *why),
        };
        bad += u32::from(!matches!(verdict, Verdict::Caught(_)));
        println!("{:<16} {:<44} {test}\n{:<16} {}", word, mutant.name, "", mutant.header.rule);
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
    let Header { target, caught_by, .. } = &mutant.header;
    Ok(match nextest(tree, &mutant.package, &[target], Some(caught_by))? {
        Run::Failed(test) => Verdict::Caught(test),
        Run::DoesNotBuild => Verdict::Unusable("it does not build"),
        Run::NoTests => Verdict::Unusable("its filter names no test"),
        Run::Passed => match nextest(tree, &mutant.package, &[], None)? {
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
        let headers = || mutants.iter().filter(|it| it.package == package).map(|it| &it.header);
        let targets: BTreeSet<&str> = headers().map(|it| it.target.as_str()).collect();
        let targets: Vec<&str> = targets.into_iter().collect();
        let filters: Vec<String> = headers().map(|it| format!("({})", it.caught_by)).collect();
        match nextest(tree, package, &targets, Some(&filters.join(" | ")))? {
            Run::Passed => {}
            Run::Failed(test) => return Err(format!("{test} fails without any fault").into()),
            Run::NoTests => return Err(format!("no filter of {package} names a test").into()),
            Run::DoesNotBuild => return Err(format!("{package} does not build").into()),
        }
    }
    Ok(())
}

/// Runs tests of the copy: all of a package, or those of some targets.
fn nextest(tree: &Path, package: &str, targets: &[&str], filter: Option<&str>) -> Outcome<Run> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", tree.with_file_name("build"));
    cargo.args(["nextest", "run", "--all-features", "--fail-fast", "--package", package]);
    cargo.args(targets.iter().flat_map(|target| target.split_whitespace()));
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
            let header = header(&fs::read_to_string(&patch)?).ok_or_else(|| {
                format!("{file}: begins with `# rule: …`, `# target: …` and `# caught by: …`")
            })?;
            let (name, package) = (name.to_owned(), package.to_owned());
            mutants.push(Mutant { name, package, patch, header });
        }
    }
    mutants.sort_by(|one, two| (&one.package, &one.name).cmp(&(&two.package, &two.name)));
    if mutants.is_empty() { Err("no fault of this name".into()) } else { Ok(mutants) }
}

/// Reads what stands before the diff.
fn header(text: &str) -> Option<Header> {
    let before = || text.lines().take_while(|line| line.starts_with('#'));
    let value = |key| {
        let found = before().find_map(|line| line.strip_prefix(key));
        found.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
    };
    Some(Header {
        rule: value("# rule:")?,
        target: value("# target:")?,
        caught_by: value("# caught by:")?,
    })
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
    use std::{collections::BTreeMap, fs, path::Path, process::Command as Process};

    use super::{Arguments, Header, Mutant, chosen, failed, header};
    use crate::workspace;

    #[test]
    fn a_patch_says_what_it_breaks_and_who_finds_it_before_the_diff() {
        let text = "# rule: Nobody waits.\n# target: --test queues\n# caught by: test(waits)\n\
                    --- a/x\n# rule: no";
        let expected = Header {
            rule: "Nobody waits.".to_owned(),
            target: "--test queues".to_owned(),
            caught_by: "test(waits)".to_owned(),
        };
        assert_eq!(header(text), Some(expected));
        assert_eq!(header("# rule: Nobody waits.\n# target: --lib\n--- a/x\n"), None);
        assert_eq!(header("# rule:\n# target: --lib\n# caught by: test(waits)\n"), None);
    }

    fn all() -> Vec<Mutant> {
        chosen(&Arguments { only: None, package: None }).expect("each patch has its header")
    }

    #[test]
    fn every_fault_can_be_planted_in_the_present_source() {
        let stale: Vec<String> = all()
            .into_iter()
            .filter_map(|mutant| {
                let mut apply = Process::new("git");
                apply.current_dir(workspace::root()).args(["apply", "--check"]).arg(&mutant.patch);
                let output = apply.output().expect("git is there");
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                (!output.status.success()).then(|| format!("{}: {why}", mutant.name))
            })
            .collect();
        assert!(stale.is_empty(), "make these patches again:\n{}", stale.join("\n"));
    }

    /// Reads the sources that a target is built of.
    fn sources(package: &Path, target: &str) -> String {
        let Some(name) = target.strip_prefix("--test ") else {
            assert_eq!(target, "--lib");
            return read_all(&package.join("src"));
        };
        let file = package.join("tests").join(format!("{name}.rs"));
        let folder = package.join("tests").join(name);
        let text = fs::read_to_string(file).unwrap_or_default() + &read_all(&folder);
        assert!(!text.is_empty(), "{} has no tests named {name}", package.display());
        text
    }

    fn read_all(folder: &Path) -> String {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("it can be listed").path()).fold(
            String::new(),
            |text, path| match path.is_dir() {
                true => text + &read_all(&path),
                false => text + &fs::read_to_string(&path).expect("it can be read"),
            },
        )
    }

    #[test]
    fn every_test_that_is_to_find_a_fault_is_there() {
        let mut texts: BTreeMap<(String, String), String> = BTreeMap::new();
        for Mutant { name, package, header, .. } in all() {
            let key = (package.clone(), header.target.clone());
            let folder = workspace::root().join(&package);
            let text = texts.entry(key).or_insert_with(|| sources(&folder, &header.target));
            let named = header.caught_by.split("test(").skip(1);
            let tests: Vec<&str> = named.filter_map(|rest| rest.split(')').next()).collect();
            assert!(!tests.is_empty(), "{name} names no test");
            for test in tests {
                assert!(text.contains(&format!("fn {test}(")), "{name}: there is no test {test}");
            }
        }
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
