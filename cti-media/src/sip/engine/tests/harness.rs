//! A virtual network around one engine.

use std::sync::{Arc, atomic::AtomicU64};

use super::super::*;
use crate::sip::{
    DigestAlgorithm, Offer, SipConfig, Target, TrustedPeer, digest_ha1, handle::Dial,
};

pub(super) const PHONE: &str = "192.0.2.10:5062";
pub(super) const TRUNK: &str = "10.1.1.1:5060";

/// A pseudo-random source that gives the same bytes in every run.
struct Repeatable(u64);

impl Entropy for Repeatable {
    fn fill(&mut self, target: &mut [u8]) {
        for byte in target {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

struct DemoAccounts;

impl Accounts for DemoAccounts {
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
        let known = account.len() == 4 && account.starts_with("80");
        known.then(|| digest_ha1(algorithm, account, realm, &format!("demo{account}")))
    }
}

/// One engine, its clock, and what it did.
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) now: Duration,
    pub(super) sent: Vec<(Flow, String)>,
    pub(super) events: Vec<SipEvent>,
    pub(super) opened: Vec<(ConnectionId, SocketAddr)>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(SipConfig::default())
    }

    pub(super) fn with(config: SipConfig) -> Self {
        let config = SipConfig {
            domain: String::from("city"),
            trusted: vec![TrustedPeer {
                trunk: String::from("mobile"),
                network: "10.1.0.0".parse().unwrap(),
                prefix: 16,
            }],
            ..config
        };
        let public = "192.0.2.1:5060".parse().unwrap();
        let allowed = config.listeners.first().map_or_else(Vec::new, |it| it.allowed.clone());
        let parts = Parts {
            listeners: [Transport::Udp, Transport::Tcp, Transport::Ws]
                .map(|transport| Listener { transport, public, allowed: allowed.clone() })
                .into(),
            accounts: Arc::new(DemoAccounts),
            entropy: Box::new(Repeatable(1)),
            stats: Arc::default(),
            keys: Arc::new(AtomicU64::new(1)),
            connection_ids: Arc::new(AtomicU64::new(100)),
            started_unix: 1_000_000,
        };
        let mut world = Self {
            engine: Engine::new(config, parts),
            now: Duration::from_secs(1),
            sent: Vec::new(),
            events: Vec::new(),
            opened: Vec::new(),
        };
        world.drain();
        world
    }

    pub(super) fn input(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.drain();
    }

    pub(super) fn receive_on(&mut self, flow: Flow, text: &str) -> Vec<String> {
        let before = self.sent.len();
        let data = Bytes::copy_from_slice(text.as_bytes());
        self.input(Input::Message { flow, data });
        self.sent[before..].iter().map(|(_, text)| text.clone()).collect()
    }

    /// A datagram from `from`; what was sent because of it.
    pub(super) fn receive(&mut self, from: &str, text: &str) -> Vec<String> {
        self.receive_on(udp(from), text)
    }

    /// A command; what was sent because of it.
    pub(super) fn command(&mut self, command: Command) -> Vec<String> {
        let before = self.sent.len();
        self.input(Input::Command(command));
        self.sent[before..].iter().map(|(_, text)| text.clone()).collect()
    }

    pub(super) fn dial(&mut self, target: Target) -> (DialogKey, Vec<String>) {
        let dialog = self.engine.new_key();
        let sent = self.command(Command::Dial(Box::new(Dial {
            dialog,
            target,
            from_user: String::from("13812345678"),
            from_display: String::from("Citizen"),
            headers: vec![(String::from("X-Call"), String::from("7\r\nX-Evil: 1"))],
            offer: Some(Offer {
                phone: b"v=0 offer".to_vec(),
                browser: Some(b"v=0 for browsers".to_vec()),
            }),
        })));
        (dialog, sent)
    }

    /// Lets time pass; what was sent meanwhile.
    pub(super) fn advance(&mut self, by: Duration) -> Vec<String> {
        let before = self.sent.len();
        let end = self.now + by;
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.engine.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
        self.sent[before..].iter().map(|(_, text)| text.clone()).collect()
    }

    /// Takes the events so far.
    pub(super) fn events(&mut self) -> Vec<SipEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn event(&mut self) -> SipEvent {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "{events:?}");
        events.remove(0)
    }

    /// An answered call from the trunk; its key and our To value.
    pub(super) fn answered_call(&mut self, call: &str) -> (DialogKey, String) {
        let key = self.incoming(call);
        let sent = self.command(Command::Answer { dialog: key, sdp: b"v=0 answer".to_vec() });
        let to = header(&sent[0], "To").to_owned();
        self.receive(TRUNK, &in_dialog("ACK", call, &to, 1, ""));
        assert_eq!(self.event(), SipEvent::Acked { dialog: key, sdp: None });
        (key, to)
    }

    /// A call from the trunk that waits for a decision.
    pub(super) fn incoming(&mut self, call: &str) -> DialogKey {
        let sent = self.receive(TRUNK, &invite(call, "v=0 offer"));
        assert_eq!(status(&sent[0]), 100);
        let event = self.event();
        let SipEvent::Incoming { dialog, .. } = event else { panic!("no call: {event:?}") };
        dialog
    }

    pub(super) fn assert_nothing_left(&mut self) {
        self.advance(Duration::from_secs(40));
        assert_eq!(self.engine.stats.dialogs(), 0);
        assert_eq!(self.engine.stats.transactions(), 0, "{:?}", self.engine.servers);
        assert!(self.engine.tags.is_empty() && self.engine.merged.is_empty());
        assert!(self.engine.server_index.is_empty() && self.engine.client_index.is_empty());
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Send { flow, data } => {
                    self.sent.push((flow, String::from_utf8(data.to_vec()).unwrap()));
                }
                Output::Event(event) => self.events.push(event),
                Output::Connect { flow } => {
                    self.opened.extend(flow.connection.map(|id| (id, flow.remote)));
                }
                Output::Close { .. } | Output::Stop => {}
            }
        }
    }
}

