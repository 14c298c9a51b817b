//! Why a contact is where it is.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use cti_core::{
    command::{Command, Reply},
    id::{AgentId, ContactId},
    router::Explanation,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RestState, authorize::Caller, extract::Id, problem::Problem, show::millis};

/// About whom it is asked.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct About {
    /// Why the contact is not with this agent.
    #[param(value_type = Option<String>)]
    agent: Option<AgentId>,
}

/// Why a contact is where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explained {
    /// The contact.
    pub contact: String,
    /// The decisions, oldest first.
    pub text: Vec<Decision>,
    /// What keeps the contact and the agent apart who was asked about, or that he is next.
    pub why_not: Option<Decision>,
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

/// Explains why a contact is where it is, and, with `?agent=8003`, why it is not with that agent.
#[utoipa::path(get, path = "/contacts/{id}/explain", tag = "calls", security(("bearer" = [])),
    params(("id" = String, Path, description = "The contact, for example contact-40"), About),
    responses((status = 200, body = Explained), (status = 404, body = Problem)))]
pub async fn explain(
    State(state): State<RestState>,
    _caller: Caller,
    Id(contact): Id<ContactId>,
    about: Result<Query<About>, QueryRejection>,
) -> Result<Json<Explained>, Problem> {
    let Query(About { agent }) =
        about.map_err(|error| Problem::invalid("agent", error.body_text()))?;
    let decisions = state.explanation(Command::Explain { contact }).await?;
    let waiting = state.waiting_place(contact);
    let live = {
        let view = state.live.view();
        view.calls().any(|call| call.contact == contact) || view.open_contact(contact).is_some()
    };
    if decisions.is_empty() && !live {
        return Err(Problem::unknown("unknown_contact", format!("there is no live {contact}")));
    }
    let why_not = match agent {
        Some(agent) => state.explanation(Command::WhyNot { contact, agent }).await?.pop(),
        None => None,
    };
    let decision = |it: Explanation| Decision {
        at: state.time(it.at),
        words_zh: it.why.zh,
        words_en: it.why.en,
    };
    Ok(Json(Explained {
        contact: contact.to_string(),
        text: decisions.into_iter().map(decision).collect(),
        why_not: why_not.map(decision),
        waiting,
    }))
}

impl RestState {
    async fn explanation(&self, command: Command) -> Result<Vec<Explanation>, Problem> {
        let reply = self.centre.request(command).await?;
        let Reply::Explanation(decisions) = reply else { return Err(Problem::wrong_reply(&reply)) };
        Ok(decisions)
    }

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
