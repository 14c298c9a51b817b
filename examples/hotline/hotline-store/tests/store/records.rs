//! One row per call and per leg, however the events are delivered.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use cti_bindings::{
    centre::{Centre, Delivery, Subscription},
    records::{
        Records as _,
        call::CallRecord,
        filter::{CallView, Filter, PageRequest},
    },
    testlog::Log,
};
use cti_core::{
    cause::Cause,
    command::{Command, CommandError, Reply},
    event::{CallKind, DequeueReason, Event, OfferEnd},
    id::EventNo,
    records::Outcome,
    router::OverflowReason,
    time::Timestamp,
};
use hotline_store::projection::{ProjectionError, ProjectionStore as _};
use proptest::prelude::*;
use sqlx::{Connection as _, Row as _, sqlite::SqliteConnectOptions};

use crate::open;

/// A morning with every kind of outcome; 8002 and then 8001 sit at A02.
fn morning() -> Log {
    let mut log = Log::new();
    log.registers("8002").sign_in("8002", "A02").ready("8002");

    let answered = log.dials("13812341234");
    log.seconds(5).queued(answered, "general").seconds(3).offered(answered, "8002", "A02");
    log.seconds(4).answered(answered, "8002", "A02").seconds(60).hangs_up(answered, "8002", "A02");

    log.heard(answered, "8002", "A02");

    log.seconds(30).pause("8002", "lunch").seconds(5).sign_out("8002", "A02");
    log.sign_in("8001", "A02").ready("8001");
    let again = log.dials("13812341234");
    log.queued(again, "general").offered(again, "8001", "A02");
    log.seconds(2).answered(again, "8001", "A02").seconds(10).hangs_up(again, "8001", "A02");

    let unanswered = log.dials("13900000000");
    log.queued(unanswered, "general").offered(unanswered, "8001", "A02").seconds(15);
    log.offer_ends(unanswered, "8001", OfferEnd::NoAnswer).seconds(5);
    log.dequeued(unanswered, "general", DequeueReason::Abandoned).ends(unanswered, Cause::Normal);

    let overflowed = log.dials("13700000000");
    log.queued(overflowed, "general").seconds(60);
    let reason = DequeueReason::Overflowed(OverflowReason::WaitedTooLong);
    log.dequeued(overflowed, "general", reason).leaves_message(overflowed);
    log.ends(overflowed, Cause::Normal);

    let menu = log.dials("13600000000");
    log.seconds(20).ends(menu, Cause::Normal);
    let waiting = log.dials("13500000000");
    log.queued(waiting, "general");
    log
}

/// Returns every row of every projection as text.
async fn rows(data: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(data.join("hotline.db"));
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let queries = [
        "SELECT 'call ' || concat_ws('|', call, contact, kind, origin, caller, called, caller_normal, region, list_entry, started, answered, ended, outcome, cause, queue, wait_us, talk_us, hold_us, agent) AS line FROM call_record ORDER BY call",
        "SELECT 'leg ' || concat_ws('|', call, position, agent, seat, device, number, entry, part, offered, answered, ended, outcome, talk_us, hold_us) AS line FROM call_leg ORDER BY call, position",
        "SELECT 'stay ' || concat_ws('|', contact, call, queue, since, until, reason) AS line FROM queue_stay ORDER BY id",
        "SELECT 'contact ' || concat_ws('|', contact, started, ended, medium, caller, calls, wait_us, talk_us) AS line FROM contact_record ORDER BY event, contact",
        "SELECT 'recording ' || concat_ws('|', id, call, kind, agent, seat, started, ended, file, length_ms, bytes) AS line FROM recording ORDER BY id",
        "SELECT 'message ' || recording AS line FROM voice_message ORDER BY recording",
        "SELECT 'voice ' || concat_ws('|', leg, call, agent, device, ended, received, lost, sent, lost_by_peer, jitter_us, max_jitter_us, round_trip_us) AS line FROM call_voice ORDER BY leg",
        "SELECT 'shift ' || concat_ws('|', event, agent, seat, device, signed_in, signed_out) AS line FROM agent_shift ORDER BY event",
        "SELECT 'time ' || concat_ws('|', shift, activity, time_us) AS line FROM agent_shift_time ORDER BY shift, activity",
        "SELECT 'applied ' || last_applied AS line FROM projection",
    ];
    let mut lines = Vec::new();
    for query in queries {
        for row in sqlx::query(query).fetch_all(&mut connection).await.unwrap() {
            lines.push(row.get::<String, _>("line"));
        }
    }
    lines
}

