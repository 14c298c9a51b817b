//! Agents come, go and do other things; in preview they look at records.

use std::time::Duration;

use cti_core::{id::AgentId, time::Timestamp};

use super::{
    agents::AgentDoes,
    id::RecordId,
    input::{DialerError, Output},
    machine::{Dialer, Phase, Timer},
    record::{End, RecordState},
    words::{self, why},
};

impl Dialer {
    pub(super) fn agent_idle(&mut self, now: Timestamp, agent: &AgentId) {
        match self.state.agents.get(agent) {
            // He is idle already, or will be when the call that rings for him alone ends.
            Some(AgentDoes::Idle { .. } | AgentDoes::Dials { .. }) => return,
            Some(AgentDoes::Looks { record, .. }) => {
                self.end_preview(
                    now,
                    agent,
                    record,
                    "declined",
                    "坐席未拨打",
                    "not called by the agent",
                );
            }
            Some(AgentDoes::Talks { record, since }) => self.talk_over(now, agent, record, since),
            Some(AgentDoes::Away) | None => {}
        }
        self.state.agents.set(agent, AgentDoes::Idle { since: now });
    }

    pub(super) fn agent_busy(
        &mut self,
        now: Timestamp,
        agent: &AgentId,
    ) -> Result<(), DialerError> {
        let does =
            self.state.agents.get(agent).ok_or_else(|| DialerError::UnknownAgent(agent.clone()))?;
        self.stop(now, agent, does);
        self.state.agents.set(agent, AgentDoes::Away);
        Ok(())
    }

    pub(super) fn agent_gone(
        &mut self,
        now: Timestamp,
        agent: &AgentId,
    ) -> Result<(), DialerError> {
        let does =
            self.state.agents.get(agent).ok_or_else(|| DialerError::UnknownAgent(agent.clone()))?;
        self.stop(now, agent, does);
        self.state.agents.remove(agent);
        Ok(())
    }

    /// Ends what an agent did for the campaign.
    fn stop(&mut self, now: Timestamp, agent: &AgentId, does: AgentDoes) {
        match does {
            AgentDoes::Looks { record, .. } => {
                self.end_preview(
                    now,
                    agent,
                    record,
                    "agent_left",
                    "坐席离开",
                    "the agent has left",
                );
            }
            AgentDoes::Dials { attempt } => {
                // Somebody else may take the call if it is answered.
                if let Some(attempt) = self.state.attempts.get_mut(&attempt) {
                    attempt.phase = Phase::Ringing { agent: None };
                }
            }
            AgentDoes::Talks { record, since } => self.talk_over(now, agent, record, since),
            AgentDoes::Idle { .. } | AgentDoes::Away => {}
        }
    }

    /// The agent is done with a customer; without a result by now there will be none.
    fn talk_over(&mut self, now: Timestamp, agent: &AgentId, id: RecordId, since: Timestamp) {
        self.state.estimates.handled(now.since(since));
        let RecordState::Talking { attempt } = self.record_mut(id).state else { return };
        // After a result the customer may be talking with somebody else by now.
        let with = self.state.attempts.get(&attempt).map(|attempt| &attempt.phase);
        if with == Some(&Phase::Talking { agent: Some(agent.clone()) }) {
            self.state.attempts.remove(&attempt);
            self.give_back(id);
            self.end(id, End::NoResult);
        }
    }

    /// Shows a record to the agent who has been idle longest.
    pub(super) fn offer(&mut self, now: Timestamp, record: RecordId, look_until: Timestamp) {
        let (since, agent) = self.state.agents.longest_idle().expect("offered only to the idle");
        self.state.agents.set(&agent, AgentDoes::Looks { record, until: look_until });
        self.timers.arm(Timer::LookEnd(agent.clone()), look_until);
        self.record_mut(record).state = RecordState::Offered { agent: agent.clone() };
        let why = words::connect(now.since(since));
        self.put(Output::Preview { record, agent, until: look_until, why });
    }

    pub(super) fn preview_accepted(
        &mut self,
        now: Timestamp,
        agent: &AgentId,
    ) -> Result<(), DialerError> {
        let record = self.looks_at(agent)?;
        self.timers.disarm(&Timer::LookEnd(agent.clone()));
        let why = why("preview", "坐席点击外呼", "the agent started the call");
        let attempt = self.start_attempt(now, record, Some(agent.clone()), why);
        self.state.agents.set(agent, AgentDoes::Dials { attempt });
        Ok(())
    }

    pub(super) fn preview_declined(
        &mut self,
        now: Timestamp,
        agent: &AgentId,
    ) -> Result<(), DialerError> {
        let record = self.looks_at(agent)?;
        self.end_preview(now, agent, record, "declined", "坐席未拨打", "not called by the agent");
        self.state.agents.set(agent, AgentDoes::Idle { since: now });
        Ok(())
    }

    /// An agent who only looks is taken for one who is not there.
    pub(super) fn look_ended(&mut self, now: Timestamp, agent: &AgentId) {
        if let Ok(record) = self.looks_at(agent) {
            self.end_preview(
                now,
                agent,
                record,
                "no_answer",
                "坐席超时未处理",
                "the agent did nothing",
            );
            self.state.agents.set(agent, AgentDoes::Away);
        }
    }

    pub(super) fn withdraw_previews(&mut self, now: Timestamp) {
        let looking: Vec<_> = self
            .state
            .agents
            .iter()
            .filter_map(|(agent, does)| match does {
                AgentDoes::Looks { record, .. } => Some((agent.clone(), record)),
                AgentDoes::Idle { .. }
                | AgentDoes::Dials { .. }
                | AgentDoes::Talks { .. }
                | AgentDoes::Away => None,
            })
            .collect();
        for (agent, record) in looking {
            self.end_preview(now, &agent, record, "paused", "项目暂停", "the campaign is paused");
            self.state.agents.set(&agent, AgentDoes::Idle { since: now });
        }
    }

    fn looks_at(&self, agent: &AgentId) -> Result<RecordId, DialerError> {
        match self.state.agents.get(agent) {
            Some(AgentDoes::Looks { record, .. }) => Ok(record),
            Some(
                AgentDoes::Idle { .. }
                | AgentDoes::Dials { .. }
                | AgentDoes::Talks { .. }
                | AgentDoes::Away,
            ) => Err(DialerError::NoPreview(agent.clone())),
            None => Err(DialerError::UnknownAgent(agent.clone())),
        }
    }

    /// The record waits again: at once, or after the minimum gap when an agent declined it.
    fn end_preview(
        &mut self,
        now: Timestamp,
        agent: &AgentId,
        record: RecordId,
        rule: &str,
        zh: &str,
        en: &str,
    ) {
        self.timers.disarm(&Timer::LookEnd(agent.clone()));
        let reason = why(rule, zh, en);
        self.put(Output::PreviewEnded { record, agent: agent.clone(), why: reason.clone() });
        self.give_back(record);
        let gap = if rule == "declined" { self.campaign.sample.min_gap } else { Duration::ZERO };
        self.retry(record, now + gap, reason);
    }
}
