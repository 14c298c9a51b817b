//! What agents and supervisors do with telephones by REST besides talking: mute, park, pick up, take back, reset.

use cti_bindings::testworld::TestWorld;
use serde_json::{Value, json};

use crate::{
    World,
    services::{begun, call, done, parties, talk},
};

/// Asks for something that is answered in one way or another, and is not refused.
async fn fine(world: &mut World<TestWorld>, token: &str, path: &str, body: Value) {
    let answer = world.post(token, path, body).await;
    assert!(answer.status.is_success(), "{path}: {answer:?}");
    world.settle().await;
}

#[tokio::test]
async fn a_party_is_muted_and_heard_again() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    done(&mut world, &own, "/calls/call-1/mute", json!({"on": true})).await;
    assert_eq!(call(&world, &own, "call-1").await["parties"][1]["muted"], true);
    done(&mut world, &own, "/calls/call-1/mute", json!({"on": false})).await;
    assert_eq!(call(&world, &own, "call-1").await["parties"][1]["muted"], false);
}

#[tokio::test]
async fn a_listener_asks_to_speak_and_the_agent_lets_him() {
    let mut world = talk().await;
    let (own, guest) = (world.token("8001").await, world.token("8002").await);
    let bring = json!({"to": {"agent": "8002"}, "role": "may_ask"});
    begun(&mut world, &own, "/calls/call-1/single-step-conference", bring).await;
    world.run("00:02 phone 8002 answers").await;
    assert_eq!(parties(&call(&world, &own, "call-1").await)[2], "8002 connected may_ask");
    done(&mut world, &guest, "/calls/call-1/ask-floor", json!({})).await;
    let role = json!({"party": {"agent": "8002"}, "role": "full"});
    done(&mut world, &own, "/calls/call-1/role", role).await;
    assert_eq!(parties(&call(&world, &own, "call-1").await)[2], "8002 connected full");
    let again = world.post(&guest, "/calls/call-1/ask-floor", json!({})).await;
    assert_eq!(again.status, 409, "who may speak has nothing to ask for");
}

#[tokio::test]
async fn a_transferred_call_is_taken_back_while_it_rings() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    let to = json!({"to": {"agent": "8002"}});
    done(&mut world, &own, "/calls/call-1/single-step-transfer", to).await;
    assert_eq!(call(&world, &own, "call-1").await["state"], "offering");
    fine(&mut world, &own, "/calls/call-1/take-back", json!({})).await;
    let back = call(&world, &own, "call-1").await;
    assert_eq!(back["state"], "talking");
    assert_eq!(parties(&back)[1], "8001 connected full");
}

#[tokio::test]
async fn a_parked_call_is_taken_by_another_agent() {
    let mut world = talk().await;
    let (own, other) = (world.token("8001").await, world.token("8002").await);
    done(&mut world, &own, "/calls/call-1/park", json!({"at": "8000"})).await;
    assert_eq!(call(&world, &own, "call-1").await["state"], "parked");
    fine(&mut world, &other, "/agents/8002/unpark", json!({"at": "8000"})).await;
    let taken = call(&world, &other, "call-1").await;
    assert_eq!(parties(&taken)[1], "8002 connected full");
}

#[tokio::test]
async fn a_colleague_picks_up_what_rings_at_an_agent() {
    let mut world = talk().await;
    let other = world.token("8002").await;
    world.run("00:01 citizen 13900000001 dials 12345").await;
    let boss = world.token("8000").await;
    fine(&mut world, &boss, "/agents/8003/force", json!({"to": "ready"})).await;
    assert_eq!(call(&world, &boss, "call-2").await["state"], "offering");
    fine(&mut world, &other, "/calls/call-2/pickup", json!({})).await;
    let taken = call(&world, &other, "call-2").await;
    assert_eq!(parties(&taken)[1], "8002 connected full");
}

#[tokio::test]
async fn a_reset_ends_the_consultation_and_brings_the_citizen_back() {
    let mut world = talk().await;
    let own = world.token("8001").await;
    begun(&mut world, &own, "/calls/call-1/consult", json!({"to": {"agent": "8002"}})).await;
    fine(&mut world, &own, "/agents/8001/reset", json!({})).await;
    assert_eq!(call(&world, &own, "call-1").await["state"], "talking");
    assert_eq!(world.get(&own, "/calls/call-2").await.status, 404);
}
