//! What is done with recordings: judged, held, deleted, and packed for whoever may have them.

use std::sync::Arc;

use axum::{
    body::{Body as HttpBody, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use cti_core::id::RecordingId;
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Action, Caller, Principal},
    call_records::Search,
    extract::{Body, Id, Params},
    problem::Problem,
    recordings::{Recording, unknown},
};
use crate::records::{
    audio::Audio,
    filter::PageRequest,
    recording::{Decision, KeepError, Quality},
};

/// The most recordings of one package.
const MOST: usize = 1_000;

/// How much of a recording is read at once.
const PIECE: usize = 64 * 1024;

/// What somebody made of a recording.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// The quality state.
    #[schema(value_type = String)]
    pub quality: Quality,
    /// Why; at most 500 characters.
    pub reason: String,
}

/// Why something is done with a recording.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why; 1 to 500 characters.
    pub reason: String,
}

/// One decision about a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Note {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// A quality state, `held`, `released`, `deleted` or `exported`.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Returns one recording.
#[utoipa::path(get, path = "/recordings/{id}", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")),
    responses((status = 200, body = Recording), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn one(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
) -> Result<axum::Json<Recording>, Problem> {
    let recording = state.records.recording(id).await?.ok_or_else(|| unknown(id))?;
    state.may_listen(&who, &recording).await?;
    Ok(axum::Json(state.recording(&who, &recording)))
}

/// Says what a recording is worth (质检).
#[utoipa::path(post, path = "/recordings/{id}/quality", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")), request_body = Judge,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn judge(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
    Body(asked): Body<Judge>,
) -> Result<StatusCode, Problem> {
    state.require(&who, Action::KeepRecordings)?;
    state.decide(&who, id, Decision::Judge(asked.quality), &asked.reason).await
}

/// Keeps a recording whatever happens: nobody can delete it until it is released.
#[utoipa::path(post, path = "/recordings/{id}/hold", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")), request_body = Reason,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn hold(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
    Body(asked): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.require(&who, Action::KeepRecordings)?;
    state.decide(&who, id, Decision::Hold, &asked.reason).await
}

/// Keeps the recording of a hostile or harassing call as evidence (恶性、骚扰来电存证): whoever may hear it may do so, an
/// agent with his own calls. A recording that is held for another reason stays so.
#[utoipa::path(post, path = "/recordings/{id}/hostile", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")), request_body = Reason,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn hostile(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
    Body(asked): Body<Reason>,
) -> Result<StatusCode, Problem> {
    let recording = state.records.recording(id).await?.ok_or_else(|| unknown(id))?;
    state.may_listen(&who, &recording).await?;
    if let Some(reason) = recording.held {
        let held = KeepError::Held { recording: id, reason };
        return Err(Problem::new(StatusCode::CONFLICT, "held", held));
    }
    if asked.reason.trim().is_empty() {
        return Err(Problem::invalid("reason", "must have 1 to 500 characters"));
    }
    state.decide(&who, id, Decision::Hold, &format!("hostile: {}", asked.reason)).await
}

/// Lets a recording go that was held.
#[utoipa::path(post, path = "/recordings/{id}/release", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")), request_body = Reason,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn release(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
    Body(asked): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.require(&who, Action::DeleteRecordings)?;
    state.decide(&who, id, Decision::Release, &asked.reason).await
}

/// Deletes the audio of a recording for good; that it was there, and who deleted it why, stays.
#[utoipa::path(post, path = "/recordings/{id}/delete", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")), request_body = Reason,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn delete(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
    Body(asked): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.require(&who, Action::DeleteRecordings)?;
    state.decide(&who, id, Decision::Delete, &asked.reason).await
}

/// Lists what was decided about a recording, also when it is gone.
#[utoipa::path(get, path = "/recordings/{id}/notes", tag = "records", security(("bearer" = [])),
    params(("id" = String, Path, description = "The recording, for example recording-7")),
    responses((status = 200, body = Vec<Note>), (status = 403, body = Problem)))]
pub async fn notes(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<RecordingId>,
) -> Result<axum::Json<Vec<Note>>, Problem> {
    state.require(&who, Action::KeepRecordings)?;
    let notes = state.records.recording_notes(id).await?;
    let show = |note: crate::records::recording::KeepNote| Note {
        at: state.time(note.at),
        by: note.by,
        what: note.what,
        reason: note.reason,
    };
    Ok(axum::Json(notes.into_iter().map(show).collect()))
}

