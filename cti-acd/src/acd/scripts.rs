//! Asking scripts: when one fails, the built-in rule decides, and an alarm is proposed.

use cti_core::{needs::Needs, router::Proposal, time::Timestamp};

use super::{ASK_AGAIN, About, Acd, Asked};
use crate::{
    place::QueueNo,
    script::{ContactView, Failure, Keys, MAX_FAILURES, Script},
    strategy::Candidate,
};

/// The rule that decides where a script does not.
pub(super) const FALLBACK: &str = "longest_idle";
/// After how many good calls in a row the alarm is over.
const WELL_AGAIN: u32 = 100;

/// How a script is doing; not durable, a restart tries it again.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    /// How many calls in a row failed, and the last failure.
    failures: u32,
    last: Option<String>,
    /// How many calls in a row went well.
    well: u32,
}

impl Health {
    fn is_out_of_use(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    fn note<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        match result {
            Ok(value) => {
                self.well = self.well.saturating_add(1);
                if self.well >= WELL_AGAIN {
                    self.last = None;
                }
                self.failures = 0;
                Some(value)
            }
            Err(failure) => {
                self.well = 0;
                self.failures = self.failures.saturating_add(1);
                self.last = Some(failure.to_string());
                None
            }
        }
    }
}

impl Acd {
    /// Returns the script of a queue, unless it is out of use.
    pub(super) fn script_of(&self, queue: QueueNo) -> Option<std::sync::Arc<Script>> {
        let script = self.queues[queue.index()].script.as_ref()?;
        (!self.health[script.index].is_out_of_use()).then(|| script.clone())
    }

    /// Returns the contact's key in microseconds, if a script gives one.
    pub(super) fn scripted_contact_key(
        &mut self,
        queue: QueueNo,
        since: Timestamp,
        priority: u8,
        needs: &Needs,
    ) -> Option<i64> {
        let script = self.script_of(queue).filter(|script| script.has_contact_key)?;
        let name = self.queues[queue.index()].rules.queue.as_str();
        let view = ContactView::new(name, since, priority, needs);
        let key = self.health[script.index].note(script.contact_key(view))?;
        Some(key.saturating_mul(1000))
    }

    /// Returns the agent's key, if a script gives one.
    pub(super) fn scripted_agent_key(
        health: &mut [Health],
        script: Option<&Script>,
        agent: &Candidate<'_>,
        known: &mut Keys,
    ) -> Option<i64> {
        let script = script.filter(|script| script.has_agent_key)?;
        let health = &mut health[script.index];
        if health.is_out_of_use() {
            return None;
        }
        if let Some(key) = known.get(script, agent) {
            return Some(key);
        }
        let key = health.note(script.agent_key(agent))?;
        known.put(script, agent, key);
        Some(key)
    }

    pub(super) fn note_pick(
        &mut self,
        script: &Script,
        picked: Result<usize, Failure>,
    ) -> Option<usize> {
        self.health[script.index].note(picked)
    }

    /// Proposes the alarm for a script that failed, or the end of one.
    pub(super) fn rule_trouble(&mut self, now: Timestamp) -> Option<Proposal> {
        if self.scripts.is_empty() && self.rule_alarms.is_empty() {
            return None;
        }
        let waits = |rule: &String| {
            self.asked.iter().any(|it| matches!(&it.about, About::Rule(asked) if asked == rule))
        };
        let proposal = self
            .scripts
            .iter()
            .find_map(|script| {
                let reason = self.health[script.index].last.clone()?;
                let known = self.rule_alarms.values().any(|rule| *rule == script.name);
                let rule = script.name.clone();
                (!known && !waits(&rule)).then_some(Proposal::RuleFailed { rule, reason })
            })
            .or_else(|| {
                let well = |rule: &&String| {
                    let script = self.scripts.iter().find(|script| script.name == **rule);
                    script.is_none_or(|script| self.health[script.index].well >= WELL_AGAIN)
                };
                let rule = self.rule_alarms.values().find(|rule| well(rule) && !waits(rule))?;
                Some(Proposal::RuleWorksAgain { rule: rule.clone() })
            })?;
        if let Proposal::RuleFailed { rule, .. } | Proposal::RuleWorksAgain { rule } = &proposal {
            let about = About::Rule(rule.clone());
            self.asked.push(Asked { again_at: now + ASK_AGAIN, about });
        }
        Some(proposal)
    }
}
