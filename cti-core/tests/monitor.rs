//! Monitors against an obvious model of them: the whole log, looked through anew for every question.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "monitor/model.rs"]
mod model;
#[path = "monitor/story.rs"]
mod story;

use std::sync::Arc;

use cti_core::{
    event::Event,
    id::{CallId, EventNo},
    monitor::{
        Category, Delivery, Filter, Limits, MonitorId, Monitors, RefreshError, Request,
        ResumeError, Resumption, StartError, Started, StopReason, Subject, View, category,
    },
};
use model::Model;
use proptest::prelude::*;
use story::Story;

const LIMITS: Limits = Limits { monitors: 12, buffer: 4, recent: 24 };

/// A view of nothing but its number; whatever is asked for exists.
struct At(u64);

impl View for At {
    type Snapshot = ();

    fn last_event(&self) -> EventNo {
        EventNo(self.0)
    }

    fn snapshot(&self, _subject: &Subject) -> Option<()> {
        Some(())
    }
}

/// A reader, and all he has been given since his last snapshot.
#[derive(Debug)]
struct Reader {
    monitor: MonitorId,
    request: Request,
    since: EventNo,
    got: Vec<EventNo>,
    /// Whether he knows that he lost events, and could not start again.
    lost: bool,
}

#[derive(Default)]
struct Run {
    story: Story,
    model: Model,
    readers: Vec<Reader>,
}

struct Test {
    monitors: Monitors,
    run: Run,
}

#[derive(Clone, Debug)]
enum Operation {
    /// Something happens; the numbers choose what and to whom.
    Happens([u8; 4]),
    /// A monitor starts, with a view that is so many events behind or ahead.
    Starts(Subject, Filter, i8),
    /// A reader reads at most so much.
    Reads(u8, u8),
    /// A reader is cut off and resumes.
    Resumes(u8),
    /// A reader takes a new snapshot.
    Refreshes(u8),
    /// A reader stops.
    Stops(u8),
}

impl Test {
    fn new() -> Self {
        Self { monitors: Monitors::new(LIMITS, EventNo(0)), run: Run::default() }
    }

    fn last(&self) -> u64 {
        self.monitors.last_event().0
    }

    /// Returns the number of the oldest event that the hub keeps.
    fn oldest(&self) -> u64 {
        (self.last() + 1).saturating_sub(LIMITS.recent as u64).max(1)
    }

    fn reader(&self, choice: u8) -> Option<usize> {
        (!self.run.readers.is_empty()).then(|| usize::from(choice) % self.run.readers.len())
    }

    fn does(&mut self, operation: Operation) {
        match operation {
            Operation::Happens(choice) => {
                let Some(fact) = self.run.story.next(choice) else { return };
                let event = self.run.model.happened(fact);
                self.monitors.publish(event).unwrap();
            }
            Operation::Starts(subject, filter, distance) => self.starts(subject, filter, distance),
            Operation::Reads(choice, most) => {
                if let Some(index) = self.reader(choice) {
                    self.reads(index, usize::from(most));
                }
            }
            Operation::Resumes(choice) => {
                if let Some(index) = self.reader(choice) {
                    self.resumes(index);
                }
            }
            Operation::Refreshes(choice) => {
                if let Some(index) = self.reader(choice) {
                    self.refreshes(index);
                }
            }
            Operation::Stops(choice) => {
                if let Some(index) = self.reader(choice) {
                    let reader = self.run.readers.remove(index);
                    self.monitors.stop(reader.monitor).unwrap();
                    assert!(self.monitors.poll(reader.monitor).is_err());
                }
            }
        }
        for reader in &self.run.readers {
            assert!(self.monitors.unread(reader.monitor).unwrap() <= LIMITS.buffer);
        }
        assert_eq!(self.monitors.len(), self.run.readers.len());
    }

    fn starts(&mut self, subject: Subject, filter: Filter, distance: i8) {
        let at = self.last().saturating_add_signed(i64::from(distance));
        if let Subject::Call(call) = subject
            && !self.run.model.has_started(call)
        {
            return;
        }
        let request = Request::new(subject).filtered(filter);
        match self.monitors.start(request.clone(), &At(at)) {
            Ok(Started { monitor, at: told, snapshot: () }) => {
                assert_eq!(told, EventNo(at));
                self.run.readers.push(Reader {
                    monitor,
                    request,
                    since: told,
                    got: Vec::new(),
                    lost: false,
                });
            }
            Err(StartError::TooMany { limit }) => {
                assert_eq!((limit, self.run.readers.len()), (LIMITS.monitors, LIMITS.monitors));
            }
            Err(StartError::ViewTooOld { .. }) => assert!(at + 1 < self.oldest()),
            Err(StartError::NoSuchSubject { .. }) => panic!("everything exists"),
        }
    }

