//! One party's voice on the recording's time line.

use crate::codec::Codec;

/// Greatest error of alignment, in samples: 20 ms.
const TOLERANCE: i64 = 160;

/// A packet later than this begins a new alignment at once, in samples: 500 ms.
const TOO_LATE: i64 = 4000;

/// A sender of which every packet of a window comes later than this has a slow clock: 10 ms.
const LAG: i64 = 80;

/// Packets over which the least delay is looked for, to follow a sender whose clock is slow.
const WINDOW: u32 = 50;

/// Encoded audio that has not been written yet, on a time line of samples since the recording began.
///
/// A packet's place follows from its timestamp, so network jitter does not tear the voice apart;
/// its arrival only says where the first packet goes and corrects clocks that drift.
#[derive(Clone, Debug)]
pub struct Track {
    codec: Codec,
    pending: Vec<u8>,
    /// Place of the first pending sample.
    start: u64,
    alignment: Option<Alignment>,
}

#[derive(Clone, Debug)]
struct Alignment {
    ssrc: u32,
    timestamp: u32,
    place: i64,
    least_delay: i64,
    packets: u32,
}

/// Encoded audio of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// How the bytes are encoded.
    pub codec: Codec,
    /// One byte per sample.
    pub bytes: Vec<u8>,
}

impl Track {
    /// Starts at place zero; what comes in another codec is translated to `codec`.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self { codec, pending: Vec::new(), start: 0, alignment: None }
    }

    /// Lays a packet that arrived at `arrival` (samples since the recording began) on the time line.
    pub fn put(&mut self, arrival: u64, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8]) {
        // The last sample of a packet is spoken when it is sent.
        let spoken = arrival as i64 - payload.len() as i64;
        let place = self.place(spoken, ssrc, timestamp);
        let skipped = (self.start as i64 - place).max(0) as usize;
        let Some(audio) = payload.get(skipped..).filter(|audio| !audio.is_empty()) else { return };
        let from = (place + skipped as i64 - self.start as i64) as usize;
        let to = from + audio.len();
        if self.pending.len() < to {
            self.pending.resize(to, self.codec.silence());
        }
        let target = &mut self.pending[from..to];
        target.copy_from_slice(audio);
        codec.transcode(self.codec, target);
    }

    /// Takes everything before `until`; what nobody said is silence.
    pub fn take(&mut self, until: u64) -> Encoded {
        let count = until.saturating_sub(self.start) as usize;
        let mut bytes = self.pending.split_off(count.min(self.pending.len()));
        std::mem::swap(&mut bytes, &mut self.pending);
        bytes.resize(count, self.codec.silence());
        self.start += count as u64;
        Encoded { codec: self.codec, bytes }
    }

    fn place(&mut self, spoken: i64, ssrc: u32, timestamp: u32) -> i64 {
        if let Some(alignment) = self.alignment.as_mut().filter(|known| known.ssrc == ssrc) {
            let elapsed = timestamp.wrapping_sub(alignment.timestamp) as i32;
            let place = alignment.place + i64::from(elapsed);
            let delay = spoken - place;
            if (-TOLERANCE..TOO_LATE).contains(&delay) {
                alignment.timestamp = timestamp;
                alignment.place = place;
                return place + alignment.correction(delay);
            }
        }
        let place = spoken.max(0);
        self.alignment =
            Some(Alignment { ssrc, timestamp, place, least_delay: i64::MAX, packets: 0 });
        place
    }
}

impl Alignment {
    /// Returns by how much the time line must move because every packet of a window came late.
    fn correction(&mut self, delay: i64) -> i64 {
        self.least_delay = self.least_delay.min(delay);
        self.packets += 1;
        if self.packets < WINDOW {
            return 0;
        }
        let correction = if self.least_delay > LAG { self.least_delay } else { 0 };
        self.place += correction;
        self.packets = 0;
        self.least_delay = i64::MAX;
        correction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: [u8; 160] = [0x2A; 160];

    fn is_silent(bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| byte == Codec::Pcma.silence())
    }

    fn loud_at(bytes: &[u8]) -> Vec<usize> {
        (0..bytes.len()).filter(|&n| bytes[n] == LOUD[0]).collect()
    }

    fn put(track: &mut Track, arrival: u64, timestamp: u32) {
        track.put(arrival, 1, timestamp, Codec::Pcma, &LOUD);
    }

    #[test]
    fn a_packet_lies_where_it_was_spoken_and_the_rest_is_silence() {
        let mut track = Track::new(Codec::Pcma);
        put(&mut track, 960, 5000);
        let audio = track.take(1600);
        assert_eq!(audio.bytes.len(), 1600);
        assert!(is_silent(&audio.bytes[..800]) && is_silent(&audio.bytes[960..]));
        assert_eq!(audio.bytes[800..960], LOUD);
    }

    #[test]
    fn jitter_and_reordering_leave_no_holes() {
        let mut track = Track::new(Codec::Pcma);
        for (arrival, n) in [(160, 0), (400, 1), (650, 3), (660, 2), (810, 4)] {
            put(&mut track, arrival, n * 160);
        }
        assert_eq!(track.take(800).bytes, vec![LOUD[0]; 800]);
    }

    #[test]
    fn a_lost_packet_is_silence_of_its_length() {
        let mut track = Track::new(Codec::Pcma);
        put(&mut track, 160, 0);
        put(&mut track, 480, 320);
        let bytes = track.take(480).bytes;
        assert!(is_silent(&bytes[160..320]));
        assert_eq!(loud_at(&bytes).len(), 320);
    }

    #[test]
    fn what_is_late_for_the_chunk_is_left_out_and_nothing_moves() {
        let mut track = Track::new(Codec::Pcma);
        put(&mut track, 160, 0);
        track.take(400);
        put(&mut track, 500, 160);
        put(&mut track, 520, 320);
        let bytes = track.take(800).bytes;
        assert_eq!(loud_at(&bytes), (0..80).collect::<Vec<_>>());
    }

    #[test]
    fn a_slow_and_a_fast_clock_stay_within_the_tolerance() {
        for drift in [-1_i64, 1] {
            let mut track = Track::new(Codec::Pcma);
            let mut worst = 0;
            // One sample of drift per packet is 6000 ppm, far beyond any real clock.
            for n in 0..2000_i64 {
                let arrival = (200 + n * (160 + drift)) as u64;
                put(&mut track, arrival, (n * 160) as u32);
                let place = track.alignment.as_ref().unwrap().place;
                worst = worst.max((arrival as i64 - 160 - place).abs());
                track.take(arrival.saturating_sub(1600));
            }
            assert!(worst <= TOLERANCE + 2 * i64::from(WINDOW), "{worst} samples");
        }
    }

    #[test]
    fn a_sender_that_restarts_or_was_held_is_aligned_anew() {
        let mut track = Track::new(Codec::Pcma);
        put(&mut track, 160, 0);
        put(&mut track, 80_160, 160);
        track.put(80_320, 2, 999_999, Codec::Pcma, &LOUD);
        let bytes = track.take(80_320).bytes;
        assert_eq!(bytes[80_000..80_320], [LOUD[0]; 320]);
        assert!(is_silent(&bytes[160..80_000]));
    }

    #[test]
    fn another_codec_is_translated() {
        let mut track = Track::new(Codec::Pcma);
        track.put(160, 1, 0, Codec::Pcmu, &[Codec::Pcmu.silence(); 160]);
        assert!(track.take(160).bytes.iter().all(|&byte| Codec::Pcma.decode(byte).abs() <= 8));
    }
}
