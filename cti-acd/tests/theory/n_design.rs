//! An N-design: some agents serve the first class only, the others both, the first class before the second, and both
//! give up. Solved exactly as a Markov chain, which no formula does.

use cti_acd::{
    Acd,
    config::{AcdConfig, AgentProfile, Between, Membership, QueueRules},
    tryout::{End, Simulation},
};

use crate::chain::{To, in_the_long_run, served_within};
use crate::random::{Mean, Stream, arrivals, contacts, queue, staff};

const HANDLING: f64 = 180.0;
const PATIENCE: [f64; 2] = [120.0, 240.0];
const PER_HOUR: [f64; 2] = [90.0, 75.0];
const ONLY_FIRST: usize = 3;
const BOTH: usize = 5;
/// Seconds within which a contact counts as answered in time.
const SOON: f64 = 20.0;
/// More than so many never wait, for all that can be measured.
const LONGEST: usize = 60;

/// Busy agents of each pool, waiting contacts of each class.
type State = (usize, usize, usize, usize);

/// The jumps out of a state with their rates per second.
fn jumps((only, both, first, second): State) -> Vec<(State, f64)> {
    let mut jumps = Vec::new();
    let mut jump = |to, rate: f64| {
        if rate > 0.0 {
            jumps.push((to, rate));
        }
    };
    let arrive = PER_HOUR.map(|it| it / 3600.0);
    if only < ONLY_FIRST {
        jump((only + 1, both, first, second), arrive[0]);
    } else if both < BOTH {
        jump((only, both + 1, first, second), arrive[0]);
    } else if first < LONGEST {
        jump((only, both, first + 1, second), arrive[0]);
    }
    if both < BOTH {
        jump((only, both + 1, first, second), arrive[1]);
    } else if second < LONGEST {
        jump((only, both, first, second + 1), arrive[1]);
    }
    // Who finishes takes the next one: the first class before the second.
    let (of_only, of_both) = (only as f64 / HANDLING, both as f64 / HANDLING);
    match first {
        0 => jump((only.saturating_sub(1), both, first, second), of_only),
        _ => jump((only, both, first - 1, second), of_only),
    }
    match (first, second) {
        (0, 0) => jump((only, both.saturating_sub(1), first, second), of_both),
        (0, _) => jump((only, both, first, second - 1), of_both),
        _ => jump((only, both, first - 1, second), of_both),
    }
    if first > 0 {
        jump((only, both, first - 1, second), first as f64 / PATIENCE[0]);
    }
    if second > 0 {
        jump((only, both, first, second - 1), second as f64 / PATIENCE[1]);
    }
    jumps
}

/// Returns the chance that a contact of the first class is answered in time. Those who came before it go first, and
/// nobody else matters.
fn first_in_time(shares: &[(State, f64)]) -> f64 {
    let everybody = (ONLY_FIRST + BOTH) as f64 / HANDLING;
    let busy = |state: &State| state.0 == ONLY_FIRST && state.1 == BOTH;
    let waits: Vec<(usize, f64)> =
        shares.iter().filter(|(it, _)| busy(it)).map(|(it, share)| (it.2, *share)).collect();
    let jumps = |ahead: usize| {
        let next = ahead.checked_sub(1).map_or(To::Served, To::State);
        let leave = everybody + ahead as f64 / PATIENCE[0];
        vec![(next, leave), (To::Gone, 1.0 / PATIENCE[0])]
    };
    let at_once: f64 = shares.iter().filter(|(it, _)| !busy(it)).map(|(_, share)| share).sum();
    at_once + served_within(&waits, jumps, SOON)
}

