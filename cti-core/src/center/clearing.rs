//! Every end of a call: whatever was under way ends with it, exactly once.

use super::Center;
use crate::{
    call::Place,
    cause::Cause,
    event::{CollectEnd, DequeueReason, Fact},
    flow::SessionEnd,
    id::{CallId, LegId},
    switch::SwitchCommand,
};

impl Center {
    /// The served party hung up, or his leg was lost.
    pub(super) fn caller_left(&mut self, call: CallId, cause: Cause) {
        self.clear(call, cause, DequeueReason::Abandoned);
    }

    /// Ends a call for all its parties.
    pub(super) fn end_call(&mut self, call: CallId, cause: Cause) {
        self.clear(call, cause, DequeueReason::Cleared);
    }

    pub(super) fn clear(&mut self, call: CallId, cause: Cause, reason: DequeueReason) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (served, contact, consults) = (it.leg, it.contact, it.consults);
        let recording = it.recording;
        let served_from = it.served_from.as_ref().map(|(queue, _)| queue.clone());
        let served_party = it.member(served).cloned();
        match &it.place {
            Place::Queue(_) => {
                self.dequeue(call, reason);
            }
            Place::Ringing(_) => self.stop_ringing(call, None),
            // A message that the caller breaks off is kept as far as it goes.
            Place::Flow => {
                if let Some(recording) = recording {
                    self.command(SwitchCommand::StopRecording { recording });
                }
            }
            Place::Arriving
            | Place::Originating(_)
            | Place::Talk
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => {}
        }
        let ended = match reason {
            DequeueReason::Abandoned => SessionEnd::HungUp,
            DequeueReason::Answered
            | DequeueReason::Overflowed(_)
            | DequeueReason::Left
            | DequeueReason::Moved
            | DequeueReason::Cleared
            | DequeueReason::SystemRestart => SessionEnd::Cleared,
        };
        self.end_sessions(call, ended);
        let others: Vec<LegId> = self
            .state
            .calls
            .get(&call)
            .into_iter()
            .flat_map(|it| it.parties.iter().map(|member| member.leg))
            .filter(|leg| *leg != served)
            .collect();
        for leg in others {
            self.remove_party(call, leg, cause);
        }
        self.stop_recording_of(call, served);
        self.stop_collecting(served, CollectEnd::PartyLeft);
        if self.state.calls_of(served).len() <= 1 {
            self.forget_sounds(served);
        } else {
            self.silence(served);
        }
        // Who was brought in and is served now has a talk of his own to be ended.
        if let Some(member) = served_party.as_ref().filter(|it| it.talks) {
            let party = member.party.clone();
            self.emit(Fact::TalkEnded { call, leg: served, party, cause });
        }
        self.convened.remove(&call);
        self.emit(Fact::CallEnded { call, contact, cause });
        self.hang_up(served, cause);
        if let Some(held) = consults {
            self.back_from_consultation(held, served);
        }
        if let Some(member) = served_party
            && let Some(agent) = &member.party.agent
        {
            let work = served_from.map_or(member.after_call_work, |it| self.after_call_work(&it));
            self.agent_leaves(agent, call, work);
        }
    }

    /// A consultation is over: whoever asked goes on with those he has on hold.
    pub(super) fn back_from_consultation(&mut self, held: CallId, leg: LegId) {
        if self.gone != Some(leg)
            && self.is_held(held, leg)
            && self.connected_elsewhere(leg, held).is_none()
        {
            self.retrieve_leg(held, leg);
        }
    }
}
