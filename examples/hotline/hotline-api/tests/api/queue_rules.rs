//! Rules of the queues by REST, each seen at work: relaxation by levels, who dropped keeps his place, weights, scripts.

use cti_bindings::testworld::TestWorld;
use cti_core::{event::Fact, switch::Endpoint};
use serde_json::{Value, json};

use crate::{
    World,
    routing::{busy, general, put},
};

async fn chat(world: &mut World<TestWorld>, token: &str, queue: &str, needs: Value) -> String {
    let open = json!({"medium": "chat", "queue": queue, "needs": needs});
    let opened = world.post(token, "/contacts", open).await.json();
    world.settle().await;
    opened["contact"].as_str().unwrap().to_owned()
}

/// Whether a contact is on offer to the agent: then he can accept it.
async fn accepts(world: &mut World<TestWorld>, token: &str, contact: &str) -> bool {
    let path = format!("/contacts/{contact}/accept");
    let answer = world.post(token, &path, json!({"agent": "8002"})).await;
    world.settle().await;
    answer.status.is_success()
}

/// The router's word on where contacts stand.
async fn places<const N: usize>(
    world: &World<TestWorld>,
    token: &str,
    contacts: [u64; N],
) -> Vec<String> {
    let mut places = Vec::new();
    for contact in contacts {
        let path = format!("/contacts/contact-{contact}/explain");
        let text = world.get(token, &path).await.json()["text"].take();
        let last = text.as_array().and_then(|all| all.last()).unwrap()["words_en"].clone();
        let words = last.as_str().unwrap().split(' ').take(2);
        places.push(words.collect::<Vec<_>>().join(" "));
    }
    places
}

/// Agent 8002 is ready and takes one chat at a time; the callers who waited have gone.
async fn one_free() -> (World<TestWorld>, String) {
    let (mut world, _, admin) = busy().await;
    for contact in 2..=4 {
        world.ask(&admin, "DELETE", &format!("/contacts/contact-{contact}"), None).await;
    }
    world.run("00:41 agent 8002 is ready").await;
    let duties = json!({"capacity": {"chat": 1}});
    let set = world.ask(&admin, "PUT", "/agents/8002/duties", Some(duties)).await;
    assert_eq!(set.status, 204, "{set:?}");
    world.settle().await;
    (world, admin)
}

#[tokio::test]
async fn a_level_that_nobody_has_falls_as_the_rules_of_the_queue_say() {
    let (mut world, admin) = one_free().await;
    let mut rules = general(json!({"relax": [{"after_ms": 60_000, "levels_down": 2}]}));
    rules["agents"] = json!([{"agent": "8002", "skills": {"law": 3}}]);
    assert_eq!(put(&mut world, &admin, "/routing", rules.clone()).await.status, 204);
    let contact = chat(&mut world, &admin, "general", json!({"skills": {"law": 5}})).await;
    assert!(!accepts(&mut world, &admin, &contact).await);
    world.run("00:50").await;
    assert!(!accepts(&mut world, &admin, &contact).await, "its minute is not over");
    world.run("00:20").await;
    assert!(accepts(&mut world, &admin, &contact).await);

    // Another level of the agent's counts at once too.
    let next = chat(&mut world, &admin, "general", json!({"skills": {"law": 9}})).await;
    world.post(&admin, &format!("/contacts/{contact}/finish"), json!({"agent": "8002"})).await;
    assert!(!accepts(&mut world, &admin, &next).await);
    rules["agents"][0]["skills"]["law"] = json!(9);
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    assert!(accepts(&mut world, &admin, &next).await);
}

#[tokio::test]
async fn a_caller_whose_line_dropped_and_who_calls_again_in_time_has_his_place() {
    let (mut world, boss, admin) = busy().await;
    let rules = general(json!({"reentry_ms": 120_000}));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    world
        .run(
            "00:45 citizen 13812340003 is lost
             01:00 citizen 13812340003 dials 12345
             01:10 citizen 13812340009 dials 12345
             01:11",
        )
        .await;
    let places = places(&world, &boss, [2, 5, 4, 6]).await;
    assert_eq!(places, ["number 1", "number 2", "number 3", "number 4"]);
}

#[tokio::test]
async fn an_agent_of_two_queues_serves_them_in_the_ratio_of_their_weights() {
    let (mut world, admin) = one_free().await;
    let settings = json!({"name": "公积金", "ring_ms": 15_000});
    assert_eq!(put(&mut world, &admin, "/queues/gjj/settings", settings).await.status, 204);
    let rules = json!({"between": "ratio", "queues":
        [{"queue": "general", "weight": 1}, {"queue": "gjj", "weight": 3}]});
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let nobody = json!({"queues": [], "capacity": {"chat": 1}});
    assert_eq!(put(&mut world, &admin, "/agents/8002/duties", nobody).await.status, 204);
    let mut contacts = Vec::new();
    for queue in ["general", "gjj"].repeat(8) {
        contacts.push((queue, chat(&mut world, &admin, queue, json!({})).await));
    }
    let both = json!({"queues": ["general", "gjj"]});
    assert_eq!(put(&mut world, &admin, "/agents/8002/duties", both).await.status, 204);
    let mut served = Vec::new();
    for _ in 0..8 {
        let mut taken = None;
        for (index, (_, contact)) in contacts.iter().enumerate() {
            if accepts(&mut world, &admin, contact).await {
                taken = Some(index);
                break;
            }
        }
        let (queue, contact) = contacts.remove(taken.expect("one is always on offer"));
        served.push(queue);
        world.post(&admin, &format!("/contacts/{contact}/finish"), json!({"agent": "8002"})).await;
        world.settle().await;
    }
    let gjj = served.iter().filter(|queue| **queue == "gjj").count();
    assert!((5..=7).contains(&gjj), "three of four, give or take the first: {served:?}");
}

