//! An N-design: some agents serve the first class only, the others both, the first class before the second, and both
//! give up. Solved exactly as a Markov chain, which no formula does.

use std::collections::BTreeMap;

use cti_acd::{
    Acd,
    config::{AcdConfig, AgentProfile, Between, Membership, QueueRules},
    tryout::{End, Simulation},
};

use crate::random::{Mean, Stream, arrivals, contacts, queue, staff};

const HANDLING: f64 = 180.0;
const PATIENCE: [f64; 2] = [120.0, 240.0];
const PER_HOUR: [f64; 2] = [90.0, 75.0];
const ONLY_FIRST: usize = 3;
const BOTH: usize = 5;
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

/// Returns the mean number of waiting contacts of each class.
fn solve() -> [f64; 2] {
    let mut numbers: BTreeMap<State, usize> = BTreeMap::from([((0, 0, 0, 0), 0)]);
    let mut states = vec![(0, 0, 0, 0)];
    let mut next = 0;
    while next < states.len() {
        for (to, _) in jumps(states[next]) {
            numbers.entry(to).or_insert_with(|| {
                states.push(to);
                states.len() - 1
            });
        }
        next += 1;
    }
    let mut into: Vec<Vec<(usize, f64)>> = vec![Vec::new(); states.len()];
    let mut out = vec![0.0; states.len()];
    for (from, state) in states.iter().enumerate() {
        for (to, rate) in jumps(*state) {
            into[numbers[&to]].push((from, rate));
            out[from] += rate;
        }
    }
    // Gauss-Seidel: each state's inflow over its rate of leaving, until nothing changes.
    let mut chance = vec![1.0 / states.len() as f64; states.len()];
    for _ in 0..20_000 {
        let mut change: f64 = 0.0;
        for state in 0..states.len() {
            let inflow: f64 = into[state].iter().map(|(from, rate)| chance[*from] * rate).sum();
            let new = inflow / out[state];
            change = change.max((new - chance[state]).abs());
            chance[state] = new;
        }
        let sum: f64 = chance.iter().sum();
        chance.iter_mut().for_each(|it| *it /= sum);
        if change < 1e-13 {
            break;
        }
    }
    let mean = |count: fn(&State) -> usize| {
        states.iter().zip(&chance).map(|(state, chance)| count(state) as f64 * chance).sum()
    };
    [mean(|state| state.2), mean(|state| state.3)]
}

#[test]
fn two_pools_and_two_classes_that_give_up() {
    let waiting = solve();
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
    let mut time = [Mean::new(), Mean::new()];
    simulation.run(arrivals(&streams, contacts(20_000), 11), &mut |outcome| {
        let class = usize::from(outcome.arrival.queue == queue("second"));
        gave_up[class].add(f64::from(u8::from(outcome.end == End::Abandoned)));
        time[class].add(outcome.waited.as_secs_f64());
    });
    for class in 0..2 {
        // Little's law, and giving up at the rate of those who wait.
        let mean = waiting[class] / PER_HOUR[class] * 3600.0;
        gave_up[class].check(&format!("N, class {class} gives up"), mean / PATIENCE[class]);
        time[class].check(&format!("N, class {class} mean wait"), mean);
    }
}
