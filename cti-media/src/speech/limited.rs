//! A synthesizer that is not asked for too much, and not waited for too long.

use std::time::Duration;

use async_trait::async_trait;
use cti_core::speech::{Audio, SynthesisError, SynthesisRequest, Synthesizer};
use tokio::sync::Semaphore;

/// How much a provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At most so many texts at a time.
    pub at_a_time: usize,
    /// At most so many more wait for their turn; what comes beyond them is refused as busy.
    pub waiting: usize,
    /// The longest that an answer takes, with the wait for its turn.
    pub timeout: Duration,
}

impl Default for Limits {
    /// Four at a time, 64 waiting, ten seconds.
    fn default() -> Self {
        Self { at_a_time: 4, waiting: 64, timeout: Duration::from_secs(10) }
    }
}

/// Keeps a provider within its limits.
#[derive(Debug)]
pub struct Limited<S> {
    provider: S,
    limits: Limits,
    /// Of those who are asked and those who wait.
    places: Semaphore,
    turns: Semaphore,
}

impl<S: Synthesizer> Limited<S> {
    /// Puts limits in front of a provider.
    #[must_use]
    pub fn new(provider: S, limits: Limits) -> Self {
        let turns = limits.at_a_time.clamp(1, 1_000);
        let places = Semaphore::new(turns + limits.waiting.min(100_000));
        Self { provider, limits, places, turns: Semaphore::new(turns) }
    }
}

#[async_trait]
impl<S: Synthesizer> Synthesizer for Limited<S> {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let Ok(_place) = self.places.try_acquire() else { return Err(SynthesisError::Busy) };
        let answer = async {
            let Ok(_turn) = self.turns.acquire().await else { return Err(SynthesisError::Busy) };
            self.provider.synthesize(request).await
        };
        tokio::time::timeout(self.limits.timeout, answer).await.unwrap_or_else(|_| {
            let reason = format!("no answer within {} ms", self.limits.timeout.as_millis());
            Err(SynthesisError::Unavailable { reason })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cti_core::speech::AudioFormat;

    use super::*;

    /// Answers when it is let.
    #[derive(Debug)]
    struct Slow(Arc<Semaphore>);

    #[async_trait]
    impl Synthesizer for Slow {
        async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
            self.0.acquire().await.unwrap().forget();
            Ok(Audio::new(request.format, vec![0x55; 160]).unwrap())
        }
    }

    #[tokio::test]
    async fn more_than_may_wait_are_refused_as_busy_and_the_others_have_their_turn() {
        let gate = Arc::new(Semaphore::new(0));
        let limits = Limits { at_a_time: 1, waiting: 1, timeout: Duration::from_secs(60) };
        let limited = Limited::new(Slow(Arc::clone(&gate)), limits);
        let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
        let third = async {
            // The two before have taken their places.
            let third = limited.synthesize(&request).await;
            gate.add_permits(2);
            third
        };
        let (first, second, third) =
            tokio::join!(limited.synthesize(&request), limited.synthesize(&request), third);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(third, Err(SynthesisError::Busy));
    }

    #[tokio::test]
    async fn who_does_not_answer_in_time_is_not_waited_for() {
        let limits = Limits { timeout: Duration::from_millis(1), ..Limits::default() };
        let limited = Limited::new(Slow(Arc::new(Semaphore::new(0))), limits);
        let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
        let error = limited.synthesize(&request).await.unwrap_err();
        assert!(error.is_passing() && error.to_string().contains("within 1 ms"), "{error}");
    }
}
