//! The prompts as the switch plays them, and as an administrator changes them while callers listen.
//!
//! ```text
//! prompts/zh-CN/waiting.wav  ──▶ "zh-CN/waiting", and "waiting" for the set that callers hear
//! prompts/music/hold.wav     ──▶ "music/hold"
//! ```

mod history;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use cti_core::{speech::SynthesisError, time::Timestamp};
use cti_ivr::flow::Recordings;
use cti_media::play::{
    Clip, ClipLibrary, LoadError,
    prepare::{Kind, Prepared, Unfit, prepare, prepare_sound},
};
use hotline_api::flows::prompts::{
    NO_LANGUAGE, PromptError, PromptKey, PromptShelf, Recorded,
    shelf::{Origin, PromptVersion, Saying, Voice, language_of},
};
use serde::Deserialize;

use self::history::History;
use crate::{files, speech::Speech};

/// The set that callers hear unless the configuration says otherwise.
pub const DEFAULT_SET: &str = "zh-CN";
/// The most prompts of all sets.
const MAX_PROMPTS: usize = 5_000;
/// The most bytes of all prompts, which are kept in memory: about nine hours.
const MAX_BYTES: u64 = 512 << 20;

/// The prompts of a folder.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// The set whose prompts are known by their bare id.
    set: String,
    clips: Arc<ClipLibrary>,
    recorded: RwLock<BTreeMap<PromptKey, Recorded>>,
    speech: Arc<Speech>,
    /// One change after the other: the files of a prompt belong together.
    changing: tokio::sync::Mutex<()>,
}

/// What is said in each recording of a set.
#[derive(Debug, Default, Deserialize)]
struct Words {
    #[serde(default)]
    clips: BTreeMap<String, toml::Value>,
}

impl Shelf {
    /// Loads every prompt of a folder; those of a set are what callers hear.
    ///
    /// # Errors
    /// When a file is no 8 kHz mono WAV file.
    pub fn load(folder: &Path, set: &str, speech: Arc<Speech>) -> Result<Self, LoadError> {
        let clips = ClipLibrary::load(folder)?;
        let mut words: BTreeMap<String, Words> = BTreeMap::new();
        let mut recorded = BTreeMap::new();
        for name in clips.names() {
            let key = key_of(&name);
            let unreadable = |source| LoadError::Unreadable { path: folder.join(&name), source };
            let history = History::read(folder, &key).map_err(unreadable)?;
            if history.is_removed() {
                // A built-in prompt is laid out again at every start; removed it stays removed.
                clips.remove(&name);
                continue;
            }
            let said = words
                .entry(key.language.clone())
                .or_insert_with(|| words_of(folder, &key.language));
            let said = said.clips.get(&key.id).and_then(|it| it.as_str()).map(str::to_owned);
            if let Ok(clip) = clips.clip(&name) {
                let one = recorded_of(&file_of(folder, &key), &clip, history.words.or(said));
                recorded.insert(key, one.map_err(unreadable)?);
            }
        }
        let shelf = Self(Arc::new(Inner {
            folder: folder.to_owned(),
            set: set.to_owned(),
            clips: Arc::new(clips),
            recorded: RwLock::new(recorded),
            speech,
            changing: tokio::sync::Mutex::default(),
        }));
        let ids: BTreeSet<String> = shelf.recorded_ref().keys().map(|it| it.id.clone()).collect();
        ids.iter().for_each(|id| shelf.name(id));
        Ok(shelf)
    }

    /// Returns the prompts as the switch plays them; what is changed here is changed there.
    #[must_use]
    pub fn clips(&self) -> Arc<ClipLibrary> {
        Arc::clone(&self.0.clips)
    }

    /// Returns the lengths of the recordings, as the check of flows wants them: what a set of a voice lacks is taken
    /// from that of its language.
    #[must_use]
    pub fn recordings(&self) -> Recordings {
        let recorded = self.recorded_ref();
        let sets: BTreeSet<&str> = recorded.keys().map(|it| it.language.as_str()).collect();
        let lengths = |set: &str| {
            let these = recorded.iter().filter(move |(key, _)| key.language == set);
            these.map(|(key, it)| (key.id.clone(), it.length)).collect::<BTreeMap<_, _>>()
        };
        let languages = sets.into_iter().filter(|set| *set != NO_LANGUAGE).map(|set| {
            let mut known = language_of(set).map(lengths).unwrap_or_default();
            known.extend(lengths(set));
            known.extend(lengths(NO_LANGUAGE));
            (set.to_owned(), known)
        });
        Recordings { languages: languages.collect() }
    }

