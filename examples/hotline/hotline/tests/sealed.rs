//! A sealed journal from key to erasure: what a citizen said is gone for good, and everybody else is found again.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use cti_bindings::{centre::Centre, live::Live, testlog::center_config, testworld::TestWorld};
use cti_core::{
    center::Center,
    config::CenterConfig,
    event::{Event, Fact},
    flow::FlowEffect,
    id::EventNo,
    journal::{Journal as _, file::FileJournal},
    needs::Needs,
    numbers::NumberingConfig,
    testkit::{ScriptedFlows, SimpleRouter},
    time::Timestamp,
};
use cti_ivr::flow::Recordings;
use hotline::{
    calendar::LiveCalendar,
    erasure::Eraser,
    seal::{self, Keys},
};
use hotline_api::{
    flows::{FlowDesk, Look, Surroundings},
    links::LinkSecret,
    probes::{Metric, Probe},
    routing::{Finding, NamedRule, RoutingError, RoutingRules},
    state::{About, ApiParts},
};
use hotline_store::{
    demo::{DemoConfig, seed_demo},
    password::PasswordHasher,
    projection::ProjectionStore as _,
    sqlite::{SqliteStore, StoreConfig},
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const CITIZEN: &str = "13812341234";
const OTHER: &str = "13900001111";

struct Quiet;

#[async_trait]
impl Probe for Quiet {
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
    fn draining(&self) -> bool {
        false
    }
    async fn gateways(&self) -> Vec<hotline_api::trunks::Gateway> {
        Vec::new()
    }
    fn modules(&self) -> Vec<hotline_api::modules::Module> {
        Vec::new()
    }
    fn metrics(&self) -> Vec<Metric> {
        Vec::new()
    }
}

#[async_trait]
impl RoutingRules for Quiet {
    async fn keep(&self, _: Value) -> std::io::Result<()> {
        Ok(())
    }
    async fn keep_queue(&self, _: cti_core::config::QueueConfig) -> std::io::Result<()> {
        Ok(())
    }
    fn catalogue(&self) -> Vec<NamedRule> {
        Vec::new()
    }

    fn check(&self, _: &Value) -> Vec<Finding> {
        Vec::new()
    }

    async fn try_out(&self, _: Value, _: Value) -> Result<Value, RoutingError> {
        Ok(Value::Null)
    }
}

/// A centre without flows to edit.
#[derive(Default)]
struct NoFlows(Surroundings);

#[async_trait]
impl FlowDesk for NoFlows {
    async fn look(&self, _: Look) {}
    fn surroundings(&self) -> &Surroundings {
        &self.0
    }
    fn recordings(&self) -> Recordings {
        Recordings::default()
    }
}

fn config() -> CenterConfig {
    let numbering = NumberingConfig { area: "0531".to_owned(), ..NumberingConfig::default() };
    CenterConfig { numbering: Some(numbering), ..center_config() }
}

fn center() -> Center {
    let enqueue = FlowEffect::Enqueue {
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
    };
    let flows = ScriptedFlows::default().flow("hotline-12345", vec![FlowEffect::Answer, enqueue]);
    Center::new(config(), Box::new(SimpleRouter::default()), Box::new(flows)).unwrap()
}

struct Hotline {
    data: PathBuf,
    centre: Arc<TestWorld>,
    live: Arc<Live>,
    store: Arc<SqliteStore>,
    journal: FileJournal,
    router: Router,
    _data: tempfile::TempDir,
}

impl Hotline {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        seal::make_key(&data.join("journal.key")).unwrap();
        let keys = keys(&data);
        let store = Arc::new(SqliteStore::open(StoreConfig::in_folder(&data)).await.unwrap());
        let hasher = PasswordHasher::with_cost(8, 1).unwrap();
        let demo = DemoConfig {
            sip_realm: "hotline".to_owned(),
            queues: vec!["general".parse().unwrap()],
            hasher: hasher.clone(),
        };
        seed_demo(&store, &demo).await.unwrap();
        let journal =
            FileJournal::open_with(&data.join("journal"), seal::codec(Some(&keys))).unwrap();
        let centre = Arc::new(TestWorld::new(center(), Timestamp::from_secs(1_795_309_200)));
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let live = Live::start(centre.clone(), config(), zone.clone());
        let calendars = cti_core::calendar::Calendars::default();
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
                version: "1".to_owned(),
                started_at: centre.now(),
                sip: "127.0.0.1:5060".to_owned(),
            },
            probe: Arc::new(Quiet),
            phone_book: Arc::new(hotline::phone_book::KeptPhoneBook::open(&data).unwrap()),
            routing: Arc::new(Quiet),
            flows: Arc::new(NoFlows::default()),
            prompts: Arc::new(
                hotline::prompts::Shelf::load(&data, "zh-CN", Arc::default()).unwrap(),
            ),
            erasure: Arc::new(Eraser {
                recordings: store.audio(),
                centre: centre.clone(),
                store: store.clone(),
                keys: Some(keys),
            }),
            calendar: Arc::new(LiveCalendar::new(calendars, &data, centre.clone())),
        });
        Self { data, centre, live, store, journal, router, _data: folder }
    }

    /// Lets something happen, and journal, records and view know of it.
    async fn run(&mut self, script: &str) {
        self.centre.run(script);
        self.catch_up().await;
    }

    async fn catch_up(&mut self) {
        let events = self.centre.events();
        let new = usize::try_from(self.journal.last().0).unwrap();
        self.journal.append(&events[new..]).unwrap();
        self.journal.sync().unwrap();
        self.store.apply(&events).await.unwrap();
        let last = self.centre.last();
        assert!(self.live.until(Duration::from_secs(10), |view| view.last() >= last).await);
    }

    async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn token(&self) -> String {
        let credentials = json!({"user": "admin", "password": "demoadmin"});
        let (_, session) = self.ask("", "POST", "/session", Some(credentials)).await;
        session["token"].as_str().unwrap().to_owned()
    }
}

