//! Supervisors change agents' states; programs at the seats are heard of, or not; telephones are brought into order.

use super::{Answer, Center, state::Watch};
use crate::{
    agent::{AgentInput, AgentState, NotReadyReason},
    cause::Cause,
    command::{CommandError, ForcedState, Reply},
    connection::ConnectionState,
    event::{AlarmKind, Fact, WorkEnd},
    id::{AgentId, CallId, ContactId},
    router::{InvalidRules, RulesChange},
};

impl Center {
    pub(super) fn force_agent(&mut self, agent: &AgentId, to: ForcedState, by: String) -> Answer {
        let seat = self.at_work(agent)?;
        let (input, name) = match to {
            ForcedState::Ready => (AgentInput::Ready, "ready"),
            ForcedState::NotReady(reason) => {
                super::agents::check_reason(&reason)?;
                (AgentInput::NotReady(NotReadyReason::Code(reason)), "not_ready")
            }
            ForcedState::SignedOut => (AgentInput::ForceSignOut, "signed_out"),
        };
        let state = &self.state.agents[agent].state;
        // An offer is withdrawn first, and that leaves him ready.
        if !matches!(state, AgentState::Reserved { .. }) {
            state.next(input.clone())?;
        }
        self.emit(Fact::AgentForced { agent: agent.clone(), by, to: name.to_owned() });
        self.withdraw_offer_to(agent);
        self.agent_input(agent, input, None)?;
        if self.state.agents.get(agent).is_some_and(|it| it.state == AgentState::SignedOut) {
            self.drop_work_of(agent);
            self.emit(Fact::AgentSignedOut { agent: agent.clone(), seat });
        }
        Ok(Reply::Done)
    }

    /// Withdraws what is being offered to an agent; the caller keeps his place.
    pub(super) fn withdraw_offer_to(&mut self, agent: &AgentId) {
        let Some(AgentState::Reserved { call }) =
            self.state.agents.get(agent).map(|it| it.state.clone())
        else {
            return;
        };
        let offer = self
            .state
            .calls
            .get(&call)
            .and_then(|it| Some((it.contact, it.waiting()?.offer_to(agent)?.clone())));
        match offer {
            Some((contact, offer)) => self.withdraw(call, contact, &offer),
            None => self.withdraw_work_offer_to(agent),
        }
    }

    /// Takes away what an agent works at besides calls; it waits for someone else.
    pub(super) fn drop_work_of(&mut self, agent: &AgentId) {
        let work: Vec<ContactId> = self
            .state
            .agents
            .get(agent)
            .map(|it| it.work.keys().copied().collect())
            .unwrap_or_default();
        for contact in work {
            self.work_taken_away(contact, agent, WorkEnd::TakenAway);
        }
    }

    /// The program at a seat is alive.
    pub(super) fn heartbeat(&mut self, agent: &AgentId) -> Answer {
        self.at_work(agent)?;
        let until = self.now + self.config.times.heartbeat;
        self.watches.arm(Watch::Silence(agent.clone()), until);
        if !self.state.agents[agent].heard {
            self.emit(Fact::AgentHeard { agent: agent.clone(), heard: true });
        }
        Ok(Reply::Done)
    }

    /// Nothing was heard of the program at a seat: the agent is not ready until he is back; his call goes on.
    pub(super) fn agent_silent(&mut self, agent: &AgentId) {
        let Some(at_work) = self.state.agents.get(agent) else { return };
        let state = at_work.state.clone();
        self.emit(Fact::AgentHeard { agent: agent.clone(), heard: false });
        match state {
            AgentState::Ready | AgentState::AfterCallWork | AgentState::OnCall { .. } => {
                let reason = NotReadyReason::Code("not_heard_of".to_owned());
                // Each of these states can become not ready.
                let _ = self.agent_input(agent, AgentInput::NotReady(reason), None);
            }
            // The phone rings on; it tells by itself whether somebody is there.
            AgentState::Reserved { .. } | AgentState::NotReady { .. } | AgentState::SignedOut => {}
        }
    }

    /// An agent has been in his state for too long: somebody should look after him.
    pub(super) fn agent_overlong(&mut self, agent: &AgentId) {
        let Some(state) = self.state.agents.get(agent).map(|it| it.state.name().to_owned()) else {
            return;
        };
        self.raise(AlarmKind::OverlongState { agent: agent.clone(), state });
    }

