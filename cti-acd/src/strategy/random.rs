//! Random: anyone who is ready, drawn by lot from a seed (随机).

use cti_core::{id::ContactId, time::Timestamp};

use super::{Candidate, Strategy, Turn, Words};

/// Draws one of the ready agents; the same seed and contact draw the same.
#[derive(Clone, Copy, Debug)]
pub struct Random;

impl Strategy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn description(&self) -> Words {
        Words::new(
            "空闲坐席中随机抽取，种子相同则结果相同",
            "any ready agent, drawn by lot; the same seed draws the same",
        )
    }

    fn key(&self, _agent: &Candidate<'_>) -> i64 {
        0
    }

    fn turn(&self) -> Turn {
        Turn::Drawn
    }

    fn why(&self, _agent: &Candidate<'_>, _now: Timestamp) -> Words {
        Words::new("随机抽取", "drawn by lot")
    }
}

/// Draws one of `count`: SplitMix64 (Steele, Lea, Flood 2014) of the seed, the contact and how often it was offered.
pub(crate) fn draw(seed: u64, contact: ContactId, tries: u64, count: usize) -> usize {
    let mut z = seed
        .wrapping_add(contact.0.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(tries.wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let sides = u64::try_from(count).unwrap_or(u64::MAX).max(1);
    usize::try_from((z ^ (z >> 31)) % sides).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_drawn_equally_often_and_the_same_seed_draws_the_same() {
        let mut drawn = [0u32; 7];
        for contact in 0..70_000 {
            let one = draw(42, ContactId(contact), 0, 7);
            assert_eq!(one, draw(42, ContactId(contact), 0, 7));
            drawn[one] += 1;
        }
        // The standard deviation of each count is 93.
        assert!(drawn.iter().all(|count| count.abs_diff(10_000) < 500), "{drawn:?}");
        assert!((0..100).any(|it| draw(1, ContactId(it), 0, 7) != draw(2, ContactId(it), 0, 7)));
        assert!((0..100).any(|it| draw(1, ContactId(3), it, 7) != draw(1, ContactId(3), 0, 7)));
    }
}
