//! Programs follow a subject of a running Center.

use std::time::Duration;

use cti_core::{
    cause::Cause,
    command::Command,
    event::{DeviceFeature, Event, Fact},
    id::{CallId, DeviceId, EventNo},
    journal::Journal as _,
    monitor::{
        Category, Delivery, Filter, Limits, MonitorId, Monitors, Relations, Request, StartError,
        StopReason, Subject,
    },
    runtime::{Monitor, MonitorError, MonitorHeard},
    switch::SwitchReport,
    testkit::busy::{self, BusyCentre},
};
use proptest::prelude::*;
use tokio::time::timeout;

use crate::{Fixture, start};

const LIMIT: Duration = Duration::from_secs(5);

fn device() -> DeviceId {
    "8001".parse().unwrap()
}

async fn next(monitor: &mut Monitor) -> Delivery {
    timeout(LIMIT, monitor.next()).await.expect("a delivery in time").expect("it goes on")
}

async fn next_event(monitor: &mut Monitor) -> std::sync::Arc<Event> {
    let delivery = next(monitor).await;
    let Delivery::Event(event) = delivery else { panic!("{delivery:?}") };
    event
}

async fn do_not_disturb(it: &Fixture, on: bool) {
    let feature = DeviceFeature::DoNotDisturb(on);
    it.handle.request(Command::SetFeature { device: device(), feature }).await.unwrap();
}

#[tokio::test]
async fn a_monitor_begins_with_the_present_and_hears_what_concerns_its_subject() {
    let mut it = start();
    it.call(1);
    it.command().await;
    let queue = Subject::Queue("general".parse().unwrap());
    let (now, mut monitor) = it.handle.monitor(Request::new(queue)).await.unwrap();
    assert_eq!(now.calls.len(), 1, "one caller waits: {now:?}");
    assert!(now.agents.is_empty());

    it.reports.send(SwitchReport::DeviceInService { device: device() }).unwrap();
    it.reports
        .send(SwitchReport::LegEnded { leg: now.calls[0].leg, cause: Cause::Normal })
        .unwrap();
    let heard = next_event(&mut monitor).await;
    assert!(
        matches!(heard.fact, Fact::Dequeued { .. }),
        "the device is not the queue's: {heard:?}"
    );
    assert!(heard.no > monitor.since());
    assert_eq!(monitor.position().after, heard.no);
}

#[tokio::test]
async fn nobody_is_shown_a_present_that_a_crash_could_take_back() {
    let it = start();
    do_not_disturb(&it, false).await;
    it.journal.allow(false);
    let before = it.journal.last();
    it.call(1);
    it.journal.written(EventNo(before.0 + 1)).await;
    let starting = it.handle.monitor(Request::new(Subject::Everything));
    tokio::pin!(starting);
    assert!(timeout(Duration::from_millis(100), &mut starting).await.is_err());
    it.journal.allow(true);
    let (now, _) = timeout(LIMIT, starting).await.unwrap().unwrap();
    assert!(now.calls.len() <= 1);
}

#[tokio::test]
async fn a_filter_lets_pass_what_is_asked_for_and_can_be_changed() {
    let it = start();
    let device = Request::new(Subject::Device(device())).filtered(Filter::only([Category::Agent]));
    let (_, mut monitor) = it.handle.monitor(device).await.unwrap();
    do_not_disturb(&it, true).await;
    assert!(timeout(Duration::from_millis(20), monitor.next()).await.is_err(), "it is none");
    monitor.set_filter(Filter::only([Category::Device])).unwrap();
    do_not_disturb(&it, false).await;
    let heard = next_event(&mut monitor).await;
    let Fact::DeviceFeatureSet { feature, .. } = &heard.fact else { panic!("{heard:?}") };
    assert_eq!(*feature, DeviceFeature::DoNotDisturb(false));
}

#[tokio::test]
async fn a_slow_reader_is_told_that_he_lost_events_and_takes_a_new_snapshot() {
    let it = start();
    let request = Request::new(Subject::Device(device()));
    let (_, mut monitor) = it.handle.monitor(request).await.unwrap();
    // The first poll brings it up with the log; from there on its buffer is bounded.
    do_not_disturb(&it, true).await;
    next_event(&mut monitor).await;
    assert!(timeout(Duration::from_millis(20), monitor.next()).await.is_err());
    for n in 0..1_100 {
        do_not_disturb(&it, n % 2 == 1).await;
    }
    let mut read = 0;
    let lost = loop {
        let delivery = next(&mut monitor).await;
        if !matches!(delivery, Delivery::Event(_)) {
            break delivery;
        }
        read += 1;
    };
    assert_eq!(read, 1_024);
    let Delivery::Lost { from, to } = lost else { panic!("{lost:?}") };
    assert_eq!(to.0 - from.0, 1_100 - 1_024 - 1);
    let now = monitor.refresh().await.unwrap();
    assert!(now.devices[0].features.as_ref().unwrap().do_not_disturb);
    do_not_disturb(&it, false).await;
    assert_eq!(next_event(&mut monitor).await.no, EventNo(to.0 + 1));
}

