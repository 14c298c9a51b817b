//! What the administrator decides: agents, seats, devices, queues, numbers.
//!
//! Agent id, announced number, seat, device, SIP account and web user are separate things that only sign-in brings
//! together: any agent can sit at any seat.

mod recording;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    cause::Cause,
    device::DeviceKind,
    event::DeviceFeature,
    id::{AgentId, DeviceId, FlowId, QueueId, SeatId, TrunkId},
    mailbox::MailboxConfig,
    needs::Medium,
    numbers::{InvalidNumbering, NumberingConfig},
    target::Target,
    time::millis,
};

pub use self::recording::{RecordedBy, RecordedTalks, RecordingConfig};

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// The agent's own number (工号).
    pub id: AgentId,
    /// The agent's name as colleagues see it.
    pub name: String,
    /// The number that is read out to the caller (报工号); may differ from the id.
    pub announced_number: String,
    /// The queues the agent serves.
    pub queues: Vec<QueueId>,
    /// How many contacts of each medium that is not spoken the agent works at together; none when not listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<Medium, u8>,
}

/// One seat and the device that stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatConfig {
    /// The seat.
    pub id: SeatId,
    /// Its device.
    pub device: DeviceId,
    /// The pickup group of the device (同组代接).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_group: Option<String>,
}

/// What stands at a device whenever the centre starts; what is not listed stands as it was switched last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceConfig {
    /// The device.
    pub id: DeviceId,
    /// What kind of station it is.
    #[serde(default)]
    pub kind: DeviceKind,
    /// Its features.
    #[serde(default)]
    pub features: Vec<DeviceFeature>,
}

/// A way to numbers outside; without one nobody reaches a trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideConfig {
    /// What is dialled to get a line, and is not sent on: `9`, or nothing.
    #[serde(default)]
    pub access: String,
    /// What the rest must begin with; the longest match decides.
    pub prefix: String,
    /// The trunk to use.
    pub trunk: TrunkId,
    /// The number that is shown as the caller's: 12345.
    pub show: PhoneNumber,
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimesConfig {
    /// How long a device or a number outside is rung where no queue says otherwise.
    #[serde(rename = "ring_ms", with = "millis")]
    pub ring_for: Duration,
    /// How long whoever transferred a call is rung when it comes back to him.
    #[serde(rename = "recall_ms", with = "millis")]
    pub recall_for: Duration,
    /// How long a call stays parked before who parked it is rung.
    #[serde(rename = "park_ms", with = "millis")]
    pub park_for: Duration,
    /// How long a call camps on a busy device.
    #[serde(rename = "camp_on_ms", with = "millis")]
    pub camp_on_for: Duration,
    /// How long the busy tone is heard when a call has failed.
    #[serde(rename = "failed_ms", with = "millis")]
    pub failed_for: Duration,
    /// How long an agent whose program was heard of may be silent before nothing is offered to him.
    #[serde(rename = "heartbeat_ms", with = "millis")]
    pub heartbeat: Duration,
    /// How long an agent may be not ready before an alarm is raised; no alarm when absent.
    #[serde(
        rename = "overlong_not_ready_ms",
        with = "crate::time::optional_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub overlong_not_ready: Option<Duration>,
    /// How long an agent may be on a call before an alarm is raised; no alarm when absent.
    #[serde(
        rename = "overlong_call_ms",
        with = "crate::time::optional_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub overlong_call: Option<Duration>,
}

impl Default for TimesConfig {
    fn default() -> Self {
        Self {
            ring_for: Duration::from_secs(30),
            recall_for: Duration::from_secs(20),
            park_for: Duration::from_secs(60),
            camp_on_for: Duration::from_secs(120),
            failed_for: Duration::from_secs(10),
            heartbeat: Duration::from_secs(30),
            overlong_not_ready: None,
            overlong_call: None,
        }
    }
}

