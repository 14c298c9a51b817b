//! Queues, and who waits in them.

use axum::{Json, extract::State};
use cti_core::{
    command::{Command, Reply},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Caller, Principal},
    list::List,
    problem::Problem,
    show::millis,
};
use crate::view::{
    View,
    queues::{QueueStatus, Waiting},
};

/// One queue.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Queue {
    /// The queue.
    pub id: String,
    /// The queue's name.
    pub name: String,
    /// How many callers wait.
    pub waiting: usize,
    /// How long the one who has waited longest has waited, in milliseconds.
    pub longest_wait_ms: u64,
    /// How long somebody can expect to wait who comes now, in milliseconds; absent in events, and while too little is
    /// known of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wait_ms: Option<u64>,
    /// How many agents are ready.
    pub agents_ready: usize,
    /// How many agents are signed in.
    pub agents_signed_in: usize,
    /// The share of today's contacts that were answered within 15 s, among those that no longer wait.
    pub service_level_15s: Option<f64>,
    /// How many contacts began to wait today.
    pub offered_today: u32,
    /// How many were answered today.
    pub answered_today: u32,
    /// How many hung up while they waited today.
    pub abandoned_today: u32,
    /// Who waits, the next to be served first.
    pub callers: Vec<WaitingCaller>,
}

/// One caller who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitingCaller {
    /// The contact.
    pub contact: String,
    /// Its call; null for a contact that is not spoken, or whose caller hung up and is called back.
    pub call: Option<String>,
    /// `voice`, `call_back`, `chat`, `mail`, `fax` or `task`.
    pub medium: String,
    /// The caller's number, masked unless you may see it; empty when it is withheld or there is none.
    pub caller: String,
    /// Higher is served first.
    pub priority: u8,
    /// The only agent who may take it, if a supervisor decided so.
    pub assigned: Option<String>,
    /// The place, 1 for the next.
    pub position: usize,
    /// How long he has waited, in milliseconds.
    pub waited_ms: u64,
    /// Since when he waits.
    pub since: String,
}

/// Lists the queues.
#[utoipa::path(get, path = "/queues", tag = "calls", security(("bearer" = [])),
    responses((status = 200, body = List<Queue>)))]
pub async fn list(
    State(state): State<RestState>,
    Caller(who): Caller,
) -> Result<Json<List<Queue>>, Problem> {
    let reply = state.centre.request(Command::ShowWaits).await?;
    let Reply::Waits(waits) = reply else { return Err(Problem::wrong_reply(&reply)) };
    let view = state.live.view();
    let now = state.centre.now();
    let queues = view.queues(now).map(|queue| {
        let expected = waits.get(&queue.config.id).copied();
        Queue { expected_wait_ms: expected.map(millis), ..state.queue(&who, &view, &queue, now) }
    });
    Ok(Json(List::whole(queues.collect())))
}

impl RestState {
    fn waiting_number(&self, who: &Principal, view: &View, waiting: &Waiting) -> String {
        if let Some(call) = waiting.call.and_then(|call| view.call(call)) {
            return self.number(who, &call.caller, call.agents());
        }
        let open = view.open_contact(waiting.contact);
        open.map_or_else(String::new, |open| self.number(who, &open.caller, &open.agent))
    }

    /// Prints a queue.
    pub(super) fn queue(
        &self,
        who: &Principal,
        view: &View,
        queue: &QueueStatus<'_>,
        now: Timestamp,
    ) -> Queue {
        let callers: Vec<_> = (1..)
            .zip(&queue.waiting)
            .map(|(position, waiting)| WaitingCaller {
                contact: waiting.contact.to_string(),
                call: waiting.call.map(|call| call.to_string()),
                medium: waiting.medium.to_string(),
                caller: self.waiting_number(who, view, waiting),
                priority: waiting.priority,
                assigned: waiting.assigned.as_ref().map(ToString::to_string),
                position,
                waited_ms: millis(now.since(waiting.since)),
                since: self.time(waiting.since),
            })
            .collect();
        Queue {
            id: queue.config.id.to_string(),
            name: queue.config.name.clone(),
            waiting: callers.len(),
            longest_wait_ms: callers.iter().map(|caller| caller.waited_ms).max().unwrap_or(0),
            expected_wait_ms: None,
            agents_ready: queue.agents_ready,
            agents_signed_in: queue.agents_signed_in,
            service_level_15s: queue.today.service_level(),
            offered_today: queue.today.offered,
            answered_today: queue.today.answered,
            abandoned_today: queue.today.abandoned,
            callers,
        }
    }
}
