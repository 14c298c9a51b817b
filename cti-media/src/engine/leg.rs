//! One leg: two sockets and everything known about its peer.

use std::{net::SocketAddr, time::Duration};

use mio::net::UdpSocket;

use super::{
    LegKey, LegStats, MixId, PlayId,
    ports::{PortLease, PortPair},
    wire::{Context, Wire},
    worker::Ear,
};
use crate::{
    codec::{Codec, Encoding, Wideband},
    dsp::dtmf::DtmfDetector,
    mix::{Gain, Playout},
    play::Player,
    rtp::{
        events::{EventReceiver, EventSender},
        latch::Latch,
        packet::Header,
        rate::RateLimit,
        receive::ReceiveStats,
        report::PeerReports,
        stream::OutStream,
    },
    sdp::Negotiated,
};

/// Media of one party; owned by one worker.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) key: LegKey,
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    /// Declared after the sockets: the ports are free when the sockets are closed.
    _lease: PortLease,
    /// The address the peer was told.
    local: SocketAddr,
    /// How packets travel.
    pub(super) wire: Wire,
    nat: bool,
    pub(super) remote: Option<Remote>,
    pub(super) out: OutStream,
    pub(super) keys: EventSender,
    pub(super) play: Option<Playing>,
    /// Slot of the bridged leg.
    pub(super) peer: Option<usize>,
    /// The mix it is in.
    pub(super) mix: Option<MixId>,
    /// Its voice on the way into the mix, while anybody there hears it.
    pub(super) playout: Option<Box<Playout>>,
    /// How loud it is in a mix.
    pub(super) gain: Gain,
    /// What a G.722 peer needs to talk to the others.
    pub(super) wideband: Option<Box<Wideband>>,
    pub(super) taps: Vec<Tap>,
    /// Who listens to its voice beside the call.
    pub(super) ear: Option<Box<Ear>>,
    pub(super) received: ReceiveStats,
    pub(super) reports: PeerReports,
    pub(super) counters: Counters,
    /// Whether the worker's list of legs to serve at every tick has this leg.
    pub(super) ticking: bool,
}

/// What SDP agreed on and what came of it.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) agreed: Negotiated,
    pub(super) latch: Latch,
    pub(super) rate: RateLimit,
    pub(super) events: EventReceiver,
    /// Listens for keys as tones while no telephone events are agreed on.
    pub(super) tones: Option<Box<DtmfDetector>>,
    /// When the peer was heard last, at first when it was agreed with.
    pub(super) heard: Duration,
    /// Whether it has ever been heard.
    pub(super) spoke: bool,
    /// Whether its silence has been reported.
    pub(super) lost: bool,
}

/// A play in progress.
#[derive(Debug)]
pub(super) struct Playing {
    pub(super) id: PlayId,
    pub(super) player: Player,
}

/// A recording that listens to this leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tap {
    /// Slot of the recording.
    pub(super) recording: usize,
    /// 0 is left, 1 is right.
    pub(super) channel: usize,
}

/// Packets that were dropped, by reason.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) foreign: u64,
    pub(super) excess: u64,
    pub(super) invalid: u64,
}

/// Random starting points of a stream (RFC 3550 §5.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeds {
    pub(super) ssrc: u32,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
}

impl Leg {
    pub(super) fn new(
        key: LegKey,
        ports: PortPair,
        local: SocketAddr,
        nat: bool,
        seeds: Seeds,
    ) -> Self {
        Self {
            local,
            wire: Wire::Plain,
            key,
            rtp: UdpSocket::from_std(ports.rtp),
            rtcp: UdpSocket::from_std(ports.rtcp),
            _lease: ports.lease,
            nat,
            remote: None,
            out: OutStream::new(seeds.ssrc, seeds.sequence, seeds.timestamp),
            keys: EventSender::default(),
            play: None,
            peer: None,
            mix: None,
            playout: None,
            gain: Gain::UNITY,
            wideband: None,
            taps: Vec::new(),
            ear: None,
            received: ReceiveStats::default(),
            reports: PeerReports::default(),
            counters: Counters::default(),
            ticking: false,
        }
    }

    /// Takes a new agreement; the lock on the peer survives when its address is the same.
    pub(super) fn agree(
        &mut self,
        now: Duration,
        context: Context<'_>,
        agreed: Negotiated,
        max_rate: u32,
    ) {
        self.wire.agree(now, context, self.local, self.out.ssrc(), &agreed);
        match &mut self.remote {
            Some(remote) => {
                remote.latch.announce(agreed.remote);
                remote.tones = match listens_for_tones(&agreed) {
                    true => Some(remote.tones.take().unwrap_or_default()),
                    false => None,
                };
                remote.agreed = agreed;
                remote.heard = now;
                remote.lost = false;
            }
            None => {
                self.remote = Some(Remote {
                    latch: Latch::new(agreed.remote, self.nat),
                    tones: listens_for_tones(&agreed).then(Box::default),
                    agreed,
                    rate: RateLimit::new(max_rate),
                    events: EventReceiver::default(),
                    heard: now,
                    spoke: false,
                    lost: false,
                });
            }
        }
    }

    /// Returns whether the peer's packets may come through to this leg now.
    pub(super) fn hears_its_peer(&self) -> bool {
        self.play.is_none() && self.keys.is_idle()
    }

    /// Turns a payload of the law that stands for the agreed encoding into that encoding.
    pub(super) fn encode(&mut self, law: Codec, payload: &mut [u8]) {
        let encoding = self.remote.as_ref().map(|remote| remote.agreed.codec);
        if encoding == Some(Encoding::G722) {
            self.wideband.get_or_insert_default().encode(law, payload);
        }
    }

    /// Sends one packet of our own; `packet` has room for the header in front.
    pub(super) fn send_own(&mut self, now: Duration, header: Header, packet: &mut [u8]) {
        header.write(packet);
        self.out.sent(packet.len() - crate::rtp::packet::HEADER_LEN);
        self.send(now, packet);
    }

    /// Sends a packet, protected as agreed.
    pub(super) fn send(&mut self, now: Duration, packet: &[u8]) {
        let Some(remote) = &self.remote else { return };
        self.wire.send(now, &self.rtp, remote.latch.target(), packet);
    }

    pub(super) fn stats(&self) -> LegStats {
        LegStats {
            packets_received: self.received.received(),
            packets_sent: self.out.packets(),
            packets_lost: self.received.lost(),
            jitter: self.received.jitter(),
            max_jitter: self.received.max_jitter(),
            round_trip: self.reports.round_trip,
            packets_lost_by_peer: u64::from(self.reports.lost_by_peer),
            foreign_packets: self.counters.foreign,
            excess_packets: self.counters.excess,
            invalid_packets: self.counters.invalid,
        }
    }
}

impl Remote {
    /// Returns where RTCP goes: beside the source that was locked on if that is elsewhere.
    pub(super) fn rtcp_target(&self) -> SocketAddr {
        let target = self.latch.target();
        if target.ip() == self.agreed.rtcp.ip() {
            return self.agreed.rtcp;
        }
        SocketAddr::new(target.ip(), target.port().saturating_add(1))
    }
}

fn listens_for_tones(agreed: &Negotiated) -> bool {
    agreed.dtmf_receive_pt.is_none()
}

/// Sends a datagram; a full buffer or an unreachable peer loses it, as UDP may.
pub(super) fn transmit(socket: &UdpSocket, datagram: &[u8], target: SocketAddr) {
    if let Err(error) = socket.send_to(datagram, target) {
        tracing::trace!(%error, "Media packet not sent");
    }
}
