//! Sends a WAV file, whole or one range of it (RFC 9110 §14).

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::stream;

use crate::records::audio::Audio;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// Answers with the audio, or the part of it that the request asks for.
pub(super) fn respond(audio: Arc<dyn Audio>, request: &HeaderMap) -> Response {
    let length = audio.length();
    let asked = request.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, from, until) = match asked.map(|asked| range(asked, length)) {
        None | Some(Asked::Whole) => (StatusCode::OK, 0, length),
        Some(Asked::Part(from, until)) => (StatusCode::PARTIAL_CONTENT, from, until),
        Some(Asked::Nothing) => {
            let unsatisfied = format!("bytes */{length}");
            let headers = [(header::CONTENT_RANGE, unsatisfied)];
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
    };
    let pieces = stream::try_unfold((audio, from), move |(audio, at)| async move {
        let wanted = PIECE.min(usize::try_from(until - at).unwrap_or(PIECE));
        if wanted == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let bytes = audio.read(at, wanted).await?;
        if bytes.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        let next = at + bytes.len() as u64;
        Ok(Some((Bytes::from(bytes), (audio, next))))
    });
    let mut response = (status, Body::from_stream(pieces)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(until - from));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = HeaderValue::from_str(&format!("bytes {from}-{}/{length}", until - 1))
    {
        headers.insert(header::CONTENT_RANGE, value);
    }
    response
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// From here, up to but not including there.
    Part(u64, u64),
    /// What there is not.
    Nothing,
}

/// Reads a range; several, and what is none, are answered with the whole as RFC 9110 §14.2 allows.
fn range(asked: &str, length: u64) -> Asked {
    let Some(range) = asked.strip_prefix("bytes=").filter(|it| !it.contains(',')) else {
        return Asked::Whole;
    };
    let Some((first, last)) = range.trim().split_once('-') else { return Asked::Whole };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last && first < length => {
            Asked::Part(first, length.min(last.saturating_add(1)))
        }
        (Ok(first), Err(_)) if last.is_empty() && first < length => Asked::Part(first, length),
        (Err(_), Ok(count)) if first.is_empty() && count > 0 && length > 0 => {
            Asked::Part(length.saturating_sub(count), length)
        }
        (Ok(first), Ok(last)) if first > last => Asked::Whole,
        (Ok(_), Ok(_)) => Asked::Nothing,
        (Ok(_), Err(_)) if last.is_empty() => Asked::Nothing,
        (Err(_), Ok(_)) if first.is_empty() => Asked::Nothing,
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        for (asked, expected) in [
            ("bytes=0-0", Asked::Part(0, 1)),
            ("bytes=10-", Asked::Part(10, 100)),
            ("bytes=10-1000", Asked::Part(10, 100)),
            ("bytes=-30", Asked::Part(70, 100)),
            ("bytes=-300", Asked::Part(0, 100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=100-200", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-3", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("seconds=0-1", Asked::Whole),
            ("bytes=x-y", Asked::Whole),
        ] {
            assert_eq!(range(asked, 100), expected, "{asked}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Nothing);
    }
}