    fn reads(&mut self, index: usize, most: usize) {
        for _ in 0..most {
            let reader = &mut self.run.readers[index];
            match self.monitors.poll(reader.monitor).unwrap() {
                Some(Delivery::Event(event)) => reader.got.push(event.no),
                Some(Delivery::Lost { from, to }) => {
                    assert_eq!(to, self.monitors.last_event());
                    let expected = self.run.model.heard(&reader.request, reader.since);
                    let before: Vec<_> = expected.iter().copied().filter(|no| *no < from).collect();
                    assert_eq!(reader.got, before, "{reader:?} before he lost {from}");
                    self.refreshes(index);
                }
                Some(Delivery::Stopped(reason)) => {
                    assert_eq!(reason, StopReason::CallEnded);
                    self.has_everything(index);
                    let reader = self.run.readers.remove(index);
                    let Subject::Call(call) = reader.request.subject else { panic!("{reader:?}") };
                    assert!(self.run.model.is_over(call), "{call}");
                    return;
                }
                None => return self.has_everything(index),
            }
        }
    }

    fn has_everything(&self, index: usize) {
        let reader = &self.run.readers[index];
        if reader.lost {
            return;
        }
        let expected = self.run.model.heard(&reader.request, reader.since);
        assert_eq!(reader.got, expected, "{reader:?}\n{}", self.run.model);
    }

    fn refreshes(&mut self, index: usize) {
        let at = At(self.last());
        let reader = &mut self.run.readers[index];
        match self.monitors.refresh(reader.monitor, &at) {
            Ok(started) => {
                reader.since = started.at;
                reader.got.clear();
            }
            // It has ended and will say so.
            Err(RefreshError::Unknown(_)) => reader.lost = true,
            Err(RefreshError::Start(error)) => panic!("{error}"),
        }
    }

    fn resumes(&mut self, index: usize) {
        let reader = &self.run.readers[index];
        let after = reader.got.last().copied().unwrap_or(reader.since);
        let from = Resumption { since: reader.since, after };
        self.monitors.stop(reader.monitor).unwrap();
        match self.monitors.resume(reader.request.clone(), from) {
            Ok(monitor) => self.run.readers[index].monitor = monitor,
            Err(ResumeError::Lost { from, to }) => {
                assert_eq!((from, to.next()), (after.next(), EventNo(self.oldest())));
                self.run.readers.remove(index);
            }
            Err(ResumeError::NotOfThisLog { .. }) => {
                assert!(after > self.monitors.last_event());
                self.run.readers.remove(index);
            }
            Err(ResumeError::TooMany { .. }) => panic!("one has just been stopped"),
        }
    }
}

