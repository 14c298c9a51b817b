//! The calls that are going on.

use std::collections::BTreeMap;

use cti_core::{
    address::PhoneNumber,
    connection::ConnectionState,
    event::{CallKind, DequeueReason, Event, Fact, OfferEnd, RecordingKind},
    flow::CallData,
    id::{AgentId, CallId, ContactId, DeviceId, FlowId, LegId, QueueId, RecordingId, SeatId},
    numbers::{CallNumbers, ListLevel},
    time::Timestamp,
};

use crate::parties::{Entry, Member, Parties};

/// One call that is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// The call.
    pub call: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// What it is for.
    pub kind: CallKind,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// Both in normal form, where the centre has rules of numbers.
    pub numbers: Option<Box<CallNumbers>>,
    /// What the blacklist or the whitelist decided last, and why the entry was made.
    pub listed: Option<(ListLevel, String)>,
    /// When it came in.
    pub started: Timestamp,
    /// When the caller's leg was answered.
    pub answered: Option<Timestamp>,
    /// The flow that took it.
    pub flow: Option<FlowId>,
    /// Where it is.
    pub phase: Phase,
    /// The queue that it waits in or came from.
    pub queue: Option<QueueId>,
    /// The recording that runs.
    pub recording: Option<RecordingId>,
    /// Whether it is silent for a while.
    pub recording_paused: bool,
    /// The call that is on hold while this one asks.
    pub consults: Option<CallId>,
    /// Who belongs to it.
    pub parties: Parties,
    /// What travels with it.
    pub data: CallData,
    /// How often the data has changed.
    pub data_version: u32,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The party with whom it begins is dialled.
    Dialing,
    /// A flow speaks with the caller, or he hears nothing yet.
    Flow,
    /// It waits.
    Queued,
    /// It waits, and an agent's phone rings.
    Offering {
        /// Whose phone rings.
        agent: AgentId,
        /// Where he sits.
        seat: SeatId,
    },
    /// Devices or numbers ring for it.
    Ringing {
        /// The legs to them.
        legs: Vec<LegId>,
    },
    /// The served party and others talk.
    Talking {
        /// Since when.
        since: Timestamp,
    },
    /// The caller leaves a message.
    Message,
    /// It waits at a device until someone takes it.
    Parked {
        /// At which device.
        at: DeviceId,
    },
    /// It waits until a busy device is free.
    CampedOn {
        /// Which device.
        on: DeviceId,
    },
    /// Whom it was to reach cannot be reached; who began it hears why.
    Failed,
    /// A program decides what becomes of it.
    Routing,
}

impl LiveCall {
    /// Returns the call that the event begins, if it begins one.
    fn begin(event: &Event) -> Option<Self> {
        let Fact::CallStarted { call, contact, kind, caller, called, consults, .. } = &event.fact
        else {
            return None;
        };
        Some(Self {
            call: *call,
            contact: *contact,
            kind: *kind,
            caller: caller.clone(),
            called: called.clone(),
            numbers: None,
            listed: None,
            started: event.at,
            answered: None,
            flow: None,
            phase: Phase::Flow,
            queue: None,
            recording: None,
            recording_paused: false,
            consults: *consults,
            parties: Parties::begin(event)?,
            data: CallData::new(),
            data_version: 0,
        })
    }

