//! What the caller hears: flows, their interpreter, prompts and speech.
//!
//! A flow is a JSON document (`cti.flow/1`) that an administrator writes: nodes with named outlets, each leading to
//! another node. [`flow::Flow::parse`] checks it, [`publish::Library`] keeps its versions, and [`engine::Engine`] runs
//! it for many calls at once behind the seam [`cti_core::flow::FlowEngine`]. The crate knows no telephone network,
//! queue algorithm, clock or task: what a session wants comes out as effects, what happened goes in as inputs, and
//! equal inputs give equal effects.
//!
//! ```text
//!   *.json ──▶ Flow::parse ──▶ draft ──publish──▶ Library ◀── roll back, quarantine
//!                  │ findings                        │ which version a caller gets
//!                  ▼                                 ▼
//!             InvalidFlow     inputs: digit … ──▶ Engine ──▶ effects: answer, play, enqueue, lookup, end …
//!                                                    │  └──▶ Statistics per version and node
//!                                       session ── frame ── node ── enter · handle ──▶ outlet ──▶ next node
//! ```
//!
//! Editors get the node types and the JSON Schema from [`catalogue`]; whoever answers the questions of flows reads
//! them with [`service::Question`].
//!
//! # Examples
//!
//! ```
//! use cti_core::{
//!     address::PhoneNumber,
//!     calendar::Calendars,
//!     flow::{CallData, FlowEffect, FlowEngine as _, SessionView},
//!     id::{FlowId, SessionId},
//!     switch::Clip,
//!     time::Timestamp,
//! };
//! use cti_ivr::{engine::Engine, flow::{Flow, FlowSet}};
//!
//! let flow = Flow::parse(r#"{
//!     "schema": "cti.flow/1", "id": "hello", "kind": "inbound", "name": "Hello", "entry": "answer",
//!     "nodes": {
//!         "answer": {"type": "answer", "out": {"next": "greet"}},
//!         "greet": {"type": "play", "prompt": ["welcome"], "out": {"next": "bye"}},
//!         "bye": {"type": "hangup"}
//!     }
//! }"#)?;
//! let mut engine = Engine::new(FlowSet::new([flow])?, Calendars::default())?;
//!
//! let (caller, called) = (PhoneNumber::parse("13812341234")?, PhoneNumber::parse("12345")?);
//! let data = CallData::new();
//! let view = SessionView { caller: &caller, called: &called, data: &data, position: None, expected_wait: None };
//! engine.start(Timestamp::ZERO, SessionId(1), &FlowId::new("hello")?, view)?;
//!
//! assert_eq!(engine.poll_effect(), Some((SessionId(1), FlowEffect::Answer)));
//! let visited = engine.poll_effect();
//! assert!(matches!(visited, Some((_, FlowEffect::Visited { node, .. })) if node == "answer"));
//! let play = FlowEffect::Play { play: 0, clips: vec![Clip::Prompt("welcome".into())], looped: false };
//! assert_eq!(engine.poll_effect(), Some((SessionId(1), play)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod catalogue;
pub mod engine;
mod expression;
pub mod flow;
pub mod language;
pub mod node;
pub mod prompt;
pub mod publish;
mod run;
pub mod service;
mod session;
pub mod speak;
pub mod statistics;
pub mod table;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