/// Packs the recordings that fit into a tar archive: `index.csv`, then the WAV files. A thousand at most; each is noted
/// as exported.
#[utoipa::path(get, path = "/recordings/export", tag = "records", security(("bearer" = [])), params(Search),
    responses((status = 200, content_type = "application/x-tar"), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn export(
    State(state): State<RestState>,
    Caller(who): Caller,
    Params(search): Params<Search>,
) -> Result<Response, Problem> {
    state.require(&who, Action::KeepRecordings)?;
    let filter = state.recordings_filter(&who, search)?;
    let mut found = Vec::new();
    let mut request = PageRequest { limit: 200, after: None };
    loop {
        let page = state.records.recordings(&filter, request).await?;
        found.extend(page.items);
        match page.next {
            Some(_) if found.len() >= MOST => {
                let most = format!("more than {MOST} recordings fit; ask for less time");
                return Err(Problem::invalid("to", most));
            }
            Some(next) => request = PageRequest { limit: 200, after: Some(next) },
            None => break,
        }
    }
    let shown: Vec<Recording> = found.iter().map(|it| state.recording(&who, it)).collect();
    for recording in &found {
        // One that was deleted meanwhile is left out below.
        let _ = state.decide(&who, recording.id, Decision::Export, "export").await;
    }
    let index = Bytes::from(index(&shown));
    let head = stream::iter([
        Ok(Bytes::from(tar_head("index.csv", index.len() as u64))),
        Ok(padded(index.len() as u64, index)),
    ]);
    let files = stream::iter(found).then(move |recording| {
        let records = Arc::clone(&state.records);
        async move { (recording.id, records.recording_audio(recording.id).await) }
    });
    let files = files.flat_map(|(id, audio)| match audio {
        Ok(Some(audio)) => file(&format!("{id}.wav"), audio).boxed(),
        Ok(None) => stream::empty().boxed(),
        Err(error) => stream::once(async { Err(std::io::Error::other(error)) }).boxed(),
    });
    let end = stream::once(async { Ok(Bytes::from(vec![0; 1024])) });
    let mut response = HttpBody::from_stream(head.chain(files).chain(end)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"recordings.tar\""),
    );
    Ok(response)
}

/// Returns a file of the archive, piece by piece.
fn file(
    name: &str,
    audio: Arc<dyn Audio>,
) -> impl stream::Stream<Item = std::io::Result<Bytes>> + Send + use<> {
    let length = audio.length();
    let head = stream::once(std::future::ready(Ok(Bytes::from(tar_head(name, length)))));
    let body = stream::try_unfold((audio, 0_u64), move |(audio, at)| async move {
        if at >= length {
            return Ok(None);
        }
        let bytes = audio.read(at, PIECE).await?;
        if bytes.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        let next = at + bytes.len() as u64;
        let bytes = Bytes::from(bytes);
        let bytes = if next >= length { padded(length, bytes) } else { bytes };
        Ok(Some((bytes, (audio, next))))
    });
    head.chain(body)
}

/// Adds the zeros that fill the last block of a file of this length.
fn padded(length: u64, last: Bytes) -> Bytes {
    let missing = (512 - length % 512) % 512;
    let mut bytes = last.to_vec();
    bytes.resize(bytes.len() + missing as usize, 0);
    Bytes::from(bytes)
}

/// Returns the head of a file in an archive (POSIX.1-1988 `ustar`).
fn tar_head(name: &str, length: u64) -> Vec<u8> {
    let mut head = vec![0_u8; 512];
    let mut put =
        |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{length:011o}\0"));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = head.iter().map(|&byte| u32::from(byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head
}

/// Returns the table of what is in the archive.
fn index(recordings: &[Recording]) -> String {
    let mut table = String::from(
        "file,call,agent,seat,trunk,caller,called,started,ended,length_ms,quality,kept_sha256\r\n",
    );
    for it in recordings {
        let fields = [
            &format!("{}.wav", it.id),
            &it.call,
            it.agent.as_ref().unwrap_or(&String::new()),
            it.seat.as_ref().unwrap_or(&String::new()),
            it.trunk.as_ref().unwrap_or(&String::new()),
            &it.caller,
            &it.called,
            &it.started,
            &it.ended,
            &it.length_ms.to_string(),
            &it.quality,
            &it.sha256,
        ]
        .map(|field| cell(field));
        table.push_str(&fields.join(","));
        table.push_str("\r\n");
    }
    table
}

/// Returns a field as CSV (RFC 4180) that no spreadsheet takes for a formula.
fn cell(field: &str) -> String {
    let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    match guard.is_empty() && !field.contains(['"', ',', '\n', '\r']) {
        true => field.to_owned(),
        false => format!("\"{guard}{}\"", field.replace('"', "\"\"")),
    }
}

impl RestState {
    async fn decide(
        &self,
        who: &Principal,
        id: RecordingId,
        decision: Decision,
        reason: &str,
    ) -> Result<StatusCode, Problem> {
        if !(1..=500).contains(&reason.chars().count()) {
            return Err(Problem::invalid("reason", "must have 1 to 500 characters"));
        }
        let at = self.centre.now();
        let decided = self.records.decide(id, &decision, &who.name, reason, at).await;
        decided.map(|()| StatusCode::NO_CONTENT).map_err(|error| match error {
            KeepError::Unknown { recording } => unknown(recording),
            KeepError::Held { .. } => Problem::new(StatusCode::CONFLICT, "held", error),
            KeepError::Records(error) => error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_index_is_taken_for_a_formula() {
        for (field, expected) in [
            ("8001", "8001"),
            ("", ""),
            ("=1+1", "\"'=1+1\""),
            ("+86138", "\"'+86138\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(cell(field), expected);
        }
    }

    #[test]
    fn the_head_of_a_file_has_its_length_in_octal_and_a_right_sum() {
        let head = tar_head("recording-1.wav", 80_044);
        assert_eq!(&head[124..136], b"00000234254\0");
        let mut blank = head.clone();
        blank[148..156].fill(b' ');
        let sum: u32 = blank.iter().map(|&byte| u32::from(byte)).sum();
        assert_eq!(&head[148..154], format!("{sum:06o}").as_bytes());
    }
}
