//! SRTP with keys from the session description (RFC 3711, RFC 4568): counter mode and HMAC-SHA1.

use aes::cipher::{InnerIvInit as _, KeyInit as _, StreamCipher as _};
use ctr::CtrCore;
use hmac::{Hmac, Mac as _};
use subtle::ConstantTimeEq as _;

use crate::sdp::{SdesKeys, SrtpKey, SrtpSuite};

/// Length of the index that follows every control packet.
const INDEX: usize = 4;

/// Length of the tag of control packets, in every suite.
const CONTROL_TAG: usize = 10;

/// Sources of one peer whose state is kept.
const MAX_SOURCES: usize = 4;

/// Bytes that protection adds at most.
pub(crate) const OVERHEAD: usize = CONTROL_TAG + INDEX;

/// Both directions of one stream.
#[derive(Debug)]
pub(crate) struct Srtp {
    agreed: SdesKeys,
    sending: Keys,
    receiving: Keys,
    tag: usize,
    sent: Option<u64>,
    control: u32,
    sources: Vec<Source>,
}

impl Srtp {
    pub(crate) fn new(agreed: &SdesKeys) -> Self {
        Self {
            sending: Keys::derive(&agreed.send),
            receiving: Keys::derive(&agreed.receive),
            agreed: agreed.clone(),
            tag: match agreed.suite {
                SrtpSuite::AesCm128HmacSha1_80 => 10,
                SrtpSuite::AesCm128HmacSha1_32 => 4,
            },
            sent: None,
            control: 0,
            sources: Vec::new(),
        }
    }

    /// Whether these are the keys in use; new ones begin anew.
    pub(crate) fn has(&self, agreed: &SdesKeys) -> bool {
        self.agreed == *agreed
    }

    /// Protects an RTP packet; `packet` gets the bytes to send.
    pub(crate) fn protect(&mut self, packet: &mut Vec<u8>) -> Option<()> {
        let (start, sequence, source) = header(packet)?;
        let index = nearest(self.sent, sequence);
        self.sent = Some(self.sent.map_or(index, |last| last.max(index)));
        self.sending.voice.apply(source, index, &mut packet[start..]);
        let tag = self.sending.voice.tag(packet, &((index >> 16) as u32).to_be_bytes());
        packet.extend_from_slice(&tag[..self.tag]);
        Some(())
    }

    /// Takes the protection off an RTP packet in its own place; returns its length, or `None` when it is not the
    /// peer's or has been seen before.
    pub(crate) fn open(&mut self, packet: &mut [u8]) -> Option<usize> {
        let len = packet.len().checked_sub(self.tag)?;
        let (start, sequence, source) = header(&packet[..len])?;
        let known = self.sources.iter().position(|it| it.source == source);
        let last = known.map(|at| self.sources[at].last);
        let index = nearest(last, sequence);
        let rollover = ((index >> 16) as u32).to_be_bytes();
        let tag = self.receiving.voice.tag(&packet[..len], &rollover);
        if !bool::from(tag[..self.tag].ct_eq(&packet[len..])) {
            return None;
        }
        let at = known.unwrap_or_else(|| {
            if self.sources.len() == MAX_SOURCES {
                self.sources.remove(0);
            }
            self.sources.push(Source { source, last: index, window: 0 });
            self.sources.len() - 1
        });
        if !self.sources[at].is_new(index) {
            return None;
        }
        self.receiving.voice.apply(source, index, &mut packet[start..len]);
        Some(len)
    }

    /// Protects a control packet.
    pub(crate) fn protect_control(&mut self, packet: &mut Vec<u8>) -> Option<()> {
        let source = source_of_control(packet)?;
        self.control = (self.control + 1) & 0x7FFF_FFFF;
        self.sending.control.apply(source, u64::from(self.control), &mut packet[8..]);
        // The first bit says that it is encrypted.
        packet.extend_from_slice(&(self.control | 1 << 31).to_be_bytes());
        let tag = self.sending.control.tag(packet, &[]);
        packet.extend_from_slice(&tag[..CONTROL_TAG]);
        Some(())
    }

    /// Takes the protection off a control packet.
    pub(crate) fn open_control(&mut self, packet: &mut [u8]) -> Option<usize> {
        let signed = packet.len().checked_sub(CONTROL_TAG)?;
        let len = signed.checked_sub(INDEX)?;
        let source = source_of_control(&packet[..len])?;
        let tag = self.receiving.control.tag(&packet[..signed], &[]);
        if !bool::from(tag[..CONTROL_TAG].ct_eq(&packet[signed..])) {
            return None;
        }
        let index = u32::from_be_bytes(packet[len..signed].try_into().ok()?);
        if index >> 31 == 1 {
            let index = u64::from(index & 0x7FFF_FFFF);
            self.receiving.control.apply(source, index, &mut packet[8..len]);
        }
        Some(len)
    }
}

