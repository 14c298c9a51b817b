//! A strategy of your own, in thirty lines: who has handled callers for the shortest time gets the next one.
//!
//! ```text
//! cargo run -p cti-examples --example own_strategy
//! ```
//!
//! You see a day of two agents, under the strategy that comes with the crate and under this one: every other caller
//! takes long, and they do not all go to the same agent any more.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, sync::Arc, time::Duration};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
    strategy::{Candidate, Strategy, Words},
    tryout::{Arrival, Day, Shift},
};
use cti_core::{id::QueueId, time::Timestamp};

/// Prefers who has handled callers for the shortest time in this shift, writing up included.
#[derive(Debug)]
struct LeastHandled;

impl Strategy for LeastHandled {
    fn name(&self) -> &'static str {
        "least_handled"
    }
    fn description(&self) -> Words {
        Words::new("处理总时长最短者优先", "who has handled callers for the shortest time")
    }
    /// The smallest is preferred.
    fn key(&self, agent: &Candidate<'_>) -> i64 {
        i64::try_from(agent.figures.handled.as_secs()).unwrap_or(i64::MAX)
    }
    fn why(&self, agent: &Candidate<'_>, _now: Timestamp) -> Words {
        let seconds = agent.figures.handled.as_secs();
        Words::new(format!("今日处理 {seconds} 秒"), format!("{seconds} s handled today"))
    }
}

/// Two agents and eight callers; every other one talks for five minutes.
fn day() -> Result<Day, Box<dyn Error>> {
    let general: QueueId = "general".parse()?;
    let mut day = Day::default();
    for number in 0..8u64 {
        day.arrivals.push(Arrival {
            at: Timestamp::from_secs(60 + number * 400),
            queue: general.clone(),
            priority: 0,
            needs: Default::default(),
            patience: None,
            handling: Duration::from_secs(if number % 2 == 0 { 300 } else { 30 }),
        });
    }
    for agent in ["8001", "8002"] {
        let (agent, queues) = (agent.parse()?, vec![general.clone()]);
        let (from, until) = (Timestamp::from_secs(1), Timestamp::from_secs(10_000));
        day.shifts.push(Shift { agent, queues, from, until });
    }
    Ok(day)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut busy = Vec::new();
    for strategy in ["longest_idle", "least_handled"] {
        let mut general = QueueRules::new("general".parse()?);
        general.strategy = strategy.to_owned();
        let config = AcdConfig { queues: vec![general], ..AcdConfig::default() };
        let report = day()?.run(Acd::with_strategies(config, vec![Arc::new(LeastHandled)])?);
        for (agent, load) in &report.agents {
            println!("{strategy}: {agent} was busy for {} s", load.busy.as_secs());
        }
        busy.push(report.agents.values().map(|load| load.busy).max().unwrap_or_default());
    }
    assert!(busy[1] < busy[0], "the work is shared more evenly");
    Ok(())
}
