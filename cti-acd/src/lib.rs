//! Who gets the call: queues, strategies, overflow and explanations.
//!
//! This crate implements [`cti_core::router::Router`]. It follows the facts of the log, holds indexes that it
//! derives from them, and proposes. It places no call, reserves nobody, reads no clock and asks no other crate:
//! the Center decides what becomes of a proposal and tells it by further facts.
//!
//! ```text
//!   facts ──▶ follow ──▶ agents, contacts, devices         what was told; all that a snapshot holds
//!                              │ plan, index
//!                              ▼
//!            ┌─ each requirement class ────────────┐       contacts of a queue that ask for the same
//!            │ waiting  (place) …                  │       sorted by integers, no two equal
//!            │ ready    (strategy's key, idle no) … │
//!            └──────┬──────────────────────────────┘
//!                   ▼
//!   hot: classes with both, by their first contact · due moments · actions · queues without staff
//!                   │ heads only, nothing is searched
//!                   ▼
//!      propose ──▶ Offer · Overflow · Move · Raise · alarms, each with its reason in words
//! ```
//!
//! A fact costs O(s · log n) for an agent of `s` classes, a proposal O(s · log n); nothing is scanned. Where nobody waits
//! the ready are sorted later, a few at a time, so that an agent who answers and is ready again costs less than that.
//!
//! - A contact asks for a queue, skills with levels, a language, a region, a certain agent; contacts of every medium
//!   wait in the same queues. What it asks for is relaxed by the rules of its queue the longer it waits.
//! - A contact is served by its [place](config::Ageing), and keeps that place whatever becomes of an offer.
//! - Which of several ready agents is preferred is the queue's [`strategy`], or a [`script`] of the administrator.
//! - An agent of several queues chooses between their first contacts by the rule [`between`](config::Between) queues.
//! - An agent can be offered a call when he is ready, nothing spoken is being offered to him, his device is in service
//!   and takes part in no other call, and the pause after offers that he missed is over.
//! - A contact overflows when it has waited too long, when something spoke against its entry and nobody was free as it
//!   came, or when nobody who is signed in takes calls; the last one also raises an alarm.
//! - Every decision says why; [`Acd::why_not`] says what keeps a contact and an agent apart.
//! - Other rules take effect at once, and can be tried out before: [`tryout`].
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
//!         capacity: Default::default(),
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
mod callers;
mod class;
mod contacts;
mod ewt;
mod hash;
mod missed;
mod place;
mod queue;
mod ranked;
mod service_level;
mod words;

pub use acd::{Acd, Parts};
