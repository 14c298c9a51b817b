//! Mixes of a worker: who is in them, and one packet per listener and tick.

use std::{collections::BTreeMap, time::Duration};

use super::Worker;
use crate::{
    bridge::Content,
    codec::{Encoding, FRAME_SAMPLES},
    engine::{LegKey, MixId, MixParty},
    mix::{Gain, Mixer, PartySet},
    rtp::{
        Digit,
        packet::{HEADER_LEN, Packet},
    },
};

/// How long a key that was pressed in a mix is pressed on the legs that hear it.
const KEY: Duration = Duration::from_millis(160);

/// Keys that may wait on a leg; more come from nobody who presses them by hand.
const MAX_WAITING_KEYS: usize = 32;

/// A mix as it was asked for, and the mixer that serves those of it who are not simply bridged.
#[derive(Debug)]
pub(super) struct Mix {
    /// Whom each leg hears, by slots; every leg of the mix is listed.
    hears: BTreeMap<usize, Vec<usize>>,
    /// Slots of the mixer's parties.
    parties: Vec<usize>,
    mixer: Mixer,
}

impl Worker {
    /// Lets legs hear each other as listed.
    pub(super) fn mix(&mut self, id: MixId, parties: Vec<MixParty>) {
        let mut hears: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for party in parties {
            let Some(slot) = self.slot(party.leg) else { continue };
            let mut from: Vec<usize> = party
                .hears
                .into_iter()
                .filter_map(|leg| self.slot(leg))
                .filter(|&other| other != slot)
                .collect();
            from.sort_unstable();
            from.dedup();
            for &other in &from {
                hears.entry(other).or_default();
            }
            hears.insert(slot, from);
        }
        if let Some(old) = self.mixes.remove(&id) {
            for &slot in old.hears.keys().filter(|slot| !hears.contains_key(slot)) {
                self.let_go(slot);
            }
        }
        for &slot in hears.keys() {
            if self.legs.get_mut(slot).is_some_and(|leg| leg.mix != Some(id)) {
                self.leave_mix(slot);
                self.unbridge(slot);
            }
            if let Some(leg) = self.legs.get_mut(slot) {
                leg.mix = Some(id);
            }
        }
        self.arrange(id, hears);
    }

    /// Ends a mix; its legs hear nothing any more.
    pub(super) fn end_mix(&mut self, id: MixId) {
        if let Some(mix) = self.mixes.remove(&id) {
            for slot in mix.hears.into_keys() {
                self.let_go(slot);
            }
        }
    }

    /// Takes a leg out of its mix; the others go on.
    pub(super) fn leave_mix(&mut self, slot: usize) {
        let Some(id) = self.legs.get_mut(slot).and_then(|leg| leg.mix) else { return };
        self.let_go(slot);
        let Some(Mix { mut hears, .. }) = self.mixes.remove(&id) else { return };
        hears.remove(&slot);
        for from in hears.values_mut() {
            from.retain(|&other| other != slot);
        }
        self.arrange(id, hears);
    }

    pub(super) fn set_gain(&mut self, leg: LegKey, gain: Gain) {
        let Some(slot) = self.slot(leg) else { return };
        let Some(leg) = self.legs.get_mut(slot) else { return };
        leg.gain = gain;
        let mix = leg.mix.and_then(|id| Some((id, self.mixes.remove(&id)?)));
        if let Some((id, mix)) = mix {
            self.arrange(id, mix.hears);
        }
    }

    /// Forgets that a leg was in a mix.
    fn let_go(&mut self, slot: usize) {
        self.unbridge(slot);
        if let Some(leg) = self.legs.get_mut(slot) {
            leg.mix = None;
            leg.playout = None;
        }
    }

    /// Bridges who simply talk to each other, mixes the rest.
    fn arrange(&mut self, id: MixId, hears: BTreeMap<usize, Vec<usize>>) {
        if hears.is_empty() {
            return;
        }
        hears.keys().for_each(|&slot| self.unbridge(slot));
        let mut parties = Vec::new();
        for &slot in hears.keys() {
            let unity =
                |slot: usize| self.legs.get_mut(slot).is_some_and(|leg| leg.gain == Gain::UNITY);
            match pair_of(slot, &hears).filter(|&other| [slot, other].into_iter().all(unity)) {
                Some(other) => {
                    self.join(slot, other);
                    for slot in [slot, other] {
                        if let Some(leg) = self.legs.get_mut(slot) {
                            leg.playout = None;
                        }
                    }
                }
                None => parties.push(slot),
            }
        }
        let mixer = Mixer::new(&matrix(&hears, &parties));
        for (party, &slot) in parties.iter().enumerate() {
            if let Some(leg) = self.legs.get_mut(slot) {
                // A voice that was heard before goes on where it is.
                leg.playout = match mixer.is_heard(party) {
                    true => Some(leg.playout.take().unwrap_or_default()),
                    false => None,
                };
            }
        }
        self.mixes.insert(id, Mix { hears, parties, mixer });
    }

