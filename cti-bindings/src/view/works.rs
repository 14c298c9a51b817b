//! Contacts without a call: what is written, and callers who are to be called back.

use std::collections::BTreeMap;

use cti_core::{
    address::PhoneNumber,
    data::{MAILBOX, MESSAGE},
    event::{Event, Fact},
    id::{AgentId, ContactId, MailboxId, RecordingId},
    needs::Medium,
    time::Timestamp,
};

/// One contact without a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenContact {
    /// The contact.
    pub contact: ContactId,
    /// How citizen and agent speak with each other.
    pub medium: Medium,
    /// The citizen's number, where there is one.
    pub caller: PhoneNumber,
    /// When it came in.
    pub opened: Timestamp,
    /// Who works at it.
    pub agent: Option<AgentId>,
    /// To whom it is on offer.
    pub offered: Vec<AgentId>,
    /// The message that it is about: the mailbox and the recording.
    pub message: Option<(MailboxId, RecordingId)>,
}

/// The contacts without a call that are not over.
#[derive(Clone, Debug, Default)]
pub struct Works(BTreeMap<ContactId, OpenContact>);

impl Works {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::ContactOpened { contact, medium, caller, data, .. } = &event.fact {
            let message = MAILBOX.get(data).ok().flatten().zip(MESSAGE.get(data).ok().flatten());
            let open = OpenContact {
                contact: *contact,
                medium: *medium,
                caller: caller.clone(),
                opened: event.at,
                agent: None,
                offered: Vec::new(),
                message,
            };
            self.0.insert(*contact, open);
        } else if let Fact::Offered { contact, agent, .. } = &event.fact {
            self.with(*contact, |open| open.offered.push(agent.clone()));
        } else if let Fact::OfferEnded { contact, agent, .. } = &event.fact {
            self.with(*contact, |open| open.offered.retain(|it| it != agent));
        } else if let Fact::WorkBegun { contact, agent, .. } = &event.fact {
            self.with(*contact, |open| open.agent = Some(agent.clone()));
        } else if let Fact::WorkEnded { contact, .. } = &event.fact {
            self.with(*contact, |open| open.agent = None);
        } else if let Fact::ContactClosed { contact } | Fact::CallStarted { contact, .. } =
            &event.fact
        {
            self.0.remove(contact);
        }
    }

    fn with(&mut self, contact: ContactId, change: impl FnOnce(&mut OpenContact)) {
        if let Some(open) = self.0.get_mut(&contact) {
            change(open);
        }
    }

    pub(super) fn get(&self, contact: ContactId) -> Option<&OpenContact> {
        self.0.get(&contact)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenContact> {
        self.0.values()
    }

    /// Returns what is on offer to an agent and is not taken at his telephone.
    pub(super) fn offered_to<'a>(
        &'a self,
        agent: &'a AgentId,
    ) -> impl Iterator<Item = &'a OpenContact> {
        let offered = move |open: &&OpenContact| open.offered.contains(agent);
        self.0.values().filter(offered).filter(|open| !open.medium.is_spoken())
    }

    /// Returns what an agent works at.
    pub(super) fn of<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = &'a OpenContact> {
        self.0.values().filter(move |open| open.agent.as_ref() == Some(agent))
    }
}
