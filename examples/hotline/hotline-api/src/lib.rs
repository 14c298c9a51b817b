//! The hotline's HTTP interface: the operations of `cti-bindings` under `/api/v1`, with sign-in and roles, and the
//! hotline's own: tickets, what a number called about before, flows, status.
//!
//! [`router`] builds it all from [`ApiParts`]; it holds no call state and no records of its own.

pub mod authorize;
pub mod calendar;
pub mod configure;
pub mod erasure;
pub mod flows;
pub mod history;
pub mod links;
pub mod modules;
pub mod phone_book;
pub mod probes;
pub mod routing;
pub mod session;
pub mod state;
pub mod statistics;
pub mod status;
pub mod throttle;
pub mod tickets;
pub mod tokens;
pub mod trunks;

use axum::{Json, Router, extract::DefaultBodyLimit, middleware, routing::get};
use cti_bindings::rest;
use utoipa::openapi::{
    OpenApi,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::{ApiParts, ApiState};

/// Where the operations are nested.
const PREFIX: &str = "/api/v1";

/// Returns the whole interface: `/api/v1/…`, `/api/openapi.json`, `/healthz`, `/readyz` and `/metrics`.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that failed sign-ins are counted by
/// address too.
pub fn router(parts: ApiParts) -> Router {
    let state = ApiState::new(parts, PREFIX);
    let (operations, mut document) =
        OpenApiRouter::new().nest(PREFIX, operations(&state)).split_for_parts();
    describe(&mut document);
    let api = Router::new()
        .merge(operations)
        .route("/api/openapi.json", get(move || std::future::ready(Json(document))))
        // Only these two subtrees are ours: other paths belong to the web page.
        .route("/api/{*rest}", axum::routing::any(rest::problem::no_such_path));
    let api = rest::protect_routes(api);
    Router::new()
        .merge(api)
        .merge(probes::routes(state.clone()))
        .layer(middleware::from_fn_with_state(state, probes::count))
}

fn operations(state: &ApiState) -> OpenApiRouter {
    let own = OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::show, session::sign_out))
        .routes(routes!(session::ticket))
        .routes(routes!(session::me))
        .routes(routes!(tickets::create, tickets::list))
        .routes(routes!(tickets::one))
        .routes(routes!(tickets::categories))
        .routes(routes!(history::list))
        .routes(routes!(status::show))
        .routes(routes!(statistics::agents))
        .routes(routes!(statistics::queues))
        .routes(routes!(trunks::list))
        .routes(routes!(modules::list))
        .routes(routes!(trunks::numbers))
        .routes(routes!(phone_book::list, phone_book::replace))
        .routes(routes!(routing::show, routing::replace))
        .routes(routes!(routing::shadow, routing::follow, routing::unfollow))
        .routes(routes!(routing::switch))
        .routes(routes!(routing::roll_back))
        .routes(routes!(routing::try_out))
        .routes(routes!(routing::check))
        .routes(routes!(routing::strategies))
        .routes(routes!(configure::duties, configure::set_duties))
        .routes(routes!(configure::queue_settings, configure::configure_queue))
        .routes(routes!(erasure::erase))
        .routes(routes!(calendar::schedules, calendar::replace_schedules))
        .routes(routes!(calendar::holidays, calendar::import_holidays))
        .routes(routes!(flows::catalogue::show))
        .routes(routes!(flows::catalogue::schema))
        .routes(routes!(flows::catalogue::references))
        .routes(routes!(flows::show::list))
        .routes(routes!(flows::drafts::check))
        .routes(routes!(flows::drafts::import))
        .routes(routes!(flows::show::one))
        .routes(routes!(flows::show::version))
        .routes(routes!(flows::show::diff))
        .routes(routes!(flows::drafts::show, flows::drafts::save, flows::drafts::discard))
        .routes(routes!(flows::publish::publish))
        .routes(routes!(flows::publish::roll_back))
        .routes(routes!(flows::publish::quarantine, flows::publish::lift_quarantine))
        .routes(routes!(flows::publish::end_sessions))
        .routes(routes!(flows::publish::retire))
        .routes(routes!(flows::publish::test_callers, flows::publish::set_test_callers))
        .routes(routes!(flows::counts::show))
        .routes(routes!(flows::trials::begin))
        .routes(routes!(flows::trials::show, flows::trials::end))
        .routes(routes!(flows::trials::step))
        .routes(routes!(flows::trials::tests))
        .routes(routes!(flows::trials::coverage))
        .routes(routes!(flows::prompts::list))
        .routes(routes!(flows::prompts::audio))
        .routes(routes!(flows::prompts::change::describe))
        .routes(routes!(flows::prompts::change::synthesize))
        .routes(routes!(flows::prompts::change::say))
        .routes(routes!(flows::prompts::versions::list))
        .routes(routes!(flows::prompts::versions::roll_back))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(flows::prompts::change::upload, flows::prompts::change::remove))
                .layer(DefaultBodyLimit::max(flows::prompts::change::UPLOAD_LIMIT)),
        )
        .with_state(state.clone());
    rest::routes(state.rest().clone()).merge(own)
}

fn describe(document: &mut OpenApi) {
    document.info.title = "12345 hotline".to_owned();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.description = Some(
        "Calls, agents, queues, records, recordings and tickets of a 12345 hotline.".to_owned(),
    );
    document.info.license = None;
    document.info.contact = None;
    let components = document.components.get_or_insert_default();
    let query = |name: &str| SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new(name)));
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("bearer", bearer);
    components.add_security_scheme("ticket", query("ticket"));
    components.add_security_scheme("link", query("signature"));
}
