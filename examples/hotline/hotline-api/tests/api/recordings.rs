//! Recordings are played by signed links and by those who may hear them.

use axum::{
    body::Body,
    http::{Request, header},
};

use serde_json::json;

use crate::{
    Answer, World, answered_call,
    services::{call, done, talk},
};

async fn recorded(world: &mut World) {
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    let folder = world.data.path().join("recordings");
    std::fs::create_dir(&folder).unwrap();
    let audio: Vec<u8> = (0..80_044_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    std::fs::write(folder.join("recording-1.wav"), audio).unwrap();
}

async fn play(world: &World, url: &str, range: Option<&str>) -> Answer {
    let mut request = Request::get(url);
    if let Some(range) = range {
        request = request.header(header::RANGE, range);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_signed_link_plays_a_range_without_a_header_until_it_ends() {
    let mut world = World::new().await;
    recorded(&mut world).await;
    let token = world.token("8003").await;
    let link = world.ask(&token, "POST", "/recordings/recording-1/link", None).await.json();
    let url = link["url"].as_str().unwrap();

    let whole = play(&world, url, None).await;
    assert_eq!((whole.status.as_u16(), whole.body.len()), (200, 80_044));
    assert_eq!(whole.headers[header::CONTENT_TYPE], "audio/wav");
    let part = play(&world, url, Some("bytes=1000-1099")).await;
    assert_eq!((part.status.as_u16(), part.body.len()), (206, 100));
    assert_eq!(part.headers[header::CONTENT_RANGE], "bytes 1000-1099/80044");
    assert_eq!(part.body, whole.body[1000..1100]);
    assert_eq!(play(&world, url, Some("bytes=90000-")).await.status, 416);
    let download = play(&world, &format!("{url}&download=1"), None).await;
    assert!(
        download.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("recording-1.wav")
    );

    assert_eq!(play(&world, &url.replace("recording-1", "recording-2"), None).await.status, 403);
    let longer = url.replace("expires=1", "expires=2");
    assert_eq!(play(&world, &longer, None).await.problem().1, "forbidden");
    world
        .happens(|log| {
            log.seconds(601);
        })
        .await;
    assert_eq!(play(&world, url, None).await.status, 403);
}

#[tokio::test]
async fn a_recording_is_heard_by_its_agent_and_the_supervisor() {
    let mut world = World::new().await;
    recorded(&mut world).await;
    let status = async |user: &str, path: &str| {
        let token = world.token(user).await;
        world.get(&token, path).await.status.as_u16()
    };
    assert_eq!(status("8003", "/recordings/recording-1/audio").await, 200);
    assert_eq!(status("8000", "/recordings/recording-1/audio").await, 200);
    assert_eq!(status("8004", "/recordings/recording-1/audio").await, 403);
    assert_eq!(status("8000", "/recordings/recording-9/audio").await, 404);
}

#[tokio::test]
async fn an_agent_pauses_the_recording_of_his_call_for_a_payment_and_the_log_names_him() {
    let mut world = talk().await;
    let (own, other) = (world.token("8001").await, world.token("8002").await);
    let payment = || json!({"reason": "payment"});
    assert_eq!(world.post(&other, "/calls/call-1/record/pause", payment()).await.status, 403);
    let digits = world.post(&own, "/calls/call-1/record/pause", json!({"reason": "secret_digits"}));
    assert_eq!(digits.await.status, 400);

    done(&mut world, &own, "/calls/call-1/record/pause", payment()).await;
    let shown = call(&world, &own, "call-1").await;
    assert_eq!((&shown["recording"], &shown["recording_paused"]), (&json!(true), &json!(true)));
    world.run("00:12").await;
    done(&mut world, &own, "/calls/call-1/record/resume", json!({})).await;
    assert_eq!(call(&world, &own, "call-1").await["recording_paused"], false);
    world.run("00:20 citizen 13812341234 hangs up\n00:21").await;

    let found = world.get(&own, "/recordings").await.json();
    let pause = &found["items"][0]["pauses"][0];
    assert_eq!((&pause["reason"], &pause["by"]), (&json!("payment"), &json!("8001")));
    assert!(pause["until_ms"].as_u64() > pause["from_ms"].as_u64(), "{found}");
    assert_eq!(found["items"][0]["trunk"], "trunk");
}

#[tokio::test]
async fn a_supervisor_judges_and_holds_and_an_administrator_alone_deletes_with_a_reason() {
    let mut world = World::new().await;
    recorded(&mut world).await;
    let (boss, admin) = (world.token("8000").await, world.token("admin").await);
    let own = world.token("8003").await;
    let path = |what: &str| format!("/recordings/recording-1/{what}");
    let why = |reason: &str| json!({"reason": reason});
    let post = async |world: &World, token: &str, what: &str, body| {
        world.post(token, &path(what), body).await.status.as_u16()
    };
    let good = || json!({"quality": "good", "reason": "礼貌"});
    assert_eq!(post(&world, &own, "quality", good()).await, 403);
    assert_eq!(post(&world, &boss, "quality", good()).await, 204);
    assert_eq!(post(&world, &boss, "hold", why("")).await, 400);
    assert_eq!(post(&world, &boss, "hold", why("案件 7")).await, 204);
    let found = world.get(&boss, "/recordings?quality=good&shortest_ms=0").await.json();
    assert_eq!(found["items"][0]["held"], "案件 7", "{found}");
    assert_eq!(world.get(&boss, "/call-records?quality=good").await.problem().0, 400);

    assert_eq!(post(&world, &boss, "delete", why("到期")).await, 403);
    assert_eq!(post(&world, &admin, "delete", why("到期")).await, 409);
    assert_eq!(post(&world, &boss, "release", why("结案")).await, 403);
    assert_eq!(post(&world, &admin, "release", why("结案")).await, 204);
    assert_eq!(post(&world, &admin, "delete", why("到期")).await, 204);
    assert!(!world.data.path().join("recordings/recording-1.wav").exists());
    assert_eq!(world.get(&boss, &path("audio")).await.status, 404);
    let notes = world.get(&boss, &path("notes")).await.json();
    let whats: Vec<&str> =
        notes.as_array().unwrap().iter().map(|note| note["what"].as_str().unwrap()).collect();
    assert_eq!(whats, ["good", "held", "released", "deleted"]);
    assert_eq!((&notes[3]["by"], &notes[3]["reason"]), (&json!("admin"), &json!("到期")));
}

#[tokio::test]
async fn a_package_has_a_table_and_the_recordings_that_were_asked_for() {
    let mut world = World::new().await;
    recorded(&mut world).await;
    let (boss, own) = (world.token("8000").await, world.token("8003").await);
    assert_eq!(world.get(&own, "/recordings/export").await.status, 403);
    let package = world.get(&boss, "/recordings/export?agent=8003").await;
    assert_eq!((package.status.as_u16(), package.body.len() % 512), (200, 0));
    let mut files = Vec::new();
    let mut at = 0;
    while package.body[at] != 0 {
        let head = &package.body[at..at + 512];
        let name = String::from_utf8_lossy(&head[..100]).trim_end_matches('\0').to_owned();
        let length = std::str::from_utf8(&head[124..135]).unwrap();
        let length = usize::from_str_radix(length, 8).unwrap();
        files.push((name, package.body[at + 512..at + 512 + length].to_vec()));
        at += 512 + length.div_ceil(512) * 512;
    }
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].0, "index.csv");
    let table = String::from_utf8(files[0].1.clone()).unwrap();
    assert!(table.lines().nth(1).unwrap().starts_with("recording-1.wav,call-"), "{table}");
    let kept = std::fs::read(world.data.path().join("recordings/recording-1.wav")).unwrap();
    assert_eq!((files[1].0.as_str(), &files[1].1), ("recording-1.wav", &kept));
    let notes = world.get(&boss, "/recordings/recording-1/notes").await.json();
    assert_eq!(notes[0]["what"], "exported");
    let nothing = world.get(&boss, "/recordings/export?agent=8004").await;
    assert_eq!(nothing.body.len(), 512 + 512 + 1024, "an empty table");
}

#[tokio::test]
async fn an_agent_keeps_the_recording_of_a_hostile_call_of_his_as_evidence() {
    let mut world = World::new().await;
    recorded(&mut world).await;
    let (own, other) = (world.token("8003").await, world.token("8004").await);
    let admin = world.token("admin").await;
    let path = "/recordings/recording-1/hostile";
    let why = |reason: &str| json!({"reason": reason});
    assert_eq!(world.post(&other, path, why("威胁")).await.status, 403);
    assert_eq!(world.post(&own, path, why(" ")).await.status, 400);
    assert_eq!(world.post(&own, path, why("威胁")).await.status, 204);
    assert_eq!(world.post(&own, path, why("again")).await.status, 409);
    let found = world.get(&admin, "/recordings").await.json();
    assert_eq!(found["items"][0]["held"], "hostile: 威胁", "{found}");
    let gone = world.post(&admin, "/recordings/recording-1/delete", why("到期")).await;
    assert_eq!(gone.status, 409);
    let notes = world.get(&admin, "/recordings/recording-1/notes").await.json();
    assert_eq!((&notes[0]["by"], &notes[0]["what"]), (&json!("8003"), &json!("held")));
}
