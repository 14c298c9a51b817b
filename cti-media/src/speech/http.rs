//! A synthesizer over HTTP, described by the configuration.

use std::{collections::BTreeMap, path::PathBuf};

use async_trait::async_trait;
use cti_core::speech::{Audio, SynthesisError, SynthesisRequest, Synthesizer};
use hyper::{
    Method,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Deserialize;

use super::{
    exchange::{Place, headers, target},
    sound::to_audio,
    template::{Escape, Template, decoded},
};
use crate::{
    dsp::shape::from_i16,
    play::wav::{self, Sound},
};

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 32 << 20;

/// What templates of a synthesis can name.
const VALUES: [&str; 5] = ["text", "language", "voice", "rate", "speed"];

/// A service that cannot be used as it is described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidService {
    /// Which field of the description.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// How sound comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// A WAV file.
    #[default]
    Wav,
    /// Samples of 16 bit, least significant byte first, one channel.
    Pcm {
        /// Samples a second, in hertz.
        rate: u32,
    },
}

/// A synthesizer over HTTP.
///
/// `url` and `body` may hold `${text}`, `${language}`, `${voice}`, `${rate}` (percent: 100) and `${speed}` (1.00);
/// values are escaped as the place wants it. Headers and body may hold `${env:NAME}` and `${file:PATH}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSynthesizerConfig {
    /// Where it is: `http://host:port/path`, or `https://` with `ca`.
    pub url: String,
    /// How it is asked.
    #[serde(default = "post")]
    pub method: String,
    /// What is sent along, for example a key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What is sent; the header `Content-Type` decides how values are escaped.
    #[serde(default)]
    pub body: String,
    /// How sound comes back.
    #[serde(default)]
    pub answer: AnswerFormat,
    /// Where the sound stands in a JSON answer, in base64 (RFC 6901); the answer is the sound when absent.
    pub pointer: Option<String>,
    /// The languages it speaks, by their beginning: `zh`, `en-US`; all when empty.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The names of its voices; the first one speaks when nobody asks for one.
    #[serde(default)]
    pub voices: Vec<String>,
    /// Certificates of those whose word is taken for `https://`, a PEM file.
    pub ca: Option<PathBuf>,
}

fn post() -> String {
    "POST".to_owned()
}

/// Speaks by a service over HTTP.
#[derive(Debug)]
pub struct HttpSynthesizer {
    place: Place,
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Template,
    escape: Escape,
    config: HttpSynthesizerConfig,
}

impl HttpSynthesizer {
    /// Reads the description, and the secrets that it names.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn new(config: HttpSynthesizerConfig) -> Result<Self, InvalidService> {
        let wrong = |field, reason: &dyn std::fmt::Display| InvalidService {
            field,
            reason: reason.to_string(),
        };
        let schemes = ["http", "https"];
        let headers = headers(&config.headers)?;
        let kind = headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
        let kind = kind.and_then(|(_, value)| value.to_str().ok()).unwrap_or("text/plain");
        Ok(Self {
            place: Place::new(&config.url, schemes, config.ca.as_deref())?,
            method: config.method.parse().map_err(|error| wrong("method", &error))?,
            url: Template::parse(&config.url, &VALUES).map_err(|error| wrong("url", &error))?,
            body: Template::parse(&config.body, &VALUES).map_err(|error| wrong("body", &error))?,
            escape: Escape::of_media_type(kind),
            headers,
            config,
        })
    }

    /// Returns the names of its voices.
    pub fn voices(&self) -> impl Iterator<Item = &str> {
        self.config.voices.iter().map(String::as_str)
    }

    fn check(&self, request: &SynthesisRequest) -> Result<String, SynthesisError> {
        request.check()?;
        let HttpSynthesizerConfig { languages, voices, .. } = &self.config;
        let begins = |known: &String| {
            let (known, wanted) =
                (known.to_ascii_lowercase(), request.language.to_ascii_lowercase());
            wanted == known || wanted.starts_with(&format!("{known}-"))
        };
        if !languages.is_empty() && !languages.iter().any(begins) {
            let language = request.language.clone();
            return Err(SynthesisError::UnsupportedLanguage { language });
        }
        match &request.voice {
            None => Ok(voices.first().cloned().unwrap_or_default()),
            Some(voice) if voices.contains(voice) => Ok(voice.clone()),
            Some(voice) => Err(SynthesisError::UnknownVoice { voice: voice.clone() }),
        }
    }

    fn sound(&self, answer: &[u8]) -> Result<Sound, String> {
        let inner;
        let bytes = match &self.config.pointer {
            None => answer,
            Some(pointer) => {
                inner = decoded(answer, pointer)
                    .ok_or_else(|| format!("the answer has no sound at {pointer}"))?;
                &inner
            }
        };
        match self.config.answer {
            AnswerFormat::Wav => wav::read(bytes).map_err(|error| error.to_string()),
            AnswerFormat::Pcm { rate } => {
                let samples: Vec<i16> =
                    bytes.chunks_exact(2).map(|it| i16::from_le_bytes([it[0], it[1]])).collect();
                Ok(Sound { rate, samples: from_i16(&samples) })
            }
        }
    }
}

#[async_trait]
impl Synthesizer for HttpSynthesizer {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        let voice = self.check(request)?;
        let values = BTreeMap::from([
            ("text", request.text.reveal().to_owned()),
            ("language", request.language.clone()),
            ("voice", voice),
            ("rate", request.rate.to_string()),
            ("speed", format!("{:.2}", f64::from(request.rate) / 100.0)),
        ]);
        let unavailable = |reason: String| SynthesisError::Unavailable { reason };
        let url = target(&self.url.fill(&values, Escape::Percent));
        let body = self.body.fill(&values, self.escape).into_bytes();
        let answer = self.place.ask(&self.method, &url, &self.headers, body, MAX_ANSWER).await;
        // An address that was asked is part of an error, and may hold the text: it is not told.
        let answer =
            answer.map_err(|error| unavailable(format!("{}: {error}", self.place.host())))?;
        let sound = self.sound(&answer).map_err(unavailable)?;
        if sound.samples.is_empty() {
            return Err(unavailable("the answer holds no sound".to_owned()));
        }
        to_audio(&sound, request.format).map_err(|error| unavailable(error.to_string()))
    }
}
