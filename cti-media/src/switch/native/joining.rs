//! Who hears whom: bridges and mixes.

use cti_core::{
    id::{CallId, LegId},
    switch::Hearing,
};

use super::{NativeSwitch, leg::media_key};
use crate::engine::{MixId, MixParty};

/// What a leg was joined to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Nobody,
    Bridge(LegId),
    Mix(CallId),
}

impl NativeSwitch {
    pub(super) fn bridge(&mut self, a: LegId, b: LegId) {
        if let Err(error) = self.media.bridge(media_key(a), media_key(b)) {
            tracing::warn!(%a, %b, %error, "Cannot bridge");
        }
        for (leg, other) in [(a, b), (b, a)] {
            self.leave(leg);
            self.set_joined(leg, Joined::Bridge(other));
        }
    }

    pub(super) fn unbridge(&mut self, a: LegId, b: LegId) {
        // A leg that is gone is in no bridge.
        let _ = self.media.unbridge(media_key(a));
        self.set_joined(a, Joined::Nobody);
        self.set_joined(b, Joined::Nobody);
    }

    /// Lets legs hear each other as listed; an empty list ends the mix.
    pub(super) fn mix(&mut self, mix: CallId, hears: &[Hearing]) {
        let parties: Vec<MixParty> = hears
            .iter()
            .map(|hearing| MixParty {
                leg: media_key(hearing.leg),
                hears: hearing.from.iter().copied().map(media_key).collect(),
            })
            .collect();
        if let Err(error) = self.media.mix(MixId(mix.0), &parties) {
            tracing::error!(%mix, %error, "Cannot mix");
            return;
        }
        for leg in self.mixes.remove(&mix).iter().flatten().flat_map(members) {
            self.set_joined(leg, Joined::Nobody);
        }
        for leg in hears.iter().flat_map(members) {
            self.leave(leg);
            self.set_joined(leg, Joined::Mix(mix));
        }
        if !hears.is_empty() {
            self.mixes.insert(mix, hears.to_vec());
        }
    }

    /// The legs that hear a leg.
    pub(super) fn hearers_of(&self, id: LegId) -> Vec<LegId> {
        let joined = |leg: LegId| self.legs.get(&leg).map(|leg| leg.joined);
        match joined(id) {
            Some(Joined::Bridge(other)) if joined(other) == Some(Joined::Bridge(id)) => vec![other],
            Some(Joined::Mix(mix)) => {
                let listed = self.mixes.get(&mix).into_iter().flatten();
                listed
                    .filter(|hearing| hearing.leg != id && hearing.from.contains(&id))
                    .map(|hearing| hearing.leg)
                    .filter(|&hearer| joined(hearer) == Some(Joined::Mix(mix)))
                    .collect()
            }
            Some(Joined::Nobody | Joined::Bridge(_)) | None => Vec::new(),
        }
    }

    /// Takes a leg out of its mix; a mix without legs is forgotten.
    pub(super) fn leave(&mut self, id: LegId) {
        let Some(Joined::Mix(mix)) = self.legs.get(&id).map(|leg| leg.joined) else { return };
        self.set_joined(id, Joined::Nobody);
        let listed = self.mixes.get(&mix).into_iter().flatten().flat_map(members);
        let in_it =
            |leg: LegId| self.legs.get(&leg).is_some_and(|it| it.joined == Joined::Mix(mix));
        if !listed.into_iter().any(in_it) {
            self.mixes.remove(&mix);
        }
    }

    fn set_joined(&mut self, leg: LegId, joined: Joined) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.joined = joined;
        }
    }
}

fn members(hearing: &Hearing) -> impl Iterator<Item = LegId> + use<'_> {
    hearing.from.iter().copied().chain([hearing.leg])
}
