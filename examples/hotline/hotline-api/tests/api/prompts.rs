//! Recordings by REST: listed, heard, brought, described, rolled back, removed.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use cti_core::time::Timestamp;
use hotline_api::flows::prompts::{
    PromptError, PromptKey, PromptShelf, Recorded,
    shelf::{Origin, PromptVersion, Saying, Voice},
};
use serde_json::{Value, json};

use crate::flows::{greeting, world};

/// Recordings in memory; what begins with RIFF is fit.
#[derive(Debug)]
pub(crate) struct Shelf(Mutex<Kept>);

/// The versions of each recording, the oldest first.
type Kept = BTreeMap<PromptKey, Vec<(PromptVersion, Vec<u8>)>>;

impl Default for Shelf {
    fn default() -> Self {
        let shelf = Self(Mutex::default());
        for id in ["old", "more", "idle"] {
            shelf.add(&key("zh-CN", id), b"RIFF".to_vec(), Origin::Folder, "folder");
        }
        shelf
    }
}

fn key(language: &str, id: &str) -> PromptKey {
    PromptKey { language: language.to_owned(), id: id.to_owned() }
}

impl Shelf {
    fn all(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    fn add(&self, key: &PromptKey, sound: Vec<u8>, origin: Origin, by: &str) {
        let mut all = self.all();
        let of = all.entry(key.clone()).or_default();
        let version = u32::try_from(of.len()).unwrap() + 1;
        let (at, bytes) = (Timestamp::from_secs(1_795_309_200), sound.len() as u64);
        of.push((PromptVersion { version, at, by: by.to_owned(), origin, bytes }, sound));
    }
}

#[async_trait]
impl PromptShelf for Shelf {
    fn recorded(&self) -> BTreeMap<PromptKey, Recorded> {
        let all = self.all();
        let kept = all.iter().filter(|(_, it)| it.last().unwrap().0.origin != Origin::Removal);
        let one = |sound: &[u8]| Recorded {
            length: Duration::from_secs(3),
            bytes: sound.len() as u64,
            level: -20.04,
            words: None,
            changed: None,
        };
        kept.map(|(key, it)| (key.clone(), one(&it.last().unwrap().1))).collect()
    }

    async fn audio(&self, key: &PromptKey, version: Option<u32>) -> Result<Vec<u8>, PromptError> {
        let all = self.all();
        let of = all.get(key).ok_or_else(|| PromptError::Unknown(key.clone()))?;
        let wanted = version.unwrap_or_else(|| u32::try_from(of.len()).unwrap());
        let found = of.iter().find(|(it, _)| it.version == wanted);
        found.map(|(_, sound)| sound.clone()).ok_or(PromptError::UnknownVersion(wanted))
    }

    async fn record(&self, key: &PromptKey, wav: Vec<u8>, by: &str) -> Result<(), PromptError> {
        if !wav.starts_with(b"RIFF") {
            let reason = "file: is no WAV file".to_owned();
            return Err(PromptError::Unfit { field: "file", reason });
        }
        self.add(key, wav, Origin::Upload, by);
        Ok(())
    }

    fn voices(&self) -> Vec<Voice> {
        let of = |id: &str| Voice { id: id.into(), name: id.into(), language: "zh-CN".into() };
        vec![of("one/lin")]
    }

    async fn say(&self, language: &str, what: Saying) -> Result<Vec<u8>, PromptError> {
        let unspoken = |passing| PromptError::Unspoken { passing, reason: "cannot".to_owned() };
        match (language, what.voice.as_deref()) {
            ("zh-CN", None) => Ok(what.text.into_bytes()),
            ("zh-CN", Some("one/ill")) => Err(unspoken(true)),
            _ => Err(unspoken(false)),
        }
    }

    async fn synthesize(&self, key: &PromptKey, what: Saying, by: &str) -> Result<(), PromptError> {
        let voice = what.voice.unwrap_or_else(|| "one/lin".to_owned());
        let unspoken = |passing| PromptError::Unspoken { passing, reason: "cannot".to_owned() };
        match voice.as_str() {
            "one/lin" => self.add(key, what.text.into_bytes(), Origin::Synthesis { voice }, by),
            "one/ill" => return Err(unspoken(true)),
            _ => return Err(unspoken(false)),
        }
        Ok(())
    }

    async fn describe(&self, key: &PromptKey, _words: &str) -> Result<(), PromptError> {
        let known = self.recorded().contains_key(key);
        if known { Ok(()) } else { Err(PromptError::Unknown(key.clone())) }
    }

    async fn versions(&self, key: &PromptKey) -> Result<Vec<PromptVersion>, PromptError> {
        let all = self.all();
        let of = all.get(key).ok_or_else(|| PromptError::Unknown(key.clone()))?;
        Ok(of.iter().rev().map(|(version, _)| version.clone()).collect())
    }

