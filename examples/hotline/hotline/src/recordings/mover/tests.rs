//! Recordings move to a folder and into a bucket, and are found wherever they are.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use cti_bindings::records::audio::AudioSource as _;
use cti_core::seal::Key;
use cti_media::record::sealed::SealedWriter;

use super::{
    super::target::{FolderTarget, Target},
    *,
};
use crate::recordings::s3::{S3, tests::Store};

/// What the records say.
#[derive(Default)]
struct Known(Mutex<BTreeMap<RecordingId, Fate>>);

#[async_trait]
impl Finished for Known {
    async fn fate(&self, recording: RecordingId) -> io::Result<Fate> {
        Ok(self.0.lock().unwrap().get(&recording).cloned().unwrap_or(Fate::Unknown))
    }
}

/// A folder of recordings, what the records say of them, and a folder far away.
struct Place {
    near: tempfile::TempDir,
    far: tempfile::TempDir,
    known: Arc<Known>,
}

impl Place {
    fn new() -> Self {
        let near = tempfile::tempdir().unwrap();
        std::fs::create_dir(near.path().join("2026-01-01")).unwrap();
        Self { near, far: tempfile::tempdir().unwrap(), known: Arc::default() }
    }

    fn vault(&self, key: Option<Key>) -> Vault {
        let target = FolderTarget::new(self.far.path().to_owned());
        Vault::new(self.near.path().to_owned(), key).with_target(Arc::new(target))
    }

    fn write(&self, number: u64, content: &[u8]) -> String {
        let name = format!("2026-01-01/recording-{number}.wav");
        std::fs::write(self.near.path().join(&name), content).unwrap();
        name
    }

    fn is_over(&self, number: u64, fate: Fate) {
        self.known.0.lock().unwrap().insert(RecordingId(number), fate);
    }

    fn mover(&self, vault: Vault) -> Mover {
        Mover::new(vault, Arc::clone(&self.known) as Arc<dyn Finished>)
    }
}

fn sha256(content: &[u8]) -> Fate {
    Fate::Moves(hex::encode(Sha256::digest(content)))
}

#[tokio::test]
async fn what_is_over_is_moved_and_read_where_it_went() {
    let place = Place::new();
    let (name, running, message) =
        (place.write(1, b"RIFF and so on"), place.write(2, b"RIFF"), place.write(3, b"RIFF"));
    place.is_over(1, sha256(b"RIFF and so on"));
    place.is_over(3, Fate::Stays);
    let vault = place.vault(None);
    let mut mover = place.mover(vault.clone());
    assert_eq!(mover.round().await.unwrap(), 1);
    assert_eq!(mover.round().await.unwrap(), 0);
    assert!(!place.near.path().join(&name).exists() && place.far.path().join(&name).exists());
    assert!(place.near.path().join(&running).exists() && place.near.path().join(&message).exists());

    let audio = vault.open(&name).await.unwrap().unwrap();
    assert_eq!((audio.length(), audio.read(5, 3).await.unwrap()), (14, b"and".to_vec()));
    assert!(vault.open(&running).await.unwrap().is_some());
    vault.remove(&name).await.unwrap();
    assert!(vault.open(&name).await.unwrap().is_none() && !place.far.path().join(&name).exists());
}

#[tokio::test]
async fn a_sealed_recording_stays_sealed_in_a_bucket_and_is_played_from_there() {
    let place = Place::new();
    let key = Key::from_bytes([3; Key::LENGTH]);
    let name = "2026-01-01/recording-7.wav.sealed";
    let file = std::fs::File::create(place.near.path().join(name)).unwrap();
    let mut writer = SealedWriter::new(file, &key, 8000, 1).unwrap();
    writer.append((0..24_000).map(|n| n as i16)).unwrap();
    writer.finish().unwrap();
    let content = std::fs::read(place.near.path().join(name)).unwrap();
    place.is_over(7, sha256(&content));

    let store = Arc::new(Store::default());
    let target = S3::open(&store.open(place.far.path()).await).unwrap();
    let vault = Vault::new(place.near.path().to_owned(), Some(key)).with_target(Arc::new(target));
    assert_eq!(place.mover(vault.clone()).round().await.unwrap(), 1);
    assert_eq!(store.objects().values().next(), Some(&content));
    let audio = vault.open(name).await.unwrap().unwrap();
    assert_eq!(audio.length(), 44 + 48_000);
    assert_eq!(audio.read(44 + 2 * 20_000, 2).await.unwrap(), 20_000_i16.to_le_bytes());
    vault.remove(name).await.unwrap();
    assert!(store.objects().is_empty());
}

