//! Erasing a citizen: which matters were his, and what the database forgets of him.

use async_trait::async_trait;
use cti_core::{address::PhoneNumber, id::ContactId};

use crate::error::StoreError;

/// What the database has forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// In how many call records the number stood.
    pub calls: u64,
    /// How many tickets named the citizen; what they are about stays.
    pub tickets: u64,
    /// The files of recordings of his voice, which are to be removed from where they are kept.
    pub recordings: Vec<String>,
}

/// Forgets citizens.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Returns the contacts of a citizen, by his number in normal form: who called, was called or is called back.
    async fn contacts_of(&self, citizen: &PhoneNumber) -> Result<Vec<ContactId>, StoreError>;

    /// Takes numbers, names and addresses of a citizen out of all records and tickets, in one transaction; what
    /// happened and how long it took stays.
    async fn forget(
        &self,
        citizen: &PhoneNumber,
        contacts: &[ContactId],
    ) -> Result<Forgotten, StoreError>;
}
