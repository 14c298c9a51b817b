//! What follows for the customer: again, later, another number, or never.

use std::time::Duration;

use cti_core::{router::Why, time::Timestamp};

use super::{
    id::RecordId,
    input::{ContactResult, DialerError, Output},
    machine::Dialer,
    record::{End, Record, RecordState},
    words::{self, why},
};

impl Dialer {
    pub(super) fn result(
        &mut self,
        now: Timestamp,
        id: RecordId,
        result: ContactResult,
    ) -> Result<(), DialerError> {
        let record = self.state.records.get(&id).ok_or(DialerError::UnknownRecord(id))?;
        let RecordState::Talking { attempt } = record.state else {
            return Err(DialerError::Record {
                record: id,
                reason: "there is no talk to have a result",
            });
        };
        self.state.attempts.remove(&attempt);
        if result == ContactResult::Completed {
            let cells = self.record_mut(id).cells.clone();
            self.complete_places(&cells);
            self.state.tally.completed += 1;
            self.end(id, End::Completed);
            return Ok(());
        }
        self.give_back(id);
        let rules = self.campaign.sample;
        match result {
            ContactResult::Completed => {}
            ContactResult::Refused => {
                self.refused(now, id, why("refused", "客户拒访", "the customer refused"));
            }
            ContactResult::CallBack { at } => {
                let why = why("call_back", "客户预约", "the customer asked for this moment");
                self.retry(id, at.max(now), why);
            }
            ContactResult::NextNumber => {
                let why = why("next_number", "拨打下一个号码", "the next number is asked for");
                let record = self.record_mut(id);
                let gap = if record.has_other_number() { Duration::ZERO } else { rules.min_gap };
                record.turn();
                self.retry(id, now + gap, why);
            }
            ContactResult::WrongNumber => {
                self.number_is_wrong(now, id, why("wrong_number", "号码有误", "not his number"));
            }
            ContactResult::DoNotCall => {
                let numbers: Vec<_> =
                    self.record_mut(id).lines.iter().map(|line| line.number.clone()).collect();
                self.state.do_not_call.extend(numbers);
                self.end(id, End::DoNotCall);
            }
            ContactResult::Again => {
                let why = why("again", "稍后重拨", "nothing came of it, once more");
                self.retry(id, now + rules.min_gap, why);
            }
        }
        Ok(())
    }

    pub(super) fn refused(&mut self, now: Timestamp, id: RecordId, why: Why) {
        let rules = self.campaign.sample;
        let record = self.record_mut(id);
        record.refusals += 1;
        if record.refusals >= rules.max_refusals {
            self.end(id, End::MaxRefusals);
        } else {
            self.retry(id, now + rules.refused_gap, why);
        }
    }

    /// Goes on to another number of the customer; to the same one, after the longer gap, where he has no other.
    pub(super) fn next_number(&mut self, now: Timestamp, id: RecordId, why: Why) {
        let rules = self.campaign.sample;
        let record = self.record_mut(id);
        let other = record.has_other_number();
        record.turn();
        let gap = if other { rules.next_number_gap } else { rules.min_gap };
        self.retry(id, now + gap, why);
    }

    pub(super) fn number_is_wrong(&mut self, now: Timestamp, id: RecordId, why: Why) {
        let gap = self.campaign.sample.next_number_gap;
        let record = self.record_mut(id);
        let next = record.next;
        record.lines[next].usable = false;
        if record.turn() {
            self.retry(id, now + gap, why);
        } else {
            self.end(id, End::NoNumberLeft);
        }
    }

    /// Lets a customer wait until `at`, unless he was called often enough or taken back.
    pub(super) fn retry(&mut self, id: RecordId, at: Timestamp, why: Why) {
        let rules = self.campaign.sample;
        let record = self.record_mut(id);
        if record.recalled {
            self.end(id, End::Recalled);
            return;
        }
        if record.attempts >= rules.max_attempts {
            self.end(id, End::MaxAttempts);
            return;
        }
        let at = at.max(record.rested_at(rules.max_per_number_and_day));
        record.state = RecordState::Waiting { due: at };
        self.list.insert_later(id, at);
        self.put(Output::Retry { record: id, at, why });
    }

    pub(super) fn end(&mut self, id: RecordId, end: End) {
        self.record_mut(id).state = RecordState::Ended(end);
        self.put(Output::Ended { record: id, end, why: words::end(end) });
    }

    /// Gives back the quota places of a record that was being shown, dialled or talked to.
    pub(super) fn give_back(&mut self, id: RecordId) {
        let cells = self.record_mut(id).cells.clone();
        self.give_back_places(&cells);
    }

    pub(super) fn record_mut(&mut self, id: RecordId) -> &mut Record {
        self.state.records.get_mut(&id).expect("records are never removed")
    }
}
