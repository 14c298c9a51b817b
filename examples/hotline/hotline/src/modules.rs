//! The modules of the centre: each registers, says how it is, and is missed when it ends.
//!
//! A module that fails or ends raises an alarm, which is cleared when it works again. One whose end ends the centre
//! itself (signalling, voice, the Center) ends the process instead, and the journal takes it up at the next start.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use cti_bindings::centre::Centre;
use cti_core::{event::AlarmKind, time::Timestamp};
use hotline_api::modules::{Module, ModuleState};

use crate::service_alarms::{Tell, Told};

/// The modules that have registered.
pub struct Modules {
    centre: Arc<dyn Centre>,
    members: Mutex<BTreeMap<&'static str, Standing>>,
    tell: Tell,
}

/// How a module is, and since when.
#[derive(Clone)]
struct Standing {
    state: ModuleState,
    reason: Option<String>,
    since: Timestamp,
}

impl fmt::Debug for Modules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modules").finish_non_exhaustive()
    }
}

impl Modules {
    /// Returns a register with nobody in it; `stood` are the modules whose alarms the last run left.
    #[must_use]
    pub fn new(centre: Arc<dyn Centre>, stood: Vec<String>) -> Arc<Self> {
        let (tell, told) = Told::new();
        told.watch(Arc::clone(&centre), stood, |module| AlarmKind::ModuleFailed { module }, None);
        Arc::new(Self { centre, members: Mutex::default(), tell })
    }

    /// Registers a module, which works; it has ended when what this returns is dropped.
    #[must_use]
    pub fn register(self: &Arc<Self>, name: &'static str) -> Membership {
        self.admit(name, false)
    }

    /// Registers a module that raises alarms of its own when it fails.
    #[must_use]
    pub fn register_with_own_alarms(self: &Arc<Self>, name: &'static str) -> Membership {
        self.admit(name, true)
    }

    fn admit(self: &Arc<Self>, name: &'static str, own_alarms: bool) -> Membership {
        let membership = Membership { name, own_alarms, modules: Arc::clone(self) };
        self.stands(&membership, ModuleState::Working, None);
        membership
    }

    /// Registers a task as a module and lets it run: when it returns or panics, the module has ended.
    pub fn run(
        self: &Arc<Self>,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let membership = self.register(name);
        tokio::spawn(async move {
            let _membership = membership;
            work.await;
        });
    }

    /// Returns how each module is, by name.
    #[must_use]
    pub fn list(&self) -> Vec<Module> {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let module = |(name, it): (&&'static str, &Standing)| Module {
            name: (*name).to_owned(),
            state: it.state,
            reason: it.reason.clone(),
            since: it.since,
        };
        members.iter().map(module).collect()
    }

    fn stands(&self, who: &Membership, state: ModuleState, reason: Option<String>) {
        let (name, since) = (who.name, self.centre.now());
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Standing { state, reason, since };
        let before = members.get(name).map(|it| it.state);
        if before == Some(state) {
            // It still is as it was; only the reason may be another.
            if let Some(it) = members.get_mut(name) {
                it.reason = now.reason;
            }
            return;
        }
        members.insert(name, now);
        drop(members);
        let works = state == ModuleState::Working;
        if works && before.is_none() {
            return;
        }
        if !works {
            tracing::error!(module = name, ?state, "A module does not do its work");
        }
        if who.own_alarms && state != ModuleState::Ended {
            return;
        }
        // A full channel means hundreds of changes at once: the list tells the truth all the same.
        let _ = self.tell.try_send((name.to_owned(), !works));
    }
}

/// A module's own end of its registration.
#[derive(Debug)]
pub struct Membership {
    name: &'static str,
    own_alarms: bool,
    modules: Arc<Modules>,
}

impl Membership {
    /// Says why the module does not do its work, or with nothing that it does.
    pub fn tell(&self, failure: Option<String>) {
        let state = if failure.is_none() { ModuleState::Working } else { ModuleState::Failing };
        self.modules.stands(self, state, failure);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.modules.stands(self, ModuleState::Ended, None);
    }
}

/// Returns which module an alarm is about, if it is about one.
pub(crate) fn failed(kind: &AlarmKind) -> Option<String> {
    let AlarmKind::ModuleFailed { module } = kind else { return None };
    Some(module.clone())
}
