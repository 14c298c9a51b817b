//! Which flows and versions there are.

use axum::{Json, extract::State};
use cti_bindings::rest::{extract::Params, list::List, problem::Problem};
use cti_core::id::FlowId;
use cti_ivr::{
    engine::Engine,
    flow::Severity,
    publish::{self, Diff, Library, Stage, Version},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{FlowNote, may_look};
use crate::{authorize::SignedIn, state::ApiState};

/// The version that was published last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Published {
    /// The version.
    pub version: String,
    /// When it was published.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: String,
    /// Why new callers do not get it, if they do not.
    pub quarantine: Option<FlowNote>,
}

/// A draft in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DraftSummary {
    /// What its text is known by.
    pub etag: String,
    /// The version it would be; none while it cannot run.
    pub version: Option<String>,
    /// When it was saved.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What keeps it from being published.
    pub errors: usize,
    /// What somebody should look at.
    pub warnings: usize,
}

/// A flow in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowSummary {
    /// The flow.
    pub id: String,
    /// What it is for; none while no version or draft of it can be read.
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
    /// What was published last.
    pub published: Option<Published>,
    /// The version that new callers get, maybe of the fallback.
    pub serves: Option<String>,
    /// What was saved and not published yet.
    pub draft: Option<DraftSummary>,
    /// How many versions are kept.
    pub versions: usize,
    /// How many sessions are in it.
    pub sessions: usize,
    /// The numbers that lead here.
    pub numbers: Vec<String>,
    /// The queues that use it.
    pub queues: Vec<String>,
}

/// One version in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionSummary {
    /// The version.
    pub version: String,
    /// `published`, `draining` or `retired`.
    pub stage: String,
    /// How many sessions are in it.
    pub sessions: usize,
    /// Who saved it.
    pub saved: FlowNote,
    /// Why new callers do not get it.
    pub quarantine: Option<FlowNote>,
}

/// One publication of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicationShown {
    /// The version.
    pub version: String,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub text: String,
}

/// A flow with its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowShown {
    /// The flow in short.
    #[serde(flatten)]
    pub summary: FlowSummary,
    /// Its versions.
    pub history: Vec<VersionSummary>,
    /// What was published when, oldest first.
    pub publications: Vec<PublicationShown>,
}

/// One version with its document.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VersionShown {
    /// The version in short.
    #[serde(flatten)]
    pub summary: VersionSummary,
    /// The document as it was saved, picture included.
    #[schema(value_type = Object)]
    pub document: Value,
}

/// Which versions are compared.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Compared {
    /// The earlier version.
    pub from: String,
    /// The later version; the draft when absent or `draft`.
    pub to: Option<String>,
}

/// Lists the flows.
#[utoipa::path(get, path = "/flows", tag = "flows", security(("bearer" = [])),
    responses((status = 200, body = List<FlowSummary>), (status = 403, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<List<FlowSummary>>, Problem> {
    may_look(&signed_in)?;
    let shower = state.clone();
    let items = state
        .engine(move |engine| {
            engine.library().ids().map(|id| shower.flow_summary(engine, id)).collect()
        })
        .await?;
    Ok(Json(List { items, next: None }))
}

/// Shows one flow with its versions.
#[utoipa::path(get, path = "/flows/{id}", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = FlowShown), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
) -> Result<Json<FlowShown>, Problem> {
    may_look(&signed_in)?;
    let shower = state.clone();
    state
        .engine(move |engine| {
            known(engine.library(), &id)?;
            Ok(Json(shower.flow_shown(engine, &id)))
        })
        .await?
}

/// Shows one version with its document.
#[utoipa::path(get, path = "/flows/{id}/versions/{version}", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow"),
        ("version" = String, Path, description = "The version, or its beginning")),
    responses((status = 200, body = VersionShown), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn version(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    VersionPath(id, hash): VersionPath,
) -> Result<Json<VersionShown>, Problem> {
    may_look(&signed_in)?;
    let shower = state.clone();
    state
        .engine(move |engine| {
            let version = version_of(engine.library(), &id, &hash)?;
            let document = serde_json::from_str(version.flow().document()).unwrap_or_default();
            let summary = shower.version_summary(engine, &id, version);
            Ok(Json(VersionShown { summary, document }))
        })
        .await?
}

/// Shows what changed from one version to another, or to the draft.
#[utoipa::path(get, path = "/flows/{id}/diff", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow"), Compared),
    responses((status = 200, body = Object), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn diff(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
    Params(Compared { from, to }): Params<Compared>,
) -> Result<Json<Diff>, Problem> {
    may_look(&signed_in)?;
    let to = to.filter(|to| to != "draft");
    state
        .engine(move |engine| {
            let library = engine.library();
            known(library, &id)?;
            let diff = library.diff(&id, &from, to.as_deref());
            diff.map(Json).map_err(|error| cti_core::flow::FlowRefused::from(error).into())
        })
        .await?
}

pub(crate) fn known(library: &Library, id: &FlowId) -> Result<(), Problem> {
    let there = library.ids().any(|known| known == id);
    let unknown = || Problem::unknown("unknown_flow", format!("there is no flow named {id}"));
    there.then_some(()).ok_or_else(unknown)
}

pub(crate) fn version_of<'a>(
    library: &'a Library,
    id: &FlowId,
    hash: &str,
) -> Result<&'a Version, Problem> {
    known(library, id)?;
    let unknown =
        || Problem::unknown("unknown_version", format!("flow {id} has no version {hash}"));
    library.version(id, hash).ok_or_else(unknown)
}