    fn recorded_ref(&self) -> RwLockReadGuard<'_, BTreeMap<PromptKey, Recorded>> {
        self.0.recorded.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, key: &PromptKey) -> PathBuf {
        file_of(&self.0.folder, key)
    }

    /// Makes the bare id of a prompt mean the one that callers hear.
    fn name(&self, id: &str) {
        let sets = [Some(self.0.set.as_str()), language_of(&self.0.set)];
        let found = sets
            .into_iter()
            .flatten()
            .find_map(|set| self.0.clips.clip(&format!("{set}/{id}")).ok());
        let key = PromptKey { language: NO_LANGUAGE.to_owned(), id: id.to_owned() };
        match found {
            Some(clip) => self.0.clips.insert(id, clip),
            None if self.recorded_ref().contains_key(&key) => {}
            None => self.0.clips.remove(id),
        }
    }

    /// Puts a prompt where callers hear it, as its newest version.
    fn put(
        &self,
        key: &PromptKey,
        sound: &[u8],
        clip: &Clip,
        origin: Origin,
        by: &str,
    ) -> Result<(), PromptError> {
        {
            let recorded = self.recorded_ref();
            if recorded.len() >= MAX_PROMPTS && !recorded.contains_key(key) {
                return Err(PromptError::Full("there are 5000 recordings"));
            }
            if recorded.values().map(|it| it.bytes).sum::<u64>() + sound.len() as u64 > MAX_BYTES {
                return Err(PromptError::Full("the recordings together have 512 MiB"));
            }
        }
        let file = self.file(key);
        let mut history = History::read(&self.0.folder, key)?;
        let at = cti_core::runtime::now();
        history.keep_current(&file, at)?;
        history.add(Some(sound), origin, by, at)?;
        files::replace(&file, sound)?;
        let words = history.words.or_else(|| self.words(key));
        let one = recorded_of(&file, clip, words)?;
        self.recorded_mut(|all| all.insert(key.clone(), one));
        self.0.clips.insert(name_of(key), clip.clone());
        self.name(&key.id);
        Ok(())
    }

    fn words(&self, key: &PromptKey) -> Option<String> {
        let known = self.recorded_ref().get(key).and_then(|it| it.words.clone());
        known.or_else(|| {
            let said = words_of(&self.0.folder, &key.language);
            said.clips.get(&key.id).and_then(|it| it.as_str()).map(str::to_owned)
        })
    }

    fn recorded_mut<T>(&self, change: impl FnOnce(&mut BTreeMap<PromptKey, Recorded>) -> T) -> T {
        change(&mut self.0.recorded.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn write_words(&self, key: &PromptKey, words: String) -> Result<(), PromptError> {
        let mut history = History::read(&self.0.folder, key)?;
        history.words = Some(words.clone());
        history.write()?;
        self.recorded_mut(|all| {
            if let Some(it) = all.get_mut(key) {
                it.words = Some(words).filter(|words| !words.is_empty());
            }
        });
        Ok(())
    }

    /// Does what reads and writes files, or computes long, where it holds nobody up.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> Result<T, PromptError> + Send + 'static,
    ) -> Result<T, PromptError> {
        let shelf = self.clone();
        match tokio::task::spawn_blocking(move || work(shelf)).await {
            Ok(done) => done,
            Err(error) => Err(PromptError::Keep(io::Error::other(error))),
        }
    }

    fn must_be_there(&self, key: &PromptKey) -> Result<(), PromptError> {
        if self.recorded_ref().contains_key(key) {
            Ok(())
        } else {
            Err(PromptError::Unknown(key.clone()))
        }
    }
}

#[async_trait]
impl PromptShelf for Shelf {
    fn recorded(&self) -> BTreeMap<PromptKey, Recorded> {
        self.recorded_ref().clone()
    }

    async fn audio(&self, key: &PromptKey, version: Option<u32>) -> Result<Vec<u8>, PromptError> {
        let key = key.clone();
        self.aside(move |shelf| match version {
            None => {
                // Only what was listed is read, whatever the path says.
                shelf.must_be_there(&key)?;
                Ok(fs::read(shelf.file(&key))?)
            }
            Some(version) => {
                let history = History::read(&shelf.0.folder, &key)?;
                history.sound(version)?.ok_or(PromptError::UnknownVersion(version))
            }
        })
        .await
    }

    async fn record(&self, key: &PromptKey, wav: Vec<u8>, by: &str) -> Result<(), PromptError> {
        let _one = self.0.changing.lock().await;
        let (key, by) = (key.clone(), by.to_owned());
        self.aside(move |shelf| {
            let prepared = prepared(&key, &wav)?;
            shelf.put(&key, &prepared.wav(), &prepared.clip(), Origin::Upload, &by)
        })
        .await
    }

    fn voices(&self) -> Vec<Voice> {
        self.0.speech.voices()
    }

    async fn say(&self, language: &str, what: Saying) -> Result<Vec<u8>, PromptError> {
        let language = language_of(language).unwrap_or_default();
        let (sound, _) = self.0.speech.say(&what, language).await.map_err(unspoken)?;
        self.aside(move |_| Ok(prepare_sound(&sound, Kind::Speech).map_err(unfit)?.wav())).await
    }

    async fn synthesize(&self, key: &PromptKey, what: Saying, by: &str) -> Result<(), PromptError> {
        let language = language_of(&key.language).unwrap_or_default().to_owned();
        let (sound, voice) = self.0.speech.say(&what, &language).await.map_err(unspoken)?;
        let _one = self.0.changing.lock().await;
        let (key, by) = (key.clone(), by.to_owned());
        self.aside(move |shelf| {
            let prepared = prepare_sound(&sound, Kind::Speech).map_err(unfit)?;
            let origin = Origin::Synthesis { voice };
            shelf.put(&key, &prepared.wav(), &prepared.clip(), origin, &by)?;
            shelf.write_words(&key, what.text)
        })
        .await
    }

