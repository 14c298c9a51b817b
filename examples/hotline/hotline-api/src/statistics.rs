//! What happened per agent and per queue in a time, by quarters of an hour or longer steps.

use std::{collections::BTreeMap, time::Duration};

use axum::{Json, extract::State};
use cti_bindings::rest::{
    authorize::Action,
    extract::Params,
    list::List,
    problem::Problem,
    show::{millis, parse_time},
};
use cti_core::id::AgentId;
use hotline_store::statistics::{AgentSum, Period, QueueSum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// The rows are by quarters of an hour.
const QUARTER_MS: u64 = 900_000;
/// How many steps are returned at most.
const MAX_STEPS: u64 = 400;

/// Which time, and in which steps.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// From when on (RFC 3339), at a quarter of an hour; the first step begins here.
    pub from: String,
    /// Until when (RFC 3339).
    pub to: String,
    /// How long a step is, in milliseconds: a multiple of 900000, which it is when absent. At most 400 steps.
    pub step_ms: Option<u64>,
}

/// What an agent did in a step; of quarters of an hour that are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentStatistics {
    /// The agent.
    pub agent: String,
    /// His name, while he is known.
    pub name: Option<String>,
    /// When the step began.
    pub since: String,
    /// Offers that he answered.
    pub answered: u64,
    /// Offers that he let ring.
    pub no_answer: u64,
    /// Offers that he refused.
    pub rejected: u64,
    /// Offers that did not reach his telephone.
    pub unreachable: u64,
    /// How long he did what, in milliseconds: `ready`, `reserved`, `on_call`, `after_call_work`, `not_ready:` and the
    /// reason.
    pub times_ms: BTreeMap<String, u64>,
}

/// What happened in a queue in a step; of quarters of an hour that are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueueStatistics {
    /// The queue.
    pub queue: String,
    /// Its name, while it is known.
    pub name: Option<String>,
    /// When the step began.
    pub since: String,
    /// How many began to wait.
    pub offered: u64,
    /// How many were answered.
    pub answered: u64,
    /// How many of them within 15 s.
    pub answered_in_time: u64,
    /// How many gave up.
    pub abandoned: u64,
    /// How many the rules sent elsewhere.
    pub overflowed: u64,
    /// How many left by key, were moved or were taken out.
    pub left: u64,
    /// How many waited at most.
    pub most_inside: u64,
    /// How long those who were answered waited, together, in milliseconds.
    pub wait_answered_ms: u64,
    /// The longest wait that ended, in milliseconds.
    pub longest_wait_ms: u64,
}

/// Adds up what agents did: all of them for a supervisor, his own for an agent.
#[utoipa::path(get, path = "/statistics/agents", tag = "records", security(("bearer" = [])), params(Span),
    responses((status = 200, body = List<AgentStatistics>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn agents(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Params(span): Params<Span>,
) -> Result<Json<List<AgentStatistics>>, Problem> {
    let period = span.period()?;
    let own = if state.reads_all(&signed_in) { None } else { Some(own(&signed_in)?) };
    let sums = state.statistics.agent_sums(period, own.as_ref()).await;
    let sums = sums.map_err(|error| Problem::internal(&error))?;
    let view = state.rest().live.view();
    let known = &view.config().agents;
    let row = |sum: AgentSum| AgentStatistics {
        name: known.iter().find(|it| it.id == sum.agent).map(|it| it.name.clone()),
        agent: sum.agent.to_string(),
        since: state.time(sum.since),
        answered: sum.answered,
        no_answer: sum.no_answer,
        rejected: sum.rejected,
        unreachable: sum.unreachable,
        times_ms: sum.times.into_iter().map(|(name, time)| (name, millis(time))).collect(),
    };
    Ok(Json(List::whole(sums.into_iter().map(row).collect())))
}

/// Adds up what happened in queues.
#[utoipa::path(get, path = "/statistics/queues", tag = "records", security(("bearer" = [])), params(Span),
    responses((status = 200, body = List<QueueStatistics>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn queues(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Params(span): Params<Span>,
) -> Result<Json<List<QueueStatistics>>, Problem> {
    let period = span.period()?;
    if !state.reads_all(&signed_in) {
        return Err(Problem::forbidden("you may read your own statistics only"));
    }
    let sums = state.statistics.queue_sums(period).await;
    let sums = sums.map_err(|error| Problem::internal(&error))?;
    let view = state.rest().live.view();
    let known = &view.config().queues;
    let row = |sum: QueueSum| QueueStatistics {
        name: known.iter().find(|it| it.id == sum.queue).map(|it| it.name.clone()),
        queue: sum.queue.to_string(),
        since: state.time(sum.since),
        offered: sum.offered,
        answered: sum.answered,
        answered_in_time: sum.answered_in_time,
        abandoned: sum.abandoned,
        overflowed: sum.overflowed,
        left: sum.left,
        most_inside: sum.most_inside,
        wait_answered_ms: millis(sum.wait_answered),
        longest_wait_ms: millis(sum.longest_wait),
    };
    Ok(Json(List::whole(sums.into_iter().map(row).collect())))
}

impl Span {
    fn period(&self) -> Result<Period, Problem> {
        let (from, until) = (parse_time("from", &self.from)?, parse_time("to", &self.to)?);
        let step_ms = self.step_ms.unwrap_or(QUARTER_MS);
        if step_ms == 0 || !step_ms.is_multiple_of(QUARTER_MS) {
            return Err(Problem::invalid("step_ms", "must be a multiple of 900000"));
        }
        if !from.as_micros().is_multiple_of(QUARTER_MS * 1000) {
            return Err(Problem::invalid("from", "must be at a quarter of an hour"));
        }
        if until <= from {
            return Err(Problem::invalid("to", "must lie after from"));
        }
        if millis(until.since(from)).div_ceil(step_ms) > MAX_STEPS {
            return Err(Problem::invalid("step_ms", "makes more than 400 steps"));
        }
        Ok(Period { from, until, step: Duration::from_millis(step_ms) })
    }
}

impl ApiState {
    fn reads_all(&self, signed_in: &SignedIn) -> bool {
        self.rest().authorizer.may(&signed_in.principal(), Action::ReadRecords { agent: None })
    }
}

fn own(signed_in: &SignedIn) -> Result<AgentId, Problem> {
    let agent = signed_in.principal().agent;
    agent.ok_or_else(|| Problem::forbidden("you are no agent"))
}
