//! Evens out how packets arrive: packets in as they come, a frame out every 20 ms.
//!
//! The first packet is played at once. One that comes too late moves the time line by what it lacked, which
//! is heard as a short concealed loss and makes room for as much jitter from then on; when every packet of
//! two seconds came early by more than 30 ms, a frame is left out. So the delay follows the jitter, and a
//! clock that is slow or fast is followed too.

use super::{Concealer, Frame, Noise};
use crate::codec::{Codec, FRAME_SAMPLES};

/// Samples held at most: half a second.
const CAPACITY: usize = 4096;

/// A packet further away from what is played than this begins a new time line: 250 ms.
const FAR: i32 = 2000;

/// What a late packet gains beyond what it lacked: 5 ms.
const MARGIN: u32 = 40;

/// Packets over which the least earliness is looked for.
const WINDOW: u32 = 100;

/// A sender of whom every packet of a window is earlier than this is played sooner: 30 ms.
const EARLY: i32 = 240;

/// Frames without a packet after which the next packet is played at once again: one second.
const GONE: u32 = 50;

/// The play-out of one voice.
#[derive(Clone, Debug)]
pub struct Playout {
    /// A ring of samples by timestamp, and which of them arrived.
    samples: Box<[i16; CAPACITY]>,
    arrived: Box<[bool; CAPACITY]>,
    line: Option<Line>,
    concealer: Concealer,
    /// What is heard while nothing comes, once the sender has said that it fell silent.
    noise: Option<Noise>,
}

#[derive(Clone, Debug)]
struct Line {
    ssrc: u32,
    /// Timestamp of the next sample to play.
    next: u32,
    /// Timestamp after the newest sample.
    end: u32,
    least_early: i32,
    packets: u32,
    idle_frames: u32,
}

impl Default for Playout {
    fn default() -> Self {
        Self {
            samples: Box::new([0; CAPACITY]),
            arrived: Box::new([false; CAPACITY]),
            line: None,
            concealer: Concealer::default(),
            noise: None,
        }
    }
}

