//! Random tokens, and the one-time tickets for WebSockets.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cti_bindings::rest::authorize::Principal;
use cti_core::time::Timestamp;
use hotline_store::users::TokenHash;
use sha2::{Digest as _, Sha256};

/// How long a one-time ticket can be used.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);
/// The most tickets that wait to be used.
const TICKETS: usize = 10_000;

/// 256 random bits that prove who someone is; only their hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// The system has no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system has no randomness: {0}")]
pub struct NoRandomness(getrandom::Error);

impl Token {
    /// Returns a new token.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads a token from its text; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Returns the text that the client gets.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Returns what is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The one-time tickets that have not been used.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<BTreeMap<TokenHash, (Timestamp, Principal)>>);

impl Tickets {
    /// Keeps a ticket; returns when it ends, or nothing when too many wait.
    #[must_use]
    pub fn put(&self, now: Timestamp, token: &Token, who: Principal) -> Option<Timestamp> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, (expires, _)| *expires > now);
        if tickets.len() >= TICKETS {
            return None;
        }
        let expires = now + TICKET_LIFE;
        tickets.insert(token.hash(), (expires, who));
        Some(expires)
    }

    /// Takes a ticket; returns whose it was, unless it is too old.
    #[must_use]
    pub fn redeem(&self, now: Timestamp, token: &Token) -> Option<Principal> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (expires, who) = tickets.remove(&token.hash())?;
        (expires > now).then_some(who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn someone() -> Principal {
        Principal {
            name: "8001".to_owned(),
            role: "agent".to_owned(),
            agent: None,
            queues: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn a_ticket_works_once_and_not_for_long() {
        let tickets = Tickets::default();
        let (first, second) = (Token::new().unwrap(), Token::new().unwrap());
        let at = Timestamp::from_secs;
        tickets.put(at(10), &first, someone()).unwrap();
        tickets.put(at(10), &second, someone()).unwrap();
        assert_eq!(tickets.redeem(at(11), &first), Some(someone()));
        assert_eq!(tickets.redeem(at(11), &first), None);
        assert_eq!(tickets.redeem(at(40), &second), None);
    }

    #[test]
    fn a_token_is_read_back_and_never_printed() {
        let token = Token::new().unwrap();
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(Token::parse("short"), None);
    }
}
