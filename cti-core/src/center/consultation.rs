//! Consultation Call, Alternate Call, Reconnect Call (ECMA-269 §17.1.8, §17.1.2, §17.1.23): a party asks someone while
//! those he talked with are on hold. Both calls share his leg; he is connected in one of them at a time.

use super::{Answer, Center, originate::called_number, transfer::speaks};
use crate::{
    call::Otherwise,
    cause::Cause,
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::{CallKind, Fact},
    id::{CallId, ContactId},
    needs::Needs,
    switch::Origin,
    target::{PartyRef, Target},
};

impl Center {
    pub(super) fn consult(&mut self, held: CallId, who: &PartyRef, to: &Target) -> Answer {
        let member = self.resolve(held, who)?;
        self.talking(held)?;
        if !member.state.takes_part() {
            return Err(CommandError::InvalidConnection {
                who: who.to_string(),
                call: held,
                is: member.state,
                needs: ConnectionState::Connected,
            });
        }
        speaks(&member, who)?;
        let Some(device) = member.party.device.clone() else {
            return Err(CommandError::InvalidState {
                reason: format!("{who} is outside, and cannot be commanded to consult"),
            });
        };
        if let Some(other) = self.connected_elsewhere(member.leg, held) {
            return Err(CommandError::InvalidState { reason: format!("{who} talks in {other}") });
        }
        let to = &self.meant_at(&device, to.clone());
        self.route(to)?;
        if member.state == ConnectionState::Connected {
            self.emit(Fact::Held { call: held, leg: member.leg });
        }
        let call = CallId(self.state.counters.call.0 + 1);
        let contact = ContactId(self.state.counters.contact.0 + 1);
        let it = &self.state.calls[&held];
        let (caller, data) = (it.caller.clone(), it.data.clone());
        self.emit(Fact::CallStarted {
            call,
            contact,
            kind: CallKind::Consult,
            leg: member.leg,
            origin: Origin::Device(device),
            caller,
            called: called_number(Some(to)),
            network_id: format!("{call}"),
            by: Some(member.party.clone()),
            consults: Some(held),
        });
        self.read_outgoing(call);
        // What is known of the citizen is there for the one who is asked.
        if !data.is_empty() {
            self.emit(Fact::DataSet { call, data });
        }
        if let Some(agent) = &member.party.agent {
            self.agent_joins(agent, call);
        }
        self.go_to(call, to, Otherwise::GoOn, 0, Needs::default());
        Ok(Reply::Call(call))
    }

    pub(super) fn alternate(&mut self, held: CallId, active: CallId, who: &PartyRef) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        self.talking(active)?;
        self.emit(Fact::Held { call: active, leg });
        self.retrieve_leg(held, leg);
        Ok(Reply::Done)
    }

    pub(super) fn reconnect(&mut self, held: CallId, active: CallId, who: &PartyRef) -> Answer {
        let leg = self.two_calls(held, active, who)?;
        if self.state.calls[&active].leg == leg {
            self.end_call(active, Cause::Normal);
        } else {
            self.party_leaves(active, leg, Cause::Normal);
        }
        // A consultation brings its party back by itself; two calls of equal right do not.
        if self.is_held(held, leg) {
            self.retrieve_leg(held, leg);
        }
        Ok(Reply::Done)
    }

    /// Returns the leg by which a party holds one call and talks in another.
    pub(super) fn two_calls(
        &self,
        held: CallId,
        active: CallId,
        who: &PartyRef,
    ) -> Result<crate::id::LegId, CommandError> {
        if held == active {
            return Err(CommandError::InvalidValue {
                field: "held".to_owned(),
                reason: "must be another call than the active one".to_owned(),
            });
        }
        let on_hold = self.resolve_in(held, who, ConnectionState::Hold)?;
        let talks = self.resolve_in(active, who, ConnectionState::Connected)?;
        if on_hold.leg != talks.leg {
            return Err(CommandError::InvalidState {
                reason: format!("{who} is at different phones in {held} and {active}"),
            });
        }
        Ok(talks.leg)
    }

    /// Checks that a call is a conversation.
    pub(super) fn talking(&self, call: CallId) -> Result<(), CommandError> {
        match self.state.calls.get(&call) {
            Some(it) if it.is_talk() => Ok(()),
            Some(_) => Err(CommandError::InvalidCallState {
                call,
                reason: "is no conversation yet".to_owned(),
            }),
            None => Err(CommandError::UnknownCall { call }),
        }
    }
}
