//! The interface as programs and pages see it, over a real store and a small Center.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics when its world is broken, and drives it"
)]

mod agents;
mod configure;
mod devices;
mod documents;
mod events;
mod flows;
mod follow;
mod inputs;
mod mailboxes;
mod modules;
mod numbers;
mod phone_book;
mod phones;
mod privacy;
mod prompts;
mod quality;
mod queue_rules;
mod recordings;
mod returning;
mod roles;
mod routing;
mod services;
mod sessions;
mod statistics;
mod tickets;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use cti_bindings::{
    centre::Centre,
    fake::FakeCentre,
    live::Live,
    testlog::{Log, center_config},
    testworld::TestWorld,
};
use cti_core::{
    address::PhoneNumber,
    calendar::{CalendarChange, Calendars, Holidays, InvalidCalendar},
    command::CommandError,
    config::{CenterConfig, QueueConfig},
    id::EventNo,
    import::ImportReport,
    time::Timestamp,
};
use hotline_api::{
    calendar::{CalendarDesk, CalendarError},
    erasure::{Erased, Erasure, ErasureError},
    links::LinkSecret,
    modules::{Module, ModuleState},
    probes::{Metric, Probe},
    routing::{Finding, NamedRule, RoutingError, RoutingRules},
    state::{About, ApiParts},
    trunks::Gateway,
};
use hotline_store::{
    demo::{DemoConfig, seed_demo},
    password::PasswordHasher,
    projection::ProjectionStore as _,
    sqlite::{SqliteStore, StoreConfig},
};
use jiff::tz::TimeZone;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt as _;

/// A server with its data folder.
struct World<C = FakeCentre> {
    data: TempDir,
    centre: Arc<C>,
    live: Arc<Live>,
    store: Arc<SqliteStore>,
    /// The rules of the queues that were kept for the next start.
    kept: Arc<Ruled>,
    applied: watch::Receiver<EventNo>,
    router: Router,
}

struct Probed;

#[async_trait]
impl Probe for Probed {
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn draining(&self) -> bool {
        false
    }

    async fn gateways(&self) -> Vec<Gateway> {
        vec![Gateway {
            trunk: "city".to_owned(),
            name: "city-1".to_owned(),
            state: "down",
            calls: 2,
            capacity: Some(120),
            failures: 7,
        }]
    }

    fn modules(&self) -> Vec<Module> {
        let module = |name: &str, state, reason: Option<&str>| Module {
            name: name.to_owned(),
            state,
            reason: reason.map(str::to_owned),
            since: Timestamp::ZERO,
        };
        vec![
            module("calendar", ModuleState::Working, None),
            module("records", ModuleState::Failing, Some("database is locked")),
        ]
    }

    fn metrics(&self) -> Vec<Metric> {
        vec![Metric::gauge("cti_live_calls", "Calls that go on.", 3)]
    }
}

/// Keeps rules and queues in memory, and tries nothing out.
#[derive(Default)]
struct Ruled(std::sync::Mutex<Value>, std::sync::Mutex<Vec<QueueConfig>>);

#[async_trait]
impl RoutingRules for Ruled {
    async fn keep(&self, rules: Value) -> std::io::Result<()> {
        *self.0.lock().unwrap() = rules;
        Ok(())
    }

    async fn keep_queue(&self, queue: QueueConfig) -> std::io::Result<()> {
        self.1.lock().unwrap().push(queue);
        Ok(())
    }

    fn catalogue(&self) -> Vec<NamedRule> {
        let named = |name: &str| NamedRule {
            name: name.to_owned(),
            chosen_by: "queue".to_owned(),
            words_zh: "空闲最久者优先".to_owned(),
            words_en: "who has been idle longest".to_owned(),
        };
        vec![named("longest_idle")]
    }

    fn check(&self, rules: &Value) -> Vec<Finding> {
        let wrong = rules["scripts"].as_array().into_iter().flatten();
        let finding = |script: &Value| Finding {
            field: "scripts".to_owned(),
            reason: "unexpected end".to_owned(),
            script: script["name"].as_str().map(str::to_owned),
            line: Some(2),
            column: Some(1),
        };
        wrong.map(finding).collect()
    }

    async fn try_out(&self, before: Value, after: Value) -> Result<Value, RoutingError> {
        Ok(serde_json::json!({ "before": before, "after": after }))
    }
}

/// A journal that nobody sealed.
struct InClear;

#[async_trait]
impl Erasure for InClear {
    async fn erase(&self, _: &PhoneNumber, _: &str, _: &str) -> Result<Erased, ErasureError> {
        Err(ErasureError::NotSealed)
    }
}

/// A calendar without a file, and without a Center that goes by it.
#[derive(Default)]
struct Kept(std::sync::Mutex<Calendars>);

impl Kept {
    fn take(&self, change: &CalendarChange) -> Result<(), CalendarError> {
        let mut calendars = self.0.lock().unwrap();
        *calendars = calendars.changed(change).map_err(|error| {
            let InvalidCalendar::Value { field, reason, .. } = error else { unreachable!() };
            CommandError::InvalidValue { field, reason }
        })?;
        Ok(())
    }
}

#[async_trait]
impl CalendarDesk for Kept {
    fn schedules(&self) -> String {
        self.0.lock().unwrap().to_document()
    }

