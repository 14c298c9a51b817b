//! A recognizer over HTTP: an utterance is collected, sent as one WAV file, and answered in JSON.
#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_core::speech::{
    Grammar, Heard, Recognition, RecognitionError, RecognitionRequest, Recognizer,
};
use hyper::{
    Method,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Deserialize;
use tokio::task::JoinHandle;

use super::{
    endpointer::{Endpointer, Utterance},
    exchange::{Place, headers, target},
    http::InvalidService,
    sound::to_sound,
    template::{Escape, Template},
    understand::understand,
};
use crate::{
    dsp::{resample::resample, shape::to_i16},
    play::wav,
};

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 1 << 20;
/// What a URL can name.
const VALUES: [&str; 2] = ["language", "hints"];
/// Sound from before somebody began is kept, so that soft beginnings are heard, in frames of 20 ms.
const BEFORE: usize = 15;

/// A recognizer over HTTP. `url` may hold `${language}` and `${hints}` (words with commas between), headers
/// `${env:NAME}` and `${file:PATH}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRecognizerConfig {
    /// Where it is: `http://host:port/path`, or `https://` with `ca`. WAV files are posted there.
    pub url: String,
    /// What is sent along, for example a key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The rate of the WAV files, in hertz.
    #[serde(default = "wide")]
    pub rate: u32,
    /// Where the words stand in the answer (RFC 6901).
    #[serde(default = "text")]
    pub text: String,
    /// Where the confidence stands, 0 to 1 or 0 to 100; what is heard is believed when absent.
    pub confidence: Option<String>,
    /// The longest that an answer takes, in milliseconds.
    #[serde(default = "ten_seconds")]
    pub timeout_ms: u64,
    /// Certificates of those whose word is taken for `https://`, a PEM file.
    pub ca: Option<PathBuf>,
}

fn wide() -> u32 {
    16_000
}

fn text() -> String {
    "/text".to_owned()
}

fn ten_seconds() -> u64 {
    10_000
}

/// Understands by a service over HTTP.
#[derive(Clone, Debug)]
pub struct HttpRecognizer(Arc<Service>);

#[derive(Debug)]
struct Service {
    place: Place,
    url: Template,
    headers: Vec<(HeaderName, HeaderValue)>,
    config: HttpRecognizerConfig,
}

impl HttpRecognizer {
    /// Reads the description, and the secrets that it names.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn new(config: HttpRecognizerConfig) -> Result<Self, InvalidService> {
        let wrong = |field, reason: String| InvalidService { field, reason };
        if !(8_000..=48_000).contains(&config.rate) {
            return Err(wrong("rate", format!("8000 to 48000 Hz, not {}", config.rate)));
        }
        let mut headers = headers(&config.headers)?;
        if headers.iter().all(|(name, _)| *name != CONTENT_TYPE) {
            headers.push((CONTENT_TYPE, HeaderValue::from_static("audio/wav")));
        }
        let url = Template::parse(&config.url, &VALUES);
        Ok(Self(Arc::new(Service {
            place: Place::new(&config.url, ["http", "https"], config.ca.as_deref())?,
            url: url.map_err(|error| wrong("url", error.to_string()))?,
            headers,
            config,
        })))
    }
}

#[async_trait]
impl Recognizer for HttpRecognizer {
    async fn listen(
        &self,
        request: &RecognitionRequest,
    ) -> Result<Box<dyn Recognition>, RecognitionError> {
        request.check()?;
        Ok(Box::new(Listening {
            service: Arc::clone(&self.0),
            endpointer: Endpointer::new(request),
            request: request.clone(),
            sound: Vec::new(),
            asking: None,
            over: false,
        }))
    }
}

type Answer = Result<Heard, RecognitionError>;

#[derive(Debug)]
struct Listening {
    service: Arc<Service>,
    request: RecognitionRequest,
    endpointer: Endpointer,
    /// At the rate of the request.
    sound: Vec<f32>,
    asking: Option<JoinHandle<Answer>>,
    over: bool,
}

