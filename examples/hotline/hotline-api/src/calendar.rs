//! Hours, holidays and make-up working days: an administrator changes them while the centre serves.

use async_trait::async_trait;
use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use cti_bindings::rest::{extract::Body, problem::Problem};
use cti_core::{command::CommandError, import::ImportReport};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// Why another calendar was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// Lines of the table cannot be used; nothing has changed.
    #[error("{0}")]
    Lines(ImportReport),
    /// The Center refuses it: a value cannot be used, or a schedule would be missing; nothing has changed.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// It is in force and could not be kept for the next start.
    #[error("the calendar could not be kept: {0}")]
    Keep(#[from] std::io::Error),
}

/// The calendar in force.
#[async_trait]
pub trait CalendarDesk: Send + Sync {
    /// Returns the schedules in force, a document `cti.schedules/1`.
    fn schedules(&self) -> String;

    /// Returns the holidays in force, a document `cti.holidays/1`.
    fn holidays(&self) -> String;

    /// Returns what should be mended, in words.
    fn warnings(&self) -> Vec<String>;

    /// Takes other schedules in place of all that there were, at once and for the next start.
    async fn replace_schedules(&self, document: Value, by: &str) -> Result<(), CalendarError>;

    /// Takes a table of holidays: the days that it names win over what was known of them, at once and for the next start.
    async fn import_holidays(&self, table: &[u8], by: &str) -> Result<ImportReport, CalendarError>;
}

/// The holidays in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holidays {
    /// By year: `{"2026": {"holidays": [{"name", "from", "to"}], "make_up": [date]}}`.
    #[schema(value_type = Object)]
    pub years: Value,
    /// What should be mended, for example a year that is not known.
    pub warnings: Vec<String>,
}

/// What became of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// How many lines were taken.
    pub accepted: usize,
    /// What should be mended all the same.
    pub warnings: Vec<String>,
}

/// Shows the schedules that are in force: the hours of the week per group, days off of its own.
#[utoipa::path(get, path = "/calendar/schedules", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Object)))]
pub async fn schedules(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Value> {
    Json(serde_json::from_str(&state.calendar.schedules()).unwrap_or_default())
}

/// Takes other schedules (`cti.schedules/1`) in place of all that there were, at once for queues and flows, and for the
/// next start. Refused when a queue or a flow goes by a schedule that would be missing.
#[utoipa::path(put, path = "/calendar/schedules", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn replace_schedules(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(document): Body<Value>,
) -> Result<StatusCode, Problem> {
    state.require_configure(&signed_in)?;
    state.calendar.replace_schedules(document, &signed_in.user.name).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the holidays and make-up working days that are in force.
#[utoipa::path(get, path = "/calendar/holidays", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Holidays)))]
pub async fn holidays(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Holidays> {
    let document: Value = serde_json::from_str(&state.calendar.holidays()).unwrap_or_default();
    Json(Holidays { years: document["years"].clone(), warnings: state.calendar.warnings() })
}

/// Imports holidays and make-up working days (CSV) with the columns `from,to,kind,name,route`, or their headings in
/// Chinese. The days that it names win over what was known of them, at once and for the next start. Nothing is taken
/// when a line cannot be used; the first one is named.
#[utoipa::path(put, path = "/calendar/holidays", tag = "configuration", security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Imported), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn import_holidays(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    table: Bytes,
) -> Result<Json<Imported>, Problem> {
    state.require_configure(&signed_in)?;
    let by = &signed_in.user.name;
    let report = state.calendar.import_holidays(&table, by).await.map_err(problem)?;
    Ok(Json(Imported { accepted: report.accepted, warnings: state.calendar.warnings() }))
}

fn problem(error: CalendarError) -> Problem {
    match error {
        CalendarError::Lines(report) => {
            let field = report.errors.first().map_or("line", |error| error.field.as_str());
            Problem::invalid(field, &report)
        }
        CalendarError::Refused(error) => error.into(),
        CalendarError::Keep(error) => Problem::internal(&error),
    }
}
