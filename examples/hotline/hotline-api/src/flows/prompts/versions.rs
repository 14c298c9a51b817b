//! The versions of a recording: who brought which, and back to an earlier one.

use axum::{Json, extract::State};
use cti_bindings::rest::{extract::Body, list::List, problem::Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    PromptPath, PromptShown,
    change::{one, refused},
    shelf::Origin,
};
use crate::{
    authorize::SignedIn,
    flows::{may_change, may_look},
    state::ApiState,
};

/// One version of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PromptVersionShown {
    /// Its number, counted from 1.
    pub version: u32,
    /// When it was made.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// How.
    #[serde(flatten)]
    pub origin: Origin,
    /// How many bytes its file has; 0 for a removal.
    pub bytes: u64,
}

/// Which version is taken again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptRollBack {
    /// Its number.
    pub version: u32,
}

/// Lists the versions of a recording that are kept, the newest first.
#[utoipa::path(get, path = "/prompts/{language}/{id}/versions", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set"), ("id" = String, Path, description = "The recording")),
    responses((status = 200, body = List<PromptVersionShown>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
) -> Result<Json<List<PromptVersionShown>>, Problem> {
    may_look(&signed_in)?;
    let versions = state.prompts.versions(&key).await.map_err(refused)?;
    let shown = versions.into_iter().map(|it| PromptVersionShown {
        version: it.version,
        at: state.time(it.at),
        by: it.by,
        origin: it.origin,
        bytes: it.bytes,
    });
    Ok(Json(List::whole(shown.collect())))
}

/// Takes an earlier version again; it becomes the newest one.
#[utoipa::path(post, path = "/prompts/{language}/{id}/roll-back", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set"), ("id" = String, Path, description = "The recording")),
    request_body = PromptRollBack,
    responses((status = 200, body = PromptShown), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn roll_back(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
    Body(PromptRollBack { version }): Body<PromptRollBack>,
) -> Result<Json<PromptShown>, Problem> {
    may_change(&signed_in)?;
    let by = &signed_in.user.name;
    state.prompts.roll_back(&key, version, by).await.map_err(refused)?;
    tracing::info!(user = %by, language = key.language, prompt = key.id, version, "Took an earlier recording again");
    one(&state, &key).await
}