    async fn roll_back(&self, key: &PromptKey, version: u32, by: &str) -> Result<(), PromptError> {
        let sound = self.audio(key, Some(version)).await?;
        self.add(key, sound, Origin::RollBack { of: version }, by);
        Ok(())
    }

    async fn remove(&self, key: &PromptKey, by: &str) -> Result<(), PromptError> {
        self.add(key, Vec::new(), Origin::Removal, by);
        Ok(())
    }
}

fn found<'a>(list: &'a Value, language: &str, id: &str) -> Option<&'a Value> {
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|it| it["id"] == id && it["language"] == language)
}

const OLD: &str = "/prompts/zh-CN/old";

#[tokio::test]
async fn recordings_are_listed_with_what_flows_miss_and_can_be_heard() {
    let world = world().await;
    let (token, admin) = (world.token("8000").await, world.token("admin").await);
    let list = world.get(&token, "/prompts?language=zh-CN").await.json();
    let status = |id: &str| found(&list, "zh-CN", id).unwrap()["status"].clone();
    assert_eq!((status("old"), status("idle")), (json!("present"), json!("unused")));
    assert_eq!(status("hold"), json!("missing"), "the centre itself plays it");
    assert_eq!(found(&list, "zh-CN", "old").unwrap()["level_db"], json!(-20.0));
    assert_eq!((&list["languages"], &list["writable"]), (&json!(["zh-CN"]), &json!(false)));
    assert_eq!(world.get(&admin, "/prompts").await.json()["writable"], json!(true));
    let heard = world.get(&token, &format!("{OLD}/audio")).await;
    assert_eq!((heard.status.as_u16(), heard.body.as_slice()), (200, b"RIFF".as_slice()));
    assert_eq!(heard.headers["content-type"], "audio/wav");
    assert_eq!(world.get(&token, "/prompts/zh-CN/gone/audio").await.problem().1, "unknown_prompt");
    assert_eq!(world.get(&token, "/prompts/zh-CN/..%2F..%2Fx/audio").await.problem().0, 400);
}

#[tokio::test]
async fn an_administrator_brings_a_recording_and_goes_back_to_an_earlier_one() {
    let world = world().await;
    let (admin, supervisor) = (world.token("admin").await, world.token("8000").await);
    let bring = |token: String, path: &'static str, body: &'static [u8]| {
        let world = &world;
        async move { world.bytes(&token, "PUT", path, "audio/wav", body.to_vec()).await }
    };
    let refused = bring(supervisor.clone(), OLD, b"RIFF new").await;
    assert_eq!(refused.problem().1, "forbidden");
    let unfit = bring(admin.clone(), OLD, b"MP3").await;
    assert_eq!(unfit.problem(), (400, "unfit_recording".into(), Some("file".into())));
    let brought = bring(admin.clone(), OLD, b"RIFF new").await;
    assert_eq!((brought.status.as_u16(), &brought.json()["bytes"]), (200, &json!(8)));
    // A recording that nobody had, in a language that no flow speaks: nothing else is missing there.
    assert_eq!(bring(admin.clone(), "/prompts/en-US/old", b"RIFF").await.status, 200);
    let list = world.get(&admin, "/prompts").await.json();
    assert_eq!(list["languages"], json!(["en-US", "zh-CN"]));
    assert!(found(&list, "en-US", "more").is_none());
    for path in ["/prompts/english/old", "/prompts/zh-CN/a.b", "/prompts/-/zh-CN%2Fold"] {
        assert_eq!(bring(admin.clone(), path, b"RIFF").await.problem().0, 400, "{path}");
    }

    let versions = world.get(&supervisor, &format!("{OLD}/versions")).await.json();
    let told = |n: usize, name: &str| versions["items"][n][name].clone();
    assert_eq!((told(0, "version"), told(0, "how")), (json!(2), json!("upload")));
    assert_eq!((told(0, "by"), told(1, "how")), (json!("admin"), json!("folder")));
    let earlier = world.get(&supervisor, &format!("{OLD}/audio?version=1")).await;
    assert_eq!(earlier.body.as_slice(), b"RIFF");
    let back = format!("{OLD}/roll-back");
    let answer = world.post(&supervisor, &back, json!({"version": 1})).await;
    assert_eq!(answer.problem().1, "forbidden");
    let answer = world.post(&admin, &back, json!({"version": 7})).await;
    assert_eq!(answer.problem(), (404, "unknown_version".into(), Some("version".into())));
    let answer = world.post(&admin, &back, json!({"version": 1})).await;
    assert_eq!(answer.json()["bytes"], json!(4), "{answer:?}");
    let heard = world.get(&supervisor, &format!("{OLD}/audio")).await;
    assert_eq!(heard.body.as_slice(), b"RIFF");
}