/// Returns the chance that a contact of the second class is answered in time. The first class goes before it, those
/// who are still to come too.
fn second_in_time(shares: &[(State, f64)]) -> f64 {
    let busy = |state: &State| state.1 == BOTH;
    let waits: Vec<(State, f64)> = shares.iter().filter(|(it, _)| busy(it)).copied().collect();
    let serve = BOTH as f64 / HANDLING;
    let jumps = |(only, both, first, ahead): State| {
        let mut jumps = vec![(To::Gone, 1.0 / PATIENCE[1])];
        let mut jump = |to: Option<State>, rate: f64| {
            jumps.push((to.map_or(To::Served, To::State), rate));
        };
        let arrive = PER_HOUR[0] / 3600.0;
        match only < ONLY_FIRST {
            true => jump(Some((only + 1, both, first, ahead)), arrive),
            false if first < LONGEST => jump(Some((only, both, first + 1, ahead)), arrive),
            false => {}
        }
        let of_only = only as f64 / HANDLING;
        if first > 0 {
            let fewer = Some((only, both, first - 1, ahead));
            jump(fewer, of_only + serve + first as f64 / PATIENCE[0]);
        } else {
            if only > 0 {
                jump(Some((only - 1, both, first, ahead)), of_only);
            }
            jump(ahead.checked_sub(1).map(|ahead| (only, both, first, ahead)), serve);
        }
        if ahead > 0 {
            jump(Some((only, both, first, ahead - 1)), ahead as f64 / PATIENCE[1]);
        }
        jumps
    };
    let at_once: f64 = shares.iter().filter(|(it, _)| !busy(it)).map(|(_, share)| share).sum();
    at_once + served_within(&waits, jumps, SOON)
}

#[test]
fn two_pools_and_two_classes_that_give_up() {
    let shares = in_the_long_run((0, 0, 0, 0), jumps);
    let mean = |count: fn(&State) -> usize| {
        shares.iter().map(|(state, share)| count(state) as f64 * share).sum::<f64>()
    };
    let waiting = [mean(|state| state.2), mean(|state| state.3)];
    let in_time = [first_in_time(&shares), second_in_time(&shares)];
    // The first class prefers those who serve nothing else; who serves both takes it first.
    let mut first = QueueRules::new(queue("first"));
    first.strategy = "top_down".to_owned();
    let second = QueueRules::new(queue("second"));
    let agents = (0..BOTH)
        .map(|number| {
            let mut profile = AgentProfile::new(format!("b{number:04}").parse().unwrap());
            let (tier, position) = (2, 0);
            profile.queues.insert(queue("first"), Membership { tier, position, rank: 1 });
            profile.queues.insert(queue("second"), Membership { tier, position, rank: 2 });
            profile
        })
        .collect();
    let queues = vec![first, second];
    let between = Between::QueueRank;
    let acd = Acd::new(AcdConfig { queues, agents, between, ..AcdConfig::default() }).unwrap();
    let mut simulation = Simulation::new(acd);
    staff(&mut simulation, 'a', ONLY_FIRST, &["first"]);
    staff(&mut simulation, 'b', BOTH, &["first", "second"]);
    let streams = ["first", "second"].into_iter().enumerate().map(|(class, queue)| Stream {
        queue,
        priority: 0,
        between: 3600.0 / PER_HOUR[class],
        handling: HANDLING,
        patience: Some(PATIENCE[class]),
    });
    let streams: Vec<Stream> = streams.collect();
    let mut gave_up = [Mean::new(), Mean::new()];
    let mut soon = [Mean::new(), Mean::new()];
    let mut time = [Mean::new(), Mean::new()];
    simulation.run(arrivals(&streams, contacts(20_000), 11), &mut |outcome| {
        let class = usize::from(outcome.arrival.queue == queue("second"));
        gave_up[class].add(f64::from(u8::from(outcome.end == End::Abandoned)));
        let answered = matches!(outcome.end, End::Answered { .. });
        let in_time = answered && outcome.waited.as_secs_f64() <= SOON;
        soon[class].add(f64::from(u8::from(in_time)));
        time[class].add(outcome.waited.as_secs_f64());
    });
    for class in 0..2 {
        // Little's law, and giving up at the rate of those who wait.
        let mean = waiting[class] / PER_HOUR[class] * 3600.0;
        let name = format!("N-design, class {}", class + 1);
        gave_up[class].check(&format!("{name} | gives up"), mean / PATIENCE[class]);
        soon[class].check(&format!("{name} | within 20 s"), in_time[class]);
        time[class].check(&format!("{name} | mean wait, s"), mean);
    }
}
