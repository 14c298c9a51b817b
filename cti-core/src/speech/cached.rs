//! A synthesizer that asks its provider once for what is said often.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::{Audio, SynthesisError, SynthesisRequest, Synthesizer};

/// How much a cache keeps; what was not asked for longest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// At most so many texts.
    pub entries: usize,
    /// At most so many bytes of sound altogether; a text that alone has more is not kept.
    pub bytes: usize,
}

impl Default for CacheLimits {
    /// 10,000 texts, 256 MiB: about nine hours of the telephone's.
    fn default() -> Self {
        Self { entries: 10_000, bytes: 256 << 20 }
    }
}

/// What a cache has been good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// Requests that found their sound, or another request for it under way.
    pub found: u64,
    /// Requests that asked the provider.
    pub asked: u64,
    /// How many texts are kept.
    pub entries: usize,
    /// How many bytes of sound are kept.
    pub bytes: usize,
}

/// Keeps what a provider has said; equal requests at the same time ask it once.
///
/// A failure is not kept. The provider is not asked for what no provider can say.
#[derive(Debug)]
pub struct CachedSynthesizer<S> {
    provider: S,
    limits: CacheLimits,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    slots: BTreeMap<String, Slot>,
    /// Keys by the time of their last use.
    order: BTreeMap<u64, String>,
    uses: u64,
    bytes: usize,
    found: u64,
    asked: u64,
}

#[derive(Debug)]
struct Slot {
    sound: Arc<OnceCell<Audio>>,
    used: u64,
    /// None while the provider is being asked.
    bytes: Option<usize>,
}

impl<S: Synthesizer> CachedSynthesizer<S> {
    /// Puts a cache in front of a provider.
    #[must_use]
    pub fn new(provider: S, limits: CacheLimits) -> Self {
        Self { provider, limits, kept: Mutex::default() }
    }

    /// Returns what the cache has been good for.
    #[must_use]
    pub fn statistics(&self) -> CacheUse {
        let kept = self.kept();
        CacheUse {
            found: kept.found,
            asked: kept.asked,
            entries: kept.slots.len(),
            bytes: kept.bytes,
        }
    }

    /// Forgets everything, for example after a voice was changed.
    pub fn clear(&self) {
        let mut kept = self.kept();
        (kept.slots, kept.order, kept.bytes) = Default::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<S: Synthesizer> Synthesizer for CachedSynthesizer<S> {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let key = request.key();
        let sound = self.kept().slot(&key, self.limits);
        let mut asked = false;
        let answer = sound
            .get_or_try_init(|| {
                asked = true;
                self.provider.synthesize(request)
            })
            .await
            .cloned();
        self.kept().settle(&key, &sound, &answer, asked, self.limits);
        answer
    }
}

impl Kept {
    /// Returns the place of a key's sound, which counts as used.
    fn slot(&mut self, key: &str, limits: CacheLimits) -> Arc<OnceCell<Audio>> {
        self.uses += 1;
        let used = self.uses;
        let slot = self.slots.entry(key.to_owned()).or_insert_with(|| Slot {
            sound: Arc::default(),
            used,
            bytes: None,
        });
        self.order.remove(&slot.used);
        slot.used = used;
        self.order.insert(used, key.to_owned());
        let sound = slot.sound.clone();
        self.shrink(limits);
        sound
    }

    /// Notes what came of a request.
    fn settle(
        &mut self,
        key: &str,
        sound: &Arc<OnceCell<Audio>>,
        answer: &Result<Audio, SynthesisError>,
        asked: bool,
        limits: CacheLimits,
    ) {
        *(if asked { &mut self.asked } else { &mut self.found }) += 1;
        // The slot may have been given up, and another one made, while the provider was asked.
        let Some(slot) = self.slots.get_mut(key).filter(|it| Arc::ptr_eq(&it.sound, sound)) else {
            return;
        };
        match answer {
            Ok(audio) if audio.bytes().len() <= limits.bytes => {
                if slot.bytes.is_none() {
                    slot.bytes = Some(audio.bytes().len());
                    self.bytes += audio.bytes().len();
                }
                self.shrink(limits);
            }
            Ok(_) | Err(_) => self.remove(key),
        }
    }