    /// Watches how long an agent stays in his state.
    pub(super) fn watch_state(&mut self, agent: &AgentId) {
        if self
            .state
            .alarms
            .values()
            .any(|kind| matches!(kind, AlarmKind::OverlongState { agent: it, .. } if it == agent))
        {
            let standing: Vec<AlarmKind> = self
                .state
                .alarms
                .values()
                .filter(|kind| {
                    matches!(kind, AlarmKind::OverlongState { agent: it, .. } if it == agent)
                })
                .cloned()
                .collect();
            for kind in standing {
                self.clear_alarm(&kind);
            }
        }
        let times = &self.config.times;
        let limit = match self.state.agents.get(agent).map(|it| &it.state) {
            Some(AgentState::NotReady { .. }) => times.overlong_not_ready,
            Some(AgentState::OnCall { .. }) => times.overlong_call,
            Some(
                AgentState::Ready
                | AgentState::Reserved { .. }
                | AgentState::AfterCallWork
                | AgentState::SignedOut,
            )
            | None => None,
        };
        match limit {
            Some(limit) => {
                self.watches.arm(Watch::Overlong(agent.clone()), self.now + limit);
            }
            None => self.watches.disarm(&Watch::Overlong(agent.clone())),
        }
    }

    /// Brings the telephone of an agent into order.
    pub(super) fn reset(&mut self, agent: &AgentId) -> Answer {
        self.at_work(agent)?;
        let calls: Vec<CallId> = self.state.calls_of_agent(agent).map(|it| it.id).collect();
        // Consultations of his end first; that brings back who was on hold.
        for call in &calls {
            let asks = self.state.calls.get(call).is_some_and(|it| {
                it.consults.is_some()
                    && it.member(it.leg).and_then(|it| it.party.agent.as_ref()) == Some(agent)
            });
            if asks {
                self.end_call(*call, Cause::Cleared);
            }
        }
        for call in calls {
            let member = self.state.calls.get(&call).and_then(|it| it.member_of(agent)).cloned();
            let Some(member) = member else { continue };
            if member.muted {
                self.emit(Fact::Muted { call, leg: member.leg, on: false });
            }
            if member.state == ConnectionState::Hold
                && self.connected_elsewhere(member.leg, call).is_none()
            {
                self.retrieve_leg(call, member.leg);
            }
        }
        Ok(Reply::Done)
    }

    // --- the router ----------------------------------------------------------

    pub(super) fn why_not(&self, contact: ContactId, agent: &AgentId) -> Answer {
        if !self.config.agents.iter().any(|known| known.id == *agent) {
            return Err(CommandError::UnknownAgent { agent: agent.clone() });
        }
        let because = self.router.why_not(contact, agent, self.now);
        Ok(Reply::Explanation(because.into_iter().collect()))
    }

    pub(super) fn change_rules(&mut self, change: &RulesChange, by: String) -> Answer {
        let version =
            self.router.change_rules(change).map_err(|InvalidRules { field, reason }| {
                CommandError::InvalidValue { field, reason }
            })?;
        self.emit(Fact::RulesChanged { how: change.done(), version, by });
        Ok(Reply::Done)
    }

    // --- waiting contacts ----------------------------------------------------

    pub(super) fn set_priority(&mut self, contact: ContactId, priority: u8, by: String) -> Answer {
        self.waits(contact)?;
        self.emit(Fact::PrioritySet { contact, priority, by });
        Ok(Reply::Done)
    }

    pub(super) fn assign(
        &mut self,
        contact: ContactId,
        agent: Option<AgentId>,
        by: String,
    ) -> Answer {
        self.waits(contact)?;
        if let Some(agent) = &agent {
            self.at_work(agent)?;
        }
        // Whoever else was being offered it has not been chosen.
        if let Some(chosen) = &agent {
            self.withdraw_offers_but_to(contact, chosen);
        }
        self.emit(Fact::Assigned { contact, agent, by });
        Ok(Reply::Done)
    }

    fn withdraw_offers_but_to(&mut self, contact: ContactId, chosen: &AgentId) {
        match self.state.contacts.get(&contact).copied() {
            Some(call) => {
                let waiting = self.state.calls.get(&call).and_then(|it| it.waiting());
                let offers = waiting.map(|it| it.offers.clone()).unwrap_or_default();
                for offer in offers.into_iter().filter(|it| it.agent != *chosen) {
                    self.withdraw(call, contact, &offer);
                }
            }
            None => self.withdraw_work_offers_but_to(contact, chosen),
        }
    }

    pub(super) fn move_contact(
        &mut self,
        contact: ContactId,
        queue: crate::id::QueueId,
        by: &str,
    ) -> Answer {
        self.waits(contact)?;
        self.route(&crate::target::Target::Queue(queue.clone()))?;
        tracing::info!(%contact, %queue, by, "A waiting contact is moved");
        self.move_on(contact, queue);
        Ok(Reply::Done)
    }

    fn waits(&self, contact: ContactId) -> Result<(), CommandError> {
        let call = self.state.contacts.get(&contact).and_then(|call| self.state.calls.get(call));
        let work = self.state.works.get(&contact);
        match (call, work) {
            (Some(call), _) if call.waiting().is_some() => Ok(()),
            (_, Some(work)) if work.waiting.is_some() => Ok(()),
            (None, None) => Err(CommandError::UnknownContact { contact }),
            (Some(_), _) | (_, Some(_)) => {
                Err(CommandError::InvalidState { reason: format!("{contact} does not wait") })
            }
        }
    }
}
