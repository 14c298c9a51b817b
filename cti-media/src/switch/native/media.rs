//! What the media engine reports.

use std::{fs, time::Duration};

use cti_core::{
    cause::Cause,
    id::{LegId, PlayId, RecordingId},
    quality::VoiceQuality,
    switch::{PlayEnd, RecordingEnd, SwitchReport},
};

use super::{
    NativeSwitch,
    leg::{DigitWay, Phase},
};
use crate::engine::{self, MediaEvent};

impl NativeSwitch {
    pub(super) fn on_media(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::MediaStarted { .. } | MediaEvent::DigitsSent { .. } => {}
            MediaEvent::MediaLost { leg } => {
                let leg = LegId(leg.0);
                // Before the answer and while they hold, many phones send nothing.
                let expected =
                    self.legs.get(&leg).is_some_and(|it| it.phase == Phase::Up && !it.held);
                if expected {
                    tracing::info!(%leg, "No media for too long");
                    self.end_leg(leg, Cause::Lost);
                }
            }
            MediaEvent::Digit { leg, digit } => {
                self.digit(LegId(leg.0), digit.as_char(), DigitWay::Rtp);
            }
            MediaEvent::TonedDigit { leg, digit } => {
                self.digit(LegId(leg.0), digit.as_char(), DigitWay::Tones);
            }
            MediaEvent::DigitsRefused { leg } => {
                tracing::warn!(%leg, "The peer takes no digits");
            }
            MediaEvent::PlayEnded { leg, play, how } => {
                let end = match how {
                    engine::PlayEnd::Finished => PlayEnd::Finished,
                    engine::PlayEnd::Stopped => PlayEnd::Stopped,
                    engine::PlayEnd::LegClosed => PlayEnd::LegEnded,
                };
                let (leg, play) = (LegId(leg.0), PlayId(play.0));
                self.report_later(SwitchReport::PlayEnded { leg, play, end });
            }
            MediaEvent::RecordingFinished { recording, path, duration_ms, sha256, how, .. } => {
                let bytes = fs::metadata(&path).map_or(0, |file| file.len());
                let end = RecordingEnd::Saved {
                    file: self.recordings.relative(&path),
                    length: match how {
                        engine::RecordingEnd::NothingSaid => Duration::ZERO,
                        engine::RecordingEnd::Stopped
                        | engine::RecordingEnd::LegClosed
                        | engine::RecordingEnd::MaxLength
                        | engine::RecordingEnd::Silence => Duration::from_millis(duration_ms),
                    },
                    bytes,
                    sha256,
                };
                let recording = RecordingId(recording.0);
                self.report_later(SwitchReport::RecordingEnded { recording, end });
            }
            MediaEvent::RecordingFailed { recording, failure, .. } => {
                let end = RecordingEnd::Failed { reason: failure.to_string() };
                let recording = RecordingId(recording.0);
                self.report_later(SwitchReport::RecordingEnded { recording, end });
            }
            MediaEvent::LegClosed { leg, stats } => {
                let leg = LegId(leg.0);
                if stats.packets_received + stats.packets_lost + stats.packets_sent > 0 {
                    let quality = quality(&stats);
                    self.report_later(SwitchReport::VoiceMeasured { leg, quality });
                }
                self.leg_is_gone(leg);
            }
        }
    }
}

fn quality(stats: &engine::LegStats) -> VoiceQuality {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    VoiceQuality {
        received: stats.packets_received,
        lost: stats.packets_lost,
        sent: stats.packets_sent,
        lost_by_peer: stats.packets_lost_by_peer,
        jitter_us: micros(stats.jitter),
        max_jitter_us: micros(stats.max_jitter),
        round_trip_us: stats.round_trip.map(micros),
    }
}
