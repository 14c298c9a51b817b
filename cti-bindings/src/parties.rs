//! Who belongs to a call, and for how long each of them talked: a fold that live calls and call records share.
//!
//! A party talks while he is connected, not on hold, may speak, and someone else takes part; a supervisor who listens
//! or whispers does not. So the talk of a call is divided among those who had it, each second once per party.

use std::time::Duration;

use cti_core::{
    connection::{ConnectionInput, ConnectionState},
    event::{Event, Fact, JoinReason, OfferEnd, Party},
    id::{AgentId, DeviceId, LegId},
    role::Role,
    switch::{Endpoint, Origin},
    time::{Timestamp, millis},
};
use serde::{Deserialize, Serialize};

/// The most parties of one call that are remembered, those who left included; the oldest of these are forgotten first.
pub const MAX_MEMBERS: usize = 1000;

/// How a party came into a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The call began with him.
    Began,
    /// A queue offered it to him.
    Offered,
    /// He was rung for the party whom the call serves.
    Rung,
    /// He talked in a call that was transferred into this one, or joined with it.
    Moved,
    /// He was brought into the conversation.
    Brought(JoinReason),
}

impl Entry {
    /// Returns the name that programs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Offered => "offered",
            Self::Rung => "rung",
            Self::Moved => "moved",
            Self::Brought(JoinReason::Conference) => "conference",
            Self::Brought(JoinReason::Monitor) => "monitor",
            Self::Brought(JoinReason::Whisper) => "whisper",
            Self::Brought(JoinReason::Barge) => "barge",
            Self::Brought(JoinReason::TakeOver) => "take_over",
            Self::Brought(JoinReason::Intrude) => "intrude",
            Self::Brought(JoinReason::Recall) => "recall",
            Self::Brought(JoinReason::Pickup) => "pickup",
            Self::Brought(JoinReason::Line) => "line",
        }
    }
}

/// One party of a call, from his first ring to the moment he left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// His leg.
    pub leg: LegId,
    /// Who he is.
    pub party: Party,
    /// How he came in.
    pub entry: Entry,
    /// Where his connection stands; [`ConnectionState::Null`] once he has left.
    pub state: ConnectionState,
    /// What he may do.
    pub role: Role,
    /// Whether he is muted for the others.
    pub muted: bool,
    /// When his connection began.
    pub offered: Timestamp,
    /// When he began to take part.
    pub joined: Option<Timestamp>,
    /// When he left, or could not be had.
    pub left: Option<Timestamp>,
    /// How the attempt to reach him ended.
    pub outcome: Option<OfferEnd>,
    talked: Clock,
    held: Clock,
}

impl Member {
    /// Returns whether he belongs to the call still.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.state != ConnectionState::Null
    }

    /// Returns whether he takes part in the conversation, on hold or not, as more than a listener.
    #[must_use]
    pub fn converses(&self) -> bool {
        self.state.takes_part() && self.role.carries()
    }

    /// Returns whether the others are not to know of him: a supervisor who listens or advises.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        let supervises = match self.entry {
            Entry::Brought(JoinReason::Monitor | JoinReason::Whisper) => true,
            Entry::Brought(
                JoinReason::Conference
                | JoinReason::Barge
                | JoinReason::TakeOver
                | JoinReason::Intrude
                | JoinReason::Recall
                | JoinReason::Pickup
                | JoinReason::Line,
            )
            | Entry::Began
            | Entry::Offered
            | Entry::Rung
            | Entry::Moved => false,
        };
        supervises && !self.role.carries()
    }

    /// Returns how long he has talked by `now`.
    #[must_use]
    pub fn talk(&self, now: Timestamp) -> Duration {
        self.talked.read(now)
    }

    /// Returns how long he has had the call on hold by `now`.
    #[must_use]
    pub fn hold(&self, now: Timestamp) -> Duration {
        self.held.read(now)
    }
}

/// A clock that is stopped and goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Clock {
    #[serde(rename = "so_far_ms", with = "millis")]
    so_far: Duration,
    since: Option<Timestamp>,
}

