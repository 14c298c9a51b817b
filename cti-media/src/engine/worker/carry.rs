//! Passes a packet on to the bridged leg, the moment it arrives.

use std::time::Duration;

use super::Worker;
use crate::{
    bridge::{self, Content},
    codec::Encoding,
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
        let content = match (content, remote.agreed.codec) {
            (Content::Audio(Encoding::G722), Encoding::G711(_)) => {
                let payload = packet.payload.clone();
                datagram[payload.clone()].copy_from_slice(&self.plain[..payload.len()]);
                Content::Audio(Encoding::G711(Encoding::G722.law()))
            }
            (Content::Audio(Encoding::G711(law)), Encoding::G722) => {
                let wideband = leg.wideband.get_or_insert_default();
                wideband.encode(law, &mut datagram[packet.payload.clone()]);
                Content::Audio(Encoding::G722)
            }
            (Content::Audio(Encoding::G711(_)), Encoding::G711(_))
            | (Content::Audio(Encoding::G722), Encoding::G722)
            | (Content::Event | Content::Noise, Encoding::G711(_) | Encoding::G722) => content,
        };
        let sent = bridge::forward(now, datagram, packet, content, &remote.agreed, &mut leg.out);
        if let Some(range) = sent {
            leg.send(now, &datagram[range]);
        }
    }
}
