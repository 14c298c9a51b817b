//! Pickup and park: a call that rings elsewhere is taken here, a talk waits at a phone until someone takes it.
//!
//! ```text
//! cargo run -p cti-examples --example verbs_pickup_park
//! ```
//!
//! You see agent 8002 take the call that rings at 8001, park it at the supervisor's phone, and agent 8001 fetch it from
//! there by his own phone. The citizen hears music meanwhile.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    testkit::{World, run},
    time::Timestamp,
};
use cti_examples::desk;

const SCENARIO: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:01 agent 8001 signs in at A01
    00:01 agent 8001 is ready
    00:02 agent 8002 signs in at A02
    00:05 citizen 13812341234 dials 12345
    00:09 phone 8002 picks up
    00:20 agent 8002 parks call 1 at 8003
    00:35 phone 8001 unparks 8003
    01:00 citizen 13812341234 hangs up
    01:30
";

fn main() -> Result<(), Box<dyn Error>> {
    let trace = run(&mut World::new(desk()?, Timestamp::from_secs(1_000_000)), SCENARIO)?;
    print!("{trace}");
    for step in ["00:09 call-1 talks", "00:20 call-1 parked at device 8003", "00:35 call-1 talks"] {
        assert!(trace.contains(step), "{step} is missing");
    }
    Ok(())
}
