//! Parties of a call: who is meant, who joins, who leaves, and what that does to an agent's state.

use std::time::Duration;

use super::Center;
use crate::{
    agent::{AgentInput, AgentState},
    call::Member,
    cause::Cause,
    command::CommandError,
    connection::ConnectionState,
    data::AFTER_CALL_FLOW,
    event::{CallKind, Fact, OfferEnd, Party},
    id::{AgentId, CallId, DeviceId, FlowId, LegId},
    switch::SwitchCommand,
    target::PartyRef,
};

impl Center {
    /// Returns the party of a call who is meant.
    pub(super) fn resolve(&self, call: CallId, who: &PartyRef) -> Result<Member, CommandError> {
        let it = self.state.calls.get(&call).ok_or(CommandError::UnknownCall { call })?;
        let found = match who {
            PartyRef::Leg(leg) => it.member(*leg),
            PartyRef::Served => it.member(it.leg),
            PartyRef::Device(device) => {
                it.parties.iter().find(|member| member.party.device.as_ref() == Some(device))
            }
            // A call between two phones of the house names no agents: their devices tell who is meant.
            PartyRef::Agent(agent) => it.member_of(agent).or_else(|| {
                let device = &self.state.agents.get(agent)?.device;
                it.parties.iter().find(|member| member.party.device.as_ref() == Some(device))
            }),
        };
        found.cloned().ok_or_else(|| CommandError::NotInCall { who: who.to_string(), call })
    }

