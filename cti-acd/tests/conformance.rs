//! The router keeps the rules that every router must keep, by whichever strategy it chooses.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::time::Duration;

use cti_acd::{
    Acd,
    config::{AcdConfig, MissRules, QueueRules},
};
use cti_core::{
    conformance::router::{Harness, run_all},
    id::QueueId,
    router::Router,
};

const STRATEGIES: [&str; 12] = [
    "longest_idle",
    "longest_average_idle",
    "fewest_calls",
    "least_talk_time",
    "highest_skill",
    "lowest_skill",
    "random",
    "ring_all",
    "ring_progressively",
    "round_robin",
    "sequential",
    "top_down",
];

struct By {
    strategy: &'static str,
    max_wait: Option<Duration>,
}

impl Harness for By {
    fn create(&mut self, queues: &[QueueId]) -> Box<dyn Router> {
        let rules = |queue: &QueueId| QueueRules {
            strategy: self.strategy.to_owned(),
            max_wait: self.max_wait,
            ..QueueRules::new(queue.clone())
        };
        // An agent who missed an offer is free again as soon as he says so.
        let misses = MissRules {
            after_no_answer: Duration::ZERO,
            after_reject: Duration::ZERO,
            after_unreachable: Duration::ZERO,
            max_misses: 0,
            pause: Duration::ZERO,
        };
        let queues = queues.iter().map(rules).collect();
        Box::new(Acd::new(AcdConfig { queues, misses, ..AcdConfig::default() }).unwrap())
    }

    fn offers_at_a_time(&self) -> usize {
        if self.strategy.starts_with("ring") { 16 } else { 1 }
    }
}

#[test]
fn the_router_keeps_the_rules_by_whichever_strategy_it_chooses() {
    for strategy in STRATEGIES {
        let report = run_all(&mut By { strategy, max_wait: None });
        assert!(report.violations.is_empty(), "{strategy}: {report}");
    }
}

#[test]
fn the_router_keeps_the_rules_where_callers_overflow() {
    run_all(&mut By { strategy: "longest_idle", max_wait: Some(Duration::from_secs(40)) })
        .expect_conformance();
}
