//! What a fact is about: the one place that knows every fact. A new fact is classified here and nowhere else.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Category;
use crate::{
    event::{AlarmKind, Fact, OfferEnd, Party},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, LegId, QueueId, RecordingId, SessionId},
    switch::{Endpoint, Origin},
};

/// Whom or what a monitor follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Everything there is.
    Everything,
    /// A device, the agent who sits there, and the calls at it as long as they are there (ECMA-269: device-type
    /// monitor).
    Device(DeviceId),
    /// Every call that is or comes to a device, to the end of the call (ECMA-269: call-type monitor on a device).
    CallsVia(DeviceId),
    /// One call (ECMA-269: monitor on a call object).
    Call(CallId),
    /// An agent and the calls that he has.
    Agent(AgentId),
    /// A queue and the contacts that wait in it.
    Queue(QueueId),
    /// A matter over its whole life, through all its calls.
    Contact(ContactId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Device(device) => write!(f, "device {device}"),
            Self::CallsVia(device) => write!(f, "calls via device {device}"),
            Self::Call(call) => write!(f, "{call}"),
            Self::Agent(agent) => write!(f, "agent {agent}"),
            Self::Queue(queue) => write!(f, "queue {queue}"),
            Self::Contact(contact) => write!(f, "{contact}"),
        }
    }
}

/// What a fact names, and how it changes who takes part in what.
#[derive(Debug, Default)]
pub(super) struct Mention {
    pub(super) calls: Vec<CallId>,
    pub(super) contact: Option<ContactId>,
    /// A session, where the fact names no call.
    pub(super) session: Option<SessionId>,
    /// An alarm, where the fact does not say whom it concerns.
    pub(super) alarm: Option<AlarmId>,
    /// An agent whose device hears of it as well.
    pub(super) seated: Option<AgentId>,
    pub(super) named: Vec<Subject>,
    pub(super) steps: Vec<Step>,
}

/// How a fact changes who takes part in what.
#[derive(Debug)]
pub(super) enum Step {
    /// A call began; its first leg joins.
    CallBegins { call: CallId, contact: ContactId },
    /// A leg, of a device or of someone outside, came to a call.
    Joins { call: CallId, leg: LegId, device: Option<DeviceId>, agent: Option<AgentId> },
    /// A leg left a call.
    Leaves { call: CallId, leg: LegId },
    /// A call ended for all its legs.
    CallEnds { call: CallId },
    /// A recording of a call began.
    RecordingBegins { call: CallId, recording: RecordingId },
    /// A recording of a call was closed.
    RecordingEnds { call: CallId, recording: RecordingId },
    /// A flow took a call.
    SessionBegins { session: SessionId, call: CallId },
    /// A flow is over.
    SessionEnds { session: SessionId },
    /// A contact waits in a queue.
    Waits { contact: ContactId, queue: QueueId },
    /// A contact no longer waits in a queue.
    WaitsNoMore { contact: ContactId, queue: QueueId },
    /// A call waits at or for a device.
    WaitsAt { call: CallId, device: DeviceId },
    /// A call no longer waits at or for a device.
    WaitsNoMoreAt { call: CallId, device: DeviceId },
    /// A contact without a leg was offered to an agent, or he works at it.
    Has { contact: ContactId, agent: AgentId },
    /// He no longer has it.
    HasNoMore { contact: ContactId, agent: AgentId },
    /// An agent took a seat with a device.
    Sits { agent: AgentId, device: DeviceId },
    /// An agent left his seat.
    Rises { agent: AgentId },
    /// An alarm about a queue stands.
    AlarmStands { alarm: AlarmId, queue: QueueId },
    /// An alarm is over.
    AlarmOver { alarm: AlarmId },
}

