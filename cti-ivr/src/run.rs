//! What a node may do while it runs.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

use cti_core::{
    calendar::Calendars,
    data::{CallData, DataKey},
    flow::{FlowEffect, SessionView},
    id::FlowId,
    speech::RecognitionRequest,
    switch::Clip,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    expression::Expression,
    flow::{Flow, MAX_VARIABLES, Placed},
    language::Language,
    node::key_of,
    speak::{Style, english_words, read},
    statistics::{Answers, Failure, Observation, Statistics, What},
};

/// Under this name the language of the caller goes with the call.
pub(crate) const LANGUAGE: DataKey<Language> = DataKey::new("language");

/// Keys pressed ahead beyond this many are forgotten.
pub(crate) const MAX_TYPED_AHEAD: usize = 32;

/// What a session has under way, whatever its flow and node.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    typed_ahead: VecDeque<char>,
    next_play: u32,
    pub(crate) playing: Option<u32>,
    next_listening: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listening: Option<u32>,
    next_lookup: u32,
    pub(crate) asking: Option<u32>,
    pub(crate) timer: Option<Timestamp>,
    /// The language that the flow chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<Language>,
    /// The state of the session's own random numbers.
    seed: u64,
}

impl Memory {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Returns the state of the random numbers.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns whether keys wait that were pressed ahead.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn has_typed(&self) -> bool {
        !self.typed_ahead.is_empty()
    }
}

impl fmt::Debug for Memory {
    /// Prints what is under way; keys are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("playing", &self.playing)
            .field("asking", &self.asking)
            .field("timer", &self.timer)
            .finish_non_exhaustive()
    }
}

/// What a session knows in one flow.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Locals {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) variables: CallData,
    /// How often each counting node was passed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    counters: BTreeMap<String, u32>,
}

#[cfg(any(test, feature = "testkit"))]
impl Locals {
    /// Returns how often each counting node was passed.
    pub(crate) fn counters(&self) -> &BTreeMap<String, u32> {
        &self.counters
    }
}

impl fmt::Debug for Locals {
    /// Prints how many there are; values are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locals").field("variables", &self.variables.len()).finish_non_exhaustive()
    }
}

/// A version whose own error a session met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) flow: FlowId,
    pub(crate) version: Arc<str>,
}

impl Failed {
    pub(crate) fn of(flow: &Flow) -> Self {
        Self { flow: flow.id().clone(), version: Arc::clone(flow.version()) }
    }
}

/// The hands of a node: effects, variables, keys and one timer.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) now: Timestamp,
    pub(crate) view: SessionView<'a>,
    pub(crate) calendars: &'a Calendars,
    pub(crate) answers: &'a Answers,
    pub(crate) flow: &'a Flow,
    pub(crate) placed: &'a Placed,
    pub(crate) memory: &'a mut Memory,
    pub(crate) locals: &'a mut Locals,
    pub(crate) statistics: &'a mut Statistics,
    pub(crate) failures: &'a mut Vec<Failed>,
    pub(crate) effects: &'a mut Vec<FlowEffect>,
}

