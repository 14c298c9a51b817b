//! How a stream is protected: not at all, by keys in the description, or by a handshake of its own.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The kinds of protection, by the transport protocol that names them in `m=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `RTP/AVP`: anyone on the way can listen.
    Plain,
    /// `RTP/SAVP`: SRTP with keys in the description (RFC 4568).
    Sdes,
    /// `UDP/TLS/RTP/SAVPF`: SRTP with keys from a DTLS handshake (RFC 5763), as browsers speak it (RFC 8827).
    Dtls,
}

impl Profile {
    /// Returns the profile that a transport protocol names.
    #[must_use]
    pub fn of_protocol(protocol: &str) -> Option<Self> {
        match protocol {
            "RTP/AVP" | "RTP/AVPF" => Some(Self::Plain),
            "RTP/SAVP" | "RTP/SAVPF" => Some(Self::Sdes),
            "UDP/TLS/RTP/SAVPF" | "UDP/TLS/RTP/SAVP" => Some(Self::Dtls),
            _ => None,
        }
    }

    pub(super) fn protocol(self) -> &'static str {
        match self {
            Self::Plain => "RTP/AVP",
            Self::Sdes => "RTP/SAVP",
            Self::Dtls => "UDP/TLS/RTP/SAVPF",
        }
    }
}

/// What this side brings along to protect a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protect {
    /// Nothing.
    #[default]
    Plain,
    /// The key this side sends with.
    Sdes(SrtpKey),
    /// A certificate, and a secret that names and passwords of ICE are made of.
    Dtls(DtlsLocal),
}

impl Protect {
    /// Returns the kind of protection.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match self {
            Self::Plain => Profile::Plain,
            Self::Sdes(_) => Profile::Sdes,
            Self::Dtls(_) => Profile::Dtls,
        }
    }
}

/// Key and salt of SRTP, as `a=crypto` carries them: 16 and 14 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpKey(pub [u8; 30]);

impl fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SrtpKey(…)")
    }
}

/// A transform of SRTP (RFC 4568 §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrtpSuite {
    /// AES in counter mode with a tag of 80 bits.
    AesCm128HmacSha1_80,
    /// The same with a tag of 32 bits; control packets have 80 all the same.
    AesCm128HmacSha1_32,
}

impl SrtpSuite {
    /// Every suite, in our order of preference.
    pub const ALL: [Self; 2] = [Self::AesCm128HmacSha1_80, Self::AesCm128HmacSha1_32];

    /// Returns the name in `a=crypto`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }
}

/// What this side says of itself in a description for a browser.
#[derive(Clone, PartialEq, Eq)]
pub struct DtlsLocal {
    /// SHA-256 of our certificate.
    pub fingerprint: [u8; 32],
    /// Random bytes that nobody else knows.
    pub seed: [u8; 32],
}

impl fmt::Debug for DtlsLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DtlsLocal").finish_non_exhaustive()
    }
}

impl DtlsLocal {
    /// The credentials after `restarts` restarts of ICE; each restart has its own (RFC 8839 §4.4.3.1.1).
    pub(super) fn credentials(&self, restarts: u32) -> IceCredentials {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(restarts.to_be_bytes());
        let text = hex::encode(hash.finalize());
        IceCredentials { name: text[..8].to_owned(), password: text[8..40].to_owned() }
    }
}

/// Name and password of one side's ICE.
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// The name fragment.
    pub name: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceCredentials").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What was agreed on about the protection of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Nothing protects it.
    #[default]
    Plain,
    /// SRTP with these keys.
    Sdes(Box<SdesKeys>),
    /// ICE, a DTLS handshake, and SRTP with its keys.
    Dtls(Box<DtlsPeer>),
}

/// The keys that two descriptions agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdesKeys {
    /// The transform.
    pub suite: SrtpSuite,
    /// What this side sends with.
    pub send: SrtpKey,
    /// What the peer sends with.
    pub receive: SrtpKey,
}

/// What two descriptions agreed on before a DTLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtlsPeer {
    /// Our credentials of ICE.
    pub local: IceCredentials,
    /// The peer's.
    pub remote: IceCredentials,
    /// SHA-256 of the peer's certificate.
    pub fingerprint: [u8; 32],
    /// Whether this side begins the handshake.
    pub active: bool,
    /// The sources the peer announced; empty where it named none.
    pub sources: Vec<u32>,
}
