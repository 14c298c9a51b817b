//! What becomes of attempts: nobody answers, or a person does and finds an agent in time or not.

use std::time::Duration;

use cti_core::{id::AgentId, router::Why, time::Timestamp};

use super::{
    agents::AgentDoes,
    id::{AttemptId, RecordId},
    input::{CallOutcome, DialerError, Output},
    machine::{Attempt, Dialer, Phase, RING_GRACE, Timer, second},
    mode::Mode,
    record::{DAY, End, RecordState},
    words::{self, why},
};

/// How many refusals of the network in a row make the dialer pause.
const FAILURES: u32 = 3;

/// The longest pause after refusals of the network.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// How long a record waits after the network refused its call.
const FAILED_GAP: Duration = Duration::from_secs(60);

impl Dialer {
    /// Dials the next number of a record whose places are taken.
    pub(super) fn start_attempt(
        &mut self,
        now: Timestamp,
        id: RecordId,
        agent: Option<AgentId>,
        why: Why,
    ) -> AttemptId {
        let attempt = AttemptId(self.state.last_attempt.0 + 1);
        self.state.last_attempt = attempt;
        let record = self.record_mut(id);
        record.attempts += 1;
        record.state = RecordState::Dialling { attempt };
        let line = &mut record.lines[record.next];
        while line.dialled.front().is_some_and(|at| now.since(*at) >= DAY) {
            line.dialled.pop_front();
        }
        line.dialled.push_back(now);
        let number = line.number.clone();

        let window = self.state.budget.dialled();
        let phase = Phase::Ringing { agent };
        let attempted = Attempt { record: id, dialled: now, window, phase };
        self.state.attempts.insert(attempt, attempted);
        self.state.ringing += 1;
        *self.ringing_since.entry(second(now)).or_default() += 1;
        self.state.tally.dialled += 1;
        let ring_for = self.campaign.ring_for;
        self.timers.arm(Timer::RingEnd(attempt), now + ring_for + RING_GRACE);
        self.put(Output::Dial { attempt, record: id, number, ring_for, why });
        attempt
    }

    pub(super) fn outcome(
        &mut self,
        now: Timestamp,
        id: AttemptId,
        outcome: CallOutcome,
    ) -> Result<(), DialerError> {
        let attempt = self.state.attempts.get(&id).ok_or(DialerError::UnknownAttempt(id))?;
        let refuse = |reason| Err(DialerError::Outcome { attempt: id, reason });
        match (&attempt.phase, outcome) {
            (Phase::Ringing { .. }, CallOutcome::HungUp) => refuse("nobody has answered"),
            (Phase::Ringing { .. }, CallOutcome::Answered) => {
                self.answered(now, id);
                Ok(())
            }
            (
                Phase::Ringing { .. },
                CallOutcome::Machine
                | CallOutcome::Busy
                | CallOutcome::NoAnswer
                | CallOutcome::Unobtainable
                | CallOutcome::Declined
                | CallOutcome::Failed,
            ) => {
                self.not_answered(now, id, outcome);
                Ok(())
            }
            (Phase::Waiting { .. }, CallOutcome::HungUp) => {
                self.abandon(now, id, outcome);
                Ok(())
            }
            (Phase::Talking { agent: Some(_) }, CallOutcome::HungUp) => Ok(()),
            (Phase::Talking { agent: None }, CallOutcome::HungUp) => {
                let record = attempt.record;
                self.state.attempts.remove(&id);
                self.give_back(record);
                self.end(record, End::NoResult);
                Ok(())
            }
            (
                Phase::Waiting { .. } | Phase::Talking { .. },
                CallOutcome::Answered
                | CallOutcome::Machine
                | CallOutcome::Busy
                | CallOutcome::NoAnswer
                | CallOutcome::Unobtainable
                | CallOutcome::Declined
                | CallOutcome::Failed,
            ) => refuse("a person has answered"),
        }
    }

