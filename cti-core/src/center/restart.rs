//! A Center takes up a log: state is what the facts say, and what died with the process is accounted for.

use super::{Center, State};
use crate::{
    agent::{AgentInput, AgentState},
    call::Place,
    cause::Cause,
    device::StandingLegChange,
    event::{AlarmKind, DequeueReason, Event, Fact, OfferEnd},
    time::Timestamp,
};

/// Everything a Center needs to go on where a log is at.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    state: State,
    router: serde_json::Value,
    #[serde(default)]
    flows: serde_json::Value,
}

impl Center {
    /// Follows one event of the log without deciding anything. Call it for every event, then [`start`](Self::start).
    pub fn replay(&mut self, event: &Event) {
        self.state.apply(event);
        self.state.freed.clear();
        self.router.apply(event);
        self.flows.apply(event);
        self.flows_follow(event);
        self.flows.replay(event);
    }

    /// Returns what [`restore`](Self::restore) takes.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let (router, flows) = (self.router.snapshot(), self.flows.snapshot());
        Snapshot { state: self.state.clone(), router, flows }
    }

    /// Takes over a snapshot; later events are then [replayed](Self::replay).
    ///
    /// # Errors
    /// When the snapshot was made by another version of the router.
    pub fn restore(&mut self, snapshot: Snapshot) -> Result<(), serde_json::Error> {
        self.router.restore(snapshot.router)?;
        if !snapshot.flows.is_null() {
            self.flows.restore(snapshot.flows)?;
        }
        self.state = snapshot.state;
        self.state.rebuild_timers();
        Ok(())
    }

    /// Begins to serve. Calls of the process before are over: each gets its end, exactly once, and the agents who
    /// were on them go on as after any call.
    pub fn start(&mut self, now: Timestamp, version: &str) {
        self.now = now.max(self.state.at);
        self.emit(Fact::Started { version: version.to_owned() });
        for device in self.state.in_service.clone() {
            self.emit(Fact::DeviceOutOfService { device });
        }
        // The switch tells anew which gateways are down; one that is configured no longer is not spoken of.
        let down = |kind: &&AlarmKind| matches!(kind, AlarmKind::GatewayDown { .. });
        for kind in self.state.alarms.values().filter(down).cloned().collect::<Vec<_>>() {
            self.clear_alarm(&kind);
        }
        for (device, standing) in self.state.standing.clone() {
            let to = StandingLegChange::Ended(Cause::SystemRestart);
            self.emit(Fact::StandingLegChanged { device, leg: standing.leg, to });
        }
        let calls: Vec<_> = self.state.calls.values().cloned().collect();
        for it in calls {
            let (call, contact) = (it.id, it.contact);
            match it.place {
                Place::Queue(waiting) => {
                    for offer in waiting.offers {
                        let (agent, leg) = (offer.agent, offer.leg);
                        self.emit(Fact::OfferEnded {
                            contact,
                            call: Some(call),
                            agent: agent.clone(),
                            leg: Some(leg),
                            end: OfferEnd::Withdrawn,
                        });
                        // The crash may have come between offer and reservation.
                        let _ = self.agent_input(&agent, AgentInput::Withdraw, None);
                    }
                    let (queue, reason) = (waiting.queue, DequeueReason::SystemRestart);
                    self.emit(Fact::Dequeued { contact, call: Some(call), queue, reason });
                }
                Place::Ringing(ringing) => {
                    for (leg, _) in ringing.legs {
                        self.emit(Fact::RingEnded { call, leg, end: OfferEnd::Withdrawn });
                    }
                }
                Place::Arriving
                | Place::Originating(_)
                | Place::Flow
                | Place::Talk
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_)
                | Place::Feature => {}
            }
            let others: Vec<_> = self
                .state
                .calls
                .get(&call)
                .into_iter()
                .flat_map(|it| {
                    it.parties.iter().filter(|member| member.leg != it.leg || member.talks)
                })
                .cloned()
                .collect();
            for member in others {
                let leg = member.leg;
                if member.state.takes_part() {
                    let (party, cause) = (member.party, Cause::SystemRestart);
                    self.emit(Fact::TalkEnded { call, leg, party, cause });
                } else {
                    self.emit(Fact::PartyFailed { call, leg, end: OfferEnd::Withdrawn });
                }
            }
            let sessions: Vec<_> = self
                .state
                .sessions
                .iter()
                .filter(|(_, owner)| **owner == call)
                .map(|(id, _)| *id)
                .collect();
            for session in sessions {
                self.emit(Fact::FlowEnded { call, session });
            }
            self.emit(Fact::CallEnded { call, contact, cause: Cause::SystemRestart });
        }
        let offered: Vec<_> = self
            .state
            .works
            .iter()
            .filter(|(_, work)| !work.offers().is_empty())
            .map(|(contact, _)| *contact)
            .collect();
        for contact in offered {
            self.withdraw_work_offers(contact);
        }
        let busy: Vec<_> = self
            .state
            .agents
            .iter()
            .filter(|(_, it)| it.state.call().is_some())
            .map(|(agent, it)| (agent.clone(), it.state.clone()))
            .collect();
        for (agent, state) in busy {
            let input = match state {
                AgentState::Reserved { .. } => AgentInput::Withdraw,
                AgentState::SignedOut
                | AgentState::NotReady { .. }
                | AgentState::Ready
                | AgentState::OnCall { .. }
                | AgentState::AfterCallWork => AgentInput::CallOverAtOnce,
            };
            let moved = self.agent_input(&agent, input, None);
            debug_assert!(moved.is_ok(), "both states can end");
            self.sign_out_if_asked(&agent);
        }
        self.set_configured_features();
        // Nothing of what the switch carried is left to be commanded.
        self.outputs.clear();
        self.settle();
    }
}
