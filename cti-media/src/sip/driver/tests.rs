//! The endpoint on real loopback sockets.

mod secure;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::*;
use crate::sip::{
    DialogKey, DigestAlgorithm, EndCause, ListenerConfig, Target, TrustedPeer, digest_ha1,
};

const DEADLINE: Duration = Duration::from_secs(10);

struct DemoAccounts;

impl Accounts for DemoAccounts {
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
        (account == "8001").then(|| digest_ha1(algorithm, account, realm, "demo8001"))
    }
}

fn config() -> SipConfig {
    let listener = |transport| ListenerConfig::new(transport, "127.0.0.1:0".parse().unwrap());
    SipConfig {
        listeners: vec![listener(Transport::Udp), listener(Transport::Tcp)],
        domain: String::from("city"),
        trusted: vec![TrustedPeer {
            trunk: String::from("test"),
            network: "127.0.0.0".parse().unwrap(),
            prefix: 8,
        }],
        message_timeout: Duration::from_millis(300),
        max_connections_per_source: 3,
        ..SipConfig::default()
    }
}

struct Endpoint {
    handle: SipHandle,
    events: mpsc::Receiver<SipEvent>,
}

impl Endpoint {
    async fn start() -> Self {
        let (handle, events) = SipEndpoint::start(config(), Arc::new(DemoAccounts)).await.unwrap();
        Self { handle, events }
    }

    fn udp(&self) -> SocketAddr {
        self.handle.addresses()[0].1
    }

    fn tcp(&self) -> SocketAddr {
        self.handle.addresses()[1].1
    }

    async fn event(&mut self) -> SipEvent {
        timeout(DEADLINE, self.events.recv()).await.expect("an event in time").unwrap()
    }

    async fn incoming(&mut self) -> DialogKey {
        let event = self.event().await;
        let SipEvent::Incoming { dialog, .. } = event else { panic!("no call: {event:?}") };
        dialog
    }
}

fn request(method: &str, to: &str, cseq: u32, via: &str, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "{method} sip:12345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bK-{method}{cseq};rport\r\n\
         From: <sip:13800000000@127.0.0.1>;tag=me\r\nTo: {to}\r\nCall-ID: call\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:me@{}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        via.split(' ').nth(1).unwrap(),
        body.len()
    )
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

async fn receive(socket: &UdpSocket) -> String {
    let mut buffer = vec![0; 65_536];
    let read = timeout(DEADLINE, socket.recv(&mut buffer)).await.expect("a reply in time");
    String::from_utf8(buffer[..read.unwrap()].to_vec()).unwrap()
}

async fn receive_code(socket: &UdpSocket, code: &str) -> String {
    loop {
        let text = receive(socket).await;
        if text.starts_with(&format!("SIP/2.0 {code}")) {
            return text;
        }
    }
}

async fn read_message(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut byte = [0];
    loop {
        timeout(DEADLINE, stream.read_exact(&mut byte)).await.expect("a reply in time").unwrap();
        text.push(char::from(byte[0]));
        if text.ends_with("\r\n\r\n") {
            let length = header(&text, "Content-Length").parse().unwrap();
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            return text + str::from_utf8(&body).unwrap();
        }
    }
}

#[tokio::test]
async fn a_call_over_datagrams_is_answered_and_ended() {
    let mut endpoint = Endpoint::start().await;
    let phone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    phone.connect(endpoint.udp()).await.unwrap();
    let via = format!("UDP {}", phone.local_addr().unwrap());
    let to = "<sip:12345@127.0.0.1>";
    phone.send(b"\0\xff not SIP").await.unwrap();
    phone.send(request("INVITE", to, 1, &via, "v=0").as_bytes()).await.unwrap();
    receive_code(&phone, "100").await;
    let dialog = endpoint.incoming().await;
    endpoint.handle.answer(dialog, b"v=0 answer".to_vec()).unwrap();
    let answer = receive_code(&phone, "200").await;
    assert!(answer.ends_with("\r\n\r\nv=0 answer"));
    let to = header(&answer, "To");
    phone.send(request("ACK", to, 1, &via, "").as_bytes()).await.unwrap();
    assert_eq!(endpoint.event().await, SipEvent::Acked { dialog, sdp: None });
    endpoint.handle.hangup(dialog).unwrap();
    assert_eq!(endpoint.event().await, SipEvent::Ended { dialog, cause: EndCause::HungUp });
    let bye = receive(&phone).await;
    assert!(bye.starts_with("BYE sip:me@"));
    let ok = format!(
        "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: call\r\nCSeq: {}\r\n\r\n",
        header(&bye, "Via"),
        header(&bye, "From"),
        header(&bye, "To"),
        header(&bye, "CSeq")
    );
    phone.send(ok.as_bytes()).await.unwrap();
    let gone = async {
        while endpoint.handle.stats().dialogs() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, gone).await.expect("the dialog goes");
}

