//! A stream of datagrams to a port of voice.

use std::time::Duration;

use cti_media::{
    codec::Codec,
    mix::Playout,
    rtp::{
        events::EventReceiver,
        latch::{Latch, Verdict},
        packet::{HEADER_LEN, Packet},
        rate::RateLimit,
        receive::ReceiveStats,
        stream::OutStream,
    },
};

/// Takes datagrams, each after two bytes: milliseconds since the one before, and its length; a length with the highest
/// bit set comes from a stranger.
pub(super) fn run(mut data: &[u8]) {
    let peer = ([10, 1, 1, 1], 5000).into();
    let stranger = ([203, 0, 113, 7], 5000).into();
    let mut now = Duration::ZERO;
    let (mut latch, mut rate) = (Latch::new(peer, false), RateLimit::new(200));
    let (mut stats, mut playout) = (ReceiveStats::default(), Playout::default());
    let (mut events, mut out) = (EventReceiver::default(), OutStream::new(1, 65_000, u32::MAX - 9));
    let mut admitted = 0_u64;
    while let [wait, length, rest @ ..] = data {
        now += Duration::from_millis(u64::from(*wait));
        let (datagram, rest) = rest.split_at(usize::from(length & 0x7F).min(rest.len()));
        data = rest;
        if !rate.admit(now) {
            continue;
        }
        let Some(packet) = Packet::parse(datagram) else { continue };
        assert!(packet.payload.start >= HEADER_LEN && packet.payload.end <= datagram.len());
        let foreign = length & 0x80 != 0;
        let source = if foreign { stranger } else { peer };
        let verdict = latch.admit(now, source, packet.ssrc);
        if foreign {
            assert_eq!(verdict, Verdict::Foreign, "a stranger is heard");
        }
        if verdict == Verdict::Foreign {
            continue;
        }
        let payload = &datagram[packet.payload.clone()];
        if verdict == Verdict::NewSsrc {
            events.reset();
        }
        let is_event = packet.payload_type == 101;
        stats.on_packet(now, packet.ssrc, packet.sequence, (!is_event).then_some(packet.timestamp));
        admitted += 1;
        if is_event {
            events.on_packet(packet.timestamp, payload);
        } else if let Some(codec) = Codec::from_payload_type(packet.payload_type) {
            playout.put(packet.ssrc, packet.timestamp, codec, payload);
        } else if let (13, Some(level)) = (packet.payload_type, payload.first()) {
            playout.put_noise(*level);
        }
        if let Some(header) = out.forwarded(now, 8, payload.len() as u32, &packet) {
            let mut buffer = [0; HEADER_LEN];
            header.write(&mut buffer);
            out.sent(payload.len());
        }
        let _ = playout.pull();
        assert!(playout.waiting() < 8000 * 5, "{} samples wait", playout.waiting());
    }
    assert_eq!(stats.received(), admitted);
    let _ = (stats.report(), stats.lost(), stats.max_jitter());
}
