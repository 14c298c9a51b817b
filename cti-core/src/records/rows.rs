//! The rows of calls, contacts and recordings, and what they are made of.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::micros;
use crate::{
    address::PhoneNumber,
    call::Listed,
    cause::Cause,
    event::{
        CallKind, DequeueReason, JoinReason, OfferEnd, Party, PauseReason, RecordingKind, WorkEnd,
    },
    id::{AgentId, CallId, ContactId, DeviceId, LegId, QueueId, RecordingId, SeatId, TrunkId},
    needs::Medium,
    numbers::CallNumbers,
    quality::VoiceQuality,
    role::Role,
    switch::{Origin, RecordingEnd},
    time::Timestamp,
};

/// One stay in one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The call that waited; none for a contact that is not spoken, or whose caller is called back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// Where.
    pub queue: QueueId,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How it ended.
    pub reason: DequeueReason,
}

/// One offer to an agent, one ringing of a device or of a number outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// The call; none for a contact that is not spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The leg that rang; none for a contact that is not spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegId>,
    /// Who was rung; no agent where a device was rung for itself.
    #[serde(flatten)]
    pub party: Party,
    /// The queue that offered it.
    pub queue: Option<QueueId>,
    /// Why he was to be brought into a conversation that was under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<JoinReason>,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How it ended.
    pub end: OfferEnd,
}

/// What a party does in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Someone of the centre speaks, with a citizen or a colleague.
    Talk,
    /// Someone of the centre asks or is asked while the citizen is on hold in another call.
    Consult,
    /// Someone of the centre listens and is not heard.
    Listen,
    /// Someone of the centre is heard by one party alone.
    Coach,
    /// Someone outside speaks; his time is that of those he speaks with.
    Outside,
}

impl Part {
    /// Returns the part of a party with a role in a call of a kind.
    #[must_use]
    pub fn of(kind: CallKind, role: Role, party: &Party) -> Self {
        if party.device.is_none() && party.agent.is_none() {
            return Self::Outside;
        }
        match (role, kind) {
            (Role::ListenOnly | Role::MayAsk, _) => Self::Listen,
            (Role::Coach { .. }, _) => Self::Coach,
            (Role::Full, CallKind::Consult) => Self::Consult,
            (
                Role::Full,
                CallKind::Service
                | CallKind::Internal
                | CallKind::Feature
                | CallKind::Refused
                | CallKind::Outgoing,
            ) => Self::Talk,
        }
    }

    /// Returns whether the conversation lives by it.
    pub(super) fn carries(self) -> bool {
        match self {
            Self::Talk | Self::Consult | Self::Outside => true,
            Self::Listen | Self::Coach => false,
        }
    }
}

/// One party's part in the conversation of a call, from his connection to his leaving, or to another role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// The call.
    pub call: CallId,
    /// The party's leg.
    pub leg: LegId,
    /// Who it was.
    #[serde(flatten)]
    pub party: Party,
    /// What he did.
    pub part: Part,
    /// The queue that brought them together.
    pub queue: Option<QueueId>,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How much of it one of the two had the other on hold.
    #[serde(rename = "held_us", with = "micros")]
    pub held: Duration,
    /// Why it ended; none where he went on in another role.
    pub cause: Option<Cause>,
}

/// One agent's work at a contact that is not spoken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Who.
    pub agent: AgentId,
    /// The queue that brought it.
    pub queue: QueueId,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How it ended.
    pub end: WorkEnd,
}

impl Work {
    /// Returns how long it lasted.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.until.since(self.since)
    }
}

impl Wait {
    /// Returns how long it lasted.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.until.since(self.since)
    }
}

impl Ring {
    /// Returns how long it rang.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.until.since(self.since)
    }
}

impl Talk {
    /// Returns how long they talked, without the time on hold.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.until.since(self.since).saturating_sub(self.held)
    }
}

/// The most waits, rings, talks and recordings, of each, that one row lists; its sums hold all of them.
pub const MAX_PARTS: usize = 200;

