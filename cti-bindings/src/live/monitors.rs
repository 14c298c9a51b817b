//! Monitors over the one view: a listener follows a device, a call, an agent, a queue, a contact or everything.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use cti_core::{
    id::EventNo,
    monitor::{
        Delivery, Filter, Limits, MonitorId, Monitors, RefreshError, Request, ResumeError,
        Resumption, StartError, StopReason, Subject, UnknownMonitor, View as Shows,
    },
};
use tokio::sync::Notify;

use super::{Feed, Inner, Live, RECENT};
use crate::view::View;

/// How much is kept for listeners who follow subjects.
const LIMITS: Limits = Limits { monitors: 8_192, buffer: 1_024, recent: RECENT };

/// The hub, and whom it wakes.
#[derive(Debug)]
pub(super) struct Hub {
    monitors: Monitors,
    readers: BTreeMap<MonitorId, Arc<Notify>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { monitors: Monitors::new(LIMITS, EventNo(0)), readers: BTreeMap::new() }
    }
}

impl Hub {
    /// Hands an event that the view has followed to those whom it concerns.
    pub(super) fn publish(&mut self, event: &Arc<cti_core::event::Event>) {
        if self.monitors.publish(Arc::clone(event)).is_err() {
            // A log whose beginning was removed begins later; nobody can have followed it from before.
            let relations = self.monitors.relations().clone();
            let before = EventNo(event.no.0.saturating_sub(1));
            self.monitors = Monitors::with_relations(LIMITS, before, relations);
            let published = self.monitors.publish(Arc::clone(event));
            debug_assert!(published.is_ok(), "it follows the event before: {published:?}");
            self.readers.values().for_each(|reader| reader.notify_one());
        }
        while let Some(monitor) = self.monitors.poll_ready() {
            if let Some(reader) = self.readers.get(&monitor) {
                reader.notify_one();
            }
        }
    }
}

/// What a monitor has for its listener.
#[derive(Clone, Debug)]
pub enum Polled {
    /// Something happened.
    Event(Arc<Feed>),
    /// The listener was too slow: events between these numbers, both included, may be missing, and nothing more comes
    /// until he takes a new snapshot.
    Lost {
        /// The first that is missing.
        from: EventNo,
        /// The last that there was.
        to: EventNo,
    },
    /// The monitor has ended.
    Stopped(StopReason),
    /// Nothing; he is woken when there is something.
    Nothing,
}

impl Live {
    /// Starts a monitor: `present` sees the view, and every event after it that concerns the subject follows. `wake` is
    /// told when there is something to [poll](Self::poll_monitor).
    ///
    /// # Errors
    /// When the subject does not exist or there are too many monitors.
    pub fn start_monitor<T>(
        &self,
        request: Request,
        wake: &Arc<Notify>,
        present: impl FnOnce(&View) -> T,
    ) -> Result<(MonitorId, T), StartError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let Inner { view, hub, .. } = &mut *inner;
        let started = hub.monitors.start(request, view)?;
        hub.readers.insert(started.monitor, Arc::clone(wake));
        Ok((started.monitor, present(view)))
    }

    /// Starts a monitor that goes on where a listener was cut off.
    ///
    /// # Errors
    /// When events in between are no longer kept, the numbers are not of this log, or there are too many monitors.
    pub fn resume_monitor(
        &self,
        request: Request,
        from: Resumption,
        wake: &Arc<Notify>,
    ) -> Result<MonitorId, ResumeError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let monitor = inner.hub.monitors.resume(request, from)?;
        inner.hub.readers.insert(monitor, Arc::clone(wake));
        Ok(monitor)
    }

    /// Takes a new snapshot for a monitor that lost events.
    ///
    /// # Errors
    /// When there is no such monitor, or the subject no longer exists.
    pub fn refresh_monitor<T>(
        &self,
        monitor: MonitorId,
        present: impl FnOnce(&View) -> T,
    ) -> Result<T, RefreshError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let Inner { view, hub, .. } = &mut *inner;
        hub.monitors.refresh(monitor, view)?;
        Ok(present(view))
    }

    /// Changes what a monitor hears of its subject.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn filter_monitor(&self, monitor: MonitorId, filter: Filter) -> Result<(), UnknownMonitor> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.hub.monitors.set_filter(monitor, filter)
    }

    /// Returns the next thing that a monitor has for its listener.
    pub fn poll_monitor(&self, monitor: MonitorId) -> Polled {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let Inner { hub, recent, .. } = &mut *inner;
        match hub.monitors.poll(monitor) {
            Ok(Some(Delivery::Event(event))) => match published(recent, event.no) {
                Some(feed) => Polled::Event(feed),
                // What is told of an event is kept as long as the events themselves.
                None => Polled::Lost { from: event.no, to: hub.monitors.last_event() },
            },
            Ok(Some(Delivery::Lost { from, to })) => Polled::Lost { from, to },
            Ok(Some(Delivery::Stopped(reason))) => {
                hub.readers.remove(&monitor);
                Polled::Stopped(reason)
            }
            Ok(None) => Polled::Nothing,
            Err(UnknownMonitor { .. }) => Polled::Stopped(StopReason::SubjectRemoved),
        }
    }

    /// Stops a monitor at its listener's wish.
    pub fn stop_monitor(&self, monitor: MonitorId) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.hub.readers.remove(&monitor);
        // It may have told already that it stopped.
        let _ = inner.hub.monitors.stop(monitor);
    }
}

/// Returns what is told of an event, while it is at hand; events are kept without a gap.
fn published(recent: &std::collections::VecDeque<Arc<Feed>>, no: EventNo) -> Option<Arc<Feed>> {
    let first = match recent.front()?.as_ref() {
        Feed::Event(first) => first.event.no,
        Feed::Notice(_) => return None,
    };
    recent.get(usize::try_from(no.0.checked_sub(first.0)?).ok()?).cloned()
}

impl Shows for View {
    /// What is shown is made of the view by who asks.
    type Snapshot = ();

    fn last_event(&self) -> EventNo {
        self.last()
    }

    fn snapshot(&self, subject: &Subject) -> Option<()> {
        let exists = match subject {
            Subject::Everything => true,
            Subject::Device(device) | Subject::CallsVia(device) => {
                self.devices().any(|(known, _)| known == device)
            }
            Subject::Call(call) => self.call(*call).is_some(),
            Subject::Agent(agent) => self.config().agents.iter().any(|known| known.id == *agent),
            Subject::Queue(queue) => self.config().queues.iter().any(|known| known.id == *queue),
            Subject::Contact(contact) => {
                self.calls().any(|call| call.contact == *contact)
                    || self.open_contact(*contact).is_some()
            }
        };
        exists.then_some(())
    }
}