/// Returns how many call records there are.
pub(crate) async fn call_count(data: &Path) -> usize {
    rows(data).await.iter().filter(|line| line.starts_with("call ")).count()
}

async fn all(store: &hotline_store::sqlite::SqliteStore, filter: &Filter) -> Vec<CallRecord> {
    store.calls(filter, PageRequest { limit: 200, after: None }).await.unwrap().items
}

#[tokio::test]
async fn every_call_that_is_over_has_one_record_with_its_outcome() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    let log = morning();
    store.apply(log.events()).await.unwrap();
    let mut records = all(&store, &Filter::default()).await;
    records.reverse();
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Answered,
            Outcome::Answered,
            Outcome::Abandoned,
            Outcome::Message,
            Outcome::SelfService
        ]
    );
    let first = &records[0];
    assert_eq!((first.wait.as_secs(), first.talk.as_secs()), (7, 60));
    assert_eq!((first.legs[0].ring().as_secs(), first.legs[0].talk.as_secs()), (4, 60));
    assert!(first.recording.is_some());
    assert_eq!(records[2].legs[0].outcome, OfferEnd::NoAnswer);
    assert_eq!(store.messages(PageRequest::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_message_without_a_word_is_no_outcome_and_not_listed() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    let mut log = Log::new();
    let call = log.dials("13700000000");
    log.queued(call, "general").seconds(60);
    let reason = DequeueReason::Overflowed(OverflowReason::WaitedTooLong);
    log.dequeued(call, "general", reason).says_nothing(call).ends(call, Cause::FlowEnded);
    store.apply(log.events()).await.unwrap();
    let records = all(&store, &Filter::default()).await;
    assert_eq!(records[0].outcome, Outcome::Overflowed);
    assert!(store.messages(PageRequest::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn records_follow_the_agent_and_a_search_by_seat_finds_both_who_sat_there() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    store.apply(morning().events()).await.unwrap();
    let agents = |records: Vec<CallRecord>| -> Vec<String> {
        records.iter().filter_map(|record| record.agent.as_ref()).map(ToString::to_string).collect()
    };
    let by = |agent: Option<&str>, seat: Option<&str>| Filter {
        agent: agent.map(|agent| agent.parse().unwrap()),
        seat: seat.map(|seat| seat.parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(agents(all(&store, &by(Some("8002"), None)).await), ["8002"]);
    assert_eq!(agents(all(&store, &by(Some("8001"), None)).await), ["8001"]);
    assert_eq!(agents(all(&store, &by(None, Some("A02"))).await), ["8001", "8002"]);
    assert!(all(&store, &by(None, Some("A01"))).await.is_empty());
    let recordings =
        store.recordings(&by(None, Some("A02")), PageRequest::default()).await.unwrap();
    assert_eq!(recordings.items.len(), 2);
}

#[tokio::test]
async fn calls_are_looked_through_by_what_became_of_them_with_an_agent() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    store.apply(morning().events()).await.unwrap();
    let everything = all(&store, &Filter::default()).await;
    for agent in [None, Some("8001"), Some("8002")] {
        let legs = |record: &CallRecord, answered: bool| {
            record.legs.iter().any(|leg| {
                let is = leg.agent.as_ref().map(cti_core::id::AgentId::as_str);
                is.is_some()
                    && (agent.is_none() || is == agent)
                    && leg.answered.is_some() == answered
            })
        };
        for (view, answered) in [(CallView::Answered, true), (CallView::Unanswered, false)] {
            let agent = agent.map(|agent| agent.parse().unwrap());
            let filter = Filter { agent, view: Some(view), ..Filter::default() };
            let found: Vec<_> = all(&store, &filter).await.iter().map(|it| it.call).collect();
            let expected: Vec<_> =
                everything.iter().filter(|it| legs(it, answered)).map(|it| it.call).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
    }
    let by = |view| Filter { view: Some(view), ..Filter::default() };
    let (in_, out) = (by(CallView::Incoming), by(CallView::Outgoing));
    let (came, went) = (all(&store, &in_).await.len(), all(&store, &out).await.len());
    let kinds = |kind| everything.iter().filter(|it| it.kind == kind).count();
    assert_eq!(came, kinds(CallKind::Service) + kinds(CallKind::Refused));
    assert_eq!(went, kinds(CallKind::Outgoing));
    assert!(came > 0);
}

#[tokio::test]
async fn calls_are_found_by_caller_and_time_and_paged_without_a_hole() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    store.apply(morning().events()).await.unwrap();
    let caller = Some(cti_core::address::PhoneNumber::parse("13812341234").unwrap());
    assert_eq!(all(&store, &Filter { caller, ..Filter::default() }).await.len(), 2);

    let everything = all(&store, &Filter::default()).await;
    let from = Some(everything[1].started);
    assert_eq!(all(&store, &Filter { from, ..Filter::default() }).await.len(), 2);
    assert_eq!(all(&store, &Filter { to: from, ..Filter::default() }).await.len(), 3);

    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit: 2, after };
        let page = store.calls(&Filter::default(), request).await.unwrap();
        paged.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, everything);
    let request = PageRequest { limit: 2, after: Some("x".to_owned()) };
    assert!(store.calls(&Filter::default(), request).await.is_err());
}

#[tokio::test]
async fn a_gap_is_refused_and_nothing_of_the_batch_is_written() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    let log = morning();
    store.apply(&log.events()[..3]).await.unwrap();
    let before = rows(data.path()).await;
    let error = store.apply(&log.events()[4..]).await.unwrap_err();
    assert!(matches!(error, ProjectionError::Gap { last: EventNo(3), found: EventNo(5) }));
    assert_eq!(rows(data.path()).await, before);
    store.apply(&log.events()[3..]).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Each number says how far one batch goes, how far the next one steps back, and whether the store is opened anew.
    #[test]
    fn the_rows_are_the_same_however_the_events_are_cut_and_repeated(
        cuts in prop::collection::vec((1_usize..20, 0_usize..10, any::<bool>()), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let log = morning();
            let events = log.events();
            let whole = tempfile::tempdir().unwrap();
            open(whole.path()).await.apply(events).await.unwrap();

            let cut = tempfile::tempdir().unwrap();
            let mut store = open(cut.path()).await;
            let mut done = 0;
            for (forward, back, reopen) in cuts {
                let from = done - back.min(done);
                let to = (done + forward).min(events.len());
                store.apply(&events[from..to]).await.unwrap();
                done = to;
                if reopen {
                    store = open(cut.path()).await;
                }
            }
            store.apply(&events[done..]).await.unwrap();
            store.apply(events).await.unwrap();
            assert_eq!(rows(cut.path()).await, rows(whole.path()).await);
        });
    }
}

