//! Sound files that somebody uploads as a prompt.

use cti_media::play::wav;

/// Takes a file; a sound that can be read is finite, and not longer than a prompt may be.
pub(super) fn run(data: &[u8]) {
    let Ok(sound) = wav::read(data) else { return };
    assert!(sound.rate > 0);
    assert!(sound.samples.len() <= sound.rate as usize * wav::MAX_SECONDS);
    assert!(sound.samples.iter().all(|it| it.is_finite()), "a sample that is no number");
}