/// One queue, as far as the Center is concerned; who is served first is the router's own configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// The queue.
    pub id: QueueId,
    /// The queue's name as people see it.
    pub name: String,
    /// What callers hear while they wait; silence when absent.
    #[serde(default)]
    pub waiting_flow: Option<FlowId>,
    /// What an agent hears when he has answered, before he is put through (接通前提示); nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whisper_flow: Option<FlowId>,
    /// What a citizen hears when the agent has hung up (满意度); the call ends when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_call_flow: Option<FlowId>,
    /// How long an agent's phone rings before the next one is tried.
    #[serde(rename = "ring_ms", with = "millis")]
    pub ring_for: Duration,
    /// How much time an agent gets for after-call work; none when zero.
    #[serde(rename = "after_call_work_ms", with = "millis")]
    pub after_call_work: Duration,
}

impl QueueConfig {
    /// Returns the field that is out of its range and what it must be.
    pub(crate) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let range = Duration::from_secs(1)..=Duration::from_secs(180);
        if !range.contains(&self.ring_for) {
            return Err(("ring_ms", "must lie between 1000 and 180000"));
        }
        if self.after_call_work > Duration::from_secs(3600) {
            return Err(("after_call_work_ms", "must be 3600000 at most"));
        }
        if self.name.chars().count() > 100 || self.name.chars().any(char::is_control) {
            return Err(("name", "must have 100 printable characters at most"));
        }
        Ok(())
    }
}

/// What a dialled number leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A flow answers.
    Flow(FlowId),
    /// A device rings; only devices of the centre may dial it.
    Device(DeviceId),
    /// Devices ring, step by step and all of a step at once: one number, many devices (一址多寻). Only devices of the
    /// centre may dial it.
    Devices {
        /// Who is rung at once, step by step.
        steps: Vec<Vec<DeviceId>>,
        /// How long each step rings (振铃延迟).
        #[serde(rename = "ring_ms", with = "millis")]
        ring_for: Duration,
        /// Whether they share the line: who does not talk on it is bridged, and can join (shared bridged appearances).
        #[serde(default)]
        shared: bool,
    },
    /// The caller waits in a queue at once.
    Queue(QueueId),
    /// A program decides; without one the call goes on to a flow or a queue.
    Program {
        /// The name under which programs wait for such calls.
        program: String,
        /// How long they may take to answer.
        #[serde(rename = "within_ms", with = "millis")]
        within: Duration,
        /// Where it goes without one.
        otherwise: Target,
    },
    /// A feature code; only devices of the centre may dial it.
    Feature(Feature),
}

/// What an agent can do by dialling a code from his phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Sign in at the seat of this phone; the agent's id follows the code.
    SignIn,
    /// Sign the agent of this phone out.
    SignOut,
    /// The agent of this phone is ready.
    Ready,
    /// The agent of this phone is not ready, for this reason.
    NotReady(String),
    /// This phone takes what rings in its pickup group.
    GroupPickup,
    /// This phone takes the call that is parked at the device that follows the code; at this phone without one.
    Unpark,
    /// This phone stays connected, and calls are put through to it without ringing, until it is hung up (常摘机).
    OffHook,
    /// This phone is not rung, or is again.
    DoNotDisturb(bool),
    /// Calls for this phone go to the number that follows the code; here again without one.
    Forward,
    /// This flow lets the one at this phone hear his messages.
    Mailbox(FlowId),
}

/// One entry of the number plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberConfig {
    /// The number as it is dialled; for [`Feature::SignIn`] what comes before the agent's id.
    pub number: PhoneNumber,
    /// What people call it.
    pub name: String,
    /// Where it leads.
    pub to: Destination,
}

/// Where calls by one trunk lead. Its own numbers come first, then where all others lead, then the numbers of all trunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkPlan {
    /// The trunk by which they come in.
    pub trunk: TrunkId,
    /// Numbers that lead somewhere of their own when they are dialled by this trunk: to a flow, a queue or a program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberConfig>,
    /// Where its other calls lead, whatever was dialled; to where the number leads by any trunk, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Destination>,
}

