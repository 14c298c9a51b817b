//! Requests of a trunk and of strangers, within a call and outside one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use cti_media::{
    sdp::{Direction, Local, Session},
    sip::{
        Accounts, DialogKey, DigestAlgorithm, ProbeOutput, SipConfig, SipEvent, SipProbe,
        TrustedPeer, digest_ha1,
    },
};

/// Messages of one input are told apart by this byte.
const SEPARATOR: u8 = 0x1E;

/// A message that begins with it comes from a stranger.
const STRANGER: u8 = b'!';

/// Stands for our tag of the last dialog.
const TAG: &[u8] = b"@TAG@";

/// No input needs more messages than this.
const MOST: usize = 16;

const OPTIONS: &str = "OPTIONS sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-last-question\r\n\
    Max-Forwards: 70\r\nFrom: <sip:p@10.1.1.1>;tag=last-question\r\nTo: <sip:10.0.0.1>\r\nCall-ID: last-question\r\n\
    CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

const INVITE: &str = "INVITE sip:12345@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-a\r\n\
    Max-Forwards: 70\r\nFrom: <sip:13812345678@10.1.1.1>;tag=a\r\nTo: <sip:12345@10.0.0.1>\r\nCall-ID: a@10.1.1.1\r\n\
    CSeq: 1 INVITE\r\nContact: <sip:13812345678@10.1.1.1:5060>\r\nContent-Type: application/sdp\r\n\
    Content-Length: 87\r\n\r\n\
    v=0\r\no=- 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8 0\r\n";

struct OnePhone;

impl Accounts for OnePhone {
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
        (account == "8001").then(|| digest_ha1(algorithm, account, realm, "secret8001"))
    }
}

/// An endpoint, its clock, and the user who answers whatever comes.
pub(super) struct Endpoint {
    pub(super) probe: SipProbe,
    pub(super) now: Duration,
    /// What was sent by the last step.
    pub(super) sent: Vec<(SocketAddr, Bytes)>,
    calls: Vec<DialogKey>,
    tag: Vec<u8>,
}

pub(super) fn trunk() -> SocketAddr {
    ([10, 1, 1, 1], 5060).into()
}

fn stranger() -> SocketAddr {
    ([203, 0, 113, 7], 5060).into()
}

impl Endpoint {
    pub(super) fn new() -> Self {
        let trusted =
            TrustedPeer { trunk: String::from("mobile"), network: trunk().ip(), prefix: 32 };
        let config = SipConfig { trusted: vec![trusted], ..SipConfig::default() };
        let probe = SipProbe::new(config, ([10, 0, 0, 1], 5060).into(), Arc::new(OnePhone));
        Self {
            probe,
            now: Duration::from_secs(1),
            sent: Vec::new(),
            calls: Vec::new(),
            tag: b"none".to_vec(),
        }
    }

    /// Takes one message, and answers the calls it brings.
    pub(super) fn receive(&mut self, source: SocketAddr, message: &[u8]) {
        self.now += Duration::from_millis(10);
        let message = replaced(message, TAG, &self.tag);
        let output = self.probe.receive(self.now, source, Bytes::from(message));
        let calls = output.events.iter().filter_map(incoming).collect::<Vec<_>>();
        self.sent.clear();
        self.follow(output);
        for (dialog, offer) in calls {
            self.calls.push(dialog);
            let local = Local::new(([10, 0, 0, 1], 40_000).into());
            let mut session = Session::new(1, local);
            let description = match offer {
                Some(offer) => session.answer(&offer, Direction::SendRecv).ok().map(|it| it.0),
                None => Some(session.offer(Direction::SendRecv)),
            };
            let output = match description {
                Some(text) => self.probe.answer(self.now, dialog, text.into_bytes()),
                None => self.probe.hang_up(self.now, dialog),
            };
            self.follow(output);
        }
    }

