//! Contacts' keys that are themselves locked with a key of the administrator's.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

use super::{Key, KeyError, KeyState, KeyTable};
use crate::id::ContactId;

/// A table whose keys are of no use without a master key, which is kept elsewhere: who copies journal and table reads
/// nothing.
///
/// Each key is kept XORed with the first bytes of the XChaCha20 stream of the master key, whose nonce is the contact's
/// number. A contact has one key for ever, so no part of a stream is used for two. That a master key is the wrong one
/// shows when the first record does not open.
///
/// ```
/// use cti_core::{
///     id::ContactId,
///     seal::{Key, KeyState, KeyTable, MemoryKeys, WrappedKeys},
/// };
///
/// let master = Key::from_bytes([1; 32]);
/// let mut keys = WrappedKeys::new(MemoryKeys::default(), &master);
/// keys.insert(ContactId(7), &Key::from_bytes([2; 32]))?;
/// let KeyState::Kept(key) = keys.key(ContactId(7))? else { panic!() };
/// assert_eq!(key.as_bytes(), &[2; 32]);
/// # Ok::<(), cti_core::seal::KeyError>(())
/// ```
pub struct WrappedKeys<K> {
    keys: K,
    master: XChaCha20Poly1305,
}

impl<K: std::fmt::Debug> std::fmt::Debug for WrappedKeys<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrappedKeys").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl<K> WrappedKeys<K> {
    /// Returns a table that keeps its keys in another one, locked with the master key.
    #[must_use]
    pub fn new(keys: K, master: &Key) -> Self {
        Self { keys, master: XChaCha20Poly1305::new(master.as_bytes().into()) }
    }

    /// Locks a key or opens a locked one.
    fn wrap(&self, contact: ContactId, key: &Key) -> Key {
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&contact.0.to_le_bytes());
        let blank = Payload { msg: &[0; Key::LENGTH], aad: &[] };
        let stream = self.master.encrypt(&XNonce::from(nonce), blank);
        let stream = Zeroizing::new(stream.expect("32 bytes are never too long"));
        let mut wrapped = Zeroizing::new(*key.as_bytes());
        for (byte, pad) in wrapped.iter_mut().zip(stream.iter()) {
            *byte ^= pad;
        }
        Key::from_bytes(*wrapped)
    }
}

impl<K: KeyTable> KeyTable for WrappedKeys<K> {
    fn key(&mut self, contact: ContactId) -> Result<KeyState, KeyError> {
        Ok(match self.keys.key(contact)? {
            KeyState::Kept(wrapped) => KeyState::Kept(self.wrap(contact, &wrapped)),
            KeyState::None => KeyState::None,
            KeyState::Erased => KeyState::Erased,
        })
    }

    fn insert(&mut self, contact: ContactId, key: &Key) -> Result<(), KeyError> {
        let wrapped = self.wrap(contact, key);
        self.keys.insert(contact, &wrapped)
    }

    fn sync(&mut self) -> Result<(), KeyError> {
        self.keys.sync()
    }

    fn erase(&mut self, contacts: &[ContactId]) -> Result<(), KeyError> {
        self.keys.erase(contacts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::MemoryKeys;

    #[test]
    fn what_is_kept_is_neither_the_key_nor_what_another_master_or_contact_would_make_of_it() {
        let key = Key::from_bytes([2; 32]);
        let wrapped = |master: u8, contact| {
            let keys = WrappedKeys::new(MemoryKeys::default(), &Key::from_bytes([master; 32]));
            *keys.wrap(ContactId(contact), &key).as_bytes()
        };
        assert_ne!(wrapped(1, 1), [2; 32]);
        assert_ne!(wrapped(1, 1), wrapped(3, 1));
        assert_ne!(wrapped(1, 1), wrapped(1, 2));
        assert_eq!(wrapped(1, 1), wrapped(1, 1), "the same table is read after a restart");
    }

    #[test]
    fn an_erased_key_stays_erased() {
        let mut keys = WrappedKeys::new(MemoryKeys::default(), &Key::from_bytes([1; 32]));
        keys.insert(ContactId(7), &Key::from_bytes([2; 32])).unwrap();
        keys.erase(&[ContactId(7)]).unwrap();
        assert!(matches!(keys.key(ContactId(7)), Ok(KeyState::Erased)));
    }
}
