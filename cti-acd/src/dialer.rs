//! Outbound calls: who is dialled, when, and who talks to whoever answers.
//!
//! A [`Dialer`] is one campaign: its records, its rules, its agents. It dials nobody itself. What happens goes in with
//! its time, what to do comes out, each decision with its reason; it reads no clock and throws no dice.
//!
//! ```text
//!   Import ──▶ list: regions' hours, quota cells, priority, due ──┐ who is next
//!                                                                 ▼
//!   agents ──▶ mode: preview · progressive · predictive · agentless ──▶ Preview · Dial
//!                 ▲                                                         │
//!                 │ budget of abandoned calls                               ▼
//!                 └──────────── Outcome: busy, no answer, answered ──▶ Connect · Abandon · StartFlow
//!                                                                           │
//!                           Retry · Ended ◀── Result: completed, refused … ◀┘
//! ```
//!
//! - **Never more abandoned calls than the cap**: predictive dialling keeps within it even if every phone that rings is
//!   answered; agents who leave while phones ring for them are what is left.
//! - **Never the wrong call**: hours, do-not-call list, gaps, attempts and quota are checked when a number is dialled.
//!   A customer has one call at a time; a quota place is taken before the call and given back after it.
//! - **A snapshot goes on as if nothing had happened** ([`Dialer::snapshot`], [`Dialer::restore`]).
//!
//! ```
//! use cti_acd::dialer::{
//!     CallOutcome, Campaign, ContactResult, Dialer, Input, Mode, NewRecord, Output, RecordId, Region,
//! };
//! use cti_core::{address::PhoneNumber, id::AgentId, time::Timestamp};
//!
//! let mut dialer = Dialer::new(Campaign::new(Mode::Progressive, Region::any_time("all")))?;
//! let (record, now) = (RecordId(7), Timestamp::from_secs(1_000_000));
//! dialer.handle(now, Input::Import(NewRecord::new(record, PhoneNumber::parse("13812341234")?)))?;
//! dialer.handle(now, Input::Start)?;
//! dialer.handle(now, Input::AgentIdle(AgentId::new("8001")?))?;
//!
//! let attempt = loop {
//!     match dialer.poll_output() {
//!         Some(Output::Dial { attempt, why, .. }) => {
//!             assert_eq!(why.en, "1 agents are free, 0 calls are under way");
//!             break attempt;
//!         }
//!         Some(_) => {}
//!         None => panic!("somebody is free"),
//!     }
//! };
//! let later = Timestamp::from_secs(1_000_009);
//! dialer.handle(later, Input::Outcome { attempt, outcome: CallOutcome::Answered })?;
//! assert!(matches!(dialer.poll_output(), Some(Output::Connect { .. })));
//!
//! dialer.handle(later, Input::Result { record, result: ContactResult::Completed })?;
//! assert!(matches!(dialer.poll_output(), Some(Output::Ended { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod id;
mod input;
mod machine;
mod mode;
mod record;

mod calls;
mod import;
mod pace;
mod query;
mod results;
mod snapshot;
mod staff;

mod agents;
mod budget;
mod estimate;
mod excess;
mod list;
mod quota;
mod words;

pub use agents::AgentDoes;
pub use budget::Window;
pub use config::{
    AbandonmentRules, Blend, Campaign, FirstGuess, InvalidCampaign, MAX_REGIONS_AND_CELLS,
    QuotaCell, Region, SampleRules,
};
pub use id::{AttemptId, RecordId};
pub use input::{CallOutcome, ContactResult, DialerError, ImportRefusal, Input, NewRecord, Output};
pub use machine::{Dialer, Tally};
pub use mode::{Limit, Mode};
pub use query::Waiting;
pub use quota::Cell;
pub use record::{End, MAX_NUMBERS, Record, RecordState};
pub use snapshot::RestoreError;
