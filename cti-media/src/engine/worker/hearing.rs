//! Voices that somebody beside the call listens to: a recognizer.

use std::time::Duration;

use tokio::sync::mpsc::{Sender, error::TrySendError};

use super::Worker;
use crate::{
    codec::Codec,
    engine::LegKey,
    record::track::Track,
    rtp::{packet::Packet, samples_in},
};

/// Time between two pieces.
const PIECE: Duration = Duration::from_millis(100);
/// What is younger than this waits for late packets.
const HOLDBACK: Duration = Duration::from_millis(60);

/// Where the voice of a leg goes, silence too, as A-law at 8 kHz.
#[derive(Debug)]
pub(in crate::engine) struct Ear {
    track: Track,
    started: Duration,
    next: Duration,
    sink: Sender<Vec<u8>>,
}

impl Ear {
    /// Lays a packet on the time line.
    pub(super) fn put(&mut self, now: Duration, packet: &Packet, codec: Codec, payload: &[u8]) {
        let arrival = samples_in(now.saturating_sub(self.started));
        self.track.put(arrival, packet.ssrc, packet.timestamp, codec, payload);
    }

    /// Hands over what is old enough; returns whether anybody listens still.
    fn tell(&mut self, now: Duration) -> bool {
        if now < self.next {
            return true;
        }
        self.next += PIECE;
        let until = now.saturating_sub(HOLDBACK).saturating_sub(self.started);
        let sound = self.track.take(samples_in(until)).bytes;
        if sound.is_empty() {
            return true;
        }
        match self.sink.try_send(sound) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                tracing::warn!("A recognizer is too slow: sound is lost to it");
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

impl Worker {
    pub(super) fn hear(&mut self, key: LegKey, sink: Sender<Vec<u8>>) {
        let now = self.now();
        let Some(slot) = self.slot(key) else { return };
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let track = Track::new(Codec::Pcma);
        let ear = Ear { track, started: now, next: now + PIECE + HOLDBACK, sink };
        if leg.ear.replace(Box::new(ear)).is_none() {
            self.heard.push(slot);
        }
    }

    pub(super) fn tick_ears(&mut self) {
        let now = self.now();
        let mut heard = std::mem::take(&mut self.heard);
        heard.retain(|&slot| {
            let Some(leg) = self.legs.get_mut(slot) else { return false };
            let Some(ear) = &mut leg.ear else { return false };
            let listens = ear.tell(now);
            if !listens {
                leg.ear = None;
            }
            listens
        });
        self.heard = heard;
    }
}
