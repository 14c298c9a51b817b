//! What can be subscribed to: messages that wait (RFC 3842), and whether a telephone is in use (RFC 4235).

use std::fmt::Write as _;

use crate::sip::{
    address::escape_user,
    engine::{
        Engine,
        dialog::{Dialog, Phase},
    },
};

/// The packages, for Allow-Events.
pub(crate) const ALLOW_EVENTS: &str = "Allow-Events: message-summary, dialog\r\n";

/// An event package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    /// `message-summary`: how many messages wait for the subscriber.
    Messages,
    /// `dialog`: whether an account is called or talks.
    Dialogs,
}

impl Package {
    /// Reads the name in an Event value.
    pub(crate) fn parse(event: &str) -> Option<Self> {
        let name = event.split(';').next().unwrap_or_default().trim();
        match name {
            "message-summary" => Some(Self::Messages),
            "dialog" => Some(Self::Dialogs),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Messages => "message-summary",
            Self::Dialogs => "dialog",
        }
    }

    /// The media type of its notifications.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Messages => "application/simple-message-summary",
            Self::Dialogs => "application/dialog-info+xml",
        }
    }
}

/// The state of a dialog, without whom it is with: a lamp needs no numbers.
fn state_of(dialog: &Dialog) -> Option<(&'static str, &'static str)> {
    let direction = if dialog.began { "recipient" } else { "initiator" };
    match dialog.phase {
        Phase::Incoming { .. } | Phase::Calling { .. } => Some((direction, "early")),
        Phase::Confirmed => Some((direction, "confirmed")),
        Phase::Closing => None,
    }
}

impl Engine {
    /// The body of a notification of a package about an account.
    pub(crate) fn state_of_resource(
        &self,
        package: Package,
        resource: &str,
        version: u32,
    ) -> String {
        let entity = format!("sip:{}@{}", escape_user(resource), self.config.domain);
        match package {
            Package::Messages => {
                let count = self.messages.get(resource).copied().unwrap_or(0);
                let waiting = if count > 0 { "yes" } else { "no" };
                format!(
                    "Messages-Waiting: {waiting}\r\nMessage-Account: {entity}\r\n\
                     Voice-Message: {count}/0 (0/0)\r\n"
                )
            }
            Package::Dialogs => {
                let mut text = format!(
                    "<?xml version=\"1.0\"?>\r\n<dialog-info \
                     xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"{version}\" \
                     state=\"full\" entity=\"{entity}\">\r\n"
                );
                let theirs = |dialog: &&Dialog| dialog.account.as_deref() == Some(resource);
                for (key, dialog) in &self.dialogs {
                    let Some((direction, state)) = Some(dialog).filter(theirs).and_then(state_of)
                    else {
                        continue;
                    };
                    let _ = write!(
                        text,
                        "<dialog id=\"{key}\" direction=\"{direction}\"><state>{state}</state></dialog>\r\n"
                    );
                }
                text.push_str("</dialog-info>\r\n");
                text
            }
        }
    }
}