/// Returns the category of a fact.
#[must_use]
pub fn category(fact: &Fact) -> Category {
    match fact {
        Fact::Started { .. }
        | Fact::RulesChanged { .. }
        | Fact::QueueConfigured { .. }
        | Fact::CalendarChanged { .. }
        | Fact::DataErased { .. }
        | Fact::ListEntryAdded { .. }
        | Fact::ListEntryRemoved { .. } => Category::System,
        Fact::DeviceInService { .. }
        | Fact::DeviceOutOfService { .. }
        | Fact::DeviceFeatureSet { .. }
        | Fact::StandingLegChanged { .. }
        | Fact::CallBackWhenFree { .. } => Category::Device,
        Fact::AgentSignedIn { .. }
        | Fact::DutiesSet { .. }
        | Fact::AgentStateChanged { .. }
        | Fact::AgentForced { .. }
        | Fact::AgentHeard { .. }
        | Fact::AgentSignedOut { .. } => Category::Agent,
        Fact::CallStarted { .. }
        | Fact::NumbersRead { .. }
        | Fact::CallerListed { .. }
        | Fact::CallAnswered { .. }
        | Fact::Originated { .. }
        | Fact::Rung { .. }
        | Fact::RingEnded { .. }
        | Fact::NetworkReached { .. }
        | Fact::LineShared { .. }
        | Fact::Alerting { .. }
        | Fact::Connected { .. }
        | Fact::Held { .. }
        | Fact::Retrieved { .. }
        | Fact::TalkEnded { .. }
        | Fact::PartyDialed { .. }
        | Fact::PartyFailed { .. }
        | Fact::RoleChanged { .. }
        | Fact::FloorAsked { .. }
        | Fact::Muted { .. }
        | Fact::Served { .. }
        | Fact::Transferred { .. }
        | Fact::Conferenced { .. }
        | Fact::Parked { .. }
        | Fact::CampedOn { .. }
        | Fact::Failed { .. }
        | Fact::RouteRequested { .. }
        | Fact::CallAccepted { .. }
        | Fact::ParkEnded { .. }
        | Fact::CallEnded { .. } => Category::CallControl,
        Fact::DigitPressed { .. }
        | Fact::DataSet { .. }
        | Fact::UserInformation { .. }
        | Fact::DigitsCollected { .. }
        | Fact::MessagePlayed { .. } => Category::CallAssociated,
        Fact::FlowStarted { .. }
        | Fact::FlowVisited { .. }
        | Fact::FlowEnded { .. }
        | Fact::FlowsOrdered { .. }
        | Fact::FlowQuarantined { .. } => Category::Flow,
        Fact::Queued { .. }
        | Fact::PrioritySet { .. }
        | Fact::Assigned { .. }
        | Fact::Offered { .. }
        | Fact::OfferEnded { .. }
        | Fact::ContactOpened { .. }
        | Fact::WorkBegun { .. }
        | Fact::WorkEnded { .. }
        | Fact::ContactClosed { .. }
        | Fact::Dequeued { .. } => Category::Queue,
        Fact::RecordingStarted { .. }
        | Fact::RecordingPaused { .. }
        | Fact::RecordingResumed { .. }
        | Fact::RecordingEnded { .. }
        | Fact::VoiceMeasured { .. }
        | Fact::MailboxChanged { .. } => Category::Media,
        Fact::AlarmRaised { .. } | Fact::AlarmCleared { .. } => Category::Alarm,
    }
}

