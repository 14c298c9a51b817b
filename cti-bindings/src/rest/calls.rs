//! Calls that are going on.

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{command::Command, id::CallId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Action, Caller, Principal, Whose},
    extract::Id,
    list::List,
    problem::Problem,
};
use crate::view::{View, calls::LiveCall};

/// One call that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Call {
    /// The call.
    pub id: String,
    /// The matter it belongs to.
    pub contact: String,
    /// `inbound`.
    pub direction: String,
    /// The caller's number, masked unless you may see it.
    pub caller: String,
    /// The number dialled.
    pub called: String,
    /// `flow`, `queued`, `offering`, `talking`, `held` or `message`.
    pub state: String,
    /// The flow that took it.
    pub flow: Option<String>,
    /// The queue that it waits in or came from.
    pub queue: Option<String>,
    /// The place in the queue, 1 for the next.
    pub position: Option<usize>,
    /// Who is rung or talks.
    pub agent: Option<String>,
    /// Where he sits.
    pub seat: Option<String>,
    /// When it came in.
    pub started: String,
    /// When it was answered, by a flow or an agent.
    pub answered: Option<String>,
    /// Since when caller and agent talk.
    pub talking_since: Option<String>,
    /// Whether it is being recorded.
    pub recording: bool,
}

/// Lists the calls that are going on, the oldest first.
#[utoipa::path(get, path = "/calls", tag = "calls", security(("bearer" = [])),
    responses((status = 200, body = List<Call>)))]
pub async fn list(State(state): State<RestState>, Caller(who): Caller) -> Json<List<Call>> {
    let view = state.live.view();
    Json(List::whole(view.calls().map(|call| state.call(&who, &view, call)).collect()))
}

/// Shows one call that is going on.
#[utoipa::path(get, path = "/calls/{id}", tag = "calls", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 200, body = Call), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<Json<Call>, Problem> {
    let view = state.live.view();
    let live = view.call(call).ok_or_else(|| unknown(call))?;
    Ok(Json(state.call(&who, &view, live)))
}

/// Ends a call for all its parties.
#[utoipa::path(delete, path = "/calls/{id}", tag = "calls", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn clear(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<StatusCode, Problem> {
    let (agents, queues) = {
        let view = state.live.view();
        let call = view.call(call).ok_or_else(|| unknown(call))?;
        (Vec::from_iter(call.agent().cloned()), Vec::from_iter(call.queue().cloned()))
    };
    let whose = Whose { agents: &agents, queues: &queues };
    state.require(&who, Action::ControlCall(whose))?;
    state.centre.request(Command::ClearCall { call }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn unknown(call: CallId) -> Problem {
    Problem::unknown("unknown_call", format!("there is no live {call}"))
}

impl RestState {
    /// Prints a call.
    pub(super) fn call(&self, who: &Principal, view: &View, call: &LiveCall) -> Call {
        Call {
            id: call.call.to_string(),
            contact: call.contact.to_string(),
            direction: "inbound".to_owned(),
            caller: self.number(who, &call.caller, call.agent()),
            called: call.called.reveal().to_owned(),
            state: call.state().to_owned(),
            flow: call.flow.as_ref().map(ToString::to_string),
            queue: call.queue().map(ToString::to_string),
            position: view.position(call.contact),
            agent: call.agent().map(ToString::to_string),
            seat: call.seat().map(ToString::to_string),
            started: self.time(call.started),
            answered: call.answered.map(|at| self.time(at)),
            talking_since: call.talking_since().map(|at| self.time(at)),
            recording: call.recording.is_some(),
        }
    }
}