    fn answered(&mut self, now: Timestamp, id: AttemptId) {
        let attempt = &self.state.attempts[&id];
        let (record, window, dialled) = (attempt.record, attempt.window, attempt.dialled);
        let Phase::Ringing { agent } = attempt.phase.clone() else { return };
        self.stop_ringing(id);
        self.state.tally.answered += 1;
        self.state.network.failures = 0;
        self.state.estimates.attempt(true, now.since(dialled));
        self.state.budget.answered(now, window);
        if let Mode::Agentless { .. } = self.campaign.mode {
            self.state.budget.waited(now, window, false);
            self.set_phase(id, Phase::Talking { agent: None });
            self.record_mut(record).state = RecordState::Talking { attempt: id };
            let why = why("agentless", "由流程接待", "the flow talks");
            self.put(Output::StartFlow { attempt: id, record, why });
            return;
        }
        if let Some(agent) = agent {
            let why = why("preview", "坐席发起的呼叫", "the agent started the call");
            self.wait_for_agent(id, now);
            self.connect(now, id, agent, why);
            return;
        }
        self.wait_for_agent(id, now + self.campaign.abandonment.answer_wait);
    }

    fn wait_for_agent(&mut self, id: AttemptId, until: Timestamp) {
        let record = self.state.attempts[&id].record;
        self.set_phase(id, Phase::Waiting { until });
        self.record_mut(record).state = RecordState::Answered { attempt: id };
        self.state.waiting.insert((until, id));
        self.timers.arm(Timer::WaitEnd(id), until);
    }

    /// Gives those who wait the agents who are idle, first come, first served.
    pub(super) fn connect_waiting(&mut self, now: Timestamp) {
        while let Some((_, id)) = self.state.waiting.first().copied() {
            let Some((since, agent)) = self.state.agents.longest_idle() else { return };
            self.connect(now, id, agent, words::connect(now.since(since)));
        }
    }

    fn connect(&mut self, now: Timestamp, id: AttemptId, agent: AgentId, why: Why) {
        self.stop_waiting(now, id, false);
        let record = self.state.attempts[&id].record;
        self.set_phase(id, Phase::Talking { agent: Some(agent.clone()) });
        self.record_mut(record).state = RecordState::Talking { attempt: id };
        self.state.agents.set(&agent, AgentDoes::Talks { record, since: now });
        self.put(Output::Connect { attempt: id, record, agent, why });
    }

    /// The agent was not there after all: he is away, the customer waits as long as he would have.
    pub(super) fn not_connected(&mut self, id: AttemptId) -> Result<(), DialerError> {
        let attempt = self.state.attempts.get(&id).ok_or(DialerError::UnknownAttempt(id))?;
        let Phase::Talking { agent: Some(agent) } = attempt.phase.clone() else {
            let reason = "it is not being connected with an agent";
            return Err(DialerError::Outcome { attempt: id, reason });
        };
        let (record, window) = (attempt.record, attempt.window);
        let since = match self.state.agents.get(&agent) {
            Some(AgentDoes::Talks { record: his, since }) if his == record => since,
            Some(_) | None => {
                let reason = "the agent does something else";
                return Err(DialerError::Outcome { attempt: id, reason });
            }
        };
        self.state.agents.set(&agent, AgentDoes::Away);
        self.state.budget.waits_again(window);
        self.wait_for_agent(id, since + self.campaign.abandonment.answer_wait);
        Ok(())
    }

    pub(super) fn wait_ended(&mut self, now: Timestamp, id: AttemptId) {
        self.abandon(now, id, CallOutcome::Answered);
    }

    /// Nothing was told of an attempt: the call is cleared, the customer counts as not reached.
    pub(super) fn ring_ended(&mut self, now: Timestamp, id: AttemptId) {
        let why = why("no_report", "呼叫无结果", "nothing was told of the call");
        self.put(Output::Clear { attempt: id, why });
        self.not_answered(now, id, CallOutcome::NoAnswer);
    }

    fn abandon(&mut self, now: Timestamp, id: AttemptId, how: CallOutcome) {
        self.stop_waiting(now, id, true);
        self.state.tally.abandoned += 1;
        let Some(attempt) = self.state.attempts.remove(&id) else { return };
        let record = attempt.record;
        let reason = match how {
            CallOutcome::HungUp => {
                let (_, zh, en) = words::outcome(how);
                why("abandoned", zh, en)
            }
            CallOutcome::Answered
            | CallOutcome::Machine
            | CallOutcome::Busy
            | CallOutcome::NoAnswer
            | CallOutcome::Unobtainable
            | CallOutcome::Declined
            | CallOutcome::Failed => {
                let wait = self.campaign.abandonment.answer_wait;
                why(
                    "abandoned",
                    format!("{} 内没有空闲坐席", crate::words::zh(wait)),
                    format!("nobody was free within {}", crate::words::en(wait)),
                )
            }
        };
        self.put(Output::Abandon { attempt: id, record, why: reason.clone() });
        self.give_back(record);
        self.retry(record, now + self.campaign.sample.abandoned_gap, reason);
    }

