//! All that people and programs can ask of the Center.

use serde::{Deserialize, Serialize};

use crate::{
    agent::InvalidAgentTransition,
    id::{AgentId, CallId, ContactId, QueueId, RequestId, SeatId},
    router::Explanation,
};

/// What is asked. The one who asks has been authorised already: the Center knows no passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// An agent begins work at a seat (CSTA Set Agent State, agentLoggedOn).
    SignIn {
        /// Who.
        agent: AgentId,
        /// Where.
        seat: SeatId,
        /// For which queues; all of his when absent.
        queues: Option<Vec<QueueId>>,
    },
    /// An agent ends work (agentLoggedOff).
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants calls (agentReady); ends after-call work.
    SetReady {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants no calls (agentNotReady).
    SetNotReady {
        /// Who.
        agent: AgentId,
        /// Why, from the centre's list of reason codes.
        reason: String,
    },
    /// End a call for all its parties (CSTA Clear Call).
    ClearCall {
        /// Which call.
        call: CallId,
    },
    /// Explain where a contact stands.
    Explain {
        /// Which contact.
        contact: ContactId,
    },
    /// Refuse new calls, or take them again.
    Drain {
        /// Whether to refuse.
        on: bool,
    },
    /// End all calls.
    ClearAll,
}

/// What a successful command answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done.
    Done,
    /// The explanation asked for, oldest decision first.
    Explanation(Vec<Explanation>),
}

/// Why a command was refused; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandError {
    /// There is no such agent.
    #[error("there is no agent {agent}")]
    UnknownAgent {
        /// Who was named.
        agent: AgentId,
    },
    /// There is no such seat.
    #[error("there is no seat {seat}")]
    UnknownSeat {
        /// Which seat was named.
        seat: SeatId,
    },
    /// The agent does not serve this queue.
    #[error("agent {agent} does not serve queue {queue}")]
    NotInQueue {
        /// Who.
        agent: AgentId,
        /// Which queue was named.
        queue: QueueId,
    },
    /// There is no such call, or it is over.
    #[error("there is no live {call}")]
    UnknownCall {
        /// Which call was named.
        call: CallId,
    },
    /// Another agent sits there.
    #[error("agent {by} sits at seat {seat}")]
    SeatTaken {
        /// Which seat.
        seat: SeatId,
        /// Who sits there.
        by: AgentId,
    },
    /// The agent's state does not allow it (JTAPI InvalidStateException, CSTA stateIncompatibility).
    #[error("{reason}")]
    InvalidState {
        /// The rule in words.
        reason: String,
    },
    /// A value of the command is out of its range.
    #[error("{field}: {reason}")]
    InvalidValue {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The Center is stopping.
    #[error("the centre is stopping")]
    Stopping,
}

impl From<InvalidAgentTransition> for CommandError {
    fn from(error: InvalidAgentTransition) -> Self {
        Self::InvalidState { reason: error.to_string() }
    }
}

/// A command with the name under which its answer is returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The name of the answer.
    pub id: RequestId,
    /// What is asked.
    pub command: Command,
}
