//! How well parties were heard, summed up over all legs.

use cti_core::event::Fact;

/// What was measured of legs since the log begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VoiceTotals {
    /// Legs that were measured.
    pub legs: u64,
    /// Those with which many users would be dissatisfied.
    pub poor: u64,
    /// The sum of their mean opinion scores.
    pub mos: f64,
    /// Packets that arrived.
    pub received: u64,
    /// Packets that did not.
    pub lost: u64,
}

impl VoiceTotals {
    pub(super) fn apply(&mut self, fact: &Fact) {
        let Fact::VoiceMeasured { quality, .. } = fact else { return };
        self.legs += 1;
        self.poor += u64::from(quality.is_poor());
        self.mos += quality.mos();
        self.received += quality.received;
        self.lost += quality.lost;
    }
}
