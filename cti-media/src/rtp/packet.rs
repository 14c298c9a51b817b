//! Reads and writes RTP headers (RFC 3550 §5.1) within the packet's own buffer.

use std::ops::Range;

use rtp_types::RtpPacket;

/// Length of a header without CSRCs and extension, in bytes.
pub const HEADER_LEN: usize = 12;

/// The fields of a received packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The marker bit: a talk spurt or an event begins.
    pub marker: bool,
    /// The payload type.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp in samples.
    pub timestamp: u32,
    /// The synchronisation source.
    pub ssrc: u32,
    /// Where the payload lies in the datagram.
    pub payload: Range<usize>,
}

impl Packet {
    /// Reads a datagram; returns `None` when it is not RTP version 2, or RTCP by its type.
    #[must_use]
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        // RFC 5761 §4: these payload types are RTCP packet types in disguise.
        if datagram.get(1).is_some_and(|byte| (192..=223).contains(byte)) {
            return None;
        }
        let packet = RtpPacket::parse(datagram).ok()?;
        let start = packet.payload_offset();
        Some(Self {
            marker: packet.marker_bit(),
            payload_type: packet.payload_type(),
            sequence: packet.sequence_number(),
            timestamp: packet.timestamp(),
            ssrc: packet.ssrc(),
            payload: start..start + packet.payload_len(),
        })
    }
}

/// The header of a packet to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The marker bit.
    pub marker: bool,
    /// The payload type, below 128.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp in samples.
    pub timestamp: u32,
    /// The synchronisation source.
    pub ssrc: u32,
}

impl Header {
    /// Writes the header into the first twelve bytes of `buffer`.
    ///
    /// # Panics
    ///
    /// Panics when `buffer` is shorter than [`HEADER_LEN`].
    pub fn write(&self, buffer: &mut [u8]) {
        buffer[0] = 0x80;
        buffer[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7F);
        buffer[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        buffer[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        buffer[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_written_header_is_read_back() {
        let header = Header {
            marker: true,
            payload_type: 101,
            sequence: 65_535,
            timestamp: 0xDEAD_BEEF,
            ssrc: 7,
        };
        let mut datagram = [0xAA; 172];
        header.write(&mut datagram);
        let packet = Packet::parse(&datagram).unwrap();
        assert_eq!((packet.marker, packet.payload_type), (true, 101));
        assert_eq!((packet.sequence, packet.timestamp, packet.ssrc), (65_535, 0xDEAD_BEEF, 7));
        assert_eq!(packet.payload, 12..172);
    }

    #[test]
    fn extensions_contributors_and_padding_are_not_payload() {
        let mut datagram = vec![0xB1, 0, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9]; // P, X, one CSRC
        datagram.extend([0, 0, 0, 5]);
        datagram.extend([0xBE, 0xDE, 0, 1, 1, 2, 3, 4]);
        datagram.extend([0xD5; 10]);
        datagram.extend([0, 2]);
        assert_eq!(Packet::parse(&datagram).unwrap().payload, 24..34);
    }

    #[test]
    fn rtcp_is_not_taken_for_rtp() {
        assert_eq!(Packet::parse(&[0x80, 200, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn arbitrary_datagrams_never_panic(datagram in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(packet) = Packet::parse(&datagram) {
                prop_assert!(packet.payload.end <= datagram.len());
            }
        }
    }
}
