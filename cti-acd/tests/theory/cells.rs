//! M/M/n, M/M/n with impatience, with a limit, with two priorities; each with its distribution, not only its mean,
//! because the mean does not notice who is served first.

use std::time::Duration;

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
    forecast::{Counting, ErlangA, ErlangC, FiniteQueue, Traffic},
    tryout::{End, Outcome, Simulation},
};

use crate::chain::{To, served_within};
use crate::random::{Mean, Stream, arrivals, contacts, queue, staff};

const HANDLING: f64 = 180.0;
const SOON: Duration = Duration::from_secs(20);

fn run(
    rules: impl FnOnce(&mut QueueRules),
    agents: usize,
    streams: &[Stream],
    told: &mut dyn FnMut(&Outcome<'_>),
) {
    let mut general = QueueRules::new(queue("general"));
    rules(&mut general);
    let acd = Acd::new(AcdConfig { queues: vec![general], ..AcdConfig::default() }).unwrap();
    let mut simulation = Simulation::new(acd);
    staff(&mut simulation, 'a', agents, &["general"]);
    simulation.run(arrivals(streams, contacts(40_000), 7), told);
}

fn stream(per_hour: f64, priority: u8, patience: Option<f64>) -> Stream {
    let between = 3600.0 / per_hour;
    Stream { queue: "general", priority, between, handling: HANDLING, patience }
}

fn traffic(per_hour: f64) -> Traffic {
    Traffic::per_hour(per_hour, Duration::from_secs_f64(HANDLING)).unwrap()
}

fn indicator(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[test]
fn callers_who_wait_for_ever() {
    let exact = ErlangC::new(traffic(170.0), 10).unwrap();
    let (mut waits, mut soon, mut time) = (Mean::new(), Mean::new(), Mean::new());
    run(|_| {}, 10, &[stream(170.0, 0, None)], &mut |outcome| {
        assert_eq!(outcome.overtook, 0);
        waits.add(indicator(!outcome.waited.is_zero()));
        soon.add(indicator(outcome.waited <= SOON));
        time.add(outcome.waited.as_secs_f64());
    });
    waits.check("M/M/10 | waits", exact.wait_probability());
    soon.check("M/M/10 | within 20 s", exact.service_level(SOON));
    time.check("M/M/10 | mean wait, s", exact.average_wait().unwrap().as_secs_f64());
}

#[test]
fn callers_who_give_up() {
    let patience = Duration::from_secs(120);
    let exact = ErlangA::new(traffic(210.0), 10, patience).unwrap();
    let (mut gave_up, mut soon, mut time) = (Mean::new(), Mean::new(), Mean::new());
    run(|_| {}, 10, &[stream(210.0, 0, Some(120.0))], &mut |outcome| {
        gave_up.add(indicator(outcome.end == End::Abandoned));
        let answered = matches!(outcome.end, End::Answered { .. });
        soon.add(indicator(answered && outcome.waited <= SOON));
        time.add(outcome.waited.as_secs_f64());
    });
    gave_up.check("M/M/10+M | gives up", exact.abandonment());
    soon.check("M/M/10+M | within 20 s", exact.service_level(SOON, Counting::Offered));
    time.check("M/M/10+M | mean wait, s", exact.average_wait().as_secs_f64());
}

#[test]
fn callers_who_find_the_queue_full() {
    let exact = FiniteQueue::new(traffic(220.0), 10, 5).unwrap();
    let (mut refused, mut soon, mut time) = (Mean::new(), Mean::new(), Mean::new());
    run(|rules| rules.max_length = Some(5), 10, &[stream(220.0, 0, None)], &mut |outcome| {
        let answered = matches!(outcome.end, End::Answered { .. });
        refused.add(indicator(!answered));
        soon.add(indicator(answered && outcome.waited <= SOON));
        if answered {
            time.add(outcome.waited.as_secs_f64());
        }
    });
    refused.check("M/M/10/15 | refused", exact.blocking());
    soon.check("M/M/10/15 | within 20 s", exact.answered_within(SOON));
    time.check("M/M/10/15 | mean wait, s", exact.average_wait().as_secs_f64());
}

/// Cobham 1954 for equal handling times; the class above sees a queue of its own that is served by all agents.
#[test]
fn two_priorities() {
    let exact = ErlangC::new(traffic(150.0), 10).unwrap();
    let (free, rate) = (1.0 - 0.75, 10.0 / HANDLING);
    let above = 60.0 * HANDLING / 3600.0 / 10.0;
    let first = exact.wait_probability() / rate / (1.0 - above);
    let (mut high, mut low, mut late, mut soon) =
        (Mean::new(), Mean::new(), Mean::new(), Mean::new());
    let streams = [stream(60.0, 5, None), stream(90.0, 0, None)];
    run(|_| {}, 10, &streams, &mut |outcome| {
        if outcome.arrival.priority == 5 {
            high.add(outcome.waited.as_secs_f64());
            late.add(indicator(outcome.waited > SOON));
        } else {
            low.add(outcome.waited.as_secs_f64());
            soon.add(indicator(outcome.waited <= SOON));
        }
    });
    high.check("two classes, first | mean wait, s", first);
    low.check("two classes, second | mean wait, s", first / free);
    let later = exact.wait_probability() * (-rate * (1.0 - above) * SOON.as_secs_f64()).exp();
    late.check("two classes, first | later than 20 s", later);

    // Who comes in the second class is reached when nobody is before him, later ones of the first class included.
    let found: Vec<(usize, f64)> = (0..400)
        .map(|ahead| (ahead, exact.wait_probability() * 0.25 * 0.75_f64.powi(ahead as i32)))
        .collect();
    let jumps = |ahead: usize| {
        let next = ahead.checked_sub(1).map_or(To::Served, To::State);
        let longer = (To::State(ahead + 1), 60.0 / 3600.0);
        std::iter::once((next, rate)).chain((ahead < 400).then_some(longer)).collect()
    };
    let waited = served_within(&found, jumps, SOON.as_secs_f64());
    soon.check("two classes, second | within 20 s", 1.0 - exact.wait_probability() + waited);
}
