//! Writes our descriptions and remembers what RFC 3264 §8 forbids to change between them.

mod handshake;

use std::net::SocketAddr;

use sdp_types::{Connection, Media, MediaType, Origin, RtpMap, TransportProto};

use self::handshake::{Handshake, MID};
use super::{
    COMFORT_NOISE_PAYLOAD_TYPE, DTMF_PAYLOAD_TYPE, Direction, Local, Negotiated, PTIME_MS,
    ParseError, Preference, Protect, Protection, SrtpSuite,
    parse::{self, Audio, Stream},
    secure::{self, Keys, Setup},
};
use crate::codec::{Encoding, EncodingSet, SAMPLE_RATE};

/// The tag of the one key that an offer of ours has.
const TAG: u32 = 1;

/// One side of the offers and answers of one dialog.
///
/// ```
/// use cti_media::sdp::{Direction, Local, Session};
///
/// let mut caller = Session::new(1, Local::new("127.0.0.1:40000".parse()?));
/// let mut server = Session::new(2, Local::new("127.0.0.2:41000".parse()?));
///
/// let offer = caller.offer(Direction::SendRecv);
/// let (answer, at_server) = server.answer(offer.as_bytes(), Direction::SendRecv)?;
/// let at_caller = caller.accept(answer.as_bytes())?;
///
/// assert_eq!(at_server.remote, "127.0.0.1:40000".parse()?);
/// assert_eq!(at_caller.remote, "127.0.0.2:41000".parse()?);
/// assert_eq!(at_caller.codec, at_server.codec);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    local: Local,
    id: u64,
    version: u64,
    /// The last description sent, without its origin line's version.
    sent: Option<sdp_types::Session>,
    /// Streams in the order of the first description; a re-offer must repeat them all.
    streams: Vec<Stream>,
    audio_index: usize,
    offered: Direction,
    /// What is known of the peer's protection, which must not change unnoticed.
    handshake: Handshake,
}

/// An offer could not be answered; SIP says 488 (or 400 for a malformed one).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The offer could not be understood.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The offer has no codec that this side speaks.
    #[error("m=audio offers no common codec")]
    NoCommonCodec,
}

/// An answer does not fit the offer it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The answer could not be understood, or refuses the audio stream.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The answer has no codec that was offered.
    #[error("m=audio answers with no codec that was offered")]
    NoCommonCodec,
    /// There is no offer that this could be an answer to.
    #[error("no offer was made")]
    NoOffer,
}

impl Session {
    /// Starts the descriptions of one dialog; `id` becomes the session id of the origin line.
    #[must_use]
    pub fn new(id: u64, local: Local) -> Self {
        Self {
            local,
            id,
            version: 0,
            sent: None,
            streams: Vec::new(),
            audio_index: 0,
            offered: Direction::SendRecv,
            handshake: Handshake::default(),
        }
    }

    /// Returns an offer, or a re-offer that keeps every stream where it was.
    ///
    /// `direction` is ours: [`Direction::SendOnly`] puts the peer on hold.
    pub fn offer(&mut self, direction: Direction) -> String {
        self.offered = direction;
        let codecs = self.local.codecs.clone();
        let dtmf = self.local.telephone_events.then_some(DTMF_PAYLOAD_TYPE);
        let proto = self.local.protect.profile().protocol();
        let port = self.local.rtp.port();
        let mut audio = audio_media(port, proto, &codecs, None, dtmf, direction);
        match &self.local.protect {
            Protect::Plain => {}
            Protect::Sdes(key) => secure::write_crypto(&mut audio, TAG, SrtpSuite::ALL[0], key),
            Protect::Dtls(local) => self.write_dtls(&mut audio, local, Setup::Either),
        }
        self.describe(audio)
    }

