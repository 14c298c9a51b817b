//! The durable state of a Center, changed by [`State::apply`] and nowhere else.

mod apply;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    agent::AgentState,
    call::{Call, Place},
    connection::ConnectionState,
    device::{DeviceState, StandingLeg},
    event::{AlarmKind, RecordingKind},
    flow::CallData,
    id::{
        AgentId, AlarmId, CallId, CollectionId, ContactId, DeviceId, EventNo, LegId, PlayId,
        QueueId, RecordingId, SeatId, SessionId,
    },
    mailbox::Mailboxes,
    needs::{Medium, Needs},
    numbers::NumberLists,
    time::Timestamp,
    timers::Timers,
};

/// What the Center wakes up for by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// After-call work of an agent is over.
    AfterCallWork(AgentId),
    /// An offer to an agent has rung long enough.
    Offer(ContactId, AgentId),
    /// The place of a call ends: it has rung, waited parked or camped, or failed long enough.
    Place(CallId),
    /// Someone who is being brought into a call has been dialled long enough.
    Invitation(CallId, LegId),
    /// A telephone that is to stand off hook has been dialled long enough.
    StandingLeg(DeviceId),
}

/// What the Center wakes up for that does not survive a crash: it begins anew with what happens next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watch {
    /// Digits are waited for no longer.
    Collection(CollectionId),
    /// The program of an agent has been silent for too long.
    Silence(AgentId),
    /// An agent has been in his state for too long.
    Overlong(AgentId),
}

/// One signed-in agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAtWork {
    /// What he does.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// Where he sits.
    pub seat: SeatId,
    /// The device there.
    pub device: DeviceId,
    /// The queues he serves today.
    pub queues: Vec<QueueId>,
    /// How many contacts of each medium that is not spoken he works at together.
    #[serde(default)]
    pub capacity: BTreeMap<Medium, u8>,
    /// When after-call work ends by itself.
    pub until: Option<Timestamp>,
    /// The contacts that are not spoken and that he works at.
    pub work: BTreeMap<ContactId, Medium>,
    /// Whether the program at his seat is heard of.
    pub heard: bool,
}

/// A recording that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRecording {
    /// The call it belongs to.
    pub call: CallId,
    /// What it is of.
    pub kind: RecordingKind,
    /// When it began; dates its file.
    pub started: Timestamp,
    /// Whether it is silent for a while.
    #[serde(default)]
    pub paused: bool,
}

/// A contact without a call: something that is not spoken, or a caller who is to be called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// How citizen and agent speak with each other.
    pub medium: Medium,
    /// The citizen's number, where there is one.
    pub caller: PhoneNumber,
    /// What belongs to it.
    pub data: CallData,
    /// Where it waits.
    pub waiting: Option<WorkWaiting>,
    /// The queue that brought it, and from when its place there counted.
    pub from: Option<(QueueId, Timestamp)>,
    /// Who works at it.
    pub agent: Option<AgentId>,
}

/// Where a contact without a call waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkWaiting {
    /// In which queue.
    pub queue: QueueId,
    /// Since when its place counts.
    pub since: Timestamp,
    /// Higher is served first.
    pub priority: u8,
    /// What it asks of the agent.
    pub needs: Needs,
    /// The offers that are out, to an agent each; the first one to accept gets it.
    #[serde(default)]
    pub offers: Vec<WorkOffer>,
}

/// One offer of a contact without a call to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOffer {
    /// To whom.
    pub agent: AgentId,
    /// The leg to his telephone; none for what is not spoken.
    pub leg: Option<LegId>,
    /// When the offer ends.
    pub until: Timestamp,
}

impl Work {
    /// Returns the offers that are out.
    #[must_use]
    pub fn offers(&self) -> &[WorkOffer] {
        self.waiting.as_ref().map_or(&[], |it| &it.offers)
    }
}

