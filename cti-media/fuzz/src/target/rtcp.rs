//! Control packets of a peer, and the report that follows from them.

use std::time::Duration;

use cti_media::rtp::{
    receive::ReceiveStats,
    report::{self, Clock, MAX_LEN, PeerReports},
    stream::OutStream,
};

const OURS: u32 = 0x0102_0304;

/// Takes compound packets, each after a byte with its length in words; what we report then can be read.
pub(super) fn run(mut data: &[u8]) {
    let mut peer = PeerReports::default();
    let mut now = Duration::from_secs(10);
    while let [words, rest @ ..] = data {
        let (datagram, rest) = rest.split_at((usize::from(*words) * 4).min(rest.len()));
        data = rest;
        now += Duration::from_millis(500);
        peer.read(clock(now), OURS, datagram);
        if let Some(time) = peer.round_trip {
            assert!(time < Duration::from_secs(65_536), "a round trip of {time:?}");
        }
    }
    let mut stats = ReceiveStats::default();
    stats.on_packet(now, 7, 1, Some(160));
    let mut out = OutStream::new(OURS, 0, 0);
    for bye in [false, true] {
        let mut buffer = [0; MAX_LEN];
        let length =
            report::write(&mut buffer, clock(now), &out, stats.report(), &peer, "cti", bye);
        PeerReports::default().read(clock(now), 7, &buffer[..length]);
        let _ = out.own(now, 8, 160);
        out.sent(160);
    }
}

fn clock(now: Duration) -> Clock {
    Clock { now, ntp: (3_900_000_000 + now.as_secs()) << 32 }
}
