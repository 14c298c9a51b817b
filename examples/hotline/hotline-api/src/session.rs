//! Signing in and out, and the one-time tickets for WebSockets.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::Ordering,
    time::Duration,
};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use cti_bindings::rest::{extract::Body, problem::Problem};
use hotline_store::users::{Role, WebUser};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState, tokens::Token};

/// How long a session lasts.
pub const SESSION_LIFE: Duration = Duration::from_secs(12 * 3600);
/// The longest name and password, in bytes: hashing takes no more.
const CREDENTIAL_LIMIT: usize = 256;

/// What a supervisor may do beyond his own calls, in his queues.
const SUPERVISOR: [&str; 7] = [
    "agents.control",
    "calls.clear",
    "calls.supervise",
    "queues.manage",
    "numbers.see",
    "records.read",
    "recordings.listen",
];
/// What an administrator may do, in all queues.
const ADMIN: [&str; 8] = [
    "agents.control",
    "calls.clear",
    "calls.supervise",
    "queues.manage",
    "numbers.see",
    "records.read",
    "recordings.listen",
    "configuration.change",
];

/// Who wants to sign in.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A new session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    /// Goes into `Authorization: Bearer …`.
    pub token: String,
    /// When it ends.
    pub expires_at: String,
    /// Who signed in.
    pub user: User,
}

/// A web user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// The name he signs in with.
    pub name: String,
    /// The name that colleagues see.
    pub display_name: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
    /// The agent he is, if he is one.
    pub agent: Option<String>,
    /// The queues that a supervisor looks after; all of them when none is named.
    pub queues: Vec<String>,
}

/// A web user and what he may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Who he is.
    #[serde(flatten)]
    pub user: User,
    /// What he may do beyond his own calls.
    pub permissions: Vec<String>,
}

/// What the ticket is for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The WebSocket of events.
    Events,
}

/// What a one-time ticket is wanted for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketRequest {
    /// What it is for.
    pub purpose: Purpose,
}

/// A one-time ticket for a WebSocket.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SocketTicket {
    /// Goes into `/events?ticket=…`.
    pub ticket: String,
    /// When it stops working.
    pub expires_at: String,
}

impl From<&WebUser> for User {
    fn from(user: &WebUser) -> Self {
        Self {
            name: user.name.clone(),
            display_name: user.display_name.clone(),
            role: user.role.name().to_owned(),
            agent: user.agent.as_ref().map(ToString::to_string),
            queues: user.queues.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Signs in.
#[utoipa::path(post, path = "/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = Session), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in(
    State(state): State<ApiState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    for (field, value) in [("user", &credentials.user), ("password", &credentials.password)] {
        if value.is_empty() || value.len() > CREDENTIAL_LIMIT {
            let words = format!("{field} has 1 to {CREDENTIAL_LIMIT} bytes");
            return Err(Problem::invalid(field, words));
        }
    }
    let from = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    if let Some(wait) = state.throttle.wait(state.now(), &credentials.user, from) {
        return Ok(too_often(wait));
    }
    let Some(user) = state.check(&credentials).await? else {
        state.refuse(&credentials.user, from);
        return Err(Problem::unauthorized("invalid_credentials", "user or password is wrong"));
    };
    state.throttle.succeeded(&credentials.user, from);
    let token = Token::new().map_err(|error| Problem::internal(&error))?;
    let now = state.now();
    let expires = now + SESSION_LIFE;
    let begun = state.users.begin_session(now, token.hash(), &user.name, expires).await;
    begun.map_err(|error| Problem::internal(&error))?;
    tracing::info!(user = %user.name, role = %user.role, "signed in");
    let session =
        Session { token: token.reveal(), expires_at: state.time(expires), user: User::from(&user) };
    Ok(Json(session).into_response())
}

/// Shows who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", security(("bearer" = [])),
    responses((status = 200, body = User), (status = 401, body = Problem)))]
pub async fn show(signed_in: SignedIn) -> Json<User> {
    Json(User::from(&signed_in.user))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "session", security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem)))]
pub async fn sign_out(
    State(state): State<ApiState>,
    signed_in: SignedIn,
) -> Result<StatusCode, Problem> {
    let ended = state.users.end_session(&signed_in.token.hash()).await;
    ended.map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a one-time ticket for a WebSocket, which cannot send headers from a browser.
#[utoipa::path(post, path = "/session/ticket", tag = "session", security(("bearer" = [])),
    request_body = TicketRequest,
    responses((status = 200, body = SocketTicket), (status = 401, body = Problem)))]
pub async fn ticket(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(TicketRequest { purpose: Purpose::Events }): Body<TicketRequest>,
) -> Result<Json<SocketTicket>, Problem> {
    let token = Token::new().map_err(|error| Problem::internal(&error))?;
    let expires =
        state.socket_tickets.put(state.now(), &token, signed_in.principal()).ok_or_else(|| {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "too_many_tickets", "too many tickets wait to be used")
        })?;
    Ok(Json(SocketTicket { ticket: token.reveal(), expires_at: state.time(expires) }))
}

/// Shows who is signed in and what he may do.
#[utoipa::path(get, path = "/me", tag = "session", security(("bearer" = [])),
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn me(signed_in: SignedIn) -> Json<Me> {
    let permissions: &[&str] = match signed_in.user.role {
        Role::Agent => &[],
        Role::Supervisor => &SUPERVISOR,
        Role::Admin => &ADMIN,
    };
    Json(Me {
        user: User::from(&signed_in.user),
        permissions: permissions.iter().map(ToString::to_string).collect(),
    })
}

impl ApiState {
    /// Returns the user if the password is his. Takes as long when there is no such user.
    async fn check(&self, credentials: &Credentials) -> Result<Option<WebUser>, Problem> {
        let found = self.users.user(&credentials.user).await;
        let found = found.map_err(|error| Problem::internal(&error))?;
        let (user, hash) = match found {
            Some((user, hash)) => (Some(user), hash),
            None => (None, self.nobodys_hash.clone()),
        };
        let _permit = self.password_checks.acquire().await;
        let (hasher, password) = (self.hasher.clone(), credentials.password.clone());
        let right = tokio::task::spawn_blocking(move || hasher.verify(&password, &hash)).await;
        let right = right.map_err(|error| Problem::internal(&error))?;
        Ok(user.filter(|_| right))
    }

    fn refuse(&self, user: &str, from: Option<IpAddr>) {
        self.throttle.failed(self.now(), user, from);
        self.refused_sign_ins.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(?from, "a sign-in was refused");
    }
}

fn too_often(wait: Duration) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let problem = Problem::new(status, "too_many_failures", "too many failed tries, wait a while");
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    response
}
