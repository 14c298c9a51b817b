//! The services on calls, under the names of ECMA-269 (clauses 17 and 18), and what supervisors do with them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    event::PauseReason,
    flow::CallData,
    id::{AgentId, CallId, DeviceId, QueueId},
    needs::Needs,
    role::Role,
    switch::Clip,
    target::{PartyRef, Target},
    time::millis,
};

/// A service on a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "service")]
pub enum Service {
    // --- a call begins -------------------------------------------------------
    /// Make Call: a device calls someone; its phone rings or answers by itself first. Answered by the call.
    MakeCall {
        /// Which device.
        from: DeviceId,
        /// Whom; dialled digit by digit afterwards when absent.
        to: Option<Target>,
        /// What travels with the call.
        #[serde(default)]
        data: CallData,
    },
    /// Make Predictive Call: someone outside is called first, and led on once he has answered (预呼出).
    MakePredictiveCall {
        /// The number.
        to: PhoneNumber,
        /// Where he is led when he has answered.
        then: Target,
        /// How long he is rung.
        #[serde(rename = "ring_ms", with = "millis")]
        ring_for: Duration,
        /// What travels with the call.
        #[serde(default)]
        data: CallData,
    },
    /// Dial Digits: completes a call that was made without saying whom to call.
    DialDigits {
        /// Which call.
        call: CallId,
        /// The number.
        digits: PhoneNumber,
    },

    // --- a call is offered ---------------------------------------------------
    /// Accept Call: a program that routes a call lets the caller hear that it rings, before it answers or decides.
    AcceptCall {
        /// Which call.
        call: CallId,
    },
    /// Answer Call: the phone that rings is asked to answer by itself; a program that routes a call answers it.
    AnswerCall {
        /// Which call.
        call: CallId,
        /// Whose phone; the program that has the call when absent.
        device: Option<DeviceId>,
    },
    /// Deflect Call: what rings here is to ring elsewhere.
    DeflectCall {
        /// Which call.
        call: CallId,
        /// Where to.
        to: Target,
    },
    /// Directed Pickup Call: a device takes what rings at another one (代接).
    DirectedPickup {
        /// Which call.
        call: CallId,
        /// Which device takes it.
        device: DeviceId,
    },
    /// Group Pickup Call: a device takes what rings longest in its pickup group (同组代接).
    GroupPickup {
        /// Which device takes it.
        device: DeviceId,
    },
    /// Route Select: the program that a call was given to decides where it goes.
    RouteSelect {
        /// Which call.
        call: CallId,
        /// Where to.
        to: Target,
        /// Higher is served first, where it goes to a queue.
        #[serde(default)]
        priority: u8,
        /// What it asks of an agent, where it goes to a queue.
        #[serde(default)]
        needs: Needs,
    },

