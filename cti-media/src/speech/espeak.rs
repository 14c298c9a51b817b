//! `espeak-ng`, a program of its own: robotic, and always there.
//!
//! Its voice `cmn` reads pinyin as English letters in 1.51 (Debian 12); `cmn-latn-pinyin` is right in 1.51 and 1.52,
//! so Chinese is spelled by [`super::pinyin`] before it is said.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use cti_core::speech::{Audio, SynthesisError, SynthesisRequest, Synthesizer};

use super::{pinyin, sound::to_audio};
use crate::{
    dsp::shape,
    play::{prepare::SPEECH_DBFS, wav},
};

/// Words a minute at the usual speed: calm, as on the telephone.
const PACE: u32 = 160;
/// The most sound that is taken, in bytes: ten minutes at its 22,050 Hz.
const MAX_BYTES: u64 = 28 << 20;

/// Voices: the name, and what is put behind the voice of a language.
const VOICES: [(&str, &str); 2] = [("male", ""), ("female", "+f3")];

/// How it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EspeakConfig {
    /// The program.
    pub program: PathBuf,
    /// Readings of phrases, in pinyin, that win over those known.
    pub readings: BTreeMap<String, String>,
}

impl Default for EspeakConfig {
    fn default() -> Self {
        Self { program: "espeak-ng".into(), readings: BTreeMap::new() }
    }
}

/// Speaks Mandarin and English by `espeak-ng`.
#[derive(Clone, Debug)]
pub struct Espeak {
    config: EspeakConfig,
    version: String,
}

/// The program cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason} (Debian package espeak-ng)", program.display())]
pub struct NoEspeak {
    /// The program.
    pub program: PathBuf,
    /// Why not.
    pub reason: String,
}

impl Espeak {
    /// Asks the program for its version.
    ///
    /// # Errors
    /// When it is not installed, or does not run.
    pub fn find(config: EspeakConfig) -> Result<Self, NoEspeak> {
        let program = config.program.clone();
        let answer = Command::new(&program)
            .arg("--version")
            .output()
            .map_err(|error| NoEspeak { program: program.clone(), reason: error.to_string() })?;
        let version = String::from_utf8_lossy(&answer.stdout).lines().next().map(str::to_owned);
        match version.filter(|_| answer.status.success()) {
            Some(version) => Ok(Self { config, version }),
            None => Err(NoEspeak { program, reason: answer.status.to_string() }),
        }
    }

    /// Returns what the program says of itself.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the names of its voices.
    pub fn voices() -> impl Iterator<Item = &'static str> {
        VOICES.iter().map(|(name, _)| *name)
    }

    /// Returns what is said, as its voice reads it, and that voice.
    fn wanted(&self, request: &SynthesisRequest) -> Result<(String, String), SynthesisError> {
        let wanted = request.voice.as_deref().unwrap_or(VOICES[0].0);
        let Some((_, variant)) = VOICES.iter().find(|(name, _)| *name == wanted) else {
            return Err(SynthesisError::UnknownVoice { voice: wanted.to_owned() });
        };
        let text = request.text.reveal();
        let language = request.language.to_ascii_lowercase();
        let (voice, said) = match language.split('-').next() {
            Some("zh" | "cmn") => {
                let spelled = pinyin::spell(text, &self.config.readings).map_err(|_| {
                    // The character is part of the text, which no error tells.
                    let reason = "a character of the text has no reading".to_owned();
                    SynthesisError::Unavailable { reason }
                })?;
                ("cmn-latn-pinyin", spelled)
            }
            Some("en") => (if language == "en-gb" { "en-gb" } else { "en-us" }, text.to_owned()),
            Some(_) | None => {
                let language = request.language.clone();
                return Err(SynthesisError::UnsupportedLanguage { language });
            }
        };
        Ok((format!("{voice}{variant}"), said))
    }
}