fn subject() -> impl Strategy<Value = Subject> {
    (0..7_u8, 1..5_u64).prop_map(|(kind, n)| match kind {
        0 => Subject::Everything,
        1 => Subject::Device(story::device(n)),
        2 => Subject::CallsVia(story::device(n)),
        3 => Subject::Call(CallId(n)),
        4 => Subject::Agent(story::agent(n)),
        5 => Subject::Queue(story::queue(n)),
        _ => Subject::Contact(cti_core::id::ContactId(n)),
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        3 => Just(Filter::all()),
        1 => proptest::sample::subsequence(Category::ALL.to_vec(), 0..6).prop_map(Filter::only),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        24 => any::<[u8; 4]>().prop_map(Operation::Happens),
        3 => (subject(), filter(), prop_oneof![2 => Just(0_i8), 1 => -30..6_i8])
            .prop_map(|(subject, filter, distance)| Operation::Starts(subject, filter, distance)),
        6 => (any::<u8>(), 1..12_u8).prop_map(|(who, most)| Operation::Reads(who, most)),
        2 => any::<u8>().prop_map(Operation::Resumes),
        1 => any::<u8>().prop_map(Operation::Refreshes),
        1 => any::<u8>().prop_map(Operation::Stops),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_reader_hears_what_the_log_says_concerns_him_without_gap_or_duplicate(
        operations in proptest::collection::vec(operation(), 1..250)
    ) {
        let mut test = Test::new();
        for operation in operations {
            test.does(operation);
        }
        for index in (0..test.run.readers.len()).rev() {
            test.reads(index, usize::MAX);
        }
    }
}

/// Publishes `count` events about device 1.
fn publish(monitors: &mut Monitors, count: u64) {
    for _ in 0..count {
        let no = monitors.last_event().next();
        let fact = cti_core::event::Fact::DeviceInService { device: story::device(1) };
        let at = cti_core::time::Timestamp::from_secs(no.0);
        monitors.publish(Arc::new(Event { no, at, fact })).unwrap();
    }
}

#[test]
fn a_slow_reader_is_told_once_that_he_lost_events_and_goes_on_from_a_new_snapshot() {
    let mut monitors = Monitors::new(LIMITS, EventNo(0));
    let request = Request::new(Subject::Device(story::device(1)));
    let monitor = monitors.start(request, &At(0)).unwrap().monitor;
    assert_eq!(monitors.poll(monitor), Ok(None));
    publish(&mut monitors, 7);
    for no in 1..=4 {
        let Ok(Some(Delivery::Event(event))) = monitors.poll(monitor) else { panic!("#{no}") };
        assert_eq!(event.no, EventNo(no));
    }
    let lost = Delivery::Lost { from: EventNo(5), to: EventNo(7) };
    assert_eq!(monitors.poll(monitor), Ok(Some(lost)));
    publish(&mut monitors, 1);
    assert_eq!(monitors.poll(monitor), Ok(None), "he has been told");

    assert_eq!(monitors.refresh(monitor, &At(8)).unwrap().at, EventNo(8));
    publish(&mut monitors, 1);
    let Ok(Some(Delivery::Event(event))) = monitors.poll(monitor) else { panic!("nothing") };
    assert_eq!(event.no, EventNo(9));
}

#[test]
fn a_reader_is_woken_once_until_he_has_been_named() {
    let mut monitors = Monitors::new(LIMITS, EventNo(0));
    let request = Request::new(Subject::Everything);
    let monitor = monitors.start(request.clone(), &At(0)).unwrap().monitor;
    let other = monitors.start(request, &At(0)).unwrap().monitor;
    publish(&mut monitors, 3);
    assert_eq!(monitors.poll_ready(), Some(monitor));
    assert_eq!(monitors.poll_ready(), Some(other));
    assert_eq!(monitors.poll_ready(), None);
    publish(&mut monitors, 1);
    monitors.stop(monitor).unwrap();
    assert_eq!(monitors.poll_ready(), Some(other), "nobody waits for a monitor that was stopped");
    assert_eq!(monitors.poll_ready(), None);
}

#[test]
fn a_monitor_that_others_end_is_read_to_its_end_and_says_why() {
    let mut monitors = Monitors::new(LIMITS, EventNo(0));
    let device = Subject::Device(story::device(1));
    let monitor = monitors.start(Request::new(device.clone()), &At(0)).unwrap().monitor;
    assert_eq!(monitors.poll(monitor), Ok(None));
    publish(&mut monitors, 1);
    monitors.end_all(&device, StopReason::SubjectRemoved);
    publish(&mut monitors, 1);
    assert!(matches!(monitors.poll(monitor), Ok(Some(Delivery::Event(event))) if event.no.0 == 1));
    let stopped = Delivery::Stopped(StopReason::SubjectRemoved);
    assert_eq!(monitors.poll(monitor), Ok(Some(stopped)));
    assert!(monitors.poll(monitor).is_err() && monitors.is_empty());
}

#[test]
fn a_changed_filter_holds_for_what_comes() {
    let mut monitors = Monitors::new(LIMITS, EventNo(0));
    let monitor = monitors.start(Request::new(Subject::Everything), &At(0)).unwrap().monitor;
    assert_eq!(monitors.poll(monitor), Ok(None));
    monitors.set_filter(monitor, Filter::all().without([Category::Device])).unwrap();
    publish(&mut monitors, 3);
    assert_eq!(monitors.poll(monitor), Ok(None));
}

#[test]
fn a_program_cannot_resume_after_events_that_never_were() {
    let mut monitors = Monitors::new(LIMITS, EventNo(0));
    publish(&mut monitors, 2);
    let from = Resumption { since: EventNo(0), after: EventNo(3) };
    let refused = monitors.resume(Request::new(Subject::Everything), from);
    assert_eq!(refused, Err(ResumeError::NotOfThisLog { after: EventNo(3), last: EventNo(2) }));
}

#[test]
fn a_hub_that_goes_on_from_anothers_relations_hears_the_same() {
    let choices = (0..400_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    let (mut story, mut model) = (Story::default(), Model::default());
    let mut first = Monitors::new(LIMITS, EventNo(0));
    let mut second = None;
    for (index, choice) in choices.enumerate() {
        let Some(fact) = story.next(choice) else { continue };
        let event = model.happened(fact);
        first.publish(event.clone()).unwrap();
        if let Some(second) = &mut second {
            Monitors::publish(second, event).unwrap();
        }
        if index == 200 {
            let text = serde_json::to_string(first.relations()).unwrap();
            let relations = serde_json::from_str(&text).unwrap();
            second = Some(Monitors::with_relations(LIMITS, first.last_event(), relations));
        }
    }
    let mut second = second.unwrap();
    for n in 1..5 {
        let after = first.last_event();
        let from = Resumption { since: EventNo(after.0 - 20), after };
        let request = Request::new(Subject::CallsVia(story::device(n)));
        let ids = [&mut first, &mut second].map(|hub| hub.resume(request.clone(), from).unwrap());
        assert_eq!(first.poll(ids[0]), Ok(None));
        assert_eq!(second.poll(ids[1]), Ok(None));
        for choice in (0..60_u32).map(|n| n.wrapping_mul(40_503).to_le_bytes()) {
            let Some(fact) = story.next(choice) else { continue };
            let event = model.happened(fact);
            first.publish(event.clone()).unwrap();
            second.publish(event).unwrap();
            assert_eq!(first.poll(ids[0]), second.poll(ids[1]));
        }
    }
    assert_eq!(category(&model.log()[0].fact), Category::CallControl);
}
