//! A pretended synthesizer and recognizer that understand each other, and ones with faults.

use std::time::Duration;

use async_trait::async_trait;
use cti_core::{
    conformance::speech::{RecognizerHarness, Sound, run_all_recognition, run_all_synthesis},
    speech::{
        Audio, AudioFormat, Grammar, Heard, InvalidSynthesis, Recognised, Recognition,
        RecognitionError, RecognitionRequest, Recognizer, Spoken, SynthesisError, SynthesisRequest,
        Synthesizer,
    },
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    SpeaksInItsOwnFormat,
    SpeaksLonger,
    SpeaksNonsense,
    TellsTheText,
    WritesAsItLikes,
    TakesSilenceForSpeech,
    MatchesAnything,
    TalksInBetween,
    EndsAgain,
    WaitsForSound,
    ListensToNonsense,
}

/// Each character becomes a frame.
#[derive(Debug)]
struct Speaker(Fault, std::sync::atomic::AtomicUsize);

#[async_trait]
impl Synthesizer for Speaker {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        let text = request.text.reveal();
        match (self.0, request.check()) {
            (Fault::SpeaksNonsense, Err(_)) => {
                return Ok(Audio::new(AudioFormat::TELEPHONE, vec![1]).unwrap());
            }
            (Fault::TellsTheText, Err(InvalidSynthesis::Text { .. })) if !text.is_empty() => {
                return Err(SynthesisError::Unavailable { reason: format!("cannot say {text}") });
            }
            (_, checked) => checked?,
        }
        if request.voice.is_some() {
            let voice = request.voice.clone().unwrap();
            return Err(SynthesisError::UnknownVoice { voice });
        }
        let format = match self.0 {
            Fault::SpeaksInItsOwnFormat => AudioFormat::WIDE,
            _ => request.format,
        };
        let said = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let times = if self.0 == Fault::SpeaksLonger { said + 1 } else { 1 };
        let bytes = format.bytes_per_frame() * text.chars().count() * times;
        Ok(Audio::new(format, vec![0x55; bytes]).unwrap())
    }
}

/// Frames of ones are the keyword, of twos other words, of zeroes silence.
#[derive(Debug)]
struct Listener(Fault);

#[derive(Debug)]
struct Listening {
    fault: Fault,
    request: RecognitionRequest,
    heard: Vec<u8>,
    over: bool,
}

#[async_trait]
impl Recognizer for Listener {
    async fn listen(
        &self,
        request: &RecognitionRequest,
    ) -> Result<Box<dyn Recognition>, RecognitionError> {
        if self.0 != Fault::ListensToNonsense {
            request.check()?;
        }
        let (fault, request) = (self.0, request.clone());
        Ok(Box::new(Listening { fault, request, heard: Vec::new(), over: false }))
    }
}

impl Listening {
    fn understood(&self) -> Recognised {
        let Grammar::Keywords(words) = &self.request.grammar else { panic!("keywords alone") };
        let word = match self.fault {
            Fault::WritesAsItLikes => "SOCIAL SECURITY".to_owned(),
            _ => words[0].clone(),
        };
        Recognised { text: Spoken::new(word.clone()), confidence: 90, keyword: Some(word) }
    }

    fn end(&mut self) -> Heard {
        self.over = true;
        let spoke = self.heard.iter().find(|byte| **byte > 0);
        match (spoke, self.fault) {
            (Some(1), _) | (Some(_), Fault::MatchesAnything) => Heard::Final(self.understood()),
            (Some(_), _) | (None, Fault::TakesSilenceForSpeech) => Heard::NoMatch,
            (None, _) => Heard::NoInput,
        }
    }
}

#[async_trait]
impl Recognition for Listening {
    async fn hear(&mut self, sound: &[u8]) -> Result<Option<Heard>, RecognitionError> {
        if self.over {
            return Err(RecognitionError::Over);
        }
        self.heard.extend_from_slice(sound);
        let spoke = self.heard.contains(&1);
        if spoke && sound.iter().all(|byte| *byte == 0) {
            return Ok(Some(self.end()));
        }
        let interim = self.request.interim || self.fault == Fault::TalksInBetween;
        Ok((spoke && interim).then(|| Heard::Interim(self.understood())))
    }

    async fn finish(&mut self) -> Result<Heard, RecognitionError> {
        match self.fault {
            Fault::WaitsForSound if self.heard.is_empty() => {
                let reason = "no sound".to_owned();
                return Err(RecognitionError::Unavailable { reason });
            }
            Fault::EndsAgain => {}
            _ if self.over => return Err(RecognitionError::Over),
            _ => {}
        }
        Ok(self.end())
    }
}

struct Room(Listener);

impl RecognizerHarness for Room {
    fn recognizer(&self) -> &dyn Recognizer {
        &self.0
    }

    fn request(&self) -> RecognitionRequest {
        let words = vec!["社保".to_owned(), "公积金".to_owned()];
        let end_silence = Duration::from_millis(20);
        let format = AudioFormat::TELEPHONE;
        RecognitionRequest {
            end_silence,
            ..RecognitionRequest::new(Grammar::Keywords(words), format)
        }
    }

    fn sound(&self, what: Sound) -> Audio {
        let byte = match what {
            Sound::Matching => 1,
            Sound::Other => 2,
            Sound::Silence => 0,
        };
        let bytes = [vec![byte; 1_600], vec![0; 1_600]].concat();
        Audio::new(AudioFormat::TELEPHONE, bytes).unwrap()
    }
}

#[tokio::test]
async fn providers_that_do_what_they_should_keep_the_rules() {
    let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
    let speaker = Speaker(Fault::None, Default::default());
    run_all_synthesis(&speaker, &request).await.expect_conformance();
    run_all_recognition(&Room(Listener(Fault::None))).await.expect_conformance();
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_cache_in_front_of_a_synthesizer_keeps_the_rules() {
    use cti_core::speech::{CacheLimits, CachedSynthesizer};
    let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
    let speaker = Speaker(Fault::None, Default::default());
    let cached = CachedSynthesizer::new(speaker, CacheLimits::default());
    run_all_synthesis(&cached, &request).await.expect_conformance();
    assert!(cached.statistics().found > 0);
}

#[tokio::test]
async fn a_synthesizer_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    let request = SynthesisRequest::new("您好", AudioFormat::TELEPHONE);
    for (fault, rule) in [
        (Fault::SpeaksInItsOwnFormat, "the_sound_has_the_format_that_was_asked_for"),
        (Fault::SpeaksLonger, "equal_requests_are_fulfilled_alike"),
        (Fault::SpeaksNonsense, "a_senseless_request_is_refused"),
        (Fault::TellsTheText, "no_error_tells_the_text"),
    ] {
        let report = run_all_synthesis(&Speaker(fault, Default::default()), &request).await;
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}

#[tokio::test]
async fn a_recognizer_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    for (fault, rule) in [
        (Fault::WritesAsItLikes, "a_keyword_is_understood_as_the_grammar_writes_it"),
        (Fault::TakesSilenceForSpeech, "silence_is_no_input"),
        (Fault::MatchesAnything, "what_the_grammar_does_not_hold_is_no_match"),
        (Fault::TalksInBetween, "interim_results_come_only_where_they_are_wanted"),
        (Fault::EndsAgain, "nothing_is_heard_after_the_end"),
        (Fault::WaitsForSound, "a_recognition_without_sound_ends_when_it_is_finished"),
        (Fault::ListensToNonsense, "a_senseless_recognition_is_refused"),
    ] {
        let report = run_all_recognition(&Room(Listener(fault))).await;
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}
