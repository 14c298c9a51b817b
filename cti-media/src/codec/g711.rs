//! G.711 A-law and µ-law, with tables computed at compile time from the segment formulas of the recommendation.

/// Linear sample of each A-law byte.
pub static ALAW_TO_LINEAR: [i16; 256] = decode_table(true);

/// Linear sample of each µ-law byte.
pub static ULAW_TO_LINEAR: [i16; 256] = decode_table(false);

/// The µ-law byte nearest to each A-law byte.
pub static ALAW_TO_ULAW: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = linear_to_ulaw(alaw_to_linear(byte as u8));
        byte += 1;
    }
    table
};

/// The A-law byte nearest to each µ-law byte.
pub static ULAW_TO_ALAW: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = linear_to_alaw(ulaw_to_linear(byte as u8));
        byte += 1;
    }
    table
};

/// µ-law adds this to the magnitude (in 16-bit scale) so that segments begin at powers of two.
const ULAW_BIAS: i32 = 132;

/// Largest magnitude that µ-law can express with the bias added.
const ULAW_CLIP: i32 = 32635;

/// Encodes a linear sample as A-law (G.711 table 1, even bits inverted).
#[must_use]
pub const fn linear_to_alaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 {
        (0x80_u8, sample as i32)
    } else {
        // One's complement keeps -1 and 0 in the two smallest intervals of their own signs.
        (0x00, !(sample as i32))
    };
    let magnitude = magnitude >> 4;
    // The first two segments have the same step, so they are one linear stretch.
    let code = if magnitude < 32 {
        magnitude as u8
    } else {
        let exponent = 28 - (magnitude as u32).leading_zeros();
        let mantissa = (magnitude >> (exponent - 1)) & 0x0F;
        ((exponent as u8) << 4) | mantissa as u8
    };
    (sign | code) ^ 0x55
}

/// Encodes a linear sample as µ-law (G.711 table 2, all bits inverted).
#[must_use]
pub const fn linear_to_ulaw(sample: i16) -> u8 {
    let (sign, magnitude) =
        if sample >= 0 { (0x00_u8, sample as i32) } else { (0x80, -(sample as i32)) };
    let clipped = if magnitude > ULAW_CLIP { ULAW_CLIP } else { magnitude };
    let biased = clipped + ULAW_BIAS;
    let exponent = 24 - (biased as u32).leading_zeros();
    let mantissa = (biased >> (exponent + 3)) & 0x0F;
    !(sign | ((exponent as u8) << 4) | mantissa as u8)
}

const fn alaw_to_linear(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let exponent = (code >> 4) & 0x07;
    let mantissa = (code & 0x0F) as i32;
    let magnitude = if exponent == 0 {
        (mantissa << 4) + 8
    } else {
        ((mantissa << 4) + 0x108) << (exponent - 1)
    };
    if code & 0x80 != 0 { magnitude as i16 } else { -magnitude as i16 }
}

const fn ulaw_to_linear(byte: u8) -> i16 {
    let code = !byte;
    let exponent = (code >> 4) & 0x07;
    let mantissa = (code & 0x0F) as i32;
    let magnitude = (((mantissa << 3) + ULAW_BIAS) << exponent) - ULAW_BIAS;
    if code & 0x80 != 0 { -magnitude as i16 } else { magnitude as i16 }
}

const fn decode_table(alaw: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if alaw { alaw_to_linear(byte as u8) } else { ulaw_to_linear(byte as u8) };
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_of_the_recommendation_decode_to_their_values() {
        assert_eq!(ALAW_TO_LINEAR[0xD5], 8);
        assert_eq!(ALAW_TO_LINEAR[0x55], -8);
        assert_eq!(ALAW_TO_LINEAR[0xAA], 32256);
        assert_eq!(ALAW_TO_LINEAR[0x2A], -32256);
        assert_eq!(ALAW_TO_LINEAR[0x00], -5504);
        assert_eq!(ULAW_TO_LINEAR[0xFF], 0);
        assert_eq!(ULAW_TO_LINEAR[0x80], 32124);
        assert_eq!(ULAW_TO_LINEAR[0x00], -32124);
        assert_eq!(ULAW_TO_LINEAR[0x70], -120);
    }

    #[test]
    fn every_code_survives_decoding_and_encoding() {
        for byte in 0..=255_u8 {
            assert_eq!(linear_to_alaw(ALAW_TO_LINEAR[usize::from(byte)]), byte, "A-law {byte:#x}");
            let ulaw = linear_to_ulaw(ULAW_TO_LINEAR[usize::from(byte)]);
            // 0x7F is negative zero, which has no linear value of its own.
            assert!(ulaw == byte || byte == 0x7F, "µ-law {byte:#x} became {ulaw:#x}");
        }
    }

    #[test]
    fn encoding_takes_the_nearest_interval_at_every_sample() {
        for sample in i16::MIN..=i16::MAX {
            let magnitude = i32::from(sample).abs();
            let step = (magnitude / 16).max(16);
            let a = i32::from(ALAW_TO_LINEAR[usize::from(linear_to_alaw(sample))]);
            assert!((a - i32::from(sample)).abs() <= step, "A-law {sample} -> {a}");
            let u = i32::from(ULAW_TO_LINEAR[usize::from(linear_to_ulaw(sample))]);
            assert!((u - i32::from(sample)).abs() <= step + 132, "µ-law {sample} -> {u}");
        }
    }

    #[test]
    fn transcoding_there_and_back_stays_within_one_interval() {
        for byte in 0..=255_u8 {
            let before = i32::from(ALAW_TO_LINEAR[usize::from(byte)]);
            let back = ULAW_TO_ALAW[usize::from(ALAW_TO_ULAW[usize::from(byte)])];
            let after = i32::from(ALAW_TO_LINEAR[usize::from(back)]);
            assert!((before - after).abs() <= (before.abs() / 8).max(32), "{before} -> {after}");
        }
    }
}
