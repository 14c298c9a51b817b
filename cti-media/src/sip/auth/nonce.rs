//! Nonces that carry their own proof, and the counts already used with them.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::sip::entropy::Entropy;

/// Nonces remembered at most; beyond it the oldest become stale.
const MAX_NONCES: usize = 65_536;

const SALT: usize = 8;
const HEAD: usize = 8 + SALT;
const SIZE: usize = HEAD + 16;

/// Issues nonces without remembering them; remembers only those used with a right password.
pub(crate) struct Nonces {
    secret: [u8; 32],
    lifetime: Duration,
    used: HashMap<[u8; SIZE], Counts>,
    order: VecDeque<([u8; SIZE], Duration)>,
    /// Nonces issued before this are stale: their counts may have been forgotten.
    oldest: Duration,
}

/// The highest count seen and which of the 64 below it were used.
struct Counts {
    highest: u32,
    below: u64,
}

impl Nonces {
    pub(crate) fn new(lifetime: Duration, entropy: &mut dyn Entropy) -> Self {
        let mut secret = [0; 32];
        entropy.fill(&mut secret);
        Self {
            secret,
            lifetime,
            used: HashMap::new(),
            order: VecDeque::new(),
            oldest: Duration::ZERO,
        }
    }

    /// A nonce bound to the time and the source address.
    pub(crate) fn issue(&self, now: Duration, source: IpAddr, entropy: &mut dyn Entropy) -> String {
        let mut nonce = [0; SIZE];
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        nonce[..8].copy_from_slice(&micros.to_be_bytes());
        // The salt keeps two clients behind one address apart: their counts must not collide.
        entropy.fill(&mut nonce[8..HEAD]);
        let proof = self.proof(&nonce[..HEAD], source);
        nonce[HEAD..].copy_from_slice(&proof);
        hex::encode(nonce)
    }

    /// Takes one use of a nonce; `false` if it is not ours, too old, or the count was used before.
    pub(crate) fn accept(
        &mut self,
        now: Duration,
        source: IpAddr,
        nonce: &str,
        count: u32,
    ) -> bool {
        let mut bytes = [0; SIZE];
        if hex::decode_to_slice(nonce, &mut bytes).is_err() || count == 0 {
            return false;
        }
        let proof = self.proof(&bytes[..HEAD], source);
        if !bool::from(proof.ct_eq(&bytes[HEAD..])) {
            return false;
        }
        let micros: [u8; 8] = bytes[..8].try_into().expect("a slice of eight bytes");
        let issued = Duration::from_micros(u64::from_be_bytes(micros));
        if issued < self.oldest || issued + self.lifetime < now {
            return false;
        }
        self.forget(now);
        if let Some(counts) = self.used.get_mut(&bytes) {
            return counts.take(count);
        }
        self.used.insert(bytes, Counts { highest: count, below: 0 });
        self.order.push_back((bytes, issued));
        true
    }

    fn forget(&mut self, now: Duration) {
        while let Some(&(nonce, issued)) = self.order.front() {
            let expired = issued + self.lifetime < now;
            if !expired && self.used.len() < MAX_NONCES {
                return;
            }
            self.order.pop_front();
            self.used.remove(&nonce);
            if !expired {
                self.oldest = self.oldest.max(issued + Duration::from_micros(1));
            }
        }
    }

    fn proof(&self, head: &[u8], source: IpAddr) -> [u8; 16] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(head);
        match source {
            IpAddr::V4(address) => mac.update(&address.octets()),
            IpAddr::V6(address) => mac.update(&address.octets()),
        }
        let full = mac.finalize().into_bytes();
        full[..16].try_into().expect("half of 32 bytes")
    }
}

impl Counts {
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            let by = count - self.highest;
            self.below = self.below.checked_shl(by).unwrap_or(0);
            // The former highest is now `by` below.
            self.below |= 1_u64.checked_shl(by - 1).unwrap_or(0);
            self.highest = count;
            return true;
        }
        let distance = self.highest - count;
        let Some(bit) = distance.checked_sub(1).and_then(|shift| 1_u64.checked_shl(shift)) else {
            return false;
        };
        let fresh = self.below & bit == 0;
        self.below |= bit;
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero(u64);

    impl Entropy for Zero {
        fn fill(&mut self, target: &mut [u8]) {
            self.0 += 1;
            target.fill(0);
            let last = target.len().min(8);
            target[..last].copy_from_slice(&self.0.to_le_bytes()[..last]);
        }
    }

    #[test]
    fn every_count_is_accepted_once_even_out_of_order() {
        let mut counts = Counts { highest: 1, below: 0 };
        assert!(counts.take(3));
        assert!(counts.take(2));
        for used in [1, 2, 3] {
            assert!(!counts.take(used), "{used}");
        }
        assert!(counts.take(200));
        assert!(!counts.take(3));
        assert!(counts.take(199) && counts.take(136) && !counts.take(135));
    }

    #[test]
    fn a_nonce_is_bound_to_its_source_and_cannot_be_forged() {
        let mut entropy = Zero(0);
        let mut nonces = Nonces::new(Duration::from_secs(300), &mut entropy);
        let now = Duration::from_secs(5);
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let nonce = nonces.issue(now, here, &mut entropy);
        assert!(!nonces.accept(now, "192.0.2.2".parse().unwrap(), &nonce, 1));
        assert!(!nonces.accept(now, here, &nonce.replace(&nonce[..2], "ff"), 1));
        assert!(!nonces.accept(now, here, "zz", 1));
        assert!(nonces.accept(now, here, &nonce, 1));
    }

    #[test]
    fn the_table_is_bounded_and_a_forgotten_nonce_cannot_be_replayed() {
        let mut entropy = Zero(0);
        let mut nonces = Nonces::new(Duration::from_secs(300), &mut entropy);
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let mut first = None;
        for n in 0..=MAX_NONCES as u64 {
            let now = Duration::from_micros(n);
            let nonce = nonces.issue(now, here, &mut entropy);
            assert!(nonces.accept(now, here, &nonce, 1));
            first.get_or_insert(nonce);
        }
        assert!(nonces.used.len() <= MAX_NONCES);
        let now = Duration::from_secs(1);
        assert!(!nonces.accept(now, here, &first.unwrap(), 1));
    }
}
