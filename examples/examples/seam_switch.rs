//! A switch of your own, in thirty lines: whoever is dialled answers, what is played is heard at once.
//!
//! ```text
//! cargo run -p cti-examples --example seam_switch
//! ```
//!
//! You see what it reports of a leg that is dialled, greeted and hung up. `own_switch` puts one under a Center, and
//! `cti_core::conformance::switch` holds the rules that a switch with a network has to keep.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use async_trait::async_trait;
use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{ContactId, LegId, PlayId},
    switch::{Clip, Endpoint, PlayEnd, Switch, SwitchCommand, SwitchReport},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

struct Eager(Sender<SwitchReport>, Receiver<SwitchReport>);

#[async_trait]
impl Switch for Eager {
    fn execute(&mut self, command: SwitchCommand) {
        let report = if let SwitchCommand::Dial { leg, .. } = command {
            SwitchReport::Answered { leg }
        } else if let SwitchCommand::Play { leg, play, .. } = command {
            SwitchReport::PlayEnded { leg, play, end: PlayEnd::Finished }
        } else if let SwitchCommand::Hangup { leg, cause } = command {
            SwitchReport::LegEnded { leg, cause }
        } else {
            return;
        };
        self.0.try_send(report).expect("one leg has a handful of reports");
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        self.1.recv().await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (sender, receiver) = channel(16);
    let mut switch = Eager(sender, receiver);
    let (leg, caller) = (LegId(2), PhoneNumber::parse("12345")?);
    let (to, contact) = (Endpoint::Device("8001".parse()?), ContactId(1));
    let clips = vec![Clip::Prompt("welcome".to_owned())];
    for command in [
        SwitchCommand::Dial { leg, to, caller, contact, auto_answer: false },
        SwitchCommand::Play { leg, play: PlayId(1), clips, looped: false },
        SwitchCommand::Hangup { leg, cause: Cause::Normal },
    ] {
        switch.execute(command);
        println!("{:?}", switch.report().await);
    }
    Ok(())
}
