//! `hotline flow`: checks, tries and converts flows that lie in files.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use cti_core::{
    calendar::{Calendars, Holidays},
    time::Timestamp,
};
use cti_ivr::{
    flow::{Flow, FlowSet, InvalidFlow, Severity, from_yaml},
    table::Table,
    testkit::{
        paths::{Attempts, walk},
        suite::Suite,
    },
};

use crate::{assets, server::StartError, tables::Tables};

#[derive(Clone, Debug, Args)]
pub(super) struct FlowArgs {
    #[command(subcommand)]
    command: FlowCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum FlowCommand {
    /// Says what is wrong with flows, one line per finding: file, line, node, field, reason, code.
    Check {
        /// Flow documents (`.json`, `.yaml`), or folders of them; those that use each other together.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        around: Around,
    },
    /// Runs scripted callers (`cti.flow-tests/1`) and says which step went otherwise.
    Test {
        /// The scripted callers.
        #[arg(value_name = "TESTS")]
        tests: PathBuf,
        /// The flows they call: documents or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        around: Around,
    },
    /// Walks every way through flows and says which outlets are on none.
    Coverage {
        /// Flow documents or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        around: Around,
    },
    /// Reads a flow as JSON or YAML, checks it, and writes it as JSON to standard output.
    Import {
        /// The flow.
        file: PathBuf,
    },
    /// Writes a flow as JSON to standard output, without its picture if wanted.
    Export {
        /// The flow.
        file: PathBuf,
        /// Leaves out where the editor draws the nodes.
        #[arg(long)]
        without_view: bool,
    },
}

/// What flows refer to.
#[derive(Clone, Debug, Args)]
struct Around {
    /// The folder of `schedules.json` and `holidays-cn.json`; the built-in ones when absent.
    #[arg(long, value_name = "DIR")]
    calendar: Option<PathBuf>,
    /// The folder of tables; the built-in ones when absent.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
}

pub(super) fn run(args: &FlowArgs, out: &mut impl io::Write) -> Result<(), StartError> {
    match &args.command {
        FlowCommand::Check { files, around } => check(&documents(files)?, around, out),
        FlowCommand::Test { tests, files, around } => test(tests, files, around, out),
        FlowCommand::Coverage { files, around } => coverage(files, around, out),
        FlowCommand::Import { file } => {
            let text = read(file)?;
            Flow::parse(&text).map_err(|invalid| lines(file, &text, &invalid).join("; "))?;
            writeln!(out, "{}", text.trim_end())?;
            Ok(())
        }
        FlowCommand::Export { file, without_view } => {
            let mut document: serde_json::Value = serde_json::from_str(&read(file)?)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            if *without_view && let Some(fields) = document.as_object_mut() {
                fields.remove("view");
            }
            writeln!(out, "{}", serde_json::to_string_pretty(&document)?)?;
            Ok(())
        }
    }
}

/// Documents by their file.
type Documents = BTreeMap<PathBuf, String>;

fn check(
    documents: &Documents,
    around: &Around,
    out: &mut impl io::Write,
) -> Result<(), StartError> {
    let calendars = around.calendars()?;
    let mut flows = Vec::new();
    let (mut errors, mut warnings) = (0, 0);
    for (file, text) in documents {
        match Flow::parse(text) {
            Ok(flow) => {
                for finding in flow.warnings() {
                    warnings += 1;
                    writeln!(
                        out,
                        "{}: warning: {finding}",
                        at(file, text, finding.node.as_deref())
                    )?;
                }
                for schedule in flow.uses().schedules {
                    if calendars.get(&schedule).is_none() {
                        errors += 1;
                        let name = file.display();
                        writeln!(out, "{name}: there is no schedule named {schedule}")?;
                    }
                }
                flows.push(flow);
            }
            Err(invalid) => {
                for line in lines(file, text, &invalid) {
                    writeln!(out, "{line}")?;
                }
                errors += invalid.findings.len();
            }
        }
    }
    if errors == 0
        && let Err(invalid) = FlowSet::new(flows)
    {
        for finding in &invalid.findings {
            writeln!(out, "{}: {finding}", invalid.name)?;
        }
        errors += invalid.findings.len();
    }
    writeln!(out, "{} flows, {errors} errors, {warnings} warnings", documents.len())?;
    if errors > 0 { Err(format!("{errors} errors").into()) } else { Ok(()) }
}

fn test(
    tests: &Path,
    files: &[PathBuf],
    around: &Around,
    out: &mut impl io::Write,
) -> Result<(), StartError> {
    let name = tests.display();
    let text = fs::read_to_string(tests).map_err(|error| format!("{name}: {error}"))?;
    let suite = Suite::parse(&text).map_err(|error| format!("{name}: {error}"))?;
    let flows = set(files)?;
    let report = suite
        .run(&flows, &around.calendars()?, &around.tables()?)
        .map_err(|error| format!("{name}: {error}"))?;
    for outcome in &report.outcomes {
        match &outcome.failure {
            None => writeln!(out, "ok      {}", outcome.name)?,
            Some(failure) => {
                let step = failure.split(": ").next().unwrap_or_default();
                let place = line_of(&text, step).map_or(String::new(), |line| format!(":{line}"));
                writeln!(out, "FAILED  {}\n        {name}{place}: {failure}", outcome.name)?;
            }
        }
    }
    for (flow, outlets) in &report.not_walked {
        for (node, outlet) in outlets {
            writeln!(out, "not walked: flow {flow} node {node} outlet {outlet}")?;
        }
    }
    match report.failures() {
        0 => Ok(()),
        failures => Err(format!("{failures} of {} tests failed", report.outcomes.len()).into()),
    }
}

fn coverage(
    files: &[PathBuf],
    around: &Around,
    out: &mut impl io::Write,
) -> Result<(), StartError> {
    let flows = set(files)?;
    let calendars = around.calendars()?;
    let rows = around
        .tables()?
        .into_iter()
        .map(|(name, table)| (name, table.rows().take(3).collect()))
        .collect();
    let attempts = Attempts { moments: moments(), rows, ..Attempts::default() };
    let mut missed = 0;
    for flow in flows.iter() {
        let found = walk(&flows, &calendars, flow.id(), &attempts)?;
        let (walked, open) = (found.walked.len(), found.not_walked.len());
        let cut = if found.cut_short { ", cut short" } else { "" };
        writeln!(out, "flow {}: {walked} outlets walked, {open} not{cut}", flow.id())?;
        for edge in &found.not_walked {
            writeln!(out, "  not walked: node {} outlet {}", edge.node, edge.outlet)?;
        }
        missed += open;
    }
    if missed > 0 { Err(format!("{missed} outlets are on no way").into()) } else { Ok(()) }
}

/// Two weeks in steps of three hours from a Thursday before the National Day: schedules say all they can.
fn moments() -> Vec<Timestamp> {
    let begin = 1_790_812_800;
    (0..14 * 8).map(|step| Timestamp::from_secs(begin + step * 3 * 3600)).collect()
}

impl Around {
    fn calendars(&self) -> Result<Calendars, StartError> {
        let read = |name: &str| match &self.calendar {
            Some(folder) => {
                let path = folder.join(name);
                fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
            }
            None => assets::calendar(name),
        };
        let holidays = Holidays::parse("holidays-cn.json", &read("holidays-cn.json")?)?;
        Ok(Calendars::parse("schedules.json", &read("schedules.json")?, holidays)?)
    }