impl Clock {
    fn run(&mut self, on: bool, now: Timestamp) {
        match (self.since, on) {
            (None, true) => self.since = Some(now),
            (Some(since), false) => {
                self.so_far += now.since(since);
                self.since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    fn read(&self, now: Timestamp) -> Duration {
        self.so_far + self.since.map_or(Duration::ZERO, |since| now.since(since))
    }
}

/// The parties of one call, in the order they came, those who left included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parties {
    served: LegId,
    first: LegId,
    members: Vec<Member>,
    #[serde(default)]
    line: Vec<DeviceId>,
}

impl Parties {
    /// Returns the parties of the call that the event begins, if it begins one.
    #[must_use]
    pub fn begin(event: &Event) -> Option<Self> {
        let Fact::CallStarted { leg, origin, caller, by, consults, .. } = &event.fact else {
            return None;
        };
        let party = by.clone().unwrap_or_else(|| match origin {
            Origin::Device(device) => Party::at(device.clone()),
            Origin::Trunk(_) => Party::outside(caller.clone()),
        });
        let mut parties = Self { served: *leg, first: *leg, members: Vec::new(), line: Vec::new() };
        // Who consults is on his leg already.
        let input = match consults {
            Some(_) => ConnectionInput::Connect,
            None => ConnectionInput::Originate,
        };
        parties.enter(*leg, party, Entry::Began, input, event.at);
        Some(parties)
    }

    /// Follows one event of the call; returns whether anything changed.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a fold looks at the facts that concern it")]
    pub fn apply(&mut self, event: &Event) -> bool {
        let at = event.at;
        match &event.fact {
            Fact::CallAnswered { .. } => self.step(self.first, ConnectionInput::Connect, at),
            Fact::Offered { leg: Some(leg), agent, seat, device, .. } => {
                let party = Party {
                    agent: Some(agent.clone()),
                    seat: Some(seat.clone()),
                    device: Some(device.clone()),
                    number: None,
                };
                self.enter(*leg, party, Entry::Offered, ConnectionInput::Alert, at);
            }
            Fact::Rung { legs, .. } => {
                for (leg, to) in legs {
                    let (party, input) = dialled(to);
                    self.enter(*leg, party, Entry::Rung, input, at);
                }
            }
            Fact::PartyDialed { leg, to, party, role, why, .. } => {
                let (_, input) = dialled(to);
                self.enter(*leg, party.clone(), Entry::Brought(*why), input, at);
                self.with(*leg, |member| member.role = *role);
            }
            Fact::OfferEnded { leg: Some(leg), end, .. }
            | Fact::RingEnded { leg, end, .. }
            | Fact::PartyFailed { leg, end, .. } => {
                self.with(*leg, |member| member.outcome = Some(*end));
                if *end != OfferEnd::Answered {
                    self.leave(*leg, at);
                }
            }
            Fact::NetworkReached { leg, .. } => {
                self.step(*leg, ConnectionInput::ReachNetwork, at);
            }
            Fact::Alerting { leg, .. } => self.step(*leg, ConnectionInput::Alert, at),
            Fact::Connected { leg, party, role, .. } => {
                if self.member(*leg).is_none() {
                    self.enter(*leg, party.clone(), Entry::Moved, ConnectionInput::Connect, at);
                } else {
                    self.step(*leg, ConnectionInput::Connect, at);
                }
                self.with(*leg, |member| {
                    member.party = party.clone();
                    member.role = *role;
                    member.outcome = Some(OfferEnd::Answered);
                });
            }
            Fact::Held { leg, .. } => self.step(*leg, ConnectionInput::Hold, at),
            Fact::Retrieved { leg, .. } => self.step(*leg, ConnectionInput::Retrieve, at),
            Fact::RoleChanged { leg, role, .. } => self.with(*leg, |member| member.role = *role),
            Fact::Muted { leg, on, .. } => self.with(*leg, |member| member.muted = *on),
            Fact::Served { leg, .. } => self.served = *leg,
            Fact::LineShared { devices, .. } => self.line.clone_from(devices),
            Fact::TalkEnded { leg, .. } => self.leave(*leg, at),
            Fact::CallEnded { .. } => {
                for leg in self.present().map(|member| member.leg).collect::<Vec<_>>() {
                    self.leave(leg, at);
                }
            }
            _ => return false,
        }
        self.count(at);
        true
    }

    /// Returns the party whom the call serves, while he is there.
    #[must_use]
    pub fn served(&self) -> Option<&Member> {
        self.member(self.served)
    }

    /// Returns all parties, those who left included.
    #[must_use]
    pub fn all(&self) -> &[Member] {
        &self.members
    }

    /// Returns the party with whom the call began.
    #[must_use]
    pub fn first(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.entry == Entry::Began)
    }

    /// Returns the parties who belong to the call now.
    pub fn present(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_present())
    }

