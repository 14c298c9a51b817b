//! Carries out commands.

use std::net::SocketAddr;

use mio::{Interest, Token};

use super::Worker;
use crate::{
    codec::FRAME_SAMPLES,
    engine::{
        LegKey, MediaEvent, PlayEnd, PlayId, RecordingEnd, RecordingFailure, RecordingId,
        command::Command,
        leg::{Leg, Playing, Seeds},
        ports::PortPair,
        wire::{Context, Wire},
    },
    play::{Player, Sequence},
};

impl Worker {
    pub(super) fn control(&mut self, command: Command) {
        match command {
            Command::Open { leg, ports, address, nat } => self.open(leg, ports, address, nat),
            Command::SetRemote { leg, negotiated } => {
                let (now, rate) = (self.now(), self.config.max_packets_per_second);
                let Some(slot) = self.slot(leg) else { return };
                let context = Context { epoch: self.epoch, identity: &self.shared.identity };
                let Some(leg) = self.legs.get_mut(slot) else { return };
                leg.agree(now, context, negotiated, rate);
                if matches!(leg.wire, Wire::Browser(_)) && !self.browsers.contains(&slot) {
                    self.browsers.push(slot);
                }
            }
            Command::Close { leg } => self.close(leg),
            Command::Play { leg, play, sequence } => self.play(leg, play, sequence),
            Command::StopPlay { leg, play } => self.stop_play(leg, play),
            Command::SendDigits { leg, digits, duration } => {
                let Some(slot) = self.slot(leg) else { return };
                let Some(leg) = self.legs.get_mut(slot) else { return };
                let agreed =
                    leg.remote.as_ref().is_some_and(|remote| remote.agreed.dtmf_pt.is_some());
                if !agreed {
                    self.outbox.emit(MediaEvent::DigitsRefused { leg: leg.key });
                    return;
                }
                leg.keys.press(digits, duration);
                self.start_ticking(slot);
            }
            Command::Bridge { a, b } => self.bridge(a, b),
            Command::Unbridge { leg } => {
                if let Some(slot) = self.slot(leg) {
                    self.unbridge(slot);
                }
            }
            Command::Mix { mix, parties } => self.mix(mix, parties),
            Command::EndMix { mix } => self.end_mix(mix),
            Command::SetGain { leg, gain } => self.set_gain(leg, gain),
            Command::Hear { leg, sink } => self.hear(leg, sink),
            Command::StartRecording { recording, left, right, path } => {
                match (self.slot(left), self.slot(right)) {
                    (Some(left), Some(right)) => {
                        self.start_recording(recording, vec![left, right], path, None);
                    }
                    (None, _) | (_, None) => self.refuse_recording(recording, path),
                }
            }
            Command::RecordMessage { recording, leg, path, limits } => match self.slot(leg) {
                Some(slot) => self.start_recording(recording, vec![slot], path, Some(limits)),
                None => self.refuse_recording(recording, path),
            },
            Command::PauseRecording { recording } => self.pause_recording(recording, true),
            Command::ResumeRecording { recording } => self.pause_recording(recording, false),
            Command::StopRecording { recording } => {
                let now = self.now();
                self.finish_recording(recording, RecordingEnd::Stopped, now);
            }
            // The loop itself ends at this one.
            Command::Shutdown => {}
        }
    }

    /// Closes all legs, which ends their plays and recordings, and hands everything over.
    pub(super) fn shut_down(&mut self) {
        for slot in 0..self.legs.slots() {
            if let Some(key) = self.legs.get_mut(slot).map(|leg| leg.key) {
                self.close(key);
            }
        }
        while let Some(job) = self.unwritten.pop_front() {
            if self.writer.send(job).is_err() {
                break;
            }
        }
        self.outbox.retry();
    }

    fn open(&mut self, key: LegKey, ports: PortPair, address: SocketAddr, nat: bool) {
        let mut leg = Box::new(Leg::new(key, ports, address, nat, seeds()));
        let slot = self.legs.next_slot();
        let registry = self.poll.registry();
        let registered =
            registry.register(&mut leg.rtp, Token(2 * slot), Interest::READABLE).and_then(|()| {
                registry.register(&mut leg.rtcp, Token(2 * slot + 1), Interest::READABLE)
            });
        if let Err(error) = registered {
            tracing::error!(leg = %key, %error, "Cannot watch the sockets of a leg");
        }
        self.legs.insert(leg);
        self.slots.insert(key, slot);
    }

