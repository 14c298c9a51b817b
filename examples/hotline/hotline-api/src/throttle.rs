//! Counts failed sign-ins by user and address, and lets nobody guess on and on.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use cti_core::time::Timestamp;

/// How many failures are allowed.
pub const FAILURES: u32 = 5;
/// How long a pair of user and address must wait then, and how long a failure counts.
pub const LOCK: Duration = Duration::from_secs(5 * 60);
/// The most pairs that are remembered.
const PAIRS: usize = 10_000;

type Pair = (String, Option<IpAddr>);

/// Failed sign-ins.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<BTreeMap<Pair, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    /// Returns how long this pair must wait before the next try, if it must.
    #[must_use]
    pub fn wait(&self, now: Timestamp, user: &str, from: Option<IpAddr>) -> Option<Duration> {
        let pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = pairs.get(&(user.to_owned(), from))?;
        let until = failures.last + LOCK;
        (failures.count >= FAILURES && until > now).then(|| until.since(now))
    }

    /// Counts a failure.
    pub fn failed(&self, now: Timestamp, user: &str, from: Option<IpAddr>) {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pairs.len() >= PAIRS {
            pairs.retain(|_, failures| failures.last + LOCK > now);
        }
        while pairs.len() >= PAIRS {
            pairs.pop_first();
        }
        let failures =
            pairs.entry((user.to_owned(), from)).or_insert(Failures { count: 0, last: now });
        if failures.last + LOCK <= now {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// Forgets the failures of this pair.
    pub fn succeeded(&self, user: &str, from: Option<IpAddr>) {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.remove(&(user.to_owned(), from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_lock_this_user_at_this_address_for_a_time() {
        let throttle = Throttle::default();
        let at = Timestamp::from_secs;
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..FAILURES {
            assert_eq!(throttle.wait(at(10), "8001", here), None);
            throttle.failed(at(10), "8001", here);
        }
        assert_eq!(throttle.wait(at(10), "8001", here), Some(LOCK));
        assert_eq!(throttle.wait(at(10), "8002", here), None);
        assert_eq!(throttle.wait(at(10), "8001", Some(IpAddr::from([127, 0, 0, 2]))), None);
        assert_eq!(throttle.wait(at(10) + LOCK, "8001", here), None);
        throttle.failed(at(10) + LOCK, "8001", here);
        assert_eq!(throttle.wait(at(11) + LOCK, "8001", here), None);
    }
}
