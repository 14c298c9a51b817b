//! Reads sockets and judges what came.

use std::{io, net::SocketAddr, time::Duration};

use mio::Token;

use super::{READ_BUDGET, Worker};
use crate::{
    bridge::{self, Content},
    codec::Encoding,
    engine::{MediaEvent, wire::Wire},
    rtp::{latch::Verdict, packet::Packet},
};

impl Worker {
    /// Reads a socket until it is empty or others should have their turn.
    pub(super) fn read(&mut self, token: Token) {
        let (slot, is_rtcp) = (token.0 / 2, token.0 % 2 == 1);
        for _ in 0..READ_BUDGET {
            let Some(leg) = self.legs.get_mut(slot) else { return };
            let socket = if is_rtcp { &leg.rtcp } else { &leg.rtp };
            match socket.recv_from(&mut self.buffer[..]) {
                Ok((len, source)) => self.on_datagram(slot, is_rtcp, len, source),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An ICMP answer to something we sent; the socket goes on.
                Err(error) => tracing::trace!(%error, "Media socket"),
            }
        }
        self.ready.push_back(token);
    }

    /// Takes a datagram off the wire.
    fn on_datagram(&mut self, slot: usize, is_rtcp: bool, len: usize, source: SocketAddr) {
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let opened = match &mut leg.wire {
            Wire::Plain => Some(len),
            Wire::Srtp(srtp) if is_rtcp => srtp.open_control(&mut self.buffer[..len]),
            Wire::Srtp(srtp) => srtp.open(&mut self.buffer[..len]),
            // A browser's control packets come with its voice and stay in its machine.
            Wire::Browser(_) if !is_rtcp => return self.on_browser(slot, len, source),
            Wire::Browser(_) | Wire::Broken => None,
        };
        match opened {
            Some(len) if is_rtcp => self.on_rtcp(slot, len, source),
            Some(len) => self.on_rtp(slot, len, source),
            None => leg.counters.foreign += 1,
        }
    }

    pub(super) fn on_rtp(&mut self, slot: usize, len: usize, source: SocketAddr) {
        let now = self.now();
        let Some((packet, content)) = self.judge(now, slot, len, source) else { return };
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Some(remote) = &mut leg.remote else { return };
        match content {
            Content::Event => {
                let payload = &self.buffer[packet.payload.clone()];
                let digit = remote.events.on_packet(packet.timestamp, payload);
                let mixed = leg.peer.is_none();
                if let Some(digit) = digit {
                    self.outbox.emit(MediaEvent::Digit { leg: leg.key, digit });
                }
                if let Some(digit) = digit.filter(|_| mixed) {
                    return self.relay_key(slot, digit);
                }
            }
            // A peer that we hold may go on sending for a moment; nobody shall hear it.
            Content::Audio(_) | Content::Noise if !remote.agreed.direction.receives() => return,
            Content::Noise => {}
            Content::Audio(encoding) => {
                let codec = encoding.law();
                let payload = match encoding {
                    Encoding::G711(_) => &self.buffer[packet.payload.clone()],
                    Encoding::G722 => {
                        let plain = &mut self.plain[..packet.payload.len()];
                        let wideband = leg.wideband.get_or_insert_default();
                        wideband.decode(&self.buffer[packet.payload.clone()], codec, plain);
                        &*plain
                    }
                };
                if let Some(tones) = &mut remote.tones {
                    tones.listen(payload.iter().map(|&byte| codec.decode(byte)), |digit| {
                        self.outbox.emit(MediaEvent::TonedDigit { leg: leg.key, digit });
                    });
                }
                if let Some(ear) = &mut leg.ear {
                    ear.put(now, &packet, codec, payload);
                }
                for tap in &leg.taps {
                    if let Some(recording) = self.recordings.get_mut(tap.recording) {
                        recording.put(now, tap.channel, &packet, codec, payload);
                    }
                }
            }
        }
        if let Some(peer) = leg.peer {
            self.carry(now, peer, &packet, content, len);
        } else if leg.mix.is_some() {
            self.put_in_mix(slot, &packet, content);
        }
    }

    /// Returns the packet if it is the peer's and of an agreed type; counts it either way.
    fn judge(
        &mut self,
        now: Duration,
        slot: usize,
        len: usize,
        source: SocketAddr,
    ) -> Option<(Packet, Content)> {
        let leg = self.legs.get_mut(slot)?;
        let Some(remote) = &mut leg.remote else {
            leg.counters.foreign += 1;
            return None;
        };
        let packet = Packet::parse(&self.buffer[..len]).filter(|packet| !packet.payload.is_empty());
        let judged = packet.and_then(|packet| {
            let content = bridge::content(&packet, &remote.agreed)?;
            Some((packet, content))
        });
        let Some((packet, content)) = judged else {
            let of_peer = source == remote.latch.target();
            let counter =
                if of_peer { &mut leg.counters.invalid } else { &mut leg.counters.foreign };
            *counter += 1;
            return None;
        };
        match remote.latch.admit(now, source, packet.ssrc) {
            Verdict::Foreign => {
                leg.counters.foreign += 1;
                return None;
            }
            Verdict::Locked => {
                remote.events.reset();
                self.outbox.emit(MediaEvent::MediaStarted { leg: leg.key, source });
            }
            Verdict::NewSsrc => remote.events.reset(),
            Verdict::Accepted => {}
        }
        if !remote.rate.admit(now) {
            leg.counters.excess += 1;
            return None;
        }
        remote.heard = now;
        remote.spoke = true;
        remote.lost = false;
        let timestamp = match content {
            Content::Audio(_) => Some(packet.timestamp),
            Content::Event | Content::Noise => None,
        };
        leg.received.on_packet(now, packet.ssrc, packet.sequence, timestamp);
        Some((packet, content))
    }

    fn on_rtcp(&mut self, slot: usize, len: usize, source: SocketAddr) {
        let clock = self.clock();
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let known = leg.remote.as_ref().is_some_and(|remote| {
            source.ip() == remote.latch.target().ip() || source.ip() == remote.agreed.rtcp.ip()
        });
        if known {
            leg.reports.read(clock, leg.out.ssrc(), &self.buffer[..len]);
        } else {
            leg.counters.foreign += 1;
        }
    }
}
