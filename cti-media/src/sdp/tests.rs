//! Protected streams: browsers, keys in the description, and what is refused.

use super::*;
use crate::codec::Codec;

/// What Chromium offers for a call, shortened.
const BROWSER: &str = "v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    a=msid-semantic: WMS stream\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n\
    c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:aB3+\r\n\
    a=ice-pwd:0123456789abcdefghijklmn\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\n\
    a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\n\
    a=ssrc:3735928559 cname:x\r\na=ssrc:3735928559 msid:stream track\r\n";

const KEYED: &str = "v=0\r\no=phone 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\n\
    m=audio 5000 RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:AAAA\r\n\
    a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e|2^31\r\n\
    a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e\r\n";

fn dtls() -> Protect {
    Protect::Dtls(DtlsLocal { fingerprint: [0xAB; 32], seed: [7; 32] })
}

fn session(protect: Protect) -> Session {
    let local = Local::new("127.0.0.2:40000".parse().unwrap());
    Session::new(7, local.protected(protect))
}

fn browser_peer(negotiated: &Negotiated) -> &DtlsPeer {
    let Protection::Dtls(peer) = &negotiated.protection else { panic!("{negotiated:?}") };
    peer
}

fn refusal(protect: Protect, offer: &str) -> OfferError {
    session(protect).answer(offer.as_bytes(), Direction::SendRecv).unwrap_err()
}

#[test]
fn a_browser_is_answered_with_one_candidate_and_a_fingerprint() {
    let mut server = session(dtls());
    let (answer, agreed) = server.answer(BROWSER.as_bytes(), Direction::SendRecv).unwrap();
    for line in [
        "a=group:BUNDLE 0\r\na=ice-lite\r\n",
        "m=audio 40000 UDP/TLS/RTP/SAVPF 8 13 126\r\n",
        "a=mid:0\r\n",
        "a=rtcp-mux\r\n",
        "a=candidate:1 1 udp 2130706431 127.0.0.2 40000 typ host\r\n",
        "a=fingerprint:sha-256 AB:AB:",
        "a=setup:passive\r\n",
    ] {
        assert!(answer.contains(line), "{line} in {answer}");
    }
    assert_eq!((agreed.codec, agreed.dtmf_pt), (Codec::Pcma.into(), Some(126)));
    assert!(agreed.may_send(), "an address that is not known yet is no hold");
    let peer = browser_peer(&agreed);
    assert_eq!(peer.remote.name, "aB3+");
    assert_eq!(peer.fingerprint[..3], [1, 2, 3]);
    assert_eq!((peer.active, &peer.sources[..]), (false, &[3_735_928_559][..]));
    assert!(answer.contains(&format!("a=ice-ufrag:{}\r\n", peer.local.name)), "{answer}");
}

#[test]
fn a_browser_answers_our_offer() {
    let mut server = session(dtls());
    let offer = server.offer(Direction::SendRecv);
    assert!(offer.contains("m=audio 40000 UDP/TLS/RTP/SAVPF 8 0 9 101\r\n"), "{offer}");
    assert!(offer.contains("a=setup:actpass\r\n"));
    let answer = BROWSER.replace("actpass", "active").replace("126", "101");
    let agreed = server.accept(answer.as_bytes()).unwrap();
    assert!(!browser_peer(&agreed).active);
    assert_eq!(agreed.codec, Encoding::G722);
    let undecided = server.accept(BROWSER.as_bytes()).unwrap_err();
    assert_eq!(undecided, AnswerError::Parse(ProtectionError::BadSetup.into()));
}

#[test]
fn a_restart_of_ice_gets_new_credentials_and_keeps_the_rest() {
    let mut server = session(dtls());
    let (_, first) = server.answer(BROWSER.as_bytes(), Direction::SendRecv).unwrap();
    let (_, held) = server.answer(BROWSER.as_bytes(), Direction::SendOnly).unwrap();
    assert_eq!(browser_peer(&first).local, browser_peer(&held).local);
    let restarted = BROWSER.replace("aB3+", "cD4+");
    let (answer, second) = server.answer(restarted.as_bytes(), Direction::SendRecv).unwrap();
    assert_ne!(browser_peer(&first).local, browser_peer(&second).local);
    assert_eq!(browser_peer(&first).fingerprint, browser_peer(&second).fingerprint);
    assert!(answer.contains("a=setup:passive\r\n"));
}

#[test]
fn a_talk_does_not_change_its_certificate() {
    let mut server = session(dtls());
    server.answer(BROWSER.as_bytes(), Direction::SendRecv).unwrap();
    let other = BROWSER.replace("01:02:03", "FF:FF:FF");
    let error = server.answer(other.as_bytes(), Direction::SendRecv).unwrap_err();
    assert_eq!(error, OfferError::Parse(ProtectionError::NewCertificate.into()));
}

