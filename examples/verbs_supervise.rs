//! A supervisor listens, whispers to the agent, barges in and takes the citizen over.
//!
//! ```text
//! cargo run -p cti-examples --example verbs_supervise
//! ```
//!
//! You see phone 8003 go from one role to the next without being rung again, and after each step whether the citizen
//! hears the supervisor. In the end the agent is released and the citizen stays; then the agent is made not ready.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    id::LegId,
    testkit::{World, run},
    time::Timestamp,
};
use cti_examples::{TALK, desk};

const STEPS: [(&str, bool); 4] = [
    ("00:00 phone 8003 monitors call 1", false),
    ("00:05 phone 8003 whispers to agent 8001 in call 1", false),
    ("00:05 phone 8003 barges into call 1", true),
    (
        "00:05 phone 8003 takes over call 1 from agent 8001
      00:06 agent 8001 is made not ready training",
        true,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let (citizen, supervisor) = (LegId(1), LegId(4));
    let mut world = World::new(desk()?, Timestamp::from_secs(1_000_000));
    run(&mut world, TALK)?;
    for (step, heard) in STEPS {
        print!("{}", run(&mut world, step)?);
        println!("        the citizen hears the supervisor: {heard}");
        assert_eq!(world.switch.hears(citizen, supervisor), heard);
    }
    assert!(!world.switch.hears(citizen, LegId(2)), "the agent is out of the call");
    print!("{}", run(&mut world, "00:30 citizen 13812341234 hangs up")?);
    assert_eq!(world.center.calls().count(), 0);
    Ok(())
}
