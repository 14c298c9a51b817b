//! What the tests of the engine share: short documents and a caller's view.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![allow(dead_code, clippy::allow_attributes, reason = "not every test file uses everything")]

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{CallData, SessionView},
    id::FlowId,
};
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet},
    testkit::Caller,
};

/// A flow `main` that begins at `a`; `bye` hangs up.
pub(crate) fn document(nodes: &str) -> String {
    format!(
        r#"{{"schema":"cti.flow/1","id":"main","kind":"inbound","name":"Main","entry":"a","nodes":{{{nodes},"bye":{{"type":"hangup"}}}}}}"#
    )
}

pub(crate) fn engine(text: &str) -> Engine {
    let flow = Flow::parse(text).unwrap_or_else(|error| panic!("{error}"));
    Engine::new(FlowSet::new([flow]).unwrap(), Calendars::default()).unwrap()
}

pub(crate) fn caller(nodes: &str) -> Caller {
    Caller::new(engine(&document(nodes)), "main").unwrap()
}

/// Runs a script against nodes.
#[track_caller]
pub(crate) fn check(nodes: &str, script: &str) {
    caller(nodes).run(script).unwrap_or_else(|error| panic!("{error}"));
}

pub(crate) fn flow_id(name: &str) -> FlowId {
    FlowId::new(name).unwrap()
}

pub(crate) struct World {
    pub(crate) caller: PhoneNumber,
    pub(crate) called: PhoneNumber,
    pub(crate) data: CallData,
}

impl Default for World {
    fn default() -> Self {
        Self {
            caller: PhoneNumber::parse("13800001234").unwrap(),
            called: PhoneNumber::parse("12345").unwrap(),
            data: CallData::new(),
        }
    }
}

impl World {
    pub(crate) fn view(&self) -> SessionView<'_> {
        SessionView {
            caller: &self.caller,
            called: &self.called,
            data: &self.data,
            position: Some(2),
            expected_wait: Some(Duration::from_secs(150)),
        }
    }
}
