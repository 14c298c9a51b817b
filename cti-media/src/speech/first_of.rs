//! Several providers, asked in order until one speaks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use cti_core::speech::{Audio, SynthesisError, SynthesisRequest, Synthesizer};

/// Who is told that a provider does not speak, or does again: its name, and why not.
pub type Told = dyn Fn(&str, Option<&SynthesisError>) + Send + Sync;

/// Asks providers in order. One that cannot say a text, or fails, is passed over; whoever follows providers is told
/// when one begins to fail and when it works again.
pub struct FirstOf {
    providers: Vec<Provider>,
    told: Box<Told>,
}

struct Provider {
    name: String,
    synthesizer: Arc<dyn Synthesizer>,
    fails: AtomicBool,
}

impl std::fmt::Debug for FirstOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl FirstOf {
    /// Asks these providers, by name and in this order.
    #[must_use]
    pub fn new(
        providers: impl IntoIterator<Item = (String, Arc<dyn Synthesizer>)>,
        told: impl Fn(&str, Option<&SynthesisError>) + Send + Sync + 'static,
    ) -> Self {
        let providers = providers.into_iter().map(|(name, synthesizer)| Provider {
            name,
            synthesizer,
            fails: AtomicBool::new(false),
        });
        Self { providers: providers.collect(), told: Box::new(told) }
    }

    /// Returns the names of the providers, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.providers.iter().map(|it| it.name.as_str())
    }
}

#[async_trait]
impl Synthesizer for FirstOf {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let mut why = None;
        for provider in &self.providers {
            match provider.synthesizer.synthesize(request).await {
                Ok(audio) => {
                    if provider.fails.swap(false, Ordering::Relaxed) {
                        (self.told)(&provider.name, None);
                    }
                    return Ok(audio);
                }
                Err(error) => {
                    // What it cannot do at all, such as a voice that it does not have, is no failure.
                    if error.is_passing() && !provider.fails.swap(true, Ordering::Relaxed) {
                        (self.told)(&provider.name, Some(&error));
                    }
                    why = why.filter(SynthesisError::is_passing).or(Some(error));
                }
            }
        }
        let none = || SynthesisError::Unavailable { reason: "there is no synthesizer".to_owned() };
        Err(why.unwrap_or_else(none))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use cti_core::speech::AudioFormat;

    use super::*;

    /// Speaks one language, while it works.
    #[derive(Debug)]
    struct One(&'static str, AtomicBool);

    #[async_trait]
    impl Synthesizer for One {
        async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
            let language = request.language.clone();
            if language != self.0 {
                return Err(SynthesisError::UnsupportedLanguage { language });
            }
            if !self.1.load(Ordering::Relaxed) {
                return Err(SynthesisError::Unavailable { reason: "is off".to_owned() });
            }
            Ok(Audio::new(request.format, vec![self.0.len() as u8; 160]).unwrap())
        }
    }

    #[tokio::test]
    async fn the_next_one_speaks_for_one_that_fails_and_each_change_is_told_once() {
        let cloud = Arc::new(One("zh-CN", AtomicBool::new(true)));
        let local = Arc::new(One("zh-CN", AtomicBool::new(true)));
        let english = Arc::new(One("en", AtomicBool::new(true)));
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let named =
            |name: &str, it: &Arc<One>| (name.to_owned(), Arc::clone(it) as Arc<dyn Synthesizer>);
        let all = [named("english", &english), named("cloud", &cloud), named("local", &local)];
        let first = FirstOf::new(all, move |name, why| {
            noted.lock().unwrap().push((name.to_owned(), why.is_some()));
        });
        let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
        assert!(first.synthesize(&request).await.is_ok());
        cloud.1.store(false, Ordering::Relaxed);
        for _ in 0..3 {
            assert!(first.synthesize(&request).await.is_ok());
        }
        cloud.1.store(true, Ordering::Relaxed);
        assert!(first.synthesize(&request).await.is_ok());
        let expected = [("cloud".to_owned(), true), ("cloud".to_owned(), false)];
        assert_eq!(*told.lock().unwrap(), expected);
        cloud.1.store(false, Ordering::Relaxed);
        local.1.store(false, Ordering::Relaxed);
        assert!(first.synthesize(&request).await.unwrap_err().is_passing());
    }
}
