//! What a scripted caller met, moment by moment, for whoever watches him.

use std::{collections::VecDeque, time::Duration};

use cti_core::{id::FlowId, switch::Clip, time::Timestamp};

/// At most this many entries are kept; the oldest are forgotten.
pub const MAX_ENTRIES: usize = 2000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub no: u64,
    /// When, on the virtual clock.
    pub at: Timestamp,
    /// What.
    pub what: Met,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// The session waits at a node.
    Entered {
        /// Of which flow.
        flow: FlowId,
        /// Of which version.
        version: String,
        /// The node.
        node: String,
    },
    /// A node was left.
    Visited {
        /// Of which flow.
        flow: FlowId,
        /// Of which version.
        version: String,
        /// The node.
        node: String,
        /// By which outlet.
        outlet: String,
    },
    /// The caller hears something.
    Heard {
        /// What is played.
        clips: Vec<Clip>,
        /// The same as text.
        text: String,
        /// Whether it begins again at its end.
        looped: bool,
        /// How long it is.
        length: Duration,
    },
    /// The session wants something else.
    Wanted {
        /// What, as one word.
        name: &'static str,
        /// What exactly.
        text: String,
    },
    /// The caller or his surroundings did something.
    Did {
        /// What, as a step of a script.
        text: String,
    },
}

/// The entries, bounded.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    last: u64,
}

impl Log {
    pub(super) fn push(&mut self, at: Timestamp, what: Met) {
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.last += 1;
        self.entries.push_back(Entry { no: self.last, at, what });
    }

    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn after(&self, no: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.no > no)
    }
}
