//! A phone's audio: sends a tone and keypad digits every 20 ms, keeps what it hears.
#![expect(clippy::disallowed_methods, reason = "packets are sent in real time")]

use std::{
    collections::VecDeque,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::sound;

const FRAME: u64 = 160;
const PCMA: u8 = 8;
const PCMU: u8 = 0;
/// Payload type of telephone events in the scenarios' SDP.
const EVENTS: u8 = 101;
/// Frames a digit is pressed, and frames between two digits (RFC 4733 has no minimum; 100 ms each is a quick thumb).
const DIGIT: u16 = 5;

/// A phone's audio socket and the thread that serves it.
#[derive(Debug)]
pub(crate) struct Phone {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    digits: Mutex<VecDeque<u8>>,
    heard: Mutex<Heard>,
}

/// What a phone received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// Decoded, in the order of arrival.
    pub(crate) samples: Vec<i16>,
    /// Audio packets.
    pub(crate) packets: usize,
    /// Keypad digits received as telephone events.
    pub(crate) digits: String,
    /// Gaps in the sequence numbers, in packets.
    pub(crate) lost: usize,
    /// The sender's address.
    pub(crate) peer: Option<SocketAddr>,
    sequence: Option<u16>,
    event: Option<u32>,
}

impl Phone {
    /// Opens a phone that plays a tone to whoever sends to it first.
    pub(crate) fn playing(hertz: f64) -> Self {
        Self::open(hertz, None)
    }

    /// Opens a phone that plays a tone to `peer` at once.
    pub(crate) fn playing_to(hertz: f64, peer: SocketAddr) -> Self {
        Self::open(hertz, Some(peer))
    }

    fn open(hertz: f64, peer: Option<SocketAddr>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let shared = Arc::<Shared>::default();
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || Sender::new(hertz, peer, u32::from(port)).run(&socket, &shared)
        });
        Self { port, shared, thread: Some(thread) }
    }

    /// Returns the port to write into the SDP.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Presses keys, one after another.
    pub(crate) fn press(&self, keys: &str) {
        self.shared.digits.lock().unwrap().extend(keys.bytes());
    }

    /// Returns what was heard so far.
    pub(crate) fn heard(&self) -> Heard {
        self.shared.heard.lock().unwrap().clone()
    }

    /// Forgets what was heard so far.
    pub(crate) fn forget(&self) {
        let mut heard = self.shared.heard.lock().unwrap();
        heard.samples.clear();
        heard.digits.clear();
        (heard.packets, heard.lost) = (0, 0);
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The sending half, owned by the thread.
struct Sender {
    hertz: f64,
    peer: Option<SocketAddr>,
    ssrc: u32,
    sequence: u16,
    /// Samples sent so far; the RTP timestamp.
    at: u64,
    digit: Option<Digit>,
}

/// A key that is being pressed, or the pause after it.
struct Digit {
    event: u8,
    start: u64,
    frame: u16,
}

impl Sender {
    fn new(hertz: f64, peer: Option<SocketAddr>, ssrc: u32) -> Self {
        Self { hertz, peer, ssrc, sequence: 1, at: 0, digit: None }
    }

    fn run(mut self, socket: &UdpSocket, shared: &Shared) {
        let start = Instant::now();
        let mut buffer = [0; 2048];
        while !shared.stop.load(Ordering::Relaxed) {
            let due = start + Duration::from_micros(self.at * 125);
            let wait =
                due.saturating_duration_since(Instant::now()).max(Duration::from_micros(100));
            socket.set_read_timeout(Some(wait)).unwrap();
            if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                shared.heard.lock().unwrap().take(&buffer[..length], from);
                self.peer.get_or_insert(from);
            }
            if Instant::now() >= due {
                self.tick(socket, shared);
            }
        }
    }

    fn tick(&mut self, socket: &UdpSocket, shared: &Shared) {
        let start = self.at;
        self.at += FRAME;
        let Some(peer) = self.peer else { return };
        if self.digit.is_none() {
            let key = shared.digits.lock().unwrap().pop_front();
            self.digit = key.map(|key| Digit { event: event(key), start, frame: 0 });
        }
        let (payload_type, timestamp, payload, marker) = match &mut self.digit {
            Some(digit) if digit.frame < DIGIT => {
                digit.frame += 1;
                let end = if digit.frame == DIGIT { 0x80 } else { 0 };
                let [high, low] = (digit.frame * FRAME as u16).to_be_bytes();
                (EVENTS, digit.start, vec![digit.event, end | 10, high, low], digit.frame == 1)
            }
            Some(_) | None => {
                let audio =
                    (start..self.at).map(|n| sound::to_alaw(sound::tone(self.hertz, n))).collect();
                (PCMA, start, audio, false)
            }
        };
        let closing = payload_type == EVENTS && payload[1] & 0x80 != 0;
        // RFC 4733 §2.5.1.4: the final packet of an event is sent three times.
        for _ in 0..if closing { 3 } else { 1 } {
            let mut packet = vec![0x80, payload_type | if marker { 0x80 } else { 0 }];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend((timestamp as u32).to_be_bytes());
            packet.extend(self.ssrc.to_be_bytes());
            packet.extend(&payload);
            self.sequence = self.sequence.wrapping_add(1);
            drop(socket.send_to(&packet, peer));
        }
        if let Some(digit) = &mut self.digit
            && payload_type == PCMA
        {
            digit.frame += 1;
            if digit.frame >= 2 * DIGIT {
                self.digit = None;
            }
        }
    }
}

impl Heard {
    fn take(&mut self, packet: &[u8], from: SocketAddr) {
        if packet.len() < 12 || packet[0] >> 6 != 2 {
            return;
        }
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let timestamp = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        if let Some(last) = self.sequence {
            let step = sequence.wrapping_sub(last);
            self.lost += usize::from(if step > 1 && step < 0x8000 { step - 1 } else { 0 });
        }
        self.sequence = Some(sequence);
        self.peer = Some(from);
        let payload = &packet[12 + 4 * usize::from(packet[0] & 0x0f)..];
        match packet[1] & 0x7f {
            PCMA => self.samples.extend(payload.iter().map(|byte| sound::from_alaw(*byte))),
            PCMU => self.samples.extend(payload.iter().map(|byte| sound::from_ulaw(*byte))),
            EVENTS if payload.len() >= 4 => {
                if self.event.replace(timestamp) != Some(timestamp) {
                    self.digits.push(key(payload[0]));
                }
                return;
            }
            _ => return,
        }
        self.packets += 1;
    }
}

/// RFC 4733 §3.2: events 0 to 9, then * and #.
fn event(key: u8) -> u8 {
    match key {
        b'*' => 10,
        b'#' => 11,
        digit => digit - b'0',
    }
}

fn key(event: u8) -> char {
    char::from(b"0123456789*#ABCD".get(usize::from(event)).copied().unwrap_or(b'?'))
}
