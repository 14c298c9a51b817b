//! Thousands of messages, each with one place that holds what it should not.

use std::{fmt::Write as _, net::SocketAddr};

use super::{super::super::*, super::harness::*, hang_up};
use crate::sdp::{Direction, Local, Session, profile_of};

/// Places that are replaced, as they stand in the messages below.
const PLACES: [&str; 27] = [
    "{method}",
    "{uri}",
    "{version}",
    "{protocol}",
    "{host}",
    "{port}",
    "{branch}",
    "{name}",
    "{user}",
    "{tag}",
    "{to}",
    "{call}",
    "{number}",
    "{again}",
    "{hops}",
    "{contact}",
    "{expires}",
    "{proof}",
    "{require}",
    "{route}",
    "{rack}",
    "{session}",
    "{kind}",
    "{length}",
    "{origin}",
    "{connection}",
    "{media}",
];

/// What stands there in a good message of a method.
fn good(place: &str, method: &str) -> String {
    let fixed = match place {
        "{method}" | "{again}" => method,
        "{uri}" => "sip:12345@192.0.2.1",
        "{version}" => "SIP/2.0",
        "{protocol}" => "SIP/2.0/UDP",
        "{host}" => "10.1.1.1",
        "{port}" => "5060",
        "{name}" => "\"Li\"",
        "{user}" => "sip:13812345678@10.1.1.1",
        "{to}" => "<sip:12345@192.0.2.1>",
        "{number}" => "1",
        "{hops}" => "70",
        "{contact}" => "<sip:13812345678@10.1.1.1>",
        "{expires}" => "600",
        "{proof}" => {
            "Digest username=\"8001\", realm=\"city\", nonce=\"1\", uri=\"sip:city\", response=\"0\", qop=auth, nc=00000001, cnonce=\"1\""
        }
        "{require}" => "100rel",
        "{route}" => "<sip:192.0.2.1;lr>",
        "{rack}" => "1 1 INVITE",
        "{session}" => "1800;refresher=uac",
        "{kind}" => "application/sdp",
        "{length}" => "SIZE",
        "{origin}" => "- 1 1 IN IP4 10.1.1.1",
        "{connection}" => "IN IP4 10.1.1.1",
        "{media}" => "audio 40000 RTP/AVP 8 0 101",
        _ => "x",
    };
    fixed.to_owned()
}

const TEMPLATE: &str = "{method} {uri} {version}\r\nVia: {protocol} {host}:{port};branch=z9hG4bK{branch}\r\n\
    From: {name} <{user}>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: {number} {again}\r\n\
    Max-Forwards: {hops}\r\nContact: {contact}\r\nExpires: {expires}\r\n{proven}\
    Require: {require}\r\nRecord-Route: {route}\r\nRAck: {rack}\r\nSession-Expires: {session}\r\n\
    Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n";
const BODY: &str =
    "v=0\r\no={origin}\r\ns=-\r\nc={connection}\r\nt=0 0\r\nm={media}\r\na=rtpmap:8 PCMA/8000\r\n";

/// What should not stand anywhere.
fn anomalies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "",
        " ",
        "\t",
        "0",
        "-1",
        "1",
        "+1",
        "00000000000001",
        "255",
        "256",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "1e9",
        "0x7fffffff",
        "NaN",
        "%s%s%s%n%n",
        "%00",
        "%",
        "%zz",
        "\"",
        "\"\"",
        "\\",
        "\"\\",
        "<",
        ">",
        "<>",
        "<<>>",
        ";",
        ";;;",
        ",",
        ",,,",
        ":",
        ":::",
        "@",
        "@@",
        "=",
        "?",
        "/",
        "//",
        "[",
        "]",
        "[]",
        "[::",
        "[::1]",
        "999.999.999.999",
        "0.0.0.0",
        "255.255.255.255",
        "127.0.0.1",
        "*",
        "sip:",
        "sip:@",
        "sips:a@b",
        "tel:+86;phone-context=",
        "urn:service:sos",
        "SIP/2.0",
        "INVITE",
        "ACK",
        "CANCEL",
        "\r\n",
        "\r\n ",
        "\r\n\r\n",
        "\n",
        "\r",
        "\u{0}",
        "\u{7f}",
        "电话",
        "\u{feff}",
        "a b c",
        "<sip:a@b>, <sip:c@d>",
        "$(reboot)",
        "'; DROP TABLE--",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    for size in [64, 256, 1024, 4096, 15_000, 60_000] {
        all.push(vec![b'a'; size]);
        all.push(vec![b'9'; size]);
    }
    for pair in ["<", "\"\\", ";a=b", ",sip:a", "%41", "[", "\r\n X", "(", "sip:a@"] {
        all.push(pair.repeat(500).into_bytes());
    }
    all.extend([vec![0xff; 8], vec![0xc0, 0x80], vec![0xed, 0xa0, 0x80], (0..=255).collect()]);
    all
}

