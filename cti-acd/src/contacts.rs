//! What the router remembers of a contact: where it waits and what was decided about it.
//!
//! A plain call that waits is one [`Contact`] of some seventy bytes; what only few contacts have is in [`More`].

use std::collections::VecDeque;

use cti_core::{
    event::{DequeueReason, OfferEnd},
    id::{AgentId, CallId, ContactId, QueueId},
    needs::Needs,
    router::{OverflowReason, Why},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::place::{AgentNo, ClassNo, Place, QueueNo};

/// How many decisions about one contact are kept; the oldest are forgotten first.
const HISTORY: usize = 64;
/// How many agents are remembered who let a contact ring.
const TRIED: usize = 32;

/// One contact, from its first queue to the end of its call.
#[derive(Debug)]
pub(crate) struct Contact {
    pub(crate) id: ContactId,
    /// The call that queued it last; `CallId(0)`, which no call has, where there is none.
    pub(crate) call: CallId,
    /// From when its place counts.
    pub(crate) since: Timestamp,
    pub(crate) queue: QueueNo,
    pub(crate) priority: u8,
    /// Whether it waits; otherwise it was answered or sent on, and is kept for explanations.
    pub(crate) waits: bool,
    /// What spoke against its entry when it came, unless an agent is free for it.
    pub(crate) refused: Option<OverflowReason>,
    pub(crate) more: Option<Box<More>>,

    // What follows from the fields above and from the queue's rules; made again by a restore.
    /// Where it is entered; none while it is not.
    pub(crate) class: Option<ClassNo>,
    /// Whether it is entered among those who can be offered.
    pub(crate) open: bool,
    /// Whether something was proposed for it and no fact has answered yet.
    pub(crate) asked: bool,
    /// Whether its key has to be computed again.
    pub(crate) stale: bool,
    /// Its virtual arrival.
    pub(crate) key: i64,
    /// Its entry among the deadlines, in microseconds; zero when there is none.
    pub(crate) due: u64,
}

/// What is known of some contacts only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct More {
    #[serde(skip_serializing_if = "Needs::is_plain")]
    pub(crate) needs: Needs,
    /// When it entered this queue, if its place counts from another moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entered: Option<Timestamp>,
    /// To whom a supervisor gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned: Option<AgentId>,
    /// Whether a supervisor gave it back to everybody, so that nobody is wanted any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) anyone: bool,
    /// To whom it is on offer; more than one where the queue rings several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) offered: Vec<AgentId>,
    /// Who did not take it while others still had it on offer.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(crate) declined: VecDeque<AgentId>,
    /// When it was offered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offered_at: Option<Timestamp>,
    /// How often it was offered.
    pub(crate) offers: u32,
    /// Who did not answer when it was offered to him.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(crate) tried: VecDeque<AgentId>,
    /// How often it has left a queue for another place.
    pub(crate) sent_on: u8,
    /// Up to which step of relaxation somebody has set its priority since.
    pub(crate) raised: u8,
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(crate) history: VecDeque<(Timestamp, Decision)>,

    /// The agent whom it is entered as wanting, in the indexes.
    #[serde(skip)]
    pub(crate) wanting: Option<AgentNo>,
    /// Its entry among the actions that are due.
    #[serde(skip)]
    pub(crate) action: Option<(Timestamp, Place)>,
    /// Where it is entered while it is on offer and one more agent can be rung for it.
    #[serde(skip)]
    pub(crate) one_more: Option<OneMore>,
}

/// When one more agent can be rung for a contact that is on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneMore {
    /// Now: it is entered in its class.
    Now,
    /// At a moment to come: it is entered among the steps.
    At(Timestamp),
}

/// Something that was decided about a contact; put into words when somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Queued { queue: QueueId, priority: u8 },
    PrioritySet { priority: u8, by: String },
    Assigned { agent: Option<AgentId>, by: String },
    Offered { agent: AgentId, why: Why },
    OfferEnded { agent: AgentId, end: OfferEnd },
    Dequeued { queue: QueueId, reason: DequeueReason },
}

impl Contact {
    pub(crate) fn new(id: ContactId, queue: QueueNo) -> Self {
        Self {
            id,
            call: CallId(0),
            since: Timestamp::ZERO,
            queue,
            priority: 0,
            waits: false,
            refused: None,
            more: None,
            class: None,
            open: false,
            asked: false,
            stale: true,
            key: 0,
            due: 0,
        }
    }

    pub(crate) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// When it entered its queue.
    pub(crate) fn entered(&self) -> Timestamp {
        self.more.as_ref().and_then(|more| more.entered).unwrap_or(self.since)
    }

    pub(crate) fn needs(&self) -> Option<&Needs> {
        self.more.as_ref().map(|more| &more.needs)
    }

    /// To whom it is on offer.
    pub(crate) fn offered(&self) -> &[AgentId] {
        self.more.as_ref().map_or(&[], |more| &more.offered)
    }

    /// Whether it is offered beside others to somebody else than this agent: he has it on offer, or did not take it.
    pub(crate) fn passes_over(&self, agent: &AgentId) -> bool {
        let more = self.more.as_ref();
        more.is_some_and(|more| more.offered.contains(agent) || more.declined.contains(agent))
    }

    pub(crate) fn place(&self) -> Place {
        Place { key: self.key, contact: self.id }
    }

    pub(crate) fn remember(&mut self, at: Timestamp, decision: Decision) {
        let history = &mut self.more().history;
        if history.len() == HISTORY {
            history.pop_front();
        }
        history.push_back((at, decision));
    }
}

impl More {
    pub(crate) fn tried(&mut self, agent: AgentId) {
        self.tried.retain(|it| *it != agent);
        if self.tried.len() == TRIED {
            self.tried.pop_front();
        }
        self.tried.push_back(agent);
    }

    /// An offer is over. An agent at the telephone who did not take it is not ready; any other one stays as he was, and
    /// is not offered it again before those who still have it on offer have let it go, too.
    pub(crate) fn withdrawn(&mut self, agent: &AgentId) {
        self.offered.retain(|to| to != agent);
        if self.offered.is_empty() {
            self.declined.clear();
        } else if !self.needs.medium.is_spoken() {
            if self.declined.len() == TRIED {
                self.declined.pop_front();
            }
            self.declined.push_back(agent.clone());
        }
    }
}

/// A contact as a snapshot keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) contact: ContactId,
    pub(crate) call: CallId,
    pub(crate) since: Timestamp,
    pub(crate) queue: QueueId,
    pub(crate) priority: u8,
    pub(crate) waits: bool,
    pub(crate) refused: Option<OverflowReason>,
    pub(crate) more: Option<Box<More>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_call_is_small() {
        assert!(size_of::<Contact>() <= 80, "{}", size_of::<Contact>());
    }

    #[test]
    fn only_the_last_decisions_and_agents_are_kept() {
        let mut contact = Contact::new(ContactId(1), QueueNo(0));
        for each in 0..100u64 {
            let priority = u8::try_from(each).unwrap();
            let by = "test".to_owned();
            contact.remember(Timestamp::from_secs(each), Decision::PrioritySet { priority, by });
            contact.more().tried(AgentId::new(&each.to_string()).unwrap());
        }
        contact.more().tried(AgentId::new("98").unwrap());
        let more = contact.more.unwrap();
        assert_eq!((more.history.len(), more.history[0].0), (HISTORY, Timestamp::from_secs(36)));
        assert_eq!((more.tried.len(), more.tried[31].as_str()), (TRIED, "98"));
    }
}
