//! Bridging: a packet of one leg becomes a packet of another, in its own buffer.

use std::{ops::Range, time::Duration};

use crate::{
    codec::Encoding,
    rtp::{
        packet::{HEADER_LEN, Packet},
        stream::OutStream,
    },
    sdp::{COMFORT_NOISE_PAYLOAD_TYPE, Negotiated},
};

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Audio in this encoding.
    Audio(Encoding),
    /// A telephone event.
    Event,
    /// Comfort noise.
    Noise,
}

/// Returns what a received packet carries, if anybody agreed on it.
#[must_use]
pub fn content(packet: &Packet, agreed: &Negotiated) -> Option<Content> {
    if agreed.dtmf_receive_pt == Some(packet.payload_type) {
        return Some(Content::Event);
    }
    if agreed.comfort_noise && packet.payload_type == COMFORT_NOISE_PAYLOAD_TYPE {
        return Some(Content::Noise);
    }
    Encoding::from_payload_type(packet.payload_type)
        .filter(|&codec| agreed.receive_codecs.contains(codec))
        .map(Content::Audio)
}

/// Rewrites a packet for the leg it goes to; returns the part of `datagram` to send.
///
/// The payload stays where it is and the new header is written right before it. Only audio whose
/// laws differ is touched; what is not G.711 must be in the encoding of `to` already. Returns `None`
/// when the packet must not be passed on.
pub fn forward(
    now: Duration,
    datagram: &mut [u8],
    packet: &Packet,
    content: Content,
    to: &Negotiated,
    out: &mut OutStream,
) -> Option<Range<usize>> {
    let payload = packet.payload.clone();
    let (payload_type, samples) = match content {
        Content::Audio(_) => (to.codec.payload_type(), payload.len() as u32),
        Content::Noise if to.comfort_noise => (COMFORT_NOISE_PAYLOAD_TYPE, 0),
        Content::Noise => {
            out.skip_forwarded(packet.ssrc);
            return None;
        }
        Content::Event => match to.dtmf_pt {
            Some(payload_type) => (payload_type, 0),
            None => {
                out.skip_forwarded(packet.ssrc);
                return None;
            }
        },
    };
    let header = out.forwarded(now, payload_type, samples, packet)?;
    if let (Content::Audio(Encoding::G711(from)), Encoding::G711(law)) = (content, to.codec) {
        from.transcode(law, &mut datagram[payload.clone()]);
    }
    let start = payload.start - HEADER_LEN;
    header.write(&mut datagram[start..payload.start]);
    out.sent(payload.len());
    Some(start..payload.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codec::Codec, rtp::packet::Header};

    fn agreed(codec: Codec) -> Negotiated {
        Negotiated::simple("127.0.0.1:4000".parse().unwrap(), codec)
    }

    fn datagram(payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0; HEADER_LEN];
        let header = Header { marker: false, payload_type, sequence: 5, timestamp: 800, ssrc: 77 };
        header.write(&mut datagram);
        datagram.extend_from_slice(payload);
        datagram
    }

    fn pass(datagram: &mut [u8], from: &Negotiated, to: &Negotiated) -> Option<(Packet, Vec<u8>)> {
        let packet = Packet::parse(datagram).unwrap();
        let content = content(&packet, from)?;
        let mut out = OutStream::new(1, 0, 0);
        let range = forward(Duration::ZERO, datagram, &packet, content, to, &mut out)?;
        let sent = &datagram[range];
        let packet = Packet::parse(sent).unwrap();
        let payload = sent[packet.payload.clone()].to_vec();
        Some((packet, payload))
    }

    #[test]
    fn the_same_codec_is_passed_through_untouched() {
        let payload: Vec<u8> = (0..160).collect();
        let side = agreed(Codec::Pcma);
        let (packet, passed) = pass(&mut datagram(8, &payload), &side, &side).unwrap();
        assert_eq!(passed, payload);
        assert_eq!((packet.ssrc, packet.payload_type, packet.marker), (1, 8, true));
    }

    #[test]
    fn different_codecs_are_translated() {
        let silence = [Codec::Pcma.silence(); 160];
        let mut from_phone = datagram(8, &silence);
        let (packet, passed) =
            pass(&mut from_phone, &agreed(Codec::Pcma), &agreed(Codec::Pcmu)).unwrap();
        assert_eq!(packet.payload_type, 0);
        assert!(passed.iter().all(|&byte| Codec::Pcmu.decode(byte).abs() <= 8));
    }

    #[test]
    fn an_event_gets_the_other_sides_payload_type_or_is_left_out() {
        let from = agreed(Codec::Pcma);
        let to = Negotiated { dtmf_pt: Some(96), ..agreed(Codec::Pcmu) };
        let (packet, passed) = pass(&mut datagram(101, &[5, 10, 0, 160]), &from, &to).unwrap();
        assert_eq!((packet.payload_type, passed), (96, vec![5, 10, 0, 160]));

        let deaf = Negotiated { dtmf_pt: None, ..to };
        assert_eq!(pass(&mut datagram(101, &[5, 10, 0, 160]), &from, &deaf), None);
    }

    #[test]
    fn comfort_noise_reaches_who_takes_it_and_is_left_out_for_others() {
        let from = Negotiated { comfort_noise: true, ..agreed(Codec::Pcma) };
        let (packet, passed) = pass(&mut datagram(13, &[60]), &from, &from).unwrap();
        assert_eq!((packet.payload_type, passed), (13, vec![60]));
        assert_eq!(pass(&mut datagram(13, &[60]), &from, &agreed(Codec::Pcma)), None);
    }

    #[test]
    fn a_payload_type_nobody_agreed_on_is_not_passed() {
        let side = agreed(Codec::Pcma);
        assert_eq!(pass(&mut datagram(0, &[0xFF; 160]), &side, &side), None);
        assert_eq!(pass(&mut datagram(13, &[0; 4]), &side, &side), None);
    }
}
