//! Which alarms are not over.

use std::collections::BTreeMap;

use cti_core::{
    event::{AlarmKind, Event, Fact},
    id::AlarmId,
    time::Timestamp,
};

/// The alarms that are not cleared.
#[derive(Clone, Debug, Default)]
pub struct Alarms(BTreeMap<AlarmId, (AlarmKind, Timestamp)>);

impl Alarms {
    pub(super) fn apply(&mut self, event: &Event) {
        if let Fact::AlarmRaised { alarm, kind } = &event.fact {
            self.0.insert(*alarm, (kind.clone(), event.at));
        } else if let Fact::AlarmCleared { alarm } = &event.fact {
            self.0.remove(alarm);
        }
    }

    /// Returns the alarms with the time at which each was raised.
    pub fn iter(&self) -> impl Iterator<Item = (AlarmId, &AlarmKind, Timestamp)> {
        self.0.iter().map(|(alarm, (kind, raised))| (*alarm, kind, *raised))
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
