//! The configuration file: what an administrator writes, and what the parts are made of.

mod listeners;
pub mod recording;
mod speech;
mod switch;
mod trunk_plan;
mod trunks;

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use cti_acd::config::AcdConfig;
use cti_core::{
    address::PhoneNumber,
    config::{
        Destination, DeviceConfig, Feature, NumberConfig, OutsideConfig, QueueConfig, Refusal,
        TimesConfig,
    },
    id::{DeviceId, FlowId, QueueId},
    mailbox::MailboxConfig,
    numbers::{AreaCodes, NumberRules, NumberingConfig},
    router::InvalidRules,
    target::Target,
    time::millis,
};
use serde::Deserialize;
use serde_json::json;

use crate::services::{
    endpoint::EndpointConfig,
    gateway::{FaxConfig, SmsConfig},
    query::QueryConfig,
};

pub use self::{
    listeners::{SipGuests, SipListener, SipTls},
    recording::Recording,
    speech::{EspeakProgram, RecognizerConfig, Speech, SynthesizerConfig},
    switch::{Switch, SwitchKind, SwitchTrunk},
    trunk_plan::TrunkNumbers,
    trunks::{Gateway, Trunk, TrunkLogin},
};

/// A configuration file that cannot be used; one line that names the file, the place and the reason.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not a configuration.
    #[error("{file}: {reason}")]
    Syntax {
        /// Which file.
        file: String,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A value cannot be used.
    #[error("{file}: {field}: {reason}")]
    Value {
        /// Which file.
        file: String,
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// The web page and REST.
    pub http: Http,
    /// Telephones and trunks.
    pub sip: Sip,
    /// Which switch carries the calls.
    #[serde(default)]
    pub switch: Switch,
    /// Voice.
    pub rtp: Rtp,
    /// The log.
    #[serde(default)]
    pub journal: Journal,
    /// The folder of prompts; the built-in ones when absent.
    pub prompts: Option<PathBuf>,
    /// The folder of flows; the built-in ones when absent.
    pub flows: Option<PathBuf>,
    /// The folder of tables; the built-in ones when absent.
    pub tables: Option<PathBuf>,
    /// The folder of `schedules.json` and `holidays.json`; the built-in ones when absent.
    pub calendar: Option<PathBuf>,
    /// What callers hear.
    #[serde(default)]
    pub speech: Speech,
    /// How long calls may go on after a stop was asked for.
    #[serde(default = "drain_limit", rename = "drain_limit_ms", with = "millis")]
    pub drain_limit: Duration,
    /// The number plan.
    #[serde(default)]
    pub numbers: Vec<Number>,
    /// Trunks whose calls lead elsewhere than the number plan says.
    #[serde(default)]
    pub trunks: Vec<TrunkNumbers>,
    /// The queues.
    #[serde(default)]
    pub queues: Vec<Queue>,
    /// Where callers leave messages.
    #[serde(default)]
    pub mailboxes: Vec<MailboxConfig>,
    /// Devices whose features stand as given at every start.
    #[serde(default)]
    pub devices: Vec<DeviceConfig>,
    /// The ways to numbers outside; without one nobody reaches a trunk.
    #[serde(default)]
    pub outside: Vec<OutsideConfig>,
    /// How long things may take.
    #[serde(default)]
    pub times: TimesConfig,
    /// What the router knows beside the queues: `agents` with their skills, `between`, `misses`, `scripts`.
    #[serde(default)]
    routing: toml::Table,
    /// By which rules numbers are read; without any, citizens are known by their numbers as they are received.
    pub numbering: Option<NumberingConfig>,
    /// How a caller on the blacklist is refused.
    #[serde(default)]
    pub refuse_listed: Refusal,
    /// Which talks are recorded, and how recordings are kept.
    #[serde(default)]
    pub recording: Recording,
    /// The queries that flows can ask.
    #[serde(default)]
    pub queries: Vec<QueryConfig>,
    /// The endpoints over HTTP that flows can ask; a flow reaches no others.
    #[serde(default)]
    pub endpoints: Vec<EndpointConfig>,
    /// Where short messages of flows go.
    #[serde(default)]
    pub sms: Option<SmsConfig>,
    /// Where faxes of flows go.
    #[serde(default)]
    pub fax: Option<FaxConfig>,
}

/// The log.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Journal {
    /// The file of the key that seals personal values, made by `hotline key`; without one they are in clear, and
    /// nobody can be erased.
    pub key: Option<PathBuf>,
}

/// The web page and REST.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The certificate chain, for HTTPS.
    pub tls_cert: Option<PathBuf>,
    /// Its key.
    pub tls_key: Option<PathBuf>,
}

