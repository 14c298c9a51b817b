//! Telephone events (RFC 4733): hearing each digit once, and pressing keys ourselves.

use std::{collections::VecDeque, time::Duration};

use super::{Digit, samples_in};

/// Length of an event's payload in bytes.
pub const EVENT_LEN: usize = 4;

/// Time between two packets of an event.
const STEP: Duration = Duration::from_millis(20);

/// An event's last packet is sent this often (RFC 4733 §2.5.1.4).
const END_PACKETS: u8 = 3;

/// Volume of the key in -dBm0, as telephones send it.
const VOLUME: u8 = 10;

/// Turns the packets of events into digits.
#[derive(Clone, Debug, Default)]
pub struct EventReceiver {
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    timestamp: u32,
    code: u8,
    /// Duration in its newest packet.
    duration: u16,
    ended: bool,
}

impl EventReceiver {
    /// Reads one packet of an event; returns the digit when it is heard of for the first time.
    ///
    /// Counting by timestamps makes lost first or last packets and repeated ends harmless.
    pub fn on_packet(&mut self, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        let &[code, flags, high, low] = payload.first_chunk::<EVENT_LEN>()?;
        let duration = u16::from_be_bytes([high, low]);
        let ended = flags & 0x80 != 0;
        if let Some(last) = &mut self.last {
            let newer = timestamp.wrapping_sub(last.timestamp);
            if newer == 0 {
                last.ended |= ended;
                last.duration = last.duration.max(duration);
                return None;
            }
            if newer >= 1 << 31 {
                return None;
            }
            // RFC 4733 §2.5.1.3: a key held for more than 8 s goes on as a new segment.
            let segment_end = last.timestamp.wrapping_add(u32::from(last.duration));
            let continues = !last.ended
                && last.code == code
                && last.duration > u16::MAX - 320
                && timestamp.wrapping_sub(segment_end) <= 320;
            if continues {
                *last = Last { timestamp, code, duration, ended };
                return None;
            }
        }
        self.last = Some(Last { timestamp, code, duration, ended });
        Digit::from_code(code)
    }

    /// Forgets the past; for a new SSRC, whose timestamps are unrelated.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

/// Presses keys, one packet per 20 ms tick.
#[derive(Clone, Debug, Default)]
pub struct EventSender {
    waiting: VecDeque<Press>,
    state: Sending,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    digit: Digit,
    /// Packets until the key is released.
    steps: u16,
}

#[derive(Clone, Copy, Debug, Default)]
enum Sending {
    #[default]
    Idle,
    Pressed {
        press: Press,
        step: u16,
    },
    Releasing {
        press: Press,
        ends: u8,
    },
    Pausing {
        steps: u8,
    },
}

/// What the sender does at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing is waiting.
    Idle,
    /// Send this payload; `first` begins another event.
    Packet {
        /// The event's payload.
        payload: [u8; EVENT_LEN],
        /// Whether this is the first packet of the event.
        first: bool,
    },
    /// The pause between two keys.
    Pause,
}

impl EventSender {
    /// Adds keys to press, each for `duration` limited to 40 ms … 6 s.
    pub fn press(&mut self, digits: impl IntoIterator<Item = Digit>, duration: Duration) {
        let duration = duration.clamp(2 * STEP, Duration::from_secs(6));
        let steps = (duration.as_millis() / STEP.as_millis()) as u16;
        self.waiting.extend(digits.into_iter().map(|digit| Press { digit, steps }));
    }

    /// Returns whether nothing is being sent or waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, Sending::Idle) && self.waiting.is_empty()
    }

    /// Returns how many keys have not begun yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Does the work of one tick of 20 ms.
    pub fn tick(&mut self) -> Tick {
        match self.state {
            Sending::Idle => {
                let Some(press) = self.waiting.pop_front() else { return Tick::Idle };
                self.state = Sending::Pressed { press, step: 1 };
                Tick::Packet { payload: payload(press, 1, false), first: true }
            }
            Sending::Pressed { press, step } => {
                let step = step + 1;
                let ended = step >= press.steps;
                self.state = if ended {
                    Sending::Releasing { press, ends: 1 }
                } else {
                    Sending::Pressed { press, step }
                };
                Tick::Packet { payload: payload(press, step, ended), first: false }
            }
            Sending::Releasing { press, ends } => {
                let ends = ends + 1;
                self.state = if ends >= END_PACKETS {
                    Sending::Pausing { steps: 1 }
                } else {
                    Sending::Releasing { press, ends }
                };
                Tick::Packet { payload: payload(press, press.steps, true), first: false }
            }
            Sending::Pausing { steps: 0 } => {
                self.state = Sending::Idle;
                self.tick()
            }
            Sending::Pausing { steps } => {
                self.state = Sending::Pausing { steps: steps - 1 };
                Tick::Pause
            }
        }
    }
}

