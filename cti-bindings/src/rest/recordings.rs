//! Recordings: listed, played and downloaded.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use cti_core::{event::RecordingKind, id::RecordingId, time::Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Action, Caller, Principal},
    call_records::Search,
    extract::{Id, Params},
    list::{List, page},
    problem::Problem,
    show::{millis, plain, time},
    wav,
};
use crate::records::{filter::Filter, recording};

/// How long a link to a recording works.
const LINK_LIFE: Duration = Duration::from_secs(10 * 60);

/// Signs links to recordings, so that a player without headers can use them.
pub trait Links: Send + Sync {
    /// Returns the signature of a link that works until `expires`, in characters that a URL holds.
    fn sign(&self, recording: RecordingId, expires: Timestamp) -> String;

    /// Returns whether the signature is right, in constant time.
    fn verify(&self, recording: RecordingId, expires: Timestamp, signature: &str) -> bool;
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recording {
    /// The recording.
    pub id: String,
    /// The call it is of.
    pub call: String,
    /// The agent who talks in it.
    pub agent: Option<String>,
    /// Where he sat.
    pub seat: Option<String>,
    /// The caller's number, masked unless you may see it.
    pub caller: String,
    /// The number dialled.
    pub called: String,
    /// When it began.
    pub started: String,
    /// When it ended.
    pub ended: String,
    /// How long it plays, in milliseconds.
    pub length_ms: u64,
    /// The size of the file.
    pub bytes: u64,
    /// `call` or `message`.
    pub kind: String,
    /// The trunk by which the call came or went.
    pub trunk: Option<String>,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Where it is silent because it was paused.
    pub pauses: Vec<Pause>,
    /// `unchecked`, `good`, `poor` or `disputed`.
    pub quality: String,
    /// Why it is held; nobody can delete it meanwhile.
    pub held: Option<String>,
}

/// A part of a recording that is silent because it was paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pause {
    /// Where it begins, in milliseconds of the recording.
    pub from_ms: u64,
    /// Where it ends.
    pub until_ms: u64,
    /// `payment`, `secret_data` or `secret_digits`.
    pub reason: String,
    /// Who asked for it; nobody for secret digits.
    pub by: Option<String>,
}

/// A link that a player can use without headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    /// The path with its signature.
    pub url: String,
    /// When it stops working.
    pub expires_at: String,
}

/// What a signed link brings.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    /// When the link stops working, in seconds since 1970.
    pub expires: Option<u64>,
    /// The signature.
    pub signature: Option<String>,
    /// `1` to be asked where to save it.
    pub download: Option<u8>,
}