/// Telephones and trunks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sip {
    /// The address to listen on, by UDP and TCP.
    pub listen: SocketAddr,
    /// The address peers are told, where it differs.
    pub advertised: Option<IpAddr>,
    /// The domain of addresses and the realm of passwords.
    pub domain: String,
    /// Networks that are believed by address.
    #[serde(default)]
    pub trusted: Vec<Trusted>,
    /// The trunks by which the centre calls outside.
    #[serde(default)]
    pub trunks: Vec<Trunk>,
    /// Browsers that call without an account, by the page `/call`; nobody may when absent.
    pub guests: Option<SipGuests>,
    /// Certificate and key of SIP over TLS.
    pub tls: Option<SipTls>,
    /// Further addresses to listen on.
    #[serde(default)]
    pub listeners: Vec<SipListener>,
    /// Whether the centre's own telephones must protect their voice by SRTP.
    #[serde(default)]
    pub srtp: bool,
}

/// A network that is believed by address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// The name its calls are reported with.
    pub trunk: String,
    /// `address` or `address/bits`.
    pub network: String,
}

/// Voice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rtp {
    /// The ports to use, `first-last`.
    pub ports: String,
}

/// One entry of the number plan.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    number: PhoneNumber,
    name: String,
    flow: Option<FlowId>,
    queue: Option<QueueId>,
    device: Option<DeviceId>,
    /// One number, many devices (一址多寻): who is rung at once, step by step.
    devices: Option<Vec<Vec<DeviceId>>>,
    /// How long each step rings (振铃延迟).
    #[serde(default = "ring_ms")]
    ring_ms: u64,
    /// Whether the devices share the line: who does not talk on it can join.
    #[serde(default)]
    shared: bool,
    feature: Option<Feature>,
    /// The name under which programs wait for its calls; without one they go on to the flow or queue beside it.
    program: Option<String>,
    /// How long a program may take before that.
    #[serde(default = "within_ms")]
    within_ms: u64,
}

fn within_ms() -> u64 {
    3_000
}

fn ring_ms() -> u64 {
    15_000
}

/// One queue: what the Center and the router need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    id: QueueId,
    name: String,
    waiting_flow: Option<FlowId>,
    whisper_flow: Option<FlowId>,
    after_call_flow: Option<FlowId>,
    ring_ms: u64,
    after_call_work_ms: u64,
    strategy: Option<String>,
    max_wait_ms: Option<u64>,
    max_length: Option<u32>,
    nobody_staffed_after_ms: Option<u64>,
    /// Everything else that the router knows of the queue: relaxation, ageing, hours, call-backs.
    #[serde(default)]
    rules: toml::Table,
}

