//! How many are dialled now, and who.

use cti_core::time::Timestamp;

use super::{
    agents::small,
    excess::expected_excess,
    id::RecordId,
    machine::{Dialer, second},
    mode::{HORIZONS, Limit, Mode, Outlook, Pace, Situation},
    record::End,
    words,
};

impl Dialer {
    /// Dials as many as the mode allows.
    pub(super) fn dial(&mut self, now: Timestamp) {
        self.limit = loop {
            if !self.state.running {
                break Limit::NotRunning;
            }
            if self.state.network.hold_until > now {
                break Limit::Network;
            }
            let situation = self.situation(now);
            let pace = self.pace(&situation);
            if pace.take == 0 {
                break pace.limit;
            }
            let Some(record) = self.next_record(now) else { break Limit::NothingDue };
            let cells = self.record_mut(record).cells.clone();
            self.take_places(&cells);
            match self.campaign.mode {
                Mode::Preview { look_for } => self.offer(now, record, now + look_for),
                Mode::Progressive | Mode::Predictive | Mode::Agentless { .. } => {
                    let expected = expected_excess(&situation, 1);
                    let why = words::dial(&self.campaign, &situation, expected);
                    self.start_attempt(now, record, None, why);
                    self.count_second(now);
                }
            }
        };
    }

    fn pace(&self, situation: &Situation) -> Pace {
        // A network that refused several calls in a row is tried with one.
        if self.network_is_doubtful() && situation.ringing > 0 {
            return Pace { take: 0, limit: Limit::Network };
        }
        self.campaign.mode.pace(situation)
    }

    /// Returns who is next and can be dialled; whoever cannot be is ended, or waits until he can be.
    fn next_record(&mut self, now: Timestamp) -> Option<RecordId> {
        while let Some(id) = self.list.pop() {
            let most = self.campaign.sample.max_per_number_and_day;
            let record = self.state.records.get_mut(&id).expect("who is in the list has a record");
            let forbidden = &self.state.do_not_call;
            let found = (0..record.lines.len()).any(|_| {
                let line = &record.lines[record.next];
                let may = line.usable && !forbidden.contains(&line.number);
                if !may {
                    record.turn();
                }
                may
            });
            if !found {
                self.end(id, End::DoNotCall);
            } else if record.rested_at(most) > now {
                // The number in place of a forbidden one was dialled often enough today.
                self.retry(id, now, words::often_enough());
            } else {
                return Some(id);
            }
        }
        None
    }

    /// What the mode knows.
    pub(super) fn situation(&self, now: Timestamp) -> Situation {
        let state = &self.state;
        let rules = &self.campaign.abandonment;
        let kept = self.campaign.blend.keep_free.saturating_add(state.inbound_waiting);
        let window = state.budget.window();
        let second = second(now);
        Situation {
            agents: state.agents.at_work(),
            idle: state.agents.idle().saturating_sub(kept),
            busy: state.agents.talking(),
            ringing: state.ringing,
            before: state.budget.under_way_before(),
            waiting: small(state.waiting.len()),
            lines: state.lines.saturating_sub(small(state.attempts.len())),
            this_second: if state.second.0 == second { state.second.1 } else { 0 },
            outlooks: self.outlooks(now),
            least_agents: rules.least_agents,
            cap: rules.cap,
            aim: state.budget.aim(rules),
            over_cap: state.budget.over_cap(rules),
            answers: window.answers,
            abandoned: window.abandoned,
        }
    }

    /// Looks at several moments, because answers that come in a burst find nobody even if agents come back later.
    fn outlooks(&self, now: Timestamp) -> [Outlook; HORIZONS] {
        let Mode::Predictive = self.campaign.mode else { return Default::default() };
        let after = self.state.estimates.answer_after();
        [after / 2, after, after + after / 2, 2 * after + after / 2]
            .map(|within| self.outlook(now, within.max(1)))
    }

    fn outlook(&self, now: Timestamp, within: u64) -> Outlook {
        let estimates = &self.state.estimates;
        // Who answers waits a little, so agents may come back a little later.
        let wait = self.campaign.abandonment.answer_wait.as_secs();
        let mut outlook = Outlook {
            of_new: estimates.answers(0, within),
            come_back: estimates.come_back(within + wait),
            ..Outlook::default()
        };
        let second = second(now);
        for (dialled, count) in &self.ringing_since {
            let share = estimates.answers(second.saturating_sub(*dialled), within);
            outlook.answers += f64::from(*count) * share;
            outlook.variance += f64::from(*count) * share * (1.0 - share);
        }
        outlook
    }

    fn count_second(&mut self, now: Timestamp) {
        let second = second(now);
        if self.state.second.0 != second {
            self.state.second = (second, 0);
        }
        self.state.second.1 += 1;
    }
}