    fn close(&mut self, key: LegKey) {
        let Some(slot) = self.slot(key) else { return };
        self.finish_recordings_of(slot);
        self.unbridge(slot);
        self.leave_mix(slot);
        self.report(slot, true);
        self.dismiss_browser(slot);
        self.slots.remove(&key);
        let Some(mut leg) = self.legs.remove(slot) else { return };
        self.ticking.retain(|&ticking| ticking != slot);
        let registry = self.poll.registry();
        for result in [registry.deregister(&mut leg.rtp), registry.deregister(&mut leg.rtcp)] {
            if let Err(error) = result {
                tracing::debug!(leg = %key, %error, "Cannot unwatch a socket");
            }
        }
        if let Some(playing) = &leg.play {
            let (play, how) = (playing.id, PlayEnd::LegClosed);
            self.outbox.emit(MediaEvent::PlayEnded { leg: key, play, how });
        }
        let stats = leg.stats();
        // The ports must be free before anybody hears that the leg is gone.
        drop(leg);
        self.shared.forget_leg(key);
        self.outbox.emit(MediaEvent::LegClosed { leg: key, stats });
    }

    fn play(&mut self, key: LegKey, play: PlayId, sequence: Sequence) {
        let radio = (self.ticks + 1) * FRAME_SAMPLES as u64;
        let Some(slot) = self.slot(key) else {
            let how = PlayEnd::LegClosed;
            self.outbox.emit(MediaEvent::PlayEnded { leg: key, play, how });
            return;
        };
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let player = Player::new(sequence, radio);
        if let Some(old) = leg.play.replace(Playing { id: play, player }) {
            let (play, how) = (old.id, PlayEnd::Stopped);
            self.outbox.emit(MediaEvent::PlayEnded { leg: key, play, how });
        }
        self.start_ticking(slot);
    }

    fn stop_play(&mut self, key: LegKey, play: PlayId) {
        let Some(slot) = self.slot(key) else { return };
        let Some(leg) = self.legs.get_mut(slot) else { return };
        if leg.play.as_ref().is_some_and(|playing| playing.id == play) {
            self.end_play(slot);
            let how = PlayEnd::Stopped;
            self.outbox.emit(MediaEvent::PlayEnded { leg: key, play, how });
        }
    }

    fn bridge(&mut self, a: LegKey, b: LegKey) {
        let (Some(a), Some(b)) = (self.slot(a), self.slot(b)) else { return };
        for slot in [a, b] {
            self.unbridge(slot);
            self.leave_mix(slot);
        }
        self.join(a, b);
    }

    pub(super) fn join(&mut self, a: usize, b: usize) {
        if let Some((leg_a, leg_b)) = self.legs.pair_mut(a, b) {
            leg_a.peer = Some(b);
            leg_b.peer = Some(a);
        }
    }

    pub(super) fn unbridge(&mut self, slot: usize) {
        let peer = self.legs.get_mut(slot).and_then(|leg| leg.peer.take());
        if let Some(peer) = peer.and_then(|peer| self.legs.get_mut(peer)) {
            peer.peer = None;
        }
    }

    fn refuse_recording(&mut self, recording: RecordingId, path: std::path::PathBuf) {
        self.shared.forget_recording(recording);
        let failure = RecordingFailure::UnknownLeg;
        self.outbox.emit(MediaEvent::RecordingFailed { recording, path, failure });
    }

    pub(super) fn slot(&self, key: LegKey) -> Option<usize> {
        let slot = self.slots.get(&key).copied();
        if slot.is_none() {
            tracing::debug!(leg = %key, "Command for a leg that is closed");
        }
        slot
    }
}

/// Returns the random starting points that RFC 3550 §5.1 asks for.
fn seeds() -> Seeds {
    let random = || getrandom::u32().expect("the system gave random numbers at start");
    Seeds { ssrc: random(), sequence: random() as u16 & 0x7FFF, timestamp: random() }
}
