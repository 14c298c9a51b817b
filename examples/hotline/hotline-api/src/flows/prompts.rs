//! Recordings: which there are, which are missing, who plays them, how they sound.

pub mod change;
pub mod shelf;
pub mod versions;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use cti_bindings::rest::{extract::Params, problem::Problem, show::millis};
use cti_ivr::{flow::Flow, language::Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::shelf::{NO_LANGUAGE, PromptError, PromptKey, PromptShelf, Recorded};
use super::may_look;
use crate::{authorize::SignedIn, state::ApiState};

/// A recording that there is, or that flows miss.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
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
    /// How loud it is while something is heard, in dBFS.
    pub level_db: Option<f64>,
    /// What is said.
    pub words: Option<String>,
    /// The flows whose draft or published version plays it.
    pub used_by: Vec<String>,
    /// When it was changed last.
    pub changed: Option<String>,
}

/// Recordings, and what can be done with them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PromptList {
    /// The recordings, by language and id.
    pub items: Vec<PromptShown>,
    /// Always null: the list is whole.
    pub next: Option<String>,
    /// The sets: a language, or a language and a voice.
    pub languages: Vec<String>,
    /// Whether you may replace and remove recordings.
    pub writable: bool,
    /// The voices that can say a text.
    pub voices: Vec<shelf::Voice>,
}

/// Which recordings.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PromptSearch {
    /// Only those of this language.
    pub language: Option<String>,
}

/// Lists the recordings, and those that flows miss. Everybody who is signed in may: agents play them to callers.
#[utoipa::path(get, path = "/prompts", tag = "flows", security(("bearer" = [])), params(PromptSearch),
    responses((status = 200, body = PromptList), (status = 403, body = Problem)))]
pub async fn list(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Params(search): Params<PromptSearch>,
) -> Result<Json<PromptList>, Problem> {
    let used = users(&state).await?;
    let recorded = state.prompts.recorded();
    let languages: BTreeSet<String> = recorded
        .keys()
        .map(|key| key.language.clone())
        .filter(|language| language != NO_LANGUAGE)
        .collect();
    let mut items: Vec<PromptShown> =
        recorded.iter().map(|(key, it)| shown(&state, key, Some(it), used.get(&key.id))).collect();
    for (id, by) in &used {
        let lacks = |language: &&String| {
            by.languages.iter().any(|spoken| spoken.has_set(language))
                && !key_and_substitutes(language, id).any(|key| recorded.contains_key(&key))
        };
        items.extend(languages.iter().filter(lacks).map(|language| {
            let key = PromptKey { language: language.clone(), id: id.clone() };
            shown(&state, &key, None, Some(by))
        }));
    }
    items.retain(|it| search.language.as_ref().is_none_or(|wanted| it.language == *wanted));
    items.sort_by(|one, two| (&one.language, &one.id).cmp(&(&two.language, &two.id)));
    Ok(Json(PromptList {
        items,
        next: None,
        languages: languages.into_iter().collect(),
        writable: super::may_change(&signed_in).is_ok(),
        voices: state.prompts.voices(),
    }))
}

/// Returns where a recording of a set is looked for: in the set, in that of its language, among music and tones.
fn key_and_substitutes(language: &str, id: &str) -> impl Iterator<Item = PromptKey> {
    let plain = shelf::language_of(language).filter(|plain| *plain != language);
    let key = |language: &str| PromptKey { language: language.to_owned(), id: id.to_owned() };
    [Some(key(language)), plain.map(key), Some(key(NO_LANGUAGE))].into_iter().flatten()
}

