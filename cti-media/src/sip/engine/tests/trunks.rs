//! Trunks: which gateway takes a call, whether gateways live, registrations with carriers, callers' numbers.

use super::{super::*, harness::*};
use crate::sip::{
    CalledNumber, CallerRules, DigestAlgorithm, GatewayConfig, GatewayState, Login, Target,
    digest_ha1,
};

const FIRST: &str = "10.1.1.1:5060";
const SECOND: &str = "10.1.1.2:5060";

fn gateway(name: &str, address: &str) -> GatewayConfig {
    GatewayConfig { probe: Duration::ZERO, ..GatewayConfig::new(name, "mobile", address) }
}

fn world(gateways: Vec<GatewayConfig>) -> World {
    World::with(SipConfig { gateways, ..SipConfig::default() })
}

fn two() -> World {
    world(vec![gateway("a", FIRST), GatewayConfig { priority: 1, ..gateway("b", SECOND) }])
}

fn outside() -> Target {
    Target::Trunk { trunk: String::from("mobile"), number: String::from("13900001111") }
}

fn login() -> Login {
    Login { user: "12345".into(), realm: "ims.example".into(), password: "secret".into() }
}

fn states(world: &mut World) -> Vec<(String, GatewayState)> {
    let events = world.events();
    let change = |event| {
        let SipEvent::Gateway { gateway, state, .. } = event else { return None };
        Some((gateway, state))
    };
    events.into_iter().filter_map(change).collect()
}

fn challenge(status: u16, realm: &str) -> impl Fn(&str) -> String {
    let name = if status == 401 { "WWW" } else { "Proxy" };
    let line = format!(
        "{name}-Authenticate: Digest realm=\"{realm}\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"\r\n"
    );
    move |request| {
        response(request, status, "p", "", "")
            .replace("Content-Length", &format!("{line}Content-Length"))
    }
}

/// Whether a request proves the password of [`login`].
fn proves(request: &str, name: &str, method: &str) -> bool {
    let line = header(request, name);
    let part = |key: &str| {
        let rest = line.split(&format!("{key}=")).nth(1).unwrap();
        rest.trim_start_matches('"').split(['"', ',']).next().unwrap().to_owned()
    };
    let hash = DigestAlgorithm::Sha256;
    let ha1 = digest_ha1(hash, "12345", "ims.example", "secret");
    let ha2 = hash.hash(&format!("{method}:{}", part("uri")));
    let expected = hash.hash(&format!("{ha1}:n1:00000001:{}:auth:{ha2}", part("cnonce")));
    part("response") == expected
}

#[test]
fn a_gateway_in_trouble_hands_the_call_to_the_next_one() {
    for status in [302, 305, 408, 500, 503, 504] {
        let mut world = two();
        let (key, sent) = world.dial(outside());
        assert!(sent[0].starts_with(&format!("INVITE sip:13900001111@{FIRST} ")));
        let next = world.receive(FIRST, &response(&sent[0], status, "p", "", ""));
        assert!(next[0].starts_with("ACK "));
        assert!(next[1].starts_with(&format!("INVITE sip:13900001111@{SECOND} ")), "{status}");
        let ack = world.receive(SECOND, &response(&next[1], 200, "q", "sip:x@10.1.1.2", "v=0"));
        assert!(ack[0].starts_with("ACK sip:x@10.1.1.2 "));
        assert!(matches!(world.event(), SipEvent::Answered { dialog, .. } if dialog == key));
        let calls: Vec<u32> = world.engine.gateway_statuses().iter().map(|it| it.calls).collect();
        assert_eq!(calls, [0, 1]);
        let bye = world.command(Command::Hangup { dialog: key });
        world.receive(SECOND, &response(&bye[0], 200, "q", "", ""));
        world.events();
        world.assert_nothing_left();
        assert!(world.engine.gateway_statuses().iter().all(|it| it.calls == 0));
    }
}