    /// Takes a packet of a mixed leg.
    pub(super) fn put_in_mix(&mut self, slot: usize, packet: &Packet, content: Content) {
        let Some(leg) = self.legs.get_mut(slot) else { return };
        let Some(playout) = &mut leg.playout else { return };
        let raw = &self.buffer[packet.payload.clone()];
        let (law, payload) = match content {
            Content::Audio(Encoding::G711(law)) => (law, raw),
            Content::Audio(Encoding::G722) => (Encoding::G722.law(), &self.plain[..raw.len()]),
            Content::Noise => {
                // An empty packet says nothing of its level.
                return raw.first().into_iter().for_each(|&level| playout.put_noise(level));
            }
            Content::Event => return,
        };
        playout.put(packet.ssrc, packet.timestamp, law, payload);
    }

    /// Presses a key on the legs of the mix that hear the one it was pressed on, where they take events.
    pub(super) fn relay_key(&mut self, slot: usize, digit: Digit) {
        let Some(id) = self.legs.get_mut(slot).and_then(|leg| leg.mix) else { return };
        let Some(mix) = self.mixes.get(&id) else { return };
        let hearers: Vec<usize> = mix
            .parties
            .iter()
            .copied()
            .filter(|listener| mix.hears.get(listener).is_some_and(|from| from.contains(&slot)))
            .collect();
        for listener in hearers {
            let Some(leg) = self.legs.get_mut(listener) else { continue };
            let takes = leg.remote.as_ref().is_some_and(|remote| remote.agreed.dtmf_pt.is_some());
            if takes && leg.keys.waiting() < MAX_WAITING_KEYS {
                leg.keys.press([digit], KEY);
                self.start_ticking(listener);
            }
        }
    }

    /// Sends every listener of every mix what he hears in these 20 ms.
    pub(super) fn tick_mixes(&mut self) {
        let mut mixes = std::mem::take(&mut self.mixes);
        for mix in mixes.values_mut() {
            self.serve_mix(mix);
        }
        // Serving changes no mix.
        self.mixes = mixes;
    }

    fn serve_mix(&mut self, mix: &mut Mix) {
        let now = self.now();
        let Mix { parties, mixer, .. } = mix;
        mixer.clear();
        for (party, &slot) in parties.iter().enumerate() {
            let Some(leg) = self.legs.get_mut(slot) else { continue };
            let Some(mut frame) = leg.playout.as_mut().and_then(|playout| playout.pull()) else {
                continue;
            };
            if leg.gain != Gain::UNITY {
                frame = frame.map(|sample| leg.gain.apply(sample));
            }
            mixer.speak(party, &frame);
        }
        for (party, &slot) in parties.iter().enumerate() {
            if mixer.hears(party).is_empty() {
                continue;
            }
            let Some(leg) = self.legs.get_mut(slot).filter(|leg| leg.hears_its_peer()) else {
                continue;
            };
            let Some(remote) = leg.remote.as_ref().filter(|remote| remote.agreed.may_send()) else {
                continue;
            };
            let codec = remote.agreed.codec;
            let mut packet = [0; HEADER_LEN + FRAME_SAMPLES];
            packet[HEADER_LEN..].copy_from_slice(mixer.encoded(party, codec.law()));
            let header = leg.out.own(now, codec.payload_type(), FRAME_SAMPLES as u32);
            leg.encode(codec.law(), &mut packet[HEADER_LEN..]);
            leg.send_own(now, header, &mut packet);
        }
    }
}

/// The one leg that hears this one, is heard by it, and has to do with nobody else.
fn pair_of(slot: usize, hears: &BTreeMap<usize, Vec<usize>>) -> Option<usize> {
    let &[other] = hears.get(&slot)?.as_slice() else { return None };
    let mutual = hears.get(&other).is_some_and(|from| *from == [slot]);
    let alone = hears.iter().all(|(listener, from)| {
        [slot, other].contains(listener) || !from.iter().any(|heard| [slot, other].contains(heard))
    });
    (mutual && alone).then_some(other)
}

/// Whom each party of the mixer hears, by positions.
fn matrix(hears: &BTreeMap<usize, Vec<usize>>, parties: &[usize]) -> Vec<PartySet> {
    let position = |slot: &usize| parties.binary_search(slot).ok();
    parties
        .iter()
        .map(|slot| hears.get(slot).into_iter().flatten().filter_map(position).collect())
        .collect()
}
