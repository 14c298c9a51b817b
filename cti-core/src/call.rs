//! One live call: where it is, and who belongs to it.
//!
//! ```text
//!              ┌──────────▶ Flow ◀─────────────┐ left, overflowed, moved
//!   Arriving ──┤             │ enqueue         │
//!              │             ├──────▶ Queue ───┤ (offers may be out; it keeps its place)
//!   Originating┤             │ ring            │
//!              ├──────────▶ Ringing ◀──────────┤ transferred, recalled
//!              │             │ answered        │
//!              │             ▼                 │
//!              │            Talk ──────────────┼──▶ Parked ──▶ Ringing
//!              │             │ all but one left│
//!              └▶ Feature ───┴─────────▶ ended ┘
//! ```
//!
//! Every call is in exactly one [`Place`], and every place ends: by a leg, by a deadline, or by the flow. A place tells
//! what becomes of the party whom the call serves ([`Call::leg`]); who takes part is told by [`Call::parties`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    cause::Cause,
    connection::{ConnectionInput, ConnectionState},
    event::{CallKind, JoinReason, Party},
    flow::CallData,
    id::{
        AgentId, CallId, ContactId, DeviceId, EntryId, FlowId, LegId, QueueId, RecordingId, SeatId,
        SessionId,
    },
    needs::Needs,
    numbers::{CallNumbers, ListLevel},
    role::Role,
    switch::{Endpoint, Origin},
    target::Target,
    time::{Timestamp, millis},
};

/// One live call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// What it is for.
    pub kind: CallKind,
    /// Where it came from.
    pub origin: Origin,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// Both in normal form, where the centre has rules of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Box<CallNumbers>>,
    /// What the blacklist or the whitelist decided last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
    /// The leg of the party whom the call serves: the caller; after a transfer by him, who was left behind.
    pub leg: LegId,
    /// When it came in.
    pub started: Timestamp,
    /// When the served party's leg was answered.
    pub answered: Option<Timestamp>,
    /// Where it is.
    pub place: Place,
    /// The main flow's session, which waits while the call is in a queue.
    pub session: Option<(SessionId, FlowId)>,
    /// The recording under way.
    pub recording: Option<RecordingId>,
    /// The call that is on hold while this one asks (consultation).
    pub consults: Option<CallId>,
    /// The queue it was served from last, and from when its place there counted.
    pub served_from: Option<(QueueId, Timestamp)>,
    /// Who belongs to it, the served party included, in the order they came.
    pub parties: Vec<Member>,
    /// The devices that share the line it went to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<DeviceId>,
    /// What travels with it (随路数据).
    pub data: CallData,
    /// How often the data has changed.
    pub data_version: u32,
}

/// What a list decided about a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// By which entry.
    pub entry: EntryId,
    /// What becomes of the call.
    pub level: ListLevel,
}

/// One party of a call: a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its leg. An agent's leg can belong to several calls, of which he is connected to one at most.
    pub leg: LegId,
    /// Who it is.
    #[serde(flatten)]
    pub party: Party,
    /// Where the connection stands.
    pub state: ConnectionState,
    /// What the party may do.
    #[serde(default, skip_serializing_if = "Role::is_full")]
    pub role: Role,
    /// Whether he is muted for the others.
    #[serde(default)]
    pub muted: bool,
    /// Since when he takes part.
    pub joined: Option<Timestamp>,
    /// Whether he came into the conversation by a fact of its own, which another one must end.
    #[serde(default)]
    pub talks: bool,
    /// The queue that brought him in.
    pub queue: Option<QueueId>,
    /// How much after-call work an agent gets.
    #[serde(rename = "after_call_work_ms", with = "millis")]
    pub after_call_work: Duration,
    /// Why he was invited, and when the invitation ends; none once he takes part.
    pub invited: Option<(JoinReason, Timestamp)>,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "place")]
