//! A journal that lives as long as the process: for tests and simulation.

use crate::{
    event::Event,
    id::EventNo,
    journal::{Journal, JournalError},
};

/// Events in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    events: Vec<Event>,
}

impl Journal for MemoryJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        for event in events {
            let last = self.last();
            if event.no != last.next() {
                return Err(JournalError::Gap { last, found: event.no });
            }
            self.events.push(event.clone());
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        Ok(())
    }

    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        Ok(self.events.iter().filter(|event| event.no > after).cloned().collect())
    }

    fn last(&self) -> EventNo {
        self.events.last().map_or_else(EventNo::default, |event| event.no)
    }
}
