//! Passes a packet on to the bridged leg, the moment it arrives.

use std::time::Duration;

use super::Worker;
use crate::{
    bridge::{self, Content},
    engine::leg::transmit,
    rtp::packet::Packet,
};

impl Worker {
    /// Sends the datagram in the buffer to the leg in slot `to`, unless it hears something else.
    pub(super) fn carry(
        &mut self,
        now: Duration,
        to: usize,
        packet: &Packet,
        content: Content,
        len: usize,
    ) {
        let Some(leg) = self.legs.get_mut(to).filter(|leg| leg.hears_its_peer()) else { return };
        let Some(remote) = leg.remote.as_ref().filter(|remote| remote.agreed.may_send()) else {
            return;
        };
        let datagram = &mut self.buffer[..len];
        let sent = bridge::forward(now, datagram, packet, content, &remote.agreed, &mut leg.out);
        if let Some(range) = sent {
            transmit(&leg.rtp, &datagram[range], remote.latch.target());
        }
    }
}
