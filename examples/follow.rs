//! A wallboard follows a queue of a running Center: the present first, then what concerns the queue, then on from where
//! it was cut off.
//!
//! ```text
//! cargo run -p cti-examples --example follow
//! ```
//!
//! You see two callers come and one of them give up. Programs elsewhere say the same over the WebSocket:
//! `{"type":"subscribe","id":"board","subject":{"queue":"general"},"filter":["queue"]}`.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    address::PhoneNumber,
    monitor::{Category, Filter, Request, Subject},
    runtime::{Monitor, MonitorHeard},
    words::in_words,
};

/// Prints what the board is told next.
async fn tell(board: &mut Monitor) -> Result<(), Box<dyn Error>> {
    match board.next_or_refresh().await? {
        Some(MonitorHeard::Event(event)) => println!("{} {}", event.no, in_words(&event.fact)),
        Some(MonitorHeard::Present(now)) => println!("some were lost; {} wait", now.calls.len()),
        None => println!("the centre has stopped"),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (centre, people) = cti_examples::live_desk()?;
    let dials = |caller: &str| -> Result<_, Box<dyn Error>> {
        let called = PhoneNumber::parse("12345")?;
        Ok(people.dials(PhoneNumber::parse(caller)?, called, "city".parse()?))
    };
    let queue = Subject::Queue("general".parse()?);
    let wanted = Request::new(queue).filtered(Filter::only([Category::Queue]));
    let (now, mut board) = centre.monitor(wanted.clone()).await?;
    println!("as of {}: {} wait", board.since(), now.calls.len());
    let hasty = dials("13812341234")?;
    tell(&mut board).await?;

    // The board is cut off; what happens meanwhile is kept for it.
    let position = board.position();
    drop(board);
    people.hangs_up(hasty);
    dials("13900001111")?;
    let mut board = centre.resume_monitor(wanted, position)?;
    println!("resumed after {}", position.after);
    tell(&mut board).await?;
    tell(&mut board).await?;
    centre.stop().await;
    Ok(())
}
