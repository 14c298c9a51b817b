//! What the HTTP server serves: REST, WebSocket, metrics, and the page.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use axum::Router;
use cti_bindings::{centre::Centre, live::Live};
use cti_core::config::CenterConfig;
use cti_media::{
    sip::{GatewayState, GatewayStatus},
    switch::native::NativeControl,
};
use hotline_api::{
    links::LinkSecret,
    modules::Module,
    probes::{Metric, Probe},
    state::{About, ApiParts},
    trunks::Gateway,
};
use hotline_store::{password::PasswordHasher, sqlite::SqliteStore};
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::{
    calendar::LiveCalendar,
    config::Config,
    erasure::Eraser,
    flows::Desk,
    line::Line,
    modules::Modules,
    phone_book::KeptPhoneBook,
    prompts::Shelf,
    routing::Rules,
    server::{StartError, VERSION, ZONE},
    sip_socket,
};

/// What the interface is made of, beside the configuration.
#[derive(Clone)]
pub struct Inside {
    /// The running Center.
    pub centre: Arc<dyn Centre>,
    /// The records.
    pub store: Arc<SqliteStore>,
    /// The switch.
    pub line: Line,
    /// Whether new calls are refused.
    pub draining: Arc<AtomicBool>,
    /// The rules of the queues.
    pub rules: Arc<Rules>,
    /// What erases citizens.
    pub erasure: Arc<Eraser>,
    /// Hours and holidays.
    pub calendar: Arc<LiveCalendar>,
    /// Departments and leaders.
    pub phone_book: Arc<KeptPhoneBook>,
    /// The flows.
    pub flows: Arc<Desk>,
    /// The recordings.
    pub prompts: Shelf,
    /// The modules that have registered.
    pub modules: Arc<Modules>,
    /// Why the journal cannot be written, while it cannot.
    pub journal_failure: watch::Receiver<Option<String>>,
}

impl std::fmt::Debug for Inside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inside").field("draining", &self.draining).finish_non_exhaustive()
    }
}

/// Returns everything the HTTP server serves.
///
/// # Errors
/// When the secret that signs links cannot be kept in the data folder.
pub fn router(
    config: &Config,
    center: CenterConfig,
    data: &Path,
    inside: Inside,
) -> Result<Router, StartError> {
    let zone = TimeZone::get(ZONE)?;
    let live = Live::start(Arc::clone(&inside.centre), center, zone.clone());
    let started_at = inside.centre.now();
    let phones = inside
        .line
        .native()
        .map(|control| sip_socket::router(control.clone(), config.http.tls_cert.is_some()));
    let probe = Health { live: Arc::clone(&live), inside: inside.clone() };
    let api = hotline_api::router(ApiParts {
        centre: inside.centre,
        live,
        records: inside.store.clone(),
        tickets: inside.store.clone(),
        users: inside.store.clone(),
        directory: inside.store.clone(),
        statistics: inside.store,
        hasher: PasswordHasher::default(),
        links: LinkSecret::load_or_create(&data.join("links.key"))?,
        zone,
        about: About {
            version: VERSION.to_owned(),
            started_at,
            sip: config.sip.listen.to_string(),
        },
        probe: Arc::new(probe),
        routing: inside.rules,
        erasure: inside.erasure,
        calendar: inside.calendar,
        phone_book: inside.phone_book,
        flows: inside.flows,
        prompts: Arc::new(inside.prompts),
    });
    Ok(api.merge(phones.unwrap_or_default()).fallback_service(hotline_web::router()))
}

/// How this server is.
struct Health {
    live: Arc<Live>,
    inside: Inside,
}

#[async_trait]
impl Probe for Health {
    async fn ready(&self) -> Result<(), String> {
        if let Some(reason) = self.inside.journal_failure.borrow().as_ref() {
            return Err(format!("journal: {reason}"));
        }
        if let Some(trouble) = self.inside.line.trouble() {
            return Err(trouble.to_owned());
        }
        self.inside.store.ping().await.map_err(|error| format!("database: {error}"))
    }

    fn draining(&self) -> bool {
        self.inside.draining.load(Ordering::Relaxed)
    }

    async fn gateways(&self) -> Vec<Gateway> {
        let gateways = self.inside.line.gateways().await;
        let shown = |it: GatewayStatus| Gateway {
            trunk: it.trunk,
            name: it.name,
            state: match it.state {
                GatewayState::Unknown => "unknown",
                GatewayState::Up => "up",
                GatewayState::Registering => "registering",
                GatewayState::Refused => "refused",
                GatewayState::Down => "down",
            },
            calls: it.calls,
            capacity: it.capacity,
            failures: it.failures,
        };
        gateways.into_iter().map(shown).collect()
    }

    fn modules(&self) -> Vec<Module> {
        self.inside.modules.list()
    }

    fn metrics(&self) -> Vec<Metric> {
        let count = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let calls = self.live.view().calls().count();
        let legs = count(self.inside.line.live_legs());
        let mut metrics = vec![
            Metric::gauge("cti_live_calls", "Calls that are not over.", calls),
            Metric::gauge("cti_live_legs", "Legs that are not over.", legs),
            Metric::gauge(
                "cti_draining",
                "1 while new calls are refused.",
                usize::from(self.draining()),
            ),
        ];
        match &self.inside.line {
            Line::Native(control) => metrics.extend(of_native(control)),
            Line::Remote(control) => metrics.extend([
                Metric::gauge(
                    "cti_switch_connected",
                    "1 while the switch is connected.",
                    usize::from(control.is_connected()),
                ),
                Metric::counter(
                    "cti_switch_connections_total",
                    "Connections made to the switch.",
                    control.connections(),
                ),
            ]),
        }
        metrics
    }
}

fn of_native(control: &NativeControl) -> Vec<Metric> {
    let sip = control.sip_stats();
    let count = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    vec![
        Metric::gauge(
            "cti_live_sockets",
            "Open RTP and RTCP sockets.",
            count(control.live_sockets()),
        ),
        Metric::gauge("cti_live_dialogs", "SIP dialogs held.", count(sip.dialogs())),
        Metric::gauge("cti_live_transactions", "SIP transactions held.", count(sip.transactions())),
        Metric::gauge("cti_sip_bindings", "Registered devices.", count(sip.bindings())),
        Metric::gauge("cti_sip_connections", "SIP connections held.", count(sip.connections())),
        Metric::counter("cti_sip_messages_total", "SIP messages received.", sip.messages()),
        Metric::counter(
            "cti_sip_malformed_total",
            "SIP messages that made no sense.",
            sip.malformed(),
        ),
        Metric::counter(
            "cti_sip_rate_limited_total",
            "SIP requests dropped because their source sent too many.",
            sip.rate_limited(),
        ),
        Metric::counter(
            "cti_sip_challenged_total",
            "SIP requests asked for a password.",
            sip.challenged(),
        ),
        Metric::counter(
            "cti_sip_retransmitted_total",
            "SIP messages sent again.",
            sip.retransmitted(),
        ),
        Metric::counter(
            "cti_media_dropped_events_total",
            "Media events nobody had room for; must stay 0.",
            control.media().dropped_events(),
        ),
    ]
}
