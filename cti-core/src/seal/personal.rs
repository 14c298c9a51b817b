//! What in a fact is personal: the one place that knows. A new fact is looked at here.

use crate::{
    address::PhoneNumber,
    event::{CallKind, Fact},
    id::{CallId, ContactId},
};

/// A fact that says something of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// Of whom.
    pub whose: Whose,
    /// The fact without it.
    pub redacted: Fact,
}

/// Whose matter a fact belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This contact's.
    Contact(ContactId),
    /// The contact's to which this call belongs.
    Call(CallId),
}

/// Returns whose a fact's personal values are and the fact without them, or `None` when it has none.
#[must_use]
pub fn personal(fact: &Fact) -> Option<Personal> {
    match fact {
        Fact::CallStarted { call, contact, kind, leg, origin, called, .. } => {
            let called = match kind {
                // The number of the centre that was dialled names nobody.
                CallKind::Service => called.clone(),
                CallKind::Internal | CallKind::Feature | CallKind::Refused => {
                    PhoneNumber::withheld()
                }
            };
            let redacted = Fact::CallStarted {
                call: *call,
                contact: *contact,
                kind: *kind,
                leg: *leg,
                origin: origin.clone(),
                caller: PhoneNumber::withheld(),
                called,
                // Some networks make it of the caller's number or address.
                network_id: String::new(),
            };
            Some(Personal { whose: Whose::Contact(*contact), redacted })
        }
        Fact::DigitPressed { call, digit: Some(_) } => Some(Personal {
            whose: Whose::Call(*call),
            redacted: Fact::DigitPressed { call: *call, digit: None },
        }),
        Fact::DataSet { call, data } => {
            let data = data.keys().map(|name| (name.clone(), String::new())).collect();
            let redacted = Fact::DataSet { call: *call, data };
            Some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Started { .. }
        | Fact::DeviceInService { .. }
        | Fact::DeviceOutOfService { .. }
        | Fact::AgentSignedIn { .. }
        | Fact::AgentStateChanged { .. }
        | Fact::AgentSignedOut { .. }
        | Fact::CallAnswered { .. }
        | Fact::FlowStarted { .. }
        | Fact::FlowVisited { .. }
        | Fact::FlowEnded { .. }
        | Fact::DigitPressed { digit: None, .. }
        | Fact::DeviceOffered { .. }
        | Fact::DeviceOfferEnded { .. }
        | Fact::Queued { .. }
        | Fact::PrioritySet { .. }
        | Fact::Assigned { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::Dequeued { .. }
        | Fact::Connected { .. }
        | Fact::Held { .. }
        | Fact::Retrieved { .. }
        | Fact::TalkEnded { .. }
        | Fact::CallEnded { .. }
        | Fact::RecordingStarted { .. }
        | Fact::RecordingEnded { .. }
        | Fact::AlarmRaised { .. }
        | Fact::AlarmCleared { .. } => None,
    }
}
