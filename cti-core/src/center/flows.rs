//! Flows and the Center: sessions are told what happened, their effects are carried out.

use super::{Answer, Center, Effect, Listener, Output};
use crate::{
    call::{Call, Otherwise, Place},
    cause::Cause,
    command::Reply,
    event::{AlarmKind, DequeueReason, Event, Fact},
    flow::{FlowEffect, FlowInput, FlowNotice, FlowOrder, QueueExit, SessionEnd, SessionView},
    id::{CallId, LegId, SessionId},
    mailbox::MAILBOX_SOURCE,
    router::Router,
    switch::{Endpoint, PlayEnd, SwitchCommand},
    time::Timestamp,
};

impl Center {
    /// Carries out what an administrator orders of the flows, and writes it down.
    pub(super) fn order_flows(&mut self, order: FlowOrder, by: String) -> Answer {
        let answer = self.flows.administer(self.now, &by, &order)?;
        if answer.changed {
            self.quarantine_is_over(&order);
            self.emit(Fact::FlowsOrdered { order, by });
        }
        Ok(Reply::Flows(answer))
    }

    /// Clears the alarms of versions that new callers may have again, or need not any more.
    fn quarantine_is_over(&mut self, order: &FlowOrder) {
        let flows = match order {
            FlowOrder::Publish { flows, .. } => flows.as_slice(),
            FlowOrder::RollBack { flow, .. }
            | FlowOrder::LiftQuarantine { flow, .. }
            | FlowOrder::Retire { flow } => std::slice::from_ref(flow),
            FlowOrder::Load { .. }
            | FlowOrder::SaveDraft { .. }
            | FlowOrder::DiscardDraft { .. }
            | FlowOrder::Quarantine { .. }
            | FlowOrder::EndSessions { .. }
            | FlowOrder::SetTestCallers { .. } => &[],
        };
        let over: Vec<AlarmKind> = self
            .state
            .alarms
            .values()
            .filter(|kind| {
                matches!(kind, AlarmKind::FlowQuarantined { flow, .. } if flows.contains(flow))
            })
            .cloned()
            .collect();
        for kind in over {
            self.clear_alarm(&kind);
        }
    }

    /// Writes down what the engine decided by itself.
    pub(super) fn flow_notices(&mut self) {
        while let Some(notice) = self.flows.poll_notice() {
            match notice {
                FlowNotice::Quarantined { flow, version, reason } => {
                    let kind =
                        AlarmKind::FlowQuarantined { flow: flow.clone(), version: version.clone() };
                    self.emit(Fact::FlowQuarantined { flow, version, reason });
                    self.raise(kind);
                }
            }
        }
    }

    /// Lets the engine take up again what the log says of its flows.
    #[expect(clippy::wildcard_enum_match_arm, reason = "two facts are about the flows themselves")]
    pub(super) fn flows_follow(&mut self, event: &Event) {
        match &event.fact {
            Fact::FlowsOrdered { order, by } => {
                let taken = self.flows.administer(event.at, by, order);
                if let Err(error) = taken {
                    tracing::error!(%error, no = event.no.0, "An order about flows is not taken again");
                }
            }
            Fact::FlowQuarantined { flow, version, reason } => {
                let (flow, version, reason) = (flow.clone(), version.clone(), reason.clone());
                let notice = FlowNotice::Quarantined { flow, version, reason };
                self.flows.replay_notice(event.at, &notice);
            }
            _ => {}
        }
    }

    /// Hands an input to a session, if it still runs.
    pub(super) fn tell(&mut self, session: SessionId, input: FlowInput) {
        let Some(call) =
            self.state.sessions.get(&session).and_then(|call| self.state.calls.get(call))
        else {
            return;
        };
        let view = view_of(call, self.router.as_ref(), self.now);
        self.flows.handle(self.now, session, input, view);
    }

    pub(super) fn flow_timeouts(&mut self) {
        while let Some(session) = self.flows.due(self.now) {
            let Some(call) =
                self.state.sessions.get(&session).and_then(|call| self.state.calls.get(call))
            else {
                self.flows.end(session, SessionEnd::Cleared);
                continue;
            };
            let view = view_of(call, self.router.as_ref(), self.now);
            self.flows.handle_timeout(self.now, session, view);
            self.flow_effects();
        }
    }

    /// Carries out what sessions want until none wants anything.
    pub(super) fn flow_effects(&mut self) {
        while let Some((session, effect)) = self.flows.poll_effect() {
            let Some(call) = self.state.sessions.get(&session).copied() else { continue };
            let Some(leg) = self.state.calls.get(&call).map(|it| it.leg) else { continue };
            self.flow_effect(session, call, leg, effect);
        }
    }

    /// Returns the leg of the agent who hears a session before he is put through.
    fn whispered_to(&self, call: CallId, session: SessionId) -> Option<LegId> {
        let offers = &self.state.calls.get(&call)?.waiting()?.offers;
        offers.iter().find(|offer| offer.whisper == Some(session)).map(|offer| offer.leg)
    }

