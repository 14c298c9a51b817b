//! Make Call (ECMA-269 §17.1): a device is rung, and once it has answered the other side.

use crate::{
    address::PhoneNumber,
    center::originate::called_number,
    center::{Answer, Center, originate::Beginning},
    command::{CommandError, Reply},
    event::CallKind,
    flow::CallData,
    id::DeviceId,
    switch::{Endpoint, Origin},
    target::Target,
};

impl Center {
    pub(in crate::center) fn make_call(
        &mut self,
        from: &DeviceId,
        to: Option<Target>,
        data: CallData,
    ) -> Answer {
        self.can_begin()?;
        self.known_device(from)?;
        if !self.state.in_service.contains(from) {
            return Err(CommandError::NotReachable {
                who: format!("device {from}"),
                reason: "is out of service".to_owned(),
            });
        }
        if self.state.is_engaged(from) {
            return Err(CommandError::InvalidState {
                reason: format!("device {from} is engaged; hold its call and consult"),
            });
        }
        let to = to.map(|to| self.meant_at(from, to));
        let kind = match &to {
            Some(target) => self.kind_of(target)?,
            None => CallKind::Internal,
        };
        let by = self.party_at(from, kind);
        if let Some(agent) = &by.agent {
            self.can_begin_call(agent)?;
        }
        let caller = PhoneNumber::parse(from.as_str()).unwrap_or_else(|_| PhoneNumber::withheld());
        let called = called_number(to.as_ref());
        let origin = Origin::Device(from.clone());
        let endpoint = Endpoint::Device(from.clone());
        let ring_for = self.config.times.ring_for;
        let call = self.originate(
            Beginning { kind, origin, caller, called, by: Some(by), endpoint, ring_for, data },
            to,
            true,
        );
        Ok(Reply::Call(call))
    }
}