#[test]
fn a_browser_that_cannot_be_trusted_or_found_is_refused_by_name() {
    for (from, to, error) in [
        ("sha-256", "sha-1", ProtectionError::NoFingerprint),
        ("a=rtcp-mux\r\n", "", ProtectionError::NoMux),
        ("a=ice-pwd:", "a=other:", ProtectionError::NoCredentials),
        ("a=ice-ufrag:aB3+", "a=ice-ufrag:a", ProtectionError::NoCredentials),
        ("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", ProtectionError::BothLite),
        ("a=setup:actpass", "a=setup:holdconn", ProtectionError::BadSetup),
    ] {
        assert!(BROWSER.contains(from), "{from}");
        assert_eq!(refusal(dtls(), &BROWSER.replace(from, to)), OfferError::Parse(error.into()));
    }
}

#[test]
fn protection_is_never_traded_away() {
    let plain = KEYED.replace("RTP/SAVP", "RTP/AVP");
    let none = OfferError::Parse(ParseError::NoAudio);
    for (protect, offer) in [
        (dtls(), plain.as_str()),
        (dtls(), KEYED),
        (Protect::Sdes(SrtpKey([1; 30])), &plain),
        (Protect::Sdes(SrtpKey([1; 30])), BROWSER),
        (Protect::Plain, BROWSER),
        (Protect::Plain, KEYED),
    ] {
        assert_eq!(refusal(protect, offer), none);
    }
    let mut server = session(Protect::Sdes(SrtpKey([1; 30])));
    server.offer(Direction::SendRecv);
    let error = server.accept(plain.as_bytes()).unwrap_err();
    assert_eq!(error, AnswerError::Parse(ParseError::NoAudio));
}

#[test]
fn keys_of_the_strongest_suite_both_know_are_exchanged() {
    let ours = SrtpKey([9; 30]);
    let mut server = session(Protect::Sdes(ours.clone()));
    let (answer, agreed) = server.answer(KEYED.as_bytes(), Direction::SendRecv).unwrap();
    assert!(answer.contains("m=audio 40000 RTP/SAVP 8 101\r\n"), "{answer}");
    assert!(answer.contains("a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:CQkJ"), "{answer}");
    let Protection::Sdes(keys) = agreed.protection else { panic!("{agreed:?}") };
    assert_eq!((keys.send, keys.suite), (ours, SrtpSuite::AesCm128HmacSha1_80));
    assert_eq!(keys.receive.0[..3], [1, 2, 3]);
}

#[test]
fn an_offer_with_keys_is_answered_with_keys() {
    let mut caller = session(Protect::Sdes(SrtpKey([1; 30])));
    let mut server = session(Protect::Sdes(SrtpKey([2; 30])));
    let offer = caller.offer(Direction::SendRecv);
    let (answer, at_server) = server.answer(offer.as_bytes(), Direction::SendRecv).unwrap();
    let at_caller = caller.accept(answer.as_bytes()).unwrap();
    let keys = |agreed: Negotiated| match agreed.protection {
        Protection::Sdes(keys) => (keys.send, keys.receive),
        Protection::Plain | Protection::Dtls(_) => panic!("no keys"),
    };
    let (send, receive) = keys(at_caller);
    assert_eq!(keys(at_server), (receive, send));
}

#[test]
fn keys_are_not_printed() {
    let text = format!("{:?} {:?}", Protect::Sdes(SrtpKey([9; 30])), dtls());
    assert!(!text.contains('9') && !text.contains('7'), "{text}");
}

#[test]
fn malformed_keys_are_no_keys() {
    for broken in [
        "inline:AQID",
        "inline:!!!!",
        "inlin:AAAA",
        "",
        "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e|1:4",
    ] {
        let line = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {broken}\r\n");
        let head = KEYED.split("a=crypto").next().unwrap();
        let error = refusal(Protect::Sdes(SrtpKey([1; 30])), &format!("{head}{line}"));
        assert_eq!(error, OfferError::Parse(ProtectionError::NoKey.into()), "{broken}");
    }
}

#[test]
fn the_protection_of_an_offer_is_told() {
    assert_eq!(profile_of(BROWSER.as_bytes()), Ok(Some(Profile::Dtls)));
    assert_eq!(profile_of(KEYED.as_bytes()), Ok(Some(Profile::Sdes)));
    assert_eq!(profile_of(b"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n"), Ok(None));
    assert!(profile_of(b"hello").is_err());
}
