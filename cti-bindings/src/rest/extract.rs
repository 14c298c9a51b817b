//! What a request brings, each error a problem document that names the field.

use axum::{
    extract::{
        FromRequest, FromRequestParts, Query, Request, path::ErrorKind, rejection::PathRejection,
    },
    http::{HeaderValue, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use std::{fmt::Display, str::FromStr};

use super::problem::Problem;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers().get(header::CONTENT_TYPE)) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "not_json", "the body must be application/json")
                .with_field("Content-Type"));
        }
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|rejection| {
            let code = match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => "too_large",
                _ => "unreadable_body",
            };
            Problem::new(rejection.status(), code, rejection.body_text())
        })?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            if inner.is_syntax() || inner.is_eof() {
                return Problem::new(StatusCode::BAD_REQUEST, "malformed_json", inner);
            }
            let words = inner.to_string();
            Problem::invalid(&field(&path, &words), words)
        })?;
        deserializer
            .end()
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "malformed_json", error))?;
        Ok(Self(value))
    }
}

fn is_json(content_type: Option<&HeaderValue>) -> bool {
    content_type.and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

/// Returns the field that serde means; a missing one stands only in its words.
fn field(path: &str, words: &str) -> String {
    let named = ["missing field `", "unknown field `"].iter().find_map(|prefix| {
        let (name, _) = words.split_once(prefix)?.1.split_once('`')?;
        Some(name)
    });
    match (path, named) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            format!("{path}.{name}")
        }
        (path, _) => path.to_owned(),
    }
}

/// The parameters after the `?`.
#[derive(Clone, Copy, Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(value) = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            let text = rejection.body_text();
            let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            let (path, words) = text.split_once(": ").unwrap_or((".", text));
            Problem::invalid(&field(path, text), words)
        })?;
        Ok(Self(value))
    }
}

/// The one id in a path.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr<Err: Display>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let axum::extract::Path(text) =
            path.map_err(|rejection| Problem::invalid("id", words(&rejection)))?;
        text.parse().map(Self).map_err(|error| Problem::invalid("id", error))
    }
}

/// The two ids in a path, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<A, B, S> FromRequestParts<S> for Ids<A, B>
where
    A: FromStr<Err: Display>,
    B: FromStr<Err: Display>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((first, second)) =
            path.map_err(|rejection| Problem::invalid("id", words(&rejection)))?;
        let first = first.parse().map_err(|error| Problem::invalid("id", error))?;
        second.parse().map(|it| Self(first, it)).map_err(|error| Problem::invalid("id", error))
    }
}

fn words(rejection: &PathRejection) -> String {
    if let PathRejection::FailedToDeserializePathParams(error) = rejection
        && let ErrorKind::InvalidUtf8InPathParam { .. } = error.kind()
    {
        return "the path is not UTF-8".to_owned();
    }
    rejection.body_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_named_where_serde_names_only_the_words() {
        assert_eq!(field(".", "missing field `seat` at line 1"), "seat");
        assert_eq!(field("seat", "unknown field `seat`, expected"), "seat");
        assert_eq!(field("a[0]", "missing field `b`"), "a[0].b");
        assert_eq!(field("seat", "invalid type: integer"), "seat");
    }
}