impl Run<'_> {
    /// Returns whether an outlet of the node leads somewhere.
    pub(crate) fn leads_on(&self, outlet: &str) -> bool {
        self.placed.out.contains_key(outlet)
    }

    pub(crate) fn emit(&mut self, effect: FlowEffect) {
        self.effects.push(effect);
    }

    /// Counts something that happened at the node.
    pub(crate) fn observe(&mut self, what: What<'_>) {
        self.statistics.apply(&Observation {
            flow: self.flow.id(),
            version: self.flow.hash(),
            node: &self.placed.id,
            what,
        });
    }

    /// Counts an error of the flow itself, which may put its version into quarantine.
    pub(crate) fn failed(&mut self, failure: Failure) {
        self.observe(What::Failed(failure));
        self.failures.push(Failed::of(self.flow));
    }

    /// Returns the language that the caller hears: what was chosen in this call, where the flow speaks it.
    pub(crate) fn language(&self) -> Language {
        let with_call = || LANGUAGE.get(self.view.data).ok().flatten();
        let known = self.flow.languages();
        let chosen = self.memory.language.or_else(with_call).filter(|it| known.contains(it));
        chosen.unwrap_or(known[0])
    }

    /// Returns the clips that say a value in the caller's language.
    pub(crate) fn read(&self, value: &str, style: Style) -> Option<Vec<Clip>> {
        let clips = match self.language() {
            Language::Mandarin => {
                read(value, style)?.iter().map(|it| Clip::Prompt(it.clip().to_owned())).collect()
            }
            Language::English => english_words(value, style)?.map(Clip::Prompt).collect(),
        };
        Some(clips)
    }

    /// Names the prompts of the caller's language; the flow's first one is what the centre speaks anyway.
    fn localise(&self, clips: &mut [Clip]) {
        let language = self.language();
        if language == self.flow.languages()[0] {
            return;
        }
        for clip in clips {
            match clip {
                Clip::Prompt(id) => *id = language.prompt(id),
                Clip::Text { or, .. } => or.iter_mut().for_each(|id| *id = language.prompt(id)),
                Clip::Tone(_) | Clip::Silence(_) | Clip::Recording(_) => {}
            }
        }
    }

    /// Plays clips in place of what is playing. Returns whether there is anything to wait for.
    pub(crate) fn play(&mut self, mut clips: Vec<Clip>, looped: bool) -> bool {
        if clips.is_empty() {
            self.stop_playing();
            return false;
        }
        self.localise(&mut clips);
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

    /// Listens to the caller in place of what was listened for.
    pub(crate) fn listen(&mut self, mut request: RecognitionRequest) {
        self.stop_listening();
        self.language().tag().clone_into(&mut request.language);
        let listening = self.memory.next_listening;
        self.memory.next_listening += 1;
        self.memory.listening = Some(listening);
        self.emit(FlowEffect::Listen { listening, request: Box::new(request) });
    }

    pub(crate) fn stop_listening(&mut self) {
        if let Some(listening) = self.memory.listening.take() {
            self.emit(FlowEffect::StopListening { listening });
        }
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.memory.listening.is_some()
    }

    pub(crate) fn lookup(&mut self, source: &str, key: String) {
        let lookup = self.memory.next_lookup;
        self.memory.next_lookup += 1;
        self.memory.asking = Some(lookup);
        self.emit(FlowEffect::Lookup { lookup, source: source.to_owned(), key });
    }

    /// Stops waiting for the answer to the last question; one that comes is too late.
    pub(crate) fn forget_lookup(&mut self) {
        self.memory.asking = None;
    }

    /// Sets the node's only timer, in place of an earlier one.
    pub(crate) fn wake_after(&mut self, time: Duration) {
        self.memory.timer = Some(self.now + time);
    }

    /// Sets the node's only timer to a moment.
    pub(crate) fn wake_at(&mut self, at: Timestamp) {
        self.memory.timer = Some(at);
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
        variable(&self.locals.variables, &self.view, name)
    }

    /// Sets a variable of the session; beyond the limit new names are not kept.
    pub(crate) fn assign(&mut self, name: &str, value: &str) {
        let variables = &mut self.locals.variables;
        if let Some(old) = variables.get_mut(name) {
            value.clone_into(old);
        } else if variables.len() < MAX_VARIABLES {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Returns the value of an expression; one that fails counts as an error of the flow.
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Option<String> {
        let value = expression.value(self.flow.variables(), |name| self.variable(name));
        if value.is_err() {
            self.failed(Failure::Expression);
        }
        value.ok()
    }

    /// Returns the variables that a script assigns; one that fails counts as an error of the flow.
    pub(crate) fn compute(
        &mut self,
        script: &Expression,
        assigns: &[String],
    ) -> Option<Vec<(String, String)>> {
        let variables = self.flow.variables();
        let values = script.assigned(variables, assigns, |name| self.variable(name));
        if values.is_err() {
            self.failed(Failure::Expression);
        }
        values.ok()
    }

    /// Counts one more pass of the node and returns how many there were before.
    pub(crate) fn count_pass(&mut self) -> u32 {
        let counter = match self.locals.counters.get_mut(&self.placed.id) {
            Some(counter) => counter,
            None => self.locals.counters.entry(self.placed.id.clone()).or_default(),
        };
        let before = *counter;
        *counter = counter.saturating_add(1);
        before
    }

    /// Begins counting the passes of the node anew.
    pub(crate) fn forget_passes(&mut self) {
        self.locals.counters.remove(&self.placed.id);
    }

    /// Returns whether the caller answered a question of a survey less than so long ago.
    pub(crate) fn answered_within(&self, question: &str, time: Duration) -> bool {
        let last = self.answers.last(self.view.caller.reveal(), question);
        last.is_some_and(|last| self.now.since(last) < time)
    }

    /// Returns a random number below `bound`; equal sessions get equal numbers.
    pub(crate) fn random_below(&mut self, bound: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.memory.seed = self.memory.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.memory.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

/// Returns a variable as a flow sees it.
pub(crate) fn variable<'a>(
    own: &'a CallData,
    view: &'a SessionView<'_>,
    name: &str,
) -> Option<&'a str> {
    let found = own.get(name).or_else(|| view.data.get(name));
    found.map(String::as_str).or(match name {
        "caller" => Some(view.caller.reveal()),
        "called" => Some(view.called.reveal()),
        _ => None,
    })
}
