//! What an editor offers: the types of nodes, the schema of documents, the names that nodes can refer to.

use axum::{Json, extract::State};
use cti_bindings::rest::problem::Problem;
use cti_core::{config::QueueConfig, mailbox::MailboxConfig};
use cti_ivr::catalogue;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::may_look;
use crate::{authorize::SignedIn, state::ApiState};

/// The names that nodes can refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct References {
    /// Queues.
    pub queues: Vec<Named>,
    /// Mailboxes.
    pub mailboxes: Vec<Named>,
    /// Devices.
    pub devices: Vec<String>,
    /// Other flows.
    pub flows: Vec<FlowNamed>,
    /// Schedules of the calendar.
    pub schedules: Vec<String>,
    /// Tables.
    pub tables: Vec<String>,
    /// Services over HTTP.
    pub endpoints: Vec<String>,
    /// Queries of databases.
    pub queries: Vec<String>,
    /// Recordings.
    pub prompts: Vec<String>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// What documents call it.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// A flow that another one can go on in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowNamed {
    /// What documents call it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub kind: Option<String>,
}

/// Shows the types of nodes, their outlets, fields and words.
#[utoipa::path(get, path = "/flow-catalogue", tag = "flows", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub async fn show(
    State(_state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    may_look(&signed_in)?;
    Ok(Json(catalogue::catalogue()))
}

/// Shows the JSON Schema (2020-12) of documents.
#[utoipa::path(get, path = "/flow-catalogue/schema", tag = "flows", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub async fn schema(
    State(_state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    may_look(&signed_in)?;
    Ok(Json(catalogue::document_schema()))
}

/// Shows the names that nodes can refer to.
#[utoipa::path(get, path = "/flow-catalogue/references", tag = "flows", security(("bearer" = [])),
    responses((status = 200, body = References), (status = 403, body = Problem)))]
pub async fn references(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<References>, Problem> {
    may_look(&signed_in)?;
    let shower = state.clone();
    let (flows, schedules) = state
        .engine(move |engine| {
            let one = |id| {
                let summary = shower.flow_summary(engine, id);
                FlowNamed { id: summary.id, name: summary.name, kind: summary.kind }
            };
            let flows = engine.library().ids().map(one).collect();
            (flows, engine.calendars().ids().map(str::to_owned).collect())
        })
        .await?;
    let around = state.flows.surroundings();
    let (queues, mailboxes) = {
        let view = state.rest().live.view();
        let queue = |it: &QueueConfig| Named { id: it.id.to_string(), name: it.name.clone() };
        let mailbox = |it: &MailboxConfig| Named { id: it.id.to_string(), name: it.name.clone() };
        let config = view.config();
        (config.queues.iter().map(queue).collect(), config.mailboxes.iter().map(mailbox).collect())
    };
    let mut prompts: Vec<String> = state
        .flows
        .recordings()
        .languages
        .into_values()
        .flat_map(std::collections::BTreeMap::into_keys)
        .collect();
    prompts.sort();
    prompts.dedup();
    Ok(Json(References {
        queues,
        mailboxes,
        devices: around.devices.clone(),
        flows,
        schedules,
        tables: around.tables.keys().cloned().collect(),
        endpoints: around.endpoints.clone(),
        queries: around.queries.clone(),
        prompts,
    }))
}
