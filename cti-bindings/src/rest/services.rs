//! The services on calls, under the names of ECMA-269, each an operation on a call or an agent.
//!
//! An operation that begins something answers with it; every other one answers 204, and what follows is told by
//! [events](super::events). Who is meant by `party` or `device` is the one who asks when nothing is said.

pub mod agents;
pub mod begin;
pub mod consult;
pub mod data;
pub mod offered;
pub mod party;
pub mod role;
pub mod supervise;
pub mod target;
pub mod voice;
pub mod wants;

use std::time::Duration;

use axum::{Json, http::StatusCode};
use cti_core::{
    command::{Command, Reply, Service},
    id::{AgentId, CallId, DeviceId, LegId, QueueId},
    target::PartyRef,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    RestState,
    authorize::{Action, Principal, Whose},
    calls::unknown,
    problem::Problem,
};
use crate::view::{View, calls::LiveCall};

/// How long an answer waits for the view to show a call that began.
pub(super) const SHOW_LIMIT: Duration = Duration::from_secs(2);

/// What began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Begun {
    /// The call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The leg of the party who is being brought in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<String>,
    /// The collection of digits; its end is the event `digits_collected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
}

/// The answer to an operation that began something.
pub type Created = (StatusCode, Json<Begun>);

/// Returns the operations of all services.
pub(super) fn routes() -> OpenApiRouter<RestState> {
    OpenApiRouter::new()
        .routes(routes!(agents::force))
        .routes(routes!(agents::heartbeat))
        .routes(routes!(agents::reset))
        .routes(routes!(begin::make_predictive_call))
        .routes(routes!(begin::dial_digits))
        .routes(routes!(begin::call_back))
        .routes(routes!(begin::cancel_call_back))
        .routes(routes!(consult::consult))
        .routes(routes!(consult::alternate))
        .routes(routes!(consult::reconnect))
        .routes(routes!(consult::transfer))
        .routes(routes!(consult::conference))
        .routes(routes!(data::show, data::associate))
        .routes(routes!(data::send))
        .routes(routes!(offered::answer))
        .routes(routes!(offered::deflect))
        .routes(routes!(offered::pickup))
        .routes(routes!(offered::join))
        .routes(routes!(offered::take_back))
        .routes(routes!(offered::route))
        .routes(routes!(offered::accept))
        .routes(routes!(offered::answer_caller))
        .routes(routes!(offered::group_pickup))
        .routes(routes!(offered::unpark))
        .routes(routes!(party::hold))
        .routes(routes!(party::retrieve))
        .routes(routes!(party::clear_connection))
        .routes(routes!(party::single_step_transfer))
        .routes(routes!(party::single_step_conference))
        .routes(routes!(party::park))
        .routes(routes!(party::camp_on))
        .routes(routes!(party::requeue))
        .routes(routes!(supervise::monitor))
        .routes(routes!(supervise::whisper))
        .routes(routes!(supervise::barge))
        .routes(routes!(supervise::take_over))
        .routes(routes!(supervise::intrude))
        .routes(routes!(supervise::force_release))
        .routes(routes!(voice::set_role))
        .routes(routes!(voice::ask_floor))
        .routes(routes!(voice::mute))
        .routes(routes!(voice::play))
        .routes(routes!(voice::collect_digits))
        .routes(routes!(voice::send_digits))
        .routes(routes!(voice::record))
        .routes(routes!(voice::pause_recording))
        .routes(routes!(voice::resume_recording))
}

