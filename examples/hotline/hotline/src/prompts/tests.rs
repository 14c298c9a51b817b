//! Prompts are changed while they are played.

use cti_media::play::wav;

use super::*;

/// A second of a tone at 16 kHz, so loud.
fn tone(loudness: f64) -> Vec<u8> {
    let turn = std::f64::consts::TAU * 440.0 / 16_000.0;
    let one = |n| ((f64::from(n) * turn).sin() * loudness * 32_767.0) as i16;
    wav::write(&(0..16_000).map(one).collect::<Vec<_>>(), 16_000)
}

/// A shelf with a greeting of the language, and music.
fn shelf(set: &str) -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().unwrap();
    let quiet = prepare(&tone(0.1), Kind::Speech).unwrap().wav();
    for file in ["zh-CN/greeting.wav", "music/hold.wav"] {
        files::replace(&folder.path().join(file), &quiet).unwrap();
    }
    fs::write(folder.path().join("zh-CN/prompts.toml"), "[clips]\ngreeting = \"您好\"\n").unwrap();
    let shelf = Shelf::load(folder.path(), set, Arc::default()).unwrap();
    (folder, shelf)
}

fn key(language: &str, id: &str) -> PromptKey {
    PromptKey { language: language.to_owned(), id: id.to_owned() }
}

#[tokio::test]
async fn the_shelf_knows_languages_words_lengths_and_what_belongs_to_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prompts");
    let shelf = Shelf::load(&folder, DEFAULT_SET, Arc::default()).unwrap();
    let recorded = shelf.recorded();
    let greeting = &recorded[&key("zh-CN", "greeting-12345")];
    assert!(greeting.words.as_ref().unwrap().contains("一二三四五"));
    assert!(greeting.length.as_millis() > 1000);
    assert!((greeting.level + 20.0).abs() < 3.0, "{}", greeting.level);
    assert!(recorded.contains_key(&key("-", "music/hold")));
    let heard = shelf.audio(&key("zh-CN", "greeting-12345"), None).await.unwrap();
    assert_eq!(heard.len() as u64, greeting.bytes);
    let outside = shelf.audio(&key("zh-CN", "../../Cargo"), None).await;
    assert!(matches!(outside, Err(PromptError::Unknown(_))));
    assert!(shelf.recordings().languages["zh-CN"].contains_key("music/hold"));
}

#[tokio::test]
async fn an_upload_is_heard_at_once_and_after_a_restart_and_earlier_versions_come_back() {
    let (folder, shelf) = shelf("zh-CN");
    let greeting = key("zh-CN", "greeting");
    let (first, clips) = (shelf.audio(&greeting, None).await.unwrap(), shelf.clips());
    let before = clips.clip("greeting").unwrap();
    let longer = wav::read(&tone(0.5)).unwrap().samples.repeat(2);
    let longer = wav::write(&cti_media::dsp::shape::to_i16(&longer), 16_000);
    shelf.record(&greeting, longer, "admin").await.unwrap();
    let heard = clips.clip("greeting").unwrap();
    assert!(heard.duration() > before.duration(), "{heard:?} {before:?}");
    assert_eq!(clips.clip("zh-CN/greeting").unwrap(), heard);
    let again = Shelf::load(folder.path(), "zh-CN", Arc::default()).unwrap();
    assert_eq!(again.clips().clip("greeting").unwrap(), heard);
    assert_eq!(again.recorded()[&greeting].words.as_deref(), Some("您好"));

    let versions = shelf.versions(&greeting).await.unwrap();
    let told: Vec<_> = versions.iter().map(|it| (it.version, it.by.as_str())).collect();
    assert_eq!(told, [(2, "admin"), (1, "folder")]);
    shelf.roll_back(&greeting, 1, "chief").await.unwrap();
    assert_eq!(shelf.audio(&greeting, None).await.unwrap(), first);
    assert_eq!(clips.clip("greeting").unwrap(), before);
    let newest = shelf.versions(&greeting).await.unwrap().remove(0);
    assert_eq!((newest.version, newest.origin), (3, Origin::RollBack { of: 1 }));
    let unknown = shelf.roll_back(&greeting, 9, "chief").await;
    assert!(matches!(unknown, Err(PromptError::UnknownVersion(9))));
}

