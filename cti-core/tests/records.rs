//! What the records add up to, whatever callers, agents and faults do.
//!
//! The runs are random; `PROPTEST_CASES=1000` asks for more of them, and a failure prints the seed of its run.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "records/stories.rs"]
mod stories;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    event::{CallKind, Event, Fact, OfferEnd},
    id::{AgentId, CallId, ContactId, LegId, QueueId},
    records::{
        AgentInterval, AgentRows, AgentTimes, CallRecord, CallRecords, CallRow, ContactRecord,
        Cuts, Outcome, Part, QueueCounts, QueueInterval, QueueStatistics, Shift, Talk, Thresholds,
        Wait,
    },
    role::Role,
    testkit::{
        World,
        busy::{self, BusyCentre},
        run,
    },
    time::Timestamp,
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// All rows of a log.
#[derive(Debug, Default, PartialEq)]
struct Rows {
    calls: Vec<CallRecord>,
    contacts: Vec<ContactRecord>,
    recordings: usize,
    shifts: Vec<Shift>,
    agents: Vec<AgentInterval>,
    queues: Vec<QueueInterval>,
}

/// The three folds.
#[derive(Clone, Debug, PartialEq)]
struct Folds {
    calls: CallRecords,
    agents: AgentTimes,
    queues: QueueStatistics,
}

impl Folds {
    fn new() -> Self {
        let cuts = || Cuts::new("Asia/Shanghai", 15).unwrap();
        Self {
            calls: CallRecords::default(),
            agents: AgentTimes::new(cuts()),
            queues: QueueStatistics::new(cuts(), Thresholds::default()),
        }
    }

    fn apply(&mut self, event: &Event, rows: &mut Rows) {
        for row in self.calls.apply(event) {
            match row {
                CallRow::Call(record) => rows.calls.push(*record),
                CallRow::Contact(record) => rows.contacts.push(*record),
                CallRow::Recording(_) => rows.recordings += 1,
                CallRow::Voice(_) => {}
            }
        }
        let AgentRows { shifts, intervals } = self.agents.apply(event);
        rows.shifts.extend(shifts);
        rows.agents.extend(intervals);
        rows.queues.extend(self.queues.apply(event));
    }

    fn all(&mut self, events: &[Event]) -> Rows {
        let mut rows = Rows::default();
        events.iter().for_each(|event| self.apply(event, &mut rows));
        rows
    }

    /// Writes the folds down and reads them again, as a program does that is stopped and started.
    fn restarted(&self) -> Self {
        Self {
            calls: through_text(&self.calls),
            agents: through_text(&self.agents),
            queues: through_text(&self.queues),
        }
    }
}

