//! New rules beside the old ones: in the shadow first, then in force, and back again.

use std::time::Duration;

use cti_core::{
    event::Event,
    id::ContactId,
    router::{Explanation, Proposal, Router},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    Acd, Parts,
    config::{AcdConfig, InvalidAcdConfig},
};

/// A router whose rules can be shadowed by others, switched to them and rolled back, all with callers waiting.
#[derive(Debug)]
pub struct Staged {
    live: Acd,
    parts: Parts,
    shadow: Option<(Acd, ShadowReport)>,
    previous: Option<AcdConfig>,
}

/// How the decisions of the rules in the shadow compare with those in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// How many offers the rules in force have made since.
    pub offers: u64,
    /// How many of them the others would have made too.
    pub same: u64,
    /// How often they would have offered the same contact to another agent.
    pub other_agent: u64,
    /// How often they would have offered another contact.
    pub other_contact: u64,
    /// How often they would have offered nothing.
    pub nothing: u64,
}

impl Staged {
    /// Returns a router with its first rules.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn new(config: AcdConfig, parts: Parts) -> Result<Self, InvalidAcdConfig> {
        let live = Acd::with(config, parts.clone())?;
        Ok(Self { live, parts, shadow: None, previous: None })
    }

    /// Returns the router that decides.
    #[must_use]
    pub fn live(&self) -> &Acd {
        &self.live
    }

    /// Lets other rules follow in the shadow from now on, in place of those that did.
    ///
    /// # Errors
    /// When the configuration contradicts itself; nothing has changed then.
    pub fn shadow(&mut self, config: AcdConfig) -> Result<(), InvalidAcdConfig> {
        let mut shadow = Acd::with(config, self.parts.clone())?;
        shadow.take_over(&self.live);
        self.shadow = Some((shadow, ShadowReport::default()));
        Ok(())
    }

    /// Returns how the rules in the shadow have compared so far.
    #[must_use]
    pub fn shadow_report(&self) -> Option<ShadowReport> {
        self.shadow.as_ref().map(|(_, report)| *report)
    }

    /// Takes the rules in the shadow into force; returns false when there are none.
    ///
    /// # Errors
    /// When they contradict the calendars of today; nothing has changed then.
    pub fn switch(&mut self) -> Result<bool, InvalidAcdConfig> {
        let Some((shadow, _)) = &self.shadow else { return Ok(false) };
        let previous = self.live.config().clone();
        self.live.reconfigure(shadow.config().clone())?;
        self.previous = Some(previous);
        self.shadow = None;
        Ok(true)
    }

    /// Takes the rules from before the last switch into force again; returns false when there were none.
    ///
    /// # Errors
    /// When they contradict the calendars of today; nothing has changed then.
    pub fn roll_back(&mut self) -> Result<bool, InvalidAcdConfig> {
        let Some(previous) = self.previous.clone() else { return Ok(false) };
        self.live.reconfigure(previous)?;
        self.previous = None;
        Ok(true)
    }
}

impl Router for Staged {
    fn apply(&mut self, event: &Event) {
        self.live.apply(event);
        if let Some((shadow, _)) = &mut self.shadow {
            shadow.apply(event);
        }
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        let proposal = self.live.propose(now);
        if let Some(Proposal::Offer { contact, agent, .. }) = &proposal
            && let Some((shadow, report)) = &mut self.shadow
        {
            report.offers += 1;
            match shadow.would_offer(now) {
                Some((other, to)) if other == *contact && to == *agent => report.same += 1,
                Some((other, _)) if other == *contact => report.other_agent += 1,
                Some(_) => report.other_contact += 1,
                None => report.nothing += 1,
            }
        }
        proposal
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.live.poll_timeout()
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.live.position(contact)
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.live.expected_wait(contact, now)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.live.explain(contact, now)
    }

    fn snapshot(&self) -> serde_json::Value {
        self.live.snapshot()
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        self.live.restore(snapshot)?;
        if let Some((shadow, _)) = &mut self.shadow {
            shadow.take_over(&self.live);
        }
        Ok(())
    }
}