    /// Answers an offer; `direction` is what this side wishes for, the offer may narrow it.
    ///
    /// # Errors
    ///
    /// Fails when the offer is malformed, has no audio, or no common codec; nothing is changed then.
    pub fn answer(
        &mut self,
        offer: &[u8],
        direction: Direction,
    ) -> Result<(String, Negotiated), OfferError> {
        let description = parse::parse(offer, self.local.protect.profile())?;
        let theirs = &description.audio;
        let codec = self.choose(&theirs.codecs).ok_or(OfferError::NoCommonCodec)?;
        let agreed = direction.and(theirs.direction.reversed());
        let dtmf = theirs.dtmf.filter(|_| self.local.telephone_events);
        let (protection, handshake) = self.agree(&theirs.keys, true)?;
        let negotiated = Negotiated {
            protection,
            ..negotiated(theirs, codec, EncodingSet::default().with(codec), dtmf, dtmf, agreed)
        };

        self.handshake = handshake;
        self.audio_index = theirs.index;
        let proto = description.streams[theirs.index].proto.clone();
        let keys = theirs.keys.clone();
        self.streams = description.streams;
        let noise = theirs.comfort_noise.then_some(COMFORT_NOISE_PAYLOAD_TYPE);
        let mut audio = audio_media(self.local.rtp.port(), &proto, &[codec], noise, dtmf, agreed);
        match (&self.local.protect, keys) {
            (Protect::Sdes(key), Keys::Sdes { tag, suite, .. }) => {
                secure::write_crypto(&mut audio, tag, suite, key);
            }
            (Protect::Dtls(local), Keys::Dtls(_)) => {
                let setup = if self.handshake.active { Setup::Active } else { Setup::Passive };
                self.write_dtls(&mut audio, local, setup);
            }
            (Protect::Plain | Protect::Sdes(_) | Protect::Dtls(_), _) => {}
        }
        Ok((self.describe(audio), negotiated))
    }

    /// Takes the peer's answer to our last offer.
    ///
    /// # Errors
    ///
    /// Fails when the answer is malformed, refuses the stream, or names no offered codec.
    pub fn accept(&mut self, answer: &[u8]) -> Result<Negotiated, AnswerError> {
        if self.sent.is_none() {
            return Err(AnswerError::NoOffer);
        }
        let description = parse::parse(answer, self.local.protect.profile())?;
        let theirs = &description.audio;
        let common: Vec<Encoding> = theirs
            .codecs
            .iter()
            .copied()
            .filter(|codec| self.local.codecs.contains(codec))
            .collect();
        // RFC 3264 §6.1: the answerer lists what it prefers first.
        let codec = *common.first().ok_or(AnswerError::NoCommonCodec)?;
        let send = theirs.dtmf.filter(|_| self.local.telephone_events);
        let receive = send.map(|_| DTMF_PAYLOAD_TYPE);
        let agreed = self.offered.and(theirs.direction.reversed());
        let agreed = negotiated(theirs, codec, common.into_iter().collect(), send, receive, agreed);
        let (protection, handshake) = self.agree(&theirs.keys, false)?;
        self.handshake = handshake;
        // Comfort noise was not offered.
        Ok(Negotiated { comfort_noise: false, protection, ..agreed })
    }

    /// Returns the address the peer was told to send to.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.local.rtp
    }

    fn choose(&self, theirs: &[Encoding]) -> Option<Encoding> {
        let ours = &self.local.codecs;
        match self.local.preference {
            Preference::Ours => ours.iter().find(|codec| theirs.contains(codec)).copied(),
            Preference::Theirs => theirs.iter().find(|codec| ours.contains(codec)).copied(),
        }
    }

    /// Writes a description with `audio` at its place; the version moves on only when something changed.
    fn describe(&mut self, audio: Media) -> String {
        let address = self.local.rtp.ip();
        let mut session = sdp_types::Session::new(Origin::with_ip_addr(self.id, 0, address), "-");
        session.origin.username = Some("cti".to_owned());
        session.connection = Some(Connection::from_ip_addr(address));
        session.times.push(sdp_types::Time::new(0, 0));
        if matches!(self.local.protect, Protect::Dtls(_)) {
            let mid = self.handshake.mid.as_deref().unwrap_or(MID);
            session.add_attribute_with_value("group", format!("BUNDLE {mid}"));
            session.add_attribute_from_str("ice-lite");
        }
        for (index, stream) in self.streams.iter().enumerate() {
            if index == self.audio_index {
                session.medias.push(audio.clone());
            } else {
                session.medias.push(refused(stream));
            }
        }
        if self.streams.is_empty() {
            self.streams.push(Stream {
                media: audio.media.clone(),
                proto: audio.proto.clone(),
                fmt: audio.fmt.clone(),
            });
            session.medias.push(audio);
        }
        // RFC 3264 §8: the version increases by one exactly when the description differs.
        if self.sent.as_ref() != Some(&session) {
            self.version += 1;
            self.sent = Some(session.clone());
        }
        session.origin.sess_version = self.version;
        write(&session)
    }
}