fn keys(data: &Path) -> Keys {
    seal::open_keys(data, Some(&data.join("journal.key"))).unwrap().unwrap()
}

/// Reads a journal as the next start does.
fn read(data: &Path) -> Vec<Event> {
    let codec = seal::codec(Some(&keys(data)));
    FileJournal::open_with(&data.join("journal"), codec).unwrap().read(EventNo(0)).unwrap()
}

fn holds(folder: &Path, text: &str) -> bool {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).any(|path| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

fn callers(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter_map(|event| {
            if let Fact::CallStarted { caller, .. } = &event.fact {
                Some(caller.reveal().to_owned())
            } else {
                None
            }
        })
        .collect()
}

#[tokio::test]
async fn an_erased_citizen_is_gone_from_journal_records_and_tickets_and_the_others_are_read_back() {
    let mut hotline = Hotline::new().await;
    hotline
        .run(
            "00:00 citizen 13812341234 dials 12345
             00:05 citizen 13812341234 hangs up
             00:10 citizen 13900001111 dials 12345
             00:15 citizen 13900001111 hangs up
             00:20",
        )
        .await;
    let data = hotline.data.clone();
    assert!(!holds(&data.join("journal"), CITIZEN), "the journal is sealed");
    assert!(!holds(&data.join("journal"), OTHER));
    assert_eq!(callers(&read(&data)), [CITIZEN, OTHER], "a restart reads it back");

    let token = hotline.token().await;
    let draft = json!({"category": "noise", "text": "施工", "number": "+8613812341234",
        "caller_name": "王先生"});
    let (status, ticket) = hotline.ask(&token, "POST", "/tickets", Some(draft)).await;
    assert_eq!(status, 201, "{ticket}");
    let erase = json!({"number": "tel:+86-138-1234-1234", "reason": "asked for by letter"});
    let (status, erased) =
        hotline.ask(&token, "POST", "/citizens/erase", Some(erase.clone())).await;
    assert_eq!(status, 200, "{erased}");
    let expected = json!({"contacts": 1, "in_clear": 0, "calls": 1, "tickets": 1, "recordings": 0});
    assert_eq!(erased, expected);
    hotline.catch_up().await;

    assert_eq!(callers(&read(&data)), ["", OTHER], "nobody can read his number again");
    let noted = read(&data).into_iter().find_map(|event| {
        if let Fact::DataErased { contacts, by, reason } = event.fact {
            Some((contacts.len(), by, reason))
        } else {
            None
        }
    });
    assert_eq!(noted, Some((1, "admin".to_owned(), "asked for by letter".to_owned())));
    hotline.store.close().await;
    assert!(!holds(&data, CITIZEN), "not in the database either");
    assert!(holds(&data, OTHER));
}

#[tokio::test]
async fn a_citizen_who_calls_at_this_moment_is_not_erased() {
    let mut hotline = Hotline::new().await;
    hotline
        .run(
            "00:00 citizen 13812341234 dials 12345
             00:05 citizen 13812341234 hangs up
             00:10 citizen 13812341234 dials 12345
             00:15",
        )
        .await;
    let token = hotline.token().await;
    let erase = json!({"number": CITIZEN, "reason": "asked for by letter"});
    let (status, refused) =
        hotline.ask(&token, "POST", "/citizens/erase", Some(erase.clone())).await;
    assert_eq!((status, &refused["code"]), (409, &json!("citizen_is_live")));
    hotline.run("00:20 citizen 13812341234 hangs up\n00:30").await;
    let (status, erased) = hotline.ask(&token, "POST", "/citizens/erase", Some(erase)).await;
    assert_eq!((status, &erased["contacts"]), (200, &json!(2)));
}

#[tokio::test]
async fn a_year_without_holidays_is_an_alarm_until_it_is_imported() {
    let mut hotline = Hotline::new().await;
    let schedules = r#"{"schema": "cti.schedules/1", "schedules": {"hotline":
        {"name": "热线", "days": {"thu": [["08:30", "17:30", "work"]]}}}}"#;
    let calendars = cti_core::calendar::Calendars::parse(
        "schedules.json",
        schedules,
        cti_core::calendar::Holidays::default(),
    );
    let live = LiveCalendar::new(calendars.unwrap(), &hotline.data, hotline.centre.clone());
    live.look().await;
    live.look().await;
    hotline.catch_up().await;
    let token = hotline.token().await;
    let (_, alarms) = hotline.ask(&token, "GET", "/alarms", None).await;
    assert_eq!(alarms["items"].as_array().unwrap().len(), 1, "{alarms}");
    assert_eq!(alarms["items"][0]["code"], "no_holidays");
    assert!(alarms["items"][0]["words"].as_str().unwrap().contains("2026"));

    use hotline_api::calendar::CalendarDesk as _;
    let table = "from,to,kind,name\n2026-10-01,2026-10-07,holiday,国庆节\n";
    live.import_holidays(table.as_bytes(), "admin").await.unwrap();
    hotline.catch_up().await;
    let (_, alarms) = hotline.ask(&token, "GET", "/alarms", None).await;
    assert!(alarms["items"][0]["cleared"].is_string(), "{alarms}");
}
