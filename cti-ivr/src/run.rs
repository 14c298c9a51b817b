//! What a node may do while it runs.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

use cti_core::{
    calendar::Calendars,
    flow::{CallData, FlowEffect, SessionView},
    switch::Clip,
    time::Timestamp,
};

use crate::node::key_of;

/// Keys pressed ahead beyond this many are forgotten.
pub(crate) const MAX_TYPED_AHEAD: usize = 32;
/// A session keeps at most this many variables.
const MAX_VARIABLES: usize = 256;

/// What a session knows and has under way, whatever its node.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    variables: CallData,
    typed_ahead: VecDeque<char>,
    next_play: u32,
    pub(crate) playing: Option<u32>,
    next_lookup: u32,
    pub(crate) asking: Option<u32>,
    pub(crate) timer: Option<Timestamp>,
}

impl fmt::Debug for Memory {
    /// Prints what is under way; variables and keys are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("playing", &self.playing)
            .field("asking", &self.asking)
            .field("timer", &self.timer)
            .finish_non_exhaustive()
    }
}

/// The hands of a node: effects, variables, keys and one timer.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) now: Timestamp,
    pub(crate) view: SessionView<'a>,
    pub(crate) calendars: &'a Calendars,
    pub(crate) wired: &'a BTreeMap<String, usize>,
    pub(crate) memory: &'a mut Memory,
    pub(crate) effects: &'a mut Vec<FlowEffect>,
}

impl Run<'_> {
    /// Returns whether an outlet of the node leads somewhere.
    pub(crate) fn leads_on(&self, outlet: &str) -> bool {
        self.wired.contains_key(outlet)
    }

    pub(crate) fn emit(&mut self, effect: FlowEffect) {
        self.effects.push(effect);
    }

    /// Plays clips in place of what is playing. Returns whether there is anything to wait for.
    pub(crate) fn play(&mut self, clips: Vec<Clip>, looped: bool) -> bool {
        if clips.is_empty() {
            self.stop_playing();
            return false;
        }
        let play = self.memory.next_play;
        self.memory.next_play += 1;
        self.memory.playing = Some(play);
        self.emit(FlowEffect::Play { play, clips, looped });
        true
    }

    pub(crate) fn stop_playing(&mut self) {
        if let Some(play) = self.memory.playing.take() {
            self.emit(FlowEffect::StopPlay { play });
        }
    }

    pub(crate) fn is_playing(&self) -> bool {
        self.memory.playing.is_some()
    }

    pub(crate) fn lookup(&mut self, source: &str, key: String) {
        let lookup = self.memory.next_lookup;
        self.memory.next_lookup += 1;
        self.memory.asking = Some(lookup);
        self.emit(FlowEffect::Lookup { lookup, source: source.to_owned(), key });
    }

    /// Sets the node's only timer, in place of an earlier one.
    pub(crate) fn wake_after(&mut self, time: Duration) {
        self.memory.timer = Some(self.now + time);
    }

    pub(crate) fn forget_timer(&mut self) {
        self.memory.timer = None;
    }

    /// Keeps a key for the next node that asks for one.
    pub(crate) fn type_ahead(&mut self, digit: char) {
        if key_of(digit).is_some() && self.memory.typed_ahead.len() < MAX_TYPED_AHEAD {
            self.memory.typed_ahead.push_back(digit);
        }
    }

    /// Returns the next key that was pressed ahead.
    pub(crate) fn typed(&mut self) -> Option<char> {
        self.memory.typed_ahead.pop_front()
    }

    /// Forgets the keys that were pressed ahead.
    pub(crate) fn flush(&mut self) {
        self.memory.typed_ahead.clear();
    }

    /// Returns a variable: the session's, else the call's, else `caller` or `called`.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let own = self.memory.variables.get(name).or_else(|| self.view.data.get(name));
        own.map(String::as_str).or(match name {
            "caller" => Some(self.view.caller.reveal()),
            "called" => Some(self.view.called.reveal()),
            _ => None,
        })
    }

    /// Sets a variable of the session; beyond the limit new names are not kept.
    pub(crate) fn assign(&mut self, name: &str, value: &str) {
        let variables = &mut self.memory.variables;
        if variables.contains_key(name) || variables.len() < MAX_VARIABLES {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
}
