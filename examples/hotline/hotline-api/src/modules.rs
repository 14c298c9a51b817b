//! The modules that have registered with the centre, and how each is.

use axum::{Json, extract::State};
use cti_bindings::rest::problem::Problem;
use cti_core::time::Timestamp;
use hotline_store::users::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// How a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModuleState {
    /// It does its work.
    Working,
    /// It cannot do its work now and tries again.
    Failing,
    /// It has ended; a restart of the program brings it back.
    Ended,
}

/// A module as it registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: ModuleState,
    /// Why it is not working, when it said so.
    pub reason: Option<String>,
    /// Since when it is so.
    pub since: Timestamp,
}

/// A module as it registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModuleShown {
    /// Its name: `journal`, `records`, `calendar` and so on.
    pub name: String,
    /// How it is.
    pub state: ModuleState,
    /// Why it is not working, when it said so.
    pub reason: Option<String>,
    /// Since when it is so.
    pub since: String,
}

/// Lists the modules that have registered with the centre, by name. Supervisors and administrators may.
#[utoipa::path(get, path = "/modules", tag = "status", security(("bearer" = [])),
    responses((status = 200, body = Vec<ModuleShown>), (status = 403, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Vec<ModuleShown>>, Problem> {
    if signed_in.user.role == Role::Agent {
        return Err(Problem::forbidden("you may not see the modules"));
    }
    let shown = |it: Module| ModuleShown {
        name: it.name,
        state: it.state,
        reason: it.reason,
        since: state.time(it.since),
    };
    Ok(Json(state.probe.modules().into_iter().map(shown).collect()))
}
