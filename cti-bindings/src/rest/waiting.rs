//! Contacts that wait or are worked at: who brings them in, orders them, takes them, finishes them.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{
    address::PhoneNumber,
    command::{Command, Reply},
    id::{AgentId, ContactId, QueueId},
    needs::Medium,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    RestState,
    authorize::{Action, Caller, Principal, Whose},
    extract::{Body, Id},
    list::List,
    problem::Problem,
    services::wants::Asked,
};
use crate::view::works::OpenContact;

/// A contact that is not spoken, or a number to be called back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// `call_back`, `chat`, `mail`, `fax` or `task`.
    #[schema(value_type = String)]
    pub medium: Medium,
    /// The citizen's number, where there is one; needed for a call-back.
    #[schema(value_type = Option<String>)]
    pub caller: Option<PhoneNumber>,
    /// Where it waits.
    #[schema(value_type = String)]
    pub queue: QueueId,
    /// Higher is served first.
    #[serde(default)]
    pub priority: u8,
    /// What it asks of the agent.
    #[serde(default)]
    pub needs: Asked,
    /// What belongs to it.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
}

/// A contact without a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contact {
    /// The contact.
    pub contact: String,
    /// `call_back`, `chat`, `mail`, `fax` or `task`.
    pub medium: String,
    /// The citizen's number, masked unless you may see it; empty when there is none.
    pub caller: String,
    /// When it came in.
    pub opened: String,
    /// The queue that it waits in.
    pub queue: Option<String>,
    /// The place in the queue, 1 for the next.
    pub position: Option<usize>,
    /// Who works at it.
    pub agent: Option<String>,
}

/// The contact that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Opened {
    /// The contact.
    pub contact: String,
}

/// A priority.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// Higher is served first, 0 to 255.
    pub priority: u8,
}

/// Another queue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTo {
    /// Where the contact goes on waiting; its wait so far counts.
    #[schema(value_type = String)]
    pub queue: QueueId,
}

/// One agent, or anyone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTo {
    /// Who alone may take it; anyone again when null.
    #[schema(value_type = Option<String>)]
    pub agent: Option<AgentId>,
}

/// Which agent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByAgent {
    /// Who; the agent who asks when absent.
    #[schema(value_type = Option<String>)]
    pub agent: Option<AgentId>,
}

/// Under which number a caller is called back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBackAt {
    /// The number; the one he calls from when absent.
    #[schema(value_type = Option<String>)]
    pub number: Option<PhoneNumber>,
}

/// Lists the contacts without a call that are not over, the oldest first.
#[utoipa::path(get, path = "/contacts", tag = "contacts", security(("bearer" = [])),
    responses((status = 200, body = List<Contact>)))]
pub async fn list(State(state): State<RestState>, Caller(who): Caller) -> Json<List<Contact>> {
    let view = state.live.view();
    let items = view.open_contacts().map(|open| {
        let queue = view.waits_in(open.contact);
        state.contact(&who, open, queue.map(ToString::to_string), view.position(open.contact))
    });
    Json(List::whole(items.collect()))
}

/// Brings in a contact that is not spoken, or a number to be called back.
#[utoipa::path(post, path = "/contacts", tag = "contacts", security(("bearer" = [])), request_body = OpenRequest,
    responses((status = 201, body = Opened), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn open(
    State(state): State<RestState>,
    Caller(who): Caller,
    Body(asked): Body<OpenRequest>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    let queues = std::slice::from_ref(&asked.queue);
    state.require(&who, Action::ManageQueue(Whose { agents: &[], queues }))?;
    let command = Command::OpenContact {
        medium: asked.medium,
        caller: asked.caller.unwrap_or_else(PhoneNumber::withheld),
        queue: asked.queue,
        priority: asked.priority,
        needs: asked.needs.read_for(asked.medium)?,
        data: asked.data,
    };
    let reply = state.centre.request(command).await?;
    let Reply::Contact(contact) = reply else { return Err(Problem::wrong_reply(&reply)) };
    Ok((StatusCode::CREATED, Json(Opened { contact: contact.to_string() })))
}

/// Changes the priority of a waiting contact.
#[utoipa::path(post, path = "/contacts/{id}/priority", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = Priority,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn set_priority(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(Priority { priority }): Body<Priority>,
) -> Result<StatusCode, Problem> {
    state.require_queue_of(&who, contact)?;
    state.ask(Command::SetPriority { contact, priority, by: who.name }).await
}

/// Lets a waiting contact go on waiting in another queue.
#[utoipa::path(post, path = "/contacts/{id}/move", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = MoveTo,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn move_to(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(MoveTo { queue }): Body<MoveTo>,
) -> Result<StatusCode, Problem> {
    state.require_queue_of(&who, contact)?;
    state.ask(Command::MoveContact { contact, queue, by: who.name }).await
}