    /// Returns those who converse with the served party, in the order they came.
    pub fn talkers(&self) -> impl Iterator<Item = &Member> {
        self.present().filter(|member| member.leg != self.served && member.converses())
    }

    /// Returns the devices that are bridged: they share the line on which one of them talks, and can join.
    pub fn bridged(&self) -> impl Iterator<Item = &DeviceId> {
        let at = |member: &Member, device: &DeviceId| member.party.device.as_ref() == Some(device);
        let busy = self.line.iter().any(|device| {
            self.present().any(|member| member.state.takes_part() && at(member, device))
        });
        self.line
            .iter()
            .filter(move |device| busy && !self.present().any(|member| at(member, device)))
    }

    /// Returns the party whose leg this is, while he belongs to the call.
    #[must_use]
    pub fn member(&self, leg: LegId) -> Option<&Member> {
        self.present().find(|member| member.leg == leg)
    }

    /// Returns the party that an agent is, while he belongs to the call.
    #[must_use]
    pub fn member_of(&self, agent: &AgentId) -> Option<&Member> {
        self.present().find(|member| member.party.agent.as_ref() == Some(agent))
    }

    /// Returns whether an agent has talked in the call already.
    #[must_use]
    pub fn has_talked(&self, agent: &AgentId) -> bool {
        let mut his = self.members.iter().filter(|it| it.party.agent.as_ref() == Some(agent));
        his.any(|member| member.joined.is_some() && member.role.carries())
    }

    /// Returns the agent who speaks for the centre: the first who converses with the served party, or the served one.
    #[must_use]
    pub fn speaker(&self) -> Option<&Member> {
        let is_agent = |member: &&Member| member.party.agent.is_some();
        self.talkers().find(is_agent).or_else(|| self.served().filter(is_agent))
    }

    fn enter(
        &mut self,
        leg: LegId,
        party: Party,
        entry: Entry,
        input: ConnectionInput,
        at: Timestamp,
    ) {
        let Ok(state) = ConnectionState::Null.next(input) else { return };
        if self.members.len() >= MAX_MEMBERS
            && let Some(oldest) = self.members.iter().position(|member| !member.is_present())
        {
            self.members.remove(oldest);
        }
        self.members.push(Member {
            leg,
            party,
            entry,
            state,
            role: Role::Full,
            muted: false,
            offered: at,
            joined: state.takes_part().then_some(at),
            left: None,
            outcome: None,
            talked: Clock::default(),
            held: Clock::default(),
        });
    }

    /// Moves a connection by its table; what the table refuses changes nothing.
    fn step(&mut self, leg: LegId, input: ConnectionInput, at: Timestamp) {
        self.with(leg, |member| {
            if let Ok(state) = member.state.next(input) {
                member.state = state;
                if state.takes_part() {
                    member.joined.get_or_insert(at);
                }
            }
        });
    }

    fn leave(&mut self, leg: LegId, at: Timestamp) {
        self.with(leg, |member| {
            member.state = ConnectionState::Null;
            member.left = Some(at);
        });
    }

    fn with(&mut self, leg: LegId, change: impl FnOnce(&mut Member)) {
        let mut present = self.members.iter_mut().filter(|member| member.is_present());
        if let Some(member) = present.find(|member| member.leg == leg) {
            change(member);
        }
    }

    /// Lets the clocks of those run who talk or hold now, and stops the others.
    fn count(&mut self, at: Timestamp) {
        let conversing = self.members.iter().filter(|member| member.converses()).count();
        for member in &mut self.members {
            let connected = member.state == ConnectionState::Connected;
            let talks = connected && member.role.carries() && conversing > 1;
            member.talked.run(talks, at);
            member.held.run(member.state == ConnectionState::Hold, at);
        }
    }
}

/// Returns who is behind a dialled endpoint, and how his connection begins.
fn dialled(to: &Endpoint) -> (Party, ConnectionInput) {
    match to {
        Endpoint::Device(device) => (Party::at(device.clone()), ConnectionInput::Alert),
        Endpoint::Outside { number, .. } => (Party::outside(number.clone()), ConnectionInput::Dial),
    }
}
