//! What the centre keeps of people beside their calls changes while it serves: the blacklist and the whitelist, and who
//! was erased; every change is a fact.

use super::{Answer, Center};
use crate::{
    command::{CommandError, Reply},
    event::Fact,
    id::{ContactId, EntryId},
    numbers::{ListEntry, ListError},
};

/// Most entries that one command adds.
pub(crate) const MAX_AT_ONCE: usize = 10_000;

impl Center {
    /// Adds entries, all of them or none; those that have expired make room first.
    pub(super) fn add_list_entries(&mut self, entries: Vec<ListEntry>) -> Answer {
        if self.rules.is_none() {
            return Err(CommandError::InvalidState {
                reason: "no rules of numbers are configured, so that callers cannot be known"
                    .to_owned(),
            });
        }
        if entries.len() > MAX_AT_ONCE {
            return Err(CommandError::TooMany {
                field: "entries".to_owned(),
                limit: u32::try_from(MAX_AT_ONCE).unwrap_or(u32::MAX),
            });
        }
        let mut entries: Vec<ListEntry> =
            entries.into_iter().map(|it| ListEntry { entered_at: self.now, ..it }).collect();
        let expired: Vec<EntryId> = self.state.lists.expired(self.now).collect();
        match entries.as_slice() {
            // The lists may be long; one entry is tried without a copy of them.
            [entry] if expired.is_empty() => {
                self.state.lists.check(entry).map_err(|error| refusal(0, &error))?;
            }
            _ => {
                let mut lists = self.state.lists.clone();
                expired.iter().for_each(|entry| drop(lists.remove(*entry)));
                for (index, entry) in entries.iter().enumerate() {
                    lists.add(entry.clone()).map_err(|error| refusal(index, &error))?;
                }
            }
        }
        for entry in expired {
            self.emit(Fact::ListEntryRemoved { entry, by: "expired".to_owned() });
        }
        let mut ids = Vec::with_capacity(entries.len());
        for listed in entries.drain(..) {
            let entry = self.state.lists.next_id();
            self.emit(Fact::ListEntryAdded { entry, listed: Box::new(listed) });
            ids.push(entry);
        }
        Ok(Reply::ListEntries(ids))
    }

    /// Writes down that a person was erased.
    pub(super) fn note_erasure(
        &mut self,
        contacts: Vec<ContactId>,
        by: String,
        reason: String,
    ) -> Answer {
        let live = contacts.iter().find(|contact| {
            self.state.contacts.contains_key(contact) || self.state.works.contains_key(contact)
        });
        if let Some(contact) = live {
            let reason = format!("{contact} is not over");
            return Err(CommandError::InvalidState { reason });
        }
        self.emit(Fact::DataErased { contacts, by, reason });
        Ok(Reply::Done)
    }

    pub(super) fn remove_list_entry(&mut self, entry: EntryId, by: String) -> Answer {
        if self.state.lists.get(entry).is_none() {
            return Err(CommandError::InvalidValue {
                field: "entry".to_owned(),
                reason: format!("there is no {entry}"),
            });
        }
        self.emit(Fact::ListEntryRemoved { entry, by });
        Ok(Reply::Done)
    }
}

/// An error of the lists names its field before the colon.
fn refusal(index: usize, error: &ListError) -> CommandError {
    let text = error.to_string();
    let (field, reason) = text.split_once(": ").unwrap_or(("entry", text.as_str()));
    CommandError::InvalidValue {
        field: format!("entries[{index}].{field}"),
        reason: reason.to_owned(),
    }
}
