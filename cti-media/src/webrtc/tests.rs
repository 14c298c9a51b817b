//! A pretend browser against a peer, in virtual time.

#![expect(clippy::disallowed_methods, reason = "str0m counts from a point in time")]

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    config::Fingerprint,
    ice::IceCreds,
    media::{MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{RtpWrite, Ssrc},
};

use super::*;
use crate::{
    codec::Codec,
    rtp::packet::{HEADER_LEN, Header, Packet},
    sdp::{DtlsPeer, IceCredentials, Negotiated, Protection},
};

const OURS: u32 = 1001;
const THEIRS: u32 = 2002;

struct Pair {
    epoch: Instant,
    now: Duration,
    peer: Peer,
    browser: Rtc,
    here: SocketAddr,
    there: SocketAddr,
    connected: bool,
    lost: bool,
    /// Payloads in clear, as each side got them.
    at_peer: Vec<Vec<u8>>,
    at_browser: Vec<Vec<u8>>,
}

fn names(name: &str) -> IceCredentials {
    IceCredentials { name: format!("{name}name"), password: format!("{name}password0123456789") }
}

fn creds(of: &IceCredentials) -> IceCreds {
    IceCreds { ufrag: of.name.clone(), pass: of.password.clone() }
}

fn sha256(bytes: [u8; 32]) -> Fingerprint {
    Fingerprint { hash_func: String::from("sha-256"), bytes: bytes.to_vec() }
}

impl Pair {
    /// A centre and a browser; `tamper` changes what the centre believes of the browser.
    fn new(tamper: impl FnOnce(&mut DtlsPeer)) -> Self {
        let epoch = Instant::now();
        let here: SocketAddr = "127.0.0.1:40000".parse().unwrap();
        let there: SocketAddr = "127.0.0.9:50000".parse().unwrap();
        let (ours, theirs) = (Identity::generate().unwrap(), Identity::generate().unwrap());
        let mut agreed = DtlsPeer {
            local: names("our"),
            remote: names("their"),
            fingerprint: theirs.fingerprint(),
            active: false,
            sources: vec![THEIRS],
        };
        let mut browser = RtcConfig::new()
            .set_crypto_provider(Arc::new(crypto::provider()))
            .set_dtls_cert(theirs.certificate.clone())
            .set_local_ice_credentials(creds(&agreed.remote))
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_pcma(true, false)
            .build(epoch);
        browser.add_local_candidate(Candidate::host(there, "udp").unwrap());
        browser.add_remote_candidate(Candidate::host(here, "udp").unwrap());
        let mut api = browser.direct_api();
        api.set_ice_controlling(true);
        api.set_remote_ice_credentials(creds(&agreed.local));
        api.set_remote_fingerprint(sha256(ours.fingerprint()));
        let mid = Mid::from("0");
        api.declare_media(mid, MediaKind::Audio);
        api.declare_stream_tx(THEIRS.into(), None, mid, None);
        api.expect_stream_rx(OURS.into(), None, mid, None);
        api.start_dtls(true).unwrap();
        tamper(&mut agreed);
        let media = Negotiated {
            protection: Protection::Dtls(Box::new(agreed.clone())),
            ..Negotiated::simple(there, Codec::Pcma)
        };
        let peer = Peer::new(epoch, Duration::ZERO, &ours, here, OURS, &agreed, &media).unwrap();
        Self {
            epoch,
            now: Duration::ZERO,
            peer,
            browser,
            here,
            there,
            connected: false,
            lost: false,
            at_peer: Vec::new(),
            at_browser: Vec::new(),
        }
    }

    /// Carries datagrams for a while.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(10);
            self.browser.handle_input(Input::Timeout(self.epoch + self.now)).unwrap();
            self.poll_browser();
            self.peer.handle_timeout(self.now);
            self.poll_peer();
        }
    }

    fn poll_browser(&mut self) {
        loop {
            match self.browser.poll_output().unwrap() {
                Output::Transmit(sent) => {
                    assert!(self.peer.receive(self.now, self.there, &sent.contents));
                    self.poll_peer();
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    assert_eq!(*packet.header.ssrc, OURS);
                    self.at_browser.push(packet.payload.to_vec());
                }
                Output::Event(_) => {}
                Output::Timeout(_) => return,
            }
        }
    }

    fn poll_peer(&mut self) {
        while let Some(happening) = self.peer.poll(self.now) {
            match happening {
                Happening::Send { target, datagram } => {
                    assert_eq!(target, self.there);
                    self.deliver(&datagram);
                }
                Happening::Received(packet) => {
                    let mut plain = [0; 400];
                    let len = write_plain(&packet, &mut plain).unwrap();
                    let parsed = Packet::parse(&plain[..len]).unwrap();
                    assert_eq!((parsed.ssrc, parsed.payload_type), (THEIRS, 8));
                    self.at_peer.push(plain[parsed.payload].to_vec());
                }
                Happening::Connected => self.connected = true,
                Happening::Lost => self.lost = true,
            }
        }
    }

    fn deliver(&mut self, datagram: &[u8]) {
        let now = self.epoch + self.now;
        if let Ok(received) = Receive::new(Protocol::Udp, self.here, self.there, datagram) {
            self.browser.handle_input(Input::Receive(now, received)).unwrap();
        }
    }

    fn browser_says(&mut self, sequence: u16, words: &[u8]) {
        let time = u32::from(sequence) * 160;
        let now = self.epoch + self.now;
        let write = RtpWrite::new(8.into(), u64::from(sequence).into(), time, now, words);
        self.browser.direct_api().stream_tx(&Ssrc::from(THEIRS)).unwrap().write_rtp(write);
    }

    fn peer_says(&mut self, sequence: u16, words: &[u8]) {
        let mut datagram = vec![0; HEADER_LEN];
        let timestamp = u32::from(sequence) * 160;
        let header = Header { marker: false, payload_type: 8, sequence, timestamp, ssrc: OURS };
        header.write(&mut datagram);
        datagram.extend_from_slice(words);
        let mut sent = Vec::new();
        self.peer.send(self.now, &datagram, |_, sealed| sent.push(sealed.to_vec()));
        for sealed in sent {
            assert!(!sealed.windows(words.len()).any(|part| part == words), "sent in clear");
            self.deliver(&sealed);
        }
    }
}