impl Listening {
    fn ask(&mut self) {
        let sound = std::mem::take(&mut self.sound);
        let (service, request) = (Arc::clone(&self.service), self.request.clone());
        self.asking = Some(tokio::spawn(async move { service.ask(&request, sound).await }));
    }

    /// Takes the answer of the service, which has come.
    async fn answer(&mut self) -> Answer {
        self.over = true;
        match self.asking.take() {
            Some(asking) => asking.await.unwrap_or_else(|error| Err(unavailable(&error))),
            None => Ok(Heard::NoInput),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(asking) = &self.asking {
            asking.abort();
        }
    }
}

#[async_trait]
impl Recognition for Listening {
    async fn hear(&mut self, sound: &[u8]) -> Result<Option<Heard>, RecognitionError> {
        if self.over {
            return Err(RecognitionError::Over);
        }
        if let Some(asking) = &self.asking {
            if asking.is_finished() {
                return self.answer().await.map(Some);
            }
            return Ok(None);
        }
        let heard = to_sound(self.request.format, sound);
        let mut began = None;
        for frame in heard.samples.chunks(heard.rate as usize / 50) {
            self.sound.extend_from_slice(frame);
            match self.endpointer.hear(frame, heard.rate) {
                Some(Utterance::Began) => began = Some(Heard::SpeechBegan),
                Some(Utterance::NoInput) => {
                    self.over = true;
                    return Ok(Some(Heard::NoInput));
                }
                Some(Utterance::Ended | Utterance::Limit) => {
                    self.ask();
                    break;
                }
                None => {}
            }
            let before = BEFORE * heard.rate as usize / 50;
            if !self.endpointer.has_begun() && self.sound.len() > before {
                self.sound.drain(..self.sound.len() - before);
            }
        }
        Ok(began)
    }

    async fn finish(&mut self) -> Result<Heard, RecognitionError> {
        if self.over {
            return Err(RecognitionError::Over);
        }
        if self.asking.is_none() && self.endpointer.has_begun() {
            self.ask();
        }
        self.answer().await
    }
}

impl Service {
    async fn ask(&self, request: &RecognitionRequest, sound: Vec<f32>) -> Answer {
        let hints = match &request.grammar {
            Grammar::Free { hints } => hints.join(","),
            Grammar::Keywords(words) => words.join(","),
            Grammar::Digits { .. } => String::new(),
        };
        let values = BTreeMap::from([("language", request.language.clone()), ("hints", hints)]);
        let url = target(&self.url.fill(&values, Escape::Percent));
        let samples = resample(&sound, request.format.rate, self.config.rate);
        let file = wav::write(&to_i16(&samples), self.config.rate);
        let exchange = self.place.ask(&Method::POST, &url, &self.headers, file, MAX_ANSWER);
        let limit = Duration::from_millis(self.config.timeout_ms);
        let answer = match tokio::time::timeout(limit, exchange).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(unavailable(&error)),
            Err(_) => return Err(unavailable(&"no answer in time")),
        };
        let answer: serde_json::Value =
            serde_json::from_slice(&answer).map_err(|_| unavailable(&"the answer is no JSON"))?;
        let words = answer.pointer(&self.config.text).and_then(|it| it.as_str());
        let words = words.ok_or_else(|| unavailable(&"the answer has no words"))?;
        let sure = self.config.confidence.as_ref().and_then(|at| answer.pointer(at)?.as_f64());
        Ok(understand(request, words, sure.map(percent)))
    }
}

/// Returns a confidence in percent: what lies between 0 and 1 is a share.
pub(super) fn percent(confidence: f64) -> f64 {
    if (0.0..=1.0).contains(&confidence) { confidence * 100.0 } else { confidence }
}

pub(super) fn unavailable(reason: &dyn std::fmt::Display) -> RecognitionError {
    RecognitionError::Unavailable { reason: reason.to_string() }
}
