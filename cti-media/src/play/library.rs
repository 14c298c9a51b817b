//! All prompts of a folder tree, by name.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use super::Clip;
use crate::{codec::SAMPLE_RATE, dsp::tone::Tone};

/// Deepest folder that is searched, so that a link loop ends.
const MAX_DEPTH: usize = 8;

/// Longest prompt that is kept in memory, in samples: ten minutes.
const MAX_SAMPLES: u32 = 10 * 60 * SAMPLE_RATE;

/// Prompts by name, read at start and shared by all legs; they can be replaced while it serves, and whoever hears one
/// hears it to its end.
///
/// The name of a prompt is its path below the folder without `.wav`, with `/` between folders:
/// `digits/8`, `greeting`. Folders and files whose name begins with a dot are passed over.
#[derive(Debug)]
pub struct ClipLibrary {
    clips: RwLock<BTreeMap<String, Clip>>,
    tones: [Clip; Tone::ALL.len()],
}

/// A prompt could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file cannot be read.
    #[error("prompt {path}: {source}", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no WAV file.
    #[error("prompt {path}: {source}", path = path.display())]
    NotWav {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: hound::Error,
    },
    /// The file is not 8 kHz, 16 bit, mono.
    #[error(
        "prompt {path}: is {sample_rate} Hz, {bits} bit, {channels} channels; must be 8000 Hz, 16 bit, mono",
        path = path.display()
    )]
    WrongFormat {
        /// The file.
        path: PathBuf,
        /// Its sample rate in Hz.
        sample_rate: u32,
        /// Its bits per sample.
        bits: u16,
        /// Its number of channels.
        channels: u16,
    },
    /// The file is longer than ten minutes.
    #[error("prompt {path}: is longer than ten minutes", path = path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

/// No prompt has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no prompt named {0:?}")]
pub struct MissingClip(pub String);

impl Default for ClipLibrary {
    /// Returns a library with the tones and no prompts.
    fn default() -> Self {
        let tones = Tone::ALL.map(|tone| Clip::from_samples(&tone.samples()));
        Self { clips: RwLock::default(), tones }
    }
}

impl ClipLibrary {
    /// Loads every `.wav` file below `folder`.
    ///
    /// # Errors
    ///
    /// Fails at the first file that is not an 8 kHz, 16 bit, mono WAV file.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let library = Self::default();
        library.load_folder(folder, "", 0)?;
        Ok(library)
    }

    /// Adds or replaces a prompt; plays that begin from now on hear this one.
    pub fn insert(&self, name: impl Into<String>, clip: Clip) {
        self.clips.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), clip);
    }

    /// Takes a prompt out.
    pub fn remove(&self, name: &str) {
        self.clips.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Returns the prompt with this name.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub fn clip(&self, name: &str) -> Result<Clip, MissingClip> {
        self.clips().get(name).cloned().ok_or_else(|| MissingClip(name.to_owned()))
    }

    /// Returns one period of a tone.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> &Clip {
        &self.tones[tone as usize]
    }

    /// Returns the names of all prompts in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.clips().keys().cloned().collect()
    }

    fn clips(&self) -> RwLockReadGuard<'_, BTreeMap<String, Clip>> {
        self.clips.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn load_folder(&self, folder: &Path, prefix: &str, depth: usize) -> Result<(), LoadError> {
        let unreadable = |source| LoadError::Unreadable { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            if stem.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{stem}");
            if path.is_dir() {
                if depth < MAX_DEPTH {
                    self.load_folder(&path, &format!("{name}/"), depth + 1)?;
                }
            } else if path.extension().is_some_and(|extension| extension == "wav") {
                self.insert(name, load_wav(&path)?);
            }
        }
        Ok(())
    }
}

fn load_wav(path: &Path) -> Result<Clip, LoadError> {
    let not_wav = |source| LoadError::NotWav { path: path.to_owned(), source };
    let mut reader = hound::WavReader::open(path).map_err(not_wav)?;
    let spec = reader.spec();
    if (spec.sample_rate, spec.bits_per_sample, spec.channels) != (SAMPLE_RATE, 16, 1) {
        return Err(LoadError::WrongFormat {
            path: path.to_owned(),
            sample_rate: spec.sample_rate,
            bits: spec.bits_per_sample,
            channels: spec.channels,
        });
    }
    if reader.duration() > MAX_SAMPLES {
        return Err(LoadError::TooLong { path: path.to_owned() });
    }
    let samples: Vec<i16> = reader.samples().collect::<Result<_, _>>().map_err(not_wav)?;
    Ok(Clip::from_samples(&samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, sample_rate: u32, channels: u16) {
        let spec = hound::WavSpec {
            channels,
            sample_rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for n in 0..800_i16 {
            writer.write_sample(n).unwrap();
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn a_prompt_is_named_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("digits")).unwrap();
        write(&folder.path().join("greeting.wav"), 8000, 1);
        write(&folder.path().join("digits/8.wav"), 8000, 1);
        fs::write(folder.path().join("readme.txt"), "not a prompt").unwrap();
        fs::create_dir(folder.path().join(".versions")).unwrap();
        fs::write(folder.path().join(".versions/1.wav"), "not looked at").unwrap();

        let library = ClipLibrary::load(folder.path()).unwrap();

        assert_eq!(library.names(), ["digits/8", "greeting"]);
        assert_eq!(library.clip("digits/8").unwrap().samples(), 800);
        assert_eq!(library.clip("digits/9"), Err(MissingClip("digits/9".to_owned())));
    }

    #[test]
    fn a_prompt_in_another_format_names_the_file_and_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("music.wav"), 44100, 2);
        let error = ClipLibrary::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("music.wav") && error.contains("44100 Hz"), "{error}");
    }

    #[test]
    fn a_prompt_that_is_replaced_is_played_from_then_on_and_whoever_has_the_old_one_keeps_it() {
        let library = ClipLibrary::default();
        library.insert("greeting", Clip::from_samples(&[1; 160]));
        let old = library.clip("greeting").unwrap();
        library.insert("greeting", Clip::from_samples(&[2; 320]));
        assert_eq!((old.samples(), library.clip("greeting").unwrap().samples()), (160, 320));
        library.remove("greeting");
        assert!(library.clip("greeting").is_err() && library.names().is_empty());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = ClipLibrary::load(Path::new("/nonexistent/prompts")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/prompts"));
    }
}
