//! What two parties agreed on, as the media engine needs it.

use std::net::SocketAddr;

use super::Protection;
use crate::codec::{Encoding, EncodingSet};

/// Which way audio flows, seen from this side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// This side sends only: the peer does not talk to us (it was put on hold by us).
    SendOnly,
    /// This side receives only: the peer does not want to hear us (it holds us).
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    /// Returns whether this side may send audio.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Returns whether this side expects audio.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// Returns the direction for given abilities.
    #[must_use]
    pub const fn from_flow(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Returns the same flow seen from the other side.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self::from_flow(self.receives(), self.sends())
    }

    /// Returns what remains when both sides' wishes, each seen from this side, are respected.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self::from_flow(self.sends() && other.sends(), self.receives() && other.receives())
    }

    pub(super) const fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// The outcome of one offer and answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Where the peer said it receives RTP; unspecified (`0.0.0.0`) while it holds in the old way.
    pub remote: SocketAddr,
    /// Where the peer receives RTCP: the next port unless `a=rtcp` says otherwise (RFC 3605).
    pub rtcp: SocketAddr,
    /// The codec this side sends.
    pub codec: Encoding,
    /// The codecs the peer may send.
    pub receive_codecs: EncodingSet,
    /// Payload type of telephone events this side sends, if the peer takes them.
    pub dtmf_pt: Option<u8>,
    /// Payload type of telephone events the peer sends, if any.
    pub dtmf_receive_pt: Option<u8>,
    /// Whether the peer may send comfort noise while it is silent, and takes it.
    pub comfort_noise: bool,
    /// Which way audio flows, seen from this side.
    pub direction: Direction,
    /// Packet duration the peer asked for, in milliseconds; this side sends 20 ms all the same.
    pub ptime: u8,
    /// How the stream is protected.
    pub protection: Protection,
}

impl Negotiated {
    /// Returns an agreement for plain two-way audio with telephone events on the usual payload type.
    #[must_use]
    pub fn simple(remote: SocketAddr, codec: impl Into<Encoding>) -> Self {
        let codec = codec.into();
        let mut rtcp = remote;
        rtcp.set_port(remote.port().saturating_add(1));
        Self {
            remote,
            rtcp,
            codec,
            receive_codecs: EncodingSet::default().with(codec),
            dtmf_pt: Some(super::DTMF_PAYLOAD_TYPE),
            dtmf_receive_pt: Some(super::DTMF_PAYLOAD_TYPE),
            comfort_noise: false,
            direction: Direction::SendRecv,
            ptime: super::PTIME_MS,
            protection: Protection::Plain,
        }
    }

    /// Returns whether this side may send RTP to the peer.
    #[must_use]
    pub fn may_send(&self) -> bool {
        // Where a browser is, its checks of connectivity tell.
        let found = matches!(self.protection, Protection::Dtls(_));
        let somewhere = !self.remote.ip().is_unspecified() && self.remote.port() != 0;
        self.direction.sends() && (found || somewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_reversed_twice_is_itself() {
        for direction in
            [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
        {
            assert_eq!(direction.reversed().reversed(), direction);
        }
        assert_eq!(Direction::SendOnly.reversed(), Direction::RecvOnly);
    }

    #[test]
    fn sides_that_both_only_send_hear_nothing() {
        let theirs = Direction::SendOnly.reversed();
        assert_eq!(Direction::SendOnly.and(theirs), Direction::Inactive);
    }
}
