//! The rules and the settings of the queues on disk, and trying other rules out against what was recorded.
//!
//! The rules that an administrator has changed lie as `routing.json` in the data folder and go before those of the
//! configuration file, until the file is deleted. Which rules are in force the router alone knows; it is told by a command,
//! so that a trace has it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use cti_acd::{
    Acd, Parts,
    config::{AcdConfig, InvalidAcdConfig, ScriptSource},
    script::InvalidScript,
    strategy::{CatalogueEntry, ChosenBy, catalogue},
    tryout,
};
use cti_core::{config::QueueConfig, event::Event, router::InvalidRules};
use hotline_api::routing::{Finding, NamedRule, RoutingError, RoutingRules};
use serde_json::{Value, json};

use crate::{calendar::LiveCalendar, files};

/// The file of the rules that an administrator has changed.
const FILE: &str = "routing.json";
/// The file of the queues that an administrator has opened or whose settings he has changed.
const QUEUES: &str = "queues.json";

/// Reads what was recorded of the last day.
pub type Recorded = Arc<dyn Fn() -> io::Result<Vec<Event>> + Send + Sync>;

/// Returns the rules that are in force in a data folder: those that were changed there, or else the given ones.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read(data: &Path, configured: AcdConfig) -> io::Result<AcdConfig> {
    match fs::read(data.join(FILE)) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{FILE}: {error}"))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(configured),
        Err(error) => Err(error),
    }
}

/// Returns the queues of a data folder: those that were opened or changed there go before the given ones.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn queues(data: &Path, configured: Vec<QueueConfig>) -> io::Result<Vec<QueueConfig>> {
    let mut queues = configured;
    for changed in changed_queues(&data.join(QUEUES))? {
        match queues.iter_mut().find(|it| it.id == changed.id) {
            Some(known) => *known = changed,
            None => queues.push(changed),
        }
    }
    Ok(queues)
}