/// What a leg is used for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LegUse {
    /// The calls it belongs to.
    pub(crate) calls: Vec<CallId>,
    /// The contact that is offered by it.
    pub(crate) work: Option<ContactId>,
}

/// The highest ids that were given away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) call: CallId,
    pub(crate) contact: ContactId,
    /// Outgoing legs; even.
    pub(crate) leg: LegId,
    /// Incoming legs; odd.
    pub(crate) switch_leg: LegId,
    pub(crate) recording: RecordingId,
    pub(crate) session: SessionId,
    pub(crate) alarm: AlarmId,
    pub(crate) collection: CollectionId,
    #[serde(default)]
    pub(crate) play: PlayId,
}

impl Counters {
    /// A leg of this number is there: one of ours, or one of the switch that goes on as a standing leg.
    pub(crate) fn leg_used(&mut self, leg: LegId) {
        let counter = if leg.0.is_multiple_of(2) { &mut self.leg } else { &mut self.switch_leg };
        *counter = leg.max(*counter);
    }
}

/// Everything that must survive a crash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) last: EventNo,
    pub(crate) at: Timestamp,
    pub(crate) counters: Counters,
    pub(crate) in_service: BTreeSet<DeviceId>,
    pub(crate) devices: BTreeMap<DeviceId, DeviceState>,
    /// The legs that stand to constantly off-hook devices, in calls or not.
    #[serde(default)]
    pub(crate) standing: BTreeMap<DeviceId, StandingLeg>,
    /// Which device each of them stands to.
    #[serde(default)]
    pub(crate) standing_at: BTreeMap<LegId, DeviceId>,
    pub(crate) agents: BTreeMap<AgentId, AgentAtWork>,
    pub(crate) seats: BTreeMap<SeatId, AgentId>,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) legs: BTreeMap<LegId, LegUse>,
    pub(crate) engaged: BTreeMap<DeviceId, BTreeSet<CallId>>,
    pub(crate) sessions: BTreeMap<SessionId, CallId>,
    pub(crate) contacts: BTreeMap<ContactId, CallId>,
    pub(crate) works: BTreeMap<ContactId, Work>,
    pub(crate) call_backs: BTreeSet<(DeviceId, DeviceId)>,
    /// The calls that are parked at, or camp on, a device.
    pub(crate) waiting_at: BTreeMap<DeviceId, BTreeSet<CallId>>,
    pub(crate) recordings: BTreeMap<RecordingId, OpenRecording>,
    pub(crate) alarms: BTreeMap<AlarmId, AlarmKind>,
    #[serde(default)]
    pub(crate) lists: NumberLists,
    #[serde(default)]
    pub(crate) mailboxes: Mailboxes,
    #[serde(skip)]
    pub(crate) timers: Timers<Timer>,
    /// Devices that may be free for those who wait for them; looked at once everything else is decided.
    #[serde(skip)]
    pub(crate) freed: BTreeSet<DeviceId>,
}

impl State {
    /// Returns how many contacts are open, with a call or without.
    #[must_use]
    pub fn contact_count(&self) -> usize {
        self.contacts.len() + self.works.len()
    }

    /// Returns how many contacts without a call wait.
    #[must_use]
    pub fn waiting_work(&self) -> usize {
        self.works.values().filter(|work| work.waiting.is_some()).count()
    }

    /// Returns how many legs are dialled for contacts that have no call yet.
    #[must_use]
    pub fn legs_of_work(&self) -> usize {
        self.legs.values().filter(|uses| uses.work.is_some()).count()
    }

    /// Returns how many contacts without a call are being offered to an agent by his telephone.
    #[must_use]
    pub fn offers_of_work(&self, agent: &AgentId) -> usize {
        self.works
            .values()
            .flat_map(Work::offers)
            .filter(|it| it.agent == *agent && it.leg.is_some())
            .count()
    }

    /// Returns the blacklist and the whitelist.
    #[must_use]
    pub fn lists(&self) -> &NumberLists {
        &self.lists
    }

