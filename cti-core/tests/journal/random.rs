//! Random numbers, and the seed that makes them again.

/// Random numbers (SplitMix64); `CTI_SEED` chooses others, `Debug` prints the seed.
pub(crate) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// Begins with the seed of the environment, or always with the same one.
    pub(crate) fn seeded() -> Self {
        let seed = std::env::var("CTI_SEED").ok().map_or(12_345, |seed| seed.parse().unwrap());
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CTI_SEED={}", self.seed)
    }
}
