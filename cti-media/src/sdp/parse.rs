//! Reads the audio stream out of a peer's description.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, Rtcp, RtpMap};

use super::{
    COMFORT_NOISE_PAYLOAD_TYPE, Direction, PTIME_MS, Profile, ProtectionError,
    secure::{self, Keys},
};
use crate::codec::{Encoding, SAMPLE_RATE};

/// The largest description that is looked at, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The most streams a description may have.
const MAX_STREAMS: usize = 32;

/// A session description could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text is larger than any honest description.
    #[error("session description is {0} bytes, more than 16384")]
    TooLarge(usize),
    /// The text breaks the grammar of RFC 8866.
    #[error("session description is malformed: {0}")]
    Malformed(String),
    /// There are more `m=` lines than any honest description has.
    #[error("session description has {0} streams, more than 32")]
    TooManyStreams(usize),
    /// The audio stream has no `c=` line of its own and neither has the session.
    #[error("c= is missing for the audio stream")]
    NoConnection,
    /// The address in `c=` is not a unicast IP address.
    #[error("c= has no usable unicast IP address: {0}")]
    BadAddress(String),
    /// No stream is RTP audio with a port, protected as this side wants it.
    #[error("m= has no RTP audio stream of the wanted protection")]
    NoAudio,
    /// The protection of the stream cannot be used.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
}

/// A peer's description, reduced to what matters here.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) streams: Vec<Stream>,
    pub(super) audio: Audio,
}

/// One `m=` line as it must be mirrored in an answer.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) media: String,
    pub(super) proto: String,
    pub(super) fmt: String,
}

/// The audio stream that is used.
#[derive(Clone, Debug)]
pub(super) struct Audio {
    /// Position among the streams.
    pub(super) index: usize,
    pub(super) rtp: SocketAddr,
    pub(super) rtcp: SocketAddr,
    /// Codecs we know, in the peer's order.
    pub(super) codecs: Vec<Encoding>,
    pub(super) dtmf: Option<u8>,
    pub(super) comfort_noise: bool,
    /// Direction as the peer wrote it.
    pub(super) direction: Direction,
    pub(super) ptime: u8,
    pub(super) keys: Keys,
}

/// Returns how the first audio stream of a description is protected, if there is one that could be used.
///
/// # Errors
///
/// Fails when the description is malformed.
pub fn profile_of(text: &[u8]) -> Result<Option<Profile>, ParseError> {
    let session = read(text)?;
    Ok(session.medias.iter().find_map(audio_profile))
}

pub(super) fn parse(text: &[u8], wanted: Profile) -> Result<Description, ParseError> {
    let session = read(text)?;
    describe(&session, wanted)
}

fn read(text: &[u8]) -> Result<sdp_types::Session, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::TooLarge(text.len()));
    }
    let session = sdp_types::Session::parse(text)
        .map_err(|error| ParseError::Malformed(error.to_string()))?;
    if session.medias.len() > MAX_STREAMS {
        return Err(ParseError::TooManyStreams(session.medias.len()));
    }
    Ok(session)
}

fn describe(session: &sdp_types::Session, wanted: Profile) -> Result<Description, ParseError> {
    let (index, media) = session
        .medias
        .iter()
        .enumerate()
        .find(|(_, media)| audio_profile(media) == Some(wanted))
        .ok_or(ParseError::NoAudio)?;

    let connection = media
        .connections
        .first()
        .or(session.connection.as_ref())
        .ok_or(ParseError::NoConnection)?;
    let address = unicast(&connection.connection_address)?;
    let mut direction = direction_of(|name| media.has_attribute(name))
        .or_else(|| direction_of(|name| session.has_attribute(name)))
        .unwrap_or_default();
    // Before its candidates are known a browser has no address; it does not hold by that.
    if address.is_unspecified() && wanted != Profile::Dtls {
        // RFC 3264 §8.4: 0.0.0.0 is the older way to hold; the peer hears nothing.
        direction = direction.and(Direction::SendOnly);
    }
    let audio = Audio {
        index,
        rtp: SocketAddr::new(address, media.port),
        rtcp: rtcp_address(media, address),
        codecs: codecs_of(media),
        dtmf: dtmf_of(media),
        comfort_noise: payload_types(media).any(|it| it == COMFORT_NOISE_PAYLOAD_TYPE),
        direction,
        ptime: ptime_of(media),
        keys: secure::read(session, media, wanted)?,
    };
    let streams = session
        .medias
        .iter()
        .map(|media| Stream {
            media: media.media.clone(),
            proto: media.proto.clone(),
            fmt: media.fmt.clone(),
        })
        .collect();
    Ok(Description { streams, audio })
}

fn audio_profile(media: &Media) -> Option<Profile> {
    let used = media.media == "audio" && media.port != 0;
    Profile::of_protocol(&media.proto).filter(|_| used)
}

fn unicast(text: &str) -> Result<IpAddr, ParseError> {
    let address: IpAddr = text.parse().map_err(|_| ParseError::BadAddress(text.to_owned()))?;
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    if address.is_multicast() || broadcast {
        return Err(ParseError::BadAddress(text.to_owned()));
    }
    Ok(address)
}

fn direction_of(has: impl Fn(&str) -> bool) -> Option<Direction> {
    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
        .into_iter()
        .find(|direction| has(direction.attribute()))
}

fn rtcp_address(media: &Media, address: IpAddr) -> SocketAddr {
    // RFC 3550 §11: RTCP uses the next higher port; RFC 3605 lets the peer say otherwise.
    let default = SocketAddr::new(address, media.port.saturating_add(1));
    let Some(Ok(rtcp)) = media.get_first_attribute_typed::<Rtcp>() else { return default };
    // The address of a=rtcp is ignored: it must not make us send to a third party.
    if rtcp.port == 0 { default } else { SocketAddr::new(address, rtcp.port) }
}

fn codecs_of(media: &Media) -> Vec<Encoding> {
    let mut codecs = Vec::new();
    for payload_type in payload_types(media) {
        let Some(codec) = Encoding::from_payload_type(payload_type) else { continue };
        let renamed = rtpmaps(media).any(|map| {
            map.payload_type == payload_type
                && !map.encoding_name.eq_ignore_ascii_case(codec.name())
        });
        if !renamed && !codecs.contains(&codec) {
            codecs.push(codec);
        }
    }
    codecs
}

fn dtmf_of(media: &Media) -> Option<u8> {
    rtpmaps(media)
        .find(|map| {
            map.encoding_name.eq_ignore_ascii_case("telephone-event")
                && map.clock_rate == SAMPLE_RATE
                && (96..=127).contains(&map.payload_type)
                && payload_types(media).any(|payload_type| payload_type == map.payload_type)
        })
        .map(|map| map.payload_type)
}

fn ptime_of(media: &Media) -> u8 {
    let value = media.get_first_attribute_value("ptime").flatten();
    match value.and_then(|text| text.trim().parse().ok()) {
        Some(ptime @ (10 | 20 | 30 | 40 | 60)) => ptime,
        Some(_) | None => PTIME_MS,
    }
}

fn payload_types(media: &Media) -> impl Iterator<Item = u8> {
    media.fmt.split_ascii_whitespace().filter_map(|text| text.parse().ok())
}

fn rtpmaps(media: &Media) -> impl Iterator<Item = RtpMap> {
    media.attributes_typed::<RtpMap>().filter_map(Result::ok)
}