#[test]
fn what_the_called_party_says_is_not_asked_of_another_gateway() {
    for status in [404, 480, 486, 603] {
        let mut world = two();
        let (key, sent) = world.dial(outside());
        let sent = world.receive(FIRST, &response(&sent[0], status, "p", "", ""));
        assert_eq!(sent.len(), 1, "{status}");
        assert!(matches!(world.event(), SipEvent::Failed { dialog, status: it, .. }
            if dialog == key && it == status));
    }
}

#[test]
fn a_gateway_that_says_nothing_is_left_after_its_time_and_a_late_answer_is_ended() {
    let mut world = two();
    let (key, first) = world.dial(outside());
    let sent = world.advance(Duration::from_secs(5));
    let second = sent.iter().find(|it| it.contains(SECOND)).unwrap();
    world.receive(SECOND, &response(second, 180, "q", "", ""));
    world.receive(SECOND, &response(second, 200, "q", "sip:x@10.1.1.2", "v=0"));
    let late = world.receive(FIRST, &response(&first[0], 200, "p", "sip:y@10.1.1.1", "v=0"));
    assert!(late[0].starts_with("ACK ") && late[1].starts_with("BYE "), "{late:?}");
    world.receive(FIRST, &response(&late[1], 200, "p", "", ""));
    let events = world.events();
    let answers = events.iter().filter(|it| matches!(it, SipEvent::Answered { .. })).count();
    assert_eq!(answers, 1, "{events:?}");
    let bye = world.command(Command::Hangup { dialog: key });
    world.receive(SECOND, &response(&bye[0], 200, "q", "", ""));
    world.events();
    world.assert_nothing_left();
}

#[test]
fn the_only_gateway_has_the_whole_time_of_a_call() {
    let mut world = world(vec![gateway("a", FIRST)]);
    let (key, _) = world.dial(outside());
    world.advance(Duration::from_secs(31));
    assert!(world.events().is_empty());
    world.advance(Duration::from_secs(2));
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 408, .. } if dialog == key));
    world.assert_nothing_left();
}

#[test]
fn when_every_gateway_has_failed_the_call_has() {
    let mut world = two();
    let (key, sent) = world.dial(outside());
    let next = world.receive(FIRST, &response(&sent[0], 503, "p", "", ""));
    world.receive(SECOND, &response(&next[1], 500, "q", "", ""));
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 500, .. } if dialog == key));
    let failures: Vec<u64> = world.engine.gateway_statuses().iter().map(|it| it.failures).collect();
    assert_eq!(failures, [1, 1]);
    world.assert_nothing_left();
}

#[test]
fn calls_are_shared_by_weight_and_a_full_gateway_is_passed_by() {
    let mut world = world(vec![
        GatewayConfig { weight: 3, capacity: Some(4), ..gateway("a", FIRST) },
        gateway("b", SECOND),
        GatewayConfig { weight: 0, ..gateway("c", "10.1.1.3:5060") },
    ]);
    let taken: String = (0..8)
        .map(|_| {
            let (_, sent) = world.dial(outside());
            let line = sent[0].lines().next().unwrap().to_owned();
            if line.contains(FIRST) {
                'a'
            } else if line.contains(SECOND) {
                'b'
            } else {
                'c'
            }
        })
        .collect();
    assert_eq!(taken, "aabaabbb");
}

#[test]
fn a_trunk_without_a_gateway_that_takes_calls_fails_at_once() {
    let mut world = world(vec![GatewayConfig { capacity: Some(1), ..gateway("a", FIRST) }]);
    world.dial(outside());
    let (key, sent) = world.dial(outside());
    assert!(sent.is_empty());
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 503, from_peer: false, .. }
        if dialog == key));
}

#[test]
fn an_emergency_call_goes_out_by_a_full_gateway_too() {
    let mut world = world(vec![GatewayConfig { capacity: Some(1), ..gateway("a", FIRST) }]);
    world.dial(outside());
    let number = String::from("120");
    let (_, sent) = world.dial(Target::Trunk { trunk: String::from("mobile"), number });
    assert!(sent[0].starts_with(&format!("INVITE sip:120@{FIRST} ")));
}

