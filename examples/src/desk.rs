//! A desk of two agents and their supervisor, for the examples of services on calls.

use std::{error::Error, sync::Arc, time::Duration};

use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{Destination, NumberConfig, OutsideConfig, SeatConfig},
    journal::memory::MemoryJournal,
    needs::Medium,
    runtime::{self, Handle, LiveSwitch, NoLookup, Parts, People},
    target::Target,
    testkit::ScriptedFlows,
};

/// Both agents at work at their phones 8001 and 8002, the supervisor's phone 8003; a citizen who dials 12345 at 00:05
/// talks with agent 8001 from 00:07 on, in call 1.
pub const TALK: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:01 agent 8001 signs in at A01
    00:01 agent 8001 is ready
    00:05 citizen 13812341234 dials 12345
    00:07 phone 8001 answers
    00:08 agent 8002 signs in at A02
    00:08 agent 8002 is ready
    00:10
";

/// Returns the desk: 12345 leads to the queue `general`, 12346 to the program `crm`, 9 and a mobile number outside.
///
/// # Errors
/// Never; the parts fit together.
pub fn desk() -> Result<Center, Box<dyn Error>> {
    let mut config = crate::small_config()?;
    config.seats.push(SeatConfig {
        id: "A03".parse()?,
        device: "8003".parse()?,
        pickup_group: None,
    });
    for seat in &mut config.seats {
        seat.pickup_group = Some("desk".to_owned());
    }
    for agent in &mut config.agents {
        agent.capacity = [(Medium::Chat, 2)].into();
    }
    let number = |number: &str, to| -> Result<_, Box<dyn Error>> {
        Ok(NumberConfig { number: PhoneNumber::parse(number)?, name: number.to_owned(), to })
    };
    config.numbers = vec![
        number("12345", Destination::Queue("general".parse()?))?,
        number(
            "12346",
            Destination::Program {
                program: "crm".to_owned(),
                within: Duration::from_secs(3),
                otherwise: Target::Queue("general".parse()?),
            },
        )?,
    ];
    config.outside = vec![OutsideConfig {
        access: "9".to_owned(),
        prefix: "1".to_owned(),
        trunk: "city".parse()?,
        show: PhoneNumber::parse("12345")?,
    }];
    let router = Acd::new(AcdConfig::default())?;
    Ok(Center::new(config, Box::new(router), Box::new(ScriptedFlows::default()))?)
}

/// Runs the desk with a virtual switch; returns what programs hold, and everyone around the switch.
///
/// # Errors
/// Never; the parts fit together.
pub fn live_desk() -> Result<(Handle, People), Box<dyn Error>> {
    let center = desk()?;
    let (switch, people) = LiveSwitch::new(&center);
    let parts = Parts {
        switch: Box::new(switch),
        journal: Box::new(MemoryJournal::default()),
        lookup: Arc::new(NoLookup),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        trace: None,
    };
    Ok((runtime::spawn(center, parts), people))
}
