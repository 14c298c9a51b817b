//! INVITE to the answer of a flow, without a network: signalling, description, Center and flow engine in one.
//!
//! ```text
//! cargo bench -p cti-benches --bench ivr_answer
//! ```
//!
//! One iteration is a call that a menu answers and that hangs up again: INVITE in, the Center's events written as JSON,
//! 200 with a description out and the prompt commanded, ACK and BYE in, the call over.

use std::{hint::black_box, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use cti_acd::{Acd, config::AcdConfig};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    cause::Cause,
    center::{Center, Effect, Input},
    config::{CenterConfig, Destination, NumberConfig},
    id::LegId,
    switch::{Origin, SwitchCommand, SwitchReport},
    time::Timestamp,
};
use cti_ivr::{engine::Engine, flow::FlowSet};
use cti_media::{
    sdp::{Direction, Local, Session},
    sip::{Accounts, DigestAlgorithm, SipConfig, SipEvent, SipProbe, TrustedPeer},
};

struct Nobody;

impl Accounts for Nobody {
    fn ha1(&self, _: &str, _: &str, _: DigestAlgorithm) -> Option<String> {
        None
    }
}

const MENU: &str = r#"{
    "schema": "cti.flow/1", "id": "menu", "kind": "inbound", "name": "menu", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "out": {"next": "menu"}},
        "menu": {"type": "menu", "prompt": ["menu"], "out": {"1": "bye", "exhausted": "bye"}},
        "bye": {"type": "hangup"}
    }
}"#;

const OFFER: &str = "v=0\r\no=phone 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\n\
    m=audio 5000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n";

const CALLED: &str = "<sip:12329@10.0.0.1>";

fn trunk() -> SocketAddr {
    ([10, 1, 1, 1], 5060).into()
}

fn probe() -> SipProbe {
    let peer = TrustedPeer { trunk: "mobile".to_owned(), network: trunk().ip(), prefix: 32 };
    let config = SipConfig { trusted: vec![peer], ..SipConfig::default() };
    SipProbe::new(config, ([10, 0, 0, 1], 5060).into(), Arc::new(Nobody))
}

fn center() -> Center {
    let flows = FlowSet::parse([("menu.json", MENU)]).expect("the flow is a good one");
    let engine = Engine::new(flows, Calendars::default()).expect("the flow needs no calendar");
    let router = Acd::new(AcdConfig::default()).expect("no queue is a good configuration");
    let config = CenterConfig {
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12329").expect("digits are a number"),
            name: "menu".to_owned(),
            to: Destination::Flow("menu".parse().expect("the name is a good one")),
        }],
        ..CenterConfig::default()
    };
    let mut center = Center::new(config, Box::new(router), Box::new(engine)).expect("checked");
    center.start(Timestamp::from_secs(1), "bench");
    center
}

fn request(method: &str, number: u64, cseq: u32, to: &str, body: &str) -> Bytes {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    Bytes::from(format!(
        "{method} sip:12329@10.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-{number}-{method};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:13812345678@10.1.1.1>;tag=t{number}\r\nTo: {to}\r\n\
         Call-ID: {number}@10.1.1.1\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:13812345678@10.1.1.1:5060>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A SIP machine and a Center, put together as the native switch and the runtime do.
struct Line {
    probe: SipProbe,
    center: Center,
    calls: u64,
    journal: Vec<u8>,
}

impl Line {
    /// One call from INVITE to BYE; returns how many bytes its events take.
    fn call(&mut self) -> usize {
        self.calls += 1;
        let number = self.calls;
        // Fifty calls a second.
        let now = Duration::from_millis(number * 20);
        let at = Timestamp::from_secs(1) + now;
        let arrived = self.probe.receive(now, trunk(), request("INVITE", number, 1, CALLED, OFFER));
        let Some(SipEvent::Incoming {
            dialog,
            from_user,
            to_user,
            call_id,
            offer: Some(offer),
            ..
        }) = arrived.events.into_iter().next()
        else {
            panic!("the call was refused")
        };
        let leg = LegId(number * 2 - 1);
        let origin = Origin::Trunk("mobile".parse().expect("the name is a good one"));
        let parse = |text: &str| PhoneNumber::parse(text).expect("digits are a number");
        let (caller, called) = (parse(&from_user), parse(&to_user));
        let network_id = call_id.to_string();
        self.input(at, SwitchReport::Incoming { leg, origin, caller, called, network_id });
        let commands = self.commands();
        assert!(commands.contains(&SwitchCommand::Answer { leg }), "{commands:?}");

        let local = Local::new(([10, 0, 0, 1], 40_000).into());
        let answer = Session::new(number, local).answer(&offer, Direction::SendRecv);
        let (sdp, _) = answer.expect("the offer is a good one");
        let answered = self.probe.answer(now, dialog, sdp.into_bytes());
        let reply = std::str::from_utf8(&answered.sent[0].1).expect("responses are text");
        let to = reply
            .lines()
            .find_map(|line| line.strip_prefix("To: "))
            .expect("a To header")
            .to_owned();

        self.probe.receive(now, trunk(), request("ACK", number, 1, &to, ""));
        self.probe.receive(now, trunk(), request("BYE", number, 2, &to, ""));
        self.input(at, SwitchReport::LegEnded { leg, cause: Cause::Normal });
        self.commands();
        self.probe.pass_time(now);
        assert_eq!(self.center.calls().count(), 0);
        std::mem::take(&mut self.journal).len()
    }

    fn input(&mut self, at: Timestamp, report: SwitchReport) {
        self.center.handle(at, Input::Report(report)).expect("legs are numbered rightly");
        while let Some(event) = self.center.poll_event() {
            serde_json::to_writer(&mut self.journal, &event).expect("events can be written");
        }
    }

    fn commands(&mut self) -> Vec<SwitchCommand> {
        let mut commands = Vec::new();
        while let Some(output) = self.center.poll_output() {
            if let Effect::Switch(command) = output.effect {
                commands.push(command);
            }
        }
        commands
    }
}

fn benches(criterion: &mut Criterion) {
    let mut line = Line { probe: probe(), center: center(), calls: 0, journal: Vec::new() };
    criterion.bench_function(
        "INVITE to the answer of a menu and BYE, with Center and flow",
        |bencher| {
            bencher.iter(|| black_box(line.call()));
        },
    );
}

criterion_group!(ivr_answer, benches);
criterion_main!(ivr_answer);