#[test]
fn a_hung_up_call_is_not_tried_again() {
    let mut world = two();
    let (key, sent) = world.dial(outside());
    world.receive(FIRST, &response(&sent[0], 100, "p", "", ""));
    let cancel = world.command(Command::Hangup { dialog: key });
    world.receive(FIRST, &response(&cancel[0], 200, "p", "", ""));
    let sent = world.receive(FIRST, &response(&sent[0], 503, "p", "", ""));
    assert_eq!(sent.len(), 1);
    world.events();
    world.assert_nothing_left();
}

fn watched() -> World {
    world(vec![GatewayConfig::new("a", "mobile", FIRST)])
}

#[test]
fn a_gateway_is_down_after_two_silent_probes_and_up_with_any_reply() {
    let mut world = watched();
    let probes = world.advance(Duration::from_secs(1));
    assert!(probes[0].starts_with(&format!("OPTIONS sip:{FIRST} SIP/2.0")));
    world.receive(FIRST, &response(&probes[0], 404, "p", "", ""));
    assert_eq!(states(&mut world), [(String::from("a"), GatewayState::Up)]);
    world.advance(Duration::from_secs(38));
    assert!(states(&mut world).is_empty());
    world.advance(Duration::from_secs(10));
    assert_eq!(states(&mut world), [(String::from("a"), GatewayState::Down)]);
    let (_, sent) = world.dial(outside());
    assert!(sent.is_empty());
    world.events();
    let probe = loop {
        let sent = world.advance(Duration::from_secs(1));
        if let Some(probe) = sent.into_iter().find(|it| it.starts_with("OPTIONS")) {
            break probe;
        }
    };
    world.receive(FIRST, &response(&probe, 200, "p", "", ""));
    assert_eq!(states(&mut world), [(String::from("a"), GatewayState::Up)]);
    assert_eq!(world.dial(outside()).1.len(), 1);
}

#[test]
fn a_gateway_that_asks_for_rest_gets_it_and_no_longer() {
    let mut world = two();
    let (_, sent) = world.dial(outside());
    let busy = response(&sent[0], 503, "p", "", "");
    let busy = busy.replace("Content-Length", "Retry-After: 20 (cooling)\r\nContent-Length");
    let next = world.receive(FIRST, &busy);
    assert_eq!(states(&mut world), [(String::from("a"), GatewayState::Down)]);
    assert!(next[1].contains(SECOND));
    world.advance(Duration::from_secs(19));
    assert!(world.dial(outside()).1[0].contains(SECOND));
    world.advance(Duration::from_secs(2));
    assert!(world.dial(outside()).1[0].contains(FIRST));
}

fn registering() -> World {
    world(vec![GatewayConfig {
        login: Some(login()),
        registration: Some(Duration::from_secs(3600)),
        ..gateway("ims", "198.51.100.7:5060")
    }])
}

const IMS: &str = "198.51.100.7:5060";

fn registered() -> World {
    let mut world = registering();
    let first = world.advance(Duration::from_secs(1));
    let again = world.receive(IMS, &challenge(401, "ims.example")(&first[0]));
    let granted = response(&again[0], 200, "p", "", "");
    let contact = format!("{};expires=600\r\n", header_line(&again[0], "Contact"));
    world.receive(IMS, &granted.replace("Content-Length", &format!("{contact}Content-Length")));
    assert_eq!(states(&mut world), [(String::from("ims"), GatewayState::Up)]);
    world
}

fn header_line(message: &str, name: &str) -> String {
    format!("{name}: {}", header(message, name))
}