#[tokio::test]
async fn a_recording_that_is_not_fit_changes_nothing() {
    let (_folder, shelf) = shelf("zh-CN");
    let greeting = key("zh-CN", "greeting");
    let before = shelf.recorded();
    for (wav, wrong) in [(b"ID3".to_vec(), "file"), (tone(0.0001), "level"), (tone(2.0), "level")] {
        let error = shelf.record(&greeting, wav, "admin").await.unwrap_err();
        assert!(matches!(error, PromptError::Unfit { field, .. } if field == wrong), "{error}");
    }
    assert_eq!(shelf.recorded(), before);
    assert_eq!(shelf.versions(&greeting).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_prompts_of_a_voice_win_and_what_it_lacks_is_its_languages() {
    let (folder, shelf) = shelf("zh-CN-lin");
    let clips = shelf.clips();
    let common = clips.clip("zh-CN/greeting").unwrap();
    assert_eq!(clips.clip("greeting").unwrap(), common);
    let lins = key("zh-CN-lin", "greeting");
    shelf.record(&lins, tone(0.5), "admin").await.unwrap();
    let hers = clips.clip("zh-CN-lin/greeting").unwrap();
    assert_ne!(hers, common);
    assert_eq!(clips.clip("greeting").unwrap(), hers);
    assert!(shelf.recordings().languages["zh-CN-lin"].contains_key("music/hold"));
    shelf.remove(&lins, "admin").await.unwrap();
    assert_eq!(clips.clip("greeting").unwrap(), common);
    drop(folder);
}

#[tokio::test]
async fn what_was_removed_stays_removed_even_when_it_is_laid_out_again() {
    let (folder, shelf) = shelf("zh-CN");
    let greeting = key("zh-CN", "greeting");
    let file = folder.path().join("zh-CN/greeting.wav");
    let built_in = fs::read(&file).unwrap();
    shelf.remove(&greeting, "admin").await.unwrap();
    assert!(shelf.clips().clip("greeting").is_err() && !file.exists());
    assert!(matches!(shelf.remove(&greeting, "admin").await, Err(PromptError::Unknown(_))));
    fs::write(&file, built_in).unwrap();
    let again = Shelf::load(folder.path(), "zh-CN", Arc::default()).unwrap();
    assert!(again.clips().clip("greeting").is_err());
    assert!(!again.recorded().contains_key(&greeting));
    again.roll_back(&greeting, 1, "admin").await.unwrap();
    assert!(again.clips().clip("greeting").is_ok());
}

#[tokio::test]
async fn words_are_written_down_and_only_so_many_versions_are_kept() {
    let (folder, shelf) = shelf("zh-CN");
    let greeting = key("zh-CN", "greeting");
    shelf.describe(&greeting, "欢迎致电").await.unwrap();
    for _ in 0..history::KEPT + 3 {
        shelf.record(&greeting, tone(0.5), "admin").await.unwrap();
    }
    assert_eq!(shelf.versions(&greeting).await.unwrap().len(), history::KEPT);
    let kept = fs::read_dir(folder.path().join(".versions/zh-CN/greeting")).unwrap().count();
    assert_eq!(kept, history::KEPT + 1);
    let again = Shelf::load(folder.path(), "zh-CN", Arc::default()).unwrap();
    assert_eq!(again.recorded()[&greeting].words.as_deref(), Some("欢迎致电"));
    let gone = again.audio(&greeting, Some(1)).await;
    assert!(matches!(gone, Err(PromptError::UnknownVersion(1))));
}