fn payload(press: Press, step: u16, ended: bool) -> [u8; EVENT_LEN] {
    let duration = samples_in(STEP) as u16 * step;
    let [high, low] = duration.to_be_bytes();
    [press.digit.code(), (u8::from(ended) << 7) | VOLUME, high, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(receiver: &mut EventReceiver, packets: &[(u32, u8, bool, u16)]) -> String {
        packets
            .iter()
            .filter_map(|&(timestamp, code, ended, duration)| {
                let [high, low] = duration.to_be_bytes();
                let flags = if ended { 0x8A } else { 0x0A };
                receiver.on_packet(timestamp, &[code, flags, high, low])
            })
            .map(Digit::as_char)
            .collect()
    }

    #[test]
    fn a_key_with_repeated_packets_and_three_ends_is_one_digit() {
        let mut receiver = EventReceiver::default();
        let packets = [
            (1000, 5, false, 160),
            (1000, 5, false, 320),
            (1000, 5, true, 480),
            (1000, 5, true, 480),
            (1000, 5, true, 480),
        ];
        assert_eq!(digits(&mut receiver, &packets), "5");
    }

    #[test]
    fn the_same_key_twice_is_two_digits_even_if_the_first_end_was_lost() {
        let mut receiver = EventReceiver::default();
        let packets = [(1000, 1, false, 160), (2600, 1, false, 160), (2600, 1, true, 320)];
        assert_eq!(digits(&mut receiver, &packets), "11");
    }

    #[test]
    fn only_the_end_arriving_is_still_a_digit() {
        assert_eq!(digits(&mut EventReceiver::default(), &[(77, 11, true, 800)]), "#");
    }

    #[test]
    fn a_late_packet_of_an_earlier_key_is_no_new_digit() {
        let mut receiver = EventReceiver::default();
        let packets = [(1000, 1, true, 160), (2600, 2, false, 160), (1000, 1, true, 160)];
        assert_eq!(digits(&mut receiver, &packets), "12");
    }

    #[test]
    fn a_key_held_for_more_than_eight_seconds_is_one_digit() {
        let mut receiver = EventReceiver::default();
        let packets = [(0, 9, false, 65_440), (65_440, 9, false, 160), (65_440, 9, true, 320)];
        assert_eq!(digits(&mut receiver, &packets), "9");
    }

    #[test]
    fn a_flash_or_a_short_payload_is_no_digit() {
        let mut receiver = EventReceiver::default();
        assert_eq!(receiver.on_packet(5, &[16, 0, 0, 160]), None);
        assert_eq!(receiver.on_packet(9, &[1, 0, 0]), None);
    }

    #[test]
    fn what_is_sent_is_heard_again_with_growing_durations_and_three_ends() {
        let mut sender = EventSender::default();
        sender.press(Digit::parse_all("7*").unwrap(), Duration::from_millis(100));
        let mut receiver = EventReceiver::default();
        let (mut timestamp, mut heard, mut ends, mut durations) = (0, String::new(), 0, Vec::new());
        for tick in 0.. {
            match sender.tick() {
                Tick::Idle => break,
                Tick::Pause => {}
                Tick::Packet { payload, first } => {
                    if first {
                        timestamp = tick * 160;
                    }
                    ends += u32::from(payload[1] >> 7);
                    durations.push(u16::from_be_bytes([payload[2], payload[3]]));
                    heard.extend(receiver.on_packet(timestamp, &payload).map(Digit::as_char));
                }
            }
        }
        assert_eq!((heard.as_str(), ends), ("7*", 6));
        assert_eq!(durations[..7], [160, 320, 480, 640, 800, 800, 800]);
        assert!(sender.is_idle());
    }
}
