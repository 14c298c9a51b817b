//! The services on calls by REST, with a real Center behind them.

use std::time::Duration;

use cti_bindings::{testlog::center_config, testworld::TestWorld};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{CenterConfig, Destination, NumberConfig, OutsideConfig},
    flow::FlowEffect,
    needs::Needs,
    testkit::{ScriptedFlows, SimpleRouter},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{Answer, World};

/// Three agents at work; 8001 and 8002 take calls, 8003 takes a pause.
const MORNING: &str = "
    00:00 phone 8000 registers
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:00 agent 8003 signs in at A03
    00:01 agent 8001 is ready
    00:05 citizen 13812341234 dials 12345
    00:09 phone 8001 answers
";

fn config() -> CenterConfig {
    let mut config = center_config();
    config.seats.push(cti_core::config::SeatConfig {
        id: "A00".parse().unwrap(),
        device: "8000".parse().unwrap(),
        pickup_group: None,
    });
    config.numbers.push(NumberConfig {
        number: "8100".parse().unwrap(),
        name: "a line that two phones share".to_owned(),
        to: Destination::Devices {
            steps: vec![vec!["8002".parse().unwrap(), "8003".parse().unwrap()]],
            ring_for: Duration::from_secs(10),
            shared: true,
        },
    });
    config.outside.push(OutsideConfig {
        access: "9".to_owned(),
        prefix: String::new(),
        trunk: "city".parse().unwrap(),
        show: PhoneNumber::parse("12345").unwrap(),
    });
    config
}

async fn world() -> World<TestWorld> {
    let enqueue = FlowEffect::Enqueue {
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
    };
    let flows = ScriptedFlows::default().flow("hotline-12345", vec![FlowEffect::Answer, enqueue]);
    let router = Box::new(SimpleRouter::default());
    let center = Center::new(config(), router, Box::new(flows)).unwrap();
    World::of(TestWorld::new(center, Timestamp::from_secs(1_795_309_200)), config()).await
}

/// A morning on which 8001 talks with a citizen in call-1.
pub(crate) async fn talk() -> World<TestWorld> {
    let mut world = world().await;
    world.run(MORNING).await;
    world
}

pub(crate) async fn done(world: &mut World<TestWorld>, token: &str, path: &str, body: Value) {
    let answer = world.post(token, path, body).await;
    assert_eq!(answer.status, 204, "{path}: {answer:?}");
    world.settle().await;
}

pub(crate) async fn begun(
    world: &mut World<TestWorld>,
    token: &str,
    path: &str,
    body: Value,
) -> Value {
    let answer = world.post(token, path, body).await;
    assert_eq!(answer.status, 201, "{path}: {answer:?}");
    world.settle().await;
    answer.json()
}