impl TrunkPlan {
    /// Returns where its calls can lead, with what that is called.
    pub fn destinations(&self) -> impl Iterator<Item = (&str, &Destination)> {
        let numbers = self.numbers.iter().map(|number| (number.name.as_str(), &number.to));
        numbers.chain(self.others.iter().map(|to| (self.trunk.as_str(), to)))
    }
}

/// The prompts that the Center itself plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromptsConfig {
    /// Played before the agent's number, if any.
    pub agent_number_prefix: Option<String>,
    /// Played after the agent's number: "号话务员为您服务".
    pub agent_number_suffix: Option<String>,
    /// The prompts of the digits 0 to 9 as in telephone numbers (1 is 幺).
    pub digits: Vec<String>,
    /// What a held party hears.
    pub hold_music: String,
    /// What confirms a feature code.
    pub feature_done: Vec<(Feature, String)>,
    /// What refuses a feature code.
    pub feature_refused: String,
}

impl PromptsConfig {
    /// Returns every prompt that is named.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.digits
            .iter()
            .chain(&self.agent_number_prefix)
            .chain(&self.agent_number_suffix)
            .chain([&self.hold_music, &self.feature_refused])
            .chain(self.feature_done.iter().map(|(_, prompt)| prompt))
            .map(String::as_str)
    }
}

impl Default for PromptsConfig {
    fn default() -> Self {
        Self {
            agent_number_prefix: None,
            agent_number_suffix: Some("agent-id".to_owned()),
            digits: ["n-0", "n-yao", "n-2", "n-3", "n-4", "n-5", "n-6", "n-7", "n-8", "n-9"]
                .map(str::to_owned)
                .to_vec(),
            hold_music: "music/hold".to_owned(),
            feature_done: vec![
                (Feature::SignIn, "login-done".to_owned()),
                (Feature::SignOut, "logout-done".to_owned()),
                (Feature::Ready, "ready-done".to_owned()),
                (Feature::NotReady(String::new()), "not-ready-done".to_owned()),
            ],
            feature_refused: "feature-failed".to_owned(),
        }
    }
}

/// The whole configuration of a Center.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CenterConfig {
    /// The agents.
    pub agents: Vec<AgentConfig>,
    /// The seats.
    pub seats: Vec<SeatConfig>,
    /// The devices whose features the administrator decides.
    #[serde(default)]
    pub devices: Vec<DeviceConfig>,
    /// The queues.
    pub queues: Vec<QueueConfig>,
    /// The number plan.
    pub numbers: Vec<NumberConfig>,
    /// Trunks whose calls lead elsewhere than the number plan says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trunks: Vec<TrunkPlan>,
    /// Where callers leave messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<MailboxConfig>,
    /// The ways to numbers outside.
    #[serde(default)]
    pub outside: Vec<OutsideConfig>,
    /// How long things may take.
    #[serde(default)]
    pub times: TimesConfig,
    /// The Center's own prompts.
    #[serde(default)]
    pub prompts: PromptsConfig,
    /// By which rules numbers are read; without any they stay as they are received, and nobody can be listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<NumberingConfig>,
    /// How a caller on the blacklist is refused.
    #[serde(default, skip_serializing_if = "Refusal::is_default")]
    pub refuse_listed: Refusal,
    /// Which talks are recorded by themselves.
    #[serde(default, skip_serializing_if = "RecordingConfig::is_default")]
    pub recording: RecordingConfig,
}

/// How a caller on the blacklist is refused; the SIP response in parentheses (RFC 3261 §21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// He is told that he may not call (403).
    #[default]
    Forbidden,
    /// He is told that nobody wants to take the call (603).
    Rejected,
    /// He hears that the line is engaged (486).
    Busy,
    /// He is told that there is no such number (404).
    UnknownNumber,
}