    fn tables(&self) -> Result<BTreeMap<String, Table>, StartError> {
        match &self.tables {
            Some(folder) => Ok(Tables::load(folder)?.all().clone()),
            None => Ok(assets::tables()
                .map(|(name, text)| Ok((name.clone(), Table::parse(&name, text)?)))
                .collect::<Result<_, cti_ivr::table::InvalidTable>>()?),
        }
    }
}

/// Reads documents, those of a folder too; YAML becomes JSON.
fn documents(files: &[PathBuf]) -> Result<Documents, StartError> {
    let mut documents = Documents::new();
    for file in files {
        if file.is_dir() {
            let failed = |error: io::Error| format!("{}: {error}", file.display());
            for entry in fs::read_dir(file).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml") {
                    documents.insert(path.clone(), read(&path)?);
                }
            }
        } else {
            documents.insert(file.clone(), read(file)?);
        }
    }
    Ok(documents)
}

fn read(file: &Path) -> Result<String, StartError> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    if file.extension().is_some_and(|it| it == "yaml" || it == "yml") {
        return Ok(from_yaml(&text).map_err(|error| format!("{name}: {error}"))?);
    }
    Ok(text)
}

fn set(files: &[PathBuf]) -> Result<FlowSet, StartError> {
    let documents = documents(files)?;
    let flows = documents.iter().map(|(file, text)| {
        Flow::parse(text).map_err(|invalid| lines(file, text, &invalid).join("; "))
    });
    Ok(FlowSet::new(flows.collect::<Result<Vec<_>, _>>()?)?)
}