impl Playout {
    /// Takes a packet as it arrived.
    pub fn put(&mut self, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8]) {
        let samples = payload.iter().map(|&byte| codec.decode(byte));
        self.put_samples(ssrc, timestamp, samples);
    }

    /// Takes a packet of comfort noise: the sender is silent, at this level in −dBov, until it speaks again.
    pub fn put_noise(&mut self, level: u8) {
        self.noise = Some(Noise::new(level));
        if let Some(line) = &mut self.line {
            line.idle_frames = 0;
        }
    }

    /// Takes the decoded samples of a packet as it arrived.
    pub fn put_samples(
        &mut self,
        ssrc: u32,
        timestamp: u32,
        samples: impl ExactSizeIterator<Item = i16>,
    ) {
        let length = samples.len();
        if length == 0 || length > CAPACITY / 2 {
            return;
        }
        self.noise = None;
        self.place(ssrc, timestamp, length as u32);
        let Some(line) = &self.line else { return };
        let late = line.next.wrapping_sub(timestamp) as i32;
        for (n, sample) in samples.enumerate().skip(late.max(0) as usize) {
            let at = timestamp.wrapping_add(n as u32) as usize % CAPACITY;
            self.samples[at] = sample;
            self.arrived[at] = true;
        }
    }

    /// Returns the next 20 ms; `None` when nothing of them is to be heard.
    pub fn pull(&mut self) -> Option<Frame> {
        let line = self.line.as_mut()?;
        let first = line.next;
        line.next = first.wrapping_add(FRAME_SAMPLES as u32);
        line.idle_frames += 1;
        let gone = line.idle_frames > GONE;
        let mut frame = [0; FRAME_SAMPLES];
        let mut audible = false;
        let mut from = 0;
        while from < FRAME_SAMPLES {
            let at = |n: usize| first.wrapping_add(n as u32) as usize % CAPACITY;
            let here = self.arrived[at(from)];
            let mut to = from;
            while to < FRAME_SAMPLES && self.arrived[at(to)] == here {
                frame[to] = self.samples[at(to)];
                to += 1;
            }
            for n in from..to {
                self.arrived[at(n)] = false;
            }
            audible |= if here {
                self.concealer.hear(&mut frame[from..to]);
                true
            } else if let Some(noise) = &mut self.noise {
                noise.fill(&mut frame[from..to]);
                self.concealer.hear(&mut frame[from..to]);
                true
            } else {
                self.concealer.fill(&mut frame[from..to])
            };
            from = to;
        }
        if gone {
            (self.line, self.noise) = (None, None);
        }
        audible.then_some(frame)
    }

    /// Returns how long a packet that arrives now waits before it is heard, in samples.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line
            .as_ref()
            .map_or(0, |line| (line.end.wrapping_sub(line.next) as i32).max(0) as usize)
    }

    /// Finds the packet's place; moves or begins the time line where it must.
    fn place(&mut self, ssrc: u32, timestamp: u32, length: u32) {
        let end = timestamp.wrapping_add(length);
        let Some(line) = self.line.as_mut().filter(|line| {
            line.ssrc == ssrc && (timestamp.wrapping_sub(line.next) as i32).abs() < FAR
        }) else {
            self.arrived.fill(false);
            self.line = Some(Line {
                ssrc,
                next: timestamp,
                end,
                least_early: i32::MAX,
                packets: 0,
                idle_frames: 0,
            });
            return;
        };
        line.idle_frames = 0;
        let newest = (end.wrapping_sub(line.end) as i32) > 0;
        if newest {
            line.end = end;
        }
        let early = timestamp.wrapping_sub(line.next) as i32;
        // A late packet that was overtaken is lost; the newest one shows that the delay is too short.
        if early < 0 && newest {
            line.next = timestamp.wrapping_sub(MARGIN);
            (line.least_early, line.packets) = (i32::MAX, 0);
            return;
        }
        line.least_early = line.least_early.min(early);
        line.packets += 1;
        if line.packets >= WINDOW {
            let sooner = line.least_early >= EARLY;
            (line.least_early, line.packets) = (i32::MAX, 0);
            if sooner {
                self.skip_frame();
            }
        }
    }

    fn skip_frame(&mut self) {
        let Some(line) = self.line.as_mut() else { return };
        for _ in 0..FRAME_SAMPLES {
            self.arrived[line.next as usize % CAPACITY] = false;
            line.next = line.next.wrapping_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dsp::{goertzel::share_of_energy, tone::sine};

    const SSRC: u32 = 5;

    fn put(playout: &mut Playout, n: u32, voice: &[i16]) {
        let frame = voice[n as usize * 160..][..160].to_vec();
        playout.put_samples(SSRC, 9000_u32.wrapping_add(n * 160), frame.into_iter());
    }

    /// Plays packets whose arrival is given in ticks; returns what was heard.
    fn play(arrivals: &[(usize, u32)], ticks: usize, voice: &[i16]) -> Vec<i16> {
        let mut playout = Playout::default();
        let mut heard = Vec::new();
        for tick in 0..ticks {
            for &(_, packet) in arrivals.iter().filter(|(at, _)| *at == tick) {
                put(&mut playout, packet, voice);
            }
            heard.extend(playout.pull().unwrap_or([0; FRAME_SAMPLES]));
        }
        heard
    }

    #[test]
    fn packets_in_time_are_heard_at_once_and_unchanged() {
        let voice = sine(440.0, -10.0, 1600);
        let arrivals: Vec<_> = (0..10).map(|n| (n as usize, n)).collect();
        assert_eq!(play(&arrivals, 10, &voice), voice);
    }

    #[test]
    fn jitter_is_evened_out_after_the_first_time_it_is_met() {
        let voice = sine(440.0, -10.0, 16_000);
        // Every fifth packet comes together with the next one.
        let arrivals: Vec<_> =
            (0..100).map(|n| (n as usize + usize::from(n % 5 == 4), n)).collect();
        let heard = play(&arrivals, 101, &voice);
        assert!(share_of_energy(&heard[1600..], 440.0) > 0.99);
        // From the second late packet on, every sample is one of the voice.
        let (from, to) = (3200, 15_000);
        let exact = (0..400).any(|shift| heard[from + shift..to + shift] == voice[from..to]);
        assert!(exact);
    }

    #[test]
    fn a_lost_packet_is_concealed_and_the_rest_stays_in_its_place() {
        let voice = sine(200.0, -10.0, 3200);
        let arrivals: Vec<_> = (0..20).filter(|&n| n != 10).map(|n| (n as usize, n)).collect();
        let heard = play(&arrivals, 20, &voice);
        assert_eq!(heard[..1600], voice[..1600]);
        assert_eq!(heard[1800..], voice[1800..]);
        assert!(share_of_energy(&heard[1600..1760], 200.0) > 0.9);
    }

    #[test]
    fn a_packet_that_was_overtaken_is_put_in_its_place_or_left_out() {
        let voice = sine(440.0, -10.0, 1600);
        let early = [(0, 0), (1, 2), (1, 1), (3, 3)];
        assert_eq!(play(&early, 4, &voice)[..640], voice[..640]);
        let late = [(0, 0), (1, 2), (3, 1), (3, 3), (4, 4)];
        let heard = play(&late, 5, &voice);
        assert_eq!(heard[352..], voice[352..800]);
    }

    #[test]
    fn a_slow_and_a_fast_clock_are_followed_without_end() {
        for per_thousand in [998_u64, 1002] {
            let voice = sine(440.0, -10.0, 160);
            let mut playout = Playout::default();
            let (mut sent, mut silent, mut waiting) = (0_u64, 0, 0);
            for tick in 0..50_000_u64 {
                while sent * 1000 <= tick * per_thousand {
                    playout.put_samples(SSRC, (sent * 160) as u32, voice.iter().copied());
                    sent += 1;
                }
                silent += usize::from(playout.pull().is_none());
                waiting = waiting.max(playout.waiting());
            }
            assert_eq!(silent, 0, "{per_thousand}");
            assert!(waiting <= 640, "{per_thousand}: {waiting} samples waited");
        }
    }

    #[test]
    fn a_new_voice_on_the_leg_is_played_at_once() {
        let voice = sine(440.0, -10.0, 160);
        let mut playout = Playout::default();
        playout.put_samples(1, 700, voice.iter().copied());
        playout.pull();
        playout.put_samples(2, 4_000_000_000, voice.iter().copied());
        assert!(playout.pull().is_some_and(|frame| frame[40..] == voice[40..]));
    }

    #[test]
    fn a_sender_that_fell_silent_is_heard_as_noise_until_it_speaks_again() {
        let voice = sine(440.0, -10.0, 160);
        let mut playout = Playout::default();
        playout.put_samples(SSRC, 0, voice.iter().copied());
        playout.put_noise(50);
        assert_eq!(playout.pull().unwrap()[..], voice);
        let level = crate::dsp::level::rms_dbfs(&playout.pull().unwrap()[..]);
        assert!((level + 50.0).abs() < 3.0, "{level} dB");
        playout.put_samples(SSRC, 320, voice.iter().copied());
        assert_eq!(playout.pull().unwrap(), voice[..]);
        assert!(
            playout.pull().is_some_and(|frame| frame.iter().any(|&sample| sample.abs() > 1000))
        );
        // A sender that is gone for good is not heard for ever.
        playout.put_noise(50);
        let heard = (0..200).filter(|_| playout.pull().is_some()).count();
        assert!((45..=60).contains(&heard), "{heard} frames");
    }

    #[test]
    fn a_pause_of_the_sender_is_silence_and_no_delay() {
        let voice = sine(440.0, -10.0, 160);
        let mut playout = Playout::default();
        playout.put_samples(SSRC, 0, voice.iter().copied());
        let heard = (0..200).filter(|_| playout.pull().is_some()).count();
        assert!(heard <= 5, "{heard} frames of one packet");
        playout.put_samples(SSRC, 0xF000_0000, voice.iter().copied());
        assert!(playout.pull().is_some());
    }

    proptest! {
        #[test]
        fn no_packet_can_break_it_or_make_it_hold_more_than_half_a_second(
            packets in prop::collection::vec((any::<u8>(), any::<u32>(), 0_usize..3000), 0..200),
        ) {
            let mut playout = Playout::default();
            for (ssrc, timestamp, length) in packets {
                playout.put_samples(u32::from(ssrc % 3), timestamp % 20_000, vec![1; length].into_iter());
                prop_assert!(playout.waiting() <= CAPACITY);
                if ssrc % 4 == 0 {
                    playout.pull();
                }
            }
        }
    }
}