fn through_text<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_came_into_a_queue_left_it_in_one_way_or_is_still_inside(seed: u64) {
        let run = BusyCentre::random(seed, 1_500);
        let mut folds = Folds::new();
        let rows = folds.all(&run.world.events);
        for row in &rows.queues {
            prop_assert!(row.counts.is_balanced(), "{row:?}");
        }
        let mut arrivals = 0;
        for queue in busy::QUEUES {
            let queue: QueueId = queue.parse().unwrap();
            let mut whole = QueueCounts::default();
            for row in rows.queues.iter().filter(|row| row.queue == queue) {
                prop_assert_eq!(row.counts.inside_before, whole.inside, "one interval follows the other");
                whole.extend(&row.counts);
            }
            if let Some(now) = folds.queues.current(&queue) {
                whole.extend(now);
            }
            prop_assert!(whole.is_balanced(), "{whole:?}");
            arrivals += whole.offered as usize;
            let waiting = run.world.center.calls().filter(|it| {
                it.waiting().is_some_and(|it| it.queue == queue)
            });
            prop_assert_eq!(whole.inside as usize, waiting.count());
        }
        let queued = run.world.events.iter().filter(|it| matches!(it.fact, Fact::Queued { .. }));
        prop_assert_eq!(arrivals, queued.count());
    }

    #[test]
    fn the_times_of_an_agent_add_up_to_his_shift(seed: u64) {
        let run = BusyCentre::random(seed, 1_500);
        let now = run.world.now();
        let mut folds = Folds::new();
        let mut rows = folds.all(&run.world.events);
        let mut by_agent: BTreeMap<AgentId, Duration> = BTreeMap::new();
        for shift in &rows.shifts {
            prop_assert_eq!(shift.times.total(), shift.until.since(shift.from), "{:?}", shift);
            *by_agent.entry(shift.agent.clone()).or_default() += shift.times.total();
        }
        for (agent, _) in run.world.center.agents() {
            let mut latest = run.world.events.iter().rev();
            let signed_in = latest.find(|event| {
                matches!(&event.fact, Fact::AgentSignedIn { agent: who, .. } if who == agent)
            });
            let times = folds.agents.times(agent, now).unwrap();
            prop_assert_eq!(times.total(), now.since(signed_in.unwrap().at));
        }
        // Time goes on, and intervals are cut although nothing happens.
        let end = now + Duration::from_secs(3_600);
        rows.agents.extend(folds.agents.advance_to(end));
        let cut = Cuts::new("Asia/Shanghai", 15).unwrap().around(end).from;
        for (agent, _) in run.world.center.agents() {
            let until_cut = folds.agents.times(agent, cut).unwrap().total();
            *by_agent.entry(agent.clone()).or_default() += until_cut;
        }
        for (agent, total) in by_agent {
            let cut: Duration = rows
                .agents
                .iter()
                .filter(|row| row.agent == agent)
                .map(|row| row.times.total())
                .sum();
            prop_assert_eq!(cut, total, "{} in intervals", agent);
        }
        for row in &rows.agents {
            prop_assert!(row.times.total() <= row.interval.until.since(row.interval.from));
        }
    }

    #[test]
    fn each_second_of_waiting_and_talking_is_counted_once(seed: u64) {
        let mut run = BusyCentre::random(seed, 1_500);
        run.finish();
        let mut folds = Folds::new();
        let rows = folds.all(&run.world.events);
        let told = Told::by(&run.world.events);
        prop_assert_eq!(folds.calls.open_calls(), 0);
        prop_assert_eq!(folds.calls.open_contacts(), 0);
        prop_assert_eq!(rows.calls.len(), told.calls);
        prop_assert_eq!(rows.recordings, told.recordings);
        for call in &rows.calls {
            let course = &call.course;
            let waits: Duration = course.waits.iter().map(Wait::time).sum();
            let sum = |part| -> Duration {
                course.talks.iter().filter(|it| it.part == part).map(Talk::time).sum()
            };
            let talks = sum(Part::Talk);
            prop_assert_eq!(course.consulted, sum(Part::Consult));
            prop_assert_eq!(course.supervised, sum(Part::Listen) + sum(Part::Coach));
            prop_assert_eq!(course.omitted, 0);
            prop_assert_eq!(course.waited, waits, "{:?}", call);
            prop_assert_eq!(course.talked, talks, "{:?}", call);
            if call.kind == CallKind::Service {
                let connected = told.connected.get(&call.call).copied().unwrap_or_default();
                prop_assert_eq!(course.talked + course.held, connected, "{:?}", call);
            }
            let mut agents: Vec<_> =
                course.talks.iter().filter_map(|talk| talk.party.agent.clone()).collect();
            agents.sort();
            agents.dedup();
            let by_agents: Duration = agents.iter().map(|agent| call.talked_by(agent)).sum();
            let without: Duration = course
                .talks
                .iter()
                .filter(|it| it.part == Part::Talk && it.party.agent.is_none())
                .map(Talk::time)
                .sum();
            prop_assert_eq!(by_agents + without, talks, "talk of a call is the sum over its agents");
        }
        for contact in &rows.contacts {
            let waited = told.waited.get(&contact.contact).copied().unwrap_or_default();
            prop_assert_eq!(contact.course.waited, waited, "{:?}", contact);
            let calls = rows.calls.iter().filter(|it| it.contact == contact.contact);
            let talked: Duration = calls.map(|it| it.course.talked).sum();
            prop_assert_eq!(contact.course.talked, talked, "{:?}", contact);
        }
    }

    #[test]
    fn a_log_read_again_gives_the_same_rows_wherever_the_reader_was_stopped(seed: u64, cut: prop::sample::Index) {
        let run = BusyCentre::random(seed, 800);
        let events = &run.world.events;
        let mut whole = Folds::new();
        let expected = whole.all(events);

        let mut again = Folds::new();
        prop_assert_eq!(&again.all(&through_text(events)), &expected);

        let cut = cut.index(events.len());
        let mut first = Folds::new();
        let mut rows = first.all(&events[..cut]);
        let mut second = first.restarted();
        prop_assert_eq!(&second, &first);
        // A batch that is handed in again changes nothing.
        for event in &events[cut.saturating_sub(5)..] {
            second.apply(event, &mut rows);
        }
        prop_assert_eq!(&rows, &expected);
        prop_assert_eq!(second, whole);
    }
}

