//! The recognizers of the configuration, asked in their order for the language that a caller speaks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use cti_bindings::centre::Centre;
use cti_core::{
    event::AlarmKind,
    speech::{Heard, Recognition, RecognitionError, RecognitionRequest, Recognizer},
};
use cti_media::speech::{HttpRecognizer, WebSocketRecognizer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::Speech as SpeechConfig,
    modules::Membership,
    server::StartError,
    service_alarms::{Tell, Told},
};

/// The recognizers of a centre.
#[derive(Debug, Default)]
pub struct Recognizers {
    all: Vec<Arc<Known>>,
    told: Told,
}

#[derive(Debug)]
struct Known {
    id: String,
    languages: Vec<String>,
    recognizer: Box<dyn Recognizer>,
    places: Arc<Semaphore>,
    fails: AtomicBool,
    tell: Tell,
}

impl Recognizers {
    /// Reads the descriptions, and the secrets that they name.
    ///
    /// # Errors
    /// When one cannot be used; one line that names it.
    pub fn open(config: &SpeechConfig) -> Result<Self, StartError> {
        let (tell, told) = Told::new();
        let mut all = Vec::new();
        for it in &config.recognizers {
            let wrong = |error| format!("speech.recognizers: {}: {error}", it.id);
            let recognizer: Box<dyn Recognizer> = match (&it.http, &it.websocket) {
                (Some(http), _) => Box::new(HttpRecognizer::new(http.clone()).map_err(wrong)?),
                (None, Some(socket)) => {
                    Box::new(WebSocketRecognizer::new(socket.clone()).map_err(wrong)?)
                }
                (None, None) => continue,
            };
            all.push(Arc::new(Known {
                id: it.id.clone(),
                languages: it.languages.clone(),
                recognizer,
                places: Arc::new(Semaphore::new(it.at_a_time)),
                fails: AtomicBool::new(false),
                tell: tell.clone(),
            }));
        }
        Ok(Self { all, told })
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Raises an alarm for each recognizer that fails, and clears it when it works; those that stood when the program
    /// ended begin anew.
    pub fn watch(&self, centre: Arc<dyn Centre>, stood: Vec<String>, module: Option<Membership>) {
        let kind = |recognizer| AlarmKind::RecognizerFailed { recognizer };
        self.told.watch(centre, stood, kind, module);
    }
}

impl Known {
    /// Returns whether it understands a language: it, or the language in whatever region.
    fn understands(&self, language: &str) -> bool {
        let base = language.split('-').next().unwrap_or(language);
        self.languages.is_empty() || self.languages.iter().any(|it| it == language || it == base)
    }

    fn worked<T>(&self, result: &Result<T, RecognitionError>) {
        let fails = matches!(result, Err(RecognitionError::Unavailable { .. }));
        let known = result.is_ok() || fails;
        if known && self.fails.swap(fails, Ordering::Relaxed) != fails {
            if let Err(error) = result {
                tracing::warn!(recognizer = self.id, %error, "A recognizer fails");
            }
            // Nobody reads while the hotline is only checked.
            let _ = self.tell.try_send((self.id.clone(), fails));
        }
    }
}

#[async_trait]
impl Recognizer for Recognizers {
    async fn listen(
        &self,
        request: &RecognitionRequest,
    ) -> Result<Box<dyn Recognition>, RecognitionError> {
        request.check()?;
        let mut why = None;
        for known in self.all.iter().filter(|it| it.understands(&request.language)) {
            let Ok(place) = Arc::clone(&known.places).try_acquire_owned() else {
                why = Some(RecognitionError::Busy);
                continue;
            };
            match known.recognizer.listen(request).await {
                Ok(inner) => {
                    let known = Arc::clone(known);
                    return Ok(Box::new(Watched { inner, known, _place: place }));
                }
                Err(error) => {
                    let result: Result<(), _> = Err(error);
                    known.worked(&result);
                    why = result.err();
                }
            }
        }
        let language = request.language.clone();
        Err(why.unwrap_or(RecognitionError::UnsupportedLanguage { language }))
    }
}

/// A listening whose outcome tells whether its recognizer works.
#[derive(Debug)]
struct Watched {
    inner: Box<dyn Recognition>,
    known: Arc<Known>,
    _place: OwnedSemaphorePermit,
}

#[async_trait]
impl Recognition for Watched {
    async fn hear(&mut self, sound: &[u8]) -> Result<Option<Heard>, RecognitionError> {
        let heard = self.inner.hear(sound).await;
        // That somebody speaks is heard here; what he says only the service understands.
        if !matches!(heard, Ok(None | Some(Heard::SpeechBegan | Heard::NoInput))) {
            self.known.worked(&heard);
        }
        heard
    }

