//! How well legs were heard: the switch measures until a leg ends, when its call is often over already.

use super::Center;
use crate::{
    event::Fact,
    id::{AgentId, CallId, DeviceId, LegId},
    quality::VoiceQuality,
    switch::Origin,
};

/// Where a leg was connected last.
#[derive(Clone, Debug)]
pub(super) struct At {
    call: CallId,
    agent: Option<AgentId>,
    device: Option<DeviceId>,
}

impl Center {
    /// Keeps what is needed when a leg has ended; until then there is one entry for it.
    pub(super) fn remember_leg(&mut self, fact: &Fact) {
        if let Fact::Connected { call, leg, party, .. } = fact {
            let (agent, device) = (party.agent.clone(), party.device.clone());
            self.measured.insert(*leg, At { call: *call, agent, device });
        } else if let Fact::CallStarted { call, leg, origin, .. } = fact {
            let device = match origin {
                Origin::Device(device) => Some(device.clone()),
                Origin::Trunk(_) => None,
            };
            self.measured.insert(*leg, At { call: *call, agent: None, device });
        }
    }

    pub(super) fn voice_measured(&mut self, leg: LegId, quality: VoiceQuality) {
        let Some(At { call, agent, device }) = self.measured.remove(&leg) else { return };
        self.emit(Fact::VoiceMeasured { call, leg, agent, device, quality });
    }
}
