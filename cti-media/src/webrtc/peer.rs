//! One browser: str0m with what two session descriptions agreed on.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig,
    config::{DtlsVersion, Fingerprint},
    format::{Codec, CodecConfig, FormatParams},
    ice::IceCreds,
    media::{Frequency, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{RtpPacket, RtpWrite, Ssrc},
};

use super::{Identity, crypto};
use crate::{
    rtp::packet::{HEADER_LEN, Header, Packet},
    sdp::{DtlsPeer, IceCredentials, Negotiated},
};

/// How long the browser may take until its voice can be understood, and how long it may be gone.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sources of voice that are listened to at most, where the browser announced none.
const MAX_SOURCES: usize = 4;

/// The session has this one stream.
fn stream() -> Mid {
    Mid::from("0")
}

/// What a peer wants done, or what happened to it.
#[derive(Debug)]
pub(crate) enum Happening {
    /// Send this datagram.
    Send { target: SocketAddr, datagram: Vec<u8> },
    /// The browser sent this RTP packet, in clear.
    Received(Box<RtpPacket>),
    /// Voice can flow from now on.
    Connected,
    /// The browser is gone.
    Lost,
}

/// One browser's ICE, DTLS and SRTP.
pub(crate) struct Peer {
    rtc: Rtc,
    /// Time zero, since str0m knows points in time only.
    epoch: Instant,
    local: SocketAddr,
    ours: Ssrc,
    /// What happened while something was sent.
    waiting: VecDeque<Happening>,
    /// The extended sequence number of the last packet sent.
    sequence: Option<u64>,
    known: Vec<u32>,
    announced: bool,
    agreed: DtlsPeer,
    connected: bool,
    /// When the browser counts as gone unless it comes (back).
    give_up: Option<Duration>,
    /// When str0m wants to be called.
    due: Duration,
    lost: bool,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer")
            .field("local", &self.local)
            .field("connected", &self.connected)
            .finish_non_exhaustive()
    }
}

