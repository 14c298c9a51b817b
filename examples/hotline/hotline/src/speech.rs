//! The synthesizers of the configuration; the hotline serves without them, and says so.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use cti_bindings::centre::Centre;
use cti_core::{
    event::AlarmKind,
    speech::{
        Audio, AudioFormat, CacheLimits, CachedSynthesizer, Encoding, Spoken, SynthesisError,
        SynthesisRequest, Synthesizer,
    },
};
use cti_media::{
    play::wav::Sound,
    speech::{Espeak, EspeakConfig, FirstOf, HttpSynthesizer, Limited, Limits, to_sound},
};
use hotline_api::flows::prompts::shelf::{Saying, Voice};

use crate::{
    config::{EspeakProgram, Speech as SpeechConfig, SynthesizerConfig},
    modules::Membership,
    server::StartError,
    service_alarms::{Tell, Told},
};

/// How speech is asked for, before it is made a prompt.
const FORMAT: AudioFormat = AudioFormat { encoding: Encoding::L16, rate: 16_000 };
/// The name of the synthesizer that is there without being configured.
const ESPEAK: &str = "espeak";

/// The synthesizers of a centre.
#[derive(Debug, Default)]
pub struct Speech {
    by_name: BTreeMap<String, Arc<dyn Synthesizer>>,
    voices: Vec<Voice>,
    warnings: Vec<String>,
    told: Told,
}

impl Speech {
    /// Finds the synthesizers of a configuration. A program that is not installed is left out, with a warning.
    ///
    /// # Errors
    /// When the description of a service cannot be used; one line that names it.
    pub fn open(config: &SpeechConfig) -> Result<Self, StartError> {
        let (tell, told) = Told::new();
        let mut speech = Self { told, ..Self::default() };
        if config.synthesizers.is_empty() {
            let config = SynthesizerConfig {
                id: ESPEAK.to_owned(),
                espeak: Some(EspeakProgram { program: EspeakConfig::default().program }),
                http: None,
                timeout_ms: 10_000,
                at_a_time: 2,
            };
            speech.add(&config, &tell)?;
        }
        for config in &config.synthesizers {
            speech.add(config, &tell)?;
        }
        Ok(speech)
    }

    fn add(&mut self, config: &SynthesizerConfig, tell: &Tell) -> Result<(), StartError> {
        let id = &config.id;
        let limits = Limits {
            at_a_time: config.at_a_time,
            timeout: std::time::Duration::from_millis(config.timeout_ms),
            ..Limits::default()
        };
        let (provider, voices): (Arc<dyn Synthesizer>, Vec<(String, String)>) =
            match (&config.espeak, &config.http) {
                (Some(EspeakProgram { program }), _) => {
                    let config =
                        EspeakConfig { program: program.clone(), ..EspeakConfig::default() };
                    let espeak = match Espeak::find(config) {
                        Ok(espeak) => espeak,
                        Err(error) => {
                            let words = format!(
                                "speech: {error}; texts cannot be made into prompts by {id:?}"
                            );
                            self.warnings.push(words);
                            return Ok(());
                        }
                    };
                    let of = |language: &'static str| {
                        Espeak::voices().map(move |it| (it.to_owned(), language.to_owned()))
                    };
                    let voices = of("zh-CN").chain(of("en-US")).collect();
                    (Arc::new(Limited::new(espeak, limits)), voices)
                }
                (None, Some(http)) => {
                    let languages = match http.languages.as_slice() {
                        [] => vec!["zh-CN".to_owned(), "en-US".to_owned()],
                        known => known.iter().map(|it| full(it)).collect(),
                    };
                    let voices = languages.iter().flat_map(|language| {
                        let named = http.voices.iter().cloned();
                        let usual = http.voices.is_empty().then(String::new);
                        named.chain(usual).map(|voice| (voice, language.clone()))
                    });
                    let voices = voices.collect();
                    let service = HttpSynthesizer::new(http.clone())
                        .map_err(|error| format!("speech.synthesizers: {id}: {error}"))?;
                    (Arc::new(Limited::new(service, limits)), voices)
                }
                (None, None) => return Ok(()),
            };
        self.voices.extend(voices.into_iter().map(|(voice, language)| Voice {
            id: if voice.is_empty() { id.clone() } else { format!("{id}/{voice}") },
            name: if voice.is_empty() { id.clone() } else { format!("{id} · {voice}") },
            language,
        }));
        let tell = tell.clone();
        let watched = FirstOf::new([(id.clone(), provider)], move |name, why| {
            match why {
                Some(why) => {
                    tracing::warn!(synthesizer = name, %why, "A synthesizer does not speak")
                }
                None => tracing::info!(synthesizer = name, "A synthesizer speaks again"),
            }
            // Nobody reads while the hotline is only checked.
            let _ = tell.try_send((name.to_owned(), why.is_some()));
        });
        let cached = CachedSynthesizer::new(watched, CacheLimits::default());
        self.by_name.insert(id.clone(), Arc::new(cached));
        Ok(())
    }

    /// Returns what should be mended, in words.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the voices of all synthesizers.
    #[must_use]
    pub fn voices(&self) -> Vec<Voice> {
        self.voices.clone()
    }

    /// Says a text by the voice that is wanted, or by the first one of the language that works; returns which it was.
    ///
    /// # Errors
    /// When no synthesizer can.
    pub async fn say(
        &self,
        what: &Saying,
        language: &str,
    ) -> Result<(Sound, String), SynthesisError> {
        let mut why = None;
        for voice in self.voices.iter().filter(|it| it.language == language) {
            if what.voice.as_ref().is_some_and(|wanted| *wanted != voice.id) {
                continue;
            }
            let (name, own) = voice.id.split_once('/').unwrap_or((&voice.id, ""));
            let Some(synthesizer) = self.by_name.get(name) else { continue };
            let request = SynthesisRequest {
                text: Spoken::new(cti_ivr::speak::normalise_in(&what.text, language)),
                language: language.to_owned(),
                voice: Some(own.to_owned()).filter(|own| !own.is_empty()),
                rate: what.rate,
                format: FORMAT,
            };
            match synthesizer.synthesize(&request).await {
                Ok(audio) => return Ok((to_sound(FORMAT, audio.bytes()), voice.id.clone())),
                Err(error) => why = Some(error),
            }
        }
        Err(why.unwrap_or_else(|| match &what.voice {
            Some(voice) => SynthesisError::UnknownVoice { voice: voice.clone() },
            None => SynthesisError::UnsupportedLanguage { language: language.to_owned() },
        }))
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Raises an alarm for each synthesizer that does not speak, and clears it when it does; those that stood when the
    /// program ended begin anew.
    pub fn watch(&self, centre: Arc<dyn Centre>, stood: Vec<String>, module: Option<Membership>) {
        let kind = |synthesizer| AlarmKind::SynthesizerFailed { synthesizer };
        self.told.watch(centre, stood, kind, module);
    }
}

