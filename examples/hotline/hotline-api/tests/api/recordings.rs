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
