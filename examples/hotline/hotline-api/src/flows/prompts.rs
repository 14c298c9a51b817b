//! Recordings: which there are, which are missing, who plays them, how they sound.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use cti_bindings::rest::{extract::Params, list::List, problem::Problem, show::millis};
use cti_core::time::Timestamp;
use cti_ivr::flow::FlowSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::may_look;
use crate::{authorize::SignedIn, state::ApiState};

/// The language of recordings that are none: music and tones.
pub const NO_LANGUAGE: &str = "-";

/// One recording as it lies on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// How long it is.
    pub length: Duration,
    /// How many bytes its file has.
    pub bytes: u64,
    /// What is said, where that is known.
    pub words: Option<String>,
    /// When it was changed last.
    pub changed: Option<Timestamp>,
}

/// Where recordings are kept.
#[async_trait]
pub trait PromptShelf: Send + Sync {
    /// Returns all recordings, by language and id.
    fn recorded(&self) -> BTreeMap<(String, String), Recorded>;

    /// Returns a recording as a WAV file.
    async fn audio(&self, language: &str, id: &str) -> io::Result<Option<Vec<u8>>>;
}

/// A recording that there is, or that flows miss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PromptShown {
    /// What flows call it.
    pub id: String,
    /// In which language; `-` for music and tones.
    pub language: String,
    /// `present`, `missing` (a flow plays it and there is none) or `unused` (no flow plays it).
    pub status: &'static str,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// How many bytes its file has.
    pub bytes: u64,
    /// What is said.
    pub words: Option<String>,
    /// The flows whose draft or published version plays it.
    pub used_by: Vec<String>,
    /// When it was changed last.
    pub changed: Option<String>,
}

/// Which recordings.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PromptSearch {
    /// Only those of this language.
    pub language: Option<String>,
}

/// Lists the recordings, and those that flows miss.
#[utoipa::path(get, path = "/prompts", tag = "flows", security(("bearer" = [])), params(PromptSearch),
    responses((status = 200, body = List<PromptShown>), (status = 403, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Params(search): Params<PromptSearch>,
) -> Result<Json<List<PromptShown>>, Problem> {
    may_look(&signed_in)?;
    let flows = state
        .engine(|engine| (engine.library().published_set(), engine.library().draft_set()))
        .await?;
    let used = users(&flows.0, &flows.1);
    let recorded = state.prompts.recorded();
    let languages: BTreeSet<&String> =
        recorded.keys().map(|(language, _)| language).filter(|it| *it != NO_LANGUAGE).collect();
    let mut items: Vec<PromptShown> = recorded
        .iter()
        .map(|((language, id), it)| {
            let used_by = used.get(id).cloned().unwrap_or_default();
            PromptShown {
                id: id.clone(),
                language: language.clone(),
                status: if used_by.is_empty() { "unused" } else { "present" },
                length_ms: millis(it.length),
                bytes: it.bytes,
                words: it.words.clone(),
                used_by,
                changed: it.changed.map(|at| state.time(at)),
            }
        })
        .collect();
    for (id, used_by) in &used {
        let there = |language: &str| recorded.contains_key(&(language.to_owned(), id.clone()));
        let missing = languages.iter().filter(|it| !there(it) && !there(NO_LANGUAGE));
        items.extend(missing.map(|language| PromptShown {
            id: id.clone(),
            language: (*language).clone(),
            status: "missing",
            length_ms: 0,
            bytes: 0,
            words: None,
            used_by: used_by.clone(),
            changed: None,
        }));
    }
    items.retain(|it| search.language.as_ref().is_none_or(|wanted| it.language == *wanted));
    items.sort_by(|one, two| (&one.language, &one.id).cmp(&(&two.language, &two.id)));
    Ok(Json(List { items, next: None }))
}

/// Plays a recording.
#[utoipa::path(get, path = "/prompts/{language}/{id}/audio", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The language, `-` for music and tones"),
        ("id" = String, Path, description = "The recording")),
    responses((status = 200, content_type = "audio/wav"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn audio(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(language, id): PromptPath,
) -> Result<Response, Problem> {
    may_look(&signed_in)?;
    let found = state.prompts.audio(&language, &id).await;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let unknown =
        || Problem::unknown("unknown_prompt", format!("there is no recording {id} in {language}"));
    let bytes = found.ok_or_else(unknown)?;
    let wav = HeaderValue::from_static("audio/wav");
    Ok(([(header::CONTENT_TYPE, wav)], bytes).into_response())
}

/// Returns the flows that play each recording.
fn users(published: &FlowSet, drafts: &FlowSet) -> BTreeMap<String, Vec<String>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for flow in published.iter().chain(drafts.iter()) {
        for prompt in flow.uses().prompts {
            users.entry(prompt).or_default().insert(flow.id().to_string());
        }
    }
    users.into_iter().map(|(id, flows)| (id, flows.into_iter().collect())).collect()
}

/// Language and recording in a path.
#[derive(Clone, Debug)]
pub struct PromptPath(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for PromptPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((language, id)) =
            path.map_err(|error| Problem::invalid("id", error))?;
        let plain = |text: &str, more: &str| {
            (1..=64).contains(&text.len())
                && !text.contains("..")
                && text.chars().all(|it| it.is_ascii_alphanumeric() || more.contains(it))
        };
        if !plain(&language, "-") {
            return Err(Problem::invalid("language", "is no language"));
        }
        if !plain(&id, "-_/") || id.starts_with('/') {
            return Err(Problem::invalid("id", "is the name of no recording"));
        }
        Ok(Self(language, id))
    }
}
