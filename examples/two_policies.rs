//! A whole day of a 16-seat centre under two policies: first come first served, or urgent matters first.
//!
//! ```text
//! cargo run -p cti-examples --example two_policies
//! ```
//!
//! You see one made-up day, the same callers and agents each time, first as they come and then with a priority
//! that is worth two minutes of waiting: service level, waits, who gave up, how busy agents were, before and after.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, time::Duration};

use cti_acd::{
    Acd,
    config::{AcdConfig, Ageing, QueueRules},
    tryout::{Arrival, Comparison, Day, Shift},
};
use cti_core::{id::QueueId, time::Timestamp};

/// SplitMix64 (Steele, Lea, Flood 2014), and exponential times from it.
struct Random(u64);

impl Random {
    fn seconds(&mut self, mean: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let uniform = ((z ^ (z >> 31)) >> 11) as f64 + 0.5;
        -(uniform / (1u64 << 53) as f64).ln() * mean
    }
}

/// How many calls come in each hour from eight to eighteen.
const CALLS: [f64; 10] = [180.0, 290.0, 330.0, 300.0, 190.0, 210.0, 300.0, 310.0, 250.0, 140.0];

fn day() -> Result<Day, Box<dyn Error>> {
    let general: QueueId = "general".parse()?;
    let (mut random, mut day, mut second) = (Random(12345), Day::default(), 0.0);
    while second < 36_000.0 {
        let hour = (second / 3600.0) as usize;
        second += random.seconds(3600.0 / CALLS[hour]);
        day.arrivals.push(Arrival {
            at: Timestamp::from_micros((second * 1e6) as u64),
            queue: general.clone(),
            priority: u8::from(random.seconds(1.0) > 2.0),
            needs: Default::default(),
            patience: Some(Duration::from_secs_f64(random.seconds(150.0))),
            handling: Duration::from_secs_f64(random.seconds(185.0)),
        });
    }
    for seat in 1..=16u64 {
        // Lunch of half an hour, four at a time.
        let lunch = 3 * 3600 + seat / 4 * 1800;
        for (from, until) in [(0, lunch), (lunch + 1800, 36_000)] {
            day.shifts.push(Shift {
                agent: format!("{}", 8000 + seat).parse()?,
                queues: vec![general.clone()],
                from: Timestamp::from_secs(from),
                until: Timestamp::from_secs(until),
            });
        }
    }
    Ok(day)
}

fn policy(ageing: Ageing, strategy: &str) -> Result<Acd, Box<dyn Error>> {
    let general =
        QueueRules { ageing, strategy: strategy.to_owned(), ..QueueRules::new("general".parse()?) };
    Ok(Acd::new(AcdConfig { queues: vec![general], ..AcdConfig::default() })?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let day = day()?;
    let worth = Duration::from_millis(1);
    let first_come = policy(Ageing::Linear { worth }, "longest_idle")?;
    let worth = Duration::from_secs(120);
    let urgent_first = policy(Ageing::Linear { worth }, "fewest_calls")?;
    let comparison = Comparison { before: day.run(first_come), after: day.run(urgent_first) };
    print!("{comparison}");
    assert_eq!(comparison.before.all.contacts, comparison.after.all.contacts);
    assert_eq!(comparison.before.agents.len(), 16);
    Ok(())
}