    fn not_answered(&mut self, now: Timestamp, id: AttemptId, outcome: CallOutcome) {
        self.stop_ringing(id);
        let Some(attempt) = self.state.attempts.remove(&id) else { return };
        self.state.budget.not_answered(attempt.window);
        if let Phase::Ringing { agent: Some(agent) } = &attempt.phase {
            self.state.agents.set(agent, AgentDoes::Idle { since: now });
        }
        if outcome == CallOutcome::Failed {
            self.network_refused(now);
        } else {
            self.state.network.failures = 0;
            self.state.estimates.attempt(false, now.since(attempt.dialled));
        }
        self.give_back(attempt.record);
        self.after_attempt(now, attempt.record, outcome);
    }

    /// What follows for the customer.
    fn after_attempt(&mut self, now: Timestamp, id: RecordId, outcome: CallOutcome) {
        let (rule, zh, en) = words::outcome(outcome);
        let reason = why(rule, zh, en);
        let rules = self.campaign.sample;
        let tally = &mut self.state.tally;
        let count = match outcome {
            CallOutcome::Machine => &mut tally.machine,
            CallOutcome::Busy => &mut tally.busy,
            CallOutcome::Unobtainable => &mut tally.unobtainable,
            CallOutcome::Declined => &mut tally.declined,
            CallOutcome::Failed => &mut tally.failed,
            CallOutcome::NoAnswer | CallOutcome::Answered | CallOutcome::HungUp => {
                &mut tally.no_answer
            }
        };
        *count += 1;
        match outcome {
            CallOutcome::Busy if rules.next_number_when_busy => self.next_number(now, id, reason),
            CallOutcome::Busy => {
                self.retry(id, now + rules.busy_gap.max(rules.min_gap), reason);
            }
            CallOutcome::NoAnswer | CallOutcome::Answered | CallOutcome::HungUp
                if rules.next_number_when_no_answer =>
            {
                self.next_number(now, id, reason);
            }
            CallOutcome::Machine
            | CallOutcome::NoAnswer
            | CallOutcome::Answered
            | CallOutcome::HungUp => self.retry(id, now + rules.min_gap, reason),
            CallOutcome::Unobtainable => self.number_is_wrong(now, id, reason),
            CallOutcome::Declined => self.refused(now, id, reason),
            CallOutcome::Failed => {
                // The customer has noticed nothing: it does not count.
                let record = self.record_mut(id);
                record.attempts -= 1;
                let next = record.next;
                record.lines[next].dialled.pop_back();
                self.retry(id, now + FAILED_GAP, reason);
            }
        }
    }

    fn network_refused(&mut self, now: Timestamp) {
        let network = &mut self.state.network;
        network.failures += 1;
        if network.failures >= FAILURES {
            let seconds = 1_u64 << (network.failures - FAILURES).min(6);
            network.hold_until = now + Duration::from_secs(seconds).min(LONGEST_HOLD);
        }
    }

    /// Whether the network has refused so often that it is only tried with one call.
    pub(super) fn network_is_doubtful(&self) -> bool {
        self.state.network.failures >= FAILURES
    }

    fn stop_ringing(&mut self, id: AttemptId) {
        self.timers.disarm(&Timer::RingEnd(id));
        self.state.ringing -= 1;
        let since = second(self.state.attempts[&id].dialled);
        if let Some(count) = self.ringing_since.get_mut(&since) {
            *count -= 1;
            if *count == 0 {
                self.ringing_since.remove(&since);
            }
        }
    }

    fn stop_waiting(&mut self, now: Timestamp, id: AttemptId, abandoned: bool) {
        self.timers.disarm(&Timer::WaitEnd(id));
        let attempt = &self.state.attempts[&id];
        if let Phase::Waiting { until } = attempt.phase {
            self.state.waiting.remove(&(until, id));
        }
        self.state.budget.waited(now, attempt.window, abandoned);
    }

    fn set_phase(&mut self, id: AttemptId, phase: Phase) {
        if let Some(attempt) = self.state.attempts.get_mut(&id) {
            attempt.phase = phase;
        }
    }
}
