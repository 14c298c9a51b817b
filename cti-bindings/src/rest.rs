//! REST and WebSocket for calls, agents, seats, devices, queues, records and recordings.
//!
//! [`routes()`] gives the operations with their OpenAPI description, to be nested by an application; [`protect`] adds
//! what every HTTP interface of ours has: limits, and errors as problem documents (RFC 9457).

pub mod agents;
pub mod alarms;
pub mod authorize;
pub mod call_records;
pub mod calls;
pub mod contacts;
pub mod devices;
pub mod events;
pub mod extract;
pub mod keep;
pub mod list;
pub mod mailboxes;
pub mod messages;
pub mod numbers;
pub mod problem;
pub mod queues;
pub mod recordings;
pub mod seats;
pub mod services;
pub mod show;
pub mod waiting;
mod wav;

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use jiff::tz::TimeZone;
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{authorize::Authorizer, recordings::Links};
use crate::{centre::Centre, live::Live, records::Records};

/// The longest request body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// How long an answer may take to begin.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// All that the operations need.
#[derive(Clone)]
pub struct RestState {
    /// The running Center.
    pub centre: Arc<dyn Centre>,
    /// What is going on.
    pub live: Arc<Live>,
    /// What has happened.
    pub records: Arc<dyn Records>,
    /// Who may do what.
    pub authorizer: Arc<dyn Authorizer>,
    /// What signs links to recordings.
    pub links: Arc<dyn Links>,
    /// The zone that times are printed in.
    pub zone: TimeZone,
    /// Where the operations are nested, for links: for example `/api/v1`.
    pub prefix: Arc<str>,
}

impl std::fmt::Debug for RestState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RestState").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Returns the operations with their OpenAPI description.
#[must_use]
pub fn routes(state: RestState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(agents::list))
        .routes(routes!(agents::one))
        .routes(routes!(agents::sign_in))
        .routes(routes!(agents::sign_out))
        .routes(routes!(agents::ready))
        .routes(routes!(agents::not_ready))
        .routes(routes!(seats::list))
        .routes(routes!(devices::list))
        .routes(routes!(
            devices::features::show,
            devices::features::replace,
            devices::features::change
        ))
        .routes(routes!(queues::list))
        .routes(routes!(calls::list, services::begin::make_call))
        .routes(routes!(calls::one, calls::clear))
        .routes(routes!(contacts::explain))
        .routes(routes!(call_records::list))
        .routes(routes!(recordings::list))
        .routes(routes!(keep::export))
        .routes(routes!(keep::one))
        .routes(routes!(keep::judge))
        .routes(routes!(keep::hold))
        .routes(routes!(keep::hostile))
        .routes(routes!(keep::release))
        .routes(routes!(keep::delete))
        .routes(routes!(keep::notes))
        .routes(routes!(recordings::link))
        .routes(routes!(recordings::audio))
        .routes(routes!(messages::list))
        .routes(routes!(alarms::list))
        .routes(routes!(events::listen))
        .merge(mailboxes::routes())
        .merge(numbers::routes())
        .merge(services::routes())
        .merge(waiting::routes())
        .with_state(state)
}

/// Adds a body limit, a time limit, and problem documents for all errors, also for paths that do not exist.
pub fn protect(router: Router) -> Router {
    protect_routes(router.fallback(problem::no_such_path))
}

/// Adds the same to the routes that are there, for a router that is merged into another.
pub fn protect_routes(router: Router) -> Router {
    router
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME_LIMIT))
        .layer(middleware::map_response(problem::as_problem))
}
