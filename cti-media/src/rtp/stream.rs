//! The stream we send: one SSRC, one sequence, one time line, whatever feeds it.
//!
//! A leg hears prompts, music, the bridged peer and digits one after the other. To the receiver it
//! must look like one sender (RFC 3550 §5.1), so each source is anchored behind the one before it,
//! with the marker bit on its first packet.

use std::time::Duration;

use super::{packet::Header, samples_in};

/// A forwarded sequence number may run ahead this far; beyond it the source is anchored anew.
const MAX_DROPOUT: u16 = 1000;

/// Our own source that paused longer than this is anchored anew.
const MAX_PAUSE: Duration = Duration::from_millis(200);

/// What a packet is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feed {
    Nothing,
    /// A player.
    Own,
    /// A telephone event, whose timestamp stands still.
    Event,
    /// Packets of another leg, shifted by constant offsets; nothing before `oldest` may be sent.
    Peer {
        ssrc: u32,
        sequence_offset: u16,
        timestamp_offset: u32,
        oldest: u16,
    },
}

/// The sending side of a leg.
#[derive(Clone, Debug)]
pub struct OutStream {
    ssrc: u32,
    /// Sequence number after the highest one sent.
    next_sequence: u16,
    /// Timestamp of a sent packet, and when that was; the time line goes through this point.
    timestamp: u32,
    timestamp_at: Option<Duration>,
    /// Samples of that packet.
    samples: u32,
    feed: Feed,
    packets: u64,
    octets: u64,
}