/// What happened to a call or a contact, part by part, in the order in which the parts ended.
///
/// The sums hold every part, also those beyond [`MAX_PARTS`] that are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Its stays in queues.
    pub waits: Vec<Wait>,
    /// The offers and ringings.
    pub rings: Vec<Ring>,
    /// The parts in its conversations.
    pub talks: Vec<Talk>,
    /// The work at it, of a contact that is not spoken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub works: Vec<Work>,
    /// The recordings that were begun.
    pub recordings: Vec<RecordingId>,
    /// How many parts are not listed.
    pub omitted: u32,
    /// How often someone passed it on to others.
    pub transfers: u32,
    /// How often two calls were put together.
    pub conferences: u32,
    /// How long it waited in queues altogether.
    #[serde(rename = "waited_us", with = "micros")]
    pub waited: Duration,
    /// How long it rang at agents and devices altogether.
    #[serde(rename = "rang_us", with = "micros")]
    pub rang: Duration,
    /// How long agents and devices spoke altogether, each of them for himself: [`Part::Talk`].
    #[serde(rename = "talked_us", with = "micros")]
    pub talked: Duration,
    /// How long of that the one or the other was on hold instead.
    #[serde(rename = "held_us", with = "micros")]
    pub held: Duration,
    /// How long colleagues were asked altogether, each of the two for himself: [`Part::Consult`].
    #[serde(rename = "consulted_us", with = "micros")]
    pub consulted: Duration,
    /// How long others listened or coached altogether: [`Part::Listen`], [`Part::Coach`].
    #[serde(rename = "supervised_us", with = "micros")]
    pub supervised: Duration,
    /// How long agents worked at it altogether, where it is not spoken.
    #[serde(rename = "worked_us", with = "micros")]
    pub worked: Duration,
}

impl Course {
    pub(super) fn add_wait(&mut self, wait: Wait) {
        self.waited += wait.time();
        Self::list(&mut self.waits, &mut self.omitted, wait);
    }

    pub(super) fn add_ring(&mut self, ring: Ring) {
        self.rang += ring.time();
        Self::list(&mut self.rings, &mut self.omitted, ring);
    }

    pub(super) fn add_talk(&mut self, talk: Talk) {
        match talk.part {
            Part::Talk => {
                self.talked += talk.time();
                self.held += talk.held;
            }
            Part::Consult => self.consulted += talk.time(),
            Part::Listen | Part::Coach => self.supervised += talk.time(),
            Part::Outside => {}
        }
        Self::list(&mut self.talks, &mut self.omitted, talk);
    }

    pub(super) fn add_work(&mut self, work: Work) {
        self.worked += work.time();
        Self::list(&mut self.works, &mut self.omitted, work);
    }

    pub(super) fn add_recording(&mut self, recording: RecordingId) {
        Self::list(&mut self.recordings, &mut self.omitted, recording);
    }

    /// Takes over what happened in a part of it that is over.
    pub(super) fn add(&mut self, part: &Self) {
        for wait in &part.waits {
            Self::list(&mut self.waits, &mut self.omitted, wait.clone());
        }
        for ring in &part.rings {
            Self::list(&mut self.rings, &mut self.omitted, ring.clone());
        }
        for talk in &part.talks {
            Self::list(&mut self.talks, &mut self.omitted, talk.clone());
        }
        for work in &part.works {
            Self::list(&mut self.works, &mut self.omitted, work.clone());
        }
        for recording in &part.recordings {
            Self::list(&mut self.recordings, &mut self.omitted, *recording);
        }
        self.omitted = self.omitted.saturating_add(part.omitted);
        self.waited += part.waited;
        self.rang += part.rang;
        self.talked += part.talked;
        self.held += part.held;
        self.consulted += part.consulted;
        self.supervised += part.supervised;
        self.worked += part.worked;
        self.transfers = self.transfers.saturating_add(part.transfers);
        self.conferences = self.conferences.saturating_add(part.conferences);
    }

