//! All that can happen in a centre: the only vocabulary that is written down.
//!
//! An [`Event`] is a [`Fact`] with its number and its time. Facts carry every value that state is changed by, so
//! that reading them again never depends on the configuration or version of the day.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    agent::AgentState,
    calendar::CalendarPart,
    call::Otherwise,
    cause::Cause,
    config::QueueConfig,
    device::StandingLegChange,
    flow::{CallData, FlowOrder},
    id::{
        AgentId, AlarmId, CallId, CollectionId, ContactId, DeviceId, EntryId, EventNo, FlowId,
        LegId, MailboxId, PlayId, QueueId, RecordingId, SeatId, SessionId, TrunkId,
    },
    mailbox::MailboxChange,
    needs::{Medium, Needs},
    numbers::{CallNumbers, ListEntry, ListLevel, ListScope},
    quality::VoiceQuality,
    role::Role,
    router::{OverflowReason, RulesChanged, Why},
    switch::{Endpoint, Origin, PlayEnd, RecordingEnd},
    target::Target,
    time::{Timestamp, millis},
};

/// The version of the serialised form of [`Fact`]; raised when an old reader could misread a new log.
pub const SCHEMA_VERSION: u16 = 2;

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
    /// Another agent to whom the same contact was offered answered first.
    AnsweredElsewhere,
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
    /// The centre calls someone outside.
    Outgoing,
    /// A party asks someone while another call of his is on hold.
    Consult,
}

impl CallKind {
    /// Returns whether a citizen is, or is to be, in it: such calls are recorded and count for the agents.
    #[must_use]
    pub fn is_service(self) -> bool {
        match self {
            Self::Service | Self::Outgoing => true,
            Self::Internal | Self::Feature | Self::Refused | Self::Consult => false,
        }
    }
}

/// Why a party is brought into a conversation that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinReason {
    /// A party invites him (single-step conference).
    Conference,
    /// A supervisor listens (监听).
    Monitor,
    /// A supervisor whispers to an agent (密语).
    Whisper,
    /// A supervisor joins unasked (强插).
    Barge,
    /// A supervisor takes the caller over from the agent (强接, 拦截).
    TakeOver,
    /// A device joins the call of another one that is busy (intrude).
    Intrude,
    /// A party whose phone was hung up is brought back to the one he has on hold.
    Recall,
    /// A device takes a call that rings elsewhere or is parked (代接).
    Pickup,
    /// He shares the line of the call.
    Line,
}

/// How parties were brought together by someone who left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Without asking first (单步转接, blind transfer).
    SingleStep,
    /// After asking (磋商转接, consultation transfer).
    Consultation,
    /// A supervisor took the call over (拦截).
    TakeOver,
}

/// A feature of a device that its user or an administrator switches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceFeature {
    /// It answers by itself, with a tone (自动应答).
    AutoAnswer(bool),
    /// It is not rung (免打扰).
    DoNotDisturb(bool),
    /// Its telephone is connected once, while an agent works there, and calls are put through to it with a tone instead
    /// of ringing (常摘机).
    ConstantOffHook(bool),
    /// Its lamp says that messages wait (留言灯); how many.
    MessageWaiting(u32),
    /// Its number is withheld from those it calls.
    CallerIdRestriction(bool),
    /// Calls for it go elsewhere (呼叫转移).
    Forwarding {
        /// When.
        when: ForwardWhen,
        /// Whose calls.
        whose: ForwardWhose,
        /// Where to; none switches it off.
        to: Option<PhoneNumber>,
    },
    /// Numbers under short names (电话速拨).
    SpeedDial {
        /// The short name, of digits.
        key: String,
        /// The number; none forgets it.
        number: Option<PhoneNumber>,
    },
}

/// When calls are forwarded (ECMA-269 §6.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardWhen {
    /// At once; the device does not ring. With a mobile number this is follow-me (电话跟随).
    Immediate,
    /// When the device is engaged.
    Busy,
    /// When it has rung without an answer.
    NoAnswer,
}

/// Whose calls are forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardWhose {
    /// Of devices of the centre.
    Internal,
    /// Of callers from outside.
    External,
    /// Everybody's.
    All,
}

/// How the collection of digits ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectEnd {
    /// As many as were asked for, or the terminator.
    Complete,
    /// Nothing more came in time; there may be some.
    TimedOut,
    /// Another collection took its place, or it was stopped.
    Stopped,
    /// The party left.
    PartyLeft,
}

