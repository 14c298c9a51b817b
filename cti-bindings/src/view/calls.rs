//! The calls that are going on.

use std::collections::BTreeMap;

use cti_core::{
    address::PhoneNumber,
    event::{Event, Fact, OfferEnd, Party, RecordingKind},
    id::{AgentId, CallId, ContactId, DeviceId, FlowId, LegId, QueueId, RecordingId, SeatId},
    time::Timestamp,
};

/// One call that is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// The call.
    pub call: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// When it came in.
    pub started: Timestamp,
    /// When the caller's leg was answered.
    pub answered: Option<Timestamp>,
    /// The flow that took it.
    pub flow: Option<FlowId>,
    /// Where it is.
    pub phase: Phase,
    /// The recording that runs.
    pub recording: Option<RecordingId>,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A flow speaks with the caller, or he hears nothing yet.
    Flow,
    /// It waits.
    Queued {
        /// Where.
        queue: QueueId,
    },
    /// It waits, and an agent's phone rings.
    Offering {
        /// Where it waits.
        queue: QueueId,
        /// Whose phone rings.
        agent: AgentId,
        /// Where he sits.
        seat: SeatId,
    },
    /// A device rings, no agent is meant.
    RingingDevice {
        /// Which device.
        device: DeviceId,
    },
    /// Caller and party talk.
    Talking {
        /// Who answers for the centre.
        party: Party,
        /// The queue that brought them together.
        queue: Option<QueueId>,
        /// The party's leg.
        leg: LegId,
        /// Since when.
        since: Timestamp,
        /// Whether it is on hold.
        held: bool,
    },
    /// The caller leaves a message.
    Message,
}

impl LiveCall {
    /// Returns the name of the phase as the REST interface prints it.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.phase {
            Phase::Flow => "flow",
            Phase::Queued { .. } => "queued",
            Phase::Offering { .. } | Phase::RingingDevice { .. } => "offering",
            Phase::Talking { held: false, .. } => "talking",
            Phase::Talking { held: true, .. } => "held",
            Phase::Message => "message",
        }
    }

    /// Returns the agent whom the call is offered to or who talks.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        match &self.phase {
            Phase::Offering { agent, .. } => Some(agent),
            Phase::Talking { party, .. } => party.agent.as_ref(),
            Phase::Flow | Phase::Queued { .. } | Phase::RingingDevice { .. } | Phase::Message => {
                None
            }
        }
    }

    /// Returns where that agent sits.
    #[must_use]
    pub fn seat(&self) -> Option<&SeatId> {
        match &self.phase {
            Phase::Offering { seat, .. } => Some(seat),
            Phase::Talking { party, .. } => party.seat.as_ref(),
            Phase::Flow | Phase::Queued { .. } | Phase::RingingDevice { .. } | Phase::Message => {
                None
            }
        }
    }

    /// Returns the queue that it waits in or came from.
    #[must_use]
    pub fn queue(&self) -> Option<&QueueId> {
        match &self.phase {
            Phase::Queued { queue } | Phase::Offering { queue, .. } => Some(queue),
            Phase::Talking { queue, .. } => queue.as_ref(),
            Phase::Flow | Phase::RingingDevice { .. } | Phase::Message => None,
        }
    }

    /// Returns since when caller and party talk.
    #[must_use]
    pub fn talking_since(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Talking { since, .. } => Some(*since),
            Phase::Flow
            | Phase::Queued { .. }
            | Phase::Offering { .. }
            | Phase::RingingDevice { .. }
            | Phase::Message => None,
        }
    }

    fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallAnswered { .. } => self.answered = Some(event.at),
            Fact::FlowStarted { flow, waiting: false, .. } => self.flow = Some(flow.clone()),
            Fact::Queued { queue, .. } => self.phase = Phase::Queued { queue: queue.clone() },
            Fact::Offered { queue, agent, seat, .. } => {
                self.phase = Phase::Offering {
                    queue: queue.clone(),
                    agent: agent.clone(),
                    seat: seat.clone(),
                };
            }
            Fact::OfferEnded { end, .. } => {
                if let Phase::Offering { queue, .. } = &self.phase
                    && *end != OfferEnd::Answered
                {
                    self.phase = Phase::Queued { queue: queue.clone() };
                }
            }
            Fact::Dequeued { .. } => {
                if matches!(self.phase, Phase::Queued { .. } | Phase::Offering { .. }) {
                    self.phase = Phase::Flow;
                }
            }
            Fact::DeviceOffered { device, .. } => {
                self.phase = Phase::RingingDevice { device: device.clone() };
            }
            Fact::DeviceOfferEnded { .. } => {
                if matches!(self.phase, Phase::RingingDevice { .. }) {
                    self.phase = Phase::Flow;
                }
            }
            Fact::Connected { leg, party, queue, .. } => {
                self.phase = Phase::Talking {
                    party: party.clone(),
                    queue: queue.clone(),
                    leg: *leg,
                    since: event.at,
                    held: false,
                };
            }
            Fact::Held { .. } => self.hold(true),
            Fact::Retrieved { .. } => self.hold(false),
            Fact::TalkEnded { .. } => {
                if matches!(self.phase, Phase::Talking { .. }) {
                    self.phase = Phase::Flow;
                }
            }
            Fact::RecordingStarted { recording, kind, .. } => {
                self.recording = Some(*recording);
                if *kind == RecordingKind::Message {
                    self.phase = Phase::Message;
                }
            }
            Fact::RecordingEnded { .. } => {
                self.recording = None;
                if self.phase == Phase::Message {
                    self.phase = Phase::Flow;
                }
            }
            Fact::Started { .. }
            | Fact::DeviceInService { .. }
            | Fact::DeviceOutOfService { .. }
            | Fact::AgentSignedIn { .. }
            | Fact::AgentStateChanged { .. }
            | Fact::AgentSignedOut { .. }
            | Fact::CallStarted { .. }
            | Fact::FlowStarted { waiting: true, .. }
            | Fact::FlowVisited { .. }
            | Fact::FlowEnded { .. }
            | Fact::DigitPressed { .. }
            | Fact::DataSet { .. }
            | Fact::CallEnded { .. }
            | Fact::PrioritySet { .. }
            | Fact::Assigned { .. }
            | Fact::AlarmRaised { .. }
            | Fact::AlarmCleared { .. } => {}
        }
    }

    fn hold(&mut self, on: bool) {
        if let Phase::Talking { held, .. } = &mut self.phase {
            *held = on;
        }
    }
}

/// The calls that are going on.
#[derive(Clone, Debug, Default)]
pub struct Calls(BTreeMap<CallId, LiveCall>);

impl Calls {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::CallStarted { call, contact, caller, called, .. } = &event.fact {
            let live = LiveCall {
                call: *call,
                contact: *contact,
                caller: caller.clone(),
                called: called.clone(),
                started: event.at,
                answered: None,
                flow: None,
                phase: Phase::Flow,
                recording: None,
            };
            self.0.insert(*call, live);
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
