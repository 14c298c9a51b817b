//! Routing by skills: what a caller asks for, who has it, and what is relaxed when nobody is free.
//!
//! ```text
//! cargo run -p cti-examples --example skills_routing
//! ```
//!
//! You see a caller who needs English at level 6 wait although an agent is ready, hear why, and be offered to that
//! agent after 20 s, when level 3 will do.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    agent::AgentState,
    event::{Event, Fact},
    id::{AgentId, CallId, ContactId, EventNo},
    needs::Needs,
    router::{Proposal, Router as _},
    time::Timestamp,
};

/// The rules as they are written in a configuration file.
const RULES: &str = r#"{
    "queues": [{
        "queue": "general",
        "strategy": "lowest_skill",
        "relax": [{"after_ms": 20000, "levels_down": 3}, {"after_ms": 60000, "any_skill": true}]
    }],
    "agents": [
        {"agent": "8001", "skills": {"english": 4, "law": 8}},
        {"agent": "8002", "skills": {"english": 9}}
    ]
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let config: AcdConfig = serde_json::from_str(RULES)?;
    let mut acd = Acd::new(config)?;
    let mut told = 0;
    let mut tell = |acd: &mut Acd, second: u64, fact: Fact| {
        told += 1;
        acd.apply(&Event { no: EventNo(told), at: Timestamp::from_secs(second), fact });
    };
    for agent in ["8001", "8002"] {
        let (seat, device, queues) = (agent.parse()?, agent.parse()?, vec!["general".parse()?]);
        let agent: AgentId = agent.parse()?;
        tell(&mut acd, 0, Fact::DeviceInService { device });
        let device = agent.as_str().parse()?;
        tell(
            &mut acd,
            0,
            Fact::AgentSignedIn { agent, seat, device, queues, capacity: Default::default() },
        );
    }
    // 8002, the only one with level 6, writes up a call.
    for (agent, to) in [("8001", AgentState::Ready), ("8002", AgentState::AfterCallWork)] {
        let (agent, until) = (agent.parse()?, None);
        tell(&mut acd, 1, Fact::AgentStateChanged { agent, to, until });
    }
    let contact = ContactId(1);
    let needs = Needs { skills: [("english".parse()?, 6)].into(), ..Needs::default() };
    let (call, queue, priority) = (Some(CallId(1)), "general".parse()?, 0);
    tell(&mut acd, 10, Fact::Queued { contact, call, queue, priority, needs, since: None });

    let now = Timestamp::from_secs(12);
    assert_eq!(acd.propose(now), None);
    for agent in ["8001", "8002"] {
        let why = acd.why_not(contact, &agent.parse()?, now).why;
        println!("why not {agent}? {} · {}", why.zh, why.en);
    }

    let due = acd.poll_timeout().ok_or("something is relaxed later")?;
    let Some(Proposal::Offer { agent, why, .. }) = acd.propose(due) else {
        return Err("level 3 will do by now".into());
    };
    println!("after {} s: {agent}, {}", due.since(Timestamp::from_secs(10)).as_secs(), why.en);
    assert_eq!(agent.as_str(), "8001");
    Ok(())
}
