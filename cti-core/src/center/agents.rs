//! Agents sign in and out, get ready and not ready, and end after-call work.

use super::{Answer, Center};
use crate::{
    agent::{AgentInput, AgentState, NotReadyReason},
    command::{CommandError, Reply},
    event::Fact,
    id::{AgentId, DeviceId, QueueId, SeatId},
    time::Timestamp,
};

impl Center {
    pub(super) fn sign_in(
        &mut self,
        agent: &AgentId,
        seat: &SeatId,
        queues: Option<Vec<QueueId>>,
    ) -> Answer {
        let known = self
            .config
            .agents
            .iter()
            .find(|it| it.id == *agent)
            .ok_or_else(|| CommandError::UnknownAgent { agent: agent.clone() })?;
        let place = self
            .config
            .seats
            .iter()
            .find(|it| it.id == *seat)
            .ok_or_else(|| CommandError::UnknownSeat { seat: seat.clone() })?;
        let queues = match queues {
            Some(chosen) => match chosen.iter().find(|queue| !known.queues.contains(queue)) {
                Some(foreign) => {
                    return Err(CommandError::NotInQueue {
                        agent: agent.clone(),
                        queue: foreign.clone(),
                    });
                }
                None => chosen,
            },
            None => known.queues.clone(),
        };
        match self.state.seats.get(seat) {
            // The same seat again: the program at it was restarted, and takes up where it was.
            Some(by) if by == agent => {
                if !self.state.agents[agent].heard {
                    self.emit(Fact::AgentHeard { agent: agent.clone(), heard: true });
                }
                return Ok(Reply::Done);
            }
            Some(by) => return Err(CommandError::SeatTaken { seat: seat.clone(), by: by.clone() }),
            None => {}
        }
        if let Some(at_work) = self.state.agents.get(agent) {
            return Err(CommandError::InvalidState {
                reason: format!("agent {agent} is signed in at seat {}", at_work.seat),
            });
        }
        let device = place.device.clone();
        let (agent_id, seat, capacity) = (agent.clone(), seat.clone(), known.capacity.clone());
        self.emit(Fact::AgentSignedIn {
            agent: agent_id,
            seat,
            device: device.clone(),
            queues,
            capacity,
        });
        self.agent_input(agent, AgentInput::SignIn, None)?;
        self.stand_off_hook(&device);
        Ok(Reply::Done)
    }

    pub(super) fn sign_out(&mut self, agent: &AgentId) -> Answer {
        let seat = self.at_work(agent)?;
        self.agent_input(agent, AgentInput::SignOut, None)?;
        self.drop_work_of(agent);
        self.signed_out(agent, seat);
        Ok(Reply::Done)
    }

    pub(super) fn set_ready(&mut self, agent: &AgentId) -> Answer {
        self.at_work(agent)?;
        self.agent_input(agent, AgentInput::Ready, None)?;
        let device = self.state.agents[agent].device.clone();
        self.stand_off_hook(&device);
        Ok(Reply::Done)
    }

    pub(super) fn set_not_ready(&mut self, agent: &AgentId, reason: &str) -> Answer {
        self.at_work(agent)?;
        check_reason(reason)?;
        // A reserved agent refuses by not answering: taking the offer back here would hide who let it ring.
        if matches!(self.state.agents[agent].state, AgentState::Reserved { .. }) {
            return Err(CommandError::InvalidState {
                reason: format!("a call is being offered to agent {agent}"),
            });
        }
        self.agent_input(
            agent,
            AgentInput::NotReady(NotReadyReason::Code(reason.to_owned())),
            None,
        )?;
        Ok(Reply::Done)
    }

    pub(super) fn after_call_work_over(&mut self, agent: &AgentId) {
        // The timer belongs to the state, so a refusal cannot happen; a log read by a newer version may differ.
        let _ = self.agent_input(agent, AgentInput::AfterCallWorkOver, None);
    }

    /// Moves an agent by his table; an unchanged state is not written down again.
    pub(super) fn agent_input(
        &mut self,
        agent: &AgentId,
        input: AgentInput,
        until: Option<Timestamp>,
    ) -> Result<(), CommandError> {
        let Some(at_work) = self.state.agents.get(agent) else {
            return Err(not_signed_in(agent));
        };
        let to = at_work.state.next(input)?;
        if to != at_work.state {
            // Who goes not ready after his call, or signs out, has no work that could be over.
            let until = until.filter(|_| to == AgentState::AfterCallWork);
            self.emit(Fact::AgentStateChanged { agent: agent.clone(), to, until });
            self.watch_state(agent);
        }
        Ok(())
    }

    /// Returns the agent who is signed in at a device.
    pub(super) fn agent_at(&self, device: &DeviceId) -> Option<AgentId> {
        let seat = self.config.seats.iter().find(|seat| seat.device == *device)?;
        self.state.seats.get(&seat.id).cloned()
    }

    pub(super) fn at_work(&self, agent: &AgentId) -> Result<SeatId, CommandError> {
        match self.state.agents.get(agent) {
            Some(at_work) => Ok(at_work.seat.clone()),
            None if self.config.agents.iter().any(|known| known.id == *agent) => {
                Err(not_signed_in(agent))
            }
            None => Err(CommandError::UnknownAgent { agent: agent.clone() }),
        }
    }
}

/// Checks a reason code.
pub(super) fn check_reason(reason: &str) -> Result<(), CommandError> {
    let length = reason.chars().count();
    if length == 0 || length > 32 || reason.chars().any(char::is_control) {
        return Err(CommandError::InvalidValue {
            field: "reason".to_owned(),
            reason: format!("a reason has 1 to 32 printable characters, this one has {length}"),
        });
    }
    Ok(())
}

fn not_signed_in(agent: &AgentId) -> CommandError {
    CommandError::InvalidState { reason: format!("agent {agent} is not signed in") }
}
