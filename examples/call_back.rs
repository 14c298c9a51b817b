//! A call-back that keeps the exact place: a caller hangs up, and is called when it is his turn.
//!
//! ```text
//! cargo run -p cti-examples --example call_back
//! ```
//!
//! You see two callers wait for a busy agent; the first one wants to be called back. When the agent is free, his phone
//! rings for the call-back and not for the one who came later, and the citizen is dialled once the agent has answered.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, time::Duration};

use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{
        AgentConfig, CenterConfig, Destination, NumberConfig, OutsideConfig, QueueConfig,
        SeatConfig,
    },
    flow::FlowEffect,
    needs::Needs,
    testkit::{ScriptedFlows, World, run},
    time::Timestamp,
};

fn config() -> Result<CenterConfig, Box<dyn Error>> {
    Ok(CenterConfig {
        agents: vec![AgentConfig {
            id: "8001".parse()?,
            name: "Agent 8001".to_owned(),
            announced_number: "8001".to_owned(),
            queues: vec!["general".parse()?],
            capacity: Default::default(),
        }],
        seats: vec![SeatConfig { id: "A01".parse()?, device: "8001".parse()?, pickup_group: None }],
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
        outside: vec![OutsideConfig {
            access: String::new(),
            prefix: "1".to_owned(),
            trunk: "city".parse()?,
            show: PhoneNumber::parse("12345")?,
        }],
        ..CenterConfig::default()
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let (queue, needs) = ("general".parse()?, Needs::default());
    let waits = vec![FlowEffect::Answer, FlowEffect::Enqueue { queue, priority: 0, needs }];
    let flows = ScriptedFlows::default().flow("day", waits);
    let router = Box::new(Acd::new(AcdConfig::default())?);
    let center = Center::new(config()?, router, Box::new(flows))?;
    let trace = run(
        &mut World::new(center, Timestamp::from_secs(1_000_000)),
        "00:00 phone 8001 registers
         00:00 agent 8001 signs in at A01
         00:05 agent 8001 is ready
         00:06 citizen 13812340001 dials 12345
         00:08 phone 8001 answers
         00:10 citizen 13812340002 dials 12345
         00:12 citizen 13812340003 dials 12345
         00:20 contact 2 wants to be called back
         00:40 citizen 13812340001 hangs up
         01:05 phone 8001 answers
         01:10 outside 13812340002 answers
         01:40 outside 13812340002 hangs up
         02:30",
    )?;
    print!("{trace}");
    let offered = |contact: &str| trace.find(&format!("{contact} offered")).unwrap_or(usize::MAX);
    assert!(offered("contact-4") < offered("call-3"), "the call-back comes first");
    Ok(())
}
