//! Staffs a day of a hotline from a curve of calls: Erlang A, interval by interval.
//!
//! ```text
//! cargo run -p cti-examples --example forecast
//! ```
//!
//! You see for each half hour how many agents must be at their seats for 80 % within 20 s, how many that makes on the
//! roster, and what they reach; then what one agent less would cost in the busiest one.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, time::Duration};

use cti_acd::forecast::{Counting, ErlangA, Interval, LoadCurve, Target, Traffic};

/// Calls per half hour from 08:30 on.
const CALLS: [f64; 18] = [
    40.0, 82.0, 118.0, 125.0, 121.0, 110.0, 74.0, 41.0, 33.0, 45.0, 88.0, 104.0, 109.0, 101.0,
    92.0, 77.0, 60.0, 38.0,
];

fn main() -> Result<(), Box<dyn Error>> {
    let (handle, patience) = (Duration::from_secs(230), Duration::from_secs(150));
    let curve = LoadCurve {
        interval: Duration::from_secs(1800),
        patience: Some(patience),
        shrinkage: 0.25,
        at_least: 2,
        target: Target {
            service_level: Some((0.8, Duration::from_secs(20))),
            occupancy: Some(0.88),
            ..Target::default()
        },
    };
    let plan = curve.plan(&CALLS.map(|calls| Interval { calls, handle }))?;

    println!("from   calls  seats  roster  in 20 s  give up  busy");
    for (index, one) in plan.intervals.iter().enumerate() {
        let minutes = 8 * 60 + 30 + 30 * index;
        let reached = one.reached;
        println!(
            "{:02}:{:02}  {:>5}  {:>5}  {:>6}  {:>6.1}%  {:>6.1}%  {:>3.0}%",
            minutes / 60,
            minutes % 60,
            one.interval.calls,
            one.agents,
            one.rostered,
            100.0 * reached.service_level,
            100.0 * reached.abandonment,
            100.0 * reached.occupancy,
        );
    }
    println!(
        "day: {:.1}% within 20 s, {:.1}% give up, {:.0} hours on the roster",
        100.0 * plan.service_level,
        100.0 * plan.abandonment,
        plan.rostered_hours
    );

    let busiest = &plan.intervals[3];
    let traffic = Traffic::per_hour(2.0 * busiest.interval.calls, handle)?;
    let fewer = ErlangA::new(traffic, busiest.agents - 1, patience)?;
    let level = fewer.service_level(Duration::from_secs(20), Counting::Offered);
    println!("one agent less at 10:00: {:.1}% within 20 s", 100.0 * level);
    assert!(level < busiest.reached.service_level);
    Ok(())
}