#[async_trait]
impl Synthesizer for Speech {
    /// Says a text by the first synthesizer of its language that works, in the voice that it likes best.
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let mut asked: Vec<&str> = Vec::new();
        let mut why = None;
        for voice in self.voices.iter().filter(|it| it.language == request.language) {
            let (name, own) = voice.id.split_once('/').unwrap_or((&voice.id, ""));
            let Some(synthesizer) = self.by_name.get(name).filter(|_| !asked.contains(&name))
            else {
                continue;
            };
            asked.push(name);
            let voice = Some(own.to_owned()).filter(|own| !own.is_empty());
            let request = SynthesisRequest { voice, ..request.clone() };
            match synthesizer.synthesize(&request).await {
                Ok(audio) => return Ok(audio),
                Err(error) => why = Some(error),
            }
        }
        let language = request.language.clone();
        Err(why.unwrap_or(SynthesisError::UnsupportedLanguage { language }))
    }
}

/// Returns which synthesizer an alarm is about, if it is about one.
pub(crate) fn silent(kind: &AlarmKind) -> Option<String> {
    let AlarmKind::SynthesizerFailed { synthesizer } = kind else { return None };
    Some(synthesizer.clone())
}

/// Returns the usual region of a language that is named without one.
fn full(language: &str) -> String {
    match language {
        "zh" => "zh-CN".to_owned(),
        "en" => "en-US".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn open(more: &str) -> Result<Speech, StartError> {
        let text = crate::assets::DEMO_TOML.to_owned() + more;
        Speech::open(&Config::parse("test.toml", &text).unwrap().speech)
    }

    #[test]
    fn a_program_that_is_not_installed_is_a_warning_and_a_wrong_service_an_error() {
        let absent = "\n[[speech.synthesizers]]\nid = \"local\"\nespeak = { program = \"/nonexistent/espeak\" }\n";
        let speech = open(absent).unwrap();
        assert!(speech.voices().is_empty());
        let warning = &speech.warnings()[0];
        assert!(
            warning.contains("/nonexistent/espeak") && warning.contains("\"local\""),
            "{warning}"
        );
        let wrong = "\n[[speech.synthesizers]]\nid = \"cloud\"\nhttp = { url = \"ftp://x/\" }\n";
        let error = open(wrong).unwrap_err().to_string();
        assert!(error.starts_with("speech.synthesizers: cloud: url: "), "{error}");
    }

    #[test]
    fn a_synthesizer_is_one_thing_and_has_a_name_of_its_own() {
        for (more, words) in [
            ("[[speech.synthesizers]]\nid = \"x\"\n", "is either espeak or http"),
            ("[[speech.synthesizers]]\nid = \"a/b\"\nespeak = {}\n", "without `/`"),
            ("[speech]\nset = \"Chinese\"\n", "is no set"),
            ("[[speech.synthesizers]]\nid = \"x\"\nespeak = {}\nat_a_time = 0\n", "at_a_time"),
        ] {
            let text = format!("{}\n{more}", crate::assets::DEMO_TOML);
            let error = Config::parse("test.toml", &text).unwrap_err().to_string();
            assert!(error.contains("speech") && error.contains(words), "{error}");
        }
    }

    #[tokio::test]
    async fn the_voice_of_another_synthesizer_speaks_for_one_that_fails_and_an_alarm_stands() {
        let nobody = "\n[[speech.synthesizers]]\nid = \"cloud\"\nhttp = { url = \"http://127.0.0.1:9/\", languages = [\"zh\"] }\n";
        let speech = open(nobody).unwrap();
        let what = Saying { text: "您好".to_owned(), voice: None, rate: 100 };
        let error = speech.say(&what, "zh-CN").await.unwrap_err();
        assert!(error.is_passing(), "{error}");
        let mut told = speech.told.take().unwrap();
        assert_eq!(told.recv().await, Some(("cloud".to_owned(), true)));
        let unknown = Saying { voice: Some("cloud/lin".to_owned()), ..what.clone() };
        let error = speech.say(&unknown, "zh-CN").await.unwrap_err();
        assert_eq!(error, SynthesisError::UnknownVoice { voice: "cloud/lin".to_owned() });
        let error = speech.say(&what, "fr-FR").await.unwrap_err();
        assert!(matches!(error, SynthesisError::UnsupportedLanguage { .. }), "{error}");
    }
}
