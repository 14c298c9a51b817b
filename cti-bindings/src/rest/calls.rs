//! Calls that are going on.

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{command::Command, event::CallKind, id::CallId, role::Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Action, Caller, Principal, Whose},
    extract::Id,
    list::List,
    problem::Problem,
    show::plain,
};
use crate::{
    parties::Member,
    view::{View, calls::LiveCall},
};

/// One call that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Call {
    /// The call.
    pub id: String,
    /// The matter it belongs to.
    pub contact: String,
    /// `inbound`, `outbound` or `internal`.
    pub direction: String,
    /// `service`, `outgoing`, `consult`, `internal`, `feature` or `refused`.
    pub kind: String,
    /// The caller's number, masked unless you may see it.
    pub caller: String,
    /// The number dialled, masked unless you may see it where it is a citizen's.
    pub called: String,
    /// The caller's number in normal form, masked unless you may see it; null without rules of numbers.
    pub caller_normal: Option<String>,
    /// Where the person outside is at home: province and city.
    pub region: Option<String>,
    /// What the blacklist or the whitelist says of him: `black warn`, `white priority:5`.
    pub listed: Option<String>,
    /// Why he is on it.
    pub listed_reason: Option<String>,
    /// `flow`, `queued`, `offering`, `talking`, `held`, `message`, `dialing`, `parked`, `camped_on`, `failed` or
    /// `routing`.
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
    /// Whether the recording is silent for a while, because something secret is said.
    pub recording_paused: bool,
    /// The call that is on hold while this one asks.
    pub consults: Option<String>,
    /// Who belongs to it, in the order they came.
    pub parties: Vec<Party>,
    /// The devices that are bridged: they share the line on which one of them talks, and can join.
    pub bridged: Vec<String>,
}

/// One party of a call: a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Party {
    /// His leg, by which other operations name him.
    pub leg: String,
    /// The agent, if he is one.
    pub agent: Option<String>,
    /// Where he sits.
    pub seat: Option<String>,
    /// His device, in the house.
    pub device: Option<String>,
    /// His number, outside; masked unless you may see it.
    pub number: Option<String>,
    /// `initiated`, `offered`, `dialing`, `network_reached`, `alerting`, `queued`, `connected`, `hold`, `bridged` or
    /// `failed`.
    pub state: String,
    /// `full`, `listen_only`, `may_ask` or `coach`.
    pub role: String,
    /// The leg of the one who hears a coach.
    pub coaches: Option<String>,
    /// Whether he is muted for the others.
    pub muted: bool,
    /// Whether the call serves him.
    pub served: bool,
    /// How he came in: `began`, `offered`, `rung`, `moved`, `conference`, `monitor`, `whisper`, `barge`, `take_over`,
    /// `intrude`, `recall`, `pickup` or `line`.
    pub entry: String,
    /// Since when he takes part.
    pub since: Option<String>,
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
        (Vec::from_iter(call.agents().cloned()), Vec::from_iter(call.queue.clone()))
    };
    let whose = Whose { agents: &agents, queues: &queues };
    state.require(&who, Action::ControlCall(whose))?;
    state.centre.request(Command::ClearCall { call }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns the problem of a call that is not there.
pub(super) fn unknown(call: CallId) -> Problem {
    Problem::unknown("unknown_call", format!("there is no live {call}"))
}

impl RestState {
    /// Prints a call.
    pub(super) fn call(&self, who: &Principal, view: &View, call: &LiveCall) -> Call {
        Call {
            id: call.call.to_string(),
            contact: call.contact.to_string(),
            direction: direction(call.kind).to_owned(),
            kind: plain(&call.kind),
            caller: self.number(who, &call.caller, call.agents()),
            called: self.called(who, call.kind, &call.called, call.agents()),
            caller_normal: call
                .numbers
                .as_ref()
                .map(|it| self.number(who, it.caller.number(), call.agents())),
            region: call
                .numbers
                .as_ref()
                .and_then(|it| it.region.as_ref())
                .map(ToString::to_string),
            listed: call.listed.as_ref().map(|(level, _)| level.to_string()),
            listed_reason: call.listed.as_ref().map(|(_, reason)| reason.clone()),
            state: call.state().to_owned(),
            flow: call.flow.as_ref().map(ToString::to_string),
            queue: call.queue.as_ref().map(ToString::to_string),
            position: view.position(call.contact),
            agent: call.agent().map(ToString::to_string),
            seat: call.seat().map(ToString::to_string),
            started: self.time(call.started),
            answered: call.answered.map(|at| self.time(at)),
            talking_since: call.talking_since().map(|at| self.time(at)),
            recording: call.recording.is_some(),
            recording_paused: call.recording.is_some() && call.recording_paused,
            consults: call.consults.map(|other| other.to_string()),
            parties: self.parties(who, view, call),
            bridged: call.parties.bridged().map(ToString::to_string).collect(),
        }
    }

    /// Prints the parties of a call; who listens unseen is shown to those alone who could.
    fn parties(&self, who: &Principal, view: &View, call: &LiveCall) -> Vec<Party> {
        let unseen = call.parties.present().any(Member::is_unseen);
        let sees_all = unseen && self.may_supervise(who, view, call);
        let shown = call.parties.present().filter(|member| sees_all || !member.is_unseen());
        shown.map(|member| self.show_party(who, call, member)).collect()
    }

    fn show_party(&self, who: &Principal, call: &LiveCall, member: &Member) -> Party {
        let party = &member.party;
        Party {
            leg: member.leg.to_string(),
            agent: party.agent.as_ref().map(ToString::to_string),
            seat: party.seat.as_ref().map(ToString::to_string),
            device: party.device.as_ref().map(ToString::to_string),
            number: party.number.as_ref().map(|number| self.number(who, number, call.agents())),
            state: member.state.name().to_owned(),
            role: role(member.role).to_owned(),
            coaches: match member.role {
                Role::Coach { to } => Some(to.to_string()),
                Role::Full | Role::ListenOnly | Role::MayAsk => None,
            },
            muted: member.muted,
            served: call.parties.served().is_some_and(|served| served.leg == member.leg),
            entry: member.entry.name().to_owned(),
            since: member.joined.map(|at| self.time(at)),
        }
    }
}

/// Returns which way a call goes, as seen from the centre.
pub(super) fn direction(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Service | CallKind::Refused => "inbound",
        CallKind::Outgoing => "outbound",
        CallKind::Internal | CallKind::Consult | CallKind::Feature => "internal",
    }
}

/// Returns the name of a role.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Full => "full",
        Role::ListenOnly => "listen_only",
        Role::MayAsk => "may_ask",
        Role::Coach { .. } => "coach",
    }
}
