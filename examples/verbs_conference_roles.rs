//! Conference: a third party outside, a colleague who only listens and asks to speak, someone muted.
//!
//! ```text
//! cargo run -p cti-examples --example verbs_conference_roles
//! ```
//!
//! You see agent 8001 add a number outside, then his colleague as a listener, who asks for the floor and gets it; after
//! each step who hears whom, as numbers of legs. When the agent leaves the others go on.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    id::LegId,
    testkit::{World, run},
    time::Timestamp,
};
use cti_examples::{TALK, desk};

const STEPS: [&str; 5] = [
    "00:00 agent 8001 adds number:913900001111 to call 1
     00:04 outside 13900001111 answers",
    "00:00 agent 8001 adds agent:8002 to call 1 as listener
     00:03 phone 8002 answers",
    "00:01 agent 8002 asks to speak in call 1
     00:02 agent 8001 lets agent:8002 speak in call 1",
    "00:01 agent 8001 mutes served in call 1",
    "00:01 agent 8001 unmutes served in call 1
     00:02 agent 8001 leaves call 1",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new(desk()?, Timestamp::from_secs(1_000_000));
    run(&mut world, TALK)?;
    for step in STEPS {
        print!("{}", run(&mut world, step)?);
        for leg in [1, 2, 4, 6] {
            println!("        leg-{leg} hears {:?}", heard_by(&world, leg));
        }
    }
    assert_eq!(heard_by(&world, 1), [4, 6], "the citizen, the one outside and the colleague");
    Ok(())
}

fn heard_by(world: &World, leg: u64) -> Vec<u64> {
    [1, 2, 4, 6].into_iter().filter(|other| world.switch.hears(LegId(leg), LegId(*other))).collect()
}
