//! The recent events, each with whom it concerned when it happened.

use std::{collections::VecDeque, sync::Arc};

use super::{Category, Subject};
use crate::{
    event::Event,
    id::{CallId, EventNo},
};

/// One published event.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) event: Arc<Event>,
    pub(super) category: Category,
    /// Whom it concerned; sorted.
    pub(super) subjects: Box<[Subject]>,
    pub(super) calls: Box<[CallId]>,
}

/// The last events without a gap, at most as many as the bound.
#[derive(Debug)]
pub(super) struct Ring {
    recent: VecDeque<Recent>,
    bound: usize,
    last: EventNo,
}

impl Ring {
    pub(super) fn new(bound: usize, last: EventNo) -> Self {
        Self { recent: VecDeque::new(), bound, last }
    }

    /// Returns the number of the last event published.
    pub(super) fn last(&self) -> EventNo {
        self.last
    }

    /// Returns the number of the oldest event that is kept, or of the next one when none is.
    pub(super) fn oldest(&self) -> EventNo {
        EventNo(self.last.0 + 1 - self.recent.len() as u64)
    }

    /// Adds the next event; returns the one that has to go for it.
    pub(super) fn push(&mut self, recent: Recent) -> Option<Recent> {
        self.last = recent.event.no;
        self.recent.push_back(recent);
        if self.recent.len() > self.bound { self.recent.pop_front() } else { None }
    }

    /// Returns the events from number `from` on, which must not be older than the oldest.
    pub(super) fn from(&self, from: EventNo) -> impl Iterator<Item = &Recent> {
        let skip = from.0.saturating_sub(self.oldest().0);
        self.recent.range(usize::try_from(skip).unwrap_or(usize::MAX).min(self.recent.len())..)
    }
}
