//! The synthetic voice: espeak-ng as a separate process.

use std::process::Command;

use super::{sound, table::Part};
use crate::Outcome;

/// Pace a phrase is first tried at, in espeak-ng's words per minute.
pub(crate) const SLOWEST: u32 = 150;
/// Pace above which syllables run into each other.
pub(crate) const FASTEST: u32 = 300;

/// Speaks a text as a voice of espeak-ng reads it; returns the sampling rate in hertz and the samples.
///
/// # Errors
/// When espeak-ng is not installed or refuses.
pub(crate) fn speak(part: &Part, words_per_minute: u32) -> Outcome<(u32, Vec<f32>)> {
    let voice = match part {
        // `cmn` of espeak-ng 1.51 reads pinyin as English letters; `cmn-latn-pinyin` is right in 1.51 and 1.52.
        Part::Pinyin(_) => "cmn-latn-pinyin",
        Part::English(_) => "en-us",
    };
    let output = Command::new("espeak-ng")
        .args([
            "-v",
            voice,
            "-a",
            "60",
            "-s",
            &words_per_minute.to_string(),
            "--stdout",
            part.text(),
        ])
        .output()
        .map_err(|error| format!("espeak-ng: {error} (Debian package espeak-ng)"))?;
    if !output.status.success() {
        return Err(format!("espeak-ng: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    sound::parse_wav(patched(output.stdout))
}

/// Writes the true length into a header that was written before the length was known.
fn patched(mut wav: Vec<u8>) -> Vec<u8> {
    const HEADER: usize = 44;
    let length = u32::try_from(wav.len().saturating_sub(HEADER))
        .expect("a phrase is far shorter than 4 GiB");
    if wav.len() >= HEADER {
        wav[4..8].copy_from_slice(&(length + 36).to_le_bytes());
        wav[40..44].copy_from_slice(&length.to_le_bytes());
    }
    wav
}
