//! Where recordings are written.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use cti_core::{id::RecordingId, seal::Key, switch::RecordingEnd, time::Timestamp};
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::{NativeSwitch, StartError};
use crate::record::{audio::RecordedAudio, free_space, sealed::SealedError};

/// How the files of recordings end: in clear, and sealed.
const CLEAR: &str = ".wav";
const SEALED: &str = ".wav.sealed";

/// The folder of recordings, one folder below it for every day.
#[derive(Clone, Debug)]
pub(in crate::switch) struct Recordings {
    root: PathBuf,
    zone: TimeZone,
    key: Option<Key>,
    keep_free: u64,
}

impl Recordings {
    pub(in crate::switch) fn new(
        root: PathBuf,
        zone: &str,
        key: Option<Key>,
    ) -> Result<Self, StartError> {
        let zone =
            TimeZone::get(zone).map_err(|_| StartError::TimeZone { name: zone.to_owned() })?;
        fs::create_dir_all(&root)
            .map_err(|reason| StartError::Recordings { folder: root.clone(), reason })?;
        Ok(Self { root, zone, key, keep_free: 0 })
    }

    /// Begins no file when fewer bytes than this are free.
    pub(super) fn keep_free(self, keep_free: u64) -> Self {
        Self { keep_free, ..self }
    }

    /// The file of a recording that begins at `at`; its folder exists afterwards.
    pub(super) fn file(&self, recording: RecordingId, at: Timestamp) -> io::Result<PathBuf> {
        if self.keep_free > 0 && free_space(&self.root)? < self.keep_free {
            let why = format!("less than {} MB are free", self.keep_free / 1_000_000);
            return Err(io::Error::new(io::ErrorKind::StorageFull, why));
        }
        let path = self.path(recording, at);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(path)
    }

    /// The file of a recording that begins at `at`.
    pub(in crate::switch) fn path(&self, recording: RecordingId, at: Timestamp) -> PathBuf {
        let micros = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        let day = moment.to_zoned(self.zone.clone()).date();
        let ending = if self.key.is_some() { SEALED } else { CLEAR };
        self.root.join(day.to_string()).join(format!("{recording}{ending}"))
    }

    /// The folder of all recordings.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a recording that was made on any day; the last days are looked at first.
    pub(in crate::switch) fn find(&self, recording: RecordingId) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.root).ok()?;
        let mut days: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        let names = [SEALED, CLEAR].map(|ending| format!("{recording}{ending}"));
        days.iter()
            .flat_map(|day| names.iter().map(|name| day.join(name)))
            .find(|path| path.is_file())
    }

    /// Opens a file of this folder, sealed or not.
    pub(super) fn open(&self, path: &Path) -> Result<RecordedAudio, SealedError> {
        RecordedAudio::open(path, self.key.as_ref())
    }

    /// What a recording that was never ended left on the disk.
    fn recover(&self, recording: RecordingId, at: Timestamp) -> io::Result<RecordingEnd> {
        self.measure(&self.path(recording, at))
    }

    /// How a recording ended whose file is closed.
    pub(in crate::switch) fn measure(&self, path: &Path) -> io::Result<RecordingEnd> {
        let audio = self.open(path).map_err(io::Error::other)?;
        let wav = hound::WavReader::new(audio).map_err(io::Error::other)?;
        let rate = u64::from(wav.spec().sample_rate.max(1));
        let length = Duration::from_millis(u64::from(wav.duration()) * 1000 / rate);
        let mut hash = Sha256::new();
        let bytes = io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
        let (file, sha256) = (self.relative(path), hex::encode(hash.finalize()));
        Ok(RecordingEnd::Saved { file, length, bytes, sha256 })
    }

    /// A file as the Center knows it: below the folder of recordings, with `/`.
    pub(in crate::switch) fn relative(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.update(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NativeSwitch {
    /// Returns how a recording ended that a former process began and could not end: with what it had
    /// written. `folder`, `time_zone` and `key` are those of the configuration, `at` is when it began.
    #[must_use]
    pub fn recover_recording(
        folder: &Path,
        time_zone: &str,
        recording: RecordingId,
        at: Timestamp,
        key: Option<&Key>,
    ) -> RecordingEnd {
        let recovered = Recordings::new(folder.to_owned(), time_zone, key.cloned())
            .map_err(|error| error.to_string())
            .and_then(|all| all.recover(recording, at).map_err(|error| error.to_string()));
        recovered.unwrap_or_else(|reason| RecordingEnd::Failed { reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_begun_when_less_is_free_than_should_be() {
        let root = tempfile::tempdir().unwrap();
        let recordings = Recordings::new(root.path().to_owned(), "Asia/Shanghai", None).unwrap();
        let begins = |keep_free| {
            let recordings = recordings.clone().keep_free(keep_free);
            recordings.file(RecordingId(1), Timestamp::ZERO).map_err(|error| error.kind())
        };
        assert!(begins(1).is_ok());
        assert_eq!(begins(u64::MAX), Err(io::ErrorKind::StorageFull));
    }

    #[test]
    fn a_recording_lies_in_the_folder_of_its_local_day() {
        let root = tempfile::tempdir().unwrap();
        let recordings = Recordings::new(root.path().to_owned(), "Asia/Shanghai", None).unwrap();
        // 2026-01-01 17:00 UTC is already the second of January in China.
        let at = Timestamp::from_secs(1_767_286_800);
        let path = recordings.file(RecordingId(7), at).unwrap();
        assert!(path.parent().unwrap().is_dir());
        assert_eq!(recordings.relative(&path), "2026-01-02/recording-7.wav");
        assert_eq!(recordings.find(RecordingId(7)), None);
        fs::write(&path, "voices").unwrap();
        fs::create_dir(root.path().join("2026-01-03")).unwrap();
        assert_eq!(recordings.find(RecordingId(7)), Some(path));
        assert_eq!(recordings.find(RecordingId(8)), None);
    }

    #[test]
    fn what_a_killed_process_had_recorded_is_found_again() {
        let root = tempfile::tempdir().unwrap();
        let recordings = Recordings::new(root.path().to_owned(), "Asia/Shanghai", None).unwrap();
        let at = Timestamp::from_secs(1_767_286_800);
        let path = recordings.file(RecordingId(7), at).unwrap();
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        (0..32_000).for_each(|_| wav.write_sample(1_i16).unwrap());
        wav.finalize().unwrap();
        let recover = |id| {
            NativeSwitch::recover_recording(root.path(), "Asia/Shanghai", RecordingId(id), at, None)
        };
        let RecordingEnd::Saved { file, length, bytes, .. } = recover(7) else { panic!() };
        assert_eq!((file.as_str(), length), ("2026-01-02/recording-7.wav", Duration::from_secs(2)));
        assert_eq!(bytes, fs::metadata(&path).unwrap().len());
        assert!(matches!(recover(8), RecordingEnd::Failed { .. }));
    }

    #[test]
    fn an_unknown_time_zone_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = Recordings::new(root.path().to_owned(), "Asia/Atlantis", None).unwrap_err();
        assert!(error.to_string().contains("Atlantis"));
    }
}
