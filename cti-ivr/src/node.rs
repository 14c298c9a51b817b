//! Nodes: what a flow is built from, one file per type.
//!
//! A node is entered, and either leaves by an outlet at once or waits. While it waits it gets what happens, until it
//! leaves. Its configuration never changes; what it remembers while it waits is kept by the session.

mod agent_whisper;
mod answer;
mod asking;
mod blacklist_check;
mod bridge;
mod call_back;
mod change_priority;
mod collect;
mod conference;
mod crm_lookup;
mod db_query;
mod dtmf_send;
mod enqueue;
mod expected_wait;
mod fax_hook;
mod field;
mod goto_flow;
mod hangup;
mod hours_check;
mod http;
mod r#if;
mod kb_lookup;
mod language;
mod leave_queue;
mod listen;
mod log_tag;
mod lookup;
mod r#loop;
mod mailbox;
mod mark_message;
mod mask;
mod menu;
mod music;
mod named;
mod next_message;
mod note_message;
mod number_area;
mod open_mailbox;
mod play;
mod play_greeting;
mod play_message;
mod position;
mod random_split;
mod rating;
mod record_greeting;
mod record_message;
mod r#return;
mod ring;
mod say;
mod schedule;
mod script;
mod set;
mod set_caller_attr;
mod sms_send;
mod speak;
mod subflow;
mod survey;
mod survey_question;
mod switch;
mod talk_recording;
mod template;
mod traffic;
mod transfer_agent;
mod transfer_external;
mod transfer_group;

use std::{collections::BTreeMap, fmt, time::Duration};

use cti_core::{
    flow::{CallData, LookupFailure, QueueExit},
    id::FlowId,
    speech::RecognitionEnd,
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    expression::Expression,
    flow::{Code, Kind, Target, Uses},
    language::Language,
    prompt::Prompt,
    run::Run,
};

pub use field::{Field, Shape};
use survey::AskSurvey;
pub(crate) use traffic::{Exposure, Script, Source, Traffic, Written};

/// A type of node, as the catalogue describes it.
#[derive(Debug)]
pub struct NodeType {
    /// The name in documents.
    pub name: &'static str,
    /// The drawer of the palette that it lies in.
    pub group: Group,
    /// Its fields.
    pub fields: &'static [Field],
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

/// A drawer of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What the caller hears and presses (语音与按键).
    Media,
    /// Which way it goes (逻辑).
    Logic,
    /// What others know (数据).
    Data,
    /// What becomes of the call (呼叫).
    Call,
    /// Waiting for an agent (排队).
    Queue,
    /// What the caller thinks (调查).
    Survey,
    /// Messages that callers leave (信箱).
    Mailbox,
}

impl Group {
    /// Every drawer, in the order of the palette.
    pub const ALL: [Self; 7] = [
        Self::Media,
        Self::Logic,
        Self::Data,
        Self::Call,
        Self::Queue,
        Self::Survey,
        Self::Mailbox,
    ];

    /// Returns its name in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Media => "语音与按键",
            Self::Logic => "逻辑",
            Self::Data => "数据",
            Self::Call => "呼叫",
            Self::Queue => "排队",
            Self::Survey => "调查",
            Self::Mailbox => "信箱",
        }
    }

    /// Returns its name in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Media => "Prompts and keys",
            Self::Logic => "Logic",
            Self::Data => "Data",
            Self::Call => "Call",
            Self::Queue => "Queue",
            Self::Survey => "Survey",
            Self::Mailbox => "Mailboxes",
        }
    }
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

    /// The same outlet, which need not lead anywhere.
    pub(crate) const fn optional(self) -> Self {
        Self { required: false, ..self }
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
pub(crate) const EVERY_KIND: &[Kind] = &Kind::ALL;

/// The kinds in which somebody listens.
pub(crate) const HEARD: &[Kind] =
    &[Kind::Inbound, Kind::Queue, Kind::Whisper, Kind::AfterCall, Kind::Outbound, Kind::Voicemail];

/// The kinds in which a caller can be sent on to people.
pub(crate) const SENDS_ON: &[Kind] =
    &[Kind::Inbound, Kind::Outbound, Kind::Voicemail, Kind::Routing];

static CATALOGUE: [&NodeType; 57] = [
    &answer::TYPE,
    &play::TYPE,
    &say::TYPE,
    &menu::TYPE,
    &collect::TYPE,
    &listen::TYPE,
    &music::TYPE,
    &record_message::TYPE,
    &dtmf_send::TYPE,
    &schedule::TYPE,
    &hours_check::TYPE,
    &r#if::TYPE,
    &switch::TYPE,
    &set::TYPE,
    &r#loop::TYPE,
    &language::TYPE,
    &random_split::TYPE,
    &script::TYPE,
    &subflow::TYPE,
    &r#return::TYPE,
    &goto_flow::TYPE,
    &lookup::TYPE,
    &db_query::TYPE,
    &http::TYPE,
    &crm_lookup::TYPE,
    &kb_lookup::TYPE,
    &blacklist_check::TYPE,
    &number_area::TYPE,
    &sms_send::TYPE,
    &fax_hook::TYPE,
    &speak::TYPE,
    &log_tag::TYPE,
    &set_caller_attr::TYPE,
    &ring::TYPE,
    &transfer_external::TYPE,
    &bridge::TYPE,
    &transfer_group::TYPE,
    &conference::TYPE,
    &talk_recording::TYPE,
    &hangup::TYPE,
    &enqueue::TYPE,
    &transfer_agent::TYPE,
    &agent_whisper::TYPE,
    &position::TYPE,
    &expected_wait::TYPE,
    &change_priority::TYPE,
    &leave_queue::TYPE,
    &call_back::TYPE,
    &rating::TYPE,
    &survey_question::TYPE,
    &play_greeting::TYPE,
    &note_message::TYPE,
    &open_mailbox::TYPE,
    &next_message::TYPE,
    &play_message::TYPE,
    &mark_message::TYPE,
    &record_greeting::TYPE,
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
    pub(crate) code: Code,
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl FieldError {
    pub(crate) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self::coded(Code::InvalidField, field, reason)
    }

    pub(crate) fn coded(code: Code, field: &str, reason: impl Into<String>) -> Self {
        Self { code, field: field.to_owned(), reason: reason.into() }
    }
}

/// Reads the fields of a node, naming the one that is wrong.
pub(crate) fn fields<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "fields".to_owned() } else { path };
        FieldError::new(&field, error.into_inner().to_string())
    })
}

