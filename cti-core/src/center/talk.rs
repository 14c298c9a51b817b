//! Caller and party talk: connect, hold, retrieve, and the end of the talk.

use super::{Center, Listener};
use crate::{
    agent::AgentInput,
    cause::Cause,
    event::{CallKind, Fact, Party, RecordingKind},
    id::{CallId, LegId, QueueId, RecordingId},
    switch::{Clip, SwitchCommand},
};

impl Center {
    /// Lets caller and party talk; the recording begins, and the agent's number is read out.
    pub(super) fn connect(
        &mut self,
        call: CallId,
        leg: LegId,
        party: Party,
        queue: Option<QueueId>,
    ) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, caller_leg, kind) = (it.contact, it.leg, it.kind);
        let after_call_work = queue
            .as_ref()
            .and_then(|queue| self.config.queues.iter().find(|known| known.id == *queue))
            .map_or(std::time::Duration::ZERO, |config| config.after_call_work);
        self.end_sessions(call);
        self.answer_caller(call);
        let announcement = party.agent.as_ref().map(|agent| self.agent_announcement(agent));
        self.emit(Fact::Connected { call, contact, leg, party, queue, after_call_work });
        self.command(SwitchCommand::Bridge { a: caller_leg, b: leg });
        if kind == CallKind::Service {
            let recording = RecordingId(self.state.counters.recording.0 + 1);
            self.emit(Fact::RecordingStarted { recording, call, kind: RecordingKind::Talk });
            self.command(SwitchCommand::StartRecording {
                recording,
                left: caller_leg,
                right: leg,
                at: self.now,
            });
        }
        // Both hear it: the agent then knows when the caller is listening.
        for clips in announcement.into_iter().filter(|clips| !clips.is_empty()) {
            self.play(caller_leg, clips.clone(), false, Listener::Nobody);
            self.play(leg, clips, false, Listener::Nobody);
        }
    }

    fn agent_announcement(&self, agent: &crate::id::AgentId) -> Vec<Clip> {
        let prompts = &self.config.prompts;
        let Some(suffix) = &prompts.agent_number_suffix else { return Vec::new() };
        let number = self
            .config
            .agents
            .iter()
            .find(|known| known.id == *agent)
            .map_or("", |known| known.announced_number.as_str());
        let digits = number.chars().filter_map(|digit| digit.to_digit(10)).filter_map(|digit| {
            prompts.digits.get(usize::try_from(digit).ok()?).cloned().map(Clip::Prompt)
        });
        prompts
            .agent_number_prefix
            .iter()
            .cloned()
            .map(Clip::Prompt)
            .chain(digits)
            .chain([Clip::Prompt(suffix.clone())])
            .collect()
    }

    pub(super) fn held(&mut self, leg: LegId) {
        let Some((call, other)) = self.talker(leg) else { return };
        let Some(talk) = self.state.calls[&call].talk() else { return };
        if talk.held_by.contains(&leg) {
            return;
        }
        self.emit(Fact::Held { call, leg });
        let music = vec![Clip::Prompt(self.config.prompts.hold_music.clone())];
        let play = self.play(other, music, true, Listener::Nobody);
        self.hold_music.insert(other, play);
    }

    pub(super) fn retrieved(&mut self, leg: LegId) {
        let Some((call, other)) = self.talker(leg) else { return };
        let Some(talk) = self.state.calls[&call].talk() else { return };
        if !talk.held_by.contains(&leg) {
            return;
        }
        self.emit(Fact::Retrieved { call, leg });
        if let Some(play) = self.hold_music.remove(&other) {
            self.plays.remove(&play);
            self.command(SwitchCommand::StopPlay { leg: other, play });
        }
    }

    /// Returns the call in which this leg talks, and the leg at the other end.
    fn talker(&self, leg: LegId) -> Option<(CallId, LegId)> {
        let call = self.state.calls.get(self.state.legs.get(&leg)?)?;
        let talk = call.talk()?;
        Some((call.id, if leg == call.leg { talk.leg } else { call.leg }))
    }

    /// Ends the talk of a call: the party's leg is released, the agent does his after-call work.
    pub(super) fn end_talk(&mut self, call: CallId, cause: Cause) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let Some(talk) = it.talk().cloned() else { return };
        let (caller_leg, recording) = (it.leg, it.recording);
        self.silence(talk.leg);
        self.silence(caller_leg);
        if let Some(recording) = recording {
            self.command(SwitchCommand::StopRecording { recording });
        }
        let agent = talk.party.agent.clone();
        self.emit(Fact::TalkEnded { call, leg: talk.leg, party: talk.party, cause });
        self.command(SwitchCommand::Hangup { leg: talk.leg, cause });
        if let Some(agent) = agent {
            let moved = if talk.after_call_work.is_zero() {
                self.agent_input(&agent, AgentInput::CallOverAtOnce, None)
            } else {
                let until = self.now + talk.after_call_work;
                self.agent_input(&agent, AgentInput::CallOver, Some(until))
            };
            debug_assert!(moved.is_ok(), "an agent who talks is on call");
        }
    }
}
