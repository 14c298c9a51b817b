//! Random tags, branches and Call-IDs.

/// Where unpredictable bytes come from: the operating system in production, a fixed pattern in tests.
pub(crate) trait Entropy: Send {
    /// Fills `target` with unpredictable bytes.
    fn fill(&mut self, target: &mut [u8]);
}

/// Bytes of the operating system, fetched a page at a time.
pub(crate) struct SystemEntropy {
    pool: [u8; 4096],
    used: usize,
}

impl SystemEntropy {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut pool = [0; 4096];
        getrandom::fill(&mut pool)?;
        Ok(Self { pool, used: 0 })
    }
}

impl Entropy for SystemEntropy {
    fn fill(&mut self, target: &mut [u8]) {
        if self.used + target.len() > self.pool.len() {
            getrandom::fill(&mut self.pool)
                .expect("the system's random source gave bytes at the start and does not stop");
            self.used = 0;
        }
        let end = self.used + target.len();
        target.copy_from_slice(&self.pool[self.used..end]);
        self.pool[self.used..end].fill(0);
        self.used = end;
    }
}

/// A 128-bit random token in hexadecimal.
pub(crate) fn token(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}
