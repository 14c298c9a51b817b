//! The modules of a running server: they register, are missed when they fail, and the process does not outlive its Center.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{future::pending, path::Path, time::Duration};

use cti_core::{
    command::Command,
    event::{AlarmKind, Fact},
    runtime::{Subscription, SubscriptionEvent},
};
use hotline::{
    assets,
    config::Config,
    server::{Server, open_store},
};
use hotline_api::modules::ModuleState;
use hotline_store::{
    demo::{DemoConfig, seed_demo},
    password::PasswordHasher,
};
use sqlx::{Connection as _, SqliteConnection};

/// How long anything may take here.
const LIMIT: Duration = Duration::from_secs(60);

async fn start(data: &Path) -> Server {
    let mut config = Config::parse("demo.toml", assets::DEMO_TOML).unwrap();
    config.data = data.to_owned();
    config.http.listen = "127.0.0.1:0".parse().unwrap();
    config.sip.listen = "127.0.0.1:0".parse().unwrap();
    let (store, lock) = open_store(&config).await.unwrap();
    assets::lay_out_demo(&config).unwrap();
    let demo = DemoConfig {
        sip_realm: config.sip.domain.clone(),
        queues: config.queue_plan().into_iter().map(|queue| queue.id).collect(),
        hasher: PasswordHasher::with_cost(8, 1).unwrap(),
    };
    seed_demo(&store, &demo).await.unwrap();
    Server::start(&config, store, lock, None).await.unwrap()
}

/// Waits until the log says something.
async fn until(log: &mut Subscription, says: impl Fn(&Fact) -> bool) {
    let said = async {
        loop {
            match log.next().await {
                Some(SubscriptionEvent::Event(event)) if says(&event.fact) => return,
                Some(_) => {}
                None => panic!("the centre has ended"),
            }
        }
    };
    tokio::time::timeout(LIMIT, said).await.expect("the log says it in time");
}

fn state(server: &Server, name: &str) -> ModuleState {
    server.modules.list().into_iter().find(|it| it.name == name).unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_fails_raises_an_alarm_until_it_works_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    for name in ["calendar", "call_log", "journal", "records", "registrations"] {
        assert_eq!(state(&server, name), ModuleState::Working, "{name}");
    }
    // Neither has one that nobody configured registered to end at once.
    let modules = server.modules.list();
    assert!(modules.iter().all(|it| it.state == ModuleState::Working), "{modules:?}");
    let records = AlarmKind::ModuleFailed { module: "records".to_owned() };
    let mut log = server.handle.subscribe(None).await.unwrap();

    // Another program holds the database, so that no record can be written.
    let url = format!("sqlite://{}", folder.path().join("hotline.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let kind = AlarmKind::NoHolidays { year: 1999 };
    server.handle.request(Command::SetAlarm { kind, stands: true }).await.unwrap();
    until(&mut log, |fact| matches!(fact, Fact::AlarmRaised { kind, .. } if *kind == records))
        .await;
    assert_eq!(state(&server, "records"), ModuleState::Failing);

    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    until(&mut log, |fact| matches!(fact, Fact::AlarmCleared { .. })).await;
    assert_eq!(state(&server, "records"), ModuleState::Working);
    server.stop(Duration::ZERO, pending()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_centre_breaks_ends_instead_of_standing_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let broken = server.handle.inspect(|_| -> () { panic!("a mistake in the Center") }).await;
    assert!(broken.is_err());
    tokio::time::timeout(LIMIT, server.broken()).await.expect("it says that it is over");
}
