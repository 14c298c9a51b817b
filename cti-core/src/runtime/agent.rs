//! An agent at work, as a program at his seat sees him.

use super::handle::{Handle, Stopped};
use crate::{
    agent::AgentState,
    command::{Command, CommandError},
    id::{AgentId, ContactId, QueueId, SeatId},
};

/// An agent; see [`Handle::agent`]. Cloning is cheap.
///
/// Every method sends one command and waits until it is durable; giving up waiting is safe.
#[derive(Clone, Debug)]
pub struct Agent {
    handle: Handle,
    agent: AgentId,
}

impl Agent {
    pub(super) fn new(handle: Handle, agent: AgentId) -> Self {
        Self { handle, agent }
    }

    /// Returns his id.
    #[must_use]
    pub fn id(&self) -> &AgentId {
        &self.agent
    }

    /// Returns what he does; `None` when he is not signed in.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn state(&self) -> Result<Option<AgentState>, Stopped> {
        let agent = self.agent.clone();
        let look =
            move |center: &crate::center::Center| center.agent(&agent).map(|it| it.state.clone());
        self.handle.inspect(look).await
    }

    /// Begins work at a seat, for all his queues.
    ///
    /// # Errors
    /// When there is no such agent or seat, someone else sits there, or he works elsewhere.
    pub async fn sign_in(&self, seat: SeatId) -> Result<(), CommandError> {
        self.ask(Command::SignIn { agent: self.agent.clone(), seat, queues: None }).await
    }

    /// Begins work at a seat for some of his queues.
    ///
    /// # Errors
    /// As [`sign_in`](Self::sign_in), and when he does not serve one of them.
    pub async fn sign_in_for(
        &self,
        seat: SeatId,
        queues: Vec<QueueId>,
    ) -> Result<(), CommandError> {
        self.ask(Command::SignIn { agent: self.agent.clone(), seat, queues: Some(queues) }).await
    }

    /// Wants calls.
    ///
    /// # Errors
    /// When he is not signed in.
    pub async fn ready(&self) -> Result<(), CommandError> {
        self.ask(Command::SetReady { agent: self.agent.clone() }).await
    }

    /// Wants no calls, for a reason of the centre's list.
    ///
    /// # Errors
    /// When he is not signed in.
    pub async fn not_ready(&self, reason: &str) -> Result<(), CommandError> {
        let reason = reason.to_owned();
        self.ask(Command::SetNotReady { agent: self.agent.clone(), reason }).await
    }

    /// Ends work.
    ///
    /// # Errors
    /// When he is not signed in, or is in a call.
    pub async fn sign_out(&self) -> Result<(), CommandError> {
        self.ask(Command::SignOut { agent: self.agent.clone() }).await
    }

    /// Says that the program at his seat is alive; one that has said so once must go on saying it.
    ///
    /// # Errors
    /// When he is not signed in.
    pub async fn heartbeat(&self) -> Result<(), CommandError> {
        self.ask(Command::Heartbeat { agent: self.agent.clone() }).await
    }

    /// Brings his telephone into order (复位).
    ///
    /// # Errors
    /// When he is not signed in.
    pub async fn reset(&self) -> Result<(), CommandError> {
        self.ask(Command::Reset { agent: self.agent.clone() }).await
    }

    /// Accepts a contact that he was offered and is not spoken.
    ///
    /// # Errors
    /// When it is not offered to him.
    pub async fn accept(&self, contact: ContactId) -> Result<(), CommandError> {
        self.ask(Command::AcceptContact { contact, agent: self.agent.clone() }).await
    }

    /// Refuses what he was offered.
    ///
    /// # Errors
    /// When it is not offered to him.
    pub async fn reject(&self, contact: ContactId) -> Result<(), CommandError> {
        self.ask(Command::RejectContact { contact, agent: self.agent.clone() }).await
    }

    /// Has finished what he worked at.
    ///
    /// # Errors
    /// When he does not work at it.
    pub async fn finish(&self, contact: ContactId) -> Result<(), CommandError> {
        self.ask(Command::FinishContact { contact, agent: self.agent.clone() }).await
    }

    async fn ask(&self, command: Command) -> Result<(), CommandError> {
        self.handle.request(command).await.map(|_| ())
    }
}
