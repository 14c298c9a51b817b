//! A router of your own, and the test-suite that says whether it is one.
//!
//! ```text
//! cargo run -p cti-examples --example seam_router
//! ```
//!
//! You see that it keeps the rules that every router must keep, in a Center where anything may happen.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::collections::BTreeMap;

use cti_core::{
    agent::AgentState,
    conformance::router as rules,
    event::{Event, Fact},
    id::{AgentId, ContactId, DeviceId, QueueId},
    router::{Proposal, Router, Why},
    time::Timestamp,
};
use serde_json::{Error, Value, from_value, json};

/// First come, first served, by the ready agent who comes first in the order of numbers.
#[derive(Debug, Default)]
struct InOrder {
    /// Contact, queue, and whether it is being offered.
    line: Vec<(ContactId, QueueId, bool)>,
    /// Device, queues, and whether the agent is ready.
    agents: BTreeMap<AgentId, (DeviceId, Vec<QueueId>, bool)>,
    reachable: Vec<DeviceId>,
}

impl Router for InOrder {
    fn apply(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a router looks at what concerns it")]
        match &event.fact {
            Fact::Queued { contact, queue, .. } => self.line.push((*contact, queue.clone(), false)),
            Fact::Dequeued { contact, .. } => self.line.retain(|it| it.0 != *contact),
            Fact::Offered { contact: id, .. } | Fact::OfferEnded { contact: id, .. } => {
                let offered = matches!(event.fact, Fact::Offered { .. });
                self.line.iter_mut().filter(|it| it.0 == *id).for_each(|it| it.2 = offered);
            }
            Fact::AgentSignedIn { agent, device, queues, .. } => {
                self.agents.insert(agent.clone(), (device.clone(), queues.clone(), false));
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                self.agents.entry(agent.clone()).and_modify(|it| it.2 = *to == AgentState::Ready);
            }
            Fact::AgentSignedOut { agent, .. } => drop(self.agents.remove(agent)),
            Fact::DeviceInService { device } => self.reachable.push(device.clone()),
            Fact::DeviceOutOfService { device } => self.reachable.retain(|it| it != device),
            _ => {}
        }
    }

    fn propose(&mut self, _now: Timestamp) -> Option<Proposal> {
        self.line.iter().filter(|it| !it.2).find_map(|(contact, queue, _)| {
            let (agent, _) = self.agents.iter().find(|(_, (device, queues, ready))| {
                *ready && queues.contains(queue) && self.reachable.contains(device)
            })?;
            let (zh, en) = ("按工号顺序".to_owned(), "by number".to_owned());
            let why = Why { rule: "in_order".to_owned(), zh, en };
            Some(Proposal::Offer { contact: *contact, agent: agent.clone(), why })
        })
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        let (_, queue, _) = self.line.iter().find(|it| it.0 == contact)?;
        let mut same = self.line.iter().filter(|it| it.1 == *queue);
        same.position(|it| it.0 == contact).map(|ahead| ahead + 1)
    }

    fn snapshot(&self) -> Value {
        json!([self.line, self.agents, self.reachable])
    }

    fn restore(&mut self, snapshot: Value) -> Result<(), Error> {
        (self.line, self.agents, self.reachable) = from_value(snapshot)?;
        Ok(())
    }
}

struct Mine;

impl rules::Harness for Mine {
    fn create(&mut self, _queues: &[QueueId]) -> Box<dyn Router> {
        Box::new(InOrder::default())
    }
}

fn main() {
    let report = rules::run_all(&mut Mine);
    println!("{report}");
    report.expect_conformance();
}
