//! Who calls again: the agent who served him last is waited for, and a customer's own agent, as an administrator decides.

use cti_acd::{Parts, config::AcdConfig, tryout::Staged};
use cti_bindings::{testlog::center_config, testworld::TestWorld};
use cti_core::{
    center::Center, config::CenterConfig, flow::FlowEffect, needs::Needs, numbers::NumberingConfig,
    testkit::ScriptedFlows, time::Timestamp,
};
use serde_json::json;

use crate::{
    World,
    routing::{general, put},
};

fn config() -> CenterConfig {
    let numbering = NumberingConfig { area: "0531".to_owned(), ..NumberingConfig::default() };
    CenterConfig { numbering: Some(numbering), ..center_config() }
}

/// Agents 8001 and 8002 are ready, the first one for longer.
async fn two_free() -> (World<TestWorld>, String) {
    let enqueue = FlowEffect::Enqueue {
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
    };
    let flows = ScriptedFlows::default().flow("hotline-12345", vec![FlowEffect::Answer, enqueue]);
    let router = Staged::new(AcdConfig::default(), Parts::default()).unwrap();
    let center = Center::new(config(), Box::new(router), Box::new(flows)).unwrap();
    let world = TestWorld::new(center, Timestamp::from_secs(1_795_309_200));
    let mut world = World::of(world, config()).await;
    world
        .run(
            "00:00 phone 8001 registers
             00:00 phone 8002 registers
             00:00 agent 8001 signs in at A01
             00:00 agent 8002 signs in at A02
             00:01 agent 8001 is ready
             00:02 agent 8002 is ready
             00:03",
        )
        .await;
    let admin = world.token("admin").await;
    (world, admin)
}

