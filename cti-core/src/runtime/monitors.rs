//! Monitors of a running Center: the hub behind a lock, and the readers that it wakes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::handle::{Handle, Message, Stopped};
use crate::{
    center::Center,
    event::Event,
    id::EventNo,
    monitor::{
        Delivery, Filter, Limits, MonitorId, Monitors, RefreshError, Relations, Request,
        ResumeError, Resumption, Snapshot, StartError, Started, StopReason, UnknownMonitor,
    },
};

/// How much is kept for the monitors of a running Center.
const LIMITS: Limits = Limits { monitors: 8_192, buffer: 1_024, recent: 16_384 };

/// The hub that the driver publishes to and the readers poll; each takes the lock for a moment.
#[derive(Clone, Debug)]
pub(super) struct Hub(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    monitors: Monitors,
    readers: BTreeMap<MonitorId, Arc<Notify>>,
    stopped: bool,
}

impl Hub {
    /// Begins with what is going on in a Center whose log is durable.
    pub(super) fn of(center: &Center) -> Self {
        let monitors = Monitors::with_relations(LIMITS, center.last_event(), Relations::of(center));
        let inner = Inner { monitors, readers: BTreeMap::new(), stopped: false };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// The hub is whole after every call, so that a panic elsewhere leaves nothing half done.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a durable event to those whom it concerns.
    pub(super) fn publish(&self, event: &Arc<Event>) {
        let mut inner = self.inner();
        if let Err(error) = inner.monitors.publish(Arc::clone(event)) {
            debug_assert!(false, "the driver publishes every event once: {error}");
        }
        inner.wake();
    }

    /// Ends every monitor: the Center stops.
    pub(super) fn stop(&self) {
        let mut inner = self.inner();
        inner.stopped = true;
        inner.monitors.end_all(&crate::monitor::Subject::Everything, StopReason::Stopping);
        inner.wake();
    }

    /// Starts a monitor at this moment of the Center; what it starts with is told once it is durable.
    pub(super) fn start(
        &self,
        request: Request,
        center: &Center,
    ) -> Result<Started<Snapshot>, StartError> {
        let mut inner = self.inner();
        let started = inner.monitors.start(request, center)?;
        inner.readers.insert(started.monitor, Arc::default());
        Ok(started)
    }

    pub(super) fn refresh(
        &self,
        monitor: MonitorId,
        center: &Center,
    ) -> Result<Started<Snapshot>, RefreshError> {
        self.inner().monitors.refresh(monitor, center)
    }

    fn resume(&self, request: Request, from: Resumption) -> Result<MonitorId, ResumeError> {
        let mut inner = self.inner();
        let monitor = inner.monitors.resume(request, from)?;
        inner.readers.insert(monitor, Arc::default());
        Ok(monitor)
    }

    fn poll(&self, monitor: MonitorId) -> Polled {
        let mut inner = self.inner();
        match inner.monitors.poll(monitor) {
            Ok(Some(delivery)) => {
                if let Delivery::Stopped(_) = delivery {
                    inner.readers.remove(&monitor);
                }
                Polled::Delivery(delivery)
            }
            Ok(None) if inner.stopped => Polled::Gone,
            Ok(None) => inner.readers.get(&monitor).cloned().map_or(Polled::Gone, Polled::Nothing),
            Err(UnknownMonitor { .. }) => Polled::Gone,
        }
    }

    fn set_filter(&self, monitor: MonitorId, filter: Filter) -> Result<(), UnknownMonitor> {
        self.inner().monitors.set_filter(monitor, filter)
    }

    /// Forgets a monitor whose reader is gone.
    pub(super) fn forget(&self, monitor: MonitorId) {
        let mut inner = self.inner();
        inner.readers.remove(&monitor);
        // It may have told already that it stopped.
        let _ = inner.monitors.stop(monitor);
    }
}

impl Inner {
    fn wake(&mut self) {
        while let Some(monitor) = self.monitors.poll_ready() {
            if let Some(reader) = self.readers.get(&monitor) {
                reader.notify_one();
            }
        }
    }
}

enum Polled {
    Delivery(Delivery),
    Nothing(Arc<Notify>),
    Gone,
}

/// Why a monitor cannot start, resume or take a new snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MonitorError {
    /// It cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It cannot go on where the program was.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// It cannot take a new snapshot.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The Center has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// A program follows a device, a call, an agent, a queue, a contact or everything; see [`Handle::monitor`].
///
/// It ends when it is dropped.
#[derive(Debug)]
pub struct Monitor {
    handle: Handle,
    id: MonitorId,
    request: Request,
    /// Where a program would have to resume.
    at: Resumption,
}

impl Monitor {
    /// Waits for the next thing that the monitor has to say; `None` once it has stopped. Cancel-safe.
    ///
    /// After [`Delivery::Lost`] nothing more comes until [`refresh`](Self::refresh).
    pub async fn next(&mut self) -> Option<Delivery> {
        loop {
            let wait = match self.handle.hub().poll(self.id) {
                Polled::Delivery(delivery) => {
                    if let Delivery::Event(event) = &delivery {
                        self.at.after = event.no;
                    }
                    return Some(delivery);
                }
                Polled::Nothing(wait) => wait,
                Polled::Gone => return None,
            };
            wait.notified().await;
        }
    }

