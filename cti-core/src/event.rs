//! All that can happen in a centre: the only vocabulary that is written down.
//!
//! An [`Event`] is a [`Fact`] with its number and its time. Facts carry every value that state is changed by, so
//! that reading them again never depends on the configuration or version of the day.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    agent::AgentState,
    cause::Cause,
    flow::CallData,
    id::{
        AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, FlowId, LegId, QueueId,
        RecordingId, SeatId, SessionId,
    },
    needs::Needs,
    router::{OverflowReason, Why},
    switch::{Origin, RecordingEnd},
    time::{Timestamp, millis},
};

/// The version of the serialised form of [`Fact`]; raised when an old reader could misread a new log.
pub const SCHEMA_VERSION: u16 = 1;

/// One numbered line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the log.
    pub no: EventNo,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// How an offer to an agent or a device ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// It was answered.
    Answered,
    /// It rang as long as it may.
    NoAnswer,
    /// The agent refused or was engaged.
    Rejected,
    /// The device could not be reached.
    Unreachable,
    /// The caller gave up, or the call was cleared.
    Withdrawn,
}

/// How a contact left a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DequeueReason {
    /// An agent answered.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// The queue sent him on.
    Overflowed(OverflowReason),
    /// He left by a key.
    Left,
    /// He goes on waiting in another queue, or again in this one.
    Moved,
    /// A supervisor or a program cleared the call.
    Cleared,
    /// The process that carried the call ended.
    SystemRestart,
}

/// What a call is for, decided by the number dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// Someone wants the centre: a flow answers.
    Service,
    /// One device of the centre calls another.
    Internal,
    /// A feature code; it never counts as an arrival.
    Feature,
    /// The number leads nowhere, or the caller may not dial it.
    Refused,
}

/// What a recording is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingKind {
    /// A talk, the caller on the left.
    Talk,
    /// A message that the caller left.
    Message,
}

/// Who answers for the centre in a talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The agent, unless the device was called directly.
    pub agent: Option<AgentId>,
    /// Where the agent sits.
    pub seat: Option<SeatId>,
    /// The device.
    pub device: DeviceId,
}

/// Which alarm it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// Callers want this queue and nobody who is signed in can take calls.
    NobodyStaffed {
        /// The queue.
        queue: QueueId,
    },
    /// A recording could not be written.
    RecordingFailed {
        /// What went wrong.
        reason: String,
    },
    /// A rule or a script of the router failed; another one decides meanwhile.
    RuleFailed {
        /// The rule.
        rule: String,
        /// What went wrong.
        reason: String,
    },
    /// A number leads to a flow that is not there.
    UnknownFlow {
        /// The flow.
        flow: FlowId,
    },
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fact")]
pub enum Fact {
    // --- the process ---------------------------------------------------------
    /// The process began to serve; what lived before is cleared by facts that follow: calls end with
    /// [`Cause::SystemRestart`], devices go out of service until they are reported again, agents stay signed in.
    Started {
        /// The version of the program.
        version: String,
    },

    // --- devices -------------------------------------------------------------
    /// A device can be reached.
    DeviceInService {
        /// Which device.
        device: DeviceId,
    },
    /// A device can no longer be reached.
    DeviceOutOfService {
        /// Which device.
        device: DeviceId,
    },

