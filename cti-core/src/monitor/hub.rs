//! The hub: events in, deliveries out.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{
    Delivery, Filter, Limits, MonitorId, PublishError, RefreshError, Relations, Request,
    ResumeError, Resumption, StartError, Started, StopReason, Subject, UnknownMonitor, View,
    category,
    index::Index,
    relations::Consequence,
    ring::{Recent, Ring},
    subject::mention,
    subscription::Subscription,
};
use crate::{event::Event, id::EventNo};

/// All monitors of one log; see the [module](super).
///
/// ```
/// use cti_core::{
///     event::{Event, Fact},
///     id::{DeviceId, EventNo},
///     monitor::{Delivery, Limits, Monitors, Request, Subject, View},
///     time::Timestamp,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// struct InService(EventNo, bool);
///
/// impl View for InService {
///     type Snapshot = bool;
///
///     fn last_event(&self) -> EventNo {
///         self.0
///     }
///
///     fn snapshot(&self, subject: &Subject) -> Option<bool> {
///         matches!(subject, Subject::Device(_)).then_some(self.1)
///     }
/// }
///
/// let device = DeviceId::new("8001")?;
/// let mut monitors = Monitors::new(Limits::default(), EventNo(0));
/// let request = Request::new(Subject::Device(device.clone()));
/// let started = monitors.start(request, &InService(EventNo(0), false))?;
/// assert!(!started.snapshot);
///
/// let fact = Fact::DeviceInService { device };
/// monitors.publish(Event { no: EventNo(1), at: Timestamp::ZERO, fact })?;
/// assert_eq!(monitors.poll_ready(), Some(started.monitor));
/// let Some(Delivery::Event(event)) = monitors.poll(started.monitor)? else { panic!("unread") };
/// assert_eq!(event.no, EventNo(1));
/// assert_eq!(monitors.poll(started.monitor)?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Monitors {
    limits: Limits,
    relations: Relations,
    ring: Ring,
    index: Index,
    subscriptions: BTreeMap<MonitorId, Subscription>,
    ready: VecDeque<MonitorId>,
    next: u64,
}

impl Monitors {
    /// Creates a hub whose first event follows `last`, at a moment when nothing is going on.
    #[must_use]
    pub fn new(limits: Limits, last: EventNo) -> Self {
        Self::with_relations(limits, last, Relations::default())
    }

    /// Creates a hub that goes on where another one was at event `last`.
    #[must_use]
    pub fn with_relations(limits: Limits, last: EventNo, mut relations: Relations) -> Self {
        relations.forget_ended();
        Self {
            limits,
            relations,
            ring: Ring::new(limits.recent, last),
            index: Index::default(),
            subscriptions: BTreeMap::new(),
            ready: VecDeque::new(),
            next: 1,
        }
    }

    /// Returns who takes part in what after the last event, for [`with_relations`](Self::with_relations).
    #[must_use]
    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// Returns the number of the last event published.
    #[must_use]
    pub fn last_event(&self) -> EventNo {
        self.ring.last()
    }

