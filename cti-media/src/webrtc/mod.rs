//! Browsers as parties of a call: ICE, DTLS and SRTP around the RTP that every other leg has.
//!
//! ```text
//!   socket ──datagram──▶ Peer ──RTP in clear──▶ judge, bridge, mix, record …
//!          ◀─datagram─── (str0m) ◀─RTP in clear── bridge, mix, play, keys
//! ```
//!
//! A [`Peer`] belongs to one leg and has no socket, clock or thread: the media worker feeds it datagrams and
//! time and carries out what it says. This side is an ICE-lite agent (RFC 8445 §2.5): it has one address, and
//! the browser looks for it. Session descriptions are ours; str0m gets what they agreed on.

mod crypto;
mod identity;
mod peer;
#[cfg(test)]
mod tests;

pub(crate) use identity::Identity;
pub use identity::IdentityError;
pub(crate) use peer::{Happening, Peer, write_plain};
