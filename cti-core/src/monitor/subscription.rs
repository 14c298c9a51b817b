//! One monitor: what it follows, how far it is, and what its reader has not read.
//!
//! ```text
//!               reached the log                 buffer full             told
//!   CatchingUp ────────────────▶ Live ────────────────────────▶ Losing ──────▶ Told
//!       │                          ▲                              ▲             │
//!       └── events no longer kept ─┼──────────────────────────────┘             │
//!                                  └───────────── new snapshot ─────────────────┘
//! ```

use std::{collections::VecDeque, sync::Arc};

use super::{
    Delivery, Filter, StopReason, Subject,
    relations::Relations,
    ring::{Recent, Ring},
};
use crate::{event::Event, id::EventNo};

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) subject: Subject,
    pub(super) filter: Filter,
    /// The snapshot that it began with.
    since: EventNo,
    /// Nothing up to this event is told.
    after: EventNo,
    mode: Mode,
    unread: VecDeque<Arc<Event>>,
    stopped: Option<StopReason>,
    /// Whether the call that it follows is over: it ends where the log ends.
    ending: bool,
    /// Whether the driver has been told that there is something to read.
    pub(super) announced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Reads the recent events, from this number on.
    CatchingUp { next: EventNo },
    /// Is given what happens.
    Live,
    /// Is not given what happens, from this event on, and will be told so.
    Losing { from: EventNo },
    /// Is not given what happens, and knows it.
    Told,
}

impl Subscription {
    pub(super) fn new(subject: Subject, filter: Filter, since: EventNo, after: EventNo) -> Self {
        let mode = Mode::CatchingUp { next: after.next() };
        Self {
            subject,
            filter,
            since,
            after,
            mode,
            unread: VecDeque::new(),
            stopped: None,
            ending: false,
            announced: false,
        }
    }

    /// Goes on from a new snapshot.
    pub(super) fn restart(&mut self, at: EventNo) {
        (self.since, self.after) = (at, at);
        self.mode = Mode::CatchingUp { next: at.next() };
        self.unread.clear();
    }

    /// Takes note of an event that may concern it; returns whether there is something new to read.
    pub(super) fn offer(&mut self, recent: &Recent, relations: &Relations, bound: usize) -> bool {
        let no = recent.event.no;
        if no <= self.after || self.stopped.is_some() || !self.hears(recent, relations) {
            return false;
        }
        match self.mode {
            Mode::Live if self.unread.len() < bound => self.unread.push_back(recent.event.clone()),
            Mode::Live => self.mode = Mode::Losing { from: no },
            Mode::CatchingUp { .. } => {}
            Mode::Losing { .. } | Mode::Told => return false,
        }
        true
    }

    /// Ends it once what is unread has been read.
    pub(super) fn stop(&mut self, reason: StopReason) {
        self.stopped.get_or_insert(reason);
    }

    /// Ends it with its call, once it has read of the time before.
    pub(super) fn call_over(&mut self) {
        match self.mode {
            Mode::CatchingUp { .. } => self.ending = true,
            Mode::Live | Mode::Losing { .. } | Mode::Told => self.stop(StopReason::CallEnded),
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    pub(super) fn unread(&self) -> usize {
        self.unread.len()
    }

    pub(super) fn since(&self) -> EventNo {
        self.since
    }

    /// Returns the next thing for the reader.
    pub(super) fn poll(&mut self, ring: &Ring, relations: &Relations) -> Option<Delivery> {
        if let Some(event) = self.unread.pop_front() {
            return Some(Delivery::Event(event));
        }
        if let Mode::CatchingUp { next } = self.mode
            && self.stopped.is_none()
            && let Some(event) = self.catch_up(next, ring, relations)
        {
            return Some(Delivery::Event(event));
        }
        if let Mode::Losing { from } = self.mode {
            self.mode = Mode::Told;
            return Some(Delivery::Lost { from, to: ring.last() });
        }
        self.stopped.map(Delivery::Stopped)
    }

    /// Reads on among the recent events to the next one that it hears.
    fn catch_up(
        &mut self,
        next: EventNo,
        ring: &Ring,
        relations: &Relations,
    ) -> Option<Arc<Event>> {
        let kept = next >= ring.oldest();
        let found = kept.then(|| ring.from(next).find(|recent| self.hears(recent, relations)));
        if let Some(recent) = found.flatten() {
            self.mode = Mode::CatchingUp { next: recent.event.no.next() };
            return Some(recent.event.clone());
        }
        self.mode = if kept { Mode::Live } else { Mode::Losing { from: next } };
        if self.ending {
            self.stop(StopReason::CallEnded);
        }
        None
    }

    fn hears(&self, recent: &Recent, relations: &Relations) -> bool {
        self.filter.passes(recent.category)
            && match &self.subject {
                Subject::Everything => true,
                Subject::CallsVia(device) => recent
                    .calls
                    .iter()
                    .any(|call| relations.went_via(*call, device, self.since, recent.event.no)),
                Subject::Device(_)
                | Subject::Call(_)
                | Subject::Agent(_)
                | Subject::Queue(_)
                | Subject::Contact(_) => recent.subjects.binary_search(&self.subject).is_ok(),
            }
    }
}
