//! The face of mixing.

use super::{CommandError, LegKey, MediaHandle, MixId, command::Command};
use crate::mix::{Gain, MAX_PARTIES};

/// Whom one leg of a mix hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixParty {
    /// The leg.
    pub leg: LegKey,
    /// The legs it hears; itself is left out. A leg that is heard is part of the mix, listed or not.
    pub hears: Vec<LegKey>,
}

/// Legs cannot be mixed as asked; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MixError {
    /// More legs are named than one mix can have.
    #[error("mix has {0} legs, more than 200")]
    TooManyParties(usize),
    /// A leg is listed twice.
    #[error("{0} is listed twice")]
    ListedTwice(LegKey),
    /// Two of the legs were opened with keys of different workers.
    #[error("{0} and {1} live on different media workers")]
    DifferentWorkers(LegKey, LegKey),
    /// The worker has too much to do.
    #[error("the media worker is overloaded")]
    Overloaded,
}

impl MediaHandle {
    /// Lets legs hear each other as listed; what this mix was told before is replaced, and an empty list
    /// ends it.
    ///
    /// A leg is in one mix or one bridge at a time: it leaves any other. Legs that are not open are left
    /// out. Two legs that hear each other at their own loudness and are part of nothing else are bridged.
    ///
    /// # Errors
    ///
    /// Fails when there are too many legs, one is listed twice, or they live on different workers.
    pub fn mix(&self, mix: MixId, parties: &[MixParty]) -> Result<(), MixError> {
        let mut listed: Vec<LegKey> = parties.iter().map(|party| party.leg).collect();
        listed.sort_unstable();
        if let Some(twice) = listed.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(MixError::ListedTwice(twice[0]));
        }
        let mut legs = listed;
        legs.extend(parties.iter().flat_map(|party| &party.hears));
        legs.sort_unstable();
        legs.dedup();
        if legs.len() > MAX_PARTIES {
            return Err(MixError::TooManyParties(legs.len()));
        }
        let mut open = legs.iter().filter_map(|&leg| Some((leg, self.shared.place_of(leg)?)));
        let Some((first, place)) = open.next() else { return self.end_mix(mix) };
        if let Some((other, _)) = open.find(|(_, other)| *other != place) {
            return Err(MixError::DifferentWorkers(first, other));
        }
        let command = Command::Mix { mix, parties: parties.to_vec() };
        self.push(place, command).map_err(|_| MixError::Overloaded)
    }

    /// Sets how loud a leg is to those who hear it in a mix, in decibels from −60 to +20; 0 at first.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open or the worker overloaded.
    pub fn set_gain(&self, leg: LegKey, decibels: f32) -> Result<(), CommandError> {
        self.to_leg(leg, Command::SetGain { leg, gain: Gain::from_decibels(decibels) })
    }

    fn end_mix(&self, mix: MixId) -> Result<(), MixError> {
        // Which worker has it is known by that worker alone.
        for place in 0..self.shared.queues.len() {
            self.push(place, Command::EndMix { mix }).map_err(|_| MixError::Overloaded)?;
        }
        Ok(())
    }
}