#[test]
fn a_registration_proves_the_password_and_is_renewed_in_time() {
    let mut world = registering();
    let first = world.advance(Duration::from_secs(1));
    assert!(first[0].starts_with("REGISTER sip:ims.example SIP/2.0\r\n"));
    assert_eq!(header(&first[0], "Contact"), "<sip:12345@192.0.2.1:5060>");
    assert_eq!(header(&first[0], "Expires"), "3600");
    assert_eq!(world.dial(outside()).1.len(), 0);
    world.events();
    let again = world.receive(IMS, &challenge(401, "ims.example")(&first[0]));
    assert_eq!(header(&again[0], "CSeq"), "2 REGISTER");
    assert_ne!(header(&again[0], "Via"), header(&first[0], "Via"));
    assert!(proves(&again[0], "Authorization", "REGISTER"));

    let mut world = registered();
    assert_eq!(world.dial(outside()).1.len(), 1);
    let renewed = world.advance(Duration::from_secs(545));
    let renewed = renewed.iter().find(|it| it.starts_with("REGISTER")).unwrap();
    assert_eq!(header(renewed, "CSeq"), "3 REGISTER");
    world.events();
    world.advance(Duration::from_secs(60));
    assert_eq!(states(&mut world), [(String::from("ims"), GatewayState::Registering)]);
}

#[test]
fn a_registrar_that_wants_longer_registrations_gets_them_and_one_that_refuses_is_told_of() {
    let mut world = registering();
    let first = world.advance(Duration::from_secs(1));
    let brief = response(&first[0], 423, "p", "", "")
        .replace("Content-Length", "Min-Expires: 7200\r\nContent-Length");
    world.receive(IMS, &brief);
    let again = world.advance(Duration::from_secs(1));
    assert_eq!(header(&again[0], "Expires"), "7200");
    world.receive(IMS, &response(&again[0], 403, "p", "", ""));
    assert_eq!(states(&mut world), [(String::from("ims"), GatewayState::Refused)]);
    let later = world.advance(Duration::from_secs(31));
    assert!(later[0].starts_with("REGISTER "));
}

#[test]
fn a_password_is_given_to_its_realm_at_its_gateway_once_and_to_nobody_else() {
    let mut world = registering();
    let first = world.advance(Duration::from_secs(1));
    // Another realm, and a second challenge after the proof.
    assert!(world.receive(IMS, &challenge(401, "evil.example")(&first[0])).is_empty());
    let again = world.advance(Duration::from_secs(31));
    let proven = world.receive(IMS, &challenge(401, "ims.example")(&again[0]));
    assert_eq!(proven.len(), 1);
    assert!(world.receive(IMS, &challenge(401, "ims.example")(&proven[0])).is_empty());

    // Calls to the gateway prove it; a call to somebody else who asks in the same words does not.
    let mut world = registered();
    let (key, sent) = world.dial(outside());
    let again = world.receive(IMS, &challenge(407, "ims.example")(&sent[0]));
    assert!(again[0].starts_with("ACK ") && again[1].starts_with("INVITE "));
    assert_eq!(header(&again[1], "CSeq"), "2 INVITE");
    assert_eq!(header(&again[1], "Call-ID"), header(&sent[0], "Call-ID"));
    assert!(proves(&again[1], "Proxy-Authorization", "INVITE"));
    let (foreign, sent) = world.dial(Target::Uri(String::from("sip:a@203.0.113.9:5060")));
    let ack = world.receive("203.0.113.9:5060", &challenge(407, "ims.example")(&sent[0]));
    assert!(ack.len() == 1 && ack[0].starts_with("ACK "));
    assert!(matches!(world.event(), SipEvent::Failed { dialog, status: 407, .. }
        if dialog == foreign));
    // The one who was called answers from elsewhere by a Contact of his: his challenge of our BYE is not met.
    world.receive(IMS, &response(&again[1], 200, "p", "sip:x@203.0.113.9:5060", "v=0"));
    world.events();
    let bye = world.command(Command::Hangup { dialog: key });
    assert!(world.receive("203.0.113.9:5060", &challenge(401, "ims.example")(&bye[0])).is_empty());
    world.events();
}

