//! Playing to, and collecting digits from, a live party (ECMA-269 §18.1 Generate Digits' counterpart, 放音收号).

use super::{Answer, Center, Listener, state::Watch};
use crate::{
    command::{Collect, CommandError, Reply},
    event::{CollectEnd, Fact},
    id::{CallId, CollectionId, LegId, PlayId, RecordingId},
    switch::{Clip, PlayEnd},
    target::PartyRef,
};

/// A collection of digits that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    call: CallId,
    leg: LegId,
    how: Collect,
    digits: String,
}

impl Center {
    pub(super) fn play_message(
        &mut self,
        call: CallId,
        who: &PartyRef,
        clips: Vec<Clip>,
        looped: bool,
    ) -> Answer {
        let member = self.resolve(call, who)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: crate::connection::ConnectionState::Connected,
            });
        }
        if clips.len() > 64 {
            return Err(CommandError::TooMany { field: "clips".to_owned(), limit: 64 });
        }
        clips.iter().try_for_each(|clip| self.can_be_played(clip))?;
        self.silence(member.leg);
        if clips.is_empty() {
            return Ok(Reply::Done);
        }
        let message = self.play(member.leg, clips, looped, Listener::Message(call));
        Ok(Reply::Message(message))
    }

    /// Checks that an earlier recording was made and is complete; whether its file is still kept is the switch's to say.
    fn can_be_played(&self, clip: &Clip) -> Result<(), CommandError> {
        let Clip::Recording(recording) = *clip else { return Ok(()) };
        if recording == RecordingId(0) || recording > self.state.counters.recording {
            return Err(CommandError::UnknownRecording { recording });
        }
        if self.state.recordings.contains_key(&recording) {
            return Err(CommandError::InvalidState {
                reason: format!("{recording} has not ended yet"),
            });
        }
        Ok(())
    }

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

    pub(super) fn collect_digits(&mut self, call: CallId, who: &PartyRef, how: Collect) -> Answer {
        let member = self.resolve(call, who)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: crate::connection::ConnectionState::Connected,
            });
        }
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
        Ok(Reply::Collection(id))
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

    fn collected(&mut self, id: CollectionId, end: CollectEnd) {
        let Some(Collection { call, leg, how, digits }) = self.collections.remove(&id) else {
            return;
        };
        self.collecting.remove(&leg);
        self.watches.disarm(&Watch::Collection(id));
        let count = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        let digits = (!how.secret).then_some(digits);
        self.emit(Fact::DigitsCollected { call, leg, collection: id, digits, count, end });
    }
}
