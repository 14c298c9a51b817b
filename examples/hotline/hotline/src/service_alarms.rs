//! Alarms of services outside: raised when one fails, cleared when it works again.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use cti_bindings::centre::Centre;
use cti_core::{command::Command, event::AlarmKind};
use tokio::sync::mpsc;

use crate::modules::Membership;

/// Failures and recoveries that wait to be told.
const TOLD: usize = 256;

/// Says that a service of this name fails (`true`), or works again.
pub type Tell = mpsc::Sender<(String, bool)>;

/// What services tell, until somebody makes alarms of it.
#[derive(Debug, Default)]
pub struct Told(Mutex<Option<mpsc::Receiver<(String, bool)>>>);

impl Told {
    /// Returns what services tell, and by what they tell it.
    #[must_use]
    pub fn new() -> (Tell, Self) {
        let (tell, told) = mpsc::channel(TOLD);
        (tell, Self(Mutex::new(Some(told))))
    }

    /// Returns what is told, once.
    pub fn take(&self) -> Option<mpsc::Receiver<(String, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Raises an alarm of this kind for each service that fails, and clears it when it works; those that stood when the
    /// program ended begin anew. The module that the services belong to tells which of them fail.
    pub fn watch(
        &self,
        centre: Arc<dyn Centre>,
        stood: Vec<String>,
        kind: impl Fn(String) -> AlarmKind + Send + 'static,
        module: Option<Membership>,
    ) {
        let Some(mut told) = self.take() else { return };
        tokio::spawn(async move {
            let mut failing = BTreeSet::new();
            for name in stood {
                // An alarm that is over already is not cleared twice.
                let over = Command::SetAlarm { kind: kind(name), stands: false };
                let _ = centre.request(over).await;
            }
            while let Some((name, stands)) = told.recv().await {
                if stands {
                    failing.insert(name.clone());
                } else {
                    failing.remove(&name);
                }
                if let Some(module) = &module {
                    let names = failing.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                    module.tell(Some(names).filter(|names| !names.is_empty()));
                }
                let _ = centre.request(Command::SetAlarm { kind: kind(name), stands }).await;
            }
        });
    }
}
