//! Records what happens to a centre and does it again: the two logs are equal, byte for byte.
//!
//! ```text
//! cargo run -p cti-examples --example replay
//! ```
//!
//! You see how many inputs and events the recording has, and that the replay agrees. This is what
//! `--record-trace FILE` and `hotline replay FILE` do with a live system.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    address::PhoneNumber,
    center::{Center, Input},
    command::{Command, Request},
    id::{LegId, RequestId},
    switch::{Origin, SwitchReport},
    time::Timestamp,
    trace::{Header, Step, replay},
};
use serde_json::{from_str, to_string};

/// A Center whose inputs are written down before they are handed in.
struct Recorder {
    center: Center,
    trace: Vec<String>,
    log: Vec<String>,
}

impl Recorder {
    fn step(&mut self, step: Step) -> Result<(), Box<dyn Error>> {
        self.trace.push(to_string(&step)?);
        match step {
            Step::Input { at, input } => self.center.handle(at, input)?,
            Step::Timeout { at } => self.center.handle_timeout(at),
        }
        while let Some(event) = self.center.poll_event() {
            self.log.push(to_string(&event)?);
        }
        while self.center.poll_output().is_some() {}
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let center = cti_examples::small_center()?;
    let started = Timestamp::from_secs(1_000_000);
    let parts = serde_json::json!("the small centre");
    let header = Header { version: "1".to_owned(), parts, snapshot: center.snapshot(), started };
    let mut recorder = Recorder { center, trace: vec![to_string(&header)?], log: Vec::new() };
    recorder.center.start(started, "1");

    let ask = |id, command| Input::Request(Request { id: RequestId(id), command });
    let (agent, seat) = ("8001".parse()?, "A01".parse()?);
    let incoming = SwitchReport::Incoming {
        leg: LegId(1),
        origin: Origin::Trunk("trunk".parse()?),
        caller: PhoneNumber::parse("13812341234")?,
        called: PhoneNumber::parse("12345")?,
        network_id: "a84b4c76e66710@example.com".to_owned(),
    };
    for (second, input) in [
        (1, Input::Report(SwitchReport::DeviceInService { device: "8001".parse()? })),
        (2, ask(1, Command::SignIn { agent, seat, queues: None })),
        (3, ask(2, Command::SetReady { agent: "8001".parse()? })),
        (4, Input::Report(incoming)),
        (9, ask(3, Command::ClearAll)),
    ] {
        recorder.step(Step::Input { at: Timestamp::from_secs(1_000_000 + second), input })?;
    }

    let mut again = Vec::new();
    let mut lines = recorder.trace.iter().map(String::as_str);
    let header: Header = from_str(lines.next().ok_or("a trace begins with its header")?)?;
    replay(&mut cti_examples::small_center()?, header, lines, |event| {
        again.push(to_string(&event).expect("an event can always be serialised"));
    })?;
    again.iter().for_each(|line| println!("{line}"));
    assert_eq!(again, recorder.log);
    println!("{} inputs gave {} events, twice", recorder.trace.len() - 1, again.len());
    Ok(())
}