/// Returns what a fact names and changes.
pub(super) fn mention(fact: &Fact) -> Mention {
    match fact {
        Fact::Started { .. }
        | Fact::RulesChanged { .. }
        | Fact::CalendarChanged { .. }
        | Fact::DataErased { .. }
        | Fact::ListEntryAdded { .. }
        | Fact::ListEntryRemoved { .. } => Mention::default(),
        Fact::QueueConfigured { queue, .. } => {
            Mention::default().queues(std::slice::from_ref(&queue.id))
        }
        Fact::DutiesSet { agent, queues, .. } => {
            Mention::default().agent(agent).seated(agent).queues(queues)
        }
        Fact::DeviceInService { device } | Fact::DeviceOutOfService { device } => {
            Mention::default().device(device)
        }
        Fact::AgentSignedIn { agent, device, queues, .. } => Mention::default()
            .agent(agent)
            .device(device)
            .queues(queues)
            .step(Step::Sits { agent: agent.clone(), device: device.clone() }),
        Fact::DeviceFeatureSet { device, .. } | Fact::StandingLegChanged { device, .. } => {
            Mention::default().device(device)
        }
        Fact::CallBackWhenFree { from, to, .. } => Mention::default().device(from).device(to),
        Fact::AgentStateChanged { agent, .. }
        | Fact::AgentForced { agent, .. }
        | Fact::AgentHeard { agent, .. } => Mention::default().agent(agent).seated(agent),
        Fact::AgentSignedOut { agent, .. } => {
            Mention::default().agent(agent).seated(agent).step(Step::Rises { agent: agent.clone() })
        }

        Fact::CallStarted { call, contact, leg, origin, by, .. } => {
            let device = match (by, origin) {
                (Some(by), _) => by.device.clone(),
                (None, Origin::Device(device)) => Some(device.clone()),
                (None, Origin::Trunk(_)) => None,
            };
            let agent = by.as_ref().and_then(|by| by.agent.clone());
            let (call, contact) = (*call, *contact);
            Mention::call(call)
                .contact(contact)
                .devices(device.as_slice())
                .agents(agent.as_slice())
                .step(Step::CallBegins { call, contact })
                .joins(call, *leg, device.as_ref(), agent.as_ref())
        }
        Fact::CallAnswered { call }
        | Fact::NumbersRead { call, .. }
        | Fact::CallerListed { call, .. }
        | Fact::DigitPressed { call, .. }
        | Fact::DataSet { call, .. }
        | Fact::Originated { call, .. }
        | Fact::NetworkReached { call, .. }
        | Fact::Alerting { call, .. }
        | Fact::Held { call, .. }
        | Fact::Retrieved { call, .. }
        | Fact::RoleChanged { call, .. }
        | Fact::FloorAsked { call, .. }
        | Fact::Muted { call, .. }
        | Fact::Served { call, .. }
        | Fact::RouteRequested { call, .. }
        | Fact::CallAccepted { call, .. }
        | Fact::VoiceMeasured { call, .. }
        | Fact::UserInformation { call, .. }
        | Fact::DigitsCollected { call, .. }
        | Fact::MessagePlayed { call, .. } => Mention::call(*call),
        Fact::LineShared { call, devices } => Mention::call(*call).devices(devices),
        Fact::Failed { call, device, .. } => Mention::call(*call).devices(device.as_slice()),
        Fact::Parked { call, at, by, .. } => Mention::call(*call)
            .device(at)
            .devices(by.as_slice())
            .step(Step::WaitsAt { call: *call, device: at.clone() }),
        Fact::CampedOn { call, device, .. } => Mention::call(*call)
            .device(device)
            .step(Step::WaitsAt { call: *call, device: device.clone() }),
        Fact::ParkEnded { call, device } => Mention::call(*call)
            .device(device)
            .step(Step::WaitsNoMoreAt { call: *call, device: device.clone() }),
        Fact::Transferred { call, by, .. } => Mention::call(*call).party(by),
        Fact::Conferenced { call, by, from } => Mention::calls(&[*call, *from]).party(by),
        Fact::PartyDialed { call, leg, party, .. } => Mention::call(*call).party(party).joins(
            *call,
            *leg,
            party.device.as_ref(),
            party.agent.as_ref(),
        ),
        Fact::PartyFailed { call, leg, .. } => {
            Mention::call(*call).step(Step::Leaves { call: *call, leg: *leg })
        }
        Fact::FlowStarted { call, session, .. } => {
            Mention::call(*call).step(Step::SessionBegins { session: *session, call: *call })
        }
        Fact::FlowsOrdered { .. } | Fact::FlowQuarantined { .. } => Mention::default(),
        Fact::FlowVisited { session, .. } => {
            Mention { session: Some(*session), ..Mention::default() }
        }
        Fact::FlowEnded { call, session } => {
            Mention::call(*call).step(Step::SessionEnds { session: *session })
        }
        Fact::Rung { call, legs, .. } => {
            legs.iter().fold(Mention::call(*call), |mention, (leg, to)| match to {
                Endpoint::Device(device) => {
                    mention.device(device).joins(*call, *leg, Some(device), None)
                }
                Endpoint::Outside { .. } => mention.joins(*call, *leg, None, None),
            })
        }
        Fact::RingEnded { call, leg, end } => match stays(*end) {
            true => Mention::call(*call),
            false => Mention::call(*call).step(Step::Leaves { call: *call, leg: *leg }),
        },

        Fact::Queued { contact, call, queue, .. } => Mention::calls(call.as_slice())
            .contact(*contact)
            .queues(std::slice::from_ref(queue))
            .step(Step::Waits { contact: *contact, queue: queue.clone() }),
        Fact::PrioritySet { contact, .. } => Mention::default().contact(*contact),
        Fact::Assigned { contact, agent, .. } => {
            Mention::default().contact(*contact).agents(agent.as_slice())
        }
        Fact::Offered { contact, call, queue, agent, device, leg, .. } => {
            let mention = Mention::calls(call.as_slice())
                .contact(*contact)
                .queues(std::slice::from_ref(queue))
                .agent(agent)
                .device(device);
            match (call, leg) {
                (Some(call), Some(leg)) => mention.joins(*call, *leg, Some(device), Some(agent)),
                (None, _) | (_, None) => {
                    mention.step(Step::Has { contact: *contact, agent: agent.clone() })
                }
            }
        }
        Fact::OfferEnded { contact, call, agent, leg, end } => {
            let mention = Mention::calls(call.as_slice()).contact(*contact).agent(agent);
            match (call, leg) {
                (Some(_), Some(_)) if stays(*end) => mention,
                (Some(call), Some(leg)) => mention.step(Step::Leaves { call: *call, leg: *leg }),
                (None, _) | (_, None) => {
                    mention.step(Step::HasNoMore { contact: *contact, agent: agent.clone() })
                }
            }
        }
        Fact::Dequeued { contact, call, queue, .. } => Mention::calls(call.as_slice())
            .contact(*contact)
            .queues(std::slice::from_ref(queue))
            .step(Step::WaitsNoMore { contact: *contact, queue: queue.clone() }),

        Fact::Connected { call, contact, leg, party, queue, .. } => Mention::call(*call)
            .contact(*contact)
            .party(party)
            .queues(queue.as_slice())
            .joins(*call, *leg, party.device.as_ref(), party.agent.as_ref()),
        Fact::TalkEnded { call, leg, party, .. } => {
            Mention::call(*call).party(party).step(Step::Leaves { call: *call, leg: *leg })
        }
        Fact::ContactOpened { contact, instead_of, .. } => {
            let earlier = instead_of.map(Subject::Contact);
            Mention { named: earlier.into_iter().collect(), ..Mention::default() }.contact(*contact)
        }
        Fact::ContactClosed { contact } => Mention::default().contact(*contact),
        Fact::WorkBegun { contact, agent, queue, .. } => Mention::default()
            .contact(*contact)
            .agent(agent)
            .seated(agent)
            .queues(std::slice::from_ref(queue))
            .step(Step::Has { contact: *contact, agent: agent.clone() }),
        Fact::WorkEnded { contact, agent, .. } => Mention::default()
            .contact(*contact)
            .agent(agent)
            .seated(agent)
            .step(Step::HasNoMore { contact: *contact, agent: agent.clone() }),
        Fact::CallEnded { call, contact, .. } => {
            Mention::call(*call).contact(*contact).step(Step::CallEnds { call: *call })
        }

        Fact::MailboxChanged { change, .. } => {
            change.call().map_or_else(Mention::default, Mention::call)
        }
        Fact::RecordingStarted { recording, call, .. } => {
            Mention::call(*call).step(Step::RecordingBegins { call: *call, recording: *recording })
        }
        Fact::RecordingPaused { call, .. } | Fact::RecordingResumed { call, .. } => {
            Mention::call(*call)
        }
        Fact::RecordingEnded { recording, call, .. } => {
            Mention::call(*call).step(Step::RecordingEnds { call: *call, recording: *recording })
        }

        Fact::AlarmRaised { alarm, kind } => match kind {
            AlarmKind::NobodyStaffed { queue } => Mention::default()
                .queues(std::slice::from_ref(queue))
                .step(Step::AlarmStands { alarm: *alarm, queue: queue.clone() }),
            AlarmKind::OverlongState { agent, .. } => Mention::default().agent(agent).seated(agent),
            AlarmKind::RecordingFailed { .. }
            | AlarmKind::RuleFailed { .. }
            | AlarmKind::UnknownFlow { .. }
            | AlarmKind::FlowQuarantined { .. }
            | AlarmKind::GatewayDown { .. }
            | AlarmKind::SynthesizerFailed { .. }
            | AlarmKind::RecognizerFailed { .. }
            | AlarmKind::ModuleFailed { .. }
            | AlarmKind::NoHolidays { .. } => Mention::default(),
        },
        Fact::AlarmCleared { alarm } => Mention { alarm: Some(*alarm), ..Mention::default() }
            .step(Step::AlarmOver { alarm: *alarm }),
    }
}

