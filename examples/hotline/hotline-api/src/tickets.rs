//! Tickets: taken down from a call, found again.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use cti_bindings::{
    live::Notice,
    rest::{
        extract::{Body, Id, Params},
        list::{List, page},
        problem::Problem,
    },
};
use cti_core::{
    address::PhoneNumber,
    id::{AgentId, CallId, ContactId, SeatId},
};
use hotline_store::{
    error::StoreError,
    tickets::{self as store, CreateTicketError, TicketFilter},
    users::Role,
};
use hotline_ticket::{
    draft::Draft, kind::TicketKind, number::TicketNo, status::TicketStatus, ticket,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// The longest name of a request.
const KEY_LIMIT: usize = 128;

/// What an agent typed; what a call knows is filled in by itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketDraft {
    /// The call in which it was said; a call has one ticket.
    #[schema(value_type = Option<String>)]
    pub call: Option<CallId>,
    /// The citizen's number; the caller's when absent.
    pub number: Option<String>,
    /// What it is about: a code of `/categories`.
    pub category: String,
    /// `complaint` (when absent), `consultation`, `request`, `suggestion` or `other`.
    #[serde(rename = "type", default)]
    #[schema(value_type = Option<String>)]
    pub kind: TicketKind,
    /// What the citizen said, at most 4000 characters.
    pub text: String,
    /// The headline; the beginning of the text when absent.
    pub title: Option<String>,
    /// The citizen's name.
    pub caller_name: Option<String>,
    /// Where it is about.
    pub address: Option<String>,
}

/// One ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ticket {
    /// Its number.
    pub no: String,
    /// Six digits with which the citizen asks how it stands.
    pub query_code: String,
    /// What kind of matter it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about.
    pub category: String,
    /// The headline.
    pub title: String,
    /// What the citizen said.
    pub text: String,
    /// The citizen's number.
    pub caller_number: String,
    /// The citizen's name.
    pub caller_name: Option<String>,
    /// Where it is about.
    pub address: Option<String>,
    /// The call in which it was said.
    pub call: Option<String>,
    /// The matter to which the call belongs.
    pub contact: Option<String>,
    /// Who took it down.
    pub agent: Option<String>,
    /// Where he sat.
    pub seat: Option<String>,
    /// `accepted` or `closed`.
    pub status: String,
    /// When it was accepted.
    pub created: String,
    /// When it was last changed.
    pub updated: String,
    /// Counts the changes.
    pub version: u32,
}

/// What tickets are searched by.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TicketSearch {
    /// The citizen's number, in any spelling.
    pub number: Option<String>,
    /// Where they stand.
    #[param(value_type = Option<String>)]
    pub status: Option<TicketStatus>,
    /// At most this many items, 1 to 200.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// One entry of the classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Category {
    /// The code that tickets are filed under.
    pub code: String,
    /// The entry above.
    pub parent: Option<String>,
    /// What people see, in Chinese.
    pub label_zh: String,
    /// What people see, in English.
    pub label_en: String,
}

