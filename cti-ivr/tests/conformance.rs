//! The interpreter keeps the rules that every flow engine must keep, with the flows that ship with the hotline.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::path::PathBuf;

use cti_core::{
    calendar::{Calendars, Holidays},
    conformance::flow::{Harness, run_all},
    flow::{FlowEngine, FlowOrder},
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

    fn orders(&self) -> Vec<FlowOrder> {
        let documents: Vec<String> =
            self.flows.iter().map(|flow| flow.document().to_owned()).collect();
        let flow = FlowId::new("satisfaction").unwrap();
        let old = self.flows.get(&flow).unwrap();
        let version = old.hash().to_owned();
        let edited = old.document().replace("\"retries\": 1", "\"retries\": 2");
        let etag = Some(cti_ivr::publish::etag(&edited));
        let draft = |document: &str, etag: Option<String>| FlowOrder::SaveDraft {
            document: document.to_owned(),
            etag,
            note: String::new(),
        };
        let publish = || FlowOrder::Publish {
            flows: vec![flow.clone()],
            etag: None,
            note: "more patience".to_owned(),
        };
        vec![
            publish(),
            FlowOrder::Load { documents: documents.clone() },
            FlowOrder::Load { documents },
            draft("{", None),
            draft(&edited, etag.clone()),
            draft(&edited, None),
            draft(&edited, None),
            FlowOrder::SetTestCallers { numbers: vec!["13800001234".parse().unwrap()] },
            publish(),
            FlowOrder::Quarantine {
                flow: flow.clone(),
                version: version.clone(),
                note: "a try".to_owned(),
            },
            FlowOrder::RollBack {
                flow: flow.clone(),
                version: Some(version.clone()),
                note: String::new(),
            },
            FlowOrder::LiftQuarantine { flow: flow.clone(), version: version.clone() },
            FlowOrder::RollBack { flow: flow.clone(), version: None, note: String::new() },
            draft(&edited, None),
            FlowOrder::DiscardDraft { flow: flow.clone() },
            FlowOrder::DiscardDraft { flow: flow.clone() },
            FlowOrder::EndSessions { flow: flow.clone(), version },
            FlowOrder::Retire { flow: FlowId::new("nowhere").unwrap() },
            FlowOrder::Retire { flow },
        ]
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
