//! What the interface is built from, and what its operations share.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
};

use cti_bindings::{
    centre::Centre,
    live::Live,
    records::Records,
    rest::{RestState, problem::Problem},
};
use cti_core::{address::PhoneNumber, time::Timestamp};
use hotline_store::{
    directory::DirectoryStore, password::PasswordHasher, statistics::StatisticsStore,
    tickets::TicketStore, users::UserStore,
};
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

use crate::{
    authorize::HotlineAuthorizer,
    calendar::CalendarDesk,
    erasure::Erasure,
    flows::{FlowDesk, prompts::PromptShelf, trials::Trials},
    links::LinkSecret,
    phone_book::PhoneBookDesk,
    probes::Probe,
    routing::RoutingRules,
    throttle::Throttle,
    tokens::Tickets,
};

/// How many passwords are checked at a time: each takes 19 MiB.
const PASSWORD_CHECKS: usize = 2;

/// What the interface is built from.
pub struct ApiParts {
    /// The running Center.
    pub centre: Arc<dyn Centre>,
    /// What is going on.
    pub live: Arc<Live>,
    /// What has happened.
    pub records: Arc<dyn Records>,
    /// The tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// The web users.
    pub users: Arc<dyn UserStore>,
    /// The agents.
    pub directory: Arc<dyn DirectoryStore>,
    /// What happened by quarters of an hour.
    pub statistics: Arc<dyn StatisticsStore>,
    /// What checks passwords; the cost for unknown users is this one's.
    pub hasher: PasswordHasher,
    /// What signs links to recordings.
    pub links: LinkSecret,
    /// The zone that times are printed in.
    pub zone: TimeZone,
    /// What the server says of itself.
    pub about: About,
    /// How the server is.
    pub probe: Arc<dyn Probe>,
    /// The rules of the queues.
    pub routing: Arc<dyn RoutingRules>,
    /// What erases citizens.
    pub erasure: Arc<dyn Erasure>,
    /// Hours and holidays.
    pub calendar: Arc<dyn CalendarDesk>,
    /// Departments and leaders.
    pub phone_book: Arc<dyn PhoneBookDesk>,
    /// The flows.
    pub flows: Arc<dyn FlowDesk>,
    /// The recordings that flows play.
    pub prompts: Arc<dyn PromptShelf>,
}

impl fmt::Debug for ApiParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiParts").field("about", &self.about).finish_non_exhaustive()
    }
}

/// What the server says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// The version of the program.
    pub version: String,
    /// When it began to serve.
    pub started_at: Timestamp,
    /// Where telephones register, for example `127.0.0.1:5060`.
    pub sip: String,
}

/// What the operations share; cloning is cheap.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

/// What the operations share.
pub struct Shared {
    pub(crate) rest: RestState,
    pub(crate) tickets: Arc<dyn TicketStore>,
    pub(crate) users: Arc<dyn UserStore>,
    pub(crate) directory: Arc<dyn DirectoryStore>,
    pub(crate) statistics: Arc<dyn StatisticsStore>,
    pub(crate) hasher: PasswordHasher,
    /// Checked when there is no such user, so that the answer takes as long.
    pub(crate) nobodys_hash: String,
    pub(crate) password_checks: Semaphore,
    pub(crate) throttle: Throttle,
    pub(crate) socket_tickets: Arc<Tickets>,
    pub(crate) about: About,
    pub(crate) probe: Arc<dyn Probe>,
    pub(crate) routing: Arc<dyn RoutingRules>,
    pub(crate) erasure: Arc<dyn Erasure>,
    pub(crate) calendar: Arc<dyn CalendarDesk>,
    pub(crate) phone_book: Arc<dyn PhoneBookDesk>,
    pub(crate) flows: Arc<dyn FlowDesk>,
    pub(crate) prompts: Arc<dyn PromptShelf>,
    pub(crate) trials: Trials,
    pub(crate) requests: [AtomicU64; 6],
    pub(crate) refused_sign_ins: AtomicU64,
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState").field("about", &self.0.about).finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("about", &self.about).finish_non_exhaustive()
    }
}

impl std::ops::Deref for ApiState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl ApiState {
    pub(crate) fn new(parts: ApiParts, prefix: &str) -> Self {
        let socket_tickets = Arc::new(Tickets::default());
        let authorizer = HotlineAuthorizer::new(
            parts.users.clone(),
            parts.centre.clone(),
            socket_tickets.clone(),
        );
        let rest = RestState {
            centre: parts.centre,
            live: parts.live,
            records: parts.records,
            authorizer: Arc::new(authorizer),
            links: Arc::new(parts.links),
            zone: parts.zone,
            prefix: prefix.into(),
        };
        // Without randomness nobody could sign in anyway: the token needs it too.
        let nobodys_hash = parts.hasher.hash("nobody's password").unwrap_or_default();
        Self(Arc::new(Shared {
            rest,
            tickets: parts.tickets,
            users: parts.users,
            directory: parts.directory,
            statistics: parts.statistics,
            hasher: parts.hasher,
            nobodys_hash,
            password_checks: Semaphore::new(PASSWORD_CHECKS),
            throttle: Throttle::default(),
            socket_tickets,
            about: parts.about,
            probe: parts.probe,
            routing: parts.routing,
            erasure: parts.erasure,
            calendar: parts.calendar,
            phone_book: parts.phone_book,
            flows: parts.flows,
            prompts: parts.prompts,
            trials: Trials::default(),
            requests: Default::default(),
            refused_sign_ins: AtomicU64::new(0),
        }))
    }

    pub(crate) fn rest(&self) -> &RestState {
        &self.0.rest
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.rest.centre.now()
    }

    /// Returns the number by which records and tickets of a citizen are found.
    pub(crate) fn number_key(&self, field: &str, text: &str) -> Result<PhoneNumber, Problem> {
        let view = self.0.rest.live.view();
        view.number_key(text).map_err(|error| Problem::invalid(field, error))
    }

    /// Prints a moment in the centre's zone.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        cti_bindings::rest::show::time(&self.0.rest.zone, at)
    }
}
