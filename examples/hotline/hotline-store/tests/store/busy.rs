//! What the database adds up to is what the folds of the log add up to, on a day on which anything happens.

use std::{collections::BTreeMap, path::Path, time::Duration};

use cti_core::{
    event::{CallKind, Event, Fact},
    records::{
        AgentTimes, CallRecord, CallRecords, CallRow, ContactRecord, Cuts, Part, QueueCounts,
        QueueInterval, QueueStatistics, Shift, Talk, Thresholds,
    },
    testkit::busy::BusyCentre,
};
use hotline_store::{
    projection::ProjectionStore as _,
    statistics::{Period, StatisticsStore as _},
};
use sqlx::{Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::open;

/// All rows of a log, by the folds alone.
#[derive(Default)]
struct Rows {
    calls: Vec<CallRecord>,
    contacts: Vec<ContactRecord>,
    recordings: usize,
    shifts: Vec<Shift>,
    queues: Vec<QueueInterval>,
}

fn folded(events: &[Event]) -> Rows {
    let cuts = || Cuts::new("Asia/Shanghai", 15).unwrap();
    let mut calls = CallRecords::default();
    let mut agents = AgentTimes::new(cuts());
    let mut queues = QueueStatistics::new(cuts(), Thresholds::default());
    let mut rows = Rows::default();
    for event in events {
        for row in calls.apply(event) {
            match row {
                CallRow::Call(record) => rows.calls.push(*record),
                CallRow::Contact(record) => rows.contacts.push(*record),
                CallRow::Recording(_) => rows.recordings += 1,
                CallRow::Voice(_) => {}
            }
        }
        rows.shifts.extend(agents.apply(event).shifts);
        rows.queues.extend(queues.apply(event));
    }
    rows
}

async fn database(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("hotline.db"));
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Returns the one number that a question has for an answer.
async fn number(connection: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(connection).await.unwrap().get::<Option<i64>, _>(0).unwrap_or(0)
}

/// Returns numbers by name.
async fn by_name(connection: &mut SqliteConnection, sql: &'static str) -> BTreeMap<String, i64> {
    let rows = sqlx::query(sql).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn us(durations: impl Iterator<Item = Duration>) -> i64 {
    i64::try_from(durations.sum::<Duration>().as_micros()).unwrap()
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

#[tokio::test]
async fn the_sums_of_the_database_are_those_of_the_folds_to_the_microsecond() {
    for seed in [1, 3, 11] {
        let mut day = BusyCentre::random(seed, 2_500);
        day.finish();
        let events = &day.world.events;
        let rows = folded(events);
        let data = tempfile::tempdir().unwrap();
        let mut store = open(data.path()).await;
        for batch in events.chunks(700) {
            store.apply(batch).await.unwrap();
            // What the folds must remember outlives a restart.
            store = open(data.path()).await;
        }
        let db = &mut database(data.path()).await;

        let started =
            events.iter().filter(|it| matches!(it.fact, Fact::CallStarted { .. })).count();
        assert_eq!(number(db, "SELECT count(*) FROM call_record").await, count(started));
        assert_eq!(rows.calls.len(), started);
        assert_eq!(number(db, "SELECT count(*) FROM recording").await, count(rows.recordings));
        assert_eq!(
            number(db, "SELECT count(*) FROM contact_record").await,
            count(rows.contacts.len())
        );

        let calls = || rows.calls.iter();
        let sums = [
            ("SELECT sum(wait_us) FROM call_record", us(calls().map(|it| it.course.waited))),
            ("SELECT sum(talk_us) FROM call_record", us(calls().map(|it| it.course.talked))),
            ("SELECT sum(hold_us) FROM call_record", us(calls().map(|it| it.course.held))),
            ("SELECT sum(consult_us) FROM call_record", us(calls().map(|it| it.course.consulted))),
            (
                "SELECT sum(supervise_us) FROM call_record",
                us(calls().map(|it| it.course.supervised)),
            ),
            (
                "SELECT sum(until - since) FROM queue_stay",
                us(rows.contacts.iter().map(|it| it.course.waited)),
            ),
            (
                "SELECT sum(wait_us) FROM contact_record",
                us(rows.contacts.iter().map(|it| it.course.waited)),
            ),
            (
                "SELECT sum(talk_us) FROM contact_record",
                us(rows.calls.iter().map(|it| it.course.talked)),
            ),
        ];
        for (sql, expected) in sums {
            assert_eq!(number(db, sql).await, expected, "seed {seed}: {sql}");
        }

        // The talk of a call is the sum over its agents and devices; each of them is one leg or more.
        let differing = "SELECT count(*) FROM call_record WHERE talk_us <> coalesce((SELECT sum(talk_us) \
             FROM call_leg WHERE call_leg.call = call_record.call AND part = 'talk'), 0)";
        assert_eq!(number(db, differing).await, 0, "seed {seed}");
        let by_agent = |talk: &&Talk| talk.part == Part::Talk && talk.party.agent.is_some();
        let talks = calls().flat_map(|it| &it.course.talks);
        let talked = us(talks.filter(by_agent).map(|talk| talk.time()));
        let by_agents =
            "SELECT sum(talk_us) FROM call_leg WHERE part = 'talk' AND agent IS NOT NULL";
        assert_eq!(number(db, by_agents).await, talked, "seed {seed}");
        assert!(talked > 0, "somebody talked");

        let outcomes =
            by_name(db, "SELECT outcome, count(*) FROM call_record GROUP BY outcome").await;
        let mut expected: BTreeMap<String, i64> = BTreeMap::new();
        for call in &rows.calls {
            *expected.entry(call.outcome.to_string()).or_default() += 1;
        }
        assert_eq!(outcomes, expected);

        // The times of an agent add up to his shifts.
        let shifts = number(db, "SELECT sum(signed_out - signed_in) FROM agent_shift").await;
        assert_eq!(shifts, us(rows.shifts.iter().map(|it| it.until.since(it.from))));
        assert_eq!(number(db, "SELECT sum(time_us) FROM agent_shift_time").await, shifts);
        let wrong = "SELECT count(*) FROM agent_shift WHERE signed_out - signed_in <> coalesce((SELECT \
             sum(time_us) FROM agent_shift_time WHERE shift = event), 0)";
        assert_eq!(number(db, wrong).await, 0, "seed {seed}");

        // Who came into a queue was answered, gave up, went on, or is still inside.
        let unbalanced = "SELECT count(*) FROM queue_interval WHERE inside_before + offered <> answered + \
             abandoned + abandoned_short + overflowed + left_by_key + moved + cleared + restarted + inside";
        assert_eq!(number(db, unbalanced).await, 0, "seed {seed}");
        let mut whole = QueueCounts::default();
        rows.queues.iter().for_each(|row| whole.extend(&row.counts));
        assert_eq!(
            number(db, "SELECT sum(offered) FROM queue_interval").await,
            i64::from(whole.offered)
        );
        assert_eq!(
            number(db, "SELECT sum(answered) FROM queue_interval").await,
            i64::from(whole.answered)
        );

        // In steps of any length nothing is lost, and each step begins where it should.
        let first = events.first().unwrap().at.as_micros() / 86_400_000_000 * 86_400_000_000;
        let from = cti_core::time::Timestamp::from_micros(first);
        let until = events.last().unwrap().at + Duration::from_secs(86_400);
        for step in [Duration::from_secs(900), Duration::from_secs(86_400)] {
            let period = Period { from, until, step };
            let queues = store.queue_sums(period).await.unwrap();
            let offered: u64 = queues.iter().map(|it| it.offered).sum();
            assert_eq!(offered, u64::from(whole.offered), "seed {seed}: {step:?}");
            let answered: u64 = queues.iter().map(|it| it.answered).sum();
            assert_eq!(answered, u64::from(whole.answered));
            let agents = store.agent_sums(period, None).await.unwrap();
            let spent = agents.iter().flat_map(|it| it.times.values().copied());
            let kept = number(db, "SELECT sum(time_us) FROM agent_interval_time").await;
            assert_eq!(us(spent), kept, "seed {seed}: {step:?}");
            assert!(
                agents.iter().all(|it| it.since.since(from).as_micros() % step.as_micros() == 0)
            );
            let one = agents[0].agent.clone();
            let alone = store.agent_sums(period, Some(&one)).await.unwrap();
            assert!(!alone.is_empty() && alone.iter().all(|it| it.agent == one));
        }

        let listed = "SELECT count(*) FROM call_record WHERE list_entry IS NOT NULL";
        let refused = rows.calls.iter().filter(|it| it.listed.is_some()).count();
        assert_eq!(number(db, listed).await, count(refused));
        let normal = "SELECT count(*) FROM call_record WHERE caller_normal = '+8613812341234' \
             AND kind = 'service'";
        let service = calls().filter(|it| {
            it.kind == CallKind::Service && it.caller.reveal().ends_with("13812341234")
        });
        assert_eq!(number(db, normal).await, count(service.count()), "one citizen, two spellings");
    }
}
