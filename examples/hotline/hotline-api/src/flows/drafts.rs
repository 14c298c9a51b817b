//! Drafts: what an administrator has saved and not published yet, and the check of documents.

use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{extract::Body, problem::Problem};
use cti_core::flow::FlowOrder;
use cti_ivr::{
    engine::MAX_DOCUMENT,
    flow::{Flow, Recordings, from_yaml},
    publish::{self, Note},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{FlowFinding, FlowNote, count, may_change, may_look, show::FlowPath};
use crate::{authorize::SignedIn, state::ApiState};

/// A draft.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DraftShown {
    /// The flow.
    pub flow: String,
    /// What its text is known by; it is named when the draft is saved again or published.
    pub etag: String,
    /// The version it would be; none while it cannot run.
    pub version: Option<String>,
    /// Who saved it.
    pub saved: FlowNote,
    /// The document; none when the text is no JSON.
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
    /// The exact text.
    pub text: String,
    /// What the check says of it.
    pub findings: Vec<FlowFinding>,
}

/// A document to be kept.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
    /// The draft that it replaces, by its `etag`; none where there is none.
    pub etag: Option<String>,
    /// What has changed.
    #[serde(default)]
    pub note: String,
}

/// A document to be looked at.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckDocument {
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
}

/// What the check says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checked {
    /// The version it would be; none when it cannot run.
    pub version: Option<String>,
    /// What it found.
    pub findings: Vec<FlowFinding>,
    /// How many keep it from being published.
    pub errors: usize,
    /// How many somebody should look at.
    pub warnings: usize,
}

/// A text to be read.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportText {
    /// JSON or YAML.
    pub text: String,
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Imported {
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
}

/// Shows the draft of a flow.
#[utoipa::path(get, path = "/flows/{id}/draft", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = DraftShown), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
) -> Result<Json<DraftShown>, Problem> {
    may_look(&signed_in)?;
    state.draft_shown(&id).await.map(Json)
}

/// Keeps a document as the draft of its flow; it may have faults.
#[utoipa::path(put, path = "/flows/{id}/draft", tag = "flows", security(("bearer" = [])), request_body = SaveDraft,
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = DraftShown), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem)))]
pub async fn save(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
    Body(SaveDraft { document, etag, note }): Body<SaveDraft>,
) -> Result<Json<DraftShown>, Problem> {
    may_change(&signed_in)?;
    if document.get("id").and_then(Value::as_str) != Some(id.as_str()) {
        return Err(Problem::invalid("document.id", format!("is not {id}")));
    }
    let text = written(&document)?;
    state.order(&signed_in, FlowOrder::SaveDraft { document: text, etag, note }).await?;
    state.draft_shown(&id).await.map(Json)
}

/// Forgets the draft of a flow.
#[utoipa::path(delete, path = "/flows/{id}/draft", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The flow")),
    responses((status = 204), (status = 403, body = Problem)))]
pub async fn discard(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(flow): FlowPath,
) -> Result<StatusCode, Problem> {
    may_change(&signed_in)?;
    state.order(&signed_in, FlowOrder::DiscardDraft { flow }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says what is wrong with a document; nothing is kept.
#[utoipa::path(post, path = "/flows/check", tag = "flows", security(("bearer" = [])), request_body = CheckDocument,
    responses((status = 200, body = Checked), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn check(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(CheckDocument { document }): Body<CheckDocument>,
) -> Result<Json<Checked>, Problem> {
    may_look(&signed_in)?;
    let text = written(&document)?;
    let (now, recordings) = (state.now(), state.flows.recordings());
    let mut library = state.engine(|engine| engine.library().clone()).await?;
    let (version, findings) = match library.save_draft(&text, Note::new(now, "check", "")) {
        Ok(draft) => {
            let version = draft.flow().map(|flow| flow.hash().to_owned());
            (version, shown(&draft.findings, draft.flow().map(AsRef::as_ref), &recordings))
        }
        Err(invalid) => (None, shown(&invalid.findings, None, &recordings)),
    };
    let (errors, warnings) = count(&findings);
    Ok(Json(Checked { version, findings, errors, warnings }))
}

/// Reads a document that was written by hand, as JSON or YAML; nothing is kept.
#[utoipa::path(post, path = "/flows/import", tag = "flows", security(("bearer" = [])), request_body = ImportText,
    responses((status = 200, body = Imported), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn import(
    State(_state): State<ApiState>,
    signed_in: SignedIn,
    Body(ImportText { text }): Body<ImportText>,
) -> Result<Json<Imported>, Problem> {
    may_look(&signed_in)?;
    let document: Value = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(_) => {
            let json = from_yaml(&text).map_err(|error| Problem::invalid("text", error))?;
            serde_json::from_str(&json).map_err(|error| Problem::invalid("text", error))?
        }
    };
    if !document.is_object() {
        return Err(Problem::invalid("text", "is no object"));
    }
    Ok(Json(Imported { document }))
}

/// Returns a document as it is kept: readable, for whoever compares files.
fn written(document: &Value) -> Result<String, Problem> {
    if !document.is_object() {
        return Err(Problem::invalid("document", "is no object"));
    }
    let text = serde_json::to_string_pretty(document).map_err(|it| Problem::internal(&it))?;
    if text.len() > MAX_DOCUMENT {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(
            Problem::new(status, "too_large", "the document is too long").with_field("document")
        );
    }
    Ok(text)
}

/// Returns the findings of the check with those about recordings.
pub(crate) fn shown(
    findings: &[cti_ivr::flow::Finding],
    flow: Option<&Flow>,
    recordings: &Recordings,
) -> Vec<FlowFinding> {
    let mut all: Vec<FlowFinding> = findings.iter().map(FlowFinding::from).collect();
    let reviewed = flow.map(|flow| flow.review(recordings)).unwrap_or_default();
    all.extend(reviewed.iter().map(FlowFinding::from));
    all
}

impl ApiState {
    async fn draft_shown(&self, id: &cti_core::id::FlowId) -> Result<DraftShown, Problem> {
        let (shower, id, recordings) = (self.clone(), id.clone(), self.flows.recordings());
        self.engine(move |engine| {
            let draft = engine
                .library()
                .draft(&id)
                .ok_or_else(|| Problem::unknown("no_draft", format!("flow {id} has no draft")))?;
            Ok(DraftShown {
                flow: id.to_string(),
                etag: publish::etag(&draft.text),
                version: draft.flow().map(|flow| flow.hash().to_owned()),
                saved: shower.note(&draft.saved),
                document: serde_json::from_str(&draft.text).ok(),
                text: draft.text.clone(),
                findings: shown(&draft.findings, draft.flow().map(AsRef::as_ref), &recordings),
            })
        })
        .await?
    }
}
