//! Callers are listened to: their voice goes to a recognizer, and what it understands is reported.
#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{collections::BTreeMap, sync::Arc};

use cti_core::{
    id::{LegId, RecognitionId},
    speech::{
        AudioFormat, Heard, RecognitionEnd, RecognitionError, RecognitionRequest, Recognizer,
    },
    switch::SwitchReport,
};
use tokio::{sync::mpsc, task::AbortHandle};

use super::{
    NativeSwitch,
    leg::{Leg, media_key},
};

/// At most so many callers are listened to at the same time.
const AT_A_TIME: usize = 1000;
/// Pieces of sound that wait for a recognizer which is being reached: 20 s.
const WAITING: usize = 200;

/// Who is listened to.
#[derive(Debug)]
pub(super) struct Listeners {
    recognizer: Option<Arc<dyn Recognizer>>,
    running: BTreeMap<RecognitionId, (LegId, AbortHandle)>,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
}

/// What becomes of a listening.
#[derive(Debug)]
pub(super) enum Told {
    Began(RecognitionId),
    Ended(RecognitionId, RecognitionEnd),
}

impl Default for Listeners {
    fn default() -> Self {
        let (tell, told) = mpsc::channel(AT_A_TIME);
        Self { recognizer: None, running: BTreeMap::new(), tell, told }
    }
}

impl Listeners {
    /// Waits for what a listening comes to next. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Told> {
        self.told.recv().await
    }
}

impl NativeSwitch {
    /// Lets a recognizer understand callers; without one every listening fails.
    #[must_use]
    pub fn with_recognizer(mut self, recognizer: Arc<dyn Recognizer>) -> Self {
        self.listeners.recognizer = Some(recognizer);
        self
    }

    pub(super) fn recognize(
        &mut self,
        leg: LegId,
        recognition: RecognitionId,
        request: RecognitionRequest,
    ) {
        let ended = |end| SwitchReport::RecognitionEnded { leg, recognition, end };
        if self.legs.get(&leg).is_none_or(Leg::is_ending) {
            return self.report_later(ended(RecognitionEnd::LegEnded));
        }
        let recognizer = self.listeners.recognizer.clone();
        let Some(recognizer) = recognizer.filter(|_| self.listeners.running.len() < AT_A_TIME)
        else {
            tracing::error!(%leg, "There is no recognizer, or it has too much to do");
            return self.report_later(ended(RecognitionEnd::Failed));
        };
        let (sink, sound) = mpsc::channel(WAITING);
        if let Err(error) = self.media.hear(media_key(leg), sink) {
            tracing::error!(%leg, %error, "Cannot listen");
            return self.report_later(ended(RecognitionEnd::Failed));
        }
        let request = RecognitionRequest { format: AudioFormat::TELEPHONE, ..request };
        let tell = self.listeners.tell.clone();
        let task = tokio::spawn(async move {
            let end = follow(recognizer.as_ref(), &request, sound, recognition, &tell).await;
            let end = end.unwrap_or_else(|error| {
                tracing::warn!(%leg, %error, "A caller is not understood");
                RecognitionEnd::Failed
            });
            // The switch is gone when nobody reads.
            let _ = tell.send(Told::Ended(recognition, end)).await;
        });
        self.listeners.running.insert(recognition, (leg, task.abort_handle()));
    }

    /// A listening has come to something.
    pub(super) fn on_heard(&mut self, told: Told) {
        match told {
            Told::Began(recognition) => {
                if let Some((leg, _)) = self.listeners.running.get(&recognition) {
                    let leg = *leg;
                    self.report_later(SwitchReport::SpeechBegan { leg, recognition });
                }
            }
            Told::Ended(recognition, end) => self.end_recognition(recognition, end),
        }
    }

    /// Ends a listening once.
    pub(super) fn end_recognition(&mut self, recognition: RecognitionId, end: RecognitionEnd) {
        if let Some((leg, task)) = self.listeners.running.remove(&recognition) {
            task.abort();
            self.report_later(SwitchReport::RecognitionEnded { leg, recognition, end });
        }
    }

    /// Ends what listens to a leg that has ended.
    pub(super) fn stop_recognitions_of(&mut self, leg: LegId) {
        let of_leg = self.listeners.running.iter().filter(|(_, (whose, _))| *whose == leg);
        let of_leg: Vec<_> = of_leg.map(|(recognition, _)| *recognition).collect();
        for recognition in of_leg {
            self.end_recognition(recognition, RecognitionEnd::LegEnded);
        }
    }
}

/// Hands sound on until the end.
async fn follow(
    recognizer: &dyn Recognizer,
    request: &RecognitionRequest,
    mut sound: mpsc::Receiver<Vec<u8>>,
    id: RecognitionId,
    tell: &mpsc::Sender<Told>,
) -> Result<RecognitionEnd, RecognitionError> {
    let mut recognition = recognizer.listen(request).await?;
    while let Some(piece) = sound.recv().await {
        match recognition.hear(&piece).await? {
            Some(Heard::SpeechBegan) => {
                let _ = tell.send(Told::Began(id)).await;
            }
            Some(Heard::Final(said)) => return Ok(RecognitionEnd::Final(said)),
            Some(Heard::NoMatch) => return Ok(RecognitionEnd::NoMatch),
            Some(Heard::NoInput) => return Ok(RecognitionEnd::NoInput),
            Some(Heard::Interim(_)) | None => {}
        }
    }
    Ok(RecognitionEnd::LegEnded)
}
