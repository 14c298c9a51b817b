//! Why a contact is where it is.

use axum::{Json, extract::State};
use cti_core::{
    command::{Command, Reply},
    id::ContactId,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RestState, authorize::Caller, extract::Id, problem::Problem, show::millis};

/// Why a contact is where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explained {
    /// The contact.
    pub contact: String,
    /// The decisions, oldest first.
    pub text: Vec<Decision>,
    /// Where it waits, while it waits.
    pub waiting: Option<WaitingPlace>,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    /// When.
    pub at: String,
    /// Why, in Chinese.
    pub words_zh: String,
    /// Why, in English.
    pub words_en: String,
}

/// Where a contact waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitingPlace {
    /// The queue.
    pub queue: String,
    /// The place, 1 for the next.
    pub position: usize,
    /// How long it has waited, in milliseconds.
    pub waited_ms: u64,
}

/// Explains why a contact is where it is.
#[utoipa::path(get, path = "/contacts/{id}/explain", tag = "calls", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40")),
    responses((status = 200, body = Explained), (status = 404, body = Problem)))]
pub async fn explain(
    State(state): State<RestState>,
    _caller: Caller,
    Id(contact): Id<ContactId>,
) -> Result<Json<Explained>, Problem> {
    let decisions = match state.centre.request(Command::Explain { contact }).await? {
        Reply::Explanation(decisions) => decisions,
        Reply::Done
        | Reply::Call(_)
        | Reply::Contact(_)
        | Reply::Leg(_)
        | Reply::Collection(_)
        | Reply::Message(_)
        | Reply::Flows(_) => Vec::new(),
    };
    let waiting = state.waiting_place(contact);
    let live = {
        let view = state.live.view();
        view.calls().any(|call| call.contact == contact) || view.open_contact(contact).is_some()
    };
    if decisions.is_empty() && !live {
        return Err(Problem::unknown("unknown_contact", format!("there is no live {contact}")));
    }
    let text = decisions.into_iter().map(|decision| Decision {
        at: state.time(decision.at),
        words_zh: decision.why.zh,
        words_en: decision.why.en,
    });
    Ok(Json(Explained { contact: contact.to_string(), text: text.collect(), waiting }))
}

impl RestState {
    fn waiting_place(&self, contact: ContactId) -> Option<WaitingPlace> {
        let now = self.centre.now();
        let view = self.live.view();
        view.queues(now).find_map(|queue| {
            let (position, waiting) =
                (1..).zip(&queue.waiting).find(|(_, waiting)| waiting.contact == contact)?;
            Some(WaitingPlace {
                queue: queue.config.id.to_string(),
                position,
                waited_ms: millis(now.since(waiting.since)),
            })
        })
    }
}
