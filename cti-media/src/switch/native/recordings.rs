//! Where recordings are written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use cti_core::{id::RecordingId, time::Timestamp};
use jiff::tz::TimeZone;

use super::StartError;

/// The folder of recordings, one folder below it for every day.
#[derive(Debug)]
pub(super) struct Recordings {
    root: PathBuf,
    zone: TimeZone,
}

impl Recordings {
    pub(super) fn new(root: PathBuf, zone: &str) -> Result<Self, StartError> {
        let zone =
            TimeZone::get(zone).map_err(|_| StartError::TimeZone { name: zone.to_owned() })?;
        fs::create_dir_all(&root)
            .map_err(|reason| StartError::Recordings { folder: root.clone(), reason })?;
        Ok(Self { root, zone })
    }

    /// The file of a recording that begins at `at`; its folder exists afterwards.
    pub(super) fn file(&self, recording: RecordingId, at: Timestamp) -> io::Result<PathBuf> {
        let micros = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        let day = moment.to_zoned(self.zone.clone()).date();
        let folder = self.root.join(day.to_string());
        fs::create_dir_all(&folder)?;
        Ok(folder.join(format!("{recording}.wav")))
    }

    /// A file as the Center knows it: below the folder of recordings, with `/`.
    pub(super) fn relative(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_lies_in_the_folder_of_its_local_day() {
        let root = tempfile::tempdir().unwrap();
        let recordings = Recordings::new(root.path().to_owned(), "Asia/Shanghai").unwrap();
        // 2026-01-01 17:00 UTC is already the second of January in China.
        let at = Timestamp::from_secs(1_767_286_800);
        let path = recordings.file(RecordingId(7), at).unwrap();
        assert!(path.parent().unwrap().is_dir());
        assert_eq!(recordings.relative(&path), "2026-01-02/recording-7.wav");
    }

    #[test]
    fn an_unknown_time_zone_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = Recordings::new(root.path().to_owned(), "Asia/Atlantis").unwrap_err();
        assert!(error.to_string().contains("Atlantis"));
    }
}