#[tokio::test]
async fn a_script_decides_who_is_served_first_and_one_that_does_not_compile_is_refused() {
    let (mut world, boss, admin) = busy().await;
    let script = |text: &str| {
        json!({"queues": [{"queue": "general", "strategy": "newest"}],
            "scripts": [{"name": "newest", "source": text}]})
    };
    let broken = put(&mut world, &admin, "/routing", script("fn contact_key(c) {")).await;
    assert_eq!(broken.problem().0, 400);
    let newest = "fn contact_key(c) { 9000000000000 - c.since_ms }";
    let set = put(&mut world, &admin, "/routing", script(newest)).await;
    assert_eq!(set.status, 204, "{set:?}");
    assert_eq!(places(&world, &boss, [2, 3, 4]).await, ["number 3", "number 2", "number 1"]);
    let trace = world.run("00:41 agent 8002 is ready").await;
    assert!(trace.contains("call-4 offered to agent 8002"), "{trace}");
}

/// Whom the last fact that rings somebody rings.
fn rung(world: &World<TestWorld>) -> Vec<Endpoint> {
    let rings =
        world.centre.events().into_iter().rev().find_map(|event| {
            if let Fact::Rung { legs, .. } = event.fact { Some(legs) } else { None }
        });
    rings.unwrap_or_default().into_iter().map(|(_, to)| to).collect()
}

#[tokio::test]
async fn who_waits_too_long_goes_by_the_table_of_routes_to_an_outside_line_and_talks_there() {
    let (mut world, _, admin) = busy().await;
    let rules = general(json!({
        "max_wait_ms": 60_000,
        "routes": {"waited_too_long": {"number": "913912345678"}},
    }));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    // The first of three has waited for 30 s.
    let trace = world.run("00:31").await;
    assert!(trace.contains("call-2 leaves general"), "{trace}");
    let [Endpoint::Outside { trunk, number }] = &rung(&world)[..] else { panic!("{trace}") };
    assert_eq!((trunk.as_str(), number.reveal()), ("city", "13912345678"));
    world.run("00:01 outside 13912345678 answers\n 00:02").await;
    let call = world.get(&admin, "/calls/call-2").await.json();
    assert!(call.to_string().contains("talk"), "{call}");
}

#[tokio::test]
async fn who_waits_too_long_for_an_agent_is_served_by_a_flow_instead() {
    let (mut world, _, admin) = busy().await;
    let rules = general(json!({
        "max_wait_ms": 60_000,
        "routes": {"waited_too_long": {"flow": "hotline-12345"}},
    }));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let trace = world.run("00:31").await;
    let (_, after) = trace.split_once("call-2 leaves general").expect("the first of three");
    assert!(after.contains("call-2 enters flow hotline-12345"), "{trace}");
}

#[tokio::test]
async fn who_finds_nobody_there_goes_on_in_another_queue_and_no_table_leads_in_a_circle() {
    let (mut world, _, admin) = busy().await;
    let settings = json!({"name": "夜间值班", "ring_ms": 15_000});
    assert_eq!(put(&mut world, &admin, "/queues/night/settings", settings).await.status, 204);
    let back =
        json!({"queues": [{"queue": "night", "routes": {"nobody_staffed": {"queue": "night"}}}]});
    assert_eq!(put(&mut world, &admin, "/routing", back).await.problem().0, 400);
    let rules = |from: &str, to: &str| {
        json!({"queue": from, "refuse_unstaffed": true, "nobody_staffed_after_ms": 0,
            "routes": {"nobody_staffed": {"queue": to}, "queue_full": {"device": "8003"}}})
    };
    let routes = json!({"queues": [rules("night", "general")]});
    assert_eq!(put(&mut world, &admin, "/routing", routes).await.status, 204);
    // A supervisor sends a caller to the night group, where nobody is: the table sends him back.
    let moved = json!({"queue": "night"});
    world.post(&admin, "/contacts/contact-4/move", moved.clone()).await;
    world.settle().await;
    let queues = world.get(&admin, "/queues").await.json();
    assert_eq!(queues["items"][0]["waiting"], 3, "{queues}");

    // Both lead to each other and nobody is there: he goes on where his flow sends him, and nothing spins.
    let circle = json!({"queues": [rules("night", "general"), rules("general", "night")]});
    assert_eq!(put(&mut world, &admin, "/routing", circle).await.status, 204);
    world.run("00:01 citizen 13812340001 hangs up\n 00:02 agent 8001 signs out").await;
    world.run("00:01 agent 8002 signs out\n 00:30").await;
    let left =
        world.centre.events().into_iter().filter(
            |event| matches!(&event.fact, Fact::Dequeued { contact, .. } if contact.0 == 2),
        );
    assert!((2..=17).contains(&left.count()));
}
