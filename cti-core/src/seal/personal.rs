//! What in a fact is personal: the one place that knows. A new fact is looked at here.

use crate::{
    address::PhoneNumber,
    call::Otherwise,
    event::{CallKind, Fact, Party},
    id::{CallId, ContactId},
    mailbox::MailboxChange,
    numbers::CallNumbers,
    switch::Endpoint,
    target::Target,
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
        Fact::CallStarted { call, contact, kind, leg, origin, called, by, consults, .. } => {
            let called = match kind {
                // The number of the centre that was dialled names nobody.
                CallKind::Service => called.clone(),
                CallKind::Internal
                | CallKind::Feature
                | CallKind::Refused
                | CallKind::Outgoing
                | CallKind::Consult => PhoneNumber::withheld(),
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
                by: by.as_ref().map(nobody),
                consults: *consults,
            };
            let whose = match consults {
                // Who consults tells of the one he has on hold.
                Some(held) => Whose::Call(*held),
                None => Whose::Contact(*contact),
            };
            Some(Personal { whose, redacted })
        }
        Fact::NumbersRead { call, .. } => Some(Personal {
            whose: Whose::Call(*call),
            redacted: Fact::NumbersRead { call: *call, numbers: Box::new(CallNumbers::withheld()) },
        }),
        Fact::DigitPressed { call, digit: Some(_) } => Some(Personal {
            whose: Whose::Call(*call),
            redacted: Fact::DigitPressed { call: *call, digit: None },
        }),
        Fact::DataSet { call, data } => {
            let data = data.keys().map(|name| (name.clone(), String::new())).collect();
            let redacted = Fact::DataSet { call: *call, data };
            Some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Originated { call, to, then, until } => {
            let redacted = Fact::Originated {
                call: *call,
                to: nowhere(to),
                then: then.as_ref().map(no_number),
                until: *until,
            };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Rung { call, legs, then, ring_for, otherwise } => {
            let redacted = Fact::Rung {
                call: *call,
                legs: legs.iter().map(|(leg, to)| (*leg, nowhere(to))).collect(),
                then: then.iter().map(|step| step.iter().map(nowhere).collect()).collect(),
                ring_for: *ring_for,
                otherwise: match otherwise {
                    Otherwise::Recall { to } => {
                        Otherwise::Recall { to: to.iter().map(nowhere).collect() }
                    }
                    Otherwise::GoOn | Otherwise::Requeue => otherwise.clone(),
                },
            };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Connected { call, contact, leg, party, role, queue, after_call_work } => {
            let redacted = Fact::Connected {
                call: *call,
                contact: *contact,
                leg: *leg,
                party: nobody(party),
                role: *role,
                queue: queue.clone(),
                after_call_work: *after_call_work,
            };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::TalkEnded { call, leg, party, cause } => {
            let redacted =
                Fact::TalkEnded { call: *call, leg: *leg, party: nobody(party), cause: *cause };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::PartyDialed { call, leg, to, party, role, why, until } => {
            let redacted = Fact::PartyDialed {
                call: *call,
                leg: *leg,
                to: nowhere(to),
                party: nobody(party),
                role: *role,
                why: *why,
                until: *until,
            };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Conferenced { call, by, from } => {
            let redacted = Fact::Conferenced { call: *call, by: nobody(by), from: *from };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::Transferred { call, by, to, how } => {
            let redacted =
                Fact::Transferred { call: *call, by: nobody(by), to: no_number(to), how: *how };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::RouteRequested { call, program, until, otherwise } => {
            let redacted = Fact::RouteRequested {
                call: *call,
                program: program.clone(),
                until: *until,
                otherwise: no_number(otherwise),
            };
            (redacted != *fact).then_some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::UserInformation { call, leg, .. } => {
            let redacted = Fact::UserInformation { call: *call, leg: *leg, text: String::new() };
            Some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::DigitsCollected { call, leg, collection, digits: Some(_), count, end } => {
            let redacted = Fact::DigitsCollected {
                call: *call,
                leg: *leg,
                collection: *collection,
                digits: None,
                count: *count,
                end: *end,
            };
            Some(Personal { whose: Whose::Call(*call), redacted })
        }
        Fact::ContactOpened { contact, medium, data, instead_of, .. } => {
            let redacted = Fact::ContactOpened {
                contact: *contact,
                medium: *medium,
                caller: PhoneNumber::withheld(),
                data: data.keys().map(|name| (name.clone(), String::new())).collect(),
                instead_of: *instead_of,
            };
            Some(Personal { whose: Whose::Contact(*contact), redacted })
        }
        Fact::MailboxChanged { mailbox, change } => {
            let whose = Whose::Call(change.call()?);
            let redacted =
                Fact::MailboxChanged { mailbox: mailbox.clone(), change: unsaid(change) };
            (redacted != *fact).then_some(Personal { whose, redacted })
        }
        // The numbers of colleagues: a device's forwarding and short names belong to no contact. Entries of the lists
        // belong to none either: they are the centre's rules, and are removed by a command.
        Fact::DeviceFeatureSet { .. }
        | Fact::StandingLegChanged { .. }
        | Fact::CallAccepted { .. }
        | Fact::CallerListed { .. }
        | Fact::ListEntryAdded { .. }
        | Fact::ListEntryRemoved { .. }
        | Fact::DataErased { .. }
        | Fact::Started { .. }
        | Fact::CallBackWhenFree { .. }
        | Fact::AgentForced { .. }
        | Fact::AgentHeard { .. }
        | Fact::NetworkReached { .. }
        | Fact::LineShared { .. }
        | Fact::Alerting { .. }
        | Fact::PartyFailed { .. }
        | Fact::RoleChanged { .. }
        | Fact::FloorAsked { .. }
        | Fact::Muted { .. }
        | Fact::Served { .. }
        | Fact::Parked { .. }
        | Fact::CampedOn { .. }
        | Fact::Failed { .. }
        | Fact::ParkEnded { .. }
        | Fact::DigitsCollected { digits: None, .. }
        | Fact::MessagePlayed { .. }
        | Fact::WorkBegun { .. }
        | Fact::WorkEnded { .. }
        | Fact::ContactClosed { .. }
        | Fact::RingEnded { .. }
        | Fact::DeviceInService { .. }
        | Fact::DeviceOutOfService { .. }
        | Fact::AgentSignedIn { .. }
        | Fact::DutiesSet { .. }
        | Fact::AgentStateChanged { .. }
        | Fact::AgentSignedOut { .. }
        | Fact::CallAnswered { .. }
        | Fact::FlowStarted { .. }
        | Fact::FlowVisited { .. }
        | Fact::FlowsOrdered { .. }
        | Fact::FlowQuarantined { .. }
        | Fact::FlowEnded { .. }
        | Fact::DigitPressed { digit: None, .. }
        | Fact::Queued { .. }
        | Fact::PrioritySet { .. }
        | Fact::Assigned { .. }
        | Fact::RulesChanged { .. }
        | Fact::QueueConfigured { .. }
        | Fact::CalendarChanged { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::Dequeued { .. }
        | Fact::Held { .. }
        | Fact::Retrieved { .. }
        | Fact::CallEnded { .. }
        | Fact::RecordingStarted { .. }
        | Fact::RecordingPaused { .. }
        | Fact::RecordingResumed { .. }
        | Fact::RecordingEnded { .. }
        | Fact::VoiceMeasured { .. }
        | Fact::AlarmRaised { .. }
        | Fact::AlarmCleared { .. } => None,
    }
}

/// Returns a change of a mailbox without the numbers of who left the message.
fn unsaid(change: &MailboxChange) -> MailboxChange {
    let mut unsaid = change.clone();
    match &mut unsaid {
        MailboxChange::Begun { message, .. } => {
            message.caller = PhoneNumber::withheld();
            message.call_back = message.call_back.as_ref().map(|_| PhoneNumber::withheld());
        }
        MailboxChange::Noted { call_back, .. } => {
            *call_back = call_back.as_ref().map(|_| PhoneNumber::withheld());
        }
        MailboxChange::Marked { .. }
        | MailboxChange::GreetingBegun { .. }
        | MailboxChange::GreetingRemoved { .. } => {}
    }
    unsaid
}

/// Returns a party without his number.
fn nobody(party: &Party) -> Party {
    Party { number: party.number.as_ref().map(|_| PhoneNumber::withheld()), ..party.clone() }
}

/// Returns an endpoint without the number outside.
fn nowhere(to: &Endpoint) -> Endpoint {
    match to {
        Endpoint::Device(_) => to.clone(),
        Endpoint::Outside { trunk, .. } => {
            Endpoint::Outside { trunk: trunk.clone(), number: PhoneNumber::withheld() }
        }
    }
}

/// Returns a target without numbers.
fn no_number(to: &Target) -> Target {
    match to {
        Target::Number(_) => Target::Number(PhoneNumber::withheld()),
        Target::Numbers(numbers) => {
            Target::Numbers(numbers.iter().map(|_| PhoneNumber::withheld()).collect())
        }
        Target::Device(_) | Target::Agent(_) | Target::Queue(_) | Target::Flow(_) => to.clone(),
    }
}
