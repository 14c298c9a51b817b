//! Alarms.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::Caller,
    extract::Params,
    list::{List, page},
    messages::PageQuery,
    problem::Problem,
};
use crate::records::recording::alarm_words;

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alarm {
    /// The alarm.
    pub id: String,
    /// What it is, for programs.
    pub code: String,
    /// When it was raised.
    pub raised: String,
    /// What it is, for people.
    pub words: String,
    /// When it was over.
    pub cleared: Option<String>,
}

/// Lists the alarms, the newest first.
#[utoipa::path(get, path = "/alarms", tag = "records", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = List<Alarm>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<RestState>,
    _caller: Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Alarm>>, Problem> {
    let found = state.records.alarms(page(query.limit, query.after)?).await?;
    let items = found.items.iter().map(|alarm| {
        let (code, words) = alarm_words(&alarm.kind);
        Alarm {
            id: alarm.id.to_string(),
            code: code.to_owned(),
            raised: state.time(alarm.raised),
            words,
            cleared: alarm.cleared.map(|at| state.time(at)),
        }
    });
    Ok(Json(List { items: items.collect(), next: found.next }))
}
