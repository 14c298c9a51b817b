//! Names for the things of a call centre, one type each.
//!
//! Counted ids ([`CallId`], [`LegId`] …) come from the Center's counters and never from chance, so that a replay
//! yields the same ids. Named ids ([`AgentId`], [`DeviceId`] …) are chosen by the administrator.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A name that cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// A name has 1 to 64 characters.
    #[error("a {kind} name has 1 to 64 characters, this one has {length}")]
    Length {
        /// What the name was for.
        kind: &'static str,
        /// How many characters it had.
        length: usize,
    },
    /// A name holds letters, digits and `-`, `_`, `.`, `*`, `#`, `+`.
    #[error("a {kind} name cannot hold the character {character:?}")]
    Character {
        /// What the name was for.
        kind: &'static str,
        /// The first character that is not allowed.
        character: char,
    },
}

fn check_name(kind: &'static str, name: &str) -> Result<(), InvalidName> {
    let length = name.chars().count();
    if length == 0 || length > 64 {
        return Err(InvalidName::Length { kind, length });
    }
    match name.chars().find(|c| !(c.is_alphanumeric() || "-_.*#+".contains(*c))) {
        Some(character) => Err(InvalidName::Character { kind, character }),
        None => Ok(()),
    }
}

macro_rules! counted {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix(concat!($prefix, "-"))
                    .and_then(|number| number.parse().ok())
                    .map(Self)
                    .ok_or(NotAnId { expected: concat!($prefix, "-<number>") })
            }
        }
    )*};
}

/// The text is not the printed form of a counted id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of the form {expected}")]
pub struct NotAnId {
    expected: &'static str,
}

counted! {
    /// One call: the relation between parties that ECMA-269 calls a call.
    CallId = "call";
    /// One citizen's matter over its whole life: flow, queue, agents, call-back.
    ContactId = "contact";
    /// One party's connection as the switch sees it: its signalling and its media.
    /// The Center numbers outgoing legs with even numbers, the switch numbers incoming ones with odd numbers.
    LegId = "leg";
    /// One playing of prompts to a leg.
    PlayId = "play";
    /// One listening to what a party says.
    RecognitionId = "recognition";
    /// One recording.
    RecordingId = "recording";
    /// One run of a flow for one call.
    SessionId = "session";
    /// One request of a program, answered once.
    RequestId = "request";
    /// One collection of digits from a party.
    CollectionId = "collection";
    /// One alarm from raised to cleared.
    AlarmId = "alarm";
    /// An entry of the blacklist or the whitelist; its place in the order in which entries were made.
    EntryId = "entry";
}

/// The place of an event in the log; the first one is 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct EventNo(pub u64);

impl EventNo {
    /// Returns the number that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for EventNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the name, or why it cannot be one.
            ///
            /// # Errors
            /// When the name is empty, longer than 64 characters or holds a character that is not allowed.
            pub fn new(name: &str) -> Result<Self, InvalidName> {
                check_name($kind, name).map(|()| Self(name.into()))
            }

            /// Returns the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(&text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
    )*};
}

named! {
    /// An agent's own number (工号); it stays with the person, wherever he sits.
    AgentId = "agent";
    /// A place where an agent can sit (座席); it has a device.
    SeatId = "seat";
    /// A device that calls can reach: an extension.
    DeviceId = "device";
    /// A queue (ACD group).
    QueueId = "queue";
    /// A flow.
    FlowId = "flow";
    /// A trunk that calls come in by.
    TrunkId = "trunk";
    /// A box for messages that callers leave (留言信箱).
    MailboxId = "mailbox";
    /// Something an agent can do and a contact can ask for: a language, a field of knowledge.
    SkillId = "skill";
    /// A part of the country or of the city that a matter belongs to.
    RegionId = "region";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_id_is_read_back_from_its_printed_form() {
        assert_eq!("call-42".parse(), Ok(CallId(42)));
        assert!("leg-42".parse::<CallId>().is_err());
        assert!("call-".parse::<CallId>().is_err());
    }

    #[test]
    fn a_name_says_which_character_it_cannot_hold() {
        assert_eq!(
            AgentId::new("80 01"),
            Err(InvalidName::Character { kind: "agent", character: ' ' })
        );
        assert!(AgentId::new("").is_err());
        assert!(QueueId::new("综合受理").is_ok());
    }
}