fn drain_limit() -> Duration {
    Duration::from_secs(120)
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a configuration.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        Self::parse(&file.display().to_string(), &text)
    }

    /// Reads a configuration; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not a configuration or a value cannot be used.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(String::new, |span| {
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                format!("line {line}: ")
            });
            let reason = format!("{place}{}", error.message().trim().replace('\n', " "));
            ConfigError::Syntax { file: file.to_owned(), reason }
        })?;
        let value = |field: &str, reason: String| ConfigError::Value {
            file: file.to_owned(),
            field: field.to_owned(),
            reason,
        };
        config.rtp.range().map_err(|reason| value("rtp.ports", reason))?;
        config.check_trunks(file)?;
        config.check_switch(file)?;
        let trunks = config.trunks_outside();
        for way in &config.outside {
            if !trunks.contains(&way.trunk) {
                let section = match config.switch.kind {
                    SwitchKind::Native => "sip",
                    SwitchKind::FreeSwitch => "switch",
                };
                let reason = format!("there is no trunk {} in {section}.trunks", way.trunk);
                return Err(value("outside.trunk", reason));
            }
        }
        for trusted in &config.sip.trusted {
            trusted.parse().map_err(|reason| value("sip.trusted.network", reason))?;
        }
        for listener in &config.sip.listeners {
            let checked = listener.check(config.sip.tls.as_ref());
            checked.map_err(|(field, reason)| value(field, reason))?;
        }
        config.speech.check().map_err(|(field, reason)| value(&field, reason))?;
        for number in &config.numbers {
            number.entry().map_err(|reason| value("numbers", reason))?;
        }
        config.read_trunk_plans().map_err(|reason| value("trunks", reason))?;
        config.read_routing().map_err(|error| value(&error.field, error.reason))?;
        if let Some(numbering) = config.numbering.clone() {
            NumberRules::new(numbering, AreaCodes::china())
                .map_err(|error| value("numbering", error.to_string()))?;
        }
        if config.http.tls_cert.is_some() != config.http.tls_key.is_some() {
            return Err(value("http", "tls_cert and tls_key go together".to_owned()));
        }
        Ok(config)
    }

    /// Returns the number plan.
    ///
    /// # Panics
    /// Never: the entries were checked when the file was read.
    #[must_use]
    pub fn number_plan(&self) -> Vec<NumberConfig> {
        let entry = |it: &Number| it.entry().expect("checked when the file was read");
        self.numbers.iter().map(entry).collect()
    }

    /// Returns the queues as the Center knows them.
    #[must_use]
    pub fn queue_plan(&self) -> Vec<QueueConfig> {
        self.queues
            .iter()
            .map(|it| QueueConfig {
                id: it.id.clone(),
                name: it.name.clone(),
                waiting_flow: it.waiting_flow.clone(),
                whisper_flow: it.whisper_flow.clone(),
                after_call_flow: it.after_call_flow.clone(),
                ring_for: Duration::from_millis(it.ring_ms),
                after_call_work: Duration::from_millis(it.after_call_work_ms),
            })
            .collect()
    }

    /// Returns the rules of the queues as the router knows them.
    ///
    /// # Panics
    /// Never: the entries were checked when the file was read.
    #[must_use]
    pub fn routing(&self) -> AcdConfig {
        self.read_routing().expect("checked when the file was read")
    }

    fn read_routing(&self) -> Result<AcdConfig, InvalidRules> {
        let invalid =
            |field: &str, reason: String| InvalidRules { field: field.to_owned(), reason };
        let document = |table: &toml::Table, field: &str| {
            let value = serde_json::to_value(table);
            value.map_err(|error| invalid(field, error.to_string()))
        };
        let mut queues = Vec::new();
        for queue in &self.queues {
            let mut rules = document(&queue.rules, "queues.rules")?;
            rules["queue"] = json!(queue.id);
            let plain = [
                ("strategy", json!(queue.strategy)),
                ("max_wait_ms", json!(queue.max_wait_ms)),
                ("max_length", json!(queue.max_length)),
                ("nobody_staffed_after_ms", json!(queue.nobody_staffed_after_ms)),
            ];
            for (name, value) in plain.into_iter().filter(|(_, value)| !value.is_null()) {
                rules[name] = value;
            }
            queues.push(rules);
        }
        let mut routing = document(&self.routing, "routing")?;
        if routing.get("queues").is_some() {
            let reason = "are listed as [[queues]], with their rules below each".to_owned();
            return Err(invalid("routing.queues", reason));
        }
        routing["queues"] = queues.into();
        AcdConfig::read(&routing)
    }
}

impl Number {
    fn destination(&self) -> Result<Destination, String> {
        if self.shared && self.devices.is_none() {
            return Err(format!("number {}: shared is for devices", self.number.reveal()));
        }
        if let Some(program) = &self.program {
            return self.by_program(program);
        }
        let mut named = [
            self.flow.clone().map(Destination::Flow),
            self.queue.clone().map(Destination::Queue),
            self.device.clone().map(Destination::Device),
            self.devices.clone().map(|steps| Destination::Devices {
                steps,
                ring_for: Duration::from_millis(self.ring_ms),
                shared: self.shared,
            }),
            self.feature.clone().map(Destination::Feature),
        ]
        .into_iter()
        .flatten();
        match (named.next(), named.next()) {
            (Some(destination), None) => Ok(destination),
            (None | Some(_), _) => Err(format!(
                "number {} needs one of flow, queue, device, devices and feature",
                self.number.reveal()
            )),
        }
    }

    fn by_program(&self, program: &str) -> Result<Destination, String> {
        let other = self.device.is_some() || self.devices.is_some() || self.feature.is_some();
        let otherwise = match (&self.flow, &self.queue) {
            (Some(flow), None) if !other => Target::Flow(flow.clone()),
            (None, Some(queue)) if !other => Target::Queue(queue.clone()),
            (Some(_) | None, Some(_) | None) => {
                return Err(format!(
                    "number {}: a program needs one of flow and queue beside it, for when it is not there",
                    self.number.reveal()
                ));
            }
        };
        let (program, within) = (program.to_owned(), Duration::from_millis(self.within_ms));
        Ok(Destination::Program { program, within, otherwise })
    }
}

impl Rtp {
    /// Returns the ports.
    ///
    /// # Errors
    /// When the text is not `first-last` with room for at least one leg.
    pub fn range(&self) -> Result<RangeInclusive<u16>, String> {
        parse_ports(&self.ports)
    }
}

