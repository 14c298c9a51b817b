//! Messages that callers left.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::Caller,
    extract::Params,
    list::{List, page},
    problem::Problem,
    show::millis,
};

/// Which page is wanted.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most this many items, 1 to 200.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// One message that a caller left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Message {
    /// The message; the name of its recording.
    pub id: String,
    /// The recording that holds it.
    pub recording: String,
    /// The caller's number, masked unless you may see it.
    pub caller: String,
    /// The number dialled.
    pub called: String,
    /// When it was left.
    pub at: String,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// Whether someone has seen to it.
    pub handled: bool,
}

/// Lists the messages that callers left, the newest first.
#[utoipa::path(get, path = "/messages", tag = "records", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = List<Message>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<RestState>,
    Caller(who): Caller,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Message>>, Problem> {
    let found = state.records.messages(page(query.limit, query.after)?).await?;
    let items = found.items.iter().map(|message| Message {
        id: message.recording.to_string(),
        recording: message.recording.to_string(),
        caller: state.number(&who, &message.caller, None),
        called: message.called.reveal().to_owned(),
        at: state.time(message.at),
        length_ms: millis(message.length),
        handled: message.handled,
    });
    Ok(Json(List { items: items.collect(), next: found.next }))
}