    /// Returns the mailboxes and what lies in them.
    #[must_use]
    pub fn mailboxes(&self) -> &Mailboxes {
        &self.mailboxes
    }

    /// Returns the contact that was opened last.
    #[must_use]
    pub fn last_contact(&self) -> ContactId {
        self.counters.contact
    }

    /// Returns the calls that a leg belongs to.
    pub(crate) fn calls_of(&self, leg: LegId) -> &[CallId] {
        self.legs.get(&leg).map_or(&[], |it| it.calls.as_slice())
    }

    /// Returns the call in which a leg is connected; the first of its calls when it is connected to none.
    pub(crate) fn active_call(&self, leg: LegId) -> Option<CallId> {
        let calls = self.calls_of(leg);
        calls
            .iter()
            .find(|call| {
                self.calls
                    .get(call)
                    .and_then(|it| it.member(leg))
                    .is_some_and(|member| member.state == ConnectionState::Connected)
            })
            .or_else(|| calls.first())
            .copied()
    }

    /// Returns the calls that an agent has begun or takes part in, in the order they came.
    pub(crate) fn calls_of_agent<'a>(
        &'a self,
        agent: &'a AgentId,
    ) -> impl Iterator<Item = &'a Call> + 'a {
        let device = self.agents.get(agent).map(|it| &it.device);
        device
            .and_then(|device| self.engaged.get(device))
            .into_iter()
            .flatten()
            .filter_map(|call| self.calls.get(call))
            .filter(move |call| {
                call.member_of(agent).is_some_and(|it| {
                    it.role.carries()
                        && (it.state.takes_part() || it.state == ConnectionState::Initiated)
                })
            })
    }

    /// Returns whether a device takes part in a call, rings or is being dialled.
    pub(crate) fn is_engaged(&self, device: &DeviceId) -> bool {
        self.engaged.get(device).is_some_and(|calls| !calls.is_empty())
            || self.works.values().flat_map(Work::offers).any(|offer| {
                offer.leg.is_some()
                    && self.agents.get(&offer.agent).is_some_and(|it| it.device == *device)
            })
    }

    /// Arms the timers that a snapshot does not hold.
    pub(crate) fn rebuild_timers(&mut self) {
        self.timers = Timers::default();
        for (agent, at_work) in &self.agents {
            if let Some(until) = at_work.until {
                self.timers.arm(Timer::AfterCallWork(agent.clone()), until);
            }
        }
        for (device, standing) in &self.standing {
            if let Some(until) = standing.until {
                self.timers.arm(Timer::StandingLeg(device.clone()), until);
            }
        }
        for (contact, work) in &self.works {
            for offer in work.offers() {
                self.timers.arm(Timer::Offer(*contact, offer.agent.clone()), offer.until);
            }
        }
        for call in self.calls.values() {
            if let Some(until) = place_until(&call.place) {
                self.timers.arm(Timer::Place(call.id), until);
            }
            for offer in call.waiting().map_or(&[][..], |it| &it.offers) {
                self.timers.arm(Timer::Offer(call.contact, offer.agent.clone()), offer.until);
            }
            for member in &call.parties {
                if let Some((_, until)) = member.invited {
                    self.timers.arm(Timer::Invitation(call.id, member.leg), until);
                }
            }
        }
    }
}

/// Returns when a place ends by itself.
pub(crate) fn place_until(place: &Place) -> Option<Timestamp> {
    match place {
        Place::Originating(it) => Some(it.until),
        Place::Ringing(it) => Some(it.until),
        Place::Parked(it) => Some(it.until),
        Place::Camped(it) => Some(it.until),
        Place::Failed(it) => Some(it.until),
        Place::Program(it) => Some(it.until),
        Place::Arriving | Place::Flow | Place::Queue(_) | Place::Talk | Place::Feature => None,
    }
}