#[test]
fn a_browser_and_the_centre_hear_each_other_in_secret() {
    let mut pair = Pair::new(|_| {});
    pair.run(Duration::from_secs(2));
    assert!(pair.connected && pair.peer.is_connected());
    for sequence in 0..5 {
        pair.browser_says(sequence, b"citizen speaks");
        pair.peer_says(sequence, b"agent speaks");
        pair.run(Duration::from_millis(20));
    }
    assert_eq!(pair.at_peer, vec![b"citizen speaks".to_vec(); 5]);
    assert_eq!(pair.at_browser, vec![b"agent speaks".to_vec(); 5]);
}

#[test]
fn a_browser_with_another_certificate_is_never_heard() {
    let mut pair = Pair::new(|agreed| agreed.fingerprint = [7; 32]);
    pair.run(Duration::from_secs(14));
    pair.browser_says(1, b"somebody else");
    pair.run(Duration::from_millis(100));
    assert!(!pair.connected && pair.at_peer.is_empty());
}

#[test]
fn a_browser_that_never_comes_is_given_up() {
    let mut pair = Pair::new(|agreed| agreed.local = names("other"));
    pair.run_alone(Duration::from_secs(14));
    assert!(!pair.lost);
    pair.run_alone(Duration::from_secs(2));
    assert!(pair.lost);
}

#[test]
fn nothing_is_kept_for_a_browser_that_is_not_there_yet() {
    let mut pair = Pair::new(|_| {});
    for sequence in 0..100 {
        pair.peer_says(sequence, b"too early");
    }
    pair.run(Duration::from_secs(2));
    assert!(pair.connected && pair.at_browser.is_empty());
}

#[test]
fn voice_of_a_source_that_was_not_announced_is_not_heard() {
    let mut pair = Pair::new(|agreed| agreed.sources = vec![3003]);
    pair.run(Duration::from_secs(2));
    pair.browser_says(1, b"unannounced");
    pair.run(Duration::from_millis(100));
    assert!(pair.connected && pair.at_peer.is_empty());
}

#[test]
fn a_browser_that_announces_no_source_is_heard() {
    let mut pair = Pair::new(|agreed| agreed.sources.clear());
    pair.run(Duration::from_secs(2));
    pair.browser_says(1, b"hello");
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.at_peer, [b"hello"]);
}

#[test]
fn noise_and_strangers_are_refused() {
    let mut pair = Pair::new(|_| {});
    pair.run(Duration::from_secs(2));
    let stranger = "127.0.0.66:6666".parse().unwrap();
    for noise in [&[0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 7, 210, 1, 2][..], b"", b"hello", &[22; 40]] {
        assert!(!pair.peer.receive(pair.now, stranger, noise), "{noise:?}");
    }
    pair.peer_says(1, b"still here");
    pair.run(Duration::from_millis(20));
    assert_eq!(pair.at_browser, [b"still here"]);
}

#[test]
fn a_restart_of_ice_leaves_the_talk_going() {
    let mut pair = Pair::new(|_| {});
    pair.run(Duration::from_secs(2));
    let agreed =
        DtlsPeer { local: names("new"), remote: names("fresh"), ..pair.peer.agreed().clone() };
    pair.peer.update(pair.now, &agreed);
    let mut api = pair.browser.direct_api();
    api.set_local_ice_credentials(creds(&agreed.remote));
    api.set_remote_ice_credentials(creds(&agreed.local));
    pair.run(Duration::from_secs(5));
    pair.browser_says(1, b"after");
    pair.peer_says(1, b"as before");
    pair.run(Duration::from_millis(100));
    assert_eq!((pair.at_peer.len(), pair.at_browser.len()), (1, 1));
    assert!(!pair.lost);
}

impl Pair {
    /// Lets time pass without a browser.
    fn run_alone(&mut self, time: Duration) {
        self.now += time;
        self.peer.handle_timeout(self.now);
        self.poll_peer();
    }
}
