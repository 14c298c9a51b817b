//! The codec: events to sealed records and back.

use std::{collections::BTreeMap, fmt, io};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Entropy, Key, KeyError, KeyState, KeyTable, Whose, envelope,
    personal::{Personal, personal},
};
use crate::{
    event::{Event, Fact},
    id::{CallId, ContactId, EventNo},
    journal::{Codec, CodecError},
};

/// What begins the sealed part. Inside a JSON text the quotation marks would be escaped, so that it stands only here.
const SEAL: &[u8] = br#","sealed":{"#;

/// Seals what is personal; see the [module](super).
pub struct Sealing<K, E> {
    keys: K,
    entropy: E,
    /// The live calls of the log, as many as there are.
    contacts: BTreeMap<CallId, ContactId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    contact: ContactId,
    #[serde(rename = "box")]
    boxed: String,
}

impl<K: KeyTable, E: Entropy> Sealing<K, E> {
    /// Seals with the keys of this table, and makes new ones of this randomness.
    #[must_use]
    pub fn new(keys: K, entropy: E) -> Self {
        Self { keys, entropy, contacts: BTreeMap::new() }
    }

    /// Remembers which contact a call belongs to as long as it lives. One that consults belongs to the contact of the
    /// call on hold, for that is what it is about.
    fn follow(&mut self, fact: &Fact) {
        if let Fact::CallStarted { call, contact, consults, .. } = fact {
            let consulted = consults.map(|held| self.contact(Whose::Call(held)));
            self.contacts.insert(*call, consulted.unwrap_or(*contact));
        }
        if let Fact::CallEnded { call, .. } = fact {
            self.contacts.remove(call);
        }
    }

    fn contact(&self, whose: Whose) -> ContactId {
        match whose {
            Whose::Contact(contact) => contact,
            // A call that nobody knows of belongs to nobody: contacts are counted from 1. Its values are sealed all
            // the same.
            Whose::Call(call) => self.contacts.get(&call).copied().unwrap_or_default(),
        }
    }

    /// Returns the key to lock with; none for a contact that was erased.
    fn locking_key(&mut self, contact: ContactId) -> Result<Option<Key>, CodecError> {
        match self.keys.key(contact).map_err(unavailable)? {
            KeyState::Kept(key) => Ok(Some(key)),
            KeyState::Erased => Ok(None),
            KeyState::None => {
                let key = Key::generate(&mut self.entropy).map_err(no_entropy)?;
                self.keys.insert(contact, &key).map_err(unavailable)?;
                Ok(Some(key))
            }
        }
    }

    fn open(&mut self, rest: &[u8], seal: &[u8]) -> Result<Event, CodecError> {
        let public = [rest, b"}"].concat();
        let mut event: Map<String, Value> =
            serde_json::from_slice(&public).map_err(|error| malformed(&error))?;
        let no = EventNo(event.get("no").and_then(Value::as_u64).unwrap_or_default());
        let forged = || CodecError::Forged { no };
        let sealed: Sealed = serde_json::from_slice(seal).map_err(|_| forged())?;
        if let KeyState::Kept(key) = self.keys.key(sealed.contact).map_err(unavailable)? {
            let rest = authenticated(rest, sealed.contact);
            let values = envelope::open(&key, &rest, &sealed.boxed)
                .map_err(|envelope::Unopened| forged())?;
            let values: Map<String, Value> =
                serde_json::from_slice(&values).map_err(|error| malformed(&error))?;
            event.extend(values);
        }
        serde_json::from_value(Value::Object(event)).map_err(|error| malformed(&error))
    }
}

impl<K: KeyTable, E: Entropy> Codec for Sealing<K, E> {
    fn encode(&mut self, event: &Event, record: &mut Vec<u8>) -> Result<(), CodecError> {
        self.follow(&event.fact);
        let Some(Personal { whose, redacted }) = personal(&event.fact) else {
            return serde_json::to_writer(record, event).map_err(|error| unwritten(error.into()));
        };
        let public = Event { no: event.no, at: event.at, fact: redacted };
        let values = differing(event, &public).map_err(|error| unwritten(error.into()))?;
        let contact = self.contact(whose);
        let start = record.len();
        serde_json::to_writer(&mut *record, &public).map_err(|error| unwritten(error.into()))?;
        let Some(key) = self.locking_key(contact)?.filter(|_| !values.is_empty()) else {
            return Ok(());
        };
        record.pop();
        let rest = authenticated(&record[start..], contact);
        let values = serde_json::to_vec(&values).map_err(|error| unwritten(error.into()))?;
        let boxed = envelope::lock(&key, &mut self.entropy, &rest, &values).map_err(no_entropy)?;
        record.extend_from_slice(&SEAL[..SEAL.len() - 1]);
        serde_json::to_writer(&mut *record, &Sealed { contact, boxed })
            .map_err(|error| unwritten(error.into()))?;
        record.push(b'}');
        Ok(())
    }

    fn decode(&mut self, record: &[u8]) -> Result<Event, CodecError> {
        let at = record.windows(SEAL.len()).rposition(|window| window == SEAL);
        let event = match at {
            Some(at) if record.ends_with(b"}}") => {
                self.open(&record[..at], &record[at + SEAL.len() - 1..record.len() - 1])?
            }
            Some(_) | None => serde_json::from_slice(record).map_err(|error| malformed(&error))?,
        };
        self.follow(&event.fact);
        Ok(event)
    }

    fn sync(&mut self) -> Result<(), CodecError> {
        self.keys.sync().map_err(unavailable)
    }
}

impl<K: fmt::Debug, E> fmt::Debug for Sealing<K, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealing").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Returns the fields of an event that another one has otherwise.
fn differing(event: &Event, public: &Event) -> Result<Map<String, Value>, serde_json::Error> {
    let (Value::Object(fields), public) =
        (serde_json::to_value(event)?, serde_json::to_value(public)?)
    else {
        return Ok(Map::new());
    };
    Ok(fields.into_iter().filter(|(name, value)| public.get(name) != Some(value)).collect())
}

/// Returns what a box is bound to: the rest of its record, and whose it is.
fn authenticated(rest: &[u8], contact: ContactId) -> Vec<u8> {
    [b"cti-seal/1 ", contact.to_string().as_bytes(), b" ", rest].concat()
}

fn malformed(error: &serde_json::Error) -> CodecError {
    CodecError::Malformed { reason: error.to_string() }
}

fn unwritten(source: io::Error) -> CodecError {
    CodecError::Unavailable { what: "serialise", source }
}

fn no_entropy(source: io::Error) -> CodecError {
    CodecError::Unavailable { what: "seal", source }
}

fn unavailable(error: KeyError) -> CodecError {
    CodecError::Unavailable { what: "use keys", source: io::Error::other(error) }
}