impl Peer {
    /// Begins to wait for a browser at `local`, the address it was told; `ours` is our source of voice.
    pub(crate) fn new(
        epoch: Instant,
        now: Duration,
        identity: &Identity,
        local: SocketAddr,
        ours: u32,
        agreed: &DtlsPeer,
        media: &Negotiated,
    ) -> Result<Self, str0m::RtcError> {
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::new(crypto::provider()))
            .set_dtls_cert(identity.certificate.clone())
            .set_dtls_version(DtlsVersion::Dtls12)
            .set_local_ice_credentials(credentials(&agreed.local))
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_extension_map()
            .clear_codecs();
        configure(config.codec_config(), media);
        let mut rtc = config.build(epoch + now);
        let candidate = Candidate::host(local, "udp").map_err(str0m::RtcError::from)?;
        rtc.add_local_candidate(candidate);
        let ours = Ssrc::from(ours);
        let mut api = rtc.direct_api();
        api.set_ice_controlling(false);
        api.set_remote_ice_credentials(credentials(&agreed.remote));
        api.set_remote_fingerprint(Fingerprint {
            hash_func: String::from("sha-256"),
            bytes: agreed.fingerprint.to_vec(),
        });
        api.declare_media(stream(), MediaKind::Audio);
        api.declare_stream_tx(ours, None, stream(), None);
        api.start_dtls(agreed.active)?;
        let mut peer = Self {
            rtc,
            epoch,
            local,
            ours,
            waiting: VecDeque::new(),
            sequence: None,
            known: Vec::new(),
            announced: false,
            agreed: agreed.clone(),
            connected: false,
            give_up: Some(now + PATIENCE),
            due: now,
            lost: false,
        };
        peer.expect(&agreed.sources);
        Ok(peer)
    }

    /// Takes a new agreement of the same talk: other sources of voice, or a restart of ICE.
    pub(crate) fn update(&mut self, now: Duration, agreed: &DtlsPeer) {
        if self.agreed.local != agreed.local || self.agreed.remote != agreed.remote {
            let mut api = self.rtc.direct_api();
            api.set_local_ice_credentials(credentials(&agreed.local));
            api.set_remote_ice_credentials(credentials(&agreed.remote));
            self.give_up = Some(now + PATIENCE);
        }
        self.expect(&agreed.sources);
        self.agreed = agreed.clone();
    }

    #[cfg(test)]
    pub(super) fn agreed(&self) -> &DtlsPeer {
        &self.agreed
    }

    /// Whether voice can flow.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected
    }

    /// Takes a datagram; returns whether it can be the browser's. [`poll`](Self::poll) afterwards.
    pub(crate) fn receive(&mut self, now: Duration, source: SocketAddr, datagram: &[u8]) -> bool {
        let Ok(contents) = Receive::new(Protocol::Udp, source, self.local, datagram) else {
            return false;
        };
        let input = Input::Receive(self.epoch + now, contents);
        if !self.rtc.accepts(&input) {
            return false;
        }
        self.learn(datagram);
        self.rtc.handle_input(input).is_ok()
    }

    /// Sends one packet of ours, written with our header in clear; `transmit` gets what goes out.
    pub(crate) fn send(
        &mut self,
        now: Duration,
        datagram: &[u8],
        mut transmit: impl FnMut(SocketAddr, &[u8]),
    ) {
        let Some(packet) = Packet::parse(datagram).filter(|_| self.connected) else { return };
        let sequence = extended(self.sequence, packet.sequence);
        self.sequence = Some(self.sequence.map_or(sequence, |last| last.max(sequence)));
        let payload = &datagram[packet.payload.clone()];
        let write = RtpWrite::new(
            packet.payload_type.into(),
            sequence.into(),
            packet.timestamp,
            self.epoch + now,
            payload,
        );
        let ours = self.ours;
        if let Some(stream) = self.rtc.direct_api().stream_tx(&ours) {
            stream.write_rtp(write.marker(packet.marker));
        }
        self.advance(now);
        while let Some(happening) = self.next_happening(now) {
            match happening {
                Happening::Send { target, datagram } => transmit(target, &datagram),
                Happening::Received(_) | Happening::Connected | Happening::Lost => {
                    self.waiting.push_back(happening);
                }
            }
        }
    }

    /// Fires what is due; calling early or twice is harmless. [`poll`](Self::poll) afterwards.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        if self.due <= now {
            self.advance(now);
        }
        if self.give_up.is_some_and(|at| at <= now) {
            self.lost = true;
        }
    }

    /// The next thing to do or to know; ask until there is none.
    pub(crate) fn poll(&mut self, now: Duration) -> Option<Happening> {
        self.waiting.pop_front().or_else(|| self.next_happening(now))
    }

    fn next_happening(&mut self, now: Duration) -> Option<Happening> {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(sent)) => {
                    let (target, datagram) = (sent.destination, sent.contents.to_vec());
                    return Some(Happening::Send { target, datagram });
                }
                Ok(Output::Event(event)) => {
                    if let Some(happening) = self.on_event(now, event) {
                        return Some(happening);
                    }
                }
                Ok(Output::Timeout(at)) => {
                    self.due = at.saturating_duration_since(self.epoch);
                    self.give_up = self.give_up.filter(|_| !self.lost);
                    return std::mem::take(&mut self.lost).then_some(Happening::Lost);
                }
                Err(error) => {
                    tracing::debug!(%error, "A browser's media failed");
                    return None;
                }
            }
        }
    }

    /// Says good-bye.
    pub(crate) fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "A browser's media does not close");
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "events of streams, channels and statistics are not used"
    )]
    fn on_event(&mut self, now: Duration, event: Event) -> Option<Happening> {
        match event {
            Event::RtpPacket(packet) => Some(Happening::Received(Box::new(packet))),
            Event::Connected => {
                self.connected = true;
                self.give_up = None;
                Some(Happening::Connected)
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.give_up = Some(now + PATIENCE);
                None
            }
            Event::IceConnectionStateChange(_) if self.connected => {
                self.give_up = None;
                None
            }
            Event::Closed => {
                self.lost = true;
                None
            }
            _ => None,
        }
    }

    fn advance(&mut self, now: Duration) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(self.epoch + now)) {
            tracing::debug!(%error, "A browser's media failed");
        }
    }

    /// Listens to the announced sources and no others.
    fn expect(&mut self, sources: &[u32]) {
        self.announced |= !sources.is_empty();
        for &source in sources.iter().take(MAX_SOURCES) {
            self.listen(source);
        }
    }

    fn listen(&mut self, source: u32) {
        if source == 0 || self.known.contains(&source) {
            return;
        }
        if self.known.len() == MAX_SOURCES {
            let oldest = self.known.remove(0);
            self.rtc.direct_api().remove_stream_rx(oldest.into());
        }
        self.known.push(source);
        self.rtc.direct_api().expect_stream_rx(source.into(), None, stream(), None);
    }

    /// A browser that announced no source is heard by the first few that speak (RFC 3550 §8).
    fn learn(&mut self, datagram: &[u8]) {
        // RFC 5761 §4: control packets share the port.
        let voice = datagram.len() >= HEADER_LEN
            && datagram[0] >> 6 == 2
            && !(64..96).contains(&(datagram[1] & 0x7F));
        if self.announced || !voice || self.known.len() == MAX_SOURCES {
            return;
        }
        let source = [datagram[8], datagram[9], datagram[10], datagram[11]];
        self.listen(u32::from_be_bytes(source));
    }
}

