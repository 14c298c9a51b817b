//! A fake phone: sends a tone, remembers what it hears.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use cti_media::{
    codec::Codec,
    dsp::tone,
    rtp::packet::{Header, Packet},
};

/// A packet the phone heard.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) packet: Packet,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    next: Mutex<(u16, u32)>,
}

impl Phone {
    pub(crate) fn new(bind: SocketAddr, server: SocketAddr) -> Self {
        let socket = UdpSocket::bind(bind).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut phone = Self {
            socket,
            server,
            heard: Arc::default(),
            stop: Arc::default(),
            threads: Vec::new(),
            next: Mutex::new((1000, 50_000)),
        };
        phone.listen();
        phone
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn listen(&mut self) {
        let (socket, heard, stop) =
            (self.socket.try_clone().unwrap(), Arc::clone(&self.heard), Arc::clone(&self.stop));
        self.threads.push(thread::spawn(move || {
            let mut buffer = [0; 2048];
            while !stop.load(Ordering::Relaxed) {
                let Ok((len, _)) = socket.recv_from(&mut buffer) else { continue };
                if let Some(packet) = Packet::parse(&buffer[..len]) {
                    let payload = buffer[packet.payload.clone()].to_vec();
                    heard.lock().unwrap().push(Heard { packet, payload });
                }
            }
        }));
    }

    /// Talks in a tone until the phone is dropped.
    pub(crate) fn talk(&mut self, codec: Codec, frequency_hz: f64) {
        let samples = tone::sine(frequency_hz, -10.0, 8000).into_iter();
        let encoded = samples.map(|sample| codec.encode(sample)).collect();
        self.repeat(codec.payload_type(), encoded);
    }

    /// Sends encoded audio again and again until the phone is dropped.
    pub(crate) fn repeat(&mut self, payload_type: u8, encoded: Vec<u8>) {
        let (socket, server, stop) =
            (self.socket.try_clone().unwrap(), self.server, Arc::clone(&self.stop));
        self.threads.push(thread::spawn(move || {
            let start = Instant::now();
            for (n, frame) in (0_u32..).zip(encoded.chunks(160).cycle()) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let datagram = datagram(payload_type, 7, n as u16, n * 160, frame);
                let _ = socket.send_to(&datagram, server);
                let due = start + Duration::from_millis(20) * (n + 1);
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }));
    }

    /// Sends a packet as it is.
    pub(crate) fn send(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.server).unwrap();
    }

    /// Sends one packet of silence.
    pub(crate) fn say(&self, codec: Codec) {
        let mut next = self.next.lock().unwrap();
        let frame = [codec.silence(); 160];
        let datagram = datagram(codec.payload_type(), 7, next.0, next.1, &frame);
        self.socket.send_to(&datagram, self.server).unwrap();
        *next = (next.0.wrapping_add(1), next.1.wrapping_add(160));
    }

    /// Presses a key: a few packets of the event and three ends.
    pub(crate) fn press(&self, payload_type: u8, code: u8) {
        let mut next = self.next.lock().unwrap();
        let timestamp = next.1;
        for step in 1..=7_u16 {
            let duration = 160 * step.min(5);
            let [high, low] = duration.to_be_bytes();
            let flags = if step >= 5 { 0x8A } else { 0x0A };
            let payload = [code, flags, high, low];
            let datagram = datagram(payload_type, 7, next.0, timestamp, &payload);
            self.socket.send_to(&datagram, self.server).unwrap();
            next.0 = next.0.wrapping_add(1);
        }
        next.1 = timestamp.wrapping_add(1600);
    }

    /// Returns everything heard so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }

    /// Returns the audio heard so far as samples.
    pub(crate) fn samples(&self) -> Vec<i16> {
        let heard = self.heard.lock().unwrap();
        let audio = heard.iter().filter_map(|heard| {
            let codec = Codec::from_payload_type(heard.packet.payload_type)?;
            Some(heard.payload.iter().map(move |&byte| codec.decode(byte)))
        });
        audio.flatten().collect()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Builds a packet.
pub(crate) fn datagram(
    payload_type: u8,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    payload: &[u8],
) -> Vec<u8> {
    let mut datagram = vec![0; 12];
    Header { marker: false, payload_type, sequence, timestamp, ssrc }.write(&mut datagram);
    datagram.extend_from_slice(payload);
    datagram
}