    // --- a party and the others ---------------------------------------------
    /// Hold Call.
    HoldCall {
        /// Which call.
        call: CallId,
        /// Who holds.
        party: PartyRef,
    },
    /// Retrieve Call.
    RetrieveCall {
        /// Which call.
        call: CallId,
        /// Who retrieves.
        party: PartyRef,
    },
    /// Consultation Call: the others are held while a party asks someone. Answered by the new call (磋商).
    ConsultationCall {
        /// The call that is held.
        call: CallId,
        /// Who asks.
        party: PartyRef,
        /// Whom.
        to: Target,
    },
    /// Alternate Call: what is held is retrieved, what is talked in is held (切换).
    AlternateCall {
        /// The call on hold.
        held: CallId,
        /// The call in which the party talks.
        active: CallId,
        /// Who changes over.
        party: PartyRef,
    },
    /// Reconnect Call: the party leaves the call he talks in and goes back to the one on hold.
    ReconnectCall {
        /// The call on hold.
        held: CallId,
        /// The call in which the party talks.
        active: CallId,
        /// Who goes back.
        party: PartyRef,
    },
    /// Transfer Call: those on hold and those asked are brought together, and the party leaves (磋商转接).
    TransferCall {
        /// The call on hold.
        held: CallId,
        /// The call in which the party talks.
        active: CallId,
        /// Who leaves.
        party: PartyRef,
    },
    /// Conference Call: those on hold, those asked and the party come together (三方通话).
    ConferenceCall {
        /// The call on hold.
        held: CallId,
        /// The call in which the party talks.
        active: CallId,
        /// Who brings them together.
        party: PartyRef,
    },
    /// Single Step Transfer Call: the party leaves, and the others go elsewhere: to a device, an agent, a number, a
    /// queue or a flow, through any number of levels (转接, 转IVR, 转队列).
    SingleStepTransfer {
        /// Which call.
        call: CallId,
        /// Who leaves.
        party: PartyRef,
        /// Where the others go.
        to: Target,
    },
    /// Single Step Conference Call: someone is brought in. Answered by his leg.
    SingleStepConference {
        /// Which call.
        call: CallId,
        /// Whom: a device, an agent or a number.
        to: Target,
        /// What he may do.
        #[serde(default)]
        role: Role,
    },
    /// Park Call: the others wait at a device until someone takes them there (驻留).
    ParkCall {
        /// Which call.
        call: CallId,
        /// Who parks them.
        party: PartyRef,
        /// Where.
        at: DeviceId,
    },
    /// A parked call is taken at a device.
    Unpark {
        /// Where it is parked.
        at: DeviceId,
        /// Which device takes it.
        device: DeviceId,
    },
    /// Camp On Call: a call waits for a busy device.
    CampOnCall {
        /// Which call.
        call: CallId,
        /// Who leaves the others waiting, or waits himself.
        party: PartyRef,
        /// Which device.
        on: DeviceId,
    },
    /// Call Back: when both devices are free, the first is rung and then the second (遇忙回叫).
    CallBackCall {
        /// Who wants it.
        from: DeviceId,
        /// Whom he wants to speak.
        to: DeviceId,
    },
    /// Cancel Call Back.
    CancelCallBack {
        /// Who wanted it.
        from: DeviceId,
        /// Whom he wanted to speak.
        to: DeviceId,
    },
    /// Intrude Call: a device joins the call of a busy one, unasked (强插). Answered by its leg.
    IntrudeCall {
        /// Which call.
        call: CallId,
        /// Who joins.
        device: DeviceId,
    },
    /// Join Call: a device that shares the line of a call, and is bridged there, takes part in it. Answered by its leg.
    JoinCall {
        /// Which call.
        call: CallId,
        /// Who joins.
        device: DeviceId,
    },
    /// Clear Connection: one party leaves; in a consultation the others who are on hold come back to him.
    ClearConnection {
        /// Which call.
        call: CallId,
        /// Who leaves.
        party: PartyRef,
    },
    /// A party who transferred a call takes it back while it has not been answered (接回).
    TakeBack {
        /// Which call.
        call: CallId,
        /// At which device he takes it.
        device: DeviceId,
    },

    // --- supervisors ---------------------------------------------------------
    /// A supervisor listens and is not heard (监听). Answered by his leg.
    SilentMonitor {
        /// Which call.
        call: CallId,
        /// His device.
        device: DeviceId,
    },
    /// A supervisor speaks to an agent alone (密语). Answered by his leg.
    Whisper {
        /// Which call.
        call: CallId,
        /// His device.
        device: DeviceId,
        /// Who hears him.
        to: PartyRef,
    },
    /// A supervisor joins the conversation (强插). Answered by his leg.
    Barge {
        /// Which call.
        call: CallId,
        /// His device.
        device: DeviceId,
    },
    /// A supervisor takes the citizen over from an agent, who is released (强接, 拦截). Answered by his leg.
    TakeOver {
        /// Which call.
        call: CallId,
        /// His device.
        device: DeviceId,
        /// Who is released.
        from: PartyRef,
    },

