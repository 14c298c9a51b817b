//! Steps of flows, the check of a large flow, and the memory of waiting sessions.
//!
//! ```text
//! cargo bench -p cti-benches --bench ivr
//! ```
//!
//! The first line of the output says how much memory a waiting session takes; the rest are times. One iteration of
//! the steps is a thousand nodes from entry to end: assignments, comparisons, and in the second case expressions.

#![expect(clippy::print_stdout, reason = "a bench talks to the terminal")]

use std::{fmt::Write as _, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{CallData, FlowEngine as _, FlowInput, SessionView},
    id::{FlowId, SessionId},
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet},
};

const STEPS: usize = 1000;

/// A flow of a thousand nodes in a row, every second one made by `second`.
fn chain(second: impl Fn(usize) -> String) -> String {
    let mut nodes = String::new();
    for at in 0..STEPS {
        let next = if at + 1 == STEPS { "bye".to_owned() } else { format!("n{}", at + 1) };
        let node = if at % 2 == 0 {
            r#""type":"set","variable":"x","value":"7","out":{"next":"NEXT"}"#.to_owned()
        } else {
            second(at)
        };
        write!(nodes, "\"n{at}\":{{{}}},", node.replace("NEXT", &next)).expect("a string grows");
    }
    format!(
        r#"{{"schema":"cti.flow/1","id":"main","kind":"inbound","name":"Main","entry":"n0",
        "limits":{{"steps_per_input":2000}},"vars":{{"x":{{"type":"integer"}}}},"nodes":{{{nodes}"bye":{{"type":"hangup"}}}}}}"#
    )
}

fn comparing(_: usize) -> String {
    r#""type":"if","variable":"x","is":"less","value":"9","out":{"true":"NEXT","false":"NEXT"}"#
        .to_owned()
}

fn computing(_: usize) -> String {
    r#""type":"if","when":"x < 9","out":{"true":"NEXT","false":"NEXT","error":"NEXT"}"#.to_owned()
}

/// A menu with a lookup behind it: what callers wait in.
const MENU: &str = r##"{"schema":"cti.flow/1","id":"main","kind":"inbound","name":"Main","entry":"account","nodes":{
    "account":{"type":"collect","prompt":["enter"],"variable":"account","max":20,"terminator":"#",
        "out":{"next":"menu","exhausted":"bye"}},
    "menu":{"type":"menu","prompt":["menu"],"out":{"1":"bye","exhausted":"bye"}},
    "bye":{"type":"hangup"}}}"##;

fn engine(text: &str) -> Engine {
    let flows = FlowSet::parse([("main.json", text)]).expect("the flow is a good one");
    Engine::new(flows, Calendars::default()).expect("it needs no calendar")
}

struct Caller {
    caller: PhoneNumber,
    called: PhoneNumber,
    data: CallData,
    flow: FlowId,
}

impl Caller {
    fn new() -> Self {
        let number = |text| PhoneNumber::parse(text).expect("digits are a number");
        Self {
            caller: number("13800001234"),
            called: number("12345"),
            data: CallData::new(),
            flow: "main".parse().expect("the name is a good one"),
        }
    }

    fn view(&self) -> SessionView<'_> {
        let Self { caller, called, data, .. } = self;
        SessionView { caller, called, data, position: None, expected_wait: None }
    }

    fn start(&self, engine: &mut Engine, session: u64) {
        let started = engine.start(Timestamp::ZERO, SessionId(session), &self.flow, self.view());
        started.expect("the flow is published");
        while engine.poll_effect().is_some() {}
    }
}

fn steps(criterion: &mut Criterion) {
    let caller = Caller::new();
    let mut group = criterion.benchmark_group("steps");
    group.throughput(Throughput::Elements(STEPS as u64));
    for (name, text) in
        [("assign and compare", chain(comparing)), ("assign and compute", chain(computing))]
    {
        let mut engine = engine(&text);
        group.bench_function(name, |bencher| {
            bencher.iter(|| caller.start(black_box(&mut engine), 1));
        });
        assert_eq!(engine.sessions(), 0, "the chain was walked to its end");
    }
    group.finish();
}

fn check(criterion: &mut Criterion) {
    for (name, text) in [
        ("check a flow of 1000 nodes", chain(comparing)),
        ("check a flow of 1000 nodes, half of them expressions", chain(computing)),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| Flow::parse(black_box(&text)).expect("the flow is a good one"));
        });
    }
}

/// Returns how many bytes of memory the process holds.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * 4096
}

/// Lets many callers wait in a menu with an account entered, and says what each one takes.
fn memory(_: &mut Criterion) {
    const SESSIONS: u64 = 50_000;
    let (caller, mut engine) = (Caller::new(), engine(MENU));
    let before = resident();
    for session in 0..SESSIONS {
        caller.start(&mut engine, session);
        for key in "12345678901234567890#".chars() {
            let input = FlowInput::Digit(key);
            engine.handle(Timestamp::ZERO, SessionId(session), input, caller.view());
        }
        while engine.poll_effect().is_some() {}
    }
    let each = resident().saturating_sub(before) / SESSIONS;
    println!("a waiting session takes {each} bytes ({SESSIONS} of them wait)");
    assert_eq!(engine.sessions() as u64, SESSIONS);
}

criterion_group!(ivr, memory, steps, check);
criterion_main!(ivr);