#[tokio::test]
async fn what_callers_can_come_to_hear_is_not_removed() {
    let world = world().await;
    let (admin, supervisor) = (world.token("admin").await, world.token("8000").await);
    let remove = |token: String, id: &'static str| {
        let world = &world;
        let path = format!("/prompts/zh-CN/{id}");
        async move { world.ask(&token, "DELETE", &path, None).await }
    };
    assert_eq!(remove(supervisor, "idle").await.problem().1, "forbidden");
    let in_use = remove(admin.clone(), "old").await;
    assert_eq!(in_use.problem(), (409, "prompt_in_use".into(), Some("id".into())));
    assert!(in_use.json()["detail"].as_str().unwrap().contains("hotline-12345"));
    // Nobody hears a draft.
    let draft = json!({"document": greeting("idle"), "etag": null});
    let saved = world.ask(&admin, "PUT", "/flows/hotline-12345/draft", Some(draft)).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!(remove(admin.clone(), "idle").await.status, 204);
    let list = world.get(&admin, "/prompts").await.json();
    assert_eq!(found(&list, "zh-CN", "idle").unwrap()["status"], "missing");
}

#[tokio::test]
async fn words_are_bounded_and_an_upload_is_too() {
    let world = world().await;
    let admin = world.token("admin").await;
    let words = format!("{OLD}/words");
    let put = |words: Value| Some(json!({"words": words}));
    assert_eq!(world.ask(&admin, "PUT", &words, put(json!("您好"))).await.status, 200);
    let long = world.ask(&admin, "PUT", &words, put(json!("好".repeat(2_001)))).await;
    assert_eq!(long.problem(), (400, "invalid_value".into(), Some("words".into())));
    let unknown = world.ask(&admin, "PUT", "/prompts/zh-CN/gone/words", put(json!("x"))).await;
    assert_eq!(unknown.problem().1, "unknown_prompt");
    let big = vec![0; (8 << 20) + 1];
    let answer = world.bytes(&admin, "PUT", OLD, "audio/wav", big).await;
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[tokio::test]
async fn a_text_becomes_a_recording_and_a_synthesizer_that_fails_is_named_as_such() {
    let world = world().await;
    let (admin, supervisor) = (world.token("admin").await, world.token("8000").await);
    let list = world.get(&supervisor, "/prompts").await.json();
    assert_eq!(list["voices"][0]["id"], "one/lin");
    let path = "/prompts/zh-CN/notice/synthesize";
    let answer = world.post(&supervisor, path, json!({"text": "停止办理"})).await;
    assert_eq!(answer.problem().1, "forbidden");
    let made = world.post(&admin, path, json!({"text": " 停止办理 ", "rate": 90})).await;
    assert_eq!((made.status.as_u16(), &made.json()["bytes"]), (200, &json!(12)), "{made:?}");
    let versions = world.get(&admin, "/prompts/zh-CN/notice/versions").await.json();
    let (how, voice) = (&versions["items"][0]["how"], &versions["items"][0]["voice"]);
    assert_eq!((how, voice), (&json!("synthesis"), &json!("one/lin")));
    for (body, status, code, field) in [
        (json!({"text": "好", "voice": "one/ill"}), 503, "synthesizer_failed", None),
        (json!({"text": "好", "voice": "two"}), 400, "cannot_be_said", Some("voice")),
        (json!({"text": " "}), 400, "invalid_value", Some("text")),
        (json!({"text": "好", "rate": 300}), 400, "invalid_value", Some("rate")),
    ] {
        let answer = world.post(&admin, path, body).await;
        assert_eq!(answer.problem(), (status, code.into(), field.map(str::to_owned)));
    }
    let music = world.post(&admin, "/prompts/-/notice/synthesize", json!({"text": "好"})).await;
    assert_eq!(music.problem(), (400, "invalid_value".into(), Some("language".into())));
}

#[tokio::test]
async fn a_text_is_said_to_whoever_tries_a_flow_and_not_kept() {
    let world = world().await;
    let supervisor = world.token("8000").await;
    let before = world.get(&supervisor, "/prompts").await.json();
    let said = json!({"language": "zh-CN", "text": "您的余额为"});
    let said = world.post(&supervisor, "/speech", said).await;
    assert_eq!((said.status.as_u16(), said.body.as_slice()), (200, "您的余额为".as_bytes()));
    assert_eq!(world.get(&supervisor, "/prompts").await.json(), before);
    for (body, status, code, field) in [
        (
            json!({"language": "zh-CN", "text": "好", "voice": "one/ill"}),
            503,
            "synthesizer_failed",
            None,
        ),
        (json!({"language": "en-US", "text": "good"}), 400, "cannot_be_said", Some("voice")),
        (json!({"language": "-", "text": "good"}), 400, "invalid_value", Some("language")),
        (json!({"language": "zh-CN", "text": ""}), 400, "invalid_value", Some("text")),
    ] {
        let answer = world.post(&supervisor, "/speech", body).await;
        assert_eq!(answer.problem(), (status, code.into(), field.map(str::to_owned)));
    }
    let agent = world.token("8003").await;
    let body = json!({"language": "zh-CN", "text": "好"});
    assert_eq!(world.post(&agent, "/speech", body).await.problem().1, "forbidden");
}