/// How a piece of work that is not spoken ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkEnd {
    /// The agent has finished it.
    Finished,
    /// It was taken from the agent: he signed out, or someone else gets it.
    TakenAway,
    /// It was withdrawn by whoever opened it.
    Withdrawn,
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

/// Why a recording is silent for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The citizen pays, and says or keys the numbers of a card.
    Payment,
    /// Something is said that nobody else is to hear.
    SecretData,
    /// Secret digits are collected; the recording is paused, and resumed, by itself.
    SecretDigits,
}

/// Who takes part in a call: someone at a device of the centre, or someone outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The agent, unless the device was called directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Where the agent sits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// The device, of a party in the house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The number, of a party outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
}

impl Party {
    /// Returns the party at a device where nobody is signed in.
    #[must_use]
    pub fn at(device: DeviceId) -> Self {
        Self { device: Some(device), ..Self::default() }
    }

    /// Returns the party outside who has a number.
    #[must_use]
    pub fn outside(number: PhoneNumber) -> Self {
        Self { number: Some(number), ..Self::default() }
    }
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
    /// An agent stays in a state longer than he should (超时预警).
    OverlongState {
        /// Who.
        agent: AgentId,
        /// The state.
        state: String,
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
    /// The holidays of a year are not known: its dates follow the days of the week.
    NoHolidays {
        /// The year.
        year: i16,
    },
    /// A version of a flow failed so often that new callers do not get it.
    FlowQuarantined {
        /// The flow.
        flow: FlowId,
        /// The version.
        version: String,
    },
    /// A gateway of a trunk takes no calls: it is silent, or does not let us register.
    GatewayDown {
        /// The trunk.
        trunk: TrunkId,
        /// The gateway.
        gateway: String,
    },
    /// A synthesizer does not speak; recorded prompts, or the next synthesizer, speak for it.
    SynthesizerFailed {
        /// The synthesizer, as the configuration calls it.
        synthesizer: String,
    },
    /// A recognizer does not understand anybody; flows go the way of those who are not listened to.
    RecognizerFailed {
        /// The recognizer, as the configuration calls it.
        recognizer: String,
    },
    /// A module of the centre does not do its work, or has ended.
    ModuleFailed {
        /// The module, as it registered.
        module: String,
    },
}

impl AlarmKind {
    /// Returns the queue that the alarm is about.
    #[must_use]
    pub fn queue(&self) -> Option<&QueueId> {
        match self {
            Self::NobodyStaffed { queue } => Some(queue),
            Self::OverlongState { .. }
            | Self::RecordingFailed { .. }
            | Self::RuleFailed { .. }
            | Self::UnknownFlow { .. }
            | Self::FlowQuarantined { .. }
            | Self::GatewayDown { .. }
            | Self::SynthesizerFailed { .. }
            | Self::RecognizerFailed { .. }
            | Self::ModuleFailed { .. }
            | Self::NoHolidays { .. } => None,
        }
    }
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