/// The router's last word on a contact.
async fn stands(world: &World<TestWorld>, token: &str, contact: &str) -> String {
    let text = world.get(token, &format!("/contacts/{contact}/explain")).await.json();
    let last = text["text"].as_array().unwrap().last().unwrap();
    last["words_en"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_calls_again_in_time_waits_first_for_the_agent_who_served_him_and_then_for_anyone() {
    let (mut world, admin) = two_free().await;
    let rules = general(json!({"last_agent": {"within_ms": 3_600_000, "wait_ms": 20_000}}));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let served = world
        .run(
            "00:00 citizen 13812340001 dials 12345
             00:01 phone 8001 answers
             00:10 citizen 13812340001 hangs up
             00:11",
        )
        .await;
    assert!(served.contains("offered to agent 8001 by longest_idle"), "{served}");

    // His agent writes down what was said. Spelt otherwise he is the same citizen.
    let again = world.run("00:01 citizen +8613812340001 dials 12345\n 00:03").await;
    assert!(!again.contains("offered"), "{again}");
    let why = stands(&world, &admin, "contact-2").await;
    assert!(why.contains("waits for his last agent 8001 for 18 s more, then for anyone"), "{why}");
    let ready = world.run("00:01 agent 8001 is ready\n 00:02 phone 8001 answers\n 00:03").await;
    assert!(ready.contains("offered to agent 8001 by last_agent"), "{ready}");

    // Another one calls meanwhile and is served as ever; the agent talks on, so the citizen of his gets the other agent.
    world.run("00:00 citizen +8613812340001 hangs up\n 00:01 agent 8001 is ready").await;
    world.run("00:00 citizen 13812340009 dials 12345\n 00:01 phone 8002 answers").await;
    world.run("00:00 citizen 13812340009 hangs up\n 00:01 agent 8002 is ready").await;
    world.run("00:00 citizen 13812340008 dials 12345\n 00:01 phone 8001 answers").await;
    let waits = world.run("00:00 citizen 013812340001 dials 12345\n 00:19").await;
    assert!(!waits.contains("offered"), "{waits}");
    let over = world.run("00:02").await;
    assert!(over.contains("offered to agent 8002 by longest_idle"), "{over}");
}

#[tokio::test]
async fn nobody_waits_for_his_last_agent_who_has_left_or_whose_talk_is_too_long_ago() {
    let (mut world, admin) = two_free().await;
    let rules = general(json!({"last_agent": {"within_ms": 3_600_000, "wait_ms": 20_000}}));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let talk = "00:00 citizen 13812340001 dials 12345
        00:01 phone 8001 answers
        00:10 citizen 13812340001 hangs up
        00:11 agent 8001 is ready";
    world.run(talk).await;
    world.run("00:01 agent 8001 is not ready lunch").await;
    let away = world.run("00:01 citizen 13812340001 dials 12345").await;
    assert!(away.contains("offered to agent 8002 by longest_idle"), "{away}");
    world.run("00:01 citizen 13812340001 hangs up\n 00:02 agent 8002 is ready").await;

    world.run("00:00 agent 8001 is ready\n 60:02").await;
    let late = world.run("00:00 citizen 13812340001 dials 12345").await;
    assert!(late.contains("offered to agent 8002 by longest_idle"), "{late}");
}

#[tokio::test]
async fn a_customer_waits_for_his_own_agent_by_an_imported_table_until_the_entry_expires() {
    let (mut world, admin) = two_free().await;
    let table = "名单,号码,级别,范围,到期,原因\n\
        专属坐席,138-1234-0001,8002 for:30,,2026-11-23T12:00,人大代表\n\
        专属坐席,138-1234-0002,8002 for:0,,,等多久\n\
        专属坐席,138-1234-0003,,,,给谁\n";
    let answer = world.table(&admin, "POST", "/numbers/lists/import", table).await;
    world.settle().await;
    let report = answer.json();
    assert_eq!((&report["accepted"], &report["errors"][0]["field"]), (&json!(1), &json!("level")));
    assert_eq!(report["errors"][1]["line"], 4, "{report}");
    let listed = world.get(&admin, "/numbers/lists").await.json()["items"][0].clone();
    assert_eq!((&listed["list"], &listed["level"]), (&json!("agent"), &json!("8002 for:30")));

    // The other agent has been idle for longer.
    let call = "00:00 citizen 013812340001 dials 12345\n 00:01 phone 8002 answers";
    let his = world.run(call).await;
    assert!(his.contains("offered to agent 8002 by customer_agent"), "{his}");
    let again = world.run("00:00 citizen 13812340001 dials 12345\n 00:29").await;
    assert!(!again.contains("offered"), "{again}");
    let why = stands(&world, &admin, "contact-2").await;
    assert!(why.contains("waits for his own agent 8002 for 1 s more, then for anyone"), "{why}");
    let over = world.run("00:02").await;
    assert!(over.contains("offered to agent 8001 by longest_idle"), "{over}");
    world.run("00:01 phone 8001 rejects\n 00:02 citizen 13812340001 hangs up").await;

    world.centre.happens(|world| world.advance_to(Timestamp::from_secs(1_795_406_400)));
    world.settle().await;
    world.run("00:00 agent 8001 is ready").await;
    let expired = world.run("00:00 citizen 13812340001 dials 12345").await;
    assert!(expired.contains("offered to agent 8001 by longest_idle"), "{expired}");
}

#[tokio::test]
async fn a_caller_goes_to_an_agent_of_the_region_he_calls_from_and_after_a_time_to_any() {
    let (mut world, admin) = two_free().await;
    let mut rules = general(json!({
        "areas": {"0531": "jinan", "0532": "qingdao", "+865328888": "jinan"},
        "relax": [{"after_ms": 30_000, "any_region": true}],
    }));
    rules["agents"] = json!([
        {"agent": "8001", "regions": ["jinan"]},
        {"agent": "8002", "regions": ["qingdao"]},
    ]);
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let first = world.run("00:00 citizen 053282345678 dials 12345\n 00:01").await;
    assert!(first.contains("offered to agent 8002"), "the other one is idle longer: {first}");
    world.run("00:00 phone 8002 answers").await;
    let second = world.run("00:00 citizen +8653282345679 dials 12345\n 00:29").await;
    assert!(!second.contains("offered"), "{second}");
    let relaxed = world.run("00:02").await;
    assert!(relaxed.contains("offered to agent 8001"), "{relaxed}");
    world.run("00:00 phone 8001 answers\n 00:01 citizen +8653282345679 hangs up").await;
    world.run("00:00 agent 8001 is ready").await;
    // A beginning of the number goes before its area.
    let near = world.run("00:00 citizen 053288889999 dials 12345\n 00:01").await;
    assert!(near.contains("offered to agent 8001"), "{near}");
}

#[tokio::test]
async fn a_queue_shows_how_long_who_comes_now_can_expect_to_wait() {
    let (mut world, admin) = two_free().await;
    let expected = async |world: &World<TestWorld>| {
        let queues = world.get(&admin, "/queues").await.json();
        queues["items"][0]["expected_wait_ms"].as_u64()
    };
    assert_eq!(expected(&world).await, Some(0), "two are free");
    let both = [("13812340001", "8001"), ("13812340002", "8002")];
    let calls = |citizen, phone| {
        format!("00:00 citizen {citizen} dials 12345\n 00:01 phone {phone} answers")
    };
    let over =
        |citizen, phone| format!("01:00 citizen {citizen} hangs up\n 01:00 agent {phone} is ready");
    for (citizen, phone) in both {
        world.run(&calls(citizen, phone)).await;
    }
    assert_eq!(expected(&world).await, None, "nothing is known of how long they talk");
    for (citizen, phone) in both.repeat(3) {
        world.run(&over(citizen, phone)).await;
        world.run(&calls(citizen, phone)).await;
    }
    let nobody_waits = expected(&world).await.unwrap();
    world.run("00:00 citizen 13812340004 dials 12345\n 00:01").await;
    let one_waits = expected(&world).await.unwrap();
    // Each talks for two minutes, so that one of both is free every minute.
    assert!((50_000..=70_000).contains(&nobody_waits), "{nobody_waits}");
    assert!((100_000..=140_000).contains(&one_waits), "{one_waits}");
    let why = stands(&world, &admin, "contact-9").await;
    assert!(why.contains("expected to wait"), "{why}");
}