    /// Carries out what a session wants that an agent hears; it has no say in what becomes of the call.
    fn whisper_effect(&mut self, session: SessionId, call: CallId, leg: LegId, effect: FlowEffect) {
        match effect {
            FlowEffect::Play { play, clips, looped } => {
                self.silence(leg);
                self.play(leg, clips, looped, Listener::Session(session, play));
            }
            FlowEffect::End => self.whisper_over(call, session),
            FlowEffect::StopPlay { .. }
            | FlowEffect::Lookup { .. }
            | FlowEffect::SetData { .. }
            | FlowEffect::Visited { .. } => self.caller_effect(session, call, leg, effect),
            FlowEffect::Answer
            | FlowEffect::Listen { .. }
            | FlowEffect::StopListening { .. }
            | FlowEffect::Enqueue { .. }
            | FlowEffect::LeaveQueue
            | FlowEffect::RingDevices { .. }
            | FlowEffect::RingGroup { .. }
            | FlowEffect::Conference { .. }
            | FlowEffect::GoTo { .. }
            | FlowEffect::RequestCallBack { .. }
            | FlowEffect::RecordMessage { .. }
            | FlowEffect::StopRecording
            | FlowEffect::PauseRecording
            | FlowEffect::ResumeRecording
            | FlowEffect::SendDigits { .. }
            | FlowEffect::SetPriority { .. } => {}
        }
    }

    fn flow_effect(&mut self, session: SessionId, call: CallId, leg: LegId, effect: FlowEffect) {
        match self.whispered_to(call, session) {
            Some(agent) => self.whisper_effect(session, call, agent, effect),
            None => self.caller_effect(session, call, leg, effect),
        }
    }

    fn caller_effect(&mut self, session: SessionId, call: CallId, leg: LegId, effect: FlowEffect) {
        match effect {
            FlowEffect::Answer => self.answer_caller(call),
            FlowEffect::Play { play, clips, looped } => {
                self.silence(leg);
                self.answer_caller(call);
                self.play(leg, clips, looped, Listener::Session(session, play));
                if self.state.calls[&call].waiting().is_some() {
                    // A position that is announced must be one that a restart would give again.
                    if let Some(output) = self.outputs.back_mut() {
                        output.after = Some(self.state.last);
                    }
                }
            }
            FlowEffect::StopPlay { play } => {
                let listener = Listener::Session(session, play);
                if let Some(play) = self.plays.for_listener(leg, listener) {
                    self.plays.remove(play);
                    self.command(SwitchCommand::StopPlay { leg, play });
                }
            }
            FlowEffect::Listen { listening, request } => {
                self.answer_caller(call);
                self.listen(leg, session, listening, request);
            }
            FlowEffect::StopListening { listening } => {
                self.stop_listening(session, Some(listening));
            }
            FlowEffect::Enqueue { queue, priority, needs } => {
                self.enqueue(call, queue, priority, needs)
            }
            FlowEffect::LeaveQueue => self.leave_queue(call, DequeueReason::Left, QueueExit::Left),
            FlowEffect::RingDevices { devices, ring_for } => {
                let steps =
                    devices.into_iter().map(|device| vec![Endpoint::Device(device)]).collect();
                self.ring(call, steps, ring_for, Otherwise::GoOn, Cause::NoAnswer);
            }
            FlowEffect::RingGroup { group, ring_for } => self.ring_group(call, &group, ring_for),
            FlowEffect::Conference { members, ring_for } => {
                self.convene(call, &members, ring_for);
            }
            FlowEffect::GoTo { target } => {
                self.go_to(call, &target, Otherwise::GoOn, 0, Default::default());
            }
            FlowEffect::RequestCallBack { number } => {
                let contact = self.state.calls[&call].contact;
                if self.request_call_back(contact, number).is_err() {
                    self.tell(session, FlowInput::CallBackRefused);
                }
            }
            FlowEffect::RecordMessage { limit, silence, into: Some(into) } => {
                self.record_into(call, limit, silence, into);
            }
            FlowEffect::RecordMessage { limit, silence, into: None } => {
                self.record_message(call, limit, silence)
            }
            FlowEffect::StopRecording => {
                if let Some(recording) = self.state.calls[&call].recording {
                    self.command(SwitchCommand::StopRecording { recording });
                }
            }
            FlowEffect::Lookup { lookup, source, key } if source == MAILBOX_SOURCE => {
                self.answer_about_mailboxes(session, call, lookup, &key);
            }
            FlowEffect::Lookup { lookup, source, key } => self.outputs.push_back(Output {
                after: None,
                effect: Effect::Lookup { session, lookup, source, key },
            }),
            FlowEffect::SetData { key, value } => {
                if self.state.calls[&call].data.get(&key) != Some(&value) {
                    self.emit(Fact::DataSet { call, data: [(key, value)].into() });
                }
            }
            FlowEffect::PauseRecording => self.leave_out(call),
            FlowEffect::ResumeRecording => self.take_in(call),
            FlowEffect::SendDigits { digits } => {
                self.answer_caller(call);
                self.command(SwitchCommand::SendDigits { leg, digits });
            }
            FlowEffect::SetPriority { priority } => {
                let it = &self.state.calls[&call];
                if it.waiting().is_some_and(|waiting| waiting.priority != priority) {
                    let (contact, by) = (it.contact, session.to_string());
                    self.emit(Fact::PrioritySet { contact, priority, by });
                }
            }
            FlowEffect::Visited { flow, version, node, outlet } => {
                let (flow, version) = (Some(flow), Some(version.as_ref().to_owned()));
                self.emit(Fact::FlowVisited { session, flow, version, node, outlet })
            }
            FlowEffect::End => {
                let main = self.state.calls[&call]
                    .session
                    .as_ref()
                    .is_some_and(|(main, _)| *main == session);
                self.end_session(call, session, SessionEnd::Finished);
                if main {
                    self.end_call(call, Cause::FlowEnded);
                }
            }
        }
    }

