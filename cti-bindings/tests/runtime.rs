//! A reader of a running Center gets the whole log, also what an earlier process wrote.

#![expect(clippy::unwrap_used, reason = "a test panics when its world is broken")]

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_bindings::{
    centre::{Centre as _, Delivery, Subscription, runtime::RuntimeCentre},
    live::Live,
    testlog::center_config,
};
use cti_core::{
    center::Center,
    command::{Command, Reply},
    id::EventNo,
    journal::file::{FileJournal, read_durable},
    runtime::{self, Handle, NoLookup, Parts},
    switch::{Switch, SwitchCommand, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter},
};
use jiff::tz::TimeZone;

/// A switch on which nobody calls.
struct Quiet;

#[async_trait]
impl Switch for Quiet {
    fn execute(&mut self, _: SwitchCommand) {}

    async fn report(&mut self) -> Option<SwitchReport> {
        std::future::pending().await
    }
}

fn start(folder: &Path) -> (Handle, RuntimeCentre) {
    let (router, flows) = (SimpleRouter::default(), ScriptedFlows::default());
    let mut center = Center::new(center_config(), Box::new(router), Box::new(flows)).unwrap();
    let mut journal = FileJournal::open(folder).unwrap();
    runtime::recover(&mut center, &mut journal).unwrap();
    let parts = Parts {
        switch: Box::new(Quiet),
        journal: Box::new(journal),
        lookup: Arc::new(NoLookup),
        version: "test".to_owned(),
        trace: None,
    };
    let handle = runtime::spawn(center, parts);
    let folder = folder.to_owned();
    let past = Arc::new(move |after| read_durable(&folder, after));
    (handle.clone(), RuntimeCentre::new(handle, past))
}

fn sign_in(agent: &str, seat: &str) -> Command {
    Command::SignIn { agent: agent.parse().unwrap(), seat: seat.parse().unwrap(), queues: None }
}

async fn next(reader: &mut Box<dyn Subscription>) -> EventNo {
    let delivery = tokio::time::timeout(Duration::from_secs(10), reader.next()).await;
    match delivery.unwrap().unwrap() {
        Delivery::Event(event) => event.no,
        Delivery::Lost => panic!("nothing is lost here"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_gets_what_an_earlier_process_wrote_and_then_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let (handle, centre) = start(folder.path());
    assert_eq!(centre.request(sign_in("8001", "A01")).await, Ok(Reply::Done));
    handle.stop().await;
    let before = read_durable(folder.path(), EventNo(0)).unwrap().last().unwrap().no;

    let (handle, centre) = start(folder.path());
    let mut reader = centre.subscribe(EventNo(0));
    let mut late = centre.subscribe(before);
    for no in 1..=before.0 {
        assert_eq!(next(&mut reader).await, EventNo(no));
    }
    centre.request(sign_in("8002", "A02")).await.unwrap();
    for no in before.0 + 1..=before.0 + 3 {
        assert_eq!(next(&mut reader).await, EventNo(no));
        assert_eq!(next(&mut late).await, EventNo(no));
    }

    let live = Live::start(Arc::new(centre), center_config(), TimeZone::UTC);
    let both = |view: &cti_bindings::view::View| {
        ["8001", "8002"].iter().all(|device| view.agent_at(&device.parse().unwrap()).is_some())
    };
    assert!(live.until(Duration::from_secs(10), both).await);
    handle.stop().await;
    assert_eq!(reader.next().await, None);
}
