//! Call records, agents' times and queue statistics: folds over the log, and nothing but the log.
//!
//! ```text
//!                     ┌─▶ CallRecords ─────▶ a row per call, contact, recording, leg
//!   Event #1, #2, … ──┼─▶ AgentTimes ──────▶ a row per shift, and per agent and interval
//!                     └─▶ QueueStatistics ─▶ a row per queue and interval
//! ```
//!
//! Each fold follows the log by `apply`, which returns the rows that the event completes, and can be serialised between
//! any two events: what it remembers is what is not over yet. An event that was applied before changes nothing, so a
//! store may hand in a batch again. The same log gives the same rows, however it is cut into batches.
//!
//! What the rows add up to, whatever happens in the centre:
//!
//! - a contact's waiting is the sum over its visits of queues, its talking the sum over those who spoke with it, each
//!   second once; asking a colleague, listening and coaching are counted apart;
//! - the times of an agent's activities add up to his shift, to the microsecond;
//! - who came into a queue was answered, gave up, overflowed, left, was moved or cleared, or is still inside.
//!
//! # Examples
//!
//! ```
//! use cti_core::{event::{Event, Fact}, id::EventNo, records::{AgentTimes, Cuts}, time::Timestamp};
//!
//! let mut times = AgentTimes::new(Cuts::new("Asia/Shanghai", 15)?);
//! let (agent, seat, device) = ("8001".parse()?, "A01".parse()?, "201".parse()?);
//! let signed_in = Fact::AgentSignedIn { agent, seat, device, queues: vec![], capacity: Default::default() };
//! let _ = times.apply(&Event { no: EventNo(1), at: Timestamp::from_secs(0), fact: signed_in });
//! let signed_out = Fact::AgentSignedOut { agent: "8001".parse()?, seat: "A01".parse()? };
//! let rows = times.apply(&Event { no: EventNo(2), at: Timestamp::from_secs(60), fact: signed_out });
//! assert_eq!(rows.shifts[0].times.total().as_secs(), 60);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activity;
mod agents;
mod calls;
mod cuts;
mod entry;
mod micros;
mod open;
mod queues;
mod rows;

pub use self::{
    activity::{Activity, Times, UnknownActivity},
    agents::{AgentInterval, AgentRows, AgentTimes, Offers, Shift},
    calls::{CallRecords, CallRow},
    cuts::{Cuts, Interval, InvalidCuts},
    queues::{QueueCounts, QueueInterval, QueueStatistics, Thresholds},
    rows::{
        CallRecord, ContactRecord, Course, MAX_PARTS, Outcome, Part, Pause, RecordingRecord, Ring,
        Talk, UnknownOutcome, VoiceRecord, Wait, Work,
    },
};