    fn shrink(&mut self, limits: CacheLimits) {
        while self.slots.len() > limits.entries || self.bytes > limits.bytes {
            let Some((_, oldest)) = self.order.first_key_value() else { return };
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(slot) = self.slots.remove(key) {
            self.order.remove(&slot.used);
            self.bytes -= slot.bytes.unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::AudioFormat;

    mockall::mock! {
        #[derive(Debug)]
        Provider {}
        #[async_trait]
        impl Synthesizer for Provider {
            async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError>;
        }
    }

    fn request(text: &str) -> SynthesisRequest {
        SynthesisRequest::new(text, AudioFormat::TELEPHONE)
    }

    /// A provider that says each text as so many bytes.
    fn saying(bytes: usize, times: usize) -> MockProvider {
        let mut provider = MockProvider::new();
        provider.expect_synthesize().times(times).returning(move |request| {
            Ok(Audio::new(request.format, vec![request.text.reveal().len() as u8; bytes]).unwrap())
        });
        provider
    }

    #[tokio::test]
    async fn what_is_said_often_is_asked_for_once() {
        let cached = CachedSynthesizer::new(saying(160, 2), CacheLimits::default());
        let first = cached.synthesize(&request("您好")).await.unwrap();
        for _ in 0..9 {
            assert_eq!(cached.synthesize(&request("您好")).await.unwrap(), first);
        }
        cached.synthesize(&request("再见")).await.unwrap();
        let expected = CacheUse { found: 9, asked: 2, entries: 2, bytes: 320 };
        assert_eq!(cached.statistics(), expected);
    }

    #[tokio::test]
    async fn equal_requests_at_the_same_time_ask_once() {
        /// Answers when it is let go.
        #[derive(Debug)]
        struct Slow(tokio::sync::Semaphore, MockProvider);

        #[async_trait]
        impl Synthesizer for Slow {
            async fn synthesize(&self, it: &SynthesisRequest) -> Result<Audio, SynthesisError> {
                let _permit = self.0.acquire().await;
                self.1.synthesize(it).await
            }
        }

        let slow = Slow(tokio::sync::Semaphore::new(0), saying(160, 1));
        let cached = CachedSynthesizer::new(slow, CacheLimits::default());
        let greeting = request("您好");
        let let_go = async { cached.provider.0.add_permits(1) };
        let (one, two, three, ()) = tokio::join!(
            cached.synthesize(&greeting),
            cached.synthesize(&greeting),
            cached.synthesize(&greeting),
            let_go,
        );
        assert!(one.is_ok() && one == two && two == three);
        assert_eq!((cached.statistics().asked, cached.statistics().found), (1, 2));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let mut provider = MockProvider::new();
        let mut calls = 0;
        provider.expect_synthesize().times(2).returning(move |request| {
            calls += 1;
            if calls == 1 {
                Err(SynthesisError::Busy)
            } else {
                Ok(Audio::new(request.format, vec![1; 10]).unwrap())
            }
        });
        let cached = CachedSynthesizer::new(provider, CacheLimits::default());
        assert_eq!(cached.synthesize(&request("您好")).await, Err(SynthesisError::Busy));
        assert_eq!(cached.statistics().entries, 0);
        assert!(cached.synthesize(&request("您好")).await.is_ok());
    }

    #[tokio::test]
    async fn the_provider_is_not_asked_for_what_cannot_be_said() {
        let cached = CachedSynthesizer::new(saying(1, 0), CacheLimits::default());
        let error = cached.synthesize(&request("")).await.unwrap_err();
        assert!(matches!(error, SynthesisError::Invalid(_)));
    }

    #[tokio::test]
    async fn the_cache_stays_within_its_limits_and_keeps_what_was_used_last() {
        let limits = CacheLimits { entries: 3, bytes: 250 };
        let cached = CachedSynthesizer::new(saying(100, 5), limits);
        for text in ["a", "b", "a", "c", "a"] {
            cached.synthesize(&request(text)).await.unwrap();
            let CacheUse { entries, bytes, .. } = cached.statistics();
            assert!(entries <= limits.entries && bytes <= limits.bytes);
        }
        // Two of 100 bytes are kept: `a` and `c`. `b` is asked for again, and then `c`.
        assert_eq!(cached.statistics().asked, 3);
        cached.synthesize(&request("b")).await.unwrap();
        cached.synthesize(&request("a")).await.unwrap();
        cached.synthesize(&request("c")).await.unwrap();
        assert_eq!(cached.statistics(), CacheUse { found: 3, asked: 5, entries: 2, bytes: 200 });
    }

    #[tokio::test]
    async fn sound_larger_than_the_whole_cache_is_given_but_not_kept() {
        let cached = CachedSynthesizer::new(saying(300, 2), CacheLimits { entries: 3, bytes: 250 });
        for _ in 0..2 {
            assert_eq!(cached.synthesize(&request("a")).await.unwrap().bytes().len(), 300);
            assert_eq!(cached.statistics().entries, 0);
        }
    }
}
