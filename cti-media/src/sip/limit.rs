//! Token buckets, for requests per source address and wrong passwords per source and account.

use std::{collections::HashMap, hash::Hash, time::Duration};

/// Keys remembered at most; beyond it, keys never seen are refused until some are forgotten.
const MAX_KEYS: usize = 65_536;

/// Token buckets by key.
pub(crate) struct RateLimit<K> {
    per_second: f64,
    burst: f64,
    /// How long it takes to fill an empty bucket; one that was not used for longer says nothing.
    full_after: Duration,
    buckets: HashMap<K, Bucket>,
    swept: Duration,
}

struct Bucket {
    tokens: f64,
    at: Duration,
}

impl<K: Eq + Hash> RateLimit<K> {
    pub(crate) fn new(per_second: f64, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        let full_after = Duration::try_from_secs_f64(burst / per_second).unwrap_or(Duration::MAX);
        Self {
            per_second,
            burst,
            full_after: full_after.max(Duration::from_secs(1)),
            buckets: HashMap::new(),
            swept: Duration::ZERO,
        }
    }

    /// Takes one token of `key`; `false` means there is none.
    pub(crate) fn admit(&mut self, now: Duration, key: K) -> bool {
        if now.saturating_sub(self.swept) > self.full_after || self.buckets.len() >= MAX_KEYS {
            self.sweep(now);
        }
        if self.buckets.len() >= MAX_KEYS && !self.buckets.contains_key(&key) {
            return false;
        }
        let (per_second, burst) = (self.per_second, self.burst);
        let bucket = self.buckets.entry(key).or_insert(Bucket { tokens: burst, at: now });
        bucket.tokens = bucket.tokens_at(now, per_second, burst);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    /// Whether `key` has a token.
    pub(crate) fn has(&self, now: Duration, key: &K) -> bool {
        self.buckets
            .get(key)
            .is_none_or(|bucket| bucket.tokens_at(now, self.per_second, self.burst) >= 1.0)
    }

    fn sweep(&mut self, now: Duration) {
        // A full table is swept at most once a second, or a flood would make every request a scan.
        if now.saturating_sub(self.swept) < Duration::from_secs(1) {
            return;
        }
        self.swept = now;
        self.buckets.retain(|_, bucket| now.saturating_sub(bucket.at) < self.full_after);
    }
}

impl Bucket {
    fn tokens_at(&self, now: Duration, per_second: f64, burst: f64) -> f64 {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        (self.tokens + elapsed * per_second).min(burst)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_source_beyond_its_rate_is_refused_until_time_passes() {
        let mut limit = RateLimit::new(10.0, 3);
        let source: IpAddr = "192.0.2.1".parse().unwrap();
        let now = Duration::from_secs(1);
        assert!((0..3).all(|_| limit.admit(now, source)));
        assert!(!limit.admit(now, source) && !limit.has(now, &source));
        assert!(limit.admit(now, "192.0.2.2".parse().unwrap()));
        assert!(limit.admit(now + Duration::from_millis(100), source));
        assert!(!limit.admit(now + Duration::from_millis(100), source));
    }

    #[test]
    fn the_table_of_sources_is_bounded() {
        let mut limit = RateLimit::new(10.0, 3);
        let now = Duration::from_secs(1);
        for n in 0..70_000_u32 {
            limit.admit(now, IpAddr::V4(n.into()));
        }
        assert!(limit.buckets.len() <= MAX_KEYS);
        let later = now + Duration::from_secs(3);
        assert!(limit.admit(later, "203.0.113.9".parse().unwrap()));
        assert_eq!(limit.buckets.len(), 1);
    }
}
