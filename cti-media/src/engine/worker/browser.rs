//! Serves browsers: what their machines want sent, and what they took off the wire.

use std::net::SocketAddr;

use super::Worker;
use crate::{
    engine::{MediaEvent, leg::transmit, wire::Wire},
    webrtc::{Happening, write_plain},
};

impl Worker {
    /// Takes a datagram of a browser, or of someone who pretends to be one.
    pub(super) fn on_browser(&mut self, slot: usize, len: usize, source: SocketAddr) {
        let now = self.now();
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Wire::Browser(peer) = &mut leg.wire else { return };
        if !peer.receive(now, source, &self.buffer[..len]) {
            leg.counters.foreign += 1;
            return;
        }
        self.drain_browser(slot, Some(source));
    }

    /// Lets time pass for every browser.
    pub(super) fn serve_browsers(&mut self) {
        let now = self.now();
        for at in 0..self.browsers.len() {
            let slot = self.browsers[at];
            let Some(leg) = self.legs.get_mut(slot) else { continue };
            let Wire::Browser(peer) = &mut leg.wire else { continue };
            peer.handle_timeout(now);
            self.drain_browser(slot, None);
        }
    }

    /// Says good-bye to a browser whose leg is closed.
    pub(super) fn dismiss_browser(&mut self, slot: usize) {
        self.browsers.retain(|&browser| browser != slot);
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Wire::Browser(peer) = &mut leg.wire else { return };
        peer.close();
        self.drain_browser(slot, None);
    }

    fn drain_browser(&mut self, slot: usize, source: Option<SocketAddr>) {
        let now = self.now();
        loop {
            let Some(leg) = self.legs.get_mut(slot) else { return };
            let Wire::Browser(peer) = &mut leg.wire else { return };
            match peer.poll(now) {
                Some(Happening::Send { target, datagram }) => transmit(&leg.rtp, &datagram, target),
                Some(Happening::Received(packet)) => {
                    let Some(remote) = &mut leg.remote else { continue };
                    // What its keys have opened is the browser's, wherever it came from.
                    let source = source.unwrap_or_else(|| remote.latch.target());
                    remote.latch.follow(source);
                    if let Some(len) = write_plain(&packet, &mut self.buffer[..]) {
                        self.on_rtp(slot, len, source);
                    }
                }
                Some(Happening::Connected) => tracing::debug!(leg = %leg.key, "Browser connected"),
                Some(Happening::Lost) => self.outbox.emit(MediaEvent::MediaLost { leg: leg.key }),
                None => return,
            }
        }
    }
}
