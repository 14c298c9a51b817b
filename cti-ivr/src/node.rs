//! Nodes: what a flow is built from, one file per type.
//!
//! A node is entered, and either leaves by an outlet at once or waits. While it waits it gets what happens, until it
//! leaves. Its configuration never changes; what it remembers while it waits is kept by the session.

mod answer;
mod collect;
mod enqueue;
mod goto_flow;
mod hangup;
mod r#if;
mod leave_queue;
mod lookup;
mod menu;
mod music;
mod play;
mod position;
mod record_message;
mod ring;
mod say;
mod schedule;
mod set;

use std::{fmt, time::Duration};

use cti_core::{
    flow::{CallData, LookupFailure, QueueExit},
    id::FlowId,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    flow::{Kind, Uses},
    run::Run,
};

/// A type of node, as the catalogue describes it.
#[derive(Debug)]
pub struct NodeType {
    /// The name in documents.
    pub name: &'static str,
    /// The kinds of flows that may hold it.
    pub kinds: &'static [Kind],
    /// Its named outlets.
    pub outlets: &'static [Outlet],
    /// Whether keys (`0-9 * # A-D`) can be outlets too, and how many must be.
    pub keys: Option<usize>,
    /// Whether the session can end here.
    pub ends: bool,
    /// What it does, in Chinese.
    pub zh: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    pub(crate) parse: fn(Value) -> Result<Box<dyn Node>, FieldError>,
}

/// A way out of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outlet {
    /// The name in documents.
    pub name: &'static str,
    /// Whether it must lead somewhere.
    pub required: bool,
    /// Whether it can be taken at once, without anything to wait for.
    pub instant: bool,
    /// When it is taken, in Chinese.
    pub zh: &'static str,
    /// When it is taken, in English.
    pub en: &'static str,
}

impl Outlet {
    /// An outlet that is taken after a wait.
    pub(crate) const fn waited(name: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { name, required: true, instant: false, zh, en }
    }

    /// An outlet that is taken at once.
    pub(crate) const fn at_once(name: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { name, required: true, instant: true, zh, en }
    }
}

impl NodeType {
    /// Returns the named outlet of this name.
    #[must_use]
    pub fn outlet(&self, name: &str) -> Option<&Outlet> {
        self.outlets.iter().find(|outlet| outlet.name == name)
    }
}

/// All kinds of flows.
pub(crate) const EVERY_KIND: &[Kind] = &[Kind::Inbound, Kind::Queue];

static CATALOGUE: [&NodeType; 17] = [
    &answer::TYPE,
    &play::TYPE,
    &say::TYPE,
    &menu::TYPE,
    &collect::TYPE,
    &music::TYPE,
    &record_message::TYPE,
    &schedule::TYPE,
    &r#if::TYPE,
    &set::TYPE,
    &lookup::TYPE,
    &enqueue::TYPE,
    &position::TYPE,
    &leave_queue::TYPE,
    &ring::TYPE,
    &goto_flow::TYPE,
    &hangup::TYPE,
];

/// Returns every type of node.
#[must_use]
pub fn catalogue() -> &'static [&'static NodeType] {
    &CATALOGUE
}

/// Returns the type of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static NodeType> {
    CATALOGUE.iter().find(|node_type| node_type.name == name).copied()
}

/// Returns the outlet that a key leads to by, if the text is one key.
#[must_use]
pub fn key_outlet(text: &str) -> Option<&'static str> {
    const KEYS: [&str; 16] =
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "A", "B", "C", "D"];
    KEYS.into_iter().find(|key| *key == text)
}

/// Returns the outlet of a pressed key.
pub(crate) fn key_of(digit: char) -> Option<&'static str> {
    key_outlet(digit.encode_utf8(&mut [0; 4]))
}

/// A field of a node that cannot be used.
#[derive(Debug)]
pub struct FieldError {
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl FieldError {
    pub(crate) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

/// Reads the fields of a node, naming the one that is wrong.
pub(crate) fn fields<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "fields".to_owned() } else { path };
        FieldError { field, reason: error.into_inner().to_string() }
    })
}

/// Returns a time in milliseconds as a duration, if it lies within bounds.
pub(crate) fn time(field: &str, ms: u64, least: u64, most: u64) -> Result<Duration, FieldError> {
    if (least..=most).contains(&ms) {
        Ok(Duration::from_millis(ms))
    } else {
        Err(FieldError::new(field, format!("must lie between {least} and {most} ms")))
    }
}

/// What a node does next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Leave by an outlet.
    Leave(&'static str),
    /// Wait for what happens.
    Wait(State),
    /// Go on at the entry of another flow.
    Goto(FlowId),
    /// End the session.
    End,
    /// Leave the queue and end the session.
    LeaveQueue,
}

/// What a node remembers while it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing but that it waits.
    Waiting,
    /// The attempts of a menu or of a collection so far, and what was pressed.
    Asking {
        /// How many attempts have failed.
        failed: u32,
        /// The digits of this attempt.
        digits: String,
    },
    /// A message: whether the recording has begun.
    Message {
        /// Whether the caller is being recorded.
        recording: bool,
    },
}

/// What happens to a waiting node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The caller pressed a key.
    Digit(char),
    /// The node's playing is over.
    PlayEnded,
    /// The time that the node set is over.
    TimeOut,
    /// The table answered.
    LookupDone(Result<CallData, LookupFailure>),
    /// The caller left the queue without an agent.
    LeftQueue(QueueExit),
    /// No device answered.
    RingFailed,
    /// The recording is over.
    RecordingEnded {
        /// Whether there is a file.
        saved: bool,
        /// How long it is.
        length: Duration,
    },
}

/// A configured node.
pub(crate) trait Node: fmt::Debug + Send + Sync {
    /// Begins.
    fn enter(&self, run: &mut Run<'_>) -> Step;

    /// Goes on with what happened; what does not concern the node leaves its state as it is.
    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        if let Happening::Digit(digit) = what {
            run.type_ahead(digit);
        }
        Step::Wait(state)
    }

    /// Adds what the node refers to outside its flow.
    fn uses(&self, _uses: &mut Uses) {}

    /// Returns whether the node waits for people, so that the Center and not the flow limits the wait.
    fn waits_for_people(&self) -> bool {
        false
    }

    /// Returns the flow that the session goes on in.
    fn goes_to(&self) -> Option<&FlowId> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_own_name_and_says_what_it_does_in_two_languages() {
        for (at, node_type) in catalogue().iter().enumerate() {
            assert!(!node_type.zh.is_empty() && !node_type.en.is_empty());
            assert!(!catalogue()[..at].iter().any(|other| other.name == node_type.name));
            assert_eq!(find(node_type.name).map(|found| found.name), Some(node_type.name));
            assert!(!node_type.outlets.is_empty() || node_type.ends);
        }
    }
}
