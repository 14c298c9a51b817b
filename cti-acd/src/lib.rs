//! Who gets the call: queues, strategies, overflow and explanations.
//!
//! This crate implements [`cti_core::router::Router`]. It follows the facts of the log, holds indexes that it
//! derives from them, and proposes. It places no call, reserves nobody, reads no clock and asks no other crate:
//! the Center decides what becomes of a proposal and tells it by further facts.
//!
//! ```text
//!   facts ──▶ follow ──▶ agents, contacts, devices         what was told; all that a snapshot holds
//!                              │ index
//!                              ▼
//!            ┌─ each queue ────────────────────────┐
//!            │ waiting  (priority, arrival, no) …  │       sorted by integers, no two equal
//!            │ ready    (strategy's key, idle, no) │
//!            └──────┬──────────────────────────────┘
//!                   ▼
//!   hot: queues with both, by their first contact · deadlines · over length · without staff
//!                   │ heads only, nothing is searched
//!                   ▼
//!               propose ──▶ Offer · Overflow · NobodyStaffed · StaffedAgain, each with its reason in words
//! ```
//!
//! A fact costs O(s · log n) for an agent of `s` queues, a proposal O(s · log n); nothing is scanned.
//!
//! - A contact is served by priority, then by arrival, and keeps that place whatever becomes of an offer.
//! - An agent of several queues gets the contact with the best place of all of them.
//! - Which of several ready agents is preferred is the queue's [`strategy`].
//! - An agent can be offered a contact when he is ready, nobody is being offered to him, and his device is in
//!   service and takes part in no other call.
//! - A contact overflows when it has waited too long, when the queue was full and nobody free as it came, or when
//!   nobody who is signed in takes calls; the last one also raises an alarm.
//!
//! ```
//! use cti_acd::{Acd, config::AcdConfig};
//! use cti_core::{
//!     agent::AgentState,
//!     event::{Event, Fact},
//!     id::{AgentId, CallId, ContactId, DeviceId, EventNo, QueueId, SeatId},
//!     router::{Proposal, Router as _},
//!     time::Timestamp,
//! };
//!
//! let mut acd = Acd::new(AcdConfig::default())?;
//! let (agent, device) = (AgentId::new("8001")?, DeviceId::new("8001")?);
//! let queue = QueueId::new("general")?;
//! let facts = [
//!     Fact::DeviceInService { device: device.clone() },
//!     Fact::AgentSignedIn {
//!         agent: agent.clone(),
//!         seat: SeatId::new("A01")?,
//!         device,
//!         queues: vec![queue.clone()],
//!     },
//!     Fact::AgentStateChanged { agent: agent.clone(), to: AgentState::Ready, until: None },
//!     Fact::Queued { contact: ContactId(1), call: Some(CallId(1)), queue, priority: 0, needs: Default::default(), since: None },
//! ];
//! for (no, fact) in (1..).zip(facts) {
//!     acd.apply(&Event { no: EventNo(no), at: Timestamp::from_secs(10 * no), fact });
//! }
//!
//! let Some(Proposal::Offer { contact, agent: to, why }) = acd.propose(Timestamp::from_secs(40))
//! else {
//!     panic!("one waits and one is ready");
//! };
//! assert_eq!((contact, to), (ContactId(1), agent));
//! assert_eq!(why.zh, "空闲时间最长：已空闲 10 秒");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod config;
pub mod dialer;
pub mod forecast;
pub mod script;
pub mod strategy;
pub mod tryout;

mod acd;
mod agents;
mod between;
mod class;
mod contacts;
mod ewt;
mod hash;
mod place;
mod queue;
mod ranked;
mod service_level;
mod words;

pub use acd::{Acd, Parts};
