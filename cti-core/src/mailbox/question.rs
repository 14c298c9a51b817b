//! What flows ask about mailboxes: lookups that the Center answers itself, at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Message, MessageMark, MessageState};
use crate::{
    address::PhoneNumber,
    flow::CallData,
    id::{MailboxId, RecordingId},
};

/// The source of a [`FlowEffect::Lookup`](crate::flow::FlowEffect::Lookup) that the Center answers; the key is a
/// [`MailboxQuestion`] as JSON.
pub const MAILBOX_SOURCE: &str = "mailbox";

/// A question of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask")]
pub enum MailboxQuestion {
    /// Open a mailbox to hear it. Answered with `mailbox`, `new`, `kept` and `greeting`; refused, as if the source
    /// were not there, to whom it does not belong and who does not know its PIN.
    Open {
        /// Which one; the caller's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mailbox: Option<MailboxId>,
        /// What opens it from any telephone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<String>,
    },
    /// How a mailbox greets those who leave messages. Answered with `greeting`, which is empty where there is none, and
    /// `room`, how many more messages it can hold.
    Greeting {
        /// Which one.
        mailbox: MailboxId,
    },
    /// The next message, the oldest first. Answered with `recording`, `state`, `caller`, `call_back`, `at` in
    /// microseconds since 1970 and `wants_reply`.
    Next {
        /// Which mailbox.
        mailbox: MailboxId,
        /// The message after this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<RecordingId>,
        /// Only messages of this state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<MessageState>,
    },
    /// Do something with a message; answered by an empty row.
    Mark {
        /// Which mailbox.
        mailbox: MailboxId,
        /// Which message.
        recording: RecordingId,
        /// What is done with it.
        mark: MessageMark,
    },
    /// Keep what the caller says of the message that he left last in this call; answered by an empty row.
    Note {
        /// Where he wants to be called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call_back: Option<String>,
        /// Whether he wants a reply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wants_reply: Option<bool>,
    },
}

impl MailboxQuestion {
    /// Returns the key of the lookup.
    #[must_use]
    pub fn to_key(&self) -> String {
        serde_json::to_string(self).expect("a question of names and numbers can be written as JSON")
    }
}

/// Returns a message as the row that a flow gets; `call_back` is what is dialled to reach who left it.
pub(crate) fn row(recording: RecordingId, message: &Message, call_back: &PhoneNumber) -> CallData {
    let wants_reply = match message.wants_reply {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    };
    BTreeMap::from([
        ("recording".to_owned(), recording.to_string()),
        ("state".to_owned(), message.state.as_str().to_owned()),
        ("caller".to_owned(), message.caller.reveal().to_owned()),
        ("call_back".to_owned(), call_back.reveal().to_owned()),
        ("at".to_owned(), message.at.as_micros().to_string()),
        ("wants_reply".to_owned(), wants_reply.to_owned()),
    ])
}