fn negotiated(
    theirs: &Audio,
    codec: Encoding,
    receive_codecs: EncodingSet,
    dtmf_pt: Option<u8>,
    dtmf_receive_pt: Option<u8>,
    direction: Direction,
) -> Negotiated {
    Negotiated {
        remote: theirs.rtp,
        rtcp: theirs.rtcp,
        codec,
        receive_codecs,
        dtmf_pt,
        dtmf_receive_pt,
        comfort_noise: theirs.comfort_noise,
        direction,
        ptime: theirs.ptime,
        protection: Protection::Plain,
    }
}

fn audio_media(
    port: u16,
    proto: &str,
    codecs: &[Encoding],
    noise: Option<u8>,
    dtmf: Option<u8>,
    direction: Direction,
) -> Media {
    let formats: Vec<String> = codecs
        .iter()
        .map(|codec| codec.payload_type())
        .chain(noise)
        .chain(dtmf)
        .map(|payload_type| payload_type.to_string())
        .collect();
    let mut media = Media::new(MediaType::Audio, port, TransportProto::RtpAvp, formats.join(" "));
    proto.clone_into(&mut media.proto);
    for codec in codecs {
        media.add_attribute(RtpMap::new(codec.payload_type(), codec.name(), SAMPLE_RATE));
    }
    if let Some(payload_type) = noise {
        media.add_attribute(RtpMap::new(payload_type, "CN", SAMPLE_RATE));
    }
    if let Some(payload_type) = dtmf {
        media.add_attribute(RtpMap::new(payload_type, "telephone-event", SAMPLE_RATE));
        media.add_attribute_with_value("fmtp", format!("{payload_type} 0-15"));
    }
    media.add_attribute_with_value("ptime", PTIME_MS);
    media.add_attribute_from_str(direction.attribute());
    media
}

/// RFC 3264 §6: a refused stream keeps its place with port 0.
fn refused(stream: &Stream) -> Media {
    let mut media = Media::new(MediaType::Audio, 0, TransportProto::RtpAvp, &stream.fmt);
    media.media.clone_from(&stream.media);
    media.proto.clone_from(&stream.proto);
    media
}

