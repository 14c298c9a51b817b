//! Session descriptions: offers, answers and what two parties agreed on (RFC 3264, RFC 8866).
//!
//! Only one audio stream is ever used; every other stream of an offer is refused with port 0. The
//! functions are pure; [`Session`] remembers what must not change between two descriptions of the
//! same dialog (origin, session id, version).

mod negotiate;
mod parse;
mod protect;
mod secure;
mod session;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

pub use negotiate::{Direction, Negotiated};
pub use parse::{ParseError, profile_of};
pub use protect::{
    DtlsLocal, DtlsPeer, IceCredentials, Profile, Protect, Protection, SdesKeys, SrtpKey, SrtpSuite,
};
pub use secure::ProtectionError;
pub use session::{AnswerError, OfferError, Session};

use crate::codec::Encoding;

/// Payload type offered for telephone events (RFC 4733); a dynamic one that nearly everyone uses.
pub const DTMF_PAYLOAD_TYPE: u8 = 101;

/// Static payload type of comfort noise (RFC 3389 §4).
pub const COMFORT_NOISE_PAYLOAD_TYPE: u8 = 13;

/// Packet duration that is offered and sent, in milliseconds.
pub const PTIME_MS: u8 = 20;

/// What this side puts into its descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Address the peer shall send RTP to.
    pub rtp: SocketAddr,
    /// Codecs this side accepts, the preferred one first.
    pub codecs: Vec<Encoding>,
    /// Whose order of preference decides in an answer.
    pub preference: Preference,
    /// Whether telephone events are offered and accepted.
    pub telephone_events: bool,
    /// How the stream is protected; a peer that protects it otherwise is refused.
    pub protect: Protect,
}

impl Local {
    /// Returns the usual description: A-law, µ-law and G.722, our preference, telephone events.
    #[must_use]
    pub fn new(rtp: SocketAddr) -> Self {
        Self {
            rtp,
            codecs: Encoding::ALL.to_vec(),
            preference: Preference::Ours,
            telephone_events: true,
            protect: Protect::Plain,
        }
    }

    /// Returns the same, protected.
    #[must_use]
    pub fn protected(self, protect: Protect) -> Self {
        Self { protect, ..self }
    }
}

/// Whose order of codecs decides in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// The first of our codecs that the offer has.
    #[default]
    Ours,
    /// The first codec of the offer that we have; saves the far end a transcoding.
    Theirs,
}
