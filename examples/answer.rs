//! Answers telephone calls: SIP and RTP on the loopback interface, a flow, a spoken greeting.
//!
//! ```text
//! cargo run -p cti-examples --example answer -- 127.0.0.1:5070
//! ```
//!
//! Dial `sip:12345@127.0.0.1:5070` from any SIP phone on this machine, without a password (or let sipp do it:
//! `sipp -sn uac -s 12345 -m 1 -d 8000 127.0.0.1:5070`). You hear the greeting of a
//! hotline in Mandarin and are hung up; the terminal shows what happened. Without an address a free port is taken and
//! printed. It runs until you stop it with Ctrl-C.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    center::Center,
    config::{CenterConfig, Destination, NumberConfig},
    runtime::SubscriptionEvent,
    words::in_words,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

const HELLO: &str = r#"{
    "schema": "cti.flow/1", "id": "hello", "kind": "inbound", "name": "Hello", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "out": {"next": "greet"}},
        "greet": {"type": "play", "prompt": ["greeting-12345"], "out": {"next": "bye"}},
        "bye": {"type": "hangup"}
    }
}"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bind = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let flows = Engine::new(FlowSet::parse([("hello.json", HELLO)])?, Calendars::default())?;
    let to = Destination::Flow("hello".parse()?);
    let name = "Hello".to_owned();
    let number = NumberConfig { number: PhoneNumber::parse("12345")?, name, to };
    let config = CenterConfig { numbers: vec![number], ..CenterConfig::default() };
    let router = Acd::new(AcdConfig::default())?;
    let center = Center::new(config, Box::new(router), Box::new(flows))?;
    let (centre, address) = cti_examples::serve(center, bind).await?;
    println!("dial sip:12345@{address}");
    let mut events = centre.subscribe(None).await?;
    while let Some(SubscriptionEvent::Event(event)) = events.next().await {
        println!("{}", in_words(&event.fact));
    }
    Ok(())
}
