//! RTCP reports: writing ours, reading the peer's (RFC 3550 §6).

use std::time::Duration;

use rtcp_types::{
    Bye, Compound, Packet, ReceiverReport, ReportBlock, RtcpPacketWriterExt as _, Sdes, SdesChunk,
    SdesItem, SenderReport,
};

use super::{receive::Reception, stream::OutStream};

/// Room for the largest report that is written, in bytes.
pub const MAX_LEN: usize = 256;

/// What is remembered of the peer's reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerReports {
    /// Middle 32 bits of the last sender report's NTP time and when it came.
    last_sender_report: Option<(u32, Duration)>,
    /// Round-trip time by the last report block about us.
    pub round_trip: Option<Duration>,
    /// Packets of ours that the peer misses.
    pub lost_by_peer: u32,
}

/// A point in time as both clocks see it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Time since the engine's start.
    pub now: Duration,
    /// The same in NTP format: seconds since 1900 with 32 bits of fraction.
    pub ntp: u64,
}

impl Clock {
    fn middle(self) -> u32 {
        (self.ntp >> 16) as u32
    }
}

/// Writes a sender report, or a receiver report before anything was sent, with the source's name.
///
/// Returns the number of bytes; `bye` says that the stream ends.
#[must_use]
pub fn write(
    buffer: &mut [u8; MAX_LEN],
    clock: Clock,
    out: &OutStream,
    reception: Option<Reception>,
    peer: &PeerReports,
    cname: &str,
    bye: bool,
) -> usize {
    let block = reception.map(|reception| {
        let (last, delay) = match peer.last_sender_report {
            Some((ntp, at)) => (ntp, to_short_ntp(clock.now.saturating_sub(at))),
            None => (0, 0),
        };
        ReportBlock::builder(reception.ssrc)
            .fraction_lost(reception.fraction_lost)
            .cumulative_lost(reception.cumulative_lost)
            .extended_sequence_number(reception.extended_sequence)
            .interarrival_jitter(reception.jitter)
            .last_sender_report_timestamp(last)
            .delay_since_last_sender_report_timestamp(delay)
    });
    let mut compound = Compound::builder();
    if out.packets() > 0 {
        let mut report = SenderReport::builder(out.ssrc())
            .ntp_timestamp(clock.ntp)
            .rtp_timestamp(out.timestamp_at(clock.now))
            .packet_count(out.packets() as u32)
            .octet_count(out.octets() as u32);
        if let Some(block) = block {
            report = report.add_report_block(block);
        }
        compound = compound.add_packet(report);
    } else {
        let mut report = ReceiverReport::builder(out.ssrc());
        if let Some(block) = block {
            report = report.add_report_block(block);
        }
        compound = compound.add_packet(report);
    }
    let name = SdesChunk::builder(out.ssrc()).add_item(SdesItem::builder(SdesItem::CNAME, cname));
    compound = compound.add_packet(Sdes::builder().add_chunk(name));
    if bye {
        compound = compound.add_packet(Bye::builder().add_source(out.ssrc()));
    }
    compound.write_into(buffer).expect("one block and a short name fit into the buffer")
}

impl PeerReports {
    /// Reads a compound packet of the peer; anything malformed is ignored from there on.
    pub fn read(&mut self, clock: Clock, our_ssrc: u32, datagram: &[u8]) {
        let Ok(compound) = Compound::parse(datagram) else { return };
        for packet in compound {
            match packet {
                Ok(Packet::Sr(report)) => {
                    let middle = (report.ntp_timestamp() >> 16) as u32;
                    self.last_sender_report = Some((middle, clock.now));
                    self.read_blocks(clock, our_ssrc, report.report_blocks());
                }
                Ok(Packet::Rr(report)) => {
                    self.read_blocks(clock, our_ssrc, report.report_blocks());
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }

    fn read_blocks<'a>(
        &mut self,
        clock: Clock,
        our_ssrc: u32,
        blocks: impl Iterator<Item = ReportBlock<'a>>,
    ) {
        for block in blocks.filter(|block| block.ssrc() == our_ssrc) {
            self.lost_by_peer = block.cumulative_lost();
            let last = block.last_sender_report_timestamp();
            if last == 0 {
                continue;
            }
            // RFC 3550 §6.4.1: round trip = arrival - LSR - DLSR.
            let delay = block.delay_since_last_sender_report_timestamp();
            let round_trip = clock.middle().wrapping_sub(last).wrapping_sub(delay);
            // A peer that rounds badly makes it slightly negative; a huge value is nonsense.
            if round_trip < 60 << 16 {
                self.round_trip =
                    Some(Duration::from_micros((u64::from(round_trip) * 1_000_000) >> 16));
            }
        }
    }
}

fn to_short_ntp(time: Duration) -> u32 {
    ((time.as_micros() << 16) / 1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clock(ms: u64) -> Clock {
        Clock { now: Duration::from_millis(ms), ntp: (ms << 32) / 1000 + (3_900_000_000 << 32) }
    }

    #[test]
    fn two_sides_learn_their_round_trip_and_loss_from_each_other() {
        let mut ours = OutStream::new(1, 0, 0);
        ours.own(Duration::ZERO, 8, 160);
        ours.sent(160);
        let mut at_us = PeerReports::default();
        let mut at_peer = PeerReports::default();
        let mut buffer = [0; MAX_LEN];

        let len = write(&mut buffer, clock(1000), &ours, None, &at_us, "us", false);
        at_peer.read(clock(1030), 2, &buffer[..len]);

        let theirs = OutStream::new(2, 0, 0);
        let reception = Reception { ssrc: 1, cumulative_lost: 3, ..Reception::default() };
        let len =
            write(&mut buffer, clock(1530), &theirs, Some(reception), &at_peer, "peer", false);
        at_us.read(clock(1560), 1, &buffer[..len]);

        let round_trip = at_us.round_trip.unwrap().as_millis();
        assert!((59..=61).contains(&round_trip), "{round_trip} ms");
        assert_eq!(at_us.lost_by_peer, 3);
    }

    #[test]
    fn a_goodbye_is_a_valid_compound_packet() {
        let mut buffer = [0; MAX_LEN];
        let out = OutStream::new(1, 0, 0);
        let len = write(&mut buffer, clock(0), &out, None, &PeerReports::default(), "us", true);
        let packets: Vec<_> = Compound::parse(&buffer[..len]).unwrap().collect();
        assert_eq!(packets.len(), 3);
        assert!(matches!(packets[2], Ok(Packet::Bye(_))));
    }

    proptest! {
        #[test]
        fn arbitrary_datagrams_never_panic(datagram in prop::collection::vec(any::<u8>(), 0..200)) {
            PeerReports::default().read(clock(5), 1, &datagram);
        }
    }
}
