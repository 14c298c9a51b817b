//! A ticket as it is kept.

use cti_core::{
    address::PhoneNumber,
    id::{AgentId, CallId, ContactId, SeatId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{kind::TicketKind, number::TicketNo, status::TicketStatus};

/// One citizen's matter in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub no: TicketNo,
    /// Six digits with which the citizen, giving the telephone number too, asks how it stands.
    pub query_code: String,
    /// What kind of matter it is.
    pub kind: TicketKind,
    /// What it is about.
    pub category: String,
    /// The headline.
    pub title: String,
    /// What the citizen said.
    pub text: String,
    /// The citizen's number.
    pub caller_number: PhoneNumber,
    /// The citizen's name.
    pub caller_name: Option<String>,
    /// Where it is about.
    pub address: Option<String>,
    /// The call in which it was said.
    pub call: Option<CallId>,
    /// The matter to which the call belongs.
    pub contact: Option<ContactId>,
    /// Who took it down.
    pub agent: Option<AgentId>,
    /// Where he sat.
    pub seat: Option<SeatId>,
    /// Where it stands.
    pub status: TicketStatus,
    /// When it was accepted.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Counts the changes; the first version is 1.
    pub version: u32,
}
