//! What callers did: counts of every version and node.

use axum::{Json, extract::State};
use cti_bindings::rest::{extract::Params, problem::Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    may_look,
    show::{FlowPath, known, version_of},
};
use crate::{authorize::SignedIn, state::ApiState};

/// Whose counts.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichVersion {
    /// The version; the published one when absent.
    pub version: Option<String>,
}

/// Counts of one version since the log began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowCounts {
    /// The flow.
    pub flow: String,
    /// The version.
    pub version: String,
    /// Since when.
    pub since: String,
    /// Sessions that began in it.
    pub started: u64,
    /// Sessions that are in it now.
    pub sessions: usize,
    /// Its nodes.
    pub nodes: Vec<NodeCounts>,
    /// Answers to its questions.
    pub answers: Vec<Answers>,
}

/// Counts of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct NodeCounts {
    /// The node.
    pub node: String,
    /// Sessions that came here.
    pub entered: u64,
    /// Sessions that wait here now.
    pub here: usize,
    /// Sessions whose caller hung up here.
    pub abandoned: u64,
    /// Sessions whose caller was answered while he was here.
    pub answered: u64,
    /// Sessions that went elsewhere from here by no outlet.
    pub moved: u64,
    /// The time all of them spent here, in milliseconds.
    pub dwell_ms: u64,
    /// The longest time one of them spent here, in milliseconds.
    pub longest_ms: u64,
    /// Sessions that left, by outlet.
    pub left: Vec<OutletCount>,
    /// Keys that chose a way.
    pub keys: Vec<KeyCount>,
    /// Sessions that could not go on, by reason.
    pub failed: Vec<FailureCount>,
}

/// Sessions that left by an outlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutletCount {
    /// The outlet.
    pub outlet: String,
    /// How many.
    pub count: u64,
}

/// How often a key was pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyCount {
    /// The key.
    pub key: char,
    /// How often.
    pub count: u64,
}

/// Sessions that could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailureCount {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Answers to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Answers {
    /// The question.
    pub question: String,
    /// How often each answer was given.
    pub answers: Vec<AnswerCount>,
}

/// How often an answer was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerCount {
    /// The answer.
    pub answer: String,
    /// How often.
    pub count: u64,
}

/// Counts what callers did in one version.
#[utoipa::path(get, path = "/flows/{id}/statistics", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow"), WhichVersion),
    responses((status = 200, body = FlowCounts), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
    Params(WhichVersion { version }): Params<WhichVersion>,
) -> Result<Json<FlowCounts>, Problem> {
    may_look(&signed_in)?;
    let (zoned, started) = (state.clone(), state.about.started_at);
    state
        .engine(move |engine| {
            let library = engine.library();
            known(library, &id)?;
            let none =
                || Problem::unknown("unknown_version", format!("flow {id} is not published"));
            let version = match &version {
                Some(hash) => version_of(library, &id, hash)?,
                None => library.published(&id).ok_or_else(none)?,
            };
            let hash = version.flow().hash();
            let since = zoned.time(engine.counts_since().unwrap_or(started));
            let mut waiting = engine.waiting_at(&id, hash);
            let counts = engine.counts().version(&id, hash).cloned().unwrap_or_default();
            let mut nodes: Vec<NodeCounts> = counts
                .nodes
                .into_iter()
                .map(|(node, it)| NodeCounts {
                    entered: it.entered,
                    here: waiting.remove(node.as_str()).unwrap_or_default(),
                    abandoned: it.abandoned,
                    answered: it.answered,
                    moved: it.moved,
                    dwell_ms: it.dwell_ms,
                    longest_ms: it.longest_ms,
                    left: it
                        .left
                        .into_iter()
                        .map(|(outlet, count)| OutletCount { outlet, count })
                        .collect(),
                    keys: it.keys.into_iter().map(|(key, count)| KeyCount { key, count }).collect(),
                    failed: it
                        .failed
                        .into_iter()
                        .map(|(reason, count)| FailureCount {
                            reason: cti_bindings::rest::show::plain(&reason),
                            count,
                        })
                        .collect(),
                    node,
                })
                .collect();
            nodes.extend(waiting.into_iter().map(|(node, here)| NodeCounts {
                node: node.to_owned(),
                here,
                ..NodeCounts::default()
            }));
            let answers = counts
                .answers
                .into_iter()
                .map(|(question, answers)| Answers {
                    question,
                    answers: answers
                        .into_iter()
                        .map(|(answer, count)| AnswerCount { answer, count })
                        .collect(),
                })
                .collect();
            Ok(Json(FlowCounts {
                flow: id.to_string(),
                version: hash.to_owned(),
                since,
                started: counts.started,
                sessions: engine.sessions_in(&id, hash),
                nodes,
                answers,
            }))
        })
        .await?
}
