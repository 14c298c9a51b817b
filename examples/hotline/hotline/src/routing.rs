//! The rules of the queues on disk, and trying others out against what was recorded.
//!
//! The rules that an administrator has changed lie as `routing.json` in the data folder and go before those of the
//! configuration file, until the file is deleted. Which rules are in force the router alone knows; it is told by a command,
//! so that a trace has it.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use cti_acd::{Parts, config::AcdConfig, tryout};
use cti_core::{calendar::Calendars, event::Event, router::InvalidRules};
use hotline_api::routing::{RoutingError, RoutingRules};
use serde_json::{Value, json};

/// The file of the rules that an administrator has changed.
const FILE: &str = "routing.json";

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

/// Where the rules in force are kept, and what others are tried out against.
pub struct Rules {
    file: PathBuf,
    calendars: Calendars,
    recorded: Recorded,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Rules {
    /// Returns the rules of a data folder.
    #[must_use]
    pub fn new(data: &Path, calendars: Calendars, recorded: Recorded) -> Self {
        Self { file: data.join(FILE), calendars, recorded }
    }
}

#[async_trait]
impl RoutingRules for Rules {
    async fn keep(&self, rules: Value) -> io::Result<()> {
        let draft = self.file.with_extension("json.new");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(&rules)?)?;
        file.sync_all()?;
        fs::rename(&draft, &self.file)
    }

    async fn try_out(&self, before: Value, after: Value) -> Result<Value, RoutingError> {
        let parts = Parts { calendars: self.calendars.clone(), ..Parts::default() };
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
        Rules::new(data, Calendars::default(), Arc::new(|| Ok(Vec::new())))
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
}