impl ApiState {
    pub(crate) fn flow_summary(&self, engine: &Engine, id: &FlowId) -> FlowSummary {
        let library = engine.library();
        let (published, draft) = (library.published(id), library.draft(id));
        let flow = published
            .map(Version::flow)
            .or_else(|| draft?.flow())
            .or_else(|| library.versions(id).last().map(Version::flow));
        let last = library.publications(id).last();
        let surroundings = self.flows.surroundings();
        let leads_here = |users: &[(String, FlowId)]| {
            users.iter().filter(|(_, to)| to == id).map(|(user, _)| user.clone()).collect()
        };
        FlowSummary {
            id: id.to_string(),
            kind: flow.map(|flow| flow.kind().as_str().to_owned()),
            name: flow.map_or_else(|| id.to_string(), |flow| flow.name().to_owned()),
            published: published.zip(last).map(|(version, last)| {
                let note = self.note(&last.note);
                Published {
                    version: version.flow().hash().to_owned(),
                    at: note.at,
                    by: note.by,
                    note: note.text,
                    quarantine: version.quarantine().map(|note| self.note(note)),
                }
            }),
            serves: library.serves(id).map(|flow| flow.hash().to_owned()),
            draft: draft.map(|draft| {
                let saved = self.note(&draft.saved);
                let errors =
                    draft.findings.iter().filter(|it| it.severity() == Severity::Error).count();
                DraftSummary {
                    etag: publish::etag(&draft.text),
                    version: draft.flow().map(|flow| flow.hash().to_owned()),
                    at: saved.at,
                    by: saved.by,
                    errors,
                    warnings: draft.findings.len() - errors,
                }
            }),
            versions: library.versions(id).count(),
            sessions: engine.sessions_of(id),
            numbers: leads_here(&surroundings.numbers),
            queues: leads_here(&surroundings.used_by_queue),
        }
    }

    fn flow_shown(&self, engine: &Engine, id: &FlowId) -> FlowShown {
        let library = engine.library();
        FlowShown {
            summary: self.flow_summary(engine, id),
            history: library
                .versions(id)
                .map(|version| self.version_summary(engine, id, version))
                .collect(),
            publications: library
                .publications(id)
                .iter()
                .map(|it| {
                    let FlowNote { at, by, text } = self.note(&it.note);
                    PublicationShown { version: it.version.clone(), at, by, text }
                })
                .collect(),
        }
    }

    fn version_summary(&self, engine: &Engine, id: &FlowId, version: &Version) -> VersionSummary {
        let hash = version.flow().hash();
        let stage = match engine.stage(id, hash) {
            Some(Stage::Published) => "published",
            Some(Stage::Draining) => "draining",
            Some(Stage::Retired | Stage::Draft) | None => "retired",
        };
        VersionSummary {
            version: hash.to_owned(),
            stage: stage.to_owned(),
            sessions: engine.sessions_in(id, hash),
            saved: self.note(version.saved()),
            quarantine: version.quarantine().map(|note| self.note(note)),
        }
    }
}

/// The flow in a path.
#[derive(Clone, Debug)]
pub struct FlowPath(pub FlowId);

/// Flow and version in a path.
#[derive(Clone, Debug)]
pub struct VersionPath(pub FlowId, pub String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for FlowPath {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let axum::extract::Path(id) = path.map_err(|it| Problem::invalid("id", it))?;
        id.parse().map(Self).map_err(|error| Problem::invalid("id", error))
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for VersionPath {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((id, version)) = path.map_err(|it| Problem::invalid("id", it))?;
        let id = id.parse().map_err(|error| Problem::invalid("id", error))?;
        let hex = version.len() >= 8 && version.chars().all(|it| it.is_ascii_hexdigit());
        let wrong = || Problem::invalid("version", "is 8 to 64 hexadecimal digits");
        hex.then_some(Self(id, version)).ok_or_else(wrong)
    }
}