#[test]
fn calls_of_a_carrier_we_register_with_come_in_by_its_trunk() {
    let mut world = registered();
    let text = invite("a", "v=0").replace("10.1.1.1", "198.51.100.7");
    world.receive(IMS, &text);
    let SipEvent::Incoming { trunk, .. } = world.event() else { panic!() };
    assert_eq!(trunk.as_deref(), Some("mobile"));
    assert_eq!(world.engine.gateway_statuses()[0].calls, 1);
}

fn with_rules(caller: CallerRules) -> World {
    world(vec![GatewayConfig { caller, ..gateway("a", FIRST) }])
}

#[test]
fn the_caller_is_told_as_the_carrier_wants_it() {
    let mut world = with_rules(CallerRules {
        domain: Some("ims.example".into()),
        asserted: true,
        main_number: Some("053112345".into()),
        diverted_by: Some("12345".into()),
        user_phone: true,
        called: CalledNumber::RequestUri,
    });
    let (_, sent) = world.dial(outside());
    assert!(sent[0].starts_with(&format!("INVITE sip:13900001111@{FIRST};user=phone SIP/2.0")));
    let from = header(&sent[0], "From");
    assert!(
        from.starts_with("\"Citizen\" <sip:13812345678@ims.example;user=phone>;tag="),
        "{from}"
    );
    let asserted = header(&sent[0], "P-Asserted-Identity");
    assert_eq!(asserted, "<sip:053112345@ims.example;user=phone>");
    let diverted = header(&sent[0], "Diversion");
    assert_eq!(diverted, "<sip:12345@ims.example;user=phone>;reason=unconditional;counter=1");
}

#[test]
fn a_withheld_number_stands_in_no_header() {
    let rules =
        CallerRules { asserted: true, diverted_by: Some("12345".into()), ..CallerRules::default() };
    let mut world = with_rules(rules);
    let dialog = world.engine.new_key();
    let sent = world.command(Command::Dial(Box::new(crate::sip::handle::Dial {
        dialog,
        target: outside(),
        from_user: String::from("anonymous"),
        from_display: String::new(),
        headers: vec![(String::from("Privacy"), String::from("id"))],
        offer: None,
    })));
    assert!(
        header(&sent[0], "From")
            .starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=")
    );
    assert_eq!(
        headers(&sent[0], "P-Asserted-Identity").chain(headers(&sent[0], "Diversion")).count(),
        0
    );
}

#[test]
fn an_asserted_caller_is_believed_from_a_gateway_that_asserts_and_from_nobody_else() {
    let lines = "P-Asserted-Identity: \"Li\" <sip:+8613911112222@x>, <tel:+8613911112222>\r\n\
        Diversion: <sip:2@x>;reason=no-answer, <tel:12328>;reason=unconditional\r\n";
    let told = |rules: CallerRules, lines: &str| {
        let mut world = with_rules(rules);
        world.receive(FIRST, &invite_with("a", "v=0", lines));
        let SipEvent::Incoming { from_user, to_user, .. } = world.event() else { panic!() };
        (from_user, to_user)
    };
    let plain = ("13812345678".to_owned(), "12345".to_owned());
    assert_eq!(told(CallerRules::default(), lines), plain);
    let asserting = || CallerRules { asserted: true, ..CallerRules::default() };
    assert_eq!(told(asserting(), lines).0, "+8613911112222");
    assert_eq!(told(asserting(), &format!("{lines}Privacy: id;critical\r\n")).0, "anonymous");
    assert_eq!(told(asserting(), ""), plain);
    let called = |called| CallerRules { called, ..CallerRules::default() };
    assert_eq!(told(called(CalledNumber::Diversion), lines).1, "12328");
    assert_eq!(told(called(CalledNumber::Diversion), "").1, "12345");
    let other_to = "X: y\r\n";
    assert_eq!(told(called(CalledNumber::To), other_to).1, "12345");
}
