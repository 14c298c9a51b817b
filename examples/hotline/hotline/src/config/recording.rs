//! Which talks are recorded, and how the recordings are kept.

use std::{collections::BTreeSet, num::NonZeroU32, path::PathBuf, sync::Arc};

use cti_core::config::{RecordedBy, RecordedTalks, RecordingConfig};
use serde::Deserialize;

use crate::recordings::{FolderTarget, S3, Target};

/// Recording.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recording {
    talks: RecordedTalks,
    hours: BTreeSet<String>,
    always: RecordedBy,
    never: RecordedBy,
    /// The file of the key that recordings are sealed with on the disk, made by `hotline key`; without one they lie there
    /// as WAV.
    pub key: Option<PathBuf>,
    /// Where talks are moved when they are over; they stay in the data folder when absent.
    pub target: Option<TargetConfig>,
    /// With less than so many megabytes free in the data folder an alarm stands and no recording begins.
    pub keep_free_mb: Option<NonZeroU32>,
    /// After how many days recordings are deleted that nobody holds; never when absent.
    pub keep_days: Option<NonZeroU32>,
}

/// Where finished recordings are moved.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetConfig {
    /// A folder, for example of another machine that is mounted there; it is never made.
    Folder(PathBuf),
    /// A bucket of a store that speaks S3.
    S3(S3Config),
}

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Where the store is: `http://host:port`, or `https://` with `authorities`.
    pub endpoint: String,
    /// The bucket; it must be there.
    pub bucket: String,
    /// What names in it begin with.
    #[serde(default)]
    pub prefix: String,
    /// The region, where the store knows any.
    #[serde(default = "some_region")]
    pub region: String,
    /// A file of two lines: the id of the key and its secret.
    pub credentials: PathBuf,
    /// A PEM file of the certificates that are believed.
    pub authorities: Option<PathBuf>,
}

fn some_region() -> String {
    "us-east-1".to_owned()
}

impl TargetConfig {
    /// Opens the target.
    ///
    /// # Errors
    /// Names the field and what is wrong with it.
    pub fn open(&self) -> Result<Arc<dyn Target>, String> {
        match self {
            Self::Folder(folder) if folder.is_absolute() => {
                Ok(Arc::new(FolderTarget::new(folder.clone())))
            }
            Self::Folder(folder) => {
                Err(format!("recording.target.folder: {} is not absolute", folder.display()))
            }
            Self::S3(config) => match S3::open(config) {
                Ok(target) => Ok(Arc::new(target)),
                Err(reason) => Err(format!("recording.target.s3.{reason}")),
            },
        }
    }
}

impl Recording {
    /// Returns how many bytes must be free when a recording begins.
    #[must_use]
    pub fn keep_free(&self) -> u64 {
        self.keep_free_mb.map_or(0, |mb| u64::from(mb.get()) * 1_000_000)
    }

    /// Returns which talks are recorded.
    #[must_use]
    pub fn choice(&self) -> RecordingConfig {
        RecordingConfig {
            talks: self.talks,
            hours: self.hours.clone(),
            always: self.always.clone(),
            never: self.never.clone(),
        }
    }
}