/// Reads `first-last`.
///
/// # Errors
/// When the text is no range, or has no room for an RTP and an RTCP port.
pub fn parse_ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) =
        text.split_once('-').ok_or_else(|| format!("{text:?} is not FIRST-LAST"))?;
    let port = |digits: &str| {
        digits.trim().parse::<u16>().map_err(|_| format!("{digits:?} is no port number"))
    };
    let (first, last) = (port(first)?, port(last)?);
    if first < 1024 || last < first.saturating_add(1) {
        return Err(format!("{text:?} needs two ports or more, above 1023"));
    }
    Ok(first..=last)
}

impl Trusted {
    /// Returns the network's address and how many bits of it count.
    ///
    /// # Errors
    /// When the text is no network.
    pub fn parse(&self) -> Result<(IpAddr, u8), String> {
        let network = listeners::parse_network(&self.network)?;
        Ok((network.address, network.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../config/demo.toml");

    #[test]
    fn the_demonstration_can_be_read() {
        let config = Config::parse("demo.toml", DEMO).unwrap();
        assert_eq!(config.rtp.range().unwrap(), 40000..=49999);
        assert!(config.number_plan().iter().any(|it| it.number.reveal() == "12345"));
    }

    #[test]
    fn a_queue_says_all_that_the_router_can_know_of_it() {
        let rules = r#"
[[queues]]
id = "weekend"
name = "周末"
ring_ms = 15000
after_call_work_ms = 0
strategy = "ring_all"
[queues.rules]
ring_at_most = 4
missed = { after_ms = 15000, keeps_place = true }
relax = [{ after_ms = 60000, any_skill = true }]
[routing]
between = "ratio"
agents = [{ agent = "8001", skills = { english = 7 } }]
"#;
        let routing = Config::parse("f.toml", &format!("{DEMO}{rules}")).unwrap().routing();
        let weekend = routing.queues.iter().find(|it| it.queue.as_str() == "weekend").unwrap();
        assert_eq!((weekend.strategy.as_str(), weekend.ring_at_most), ("ring_all", 4));
        assert_eq!(weekend.missed.as_ref().unwrap().after, Duration::from_secs(15));
        assert!(weekend.relax[0].any_skill);
        assert_eq!(routing.agents[0].skills[&"english".parse().unwrap()], 7);
    }

    #[test]
    fn every_wrong_value_names_its_field_and_the_reason() {
        let wrong = |from: &str, to: &str| {
            assert!(DEMO.contains(from), "{from}");
            Config::parse("f.toml", &DEMO.replace(from, to)).unwrap_err().to_string()
        };
        let ports = wrong("40000-49999", "40000");
        assert_eq!(ports, "f.toml: rtp.ports: \"40000\" is not FIRST-LAST");
        let network = wrong("127.0.0.0/8", "127.0.0.0/99");
        assert_eq!(
            network,
            "f.toml: sip.trusted.network: \"127.0.0.0/99\" is no network: ADDRESS or ADDRESS/BITS"
        );
        let unknown = wrong("[rtp]", "[rtp]\ncolour = 1");
        assert!(unknown.starts_with("f.toml: line ") && unknown.contains("colour"), "{unknown}");
        let address = wrong("\"127.0.0.1:8080\"", "\"localhost\"");
        assert!(address.starts_with("f.toml: line "), "{address}");
        let way = "[[outside]]\nprefix = \"1\"\ntrunk = \"city\"\nshow = \"12345\"\n[rtp]";
        assert_eq!(
            wrong("[rtp]", way),
            "f.toml: outside.trunk: there is no trunk city in sip.trunks"
        );
        let trunk = "[[sip.trunks]]\ntrunk = \"city\"\ngateway = \"city\"\n[rtp]";
        assert_eq!(
            wrong("[rtp]", trunk),
            "f.toml: sip.trunks.gateway: \"city\" is no address and port"
        );
        let program = wrong("flow = \"gjj-12329\"", "program = \"crm\"");
        assert_eq!(
            program,
            "f.toml: numbers: number 12329: a program needs one of flow and queue beside it, for when it is not there"
        );
        let unruly = wrong("[rtp]", "[routing]\nbetween = \"luck\"\n[rtp]");
        assert!(unruly.starts_with("f.toml: between: unknown variant"), "{unruly}");
        let area = wrong("area = \"0531\"", "area = \"0532x\"");
        assert_eq!(area, "f.toml: numbering: area: there is no area code \"0532x\"");
        let nowhere = wrong("flow = \"gjj-12329\"", "");
        assert_eq!(
            nowhere,
            "f.toml: numbers: number 12329 needs one of flow, queue, device, devices and feature"
        );
    }
}
