//! What to look for, and one page of what was found.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    id::{AgentId, SeatId, TrunkId},
    time::Timestamp,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::recording::Quality;

/// What records must have in common; an absent field does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The number of a citizen, in normal form: who called, or was called.
    pub citizen: Option<PhoneNumber>,
    /// The caller's number, in normal form.
    pub caller: Option<PhoneNumber>,
    /// The number dialled, in normal form.
    pub called: Option<PhoneNumber>,
    /// An agent to whom the call was offered.
    pub agent: Option<AgentId>,
    /// A seat at which the call rang.
    pub seat: Option<SeatId>,
    /// It started at this time or later.
    pub from: Option<Timestamp>,
    /// It started before this time.
    pub to: Option<Timestamp>,
    /// The trunk by which the call came or went; calls are not asked for it, nor for what follows.
    pub trunk: Option<TrunkId>,
    /// The recording is so long or longer.
    pub shortest: Option<Duration>,
    /// The recording is so long or shorter.
    pub longest: Option<Duration>,
    /// What somebody made of the recording.
    pub quality: Option<Quality>,
    /// Which calls, as agents and their supervisors look for them; recordings do not ask for it.
    pub view: Option<CallView>,
}

/// The four ways in which the calls of agents are looked through (话单查询); with an agent, what became of them with him.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallView {
    /// An agent talked in it (座席接听).
    Answered,
    /// It rang at an agent who did not take it (座席未接).
    Unanswered,
    /// It came in (呼入).
    Incoming,
    /// It went out (呼出).
    Outgoing,
}

/// Which page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many items, 1 to 200.
    pub limit: u32,
    /// The cursor that the page before gave.
    pub after: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: 50, after: None }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the page that follows, if there is one.
    pub next: Option<String>,
}