    // --- in the conversation -------------------------------------------------
    /// Changes what a party may do.
    SetRole {
        /// Which call.
        call: CallId,
        /// Whose.
        party: PartyRef,
        /// What he may do.
        role: Role,
    },
    /// A party who listens and may ask to speak asks (申请发言).
    AskFloor {
        /// Which call.
        call: CallId,
        /// Who.
        party: PartyRef,
    },
    /// A party is no longer heard, or is again (静音).
    Mute {
        /// Which call.
        call: CallId,
        /// Who.
        party: PartyRef,
        /// Whether he is muted.
        on: bool,
    },
    /// Plays clips to a party, or stops what is played when there are none.
    PlayMessage {
        /// Which call.
        call: CallId,
        /// Who hears it.
        party: PartyRef,
        /// What, at most 64: prompts, tones, silence, and earlier recordings that have ended.
        clips: Vec<Clip>,
        /// Whether to begin again at the end.
        #[serde(default)]
        looped: bool,
    },
    /// Collects digits from a party. Answered by the collection.
    CollectDigits {
        /// Which call.
        call: CallId,
        /// Whose.
        party: PartyRef,
        /// How many, and for how long.
        collect: Collect,
    },
    /// Generate Digits: sends digits to a party as if the other side had pressed keys (模拟按键).
    GenerateDigits {
        /// Which call.
        call: CallId,
        /// Who gets them.
        to: PartyRef,
        /// `0-9 * # A-D`.
        digits: String,
    },
    /// Associate Data: keeps values with the call (随路数据).
    AssociateData {
        /// Which call.
        call: CallId,
        /// The values by name.
        data: CallData,
        /// The version that the values are based on, to refuse what crossed another change; any when absent.
        #[serde(default)]
        based_on: Option<u32>,
    },
    /// Send User Information: sends a text to all who watch the call.
    SendUserInformation {
        /// Which call.
        call: CallId,
        /// Who sends it.
        from: Option<PartyRef>,
        /// The text; at most 256 characters.
        text: String,
    },
    /// Begins, or ends, recording a call that is not recorded by itself.
    Record {
        /// Which call.
        call: CallId,
        /// Whether to record.
        on: bool,
    },
    /// Lets whatever records a call go on as silence while something secret is said.
    PauseRecording {
        /// Which call.
        call: CallId,
        /// Why.
        reason: PauseReason,
        /// Who asks for it; at most 64 characters.
        by: String,
    },
    /// Records a call again whose recording was paused.
    ResumeRecording {
        /// Which call.
        call: CallId,
        /// Who asks for it; at most 64 characters.
        by: String,
    },
    /// An agent hands the served party back to a queue to wait for another agent, with the place he had.
    Requeue {
        /// Which call.
        call: CallId,
        /// Who leaves.
        party: PartyRef,
        /// Where the others wait.
        queue: QueueId,
        /// What is asked of the next agent.
        #[serde(default)]
        needs: Needs,
        /// A certain agent who is to be asked first.
        #[serde(default)]
        agent: Option<AgentId>,
    },
}

/// How digits are collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collect {
    /// The most digits; it ends when so many have come. 1 to 64.
    pub max: u32,
    /// The keys that end it and do not count.
    #[serde(default)]
    pub terminators: String,
    /// How long the first digit may take.
    #[serde(rename = "first_digit_ms", with = "millis")]
    pub first_digit: Duration,
    /// How long each further digit may take.
    #[serde(rename = "inter_digit_ms", with = "millis")]
    pub inter_digit: Duration,
    /// Whether the digits are secret: they are then in no event, and only the number of them is.
    #[serde(default)]
    pub secret: bool,
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            max: 1,
            terminators: "#".to_owned(),
            first_digit: Duration::from_secs(5),
            inter_digit: Duration::from_secs(3),
            secret: false,
        }
    }
}

