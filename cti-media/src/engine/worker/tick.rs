//! What happens every 20 ms: players, keys, reports, chunks of recordings.

use super::{TICK, Worker};
use crate::{
    codec::FRAME_SAMPLES,
    engine::{MediaEvent, PlayEnd},
    rtp::{
        events::{EVENT_LEN, Tick},
        packet::HEADER_LEN,
        report,
    },
};

impl Worker {
    pub(super) fn tick(&mut self) {
        self.serve_browsers();
        let mut ticking = std::mem::take(&mut self.ticking);
        ticking.retain(|&slot| self.serve(slot));
        // Serving starts nothing new, so the list was not refilled meanwhile.
        self.ticking = ticking;
        self.tick_mixes();
        self.report_some();
        self.tick_recordings();
        self.tick_ears();
        self.outbox.retry();
        self.write_pending();
    }

    /// Puts a leg on the list of those that are served at every tick.
    pub(super) fn start_ticking(&mut self, slot: usize) {
        if let Some(leg) = self.legs.get_mut(slot)
            && !leg.ticking
        {
            leg.ticking = true;
            self.ticking.push(slot);
        }
    }

    /// Sends what a leg plays or presses; returns whether it has more to send.
    fn serve(&mut self, slot: usize) -> bool {
        let Some(leg) = self.legs.get_mut(slot).filter(|leg| leg.ticking) else { return false };
        if leg.keys.is_idle() {
            self.serve_play(slot);
        } else {
            self.serve_keys(slot);
        }
        let Some(leg) = self.legs.get_mut(slot) else { return false };
        leg.ticking = leg.play.is_some() || !leg.keys.is_idle();
        leg.ticking
    }

    fn serve_play(&mut self, slot: usize) {
        let now = self.now();
        let radio = self.ticks * FRAME_SAMPLES as u64;
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let (Some(playing), Some(remote)) = (&mut leg.play, &leg.remote) else { return };
        // A browser shall hear a prompt from its first word, not from when its keys were ready.
        if !leg.wire.is_open() {
            return;
        }
        let codec = remote.agreed.codec;
        let mut packet = [0; HEADER_LEN + FRAME_SAMPLES];
        if !playing.player.fill(codec.law(), &mut packet[HEADER_LEN..], radio) {
            let (leg, play) = (leg.key, playing.id);
            self.end_play(slot);
            self.outbox.emit(MediaEvent::PlayEnded { leg, play, how: PlayEnd::Finished });
            return;
        }
        // A peer that holds us hears nothing, but the prompt's time goes by.
        if remote.agreed.may_send() {
            let header = leg.out.own(now, codec.payload_type(), FRAME_SAMPLES as u32);
            leg.encode(codec.law(), &mut packet[HEADER_LEN..]);
            leg.send_own(now, header, &mut packet);
        }
    }

    fn serve_keys(&mut self, slot: usize) {
        let now = self.now();
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Some(remote) = &leg.remote else { return };
        if let Tick::Packet { payload, first } = leg.keys.tick()
            && remote.agreed.may_send()
            && let Some(payload_type) = remote.agreed.dtmf_pt
        {
            let header = leg.out.event(now, payload_type, first);
            let mut packet = [0; HEADER_LEN + EVENT_LEN];
            packet[HEADER_LEN..].copy_from_slice(&payload);
            leg.send_own(now, header, &mut packet);
        }
        if leg.keys.is_idle() {
            self.outbox.emit(MediaEvent::DigitsSent { leg: leg.key });
        }
    }

    pub(super) fn end_play(&mut self, slot: usize) {
        if let Some(leg) = self.legs.get_mut(slot) {
            leg.play = None;
        }
    }

    /// Sends the RTCP reports of this tick's share of the legs, so that they never come all at once.
    fn report_some(&mut self) {
        let ticks_per_interval =
            (self.config.rtcp_interval.as_millis() / TICK.as_millis()).max(1) as usize;
        let first = self.ticks as usize % ticks_per_interval;
        for slot in (first..self.legs.slots()).step_by(ticks_per_interval) {
            self.report(slot, false);
            self.watch(slot);
        }
    }

    /// Sends a report, or the last one with a goodbye.
    pub(super) fn report(&mut self, slot: usize, bye: bool) {
        let clock = self.clock();
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Some(remote) = &leg.remote else { return };
        let silent = leg.out.packets() == 0 && leg.received.received() == 0;
        let target = remote.rtcp_target();
        if silent || target.ip().is_unspecified() || target.port() == 0 {
            return;
        }
        let mut buffer = [0; report::MAX_LEN];
        let reception = leg.received.report();
        let len =
            report::write(&mut buffer, clock, &leg.out, reception, &leg.reports, &self.cname, bye);
        leg.wire.send_report(&leg.rtcp, target, &buffer[..len]);
    }

    /// Reports a peer that should be heard but is not.
    fn watch(&mut self, slot: usize) {
        let now = self.now();
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Some(remote) = &mut leg.remote else { return };
        // A peer that has never sent may be one that only listens, and one that sends comfort noise need not
        // repeat it while nobody speaks: they are given ten times as long.
        let patience = if remote.spoke && !remote.agreed.comfort_noise { 1 } else { 10 };
        let overdue = now.saturating_sub(remote.heard) >= self.config.silence_timeout * patience;
        if overdue && !remote.lost && remote.agreed.direction.receives() {
            remote.lost = true;
            self.outbox.emit(MediaEvent::MediaLost { leg: leg.key });
        }
    }
}
