//! Holidays and make-up working days: an administrator imports those of a year while the centre serves.

use async_trait::async_trait;
use axum::{Json, body::Bytes, extract::State};
use cti_bindings::rest::problem::Problem;
use cti_core::import::ImportReport;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// Why holidays were not taken; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum HolidayError {
    /// Lines of the table cannot be used.
    #[error("{0}")]
    Lines(ImportReport),
    /// They could not be kept.
    #[error("the holidays could not be kept: {0}")]
    Keep(#[from] std::io::Error),
}

/// The holidays in force.
#[async_trait]
pub trait HolidayTable: Send + Sync {
    /// Returns the holidays in force, a document `cti.holidays/1`.
    fn document(&self) -> String;

    /// Returns what should be mended, in words.
    fn warnings(&self) -> Vec<String>;

    /// Takes a table of holidays: the days that it names win over what was known of them, at once and for the next start.
    async fn import(&self, table: &[u8]) -> Result<ImportReport, HolidayError>;
}

/// The holidays in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holidays {
    /// By year: `{"2026": {"holidays": [{"name", "from", "to"}], "make_up": [date]}}`.
    #[schema(value_type = Object)]
    pub years: serde_json::Value,
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

/// Shows the holidays and make-up working days that are in force.
#[utoipa::path(get, path = "/calendar/holidays", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Holidays)))]
pub async fn show(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Holidays> {
    let document: serde_json::Value =
        serde_json::from_str(&state.calendar.document()).unwrap_or_default();
    Json(Holidays { years: document["years"].clone(), warnings: state.calendar.warnings() })
}

/// Imports holidays and make-up working days (CSV) with the columns `from,to,kind,name,route`, or their headings in
/// Chinese. The days that it names win over what was known of them, at once and for the next start. Nothing is taken
/// when a line cannot be used; the first one is named.
#[utoipa::path(put, path = "/calendar/holidays", tag = "configuration", security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Imported), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn import(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    table: Bytes,
) -> Result<Json<Imported>, Problem> {
    state.require_configure(&signed_in)?;
    let report = state.calendar.import(&table).await.map_err(|error| match error {
        HolidayError::Lines(report) => {
            let field = report.errors.first().map_or("line", |error| error.field.as_str());
            Problem::invalid(field, &report)
        }
        HolidayError::Keep(error) => Problem::internal(&error),
    })?;
    tracing::info!(user = %signed_in.user.name, lines = report.accepted, "Imported holidays");
    Ok(Json(Imported { accepted: report.accepted, warnings: state.calendar.warnings() }))
}