pub(super) fn udp(from: &str) -> Flow {
    Flow::datagram(0, from.parse().unwrap())
}

pub(super) fn tcp(from: &str, id: u64) -> Flow {
    connected(1, Transport::Tcp, from, id)
}

pub(super) fn ws(from: &str, id: u64) -> Flow {
    connected(2, Transport::Ws, from, id)
}

fn connected(listener: usize, transport: Transport, from: &str, id: u64) -> Flow {
    let connection = Some(ConnectionId(id));
    Flow { listener, transport, remote: from.parse().unwrap(), connection }
}

pub(super) fn status(message: &str) -> u16 {
    message.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

pub(super) fn header<'a>(message: &'a str, name: &str) -> &'a str {
    headers(message, name).next().unwrap_or_else(|| panic!("no {name} in {message}"))
}

pub(super) fn headers<'a>(message: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    message.lines().filter_map(move |line| {
        let (found, value) = line.split_once(": ")?;
        (found == name).then_some(value)
    })
}

fn body_lines(body: &str) -> String {
    if body.is_empty() {
        return String::from("Content-Length: 0\r\n\r\n");
    }
    format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// An INVITE from the trunk.
pub(super) fn invite(call: &str, body: &str) -> String {
    invite_with(call, body, "")
}

pub(super) fn invite_with(call: &str, body: &str, extra: &str) -> String {
    format!(
        "INVITE sip:12345@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-{call}\r\n\
         From: \"Li\" <sip:13812345678@10.1.1.1>;tag=f-{call}\r\nTo: <sip:12345@192.0.2.1>\r\n\
         Call-ID: {call}\r\nCSeq: 1 INVITE\r\nContact: <sip:13812345678@10.1.1.1:5060>\r\n\
         Max-Forwards: 70\r\n{extra}{}",
        body_lines(body)
    )
}

/// A request of the trunk inside its call.
pub(super) fn in_dialog(method: &str, call: &str, to: &str, cseq: u32, extra: &str) -> String {
    format!(
        "{method} sip:cti@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-{call}-{method}-{cseq}\r\n\
         From: \"Li\" <sip:13812345678@10.1.1.1>;tag=f-{call}\r\nTo: {to}\r\n\
         Call-ID: {call}\r\nCSeq: {cseq} {method}\r\n{extra}{}",
        if extra.contains("Content-Length") { "" } else { "Content-Length: 0\r\n\r\n" }
    )
}

/// A response to a request of ours.
pub(super) fn response(to: &str, code: u16, tag: &str, contact: &str, body: &str) -> String {
    let contact = match contact {
        "" => String::new(),
        uri => format!("Contact: <{uri}>\r\n"),
    };
    format!(
        "SIP/2.0 {code} Any Reason\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag={tag}\r\nCall-ID: {}\r\nCSeq: {}\r\n{contact}{}",
        header(to, "Via"),
        header(to, "From"),
        header(to, "To").split(";tag=").next().unwrap(),
        header(to, "Call-ID"),
        header(to, "CSeq"),
        body_lines(body)
    )
}

/// A REGISTER of `account` from a phone; `proof` is an Authorization line or nothing.
pub(super) fn register(account: &str, cseq: u32, contact: &str, proof: &str) -> String {
    format!(
        "REGISTER sip:city SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.0.9:5062;branch=z9hG4bK-r{account}{cseq};rport\r\n\
         From: <sip:{account}@city>;tag=r{account}\r\nTo: <sip:{account}@city>\r\n\
         Call-ID: reg-{account}\r\nCSeq: {cseq} REGISTER\r\n{contact}{proof}Content-Length: 0\r\n\r\n"
    )
}

/// The Authorization line that answers a 401.
pub(super) fn proof(
    challenge: &str,
    method: &str,
    account: &str,
    password: &str,
    nc: u32,
) -> String {
    let offered = headers(challenge, "WWW-Authenticate").next().unwrap();
    let nonce = offered.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let hash = DigestAlgorithm::Sha256;
    let ha1 = digest_ha1(hash, account, "city", password);
    let ha2 = hash.hash(&format!("{method}:sip:city"));
    let response = hash.hash(&format!("{ha1}:{nonce}:{nc:08x}:abc:auth:{ha2}"));
    format!(
        "Authorization: Digest username=\"{account}\", realm=\"city\", nonce=\"{nonce}\", uri=\"sip:city\", \
         response=\"{response}\", algorithm=SHA-256, cnonce=\"abc\", qop=auth, nc={nc:08x}\r\n"
    )
}

impl World {
    /// Registers a device of `account` over `flow`.
    pub(super) fn register_on(&mut self, flow: Flow, account: &str, cseq: u32, contact: &str) {
        let contact = format!("Contact: <{contact}>;expires=600\r\n");
        let challenge = self.receive_on(flow, &register(account, cseq, &contact, ""));
        let password = format!("demo{account}");
        let line = proof(&challenge[0], "REGISTER", account, &password, 1);
        let sent = self.receive_on(flow, &register(account, cseq + 1, &contact, &line));
        assert_eq!(status(&sent[0]), 200, "{sent:?}");
        assert!(matches!(self.event(), SipEvent::Registered { .. }));
    }
}
