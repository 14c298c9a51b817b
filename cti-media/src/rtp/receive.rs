//! Counts what arrived, what was lost, and how unevenly it came (RFC 3550 appendices A.1, A.3, A.8).

use std::time::Duration;

use super::samples_in;
use crate::codec::SAMPLE_RATE;

/// A jump of the sequence number beyond this is a restart, not a loss (RFC 3550 A.1).
const MAX_DROPOUT: u16 = 3000;

/// Figures of the stream a leg receives.
#[derive(Clone, Debug, Default)]
pub struct ReceiveStats {
    source: Option<Source>,
    /// Packets received and lost of earlier SSRCs.
    past_received: u64,
    past_lost: u64,
    max_jitter: f64,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    first_sequence: u32,
    /// Highest sequence number with the number of wrap-arounds above it.
    highest_sequence: u32,
    received: u64,
    expected_at_report: u64,
    received_at_report: u64,
    transit: Option<i64>,
    /// In samples.
    jitter: f64,
}

/// The contents of a report block about the received stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// The stream reported on.
    pub ssrc: u32,
    /// Share lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the stream began, never negative here.
    pub cumulative_lost: u32,
    /// Highest sequence number with wrap-arounds.
    pub extended_sequence: u32,
    /// Interarrival jitter in samples.
    pub jitter: u32,
}

impl ReceiveStats {
    /// Counts one accepted packet; `timestamp` is `None` for telephone events, whose timestamps stand still.
    pub fn on_packet(&mut self, now: Duration, ssrc: u32, sequence: u16, timestamp: Option<u32>) {
        let restarted = match &self.source {
            Some(source) => source.ssrc != ssrc || source.is_far(sequence),
            None => true,
        };
        if restarted {
            self.retire();
            self.source = Some(Source::new(ssrc, sequence));
        }
        let Some(source) = &mut self.source else { return };
        source.count(sequence);
        if let Some(timestamp) = timestamp {
            source.measure_jitter(now, timestamp);
            self.max_jitter = self.max_jitter.max(source.jitter);
        }
    }

    /// Returns a report block and begins the next reporting interval; `None` before the first packet.
    pub fn report(&mut self) -> Option<Reception> {
        self.source.as_mut().map(Source::report)
    }

    /// Returns all packets received.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.past_received + self.source.as_ref().map_or(0, |source| source.received)
    }

    /// Returns all packets lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.past_lost + self.source.as_ref().map_or(0, Source::lost)
    }

    /// Returns the present jitter.
    #[must_use]
    pub fn jitter(&self) -> Duration {
        samples_to_time(self.source.as_ref().map_or(0.0, |source| source.jitter))
    }

    /// Returns the greatest jitter of the whole time.
    #[must_use]
    pub fn max_jitter(&self) -> Duration {
        samples_to_time(self.max_jitter)
    }

    fn retire(&mut self) {
        if let Some(source) = self.source.take() {
            self.past_received += source.received;
            self.past_lost += source.lost();
        }
    }
}

impl Source {
    fn new(ssrc: u32, sequence: u16) -> Self {
        Self {
            ssrc,
            first_sequence: u32::from(sequence),
            highest_sequence: u32::from(sequence),
            received: 0,
            expected_at_report: 0,
            received_at_report: 0,
            transit: None,
            jitter: 0.0,
        }
    }

    fn is_far(&self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest_sequence as u16);
        ahead > MAX_DROPOUT && ahead < u16::MAX - MAX_DROPOUT
    }

    fn count(&mut self, sequence: u16) {
        self.received += 1;
        let ahead = sequence.wrapping_sub(self.highest_sequence as u16);
        if ahead <= MAX_DROPOUT {
            self.highest_sequence = self.highest_sequence.wrapping_add(u32::from(ahead));
        }
    }

    fn measure_jitter(&mut self, now: Duration, timestamp: u32) {
        let transit = samples_in(now) as i64 - i64::from(timestamp);
        if let Some(previous) = self.transit {
            // The timestamp wraps around every six days of audio; a jump that large is not jitter.
            let difference = (transit - previous).unsigned_abs();
            if difference < u64::from(SAMPLE_RATE) * 10 {
                self.jitter += (difference as f64 - self.jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
    }

    fn expected(&self) -> u64 {
        u64::from(self.highest_sequence.wrapping_sub(self.first_sequence)) + 1
    }

    fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    fn report(&mut self) -> Reception {
        let expected = self.expected() - self.expected_at_report;
        let received = self.received - self.received_at_report;
        self.expected_at_report = self.expected();
        self.received_at_report = self.received;
        let fraction = expected.saturating_sub(received) * 256 / expected.max(1);
        Reception {
            ssrc: self.ssrc,
            fraction_lost: fraction.min(255) as u8,
            // RFC 3550 §6.4.1: 24 bits.
            cumulative_lost: self.lost().min(0x7F_FFFF) as u32,
            extended_sequence: self.highest_sequence,
            jitter: self.jitter as u32,
        }
    }
}

fn samples_to_time(samples: f64) -> Duration {
    Duration::from_secs_f64(samples / f64::from(SAMPLE_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(stats: &mut ReceiveStats, sequences: impl IntoIterator<Item = u16>) {
        for (n, sequence) in sequences.into_iter().enumerate() {
            let now = Duration::from_millis(20 * n as u64);
            stats.on_packet(now, 1, sequence, Some(u32::from(sequence) * 160));
        }
    }

    #[test]
    fn a_gap_is_lost_and_a_late_packet_is_found_again() {
        let mut stats = ReceiveStats::default();
        feed(&mut stats, [10, 11, 14]);
        assert_eq!((stats.received(), stats.lost()), (3, 2));
        feed(&mut stats, [12]);
        assert_eq!((stats.received(), stats.lost()), (4, 1));
    }

    #[test]
    fn the_sequence_may_wrap_around() {
        let mut stats = ReceiveStats::default();
        feed(&mut stats, [65_534, 65_535, 0, 1]);
        assert_eq!(stats.lost(), 0);
        assert_eq!(stats.report().unwrap().extended_sequence, 65_537);
    }

    #[test]
    fn a_report_says_what_was_lost_since_the_last_one() {
        let mut stats = ReceiveStats::default();
        feed(&mut stats, [1, 2, 3, 5]);
        let first = stats.report().unwrap();
        assert_eq!((first.fraction_lost, first.cumulative_lost), (51, 1));
        feed(&mut stats, [6, 7]);
        let second = stats.report().unwrap();
        assert_eq!((second.fraction_lost, second.cumulative_lost), (0, 1));
    }

    #[test]
    fn an_even_stream_has_no_jitter_and_an_uneven_one_has() {
        let mut stats = ReceiveStats::default();
        feed(&mut stats, 0..100);
        assert_eq!(stats.jitter(), Duration::ZERO);

        let mut uneven = ReceiveStats::default();
        for n in 0..200_u16 {
            let late = if n % 2 == 0 { 0 } else { 10 };
            let now = Duration::from_millis(20 * u64::from(n) + late);
            uneven.on_packet(now, 1, n, Some(u32::from(n) * 160));
        }
        let jitter = uneven.jitter().as_millis();
        assert!((9..=10).contains(&jitter), "{jitter} ms");
    }

    #[test]
    fn a_new_source_or_a_restart_keeps_the_totals() {
        let mut stats = ReceiveStats::default();
        feed(&mut stats, [1, 3]);
        stats.on_packet(Duration::from_secs(1), 2, 40_000, Some(5));
        stats.on_packet(Duration::from_secs(2), 2, 10_000, Some(5));
        assert_eq!((stats.received(), stats.lost()), (4, 1));
    }
}