#[async_trait]
impl Synthesizer for Espeak {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let (voice, said) = self.wanted(request)?;
        let pace = PACE * u32::from(request.rate) / 100;
        let (running, input, output) = Running::start(&self.config.program, &voice, pace)
            .map_err(|error| unavailable(&error))?;
        let format = request.format;
        let work = tokio::task::spawn_blocking(move || {
            let file = heard(input, output, &said).map_err(|error| unavailable(&error))?;
            let mut sound = wav::read(&file).map_err(|error| unavailable(&error))?;
            sound.samples = shape::trimmed(&sound.samples, sound.rate).to_vec();
            if sound.samples.is_empty() {
                return Err(unavailable(&"it said nothing"));
            }
            shape::level(&mut sound.samples, sound.rate, SPEECH_DBFS);
            to_audio(&sound, format).map_err(|error| unavailable(&error))
        });
        let answer = work.await.unwrap_or_else(|error| Err(unavailable(&error)));
        drop(running);
        answer
    }
}

fn unavailable(reason: &dyn std::fmt::Display) -> SynthesisError {
    SynthesisError::Unavailable { reason: format!("espeak-ng: {reason}") }
}

/// The text goes in by the standard input, where no list of processes shows it.
fn heard(mut input: ChildStdin, output: ChildStdout, said: &str) -> std::io::Result<Vec<u8>> {
    input.write_all(said.as_bytes())?;
    drop(input);
    let mut file = Vec::new();
    output.take(MAX_BYTES).read_to_end(&mut file)?;
    Ok(file)
}

/// The program while it runs; given up, it is ended.
#[derive(Debug)]
struct Running(Arc<Mutex<Child>>);

impl Running {
    fn start(
        program: &std::path::Path,
        voice: &str,
        pace: u32,
    ) -> std::io::Result<(Self, ChildStdin, ChildStdout)> {
        let mut child = Command::new(program)
            .args([
                "-v",
                voice,
                "-s",
                &pace.to_string(),
                "-a",
                "60",
                "-b",
                "1",
                "--stdin",
                "--stdout",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok((Self(Arc::new(Mutex::new(child))), input, output))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It has ended by itself, or nobody wants to hear it any more.
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use cti_core::{conformance::speech::run_all_synthesis, speech::AudioFormat};

    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_the_package_that_has_it() {
        let config = EspeakConfig { program: "/nonexistent/espeak".into(), ..Default::default() };
        let error = Espeak::find(config).unwrap_err().to_string();
        assert!(error.starts_with("/nonexistent/espeak: ") && error.contains("Debian"), "{error}");
    }

    /// Speaks with the program of this machine; without one there is nothing to try.
    fn espeak() -> Option<Espeak> {
        let found = Espeak::find(EspeakConfig::default());
        found.inspect_err(|error| eprintln!("not tried: {error}")).ok()
    }

    #[tokio::test]
    async fn the_program_keeps_the_rules_of_synthesizers_and_speaks_both_languages() {
        let Some(espeak) = espeak() else { return };
        assert!(espeak.version().contains("eSpeak"), "{}", espeak.version());
        let request = SynthesisRequest::new("您前面还有三位来电", AudioFormat::TELEPHONE);
        run_all_synthesis(&espeak, &request).await.expect_conformance();
        let usual = espeak.synthesize(&request).await.unwrap().duration();
        // Nine syllables; the broken voice takes three times as long to spell them.
        assert!((1_500..4_000).contains(&usual.as_millis()), "{usual:?}");
        let fast = SynthesisRequest { rate: 200, ..request.clone() };
        assert!(espeak.synthesize(&fast).await.unwrap().duration() < usual);
        let voice = Some("female".to_owned());
        let other = SynthesisRequest { voice, ..request.clone() };
        let other = espeak.synthesize(&other).await.unwrap();
        assert_ne!(other, espeak.synthesize(&request).await.unwrap());
        let english = SynthesisRequest {
            language: "en-US".to_owned(),
            ..SynthesisRequest::new("Please hold the line", AudioFormat::WIDE)
        };
        assert!(espeak.synthesize(&english).await.unwrap().duration().as_millis() > 700);
        let voice = Some("nobody".to_owned());
        let unknown = espeak.synthesize(&SynthesisRequest { voice, ..request.clone() }).await;
        assert!(matches!(unknown, Err(SynthesisError::UnknownVoice { .. })));
        let french = SynthesisRequest { language: "fr-FR".to_owned(), ..request };
        let answer = espeak.synthesize(&french).await;
        assert!(matches!(answer, Err(SynthesisError::UnsupportedLanguage { .. })));
    }
}
