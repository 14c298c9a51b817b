//! A party goes on with those whom he had on hold, whoever asked for it: his phone or a service.

use super::Center;
use crate::{
    connection::ConnectionState,
    event::Fact,
    id::{CallId, LegId},
};

impl Center {
    /// The party's phone took the call from hold.
    pub(super) fn retrieved(&mut self, leg: LegId) {
        let held = self.state.calls_of(leg).iter().copied().find(|call| self.is_held(*call, leg));
        if let Some(call) = held
            && self.connected_elsewhere(leg, call).is_none()
        {
            self.retrieve_leg(call, leg);
        }
    }

    pub(super) fn retrieve_leg(&mut self, call: CallId, leg: LegId) {
        self.emit(Fact::Retrieved { call, leg });
        let agent = self
            .state
            .calls
            .get(&call)
            .and_then(|it| it.member(leg))
            .filter(|it| it.role.carries())
            .and_then(|it| it.party.agent.clone());
        if let Some(agent) = agent {
            self.agent_joins(&agent, call);
        }
    }

    pub(super) fn is_held(&self, call: CallId, leg: LegId) -> bool {
        self.state
            .calls
            .get(&call)
            .and_then(|it| it.member(leg))
            .is_some_and(|it| it.state == ConnectionState::Hold)
    }

    /// Returns another call in which a leg is connected.
    pub(super) fn connected_elsewhere(&self, leg: LegId, call: CallId) -> Option<CallId> {
        self.state.calls_of(leg).iter().copied().find(|other| {
            *other != call
                && self
                    .state
                    .calls
                    .get(other)
                    .and_then(|it| it.member(leg))
                    .is_some_and(|it| it.state == ConnectionState::Connected)
        })
    }
}
