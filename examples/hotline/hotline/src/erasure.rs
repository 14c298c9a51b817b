//! Erasing a citizen: everything that knows his number forgets it.

use std::sync::Arc;

use async_trait::async_trait;
use cti_bindings::{centre::Centre, records::audio::AudioSource};
use cti_core::{
    address::PhoneNumber,
    command::Command,
    seal::{KeyState, KeyTable},
};
use hotline_api::erasure::{Erased, Erasure, ErasureError};
use hotline_store::erasure::ErasureStore;
use tokio::task::spawn_blocking;

use crate::seal::Keys;

/// Erases citizens from journal, records, tickets and recordings.
pub struct Eraser {
    /// The running Center, which refuses while a contact lives and writes down that it was erased.
    pub centre: Arc<dyn Centre>,
    /// The records.
    pub store: Arc<dyn ErasureStore>,
    /// Where the audio of recordings is kept.
    pub recordings: Arc<dyn AudioSource>,
    /// The keys of a sealed journal.
    pub keys: Option<Keys>,
}

impl std::fmt::Debug for Eraser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Eraser").field("sealed", &self.keys.is_some()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Erasure for Eraser {
    async fn erase(
        &self,
        citizen: &PhoneNumber,
        by: &str,
        reason: &str,
    ) -> Result<Erased, ErasureError> {
        let mut keys = self.keys.clone().ok_or(ErasureError::NotSealed)?;
        let contacts = self.store.contacts_of(citizen).await.map_err(failed)?;
        // First what can be refused, last what brings nothing back: an attempt that was cut short is made again.
        let (by, reason) = (by.to_owned(), reason.to_owned());
        let note = Command::NoteErasure { contacts: contacts.clone(), by, reason };
        self.centre.request(note).await?;
        let of = contacts.clone();
        let in_clear = spawn_blocking(move || {
            let mut in_clear = 0;
            for contact in &of {
                in_clear += usize::from(matches!(keys.key(*contact)?, KeyState::None));
            }
            keys.erase(&of).map(|()| in_clear)
        });
        let in_clear = in_clear.await.map_err(failed)?.map_err(failed)?;
        let forgotten = self.store.forget(citizen, &contacts).await.map_err(failed)?;
        let recordings = forgotten.recordings.len();
        for file in &forgotten.recordings {
            self.recordings.remove(file).await.map_err(failed)?;
        }
        let (calls, tickets) = (forgotten.calls, forgotten.tickets);
        Ok(Erased { contacts: contacts.len(), in_clear, calls, tickets, recordings })
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ErasureError {
    ErasureError::Failed(Box::new(error))
}
