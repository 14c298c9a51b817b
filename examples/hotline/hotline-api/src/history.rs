//! What a number called about before.

use axum::{Json, extract::State};
use cti_bindings::{
    records::{
        call::CallRecord,
        filter::{Filter, PageRequest},
    },
    rest::{extract::Params, list::List, problem::Problem},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState, tickets::problem};

/// The longest history.
const LIMIT: u32 = 20;

/// Whose history is wanted.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The citizen's number, in any spelling.
    pub number: String,
    /// At most this many contacts, 1 to 20; 4 when absent.
    pub limit: Option<u32>,
}

/// One earlier contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastContact {
    /// The contact.
    pub contact: String,
    /// Its call.
    pub call: String,
    /// When it began.
    pub at: String,
    /// The last queue it waited in.
    pub queue: Option<String>,
    /// Who talked with the citizen.
    pub agent: Option<String>,
    /// What came of it.
    pub outcome: String,
    /// The ticket that was made of it.
    pub ticket: Option<PastTicket>,
}

/// The ticket of an earlier contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastTicket {
    /// Its number.
    pub no: String,
    /// The headline.
    pub title: String,
    /// Where it stands.
    pub status: String,
}

/// Lists the last contacts of a number, the newest first.
#[utoipa::path(get, path = "/contacts/history", tag = "tickets", security(("bearer" = [])), params(HistoryQuery),
    responses((status = 200, body = List<PastContact>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<List<PastContact>>, Problem> {
    let limit = query.limit.unwrap_or(4);
    if !(1..=LIMIT).contains(&limit) {
        return Err(Problem::invalid("limit", format!("limit lies between 1 and {LIMIT}")));
    }
    let number = state.number_key("number", &query.number)?;
    if number.is_withheld() {
        return Err(Problem::invalid("number", "number must not be empty"));
    }
    let filter = Filter { citizen: Some(number), ..Filter::default() };
    let found = state.rest().records.calls(&filter, PageRequest { limit, after: None }).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for record in found.items {
        items.push(state.past_contact(record).await?);
    }
    Ok(Json(List::whole(items)))
}

impl ApiState {
    async fn past_contact(&self, record: CallRecord) -> Result<PastContact, Problem> {
        let ticket = match record.ticket.as_deref().map(str::parse) {
            Some(Ok(no)) => self.tickets.ticket(&no).await.map_err(|error| problem(&error))?,
            Some(Err(_)) | None => None,
        };
        Ok(PastContact {
            contact: record.contact.to_string(),
            call: record.call.to_string(),
            at: self.time(record.started),
            queue: record.queue.map(|queue| queue.to_string()),
            agent: record.agent.map(|agent| agent.to_string()),
            outcome: record.outcome.to_string(),
            ticket: ticket.map(|ticket| PastTicket {
                no: ticket.no.to_string(),
                title: ticket.title,
                status: ticket.status.to_string(),
            }),
        })
    }
}
