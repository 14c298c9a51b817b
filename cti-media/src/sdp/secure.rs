//! Reads and writes the attributes of protected streams.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sdp_types::Media;

use super::protect::{IceCredentials, Profile, SrtpKey, SrtpSuite};

/// Sources of one stream that are remembered.
const MAX_SOURCES: usize = 4;

/// Why a protected stream cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtectionError {
    /// No line has a suite we know, or its key is malformed.
    #[error("a=crypto has no usable suite and key")]
    NoKey,
    /// ICE has no name or no password.
    #[error("a=ice-ufrag or a=ice-pwd is missing")]
    NoCredentials,
    /// Neither side would look for the other.
    #[error("a=ice-lite on both sides")]
    BothLite,
    /// There is no SHA-256 of the certificate.
    #[error("a=fingerprint has no sha-256")]
    NoFingerprint,
    /// RTP and RTCP would need two ports.
    #[error("a=rtcp-mux is missing")]
    NoMux,
    /// The role in the handshake cannot be taken.
    #[error("a=setup cannot be answered")]
    BadSetup,
    /// The certificate differs from the one the talk began with.
    #[error("a=fingerprint differs from the one the talk began with")]
    NewCertificate,
}

/// What a peer's stream says about its protection.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    Plain,
    Sdes { tag: u32, suite: SrtpSuite, key: SrtpKey },
    Dtls(DtlsKeys),
}

#[derive(Clone, Debug)]
pub(super) struct DtlsKeys {
    pub(super) ice: IceCredentials,
    pub(super) fingerprint: [u8; 32],
    pub(super) setup: Setup,
    pub(super) mid: Option<String>,
    pub(super) sources: Vec<u32>,
}

/// Who begins the handshake (RFC 4145 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    Active,
    Passive,
    Either,
}

impl Setup {
    pub(super) const fn attribute(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::Either => "actpass",
        }
    }
}

pub(super) fn read(
    session: &sdp_types::Session,
    media: &Media,
    profile: Profile,
) -> Result<Keys, ProtectionError> {
    match profile {
        Profile::Plain => Ok(Keys::Plain),
        Profile::Sdes => read_crypto(media).ok_or(ProtectionError::NoKey),
        Profile::Dtls => read_dtls(session, media).map(Keys::Dtls),
    }
}

fn read_crypto(media: &Media) -> Option<Keys> {
    let lines: Vec<_> = values(media, "crypto").filter_map(crypto_line).collect();
    let of = |wanted| lines.iter().find(|(_, suite, _)| *suite == wanted);
    let (tag, suite, key) = SrtpSuite::ALL.into_iter().find_map(of)?.clone();
    Some(Keys::Sdes { tag, suite, key })
}

/// `tag suite inline:key|lifetime`; parameters of the session and master key indices are not for us.
fn crypto_line(line: &str) -> Option<(u32, SrtpSuite, SrtpKey)> {
    let mut words = line.split_ascii_whitespace();
    let tag = words.next()?.parse().ok()?;
    let name = words.next()?;
    let suite = SrtpSuite::ALL.into_iter().find(|suite| suite.name() == name)?;
    let mut parts = words.next()?.strip_prefix("inline:")?.split('|');
    let key = BASE64.decode(parts.next()?).ok()?;
    let indexed = parts.any(|part| part.contains(':'));
    let key = SrtpKey(key.try_into().ok()?);
    (!indexed && words.next().is_none()).then_some((tag, suite, key))
}

pub(super) fn write_crypto(media: &mut Media, tag: u32, suite: SrtpSuite, key: &SrtpKey) {
    let value = format!("{tag} {} inline:{}", suite.name(), BASE64.encode(key.0));
    media.add_attribute_with_value("crypto", value);
}

fn read_dtls(session: &sdp_types::Session, media: &Media) -> Result<DtlsKeys, ProtectionError> {
    let value = |name| {
        let own = media.get_first_attribute_value(name).flatten();
        own.or_else(|| session.get_first_attribute_value(name).flatten()).map(str::to_owned)
    };
    if session.has_attribute("ice-lite") {
        return Err(ProtectionError::BothLite);
    }
    if !media.has_attribute("rtcp-mux") {
        return Err(ProtectionError::NoMux);
    }
    let ice = value("ice-ufrag").zip(value("ice-pwd"));
    let (name, password) = ice.ok_or(ProtectionError::NoCredentials)?;
    // RFC 8839 §5.4.
    if !(4..=256).contains(&name.len()) || !(22..=256).contains(&password.len()) {
        return Err(ProtectionError::NoCredentials);
    }
    let lines = media.attributes.iter().chain(&session.attributes);
    let fingerprint = lines
        .filter(|it| it.attribute == "fingerprint")
        .find_map(|it| sha256(it.value.as_deref()?))
        .ok_or(ProtectionError::NoFingerprint)?;
    let setup = match value("setup").as_deref() {
        Some("active") => Setup::Active,
        Some("passive") => Setup::Passive,
        Some("actpass") => Setup::Either,
        Some(_) | None => return Err(ProtectionError::BadSetup),
    };
    let mut sources: Vec<u32> = Vec::new();
    for line in values(media, "ssrc") {
        let source = line.split(' ').next().and_then(|text| text.parse().ok());
        sources.extend(source.filter(|it| sources.len() < MAX_SOURCES && !sources.contains(it)));
    }
    let mid = media.get_first_attribute_value("mid").flatten().map(str::to_owned);
    let ice = IceCredentials { name, password };
    Ok(DtlsKeys { ice, fingerprint, setup, mid, sources })
}

fn sha256(line: &str) -> Option<[u8; 32]> {
    let (algorithm, digest) = line.split_once(' ')?;
    if !algorithm.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let digits: String = digest.trim().split(':').collect();
    hex::decode(digits).ok()?.try_into().ok()
}

pub(super) fn write_fingerprint(digest: &[u8; 32]) -> String {
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("sha-256 {}", pairs.join(":"))
}

fn values<'a>(media: &'a Media, name: &'a str) -> impl Iterator<Item = &'a str> {
    media
        .attributes
        .iter()
        .filter(move |it| it.attribute == name)
        .filter_map(|it| it.value.as_deref())
}
