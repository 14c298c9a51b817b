//! Publishing and its like: which version new callers get. Whoever is inside stays where he is.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use cti_bindings::rest::{
    extract::Body,
    problem::{Document, Problem},
};
use cti_core::{
    address::PhoneNumber,
    flow::{FlowAnswer, FlowOrder},
    id::FlowId,
};
use cti_ivr::flow::Severity;
use hotline_store::users::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FlowFinding, may_change, may_look,
    show::{FlowPath, FlowSummary, VersionPath, known},
};
use crate::{authorize::SignedIn, state::ApiState};

/// What is published, and why.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// Why.
    pub note: String,
    /// The draft that was looked at, by its `etag`; any when absent.
    pub etag: Option<String>,
    /// Other flows whose drafts are published in the same moment, all or none.
    #[schema(value_type = Vec<String>)]
    pub together: Vec<FlowId>,
}

/// Which version is published again, and why.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RollBack {
    /// Why.
    pub note: String,
    /// Which one; the one before when absent.
    pub version: Option<String>,
}

/// Why something is done.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Why {
    /// Why.
    pub note: String,
}

/// How many sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ended {
    /// How many.
    pub ended: usize,
}

/// The callers who get drafts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCallers {
    /// Their numbers.
    pub numbers: Vec<String>,
}

/// A flow that cannot be published, with everything that is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvalidFlowProblem {
    #[serde(flatten)]
    problem: Document,
    /// What is wrong.
    findings: Vec<FlowFinding>,
}

/// Why it was not published.
#[derive(Debug)]
pub enum NotPublished {
    /// As every refusal.
    Problem(Problem),
    /// There are errors that must be mended first.
    Invalid(Vec<FlowFinding>),
}

impl From<Problem> for NotPublished {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for NotPublished {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Invalid(findings) => {
                let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                let detail = format!("{} things must be mended first", findings.len());
                let problem = Problem::new(status, "invalid_flow", detail).into();
                let body = Json(InvalidFlowProblem { problem, findings });
                let media = axum::http::HeaderValue::from_static("application/problem+json");
                (status, [(axum::http::header::CONTENT_TYPE, media)], body).into_response()
            }
        }
    }
}

/// Gives the draft to new callers.
#[utoipa::path(post, path = "/flows/{id}/publish", tag = "flows", security(("bearer" = [])), request_body = Publish,
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = FlowSummary), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = InvalidFlowProblem)))]
pub async fn publish(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
    Body(Publish { note, etag, together }): Body<Publish>,
) -> Result<Json<FlowSummary>, NotPublished> {
    may_change(&signed_in)?;
    let mut flows = vec![id.clone()];
    flows.extend(together);
    let errors = state.errors_of_drafts(&flows).await?;
    if !errors.is_empty() {
        return Err(NotPublished::Invalid(errors));
    }
    state.order(&signed_in, FlowOrder::Publish { flows, etag, note }).await?;
    Ok(Json(state.summary_of(id).await?))
}

/// Gives an earlier version to new callers again.
#[utoipa::path(post, path = "/flows/{id}/roll-back", tag = "flows", security(("bearer" = [])), request_body = RollBack,
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = FlowSummary), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn roll_back(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(flow): FlowPath,
    Body(RollBack { note, version }): Body<RollBack>,
) -> Result<Json<FlowSummary>, Problem> {
    may_change(&signed_in)?;
    let order = FlowOrder::RollBack { flow: flow.clone(), version, note };
    state.order(&signed_in, order).await?;
    state.summary_of(flow).await.map(Json)
}