/// What the log says of times, added up in the plainest way.
#[derive(Debug, Default)]
struct Told {
    calls: usize,
    recordings: usize,
    connected: BTreeMap<CallId, Duration>,
    waited: BTreeMap<ContactId, Duration>,
}

impl Told {
    fn by(events: &[Event]) -> Self {
        let mut told = Self::default();
        let (mut service, mut devices) = (BTreeSet::new(), BTreeSet::new());
        let mut talks: BTreeMap<(CallId, LegId), Timestamp> = BTreeMap::new();
        let mut waits: BTreeMap<ContactId, Timestamp> = BTreeMap::new();
        for event in events {
            let at = event.at;
            #[expect(clippy::wildcard_enum_match_arm, reason = "a ledger adds up what concerns it")]
            match &event.fact {
                Fact::CallEnded { .. } => told.calls += 1,
                Fact::RecordingEnded { .. } => told.recordings += 1,
                Fact::Queued { contact, .. } => drop(waits.insert(*contact, at)),
                Fact::Dequeued { contact, .. } => {
                    *told.waited.entry(*contact).or_default() +=
                        at.since(waits.remove(contact).unwrap());
                }
                Fact::CallStarted { call, kind: CallKind::Service, .. } => {
                    service.insert(*call);
                }
                Fact::Connected { call, leg, party, role, .. }
                    if service.contains(call) && party.device.is_some() =>
                {
                    devices.insert((*call, *leg));
                    if *role == Role::Full {
                        talks.insert((*call, *leg), at);
                    }
                }
                // Who only listens from here on talks no more, and who is let speak begins to.
                Fact::RoleChanged { call, leg, role } if devices.contains(&(*call, *leg)) => {
                    if *role == Role::Full {
                        talks.entry((*call, *leg)).or_insert(at);
                    } else if let Some(since) = talks.remove(&(*call, *leg)) {
                        *told.connected.entry(*call).or_default() += at.since(since);
                    }
                }
                Fact::TalkEnded { call, leg, .. } => {
                    devices.remove(&(*call, *leg));
                    let since = talks.remove(&(*call, *leg)).unwrap_or(at);
                    *told.connected.entry(*call).or_default() += at.since(since);
                }
                _ => {}
            }
        }
        told
    }
}

#[test]
fn the_random_runs_hold_everything_that_the_sums_are_about() {
    let mut whole = QueueCounts::default();
    let (mut held, mut with_two_agents, mut messages, mut rows_of_agents) = (0, 0, 0, 0);
    let (mut transfers, mut conferences, mut consults) = (0, 0, 0);
    for seed in 1..=12 {
        let mut run = BusyCentre::random(seed, 1_500);
        run.finish();
        let rows = Folds::new().all(&run.world.events);
        rows.queues.iter().for_each(|row| whole.extend(&row.counts));
        held += rows.calls.iter().filter(|call| !call.course.held.is_zero()).count();
        with_two_agents += rows
            .calls
            .iter()
            .filter(|call| call.course.rings.len() > 1 && call.outcome == Outcome::Answered)
            .count();
        messages += rows.calls.iter().filter(|call| call.outcome == Outcome::Message).count();
        rows_of_agents += rows.agents.len();
        let courses = || rows.calls.iter().map(|call| &call.course);
        transfers += courses().map(|it| it.transfers).sum::<u32>();
        conferences += courses().map(|it| it.conferences).sum::<u32>();
        consults += courses().filter(|it| !it.consulted.is_zero()).count();
    }
    assert!(whole.answered > 50 && whole.answered_within[0] > 10, "{whole:?}");
    assert!(whole.abandoned > 50 && whole.abandoned_short > 10, "{whole:?}");
    assert!(whole.overflowed > 10 && whole.left > 10, "{whole:?}");
    assert!(whole.cleared > 10 && whole.restarted > 2, "{whole:?}");
    assert!(whole.answered_within[0] < whole.answered, "{whole:?}");
    let services = (transfers, conferences, consults);
    assert!(
        transfers > 5 && conferences > 0 && consults > 5,
        "transfers, conferences, consultations: {services:?}"
    );
    assert!(held > 5 && with_two_agents > 5 && messages > 5 && rows_of_agents > 100);
}

