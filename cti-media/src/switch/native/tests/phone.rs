//! A telephone that does what the test tells it.

use std::net::SocketAddr;

use tokio::{net::UdpSocket, time::timeout};

use super::world::{DEADLINE, World};
use crate::sip::{DigestAlgorithm, digest_ha1};

pub(super) struct Phone {
    sip: UdpSocket,
    pub(super) rtp: UdpSocket,
    number: String,
    cseq: u32,
    /// The headers of its one call.
    from: String,
    to: String,
    call_id: String,
    sequence: u16,
}

impl Phone {
    pub(super) async fn new(world: &World, number: &str) -> Self {
        let sip = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        sip.connect(world.control.addresses()[0].1).await.unwrap();
        let rtp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let id = sip.local_addr().unwrap().port();
        Self {
            number: number.to_owned(),
            from: format!("<sip:{number}@127.0.0.1>;tag=t{id}"),
            to: String::from("<sip:12345@127.0.0.1>"),
            call_id: format!("call-{id}"),
            cseq: 0,
            sequence: 0,
            sip,
            rtp,
        }
    }

    pub(super) fn sdp(&self, attribute: &str) -> String {
        let port = self.rtp.local_addr().unwrap().port();
        format!(
            "v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n{attribute}"
        )
    }

    pub(super) async fn send(&mut self, method: &str, extra: &str, body: &str) {
        if !matches!(method, "ACK" | "CANCEL") {
            self.cseq += 1;
        }
        let port = self.sip.local_addr().unwrap().port();
        let cseq = self.cseq;
        let branch = if matches!(method, "INVITE" | "CANCEL") { "I" } else { method };
        let kind = match body.starts_with("v=") {
            true => "Content-Type: application/sdp\r\n",
            false => "",
        };
        let text = format!(
            "{method} sip:12345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{port}-{branch}-{cseq}\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: <sip:{}@127.0.0.1:{port}>\r\n\
             {kind}{extra}Content-Length: {}\r\n\r\n{body}",
            self.from,
            self.to,
            self.call_id,
            self.number,
            body.len()
        );
        self.sip.send(text.as_bytes()).await.unwrap();
    }

    /// The next message that begins with `start`.
    pub(super) async fn receive(&mut self, start: &str) -> String {
        let mut buffer = vec![0; 65_536];
        loop {
            let read = timeout(DEADLINE, self.sip.recv(&mut buffer)).await;
            let read = read.unwrap_or_else(|_| panic!("no {start} in time")).unwrap();
            let text = str::from_utf8(&buffer[..read]).unwrap();
            if text.starts_with(start) {
                return text.to_owned();
            }
        }
    }