/// Sends new callers of a version to its fallback.
#[utoipa::path(post, path = "/flows/{id}/versions/{version}/quarantine", tag = "flows", security(("bearer" = [])),
    request_body = Why,
    params(("id" = String, Path, description = "The flow"), ("version" = String, Path, description = "The version")),
    responses((status = 200, body = FlowSummary), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn quarantine(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    VersionPath(flow, version): VersionPath,
    Body(Why { note }): Body<Why>,
) -> Result<Json<FlowSummary>, Problem> {
    may_change(&signed_in)?;
    let order = FlowOrder::Quarantine { flow: flow.clone(), version, note };
    state.order(&signed_in, order).await?;
    state.summary_of(flow).await.map(Json)
}

/// Lets new callers have a version again.
#[utoipa::path(delete, path = "/flows/{id}/versions/{version}/quarantine", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow"), ("version" = String, Path, description = "The version")),
    responses((status = 200, body = FlowSummary), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn lift_quarantine(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    VersionPath(flow, version): VersionPath,
) -> Result<Json<FlowSummary>, Problem> {
    may_change(&signed_in)?;
    state.order(&signed_in, FlowOrder::LiftQuarantine { flow: flow.clone(), version }).await?;
    state.summary_of(flow).await.map(Json)
}

/// Lets the sessions that are in a version break off: they go to its handling of errors, or end.
#[utoipa::path(post, path = "/flows/{id}/versions/{version}/end-sessions", tag = "flows", security(("bearer" = [])),
    request_body = Why,
    params(("id" = String, Path, description = "The flow"), ("version" = String, Path, description = "The version")),
    responses((status = 200, body = Ended), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn end_sessions(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    VersionPath(flow, version): VersionPath,
    Body(Why { note }): Body<Why>,
) -> Result<Json<Ended>, Problem> {
    may_change(&signed_in)?;
    tracing::info!(user = %signed_in.user.name, %flow, version, note, "ends sessions");
    let answer: FlowAnswer =
        state.order(&signed_in, FlowOrder::EndSessions { flow, version }).await?;
    Ok(Json(Ended { ended: answer.sessions }))
}

/// Gives a flow to nobody any more.
#[utoipa::path(post, path = "/flows/{id}/retire", tag = "flows", security(("bearer" = [])), request_body = Why,
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = FlowSummary), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn retire(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(flow): FlowPath,
    Body(Why { note }): Body<Why>,
) -> Result<Json<FlowSummary>, Problem> {
    may_change(&signed_in)?;
    let surroundings = state.flows.surroundings();
    let number = surroundings.numbers.iter().find(|(_, to)| *to == flow);
    let queue = surroundings.used_by_queue.iter().find(|(_, to)| *to == flow);
    let used = number.map(|(it, _)| format!("number {it}"));
    if let Some(by) = used.or_else(|| queue.map(|(it, _)| format!("queue {it}"))) {
        return Err(cti_core::flow::FlowRefused::InUse { flow, by }.into());
    }
    tracing::info!(user = %signed_in.user.name, %flow, note, "retires a flow");
    state.order(&signed_in, FlowOrder::Retire { flow: flow.clone() }).await?;
    state.summary_of(flow).await.map(Json)
}

/// Shows who gets drafts.
#[utoipa::path(get, path = "/flow-test-callers", tag = "flows", security(("bearer" = [])),
    responses((status = 200, body = TestCallers), (status = 403, body = Problem)))]
pub async fn test_callers(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<TestCallers>, Problem> {
    may_look(&signed_in)?;
    let reveal = signed_in.user.role == Role::Admin;
    let shown = move |number: &PhoneNumber| match reveal {
        true => number.reveal().to_owned(),
        false => number.to_string(),
    };
    let numbers =
        state.engine(move |engine| engine.library().test_callers().map(shown).collect()).await?;
    Ok(Json(TestCallers { numbers }))
}

/// Gives drafts to these callers and to no others.
#[utoipa::path(put, path = "/flow-test-callers", tag = "flows", security(("bearer" = [])), request_body = TestCallers,
    responses((status = 200, body = TestCallers), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn set_test_callers(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(callers): Body<TestCallers>,
) -> Result<Json<TestCallers>, Problem> {
    may_change(&signed_in)?;
    let numbers: Result<Vec<PhoneNumber>, _> =
        callers.numbers.iter().map(|number| PhoneNumber::parse(number)).collect();
    let numbers = numbers.map_err(|error| Problem::invalid("numbers", error))?;
    state.order(&signed_in, FlowOrder::SetTestCallers { numbers }).await?;
    Ok(Json(callers))
}

impl ApiState {
    async fn summary_of(&self, id: FlowId) -> Result<FlowSummary, Problem> {
        let shower = self.clone();
        self.engine(move |engine| {
            known(engine.library(), &id)?;
            Ok(shower.flow_summary(engine, &id))
        })
        .await?
    }

    /// Returns what must be mended before these drafts can be published, recordings included.
    async fn errors_of_drafts(&self, flows: &[FlowId]) -> Result<Vec<FlowFinding>, Problem> {
        let (flows, recordings) = (flows.to_vec(), self.flows.recordings());
        self.engine(move |engine| {
            let mut errors = Vec::new();
            for draft in flows.iter().filter_map(|flow| engine.library().draft(flow)) {
                let reviewed = draft.flow().map(|flow| flow.review(&recordings));
                // Whether flows fit together is known only when they are published together.
                let own = draft.flow().is_none() && flows.len() == 1;
                let found = draft.findings.iter().filter(|_| own);
                errors.extend(
                    found
                        .chain(reviewed.iter().flatten())
                        .filter(|finding| finding.severity() == Severity::Error)
                        .map(FlowFinding::from),
                );
            }
            errors
        })
        .await
    }
}
