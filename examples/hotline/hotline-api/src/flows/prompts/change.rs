//! Recordings are brought, described and removed by an administrator; callers hear the change at once.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cti_bindings::rest::{extract::Body, problem::Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    PromptError, PromptKey, PromptPath, PromptShown,
    shelf::{Saying, language_of},
    shown, users,
};
use crate::{
    authorize::SignedIn,
    flows::{may_change, may_look},
    state::ApiState,
};

/// The largest file that is taken, in bytes.
pub const UPLOAD_LIMIT: usize = 8 << 20;
/// The most characters of what is said.
const WORDS_LIMIT: usize = 2_000;

/// What is said in a recording.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The words; empty when they are not known.
    pub words: String,
}

/// What a synthesizer is to say.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Synthesize {
    /// The text.
    pub text: String,
    /// By which voice of the list of recordings; the first one of the language when absent.
    #[serde(default)]
    pub voice: Option<String>,
    /// How fast, in percent of the usual: 50 to 200.
    #[serde(default = "usual")]
    pub rate: u16,
}

fn usual() -> u16 {
    100
}

/// Takes a recording (WAV: PCM of 8 to 32 bit, float, A-law or µ-law; 8 to 96 kHz; at most 8 MiB and ten minutes),
/// and makes a prompt of it: one channel at 8 kHz, silence cut at both ends, brought to an even level. The one before
/// stays as an earlier version.
#[utoipa::path(put, path = "/prompts/{language}/{id}", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set, `-` for music and tones"),
        ("id" = String, Path, description = "The recording")),
    request_body(content = Vec<u8>, content_type = "audio/wav"),
    responses((status = 200, body = PromptShown), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem)))]
pub async fn upload(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
    wav: Bytes,
) -> Result<Json<PromptShown>, Problem> {
    may_change(&signed_in)?;
    let by = &signed_in.user.name;
    state.prompts.record(&key, wav.to_vec(), by).await.map_err(refused)?;
    tracing::info!(user = %by, language = key.language, prompt = key.id, "Took a recording");
    one(&state, &key).await
}

/// Has a synthesizer say a text, and makes a prompt of it. The one before stays as an earlier version.
#[utoipa::path(post, path = "/prompts/{language}/{id}/synthesize", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set"), ("id" = String, Path, description = "The recording")),
    request_body = Synthesize,
    responses((status = 200, body = PromptShown), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 503, body = Problem)))]
pub async fn synthesize(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
    Body(Synthesize { text, voice, rate }): Body<Synthesize>,
) -> Result<Json<PromptShown>, Problem> {
    may_change(&signed_in)?;
    if language_of(&key.language).is_none() {
        return Err(Problem::invalid("language", "music and tones cannot be said"));
    }
    let what = saying(&text, voice, rate)?;
    let by = &signed_in.user.name;
    state.prompts.synthesize(&key, what, by).await.map_err(refused)?;
    tracing::info!(user = %by, language = key.language, prompt = key.id, "Had a recording synthesized");
    one(&state, &key).await
}

/// What a synthesizer is to say to somebody who tries a flow.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// In which language: `zh-CN`, `en-US`.
    pub language: String,
    /// The text.
    pub text: String,
    /// By which voice of the list of recordings; the first one of the language when absent.
    #[serde(default)]
    pub voice: Option<String>,
    /// How fast, in percent of the usual: 50 to 200.
    #[serde(default = "usual")]
    pub rate: u16,
}

/// Has a synthesizer say a text as callers would hear it, and keeps nothing.
#[utoipa::path(post, path = "/speech", tag = "flows", security(("bearer" = [])), request_body = Say,
    responses((status = 200, content_type = "audio/wav"), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 503, body = Problem)))]
pub async fn say(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(Say { language, text, voice, rate }): Body<Say>,
) -> Result<Response, Problem> {
    may_look(&signed_in)?;
    if language_of(&language).is_none() {
        return Err(Problem::invalid("language", "is no language such as zh-CN"));
    }
    let what = saying(&text, voice, rate)?;
    let wav = state.prompts.say(&language, what).await.map_err(refused)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"))], wav).into_response())
}

fn saying(text: &str, voice: Option<String>, rate: u16) -> Result<Saying, Problem> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > WORDS_LIMIT {
        let reason = format!("has 1 to {WORDS_LIMIT} characters");
        return Err(Problem::invalid("text", reason));
    }
    if !(50..=200).contains(&rate) {
        return Err(Problem::invalid("rate", "lies between 50 and 200 percent"));
    }
    Ok(Saying { text, voice, rate })
}

/// Writes down what is said in a recording.
#[utoipa::path(put, path = "/prompts/{language}/{id}/words", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set"), ("id" = String, Path, description = "The recording")),
    request_body = Words,
    responses((status = 200, body = PromptShown), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub async fn describe(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
    Body(Words { words }): Body<Words>,
) -> Result<Json<PromptShown>, Problem> {
    may_change(&signed_in)?;
    if words.chars().count() > WORDS_LIMIT {
        let reason = format!("has at most {WORDS_LIMIT} characters");
        return Err(Problem::invalid("words", reason));
    }
    state.prompts.describe(&key, words.trim()).await.map_err(refused)?;
    let by = &signed_in.user.name;
    tracing::info!(user = %by, language = key.language, prompt = key.id, "Described a recording");
    one(&state, &key).await
}

/// Removes a recording that callers cannot come to hear; its versions are kept.
#[utoipa::path(delete, path = "/prompts/{language}/{id}", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The set"), ("id" = String, Path, description = "The recording")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn remove(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
) -> Result<StatusCode, Problem> {
    may_change(&signed_in)?;
    if let Some(by) = users(&state).await?.remove(&key.id).filter(|it| it.heard) {
        let flows: Vec<String> = by.flows.into_iter().collect();
        let who = if flows.is_empty() { "the centre".to_owned() } else { flows.join(", ") };
        let reason = format!("{} is played by {who}", key.id);
        return Err(Problem::new(StatusCode::CONFLICT, "prompt_in_use", reason).with_field("id"));
    }
    let by = &signed_in.user.name;
    state.prompts.remove(&key, by).await.map_err(refused)?;
    tracing::info!(user = %by, language = key.language, prompt = key.id, "Removed a recording");
    Ok(StatusCode::NO_CONTENT)
}

/// Returns a recording as it is now.
pub(super) async fn one(state: &ApiState, key: &PromptKey) -> Result<Json<PromptShown>, Problem> {
    let used = users(state).await?;
    let recorded = state.prompts.recorded();
    let Some(it) = recorded.get(key) else {
        return Err(refused(PromptError::Unknown(key.clone())));
    };
    Ok(Json(shown(state, key, Some(it), used.get(&key.id))))
}

/// Returns the problem of a change that was not made.
pub(super) fn refused(error: PromptError) -> Problem {
    match error {
        PromptError::Unknown(_) => Problem::unknown("unknown_prompt", error),
        PromptError::UnknownVersion(_) => {
            Problem::unknown("unknown_version", error).with_field("version")
        }
        PromptError::Unfit { field, reason } => {
            Problem::new(StatusCode::BAD_REQUEST, "unfit_recording", reason).with_field(field)
        }
        PromptError::Unspoken { passing: true, reason } => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "synthesizer_failed", reason)
        }
        PromptError::Unspoken { passing: false, reason } => {
            Problem::new(StatusCode::BAD_REQUEST, "cannot_be_said", reason).with_field("voice")
        }
        PromptError::Full(_) => Problem::new(StatusCode::CONFLICT, "shelf_full", error),
        PromptError::Keep(error) => Problem::internal(&error),
    }
}
