//! What a session does when the code of a node breaks.

use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{CallData, FlowEffect, FlowEngine as _, FlowInput, FlowNotice, SessionView},
    id::{FlowId, SessionId},
    time::Timestamp,
};

use crate::{
    engine::Engine,
    flow::{Flow, FlowSet},
    node::{Happening, Node, State, Step},
    run::Run,
};

/// A node with a mistake in its code: it panics when it is entered, or when a key is pressed.
#[derive(Debug)]
struct Broken {
    waits: bool,
}

impl Node for Broken {
    fn enter(&self, _run: &mut Run<'_>) -> Step {
        assert!(self.waits, "a mistake in the code of a node");
        Step::Wait(State::Waiting)
    }

    fn handle(&self, _state: State, _what: Happening, _run: &mut Run<'_>) -> Step {
        panic!("a mistake in the code of a node")
    }
}

/// `main` is broken where `"next"` leads; `other` waits for a key.
fn engine(waits: bool, on_error: &str) -> Engine {
    let main = format!(
        r#"{{"schema":"cti.flow/1","id":"main","kind":"inbound","name":"Main","entry":"a",{on_error}"nodes":{{
        "a":{{"type":"answer","out":{{"next":"broken"}}}},
        "broken":{{"type":"play","prompt":["x"],"out":{{"next":"sorry"}}}},
        "sorry":{{"type":"play","prompt":["sorry"],"out":{{"next":"bye"}}}},
        "bye":{{"type":"hangup"}}}}}}"#
    );
    let other = r#"{"schema":"cti.flow/1","id":"other","kind":"inbound","name":"Other","entry":"a","nodes":{
        "a":{"type":"collect","prompt":["enter"],"variable":"x","min":1,"max":1,"out":{"next":"b","exhausted":"b"}},
        "b":{"type":"play","prompt":["thanks"],"out":{"next":"bye"}},
        "bye":{"type":"hangup"}}}"#;
    let mut main = Flow::parse(&main).unwrap_or_else(|error| panic!("{error}"));
    main.put("broken", Box::new(Broken { waits }));
    let other = Flow::parse(other).unwrap_or_else(|error| panic!("{error}"));
    Engine::new(FlowSet::new([main, other]).unwrap(), Calendars::default()).unwrap()
}

/// One call; the engine sees the same caller in each session.
struct Call {
    caller: PhoneNumber,
    called: PhoneNumber,
    data: CallData,
}

impl Call {
    fn new() -> Self {
        let number = |text| PhoneNumber::parse(text).unwrap();
        Self { caller: number("13800001234"), called: number("12345"), data: CallData::new() }
    }

    fn view(&self) -> SessionView<'_> {
        SessionView {
            caller: &self.caller,
            called: &self.called,
            data: &self.data,
            position: None,
            expected_wait: None,
        }
    }
}

/// Returns what each session had played or ended since the last time, in order.
fn heard(engine: &mut Engine) -> Vec<(u64, String)> {
    let mut heard = Vec::new();
    while let Some((session, effect)) = engine.poll_effect() {
        if let FlowEffect::Play { clips, .. } = effect {
            heard.push((session.0, format!("{clips:?}")));
        } else if effect == FlowEffect::End {
            heard.push((session.0, "end".to_owned()));
        }
    }
    heard
}

fn start(engine: &mut Engine, session: u64, flow: &str, call: &Call) {
    let flow = FlowId::new(flow).unwrap();
    engine.start(Timestamp::ZERO, SessionId(session), &flow, call.view()).unwrap();
}

fn press(engine: &mut Engine, session: u64, call: &Call) {
    let key = FlowInput::Digit('1');
    engine.handle(Timestamp::ZERO, SessionId(session), key, call.view());
}

#[test]
fn a_node_that_panics_breaks_its_own_session_and_no_other() {
    for waits in [false, true] {
        let (mut engine, call) = (engine(waits, r#""on_error":"sorry","#), Call::new());
        start(&mut engine, 1, "other", &call);
        assert_eq!(heard(&mut engine).len(), 1);
        start(&mut engine, 2, "main", &call);
        if waits {
            press(&mut engine, 2, &call);
        }
        let apology = heard(&mut engine);
        assert_eq!(apology.len(), 1, "{apology:?}");
        assert!(apology[0].0 == 2 && apology[0].1.contains("sorry"), "{apology:?}");
        press(&mut engine, 1, &call);
        let thanks = heard(&mut engine);
        assert!(
            thanks.iter().any(|(who, what)| *who == 1 && what.contains("thanks")),
            "{thanks:?}"
        );
        assert_eq!(engine.sessions(), 2);
    }
}

#[test]
fn a_session_that_panics_where_no_errors_are_handled_ends_once() {
    let (mut engine, call) = (engine(false, ""), Call::new());
    start(&mut engine, 1, "main", &call);
    assert_eq!(heard(&mut engine), [(1, "end".to_owned())]);
    assert_eq!(engine.sessions(), 0);
}

#[test]
fn a_version_whose_nodes_keep_panicking_is_taken_out_of_use() {
    let (mut engine, call) = (engine(false, r#""fallback":"other","#), Call::new());
    let stopped = (1..=1000).find(|session| {
        start(&mut engine, *session, "main", &call);
        matches!(engine.poll_notice(), Some(FlowNotice::Quarantined { .. }))
    });
    assert!(stopped.is_some(), "a thousand callers were let into a flow that breaks");
}