/// Gives a waiting contact to one agent alone, as soon as he is free, or to anyone again.
#[utoipa::path(post, path = "/contacts/{id}/assign", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = AssignTo,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn assign(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(AssignTo { agent }): Body<AssignTo>,
) -> Result<StatusCode, Problem> {
    state.require_queue_of(&who, contact)?;
    state.ask(Command::AssignContact { contact, agent, by: who.name }).await
}

/// Removes a contact: its call is ended; one without a call is withdrawn.
#[utoipa::path(delete, path = "/contacts/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
) -> Result<StatusCode, Problem> {
    state.require_queue_of(&who, contact)?;
    let call = state.live.view().calls().find(|it| it.contact == contact).map(|it| it.call);
    state
        .ask(match call {
            Some(call) => Command::ClearCall { call },
            None => Command::WithdrawContact { contact },
        })
        .await
}

/// Lets an agent take a contact that he was offered and that is not spoken.
#[utoipa::path(post, path = "/contacts/{id}/accept", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = ByAgent,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn accept(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(ByAgent { agent }): Body<ByAgent>,
) -> Result<StatusCode, Problem> {
    let agent = state.acting(&who, agent)?;
    state.ask(Command::AcceptContact { contact, agent }).await
}

/// Lets an agent refuse what he was offered.
#[utoipa::path(post, path = "/contacts/{id}/reject", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = ByAgent,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn reject(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(ByAgent { agent }): Body<ByAgent>,
) -> Result<StatusCode, Problem> {
    let agent = state.acting(&who, agent)?;
    state.ask(Command::RejectContact { contact, agent }).await
}

/// Says that an agent has finished what he worked at.
#[utoipa::path(post, path = "/contacts/{id}/finish", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = ByAgent,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn finish(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(ByAgent { agent }): Body<ByAgent>,
) -> Result<StatusCode, Problem> {
    let agent = state.acting(&who, agent)?;
    state.ask(Command::FinishContact { contact, agent }).await
}

/// Lets a caller who waits hang up and be called back at his place.
#[utoipa::path(post, path = "/contacts/{id}/call-back", tag = "contacts", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")), request_body = CallBackAt,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn call_back(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(contact): Id<ContactId>,
    Body(CallBackAt { number }): Body<CallBackAt>,
) -> Result<StatusCode, Problem> {
    state.require_queue_of(&who, contact)?;
    state.ask(Command::RequestCallBack { contact, number }).await
}

/// Returns the operations on contacts.
pub(super) fn routes() -> OpenApiRouter<RestState> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(remove))
        .routes(routes!(set_priority))
        .routes(routes!(move_to))
        .routes(routes!(assign))
        .routes(routes!(accept))
        .routes(routes!(reject))
        .routes(routes!(finish))
        .routes(routes!(call_back))
}

impl RestState {
    /// Asks for something that is done when it is answered.
    pub(super) async fn ask(&self, command: Command) -> Result<StatusCode, Problem> {
        self.centre.request(command).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    /// Returns the agent who is meant, if this principal may act for him.
    fn acting(&self, who: &Principal, given: Option<AgentId>) -> Result<AgentId, Problem> {
        let agent = given
            .or_else(|| who.agent.clone())
            .ok_or_else(|| Problem::invalid("agent", "say which agent: you are none yourself"))?;
        self.require_agent(who, &agent)?;
        Ok(agent)
    }

    /// Returns nothing if he looks after the queue that the contact waits in or came by, the problem otherwise.
    fn require_queue_of(&self, who: &Principal, contact: ContactId) -> Result<(), Problem> {
        let queues = {
            let view = self.live.view();
            let call = view.calls().find(|call| call.contact == contact);
            if call.is_none() && view.open_contact(contact).is_none() {
                let words = format!("there is no live {contact}");
                return Err(Problem::unknown("unknown_contact", words));
            }
            let waits = view.waits_in(contact).cloned();
            Vec::from_iter(waits.or_else(|| call.and_then(|call| call.queue.clone())))
        };
        self.require(who, Action::ManageQueue(Whose { agents: &[], queues: &queues }))
    }

    fn contact(
        &self,
        who: &Principal,
        open: &OpenContact,
        queue: Option<String>,
        position: Option<usize>,
    ) -> Contact {
        Contact {
            contact: open.contact.to_string(),
            medium: open.medium.to_string(),
            caller: self.number(who, &open.caller, &open.agent),
            opened: self.time(open.opened),
            queue,
            position,
            agent: open.agent.as_ref().map(ToString::to_string),
        }
    }
}
