//! Take over (强接, 拦截): the citizen stays, and the agent is released as soon as the supervisor is there.

use crate::{
    call::Member,
    cause::Cause,
    center::{Answer, Center},
    command::CommandError,
    event::{Fact, JoinReason, TransferKind},
    id::{CallId, DeviceId, LegId},
    role::Role,
    target::{PartyRef, Target},
};

impl Center {
    /// The citizen stays and the agent is released as soon as the supervisor is there.
    pub(in crate::center) fn take_over(
        &mut self,
        call: CallId,
        device: &DeviceId,
        from: &PartyRef,
    ) -> Answer {
        let agent = self.resolve(call, from)?;
        if agent.party.device.is_none() || !agent.state.takes_part() {
            return Err(CommandError::InvalidValue {
                field: "from".to_owned(),
                reason: "must be a colleague who talks in this call".to_owned(),
            });
        }
        self.supervise(call, device, Role::Full, JoinReason::TakeOver)
    }

    /// Someone takes the place of the agents in a call: they are released, the citizen stays.
    pub(in crate::center) fn release_agents(&mut self, call: CallId, by: LegId) {
        let it = &self.state.calls[&call];
        let successor = it.member(by).map(|it| it.party.clone()).unwrap_or_default();
        let released: Vec<Member> = it
            .talkers()
            .filter(|it| it.leg != by && it.party.device.is_some() && it.role.carries())
            .cloned()
            .collect();
        for member in released {
            let to = match (&successor.agent, &successor.device) {
                (Some(agent), _) => Target::Agent(agent.clone()),
                (None, Some(device)) => Target::Device(device.clone()),
                (None, None) => continue,
            };
            let (party, how) = (member.party.clone(), TransferKind::TakeOver);
            self.emit(Fact::Transferred { call, by: party, to, how });
            self.leave_behind(call, member.leg);
        }
        self.after_departure(call, Cause::TakenOver);
    }
}