impl RestState {
    /// Asks for a service that is done when it is answered.
    pub(super) async fn serve(&self, service: Service) -> Result<StatusCode, Problem> {
        self.centre.request(Command::Call(service)).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    /// Asks for a service that begins something; a call that began is shown by then.
    pub(super) async fn begin(&self, service: Service) -> Result<Created, Problem> {
        let reply = self.centre.request(Command::Call(service)).await?;
        self.begun(reply).await
    }

    /// Tells what began; a call is shown by then.
    pub(super) async fn begun(&self, reply: Reply) -> Result<Created, Problem> {
        let mut begun = Begun::default();
        match reply {
            Reply::Call(call) => {
                let shown = |view: &View| view.call(call).is_some();
                self.live.until(SHOW_LIMIT, shown).await;
                begun.call = Some(call.to_string());
            }
            Reply::Leg(leg) => begun.leg = Some(leg.to_string()),
            Reply::Collection(collection) => begun.collection = Some(collection.to_string()),
            Reply::Done
            | Reply::Contact(_)
            | Reply::Message(_)
            | Reply::Flows(_)
            | Reply::ListEntries(_)
            | Reply::Explanation(_)
            | Reply::Waits(_)
            | Reply::Rules(_)
            | Reply::Mailboxes(_) => {}
        }
        Ok((StatusCode::CREATED, Json(begun)))
    }

    /// Returns whose a call is, and the queue it came by; those of its agents when it came by none.
    fn whose(&self, call: CallId) -> Result<(Vec<AgentId>, Vec<QueueId>), Problem> {
        let view = self.live.view();
        let live = view.call(call).ok_or_else(|| unknown(call))?;
        Ok(whose(&view, live))
    }

    /// Returns whether he may supervise the call.
    pub(super) fn may_supervise(&self, who: &Principal, view: &View, call: &LiveCall) -> bool {
        let (agents, queues) = whose(view, call);
        self.authorizer.may(who, Action::Supervise(Whose { agents: &agents, queues: &queues }))
    }

    /// Returns nothing if he may steer the call, the problem otherwise.
    pub(super) fn require_call(&self, who: &Principal, call: CallId) -> Result<(), Problem> {
        let (agents, queues) = self.whose(call)?;
        self.require(who, Action::ControlCall(Whose { agents: &agents, queues: &queues }))
    }

    /// Returns nothing if he may supervise the call, the problem otherwise.
    pub(super) fn require_supervision(&self, who: &Principal, call: CallId) -> Result<(), Problem> {
        let (agents, queues) = self.whose(call)?;
        self.require(who, Action::Supervise(Whose { agents: &agents, queues: &queues }))
    }

    /// Returns the party who is meant, the asking agent himself when nothing is said, if he may act for him.
    pub(super) fn party(
        &self,
        who: &Principal,
        call: CallId,
        given: Option<PartyRef>,
    ) -> Result<PartyRef, Problem> {
        let Some(party) = given else {
            let own = who.agent.clone().ok_or_else(|| {
                Problem::invalid("party", "say who is meant: you are no agent yourself")
            })?;
            self.require_agent(who, &own)?;
            return Ok(PartyRef::Agent(own));
        };
        let (agent, listens) = {
            let view = self.live.view();
            let live = view.call(call).ok_or_else(|| unknown(call))?;
            let member = member(live, &party);
            let agent = match (&party, member) {
                (PartyRef::Agent(agent), _) => Some(agent.clone()),
                (PartyRef::Device(device), None) => view.agent_at(device).cloned(),
                (PartyRef::Device(_) | PartyRef::Leg(_) | PartyRef::Served, member) => {
                    member.and_then(|member| member.party.agent.clone())
                }
            };
            (agent, member.is_some_and(|member| !member.role.carries()))
        };
        match agent {
            Some(agent) => self.require_agent(who, &agent)?,
            None if listens => self.require_supervision(who, call)?,
            None => self.require_call(who, call)?,
        }
        Ok(party)
    }

    /// Returns the device that is meant, the one at which the asking agent works when nothing is said, if he may use
    /// it.
    pub(super) fn device(
        &self,
        who: &Principal,
        given: Option<DeviceId>,
    ) -> Result<DeviceId, Problem> {
        let (device, agent) = {
            let view = self.live.view();
            match given {
                Some(device) => {
                    let agent = view.agent_at(&device).cloned();
                    (device, agent)
                }
                None => {
                    let own = who.agent.clone().ok_or_else(|| {
                        Problem::invalid("device", "say which device: you are no agent yourself")
                    })?;
                    let at_work = view.agent(&own, self.centre.now());
                    let device = at_work.and_then(|it| it.device.cloned()).ok_or_else(|| {
                        Problem::new(
                            StatusCode::CONFLICT,
                            "not_signed_in",
                            format!("agent {own} is not signed in"),
                        )
                    })?;
                    (device, Some(own))
                }
            }
        };
        match agent {
            Some(agent) => self.require_agent(who, &agent)?,
            None => self.require(who, Action::UseDevice(&device))?,
        }
        Ok(device)
    }
}

fn whose(view: &View, call: &LiveCall) -> (Vec<AgentId>, Vec<QueueId>) {
    let agents: Vec<_> = call.agents().cloned().collect();
    let queues = match &call.queue {
        Some(queue) => vec![queue.clone()],
        None => agents.iter().flat_map(|agent| queues_of(view, agent)).collect(),
    };
    (agents, queues)
}

fn queues_of(view: &View, agent: &AgentId) -> Vec<QueueId> {
    let status = view.agent(agent, cti_core::time::Timestamp::ZERO);
    status.map_or_else(Vec::new, |status| status.queues.to_vec())
}

/// Returns the party of a call who is meant.
fn member<'a>(live: &'a LiveCall, party: &PartyRef) -> Option<&'a crate::parties::Member> {
    match party {
        PartyRef::Agent(agent) => live.parties.member_of(agent),
        PartyRef::Device(device) => {
            live.parties.present().find(|it| it.party.device.as_ref() == Some(device))
        }
        PartyRef::Leg(leg) => live.parties.member(*leg),
        PartyRef::Served => live.parties.served(),
    }
}

/// Returns the leg of a party of the call.
pub(super) fn leg_of(live: &LiveCall, party: &PartyRef) -> Option<LegId> {
    member(live, party).map(|member| member.leg)
}