fn changed_queues(file: &Path) -> io::Result<Vec<QueueConfig>> {
    match fs::read(file) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{QUEUES}: {error}"))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Keeps the events of the last time `span`, counted back from the last of them.
pub fn last_of(events: &mut Vec<Event>, span: Duration) {
    let end = events.last().map(|event| event.at).unwrap_or_default();
    events.retain(|event| end.since(event.at) <= span);
}

/// Where the rules in force are kept, and what others are tried out against.
pub struct Rules {
    file: PathBuf,
    calendar: Arc<LiveCalendar>,
    recorded: Recorded,
    queue_change: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Rules {
    /// Returns the rules of a data folder.
    #[must_use]
    pub fn new(data: &Path, calendar: Arc<LiveCalendar>, recorded: Recorded) -> Self {
        Self { file: data.join(FILE), calendar, recorded, queue_change: Default::default() }
    }
}

#[async_trait]
impl RoutingRules for Rules {
    async fn keep(&self, rules: Value) -> io::Result<()> {
        files::replace(&self.file, &serde_json::to_vec_pretty(&rules)?)
    }

    async fn keep_queue(&self, queue: QueueConfig) -> io::Result<()> {
        let _one = self.queue_change.lock().await;
        let file = self.file.with_file_name(QUEUES);
        let mut queues = changed_queues(&file)?;
        queues.retain(|it| it.id != queue.id);
        queues.push(queue);
        files::replace(&file, &serde_json::to_vec_pretty(&queues)?)
    }

    fn catalogue(&self) -> Vec<NamedRule> {
        let named = |CatalogueEntry { name, chosen_by, description }| NamedRule {
            name,
            chosen_by: match chosen_by {
                ChosenBy::Queue => "queue",
                ChosenBy::Contact => "contact",
                ChosenBy::Centre => "centre",
            }
            .to_owned(),
            words_zh: description.zh,
            words_en: description.en,
        };
        catalogue().into_iter().map(named).collect()
    }

    fn check(&self, rules: &Value) -> Vec<Finding> {
        let config = match AcdConfig::read(rules) {
            Ok(config) => config,
            Err(InvalidRules { field, reason }) => return vec![finding(field, reason)],
        };
        let wrong = |script: &ScriptSource| script.check().err().map(of_script);
        let mut findings: Vec<Finding> = config.scripts.iter().filter_map(wrong).collect();
        let parts = Parts { calendars: self.calendar.calendars(), ..Parts::default() };
        if findings.is_empty()
            && let Err(error) = Acd::with(config, parts)
        {
            findings.push(if let InvalidAcdConfig::Script(error) = error {
                of_script(error)
            } else {
                let InvalidRules { field, reason } = error.into();
                finding(field, reason)
            });
        }
        findings
    }

    async fn try_out(&self, before: Value, after: Value) -> Result<Value, RoutingError> {
        let parts = Parts { calendars: self.calendar.calendars(), ..Parts::default() };
        let recorded = Arc::clone(&self.recorded);
        let compared = tokio::task::spawn_blocking(move || {
            let (before, after) = (AcdConfig::read(&before)?, AcdConfig::read(&after)?);
            let events = recorded()?;
            let compared = tryout::compare(&events, before, after, &parts);
            compared.map_err(|error| TryOutError::Rules(error.into()))
        });
        let compared = compared.await.map_err(io::Error::other)?.map_err(|error| match error {
            TryOutError::Rules(InvalidRules { field, reason }) => {
                RoutingError::Invalid { field, reason }
            }
            TryOutError::Log(error) => RoutingError::Log(error),
        })?;
        Ok(json!({
            "before": compared.before,
            "after": compared.after,
            "table": compared.to_string(),
        }))
    }
}

fn finding(field: String, reason: String) -> Finding {
    Finding { field, reason, script: None, line: None, column: None }
}

fn of_script(error: InvalidScript) -> Finding {
    let known = |place: usize| (place > 0).then_some(place);
    let (script, line, column) = match &error {
        InvalidScript::Syntax { script, line, column, .. }
        | InvalidScript::Fails { script, line, column, .. } => {
            (script, known(*line), known(*column))
        }
        InvalidScript::Name { script, .. }
        | InvalidScript::TooLong { script, .. }
        | InvalidScript::NoFunction { script }
        | InvalidScript::Parameters { script, .. } => (script, None, None),
    };
    let script = Some(script.clone());
    Finding { field: "scripts".to_owned(), reason: error.to_string(), script, line, column }
}

#[derive(Debug)]
enum TryOutError {
    Rules(InvalidRules),
    Log(io::Error),
}

impl From<InvalidRules> for TryOutError {
    fn from(error: InvalidRules) -> Self {
        Self::Rules(error)
    }
}

impl From<io::Error> for TryOutError {
    fn from(error: io::Error) -> Self {
        Self::Log(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(data: &Path) -> Rules {
        let centre = Arc::new(cti_bindings::fake::FakeCentre::default());
        let calendar = LiveCalendar::new(Default::default(), data, centre);
        Rules::new(data, Arc::new(calendar), Arc::new(|| Ok(Vec::new())))
    }

    #[tokio::test]
    async fn changed_rules_are_kept_for_the_next_start() {
        let data = tempfile::tempdir().unwrap();
        let changed = json!({"queues": [{"queue": "general", "strategy": "fewest_calls"}]});
        rules(data.path()).keep(changed).await.unwrap();
        let kept = read(data.path(), AcdConfig::default()).unwrap();
        assert_eq!(kept.queues[0].strategy, "fewest_calls");
        assert!(!data.path().join("routing.json.new").exists());
    }

    #[tokio::test]
    async fn a_queue_that_was_changed_goes_before_the_configured_one_and_a_new_one_beside_it() {
        let data = tempfile::tempdir().unwrap();
        let queue = |id: &str, name: &str| QueueConfig {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(20),
            after_call_work: Duration::ZERO,
        };
        let rules = rules(data.path());
        for (id, name) in [("general", "a"), ("gjj", "b"), ("general", "c")] {
            rules.keep_queue(queue(id, name)).await.unwrap();
        }
        let configured = vec![queue("general", "x"), queue("night", "y")];
        let all = queues(data.path(), configured).unwrap();
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["c", "y", "b"]);
    }

    #[tokio::test]
    async fn rules_that_make_no_sense_are_not_tried_out_and_name_the_field() {
        let data = tempfile::tempdir().unwrap();
        let (before, wrong) =
            (json!({"queues": []}), json!({"queues": [{"queue": "a", "colour": 1}]}));
        let error = rules(data.path()).try_out(before.clone(), wrong).await.unwrap_err();
        assert!(error.to_string().starts_with("queues[0]"), "{error}");
        let tried = rules(data.path()).try_out(before.clone(), before).await.unwrap();
        assert_eq!(tried["before"], tried["after"]);
        assert!(tried["table"].as_str().unwrap().contains("before"));
    }

    #[test]
    fn scripts_that_cannot_run_are_found_with_their_line_and_all_of_them() {
        let data = tempfile::tempdir().unwrap();
        let script = |name: &str, source: &str| json!({ "name": name, "source": source });
        let rules_with = |scripts: Value| json!({ "queues": [], "scripts": scripts });
        let broken = rules_with(json!([
            script("open", "fn agent_key(a) {\n  a.calls +\n}"),
            script("fine", "fn agent_key(a) { a.calls }"),
            script("fails", "fn agent_key(a) {\n  a.colour\n}"),
        ]));
        let found = rules(data.path()).check(&broken);
        let places: Vec<_> = found.iter().map(|it| (it.script.as_deref(), it.line)).collect();
        assert_eq!(places, [(Some("open"), Some(3)), (Some("fails"), Some(2))], "{found:#?}");
        let fine = rules_with(json!([script("fine", "fn agent_key(a) { a.calls }")]));
        assert_eq!(rules(data.path()).check(&fine), []);
        let unknown = json!({"queues": [{"queue": "a", "strategy": "best"}]});
        assert_eq!(rules(data.path()).check(&unknown)[0].field, "queues");
    }

    #[test]
    fn every_strategy_is_listed_with_what_it_does() {
        let data = tempfile::tempdir().unwrap();
        let listed = rules(data.path()).catalogue();
        assert!(listed.iter().any(|it| it.name == "ring_all" && it.chosen_by == "queue"));
        assert!(listed.iter().any(|it| it.name == "ratio" && it.chosen_by == "centre"));
        assert!(listed.iter().all(|it| !it.words_zh.is_empty() && !it.words_en.is_empty()));
    }
}