impl Service {
    /// Returns the name that the service has in ECMA-269, or in the field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::MakeCall { .. } => "Make Call",
            Self::MakePredictiveCall { .. } => "Make Predictive Call",
            Self::DialDigits { .. } => "Dial Digits",
            Self::AcceptCall { .. } => "Accept Call",
            Self::AnswerCall { .. } => "Answer Call",
            Self::DeflectCall { .. } => "Deflect Call",
            Self::DirectedPickup { .. } => "Directed Pickup Call",
            Self::GroupPickup { .. } => "Group Pickup Call",
            Self::RouteSelect { .. } => "Route Select",
            Self::HoldCall { .. } => "Hold Call",
            Self::RetrieveCall { .. } => "Retrieve Call",
            Self::ConsultationCall { .. } => "Consultation Call",
            Self::AlternateCall { .. } => "Alternate Call",
            Self::ReconnectCall { .. } => "Reconnect Call",
            Self::TransferCall { .. } => "Transfer Call",
            Self::ConferenceCall { .. } => "Conference Call",
            Self::SingleStepTransfer { .. } => "Single Step Transfer Call",
            Self::SingleStepConference { .. } => "Single Step Conference Call",
            Self::ParkCall { .. } => "Park Call",
            Self::Unpark { .. } => "Unpark Call",
            Self::CampOnCall { .. } => "Camp On Call",
            Self::CallBackCall { .. } => "Call Back",
            Self::CancelCallBack { .. } => "Cancel Call Back",
            Self::IntrudeCall { .. } => "Intrude Call",
            Self::JoinCall { .. } => "Join Call",
            Self::ClearConnection { .. } => "Clear Connection",
            Self::TakeBack { .. } => "Take Back",
            Self::SilentMonitor { .. } => "Silent Monitor",
            Self::Whisper { .. } => "Whisper",
            Self::Barge { .. } => "Barge",
            Self::TakeOver { .. } => "Take Over",
            Self::SetRole { .. } => "Set Role",
            Self::AskFloor { .. } => "Ask for the Floor",
            Self::Mute { .. } => "Mute",
            Self::PlayMessage { .. } => "Play Message",
            Self::CollectDigits { .. } => "Collect Digits",
            Self::GenerateDigits { .. } => "Generate Digits",
            Self::AssociateData { .. } => "Associate Data",
            Self::SendUserInformation { .. } => "Send User Information",
            Self::Record { .. } => "Record",
            Self::PauseRecording { .. } => "Pause Recording",
            Self::ResumeRecording { .. } => "Resume Recording",
            Self::Requeue { .. } => "Requeue",
        }
    }

    /// Returns the call that the service is about; none for one that begins a call.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::MakeCall { .. }
            | Self::MakePredictiveCall { .. }
            | Self::GroupPickup { .. }
            | Self::Unpark { .. }
            | Self::CallBackCall { .. }
            | Self::CancelCallBack { .. } => None,
            Self::AlternateCall { active, .. }
            | Self::ReconnectCall { active, .. }
            | Self::TransferCall { active, .. }
            | Self::ConferenceCall { active, .. } => Some(*active),
            Self::DialDigits { call, .. }
            | Self::AcceptCall { call }
            | Self::AnswerCall { call, .. }
            | Self::DeflectCall { call, .. }
            | Self::DirectedPickup { call, .. }
            | Self::RouteSelect { call, .. }
            | Self::HoldCall { call, .. }
            | Self::RetrieveCall { call, .. }
            | Self::ConsultationCall { call, .. }
            | Self::SingleStepTransfer { call, .. }
            | Self::SingleStepConference { call, .. }
            | Self::ParkCall { call, .. }
            | Self::CampOnCall { call, .. }
            | Self::IntrudeCall { call, .. }
            | Self::JoinCall { call, .. }
            | Self::ClearConnection { call, .. }
            | Self::TakeBack { call, .. }
            | Self::SilentMonitor { call, .. }
            | Self::Whisper { call, .. }
            | Self::Barge { call, .. }
            | Self::TakeOver { call, .. }
            | Self::SetRole { call, .. }
            | Self::AskFloor { call, .. }
            | Self::Mute { call, .. }
            | Self::PlayMessage { call, .. }
            | Self::CollectDigits { call, .. }
            | Self::GenerateDigits { call, .. }
            | Self::AssociateData { call, .. }
            | Self::SendUserInformation { call, .. }
            | Self::Record { call, .. }
            | Self::PauseRecording { call, .. }
            | Self::ResumeRecording { call, .. }
            | Self::Requeue { call, .. } => Some(*call),
        }
    }
}
