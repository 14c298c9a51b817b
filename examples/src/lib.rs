//! What the examples share: a small centre, and how to put one on the network of this machine.

mod desk;

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    center::Center,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    journal::memory::MemoryJournal,
    router::Router,
    runtime::{self, Handle, NoLookup, Parts},
};
use cti_ivr::{engine::Engine, flow::FlowSet};
use cti_media::{
    engine::MediaConfig,
    play::ClipLibrary,
    sip::{Accounts, DigestAlgorithm, ListenerConfig, SipConfig, Transport, TrustedPeer},
    switch::native::{NativeConfig, NativeSwitch},
};

pub use self::desk::{TALK, desk, live_desk};

/// Answers, greets, and lets the caller wait in the queue `general`.
pub const DAY: &str = r#"{
    "schema": "cti.flow/1", "id": "day", "kind": "inbound", "name": "By day", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "out": {"next": "greet"}},
        "greet": {"type": "play", "prompt": ["welcome"], "out": {"next": "wait"}},
        "wait": {"type": "enqueue", "queue": "general", "out": {
            "overflow": "sorry", "no_staff": "sorry", "full": "sorry", "left": "sorry", "failed": "sorry"
        }},
        "sorry": {"type": "play", "prompt": ["call-later"], "out": {"next": "bye"}},
        "bye": {"type": "hangup"}
    }
}"#;

/// Returns the configuration of the small centre: agents 8001 and 8002 at seats A01 and A02 serve `general`.
///
/// # Errors
/// Never; the names are right.
pub fn small_config() -> Result<CenterConfig, Box<dyn Error>> {
    let agent = |number: &str| -> Result<_, Box<dyn Error>> {
        Ok(AgentConfig {
            id: number.parse()?,
            name: format!("Agent {number}"),
            announced_number: number.to_owned(),
            queues: vec!["general".parse()?],
            capacity: Default::default(),
        })
    };
    Ok(CenterConfig {
        agents: vec![agent("8001")?, agent("8002")?],
        seats: vec![
            SeatConfig { id: "A01".parse()?, device: "8001".parse()?, pickup_group: None },
            SeatConfig { id: "A02".parse()?, device: "8002".parse()?, pickup_group: None },
        ],
        queues: vec![QueueConfig {
            id: "general".parse()?,
            name: "General".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345")?,
            name: "Hotline".to_owned(),
            to: Destination::Flow("day".parse()?),
        }],
        ..CenterConfig::default()
    })
}

/// Returns the small centre with a router of your own.
///
/// # Errors
/// Never; the parts fit together.
pub fn small_center_with(router: Box<dyn Router>) -> Result<Center, Box<dyn Error>> {
    let flows = Engine::new(FlowSet::parse([("day.json", DAY)])?, Calendars::default())?;
    Ok(Center::new(small_config()?, router, Box::new(flows))?)
}

/// Returns the small centre with the router of `cti-acd`: longest idle first, callers overflow after two minutes.
///
/// # Errors
/// Never; the parts fit together.
pub fn small_center() -> Result<Center, Box<dyn Error>> {
    let rules = QueueRules {
        max_wait: Some(Duration::from_secs(120)),
        ..QueueRules::new("general".parse()?)
    };
    small_center_with(Box::new(Acd::new(AcdConfig {
        queues: vec![rules],
        ..AcdConfig::default()
    })?))
}

/// No phone may register; callers are believed because they call from this machine.
struct NoAccounts;

impl Accounts for NoAccounts {
    fn ha1(&self, _account: &str, _realm: &str, _algorithm: DigestAlgorithm) -> Option<String> {
        None
    }
}

/// Runs a centre with SIP over UDP at `bind`, prompts of the hotline, and a journal in memory; returns where it listens.
///
/// # Errors
/// When the address is taken or the prompts cannot be read.
pub async fn serve(
    center: Center,
    bind: SocketAddr,
) -> Result<(Handle, SocketAddr), Box<dyn Error>> {
    let loopback = TrustedPeer {
        trunk: "loopback".to_owned(),
        network: IpAddr::from([127, 0, 0, 0]),
        prefix: 8,
    };
    let config = NativeConfig {
        sip: SipConfig {
            listeners: vec![ListenerConfig::new(Transport::Udp, bind)],
            trusted: vec![loopback],
            ..SipConfig::default()
        },
        media: MediaConfig::default(),
        sides: Vec::new(),
        recordings: std::env::temp_dir().join("cti-examples"),
        keep_free: 0,
        time_zone: "Asia/Shanghai".to_owned(),
        first_leg: center.first_switch_leg(),
        devices: Vec::new(),
        trunks: Vec::new(),
    };
    let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("hotline/prompts/zh-CN");
    let clips = Arc::new(ClipLibrary::load(&prompts)?);
    let (switch, control) = NativeSwitch::start(config, Arc::new(NoAccounts), clips).await?;
    let (_, address) = control.addresses()[0];
    let parts = Parts {
        switch: Box::new(switch),
        journal: Box::new(MemoryJournal::default()),
        lookup: Arc::new(NoLookup),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        trace: None,
    };
    Ok((runtime::spawn(center, parts), address))
}
