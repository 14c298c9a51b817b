//! One table for two: the journal that seals, and the program that erases.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Key, KeyError, KeyState, KeyTable};
use crate::id::ContactId;

/// A table behind a lock; clones are the same table. The journal's thread takes the lock for one key at a time.
#[derive(Debug)]
pub struct SharedKeys<K>(Arc<Mutex<K>>);

impl<K> SharedKeys<K> {
    /// Shares a table.
    #[must_use]
    pub fn new(keys: K) -> Self {
        Self(Arc::new(Mutex::new(keys)))
    }

    /// A table is whole after every call, so that a panic elsewhere leaves nothing half done.
    fn table(&self) -> MutexGuard<'_, K> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Clone for SharedKeys<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: KeyTable> KeyTable for SharedKeys<K> {
    fn key(&mut self, contact: ContactId) -> Result<KeyState, KeyError> {
        self.table().key(contact)
    }

    fn insert(&mut self, contact: ContactId, key: &Key) -> Result<(), KeyError> {
        self.table().insert(contact, key)
    }

    fn sync(&mut self) -> Result<(), KeyError> {
        self.table().sync()
    }

    fn erase(&mut self, contacts: &[ContactId]) -> Result<(), KeyError> {
        self.table().erase(contacts)
    }
}
