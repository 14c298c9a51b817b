//! Which talks are recorded, and how the recordings are kept.

use std::{num::NonZeroU32, path::PathBuf};

use cti_core::config::{RecordedBy, RecordedTalks, RecordingConfig};
use serde::Deserialize;

/// Recording.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recording {
    talks: RecordedTalks,
    always: RecordedBy,
    never: RecordedBy,
    /// The file of the key that recordings are sealed with on the disk, made by `hotline key`; without one they lie there
    /// as WAV.
    pub key: Option<PathBuf>,
    /// After how many days recordings are deleted that nobody holds; never when absent.
    pub keep_days: Option<NonZeroU32>,
}

impl Recording {
    /// Returns which talks are recorded.
    #[must_use]
    pub fn choice(&self) -> RecordingConfig {
        let (talks, always, never) = (self.talks, self.always.clone(), self.never.clone());
        RecordingConfig { talks, always, never }
    }
}
