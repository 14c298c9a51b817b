//! Reads WAV files of the usual formats, whatever a studio, a browser or a synthesizer wrote.

use crate::codec::Codec;

/// The longest sound that is read: ten minutes.
pub const MAX_SECONDS: usize = 600;

/// Sound of one channel, mixed from what the file has.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Samples a second, in hertz.
    pub rate: u32,
    /// From −1 to 1.
    pub samples: Vec<f32>,
}

/// A file that cannot be read as sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWav {
    /// It is no WAV file.
    #[error("file: is no WAV file")]
    NotWav,
    /// The chunk that describes the sound, or the sound, is missing or cut.
    #[error("file: the chunk {chunk:?} is missing or cut")]
    Chunk {
        /// Which chunk.
        chunk: &'static str,
    },
    /// Samples are written in a way that is not read.
    #[error(
        "format: samples of kind {tag:#06x} with {bits} bit; PCM of 8, 16, 24 or 32 bit, float of 32 bit, A-law and µ-law are read"
    )]
    Encoding {
        /// The format tag of the file (RFC 2361).
        tag: u16,
        /// Bits per sample.
        bits: u16,
    },
    /// There are too many channels, or none.
    #[error("channels: 1 to 8, not {channels}")]
    Channels {
        /// How many.
        channels: u16,
    },
    /// The rate is out of range.
    #[error("rate: 8000 to 96000 Hz, not {rate}")]
    Rate {
        /// Samples a second.
        rate: u32,
    },
    /// It is longer than ten minutes.
    #[error("length: is longer than {MAX_SECONDS} seconds")]
    TooLong,
}

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const ALAW: u16 = 6;
const ULAW: u16 = 7;
/// The real tag stands in the extension.
const EXTENSIBLE: u16 = 0xFFFE;

struct Format {
    tag: u16,
    channels: usize,
    rate: u32,
    bits: u16,
}

/// Reads a WAV file and mixes its channels into one.
///
/// Sizes of 0 and 0xFFFFFFFF, as programs write them that do not know the length yet, mean the rest of the file.
///
/// # Errors
/// Names what is wrong with the file.
pub fn read(bytes: &[u8]) -> Result<Sound, InvalidWav> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(InvalidWav::NotWav);
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while rest.len() >= 8 {
        let (head, body) = rest.split_at(8);
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        match &head[..4] {
            b"fmt " => {
                let chunk = body.get(..size).ok_or(InvalidWav::Chunk { chunk: "fmt" })?;
                format = Some(described(chunk)?);
            }
            b"data" => {
                let format = format.ok_or(InvalidWav::Chunk { chunk: "fmt" })?;
                let streamed = size == 0 || size >= 0x7FFF_0000;
                let size = if streamed { body.len() } else { size.min(body.len()) };
                return samples(&format, &body[..size]);
            }
            _ => {}
        }
        // Chunks begin at even places.
        let next = size.saturating_add(size % 2).min(body.len());
        rest = &body[next..];
    }
    Err(InvalidWav::Chunk { chunk: if format.is_some() { "data" } else { "fmt" } })
}

fn described(chunk: &[u8]) -> Result<Format, InvalidWav> {
    if chunk.len() < 16 {
        return Err(InvalidWav::Chunk { chunk: "fmt" });
    }
    let short = |at: usize| u16::from_le_bytes([chunk[at], chunk[at + 1]]);
    let rate = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
    let mut tag = short(0);
    if tag == EXTENSIBLE && chunk.len() >= 26 {
        tag = short(24);
    }
    let (channels, bits) = (short(2), short(14));
    if !(1..=8).contains(&channels) {
        return Err(InvalidWav::Channels { channels });
    }
    if !(8_000..=96_000).contains(&rate) {
        return Err(InvalidWav::Rate { rate });
    }
    match (tag, bits) {
        (PCM, 8 | 16 | 24 | 32) | (FLOAT, 32) | (ALAW | ULAW, 8) => {}
        (tag, bits) => return Err(InvalidWav::Encoding { tag, bits }),
    }
    Ok(Format { tag, channels: usize::from(channels), rate, bits })
}

