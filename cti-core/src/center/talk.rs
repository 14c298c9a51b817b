//! A party joins a conversation: the caller's leg is accepted, the agent's number is read out.

use std::time::Duration;

use super::{Center, Listener};
use crate::{
    event::{Fact, Party},
    flow::SessionEnd,
    id::{AgentId, CallId, LegId, QueueId},
    role::Role,
    switch::{Clip, Endpoint, Tone},
};

impl Center {
    /// Lets a party take part in a conversation with the served one.
    pub(super) fn connect(
        &mut self,
        call: CallId,
        leg: LegId,
        party: Party,
        role: Role,
        queue: Option<QueueId>,
    ) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let (contact, served, kind, first) =
            (it.contact, it.leg, it.kind, role.carries() && it.first_talker().is_none());
        let agent = party.agent.clone();
        let unawares = role.carries() && self.is_put_through(leg, &party);
        // Who takes over a citizen from a colleague writes him up as if the queue had brought him.
        let served_from = it.served_from.as_ref().map(|(queue, _)| queue);
        let after_call_work = match queue.as_ref().or(served_from) {
            Some(queue) if agent.is_some() && role.carries() => self.after_call_work(queue),
            Some(_) | None => Duration::ZERO,
        };
        if first {
            self.end_sessions(call, SessionEnd::Answered);
            self.answer_caller(call);
            self.silence(served);
        }
        self.emit(Fact::Connected { call, contact, leg, party, role, queue, after_call_work });
        if let Some(agent) = agent.as_ref().filter(|_| role.carries()) {
            self.agent_joins(agent, call);
        }
        self.sync_audio();
        let announced = agent.filter(|_| first && kind.is_service() && role == Role::Full);
        let clips = announced.map(|agent| self.agent_announcement(&agent)).unwrap_or_default();
        if !clips.is_empty() {
            // Both hear it: the agent then knows when the caller is listening.
            self.play(served, clips.clone(), false, Listener::Nobody);
        }
        let beep = unawares.then_some(Clip::Tone(Tone::Beep));
        let heard: Vec<Clip> = beep.into_iter().chain(clips).collect();
        if !heard.is_empty() {
            self.play(leg, heard, false, Listener::Nobody);
        }
    }

    /// Returns whether a telephone answered by itself: a tone tells who sits there that somebody listens. One that stands
    /// off hook has had its tone.
    fn is_put_through(&self, leg: LegId, party: &Party) -> bool {
        let device = party.device.as_ref().filter(|_| self.state.standing_leg_by(leg).is_none());
        device.is_some_and(|device| self.answers_by_itself(&Endpoint::Device(device.clone())))
    }

    /// Returns how much after-call work the calls of a queue give.
    pub(super) fn after_call_work(&self, queue: &QueueId) -> Duration {
        self.config
            .queues
            .iter()
            .find(|known| known.id == *queue)
            .map_or(Duration::ZERO, |config| config.after_call_work)
    }

    fn agent_announcement(&self, agent: &AgentId) -> Vec<Clip> {
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
}
