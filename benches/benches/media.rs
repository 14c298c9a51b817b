//! What one packet costs without the network: bridging, playing, recording.
//!
//! `cargo bench -p cti-benches --bench media`

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_media::{
    bridge,
    codec::Codec,
    play::{Clip, Item, Player, Sequence},
    record::track::Track,
    rtp::{
        latch::Latch,
        packet::{HEADER_LEN, Header, Packet},
        rate::RateLimit,
        receive::ReceiveStats,
        stream::OutStream,
    },
    sdp::Negotiated,
};

fn datagram(codec: Codec, n: u32) -> [u8; 172] {
    let mut datagram = [codec.silence(); 172];
    let header = Header {
        marker: false,
        payload_type: codec.payload_type(),
        sequence: n as u16,
        timestamp: n.wrapping_mul(160),
        ssrc: 7,
    };
    header.write(&mut datagram);
    datagram
}

/// Everything done between `recv_from` and `send_to` for a packet of a bridged leg.
fn bridge(c: &mut Criterion) {
    let peer = "127.0.0.1:4000".parse().expect("an address");
    let mut group = c.benchmark_group("bridge one packet");
    group.throughput(Throughput::Elements(1));
    for (name, to) in [("PCMA to PCMA", Codec::Pcma), ("PCMA to PCMU", Codec::Pcmu)] {
        let from = Negotiated::simple(peer, Codec::Pcma);
        let to = Negotiated::simple(peer, to);
        let mut latch = Latch::new(peer, false);
        let mut rate = RateLimit::new(200);
        let mut stats = ReceiveStats::default();
        let mut out = OutStream::new(1, 0, 0);
        let mut n = 0_u32;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut buffer = datagram(Codec::Pcma, n);
                let now = Duration::from_millis(20) * n;
                n += 1;
                let packet = Packet::parse(black_box(&buffer)).expect("a packet");
                let content = bridge::content(&packet, &from).expect("agreed content");
                black_box(latch.admit(now, peer, packet.ssrc));
                black_box(rate.admit(now));
                stats.on_packet(now, packet.ssrc, packet.sequence, Some(packet.timestamp));
                let range = bridge::forward(now, &mut buffer, &packet, content, &to, &mut out);
                black_box(range.map(|range| buffer[range].len()))
            });
        });
    }
    group.finish();
}

fn play(c: &mut Criterion) {
    let clip = Clip::from_samples(&vec![1000; 80_000]);
    let sequence = Sequence { items: vec![Item::Clip(clip)], looped: true };
    let mut player = Player::new(sequence, 0);
    let mut out = OutStream::new(1, 0, 0);
    let mut n = 0_u32;
    c.bench_function("play one packet", |bencher| {
        bencher.iter(|| {
            let mut packet = [0; HEADER_LEN + 160];
            n += 1;
            player.fill(Codec::Pcma, &mut packet[HEADER_LEN..], 0);
            out.own(Duration::from_millis(20) * n, 8, 160).write(&mut packet);
            black_box(packet)
        });
    });
}

fn record(c: &mut Criterion) {
    let mut track = Track::new(Codec::Pcma);
    let payload = [0x55; 160];
    let mut n = 0_u64;
    c.bench_function("record one packet", |bencher| {
        bencher.iter(|| {
            n += 1;
            track.put(n * 160, 7, (n * 160) as u32, Codec::Pcma, black_box(&payload));
            if n.is_multiple_of(35) {
                black_box(track.take(n * 160 - 1600));
            }
        });
    });
}

criterion_group!(benches, bridge, play, record);
criterion_main!(benches);
