//! Publishes a new version of a flow while a caller is in the old one, and takes it back.
//!
//! ```text
//! cargo run -p cti-examples --example flow_publish
//! ```
//!
//! You see that the caller who was there goes on in the version that he began with, that the next one gets the new
//! version, what the check says of a draft that leads nowhere, what changed, and how a version that misbehaves is put
//! into quarantine.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{CallData, FlowEngine as _, SessionView},
    id::{FlowId, SessionId},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet, publish::Note};

const DAY: &str = r#"{
    "schema": "cti.flow/1", "id": "hotline", "kind": "inbound", "name": "Hotline", "entry": "greet",
    "nodes": {
        "greet": {"type": "menu", "prompt": ["welcome"], "out": {"1": "bye", "exhausted": "bye"}},
        "bye": {"type": "hangup"}
    }
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut engine = Engine::new(FlowSet::parse([("hotline.json", DAY)])?, Calendars::default())?;
    let hotline = FlowId::new("hotline")?;
    let old = call(&mut engine, 1, &hotline)?;

    // A draft may have faults; it is kept and cannot be published.
    let note = |text| Note::new(Timestamp::ZERO, "admin", text);
    let broken = DAY.replace(r#""1": "bye""#, r#""1": "agents""#);
    for finding in &engine.library_mut().save_draft(&broken, note("first try"))?.findings {
        println!("draft: {finding}");
    }

    let storm = DAY.replace("welcome", "typhoon-warning");
    engine.library_mut().save_draft(&storm, note("typhoon"))?;
    for change in engine.library().diff(&hotline, &old, None)?.nodes {
        println!("changed: {}", change.node);
    }
    engine.library_mut().publish(&hotline, note("typhoon"))?;
    let new = call(&mut engine, 2, &hotline)?;
    for (name, version) in [("old", &old), ("new", &new)] {
        let inside = engine.sessions_in(&hotline, version);
        println!(
            "{name} {}: {:?}, {inside} inside",
            &version[..8],
            engine.stage(&hotline, version)
        );
    }

    engine.library_mut().quarantine(&hotline, &new, note("callers complain"))?;
    let third = call(&mut engine, 3, &hotline)?;
    println!("the third caller gets the old version: {}", third == old);
    Ok(())
}

/// Lets somebody call and returns the version that he gets.
fn call(engine: &mut Engine, session: u64, flow: &FlowId) -> Result<String, Box<dyn Error>> {
    let (caller, called) = (PhoneNumber::parse("13812341234")?, PhoneNumber::parse("12345")?);
    let data = CallData::new();
    let view = SessionView {
        caller: &caller,
        called: &called,
        data: &data,
        position: None,
        expected_wait: None,
    };
    Ok(engine.start(Timestamp::ZERO, SessionId(session), flow, view)?)
}
