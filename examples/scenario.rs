//! Tests a call flow without a network: text in, trace out.
//!
//! ```text
//! cargo run -p cti-examples --example scenario
//! ```
//!
//! You see every fact of a call with its time. One agent is ready; he lets the call ring, so he goes not ready
//! and the caller keeps his place until the second agent answers. Nothing waits: two minutes pass at once.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    testkit::{World, run},
    time::Timestamp,
};

const SCENARIO: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:05 citizen 13812341234 dials 12345
    # 8001 is offered the call at 00:07 and does not answer it within 15 s.
    00:24 agent 8002 is ready
    00:33 phone 8002 answers
    01:33 citizen 13812341234 hangs up
    02:00
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new(cti_examples::small_center()?, Timestamp::from_secs(1_000_000));
    let trace = run(&mut world, SCENARIO)?;
    print!("{trace}");
    assert!(trace.contains("00:22 call-1 offer to agent 8001 not answered"));
    assert!(trace.contains("00:33 call-1 talks with agent 8002"));
    Ok(())
}