/// Returns whether the leg of an offer that ended so goes on to talk.
fn stays(end: OfferEnd) -> bool {
    match end {
        OfferEnd::Answered => true,
        OfferEnd::NoAnswer
        | OfferEnd::Rejected
        | OfferEnd::Unreachable
        | OfferEnd::Withdrawn
        | OfferEnd::AnsweredElsewhere => false,
    }
}

impl Mention {
    fn call(call: CallId) -> Self {
        Self::calls(&[call])
    }

    fn calls(calls: &[CallId]) -> Self {
        Self { calls: calls.to_vec(), ..Self::default() }
    }

    fn contact(self, contact: ContactId) -> Self {
        Self { contact: Some(contact), ..self }
    }

    fn device(self, device: &DeviceId) -> Self {
        self.devices(std::slice::from_ref(device))
    }

    fn devices(mut self, devices: &[DeviceId]) -> Self {
        self.named.extend(devices.iter().cloned().map(Subject::Device));
        self
    }

    fn agent(self, agent: &AgentId) -> Self {
        self.agents(std::slice::from_ref(agent))
    }

    fn agents(mut self, agents: &[AgentId]) -> Self {
        self.named.extend(agents.iter().cloned().map(Subject::Agent));
        self
    }

    fn queues(mut self, queues: &[QueueId]) -> Self {
        self.named.extend(queues.iter().cloned().map(Subject::Queue));
        self
    }

    fn party(self, party: &Party) -> Self {
        self.devices(party.device.as_slice()).agents(party.agent.as_slice())
    }

    fn seated(self, agent: &AgentId) -> Self {
        Self { seated: Some(agent.clone()), ..self }
    }

    fn joins(
        self,
        call: CallId,
        leg: LegId,
        device: Option<&DeviceId>,
        agent: Option<&AgentId>,
    ) -> Self {
        self.step(Step::Joins { call, leg, device: device.cloned(), agent: agent.cloned() })
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
