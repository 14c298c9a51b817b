//! What an agent typed, and whether it can become a ticket.

use cti_core::{
    address::{InvalidNumber, PhoneNumber},
    id::{AgentId, CallId, ContactId, SeatId},
};

use serde::Serialize;

use crate::{category::Categories, kind::TicketKind};

/// The longest text, in characters.
pub const TEXT_LIMIT: usize = 4000;
/// The longest title, in characters.
pub const TITLE_LIMIT: usize = 100;
/// The longest name of a caller, in characters.
pub const NAME_LIMIT: usize = 60;
/// The longest address, in characters.
pub const ADDRESS_LIMIT: usize = 200;
/// How much of the text becomes the title when none was typed, in characters.
const TITLE_FROM_TEXT: usize = 30;

/// What an agent typed, unchecked, with what the call fills in by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What kind of matter it is.
    pub kind: TicketKind,
    /// What it is about: a code of the classification.
    pub category: String,
    /// The headline; the beginning of the text when absent.
    pub title: Option<String>,
    /// What the citizen said.
    pub text: String,
    /// The citizen's number; empty when it is withheld.
    pub caller_number: String,
    /// The citizen's name.
    pub caller_name: Option<String>,
    /// Where it is about.
    pub address: Option<String>,
    /// The call in which it was said.
    pub call: Option<CallId>,
    /// The matter to which the call belongs.
    pub contact: Option<ContactId>,
    /// Who took it down.
    pub agent: Option<AgentId>,
    /// Where he sat.
    pub seat: Option<SeatId>,
}

/// A ticket that lacks only its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewTicket {
    /// What kind of matter it is.
    pub kind: TicketKind,
    /// What it is about.
    pub category: String,
    /// The headline.
    pub title: String,
    /// What the citizen said.
    pub text: String,
    /// The citizen's number.
    pub caller_number: PhoneNumber,
    /// The citizen's name.
    pub caller_name: Option<String>,
    /// Where it is about.
    pub address: Option<String>,
    /// The call in which it was said.
    pub call: Option<CallId>,
    /// The matter to which the call belongs.
    pub contact: Option<ContactId>,
    /// Who took it down.
    pub agent: Option<AgentId>,
    /// Where he sat.
    pub seat: Option<SeatId>,
}

/// Why a draft cannot become a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDraft {
    /// The field must be filled in.
    #[error("{field} must not be empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// The field is too long.
    #[error("{field} has at most {limit} characters, this one has {length}")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// How many it may have.
        limit: usize,
        /// How many it has.
        length: usize,
    },
    /// The field holds a character that cannot be shown.
    #[error("{field} holds the control character U+{code:04X}")]
    ControlCharacter {
        /// Which field.
        field: &'static str,
        /// Which character.
        code: u32,
    },
    /// The classification has no such entry.
    #[error("there is no category {code}")]
    UnknownCategory {
        /// The code.
        code: String,
    },
    /// The number cannot be one.
    #[error("{0}")]
    Number(#[from] InvalidNumber),
}

impl InvalidDraft {
    /// Returns the name of the field that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Empty { field }
            | Self::TooLong { field, .. }
            | Self::ControlCharacter { field, .. } => field,
            Self::UnknownCategory { .. } => "category",
            Self::Number(_) => "number",
        }
    }
}

impl Draft {
    /// Returns the checked ticket, white space at the ends removed, or what is wrong first.
    ///
    /// # Errors
    /// When a field is empty, too long, holds control characters, or names a category that is not there.
    pub fn check(self, categories: &Categories) -> Result<NewTicket, InvalidDraft> {
        if self.category.trim().is_empty() {
            return Err(InvalidDraft::Empty { field: "category" });
        }
        if !categories.contains(&self.category) {
            return Err(InvalidDraft::UnknownCategory { code: self.category });
        }
        let text =
            filled("text", &self.text, TEXT_LIMIT)?.ok_or(InvalidDraft::Empty { field: "text" })?;
        let title = match self.title {
            Some(title) => filled("title", &title, TITLE_LIMIT)?,
            None => None,
        };
        Ok(NewTicket {
            title: title.unwrap_or_else(|| headline(&text)),
            kind: self.kind,
            category: self.category,
            text,
            caller_number: PhoneNumber::parse(self.caller_number.trim())?,
            caller_name: filled(
                "caller_name",
                self.caller_name.as_deref().unwrap_or_default(),
                NAME_LIMIT,
            )?,
            address: filled("address", self.address.as_deref().unwrap_or_default(), ADDRESS_LIMIT)?,
            call: self.call,
            contact: self.contact,
            agent: self.agent,
            seat: self.seat,
        })
    }
}

/// Returns the trimmed value, nothing when nothing is left.
fn filled(field: &'static str, value: &str, limit: usize) -> Result<Option<String>, InvalidDraft> {
    let value = value.trim();
    let length = value.chars().count();
    if length > limit {
        return Err(InvalidDraft::TooLong { field, limit, length });
    }
    if let Some(character) =
        value.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(InvalidDraft::ControlCharacter { field, code: character.into() });
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn headline(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(TITLE_FROM_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            category: "noise".to_owned(), text: " 施工噪声 ".to_owned(), ..Draft::default()
        }
    }

    fn wrong(draft: Draft) -> &'static str {
        draft.check(&Categories::standard()).unwrap_err().field()
    }

    #[test]
    fn a_draft_needs_only_a_category_and_a_text() {
        let ticket = draft().check(&Categories::standard()).unwrap();
        assert_eq!((ticket.text.as_str(), ticket.title.as_str()), ("施工噪声", "施工噪声"));
        assert!(ticket.caller_number.is_withheld());
        assert_eq!(ticket.kind, TicketKind::Complaint);
    }

    #[test]
    fn a_wrong_draft_names_the_field() {
        assert_eq!(wrong(Draft { category: String::new(), ..draft() }), "category");
        assert_eq!(wrong(Draft { category: "nowhere".to_owned(), ..draft() }), "category");
        assert_eq!(wrong(Draft { text: " \n ".to_owned(), ..draft() }), "text");
        assert_eq!(wrong(Draft { text: "长".repeat(TEXT_LIMIT + 1), ..draft() }), "text");
        assert_eq!(wrong(Draft { title: Some("长".repeat(101)), ..draft() }), "title");
        assert_eq!(
            wrong(Draft { caller_name: Some("a\u{0}b".to_owned()), ..draft() }),
            "caller_name"
        );
        assert_eq!(wrong(Draft { address: Some("x".repeat(201)), ..draft() }), "address");
        assert_eq!(wrong(Draft { caller_number: "138 1234".to_owned(), ..draft() }), "number");
    }

    #[test]
    fn a_limit_counts_characters_and_not_bytes() {
        let draft = Draft { text: "长".repeat(TEXT_LIMIT), ..draft() };
        assert!(draft.check(&Categories::standard()).is_ok());
    }
}
