//! What scripts made of an agent's figures, so that each is asked once however many classes he is in.

use super::Script;
use crate::{
    config::Membership,
    strategy::{AgentFigures, Candidate},
};

/// How many keys are kept of one agent.
const KEPT: usize = 32;

/// The keys that scripts gave for an agent with the figures that he has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    figures: AgentFigures,
    known: Vec<(Asked, i64)>,
}

/// What else decides a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    script: usize,
    membership: Option<Membership>,
    skill: Option<u32>,
}

impl Asked {
    fn of(script: &Script, agent: &Candidate<'_>) -> Self {
        Self {
            script: script.index,
            membership: script.reads_membership.then_some(agent.membership),
            skill: script.reads_skill.then_some(agent.skill),
        }
    }
}

impl Keys {
    /// Returns the key that the script gave when it was asked the same.
    pub(crate) fn get(&self, script: &Script, agent: &Candidate<'_>) -> Option<i64> {
        let asked = Asked::of(script, agent);
        let known = || self.known.iter().find(|(it, _)| *it == asked).map(|(_, key)| *key);
        if self.figures == *agent.figures { known() } else { None }
    }

    /// Keeps a key; the oldest is forgotten when there are too many.
    pub(crate) fn put(&mut self, script: &Script, agent: &Candidate<'_>, key: i64) {
        if self.figures != *agent.figures {
            self.figures = *agent.figures;
            self.known.clear();
        }
        if self.known.len() == KEPT {
            self.known.remove(0);
        }
        self.known.push((Asked::of(script, agent), key));
    }
}