impl OutStream {
    /// Starts a stream; all three values should be random (RFC 3550 §5.1).
    #[must_use]
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            next_sequence: sequence,
            timestamp,
            timestamp_at: None,
            samples: 0,
            feed: Feed::Nothing,
            packets: 0,
            octets: 0,
        }
    }

    /// Returns the header of a packet of our own audio.
    pub fn own(&mut self, now: Duration, payload_type: u8, samples: u32) -> Header {
        let paused = self.timestamp_at.is_none_or(|at| now.saturating_sub(at) > MAX_PAUSE);
        let goes_on = self.feed == Feed::Own && !paused;
        let timestamp = if goes_on {
            self.timestamp.wrapping_add(self.samples)
        } else {
            self.behind_the_last(now)
        };
        self.feed = Feed::Own;
        self.advance(now, timestamp, samples);
        self.emit(!goes_on, payload_type, timestamp)
    }

    /// Returns the header of a telephone event's packet; `first` begins another event.
    pub fn event(&mut self, now: Duration, payload_type: u8, first: bool) -> Header {
        let begins = first || self.feed != Feed::Event;
        if begins {
            let timestamp = self.behind_the_last(now);
            self.advance(now, timestamp, 0);
        }
        self.feed = Feed::Event;
        self.emit(begins, payload_type, self.timestamp)
    }

    /// Returns the header for a packet of a peer; `None` when it is too old to be placed.
    pub fn forwarded(
        &mut self,
        now: Duration,
        payload_type: u8,
        samples: u32,
        peer: &super::packet::Packet,
    ) -> Option<Header> {
        if let Feed::Peer { ssrc, sequence_offset, timestamp_offset, oldest } = &mut self.feed
            && *ssrc == peer.ssrc
        {
            let sequence = peer.sequence.wrapping_add(*sequence_offset);
            let timestamp = peer.timestamp.wrapping_add(*timestamp_offset);
            let ahead = sequence.wrapping_sub(self.next_sequence);
            if ahead < MAX_DROPOUT {
                self.next_sequence = sequence.wrapping_add(1);
                if self.next_sequence.wrapping_sub(*oldest) > MAX_DROPOUT {
                    *oldest = self.next_sequence.wrapping_sub(MAX_DROPOUT);
                }
                // The packets of one event share a timestamp; the time line stays at its first one.
                if timestamp != self.timestamp {
                    self.advance(now, timestamp, samples);
                }
                return Some(self.header(peer.marker, payload_type, sequence, timestamp));
            }
            if self.next_sequence.wrapping_sub(sequence) < MAX_DROPOUT {
                return (sequence.wrapping_sub(*oldest) < MAX_DROPOUT * 2)
                    .then(|| self.header(peer.marker, payload_type, sequence, timestamp));
            }
        }
        let timestamp = self.behind_the_last(now);
        self.feed = Feed::Peer {
            ssrc: peer.ssrc,
            sequence_offset: self.next_sequence.wrapping_sub(peer.sequence),
            timestamp_offset: timestamp.wrapping_sub(peer.timestamp),
            oldest: self.next_sequence,
        };
        self.advance(now, timestamp, samples);
        Some(self.emit(true, payload_type, timestamp))
    }

    /// Leaves out a packet of the peer on purpose, so that the receiver does not count it as lost.
    pub fn skip_forwarded(&mut self, peer_ssrc: u32) {
        if let Feed::Peer { ssrc, sequence_offset, .. } = &mut self.feed
            && *ssrc == peer_ssrc
        {
            *sequence_offset = sequence_offset.wrapping_sub(1);
        }
    }

    /// Counts a packet that was really sent.
    pub fn sent(&mut self, payload_octets: usize) {
        self.packets += 1;
        self.octets += payload_octets as u64;
    }

    /// Returns our SSRC.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Returns the packets sent.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Returns the payload octets sent.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Returns the timestamp that belongs to `now`, for sender reports.
    #[must_use]
    pub fn timestamp_at(&self, now: Duration) -> u32 {
        let elapsed = self.timestamp_at.map_or(0, |at| samples_in(now.saturating_sub(at)));
        self.timestamp.wrapping_add(elapsed as u32)
    }

    fn behind_the_last(&self, now: Duration) -> u32 {
        let end = self.timestamp.wrapping_add(self.samples);
        let clock = self.timestamp_at(now);
        // Never before the end of what was sent, even if it was sent a little early.
        if clock.wrapping_sub(end) < 1 << 31 { clock } else { end }
    }

    fn advance(&mut self, now: Duration, timestamp: u32, samples: u32) {
        self.timestamp = timestamp;
        self.timestamp_at = Some(now);
        self.samples = samples;
    }

    fn emit(&mut self, marker: bool, payload_type: u8, timestamp: u32) -> Header {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        self.header(marker, payload_type, sequence, timestamp)
    }

    fn header(&self, marker: bool, payload_type: u8, sequence: u16, timestamp: u32) -> Header {
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::packet::Packet;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn peer(ssrc: u32, sequence: u16, timestamp: u32) -> Packet {
        Packet { marker: false, payload_type: 8, sequence, timestamp, ssrc, payload: 12..172 }
    }

    #[test]
    fn playing_then_bridging_then_playing_is_one_stream() {
        let mut out = OutStream::new(9, 65_534, u32::MAX - 100);
        let mut headers = vec![out.own(at(0), 8, 160), out.own(at(20), 8, 160)];
        headers.push(out.forwarded(at(41), 8, 160, &peer(5, 700, 1_000_000)).unwrap());
        headers.push(out.forwarded(at(61), 8, 160, &peer(5, 701, 1_000_160)).unwrap());
        headers.push(out.own(at(80), 8, 160));

        let sequences: Vec<u16> = headers.iter().map(|header| header.sequence).collect();
        assert_eq!(sequences, [65_534, 65_535, 0, 1, 2]);
        let markers: Vec<bool> = headers.iter().map(|header| header.marker).collect();
        assert_eq!(markers, [true, false, true, false, true]);
        for pair in headers.windows(2) {
            let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
            assert!((160..=170).contains(&step), "step {step}");
        }
        assert!(headers.iter().all(|header| header.ssrc == 9));
    }

    #[test]
    fn a_peers_gaps_and_reorderings_are_passed_on() {
        let mut out = OutStream::new(9, 100, 0);
        let sequence = |out: &mut OutStream, n: u16| {
            let header = out.forwarded(at(20), 8, 160, &peer(5, n, u32::from(n) * 160)).unwrap();
            (header.sequence, header.timestamp)
        };
        let (first, base) = sequence(&mut out, 10);
        assert_eq!(first, 100);
        assert_eq!(sequence(&mut out, 12), (102, base + 320));
        assert_eq!(sequence(&mut out, 11), (101, base + 160));
        assert_eq!(sequence(&mut out, 13), (103, base + 480));
    }

    #[test]
    fn a_packet_older_than_the_bridge_is_dropped() {
        let mut out = OutStream::new(9, 100, 0);
        out.forwarded(at(0), 8, 160, &peer(5, 10, 1600)).unwrap();
        assert_eq!(out.forwarded(at(1), 8, 160, &peer(5, 9, 1440)), None);
    }

    #[test]
    fn a_long_bridge_goes_on_through_every_wrap_around() {
        let mut out = OutStream::new(9, 100, 0);
        for n in 0..200_000_u32 {
            let now = Duration::from_millis(20 * u64::from(n));
            let packet = peer(5, n as u16, n.wrapping_mul(160));
            let header = out.forwarded(now, 8, 160, &packet).unwrap();
            assert_eq!(header.sequence, 100_u16.wrapping_add(n as u16));
            assert_eq!(header.marker, n == 0);
        }
    }

    #[test]
    fn a_skipped_packet_leaves_no_hole() {
        let mut out = OutStream::new(9, 100, 0);
        out.forwarded(at(0), 8, 160, &peer(5, 10, 1600)).unwrap();
        out.skip_forwarded(5);
        assert_eq!(out.forwarded(at(40), 8, 160, &peer(5, 12, 1920)).unwrap().sequence, 101);
    }

    #[test]
    fn an_events_timestamp_stands_still_and_audio_goes_on_after_it() {
        let mut out = OutStream::new(9, 0, 0);
        out.own(at(0), 8, 160);
        let first = out.event(at(20), 101, true);
        let second = out.event(at(40), 101, false);
        let last = out.event(at(120), 101, false);
        assert!(first.marker && !second.marker);
        assert_eq!((first.timestamp, last.timestamp), (160, 160));
        assert_eq!(out.own(at(140), 8, 160).timestamp, 160 + 960);
    }

    #[test]
    fn silence_between_plays_is_time_that_passes() {
        let mut out = OutStream::new(9, 0, 0);
        out.own(at(0), 8, 160);
        let later = out.own(at(1000), 8, 160);
        assert!(later.marker);
        assert_eq!(later.timestamp, 8000);
    }
}
