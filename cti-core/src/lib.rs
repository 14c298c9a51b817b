//! The call model and the Center: a deterministic, sans-IO call-centre machine.
//!
//! A [`Center`](center::Center) owns the calls, the agents' states and the reservations of one centre. It is told
//! what happened (a phone call came in, a phone was picked up, an agent wants a break), decides what follows, writes
//! that down as numbered [events](event) and says what is to be done about it. Everything else that a call centre
//! needs is built on the log of these events: recovery, call records, live views, reports, tickets.
//!
//! It is not a SIP stack, a media server, a queue algorithm or a flow interpreter; it does not know that there are
//! such things. They stand behind [traits](#the-seams). It holds no socket, thread, lock, clock or random number: time
//! comes in as an argument and ids come from counters, so that equal inputs at equal times give equal logs, byte for
//! byte. The same Center therefore runs in production, in a simulation of a whole day within seconds, and again from a
//! [trace] that was recorded when something went wrong.
//!
//! ```text
//!   Switch ── reports ──┐                    ┌── proposals ── Router       who gets the call?
//!                       ▼                    ▼
//!   programs ─ requests ▶ Input ─▶ CENTER ◀──┴── effects ──── FlowEngine   what does the caller hear?
//!                                    │
//!                 ┌──────────────────┴───────────────────┐
//!                 ▼                                      ▼
//!         Event #1, #2, #3 …                Output: command, reply, lookup
//!         journal · views · records         carried out once its events are durable
//! ```
//!
//! # The seams
//!
//! | trait | asked by | question | implementations |
//! |---|---|---|---|
//! | [`router::Router`] | the Center | who takes this waiting contact, and why? | `cti-acd`; `testkit::SimpleRouter` |
//! | [`flow::FlowEngine`] | the Center | what does this caller hear, and what follows from his keys? | `cti-ivr`; `testkit::ScriptedFlows` |
//! | [`switch::Switch`] | the driver | carry out this command; what happened? | `cti-media`; `testkit::VirtualSwitch` |
//! | [`journal::Journal`] | the driver | make these events durable; what was there? | [`journal::file`], [`journal::memory`] |
//! | `runtime::Lookup` | the driver | which row of this table has this key? | the application |
//! | [`speech::Synthesizer`] | flows and programs | what does this text sound like? | the application; [`speech::cached`] keeps what was made |
//! | [`speech::Recognizer`] | flows and programs | what was said? | the application |
//!
//! What each of them must keep to is in `conformance`: a suite per seam that any implementation can run.
//!
//! # Features
//!
//! - `tokio`: `runtime`, the one driver that reads a clock, spawns and waits.
//! - `testkit`: `testkit`, the virtual world of scenario tests, and `conformance`, the rules of the seams; for this
//!   crate's users too.
//!
//! # Examples
//!
//! A centre with one queue and one agent, and a call through it, written as a scenario:
//!
//! ```
//! # #[cfg(feature = "testkit")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use cti_core::{
//!     address::PhoneNumber,
//!     center::Center,
//!     config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
//!     flow::FlowEffect,
//!     needs::Needs,
//!     testkit::{ScriptedFlows, SimpleRouter, World, run},
//!     time::Timestamp,
//! };
//!
//! let config = CenterConfig {
//!     agents: vec![AgentConfig {
//!         id: "8001".parse()?,
//!         name: "Li Na".to_owned(),
//!         announced_number: "8001".to_owned(),
//!         queues: vec!["general".parse()?],
//!         capacity: Default::default(),
//!     }],
//!     seats: vec![SeatConfig { id: "A01".parse()?, device: "201".parse()?, pickup_group: None }],
//!     queues: vec![QueueConfig {
//!         id: "general".parse()?,
//!         name: "General".to_owned(),
//!         waiting_flow: None,
//!         whisper_flow: None,
//!         after_call_flow: None,
//!         ring_for: Duration::from_secs(15),
//!         after_call_work: Duration::from_secs(20),
//!     }],
//!     numbers: vec![NumberConfig {
//!         number: PhoneNumber::parse("12345")?,
//!         name: "Hotline".to_owned(),
//!         to: Destination::Flow("day".parse()?),
//!     }],
//!     ..CenterConfig::default()
//! };
//! let enqueue = FlowEffect::Enqueue { queue: "general".parse()?, priority: 0, needs: Needs::default() };
//! let flows = ScriptedFlows::default().flow("day", vec![FlowEffect::Answer, enqueue]);
//! let center = Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows))?;
//!
//! let trace = run(&mut World::new(center, Timestamp::from_secs(1_000_000)), "
//!     00:00 phone 201 registers
//!     00:00 agent 8001 signs in at A01
//!     00:01 agent 8001 is ready
//!     00:05 citizen 13812341234 dials 12345
//!     00:09 phone 201 answers
//!     01:09 citizen 13812341234 hangs up
//! ")?;
//! assert!(trace.contains("00:05 call-1 offered to agent 8001 by longest_idle"));
//! assert!(trace.contains("00:09 call-1 talks with agent 8001"));
//! assert!(trace.contains("01:09 call-1 recording-1 saved, 60 s"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "testkit"))]
//! # fn main() {}
//! ```

pub mod address;
pub mod agent;
pub mod calendar;
pub mod call;
pub mod cause;
pub mod center;
pub mod command;
pub mod config;
#[cfg(any(test, feature = "testkit"))]
pub mod conformance;
pub mod connection;
pub mod data;
pub mod device;
pub mod event;
pub mod flow;
pub mod id;
pub mod import;
pub mod journal;
pub mod mailbox;
pub mod monitor;
pub mod needs;
pub mod numbers;
pub mod quality;
pub mod records;
pub mod role;
pub mod router;
#[cfg(feature = "tokio")]
pub mod runtime;
#[cfg(feature = "seal")]
pub mod seal;
pub mod speech;
pub mod switch;
pub mod target;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod time;
pub mod timers;
pub mod trace;
pub mod words;