#[tokio::test]
async fn a_program_that_was_cut_off_resumes_without_a_gap() {
    let it = start();
    let request = Request::new(Subject::Device(device()));
    let (_, mut monitor) = it.handle.monitor(request.clone()).await.unwrap();
    do_not_disturb(&it, true).await;
    let seen = next_event(&mut monitor).await.no;
    let position = monitor.position();
    drop(monitor);
    do_not_disturb(&it, false).await;
    let mut again = it.handle.resume_monitor(request.clone(), position).unwrap();
    assert_eq!(next_event(&mut again).await.no, EventNo(seen.0 + 1));
    let ahead = cti_core::monitor::Resumption { since: EventNo(1), after: EventNo(1_000_000) };
    let refused = it.handle.resume_monitor(request, ahead).unwrap_err();
    assert!(matches!(refused, MonitorError::Resume(_)), "{refused}");
}

#[tokio::test]
async fn a_monitor_ends_with_its_call_and_all_end_with_the_center() {
    let mut it = start();
    it.call(1);
    it.command().await;
    let (now, mut call) = it.handle.monitor(Request::new(Subject::Call(CallId(1)))).await.unwrap();
    let (_, mut all) = it.handle.monitor(Request::new(Subject::Everything)).await.unwrap();
    it.reports
        .send(SwitchReport::LegEnded { leg: now.calls[0].leg, cause: Cause::Normal })
        .unwrap();
    let mut last = None;
    while let Some(heard) = timeout(LIMIT, call.next_or_refresh()).await.unwrap().unwrap() {
        let MonitorHeard::Event(event) = heard else { panic!("nothing was lost") };
        last = Some(event);
    }
    assert!(matches!(last.unwrap().fact, Fact::CallEnded { .. }));
    it.handle.stop().await;
    let end = loop {
        let delivery = next(&mut all).await;
        if !matches!(delivery, Delivery::Event(_)) {
            break delivery;
        }
    };
    assert_eq!(end, Delivery::Stopped(StopReason::Stopping));
    assert_eq!(all.next().await, None);
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_monitored() {
    let it = start();
    let subjects = [
        Subject::Device("999".parse().unwrap()),
        Subject::CallsVia("999".parse().unwrap()),
        Subject::Agent("9999".parse().unwrap()),
        Subject::Queue("nowhere".parse().unwrap()),
        Subject::Call(CallId(9)),
        Subject::Contact(cti_core::id::ContactId(9)),
    ];
    for subject in subjects {
        let refused = it.handle.monitor(Request::new(subject.clone())).await.unwrap_err();
        let expected = StartError::NoSuchSubject { subject };
        assert_eq!(refused, MonitorError::Start(expected));
    }
}

/// Everybody and everything in the busy centre.
fn subjects(day: &BusyCentre) -> Vec<Subject> {
    let devices = (8001..=8005).map(|n| n.to_string().parse().unwrap()).collect::<Vec<DeviceId>>();
    let agents = (8001..=8005).map(|n| Subject::Agent(n.to_string().parse().unwrap()));
    let calls = day
        .world
        .center
        .calls()
        .flat_map(|call| [Subject::Call(call.id), Subject::Contact(call.contact)]);
    devices
        .iter()
        .flat_map(|device| [Subject::Device(device.clone()), Subject::CallsVia(device.clone())])
        .chain(agents)
        .chain(busy::QUEUES.map(|queue| Subject::Queue(queue.parse().unwrap())))
        .chain(calls)
        .collect()
}

fn heard(monitors: &mut Monitors, monitor: MonitorId) -> Vec<EventNo> {
    let mut numbers = Vec::new();
    while let Ok(Some(Delivery::Event(event))) = monitors.poll(monitor) {
        numbers.push(event.no);
    }
    numbers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_begins_in_the_middle_of_a_day_hears_what_he_would_who_followed_it_from_the_beginning(seed: u64) {
        let limits = Limits { monitors: 1_000, buffer: 100_000, recent: 100_000 };
        let mut day = BusyCentre::random(seed, 400);
        let mut followed = Monitors::new(limits, EventNo(0));
        for event in &day.world.events {
            followed.publish(event.clone()).unwrap();
        }
        let last = day.world.center.last_event();
        let mut begun = Monitors::with_relations(limits, last, Relations::of(&day.world.center));
        let pairs: Vec<_> = subjects(&day)
            .into_iter()
            .map(|subject| {
                let request = Request::new(subject.clone());
                let first = followed.start(request.clone(), &day.world.center).unwrap();
                let second = begun.start(request, &day.world.center).unwrap();
                assert_eq!(first.snapshot, second.snapshot);
                (subject, first.monitor, second.monitor)
            })
            .collect();
        let first = day.world.events.len();
        (0..200).for_each(|_| day.step());
        for event in &day.world.events[first..] {
            followed.publish(event.clone()).unwrap();
            begun.publish(event.clone()).unwrap();
        }
        for (subject, one, other) in pairs {
            let (one, other) = (heard(&mut followed, one), heard(&mut begun, other));
            prop_assert_eq!(one, other, "{} in the log of seed {}", subject, seed);
        }
    }
}