#[tokio::test]
async fn while_the_folder_is_not_mounted_recordings_stay_and_are_moved_when_it_is_back() {
    let place = Place::new();
    let name = place.write(1, b"RIFF");
    place.is_over(1, sha256(b"RIFF"));
    let mount = place.far.path().join("nas");
    let target = FolderTarget::new(mount.clone());
    let vault = Vault::new(place.near.path().to_owned(), None).with_target(Arc::new(target));
    let mut mover = place.mover(vault.clone());
    let error = mover.round().await.unwrap_err().to_string();
    assert!(error.contains("is it mounted?"), "{error}");
    assert!(!mount.exists() && vault.open(&name).await.unwrap().is_some());
    std::fs::create_dir(&mount).unwrap();
    assert_eq!(mover.round().await.unwrap(), 1);
    assert!(vault.open(&name).await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_that_is_not_what_was_recorded_stays_and_the_others_go() {
    let place = Place::new();
    let (changed, good) = (place.write(1, b"RIFF, changed"), place.write(2, b"RIFF"));
    place.is_over(1, sha256(b"RIFF"));
    place.is_over(2, sha256(b"RIFF"));
    let error = place.mover(place.vault(None)).round().await.unwrap_err().to_string();
    assert!(error.contains("recording-1.wav is not what was recorded"), "{error}");
    assert!(place.near.path().join(changed).exists() && place.far.path().join(good).exists());
    assert_eq!(std::fs::read_dir(place.far.path().join("2026-01-01")).unwrap().count(), 1);
}

/// A target that damages what it is given, or during whose work the recording is deleted.
#[derive(Debug)]
struct Odd {
    folder: FolderTarget,
    damages: AtomicBool,
    deletes: Option<std::path::PathBuf>,
}

#[async_trait]
impl Target for Odd {
    async fn put(&self, name: &str, file: &Path) -> io::Result<()> {
        self.folder.put(name, file).await?;
        if let Some(file) = &self.deletes {
            std::fs::remove_file(file)?;
        }
        Ok(())
    }

    async fn length(&self, name: &str) -> io::Result<Option<u64>> {
        self.folder.length(name).await
    }

    async fn read(&self, name: &str, from: u64, wanted: usize) -> io::Result<Vec<u8>> {
        let mut bytes = self.folder.read(name, from, wanted).await?;
        if self.damages.load(Ordering::Relaxed) {
            bytes.iter_mut().for_each(|byte| *byte ^= 1);
        }
        Ok(bytes)
    }

    async fn remove(&self, name: &str) -> io::Result<()> {
        self.folder.remove(name).await
    }
}

#[tokio::test]
async fn what_arrives_damaged_is_taken_back_and_moved_again() {
    let place = Place::new();
    let name = place.write(1, b"RIFF");
    place.is_over(1, sha256(b"RIFF"));
    let folder = FolderTarget::new(place.far.path().to_owned());
    let odd = Arc::new(Odd { folder, damages: AtomicBool::new(true), deletes: None });
    let target = Arc::clone(&odd) as Arc<dyn Target>;
    let vault = Vault::new(place.near.path().to_owned(), None).with_target(target);
    let mut mover = place.mover(vault);
    let error = mover.round().await.unwrap_err().to_string();
    assert!(error.contains("was changed on its way"), "{error}");
    assert!(place.near.path().join(&name).exists() && !place.far.path().join(&name).exists());
    odd.damages.store(false, Ordering::Relaxed);
    assert_eq!(mover.round().await.unwrap(), 1);
}

#[tokio::test]
async fn a_recording_that_is_deleted_on_its_way_is_nowhere_afterwards() {
    let place = Place::new();
    let name = place.write(1, b"RIFF");
    place.is_over(1, sha256(b"RIFF"));
    let folder = FolderTarget::new(place.far.path().to_owned());
    let deletes = Some(place.near.path().join(&name));
    let odd = Odd { folder, damages: AtomicBool::new(false), deletes };
    let vault = Vault::new(place.near.path().to_owned(), None).with_target(Arc::new(odd));
    assert_eq!(place.mover(vault).round().await.unwrap(), 0);
    assert!(!place.far.path().join(&name).exists());
}