    /// A feature of a device was switched.
    DeviceFeatureSet {
        /// Which device.
        device: DeviceId,
        /// Which feature, and how it stands.
        feature: DeviceFeature,
    },
    /// The leg that stands to a constantly off-hook device was dialled, connected or lost.
    StandingLegChanged {
        /// Which device.
        device: DeviceId,
        /// The leg.
        leg: LegId,
        /// What became of it.
        to: StandingLegChange,
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
        /// How many contacts of each medium that is not spoken he works at together; none when not listed.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        capacity: BTreeMap<Medium, u8>,
    },
    /// Which queues an agent serves and how much he works at together was changed, at once if he is at work.
    DutiesSet {
        /// Who.
        agent: AgentId,
        /// The queues he serves from here on.
        queues: Vec<QueueId>,
        /// How many contacts of each medium that is not spoken he works at together; none when not listed.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        capacity: BTreeMap<Medium, u8>,
        /// Who did it.
        by: String,
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
    /// A supervisor changed an agent's state.
    AgentForced {
        /// Whose.
        agent: AgentId,
        /// Who did it.
        by: String,
        /// What he asked for: `ready`, `not_ready`, `signed_out`.
        to: String,
    },
    /// The program at an agent's seat is no longer heard of, or is again; without it he is not offered anything.
    AgentHeard {
        /// Who.
        agent: AgentId,
        /// Whether it is heard of.
        heard: bool,
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
        /// Who begins it, where that is known to be someone of the centre.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Party>,
        /// The call that is on hold while this one asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consults: Option<CallId>,
    },
    /// The numbers of a call were read by the rules of its trunk; those received stay with the beginning of the call.
    NumbersRead {
        /// The call.
        call: CallId,
        /// What they are in normal form, and where the person outside is at home.
        #[serde(flatten)]
        numbers: Box<CallNumbers>,
    },
    /// The blacklist or the whitelist decided about a call.
    CallerListed {
        /// The call.
        call: CallId,
        /// Which entry decided.
        entry: EntryId,
        /// What becomes of the call.
        level: ListLevel,
        /// Of which calls the entry speaks.
        scope: ListScope,
        /// Why the entry was made.
        reason: String,
    },
    /// The party whom a call is to serve is dialled first.
    Originated {
        /// The call.
        call: CallId,
        /// Whom the switch dials.
        to: Endpoint,
        /// Where the call goes once he has answered.
        then: Option<Target>,
        /// When the attempt ends.
        until: Timestamp,
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
        /// The leg of the agent who hears it, when it is one who has answered and is not yet put through.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whisper: Option<LegId>,
    },
    /// A step of a flow.
    FlowVisited {
        /// The session.
        session: SessionId,
        /// Of which flow; it can have gone on in another than it began in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<FlowId>,
        /// Of which version of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
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
    /// An administrator changed the flows: what was ordered holds from here on.
    FlowsOrdered {
        /// What he wants.
        #[serde(flatten)]
        order: FlowOrder,
        /// Who he is.
        by: String,
    },
    /// A version of a flow failed so often that new callers go to its fallback.
    FlowQuarantined {
        /// Of which flow.
        flow: FlowId,
        /// Which version.
        version: String,
        /// Why, in words.
        reason: String,
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
    /// Devices or numbers are rung for the served party, all at once.
    Rung {
        /// The call.
        call: CallId,
        /// The new legs and whom they ring.
        legs: Vec<(LegId, Endpoint)>,
        /// Who is rung afterwards, step by step.
        then: Vec<Vec<Endpoint>>,
        /// How long each step rings.
        #[serde(rename = "ring_ms", with = "millis")]
        ring_for: Duration,
        /// What becomes of the served party when nobody answers.
        otherwise: Otherwise,
    },
    /// The call goes to a line that devices share: whoever of them does not talk is bridged, and can join.
    LineShared {
        /// The call.
        call: CallId,
        /// Whose line it is.
        devices: Vec<DeviceId>,
    },
    /// One of those who were rung is no longer.
    RingEnded {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How.
        end: OfferEnd,
    },
    /// The call to a party outside has left the centre; how it goes on there is not reported.
    NetworkReached {
        /// The call.
        call: CallId,
        /// His leg.
        leg: LegId,
    },
    /// A party outside is being alerted.
    Alerting {
        /// The call.
        call: CallId,
        /// His leg.
        leg: LegId,
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
    /// A waiting contact was offered to an agent; it may be on offer to others already, and the first answer wins.
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
    /// One offer ended; unless it was answered the contact keeps its place, and other offers of it go on.
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

    // --- conversation --------------------------------------------------------
    /// A party takes part in the conversation.
    Connected {
        /// The call.
        call: CallId,
        /// The contact.
        contact: ContactId,
        /// The party's leg.
        leg: LegId,
        /// Who it is.
        #[serde(flatten)]
        party: Party,
        /// What he may do.
        #[serde(default, skip_serializing_if = "Role::is_full")]
        role: Role,
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
    /// A party left the conversation.
    TalkEnded {
        /// The call.
        call: CallId,
        /// The party's leg.
        leg: LegId,
        /// Who it was.
        #[serde(flatten)]
        party: Party,
        /// Why.
        cause: Cause,
    },
    /// Someone is being brought into the conversation.
    PartyDialed {
        /// The call.
        call: CallId,
        /// The new leg.
        leg: LegId,
        /// Whom the switch dials.
        to: Endpoint,
        /// Who it is.
        #[serde(flatten)]
        party: Party,
        /// What he will be allowed to do.
        #[serde(default, skip_serializing_if = "Role::is_full")]
        role: Role,
        /// Why.
        why: JoinReason,
        /// When the attempt ends.
        until: Timestamp,
    },
    /// He could not be brought in.
    PartyFailed {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How it ended.
        end: OfferEnd,
    },
    /// A party may do something else from here on.
    RoleChanged {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
        /// What he may do.
        role: Role,
    },
    /// A party who may ask to speak asks; whoever leads the conversation answers by changing his role.
    FloorAsked {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
    },
    /// A party is no longer heard, or is again (静音).
    Muted {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
        /// Whether he is muted.
        on: bool,
    },
    /// The call serves another of its parties from here on: the one before left.
    Served {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
    },
    /// A party left and brought the others on their way (CSTA Transferred).
    Transferred {
        /// The call that goes on.
        call: CallId,
        /// Who left.
        by: Party,
        /// Where to.
        to: Target,
        /// How.
        how: TransferKind,
    },
    /// Two calls of one party became one conversation (CSTA Conferenced).
    Conferenced {
        /// The call that goes on.
        call: CallId,
        /// Who brought them together.
        by: Party,
        /// The call that ended in it.
        from: CallId,
    },
    /// The call waits at a device until someone takes it.
    Parked {
        /// The call.
        call: CallId,
        /// At which device. In a line of the log `at` is the time.
        #[serde(rename = "device")]
        at: DeviceId,
        /// Who parked it.
        by: Option<DeviceId>,
        /// When he is rung because nobody took it.
        until: Timestamp,
    },
    /// The call waits for a busy device.
    CampedOn {
        /// The call.
        call: CallId,
        /// Which device.
        device: DeviceId,
        /// When it gives up.
        until: Timestamp,
    },
    /// Whom the call was to reach cannot be reached; who began it hears why.
    Failed {
        /// The call.
        call: CallId,
        /// The device, if it was one.
        device: Option<DeviceId>,
        /// Why.
        cause: Cause,
        /// When the call ends.
        until: Timestamp,
    },
    /// A program is to decide what becomes of the call (CSTA Route Request).
    RouteRequested {
        /// The call.
        call: CallId,
        /// The name under which programs wait for such calls.
        program: String,
        /// When it goes on without the program.
        until: Timestamp,
        /// Where to.
        otherwise: Target,
    },
    /// A program has accepted the call: the caller hears that it rings (CSTA Accept Call).
    CallAccepted {
        /// The call.
        call: CallId,
        /// When it goes on without the program.
        until: Timestamp,
    },
    /// It no longer waits at or for a device.
    ParkEnded {
        /// The call.
        call: CallId,
        /// Which device.
        device: DeviceId,
    },
    /// A device is to be called back when another one is free (ECMA-269 Call Back).
    CallBackWhenFree {
        /// Who wants it.
        from: DeviceId,
        /// Whom he wants to speak.
        to: DeviceId,
        /// Whether it is still wanted.
        wanted: bool,
    },
    /// Text was sent along with a call (ECMA-269 Send User Information).
    UserInformation {
        /// The call.
        call: CallId,
        /// Who sent it; a program when absent.
        leg: Option<LegId>,
        /// The text.
        text: String,
    },
    /// Digits were asked of a party and came in.
    DigitsCollected {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
        /// Which collection.
        collection: CollectionId,
        /// The digits; none when they are secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digits: Option<String>,
        /// How many came.
        count: u32,
        /// How it ended.
        end: CollectEnd,
    },
    /// A message that a program, or a person, had played to a party is over.
    MessagePlayed {
        /// The call.
        call: CallId,
        /// Whose leg.
        leg: LegId,
        /// Which message.
        message: PlayId,
        /// How it ended.
        end: PlayEnd,
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

    /// The rules by which contacts are given to agents were changed; nobody has lost his place.
    RulesChanged {
        /// How.
        how: RulesChanged,
        /// The content hash of the rules concerned.
        version: String,
        /// Who did it.
        by: String,
    },

    /// A queue was opened, or its settings were changed; who waits in it waits on.
    QueueConfigured {
        /// The queue as it is from here on.
        queue: QueueConfig,
        /// Who did it.
        by: String,
    },
    /// Other hours or other holidays are in force.
    CalendarChanged {
        /// Which of them.
        part: CalendarPart,
        /// Who did it.
        by: String,
    },

    // --- contacts ------------------------------------------------------------
    /// A matter came in that is not spoken, or goes on without a call.
    ContactOpened {
        /// The contact.
        contact: ContactId,
        /// How citizen and agent speak with each other.
        medium: Medium,
        /// The citizen's number, where there is one.
        caller: PhoneNumber,
        /// What belongs to it.
        data: CallData,
        /// The contact whose caller is called back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<ContactId>,
    },
    /// An agent accepted a contact that is not spoken.
    WorkBegun {
        /// The contact.
        contact: ContactId,
        /// Who.
        agent: AgentId,
        /// How citizen and agent speak with each other.
        medium: Medium,
        /// The queue that brought it.
        queue: QueueId,
    },
    /// The agent no longer works at it.
    WorkEnded {
        /// The contact.
        contact: ContactId,
        /// Who.
        agent: AgentId,
        /// How citizen and agent spoke with each other.
        medium: Medium,
        /// How.
        end: WorkEnd,
    },
    /// A contact without a call is over.
    ContactClosed {
        /// The contact.
        contact: ContactId,
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
    /// A recording goes on as silence, so that times in it stay right.
    RecordingPaused {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// Why.
        reason: PauseReason,
        /// Who asked for it; nobody for secret digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A recording hears the talk again.
    RecordingResumed {
        /// The recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// Who asked for it; nobody when the talk it was paused in, or the collecting of secret digits, is over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
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

    // --- voice ---------------------------------------------------------------
    /// A leg is over, and this is how well its party was heard; its call may be over already.
    VoiceMeasured {
        /// The call that it was connected in last.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// The agent who was at it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// The device in the house.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<DeviceId>,
        /// What was measured.
        #[serde(flatten)]
        quality: VoiceQuality,
    },

    // --- mailboxes -----------------------------------------------------------
    /// A message was left or dealt with, or the greeting changed.
    MailboxChanged {
        /// Which mailbox.
        mailbox: MailboxId,
        /// What happened to it.
        change: MailboxChange,
    },

    // --- lists of callers ----------------------------------------------------
    /// Somebody was put on the blacklist or the whitelist.
    ListEntryAdded {
        /// The entry's id.
        entry: EntryId,
        /// The entry; it names who made it.
        listed: Box<ListEntry>,
    },
    /// An entry was taken off its list.
    ListEntryRemoved {
        /// Which entry.
        entry: EntryId,
        /// Who did it; `expired` when its time was over.
        by: String,
    },

    // --- privacy -------------------------------------------------------------
    /// What was known of a person was erased: the keys of these contacts are destroyed.
    DataErased {
        /// The person's contacts.
        contacts: Vec<ContactId>,
        /// Who did it.
        by: String,
        /// Why.
        reason: String,
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
            | Self::NumbersRead { call, .. }
            | Self::CallerListed { call, .. }
            | Self::Originated { call, .. }
            | Self::CallAnswered { call }
            | Self::FlowStarted { call, .. }
            | Self::FlowEnded { call, .. }
            | Self::DigitPressed { call, .. }
            | Self::DataSet { call, .. }
            | Self::Rung { call, .. }
            | Self::RingEnded { call, .. }
            | Self::NetworkReached { call, .. }
            | Self::LineShared { call, .. }
            | Self::Alerting { call, .. }
            | Self::Connected { call, .. }
            | Self::Held { call, .. }
            | Self::Retrieved { call, .. }
            | Self::TalkEnded { call, .. }
            | Self::PartyDialed { call, .. }
            | Self::PartyFailed { call, .. }
            | Self::RoleChanged { call, .. }
            | Self::FloorAsked { call, .. }
            | Self::Muted { call, .. }
            | Self::Served { call, .. }
            | Self::Transferred { call, .. }
            | Self::Conferenced { call, .. }
            | Self::Parked { call, .. }
            | Self::CampedOn { call, .. }
            | Self::Failed { call, .. }
            | Self::RouteRequested { call, .. }
            | Self::CallAccepted { call, .. }
            | Self::ParkEnded { call, .. }
            | Self::UserInformation { call, .. }
            | Self::DigitsCollected { call, .. }
            | Self::MessagePlayed { call, .. }
            | Self::CallEnded { call, .. }
            | Self::VoiceMeasured { call, .. }
            | Self::RecordingStarted { call, .. }
            | Self::RecordingPaused { call, .. }
            | Self::RecordingResumed { call, .. }
            | Self::RecordingEnded { call, .. } => Some(*call),
            Self::MailboxChanged { change, .. } => change.call(),
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
            | Self::DutiesSet { .. }
            | Self::AgentStateChanged { .. }
            | Self::AgentSignedOut { .. }
            | Self::AgentForced { .. }
            | Self::AgentHeard { .. }
            | Self::DeviceFeatureSet { .. }
            | Self::StandingLegChanged { .. }
            | Self::CallBackWhenFree { .. }
            | Self::RulesChanged { .. }
            | Self::QueueConfigured { .. }
            | Self::CalendarChanged { .. }
            | Self::ContactOpened { .. }
            | Self::WorkBegun { .. }
            | Self::WorkEnded { .. }
            | Self::ContactClosed { .. }
            | Self::FlowVisited { .. }
            | Self::ListEntryAdded { .. }
            | Self::ListEntryRemoved { .. }
            | Self::DataErased { .. }
            | Self::FlowsOrdered { .. }
            | Self::FlowQuarantined { .. }
            | Self::AlarmRaised { .. }
            | Self::AlarmCleared { .. } => None,
        }
    }
}
