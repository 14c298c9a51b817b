//! Collect Digits (收号): a live party presses keys.

use crate::{
    center::state::Watch,
    center::{Answer, Center, collect::Collection},
    command::{Collect, CommandError, Reply},
    event::CollectEnd,
    id::CallId,
    target::PartyRef,
};

impl Center {
    pub(in crate::center) fn collect_digits(
        &mut self,
        call: CallId,
        who: &PartyRef,
        how: Collect,
    ) -> Answer {
        let member = self.resolve_taking_part(call, who)?;
        if !(1..=64).contains(&how.max) {
            return Err(CommandError::InvalidValue {
                field: "collect.max".to_owned(),
                reason: "must lie between 1 and 64".to_owned(),
            });
        }
        if !how.terminators.chars().all(|c| c.is_ascii_digit() || "*#ABCD".contains(c)) {
            return Err(CommandError::InvalidValue {
                field: "collect.terminators".to_owned(),
                reason: "must be of 0-9 * # A-D".to_owned(),
            });
        }
        self.stop_collecting(member.leg, CollectEnd::Stopped);
        self.last_collection = self.last_collection.max(self.state.counters.collection);
        self.last_collection.0 += 1;
        let id = self.last_collection;
        self.watches.arm(Watch::Collection(id), self.now + how.first_digit);
        self.collecting.insert(member.leg, id);
        let leg = member.leg;
        self.collections.insert(id, Collection { call, leg, how, digits: String::new() });
        self.sync_pause(call, None);
        Ok(Reply::Collection(id))
    }
}
