//! What a fact means for the records: the one place where the folds read the vocabulary of the log.

use super::Activity;
use crate::{
    address::PhoneNumber,
    cause::Cause,
    event::{
        CallKind, DequeueReason, Fact, JoinReason, OfferEnd, Party, PauseReason, RecordingKind,
        WorkEnd,
    },
    id::{AgentId, CallId, ContactId, DeviceId, EntryId, LegId, QueueId, RecordingId, SeatId},
    needs::Medium,
    numbers::{CallNumbers, ListLevel},
    quality::VoiceQuality,
    role::Role,
    switch::{Endpoint, Origin, RecordingEnd},
    time::Timestamp,
};

/// One fact as the records see it.
#[derive(Debug)]
pub(super) enum Entry<'a> {
    /// An agent's shift began.
    SignedIn { agent: &'a AgentId, seat: &'a SeatId, device: &'a DeviceId, queues: &'a [QueueId] },
    /// An agent's time goes to something else.
    Activity { agent: &'a AgentId, activity: Activity },
    /// An agent's shift ended.
    SignedOut { agent: &'a AgentId },

    /// A call began.
    CallBegan {
        call: CallId,
        contact: ContactId,
        kind: CallKind,
        leg: LegId,
        origin: &'a Origin,
        caller: &'a PhoneNumber,
        called: &'a PhoneNumber,
        by: Option<&'a Party>,
        consults: Option<CallId>,
    },
    /// The numbers of a call in normal form.
    NumbersRead { call: CallId, numbers: &'a CallNumbers },
    /// A list decided about a call.
    Listed { call: CallId, entry: EntryId, level: &'a ListLevel },
    /// The served party's leg was answered.
    CallAnswered { call: CallId },
    /// A call is over.
    CallEnded { call: CallId, contact: ContactId, cause: Cause },

    /// A contact came into a queue.
    WaitBegan {
        contact: ContactId,
        call: Option<CallId>,
        queue: &'a QueueId,
        medium: Medium,
        since: Option<Timestamp>,
    },
    /// It left the queue.
    WaitEnded { contact: ContactId, reason: DequeueReason },

    /// Someone is offered a contact, rung for a call or brought into one.
    RingBegan {
        contact: Option<ContactId>,
        call: Option<CallId>,
        leg: Option<LegId>,
        party: Party,
        queue: Option<&'a QueueId>,
        why: Option<JoinReason>,
        /// Whom the switch dials, where the party was brought in.
        to: Option<&'a Endpoint>,
    },
    /// Devices or numbers are rung for a call, all at once.
    RungAt { call: CallId, legs: &'a [(LegId, Endpoint)] },
    /// The served party is dialled.
    Originated { call: CallId, to: &'a Endpoint },
    /// The offer or the ringing ended.
    RingEnded {
        contact: Option<ContactId>,
        call: Option<CallId>,
        leg: Option<LegId>,
        agent: Option<&'a AgentId>,
        end: OfferEnd,
    },

    /// A party takes part in the conversation.
    TalkBegan { call: CallId, leg: LegId, party: &'a Party, role: Role, queue: Option<&'a QueueId> },
    /// A party may do something else.
    RoleChanged { call: CallId, leg: LegId, role: Role },
    /// A leg put the call on hold.
    Held { call: CallId, leg: LegId },
    /// A leg took the call from hold.
    Retrieved { call: CallId, leg: LegId },
    /// A party no longer talks.
    TalkEnded { call: CallId, leg: LegId, cause: Cause },

    /// A party left and brought the others on their way.
    Transferred { call: CallId },
    /// Two calls became one conversation.
    Conferenced { call: CallId },

    /// A contact began without a call.
    ContactOpened {
        contact: ContactId,
        medium: Medium,
        caller: &'a PhoneNumber,
        instead_of: Option<ContactId>,
    },
    /// An agent works at a contact that is not spoken.
    WorkBegan { contact: ContactId, agent: &'a AgentId, queue: &'a QueueId },
    /// He no longer does.
    WorkEnded { contact: ContactId, end: WorkEnd },
    /// A contact without a call is over.
    ContactClosed { contact: ContactId },

    /// A recording began.
    RecordingBegan { recording: RecordingId, call: CallId, kind: RecordingKind },
    /// A recording is silent for a while.
    RecordingPaused { recording: RecordingId, reason: PauseReason, by: Option<&'a str> },
    /// A recording hears the talk again.
    RecordingResumed { recording: RecordingId },
    /// A recording is over.
    RecordingEnded { recording: RecordingId, end: &'a RecordingEnd },
    /// A leg is over.
    VoiceMeasured {
        call: CallId,
        leg: LegId,
        agent: Option<&'a AgentId>,
        device: Option<&'a DeviceId>,
        quality: VoiceQuality,
    },

    /// Nothing that a record is made of.
    Nothing,
}

impl<'a> Entry<'a> {
    /// Returns what a fact means for the records.
    pub(super) fn of(fact: &'a Fact) -> Self {
        match fact {
            Fact::AgentSignedIn { agent, seat, device, queues, .. } => {
                Self::SignedIn { agent, seat, device, queues }
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                Self::Activity { agent, activity: Activity::of(to) }
            }
            Fact::AgentSignedOut { agent, .. } => Self::SignedOut { agent },

            Fact::CallStarted {
                call,
                contact,
                kind,
                leg,
                origin,
                caller,
                called,
                by,
                consults,
                ..
            } => Self::CallBegan {
                call: *call,
                contact: *contact,
                kind: *kind,
                leg: *leg,
                origin,
                caller,
                called,
                by: by.as_ref(),
                consults: *consults,
            },
            Fact::NumbersRead { call, numbers } => Self::NumbersRead { call: *call, numbers },
            Fact::CallerListed { call, entry, level, .. } => {
                Self::Listed { call: *call, entry: *entry, level }
            }
            Fact::Originated { call, to, .. } => Self::Originated { call: *call, to },
            Fact::CallAnswered { call } => Self::CallAnswered { call: *call },
            Fact::CallEnded { call, contact, cause } => {
                Self::CallEnded { call: *call, contact: *contact, cause: *cause }
            }

            Fact::Queued { contact, call, queue, needs, since, .. } => Self::WaitBegan {
                contact: *contact,
                call: *call,
                queue,
                medium: needs.medium,
                since: *since,
            },
            Fact::Dequeued { contact, reason, .. } => {
                Self::WaitEnded { contact: *contact, reason: *reason }
            }

            Fact::Offered { contact, call, queue, agent, seat, device, leg, .. } => {
                Self::RingBegan {
                    contact: Some(*contact),
                    call: *call,
                    leg: *leg,
                    party: Party {
                        agent: Some(agent.clone()),
                        seat: Some(seat.clone()),
                        ..Party::at(device.clone())
                    },
                    queue: Some(queue),
                    to: None,
                    why: None,
                }
            }
            Fact::OfferEnded { contact, call, agent, leg, end } => Self::RingEnded {
                contact: Some(*contact),
                call: *call,
                leg: *leg,
                agent: Some(agent),
                end: *end,
            },
            Fact::Rung { call, legs, .. } => Self::RungAt { call: *call, legs },
            Fact::RingEnded { call, leg, end } => Self::RingEnded {
                contact: None,
                call: Some(*call),
                leg: Some(*leg),
                agent: None,
                end: *end,
            },

            Fact::PartyDialed { call, leg, party, why, to, .. } => Self::RingBegan {
                contact: None,
                call: Some(*call),
                leg: Some(*leg),
                party: party.clone(),
                queue: None,
                why: Some(*why),
                to: Some(to),
            },
            Fact::PartyFailed { call, leg, end } => Self::RingEnded {
                contact: None,
                call: Some(*call),
                leg: Some(*leg),
                agent: None,
                end: *end,
            },

            Fact::Connected { call, leg, party, role, queue, .. } => Self::TalkBegan {
                call: *call,
                leg: *leg,
                party,
                role: *role,
                queue: queue.as_ref(),
            },
            Fact::RoleChanged { call, leg, role } => {
                Self::RoleChanged { call: *call, leg: *leg, role: *role }
            }
            Fact::Held { call, leg } => Self::Held { call: *call, leg: *leg },
            Fact::Retrieved { call, leg } => Self::Retrieved { call: *call, leg: *leg },
            Fact::TalkEnded { call, leg, cause, .. } => {
                Self::TalkEnded { call: *call, leg: *leg, cause: *cause }
            }

            Fact::Transferred { call, .. } => Self::Transferred { call: *call },
            Fact::Conferenced { call, .. } => Self::Conferenced { call: *call },

            Fact::ContactOpened { contact, medium, caller, instead_of, .. } => {
                let (contact, medium, instead_of) = (*contact, *medium, *instead_of);
                Self::ContactOpened { contact, medium, caller, instead_of }
            }
            Fact::WorkBegun { contact, agent, queue, .. } => {
                Self::WorkBegan { contact: *contact, agent, queue }
            }
            Fact::WorkEnded { contact, end, .. } => {
                Self::WorkEnded { contact: *contact, end: *end }
            }
            Fact::ContactClosed { contact } => Self::ContactClosed { contact: *contact },

            Fact::RecordingStarted { recording, call, kind } => {
                Self::RecordingBegan { recording: *recording, call: *call, kind: *kind }
            }
            Fact::RecordingPaused { recording, reason, by, .. } => {
                Self::RecordingPaused { recording: *recording, reason: *reason, by: by.as_deref() }
            }
            Fact::RecordingResumed { recording, .. } => {
                Self::RecordingResumed { recording: *recording }
            }
            Fact::RecordingEnded { recording, end, .. } => {
                Self::RecordingEnded { recording: *recording, end }
            }
            Fact::VoiceMeasured { call, leg, agent, device, quality } => Self::VoiceMeasured {
                call: *call,
                leg: *leg,
                agent: agent.as_ref(),
                device: device.as_ref(),
                quality: *quality,
            },

            Fact::Started { .. }
            | Fact::DeviceInService { .. }
            | Fact::DeviceOutOfService { .. }
            | Fact::FlowStarted { .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowsOrdered { .. }
            | Fact::FlowQuarantined { .. }
            | Fact::FlowEnded { .. }
            | Fact::DigitPressed { .. }
            | Fact::DataSet { .. }
            | Fact::PrioritySet { .. }
            | Fact::Assigned { .. }
            | Fact::RulesChanged { .. }
            | Fact::DutiesSet { .. }
            | Fact::QueueConfigured { .. }
            | Fact::CalendarChanged { .. }
            | Fact::DeviceFeatureSet { .. }
            | Fact::StandingLegChanged { .. }
            | Fact::CallBackWhenFree { .. }
            | Fact::AgentForced { .. }
            | Fact::AgentHeard { .. }
            | Fact::ListEntryAdded { .. }
            | Fact::ListEntryRemoved { .. }
            | Fact::DataErased { .. }
            | Fact::MailboxChanged { .. }
            | Fact::NetworkReached { .. }
            | Fact::LineShared { .. }
            | Fact::Alerting { .. }
            | Fact::FloorAsked { .. }
            | Fact::Muted { .. }
            | Fact::Served { .. }
            | Fact::Parked { .. }
            | Fact::CampedOn { .. }
            | Fact::Failed { .. }
            | Fact::RouteRequested { .. }
            | Fact::CallAccepted { .. }
            | Fact::ParkEnded { .. }
            | Fact::UserInformation { .. }
            | Fact::DigitsCollected { .. }
            | Fact::MessagePlayed { .. }
            | Fact::AlarmRaised { .. }
            | Fact::AlarmCleared { .. } => Self::Nothing,
        }
    }
}