    // --- agents --------------------------------------------------------------
    /// An agent began work.
    AgentSignedIn {
        /// Who.
        agent: AgentId,
        /// Where.
        seat: SeatId,
        /// The device there.
        device: DeviceId,
        /// For which queues.
        queues: Vec<QueueId>,
    },
    /// An agent's state changed.
    AgentStateChanged {
        /// Who.
        agent: AgentId,
        /// What he does from here on.
        #[serde(flatten)]
        to: AgentState,
        /// When after-call work ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// An agent ended work.
    AgentSignedOut {
        /// Who.
        agent: AgentId,
        /// The seat he left.
        seat: SeatId,
    },

    // --- calls ---------------------------------------------------------------
    /// A call came in.
    CallStarted {
        /// The call.
        call: CallId,
        /// The matter it belongs to.
        contact: ContactId,
        /// What it is for.
        kind: CallKind,
        /// The caller's leg.
        leg: LegId,
        /// Where it came from.
        origin: Origin,
        /// The caller's number.
        caller: PhoneNumber,
        /// The number dialled.
        called: PhoneNumber,
        /// The network's own name for the call.
        network_id: String,
    },
    /// The caller's leg was answered; from here on he may be charged.
    CallAnswered {
        /// The call.
        call: CallId,
    },
    /// A flow took the call.
    FlowStarted {
        /// The call.
        call: CallId,
        /// The session.
        session: SessionId,
        /// Which flow.
        flow: FlowId,
        /// The content hash of its version.
        version: String,
        /// Whether it entertains a caller who waits in a queue.
        waiting: bool,
    },
    /// A step of a flow.
    FlowVisited {
        /// The session.
        session: SessionId,
        /// The node that was left.
        node: String,
        /// By which outlet.
        outlet: String,
    },
    /// A session is over.
    FlowEnded {
        /// The call.
        call: CallId,
        /// The session.
        session: SessionId,
    },
    /// The caller pressed a key.
    DigitPressed {
        /// The call.
        call: CallId,
        /// Which key; `None` where keys are secret.
        digit: Option<char>,
    },
    /// A value was kept with the call.
    DataSet {
        /// The call.
        call: CallId,
        /// What was kept.
        data: CallData,
    },
    /// A device is rung for the call, and no agent is meant.
    DeviceOffered {
        /// The call.
        call: CallId,
        /// The new leg.
        leg: LegId,
        /// The device.
        device: DeviceId,
        /// The devices to try afterwards.
        then: Vec<DeviceId>,
        /// How long each one rings.
        #[serde(rename = "ring_ms", with = "millis")]
        ring_for: Duration,
    },
    /// The offer to a device ended.
    DeviceOfferEnded {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How.
        end: OfferEnd,
    },

    // --- queue ---------------------------------------------------------------
    /// A contact began to wait.
    Queued {
        /// The contact.
        contact: ContactId,
        /// The call; none for a contact that is not spoken, or whose caller hung up and is called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// Where.
        queue: QueueId,
        /// Higher is served first.
        priority: u8,
        /// What it asks of the agent.
        #[serde(default, skip_serializing_if = "Needs::is_plain")]
        needs: Needs,
        /// From when its place counts, if not from now: it had waited before and keeps its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// The priority of a waiting contact was changed.
    PrioritySet {
        /// The contact.
        contact: ContactId,
        /// Higher is served first.
        priority: u8,
        /// Who changed it, or the rule.
        by: String,
    },
    /// A waiting contact was given to a certain agent: it goes to him as soon as he is free, and to nobody else
    /// (强制分配).
    Assigned {
        /// The contact.
        contact: ContactId,
        /// Whose it is; anyone's again when absent.
        agent: Option<AgentId>,
        /// Who decided it.
        by: String,
    },
    /// A waiting contact was offered to an agent.
    Offered {
        /// The contact.
        contact: ContactId,
        /// The call; none for a contact that is not spoken, or whose caller hung up and is called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// The queue it waits in.
        queue: QueueId,
        /// To whom.
        agent: AgentId,
        /// Where he sits.
        seat: SeatId,
        /// The device there.
        device: DeviceId,
        /// The new leg; none for a contact that is not spoken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<LegId>,
        /// When the offer ends.
        until: Timestamp,
        /// Why him.
        why: Why,
    },
    /// The offer ended; unless it was answered the contact keeps its place.
    OfferEnded {
        /// The contact.
        contact: ContactId,
        /// The call; none for a contact that is not spoken, or whose caller hung up and is called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// To whom.
        agent: AgentId,
        /// The leg, if one was dialled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<LegId>,
        /// How.
        end: OfferEnd,
    },
    /// A contact no longer waits.
    Dequeued {
        /// The contact.
        contact: ContactId,
        /// The call; none for a contact that is not spoken, or whose caller hung up and is called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// Where it waited.
        queue: QueueId,
        /// How it left.
        reason: DequeueReason,
    },

    // --- talk ----------------------------------------------------------------
    /// Caller and party talk.
    Connected {
        /// The call.
        call: CallId,
        /// The contact.
        contact: ContactId,
        /// The party's leg.
        leg: LegId,
        /// Who answers for the centre.
        #[serde(flatten)]
        party: Party,
        /// The queue that brought them together.
        queue: Option<QueueId>,
        /// How much after-call work the agent gets.
        #[serde(rename = "after_call_work_ms", with = "millis")]
        after_call_work: Duration,
    },
    /// A party put the call on hold.
    Held {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
    },
    /// A party took the call from hold.
    Retrieved {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
    },
    /// The talk is over.
    TalkEnded {
        /// The call.
        call: CallId,
        /// The party's leg.
        leg: LegId,
        /// Who answered for the centre.
        #[serde(flatten)]
        party: Party,
        /// Why.
        cause: Cause,
    },
    /// A call is over for all its parties.
    CallEnded {
        /// The call.
        call: CallId,
        /// The contact.
        contact: ContactId,
        /// Why.
        cause: Cause,
    },

    // --- recordings ----------------------------------------------------------
    /// A recording began.
    RecordingStarted {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// What it is of.
        kind: RecordingKind,
    },
    /// A recording is over.
    RecordingEnded {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// What came of it.
        end: RecordingEnd,
    },

    // --- alarms --------------------------------------------------------------
    /// Something needs a person.
    AlarmRaised {
        /// The alarm.
        alarm: AlarmId,
        /// What it is.
        kind: AlarmKind,
    },
    /// It is over.
    AlarmCleared {
        /// The alarm.
        alarm: AlarmId,
    },
}

impl Fact {
    /// Returns the call that the fact is about.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallStarted { call, .. }
            | Self::CallAnswered { call }
            | Self::FlowStarted { call, .. }
            | Self::FlowEnded { call, .. }
            | Self::DigitPressed { call, .. }
            | Self::DataSet { call, .. }
            | Self::DeviceOffered { call, .. }
            | Self::DeviceOfferEnded { call, .. }
            | Self::Connected { call, .. }
            | Self::Held { call, .. }
            | Self::Retrieved { call, .. }
            | Self::TalkEnded { call, .. }
            | Self::CallEnded { call, .. }
            | Self::RecordingStarted { call, .. }
            | Self::RecordingEnded { call, .. } => Some(*call),
            Self::Queued { call, .. }
            | Self::Offered { call, .. }
            | Self::OfferEnded { call, .. }
            | Self::Dequeued { call, .. } => *call,
            Self::Started { .. }
            | Self::PrioritySet { .. }
            | Self::Assigned { .. }
            | Self::DeviceInService { .. }
            | Self::DeviceOutOfService { .. }
            | Self::AgentSignedIn { .. }
            | Self::AgentStateChanged { .. }
            | Self::AgentSignedOut { .. }
            | Self::FlowVisited { .. }
            | Self::AlarmRaised { .. }
            | Self::AlarmCleared { .. } => None,
        }
    }
}