#[tokio::test]
async fn a_call_over_tcp_survives_being_sent_in_single_bytes() {
    let mut endpoint = Endpoint::start().await;
    let mut phone = TcpStream::connect(endpoint.tcp()).await.unwrap();
    phone.set_nodelay(true).unwrap();
    let via = format!("TCP {}", phone.local_addr().unwrap());
    for byte in request("INVITE", "<sip:12345@127.0.0.1>", 1, &via, "v=0").bytes() {
        phone.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(read_message(&mut phone).await.starts_with("SIP/2.0 100 "));
    let dialog = endpoint.incoming().await;
    endpoint.handle.answer(dialog, b"v=0".to_vec()).unwrap();
    let answer = read_message(&mut phone).await;
    assert!(header(&answer, "Contact").ends_with(";transport=tcp>"));
    let to = header(&answer, "To");
    let both = request("ACK", to, 1, &via, "") + &request("BYE", to, 2, &via, "");
    phone.write_all(both.as_bytes()).await.unwrap();
    assert_eq!(endpoint.event().await, SipEvent::Acked { dialog, sdp: None });
    let cause = EndCause::PeerHungUp;
    assert_eq!(endpoint.event().await, SipEvent::Ended { dialog, cause });
}

#[tokio::test]
async fn connections_that_lie_or_dawdle_are_closed_and_others_go_on() {
    let endpoint = Endpoint::start().await;
    let via = "TCP 127.0.0.1:9";
    let good = request("OPTIONS", "<sip:x@y>", 1, via, "");
    let mut ends_badly: Vec<TcpStream> = Vec::new();
    for text in [
        good.replace("Content-Length: 0", "Content-Length: 9999"),
        good.replace("Content-Length: 0", "Content-Length: x"),
        String::from("OPTIONS sip:"),
    ] {
        let mut stream = TcpStream::connect(endpoint.tcp()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        ends_badly.push(stream);
    }
    for mut stream in ends_badly {
        let mut rest = Vec::new();
        timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("closed in time").ok();
    }
    let mut stream = TcpStream::connect(endpoint.tcp()).await.unwrap();
    stream.write_all(b"\r\n\r\n").await.unwrap();
    let mut pong = [0; 2];
    timeout(DEADLINE, stream.read_exact(&mut pong)).await.expect("a pong in time").unwrap();
    stream.write_all(good.as_bytes()).await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("SIP/2.0 200 "));
}

#[tokio::test]
async fn one_source_cannot_take_all_connections() {
    let endpoint = Endpoint::start().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(TcpStream::connect(endpoint.tcp()).await.unwrap());
    }
    let mut refused = streams.pop().unwrap();
    let mut rest = Vec::new();
    timeout(DEADLINE, refused.read_to_end(&mut rest)).await.expect("closed in time").ok();
    assert_eq!(endpoint.handle.stats().connections(), 3);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let endpoint = Endpoint::start().await;
    for (transport, address) in endpoint.handle.addresses() {
        let listener = ListenerConfig::new(*transport, *address);
        let config = SipConfig { listeners: vec![listener], ..config() };
        let error = SipEndpoint::start(config, Arc::new(DemoAccounts)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(transport.name()) && text.contains(&address.to_string()), "{text}");
    }
}

#[tokio::test]
async fn an_outgoing_call_over_tcp_opens_its_connection() {
    let mut endpoint = Endpoint::start().await;
    let phone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("sip:8001@{};transport=tcp", phone.local_addr().unwrap());
    let dialog = endpoint.handle.new_dialog();
    endpoint.handle.dial(dialog, Target::Uri(uri), "12345", "", vec![], None).unwrap();
    let (mut stream, _) = timeout(DEADLINE, phone.accept()).await.expect("a connection").unwrap();
    let invite = read_message(&mut stream).await;
    let busy = format!(
        "SIP/2.0 486 Busy\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=p\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
        header(&invite, "Via"),
        header(&invite, "From"),
        header(&invite, "To"),
        header(&invite, "Call-ID")
    );
    stream.write_all(busy.as_bytes()).await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("ACK "));
    assert!(matches!(endpoint.event().await, SipEvent::Failed { status: 486, .. }));
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_fails_the_call() {
    let mut endpoint = Endpoint::start().await;
    let dialog = endpoint.handle.new_dialog();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = Target::Uri(format!("sip:8001@{closed};transport=tcp"));
    endpoint.handle.dial(dialog, target, "12345", "", vec![], None).unwrap();
    assert!(matches!(endpoint.event().await, SipEvent::Failed { status: 503, .. }));
}