pub(crate) async fn call(world: &World<TestWorld>, token: &str, id: &str) -> Value {
    let answer = world.get(token, &format!("/calls/{id}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Who takes part, as agent or number, with connection and role.
pub(crate) fn parties(call: &Value) -> Vec<String> {
    let word = |party: &Value, field: &str| party[field].as_str().unwrap_or_default().to_owned();
    call["parties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|party| {
            let who = ["agent", "number", "device"].map(|field| word(party, field));
            let who = who.into_iter().find(|who| !who.is_empty()).unwrap_or_default();
            format!("{who} {} {}", word(party, "state"), word(party, "role"))
        })
        .collect()
}

#[tokio::test]
async fn an_agent_holds_and_retrieves_his_call() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    done(&mut world, &own, "/calls/call-1/hold", json!({})).await;
    let held = call(&world, &own, "call-1").await;
    assert_eq!(held["state"], "held");
    assert_eq!(parties(&held), ["13812341234 connected full", "8001 hold full"]);
    let twice = world.post(&own, "/calls/call-1/hold", json!({})).await.problem();
    assert_eq!((twice.0, twice.1.as_str()), (409, "invalid_connection_state"));
    done(&mut world, &own, "/calls/call-1/retrieve", json!({})).await;
    assert_eq!(call(&world, &own, "call-1").await["state"], "talking");
}

#[tokio::test]
async fn a_consultation_becomes_a_transfer_and_each_second_of_talk_counts_once() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    world.run("00:30").await;
    let asked =
        begun(&mut world, &own, "/calls/call-1/consult", json!({"to": {"agent": "8002"}})).await;
    let asking = asked["call"].as_str().unwrap().to_owned();
    assert_eq!(call(&world, &own, &asking).await["consults"], "call-1");
    assert_eq!(call(&world, &own, "call-1").await["state"], "held");
    world.run("00:05 phone 8002 answers\n00:25").await;
    done(&mut world, &own, &format!("/calls/{asking}/transfer"), json!({})).await;
    let after = call(&world, &own, "call-1").await;
    assert_eq!(parties(&after), ["138****1234 connected full", "8002 connected full"]);
    assert_eq!(world.get(&own, &format!("/calls/{asking}")).await.status, 404);
    world.run("00:40 phone 8002 hangs up").await;

    let boss = world.token("8000").await;
    let records = world.get(&boss, "/call-records").await.json();
    let record = |id: &str| {
        let items = records["items"].as_array().unwrap();
        items.iter().find(|record| record["call"] == id).unwrap().clone()
    };
    let talks = |record: &Value| -> Vec<(String, u64, u64)> {
        let legs = record["legs"].as_array().unwrap().iter();
        legs.map(|leg| {
            let agent = leg["agent"].as_str().unwrap().to_owned();
            let number = |field: &str| leg[field].as_u64().unwrap() / 1000;
            (agent, number("talk_ms"), number("hold_ms"))
        })
        .collect()
    };
    let (first, second) = (record("call-1"), record(&asking));
    let one = |agent: &str, talk, hold| (agent.to_owned(), talk, hold);
    assert_eq!(talks(&first), [one("8001", 30, 25), one("8002", 40, 0)]);
    assert_eq!(talks(&second), [one("8002", 0, 0), one("8001", 0, 0)], "no citizen was in it");
    assert_eq!((&second["consult_ms"], &second["talk_ms"]), (&json!(40_000), &json!(0)));
    for leg in second["legs"].as_array().unwrap() {
        assert_eq!((&leg["consult_ms"], &leg["part"]), (&json!(20_000), &json!("consult")));
    }
    assert_eq!((&first["talk_ms"], &first["agent"]), (&json!(70_000), &json!("8002")));
    assert_eq!(second["kind"], "consult");
    let today = world.get(&boss, "/agents/8002").await.json();
    assert_eq!(today["calls_today"], 1);
}

#[tokio::test]
async fn a_conference_lists_everyone_and_an_agent_can_leave_it() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    let asked =
        begun(&mut world, &own, "/calls/call-1/consult", json!({"to": {"agent": "8002"}})).await;
    world.run("00:05 phone 8002 answers").await;
    let path = format!("/calls/{}/conference", asked["call"].as_str().unwrap());
    done(&mut world, &own, &path, json!({})).await;
    let three = call(&world, &own, "call-1").await;
    assert_eq!(
        parties(&three),
        ["13812341234 connected full", "8001 connected full", "8002 connected full"]
    );
    done(&mut world, &own, "/calls/call-1/clear-connection", json!({})).await;
    let two = call(&world, &own, "call-1").await;
    assert_eq!(parties(&two), ["138****1234 connected full", "8002 connected full"]);
}

#[tokio::test]
async fn a_caller_is_sent_on_to_a_number_outside_whose_digits_a_stranger_does_not_see() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    let to = json!({"to": {"number": "913900000000"}});
    begun(&mut world, &own, "/calls/call-1/single-step-conference", to).await;
    let stranger = world.token("8003").await;
    let seen = call(&world, &stranger, "call-1").await;
    assert!(!seen.to_string().contains("13900000000"), "{seen}");
    assert!(call(&world, &own, "call-1").await.to_string().contains("13900000000"));
}