fn write(session: &sdp_types::Session) -> String {
    let mut bytes = Vec::with_capacity(512);
    session.write(&mut bytes).expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("a description built from strings is UTF-8")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::Codec;

    const PHONE: &str = "v=0\r\no=phone 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\n\
        t=0 0\r\nm=audio 5000 RTP/AVP 0 8 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:96 telephone-event/8000\r\na=ptime:20\r\n";

    fn server() -> Session {
        Session::new(7, Local::new("127.0.0.2:40000".parse().unwrap()))
    }

    fn answer_to(offer: &str) -> (String, Negotiated) {
        server().answer(offer.as_bytes(), Direction::SendRecv).unwrap()
    }

    fn version(description: &str) -> u64 {
        sdp_types::Session::parse(description.as_bytes()).unwrap().origin.sess_version
    }

    #[test]
    fn an_offer_names_our_codecs_and_telephone_events() {
        let offer = server().offer(Direction::SendRecv);
        assert!(offer.contains("m=audio 40000 RTP/AVP 8 0 9 101\r\n"), "{offer}");
        assert!(offer.contains("a=rtpmap:101 telephone-event/8000\r\n"));
        assert!(offer.contains("a=fmtp:101 0-15\r\n"));
        assert!(offer.contains("a=ptime:20\r\n"));
        assert!(offer.contains("c=IN IP4 127.0.0.2\r\n"));
    }

    #[test]
    fn an_answer_follows_our_preference_and_their_payload_type_of_events() {
        let (answer, negotiated) = answer_to(PHONE);
        assert_eq!(negotiated.codec, Codec::Pcma);
        assert_eq!(negotiated.dtmf_pt, Some(96));
        assert_eq!(negotiated.remote, "127.0.0.9:5000".parse().unwrap());
        assert_eq!(negotiated.rtcp, "127.0.0.9:5001".parse().unwrap());
        assert!(answer.contains("m=audio 40000 RTP/AVP 8 96\r\n"), "{answer}");
    }

    #[test]
    fn an_answer_can_follow_their_preference() {
        let mut local = Local::new("127.0.0.2:40000".parse().unwrap());
        local.preference = Preference::Theirs;
        let (_, negotiated) =
            Session::new(7, local).answer(PHONE.as_bytes(), Direction::SendRecv).unwrap();
        assert_eq!(negotiated.codec, Codec::Pcmu);
    }

    #[test]
    fn wideband_is_taken_where_it_is_all_there_is_or_what_they_prefer() {
        let only = PHONE.replace("RTP/AVP 0 8 96", "RTP/AVP 18 9 96");
        let (answer, negotiated) = answer_to(&only);
        assert_eq!(negotiated.codec, Encoding::G722);
        // RFC 3551 §4.5.2: its clock is written as 8000 although it samples at 16000.
        assert!(answer.contains("a=rtpmap:9 G722/8000\r\n"), "{answer}");
        let both = PHONE.replace("RTP/AVP 0 8 96", "RTP/AVP 9 8 96");
        assert_eq!(answer_to(&both).1.codec, Codec::Pcma);
        let mut local = Local::new("127.0.0.2:40000".parse().unwrap());
        local.preference = Preference::Theirs;
        let (_, negotiated) =
            Session::new(7, local).answer(both.as_bytes(), Direction::SendRecv).unwrap();
        assert_eq!(negotiated.codec, Encoding::G722);
    }

    #[test]
    fn comfort_noise_is_taken_where_it_is_offered_and_never_asked_for() {
        let offer = PHONE.replace("RTP/AVP 0 8 96", "RTP/AVP 8 13 96");
        let (answer, negotiated) = answer_to(&offer);
        assert!(negotiated.comfort_noise);
        assert!(answer.contains("m=audio 40000 RTP/AVP 8 13 96\r\n"), "{answer}");
        assert!(answer.contains("a=rtpmap:13 CN/8000\r\n"), "{answer}");
        assert!(!answer_to(PHONE).1.comfort_noise);
        assert!(!server().offer(Direction::SendRecv).contains("CN/8000"));
    }

    #[test]
    fn every_stream_but_the_audio_is_refused_in_its_place() {
        let offer = format!("{PHONE}m=video 5004 RTP/AVP 31\r\nm=image 5006 udptl t38\r\n");
        let (answer, _) = answer_to(&offer);
        assert!(answer.contains("m=video 0 RTP/AVP 31\r\n"), "{answer}");
        assert!(answer.contains("m=image 0 udptl t38\r\n"));

        let video_first = PHONE.replace("m=audio", "m=video 5004 RTP/AVP 31\r\nm=audio");
        let (answer, negotiated) = answer_to(&video_first);
        assert!(answer.find("m=video 0").unwrap() < answer.find("m=audio 40000").unwrap());
        assert_eq!(negotiated.remote.port(), 5000);
    }

    #[test]
    fn an_offer_without_our_codecs_is_a_typed_error() {
        let g729 = PHONE.replace("RTP/AVP 0 8 96", "RTP/AVP 18 96");
        let error = server().answer(g729.as_bytes(), Direction::SendRecv).unwrap_err();
        assert_eq!(error, OfferError::NoCommonCodec);
    }

    #[test]
    fn an_encrypted_or_refused_stream_is_no_audio() {
        for offer in
            [PHONE.replace("RTP/AVP", "RTP/SAVP"), PHONE.replace("m=audio 5000", "m=audio 0")]
        {
            let error = server().answer(offer.as_bytes(), Direction::SendRecv).unwrap_err();
            assert_eq!(error, OfferError::Parse(ParseError::NoAudio));
        }
    }

    #[test]
    fn a_peer_that_holds_is_not_sent_to_and_unhold_undoes_it() {
        for hold in ["a=sendonly\r\n", "a=inactive\r\n"] {
            let (answer, negotiated) = answer_to(&format!("{PHONE}{hold}"));
            assert!(!negotiated.may_send(), "{hold}");
            assert!(!answer.contains("a=sendrecv"), "{answer}");
        }
        let old_style = PHONE.replace("c=IN IP4 127.0.0.9", "c=IN IP4 0.0.0.0");
        let (answer, negotiated) = answer_to(&old_style);
        assert!(!negotiated.may_send());
        assert!(answer.contains("a=recvonly"), "{answer}");
        assert!(answer_to(PHONE).1.may_send());
    }

    #[test]
    fn a_session_level_direction_counts_for_the_stream() {
        let held = PHONE.replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n");
        assert_eq!(answer_to(&held).1.direction, Direction::RecvOnly);
    }

    #[test]
    fn the_version_moves_on_exactly_when_the_description_changes() {
        let mut session = server();
        let first = session.offer(Direction::SendRecv);
        let same = session.offer(Direction::SendRecv);
        let held = session.offer(Direction::SendOnly);
        assert_eq!(first, same);
        assert_eq!(version(&held), version(&first) + 1);
        assert!(held.contains("a=sendonly"));
    }

    #[test]
    fn an_answer_of_a_stranger_codec_or_without_an_offer_is_refused() {
        assert_eq!(server().accept(PHONE.as_bytes()).unwrap_err(), AnswerError::NoOffer);
        let mut session = server();
        session.offer(Direction::SendRecv);
        let g729 = PHONE.replace("RTP/AVP 0 8 96", "RTP/AVP 18");
        assert_eq!(session.accept(g729.as_bytes()).unwrap_err(), AnswerError::NoCommonCodec);
    }

    #[test]
    fn an_answer_to_our_hold_stops_the_peer_from_talking_only() {
        let mut session = server();
        session.offer(Direction::SendOnly);
        let negotiated = session.accept(format!("{PHONE}a=recvonly\r\n").as_bytes()).unwrap();
        assert_eq!(negotiated.direction, Direction::SendOnly);
        assert!(negotiated.may_send());
    }

    #[test]
    fn rtcp_goes_to_the_announced_port_but_never_to_a_third_party() {
        let offer = format!("{PHONE}a=rtcp:5999 IN IP4 127.0.0.66\r\n");
        assert_eq!(answer_to(&offer).1.rtcp, "127.0.0.9:5999".parse().unwrap());
    }

    #[test]
    fn a_multicast_address_is_refused() {
        let offer = PHONE.replace("c=IN IP4 127.0.0.9", "c=IN IP4 239.1.1.1");
        let error = server().answer(offer.as_bytes(), Direction::SendRecv).unwrap_err();
        assert_eq!(error, OfferError::Parse(ParseError::BadAddress("239.1.1.1".to_owned())));
    }

    proptest! {
        #[test]
        fn mutated_descriptions_never_panic(
            edits in prop::collection::vec((0_usize..400, any::<u8>(), 0_u8..3), 0..12),
        ) {
            let mut text = PHONE.as_bytes().to_vec();
            for (at, byte, kind) in edits {
                let at = at % text.len().max(1);
                match kind {
                    0 if at < text.len() => text[at] = byte,
                    1 if at < text.len() => { text.remove(at); }
                    _ => text.insert(at.min(text.len()), byte),
                }
            }
            if let Ok((answer, _)) = server().answer(&text, Direction::SendRecv) {
                prop_assert!(sdp_types::Session::parse(answer.as_bytes()).is_ok());
            }
            let mut session = server();
            session.offer(Direction::SendRecv);
            let _ = session.accept(&text);
        }

        #[test]
        fn arbitrary_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = server().answer(&text, Direction::SendRecv);
        }
    }
}
