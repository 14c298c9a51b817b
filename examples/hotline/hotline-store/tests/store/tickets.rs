//! A ticket that was confirmed is there after anything.

use std::sync::Arc;

use cti_bindings::records::filter::PageRequest;
use cti_core::{address::PhoneNumber, id::CallId, time::Timestamp};
use hotline_store::{
    sqlite::SqliteStore,
    tickets::{CreateTicketError, TicketFilter, TicketRequest, TicketStore as _},
};
use hotline_ticket::{
    category::Categories,
    draft::{Draft, NewTicket},
};

use crate::open;

/// 2026-11-22 00:30 in Shanghai, the day before in UTC.
const NOW: Timestamp = Timestamp::from_secs(1_795_278_600);

async fn store(data: &std::path::Path) -> SqliteStore {
    let store = open(data).await;
    store.put_categories(&Categories::standard()).await.unwrap();
    store
}

fn new(text: &str, call: Option<u64>) -> NewTicket {
    let draft = Draft {
        category: "noise".to_owned(),
        text: text.to_owned(),
        caller_number: "13812341234".to_owned(),
        call: call.map(CallId),
        ..Draft::default()
    };
    draft.check(&Categories::standard()).unwrap()
}

fn request(key: Option<&str>) -> TicketRequest {
    TicketRequest { user: "8001".to_owned(), key: key.map(str::to_owned), caller_normal: None }
}

#[tokio::test]
async fn the_number_counts_the_day_of_the_centres_zone() {
    let data = tempfile::tempdir().unwrap();
    let store = store(data.path()).await;
    let first = store.create(NOW, request(None), new("一", None)).await.unwrap();
    let second = store.create(NOW, request(None), new("二", None)).await.unwrap();
    assert!(first.ticket.no.as_str().starts_with("370100-20261122-01-000001-"));
    assert!(second.ticket.no.as_str().starts_with("370100-20261122-01-000002-"));
    assert_eq!(first.ticket.query_code.len(), 6);
    assert_eq!(store.ticket(&first.ticket.no).await.unwrap(), Some(first.ticket));
}

#[tokio::test]
async fn the_same_request_and_the_same_call_make_one_ticket() {
    let data = tempfile::tempdir().unwrap();
    let store = store(data.path()).await;
    let first = store.create(NOW, request(Some("k1")), new("一", Some(42))).await.unwrap();
    let again = store.create(NOW, request(Some("k1")), new("一", Some(42))).await.unwrap();
    assert!(first.fresh && !again.fresh);
    assert_eq!(first.ticket, again.ticket);

    let by_call = store.create(NOW, request(None), new("又一次", Some(42))).await.unwrap();
    assert_eq!((by_call.fresh, by_call.ticket), (false, first.ticket.clone()));

    let reused = store.create(NOW, request(Some("k1")), new("别的", Some(43))).await.unwrap_err();
    assert!(matches!(reused, CreateTicketError::KeyReused));

    let other_user =
        TicketRequest { user: "8002".to_owned(), key: Some("k1".to_owned()), caller_normal: None };
    assert!(store.create(NOW, other_user, new("别的", Some(43))).await.unwrap().fresh);
}

#[tokio::test]
async fn a_confirmed_ticket_is_there_when_the_file_is_copied_at_that_moment() {
    let data = tempfile::tempdir().unwrap();
    let store = store(data.path()).await;
    for round in 0..5 {
        let created = store.create(NOW, request(None), new("停电", None)).await.unwrap();
        // What a process that dies here leaves behind: the file and its write-ahead log, nothing closed.
        let left = tempfile::tempdir().unwrap();
        for file in ["hotline.db", "hotline.db-wal"] {
            std::fs::copy(data.path().join(file), left.path().join(file)).unwrap();
        }
        let survivor = open(left.path()).await;
        assert_eq!(survivor.ticket(&created.ticket.no).await.unwrap(), Some(created.ticket));
        let all = survivor.tickets(&TicketFilter::default(), PageRequest::default()).await.unwrap();
        assert_eq!(all.items.len(), round + 1);
    }
}

#[tokio::test]
async fn many_at_once_get_a_number_each() {
    let data = tempfile::tempdir().unwrap();
    let store = Arc::new(store(data.path()).await);
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let store = store.clone();
            tokio::task::spawn(async move {
                store.create(NOW, request(None), new(&format!("第{n}件"), None)).await.unwrap()
            })
        })
        .collect();
    let mut numbers = std::collections::BTreeSet::new();
    for task in tasks {
        assert!(numbers.insert(task.await.unwrap().ticket.no));
    }
    assert_eq!(numbers.len(), 32);
}

#[tokio::test]
async fn tickets_are_found_by_number_and_paged() {
    let data = tempfile::tempdir().unwrap();
    let store = store(data.path()).await;
    for n in 0..5 {
        store.create(NOW, request(None), new(&format!("第{n}件"), None)).await.unwrap();
    }
    let caller = Some(PhoneNumber::parse("13812341234").unwrap());
    let filter = TicketFilter { caller, ..TicketFilter::default() };
    let page = store.tickets(&filter, PageRequest { limit: 3, after: None }).await.unwrap();
    assert_eq!(page.items[0].text, "第4件");
    let rest = store.tickets(&filter, PageRequest { limit: 3, after: page.next }).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (2, None));
    let nobody = TicketFilter {
        caller: Some(PhoneNumber::parse("10000").unwrap()),
        ..TicketFilter::default()
    };
    assert!(store.tickets(&nobody, PageRequest::default()).await.unwrap().items.is_empty());
}