#[tokio::test]
async fn a_supervisor_listens_unseen_whispers_and_takes_over() {
    let mut world = talk().await;
    let (own, boss) = (world.token("8001").await, world.token("8000").await);
    let by = json!({"device": "8000"});
    let leg = begun(&mut world, &boss, "/calls/call-1/monitor", by.clone()).await;
    world.run("00:02 phone 8000 answers").await;
    let seen = call(&world, &boss, "call-1").await;
    assert_eq!(
        parties(&seen),
        ["13812341234 connected full", "8001 connected full", "8000 connected listen_only"]
    );
    let agents = call(&world, &own, "call-1").await;
    assert_eq!(parties(&agents).len(), 2, "an agent does not see who listens: {agents}");

    let leg = leg["leg"].as_str().unwrap().to_owned();
    let role = json!({"party": {"leg": leg}, "role": {"coach": {"agent": "8001"}}});
    done(&mut world, &boss, "/calls/call-1/role", role).await;
    let coached = call(&world, &boss, "call-1").await;
    assert_eq!(coached["parties"][2]["role"], "coach");
    assert_eq!(coached["parties"][2]["coaches"], coached["parties"][1]["leg"]);

    let taken = world.post(&own, "/calls/call-1/take-over", by).await;
    assert_eq!(taken.problem().1, "forbidden");
}

#[tokio::test]
async fn an_agent_steers_no_call_of_another_agent() {
    let mut world = talk().await;
    let stranger = world.token("8003").await;
    world.settle().await;
    let forbidden = [
        ("/calls/call-1/hold", json!({"party": {"agent": "8001"}})),
        ("/calls/call-1/retrieve", json!({"party": {"device": "8001"}})),
        ("/calls/call-1/clear-connection", json!({"party": "served"})),
        ("/calls/call-1/single-step-conference", json!({"to": {"agent": "8002"}})),
        ("/calls/call-1/monitor", json!({})),
        ("/calls/call-1/whisper", json!({})),
        ("/calls/call-1/barge", json!({})),
        ("/calls/call-1/take-over", json!({})),
        ("/calls/call-1/intrude", json!({})),
        ("/calls/call-1/force-release", json!({})),
        ("/calls/call-1/data", json!({"data": {"a": "b"}})),
        ("/calls/call-1/send-digits", json!({"digits": "1"})),
        ("/calls", json!({"device": "8000", "to": {"agent": "8001"}})),
        ("/calls", json!({"device": "8001", "to": {"agent": "8002"}})),
        ("/agents/8001/force", json!({"to": "ready"})),
        ("/agents/8001/reset", json!({})),
        ("/contacts", json!({"medium": "chat", "queue": "general"})),
    ];
    for (path, body) in forbidden {
        let answer: Answer = world.post(&stranger, path, body.clone()).await;
        assert_eq!(answer.problem().1, "forbidden", "{path} {body}");
    }
    // His own part in a call in which he has none is refused by the Center.
    let own = world.post(&stranger, "/calls/call-1/hold", json!({})).await.problem();
    assert_eq!(own, (409, "not_in_call".to_owned(), Some("party".to_owned())));
}

#[tokio::test]
async fn what_travels_with_a_call_is_kept_by_version() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    done(&mut world, &own, "/calls/call-1/data", json!({"data": {"card": "A-17"}})).await;
    let kept = world.get(&own, "/calls/call-1/data").await.json();
    assert_eq!(kept, json!({"call": "call-1", "version": 1, "data": {"card": "A-17"}}));
    let late = json!({"data": {"card": "B"}, "based_on": 0});
    let refused = world.post(&own, "/calls/call-1/data", late).await.problem();
    assert_eq!((refused.0, refused.1.as_str()), (409, "version_conflict"));
    let stranger = world.token("8003").await;
    assert_eq!(world.get(&stranger, "/calls/call-1/data").await.problem().1, "forbidden");
}

