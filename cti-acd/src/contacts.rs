//! What the router remembers of a contact: where it waits and what was decided about it.

use std::collections::VecDeque;

use cti_core::{
    event::{DequeueReason, OfferEnd},
    id::{AgentId, CallId, QueueId},
    router::Why,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::place::{Place, QueueNo};

/// How many decisions about one contact are kept; the oldest are forgotten first.
const HISTORY: usize = 64;

/// One contact, from its first queue to the end of its call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// The call that queued it last.
    pub(crate) call: CallId,
    /// Where it waits; nowhere once it was answered or sent on.
    pub(crate) wait: Option<Wait>,
    pub(crate) history: VecDeque<(Timestamp, Decision)>,
}

/// A contact's waiting in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wait {
    pub(crate) queue: QueueId,
    pub(crate) since: Timestamp,
    /// Kept from the first moment to the last, whatever becomes of offers.
    pub(crate) place: Place,
    /// Who is being rung for it.
    pub(crate) offered: Option<AgentId>,
    /// Whether the queue was full when it came, and no agent was free for it.
    pub(crate) over_length: bool,
    /// What follows from the fields above and from the queue's rules; made again by a restore.
    #[serde(skip)]
    pub(crate) index: Index,
}

/// Where a waiting contact is entered in the indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) queue: Option<QueueNo>,
    /// Whether it can be offered now.
    pub(crate) open: bool,
    /// Its entry among the deadlines.
    pub(crate) deadline: Option<Timestamp>,
    /// Its entry among those for whom the queue was full.
    pub(crate) over_length: bool,
    /// Whether something was proposed for it and no fact has answered yet.
    pub(crate) asked: bool,
}

/// Something that was decided about a contact; put into words when somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Queued { queue: QueueId, priority: u8 },
    Offered { agent: AgentId, why: Why },
    OfferEnded { agent: AgentId, end: OfferEnd },
    Dequeued { queue: QueueId, reason: DequeueReason },
}

impl Contact {
    pub(crate) fn remember(&mut self, at: Timestamp, decision: Decision) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back((at, decision));
    }
}
