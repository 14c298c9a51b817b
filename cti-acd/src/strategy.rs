//! The seam to one's own idea of who is preferred: a [`Strategy`] turns what is known of an agent into a number.
//!
//! The number is computed when the agent becomes ready, never while a decision is made, and agents lie sorted by it.
//! So a strategy costs the same whether ten or ten thousand agents are ready. [`Turn`] says which of the sorted agents
//! is taken: nearly always the first.
//!
//! ```
//! use cti_acd::strategy::{Candidate, Strategy, Words};
//! use cti_core::time::Timestamp;
//!
//! /// Prefers who has missed least.
//! #[derive(Debug)]
//! struct LeastHandled;
//!
//! impl Strategy for LeastHandled {
//!     fn name(&self) -> &'static str {
//!         "least_handled"
//!     }
//!     fn description(&self) -> Words {
//!         Words::new("处理总时长最短者优先", "who has spent least time with calls, write-up included")
//!     }
//!     fn key(&self, agent: &Candidate<'_>) -> i64 {
//!         i64::try_from(agent.figures.handled.as_micros()).unwrap_or(i64::MAX)
//!     }
//!     fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
//!         let seconds = agent.figures.handled.as_secs();
//!         Words::new(format!("处理总时长最短：{seconds} 秒"), format!("least time with calls: {seconds} s"))
//!     }
//! }
//! ```

use std::{fmt, sync::Arc, time::Duration};

use cti_core::{id::AgentId, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::Membership;

mod fewest_calls;
mod highest_skill;
mod least_talk_time;
mod longest_average_idle;
mod longest_idle;
mod lowest_skill;
mod ring_all;
mod ring_progressively;
mod round_robin;
mod sequential;
mod top_down;

pub(crate) mod customer_agent;
pub(crate) mod last_agent;
pub(crate) mod named_agent;
pub(crate) mod random;

pub use fewest_calls::FewestCalls;
pub use highest_skill::HighestSkill;
pub use least_talk_time::LeastTalkTime;
pub use longest_average_idle::LongestAverageIdle;
pub use longest_idle::LongestIdle;
pub use lowest_skill::LowestSkill;
pub use random::Random;
pub use ring_all::RingAll;
pub use ring_progressively::RingProgressively;
pub use round_robin::RoundRobin;
pub use sequential::Sequential;
pub use top_down::TopDown;

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// Returns a sentence.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// What a strategy may know of an agent's work; counted over one shift.
///
/// A shift begins with a sign-in after four hours or more of absence, so that signing out for lunch does not make
/// anybody the one who has answered least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentFigures {
    /// Since when the agent has been waiting for a call: the last time he became ready. An offer that was withdrawn
    /// through no fault of his does not set it back.
    pub idle_since: Timestamp,
    /// How many calls he has answered.
    pub calls: u64,
    /// How much time he has spent with calls, after-call work included.
    pub handled: Duration,
    /// How much time he has talked.
    pub talked: Duration,
    /// How often he has waited for a call, the present time not counted.
    pub idle_periods: u64,
    /// How long he has waited in all, the present time not counted.
    pub idle_total: Duration,
}

impl AgentFigures {
    /// Returns how long he waited for a call on average, once he has.
    #[must_use]
    pub fn average_idle(&self) -> Option<Duration> {
        let total = u64::try_from(self.idle_total.as_micros()).unwrap_or(u64::MAX);
        total.checked_div(self.idle_periods).map(Duration::from_micros)
    }
}

/// An agent who could take a contact, as strategies see him.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a AgentId,
    /// His work in this shift.
    pub figures: &'a AgentFigures,
    /// His part in the queue.
    pub membership: Membership,
    /// The sum of his levels in the skills that are asked for.
    pub skill: u32,
    /// The sum of his levels in all skills he has.
    pub all_skills: u32,
}

/// Which of the sorted agents is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The one with the smallest key; of equal ones who has been idle longest.
    First,
    /// The one with the smallest key; equal ones always in the same order.
    FirstInOrder,
    /// The next one in the order after whoever was offered a contact of the queue last.
    AfterLast,
    /// The first in the order to whom the contact was not offered yet.
    NotTried,
    /// Anyone, drawn by lot with the queue's seed.
    Drawn,
}

