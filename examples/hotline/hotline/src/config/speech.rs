//! What callers hear, and who understands them: the set of prompts, synthesizers, recognizers.

use std::{collections::BTreeSet, path::PathBuf};

use cti_media::speech::{HttpRecognizerConfig, HttpSynthesizerConfig, WebSocketRecognizerConfig};
use hotline_api::flows::prompts::shelf::language_of;
use serde::Deserialize;

use crate::prompts::DEFAULT_SET;

/// What callers hear.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// The set of prompts that callers hear: a language (`zh-CN`), or a language and a voice (`zh-CN-lin`), whose
    /// missing prompts are taken from the language's own.
    pub set: String,
    /// The synthesizers, asked in this order; `espeak-ng` when there are none, if it is installed.
    pub synthesizers: Vec<SynthesizerConfig>,
    /// The recognizers of the node `listen`, asked in this order; without any it leaves by `unavailable`.
    pub recognizers: Vec<RecognizerConfig>,
}

impl Default for Speech {
    fn default() -> Self {
        Self { set: DEFAULT_SET.to_owned(), synthesizers: Vec::new(), recognizers: Vec::new() }
    }
}

/// One synthesizer: either a program or a service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynthesizerConfig {
    /// Its name, which the names of its voices begin with.
    pub id: String,
    /// The program `espeak-ng`.
    pub espeak: Option<EspeakProgram>,
    /// A service over HTTP.
    pub http: Option<HttpSynthesizerConfig>,
    /// The longest that an answer takes, in milliseconds.
    #[serde(default = "ten_seconds")]
    pub timeout_ms: u64,
    /// At most so many texts at a time.
    #[serde(default = "four")]
    pub at_a_time: usize,
}

/// One recognizer: a service over HTTP that is sent whole utterances, or one over WebSocket that hears along.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecognizerConfig {
    /// Its name.
    pub id: String,
    /// The languages that it understands, as `zh-CN` or `zh`; every one when none is listed.
    #[serde(default)]
    pub languages: Vec<String>,
    /// A service over HTTP.
    pub http: Option<HttpRecognizerConfig>,
    /// A service over WebSocket.
    pub websocket: Option<WebSocketRecognizerConfig>,
    /// At most so many callers at a time.
    #[serde(default = "fifty")]
    pub at_a_time: usize,
}

/// The program `espeak-ng`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EspeakProgram {
    /// Where it is.
    #[serde(default = "espeak_ng")]
    pub program: PathBuf,
}

fn espeak_ng() -> PathBuf {
    "espeak-ng".into()
}

fn ten_seconds() -> u64 {
    10_000
}

fn fifty() -> usize {
    50
}

fn four() -> usize {
    4
}

impl Speech {
    /// Checks the values; names the field and the reason.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        if language_of(&self.set).is_none() {
            let reason = format!("{:?} is no set such as zh-CN or zh-CN-lin", self.set);
            return Err(("speech.set".to_owned(), reason));
        }
        let mut names = BTreeSet::new();
        for it in &self.synthesizers {
            let wrong = |reason: &str| {
                Err(("speech.synthesizers".to_owned(), format!("{:?}: {reason}", it.id)))
            };
            if it.id.is_empty() || it.id.contains('/') || !names.insert(&it.id) {
                return wrong("a name of its own, without `/`, is needed");
            }
            if it.espeak.is_some() == it.http.is_some() {
                return wrong("is either espeak or http");
            }
            if !(100..=60_000).contains(&it.timeout_ms) {
                return wrong("timeout_ms lies between 100 and 60000");
            }
            if !(1..=64).contains(&it.at_a_time) {
                return wrong("at_a_time lies between 1 and 64");
            }
        }
        let mut names = BTreeSet::new();
        for it in &self.recognizers {
            let wrong = |reason: &str| {
                Err(("speech.recognizers".to_owned(), format!("{:?}: {reason}", it.id)))
            };
            if it.id.is_empty() || !names.insert(&it.id) {
                return wrong("a name of its own is needed");
            }
            if it.http.is_some() == it.websocket.is_some() {
                return wrong("is either http or websocket");
            }
            if !(1..=1000).contains(&it.at_a_time) {
                return wrong("at_a_time lies between 1 and 1000");
            }
        }
        Ok(())
    }
}
