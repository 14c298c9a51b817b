//! What the rows of a log add up to, whatever services were asked for.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    center::Center,
    event::{Event, Fact},
    id::{AgentId, CallId, ContactId},
    records::{
        AgentTimes, CallRecord, CallRecords, CallRow, ContactRecord, Cuts, Part, QueueCounts,
        QueueInterval, QueueStatistics, Shift, Talk, Thresholds, Wait,
    },
    time::Timestamp,
};

#[derive(Debug, Default, PartialEq)]
struct Rows {
    calls: Vec<CallRecord>,
    contacts: Vec<ContactRecord>,
    shifts: Vec<Shift>,
    queues: Vec<QueueInterval>,
}

struct Folds {
    calls: CallRecords,
    agents: AgentTimes,
    queues: QueueStatistics,
}

fn fold(events: &[Event]) -> (Folds, Rows) {
    let cuts = || Cuts::new("Asia/Shanghai", 15).unwrap();
    let mut folds = Folds {
        calls: CallRecords::default(),
        agents: AgentTimes::new(cuts()),
        queues: QueueStatistics::new(cuts(), Thresholds::default()),
    };
    let mut rows = Rows::default();
    for event in events {
        for row in folds.calls.apply(event) {
            match row {
                CallRow::Call(record) => rows.calls.push(*record),
                CallRow::Contact(record) => rows.contacts.push(*record),
                CallRow::Recording(_) | CallRow::Voice(_) => {}
            }
        }
        rows.shifts.extend(folds.agents.apply(event).shifts);
        rows.queues.extend(folds.queues.apply(event));
    }
    (folds, rows)
}

/// Checks the identities of a log, and of what is not over yet in the Center that wrote it.
pub(crate) fn check(events: &[Event], center: &Center, now: Timestamp) {
    let (folds, rows) = fold(events);
    queues(&folds, &rows, events, center);
    agents(&folds, &rows, center, now);
    calls(&rows, events);
    let text = serde_json::to_string(events).unwrap();
    let again: Vec<Event> = serde_json::from_str(&text).unwrap();
    assert_eq!(fold(&again).1, rows, "the log read again gives the same rows");
}

/// Arrivals = answered + abandoned + overflowed + left + moved on + cleared + lost by a restart + still inside.
fn queues(folds: &Folds, rows: &Rows, events: &[Event], center: &Center) {
    let mut arrivals = 0;
    for config in &center.config().queues {
        let mut whole = QueueCounts::default();
        for row in rows.queues.iter().filter(|row| row.queue == config.id) {
            assert!(row.counts.is_balanced(), "{row:?}");
            whole.extend(&row.counts);
        }
        if let Some(running) = folds.queues.current(&config.id) {
            whole.extend(running);
        }
        assert!(whole.is_balanced(), "{}: {whole:?}", config.id);
        arrivals += whole.offered as usize;
    }
    let queued = events.iter().filter(|it| matches!(it.fact, Fact::Queued { .. })).count();
    assert_eq!(arrivals, queued);
}

/// The times of an agent's activities add up to his shift.
fn agents(folds: &Folds, rows: &Rows, center: &Center, now: Timestamp) {
    for shift in &rows.shifts {
        assert_eq!(shift.times.total(), shift.until.since(shift.from), "{shift:?}");
    }
    for (agent, _) in center.agents() {
        let times = folds.agents.times(agent, now).expect("he is at work");
        assert!(times.total() <= Duration::from_micros(now.as_micros()), "{agent}: {times:?}");
    }
}

/// The talk of a call is the sum over its agents, that of a contact the sum over its calls; each wait counts once.
fn calls(rows: &Rows, events: &[Event]) {
    let ended = events.iter().filter(|it| matches!(it.fact, Fact::CallEnded { .. })).count();
    assert_eq!(rows.calls.len(), ended, "one row for each call");
    let mut talked: BTreeMap<ContactId, Duration> = BTreeMap::new();
    for call in &rows.calls {
        let course = &call.course;
        *talked.entry(call.contact).or_default() += course.talked;
        if course.omitted > 0 {
            // What is not listed is in the sums, and cannot be added up here.
            continue;
        }
        let of = |part: Part| -> Duration {
            course.talks.iter().filter(|it| it.part == part).map(Talk::time).sum()
        };
        assert_eq!(course.talked, of(Part::Talk), "{call:?}");
        assert_eq!(course.consulted, of(Part::Consult), "{call:?}");
        assert_eq!(course.supervised, of(Part::Listen) + of(Part::Coach), "{call:?}");
        assert_eq!(course.waited, course.waits.iter().map(Wait::time).sum(), "{call:?}");
        let agents: Vec<AgentId> = {
            let mut all: Vec<_> =
                course.talks.iter().filter_map(|it| it.party.agent.clone()).collect();
            all.sort();
            all.dedup();
            all
        };
        let by_agents: Duration = agents.iter().map(|agent| call.talked_by(agent)).sum();
        let by_devices: Duration = course
            .talks
            .iter()
            .filter(|it| it.part == Part::Talk && it.party.agent.is_none())
            .map(Talk::time)
            .sum();
        assert_eq!(by_agents + by_devices, course.talked, "{call:?}");
        assert!(
            course.talks.iter().all(|it| it.since <= it.until && it.until <= call.ended),
            "{call:?}"
        );
    }
    let mut of_contacts: BTreeMap<ContactId, Duration> = BTreeMap::new();
    for contact in &rows.contacts {
        *of_contacts.entry(contact.contact).or_default() += contact.course.talked;
    }
    let over: BTreeMap<CallId, ContactId> = rows
        .contacts
        .iter()
        .flat_map(|it| it.calls.iter().map(|call| (*call, it.contact)))
        .collect();
    for (contact, talked) in talked {
        if over.values().any(|it| *it == contact) {
            assert_eq!(of_contacts.get(&contact), Some(&talked), "{contact}");
        }
    }
}