#[tokio::test]
async fn a_supervisor_orders_those_who_wait() {
    let mut world = talk().await;
    world
        .run("00:01 citizen 13900000001 dials 12345\n00:05 citizen 13900000002 dials 12345\n00:09")
        .await;
    let boss = world.token("8000").await;
    let callers = async |world: &World<TestWorld>| -> Vec<(String, u64, Value)> {
        let queue = world.get(&boss, "/queues").await.json()["items"][0].clone();
        let callers = queue["callers"].as_array().unwrap().iter();
        callers
            .map(|it| {
                let contact = it["contact"].as_str().unwrap().to_owned();
                (contact, it["priority"].as_u64().unwrap(), it["assigned"].clone())
            })
            .collect()
    };
    let before = callers(&world).await;
    let (first, second) = (before[0].0.clone(), before[1].0.clone());
    done(&mut world, &boss, &format!("/contacts/{second}/priority"), json!({"priority": 9})).await;
    done(&mut world, &boss, &format!("/contacts/{first}/assign"), json!({"agent": "8002"})).await;
    assert_eq!(
        callers(&world).await,
        [(second.clone(), 9, json!(null)), (first.clone(), 0, json!("8002"))]
    );
    let explained = world.get(&boss, &format!("/contacts/{second}/explain")).await.json();
    assert_eq!(explained["waiting"]["position"], 1);
    let removed = world.ask(&boss, "DELETE", &format!("/contacts/{first}"), None).await;
    assert_eq!(removed.status, 204);
    world.settle().await;
    assert_eq!(callers(&world).await.len(), 1);
    let agent = world.token("8001").await;
    let path = format!("/contacts/{second}/priority");
    let refused = world.post(&agent, &path, json!({"priority": 200})).await;
    assert_eq!(refused.problem().1, "forbidden");
    let unknown = world.post(&boss, "/contacts/contact-99/priority", json!({"priority": 1})).await;
    assert_eq!(unknown.problem().1, "unknown_contact");
}

#[tokio::test]
async fn a_supervisor_forces_the_state_of_an_agent() {
    let mut world = talk().await;
    let boss = world.token("8000").await;
    let forced = world.post(&boss, "/agents/8002/force", json!({"to": "ready"})).await.json();
    assert_eq!(forced["state"], "ready");
    let reason = json!({"to": "not_ready", "reason": "training"});
    let forced = world.post(&boss, "/agents/8002/force", reason).await.json();
    assert_eq!((&forced["state"], &forced["reason"]), (&json!("not_ready"), &json!("training")));
    let without = world.post(&boss, "/agents/8002/force", json!({"to": "not_ready"})).await;
    assert_eq!(without.problem(), (400, "invalid_value".to_owned(), Some("reason".to_owned())));
    let after = world.post(&boss, "/agents/8001/force", json!({"to": "signed_out"})).await.json();
    assert_eq!((&after["state"], &after["after_call"]), (&json!("on_call"), &json!("signed_out")));
    world.settle().await;
}

#[tokio::test]
async fn an_agent_calls_a_colleague_by_a_click() {
    let mut world = talk().await;
    let own = world.token("8003").await;
    let begun = begun(&mut world, &own, "/calls", json!({"to": {"agent": "8002"}})).await;
    let id = begun["call"].as_str().unwrap().to_owned();
    world.run("00:02 phone 8003 answers\n00:06 phone 8002 answers").await;
    let shown = call(&world, &own, &id).await;
    assert_eq!((&shown["direction"], &shown["state"]), (&json!("internal"), &json!("talking")));
    assert_eq!(parties(&shown), ["8003 connected full", "8002 connected full"]);
}

#[tokio::test]
async fn who_shares_the_line_of_a_talk_is_shown_and_joins_it() {
    let mut world = talk().await;
    let (own, colleague) = (world.token("8001").await, world.token("8003").await);
    let to = json!({"to": {"number": "8100"}});
    done(&mut world, &own, "/calls/call-1/single-step-transfer", to).await;
    world.run("00:02 phone 8002 answers").await;
    assert_eq!(call(&world, &own, "call-1").await["bridged"], json!(["8003"]));
    begun(&mut world, &colleague, "/calls/call-1/join", json!({})).await;
    world.run("00:03").await;
    let shown = call(&world, &colleague, "call-1").await;
    assert_eq!(shown["bridged"], json!([]));
    assert_eq!(parties(&shown)[1..], ["8002 connected full", "8003 connected full"]);
    let stranger = world.post(&own, "/calls/call-1/join", json!({})).await;
    assert_eq!(stranger.status, 409, "{stranger:?}");
}
