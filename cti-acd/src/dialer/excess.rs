//! How many of those who answer will probably find nobody.

use super::mode::{Outlook, Situation};

/// Returns E[(X − Y)⁺] / E[X] with `more` calls, for the moment at which it is greatest: X people answer until then or
/// have answered already, Y agents are free by then.
///
/// X and Y are sums of many independent yes-or-noes, so X − Y is taken as normal; the error is small against the
/// uncertainty of the answer rate.
pub(super) fn expected_excess(situation: &Situation, more: u32) -> f64 {
    let shares = situation.outlooks.iter().map(|outlook| excess_until(situation, outlook, more));
    shares.fold(0.0, f64::max)
}

fn excess_until(situation: &Situation, outlook: &Outlook, more: u32) -> f64 {
    let Outlook { answers, variance, of_new, come_back } = *outlook;
    let (more, busy) = (f64::from(more), f64::from(situation.busy));
    let answers = f64::from(situation.waiting) + answers + more * of_new;
    if answers <= 0.0 {
        return 0.0;
    }
    let mean = answers - f64::from(situation.idle) - busy * come_back;
    let variance = variance + more * of_new * (1.0 - of_new) + busy * come_back * (1.0 - come_back);
    excess_of_normal(mean, variance.sqrt()) / answers
}

/// Returns E[D⁺] of a normal D.
fn excess_of_normal(mean: f64, deviation: f64) -> f64 {
    if deviation <= 0.0 {
        return mean.max(0.0);
    }
    let z = mean / deviation;
    (mean * normal_below(z) + deviation * normal_density(z)).max(0.0)
}

fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// P(N ≤ z), by the series near the middle and the continued fraction outside; exact to about twelve places.
fn normal_below(z: f64) -> f64 {
    let x = z.abs();
    let above = if x < 3.0 {
        // φ(x)·(x + x³/3 + x⁵/(3·5) + …) is the mass between 0 and x.
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term > 1e-16 * sum {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        0.5 - normal_density(x) * sum
    } else {
        // φ(x)/(x + 1/(x + 2/(x + 3/(x + …)))), Laplace's continued fraction of the tail.
        let fraction = (1..=40).rev().fold(x, |rest, n| x + f64::from(n) / rest);
        normal_density(x) / fraction
    };
    if z >= 0.0 { 1.0 - above } else { above }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (z, below) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.96, 0.024_997_895_148_220_43),
            (2.999, 0.998_645_663_466_272_9),
            (3.001, 0.998_654_527_174_915),
            (-6.0, 9.865_876_450_376_98e-10),
        ] {
            let is = normal_below(z);
            assert!((is - below).abs() < 2e-10_f64.min(1e-6 * below), "{z}: {is}");
        }
    }

    #[test]
    fn the_excess_is_close_to_the_exact_sum_over_both_binomials() {
        let binomial = |n: u32, p: f64| -> Vec<f64> {
            let mut row = vec![1.0];
            for _ in 0..n {
                let mut next = vec![0.0; row.len() + 1];
                for (k, weight) in row.iter().enumerate() {
                    next[k] += weight * (1.0 - p);
                    next[k + 1] += weight * p;
                }
                row = next;
            }
            row
        };
        let situation = Situation {
            agents: 50,
            idle: 3,
            busy: 47,
            ringing: 0,
            before: 0,
            waiting: 1,
            lines: 100,
            this_second: 0,
            outlooks: [Outlook { answers: 0.0, variance: 0.0, of_new: 0.3, come_back: 0.08 }; 4],
            least_agents: 10,
            cap: 0.03,
            aim: 0.03,
            over_cap: false,
            answers: 0,
            abandoned: 0,
        };
        for ringing in [5, 15, 25, 40] {
            let (x, y) = (binomial(ringing, 0.3), binomial(47, 0.08));
            let mut exact = 0.0;
            for (answered, p) in x.iter().enumerate() {
                for (back, q) in y.iter().enumerate() {
                    exact += p * q * (answered as f64 + 1.0 - 3.0 - back as f64).max(0.0);
                }
            }
            exact /= 1.0 + f64::from(ringing) * 0.3;
            let is = expected_excess(&situation, ringing);
            assert!((is - exact).abs() < 0.006, "{ringing} ring: {is}, exactly {exact}");
        }
    }
}