/// Returns one line per finding.
fn lines(file: &Path, text: &str, invalid: &InvalidFlow) -> Vec<String> {
    let worded = |finding: &cti_ivr::flow::Finding| {
        let kind = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("{}: {kind}: {finding}", at(file, text, finding.node.as_deref()))
    };
    invalid.findings.iter().map(worded).collect()
}

/// Returns where a node is defined, as `file:line`.
fn at(file: &Path, text: &str, node: Option<&str>) -> String {
    let line = node.and_then(|node| {
        let key = format!("\"{node}\"");
        text.lines().position(|line| {
            line.trim_start()
                .strip_prefix(key.as_str())
                .is_some_and(|rest| rest.trim_start().starts_with(':') && rest.contains('{'))
        })
    });
    match line {
        Some(line) => format!("{}:{}", file.display(), line + 1),
        None => file.display().to_string(),
    }
}

/// Returns the line of a file that holds a step.
fn line_of(text: &str, step: &str) -> Option<usize> {
    text.lines().position(|line| line.contains(step)).map(|line| line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows")
    }

    fn said(command: FlowCommand) -> (String, Result<(), String>) {
        let mut out = Vec::new();
        let result = run(&FlowArgs { command }, &mut out).map_err(|error| error.to_string());
        (String::from_utf8(out).unwrap(), result)
    }

    fn around() -> Around {
        Around { calendar: None, tables: None }
    }

    #[test]
    fn the_shipped_flows_pass_the_check() {
        let (text, result) = said(FlowCommand::Check { files: vec![folder()], around: around() });
        assert_eq!(result, Ok(()), "{text}");
        assert!(text.contains("0 errors"), "{text}");
    }

    #[test]
    fn a_finding_names_file_line_node_and_reason() {
        let broken = tempfile::NamedTempFile::with_suffix(".json").unwrap();
        let document = r#"{
  "schema": "cti.flow/1", "id": "x", "kind": "inbound", "name": "X", "entry": "a",
  "nodes": {
    "a": { "type": "play", "prompt": ["welcome"], "out": { "next": "gone" } },
    "b": { "type": "hangup" }
  }
}"#;
        fs::write(broken.path(), document).unwrap();
        let files = vec![broken.path().to_owned()];
        let (text, result) = said(FlowCommand::Check { files, around: around() });
        assert!(result.is_err());
        let place = format!("{}:4: error: node a: ", broken.path().display());
        assert!(text.contains(&place) && text.contains("[dangling-target]"), "{text}");
    }

    #[test]
    fn scripted_callers_are_run_and_the_step_that_went_otherwise_has_its_line() {
        let tests = tempfile::NamedTempFile::with_suffix(".json").unwrap();
        let suite = r#"{"schema": "cti.flow-tests/1", "tests": [
  {"name": "good", "flow": "satisfaction", "script": ["expect play satisfaction", "press 1"]},
  {"name": "bad", "flow": "satisfaction", "script": [
    "expect play nonsense"]}
]}"#;
        fs::write(tests.path(), suite).unwrap();
        let (text, result) = said(FlowCommand::Test {
            tests: tests.path().to_owned(),
            files: vec![folder()],
            around: around(),
        });
        assert_eq!(result, Err("1 of 2 tests failed".to_owned()), "{text}");
        let place = format!("{}:4: expect play nonsense", tests.path().display());
        assert!(text.contains("ok      good") && text.contains(&place), "{text}");
        assert!(text.contains("not walked: flow satisfaction node rate"), "{text}");
    }

    #[test]
    fn yaml_becomes_json_and_the_picture_can_be_left_out() {
        let yaml = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
        let text = "schema: cti.flow/1\nid: x\nkind: inbound\nname: X\nentry: a\nnodes:\n  a:\n    type: hangup\nview:\n  a: {x: 1}\n";
        fs::write(yaml.path(), text).unwrap();
        let (json, result) = said(FlowCommand::Import { file: yaml.path().to_owned() });
        assert_eq!(result, Ok(()));
        assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["view"].is_object());
        let file = yaml.path().to_owned();
        let (json, _) = said(FlowCommand::Export { file, without_view: true });
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(document["view"].is_null() && document["id"] == "x");
    }
}