    async fn finish(&mut self) -> Result<Heard, RecognitionError> {
        let heard = self.inner.finish().await;
        self.known.worked(&heard);
        heard
    }
}

/// Returns which recognizer an alarm is about, if it is about one.
pub(crate) fn deaf(kind: &AlarmKind) -> Option<String> {
    let AlarmKind::RecognizerFailed { recognizer } = kind else { return None };
    Some(recognizer.clone())
}

#[cfg(test)]
mod tests {
    use cti_core::speech::{AudioFormat, Grammar};

    use super::*;
    use crate::config::Config;

    fn open(more: &str) -> Result<Recognizers, StartError> {
        let text = crate::assets::DEMO_TOML.to_owned() + more;
        Recognizers::open(&Config::parse("test.toml", &text).unwrap().speech)
    }

    fn request(language: &str) -> RecognitionRequest {
        let grammar = Grammar::Digits { min: 1, max: 4 };
        let request = RecognitionRequest::new(grammar, AudioFormat::TELEPHONE);
        RecognitionRequest { language: language.to_owned(), ..request }
    }

    #[tokio::test]
    async fn who_understands_the_language_is_asked_and_a_failure_is_told_once() {
        let some = r#"
[[speech.recognizers]]
id = "english"
languages = ["en"]
http = { url = "http://127.0.0.1:9/asr" }
[[speech.recognizers]]
id = "chinese"
languages = ["zh-CN"]
websocket = { url = "ws://127.0.0.1:9/", end = "{}", text = "/text", is_final = "/final", timeout_ms = 2000 }
"#;
        let recognizers = open(some).unwrap();
        let mut told = recognizers.told.take().unwrap();
        for _ in 0..2 {
            let error = recognizers.listen(&request("zh-CN")).await.unwrap_err();
            assert!(matches!(error, RecognitionError::Unavailable { .. }), "{error}");
        }
        assert_eq!(told.recv().await, Some(("chinese".to_owned(), true)));
        assert!(told.try_recv().is_err());
        assert!(recognizers.listen(&request("en-US")).await.is_ok());
        let error = recognizers.listen(&request("fr-FR")).await.unwrap_err();
        assert!(matches!(error, RecognitionError::UnsupportedLanguage { .. }), "{error}");
    }

    #[test]
    fn a_recognizer_is_one_thing_with_a_name_of_its_own_and_a_place_that_can_be_asked() {
        for (more, words) in [
            ("[[speech.recognizers]]\nid = \"x\"\n", "is either http or websocket"),
            (
                "[[speech.recognizers]]\nid = \"\"\nhttp = { url = \"http://127.0.0.1/\" }\n",
                "a name of its own",
            ),
        ] {
            let text = format!("{}\n{more}", crate::assets::DEMO_TOML);
            let error = Config::parse("test.toml", &text).unwrap_err().to_string();
            assert!(error.contains("speech.recognizers") && error.contains(words), "{error}");
        }
        let ftp = "\n[[speech.recognizers]]\nid = \"x\"\nhttp = { url = \"ftp://x/\" }\n";
        let error = open(ftp).unwrap_err().to_string();
        assert!(error.starts_with("speech.recognizers: x: url: "), "{error}");
    }
}