fn samples(format: &Format, data: &[u8]) -> Result<Sound, InvalidWav> {
    let width = usize::from(format.bits / 8);
    let frame = width * format.channels;
    if data.len() / frame > MAX_SECONDS * format.rate as usize {
        return Err(InvalidWav::TooLong);
    }
    let one = |bytes: &[u8]| match (format.tag, bytes) {
        (FLOAT, &[a, b, c, d]) => {
            let value = f32::from_le_bytes([a, b, c, d]);
            if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }
        }
        (ALAW, &[byte]) => f32::from(Codec::Pcma.decode(byte)) / 32_768.0,
        (ULAW, &[byte]) => f32::from(Codec::Pcmu.decode(byte)) / 32_768.0,
        (_, &[byte]) => (f32::from(byte) - 128.0) / 128.0,
        (_, &[a, b]) => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
        (_, &[a, b, c]) => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
        (_, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
        _ => 0.0,
    };
    let share = 1.0 / format.channels as f32;
    let mixed =
        data.chunks_exact(frame).map(|frame| frame.chunks(width).map(one).sum::<f32>() * share);
    Ok(Sound { rate: format.rate, samples: mixed.collect() })
}

/// Writes 16 bit samples of one channel as a WAV file.
#[must_use]
pub fn write(samples: &[i16], rate: u32) -> Vec<u8> {
    let length = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(length + 36).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * 2).to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let width = channels * bits / 8;
        let mut fmt = Vec::new();
        fmt.extend(tag.to_le_bytes());
        fmt.extend(channels.to_le_bytes());
        fmt.extend(rate.to_le_bytes());
        fmt.extend((rate * u32::from(width)).to_le_bytes());
        fmt.extend(width.to_le_bytes());
        fmt.extend(bits.to_le_bytes());
        let list = b"LIST\x03\0\0\0abc\0";
        let mut file = b"RIFF\0\0\0\0WAVE".to_vec();
        file.extend(b"fmt \x10\0\0\0");
        file.extend(fmt);
        file.extend(list);
        file.extend(b"data");
        file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn the_same_half_is_read_from_every_usual_format() {
        let half = 0.5_f32;
        let alaw = Codec::Pcma.encode(16_384);
        let ulaw = Codec::Pcmu.encode(16_384);
        for (tag, bits, bytes) in [
            (PCM, 8, vec![192_u8]),
            (PCM, 16, 16_384_i16.to_le_bytes().to_vec()),
            (PCM, 24, vec![0, 0, 0x40]),
            (PCM, 32, 0x4000_0000_i32.to_le_bytes().to_vec()),
            (FLOAT, 32, half.to_le_bytes().to_vec()),
            (ALAW, 8, vec![alaw]),
            (ULAW, 8, vec![ulaw]),
        ] {
            for channels in [1, 2] {
                let data = bytes.repeat(usize::from(channels) * 3);
                let sound = read(&file(tag, channels, 44_100, bits, &data)).unwrap();
                assert_eq!((sound.rate, sound.samples.len()), (44_100, 3), "{tag} {bits}");
                for sample in sound.samples {
                    assert!((sample - half).abs() < 0.02, "{tag} {bits} {channels}: {sample}");
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_a_length_that_nobody_knew_is_the_rest() {
        let mut written = write(&[0, 16_384, -16_384], 8_000);
        let sound = read(&written).unwrap();
        assert_eq!((sound.rate, sound.samples.as_slice()), (8_000, &[0.0, 0.5, -0.5][..]));
        assert_eq!(hound::WavReader::new(&written[..]).unwrap().duration(), 3);
        written[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&written).unwrap(), sound);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_field_and_reason() {
        let reason = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(reason(b"ID3 this is an MP3 file"), "file: is no WAV file");
        assert!(reason(&file(0x55, 1, 8_000, 16, &[])).starts_with("format: "));
        assert!(reason(&file(PCM, 1, 8_000, 12, &[])).starts_with("format: "));
        assert!(reason(&file(PCM, 9, 8_000, 16, &[])).starts_with("channels: "));
        assert!(reason(&file(PCM, 1, 4_000, 16, &[])).starts_with("rate: "));
        assert!(reason(&file(ALAW, 1, 8_000, 8, &vec![0; 8_000 * 601])).starts_with("length: "));
        assert_eq!(reason(b"RIFF\0\0\0\0WAVE"), "file: the chunk \"fmt\" is missing or cut");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            tag in 0_u16..9, channels in 0_u16..4, rate in 0_u32..100_000,
            bits in 0_u16..40, data in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..250,
        ) {
            let bytes = file(tag, channels, rate, bits, &data);
            let _ = read(&bytes[..cut.min(bytes.len())]);
            let _ = read(&data);
        }
    }
}