    /// Accepts the caller's leg, once.
    pub(super) fn answer_caller(&mut self, call: CallId) {
        let Some((leg, answered)) = self.state.calls.get(&call).map(|it| (it.leg, it.answered))
        else {
            return;
        };
        if answered.is_none() {
            self.emit(Fact::CallAnswered { call });
            self.command_when_durable(SwitchCommand::Answer { leg });
        }
    }

    /// Ends the session; nothing comes from it afterwards.
    pub(super) fn end_session(&mut self, call: CallId, session: SessionId, why: SessionEnd) {
        self.flows.end(session, why);
        self.stop_listening(session, None);
        self.emit(Fact::FlowEnded { call, session });
    }

    /// Ends every session of a call.
    pub(super) fn end_sessions(&mut self, call: CallId, why: SessionEnd) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let waiting = it.waiting().and_then(|waiting| waiting.session);
        let whisper = it.waiting().and_then(|it| it.offers.iter().find_map(|offer| offer.whisper));
        let main = it.session.as_ref().map(|(session, _)| *session);
        for session in [waiting, whisper, main].into_iter().flatten() {
            self.end_session(call, session, why);
        }
    }

    /// Hands an input to the main session, or ends the call when it has none.
    pub(super) fn tell_main(&mut self, call: CallId, input: FlowInput) {
        match self.state.calls.get(&call).map(|it| it.session.as_ref().map(|(session, _)| *session))
        {
            Some(Some(session)) => self.tell(session, input),
            Some(None) => self.end_call(call, Cause::NoAnswer),
            None => {}
        }
    }

    pub(super) fn digit(&mut self, leg: LegId, digit: char) {
        if self.collect(leg, digit) {
            return;
        }
        let call = self.state.active_call(leg);
        let Some(it) = call.and_then(|call| self.state.calls.get(&call)) else { return };
        if it.leg != leg {
            let offers = it.waiting().into_iter().flat_map(|it| &it.offers);
            let whisper = offers.filter(|it| it.leg == leg).find_map(|it| it.whisper);
            if let Some(session) = whisper {
                self.tell(session, FlowInput::Digit(digit));
            }
            return;
        }
        let call = it.id;
        let session = match &it.place {
            Place::Queue(waiting) => waiting.session,
            Place::Flow => it.session.as_ref().map(|(session, _)| *session),
            Place::Arriving
            | Place::Originating(_)
            | Place::Ringing(_)
            | Place::Talk
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => None,
        };
        if let Some(session) = session {
            // Keys may be account numbers and passwords: the log says that one was pressed, the flow keeps which.
            self.emit(Fact::DigitPressed { call, digit: None });
            self.tell(session, FlowInput::Digit(digit));
        }
    }

    pub(super) fn play_ended(&mut self, play: crate::id::PlayId, end: PlayEnd) {
        let Some(playing) = self.plays.remove(play) else { return };
        self.hold_music.retain(|_, music| *music != play);
        match playing.listener {
            Listener::Session(session, play) => {
                self.tell(session, FlowInput::PlayEnded { play, end })
            }
            Listener::Feature(call) => self.end_call(call, Cause::Normal),
            Listener::Message(call) => self.message_played(call, playing.leg, play, end),
            Listener::Standing => self.tone_heard(playing.leg),
            Listener::Nobody => {}
        }
    }
}

/// Returns what a session of this call may look at.
pub(super) fn view_of<'a>(call: &'a Call, router: &dyn Router, now: Timestamp) -> SessionView<'a> {
    SessionView {
        caller: &call.caller,
        called: &call.called,
        data: &call.data,
        position: router.position(call.contact),
        expected_wait: router.expected_wait(call.contact, now),
    }
}
