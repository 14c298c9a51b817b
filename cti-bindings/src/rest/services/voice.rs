//! Who may speak in a call, and what is played to, collected from and sent to its parties.

use std::time::Duration;

use axum::{extract::State, http::StatusCode};
use cti_core::{
    command::{Collect, Service},
    event::PauseReason,
    id::{CallId, RecordingId},
    switch::Clip,
    target::PartyRef,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Begun, Created, party::ByParty, role::PartyRole, target::Who};
use crate::rest::{
    RestState,
    authorize::Caller,
    extract::{Body, Id},
    problem::Problem,
};

/// What a party may do from here on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// Who.
    pub party: Who,
    /// What he may do.
    pub role: PartyRole,
}

/// Whether a party is muted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    /// Who; the agent who asks when absent.
    pub party: Option<Who>,
    /// Whether he is muted.
    pub on: bool,
}

/// What is played to a party.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// Who hears it.
    pub party: Who,
    /// What, one after the other; nothing stops what is played. At most 64.
    pub clips: Vec<PlayClip>,
    /// Whether to begin again at the end.
    #[serde(default)]
    pub looped: bool,
}

/// One piece that is played: one of these.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlayClip {
    /// A prompt by its name.
    Prompt(String),
    /// An earlier recording, for example `recording-7`, both voices together; at most half an hour long. You must be
    /// allowed to hear it yourself.
    #[schema(value_type = String)]
    Recording(RecordingId),
}

/// How digits are collected from a party.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectDigits {
    /// Whose.
    pub party: Who,
    /// The most digits, 1 to 64.
    pub max: u32,
    /// The keys that end it and do not count.
    #[serde(default = "terminators")]
    pub terminators: String,
    /// How long the first digit may take, in milliseconds; 5 s when absent.
    #[serde(default = "first_digit")]
    pub first_digit_ms: u64,
    /// How long each further digit may take, in milliseconds; 3 s when absent.
    #[serde(default = "inter_digit")]
    pub inter_digit_ms: u64,
    /// Whether the digits are secret: only their number is told then.
    #[serde(default)]
    pub secret: bool,
}

fn terminators() -> String {
    "#".to_owned()
}

fn first_digit() -> u64 {
    5000
}

fn inter_digit() -> u64 {
    3000
}

/// Keys that are sent to a party.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendDigits {
    /// Who gets them; the served party when absent.
    pub party: Option<Who>,
    /// `0-9 * # A-D`.
    pub digits: String,
}

/// Whether a call is recorded.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Whether.
    pub on: bool,
}

/// Why a recording is silent for a while.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseRecording {
    /// Why.
    pub reason: Secret,
}

/// What nobody is to hear later.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// The numbers of a card that pays.
    Payment,
    /// Something else.
    SecretData,
}

/// Changes what a party may do: hear, speak, ask to speak, advise one.
#[utoipa::path(post, path = "/calls/{id}/role", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = SetRole,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn set_role(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<SetRole>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    let role = asked.role.read(&state, call)?;
    state.serve(Service::SetRole { call, party: asked.party.into(), role }).await
}

/// Asks to speak, as a party who listens and may ask.
#[utoipa::path(post, path = "/calls/{id}/ask-floor", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = ByParty,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn ask_floor(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<ByParty>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::AskFloor { call, party }).await
}

/// Mutes a party for the others, or lets him be heard again.
#[utoipa::path(post, path = "/calls/{id}/mute", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Mute,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn mute(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Mute>,
) -> Result<StatusCode, Problem> {
    let party = state.party(&who, call, asked.party.map(Into::into))?;
    state.serve(Service::Mute { call, party, on: asked.on }).await
}

/// Plays prompts or earlier recordings to a party (Play Message).
#[utoipa::path(post, path = "/calls/{id}/play", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Play,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn play(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Play>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    for clip in &asked.clips {
        match clip {
            PlayClip::Prompt(_) => {}
            PlayClip::Recording(recording) => state.may_play(&who, *recording).await?,
        }
    }
    let clips: Vec<Clip> = asked.clips.into_iter().map(Into::into).collect();
    let (party, looped) = (asked.party.into(), asked.looped);
    state.serve(Service::PlayMessage { call, party, clips, looped }).await
}

/// Collects digits from a party; they come as the event `digits_collected`.
#[utoipa::path(post, path = "/calls/{id}/collect-digits", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = CollectDigits,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn collect_digits(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<CollectDigits>,
) -> Result<Created, Problem> {
    state.require_call(&who, call)?;
    let collect = Collect {
        max: asked.max,
        terminators: asked.terminators,
        first_digit: Duration::from_millis(asked.first_digit_ms),
        inter_digit: Duration::from_millis(asked.inter_digit_ms),
        secret: asked.secret,
    };
    let party = asked.party.into();
    state.begin(Service::CollectDigits { call, party, collect }).await
}

/// Sends keys to a party as if the other side had pressed them (Generate Digits).
#[utoipa::path(post, path = "/calls/{id}/send-digits", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = SendDigits,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn send_digits(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<SendDigits>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    let to = asked.party.map_or(PartyRef::Served, Into::into);
    state.serve(Service::GenerateDigits { call, to, digits: asked.digits }).await
}

/// Begins or ends recording a call that is not recorded by itself.
#[utoipa::path(post, path = "/calls/{id}/record", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = Record,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn record(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<Record>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    state.serve(Service::Record { call, on: asked.on }).await
}

/// Lets the recording of a call go on as silence while something secret is said; its metadata say from when to when.
///
/// It lasts until it is resumed, or until this talk is over. While secret digits are collected, recordings are paused by
/// themselves.
#[utoipa::path(post, path = "/calls/{id}/record/pause", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")), request_body = PauseRecording,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn pause_recording(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
    Body(asked): Body<PauseRecording>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    let reason = match asked.reason {
        Secret::Payment => PauseReason::Payment,
        Secret::SecretData => PauseReason::SecretData,
    };
    state.serve(Service::PauseRecording { call, reason, by: who.name }).await
}

/// Records a call again whose recording was paused.
#[utoipa::path(post, path = "/calls/{id}/record/resume", tag = "call services", security(("bearer" = [])),
    params(("id" = String, Path, description = "The call, for example call-42")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn resume_recording(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(call): Id<CallId>,
) -> Result<StatusCode, Problem> {
    state.require_call(&who, call)?;
    state.serve(Service::ResumeRecording { call, by: who.name }).await
}

impl From<PlayClip> for Clip {
    fn from(clip: PlayClip) -> Self {
        match clip {
            PlayClip::Prompt(prompt) => Self::Prompt(prompt),
            PlayClip::Recording(recording) => Self::Recording(recording),
        }
    }
}
