//! What a call costs in signalling, without a network: `cargo bench -p cti-benches --bench sip`.

use std::{cell::RefCell, hint::black_box, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
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

const OFFER: &str = "v=0\r\no=phone 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\n\
    m=audio 5000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n";

fn trunk() -> SocketAddr {
    ([10, 1, 1, 1], 5060).into()
}

fn probe(trusted: bool) -> SipProbe {
    let peer = TrustedPeer {
        trunk: String::from("mobile"),
        network: trunk().ip(),
        prefix: if trusted { 32 } else { 0 },
    };
    let config = SipConfig {
        trusted: if trusted { vec![peer] } else { Vec::new() },
        requests_per_second: u32::MAX,
        request_burst: u32::MAX,
        ..SipConfig::default()
    };
    SipProbe::new(config, ([10, 0, 0, 1], 5060).into(), Arc::new(Nobody))
}

fn request(method: &str, number: u64, cseq: u32, to: &str, body: &str) -> Bytes {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    Bytes::from(format!(
        "{method} sip:12345@10.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.1.1.1:5060;branch=z9hG4bK-{number}-{method};rport\r\n\
         Max-Forwards: 70\r\nFrom: \"138\" <sip:13812345678@10.1.1.1>;tag=t{number}\r\nTo: {to}\r\n\
         Call-ID: {number}@10.1.1.1\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:13812345678@10.1.1.1:5060>\r\nUser-Agent: bench\r\n\
         {kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

const CALLED: &str = "<sip:12345@10.0.0.1>";

/// INVITE in, 100 and 200 with a description out; the To value of the 200.
fn invite_to_answer(probe: &mut SipProbe, number: u64, invite: Bytes) -> String {
    let now = moment(number);
    let arrived = probe.receive(now, trunk(), invite);
    let Some(SipEvent::Incoming { dialog, offer: Some(offer), .. }) = arrived.events.first() else {
        panic!("the call was refused: {arrived:?}")
    };
    let local = Local::new(([10, 0, 0, 1], 40_000).into());
    let answer = Session::new(number, local).answer(offer, Direction::SendRecv);
    let (sdp, _) = answer.expect("the offer is a good one");
    let answered = probe.answer(now, *dialog, sdp.into_bytes());
    let (_, reply) = &answered.sent[0];
    let reply = std::str::from_utf8(reply).expect("our responses are text");
    reply.lines().find_map(|line| line.strip_prefix("To: ")).expect("a To header").to_owned()
}

/// ACK and BYE in, 200 out, and what is due of earlier calls.
fn end(probe: &mut SipProbe, number: u64, to: &str) -> usize {
    let now = moment(number);
    let acked = probe.receive(now, trunk(), request("ACK", number, 1, to, ""));
    let ended = probe.receive(now, trunk(), request("BYE", number, 2, to, ""));
    probe.pass_time(now);
    acked.events.len() + ended.events.len()
}

/// Fifty calls per second.
fn moment(number: u64) -> Duration {
    Duration::from_millis(number * 20)
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sip");

    group.bench_function("whole call, INVITE to BYE", |bencher| {
        let mut probe = probe(true);
        let mut number = 0;
        bencher.iter(|| {
            number += 1;
            let invite = request("INVITE", number, 1, CALLED, OFFER);
            let to = invite_to_answer(&mut probe, number, invite);
            black_box(end(&mut probe, number, &to))
        });
    });

    group.bench_function("INVITE to 200 with description", |bencher| {
        let probe = RefCell::new(probe(true));
        let last = RefCell::new((0, String::new()));
        bencher.iter_batched(
            || {
                let (number, to) = &*last.borrow();
                if *number > 0 {
                    end(&mut probe.borrow_mut(), *number, to);
                }
                (number + 1, request("INVITE", number + 1, 1, CALLED, OFFER))
            },
            |(number, invite)| {
                let to = invite_to_answer(&mut probe.borrow_mut(), number, invite);
                last.replace((number, to))
            },
            BatchSize::PerIteration,
        );
    });

    group.bench_function("challenge of an unknown caller", |bencher| {
        let mut probe = probe(false);
        let invite = request("INVITE", 1, 1, CALLED, OFFER);
        bencher.iter(|| probe.receive(Duration::from_secs(1), trunk(), invite.clone()).sent.len());
    });

    group.bench_function("noise", |bencher| {
        let mut probe = probe(false);
        let noise = Bytes::from_static(&[b'x'; 600]);
        bencher.iter(|| probe.receive(Duration::from_secs(1), trunk(), noise.clone()).sent.len());
    });

    group.finish();
}

criterion_group!(sip, benches);
criterion_main!(sip);
