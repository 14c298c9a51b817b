//! The rules of the queues while the hotline serves: read from a file, changed by an administrator, in force at once.
//!
//! The rules that an administrator has changed lie as `routing.json` in the data folder and go before those of the
//! configuration file, until the file is deleted.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use cti_acd::{Acd, config::AcdConfig};
use cti_bindings::centre::Centre;
use cti_core::{
    command::Command,
    event::Event,
    id::{ContactId, QueueId},
    router::{Explanation, Proposal, Router},
    time::Timestamp,
};
use hotline_api::routing::{RoutingError, RoutingRules};
use serde_json::Value;

/// The file of the rules that an administrator has changed.
const FILE: &str = "routing.json";

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

/// A router whose rules can be changed while the Center asks it.
#[derive(Clone, Debug)]
pub struct LiveRouter(Arc<Mutex<Acd>>);

impl LiveRouter {
    /// Returns the router, to be given to a Center; a clone changes its rules.
    #[must_use]
    pub fn new(acd: Acd) -> Self {
        Self(Arc::new(Mutex::new(acd)))
    }

    fn acd(&self) -> MutexGuard<'_, Acd> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Router for LiveRouter {
    fn apply(&mut self, event: &Event) {
        self.acd().apply(event);
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        self.acd().propose(now)
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.acd().poll_timeout()
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.acd().position(contact)
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.acd().expected_wait(contact, now)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.acd().explain(contact, now)
    }

    fn snapshot(&self) -> Value {
        self.acd().snapshot()
    }

    fn restore(&mut self, snapshot: Value) -> Result<(), serde_json::Error> {
        self.acd().restore(snapshot)
    }
}

/// The rules in force, and where they are kept.
pub struct Rules {
    router: LiveRouter,
    queues: BTreeSet<QueueId>,
    file: PathBuf,
    config: Mutex<AcdConfig>,
    centre: OnceLock<Arc<dyn Centre>>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Rules {
    /// Returns the rules of a router, which are `config` now; only these queues can be given rules.
    #[must_use]
    pub fn new(
        router: LiveRouter,
        config: AcdConfig,
        queues: BTreeSet<QueueId>,
        data: &Path,
    ) -> Self {
        let (file, config) = (data.join(FILE), Mutex::new(config));
        Self { router, queues, file, config, centre: OnceLock::new() }
    }

    /// Tells which Center asks the router, to be woken by a change.
    pub fn wake(&self, centre: Arc<dyn Centre>) {
        let _ = self.centre.set(centre);
    }

    fn config(&self) -> MutexGuard<'_, AcdConfig> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, config: AcdConfig) -> Result<(), RoutingError> {
        if let Some(rules) = config.queues.iter().find(|it| !self.queues.contains(&it.queue)) {
            let reason = format!("there is no queue {}", rules.queue);
            return Err(RoutingError::Invalid { field: "queues".to_owned(), reason });
        }
        let text = serde_json::to_vec_pretty(&config).map_err(io::Error::other)?;
        let draft = self.file.with_extension("json.new");
        let mut known = self.config();
        fs::write(&draft, text)?;
        fs::File::open(&draft)?.sync_all()?;
        if let Err(error) = self.router.acd().reconfigure(config.clone()) {
            fs::remove_file(&draft)?;
            let (field, reason) = ("rules".to_owned(), error.to_string());
            return Err(RoutingError::Invalid { field, reason });
        }
        fs::rename(&draft, &self.file)?;
        *known = config;
        Ok(())
    }
}

#[async_trait]
impl RoutingRules for Rules {
    fn current(&self) -> Value {
        serde_json::to_value(&*self.config()).unwrap_or_default()
    }

    async fn replace(&self, rules: Value) -> Result<(), RoutingError> {
        let config = serde_path_to_error::deserialize(rules).map_err(|error| {
            let field = error.path().to_string();
            RoutingError::Invalid { field, reason: error.into_inner().to_string() }
        })?;
        self.take(config)?;
        if let Some(centre) = self.centre.get() {
            // A question to the Center, whatever its answer, has it ask the router again.
            let _ = centre.request(Command::Explain { contact: ContactId(0) }).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(data: &Path) -> Rules {
        let config = AcdConfig::default();
        let router = LiveRouter::new(Acd::new(config.clone()).unwrap());
        Rules::new(router, config, BTreeSet::from(["general".parse().unwrap()]), data)
    }

    #[tokio::test]
    async fn changed_rules_are_in_force_and_kept_for_the_next_start() {
        let data = tempfile::tempdir().unwrap();
        let rules = rules(data.path());
        let mut wanted = rules.current();
        wanted["queues"] = serde_json::json!([{"queue": "general", "strategy": "fewest_calls"}]);
        rules.replace(wanted).await.unwrap();
        assert_eq!(rules.current()["queues"][0]["strategy"], "fewest_calls");
        let kept = read(data.path(), AcdConfig::default()).unwrap();
        assert_eq!(kept.queues[0].strategy, "fewest_calls");
    }

    #[tokio::test]
    async fn wrong_rules_name_the_reason_and_change_nothing() {
        let data = tempfile::tempdir().unwrap();
        let rules = rules(data.path());
        let before = rules.current();
        let wrong = [
            (serde_json::json!({"queues": [{"queue": "general", "colour": 1}]}), "colour"),
            (serde_json::json!({"queues": [{"queue": "nowhere"}]}), "there is no queue nowhere"),
            (
                serde_json::json!({"queues": [{"queue": "general", "strategy": "best"}]}),
                "no strategy named best",
            ),
        ];
        for (document, reason) in wrong {
            let error = rules.replace(document.clone()).await.unwrap_err().to_string();
            assert!(error.contains(reason), "{document}: {error}");
        }
        assert_eq!(rules.current(), before);
        assert!(!data.path().join(FILE).exists());
        assert!(!data.path().join("routing.json.new").exists());
    }
}
