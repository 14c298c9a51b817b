//! Erasing a citizen: the keys of his contacts are destroyed, records and tickets forget him, recordings are deleted.

use async_trait::async_trait;
use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{extract::Body, problem::Problem};
use cti_core::{address::PhoneNumber, command::CommandError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// Most characters of a reason.
const REASON_LIMIT: usize = 200;

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erased {
    /// How many contacts he had; their keys are destroyed.
    pub contacts: usize,
    /// How many of them were written before the journal was sealed: their values stay in it in clear.
    pub in_clear: usize,
    /// In how many call records his number stood.
    pub calls: u64,
    /// How many tickets named him; what they are about stays.
    pub tickets: u64,
    /// How many recordings were deleted.
    pub recordings: usize,
}

/// Why nothing was erased, or not all of it; it can be asked again.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// The journal keeps everything in clear, and would bring it all back.
    #[error("the journal is not sealed: name a key in journal.key")]
    NotSealed,
    /// The Center refuses: the citizen calls or waits at this moment.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// Something failed.
    #[error("{0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Erases citizens.
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Erases whom a number in normal form names.
    async fn erase(
        &self,
        citizen: &PhoneNumber,
        by: &str,
        reason: &str,
    ) -> Result<Erased, ErasureError>;
}

/// Whom to erase, and why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseCitizen {
    /// The citizen's number, in any spelling.
    pub number: String,
    /// Why, 1 to 200 characters; it is written down with who did it.
    pub reason: String,
}

/// Erases a citizen for good: his numbers in the journal, his records, his voice; his tickets lose name, number and
/// address. Counts and times stay as they were.
#[utoipa::path(post, path = "/citizens/erase", tag = "configuration", security(("bearer" = [])),
    request_body = EraseCitizen,
    responses((status = 200, body = Erased), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem)))]
pub async fn erase(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(wanted): Body<EraseCitizen>,
) -> Result<Json<Erased>, Problem> {
    state.require_configure(&signed_in)?;
    let length = wanted.reason.chars().count();
    if wanted.reason.trim().is_empty() || length > REASON_LIMIT {
        let detail = format!("1 to {REASON_LIMIT} characters, this has {length}");
        return Err(Problem::invalid("reason", detail));
    }
    let citizen = state.number_key("number", &wanted.number)?;
    if citizen.is_withheld() {
        return Err(Problem::invalid("number", "must not be empty"));
    }
    if state.is_live(&citizen) {
        let detail = "the citizen calls, is called or waits at this moment";
        return Err(Problem::new(StatusCode::CONFLICT, "citizen_is_live", detail));
    }
    let by = &signed_in.user.name;
    let erased =
        state.erasure.erase(&citizen, by, &wanted.reason).await.map_err(|error| match error {
            ErasureError::NotSealed => {
                Problem::new(StatusCode::CONFLICT, "journal_not_sealed", error)
            }
            ErasureError::Refused(refused) => Problem::from(refused),
            ErasureError::Failed(error) => Problem::internal(error.as_ref()),
        })?;
    tracing::info!(user = %by, contacts = erased.contacts, "Erased a citizen");
    Ok(Json(erased))
}

impl ApiState {
    /// Returns whether a matter of the citizen is not over.
    fn is_live(&self, citizen: &PhoneNumber) -> bool {
        let view = self.rest().live.view();
        let is_his = |number: &PhoneNumber| {
            view.number_key(number.reveal()).is_ok_and(|number| number == *citizen)
        };
        view.calls().any(|call| match &call.numbers {
            Some(it) => it.caller.number() == citizen || it.called.number() == citizen,
            None => is_his(&call.caller) || is_his(&call.called),
        }) || view.open_contacts().any(|open| is_his(&open.caller))
    }
}
