//! What is being played, by its name and by who hears it.

use std::collections::{BTreeMap, BTreeSet};

use super::Listener;
use crate::id::{LegId, PlayId};

/// A playing that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Playing {
    pub(super) leg: LegId,
    pub(super) listener: Listener,
}

/// The playings that have not ended.
#[derive(Debug, Default)]
pub(super) struct Plays {
    by_id: BTreeMap<PlayId, Playing>,
    by_leg: BTreeSet<(LegId, PlayId)>,
}

impl Plays {
    pub(super) fn insert(&mut self, play: PlayId, playing: Playing) {
        self.by_leg.insert((playing.leg, play));
        self.by_id.insert(play, playing);
    }

    pub(super) fn remove(&mut self, play: PlayId) -> Option<Playing> {
        let playing = self.by_id.remove(&play)?;
        self.by_leg.remove(&(playing.leg, play));
        Some(playing)
    }

    /// Returns what a leg hears, oldest first.
    pub(super) fn of(&self, leg: LegId) -> Vec<PlayId> {
        self.by_leg
            .range((leg, PlayId(0))..=(leg, PlayId(u64::MAX)))
            .map(|(_, play)| *play)
            .collect()
    }

    /// Returns what a leg hears for a listener.
    pub(super) fn for_listener(&self, leg: LegId, listener: Listener) -> Option<PlayId> {
        self.of(leg)
            .into_iter()
            .find(|play| self.by_id.get(play).is_some_and(|it| it.listener == listener))
    }

    /// Returns whether a leg hears anything.
    pub(super) fn is_heard_by(&self, leg: LegId) -> bool {
        self.by_leg.range((leg, PlayId(0))..=(leg, PlayId(u64::MAX))).next().is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}
