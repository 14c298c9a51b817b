//! A recognizer over WebSocket (RFC 6455): sound goes frame by frame, words come back while somebody speaks.
#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use cti_core::speech::{
    Grammar, Heard, Recognised, Recognition, RecognitionError, RecognitionRequest, Recognizer,
    Spoken,
};
use futures::{SinkExt as _, StreamExt as _};
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _, protocol::WebSocketConfig},
};

use super::{
    endpointer::{Endpointer, Utterance},
    exchange::{Place, Stream, headers},
    http::InvalidService,
    http_recognizer::{percent, unavailable},
    sound::to_sound,
    template::{Escape, Template},
    understand::understand,
};
use crate::dsp::{resample::Converter, shape::to_i16};

/// What templates can name.
const VALUES: [&str; 3] = ["language", "hints", "rate"];
/// Frames and answers that wait.
const WAITING: usize = 256;
/// The largest message of the service, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// A recognizer over WebSocket. `url`, `begin` and `end` may hold `${language}`, `${hints}` (words with commas
/// between) and `${rate}`; they and headers `${env:NAME}` and `${file:PATH}`.
///
/// `begin` is sent as the first message; then sound in binary messages, samples of 16 bit, least significant byte
/// first; then `end`. The service answers in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSocketRecognizerConfig {
    /// Where it is: `ws://host:port/path`, or `wss://` with `ca`.
    pub url: String,
    /// What is sent along, for example a key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The first message, JSON; none when absent.
    #[serde(default)]
    pub begin: String,
    /// The last message, JSON.
    pub end: String,
    /// The rate of the sound, in hertz.
    #[serde(default = "wide")]
    pub rate: u32,
    /// Where the words stand in an answer (RFC 6901); an answer without them says nothing.
    pub text: String,
    /// Where the confidence stands, 0 to 1 or 0 to 100.
    pub confidence: Option<String>,
    /// Where it stands whether the words are final.
    pub is_final: String,
    /// What stands there when they are.
    #[serde(default = "yes")]
    pub final_value: Value,
    /// The longest that the service takes to answer after the end, and to begin, in milliseconds.
    #[serde(default = "ten_seconds")]
    pub timeout_ms: u64,
    /// Certificates of those whose word is taken for `wss://`, a PEM file.
    pub ca: Option<PathBuf>,
}

fn wide() -> u32 {
    16_000
}

fn yes() -> Value {
    Value::Bool(true)
}

fn ten_seconds() -> u64 {
    10_000
}

/// Understands by a service over WebSocket.
#[derive(Debug)]
pub struct WebSocketRecognizer {
    place: Place,
    url: Template,
    begin: Template,
    end: Template,
    headers: Vec<(HeaderName, HeaderValue)>,
    config: WebSocketRecognizerConfig,
}

impl WebSocketRecognizer {
    /// Reads the description, and the secrets that it names.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn new(config: WebSocketRecognizerConfig) -> Result<Self, InvalidService> {
        let wrong = |field, reason: String| InvalidService { field, reason };
        if !(8_000..=48_000).contains(&config.rate) || !config.rate.is_multiple_of(8_000) {
            let reason = format!("a multiple of 8000 Hz up to 48000, not {}", config.rate);
            return Err(wrong("rate", reason));
        }
        let template = |field, text: &str| {
            Template::parse(text, &VALUES).map_err(|error| wrong(field, error.to_string()))
        };
        Ok(Self {
            place: Place::new(&config.url, ["ws", "wss"], config.ca.as_deref())?,
            url: template("url", &config.url)?,
            begin: template("begin", &config.begin)?,
            end: template("end", &config.end)?,
            headers: headers(&config.headers)?,
            config,
        })
    }

    async fn open(
        &self,
        url: &str,
    ) -> Result<WebSocketStream<Box<dyn Stream>>, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = url.into_client_request()?;
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let stream = self.place.connect().await?;
        let mut limits = WebSocketConfig::default();
        limits.max_message_size = Some(MAX_MESSAGE);
        let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(limits));
        Ok(opened.await?.0)
    }
}

#[async_trait]
impl Recognizer for WebSocketRecognizer {
    async fn listen(
        &self,
        request: &RecognitionRequest,
    ) -> Result<Box<dyn Recognition>, RecognitionError> {
        request.check()?;
        let hints = match &request.grammar {
            Grammar::Free { hints } => hints.join(","),
            Grammar::Keywords(words) => words.join(","),
            Grammar::Digits { .. } => String::new(),
        };
        let values = BTreeMap::from([
            ("language", request.language.clone()),
            ("hints", hints),
            ("rate", self.config.rate.to_string()),
        ]);
        let limit = Duration::from_millis(self.config.timeout_ms);
        let url = self.url.fill(&values, Escape::Percent);
        let opened = tokio::time::timeout(limit, self.open(&url)).await;
        let socket = match opened {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Err(unavailable(&error)),
            Err(_) => return Err(unavailable(&"no connection in time")),
        };
        let begin = self.begin.fill(&values, Escape::Json);
        let end = self.end.fill(&values, Escape::Json);
        let (sound, sounds) = mpsc::channel(WAITING);
        let (answer, answers) = mpsc::channel(WAITING);
        let carrying = tokio::spawn(carry(socket, begin, end, sounds, answer, limit));
        let config = self.config.clone();
        let endpointer = Endpointer::new(request);
        let converter = Converter::new(request.format.rate, config.rate);
        let request = request.clone();
        Ok(Box::new(Listening {
            config,
            request,
            endpointer,
            sound: Some(sound),
            answers,
            converter,
            carrying,
            over: false,
        }))
    }
}