    /// A message that has arrived, if any.
    pub(super) fn try_receive(&mut self) -> Option<String> {
        let mut buffer = vec![0; 65_536];
        let read = self.sip.try_recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..read].to_vec()).unwrap())
    }

    pub(super) async fn status(&mut self, code: u16) -> String {
        self.receive(&format!("SIP/2.0 {code} ")).await
    }

    /// Dials 12345.
    pub(super) async fn invite(&mut self) {
        let sdp = self.sdp("");
        self.send("INVITE", "", &sdp).await;
    }

    /// Waits for the answer of the centre and acknowledges it; where media goes.
    pub(super) async fn connect(&mut self) -> SocketAddr {
        let answer = self.status(200).await;
        self.to = header(&answer, "To").to_owned();
        self.send("ACK", "", "").await;
        media_of(&answer)
    }

    /// Acknowledges an answer that held an offer.
    pub(super) async fn answer_late(&mut self, answer: &str, sdp: &str) {
        self.to = header(answer, "To").to_owned();
        self.send("ACK", "", sdp).await;
    }

    /// Registers as `account`.
    pub(super) async fn register(&mut self, account: &str, expires: u32) {
        let mut proof = String::new();
        let port = self.sip.local_addr().unwrap().port();
        for code in [401, 200] {
            self.cseq += 1;
            let cseq = self.cseq;
            let text = format!(
                "REGISTER sip:city SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{port}-r{cseq}\r\n\
                 From: <sip:{account}@city>;tag=r\r\nTo: <sip:{account}@city>\r\nCall-ID: r{port}\r\n\
                 CSeq: {cseq} REGISTER\r\nContact: <sip:{account}@127.0.0.1:{port}>;expires={expires}\r\n\
                 {proof}Content-Length: 0\r\n\r\n"
            );
            self.sip.send(text.as_bytes()).await.unwrap();
            let reply = self.status(code).await;
            if code == 401 {
                let challenge = header(&reply, "WWW-Authenticate");
                let nonce = challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
                let hash = DigestAlgorithm::Md5;
                let ha1 = digest_ha1(hash, account, "city", &format!("demo{account}"));
                let ha2 = hash.hash("REGISTER:sip:city");
                let response = hash.hash(&format!("{ha1}:{nonce}:00000001:x:auth:{ha2}"));
                proof = format!(
                    "Authorization: Digest username=\"{account}\", realm=\"city\", nonce=\"{nonce}\", \
                     uri=\"sip:city\", response=\"{response}\", cnonce=\"x\", qop=auth, nc=00000001\r\n"
                );
            }
        }
    }

    /// Answers a request of the centre.
    pub(super) async fn reply(&mut self, request: &str, code: u16, body: &str) {
        let port = self.sip.local_addr().unwrap().port();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let to = header(request, "To");
        let tag = if to.contains(";tag=") { "" } else { ";tag=phone" };
        let text = format!(
            "SIP/2.0 {code} Reply\r\nVia: {}\r\nFrom: {}\r\nTo: {to}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
             Contact: <sip:{}@127.0.0.1:{port}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            header(request, "Via"),
            header(request, "From"),
            header(request, "Call-ID"),
            header(request, "CSeq"),
            self.number,
            body.len()
        );
        // The phone goes on with the dialog of the call it takes.
        if request.starts_with("INVITE ") && code == 200 && !to.contains(";tag=") {
            self.from = format!("{to};tag=phone");
            self.to = header(request, "From").to_owned();
            self.call_id = header(request, "Call-ID").to_owned();
        }
        self.sip.send(text.as_bytes()).await.unwrap();
    }

    /// Sends one packet of A-law.
    pub(super) async fn speak(&mut self, to: SocketAddr, byte: u8) {
        self.sequence += 1;
        let mut packet = vec![0x80, 8];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&(u32::from(self.sequence) * 160).to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 9]);
        packet.extend_from_slice(&[byte; 160]);
        self.rtp.send_to(&packet, to).await.unwrap();
    }

    /// Presses a key by RFC 4733.
    pub(super) async fn press(&mut self, to: SocketAddr, code: u8) {
        let stamp = u32::from(self.sequence) * 160 + 160;
        for (end, length) in [(0, 160), (0x80, 800), (0x80, 800), (0x80, 800)] {
            self.sequence += 1;
            let mut packet = vec![0x80, 101];
            packet.extend_from_slice(&self.sequence.to_be_bytes());
            packet.extend_from_slice(&stamp.to_be_bytes());
            packet.extend_from_slice(&[0, 0, 0, 9, code, end | 10]);
            packet.extend_from_slice(&u16::to_be_bytes(length));
            self.rtp.send_to(&packet, to).await.unwrap();
        }
    }

    /// The payload of the next RTP packet.
    pub(super) async fn hear(&mut self) -> Vec<u8> {
        let mut buffer = vec![0; 2048];
        let read = timeout(DEADLINE, self.rtp.recv(&mut buffer)).await.expect("audio in time");
        buffer[12..read.unwrap()].to_vec()
    }
}

pub(super) fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let mut values = message.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    values.next().unwrap_or_else(|| panic!("no {name} in {message}"))
}

/// Where a description wants media.
pub(super) fn media_of(message: &str) -> SocketAddr {
    let field = |start: &str| message.lines().find_map(|line| line.strip_prefix(start)).unwrap();
    let port = field("m=audio ").split(' ').next().unwrap();
    format!("{}:{port}", field("c=IN IP4 ")).parse().unwrap()
}
