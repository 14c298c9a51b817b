//! Flows: what callers hear, drawn, checked, tried and published by an administrator while calls go on.
//!
//! What changes flows is an order to the Center, so that it is written down with everything else; what only looks asks
//! the engine of the running Center. Supervisors look and try; administrators change.

pub mod catalogue;
pub mod counts;
pub mod drafts;
pub mod prompts;
pub mod publish;
pub mod show;
pub mod trials;

use std::collections::BTreeMap;

use async_trait::async_trait;
use axum::http::StatusCode;
use cti_bindings::rest::problem::Problem;
use cti_core::{
    command::{Command, Reply},
    flow::{FlowAnswer, FlowOrder},
    id::FlowId,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Finding, Recordings, Severity},
    publish::Note,
    table::Table,
};
use hotline_store::users::Role;
use serde::Serialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// What somebody wants to see of the engine.
pub type Look = Box<dyn FnOnce(&Engine) + Send>;

/// The running engine, and what its flows refer to.
#[async_trait]
pub trait FlowDesk: Send + Sync {
    /// Shows the engine of the running Center as it is at one moment; nothing is shown once the Center has stopped.
    async fn look(&self, look: Look);

    /// Returns what flows can refer to.
    fn surroundings(&self) -> &Surroundings;

    /// Returns which recordings there are.
    fn recordings(&self) -> Recordings;
}

/// What flows can refer to, and who leads callers to them.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
    /// The devices.
    pub devices: Vec<String>,
    /// The services over HTTP.
    pub endpoints: Vec<String>,
    /// The queries of databases.
    pub queries: Vec<String>,
    /// The numbers that lead to a flow.
    pub numbers: Vec<(String, FlowId)>,
    /// The recordings that the centre itself plays: digits, music, what feature codes answer.
    pub prompts: Vec<String>,
    /// The queues whose callers hear a flow, or whose agents or callers do before and after the talk.
    pub used_by_queue: Vec<(String, FlowId)>,
}

/// Who did something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowNote {
    /// When.
    pub at: String,
    /// Who; the centre itself writes `automatic`.
    pub by: String,
    /// Why.
    pub text: String,
}

/// One thing that the check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowFinding {
    /// The stable code.
    pub code: &'static str,
    /// `error` or `warning`; errors keep a flow from being published.
    pub severity: &'static str,
    /// At which node; none for the whole document.
    pub node: Option<String>,
    /// In which field.
    pub field: Option<String>,
    /// What exactly.
    pub reason: String,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
}

impl From<&Finding> for FlowFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.as_str(),
            severity: match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            node: finding.node.clone(),
            field: finding.field.clone(),
            reason: finding.reason.clone(),
            zh: finding.code.zh(),
            en: finding.code.en(),
        }
    }
}

/// Returns how many errors and warnings there are.
pub(crate) fn count(findings: &[FlowFinding]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.severity == "error").count();
    (errors, findings.len() - errors)
}

impl ApiState {
    /// Asks the engine something.
    pub(crate) async fn engine<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (sender, answer) = oneshot::channel();
        let look = move |engine: &Engine| drop(sender.send(look(engine)));
        self.flows.look(Box::new(look)).await;
        let stopping = |_| {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "stopping", "the centre is stopping")
        };
        answer.await.map_err(stopping)
    }

    /// Gives an order in the name of whoever is signed in.
    pub(crate) async fn order(
        &self,
        signed_in: &SignedIn,
        order: FlowOrder,
    ) -> Result<FlowAnswer, Problem> {
        let by = signed_in.user.name.clone();
        let reply = self.rest().centre.request(Command::Flows { order, by }).await?;
        let Reply::Flows(answer) = reply else { return Err(Problem::wrong_reply(&reply)) };
        Ok(answer)
    }

    pub(crate) fn note(&self, note: &Note) -> FlowNote {
        let at = if note.at == Timestamp::ZERO { self.about.started_at } else { note.at };
        FlowNote { at: self.time(at), by: note.by.clone(), text: note.text.clone() }
    }
}

/// Lets supervisors and administrators look.
pub(crate) fn may_look(signed_in: &SignedIn) -> Result<(), Problem> {
    match signed_in.user.role {
        Role::Supervisor | Role::Admin => Ok(()),
        Role::Agent => Err(Problem::forbidden("you may not see the flows")),
    }
}

/// Lets administrators change.
pub(crate) fn may_change(signed_in: &SignedIn) -> Result<(), Problem> {
    match signed_in.user.role {
        Role::Admin => Ok(()),
        Role::Supervisor | Role::Agent => Err(Problem::forbidden("you may not change the flows")),
    }
}
