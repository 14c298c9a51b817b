//! What a crash leaves behind the last sync.

use crate::random::Random;

/// Damages what lies behind `durable` as a power failure may; returns how.
pub(crate) fn tail(random: &mut Random, bytes: &mut Vec<u8>, durable: usize) -> String {
    let length = bytes.len() - durable;
    let at = durable + random.below(length);
    let until = at + 1 + random.below(bytes.len() - at);
    match random.below(4) {
        0 => {
            let count = 1 + random.below(5);
            for _ in 0..count {
                let at = durable + random.below(length);
                bytes[at] ^= 1 << random.below(8);
            }
            format!("{count} bits flipped behind {durable}")
        }
        1 => {
            bytes[at..until].fill(0);
            format!("a hole from {at} to {until}")
        }
        2 => {
            bytes[at..until].fill_with(|| u8::try_from(random.below(256)).unwrap());
            format!("noise from {at} to {until}")
        }
        _ => {
            bytes[at..until].fill(0);
            bytes.truncate(until);
            format!("a hole from {at} to {until}, and cut there")
        }
    }
}
