//! The centre that the examples use: one queue, two agents, one number to dial.

use std::{error::Error, time::Duration};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    center::Center,
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    router::Router,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

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
        })
    };
    Ok(CenterConfig {
        agents: vec![agent("8001")?, agent("8002")?],
        seats: vec![
            SeatConfig { id: "A01".parse()?, device: "8001".parse()? },
            SeatConfig { id: "A02".parse()?, device: "8002".parse()? },
        ],
        queues: vec![QueueConfig {
            id: "general".parse()?,
            name: "General".to_owned(),
            waiting_flow: None,
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
    small_center_with(Box::new(Acd::new(AcdConfig { queues: vec![rules] })?))
}