    async fn describe(&self, key: &PromptKey, words: &str) -> Result<(), PromptError> {
        let _one = self.0.changing.lock().await;
        let (key, words) = (key.clone(), words.to_owned());
        self.aside(move |shelf| {
            shelf.must_be_there(&key)?;
            shelf.write_words(&key, words)
        })
        .await
    }

    async fn versions(&self, key: &PromptKey) -> Result<Vec<PromptVersion>, PromptError> {
        let key = key.clone();
        self.aside(move |shelf| {
            let mut versions = History::read(&shelf.0.folder, &key)?.versions;
            if versions.is_empty() {
                // Nobody has changed it yet: what lies in the folder is its first version.
                let recorded = shelf.recorded_ref();
                let it = recorded.get(&key).ok_or_else(|| PromptError::Unknown(key.clone()))?;
                versions.push(PromptVersion {
                    version: 1,
                    at: it.changed.unwrap_or_default(),
                    by: "folder".to_owned(),
                    origin: Origin::Folder,
                    bytes: it.bytes,
                });
            }
            versions.reverse();
            Ok(versions)
        })
        .await
    }

    async fn roll_back(&self, key: &PromptKey, version: u32, by: &str) -> Result<(), PromptError> {
        let _one = self.0.changing.lock().await;
        let (key, by) = (key.clone(), by.to_owned());
        self.aside(move |shelf| {
            let history = History::read(&shelf.0.folder, &key)?;
            let sound = history.sound(version)?.ok_or(PromptError::UnknownVersion(version))?;
            let clip = clip_of(&sound)?;
            shelf.put(&key, &sound, &clip, Origin::RollBack { of: version }, &by)
        })
        .await
    }

    async fn remove(&self, key: &PromptKey, by: &str) -> Result<(), PromptError> {
        let _one = self.0.changing.lock().await;
        let (key, by) = (key.clone(), by.to_owned());
        self.aside(move |shelf| {
            shelf.must_be_there(&key)?;
            let file = shelf.file(&key);
            let at = cti_core::runtime::now();
            let mut history = History::read(&shelf.0.folder, &key)?;
            history.keep_current(&file, at)?;
            history.add(None, Origin::Removal, &by, at)?;
            fs::remove_file(&file)?;
            shelf.recorded_mut(|all| all.remove(&key));
            shelf.0.clips.remove(&name_of(&key));
            shelf.name(&key.id);
            Ok(())
        })
        .await
    }
}

/// Makes a prompt of a WAV file.
fn prepared(key: &PromptKey, wav: &[u8]) -> Result<Prepared, PromptError> {
    let kind = if key.language == NO_LANGUAGE { Kind::Music } else { Kind::Speech };
    prepare(wav, kind).map_err(unfit)
}

fn unspoken(error: SynthesisError) -> PromptError {
    PromptError::Unspoken { passing: error.is_passing(), reason: error.to_string() }
}

fn unfit(unfit: Unfit) -> PromptError {
    PromptError::Unfit { field: unfit.field(), reason: unfit.to_string() }
}

/// Reads a version as it was kept.
fn clip_of(sound: &[u8]) -> io::Result<Clip> {
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let read = cti_media::play::wav::read(sound).map_err(wrong)?;
    Ok(Clip::from_samples(&cti_media::dsp::shape::to_i16(&read.samples)))
}

fn recorded_of(file: &Path, clip: &Clip, words: Option<String>) -> io::Result<Recorded> {
    let meta = fs::metadata(file)?;
    let changed = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(Recorded {
        length: clip.duration(),
        bytes: meta.len(),
        level: clip.level(),
        words: words.filter(|words| !words.is_empty()),
        changed: changed.map(|since| Timestamp::ZERO + since),
    })
}

/// Returns which prompt a name of the library is: `zh-CN/waiting`, `music/hold`.
fn key_of(name: &str) -> PromptKey {
    let (language, id) = match name.split_once('/') {
        Some((set, id)) if language_of(set).is_some() => (set, id),
        Some(_) | None => (NO_LANGUAGE, name),
    };
    PromptKey { language: language.to_owned(), id: id.to_owned() }
}

fn name_of(key: &PromptKey) -> String {
    match key.language.as_str() {
        NO_LANGUAGE => key.id.clone(),
        set => format!("{set}/{}", key.id),
    }
}

fn file_of(folder: &Path, key: &PromptKey) -> PathBuf {
    folder.join(format!("{}.wav", name_of(key)))
}

/// Returns what is said in the recordings of a set; nothing where nobody wrote it down.
fn words_of(folder: &Path, set: &str) -> Words {
    fs::read_to_string(folder.join(set).join("prompts.toml"))
        .ok()
        .and_then(|text| toml::from_str(&text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod spliced;
#[cfg(test)]
mod tests;
