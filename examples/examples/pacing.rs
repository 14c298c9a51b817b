//! Dials a list for eight hours in virtual time, once with one call for each free agent and once ahead of them.
//!
//! ```text
//! cargo run -p cti-examples --example pacing
//! ```
//!
//! You see how busy twenty agents are kept by progressive and by predictive dialling, and how few of those who answer
//! find nobody: the cap of 3 % is never reached, whatever the dice say.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{cmp::Reverse, collections::BinaryHeap, error::Error, time::Duration};

use cti_acd::dialer::{
    AttemptId, CallOutcome, Campaign, ContactResult, Dialer, Input, Mode, NewRecord, Output,
    RecordId, Region,
};
use cti_core::{address::PhoneNumber, id::AgentId, time::Timestamp};

const AGENTS: u32 = 20;
const HOURS: u64 = 8;

/// What will happen.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    Outcome(AttemptId, CallOutcome),
    Done(RecordId, AgentId),
}

/// Numbers that look random, the same ones every time.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.share()).ln()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for mode in [Mode::Progressive, Mode::Predictive] {
        let (busy, dialer) = eight_hours(mode)?;
        let (tally, window) = (dialer.tally(), dialer.window());
        println!(
            "{:>11}: {} dialled, {} answered, {} found nobody ({:.2} %), agents busy {:.0} %",
            mode.name(),
            tally.dialled,
            tally.answered,
            tally.abandoned,
            100.0 * window.abandonment(),
            100.0 * busy / (f64::from(AGENTS) * HOURS as f64 * 3600.0),
        );
        assert!(window.abandonment() <= 0.03);
    }
    Ok(())
}

/// Three calls in ten are answered, within some ten seconds; a talk takes two minutes.
fn eight_hours(mode: Mode) -> Result<(f64, Dialer), Box<dyn Error>> {
    let mut dialer = Dialer::new(Campaign::new(mode, Region::any_time("city")))?;
    let (mut dice, mut busy) = (Dice(42), 0.0);
    let mut now = Timestamp::from_secs(1_767_232_800);
    let end = now + Duration::from_secs(HOURS * 3600);
    for id in 0..60_000 {
        let number = PhoneNumber::parse(&format!("138{id:08}"))?;
        dialer.handle(now, Input::Import(NewRecord::new(RecordId(id), number)))?;
    }
    for agent in 0..AGENTS {
        dialer.handle(now, Input::AgentIdle(AgentId::new(&agent.to_string())?))?;
    }
    dialer.handle(now, Input::Start)?;

    let mut calls: BinaryHeap<Reverse<(Timestamp, u64, Happens)>> = BinaryHeap::new();
    let mut order = 0;
    loop {
        while let Some(output) = dialer.poll_output() {
            let (after, happens) = match output {
                Output::Dial { attempt, .. } if dice.share() < 0.3 => {
                    let after = (3.0 + dice.exponential(7.0)).min(24.0);
                    (after, Happens::Outcome(attempt, CallOutcome::Answered))
                }
                Output::Dial { attempt, .. } => {
                    (25.0, Happens::Outcome(attempt, CallOutcome::NoAnswer))
                }
                Output::Connect { record, agent, .. } => {
                    let talk = dice.exponential(120.0);
                    busy += talk;
                    (talk, Happens::Done(record, agent))
                }
                // A person who finds nobody hears who called. Each of these says why, in two languages.
                Output::Abandon { .. } | Output::Retry { .. } | Output::Ended { .. } => continue,
                Output::Imported { .. } | Output::QuotaReached { .. } | Output::Clear { .. } => {
                    continue;
                }
                Output::Preview { .. } | Output::PreviewEnded { .. } | Output::StartFlow { .. } => {
                    unreachable!("not in these modes")
                }
            };
            order += 1;
            calls.push(Reverse((now + Duration::from_secs_f64(after), order, happens)));
        }
        let next = calls.peek().map(|Reverse((at, ..))| *at);
        let due = dialer.poll_timeout();
        let Some(at) = next.into_iter().chain(due).min().filter(|at| *at < end) else { break };
        now = at;
        if due == Some(at) {
            dialer.handle_timeout(at);
        } else if let Some(Reverse((_, _, happens))) = calls.pop() {
            match happens {
                Happens::Outcome(attempt, outcome) => {
                    dialer.handle(now, Input::Outcome { attempt, outcome })?;
                }
                Happens::Done(record, agent) => {
                    let result = ContactResult::Completed;
                    dialer.handle(now, Input::Result { record, result })?;
                    dialer.handle(now, Input::AgentIdle(agent))?;
                }
            }
        }
    }
    Ok((busy, dialer))
}
