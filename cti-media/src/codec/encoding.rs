//! What a peer sends and takes on the wire.

use std::fmt;

use super::Codec;

/// An encoding of a negotiated stream; all of them carry one byte per 1/8000 s.
///
/// Inside, voices are G.711 or linear samples at 8 kHz: a G.722 peer is converted at the socket
/// ([`Wideband`](super::Wideband)), unless it is bridged to another one and passed through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// A-law or µ-law.
    G711(Codec),
    /// Sub-band ADPCM at 64 kbit/s, 7 kHz wide (static payload type 9).
    G722,
}

impl Encoding {
    /// Every encoding, in our order of preference.
    pub const ALL: [Self; 3] = [Self::G711(Codec::Pcma), Self::G711(Codec::Pcmu), Self::G722];

    /// Returns the static RTP payload type (RFC 3551 §6).
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::G711(codec) => codec.payload_type(),
            Self::G722 => 9,
        }
    }

    /// Returns the encoding that a static payload type names.
    #[must_use]
    pub const fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            9 => Some(Self::G722),
            other => match Codec::from_payload_type(other) {
                Some(codec) => Some(Self::G711(codec)),
                None => None,
            },
        }
    }

    /// Returns the name used in `a=rtpmap`; its clock is 8000 for all of them (RFC 3551 §4.5.2).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::G711(codec) => codec.name(),
            Self::G722 => "G722",
        }
    }

    /// Returns the G.711 law that stands for this encoding inside.
    #[must_use]
    pub const fn law(self) -> Codec {
        match self {
            Self::G711(codec) => codec,
            Self::G722 => Codec::Pcma,
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::G711(Codec::Pcma) => 1,
            Self::G711(Codec::Pcmu) => 2,
            Self::G722 => 4,
        }
    }
}

impl From<Codec> for Encoding {
    fn from(codec: Codec) -> Self {
        Self::G711(codec)
    }
}

impl PartialEq<Codec> for Encoding {
    fn eq(&self, other: &Codec) -> bool {
        *self == Self::G711(*other)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The encodings a peer may send on one leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncodingSet(u8);

impl EncodingSet {
    /// Returns the set with `encoding` added.
    #[must_use]
    pub const fn with(self, encoding: Encoding) -> Self {
        Self(self.0 | encoding.bit())
    }

    /// Returns whether `encoding` is in the set.
    #[must_use]
    pub const fn contains(self, encoding: Encoding) -> bool {
        self.0 & encoding.bit() != 0
    }

    /// Returns whether no encoding is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Encoding> for EncodingSet {
    fn from_iter<I: IntoIterator<Item = Encoding>>(encodings: I) -> Self {
        encodings.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_contains_what_was_added_and_nothing_else() {
        for one in Encoding::ALL {
            let set = EncodingSet::default().with(one);
            assert!(Encoding::ALL.into_iter().all(|other| set.contains(other) == (other == one)));
            assert!(!set.is_empty());
            assert_eq!(Encoding::from_payload_type(one.payload_type()), Some(one));
        }
        assert!(EncodingSet::default().is_empty());
        assert_eq!(Encoding::from_payload_type(18), None);
    }
}
