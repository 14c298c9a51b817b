//! Routes calls by a rule of your own: the whole router in fifty lines.
//!
//! ```text
//! cargo run -p cti-examples --example own_router
//! ```
//!
//! You see that agent 8002 is offered the call although 8001 has been ready longer: this centre prefers whoever has
//! the highest number. The router only proposes; the Center reserves, rings and writes down why.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{collections::BTreeSet, error::Error};

use cti_core::{
    agent::AgentState,
    event::{Event, Fact},
    id::{AgentId, ContactId},
    router::{Proposal, Router, Why},
    testkit::{World, run},
    time::Timestamp,
};
use serde_json::{Error as JsonError, Value, json};

/// Callers in the order they came; of the ready agents the one with the highest number.
#[derive(Debug, Default)]
struct HighestNumber {
    waiting: Vec<ContactId>,
    ready: BTreeSet<AgentId>,
}

impl Router for HighestNumber {
    fn apply(&mut self, event: &Event) {
        if let Fact::Queued { contact, .. } = &event.fact {
            self.waiting.push(*contact);
        } else if let Fact::Offered { contact, .. } | Fact::Dequeued { contact, .. } = &event.fact {
            self.waiting.retain(|waiting| waiting != contact);
        } else if let Fact::OfferEnded { contact, .. } = &event.fact {
            self.waiting.insert(0, *contact);
        } else if let Fact::AgentStateChanged { agent, to, .. } = &event.fact {
            self.ready.remove(agent);
            if *to == AgentState::Ready {
                self.ready.insert(agent.clone());
            }
        }
    }

    fn propose(&mut self, _now: Timestamp) -> Option<Proposal> {
        let (contact, agent) = (*self.waiting.first()?, self.ready.last()?.clone());
        let (zh, en) = ("工号最大者优先".to_owned(), "the highest number first".to_owned());
        Some(Proposal::Offer {
            contact,
            agent,
            why: Why { rule: "highest_number".to_owned(), zh, en },
        })
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.waiting.iter().position(|waiting| *waiting == contact).map(|index| index + 1)
    }

    fn snapshot(&self) -> Value {
        json!({ "waiting": self.waiting, "ready": self.ready })
    }

    fn restore(&mut self, mut snapshot: Value) -> Result<(), JsonError> {
        self.waiting = serde_json::from_value(snapshot["waiting"].take())?;
        self.ready = serde_json::from_value(snapshot["ready"].take())?;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let center = cti_examples::small_center_with(Box::new(HighestNumber::default()))?;
    let trace = run(
        &mut World::new(center, Timestamp::from_secs(1_000_000)),
        "00:00 phone 8001 registers
         00:00 phone 8002 registers
         00:00 agent 8001 signs in at A01
         00:00 agent 8002 signs in at A02
         00:01 agent 8001 is ready
         00:09 agent 8002 is ready
         00:10 citizen 13812341234 dials 12345
         00:15 phone 8002 answers
         00:45 citizen 13812341234 hangs up",
    )?;
    print!("{trace}");
    assert!(trace.contains("call-1 offered to agent 8002 by highest_number"));
    Ok(())
}
