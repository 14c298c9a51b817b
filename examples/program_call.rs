//! A program that routes calls, top to bottom: answer, greet, ask for a number, keep it, queue.
//!
//! ```text
//! cargo run -p cti-examples --example program_call
//! ```
//!
//! You see what the program does for a caller who presses 2024#, and what it is told about one who hangs up at the
//! question. The switch and the callers are virtual, the clock is real: it takes about a second.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, time::Duration};

use cti_core::{
    address::PhoneNumber,
    command::Collect,
    runtime::{CallError, PlayError, ProgramCall},
};

/// What the program is: one function per call.
async fn route(call: &ProgramCall) -> Result<(), PlayError> {
    println!("{} from {}", call.id(), call.caller());
    call.answer().await?;
    call.play("welcome").await?;
    let pressed = call.ask("case-number", Collect { max: 8, ..Collect::default() }).await?;
    println!("{} asks about case {}", call.id(), pressed.digits);
    call.set_data("case", &pressed.digits).await?;
    call.queue("general").await?;
    println!("{} waits for an agent", call.id());
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (centre, people) = cti_examples::live_desk()?;
    people.prompt_takes("welcome", Duration::from_millis(300));
    let dials = |caller: &str| -> Result<_, Box<dyn Error>> {
        let called = PhoneNumber::parse("12346")?;
        Ok(people.dials(PhoneNumber::parse(caller)?, called, "city".parse()?))
    };
    let (patient, hasty) = (dials("13812341234")?, dials("13900001111")?);
    let callers = async {
        people.hears(patient, "case-number").await;
        people.presses(patient, "2024#");
        people.hears(hasty, "case-number").await;
        people.hangs_up(hasty);
    };

    let program = async {
        let mut calls = centre.calls("crm");
        let mut ends = Vec::new();
        while ends.len() < 2
            && let Some(call) = calls.next().await
        {
            let end = route(&call).await;
            if let Err(error) = &end {
                println!("{error}");
            }
            ends.push(end);
        }
        ends
    };
    let (ends, ()) = tokio::join!(program, callers);
    assert_eq!(ends[0], Ok(()));
    assert!(matches!(ends[1], Err(PlayError::Call(CallError::HungUp { .. }))));
    centre.stop().await;
    Ok(())
}