fn shown(
    state: &ApiState,
    key: &PromptKey,
    recorded: Option<&Recorded>,
    used: Option<&Users>,
) -> PromptShown {
    PromptShown {
        id: key.id.clone(),
        language: key.language.clone(),
        status: match (recorded, used) {
            (None, _) => "missing",
            (Some(_), None) => "unused",
            (Some(_), Some(_)) => "present",
        },
        length_ms: recorded.map_or(0, |it| millis(it.length)),
        bytes: recorded.map_or(0, |it| it.bytes),
        level_db: recorded.map(|it| (it.level * 10.0).round() / 10.0),
        words: recorded.and_then(|it| it.words.clone()),
        used_by: used.map(|it| it.flows.iter().cloned().collect()).unwrap_or_default(),
        changed: recorded.and_then(|it| it.changed).map(|at| state.time(at)),
    }
}

/// Which version of a recording.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// An earlier version; the one that callers hear when absent.
    pub version: Option<u32>,
}

/// Plays a recording.
#[utoipa::path(get, path = "/prompts/{language}/{id}/audio", tag = "flows", security(("bearer" = [])),
    params(("language" = String, Path, description = "The language, `-` for music and tones"),
        ("id" = String, Path, description = "The recording"), Which),
    responses((status = 200, content_type = "audio/wav"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn audio(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    PromptPath(key): PromptPath,
    Params(which): Params<Which>,
) -> Result<Response, Problem> {
    may_look(&signed_in)?;
    let bytes = state.prompts.audio(&key, which.version).await.map_err(change::refused)?;
    let wav = HeaderValue::from_static("audio/wav");
    Ok(([(header::CONTENT_TYPE, wav)], bytes).into_response())
}

/// Who plays a recording.
#[derive(Debug, Default)]
pub(crate) struct Users {
    /// The flows whose draft or published version plays it.
    pub(crate) flows: BTreeSet<String>,
    /// Whether callers may hear it now: a published version plays it, one that somebody is still inside, or the centre
    /// itself.
    pub(crate) heard: bool,
    /// The languages in which somebody plays it.
    pub(crate) languages: BTreeSet<Language>,
}

/// Returns who plays each recording.
pub(crate) async fn users(state: &ApiState) -> Result<BTreeMap<String, Users>, Problem> {
    let (served, drafts) = state
        .engine(|engine| {
            let library = engine.library();
            let lived_in = |flow: &cti_core::id::FlowId, hash: &str| {
                library.published(flow).is_some_and(|it| it.flow().hash() == hash)
                    || engine.sessions_in(flow, hash) > 0
            };
            let mut served: Vec<Played> = Vec::new();
            for id in library.ids() {
                for version in library.versions(id) {
                    let flow = version.flow();
                    if lived_in(id, flow.hash()) {
                        served.extend(played(flow));
                    }
                }
            }
            (served, library.draft_set().iter().flat_map(played).collect::<Vec<Played>>())
        })
        .await?;
    let mut users: BTreeMap<String, Users> = BTreeMap::new();
    for (heard, all) in [(true, served), (false, drafts)] {
        for (flow, language, prompts) in all {
            for prompt in prompts {
                let of = users.entry(prompt).or_default();
                of.flows.insert(flow.clone());
                of.heard |= heard;
                of.languages.insert(language);
            }
        }
    }
    for prompt in &state.flows.surroundings().prompts {
        let of = users.entry(prompt.clone()).or_default();
        of.heard = true;
        of.languages.insert(Language::Mandarin);
    }
    Ok(users)
}

/// A flow, a language that it speaks, and what it plays in it.
type Played = (String, Language, BTreeSet<String>);

fn played(flow: &Flow) -> impl Iterator<Item = Played> {
    let in_one =
        |language: &Language| (flow.id().to_string(), *language, flow.prompts_in(*language));
    flow.languages().iter().map(in_one)
}

/// A set and a recording in a path.
#[derive(Clone, Debug)]
pub struct PromptPath(pub PromptKey);

impl<S: Send + Sync> FromRequestParts<S> for PromptPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((language, id)) =
            path.map_err(|error| Problem::invalid("id", error))?;
        let key = PromptKey { language, id };
        key.check().map_err(|(field, reason)| Problem::invalid(field, reason))?;
        Ok(Self(key))
    }
}
