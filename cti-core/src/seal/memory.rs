//! Keys that live as long as the process: for tests.

use std::collections::BTreeMap;

use super::{Key, KeyError, KeyState, KeyTable};
use crate::id::ContactId;

/// Keys in memory; `None` stands for one that was erased.
#[derive(Debug, Default)]
pub struct MemoryKeys {
    keys: BTreeMap<ContactId, Option<Key>>,
}

impl KeyTable for MemoryKeys {
    fn key(&mut self, contact: ContactId) -> Result<KeyState, KeyError> {
        Ok(match self.keys.get(&contact) {
            None => KeyState::None,
            Some(Some(key)) => KeyState::Kept(key.clone()),
            Some(None) => KeyState::Erased,
        })
    }

    fn insert(&mut self, contact: ContactId, key: &Key) -> Result<(), KeyError> {
        if self.keys.contains_key(&contact) {
            return Err(KeyError::Taken { contact });
        }
        self.keys.insert(contact, Some(key.clone()));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), KeyError> {
        Ok(())
    }

    fn erase(&mut self, contacts: &[ContactId]) -> Result<(), KeyError> {
        self.keys.extend(contacts.iter().map(|contact| (*contact, None)));
        Ok(())
    }
}