impl Refusal {
    /// Returns the cause with which his call ends.
    #[must_use]
    pub fn cause(self) -> Cause {
        match self {
            Self::Forbidden => Cause::Forbidden,
            Self::Rejected => Cause::Rejected,
            Self::Busy => Cause::Busy,
            Self::UnknownNumber => Cause::UnknownNumber,
        }
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A configuration that contradicts itself; names the entry and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// Something is listed twice.
    #[error("{list}: {name} is listed twice")]
    Twice {
        /// Which list.
        list: &'static str,
        /// Which entry.
        name: String,
    },
    /// Something refers to what is not there.
    #[error("{entry}: there is no {kind} named {name}")]
    Missing {
        /// Which entry refers to it.
        entry: String,
        /// What is missing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The rules of numbers cannot be used.
    #[error("numbering: {0}")]
    Numbering(#[from] InvalidNumbering),
    /// A value is out of its range.
    #[error("{entry}: {reason}")]
    Value {
        /// Which entry.
        entry: String,
        /// What is wrong.
        reason: String,
    },
}

impl CenterConfig {
    /// Returns what kind of station a device is.
    #[must_use]
    pub fn kind_of(&self, device: &DeviceId) -> DeviceKind {
        let listed = self.devices.iter().find(|known| known.id == *device);
        listed.map(|it| it.kind).unwrap_or_default()
    }

    /// Returns the devices of the centre that are no stations, under their names: trunk groups, queues and the flows
    /// that numbers lead to, each once.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<(DeviceKind, &str)> {
        let trunks = self.outside.iter().map(|way| (DeviceKind::TrunkGroup, way.trunk.as_str()));
        let queues = self.queues.iter().map(|queue| (DeviceKind::AcdGroup, queue.id.as_str()));
        let flows = self.destinations().filter_map(|(_, to)| match to {
            Destination::Flow(flow) => Some((DeviceKind::IvrPort, flow.as_str())),
            Destination::Device(_)
            | Destination::Devices { .. }
            | Destination::Queue(_)
            | Destination::Program { .. }
            | Destination::Feature(_) => None,
        });
        trunks.chain(queues).chain(flows).collect()
    }

    /// Returns where calls can lead by the number plan and by trunks, with what that is called.
    pub fn destinations(&self) -> impl Iterator<Item = (&str, &Destination)> {
        let numbers = self.numbers.iter().map(|number| (number.name.as_str(), &number.to));
        numbers.chain(self.trunks.iter().flat_map(TrunkPlan::destinations))
    }

    /// Returns what contradicts itself first, if anything does.
    ///
    /// # Errors
    /// When a name is listed twice, a reference leads nowhere or a value is out of its range.
    pub fn check(&self) -> Result<(), InvalidConfig> {
        unique("agents", self.agents.iter().map(|agent| agent.id.as_str()))?;
        unique("seats", self.seats.iter().map(|seat| seat.id.as_str()))?;
        unique("seats' devices", self.seats.iter().map(|seat| seat.device.as_str()))?;
        unique("devices", self.devices.iter().map(|device| device.id.as_str()))?;
        for device in &self.devices {
            if !device.kind.is_station() {
                return Err(InvalidConfig::Value {
                    entry: format!("device {}", device.id),
                    reason: format!("kind must be a station, {} is none", device.kind.name()),
                });
            }
            for feature in &device.features {
                feature.check(&device.id).map_err(|invalid| InvalidConfig::Value {
                    entry: format!("device {}", device.id),
                    reason: invalid.to_string(),
                })?;
            }
        }
        unique("queues", self.queues.iter().map(|queue| queue.id.as_str()))?;
        unique("numbers", self.numbers.iter().map(|number| number.number.reveal()))?;
        for agent in &self.agents {
            for queue in &agent.queues {
                if !self.queues.iter().any(|known| known.id == *queue) {
                    return Err(InvalidConfig::Missing {
                        entry: format!("agent {}", agent.id),
                        kind: "queue",
                        name: queue.to_string(),
                    });
                }
            }
            if agent.announced_number.is_empty()
                || !agent.announced_number.chars().all(|c| c.is_ascii_digit())
            {
                return Err(InvalidConfig::Value {
                    entry: format!("agent {}", agent.id),
                    reason: "announced_number must be digits, it is read out".to_owned(),
                });
            }
        }
        for queue in &self.queues {
            queue.check().map_err(|(field, reason)| InvalidConfig::Value {
                entry: format!("queue {}", queue.id),
                reason: format!("{field} {reason}"),
            })?;
        }
        self.check_mailboxes()?;
        self.check_trunks()?;
        for (name, to) in self.destinations() {
            let entry = || format!("number {name}");
            let missing = |kind: &'static str, name: String| InvalidConfig::Missing {
                entry: entry(),
                kind,
                name,
            };
            match to {
                Destination::Queue(queue)
                | Destination::Program { otherwise: Target::Queue(queue), .. } => {
                    if !self.queues.iter().any(|known| known.id == *queue) {
                        return Err(missing("queue", queue.to_string()));
                    }
                }
                Destination::Devices { steps, .. } => {
                    if steps.is_empty() || steps.len() > 16 || steps.iter().any(|it| it.len() > 32)
                    {
                        return Err(InvalidConfig::Value {
                            entry: entry(),
                            reason: "steps must be 1 to 16 of at most 32 devices each".to_owned(),
                        });
                    }
                }
                Destination::Flow(_)
                | Destination::Device(_)
                | Destination::Program { .. }
                | Destination::Feature(_) => {}
            }
        }
        for way in &self.outside {
            let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c));
            if !digits(&way.access) || !digits(&way.prefix) {
                return Err(InvalidConfig::Value {
                    entry: format!("way outside by trunk {}", way.trunk),
                    reason: "access and prefix must be digits, + * or #".to_owned(),
                });
            }
        }
        if self.prompts.digits.len() != 10 {
            return Err(InvalidConfig::Value {
                entry: "prompts".to_owned(),
                reason: "digits must name ten prompts, for 0 to 9".to_owned(),
            });
        }
        Ok(())
    }

    fn check_trunks(&self) -> Result<(), InvalidConfig> {
        unique("trunks", self.trunks.iter().map(|it| it.trunk.as_str()))?;
        for it in &self.trunks {
            unique("a trunk's numbers", it.numbers.iter().map(|number| number.number.reveal()))?;
            for (name, to) in it.destinations() {
                match to {
                    Destination::Flow(_) | Destination::Queue(_) | Destination::Program { .. } => {}
                    Destination::Device(_)
                    | Destination::Devices { .. }
                    | Destination::Feature(_) => {
                        return Err(InvalidConfig::Value {
                            entry: format!("trunk {}: {name}", it.trunk),
                            reason:
                                "must lead to a flow, a queue or a program: devices are not for \
                                     trunks to dial"
                                    .to_owned(),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn check_mailboxes(&self) -> Result<(), InvalidConfig> {
        unique("mailboxes", self.mailboxes.iter().map(|it| it.id.as_str()))?;
        let numbers = self.mailboxes.iter().filter_map(|it| it.number.as_deref());
        unique("mailboxes' numbers", numbers)?;
        for it in &self.mailboxes {
            let entry = || format!("mailbox {}", it.id);
            if let Some(reason) = it.invalid() {
                return Err(InvalidConfig::Value { entry: entry(), reason: reason.to_owned() });
            }
            let mut named = it.queues.iter().chain(&it.tasks);
            let unknown = named.find(|queue| !self.queues.iter().any(|known| known.id == **queue));
            if let Some(queue) = unknown {
                let (kind, name) = ("queue", queue.to_string());
                return Err(InvalidConfig::Missing { entry: entry(), kind, name });
            }
        }
        Ok(())
    }
}

fn unique<'a>(
    list: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), InvalidConfig> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(InvalidConfig::Twice { list, name: name.to_owned() });
        }
    }
    Ok(())
}