/// Compiles an expression, naming its field when it cannot be.
pub(crate) fn compiled(field: &str, text: &str) -> Result<Expression, FieldError> {
    if text.len() > 1000 {
        return Err(FieldError::new(field, "must have at most 1000 characters"));
    }
    Expression::single(text)
        .map_err(|reason| FieldError::coded(Code::ExpressionError, field, reason))
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
    Goto(Target),
    /// Use another flow and come back.
    Call(Target),
    /// Go back to the flow that uses this one; its node is left by this outlet.
    Return(&'static str),
    /// End the session.
    End,
    /// Leave the queue and end the session.
    LeaveQueue,
}

/// A sub-flow as a node uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) target: Target,
    /// Parameters by name.
    pub(crate) arguments: BTreeMap<String, Argument>,
    /// Its variables by name, and the variables that take their values.
    pub(crate) results: BTreeMap<String, String>,
}

/// What a parameter gets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "an argument is a text or {\"from\": variable}")]
pub(crate) enum Argument {
    /// A fixed text.
    Text(String),
    /// The value of a variable.
    Variable {
        /// Which one.
        from: String,
    },
}

/// What a node remembers while it waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Nothing but that it waits.
    Waiting,
    /// The attempts of a menu or of a collection so far, and what was pressed.
    Asking {
        /// How many attempts have failed.
        failed: u32,
        /// The digits of this attempt.
        digits: String,
        /// When the attempt is over at the latest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A message: whether the recording has begun.
    Message {
        /// Whether the caller is being recorded.
        recording: bool,
    },
    /// A service was asked, or will be asked again.
    Trying {
        /// How many attempts have failed.
        failed: u32,
        /// Whether an answer is awaited, rather than the moment of the next attempt.
        asked: bool,
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
    /// The caller, who is listened to, begins to speak.
    SpeechBegan,
    /// The node's listening is over.
    Listened(RecognitionEnd),
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

    /// Returns whether the caller comes to a person here, if somebody is there.
    fn leads_to_people(&self) -> bool {
        self.waits_for_people()
    }

    /// Returns the flow that the session goes on in.
    fn goes_to(&self) -> Option<&Target> {
        None
    }

    /// Returns a flow that the node names for later, by field, and the kind that it must be of.
    fn names_flow(&self) -> Option<(&'static str, &FlowId, Kind)> {
        None
    }

    /// Returns the sub-flow that the node uses.
    fn calls(&self) -> Option<&Call> {
        None
    }

    /// Returns the outlets that must lead somewhere because of how the node is configured.
    fn must_wire(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns the keys that must lead somewhere because of how the node is configured.
    fn must_wire_keys(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Returns whether the node, as it is configured, can leave by an outlet of its type.
    fn takes(&self, _outlet: &str) -> bool {
        true
    }

    /// Returns the expressions and scripts of the node.
    fn scripts(&self) -> Vec<Script<'_>> {
        Vec::new()
    }

    /// Returns keys that mean something to the node itself, by field.
    fn own_keys(&self) -> Vec<(&'static str, char)> {
        Vec::new()
    }

    /// Returns the language that the caller hears from here on, where the node chooses one.
    fn speaks(&self) -> Option<Language> {
        None
    }

    /// Adds what the node reads and writes.
    fn traffic(&self, _traffic: &mut Traffic) {}

    /// Returns what the caller must hear here to its end before a key counts.
    fn must_hear(&self) -> Option<&Prompt> {
        None
    }

    /// Returns whether the caller is asked for a key here.
    fn asks(&self) -> bool {
        false
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
