//! Hold, retrieve, consult, alternate, transfer: an agent asks a colleague and hands the citizen over.
//!
//! ```text
//! cargo run -p cti-examples --example verbs_hold_consult_transfer
//! ```
//!
//! You see the citizen (leg 1) hear music while agent 8001 asks agent 8002, come back to the first agent, and at last talk
//! with the second one. The first agent has his after-call work; the citizen never waits in a queue again.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    id::LegId,
    testkit::{World, run},
    time::Timestamp,
};
use cti_examples::{TALK, desk};

const ASK_AND_HAND_OVER: &str = "
    00:00 agent 8001 holds call 1
    00:05 agent 8001 retrieves call 1
    00:10 agent 8001 consults agent:8002 in call 1
    00:13 phone 8002 answers
    # The colleague waits on hold while the citizen is told what becomes of him.
    00:20 agent 8001 alternates call 1 with call 2
    00:25 agent 8001 alternates call 2 with call 1
    00:30 agent 8001 transfers call 1 to call 2
";
const GOOD_BYE: &str = "01:00 citizen 13812341234 hangs up";

fn main() -> Result<(), Box<dyn Error>> {
    let (citizen, first, second) = (LegId(1), LegId(2), LegId(4));
    let mut world = World::new(desk()?, Timestamp::from_secs(1_000_000));
    run(&mut world, TALK)?;
    assert!(world.switch.hears(citizen, first));
    print!("{}", run(&mut world, ASK_AND_HAND_OVER)?);
    assert!(world.switch.hears(citizen, second) && !world.switch.hears(citizen, first));
    let trace = run(&mut world, GOOD_BYE)?;
    print!("{trace}");
    assert!(trace.contains("left by agent 8002"));
    Ok(())
}
