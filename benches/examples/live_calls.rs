//! How much memory live calls take: two legs bridged, 200 bytes of call data each, in a Center alone.
//!
//! ```text
//! cargo run --release -p cti-benches --example live_calls            # 100,000 calls
//! cargo run --release -p cti-benches --example live_calls -- 10000
//! ```
//!
//! Prints the resident memory of the process before and after, as Linux counts it.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures, and says what it has measured"
)]

use std::time::{Duration, Instant};

use cti_core::{
    address::PhoneNumber,
    center::{Center, Effect, Input},
    command::{Command, Request, Service},
    config::{CenterConfig, Destination, NumberConfig, OutsideConfig},
    flow::FlowEngine,
    id::{CallId, LegId, RequestId},
    router::Router,
    switch::{Origin, SwitchCommand, SwitchReport},
    target::Target,
    testkit::{ScriptedFlows, SimpleRouter},
    time::Timestamp,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls: u64 = std::env::args().nth(1).map_or(Ok(100_000), |it| it.parse())?;
    let number = |text: &str| PhoneNumber::parse(text);
    let config = CenterConfig {
        numbers: vec![NumberConfig {
            number: number("12345")?,
            name: "hotline".to_owned(),
            to: Destination::Program {
                program: "bench".to_owned(),
                within: Duration::from_secs(60),
                otherwise: Target::Number(number("900000000")?),
            },
        }],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: "city".parse()?,
            show: number("12345")?,
        }],
        ..CenterConfig::default()
    };
    let (router, flows): (Box<dyn Router>, Box<dyn FlowEngine>) =
        (Box::<SimpleRouter>::default(), Box::<ScriptedFlows>::default());
    let mut center = Center::new(config, router, flows)?;
    let now = Timestamp::from_secs(1_000_000);
    center.start(now, "bench");
    let before = resident()?;
    let began = Instant::now();
    let mut inputs = 0_u64;
    for n in 0..calls {
        let (leg, call) = (LegId(2 * n + 1), CallId(n + 1));
        let incoming = SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk("city".parse()?),
            caller: number(&format!("138{n:08}"))?,
            called: number("12345")?,
            network_id: format!("{n}@bench"),
        };
        let data = [("matter".to_owned(), format!("{n:0>188}"))].into();
        let to = Target::Number(number(&format!("9139{n:08}"))?);
        let ask = |service| {
            Input::Request(Request { id: RequestId(n + 1), command: Command::Call(service) })
        };
        for input in [
            Input::Report(incoming),
            ask(Service::AssociateData { call, data, based_on: None }),
            ask(Service::RouteSelect { call, to, priority: 0, needs: Default::default() }),
        ] {
            inputs += 1;
            center.handle(now, input)?;
            drain(&mut center);
        }
        center.handle(now, Input::Report(SwitchReport::Answered { leg: LegId(2 * n + 2) }))?;
        inputs += 1;
        if drain(&mut center) == 0 {
            return Err(format!("{call} is not bridged").into());
        }
    }
    let took = began.elapsed();
    let live = center.calls().filter(|call| call.is_talk()).count();
    let after = resident()?;
    println!("{live} live calls of two bridged legs with 200 bytes of data");
    println!("{:.0} MiB before, {:.0} MiB after", mib(before), mib(after));
    println!("{:.2} KiB a call", (after - before) as f64 / 1024.0 / live as f64);
    println!("{inputs} inputs in {took:.1?}: {:.0} a second", inputs as f64 / took.as_secs_f64());
    Ok(())
}

/// Throws away what a driver would carry out; returns how many bridges there were.
fn drain(center: &mut Center) -> usize {
    while center.poll_event().is_some() {}
    std::iter::from_fn(|| center.poll_output())
        .filter(|output| matches!(&output.effect, Effect::Switch(SwitchCommand::Bridge { .. })))
        .count()
}

/// Returns the resident memory of this process in bytes.
fn resident() -> Result<u64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = text.split_whitespace().nth(1).ok_or("statm has a second field")?.parse()?;
    Ok(pages * 4096)
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
