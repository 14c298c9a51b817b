//! Texts are said before they are played: a synthesizer takes its time, and commands wait for nobody.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cti_core::{
    id::{LegId, PlayId},
    speech::{AudioFormat, Encoding, SynthesisRequest, Synthesizer},
    switch::Clip,
};
use tokio::task::JoinSet;

use super::NativeSwitch;
use crate::{
    codec::SAMPLE_RATE,
    dsp::shape,
    play::{self, prepare::SPEECH_DBFS},
    speech::to_sound,
};

/// The longest that a caller waits for the texts of a playing; then recorded prompts speak for them.
const LIMIT: Duration = Duration::from_secs(4);
/// At most so many playings wait for their texts; what comes beyond them is played from recorded prompts.
const WAITING: usize = 256;
/// What is asked of synthesizers.
const FORMAT: AudioFormat = AudioFormat { encoding: Encoding::L16, rate: SAMPLE_RATE };

/// The texts of a playing as sound, by their place among its clips; one that could not be said is missing.
pub(super) type Said = BTreeMap<usize, play::Clip>;

/// Says texts.
#[derive(Debug, Default)]
pub(super) struct Speaker {
    synthesizer: Option<Arc<dyn Synthesizer>>,
    saying: JoinSet<Done>,
}

/// The texts of a playing were said.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) leg: LegId,
    pub(super) play: PlayId,
    pub(super) said: Said,
}

impl Speaker {
    /// Waits for what was said next; for ever while nothing is being said. Cancel-safe.
    pub(super) async fn next(&mut self) -> Done {
        loop {
            match self.saying.join_next().await {
                Some(Ok(done)) => return done,
                Some(Err(error)) => tracing::error!(%error, "A text was not said"),
                None => std::future::pending().await,
            }
        }
    }

    /// Begins to say the texts among clips; `false` when nobody can.
    pub(super) fn begin(&mut self, leg: LegId, play: PlayId, clips: &[Clip]) -> bool {
        let Some(synthesizer) = self.synthesizer.clone() else { return false };
        if self.saying.len() >= WAITING {
            tracing::error!(%leg, "Too many texts are being said");
            return false;
        }
        let texts: Vec<(usize, SynthesisRequest)> = clips
            .iter()
            .enumerate()
            .filter_map(|(at, clip)| match clip {
                Clip::Text { text, language, .. } => {
                    let request = SynthesisRequest::new(text.reveal(), FORMAT);
                    Some((at, SynthesisRequest { language: language.clone(), ..request }))
                }
                Clip::Prompt(_) | Clip::Tone(_) | Clip::Silence(_) | Clip::Recording(_) => None,
            })
            .collect();
        self.saying.spawn(async move {
            let mut said = Said::new();
            let all = async {
                for (at, request) in &texts {
                    match synthesizer.synthesize(request).await {
                        Ok(audio) => {
                            let mut sound = to_sound(FORMAT, audio.bytes());
                            shape::level(&mut sound.samples, SAMPLE_RATE, SPEECH_DBFS);
                            shape::fade(&mut sound.samples, SAMPLE_RATE as usize / 200);
                            let samples = shape::to_i16(&sound.samples);
                            said.insert(*at, play::Clip::from_samples(&samples));
                        }
                        Err(error) => tracing::warn!(%leg, %error, "A text was not said"),
                    }
                }
            };
            if tokio::time::timeout(LIMIT, all).await.is_err() {
                tracing::warn!(%leg, "Texts were not said in time");
            }
            Done { leg, play, said }
        });
        true
    }
}

impl NativeSwitch {
    /// Lets a synthesizer say the texts that are played; without one recorded prompts speak for them.
    #[must_use]
    pub fn with_synthesizer(mut self, synthesizer: Arc<dyn Synthesizer>) -> Self {
        self.speaker.synthesizer = Some(synthesizer);
        self
    }
}