    /// Waits for the next event, takes a new snapshot where some were lost, and returns `None` once it has stopped: for
    /// programs that want nothing but the present and what follows.
    ///
    /// # Errors
    /// When a new snapshot cannot be taken: the subject is gone, or the Center has stopped.
    pub async fn next_or_refresh(&mut self) -> Result<Option<Heard>, MonitorError> {
        match self.next().await {
            Some(Delivery::Event(event)) => Ok(Some(Heard::Event(event))),
            Some(Delivery::Lost { .. }) => self.refresh().await.map(|it| Some(Heard::Present(it))),
            Some(Delivery::Stopped(_)) | None => Ok(None),
        }
    }

    /// Takes a new snapshot; the events that follow it come next.
    ///
    /// # Errors
    /// When the subject is gone, the monitor has stopped, or the Center has.
    pub async fn refresh(&mut self) -> Result<Box<Snapshot>, MonitorError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.handle.send(Message::RefreshMonitor { monitor: self.id, reply }).await?;
        let started = answer.await.map_err(|_| Stopped)??;
        self.at = Resumption { since: started.at, after: started.at };
        Ok(Box::new(started.snapshot))
    }

    /// Changes which events it hears, for all that have not been read.
    ///
    /// # Errors
    /// When it has stopped.
    pub fn set_filter(&mut self, filter: Filter) -> Result<(), UnknownMonitor> {
        self.handle.hub().set_filter(self.id, filter)?;
        self.request.filter = filter;
        Ok(())
    }

    /// Returns what it follows.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns from where [`Handle::resume_monitor`] goes on after the last event that was read here.
    #[must_use]
    pub fn position(&self) -> Resumption {
        self.at
    }

    /// Returns the last event that its snapshot included.
    #[must_use]
    pub fn since(&self) -> EventNo {
        self.at.since
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.handle.hub().forget(self.id);
    }
}

/// What a monitor has for a program that lets it take new snapshots by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something happened.
    Event(Arc<Event>),
    /// Events were lost; this is how it stands.
    Present(Box<Snapshot>),
}

impl Handle {
    /// Follows a subject: returns what there is now, and a monitor that hears every event after it that concerns the
    /// subject and passes the filter, once it is durable, in order.
    ///
    /// ```
    /// # use cti_core::{monitor::{Category, Filter, Request, Subject}, runtime::{Handle, MonitorError, MonitorHeard as Heard}};
    /// async fn watch(handle: &Handle) -> Result<(), MonitorError> {
    ///     let queue = Subject::Queue("general".parse().expect("is a name"));
    ///     let request = Request::new(queue).filtered(Filter::only([Category::Queue]));
    ///     let (now, mut monitor) = handle.monitor(request).await?;
    ///     println!("{} wait", now.calls.len());
    ///     while let Some(heard) = monitor.next_or_refresh().await? {
    ///         match heard {
    ///             Heard::Event(event) => println!("{} {:?}", event.no, event.fact),
    ///             Heard::Present(now) => println!("{} wait", now.calls.len()),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// When the subject does not exist, there are too many monitors, or the Center has stopped.
    pub async fn monitor(
        &self,
        request: Request,
    ) -> Result<(Box<Snapshot>, Monitor), MonitorError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.send(Message::StartMonitor { request: request.clone(), reply }).await?;
        let started = answer.await.map_err(|_| Stopped)??;
        let at = Resumption { since: started.at, after: started.at };
        let monitor = Monitor { handle: self.clone(), id: started.monitor, request, at };
        Ok((Box::new(started.snapshot), monitor))
    }

    /// Follows a subject from where a [monitor](Monitor::position) of it was cut off: it hears exactly what that one
    /// would have heard.
    ///
    /// # Errors
    /// When the events in between are no longer kept, the numbers are not of this log, or there are too many monitors.
    pub fn resume_monitor(
        &self,
        request: Request,
        from: Resumption,
    ) -> Result<Monitor, MonitorError> {
        let id = self.hub().resume(request.clone(), from)?;
        Ok(Monitor { handle: self.clone(), id, request, at: from })
    }
}
