//! Exponential times from a seed, and means with their deviation.

use std::time::Duration;

use cti_acd::tryout::{Arrival, Shift, Simulation};
use cti_core::{
    id::{AgentId, QueueId},
    time::Timestamp,
};

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Between 0 and 1, neither of them.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> Duration {
        Duration::from_secs_f64(-self.uniform().ln() * mean)
    }
}

pub(crate) fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

/// How many contacts a cell has.
pub(crate) fn contacts(usual: usize) -> usize {
    std::env::var("CTI_ACD_CONTACTS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Lets agents be there for good; their names begin with a letter.
pub(crate) fn staff(simulation: &mut Simulation, letter: char, count: usize, queues: &[&str]) {
    for number in 0..count {
        simulation.shift(Shift {
            agent: AgentId::new(&format!("{letter}{number:04}")).unwrap(),
            queues: queues.iter().map(|name| queue(name)).collect(),
            from: Timestamp::from_secs(1),
            until: Timestamp::from_secs(4_000_000_000),
        });
    }
}

/// One stream of contacts: a Poisson process with exponential handling and patience, times in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) queue: &'static str,
    pub(crate) priority: u8,
    pub(crate) between: f64,
    pub(crate) handling: f64,
    pub(crate) patience: Option<f64>,
}

/// Contacts of several streams in the order they come.
pub(crate) fn arrivals(
    streams: &[Stream],
    count: usize,
    seed: u64,
) -> impl Iterator<Item = Arrival> + use<'_> {
    let mut random = Random(seed);
    let mut next: Vec<f64> = streams
        .iter()
        .map(|stream| 10.0 + random.exponential(stream.between).as_secs_f64())
        .collect();
    (0..count).map(move |_| {
        let first = (0..next.len()).min_by(|a, b| next[*a].total_cmp(&next[*b])).unwrap();
        let stream = &streams[first];
        let arrival = Arrival {
            at: Timestamp::from_micros((next[first] * 1e6) as u64),
            queue: queue(stream.queue),
            priority: stream.priority,
            needs: Default::default(),
            patience: stream.patience.map(|mean| random.exponential(mean)),
            handling: random.exponential(stream.handling),
        };
        next[first] += random.exponential(stream.between).as_secs_f64();
        arrival
    })
}

/// Means over a run, from batches, so that the deviation knows that neighbours resemble each other.
#[derive(Debug)]
pub(crate) struct Mean {
    values: Vec<f64>,
}

impl Mean {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new() }
    }

    pub(crate) fn add(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Checks |simulated − exact| ≤ max(3σ, 0.5 %).
    pub(crate) fn check(&self, name: &str, exact: f64) {
        const BATCHES: usize = 20;
        let kept = &self.values[self.values.len() / 20..];
        let batches: Vec<f64> = kept
            .chunks_exact(kept.len() / BATCHES)
            .map(|batch| batch.iter().sum::<f64>() / batch.len() as f64)
            .collect();
        let mean = batches.iter().sum::<f64>() / batches.len() as f64;
        let variance =
            batches.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (batches.len() - 1) as f64;
        let sigma = (variance / batches.len() as f64).sqrt();
        let allowed = (3.0 * sigma).max(0.005 * exact);
        let off = (mean - exact) / exact * 100.0;
        eprintln!("{name} | {exact:.5} | {mean:.5} | {sigma:.5} | {off:+.2} %");
        assert!((mean - exact).abs() <= allowed, "{name}: {mean} is not {exact} ± {allowed}");
        assert!(sigma < 0.2 * exact, "{name}: too few contacts to tell");
    }
}