/// A message of a method in which one place holds something else.
fn broken(method: &str, place: &str, anomaly: &[u8], n: usize) -> Vec<u8> {
    let fill = |template: &str| {
        let mut text = template.to_owned();
        for other in PLACES.iter().filter(|other| **other != place) {
            let unique = matches!(*other, "{branch}" | "{tag}" | "{call}");
            let value = if unique { format!("b{n}") } else { good(other, method) };
            text = text.replace(other, &value);
        }
        let mut bytes = Vec::with_capacity(text.len() + anomaly.len());
        for (index, part) in text.split(place).enumerate() {
            if index > 0 {
                bytes.extend_from_slice(anomaly);
            }
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    };
    let body = fill(BODY);
    // A caller of the trunk proves nothing.
    let proven = if method == "INVITE" { "" } else { "Authorization: {proof}\r\n" };
    let head = fill(&TEMPLATE.replace("{proven}", proven));
    let at = message::find(&head, b"SIZE");
    let mut text = Vec::with_capacity(head.len() + body.len());
    match at {
        Some(at) => {
            text.extend_from_slice(&head[..at]);
            text.extend_from_slice(body.len().to_string().as_bytes());
            text.extend_from_slice(&head[at + 4..]);
        }
        None => text.extend_from_slice(&head),
    }
    text.extend_from_slice(&body);
    text
}

/// What any answer of ours must be.
fn check_answer(text: &str, what: &str) {
    assert!(text.starts_with("SIP/2.0 "), "{what}: {text}");
    assert!((100..700).contains(&status(text)), "{what}: {text}");
    assert!(text.contains("\r\n\r\n"), "{what}: {text}");
    if status(text) > 100 {
        assert!(header(text, "To").contains("tag"), "{what}: {text}");
    }
}

#[test]
fn thousands_of_broken_messages_leave_the_endpoint_whole_and_the_next_call_good() {
    let mut world = World::new();
    let source: SocketAddr = TRUNK.parse().unwrap();
    let mut n = 0;
    let (mut answered, mut taken) = (0, 0);
    for method in ["INVITE", "REGISTER"] {
        for place in PLACES.into_iter().filter(|it| *it != "{proof}" || method != "INVITE") {
            for anomaly in anomalies() {
                n += 1;
                let data = Bytes::from(broken(method, place, &anomaly, n));
                let mut what = String::new();
                let _ = write!(what, "{method} {place} {:.20}", String::from_utf8_lossy(&anomaly));
                let before = world.sent.len();
                world.input(Input::Message { flow: Flow::datagram(0, source), data });
                for (_, text) in &world.sent[before..] {
                    answered += 1;
                    check_answer(text, &what);
                }
                for event in &world.events {
                    if let SipEvent::Incoming { offer: Some(offer), .. } = event {
                        taken += 1;
                        if profile_of(offer).is_ok() {
                            let local = Local::new(([127, 0, 0, 1], 40_000).into());
                            let _ = Session::new(1, local).answer(offer, Direction::SendRecv);
                        }
                    }
                }
                hang_up(&mut world);
                if n % 50 == 0 {
                    super::probe(&mut world, n);
                    world.sent.clear();
                }
            }
        }
    }
    assert!(n >= 4500, "{n} messages");
    // They are broken in one place each, so most are read and answered.
    assert!(answered > n / 3 && taken > 500, "{answered} answered, {taken} calls of {n}");
    world.advance(Duration::from_secs(120));
    world.events();
    assert_eq!(world.engine.stats.dialogs(), 0);
    assert_eq!(world.engine.stats.transactions(), 0);
    world.answered_call("good");
}