#[test]
fn a_call_that_waits_rings_twice_and_is_held_has_one_row_that_says_so() {
    let mut world = World::new(busy::center(), Timestamp::from_secs(1_000));
    run(
        &mut world,
        "00:00 phone 8002 registers
         00:00 phone 8004 registers
         00:00 agent 8002 signs in at A2
         00:00 agent 8004 signs in at A4
         00:01 agent 8002 is ready
         00:10 citizen 13812341234 dials 12345
         00:13 agent 8004 is ready
         00:32 phone 8004 answers
         01:00 phone 8004 holds
         01:20 phone 8004 retrieves
         02:00 citizen 13812341234 hangs up",
    )
    .unwrap();
    let rows = Folds::new().all(&world.events);
    let [call] = rows.calls.as_slice() else { panic!("one call, one row: {rows:?}") };
    assert_eq!(call.outcome, Outcome::Answered);
    let since = |at: Timestamp| at.since(Timestamp::from_secs(1_000)).as_secs();
    let [wait] = call.course.waits.as_slice() else { panic!("{call:?}") };
    assert_eq!((wait.queue.as_str(), since(wait.since), since(wait.until)), ("general", 12, 32));
    let rings: Vec<_> = call
        .course
        .rings
        .iter()
        .map(|ring| (ring.party.agent.as_ref().unwrap().as_str(), ring.time().as_secs(), ring.end))
        .collect();
    assert_eq!(rings, [("8002", 15, OfferEnd::NoAnswer), ("8004", 5, OfferEnd::Answered)]);
    let [talk] = call.course.talks.as_slice() else { panic!("{call:?}") };
    assert_eq!((talk.time().as_secs(), talk.held.as_secs()), (68, 20));
    assert_eq!(call.course.talked, Duration::from_secs(68));
    assert_eq!(call.course.recordings.len(), 1);
    assert_eq!(rows.contacts[0].course, call.course);

    let statistics =
        &mut QueueStatistics::new(Cuts::new("Asia/Shanghai", 30).unwrap(), Thresholds::default());
    for event in &world.events {
        assert_eq!(statistics.apply(event), []);
    }
    let counts = statistics.current(&"general".parse().unwrap()).unwrap();
    assert_eq!((counts.offered, counts.answered, counts.answered_within[0]), (1, 1, 0));
    assert_eq!(counts.longest_wait, Duration::from_secs(20));
    assert_eq!(counts.average_speed_of_answer(), Some(Duration::from_secs(20)));
    assert_eq!(counts.service_level(0), Some(0.0));
}

#[test]
fn a_stay_that_keeps_its_place_is_in_time_by_its_whole_wait_and_each_queue_counts_its_own() {
    let fact = |text: &str| serde_json::from_str::<Event>(text).unwrap();
    let log = [
        r#"{"no":1,"at":0,"fact":"queued","contact":"contact-1","queue":"a","priority":0}"#,
        r#"{"no":2,"at":10000000,"fact":"dequeued","contact":"contact-1","queue":"a","reason":"moved"}"#,
        r#"{"no":3,"at":10000000,"fact":"queued","contact":"contact-1","queue":"b","priority":0,"since":0}"#,
        r#"{"no":4,"at":18000000,"fact":"dequeued","contact":"contact-1","queue":"b","reason":"answered"}"#,
    ];
    let mut statistics = QueueStatistics::new(Cuts::new("UTC", 60).unwrap(), Thresholds::default());
    let mut calls = CallRecords::default();
    let mut rows = Vec::new();
    for line in log {
        let _ = statistics.apply(&fact(line));
        rows.extend(calls.apply(&fact(line)));
    }
    let counts = |queue: &str| statistics.current(&queue.parse().unwrap()).unwrap();
    assert_eq!((counts("a").moved, counts("a").wait.as_secs()), (1, 10));
    assert_eq!((counts("b").answered, counts("b").answered_within[0]), (1, 0));
    assert_eq!(counts("b").wait_answered, Duration::from_secs(8));
    // The contact came to rest between the two queues of this log; no second is in both rows.
    let waited: Duration = rows
        .iter()
        .map(|row| match row {
            CallRow::Contact(contact) => contact.course.waited,
            CallRow::Call(_) | CallRow::Recording(_) | CallRow::Voice(_) => Duration::ZERO,
        })
        .sum();
    assert_eq!(waited, Duration::from_secs(18));
}