    fn holidays(&self) -> String {
        self.0.lock().unwrap().holidays().to_document()
    }

    fn warnings(&self) -> Vec<String> {
        vec!["no holidays are known for 2027".to_owned()]
    }

    async fn replace_schedules(&self, document: Value, _: &str) -> Result<(), CalendarError> {
        self.take(&CalendarChange::Schedules(document))
    }

    async fn import_holidays(&self, table: &[u8], _: &str) -> Result<ImportReport, CalendarError> {
        let (newer, report) = Holidays::import(table);
        if !report.is_clean() {
            return Err(CalendarError::Lines(report));
        }
        let document = serde_json::from_str(&newer.to_document()).unwrap();
        self.take(&CalendarChange::Holidays(document))?;
        Ok(report)
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The code and the field of a problem document.
    fn problem(&self) -> (u16, String, Option<String>) {
        let kind = self.headers.get(header::CONTENT_TYPE).unwrap();
        assert_eq!(kind, "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert!(!body["detail"].as_str().unwrap().is_empty());
        let field = body["field"].as_str().map(ToOwned::to_owned);
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned(), field)
    }
}

impl World {
    async fn new() -> Self {
        Self::of(FakeCentre::default(), center_config()).await
    }

    /// Writes sentences into the log and waits until the view and the records know them.
    async fn happens<T>(&mut self, write: impl FnOnce(&mut Log) -> T) -> T {
        let result = self.centre.happens(write);
        self.catch_up(self.centre.last()).await;
        result
    }
}

impl World<TestWorld> {
    /// Lets a scenario happen and waits until the view and the records know of it.
    async fn run(&mut self, script: &str) -> String {
        let trace = self.centre.run(script);
        self.catch_up(self.centre.last()).await;
        trace
    }

    /// Waits until the view and the records know what has happened.
    async fn settle(&mut self) {
        self.catch_up(self.centre.last()).await;
    }
}

impl<C: Centre + flows::Shows + 'static> World<C> {
    async fn of(centre: C, config: CenterConfig) -> Self {
        let data = tempfile::tempdir().unwrap();
        let hasher = PasswordHasher::with_cost(8, 1).unwrap();
        let store = SqliteStore::open(StoreConfig::in_folder(data.path())).await.unwrap();
        let demo = DemoConfig {
            sip_realm: "hotline".to_owned(),
            queues: vec!["general".parse().unwrap()],
            hasher: hasher.clone(),
        };
        seed_demo(&store, &demo).await.unwrap();
        let store = Arc::new(store);
        let centre = Arc::new(centre);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let live = Live::start(centre.clone(), config, zone.clone());
        let (applied, watching) = watch::channel(EventNo(0));
        tokio::task::spawn(hotline_store::follow::follow(
            centre.clone(),
            store.clone(),
            applied,
            |_| {},
        ));
        let kept = Arc::new(Ruled::default());
        let router = hotline_api::router(ApiParts {
            centre: centre.clone(),
            live: live.clone(),
            records: store.clone(),
            tickets: store.clone(),
            users: store.clone(),
            directory: store.clone(),
            statistics: store.clone(),
            hasher,
            links: LinkSecret::new([7; 32]),
            zone,
            about: About {
                version: "1.2.3".to_owned(),
                started_at: centre.now(),
                sip: "127.0.0.1:5060".to_owned(),
            },
            probe: Arc::new(Probed),
            routing: kept.clone(),
            erasure: Arc::new(InClear),
            calendar: Arc::new(Kept::default()),
            phone_book: Arc::new(phone_book::Remembered::default()),
            flows: flows::desk(centre.clone()),
            prompts: Arc::new(prompts::Shelf::default()),
        });
        Self { data, centre, live, store, kept, applied: watching, router }
    }

    async fn catch_up(&mut self, last: EventNo) {
        let limit = Duration::from_secs(10);
        assert!(self.live.until(limit, |view| view.last() >= last).await);
        let applied = self.applied.wait_for(|applied| *applied >= last);
        tokio::time::timeout(limit, applied).await.unwrap().unwrap();
        assert_eq!(self.store.last_applied().await.unwrap(), last);
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Asks with a token; an empty one is left out.
    async fn ask(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sends a table.
    async fn table(&self, token: &str, method: &str, path: &str, table: &str) -> Answer {
        self.bytes(token, method, path, "text/csv", table.as_bytes().to_vec()).await
    }

    /// Sends what is not JSON.
    async fn bytes(
        &self,
        token: &str,
        method: &str,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(token, "GET", path, None).await
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.ask(token, "POST", path, Some(body)).await
    }

    /// Signs in with the demonstration's password.
    async fn token(&self, user: &str) -> String {
        let credentials = serde_json::json!({"user": user, "password": format!("demo{user}")});
        let answer = self.post("", "/session", credentials).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }
}

/// An answered call of 13812341234, with agent 8003 at A03.
fn answered_call(log: &mut Log) -> cti_core::id::CallId {
    log.registers("8003").sign_in("8003", "A03").ready("8003");
    let call = log.dials("13812341234");
    log.queued(call, "general").offered(call, "8003", "A03").seconds(3);
    log.answered(call, "8003", "A03");
    call
}
