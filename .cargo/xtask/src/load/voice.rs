//! The voice of all telephones of one side, on one socket: callers speak, agents' telephones send back what they hear.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{Outcome, clock::Stopwatch};

const FRAME: Duration = Duration::from_millis(20);
/// Any A-law sample but silence.
const LEVEL: u8 = 0x35;
/// Who has not been heard for so long has hung up.
const GONE_AFTER: Duration = Duration::from_secs(2);

/// What one side does with what it hears.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// Sends a packet every 20 ms to everyone who is heard.
    Speak,
    /// Sends back each packet.
    Echo,
}

/// One side's socket and the thread that serves it.
#[derive(Debug)]
pub(super) struct Voice {
    /// The port for the SDP.
    pub(super) port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    received: AtomicU64,
    sent: AtomicU64,
}

/// Someone who is heard.
struct Peer {
    heard: Duration,
    sequence: u16,
}

impl Voice {
    /// Opens a side.
    ///
    /// # Errors
    /// When there is no socket or thread to be had.
    pub(super) fn open(manner: Manner) -> Outcome<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let port = socket.local_addr()?.port();
        let shared = Arc::<Shared>::default();
        let thread = thread::Builder::new().spawn({
            let shared = Arc::clone(&shared);
            move || match manner {
                Manner::Speak => speak(&socket, &shared),
                Manner::Echo => echo(&socket, &shared),
            }
        })?;
        Ok(Self { port, shared, thread: Some(thread) })
    }

    /// Returns how many packets were received and sent so far.
    pub(super) fn packets(&self) -> (u64, u64) {
        (self.shared.received.load(Ordering::Relaxed), self.shared.sent.load(Ordering::Relaxed))
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Waits at most so long for a packet.
fn receive(socket: &UdpSocket, wait: Duration, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    let wait = wait.max(Duration::from_micros(100));
    socket.set_read_timeout(Some(wait)).expect("a time above zero is allowed");
    // An error is the time-out, or word that somebody who has hung up refused the packet before.
    socket.recv_from(buffer).ok()
}

fn echo(socket: &UdpSocket, shared: &Shared) {
    let mut buffer = [0; 2048];
    while !shared.stop.load(Ordering::Relaxed) {
        if let Some((length, from)) = receive(socket, FRAME, &mut buffer) {
            shared.received.fetch_add(1, Ordering::Relaxed);
            if socket.send_to(&buffer[..length], from).is_ok() {
                shared.sent.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

fn speak(socket: &UdpSocket, shared: &Shared) {
    let watch = Stopwatch::start();
    let mut buffer = [0; 2048];
    let mut peers = BTreeMap::<SocketAddr, Peer>::new();
    let mut frames = 0_u32;
    while !shared.stop.load(Ordering::Relaxed) {
        let due = FRAME * (frames + 1);
        let now = watch.elapsed();
        if now < due {
            if let Some((_, from)) = receive(socket, due - now, &mut buffer) {
                shared.received.fetch_add(1, Ordering::Relaxed);
                peers.entry(from).or_insert(Peer { heard: now, sequence: 0 }).heard = now;
            }
            continue;
        }
        frames += 1;
        peers.retain(|_, peer| now - peer.heard < GONE_AFTER);
        for (address, peer) in &mut peers {
            peer.sequence = peer.sequence.wrapping_add(1);
            let packet = packet(peer.sequence, frames, address.port());
            if socket.send_to(&packet, address).is_ok() {
                shared.sent.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// RFC 3550 §5.1: version 2, payload type 8 (A-law), 160 samples.
fn packet(sequence: u16, frame: u32, source: u16) -> [u8; 172] {
    let mut packet = [LEVEL; 172];
    packet[..2].copy_from_slice(&[0x80, 8]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[4..8].copy_from_slice(&frame.wrapping_mul(160).to_be_bytes());
    packet[8..12].copy_from_slice(&u32::from(source).to_be_bytes());
    packet
}