    fn list<T>(list: &mut Vec<T>, omitted: &mut u32, part: T) {
        if list.len() < MAX_PARTS {
            list.push(part);
        } else {
            *omitted = omitted.saturating_add(1);
        }
    }
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An agent or a device of the centre talked with the caller.
    Answered,
    /// The caller hung up while he waited for an agent.
    Abandoned,
    /// A queue sent the caller on and nobody answered.
    Overflowed,
    /// The caller left a message.
    Message,
    /// The flow served the caller, no agent was wanted.
    SelfService,
    /// The call was refused or broken off before anyone served it.
    Failed,
}

/// The text names no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no outcome {0}")]
pub struct UnknownOutcome(pub String);

impl Outcome {
    /// All outcomes, in the order of the enum.
    pub const ALL: [Self; 6] = [
        Self::Answered,
        Self::Abandoned,
        Self::Overflowed,
        Self::Message,
        Self::SelfService,
        Self::Failed,
    ];

    /// Returns the name as it is written down.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Overflowed => "overflowed",
            Self::Message => "message",
            Self::SelfService => "self_service",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;
    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.name() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// One call that is over (话单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// What it was for.
    pub kind: CallKind,
    /// The trunk or device it came from.
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
    /// Who of the centre began it, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
    /// The call that was on hold while this one asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consults: Option<CallId>,
    /// When it began.
    pub started: Timestamp,
    /// When the served party's leg was answered.
    pub answered: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// Why it ended.
    pub cause: Cause,
    /// What came of it.
    pub outcome: Outcome,
    /// What happened in between.
    #[serde(flatten)]
    pub course: Course,
}

impl CallRecord {
    /// Returns the agent who spoke last.
    #[must_use]
    pub fn last_agent(&self) -> Option<&AgentId> {
        let mut latest = self.course.talks.iter().rev().filter(|talk| talk.part == Part::Talk);
        latest.find_map(|talk| talk.party.agent.as_ref())
    }

    /// Returns how long an agent spoke.
    #[must_use]
    pub fn talked_by(&self, agent: &AgentId) -> Duration {
        self.course
            .talks
            .iter()
            .filter(|talk| talk.part == Part::Talk && talk.party.agent.as_ref() == Some(agent))
            .map(Talk::time)
            .sum()
    }
}

/// One contact at rest: no call of it lives and it waits nowhere.
///
/// A contact that is taken up again later, for example by a call-back, gives a further row with the same name; no part
/// is in two rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRecord {
    /// The contact.
    pub contact: ContactId,
    /// How citizen and agent spoke with each other.
    pub medium: Medium,
    /// The citizen's number, where there is one: the first caller's.
    pub caller: Option<PhoneNumber>,
    /// The contact whose caller is called back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ContactId>,
    /// When it began.
    pub started: Timestamp,
    /// When it came to rest.
    pub ended: Timestamp,
    /// Its calls, at most [`MAX_PARTS`].
    pub calls: Vec<CallId>,
    /// What happened in between, in all its calls and outside them.
    #[serde(flatten)]
    pub course: Course,
}

/// One recording that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingRecord {
    /// The recording.
    pub recording: RecordingId,
    /// The call it is of.
    pub call: CallId,
    /// The matter it belongs to; none where its call began before the log.
    pub contact: Option<ContactId>,
    /// What it is of.
    pub kind: RecordingKind,
    /// The agent who talked when it began.
    pub agent: Option<AgentId>,
    /// Where he sat.
    pub seat: Option<SeatId>,
    /// The trunk by which the call came or went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<TrunkId>,
    /// The caller's number; none where the call began before the log.
    pub caller: Option<PhoneNumber>,
    /// The number dialled; none where the call began before the log.
    pub called: Option<PhoneNumber>,
    /// Both in normal form, where the centre has rules of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Box<CallNumbers>>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Where it is silent because it was paused, [`MAX_PARTS`] at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// What came of it.
    pub end: RecordingEnd,
}

/// How well one leg was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceRecord {
    /// The call that it was connected in last.
    pub call: CallId,
    /// The leg.
    pub leg: LegId,
    /// The agent who was at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The device in the house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// When it ended.
    pub ended: Timestamp,
    /// What was measured.
    #[serde(flatten)]
    pub quality: VoiceQuality,
}

/// A part of a recording that is silent because it was paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: PauseReason,
    /// Who asked for it; nobody for secret digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
