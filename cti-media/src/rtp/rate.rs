//! Limits how many packets per second one peer may send.

use std::time::Duration;

/// A token bucket that holds one second's worth of packets.
#[derive(Clone, Debug)]
pub struct RateLimit {
    per_second: u32,
    /// Tokens times one million, so that slow refills are not rounded away.
    micro_tokens: u64,
    refilled: Duration,
}

impl RateLimit {
    /// Starts with a full bucket.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second,
            micro_tokens: u64::from(per_second) * 1_000_000,
            refilled: Duration::ZERO,
        }
    }

    /// Takes one token; returns whether there was one.
    pub fn admit(&mut self, now: Duration) -> bool {
        let elapsed = now.saturating_sub(self.refilled).as_micros() as u64;
        self.refilled = self.refilled.max(now);
        let full = u64::from(self.per_second) * 1_000_000;
        let gained = elapsed.saturating_mul(u64::from(self.per_second));
        self.micro_tokens = self.micro_tokens.saturating_add(gained).min(full);
        let admitted = self.micro_tokens >= 1_000_000;
        if admitted {
            self.micro_tokens -= 1_000_000;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_stream_is_never_limited() {
        let mut limit = RateLimit::new(200);
        assert!((0..5000).all(|n| limit.admit(Duration::from_millis(10 * n))));
    }

    #[test]
    fn a_flood_is_cut_down_to_the_rate() {
        let mut limit = RateLimit::new(200);
        let admitted = (0..100_000).filter(|n| limit.admit(Duration::from_micros(100 * n))).count();
        assert!((2190..=2210).contains(&admitted), "{admitted} in 10 s");
    }
}
