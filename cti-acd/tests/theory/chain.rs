//! Markov chains, solved as they are: where they stay in the long run, and how soon they arrive.

use std::collections::BTreeMap;

/// Where a jump leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To<S> {
    State(S),
    /// The contact is answered.
    Served,
    /// The contact gave up.
    Gone,
}

/// All states that can be reached, numbered as they were found.
struct Reached<S> {
    states: Vec<S>,
    numbers: BTreeMap<S, usize>,
}

impl<S: Ord + Copy> Reached<S> {
    fn from(start: impl IntoIterator<Item = S>, next: impl Fn(S) -> Vec<S>) -> Self {
        let mut it = Self { states: Vec::new(), numbers: BTreeMap::new() };
        start.into_iter().for_each(|state| it.add(state));
        let mut done = 0;
        while done < it.states.len() {
            next(it.states[done]).into_iter().for_each(|state| it.add(state));
            done += 1;
        }
        it
    }

    fn add(&mut self, state: S) {
        let Self { states, numbers } = self;
        numbers.entry(state).or_insert_with(|| {
            states.push(state);
            states.len() - 1
        });
    }
}

/// Returns the share of time that a chain spends in each of its states.
pub(crate) fn in_the_long_run<S: Ord + Copy>(
    start: S,
    jumps: impl Fn(S) -> Vec<(S, f64)>,
) -> Vec<(S, f64)> {
    let targets = |state| jumps(state).into_iter().map(|(to, _)| to).collect();
    let Reached { states, numbers } = Reached::from([start], targets);
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
    states.into_iter().zip(chance).collect()
}

/// Returns the chance that a contact is served within a time, when it finds a state with the chance that is given.
///
/// Uniformisation (Jensen 1953): jumps are counted by a Poisson process that is as fast as the fastest state.
pub(crate) fn served_within<S: Ord + Copy>(
    start: &[(S, f64)],
    jumps: impl Fn(S) -> Vec<(To<S>, f64)>,
    time: f64,
) -> f64 {
    let targets = |state| {
        let open = |(to, _)| match to {
            To::State(state) => Some(state),
            To::Served | To::Gone => None,
        };
        jumps(state).into_iter().filter_map(open).collect()
    };
    let Reached { states, numbers } = Reached::from(start.iter().map(|(it, _)| *it), targets);
    let all: Vec<Vec<(To<S>, f64)>> = states.iter().map(|state| jumps(*state)).collect();
    let out = |jumps: &Vec<(To<S>, f64)>| jumps.iter().map(|(_, rate)| rate).sum::<f64>();
    let fastest = all.iter().map(out).fold(0.0, f64::max);
    let mut chance = vec![0.0; states.len()];
    start.iter().for_each(|(state, weight)| chance[numbers[state]] += weight);

    let (mut served, mut within) = (0.0, 0.0);
    let (mut count, mut weight, mut seen) = (0.0, (-fastest * time).exp(), 0.0);
    while seen < 1.0 - 1e-12 {
        within += weight * served;
        seen += weight;
        count += 1.0;
        weight *= fastest * time / count;
        let mut next = vec![0.0; states.len()];
        for (from, jumps) in all.iter().enumerate() {
            next[from] += chance[from] * (1.0 - out(jumps) / fastest);
            for (to, rate) in jumps {
                let flow = chance[from] * rate / fastest;
                match to {
                    To::State(to) => next[numbers[to]] += flow,
                    To::Served => served += flow,
                    To::Gone => {}
                }
            }
        }
        chance = next;
    }
    within
}

#[test]
fn one_exponential_step_is_served_as_its_distribution_says() {
    let within = served_within(&[((), 1.0)], |()| vec![(To::Served, 0.2), (To::Gone, 0.1)], 5.0);
    let exact = 0.2 / 0.3 * (1.0 - (-0.3_f64 * 5.0).exp());
    assert!((within - exact).abs() < 1e-9, "{within} is not {exact}");
}

#[test]
fn two_states_are_visited_in_the_ratio_of_their_rates() {
    let shares = in_the_long_run(false, |on| vec![(!on, if on { 3.0 } else { 1.0 })]);
    assert!((shares[0].1 - 0.75).abs() < 1e-9 && (shares[1].1 - 0.25).abs() < 1e-9, "{shares:?}");
}
