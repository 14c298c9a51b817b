//! Between what services give and what the telephone carries.

use cti_core::speech::{Audio, AudioFormat, Encoding, InvalidAudio};

use crate::{
    codec::Codec,
    dsp::{
        resample::resample,
        shape::{from_i16, to_i16},
    },
    play::wav::Sound,
};

/// Writes sound in a format.
///
/// # Errors
/// When the format cannot be, or there is too much.
pub fn to_audio(sound: &Sound, format: AudioFormat) -> Result<Audio, InvalidAudio> {
    format.check()?;
    let samples = to_i16(&resample(&sound.samples, sound.rate, format.rate));
    let bytes: Vec<u8> = match format.encoding {
        Encoding::L16 => samples.iter().flat_map(|it| it.to_be_bytes()).collect(),
        Encoding::Pcma => samples.iter().map(|it| Codec::Pcma.encode(*it)).collect(),
        Encoding::Pcmu => samples.iter().map(|it| Codec::Pcmu.encode(*it)).collect(),
    };
    Audio::new(format, bytes)
}

/// Reads sound of a format; a sample that is cut at the end is left out.
#[must_use]
pub fn to_sound(format: AudioFormat, bytes: &[u8]) -> Sound {
    let samples: Vec<i16> = match format.encoding {
        Encoding::L16 => {
            bytes.chunks_exact(2).map(|it| i16::from_be_bytes([it[0], it[1]])).collect()
        }
        Encoding::Pcma => bytes.iter().map(|it| Codec::Pcma.decode(*it)).collect(),
        Encoding::Pcmu => bytes.iter().map(|it| Codec::Pcmu.decode(*it)).collect(),
    };
    Sound { rate: format.rate, samples: from_i16(&samples) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_keeps_its_shape_in_every_encoding() {
        let samples = (0..800).map(|n| (n as f32 / 20.0).sin() * 0.5).collect();
        let sound = Sound { rate: 8_000, samples };
        for encoding in [Encoding::L16, Encoding::Pcma, Encoding::Pcmu] {
            let audio = to_audio(&sound, AudioFormat { encoding, rate: 8_000 }).unwrap();
            let back = to_sound(audio.format(), audio.bytes());
            let apart = sound.samples.iter().zip(&back.samples).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f32::max) < 0.03, "{encoding:?}");
        }
        let wide = to_audio(&sound, AudioFormat::WIDE).unwrap();
        assert_eq!(wide.bytes().len(), 3_200);
    }
}