/// Writes a packet of the browser as a plain datagram; `None` when it does not fit.
pub(crate) fn write_plain(packet: &RtpPacket, into: &mut [u8]) -> Option<usize> {
    let len = HEADER_LEN + packet.payload.len();
    let datagram = into.get_mut(..len)?;
    let header = Header {
        marker: packet.header.marker,
        payload_type: *packet.header.payload_type,
        sequence: packet.header.sequence_number,
        timestamp: packet.header.timestamp,
        ssrc: *packet.header.ssrc,
    };
    header.write(datagram);
    datagram[HEADER_LEN..].copy_from_slice(&packet.payload);
    Some(len)
}

fn credentials(of: &IceCredentials) -> IceCreds {
    IceCreds { ufrag: of.name.clone(), pass: of.password.clone() }
}

/// The payload types that may come and go.
fn configure(config: &mut CodecConfig, media: &Negotiated) {
    let mut add = |payload_type: u8, codec| {
        let (clock, format) = (Frequency::EIGHT_KHZ, FormatParams::default());
        config.add_config(payload_type.into(), None, codec, clock, None, format);
    };
    add(0, Codec::PCMU);
    add(8, Codec::PCMA);
    add(9, Codec::G722);
    add(crate::sdp::COMFORT_NOISE_PAYLOAD_TYPE, Codec::CN);
    let mut events: Vec<u8> =
        [media.dtmf_pt, media.dtmf_receive_pt].into_iter().flatten().collect();
    events.dedup();
    for payload_type in events {
        add(payload_type, Codec::Tele);
    }
}

/// The sequence number with how often it has wrapped, nearest to the last one.
fn extended(last: Option<u64>, sequence: u16) -> u64 {
    let Some(last) = last else { return u64::from(sequence) };
    let step = i64::from(sequence.wrapping_sub(last as u16) as i16);
    last.saturating_add_signed(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_go_on_past_their_wrap_and_back_for_late_ones() {
        assert_eq!(extended(None, 65_535), 65_535);
        assert_eq!(extended(Some(65_535), 0), 65_536);
        assert_eq!(extended(Some(65_536), 65_535), 65_535);
    }
}
