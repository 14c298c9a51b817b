//! Errors as problem documents (RFC 9457) that name the field.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cti_core::{
    command::{CommandError, Reply},
    flow::FlowRefused,
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::records::RecordsError;

/// The media type of problem documents.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request was refused; answered as a [`Document`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What is wrong, for a program.
    pub code: &'static str,
    /// What is wrong, in words for a person.
    pub detail: String,
    /// The field or parameter that is wrong.
    pub field: Option<String>,
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Document {
    /// `about:blank#` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, in words for a person.
    pub detail: String,
    /// What is wrong, for a program.
    pub code: String,
    /// The field or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<Problem> for Document {
    fn from(problem: Problem) -> Self {
        let Problem { status, code, detail, field } = problem;
        Self {
            kind: format!("about:blank#{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            field,
        }
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {}

impl Problem {
    /// Returns a problem with this code and these words.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl ToString) -> Self {
        Self { status, code, detail: detail.to_string(), field: None }
    }

    /// Returns the problem of a field that holds what it must not.
    #[must_use]
    pub fn invalid(field: &str, detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", detail).with_field(field)
    }

    /// Returns the problem of a command that the Center answers by something else than its contract says.
    #[must_use]
    pub fn wrong_reply(reply: &Reply) -> Self {
        tracing::error!(?reply, "A command is answered by something else than it should be");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the centre answered otherwise")
    }

    /// Returns the problem of someone who has not said who he is.
    #[must_use]
    pub fn unauthorized(code: &'static str, detail: impl ToString) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// Returns the problem of someone who may not do this.
    #[must_use]
    pub fn forbidden(detail: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// Returns the problem of something that is not there.
    #[must_use]
    pub fn unknown(code: &'static str, detail: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// Logs the error and returns a problem that tells nothing of it.
    #[must_use]
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server could not do this")
    }

    /// Names the field.
    #[must_use]
    pub fn with_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(Document::from(self))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, MEDIA_TYPE);
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 names at least one scheme.
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let detail = error.to_string();
        match error {
            CommandError::UnknownAgent { .. } => Self::unknown("unknown_agent", detail),
            CommandError::UnknownSeat { .. } => {
                Self::unknown("unknown_seat", detail).with_field("seat")
            }
            CommandError::UnknownCall { .. } => Self::unknown("unknown_call", detail),
            CommandError::UnknownDevice { .. } => {
                Self::unknown("unknown_device", detail).with_field("device")
            }
            CommandError::UnknownQueue { .. } => {
                Self::unknown("unknown_queue", detail).with_field("queue")
            }
            CommandError::UnknownContact { .. } => Self::unknown("unknown_contact", detail),
            CommandError::UnknownRecording { .. } => {
                Self::unknown("unknown_recording", detail).with_field("clips")
            }
            CommandError::NotInCall { .. } => {
                Self::new(StatusCode::CONFLICT, "not_in_call", detail).with_field("party")
            }
            CommandError::InvalidConnection { .. } => {
                Self::new(StatusCode::CONFLICT, "invalid_connection_state", detail)
            }
            CommandError::InvalidCallState { .. } => {
                Self::new(StatusCode::CONFLICT, "invalid_call_state", detail)
            }
            CommandError::InvalidDestination { field, .. } => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_destination", detail).with_field(&field)
            }
            CommandError::NotReachable { .. } => {
                Self::new(StatusCode::CONFLICT, "not_reachable", detail)
            }
            CommandError::Conflict { field, .. } => {
                Self::new(StatusCode::CONFLICT, "version_conflict", detail).with_field(&field)
            }
            CommandError::TooMany { field, .. } => {
                Self::new(StatusCode::CONFLICT, "too_many", detail).with_field(&field)
            }
            CommandError::NotInQueue { .. } => {
                Self::new(StatusCode::CONFLICT, "not_in_queue", detail).with_field("queues")
            }
            CommandError::SeatTaken { .. } => {
                Self::new(StatusCode::CONFLICT, "seat_taken", detail).with_field("seat")
            }
            CommandError::InvalidState { .. } => {
                Self::new(StatusCode::CONFLICT, "invalid_state", detail)
            }
            CommandError::InvalidValue { field, .. } => Self::invalid(&field, detail),
            CommandError::Flow(refused) => refused.into(),
            CommandError::Stopping => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", detail)
            }
        }
    }
}

impl From<FlowRefused> for Problem {
    fn from(refused: FlowRefused) -> Self {
        let detail = refused.to_string();
        let conflict = |code| Self::new(StatusCode::CONFLICT, code, &detail);
        match refused {
            FlowRefused::UnknownFlow { .. } => Self::unknown("unknown_flow", detail),
            FlowRefused::UnknownVersion { .. } => Self::unknown("unknown_version", detail),
            FlowRefused::NoDraft { .. } => Self::unknown("no_draft", detail),
            FlowRefused::DraftChanged { .. } => conflict("draft_changed"),
            FlowRefused::Quarantined { .. } => conflict("quarantined"),
            FlowRefused::NoFallback { .. } => conflict("no_fallback"),
            FlowRefused::NothingBefore { .. } => conflict("nothing_before"),
            FlowRefused::InUse { .. } => conflict("in_use"),
            FlowRefused::Fixed => conflict("fixed"),
            FlowRefused::Invalid { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_flow", detail)
            }
            FlowRefused::InvalidValue { ref field, .. } => Self::invalid(field, &detail),
        }
    }
}

impl From<RecordsError> for Problem {
    fn from(error: RecordsError) -> Self {
        match &error {
            RecordsError::Cursor => Self::invalid("after", error),
            RecordsError::Storage(_) => Self::internal(&error),
        }
    }
}

/// Answers a path that does not exist.
pub async fn no_such_path() -> Problem {
    Problem::unknown("no_such_path", "there is nothing at this path")
}

/// Turns an error without a problem document, as the framework makes them, into one; other headers stay.
pub async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE) == Some(&MEDIA_TYPE) {
        return response;
    }
    let (code, detail) = words(status);
    let mut problem = Problem::new(status, code, detail).into_response();
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("no_such_path", "there is nothing at this path"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this path does not take this method")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too long"),
        StatusCode::SERVICE_UNAVAILABLE => ("too_slow", "the answer took too long"),
        StatusCode::RANGE_NOT_SATISFIABLE => {
            ("range_not_satisfiable", "the range lies outside of the file")
        }
        _ => ("refused", "the request was refused"),
    }
}