/// What one source has sent so far (RFC 3711 §3.3.2).
#[derive(Debug)]
struct Source {
    source: u32,
    last: u64,
    /// Bit n: the packet n before the last has come.
    window: u128,
}

impl Source {
    /// Whether a packet comes for the first time and not too late.
    fn is_new(&mut self, index: u64) -> bool {
        if index >= self.last {
            let step = index - self.last;
            if step == 0 && self.window & 1 == 1 {
                return false;
            }
            self.window = if step < 128 { self.window << step } else { 0 } | 1;
            self.last = index;
            return true;
        }
        let behind = self.last - index;
        let new = behind < 128 && self.window & (1 << behind) == 0;
        if new {
            self.window |= 1 << behind;
        }
        new
    }
}

/// The session keys of one direction (RFC 3711 §4.3).
#[derive(Debug)]
struct Keys {
    voice: Transform,
    control: Transform,
}

impl Keys {
    fn derive(master: &SrtpKey) -> Self {
        Self { voice: Transform::derive(master, 0), control: Transform::derive(master, 3) }
    }
}

/// Cipher, salt and authentication of one kind of packet.
struct Transform {
    cipher: aes::Aes128,
    salt: [u8; 14],
    authentication: Hmac<sha1::Sha1>,
}

impl std::fmt::Debug for Transform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transform(…)")
    }
}

impl Transform {
    fn derive(master: &SrtpKey, first_label: u8) -> Self {
        let (key, salt) = master.0.split_at(16);
        let master = aes::Aes128::new_from_slice(key).expect("the first part has 16 bytes");
        let derive = |label: u8, into: &mut [u8]| {
            let mut iv = [0; 16];
            iv[..14].copy_from_slice(salt);
            iv[7] ^= label;
            keystream(&master, &iv, into);
        };
        let (mut key, mut authentication, mut salt) = ([0; 16], [0; 20], [0; 14]);
        derive(first_label, &mut key);
        derive(first_label + 1, &mut authentication);
        derive(first_label + 2, &mut salt);
        Self {
            cipher: aes::Aes128::new(&key.into()),
            salt,
            authentication: Hmac::new_from_slice(&authentication)
                .expect("HMAC takes keys of any length"),
        }
    }

    /// RFC 3711 §4.1.1.
    fn apply(&self, source: u32, index: u64, data: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        let source = source.to_be_bytes();
        let index = index.to_be_bytes();
        iv[4..8].iter_mut().zip(source).for_each(|(byte, other)| *byte ^= other);
        iv[8..14].iter_mut().zip(&index[2..]).for_each(|(byte, other)| *byte ^= other);
        keystream(&self.cipher, &iv, data);
    }

    fn tag(&self, packet: &[u8], rollover: &[u8]) -> [u8; 20] {
        let mut mac = self.authentication.clone();
        mac.update(packet);
        mac.update(rollover);
        mac.finalize().into_bytes().into()
    }
}

fn keystream(cipher: &aes::Aes128, iv: &[u8; 16], data: &mut [u8]) {
    let core = CtrCore::<_, ctr::flavors::Ctr128BE>::inner_iv_init(cipher.clone(), &(*iv).into());
    ctr::cipher::StreamCipherCoreWrapper::from_core(core).apply_keystream(data);
}

/// Where the payload begins, the sequence number and the source.
fn header(packet: &[u8]) -> Option<(usize, u16, u32)> {
    let fixed: &[u8; 12] = packet.first_chunk()?;
    let mut start = 12 + 4 * usize::from(fixed[0] & 0x0F);
    if fixed[0] & 0x10 != 0 {
        let words = packet.get(start + 2..start + 4)?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    let sequence = u16::from_be_bytes([fixed[2], fixed[3]]);
    let source = u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]);
    (fixed[0] >> 6 == 2 && start <= packet.len()).then_some((start, sequence, source))
}

fn source_of_control(packet: &[u8]) -> Option<u32> {
    let source = packet.get(4..8)?;
    Some(u32::from_be_bytes([source[0], source[1], source[2], source[3]]))
}

