//! What was confirmed survives the death of the process at any moment.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use cti_bindings::{records::filter::PageRequest, testlog::Log};
use cti_core::{cause::Cause, id::EventNo, time::Timestamp};
use hotline_store::{
    projection::ProjectionStore as _,
    tickets::{TicketFilter, TicketRequest, TicketStore as _},
};
use hotline_ticket::{category::Categories, draft::Draft};

use crate::open;

const FOLDER: &str = "HOTLINE_STORE_KILL_TEST";
const KILLS: u64 = 20;

/// Many short calls.
fn log() -> Log {
    let mut log = Log::new();
    for _ in 0..2_000 {
        let call = log.dials("13812341234");
        log.seconds(1).ends(call, Cause::Normal);
    }
    log
}

/// The process that is killed: it confirms tickets and records on its standard output until it dies. Without the
/// variable that its parent sets it does nothing.
#[test]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(Path::new(&folder)).await;
        store.put_categories(&Categories::standard()).await.unwrap();
        let log = log();
        loop {
            let draft =
                Draft {
                    category: "noise".to_owned(), text: "施工".to_owned(), ..Draft::default()
                };
            let ticket = draft.check(&Categories::standard()).unwrap();
            let request = TicketRequest { user: "8001".to_owned(), key: None, caller_normal: None };
            let now = Timestamp::from_secs(1_795_309_200);
            let created = store.create(now, request, ticket).await.unwrap();
            say(&format!("ticket {}", created.ticket.no));

            let last = usize::try_from(store.last_applied().await.unwrap().0).unwrap();
            let until = (last + 7).min(log.events().len());
            let applied = store.apply(&log.events()[last..until]).await.unwrap();
            say(&format!("applied {}", applied.0));
        }
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

#[tokio::test]
async fn nothing_that_was_confirmed_is_lost_by_twenty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut tickets = BTreeSet::new();
    let mut applied = EventNo(0);
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut confirmed = 0;
        for line in lines.map_while(Result::ok) {
            // The harness prints on the same line as the first one.
            let words: Vec<_> = line.split_whitespace().collect();
            if let [.., "ticket", no] = words[..] {
                tickets.insert(no.to_owned());
            } else if let [.., "applied", no] = words[..] {
                applied = EventNo(no.parse().unwrap());
            }
            confirmed += 1;
            if confirmed == 3 + round {
                // Somewhere inside the work that follows.
                std::thread::sleep(Duration::from_micros(round * 137 % 1_900));
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(confirmed >= 3 + round, "the child did not get that far");

        let store = open(folder.path()).await;
        let last = store.last_applied().await.unwrap();
        assert!(last >= applied, "{last} was applied, {applied} was confirmed");
        for no in &tickets {
            assert!(store.ticket(&no.parse().unwrap()).await.unwrap().is_some(), "{no} is lost");
        }
        store.close().await;
    }
    let store = open(folder.path()).await;
    store.apply(log().events()).await.unwrap();
    let page = PageRequest { limit: 200, after: None };
    let found = store.tickets(&TicketFilter::default(), page).await.unwrap().items;
    let unique: BTreeSet<_> = found.iter().map(|ticket| &ticket.no).collect();
    assert_eq!(unique.len(), found.len());
    assert_eq!(crate::records::call_count(folder.path()).await, 2_000);
}