pub enum Place {
    /// It has just come in.
    Arriving,
    /// The party it serves is being dialled first.
    Originating(Originating),
    /// Its flow decides.
    Flow,
    /// It waits for an agent.
    Queue(Waiting),
    /// Devices or numbers are rung for it.
    Ringing(Ringing),
    /// The served party and others talk.
    Talk,
    /// It waits at a device until someone takes it (驻留).
    Parked(Parked),
    /// It waits until a busy device is free (camp on).
    Camped(Camped),
    /// Whom it was to reach cannot be reached; who began it hears why, and may camp on, intrude or ask for a call-back.
    Failed(Failed),
    /// A program decides what becomes of it.
    Program(Program),
    /// A feature code is being confirmed.
    Feature,
}

impl Place {
    /// Returns the device at or for which the call waits.
    #[must_use]
    pub fn waits_at(&self) -> Option<&DeviceId> {
        match self {
            Self::Parked(parked) => Some(&parked.at),
            Self::Camped(camped) => Some(&camped.on),
            Self::Arriving
            | Self::Originating(_)
            | Self::Flow
            | Self::Queue(_)
            | Self::Ringing(_)
            | Self::Talk
            | Self::Failed(_)
            | Self::Program(_)
            | Self::Feature => None,
        }
    }
}

/// A call that begins by dialling the party it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Originating {
    /// Where it goes once that party has answered; dialled digit by digit when absent.
    pub then: Option<Target>,
    /// When the attempt ends.
    pub until: Timestamp,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where.
    pub queue: QueueId,
    /// Since when its place counts.
    pub since: Timestamp,
    /// Higher is served first.
    pub priority: u8,
    /// What it asks of the agent.
    pub needs: Needs,
    /// The session that entertains the caller.
    pub session: Option<SessionId>,
    /// The offers that are out, to an agent each; the first answer wins.
    #[serde(default)]
    pub offers: Vec<Offer>,
}

/// One offer of a waiting call to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// To whom.
    pub agent: AgentId,
    /// Where he sits.
    pub seat: SeatId,
    /// The device there.
    pub device: DeviceId,
    /// The leg to it.
    pub leg: LegId,
    /// When the offer ends.
    pub until: Timestamp,
    /// The session that the agent hears, once he has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whisper: Option<SessionId>,
}

/// Who is rung, and who comes afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ringing {
    /// Who is rung now, all at once; the first to answer gets the call.
    pub legs: Vec<(LegId, Endpoint)>,
    /// Who is rung afterwards, step by step.
    pub then: Vec<Vec<Endpoint>>,
    /// How long each step rings.
    #[serde(rename = "ring_ms", with = "millis")]
    pub ring_for: Duration,
    /// When this step has rung long enough.
    pub until: Timestamp,
    /// What becomes of the served party when nobody answers.
    pub otherwise: Otherwise,
}

/// What becomes of a served party when nobody who was rung answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The main flow goes on; a call without one ends.
    GoOn,
    /// Whoever transferred the call is rung (recall); if he cannot be had, it waits in the queue it came from, with
    /// the place it had.
    Recall {
        /// Who transferred it.
        to: Vec<Endpoint>,
    },
    /// It waits again in the queue it came from, with the place it had.
    Requeue,
}

/// A parked call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// At which device.
    pub at: DeviceId,
    /// Who parked it, to be rung when nobody takes it.
    pub by: Option<DeviceId>,
    /// When that is.
    pub until: Timestamp,
}

/// A call that waits for a busy device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camped {
    /// Which device.
    pub on: DeviceId,
    /// When it gives up.
    pub until: Timestamp,
}

/// A call that could not reach whom it was to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The device, if it was one.
    pub on: Option<DeviceId>,
    /// Why.
    pub cause: Cause,
    /// When it ends.
    pub until: Timestamp,
}

/// A call that a program routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The name under which programs wait for such calls.
    pub name: String,
    /// When it goes on without the program, unless the program has taken it.
    pub until: Timestamp,
    /// Where to.
    pub otherwise: Target,
    /// How the program's connection to the call stands: offered, alerting once accepted, connected once answered.
    #[serde(default = "offered")]
    pub state: ConnectionState,
}