    /// Every message of ours can be read, and is addressed to somebody.
    fn follow(&mut self, output: ProbeOutput) {
        for (_, data) in &output.sent {
            let text = std::str::from_utf8(data).expect("our messages are text");
            let (head, _) = text.split_once("\r\n\r\n").expect("our messages have a head");
            let to = head.lines().find_map(|line| line.strip_prefix("To: "));
            let to = to.expect("our messages have a To header");
            assert!(!head.lines().any(|line| line.contains(['\r', '\0'])), "a torn header: {head}");
            if let (true, Some((_, tag))) = (text.starts_with("SIP/2.0 "), to.split_once(";tag=")) {
                self.tag = tag.as_bytes().to_vec();
            }
        }
        self.sent.extend(output.sent);
    }

    /// Lets time pass until nothing can be left of any call, and asks whether somebody is there.
    pub(super) fn end(mut self) {
        for dialog in std::mem::take(&mut self.calls) {
            let output = self.probe.hang_up(self.now, dialog);
            self.follow(output);
        }
        for _ in 0..60 {
            self.now += Duration::from_secs(4);
            let output = self.probe.pass_time(self.now);
            self.follow(output);
        }
        let stats = self.probe.stats();
        assert_eq!(stats.dialogs(), 0, "a call is left");
        assert_eq!(stats.transactions(), 0, "a transaction is left");
        self.receive(trunk(), OPTIONS.as_bytes());
        let answer = self.sent.first().map(|(_, data)| &data[..11]);
        assert_eq!(answer, Some(&b"SIP/2.0 200"[..]), "the endpoint is there no more");
    }
}

fn incoming(event: &SipEvent) -> Option<(DialogKey, Option<Vec<u8>>)> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others bring no call")]
    match event {
        SipEvent::Incoming { dialog, offer, .. } => Some((*dialog, offer.clone())),
        _ => None,
    }
}

pub(super) fn replaced(message: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.windows(what.len()).position(|it| it == what) {
        whole.extend_from_slice(&rest[..at]);
        whole.extend_from_slice(by);
        rest = &rest[at + what.len()..];
    }
    whole.extend_from_slice(rest);
    whole
}

/// Takes messages one after the other; none may stop the endpoint, and nothing of them may stay.
pub(super) fn requests(data: &[u8]) {
    let mut endpoint = Endpoint::new();
    for message in data.split(|byte| *byte == SEPARATOR).take(MOST) {
        match message.split_first() {
            Some((&STRANGER, message)) => {
                let calls = endpoint.calls.len();
                endpoint.receive(stranger(), message);
                assert_eq!(endpoint.calls.len(), calls, "a stranger has called");
                assert!(endpoint.sent.len() <= 1, "a stranger gets one answer at most");
            }
            Some(_) | None => endpoint.receive(trunk(), message),
        }
    }
    endpoint.end();
}

/// Puts a body into an INFO of a call; the first line names its type.
pub(super) fn info(data: &[u8]) {
    let mut endpoint = Endpoint::new();
    endpoint.receive(trunk(), INVITE.as_bytes());
    assert_eq!(endpoint.calls.len(), 1, "the call is a good one");
    endpoint.receive(trunk(), in_call("ACK", 1, b"text/plain", b"").as_slice());
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (kind, body) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    // What is no text makes the whole message unreadable, and need not be answered.
    if !kind.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return;
    }
    endpoint.receive(trunk(), in_call("INFO", 2, kind, body).as_slice());
    let answer = endpoint.sent.first().map(|(_, data)| data.clone()).expect("INFO is answered");
    let status = std::str::from_utf8(&answer[8..11]).expect("a status is text");
    assert!(["200", "400", "415"].contains(&status), "INFO was answered by {status}");
    endpoint.end();
}

fn in_call(method: &str, number: u32, kind: &[u8], body: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "{method} sip:12345@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-{method}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:13812345678@10.1.1.1>;tag=a\r\nTo: <sip:12345@10.0.0.1>;tag=@TAG@\r\n\
         Call-ID: a@10.1.1.1\r\nCSeq: {number} {method}\r\nContent-Length: {}\r\nContent-Type: ",
        body.len()
    )
    .into_bytes();
    message.extend_from_slice(kind);
    message.extend_from_slice(b"\r\n\r\n");
    message.extend_from_slice(body);
    message
}