/// Takes a ticket down; 201 when it is new, 200 when the same request or call has made it already.
#[utoipa::path(post, path = "/tickets", tag = "tickets", security(("bearer" = [])), request_body = TicketDraft,
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for this request, to send it again safely")),
    responses((status = 201, body = Ticket), (status = 200, body = Ticket), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn create(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    headers: HeaderMap,
    Body(draft): Body<TicketDraft>,
) -> Result<(StatusCode, Json<Ticket>), Problem> {
    let key = idempotency_key(&headers)?;
    let categories = state.tickets.categories().await.map_err(|error| problem(&error))?;
    let known = match draft.call {
        Some(call) => Some(state.known_of(call, &signed_in).await?),
        None => None,
    };
    let checked = state
        .draft(draft, known, &signed_in)
        .check(&categories)
        .map_err(|error| Problem::invalid(error.field(), &error))?;
    let caller_normal = state.number_key("number", checked.caller_number.reveal())?;
    let (user, caller_normal) = (signed_in.user.name.clone(), Some(caller_normal));
    let request = store::TicketRequest { user, key, caller_normal };
    let created = state.tickets.create(state.now(), request, checked).await;
    let created = created.map_err(|error| refused(&error))?;
    let status = if created.fresh { StatusCode::CREATED } else { StatusCode::OK };
    if created.fresh {
        tracing::info!(ticket = %created.ticket.no, call = ?created.ticket.call, "ticket accepted");
        state.rest().live.notify(notice(&created.ticket));
    }
    Ok((status, Json(state.ticket(&created.ticket))))
}

/// Lists tickets, the newest first. An agent finds his own.
#[utoipa::path(get, path = "/tickets", tag = "tickets", security(("bearer" = [])), params(TicketSearch),
    responses((status = 200, body = List<Ticket>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Params(search): Params<TicketSearch>,
) -> Result<Json<List<Ticket>>, Problem> {
    let request = page(search.limit, search.after)?;
    let agent = match (signed_in.user.role, signed_in.user.agent.clone()) {
        (Role::Supervisor | Role::Admin, _) => None,
        (Role::Agent, Some(own)) => Some(own),
        (Role::Agent, None) => return Err(Problem::forbidden("you are no agent")),
    };
    let caller = search.number.map(|number| state.number_key("number", &number)).transpose()?;
    let filter = TicketFilter { caller, status: search.status, agent };
    let found = state.tickets.tickets(&filter, request).await.map_err(|error| problem(&error))?;
    let items = found.items.iter().map(|ticket| state.ticket(ticket)).collect();
    Ok(Json(List { items, next: found.next }))
}

/// Shows one ticket. An agent sees his own.
#[utoipa::path(get, path = "/tickets/{no}", tag = "tickets", security(("bearer" = [])),
    params(("no" = String, Path, description = "The ticket's number")),
    responses((status = 200, body = Ticket), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    no: Id<TicketNo>,
) -> Result<Json<Ticket>, Problem> {
    let found = state.tickets.ticket(&no.0).await.map_err(|error| problem(&error))?;
    let ticket = found.ok_or_else(|| {
        Problem::unknown("unknown_ticket", format!("there is no ticket {}", no.0))
    })?;
    let own = ticket.agent.is_some() && ticket.agent == signed_in.user.agent;
    if signed_in.user.role == Role::Agent && !own {
        return Err(Problem::forbidden("you may see your own tickets only"));
    }
    Ok(Json(state.ticket(&ticket)))
}

/// Lists the classification, parents before children.
#[utoipa::path(get, path = "/categories", tag = "tickets", security(("bearer" = [])),
    responses((status = 200, body = List<Category>)))]
pub async fn categories(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
) -> Result<Json<List<Category>>, Problem> {
    let found = state.tickets.categories().await.map_err(|error| problem(&error))?;
    let items = found.entries().iter().map(|entry| Category {
        code: entry.code.clone(),
        parent: entry.parent.clone(),
        label_zh: entry.label_zh.clone(),
        label_en: entry.label_en.clone(),
    });
    Ok(Json(List::whole(items.collect())))
}

/// What a call says about itself.
struct Known {
    caller: PhoneNumber,
    contact: ContactId,
    seat: Option<SeatId>,
}

impl ApiState {
    /// Returns what the call says, if this user may file a ticket for it.
    async fn known_of(&self, call: CallId, signed_in: &SignedIn) -> Result<Known, Problem> {
        let own = signed_in.user.agent.as_ref();
        let (known, agents) = match self.live_call(call, own) {
            Some(found) => found,
            None => self.recorded_call(call, own).await?,
        };
        let mine = own.is_some_and(|own| agents.contains(own));
        if signed_in.user.role == Role::Agent && !mine {
            return Err(Problem::forbidden("this is another agent's call").with_field("call"));
        }
        Ok(known)
    }

    fn live_call(&self, call: CallId, own: Option<&AgentId>) -> Option<(Known, Vec<AgentId>)> {
        let view = self.rest().live.view();
        let live = view.call(call)?;
        let seat = live.seat().filter(|_| live.agent() == own).cloned();
        let known = Known { caller: live.caller.clone(), contact: live.contact, seat };
        Some((known, live.agent().cloned().into_iter().collect()))
    }

