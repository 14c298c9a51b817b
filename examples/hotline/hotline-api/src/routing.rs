//! The rules of the queues: skills, strategies, scripts, schedules, overflow, call-backs. An administrator tries others
//! out, lets them follow in the shadow, takes them into force while calls wait, and takes them back.

use async_trait::async_trait;
use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{authorize::Action, extract::Body, list::List, problem::Problem};
use cti_core::{
    command::{Command, Reply},
    config::QueueConfig,
    router::RulesChange,
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// Why rules could not be tried out.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// They contradict themselves, or name what is not there.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The log could not be read.
    #[error("the log could not be read: {0}")]
    Log(#[from] std::io::Error),
}

/// What is wrong with rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// Which field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// The script that it is in.
    pub script: Option<String>,
    /// The line of the script, from 1 on, where it is known.
    pub line: Option<usize>,
    /// The column, from 1 on, where it is known.
    pub column: Option<usize>,
}

/// What is wrong with rules; they can be taken into force when nothing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checked {
    /// Everything that was found: of each script the first.
    pub findings: Vec<Finding>,
}

/// A rule that can be chosen by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedRule {
    /// Its name.
    pub name: String,
    /// Where it is chosen: `queue`, `contact` or `centre`.
    pub chosen_by: String,
    /// What it does, in Chinese.
    pub words_zh: String,
    /// What it does, in English.
    pub words_en: String,
}

/// Keeps the rules that are in force, and tries others out.
#[async_trait]
pub trait RoutingRules: Send + Sync {
    /// Keeps rules that are in force for the next start.
    async fn keep(&self, rules: Value) -> std::io::Result<()>;

    /// Keeps a queue that was opened or changed for the next start.
    async fn keep_queue(&self, queue: QueueConfig) -> std::io::Result<()>;

    /// Returns every rule that can be chosen by name.
    fn catalogue(&self) -> Vec<NamedRule>;

    /// Returns what is wrong with rules.
    fn check(&self, rules: &Value) -> Vec<Finding>;

    /// Runs what was recorded under the rules `before` and under `after`, and returns what came of each.
    async fn try_out(&self, before: Value, after: Value) -> Result<Value, RoutingError>;
}

/// Shows the rules of the queues that are in force.
#[utoipa::path(get, path = "/routing", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub async fn show(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    state.require_configure(&signed_in)?;
    Ok(Json(state.rules().await?["rules"].take()))
}

/// Takes other rules of the queues: they are in force at once, nobody loses his place, and they outlive a restart.
#[utoipa::path(put, path = "/routing", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn replace(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(rules): Body<Value>,
) -> Result<StatusCode, Problem> {
    state.change_rules(&signed_in, RulesChange::Replace(rules)).await
}

/// Lists the rules that can be chosen by name: strategies of queues, what contacts ask for, rules between queues.
#[utoipa::path(get, path = "/routing/strategies", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = List<NamedRule>)))]
pub async fn strategies(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
) -> Json<List<NamedRule>> {
    Json(List::whole(state.routing.catalogue()))
}

/// Says what is wrong with rules before they are taken: in a script at which line.
#[utoipa::path(post, path = "/routing/check", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 200, body = Checked), (status = 403, body = Problem)))]
pub async fn check(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(rules): Body<Value>,
) -> Result<Json<Checked>, Problem> {
    state.require_configure(&signed_in)?;
    Ok(Json(Checked { findings: state.routing.check(&rules) }))
}

/// Shows which version of the rules is in force, which follows in the shadow and how its decisions compare, and which
/// version can be rolled back to.
#[utoipa::path(get, path = "/routing/shadow", tag = "configuration", security(("bearer" = [])),
    responses((status = 200, body = Object), (status = 403, body = Problem)))]
pub async fn shadow(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    state.require_configure(&signed_in)?;
    let mut all = state.rules().await?;
    let mut take = |name: &str| all.get_mut(name).map(Value::take).unwrap_or_default();
    let (version, shadow, previous) = (take("version"), take("shadow"), take("previous"));
    Ok(Json(json!({ "version": version, "shadow": shadow, "previous": previous })))
}