/// The sequence number with its rollovers, nearest to the last one (RFC 3711 §3.3.1).
fn nearest(last: Option<u64>, sequence: u16) -> u64 {
    let Some(last) = last else { return u64::from(sequence) };
    let step = i64::from(sequence.wrapping_sub(last as u16) as i16);
    last.checked_add_signed(step).unwrap_or(u64::from(sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(suite: SrtpSuite) -> (Srtp, Srtp) {
        let (a, b) = (SrtpKey([7; 30]), SrtpKey([9; 30]));
        let ours = SdesKeys { suite, send: a.clone(), receive: b.clone() };
        (Srtp::new(&ours), Srtp::new(&SdesKeys { suite, send: b, receive: a }))
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let mut packet = vec![0x80, 8, 0, 0, 0, 0, 0, 160, 1, 2, 3, 4];
        packet[2..4].copy_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(b"voice that nobody else hears");
        packet
    }

    #[test]
    fn session_keys_are_those_of_the_example_in_the_standard() {
        // RFC 3711 appendix B.3.
        let mut master = hex::decode("E1F97A0D3E018BE0D64FA32C06DE4139").unwrap();
        master.extend(hex::decode("0EC675AD498AFEEBB6960B3AABE6").unwrap());
        let keys = Transform::derive(&SrtpKey(master.try_into().unwrap()), 0);
        assert_eq!(hex::encode_upper(keys.salt), "30CBBC08863D8C85D49DB34A9AE1");
        let mut block = [0; 16];
        keystream(&keys.cipher, &[0; 16], &mut block);
        let expected =
            aes::Aes128::new_from_slice(&hex::decode("C61E7A93744F39EE10734AFE3FF7A087").unwrap());
        let mut other = [0; 16];
        keystream(&expected.unwrap(), &[0; 16], &mut other);
        assert_eq!(block, other);
    }

    #[test]
    fn the_keystream_is_that_of_the_example_in_the_standard() {
        // RFC 3711 appendix B.2.
        let key = hex::decode("2B7E151628AED2A6ABF7158809CF4F3C").unwrap();
        let iv = hex::decode("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000").unwrap();
        let mut stream = [0; 32];
        let cipher = aes::Aes128::new_from_slice(&key).unwrap();
        keystream(&cipher, &iv.try_into().unwrap(), &mut stream);
        let expected = "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB";
        assert_eq!(hex::encode_upper(stream), expected);
    }

    #[test]
    fn voice_comes_out_as_it_went_in_even_past_a_rollover() {
        for suite in SrtpSuite::ALL {
            let (mut here, mut there) = pair(suite);
            for sequence in [65_533, 65_534, 65_535, 0, 1, 2] {
                let plain = packet(sequence);
                let mut sealed = plain.clone();
                here.protect(&mut sealed).unwrap();
                assert_ne!(sealed[12..40], plain[12..40]);
                let len = there.open(&mut sealed).unwrap();
                assert_eq!(sealed[..len], plain);
            }
        }
    }

    #[test]
    fn what_was_changed_or_repeated_is_dropped() {
        let (mut here, mut there) = pair(SrtpSuite::AesCm128HmacSha1_80);
        let mut sealed: Vec<Vec<u8>> = (10..14).map(packet).collect();
        sealed.iter_mut().for_each(|packet| here.protect(packet).unwrap());
        let mut forged = sealed[0].clone();
        forged[20] ^= 1;
        assert_eq!(there.open(&mut forged), None);
        for at in [0, 2, 1, 3] {
            assert!(there.open(&mut sealed[at].clone()).is_some(), "{at} comes late, not twice");
            assert_eq!(there.open(&mut sealed[at].clone()), None, "{at} comes twice");
        }
    }

    #[test]
    fn control_packets_are_protected_as_well() {
        let (mut here, mut there) = pair(SrtpSuite::AesCm128HmacSha1_32);
        let plain = [&[0x80, 200, 0, 6, 1, 2, 3, 4][..], &[5; 20]].concat();
        let mut sealed = plain.clone();
        here.protect_control(&mut sealed).unwrap();
        let len = there.open_control(&mut sealed).unwrap();
        assert_eq!(sealed[..len], plain);
    }

    #[test]
    fn noise_never_panics() {
        let (_, mut there) = pair(SrtpSuite::AesCm128HmacSha1_80);
        for len in 0..64 {
            for first in [0x80, 0x9F, 0xBF, 0x00] {
                let mut noise = vec![first; len];
                assert_eq!(there.open(&mut noise.clone()), None);
                assert_eq!(there.open_control(&mut noise), None);
            }
        }
    }
}
