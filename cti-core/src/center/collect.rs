//! The keys that a live party presses: what is being collected from whom, and how a collection ends.

use super::{Center, state::Watch};
use crate::{
    command::Collect,
    event::{CollectEnd, Fact},
    id::{CallId, CollectionId, LegId, PlayId},
    switch::PlayEnd,
};

/// A collection of digits that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) how: Collect,
    pub(super) digits: String,
}

impl Center {
    pub(super) fn message_played(
        &mut self,
        call: CallId,
        leg: LegId,
        message: PlayId,
        end: PlayEnd,
    ) {
        // The end of a call is the last fact about it.
        if self.state.calls.contains_key(&call) {
            self.emit(Fact::MessagePlayed { call, leg, message, end });
        }
    }

    /// A party pressed a key; returns whether a collection took it.
    pub(super) fn collect(&mut self, leg: LegId, digit: char) -> bool {
        let Some(id) = self.collecting.get(&leg).copied() else { return false };
        let Some(collection) = self.collections.get_mut(&id) else { return false };
        // Who begins to press keys need not hear the rest of the question.
        if collection.digits.is_empty() {
            self.silence(leg);
        }
        let Some(collection) = self.collections.get_mut(&id) else { return false };
        if collection.how.terminators.contains(digit) {
            self.collected(id, CollectEnd::Complete);
            return true;
        }
        collection.digits.push(digit);
        if collection.digits.len() >= collection.how.max as usize {
            self.collected(id, CollectEnd::Complete);
        } else {
            let until = self.now + collection.how.inter_digit;
            self.watches.arm(Watch::Collection(id), until);
        }
        true
    }

    pub(super) fn collection_timed_out(&mut self, id: CollectionId) {
        self.collected(id, CollectEnd::TimedOut);
    }

    /// Ends what is being collected from a leg.
    pub(super) fn stop_collecting(&mut self, leg: LegId, end: CollectEnd) {
        if let Some(id) = self.collecting.get(&leg).copied() {
            self.collected(id, end);
        }
    }

    pub(super) fn collected(&mut self, id: CollectionId, end: CollectEnd) {
        let Some(Collection { call, leg, how, digits }) = self.collections.remove(&id) else {
            return;
        };
        self.collecting.remove(&leg);
        self.watches.disarm(&Watch::Collection(id));
        let count = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        let digits = (!how.secret).then_some(digits);
        self.emit(Fact::DigitsCollected { call, leg, collection: id, digits, count, end });
        self.sync_pause(call, None);
    }
}
