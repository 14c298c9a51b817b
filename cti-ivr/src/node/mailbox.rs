//! What the nodes about mailboxes have in common: which box is meant, and how the Center is asked.

use cti_core::{
    flow::{CallData, LookupFailure},
    id::MailboxId,
    mailbox::{MAILBOX_SOURCE, MailboxQuestion},
};

use super::{FieldError, Happening, Run, State, Step, Traffic, Uses};

/// The variable in which an opened mailbox stands.
pub(super) const OPENED: &str = "mailbox";
/// What stands before the names of a message's values.
pub(super) const MESSAGE: &str = "message.";
/// The variable with the recording of the message.
pub(super) const RECORDING: &str = "message.recording";

/// Which mailbox a node is about.
#[derive(Debug)]
pub(super) enum Which {
    /// This one.
    Box(MailboxId),
    /// The one that a variable names.
    From(String),
}

impl Which {
    pub(super) fn new(
        mailbox: Option<MailboxId>,
        from: Option<String>,
    ) -> Result<Self, FieldError> {
        match (mailbox, from) {
            (Some(mailbox), None) => Ok(Self::Box(mailbox)),
            (None, Some(variable)) => Ok(Self::From(variable)),
            (Some(_), Some(_)) | (None, None) => {
                Err(FieldError::new("mailbox", "give either mailbox or from"))
            }
        }
    }

    pub(super) fn mailbox(&self, run: &Run<'_>) -> Option<MailboxId> {
        match self {
            Self::Box(mailbox) => Some(mailbox.clone()),
            Self::From(variable) => {
                run.variable(variable).and_then(|name| MailboxId::new(name).ok())
            }
        }
    }

    pub(super) fn traffic(&self, traffic: &mut Traffic) {
        if let Self::From(variable) = self {
            traffic.reads("from", variable);
        }
    }

    pub(super) fn uses(&self, uses: &mut Uses) {
        if let Self::Box(mailbox) = self {
            uses.mailboxes.insert(mailbox.clone());
        }
    }
}

/// Asks the Center; its answer comes as any other.
pub(super) fn ask(question: &MailboxQuestion, run: &mut Run<'_>) -> Step {
    run.lookup(MAILBOX_SOURCE, question.to_key());
    Step::Wait(State::Trying { failed: 0, asked: true })
}

/// Returns the answer when it is there, else how to go on waiting; keys are kept for the next node that asks for one.
pub(super) fn answer(
    state: State,
    what: Happening,
    run: &mut Run<'_>,
) -> Result<Result<CallData, LookupFailure>, Step> {
    match what {
        Happening::LookupDone(result) => Ok(result),
        Happening::Digit(digit) => {
            run.type_ahead(digit);
            Err(Step::Wait(state))
        }
        Happening::PlayEnded
        | Happening::TimeOut
        | Happening::SpeechBegan
        | Happening::Listened(_)
        | Happening::LeftQueue(_)
        | Happening::RingFailed
        | Happening::RecordingEnded { .. } => Err(Step::Wait(state)),
    }
}
