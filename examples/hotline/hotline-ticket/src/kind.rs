//! What a citizen wants of the hotline (诉求类型).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What kind of matter a ticket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// Something is wrong and shall be put right (投诉).
    #[default]
    Complaint,
    /// A question (咨询).
    Consultation,
    /// Help is wanted (求助).
    Request,
    /// An idea for the city (建议).
    Suggestion,
    /// Anything else (其他).
    Other,
}

/// The text names no kind of ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no ticket type {0}")]
pub struct UnknownKind(pub String);

impl TicketKind {
    /// All kinds, in the order in which people see them.
    pub const ALL: [Self; 5] =
        [Self::Complaint, Self::Consultation, Self::Request, Self::Suggestion, Self::Other];

    /// Returns the name that is stored and that programs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Consultation => "consultation",
            Self::Request => "request",
            Self::Suggestion => "suggestion",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for TicketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TicketKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}