    async fn recorded_call(
        &self,
        call: CallId,
        own: Option<&AgentId>,
    ) -> Result<(Known, Vec<AgentId>), Problem> {
        let record = self.rest().records.call(call).await?.ok_or_else(|| {
            Problem::unknown("unknown_call", format!("there is no {call}")).with_field("call")
        })?;
        let leg = record.legs.iter().rev().find(|leg| own.is_some() && leg.agent.as_ref() == own);
        let known = Known {
            caller: record.caller.clone(),
            contact: record.contact,
            seat: leg.and_then(|leg| leg.seat.clone()),
        };
        Ok((known, record.legs.into_iter().filter_map(|leg| leg.agent).collect()))
    }

    fn draft(&self, draft: TicketDraft, known: Option<Known>, signed_in: &SignedIn) -> Draft {
        let agent = signed_in.user.agent.clone();
        let (caller, contact, seat_of_call) = match known {
            Some(known) => (Some(known.caller), Some(known.contact), known.seat),
            None => (None, None, None),
        };
        let sits = || {
            let view = self.rest().live.view();
            view.agent(agent.as_ref()?, self.now())?.seat.cloned()
        };
        let seat = seat_of_call.or_else(sits);
        let caller = caller.map(|caller| caller.reveal().to_owned());
        Draft {
            kind: draft.kind,
            category: draft.category,
            title: draft.title,
            text: draft.text,
            caller_number: draft.number.or(caller).unwrap_or_default(),
            caller_name: draft.caller_name,
            address: draft.address,
            call: draft.call,
            contact,
            agent,
            seat,
        }
    }

    /// Prints a ticket.
    fn ticket(&self, ticket: &ticket::Ticket) -> Ticket {
        Ticket {
            no: ticket.no.to_string(),
            query_code: ticket.query_code.clone(),
            kind: ticket.kind.to_string(),
            category: ticket.category.clone(),
            title: ticket.title.clone(),
            text: ticket.text.clone(),
            caller_number: ticket.caller_number.reveal().to_owned(),
            caller_name: ticket.caller_name.clone(),
            address: ticket.address.clone(),
            call: ticket.call.map(|call| call.to_string()),
            contact: ticket.contact.map(|contact| contact.to_string()),
            agent: ticket.agent.as_ref().map(ToString::to_string),
            seat: ticket.seat.as_ref().map(ToString::to_string),
            status: ticket.status.to_string(),
            created: self.time(ticket.created),
            updated: self.time(ticket.updated),
            version: ticket.version,
        }
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_LIMIT).contains(&key.len()) => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => Err(Problem::invalid(
            "Idempotency-Key",
            format!("a key has 1 to {KEY_LIMIT} visible characters"),
        )),
    }
}

/// Everyone who listens gets it: it names no citizen.
fn notice(ticket: &ticket::Ticket) -> Notice {
    let data = serde_json::json!({
        "no": ticket.no,
        "type": ticket.kind,
        "category": ticket.category,
        "call": ticket.call,
        "agent": ticket.agent,
    });
    Notice { kind: "ticket", name: "ticket_created", data }
}

fn refused(error: &CreateTicketError) -> Problem {
    match error {
        CreateTicketError::KeyReused => {
            Problem::new(StatusCode::CONFLICT, "key_reused", error).with_field("Idempotency-Key")
        }
        CreateTicketError::Exhausted(_) => Problem::internal(error),
        CreateTicketError::Store(error) => problem(error),
    }
}

/// A bad cursor is the caller's fault, everything else is ours.
pub(crate) fn problem(error: &StoreError) -> Problem {
    match error {
        StoreError::Value { field: "after", reason } => Problem::invalid("after", reason),
        StoreError::Value { .. } | StoreError::Database(_) | StoreError::Version { .. } => {
            Problem::internal(error)
        }
    }
}
