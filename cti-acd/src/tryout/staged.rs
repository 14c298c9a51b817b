//! New rules beside the old ones: in the shadow first, then in force, and back again.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, MissingSchedule},
    event::Event,
    id::{AgentId, CallId, ContactId, QueueId},
    needs::Needs,
    router::{Explanation, InvalidRules, Proposal, Router, RulesChange},
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

impl Staged {
    fn replace(&mut self, config: AcdConfig) -> Result<(), InvalidAcdConfig> {
        let previous = self.live.config().clone();
        self.live.reconfigure(config)?;
        self.previous = Some(previous);
        Ok(())
    }
}

fn nothing(reason: &str) -> InvalidRules {
    InvalidRules { field: "rules".to_owned(), reason: reason.to_owned() }
}

impl Router for Staged {
    fn change_rules(&mut self, change: &RulesChange) -> Result<String, InvalidRules> {
        match change {
            RulesChange::Replace(rules) => self.replace(AcdConfig::read(rules)?)?,
            RulesChange::Shadow(rules) => {
                let rules = AcdConfig::read(rules)?;
                let version = rules.version();
                self.shadow(rules)?;
                return Ok(version);
            }
            RulesChange::Unshadow => {
                let (shadow, _) =
                    self.shadow.take().ok_or_else(|| nothing("none follow in the shadow"))?;
                return Ok(shadow.config().version());
            }
            RulesChange::Switch if !self.switch()? => {
                return Err(nothing("none follow in the shadow"));
            }
            RulesChange::RollBack if !self.roll_back()? => {
                return Err(nothing("they have not been changed since the start"));
            }
            RulesChange::Switch | RulesChange::RollBack => {}
        }
        Ok(self.live.config().version())
    }

    fn rules(&self) -> serde_json::Value {
        let shadow = self.shadow.as_ref().map(|(shadow, report)| {
            let rules = shadow.config();
            serde_json::json!({ "rules": rules, "version": rules.version(), "report": report })
        });
        let live = self.live.config();
        serde_json::json!({
            "rules": live,
            "version": live.version(),
            "shadow": shadow,
            "previous": self.previous.as_ref().map(AcdConfig::version),
        })
    }

    fn check_calendars(&self, calendars: &Calendars) -> Result<(), MissingSchedule> {
        self.live.check_calendars(calendars)?;
        match &self.shadow {
            Some((shadow, _)) => shadow.check_calendars(calendars),
            None => Ok(()),
        }
    }

    fn set_calendars(&mut self, calendars: &Calendars) {
        self.live.set_calendars(calendars);
        if let Some((shadow, _)) = &mut self.shadow {
            shadow.set_calendars(calendars);
        }
        self.parts.calendars = calendars.clone();
    }

    fn kept_place(
        &self,
        caller: &PhoneNumber,
        queue: &QueueId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.live.kept_place(caller, queue, now)
    }

    fn expected_waits(&self) -> BTreeMap<QueueId, Duration> {
        self.live.expected_waits()
    }

    fn wishes(&self, call: CallId, queue: &QueueId, needs: Needs, now: Timestamp) -> Needs {
        self.live.wishes(call, queue, needs, now)
    }

    fn why_not(&self, contact: ContactId, agent: &AgentId, now: Timestamp) -> Option<Explanation> {
        Router::why_not(&self.live, contact, agent, now)
    }

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
