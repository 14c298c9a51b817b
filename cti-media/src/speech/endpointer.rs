//! Tells speech from silence, so that a service is sent one utterance and no more.

use std::time::Duration;

use cti_core::speech::RecognitionRequest;

use crate::dsp::shape::{dbfs, rms};

/// Quieter than this, in dBFS, is never speech.
const FLOOR_DBFS: f64 = -48.0;
/// Speech stands so far above what the line sounds like without it, in decibels.
const ABOVE_NOISE: f64 = 8.0;
/// Sound that is shorter than this is a click.
const CLICK: Duration = Duration::from_millis(60);

/// What the sound so far means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Utterance {
    /// Somebody began to speak.
    Began,
    /// He has ended.
    Ended,
    /// Nobody began in time.
    NoInput,
    /// It has gone on for as long as is listened to.
    Limit,
}

/// Follows the sound of one listening, frame by frame.
#[derive(Clone, Debug)]
pub struct Endpointer {
    no_input: Duration,
    end_silence: Duration,
    limit: Duration,
    noise: Option<f64>,
    heard: Duration,
    /// Since somebody began.
    spoken: Duration,
    /// Of the sound that goes on, or the silence.
    lasting: Duration,
    begun: bool,
    over: bool,
}

impl Endpointer {
    /// Listens as long as a request wants.
    #[must_use]
    pub fn new(request: &RecognitionRequest) -> Self {
        Self {
            no_input: request.no_input,
            end_silence: request.end_silence,
            limit: request.limit,
            noise: None,
            heard: Duration::ZERO,
            spoken: Duration::ZERO,
            lasting: Duration::ZERO,
            begun: false,
            over: false,
        }
    }

    /// Returns whether somebody has begun to speak.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Takes the next frame, about 20 ms of samples from −1 to 1, and says what has changed by it.
    pub fn hear(&mut self, frame: &[f32], rate: u32) -> Option<Utterance> {
        if self.over || frame.is_empty() {
            return None;
        }
        let length = Duration::from_secs_f64(frame.len() as f64 / f64::from(rate.max(1)));
        self.heard += length;
        if self.begun {
            self.spoken += length;
        }
        let sounds = self.sounds(dbfs(rms(frame)));
        self.lasting = if sounds == self.begun { Duration::ZERO } else { self.lasting + length };
        let what = match self.begun {
            false if self.lasting >= CLICK => {
                (self.begun, self.lasting) = (true, Duration::ZERO);
                Some(Utterance::Began)
            }
            false if self.heard >= self.no_input && !sounds => Some(Utterance::NoInput),
            true if self.lasting >= self.end_silence => Some(Utterance::Ended),
            true if self.spoken >= self.limit => Some(Utterance::Limit),
            true | false => None,
        };
        self.over = matches!(what, Some(Utterance::Ended | Utterance::NoInput | Utterance::Limit));
        what
    }

    fn sounds(&mut self, level: f64) -> bool {
        // The noise of the line follows downwards at once and upwards slowly, so that long speech is not taken for it.
        let noise = self.noise.map_or(level, |noise| level.min(noise + 0.02)).clamp(-90.0, -30.0);
        self.noise = Some(noise);
        level > (noise + ABOVE_NOISE).max(FLOOR_DBFS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::speech::{AudioFormat, Grammar};

    fn frame(loudness: f32) -> Vec<f32> {
        (0..160).map(|n| (n as f32 * 0.7).sin() * loudness).collect()
    }

    /// Plays frames of these loudnesses; returns what happened, and at which frame.
    fn heard(parts: &[(f32, usize)]) -> Vec<(usize, Utterance)> {
        let mut request =
            RecognitionRequest::new(Grammar::Free { hints: Vec::new() }, AudioFormat::TELEPHONE);
        request.no_input = Duration::from_secs(1);
        request.end_silence = Duration::from_millis(500);
        request.limit = Duration::from_secs(4);
        let mut endpointer = Endpointer::new(&request);
        let frames = parts.iter().flat_map(|(loud, count)| vec![*loud; *count]);
        frames
            .enumerate()
            .filter_map(|(n, loud)| Some((n, endpointer.hear(&frame(loud), 8_000)?)))
            .collect()
    }

    #[test]
    fn speech_begins_and_ends_by_the_silence_after_it() {
        let all = heard(&[(0.001, 20), (0.2, 50), (0.001, 40)]);
        assert_eq!(all, [(22, Utterance::Began), (94, Utterance::Ended)]);
    }

    #[test]
    fn a_pause_within_a_sentence_does_not_end_it_and_a_click_does_not_begin_one() {
        let all = heard(&[
            (0.001, 10),
            (0.3, 2),
            (0.001, 10),
            (0.2, 20),
            (0.001, 20),
            (0.2, 20),
            (0.001, 30),
        ]);
        assert_eq!(all, [(24, Utterance::Began), (106, Utterance::Ended)]);
    }

    #[test]
    fn silence_and_even_noise_are_no_input_and_who_does_not_end_is_ended() {
        assert_eq!(heard(&[(0.0, 80)]), [(49, Utterance::NoInput)]);
        assert_eq!(heard(&[(0.02, 80)]), [(49, Utterance::NoInput)]);
        let all = heard(&[(0.001, 5), (0.2, 300)]);
        assert_eq!(all, [(7, Utterance::Began), (207, Utterance::Limit)]);
    }
}