/// Carries sound to the service and its answers back, until one of the two ends.
async fn carry(
    mut socket: WebSocketStream<Box<dyn Stream>>,
    begin: String,
    end: String,
    mut sounds: mpsc::Receiver<Vec<u8>>,
    answers: mpsc::Sender<Result<Value, String>>,
    limit: Duration,
) {
    if !begin.is_empty() && socket.send(Message::text(begin)).await.is_err() {
        return;
    }
    let mut ended = None;
    loop {
        let late = async {
            match ended {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            sound = sounds.recv(), if ended.is_none() => {
                let message = match sound {
                    Some(sound) => Message::binary(sound),
                    None => {
                        ended = Some(tokio::time::Instant::now() + limit);
                        Message::text(end.clone())
                    }
                };
                if socket.send(message).await.is_err() {
                    return;
                }
            }
            message = socket.next() => {
                let told = match message {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                        Ok(answer) => Ok(answer),
                        Err(_) => Err("an answer is no JSON".to_owned()),
                    },
                    Some(Ok(Message::Close(_))) | None => Err("the service has hung up".to_owned()),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => Err(error.to_string()),
                };
                let failed = told.is_err();
                if answers.send(told).await.is_err() || failed {
                    return;
                }
            }
            () = late => {
                let _ = answers.send(Err("no answer in time".to_owned())).await;
                return;
            }
        }
    }
}

#[derive(Debug)]
struct Listening {
    config: WebSocketRecognizerConfig,
    request: RecognitionRequest,
    endpointer: Endpointer,
    /// None once the end was said.
    sound: Option<mpsc::Sender<Vec<u8>>>,
    answers: mpsc::Receiver<Result<Value, String>>,
    converter: Converter,
    carrying: JoinHandle<()>,
    over: bool,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

impl Listening {
    /// Returns what an answer means; nothing when it says nothing that was asked for.
    fn meant(&mut self, answer: &Result<Value, String>) -> Result<Option<Heard>, RecognitionError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(reason) => {
                self.over = true;
                return Err(unavailable(reason));
            }
        };
        let Some(words) = answer.pointer(&self.config.text).and_then(Value::as_str) else {
            return Ok(None);
        };
        let sure = self.config.confidence.as_ref().and_then(|at| answer.pointer(at)?.as_f64());
        if answer.pointer(&self.config.is_final) == Some(&self.config.final_value) {
            self.over = true;
            return Ok(Some(understand(&self.request, words, sure.map(percent))));
        }
        let interim = self.request.interim && !words.is_empty();
        let confidence = sure.map_or(100.0, percent).clamp(0.0, 100.0).round() as u8;
        Ok(interim.then(|| {
            Heard::Interim(Recognised { text: Spoken::new(words), confidence, keyword: None })
        }))
    }

    async fn send(&mut self, samples: &[f32]) {
        let wanted = self.converter.convert(samples);
        let bytes = to_i16(&wanted).iter().flat_map(|it| it.to_le_bytes()).collect();
        if let Some(sound) = &self.sound {
            // A service that has hung up says so by its answer.
            let _ = sound.send(bytes).await;
        }
    }
}

#[async_trait]
impl Recognition for Listening {
    async fn hear(&mut self, sound: &[u8]) -> Result<Option<Heard>, RecognitionError> {
        if self.over {
            return Err(RecognitionError::Over);
        }
        let heard = to_sound(self.request.format, sound);
        let mut began = None;
        if self.sound.is_some() {
            for frame in heard.samples.chunks(heard.rate as usize / 50) {
                match self.endpointer.hear(frame, heard.rate) {
                    Some(Utterance::Began) => began = Some(Heard::SpeechBegan),
                    Some(Utterance::NoInput) => {
                        self.over = true;
                        return Ok(Some(Heard::NoInput));
                    }
                    Some(Utterance::Ended | Utterance::Limit) => self.sound = None,
                    None => {}
                }
            }
            self.send(&heard.samples).await;
        }
        while began.is_none()
            && let Ok(answer) = self.answers.try_recv()
        {
            if let Some(heard) = self.meant(&answer)? {
                return Ok(Some(heard));
            }
        }
        Ok(began)
    }

    async fn finish(&mut self) -> Result<Heard, RecognitionError> {
        if self.over {
            return Err(RecognitionError::Over);
        }
        self.sound = None;
        if !self.endpointer.has_begun() {
            self.over = true;
            return Ok(Heard::NoInput);
        }
        while let Some(answer) = self.answers.recv().await {
            if let Some(heard) = self.meant(&answer)?.filter(Heard::is_end) {
                return Ok(heard);
            }
        }
        self.over = true;
        Err(unavailable(&"the service has hung up"))
    }
}
