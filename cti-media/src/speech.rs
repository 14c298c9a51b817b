//! Providers of speech behind [`cti_core::speech`]: a program on this machine, services over HTTP and WebSocket.
//!
//! ```text
//!  Espeak ──────────┐                        ┌── HttpRecognizer       whole utterance, one answer
//!  HttpSynthesizer ─┼─▶ Limited ─▶ FirstOf   ├── WebSocketRecognizer  frame by frame, answers in between
//!  …                ┘   (turns,     (falls   ┘   both tell speech from silence by Endpointer
//!                        time-out)   back)
//! ```
//!
//! What a service is sent is a [`template::Template`] of the configuration, so that a new service needs no code.
//! Secrets come from the environment or from files, never from the text of the configuration.

mod endpointer;
pub mod espeak;
mod exchange;
mod first_of;
pub mod http;
mod http_recognizer;
mod limited;
pub mod pinyin;
mod sound;
pub mod template;
mod understand;
mod websocket;

pub use self::{
    endpointer::{Endpointer, Utterance},
    espeak::{Espeak, EspeakConfig},
    first_of::{FirstOf, Told},
    http::{AnswerFormat, HttpSynthesizer, HttpSynthesizerConfig, InvalidService},
    http_recognizer::{HttpRecognizer, HttpRecognizerConfig},
    limited::{Limited, Limits},
    sound::{to_audio, to_sound},
    understand::understand,
    websocket::{WebSocketRecognizer, WebSocketRecognizerConfig},
};

#[cfg(test)]
pub(crate) mod tests;
