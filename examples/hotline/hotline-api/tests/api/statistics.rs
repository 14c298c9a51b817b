//! What happened per agent and queue, by REST.

use serde_json::json;

use crate::routing::busy;

const DAY: &str = "from=2026-11-22T00:00:00%2B08:00&to=2026-11-23T00:00:00%2B08:00";

#[tokio::test]
async fn a_supervisor_reads_all_statistics_and_an_agent_his_own() {
    let (mut world, boss, _) = busy().await;
    // The rows of a quarter are there when something happens after it.
    world.run("31:00 phone 8003 registers").await;
    let path = format!("/statistics/queues?{DAY}&step_ms=86400000");
    let queues = world.get(&boss, &path).await.json();
    let general = &queues["items"][0];
    assert_eq!(
        (&general["queue"], &general["answered"]),
        (&json!("general"), &json!(1)),
        "{queues}"
    );
    assert_eq!(general["offered"], 4, "{queues}");
    assert_eq!(general["since"], "2026-11-22T00:00:00.000+08:00");

    let path = format!("/statistics/agents?{DAY}");
    let agents = world.get(&boss, &path).await.json();
    let first = agents["items"].as_array().unwrap().iter().find(|it| it["agent"] == "8001");
    let first = first.unwrap();
    assert_eq!(first["answered"], 1, "{agents}");
    assert!(first["times_ms"]["on_call"].as_u64().unwrap() > 0, "{agents}");
    assert!(agents["items"].as_array().unwrap().iter().any(|it| it["agent"] == "8002"));

    let own = world.token("8002").await;
    let mine = world.get(&own, &path).await.json();
    assert!(mine["items"].as_array().unwrap().iter().all(|it| it["agent"] == "8002"), "{mine}");
    let refused = world.get(&own, &format!("/statistics/queues?{DAY}")).await.problem();
    assert_eq!(refused.1, "forbidden");
}

#[tokio::test]
async fn steps_that_make_no_sense_are_refused_with_their_field() {
    let (world, boss, _) = busy().await;
    for (query, field) in [
        (format!("{DAY}&step_ms=1000"), "step_ms"),
        ("from=2026-11-22T00:00:01Z&to=2026-11-23T00:00:00Z".to_owned(), "from"),
        ("from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z".to_owned(), "to"),
        ("from=2026-01-01T00:00:00Z&to=2026-11-21T00:00:00Z".to_owned(), "step_ms"),
    ] {
        let refused = world.get(&boss, &format!("/statistics/queues?{query}")).await.problem();
        assert_eq!((refused.0, refused.2.as_deref()), (400, Some(field)), "{query}");
    }
}