    /// Returns the name of the phase as the REST interface prints it.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.phase {
            Phase::Dialing => "dialing",
            Phase::Flow => "flow",
            Phase::Queued => "queued",
            Phase::Offering { .. } | Phase::Ringing { .. } => "offering",
            Phase::Talking { .. } if self.is_held() => "held",
            Phase::Talking { .. } => "talking",
            Phase::Message => "message",
            Phase::Parked { .. } => "parked",
            Phase::CampedOn { .. } => "camped_on",
            Phase::Failed => "failed",
            Phase::Routing => "routing",
        }
    }

    /// Returns whether the served party waits on hold: everyone else who converses has put the call there.
    fn is_held(&self) -> bool {
        let mut talkers = self.parties.talkers().peekable();
        talkers.peek().is_some() && talkers.all(|it| it.state == ConnectionState::Hold)
    }

    /// Returns the party whom the call is offered to, or who speaks for the centre.
    #[must_use]
    fn agent_party(&self) -> Option<&Member> {
        match &self.phase {
            Phase::Offering { agent, .. } => self.parties.member_of(agent),
            Phase::Dialing
            | Phase::Flow
            | Phase::Queued
            | Phase::Ringing { .. }
            | Phase::Talking { .. }
            | Phase::Message
            | Phase::Parked { .. }
            | Phase::CampedOn { .. }
            | Phase::Failed
            | Phase::Routing => self.parties.speaker(),
        }
    }

    /// Returns the agent whom the call is offered to, or who talks.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        self.agent_party()?.party.agent.as_ref()
    }

    /// Returns where that agent sits.
    #[must_use]
    pub fn seat(&self) -> Option<&SeatId> {
        self.agent_party()?.party.seat.as_ref()
    }

    /// Returns the agents whose call it is: who are rung or converse.
    pub fn agents(&self) -> impl Iterator<Item = &AgentId> {
        let present = self.parties.present().filter(|member| member.role.carries());
        present.filter_map(|member| member.party.agent.as_ref())
    }

    /// Returns since when the served party and others talk.
    #[must_use]
    pub fn talking_since(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Talking { since } => Some(*since),
            Phase::Dialing
            | Phase::Flow
            | Phase::Queued
            | Phase::Offering { .. }
            | Phase::Ringing { .. }
            | Phase::Message
            | Phase::Parked { .. }
            | Phase::CampedOn { .. }
            | Phase::Failed
            | Phase::Routing => None,
        }
    }

    /// Returns whom it is offered to when one of several offers is over.
    fn still_offered(&self) -> Option<Phase> {
        let mut rung = self.parties.present().filter(|it| it.entry == Entry::Offered);
        let party = &rung.next()?.party;
        Some(Phase::Offering { agent: party.agent.clone()?, seat: party.seat.clone()? })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a fold looks at the facts that concern it")]
    fn apply(&mut self, event: &Event) {
        self.parties.apply(event);
        match &event.fact {
            Fact::NumbersRead { numbers, .. } => self.numbers = Some(numbers.clone()),
            Fact::CallerListed { level, reason, .. } => {
                self.listed = Some((level.clone(), reason.clone()));
            }
            Fact::CallAnswered { .. } => self.answered = Some(event.at),
            Fact::Originated { .. } => self.phase = Phase::Dialing,
            Fact::FlowStarted { flow, waiting: false, .. } => {
                self.flow = Some(flow.clone());
                self.phase = Phase::Flow;
            }
            Fact::DataSet { data, .. } => {
                self.data.extend(data.clone());
                self.data_version += 1;
            }
            Fact::Queued { queue, .. } => {
                self.queue = Some(queue.clone());
                self.phase = Phase::Queued;
            }
            Fact::Offered { agent, seat, .. } => {
                self.phase = Phase::Offering { agent: agent.clone(), seat: seat.clone() };
            }
            Fact::OfferEnded { end, .. }
                if matches!(self.phase, Phase::Offering { .. }) && *end != OfferEnd::Answered =>
            {
                self.phase = self.still_offered().unwrap_or(Phase::Queued);
            }
            Fact::Dequeued { reason, .. } => {
                if *reason != DequeueReason::Answered {
                    self.queue = None;
                }
                self.phase = Phase::Flow;
            }
            Fact::Rung { legs, .. } => {
                self.phase = Phase::Ringing { legs: legs.iter().map(|(leg, _)| *leg).collect() };
            }
            Fact::RingEnded { leg, .. } => {
                if let Phase::Ringing { legs } = &mut self.phase {
                    legs.retain(|it| it != leg);
                    if legs.is_empty() {
                        self.phase = Phase::Flow;
                    }
                }
            }
            Fact::Connected { queue, .. } => {
                if let Some(queue) = queue {
                    self.queue = Some(queue.clone());
                }
                if self.talking_since().is_none() {
                    self.phase = Phase::Talking { since: event.at };
                }
            }
            Fact::TalkEnded { .. }
                if self.talking_since().is_some() && self.parties.talkers().next().is_none() =>
            {
                self.phase = Phase::Flow;
            }
            Fact::Parked { at, .. } => self.phase = Phase::Parked { at: at.clone() },
            Fact::CampedOn { device, .. } => self.phase = Phase::CampedOn { on: device.clone() },
            Fact::ParkEnded { .. } => self.phase = Phase::Flow,
            Fact::Failed { .. } => self.phase = Phase::Failed,
            Fact::RouteRequested { .. } => self.phase = Phase::Routing,
            Fact::RecordingStarted { recording, kind, .. } => {
                self.recording = Some(*recording);
                self.recording_paused = false;
                if *kind == RecordingKind::Message {
                    self.phase = Phase::Message;
                }
            }
            Fact::RecordingPaused { .. } => self.recording_paused = true,
            Fact::RecordingResumed { .. } => self.recording_paused = false,
            Fact::RecordingEnded { recording, .. } => {
                if self.recording == Some(*recording) {
                    self.recording = None;
                }
                if self.phase == Phase::Message {
                    self.phase = Phase::Flow;
                }
            }
            _ => {}
        }
    }
}

/// The calls that are going on.
#[derive(Clone, Debug, Default)]
pub struct Calls(BTreeMap<CallId, LiveCall>);

impl Calls {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Some(live) = LiveCall::begin(event) {
            self.0.insert(live.call, live);
        } else if let Fact::CallEnded { call, .. } = &event.fact {
            self.0.remove(call);
        } else if let Some(live) = event.fact.call().and_then(|call| self.0.get_mut(&call)) {
            live.apply(event);
        }
    }

    pub(super) fn get(&self, call: CallId) -> Option<&LiveCall> {
        self.0.get(&call)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LiveCall> {
        self.0.values()
    }
}
