//! A token bucket per source address, checked before any state is made.

use std::{collections::HashMap, net::IpAddr, time::Duration};

/// Sources remembered at most; beyond it, sources never seen are refused until some are forgotten.
const MAX_SOURCES: usize = 65_536;

/// How long a silent source is remembered.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// Token buckets by source address.
pub(crate) struct RateLimit {
    per_second: f64,
    burst: f64,
    sources: HashMap<IpAddr, Bucket>,
    swept: Duration,
}

struct Bucket {
    tokens: f64,
    at: Duration,
}

impl RateLimit {
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_second),
            burst: f64::from(burst.max(1)),
            sources: HashMap::new(),
            swept: Duration::ZERO,
        }
    }

    /// Takes one token of `source`; `false` means the request must be dropped.
    pub(crate) fn admit(&mut self, now: Duration, source: IpAddr) -> bool {
        if now.saturating_sub(self.swept) > FORGET_AFTER || self.sources.len() >= MAX_SOURCES {
            self.sweep(now);
        }
        if self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&source) {
            return false;
        }
        let (per_second, burst) = (self.per_second, self.burst);
        let bucket = self.sources.entry(source).or_insert(Bucket { tokens: burst, at: now });
        let elapsed = now.saturating_sub(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * per_second).min(burst);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    fn sweep(&mut self, now: Duration) {
        // A full table is swept at most once a second, or a flood would make every request a scan.
        if now.saturating_sub(self.swept) < Duration::from_secs(1) {
            return;
        }
        self.swept = now;
        self.sources.retain(|_, bucket| now.saturating_sub(bucket.at) < FORGET_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_beyond_its_rate_is_refused_until_time_passes() {
        let mut limit = RateLimit::new(10, 3);
        let source = "192.0.2.1".parse().unwrap();
        let now = Duration::from_secs(1);
        assert!((0..3).all(|_| limit.admit(now, source)));
        assert!(!limit.admit(now, source));
        assert!(limit.admit(now, "192.0.2.2".parse().unwrap()));
        assert!(limit.admit(now + Duration::from_millis(100), source));
        assert!(!limit.admit(now + Duration::from_millis(100), source));
    }

    #[test]
    fn the_table_of_sources_is_bounded() {
        let mut limit = RateLimit::new(10, 3);
        let now = Duration::from_secs(1);
        for n in 0..70_000_u32 {
            limit.admit(now, IpAddr::V4(n.into()));
        }
        assert!(limit.sources.len() <= MAX_SOURCES);
        let later = now + FORGET_AFTER + Duration::from_secs(1);
        assert!(limit.admit(later, "203.0.113.9".parse().unwrap()));
        assert_eq!(limit.sources.len(), 1);
    }
}
