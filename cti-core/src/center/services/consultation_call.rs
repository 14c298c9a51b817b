//! Consultation Call (ECMA-269 §17.1): a party asks someone while those he talked with are on hold. Both calls share his
//! leg; he is connected in one of them at a time.

use crate::{
    call::Otherwise,
    center::originate::called_number,
    center::transfer::speaks,
    center::{Answer, Center},
    command::{CommandError, Reply},
    connection::ConnectionState,
    event::{CallKind, Fact},
    id::{CallId, ContactId},
    needs::Needs,
    switch::Origin,
    target::{PartyRef, Target},
};

impl Center {
    pub(in crate::center) fn consult(
        &mut self,
        held: CallId,
        who: &PartyRef,
        to: &Target,
    ) -> Answer {
        let member = self.resolve_taking_part(held, who)?;
        self.talking(held)?;
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
}