fn offered() -> ConnectionState {
    ConnectionState::Offered
}

impl Program {
    /// Moves the program's connection by its table; what makes no sense changes nothing.
    pub(crate) fn step(&mut self, input: ConnectionInput) {
        if let Ok(state) = self.state.next(input) {
            self.state = state;
        }
    }
}

impl Waiting {
    /// The most agents to whom a contact is offered at a time.
    pub const MAX_OFFERS: usize = 32;

    /// Returns the offer to an agent.
    #[must_use]
    pub fn offer_to(&self, agent: &AgentId) -> Option<&Offer> {
        self.offers.iter().find(|it| it.agent == *agent)
    }

    /// Returns the offer by a leg.
    #[must_use]
    pub fn offer_by(&self, leg: LegId) -> Option<&Offer> {
        self.offers.iter().find(|it| it.leg == leg)
    }
}

impl Call {
    /// Returns the first leg that is being offered the call, or of the first one who talks with the served party.
    #[must_use]
    pub fn party_leg(&self) -> Option<LegId> {
        match &self.place {
            Place::Queue(waiting) => waiting.offers.first().map(|offer| offer.leg),
            Place::Ringing(ringing) => ringing.legs.first().map(|(leg, _)| *leg),
            Place::Talk => self.talkers().map(|it| it.leg).find(|leg| *leg != self.leg),
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => None,
        }
    }

    /// Returns the queue it waits in.
    #[must_use]
    pub fn waiting(&self) -> Option<&Waiting> {
        match &self.place {
            Place::Queue(waiting) => Some(waiting),
            Place::Arriving
            | Place::Originating(_)
            | Place::Flow
            | Place::Ringing(_)
            | Place::Talk
            | Place::Parked(_)
            | Place::Camped(_)
            | Place::Failed(_)
            | Place::Program(_)
            | Place::Feature => None,
        }
    }

    /// Returns whether the served party talks with others.
    #[must_use]
    pub fn is_talk(&self) -> bool {
        self.place == Place::Talk
    }

    /// Returns the party at a leg.
    #[must_use]
    pub fn member(&self, leg: LegId) -> Option<&Member> {
        self.parties.iter().find(|it| it.leg == leg)
    }

    /// Returns the parties who take part, on hold or not, in the order they came.
    pub fn talkers(&self) -> impl Iterator<Item = &Member> {
        self.parties.iter().filter(|it| it.state.takes_part())
    }

    /// Returns the party who talks with the served one and came first.
    #[must_use]
    pub fn first_talker(&self) -> Option<&Member> {
        self.talkers().find(|it| it.leg != self.leg && it.role.carries())
    }

    /// Returns whether someone is being brought in who will carry the conversation.
    #[must_use]
    pub fn expects_someone(&self) -> bool {
        self.parties.iter().any(|it| it.invited.is_some() && it.role.carries())
    }

    /// Returns the devices that are bridged: they share the line on which one of them talks, and can join.
    pub fn bridged(&self) -> impl Iterator<Item = &DeviceId> {
        let on_line =
            |it: &Member| it.party.device.as_ref().is_some_and(|it| self.line.contains(it));
        let busy = self.is_talk() && self.talkers().any(on_line);
        self.line.iter().filter(move |device| busy && !self.engages(device))
    }

    /// Returns the legs on hold.
    pub fn held_by(&self) -> impl Iterator<Item = LegId> {
        self.parties.iter().filter(|it| it.state == ConnectionState::Hold).map(|it| it.leg)
    }

    /// Returns whether a device takes part, rings or is being dialled for this call.
    #[must_use]
    pub fn engages(&self, device: &DeviceId) -> bool {
        self.parties.iter().any(|it| it.party.device.as_ref() == Some(device))
    }

    /// Returns the party that an agent is.
    #[must_use]
    pub fn member_of(&self, agent: &AgentId) -> Option<&Member> {
        self.parties.iter().find(|it| it.party.agent.as_ref() == Some(agent))
    }
}
