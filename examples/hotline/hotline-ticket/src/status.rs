//! Where a ticket stands.
//!
//! ```text
//!   accepted ──close──▶ closed
//! ```

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Taken down and confirmed to the citizen (已受理).
    Accepted,
    /// Done (已办结).
    Closed,
}

/// What can happen to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketInput {
    /// It is done.
    Close,
}

/// The input makes no sense where the ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticket that is {status} cannot {}", input.name())]
pub struct InvalidTicketTransition {
    /// Where it stands.
    pub status: TicketStatus,
    /// What was asked.
    pub input: TicketInput,
}

/// The text names no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no ticket status {0}")]
pub struct UnknownStatus(pub String);

impl TicketStatus {
    /// All of them, in the order in which a ticket passes through them.
    pub const ALL: [Self; 2] = [Self::Accepted, Self::Closed];

    /// Returns where the ticket stands after `input`: the whole table of the machine.
    ///
    /// # Errors
    /// When the input makes no sense here.
    pub fn next(self, input: TicketInput) -> Result<Self, InvalidTicketTransition> {
        match (self, input) {
            (Self::Accepted, TicketInput::Close) => Ok(Self::Closed),
            (Self::Closed, TicketInput::Close) => {
                Err(InvalidTicketTransition { status: self, input })
            }
        }
    }

    /// Returns the name that is stored and that programs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Closed => "closed",
        }
    }
}

impl TicketInput {
    fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
        }
    }
}

impl fmt::Display for TicketStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TicketStatus {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.name() == text)
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_ticket_cannot_be_closed_again() {
        let closed = TicketStatus::Accepted.next(TicketInput::Close).unwrap();
        assert_eq!(
            closed.next(TicketInput::Close).unwrap_err().to_string(),
            "a ticket that is closed cannot close"
        );
    }
}