/// To how many agents a contact is offered at a time. What is not spoken, and who waits for one agent alone, is offered
/// to one at a time whatever the strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// To one; to the next one when he did not take it.
    One,
    /// To every agent who is free and fits, up to the queue's `ring_at_most`; the first answer wins.
    All,
    /// To one, and to one more each time the queue's `ring_step` is over, while the others ring on.
    Progressively,
}

impl Turn {
    pub(crate) fn by_idle_time(self) -> bool {
        self == Self::First
    }
}

/// Prefers one ready agent to another.
pub trait Strategy: fmt::Debug + Send + Sync {
    /// The name by which queues choose it; also the rule that explanations name.
    fn name(&self) -> &'static str;

    /// What it does, in one line for the administrator who chooses.
    fn description(&self) -> Words;

    /// Returns the agent's key; the smallest is preferred. Must depend on nothing but its arguments.
    fn key(&self, agent: &Candidate<'_>) -> i64;

    /// Which of the agents sorted by key is taken.
    fn turn(&self) -> Turn {
        Turn::First
    }

    /// To how many of them a contact is offered at a time.
    fn ring(&self) -> Ring {
        Ring::One
    }

    /// Says at `now` why the agent was preferred.
    fn why(&self, agent: &Candidate<'_>, now: Timestamp) -> Words;
}

/// Returns the strategies that come with this crate.
#[must_use]
pub fn built_in() -> Vec<Arc<dyn Strategy>> {
    vec![
        Arc::new(LongestIdle),
        Arc::new(LongestAverageIdle),
        Arc::new(FewestCalls),
        Arc::new(LeastTalkTime),
        Arc::new(HighestSkill),
        Arc::new(LowestSkill),
        Arc::new(RoundRobin),
        Arc::new(TopDown),
        Arc::new(Sequential),
        Arc::new(RingAll),
        Arc::new(RingProgressively),
        Arc::new(Random),
    ]
}

/// What chooses where a rule of the catalogue applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// The administrator, for a queue ([`QueueRules::strategy`](crate::config::QueueRules::strategy)).
    Queue,
    /// The contact, by [`Needs::agent`](cti_core::needs::Needs::agent).
    Contact,
    /// The administrator, for agents of several queues ([`AcdConfig::between`](crate::config::AcdConfig::between)).
    Centre,
}

/// One rule by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: String,
    /// Where it is chosen.
    pub chosen_by: ChosenBy,
    /// What it does, in one line.
    pub description: Words,
}

/// Returns every rule that can be chosen by name, with its description.
#[must_use]
pub fn catalogue() -> Vec<CatalogueEntry> {
    let entry = |name: &str, chosen_by, description| CatalogueEntry {
        name: name.to_owned(),
        chosen_by,
        description,
    };
    let built_in = built_in();
    let of_queues = built_in.iter().map(|it| entry(it.name(), ChosenBy::Queue, it.description()));
    let of_contacts = [
        entry(named_agent::NAME, ChosenBy::Contact, named_agent::description()),
        entry(customer_agent::NAME, ChosenBy::Contact, customer_agent::description()),
        entry(last_agent::NAME, ChosenBy::Contact, last_agent::description()),
    ];
    let of_centres =
        crate::between::Between::ALL.map(|it| entry(it.name(), ChosenBy::Centre, it.description()));
    of_queues.chain(of_contacts).chain(of_centres).collect()
}

/// Packs tier and position into a key.
fn in_order(agent: &Candidate<'_>) -> i64 {
    i64::from(agent.membership.tier) << 16 | i64::from(agent.membership.position)
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod testing {
    //! A candidate to try strategies on.

    use std::sync::LazyLock;

    use super::*;

    static AGENT: LazyLock<AgentId> = LazyLock::new(|| AgentId::new("8001").unwrap());

    pub(crate) fn candidate(figures: &AgentFigures) -> Candidate<'_> {
        let membership = Membership::default();
        Candidate { agent: &AGENT, figures, membership, skill: 0, all_skills: 0 }
    }

    pub(crate) fn at(tier: u8, position: u16) -> Candidate<'static> {
        static FIGURES: LazyLock<AgentFigures> = LazyLock::new(AgentFigures::default);
        Candidate { membership: Membership { tier, position, rank: 1 }, ..candidate(&FIGURES) }
    }

    pub(crate) fn skilled(skill: u32, all_skills: u32) -> Candidate<'static> {
        Candidate { skill, all_skills, ..at(1, 0) }
    }
}
