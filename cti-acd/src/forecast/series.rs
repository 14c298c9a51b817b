//! The two sums that every model is made of, relative to the state "all busy, nobody waits".
//!
//! ```text
//!   0 ⇄ 1 ⇄ … ⇄ n−1 ⇄ [n] ⇄ n+1 ⇄ n+2 ⇄ …      calls in the system
//!   └── idle_ratio ──┘ └──── Busy::sum ────┘     weight of each side, the bracket counting 1
//! ```

/// Returns how much more likely it is that an agent is free than that all `agents` are busy and nobody waits.
///
/// r(n) = (n/a)·(1 + r(n−1)), r(0) = 0: all terms are positive. Infinite without traffic, or when it is beyond what a
/// float can say. Erlang's B is 1/(1 + r).
pub(super) fn idle_ratio(erlangs: f64, agents: u32) -> f64 {
    (1..=agents).fold(0.0, |ratio, n| f64::from(n) / erlangs * (1.0 + ratio))
}

/// Sums over the states in which all are busy, `k` waiting: x(k) = ∏ λ/(base + i·θ) for i = 1 … k.
///
/// The sums carry a common factor `exp(ln_scale)`, because in an overloaded group they are larger than floats can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Busy {
    /// ln of the factor that `sum`, `waiting` and `answered_wait` have lost.
    pub(super) ln_scale: f64,
    /// Σ x(k).
    pub(super) sum: f64,
    /// Σ k·x(k).
    pub(super) waiting: f64,
    /// Σ x(k)·P(answered)·E(wait when answered), for a caller who finds `k` waiting; seconds.
    pub(super) answered_wait: f64,
}

/// Terms beyond this are taken out of the sums as a factor.
const LARGE: f64 = 1e200;

/// What is left out of a sum, relative to it.
const NEGLIGIBLE: f64 = 1e-17;

impl Busy {
    /// Sums for arrivals at `arrivals`, service at `base` when all are busy, and impatience `theta`, per second each.
    ///
    /// Takes about (arrivals − base)/theta steps in overload and a few hundred else; `theta` or `base − arrivals` must
    /// be positive.
    pub(super) fn new(arrivals: f64, base: f64, theta: f64) -> Self {
        let mut sums = Self { ln_scale: 0.0, sum: 0.0, waiting: 0.0, answered_wait: 0.0 };
        let (mut term, mut answered_after, mut k) = (1.0, 0.0, 0.0);
        loop {
            let rate = base + (k + 1.0) * theta;
            // Who finds k waiting is answered if none of the k + 1 next steps of the queue is his own impatience.
            answered_after += 1.0 / rate;
            sums.sum += term;
            sums.waiting += k * term;
            sums.answered_wait += term * (base / rate) * answered_after;

            let ratio = arrivals / rate;
            if ratio < 1.0 {
                let rest = term * ratio / (1.0 - ratio);
                let rest_waiting = rest * (k + 1.0 / (1.0 - ratio));
                if rest <= NEGLIGIBLE * sums.sum && rest_waiting <= NEGLIGIBLE * sums.waiting {
                    return sums;
                }
            }
            term *= ratio;
            k += 1.0;
            if term > LARGE {
                term /= LARGE;
                sums.sum /= LARGE;
                sums.waiting /= LARGE;
                sums.answered_wait /= LARGE;
                sums.ln_scale += LARGE.ln();
            }
        }
    }

    /// Returns ln Σ x(k).
    pub(super) fn ln_sum(&self) -> f64 {
        self.sum.ln() + self.ln_scale
    }

    /// Returns the mean number waiting, when all are busy.
    pub(super) fn mean_waiting(&self) -> f64 {
        self.waiting / self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_impatience_the_sums_are_those_of_a_geometric_series() {
        let busy = Busy::new(0.8, 1.0, 0.0);
        assert!((busy.sum - 5.0).abs() < 1e-13);
        assert!((busy.mean_waiting() - 4.0).abs() < 1e-13);
    }

    #[test]
    fn a_sum_beyond_all_floats_is_kept_as_its_logarithm() {
        // λ = 20,000/s, service 10,000/s, θ = 1/s: the greatest term is about e^3068.
        let busy = Busy::new(20_000.0, 10_000.0, 1.0);
        assert!(busy.ln_sum() > 3_068.0 && busy.ln_sum().is_finite());
        assert!((busy.mean_waiting() - 10_000.0).abs() < 1e-6, "{}", busy.mean_waiting());
    }

    #[test]
    fn no_traffic_leaves_everybody_idle() {
        assert_eq!(idle_ratio(0.0, 3), f64::INFINITY);
        assert_eq!(idle_ratio(1.0, 1), 1.0);
    }
}
