//! Makes call records: a fold over the events, which is all that reports, wallboards and tickets are too.
//!
//! ```text
//! cargo run -p cti-examples --example cdr
//! ```
//!
//! You see one line per call: who called, how long he waited, who talked with him for how long, and how it ended.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{collections::BTreeMap, error::Error, time::Duration};

use cti_core::{
    event::{Event, Fact},
    id::{AgentId, CallId},
    testkit::{World, run},
    time::Timestamp,
};

/// One call; what has not happened is absent.
#[derive(Debug, Default)]
struct Record {
    caller: String,
    queued: Option<Timestamp>,
    wait: Duration,
    connected: Option<Timestamp>,
    talk: Duration,
    agent: Option<AgentId>,
    cause: String,
}

fn follow(records: &mut BTreeMap<CallId, Record>, event: &Event) {
    let Some(record) = event.fact.call().map(|call| records.entry(call).or_default()) else {
        return;
    };
    if let Fact::CallStarted { caller, .. } = &event.fact {
        record.caller = caller.to_string();
    } else if let Fact::Queued { .. } = &event.fact {
        record.queued = Some(event.at);
    } else if let Fact::Dequeued { .. } = &event.fact {
        record.wait += record.queued.take().map_or(Duration::ZERO, |since| event.at.since(since));
    } else if let Fact::Connected { party, .. } = &event.fact {
        (record.connected, record.agent) = (Some(event.at), party.agent.clone());
    } else if let Fact::TalkEnded { .. } = &event.fact {
        record.talk +=
            record.connected.take().map_or(Duration::ZERO, |since| event.at.since(since));
    } else if let Fact::CallEnded { cause, .. } = &event.fact {
        record.cause = cause.to_string();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new(cti_examples::small_center()?, Timestamp::from_secs(1_000_000));
    run(
        &mut world,
        "00:00 phone 8001 registers
         00:00 agent 8001 signs in at A01
         00:01 agent 8001 is ready
         00:05 citizen 13812341234 dials 12345
         00:12 phone 8001 answers
         00:20 citizen 13987654321 dials 12345
         00:50 citizen 13987654321 hangs up
         01:12 citizen 13812341234 hangs up",
    )?;
    let mut records = BTreeMap::new();
    world.events.iter().for_each(|event| follow(&mut records, event));
    for (call, record) in &records {
        let agent =
            record.agent.as_ref().map_or("nobody".to_owned(), |agent| format!("agent {agent}"));
        let Record { caller, wait, talk, cause, .. } = record;
        println!("{call}: {caller} waited {wait:?}, talked with {agent} for {talk:?}, {cause}");
    }
    assert_eq!(records.len(), 2);
    assert_eq!(records[&CallId(1)].talk, Duration::from_secs(60));
    assert_eq!(records[&CallId(2)].wait, Duration::from_secs(28));
    Ok(())
}