/// A Center that has said all it will say, and loses a reader once.
struct Finished {
    events: Vec<Arc<Event>>,
    lose: Mutex<Option<usize>>,
}

struct Reader {
    events: std::vec::IntoIter<Arc<Event>>,
    lose_after: Option<usize>,
}

#[async_trait]
impl Centre for Finished {
    async fn request(&self, _: Command) -> Result<Reply, CommandError> {
        Err(CommandError::Stopping)
    }

    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription> {
        let events: Vec<_> = self.events.iter().filter(|event| event.no > after).cloned().collect();
        Box::new(Reader {
            events: events.into_iter(),
            lose_after: self.lose.lock().unwrap().take(),
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
}

#[async_trait]
impl Subscription for Reader {
    async fn next(&mut self) -> Option<Delivery> {
        match &mut self.lose_after {
            Some(0) => return Some(Delivery::Lost),
            Some(left) => *left -= 1,
            None => {}
        }
        self.events.next().map(Delivery::Event)
    }
}

#[tokio::test]
async fn a_reader_that_lost_events_reads_them_again() {
    let data = tempfile::tempdir().unwrap();
    let store = Arc::new(open(data.path()).await);
    let log = morning();
    let centre = Finished { events: log.shared(), lose: Mutex::new(Some(7)) };
    let (applied, watching) = tokio::sync::watch::channel(EventNo(0));
    hotline_store::follow::follow(Arc::new(centre), store.clone(), applied, |_| {}).await;
    assert_eq!(*watching.borrow(), log.events().last().unwrap().no);
    assert_eq!(all(&store, &Filter::default()).await.len(), 5);
}