/// Lets other rules follow in the shadow: they decide nothing, and each offer is compared with what they would have done.
#[utoipa::path(put, path = "/routing/shadow", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn follow(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(rules): Body<Value>,
) -> Result<StatusCode, Problem> {
    state.change_rules(&signed_in, RulesChange::Shadow(rules)).await
}

/// Lets nothing follow in the shadow any more.
#[utoipa::path(delete, path = "/routing/shadow", tag = "configuration", security(("bearer" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn unfollow(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<StatusCode, Problem> {
    state.change_rules(&signed_in, RulesChange::Unshadow).await
}

/// Takes the rules in the shadow into force.
#[utoipa::path(post, path = "/routing/switch", tag = "configuration", security(("bearer" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn switch(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<StatusCode, Problem> {
    state.change_rules(&signed_in, RulesChange::Switch).await
}

/// Takes the rules from before the last change into force again.
#[utoipa::path(post, path = "/routing/roll-back", tag = "configuration", security(("bearer" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn roll_back(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<StatusCode, Problem> {
    state.change_rules(&signed_in, RulesChange::RollBack).await
}

/// Tries other rules out against the last recorded day: service level, waits, abandonment, fairness and agents' load
/// under the rules in force and under these.
#[utoipa::path(post, path = "/routing/try-out", tag = "configuration", security(("bearer" = [])), request_body = Object,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn try_out(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(rules): Body<Value>,
) -> Result<Json<Value>, Problem> {
    state.require_configure(&signed_in)?;
    let before = state.rules().await?["rules"].take();
    let tried = state.routing.try_out(before, rules).await.map_err(|error| match error {
        RoutingError::Invalid { field, reason } => Problem::invalid(&field, reason),
        RoutingError::Log(error) => Problem::internal(&error),
    })?;
    Ok(Json(tried))
}

impl ApiState {
    pub(crate) fn require_configure(&self, signed_in: &SignedIn) -> Result<(), Problem> {
        let may = self.rest().authorizer.may(&signed_in.principal(), Action::Configure);
        may.then_some(()).ok_or_else(|| Problem::forbidden("you may not change the configuration"))
    }

    /// Returns the router's description of its rules.
    async fn rules(&self) -> Result<Value, Problem> {
        let reply = self.rest().centre.request(Command::ShowRules).await?;
        let Reply::Rules(rules) = reply else { return Err(Problem::wrong_reply(&reply)) };
        Ok(rules)
    }

    async fn change_rules(
        &self,
        signed_in: &SignedIn,
        change: RulesChange,
    ) -> Result<StatusCode, Problem> {
        self.require_configure(signed_in)?;
        if let RulesChange::Replace(rules) | RulesChange::Shadow(rules) = &change {
            self.queues_are_there(rules)?;
        }
        let in_force = match &change {
            RulesChange::Replace(_) | RulesChange::Switch | RulesChange::RollBack => true,
            RulesChange::Shadow(_) | RulesChange::Unshadow => false,
        };
        let by = signed_in.user.name.clone();
        self.rest().centre.request(Command::ChangeRules { change, by }).await?;
        if in_force {
            let rules = self.rules().await?["rules"].take();
            self.routing.keep(rules).await.map_err(|error| Problem::internal(&error))?;
        }
        Ok(StatusCode::NO_CONTENT)
    }

    /// Rules for a queue that does not exist are a slip of the pen.
    fn queues_are_there(&self, rules: &Value) -> Result<(), Problem> {
        let view = self.rest().live.view();
        let known = |name: &str| view.config().queues.iter().any(|queue| queue.id.as_str() == name);
        let named = rules["queues"].as_array().into_iter().flatten();
        let missing = named.filter_map(|it| it["queue"].as_str()).find(|name| !known(name));
        match missing {
            Some(name) => Err(Problem::invalid("queues", format!("there is no queue {name}"))),
            None => Ok(()),
        }
    }
}