    /// Returns the party of a call who is meant, if his connection is in the state that a service needs.
    pub(super) fn resolve_in(
        &self,
        call: CallId,
        who: &PartyRef,
        state: ConnectionState,
    ) -> Result<Member, CommandError> {
        let member = self.resolve(call, who)?;
        if member.state != state {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: state,
            });
        }
        Ok(member)
    }

    /// Returns the party of a call who is meant, if he talks, listens or holds.
    pub(super) fn resolve_taking_part(
        &self,
        call: CallId,
        who: &PartyRef,
    ) -> Result<Member, CommandError> {
        let member = self.resolve(call, who)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call,
                is: member.state,
                needs: ConnectionState::Connected,
            });
        }
        Ok(member)
    }

    /// Returns who is at a device, for a call of this kind.
    pub(super) fn party_at(&self, device: &DeviceId, kind: CallKind) -> Party {
        let seat = self.config.seats.iter().find(|seat| seat.device == *device);
        // A call between two phones of the house is nobody's service: it changes no agent's state.
        let agent = match kind {
            CallKind::Service | CallKind::Outgoing | CallKind::Consult => self.agent_at(device),
            CallKind::Internal | CallKind::Feature | CallKind::Refused => None,
        };
        let seat = match kind {
            CallKind::Service | CallKind::Outgoing | CallKind::Consult => seat,
            CallKind::Internal | CallKind::Feature | CallKind::Refused => None,
        };
        Party {
            agent,
            seat: seat.map(|it| it.id.clone()),
            device: Some(device.clone()),
            number: None,
        }
    }

    /// An agent takes part in a call from here on.
    pub(super) fn agent_joins(&mut self, agent: &AgentId, call: CallId) {
        // Who answers one of two phones that ring is not offered the other call any more.
        if matches!(
            self.state.agents.get(agent).map(|it| &it.state),
            Some(AgentState::Reserved { call: offered }) if *offered != call
        ) {
            self.withdraw_offer_to(agent);
        }
        let Some(at_work) = self.state.agents.get(agent) else { return };
        let input = match &at_work.state {
            AgentState::Reserved { call: offered } if *offered == call => AgentInput::Answer,
            AgentState::OnCall { call: on, .. } if *on == call => return,
            AgentState::OnCall { .. } => AgentInput::Move(call),
            AgentState::SignedOut
            | AgentState::NotReady { .. }
            | AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::AfterCallWork => AgentInput::Begin(call),
        };
        let moved = self.agent_input(agent, input, None);
        debug_assert!(moved.is_ok(), "an agent at work can take part in a call: {moved:?}");
    }

    /// An agent no longer takes part in a call: he goes on with another one, or does what comes after a call.
    pub(super) fn agent_leaves(&mut self, agent: &AgentId, call: CallId, work: Duration) {
        let Some(at_work) = self.state.agents.get(agent) else { return };
        let AgentState::OnCall { call: on, .. } = at_work.state else { return };
        let other = {
            let mut others =
                self.state.calls_of_agent(agent).filter(|it| it.id != call).collect::<Vec<_>>();
            // A call that he talks in comes before one that he has on hold.
            others.sort_by_key(|it| {
                let talks = it.member_of(agent).map(|member| member.state);
                (talks != Some(ConnectionState::Connected), it.id)
            });
            others.first().map(|it| it.id)
        };
        match other {
            Some(other) if on == call => {
                let moved = self.agent_input(agent, AgentInput::Move(other), None);
                debug_assert!(moved.is_ok(), "an agent on call can go on in another one");
            }
            Some(_) => {}
            None => self.agent_call_over(agent, work),
        }
    }

    fn agent_call_over(&mut self, agent: &AgentId, work: Duration) {
        let moved = if work.is_zero() {
            self.agent_input(agent, AgentInput::CallOverAtOnce, None)
        } else {
            let until = self.now + work;
            self.agent_input(agent, AgentInput::CallOver, Some(until))
        };
        debug_assert!(moved.is_ok(), "an agent on call can end it");
        self.sign_out_if_asked(agent);
    }

    /// Signs an agent out whom a supervisor signed out during a call.
    pub(super) fn sign_out_if_asked(&mut self, agent: &AgentId) {
        let signed_out = self
            .state
            .agents
            .get(agent)
            .filter(|it| it.state == AgentState::SignedOut)
            .map(|it| it.seat.clone());
        if let Some(seat) = signed_out {
            self.drop_work_of(agent);
            self.signed_out(agent, seat);
        }
    }

    /// Takes a party out of a call, without looking at what remains.
    pub(super) fn remove_party(&mut self, call: CallId, leg: LegId, cause: Cause) {
        let Some(member) = self.state.calls.get(&call).and_then(|it| it.member(leg)).cloned()
        else {
            return;
        };
        if member.state.takes_part() {
            self.stop_recording_of(call, leg);
            self.silence(leg);
            self.stop_collecting(leg, crate::event::CollectEnd::PartyLeft);
            self.emit(Fact::TalkEnded { call, leg, party: member.party.clone(), cause });
        } else {
            self.emit(Fact::PartyFailed { call, leg, end: OfferEnd::Withdrawn });
        }
        self.hang_up(leg, cause);
        if let Some(agent) = &member.party.agent
            && member.role.carries()
        {
            self.agent_leaves(agent, call, member.after_call_work);
        }
    }

    /// Ends a leg, unless another call goes on by it.
    pub(super) fn hang_up(&mut self, leg: LegId, cause: Cause) {
        if !self.state.legs.contains_key(&leg) && self.gone != Some(leg) {
            self.command(SwitchCommand::Hangup { leg, cause });
        }
    }

    /// A party leaves a conversation; those who remain go on, or the call ends. A caller who waits or hears a flow does not
    /// notice that somebody listened.
    pub(super) fn party_leaves(&mut self, call: CallId, leg: LegId, cause: Cause) {
        let talked = self.talking(call).is_ok();
        self.remove_party(call, leg, cause);
        if talked {
            self.after_departure(call, cause);
        }
    }

    /// Returns whether a citizen whom an agent has left is asked something yet.
    fn goes_on_alone(&self, call: CallId, left: LegId) -> bool {
        let Some(it) = self.state.calls.get(&call) else { return false };
        let citizen = it.member(left).is_some_and(|member| member.party.device.is_none());
        citizen && it.kind.is_service() && self.after_call_flow(it).is_some()
    }

    /// Returns what a citizen hears when those he talked to have hung up: what his flow chose, or his queue.
    fn after_call_flow(&self, call: &crate::call::Call) -> Option<FlowId> {
        let own = AFTER_CALL_FLOW.get(&call.data).ok().flatten();
        if own.is_some() {
            return own;
        }
        let (queue, _) = call.served_from.as_ref()?;
        let config = self.config.queues.iter().find(|known| known.id == *queue)?;
        config.after_call_flow.clone()
    }

    /// The agent has hung up: the citizen is asked how he was served.
    fn after_call(&mut self, call: CallId) {
        let flow = self.state.calls.get(&call).and_then(|it| self.after_call_flow(it));
        if let Some(flow) = flow {
            self.start_flow(call, flow);
        }
    }

    /// Decides what becomes of a conversation that someone has left.
    pub(super) fn after_departure(&mut self, call: CallId, cause: Cause) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let carriers: Vec<LegId> =
            it.talkers().filter(|it| it.role.carries()).map(|it| it.leg).collect();
        let outside =
            it.talkers().find(|it| it.role.carries() && it.party.device.is_none()).map(|it| it.leg);
        let invites = it.expects_someone();
        match (carriers.contains(&it.leg), carriers.as_slice()) {
            // Someone is being brought in to whoever is left.
            (true, [_]) if invites => self.ring_back(call),
            (true, [left]) if self.goes_on_alone(call, *left) => self.after_call(call),
            (_, [] | [_]) => self.end_call(call, cause),
            (true, _) => {}
            (false, [first, ..]) => {
                let leg = outside.unwrap_or(*first);
                self.emit(Fact::Served { call, leg });
            }
        }
    }
}