/// Lists the recordings, the newest first. An agent finds his own.
#[utoipa::path(get, path = "/recordings", tag = "records", security(("bearer" = [])),
    params(Search), responses((status = 200, body = List<Recording>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<RestState>,
    Caller(who): Caller,
    Params(search): Params<Search>,
) -> Result<Json<List<Recording>>, Problem> {
    let request = page(search.limit, search.after.clone())?;
    let filter = state.recordings_filter(&who, search)?;
    let found = state.records.recordings(&filter, request).await?;
    let items = found.items.iter().map(|recording| state.recording(&who, recording)).collect();
    Ok(Json(List { items, next: found.next }))
}

/// Makes a link that a player can use without headers.
#[utoipa::path(post, path = "/recordings/{id}/link", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")),
    responses((status = 200, body = Link), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn link(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
) -> Result<Json<Link>, Problem> {
    let recording = state.records.recording(id).await?.ok_or_else(|| unknown(id))?;
    state.may_listen(&who, &recording).await?;
    Ok(Json(state.signed_link(id)))
}

/// Sends the audio of a recording, whole or a range of it (RFC 9110 §14).
#[utoipa::path(get, path = "/recordings/{id}/audio", tag = "records", security(("bearer" = []), ("link" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7"), LinkQuery),
    responses((status = 200, content_type = "audio/wav"), (status = 206, content_type = "audio/wav"),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn audio(
    State(state): State<RestState>,
    id: Result<Id<RecordingId>, Problem>,
    query: Result<Params<LinkQuery>, Problem>,
    request: Request,
) -> Result<Response, Problem> {
    let signed = matches!(&query, Ok(Params(LinkQuery { signature: Some(_), .. })));
    if !signed {
        let who = state.authorizer.identify(request.headers()).await?;
        let Id(id) = id?;
        let Params(link) = query?;
        let recording = state.records.recording(id).await?.ok_or_else(|| unknown(id))?;
        state.may_listen(&who, &recording).await?;
        return serve(&state, id, &link, request).await;
    }
    let (Id(id), Params(link)) = (id?, query?);
    let expires = Timestamp::from_secs(link.expires.unwrap_or(0));
    let signature = link.signature.as_deref().unwrap_or_default();
    if expires <= state.centre.now() || !state.links.verify(id, expires, signature) {
        return Err(Problem::forbidden("the link is wrong or no longer works"));
    }
    serve(&state, id, &link, request).await
}

async fn serve(
    state: &RestState,
    id: RecordingId,
    link: &LinkQuery,
    request: Request,
) -> Result<Response, Problem> {
    let audio = state.records.recording_audio(id).await?.ok_or_else(|| unknown(id))?;
    let mut response = wav::respond(audio, request.headers());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if link.download == Some(1)
        && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.wav\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

pub(super) fn unknown(id: RecordingId) -> Problem {
    Problem::unknown("unknown_recording", format!("there is no {id}"))
}

impl RestState {
    /// Returns nothing if there is such a recording and he may hear it.
    pub(super) async fn may_play(&self, who: &Principal, id: RecordingId) -> Result<(), Problem> {
        let missing = || unknown(id).with_field("clips");
        let recording = self.records.recording(id).await?.ok_or_else(missing)?;
        self.may_listen(who, &recording).await
    }

    /// Returns nothing if he may hear it: as a record, or as a message of a mailbox that is his.
    pub(super) async fn may_listen(
        &self,
        who: &Principal,
        recording: &recording::Recording,
    ) -> Result<(), Problem> {
        let allowed = self.require(who, Action::Listen { agent: recording.agent.as_ref() });
        match allowed {
            Err(_) if recording.kind == RecordingKind::Message => {
                match self.in_his_mailbox(who, recording.id).await? {
                    true => Ok(()),
                    false => allowed,
                }
            }
            Ok(()) | Err(_) => allowed,
        }
    }

    /// Returns a link to a recording for whoever may hear it.
    fn signed_link(&self, id: RecordingId) -> Link {
        let seconds = (self.centre.now() + LINK_LIFE).as_micros() / 1_000_000;
        let expires = Timestamp::from_secs(seconds);
        let (prefix, signature) = (&self.prefix, self.links.sign(id, expires));
        Link {
            url: format!("{prefix}/recordings/{id}/audio?expires={seconds}&signature={signature}"),
            expires_at: self.time(expires),
        }
    }

    /// Returns what recordings are searched by.
    pub(super) fn recordings_filter(
        &self,
        who: &Principal,
        search: Search,
    ) -> Result<Filter, Problem> {
        if search.view.is_some() {
            return Err(Problem::invalid("view", "is for call records"));
        }
        self.filter(who, search)
    }

    pub(super) fn recording(&self, who: &Principal, recording: &recording::Recording) -> Recording {
        Recording {
            id: recording.id.to_string(),
            call: recording.call.to_string(),
            agent: recording.agent.as_ref().map(ToString::to_string),
            seat: recording.seat.as_ref().map(ToString::to_string),
            caller: self.number(who, &recording.caller, recording.agent.as_ref()),
            called: recording.called.reveal().to_owned(),
            started: time(&self.zone, recording.started),
            ended: time(&self.zone, recording.ended),
            length_ms: millis(recording.length),
            bytes: recording.bytes,
            kind: match plain(&recording.kind).as_str() {
                "talk" => "call".to_owned(),
                other => other.to_owned(),
            },
            trunk: recording.trunk.as_ref().map(ToString::to_string),
            sha256: recording.sha256.clone(),
            quality: plain(&recording.quality),
            held: recording.held.clone(),
            pauses: recording
                .pauses
                .iter()
                .map(|pause| Pause {
                    from_ms: millis(pause.from.since(recording.started)),
                    until_ms: millis(pause.until.since(recording.started)),
                    reason: plain(&pause.reason),
                    by: pause.by.clone(),
                })
                .collect(),
        }
    }
}
