//! Which monitors an event may concern, without looking at the others.

use std::collections::{BTreeMap, BTreeSet};

use super::{MonitorId, Subject};
use crate::id::{CallId, DeviceId};

/// Monitors by subject, and those that follow a call because it came to their device.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_subject: BTreeMap<Subject, BTreeSet<MonitorId>>,
    followers: BTreeMap<CallId, BTreeSet<MonitorId>>,
}

impl Index {
    pub(super) fn insert(&mut self, subject: &Subject, monitor: MonitorId) {
        self.by_subject.entry(subject.clone()).or_default().insert(monitor);
    }

    pub(super) fn remove(&mut self, subject: &Subject, monitor: MonitorId) {
        if let Some(monitors) = self.by_subject.get_mut(subject) {
            monitors.remove(&monitor);
            if monitors.is_empty() {
                self.by_subject.remove(subject);
            }
        }
    }

    /// Lets a monitor of the calls via some device follow a call.
    pub(super) fn follow(&mut self, call: CallId, monitor: MonitorId) {
        self.followers.entry(call).or_default().insert(monitor);
    }

    /// Lets every monitor of the calls via this device follow the call that came to it.
    pub(super) fn came_to(&mut self, call: CallId, device: DeviceId) {
        if let Some(monitors) = self.by_subject.get(&Subject::CallsVia(device)) {
            self.followers.entry(call).or_default().extend(monitors);
        }
    }

    /// Lets a monitor no longer follow a call.
    pub(super) fn unfollow(&mut self, call: CallId, monitor: MonitorId) {
        if let Some(followers) = self.followers.get_mut(&call) {
            followers.remove(&monitor);
            if followers.is_empty() {
                self.followers.remove(&call);
            }
        }
    }

    /// Forgets a call that is over; returns the monitors of that call alone, which end with it.
    pub(super) fn call_over(&mut self, call: CallId) -> BTreeSet<MonitorId> {
        self.followers.remove(&call);
        self.by_subject.remove(&Subject::Call(call)).unwrap_or_default()
    }

    /// Returns the monitors of any of these subjects or of everything, and the followers of these calls.
    pub(super) fn candidates(&self, subjects: &[Subject], calls: &[CallId]) -> BTreeSet<MonitorId> {
        let everything = self.by_subject.get(&Subject::Everything);
        let named = subjects.iter().filter_map(|subject| self.by_subject.get(subject));
        let followers = calls.iter().filter_map(|call| self.followers.get(call));
        everything.into_iter().chain(named).chain(followers).flatten().copied().collect()
    }
}
