//! Drives a Center in real time with a switch of your own, asks it for things and follows its events.
//!
//! ```text
//! cargo run -p cti-examples --example own_switch
//! ```
//!
//! You see a call that this program makes up: its switch reports a caller and answers every phone that the Center
//! rings. The caller is greeted (for no time at all), queued, connected to agent 8001 and cleared.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_core::{
    address::PhoneNumber,
    command::Command,
    event::Fact,
    id::LegId,
    journal::memory::MemoryJournal,
    runtime::{self, NoLookup, Parts, SubscriptionEvent},
    switch::{Origin, PlayEnd, Switch, SwitchCommand, SwitchReport},
    words::in_words,
};
use tokio::{sync::mpsc, time::timeout};

/// A switch without a network: whom it is told to ring answers, what it is told to play is over at once.
struct Eager {
    reports: mpsc::Receiver<SwitchReport>,
    sender: mpsc::Sender<SwitchReport>,
}

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
        self.sender.try_send(report).expect("one call has a handful of reports");
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        self.reports.recv().await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sender, reports) = mpsc::channel(64);
    let parts = Parts {
        switch: Box::new(Eager { reports, sender: sender.clone() }),
        journal: Box::new(MemoryJournal::default()),
        lookup: Arc::new(NoLookup),
        version: "1".to_owned(),
        trace: None,
    };
    let centre = runtime::spawn(cti_examples::small_center()?, parts);
    let mut events = centre.subscribe(None).await?;

    let (agent, seat) = ("8001".parse()?, "A01".parse()?);
    sender.send(SwitchReport::DeviceInService { device: "8001".parse()? }).await?;
    centre.request(Command::SignIn { agent, seat, queues: None }).await?;
    centre.request(Command::SetReady { agent: "8001".parse()? }).await?;
    let incoming = SwitchReport::Incoming {
        leg: LegId(1),
        origin: Origin::Trunk("trunk".parse()?),
        caller: PhoneNumber::parse("13812341234")?,
        called: PhoneNumber::parse("12345")?,
        network_id: "example".to_owned(),
    };
    sender.send(incoming).await?;

    while let Some(SubscriptionEvent::Event(event)) =
        timeout(Duration::from_secs(10), events.next()).await?
    {
        println!("{} {}", event.no, in_words(&event.fact));
        if let Fact::Connected { call, .. } = event.fact {
            centre.request(Command::ClearCall { call }).await?;
        } else if let Fact::CallEnded { .. } = event.fact {
            break;
        }
    }
    centre.stop().await;
    Ok(())
}
