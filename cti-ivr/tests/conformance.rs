//! The interpreter keeps the rules that every flow engine must keep, with the flows that ship with the hotline.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::path::PathBuf;

use cti_core::{
    calendar::{Calendars, Holidays},
    conformance::flow::{Harness, run_all},
    flow::FlowEngine,
    id::FlowId,
};
use cti_ivr::{engine::Engine, flow::FlowSet};

fn hotline(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/hotline").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(hotline(path)).unwrap()
}

struct Shipped {
    flows: FlowSet,
    calendars: Calendars,
}

impl Harness for Shipped {
    fn create(&mut self) -> Box<dyn FlowEngine> {
        Box::new(Engine::new(self.flows.clone(), self.calendars.clone()).unwrap())
    }

    fn flows(&self) -> Vec<FlowId> {
        self.flows.iter().map(|flow| flow.id().clone()).collect()
    }
}

#[test]
fn the_interpreter_keeps_the_rules_of_flow_engines() {
    let holidays = Holidays::parse("holidays", &read("config/calendar/holidays-cn.json")).unwrap();
    let schedules = read("config/calendar/schedules.json");
    let calendars = Calendars::parse("schedules", &schedules, holidays).unwrap();
    let flows = FlowSet::load(&hotline("flows")).unwrap();
    run_all(&mut Shipped { flows, calendars }).expect_conformance();
}