    /// Returns how many monitors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subscriptions.len()
    }

    /// Returns whether nobody follows anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subscriptions.is_empty()
    }

    /// Returns how many events a monitor keeps unread.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn unread(&self, monitor: MonitorId) -> Result<usize, UnknownMonitor> {
        self.subscriptions.get(&monitor).map(Subscription::unread).ok_or(UnknownMonitor { monitor })
    }

    /// Hands the next event of the log to those whom it concerns.
    ///
    /// # Errors
    /// When the event does not follow the last one; nothing has changed then.
    pub fn publish(&mut self, event: impl Into<Arc<Event>>) -> Result<(), PublishError> {
        let event = event.into();
        let (last, no) = (self.ring.last(), event.no);
        if no != last.next() {
            return Err(PublishError { last, found: no });
        }
        let mention = mention(&event.fact);
        let calls = self.relations.calls(&mention).into_boxed_slice();
        let subjects = self.relations.subjects(&mention, &calls).into_boxed_slice();
        let mut over = None;
        for step in mention.steps {
            match self.relations.apply(no, step) {
                Consequence::None => {}
                Consequence::CameTo { call, device } => self.index.came_to(call, device),
                Consequence::Over(call) => over = Some(call),
            }
        }
        let recent = Recent { category: category(&event.fact), event, subjects, calls };
        for monitor in self.index.candidates(&recent.subjects, &recent.calls) {
            match self.subscriptions.get_mut(&monitor) {
                Some(it) => {
                    if it.offer(&recent, &self.relations, self.limits.buffer) {
                        announce(&mut self.ready, monitor, it);
                    }
                }
                // It was stopped after a stay that it followed the call for had been forgotten.
                None => recent.calls.iter().for_each(|call| self.index.unfollow(*call, monitor)),
            }
        }
        if let Some(call) = over {
            for monitor in self.index.call_over(call) {
                if let Some(it) = self.subscriptions.get_mut(&monitor) {
                    it.call_over();
                    announce(&mut self.ready, monitor, it);
                }
            }
        }
        if let Some(gone) = self.ring.push(recent) {
            self.relations.forget(gone.event.no, &gone.calls);
        }
        Ok(())
    }

    /// Starts a monitor (ECMA-269 Monitor Start): it hears what follows the snapshot.
    ///
    /// The view may be ahead of the events that were published, or behind them as far as they are kept.
    ///
    /// # Errors
    /// When there are too many monitors, the subject does not exist, or the view is too old.
    pub fn start<V: View>(
        &mut self,
        request: Request,
        view: &V,
    ) -> Result<Started<V::Snapshot>, StartError> {
        if self.is_full() {
            return Err(StartError::TooMany { limit: self.limits.monitors });
        }
        let (at, snapshot) = self.look(&request.subject, view)?;
        let monitor = self.insert(request, at, at);
        Ok(Started { monitor, at, snapshot })
    }

    /// Starts a monitor that goes on where a program was cut off: it hears exactly what the old one would have heard.
    ///
    /// # Errors
    /// When there are too many monitors, the events it needs are no longer kept, or the numbers are not of this log.
    pub fn resume(&mut self, request: Request, from: Resumption) -> Result<MonitorId, ResumeError> {
        if self.is_full() {
            return Err(ResumeError::TooMany { limit: self.limits.monitors });
        }
        let (Resumption { since, after }, last) = (from, self.ring.last());
        if since > after || after > last {
            return Err(ResumeError::NotOfThisLog { after, last });
        }
        if after.next() < self.ring.oldest() {
            let to = EventNo(self.ring.oldest().0 - 1);
            return Err(ResumeError::Lost { from: after.next(), to });
        }
        let gone = match request.subject {
            Subject::Call(call) => !self.relations.knows(call),
            Subject::Everything
            | Subject::Device(_)
            | Subject::CallsVia(_)
            | Subject::Agent(_)
            | Subject::Queue(_)
            | Subject::Contact(_) => false,
        };
        let monitor = self.insert(request, since, after);
        if gone {
            self.end(monitor, StopReason::CallEnded).expect("it was started just now");
        }
        Ok(monitor)
    }

    /// Takes a new snapshot for a monitor that lost events, or at any other time; what was unread is dropped.
    ///
    /// # Errors
    /// When there is no such monitor or it has been stopped, the subject no longer exists, or the view is too old.
    pub fn refresh<V: View>(
        &mut self,
        monitor: MonitorId,
        view: &V,
    ) -> Result<Started<V::Snapshot>, RefreshError> {
        let subject = match self.subscriptions.get(&monitor) {
            Some(it) if !it.is_stopped() => it.subject.clone(),
            Some(_) | None => return Err(UnknownMonitor { monitor }.into()),
        };
        let (at, snapshot) = self.look(&subject, view)?;
        if let Some(mut it) = self.subscriptions.remove(&monitor) {
            self.leave(&it, monitor);
            it.restart(at);
            self.subscriptions.insert(monitor, it);
            self.enter(monitor);
        }
        Ok(Started { monitor, at, snapshot })
    }

    /// Changes what a monitor hears of its subject (ECMA-269 Change Monitor Filter), for all that it has not been given yet.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn set_filter(&mut self, monitor: MonitorId, filter: Filter) -> Result<(), UnknownMonitor> {
        let it = self.subscriptions.get_mut(&monitor).ok_or(UnknownMonitor { monitor })?;
        it.filter = filter;
        Ok(())
    }

    /// Stops a monitor at its reader's wish (ECMA-269 Monitor Stop); what is unread is dropped.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn stop(&mut self, monitor: MonitorId) -> Result<(), UnknownMonitor> {
        let it = self.subscriptions.remove(&monitor).ok_or(UnknownMonitor { monitor })?;
        self.leave(&it, monitor);
        if it.announced {
            self.ready.retain(|ready| *ready != monitor);
        }
        Ok(())
    }

    /// Ends a monitor without its reader's asking: he is told so after what is unread.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn end(&mut self, monitor: MonitorId, reason: StopReason) -> Result<(), UnknownMonitor> {
        let it = self.subscriptions.get_mut(&monitor).ok_or(UnknownMonitor { monitor })?;
        it.stop(reason);
        announce(&mut self.ready, monitor, it);
        Ok(())
    }

    /// Ends every monitor of a subject; with [`Subject::Everything`], every monitor there is.
    pub fn end_all(&mut self, subject: &Subject, reason: StopReason) {
        let all = *subject == Subject::Everything;
        let ending: Vec<_> = self
            .subscriptions
            .iter()
            .filter(|(_, it)| all || it.subject == *subject)
            .map(|(monitor, _)| *monitor)
            .collect();
        for monitor in ending {
            self.end(monitor, reason).expect("it was found just now");
        }
    }

    /// Returns the next thing that a monitor has for its reader, until `None`. After [`Delivery::Stopped`] the monitor
    /// is gone.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn poll(&mut self, monitor: MonitorId) -> Result<Option<Delivery>, UnknownMonitor> {
        let it = self.subscriptions.get_mut(&monitor).ok_or(UnknownMonitor { monitor })?;
        let delivery = it.poll(&self.ring, &self.relations);
        if let Some(Delivery::Stopped(_)) = delivery {
            self.stop(monitor)?;
        }
        Ok(delivery)
    }

    /// Returns the next monitor that has something new for its reader, until `None`: wake him, and let him
    /// [`poll`](Self::poll) until nothing is left.
    pub fn poll_ready(&mut self) -> Option<MonitorId> {
        let monitor = self.ready.pop_front()?;
        if let Some(it) = self.subscriptions.get_mut(&monitor) {
            it.announced = false;
        }
        Some(monitor)
    }

    fn is_full(&self) -> bool {
        self.subscriptions.len() >= self.limits.monitors
    }

    fn look<V: View>(
        &self,
        subject: &Subject,
        view: &V,
    ) -> Result<(EventNo, V::Snapshot), StartError> {
        let (at, oldest) = (view.last_event(), self.ring.oldest());
        if at.next() < oldest {
            return Err(StartError::ViewTooOld { at, oldest });
        }
        let missing = || StartError::NoSuchSubject { subject: subject.clone() };
        view.snapshot(subject).map(|snapshot| (at, snapshot)).ok_or_else(missing)
    }

    fn insert(&mut self, request: Request, since: EventNo, after: EventNo) -> MonitorId {
        let monitor = MonitorId(self.next);
        self.next += 1;
        let Request { subject, filter } = request;
        self.subscriptions.insert(monitor, Subscription::new(subject, filter, since, after));
        self.enter(monitor);
        monitor
    }

    /// Enters a monitor that begins, or begins anew, into the index.
    fn enter(&mut self, monitor: MonitorId) {
        let Some(it) = self.subscriptions.get_mut(&monitor) else { return };
        self.index.insert(&it.subject, monitor);
        match &it.subject {
            Subject::CallsVia(device) => {
                for call in self.relations.visitors(device, it.since()) {
                    if self.relations.over_at(call).is_none() {
                        self.index.follow(call, monitor);
                    }
                }
            }
            Subject::Call(call) if self.relations.over_at(*call).is_some() => it.call_over(),
            Subject::Call(_)
            | Subject::Everything
            | Subject::Device(_)
            | Subject::Agent(_)
            | Subject::Queue(_)
            | Subject::Contact(_) => {}
        }
        announce(&mut self.ready, monitor, it);
    }

    /// Takes a monitor out of the index.
    fn leave(&mut self, it: &Subscription, monitor: MonitorId) {
        self.index.remove(&it.subject, monitor);
        if let Subject::CallsVia(device) = &it.subject {
            for call in self.relations.visitors(device, it.since()) {
                self.index.unfollow(call, monitor);
            }
        }
    }
}

/// Puts a monitor on the list of those whose readers are to be woken, once.
fn announce(ready: &mut VecDeque<MonitorId>, monitor: MonitorId, it: &mut Subscription) {
    if !it.announced {
        it.announced = true;
        ready.push_back(monitor);
    }
}
