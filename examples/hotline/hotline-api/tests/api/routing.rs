//! The rules of the queues and the contacts that wait by REST, with a real Center and a real router behind them.

use cti_acd::{Parts, config::AcdConfig, tryout::Staged};
use cti_bindings::{testlog::center_config, testworld::TestWorld};
use cti_core::{
    center::Center,
    config::{CenterConfig, OutsideConfig},
    flow::FlowEffect,
    needs::Needs,
    testkit::ScriptedFlows,
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{Answer, World, services::done};

/// Two agents at work; 8001 talks, 8002 takes a pause, and three callers wait: contacts 2, 3 and 4.
const BUSY: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 agent 8001 signs in at A01
    00:00 agent 8002 signs in at A02
    00:01 agent 8001 is ready
    00:05 citizen 13812340001 dials 12345
    00:09 phone 8001 answers
    00:10 citizen 13812340002 dials 12345
    00:20 citizen 13812340003 dials 12345
    00:30 citizen 13812340004 dials 12345
    00:40
";

fn config() -> CenterConfig {
    let mut config = center_config();
    config.outside.push(OutsideConfig {
        access: "9".to_owned(),
        prefix: "1".to_owned(),
        trunk: "city".parse().unwrap(),
        show: cti_core::address::PhoneNumber::parse("12345").unwrap(),
    });
    config
}

pub(crate) async fn world() -> World<TestWorld> {
    let enqueue = FlowEffect::Enqueue {
        queue: "general".parse().unwrap(),
        priority: 0,
        needs: Needs::default(),
    };
    let flows = ScriptedFlows::default().flow("hotline-12345", vec![FlowEffect::Answer, enqueue]);
    let router = Staged::new(AcdConfig::default(), Parts::default()).unwrap();
    let center = Center::new(config(), Box::new(router), Box::new(flows)).unwrap();
    let world = TestWorld::new(center, Timestamp::from_secs(1_795_309_200));
    World::of(world, config()).await
}

pub(crate) async fn busy() -> (World<TestWorld>, String, String) {
    let mut world = world().await;
    world.run(BUSY).await;
    let boss = world.token("8000").await;
    let credentials = json!({"user": "admin", "password": "demoadmin"});
    let admin = world.post("", "/session", credentials).await.json();
    let admin = admin["token"].as_str().unwrap().to_owned();
    (world, boss, admin)
}

pub(crate) async fn put(
    world: &mut World<TestWorld>,
    token: &str,
    path: &str,
    rules: Value,
) -> Answer {
    let answer = world.ask(token, "PUT", path, Some(rules)).await;
    world.settle().await;
    answer
}

pub(crate) fn general(rules: Value) -> Value {
    let mut queue = rules;
    queue["queue"] = json!("general");
    json!({ "queues": [queue] })
}

/// The places of contacts 2, 3 and 4 in their queue.
async fn places(world: &World<TestWorld>, token: &str) -> Vec<i64> {
    let mut places = Vec::new();
    for contact in 2..=4 {
        let path = format!("/contacts/contact-{contact}/explain");
        let text = world.get(token, &path).await.json()["text"].take();
        let last = text.as_array().and_then(|all| all.last()).unwrap()["words_en"].clone();
        let number =
            last.as_str().unwrap().strip_prefix("number ").and_then(|it| it.split(' ').next());
        places.push(number.map_or(0, |it| it.parse().unwrap()));
    }
    places
}

#[tokio::test]
async fn an_administrator_alone_changes_the_rules_of_the_queues() {
    let (mut world, _, admin) = busy().await;
    let rules = general(json!({"strategy": "fewest_calls"}));
    for user in ["8000", "8003"] {
        let token = world.token(user).await;
        assert_eq!(
            put(&mut world, &token, "/routing", rules.clone()).await.problem().1,
            "forbidden"
        );
        for path in ["/routing", "/routing/shadow"] {
            assert_eq!(world.get(&token, path).await.problem().1, "forbidden");
        }
        for path in ["/routing/switch", "/routing/roll-back"] {
            assert_eq!(world.post(&token, path, json!({})).await.problem().1, "forbidden");
        }
    }
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    let shown = world.get(&admin, "/routing").await.json();
    assert_eq!(shown["queues"][0]["strategy"], "fewest_calls");
    assert_eq!(world.kept.0.lock().unwrap()["queues"][0]["strategy"], "fewest_calls");
    for (wrong, field) in [
        (general(json!({"colour": 1})), "queues[0].colour"),
        (general(json!({"strategy": "best"})), "queues"),
        (json!({"queues": [{"queue": "nowhere"}]}), "queues"),
    ] {
        let refused = put(&mut world, &admin, "/routing", wrong.clone()).await.problem();
        assert_eq!((refused.0, refused.1.as_str()), (400, "invalid_value"), "{wrong}");
        assert!(refused.2.as_deref().unwrap().starts_with(&field[..6]), "{wrong}: {refused:?}");
    }
    assert_eq!(world.get(&admin, "/routing").await.json(), shown, "nothing has changed");
}

#[tokio::test]
async fn changed_rules_take_effect_at_once_and_nobody_loses_his_place() {
    let (mut world, boss, admin) = busy().await;
    assert_eq!(places(&world, &boss).await, [1, 2, 3]);
    let rules = general(json!({"strategy": "ring_all", "max_length": 1}));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    assert_eq!(places(&world, &boss).await, [1, 2, 3], "who waits already is not sent away");
    let trace = world.run("00:41 agent 8002 is ready").await;
    assert!(trace.contains("call-2 offered to agent 8002 by ring_all"), "{trace}");
    let facts: Vec<String> = world
        .centre
        .events()
        .iter()
        .filter(|it| matches!(it.fact, cti_core::event::Fact::RulesChanged { .. }))
        .map(|it| cti_core::words::in_words(&it.fact))
        .collect();
    assert_eq!(facts.len(), 1);
    assert!(facts[0].starts_with("rules replaced by admin: version "), "{facts:?}");
}

#[tokio::test]
async fn rules_follow_in_the_shadow_are_switched_to_and_rolled_back() {
    let (mut world, _, admin) = busy().await;
    let before = world.get(&admin, "/routing/shadow").await.json();
    assert_eq!((&before["shadow"], &before["previous"]), (&Value::Null, &Value::Null));
    let refused = world.post(&admin, "/routing/switch", json!({})).await.problem();
    assert_eq!((refused.0, refused.1.as_str()), (400, "invalid_value"));

    // Under the rules in the shadow the last caller would go first.
    let rules = general(json!({"strategy": "sequential"}));
    assert_eq!(put(&mut world, &admin, "/routing/shadow", rules).await.status, 204);
    world.run("00:42 agent 8002 is ready\n 00:43 phone 8002 answers").await;
    let shadow = world.get(&admin, "/routing/shadow").await.json();
    assert_eq!(shadow["version"], before["version"], "they decide nothing");
    assert_eq!(shadow["shadow"]["report"]["offers"], 1);
    assert_eq!(shadow["shadow"]["report"]["same"], 1);

    done(&mut world, &admin, "/routing/switch", json!({})).await;
    let after = world.get(&admin, "/routing/shadow").await.json();
    assert_eq!(after["version"], shadow["shadow"]["version"]);
    assert_eq!(after["previous"], before["version"]);
    assert_eq!(world.get(&admin, "/routing").await.json()["queues"][0]["strategy"], "sequential");

    done(&mut world, &admin, "/routing/roll-back", json!({})).await;
    let again = world.get(&admin, "/routing/shadow").await.json();
    assert_eq!(again["version"], before["version"]);
    assert_eq!(world.kept.0.lock().unwrap()["queues"], json!([]));

    let rules = general(json!({"strategy": "random"}));
    assert_eq!(put(&mut world, &admin, "/routing/shadow", rules).await.status, 204);
    assert_eq!(world.ask(&admin, "DELETE", "/routing/shadow", None).await.status, 204);
    assert_eq!(world.get(&admin, "/routing/shadow").await.json()["shadow"], Value::Null);
}

#[tokio::test]
async fn other_rules_are_tried_out_against_those_in_force() {
    let (world, _, admin) = busy().await;
    let rules = general(json!({"strategy": "random"}));
    let tried = world.post(&admin, "/routing/try-out", rules.clone()).await.json();
    assert_eq!(tried["after"], rules);
    assert_eq!(tried["before"]["queues"], json!([]));
}

#[tokio::test]
async fn an_administrator_has_rules_checked_and_a_script_is_told_its_line() {
    let (world, boss, admin) = busy().await;
    let rules =
        json!({"queues": [], "scripts": [{"name": "vip", "source": "fn agent_key(a) {\n"}]});
    let checked = world.post(&admin, "/routing/check", rules.clone()).await.json();
    let finding = &checked["findings"][0];
    assert_eq!((&finding["script"], &finding["line"]), (&json!("vip"), &json!(2)), "{checked}");
    let fine = world.post(&admin, "/routing/check", json!({"queues": []})).await.json();
    assert_eq!(fine["findings"], json!([]));
    assert_eq!(world.post(&boss, "/routing/check", rules).await.problem().1, "forbidden");
    let named = world.get(&boss, "/routing/strategies").await.json();
    assert_eq!(named["items"][0]["name"], "longest_idle");
    assert_eq!(named["items"][0]["chosen_by"], "queue");
}

#[tokio::test]
async fn why_a_contact_is_where_it_is_and_why_not_with_an_agent_is_told_in_words() {
    let (world, boss, _) = busy().await;
    let why = async |contact: u64, agent: &str| {
        let path = format!("/contacts/contact-{contact}/explain?agent={agent}");
        let answer = world.get(&boss, &path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let why_not = answer.json()["why_not"].take();
        [why_not["words_zh"].clone(), why_not["words_en"].clone()]
    };
    assert_eq!(why(3, "8001").await[1], "8001 is on a call");
    assert_eq!(why(3, "8002").await[0], "8002 示忙(刚签入)");
    assert_eq!(why(3, "8003").await, ["8003 从未签入", "8003 has never signed in"]);
    let unknown = world.get(&boss, "/contacts/contact-3/explain?agent=9999").await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    let plain = world.get(&boss, "/contacts/contact-3/explain").await.json();
    assert_eq!(plain["why_not"], Value::Null);
    assert_eq!(plain["waiting"]["position"], 2);
    let wrong = world.get(&boss, "/contacts/contact-3/explain?colour=red").await;
    assert_eq!(wrong.status, 400, "{wrong:?}");
}

#[tokio::test]
async fn a_supervisor_raises_lowers_assigns_moves_and_removes_who_waits() {
    let (mut world, boss, _) = busy().await;
    done(&mut world, &boss, "/contacts/contact-4/priority", json!({"priority": 9})).await;
    assert_eq!(places(&world, &boss).await, [2, 3, 1]);
    done(&mut world, &boss, "/contacts/contact-4/priority", json!({"priority": 0})).await;
    assert_eq!(places(&world, &boss).await, [1, 2, 3], "lowered, it has the place it had");

    done(&mut world, &boss, "/contacts/contact-3/assign", json!({"agent": "8002"})).await;
    let trace = world.run("00:45 agent 8002 is ready").await;
    assert!(trace.contains("call-3 offered to agent 8002 by assigned"), "{trace}");
    done(&mut world, &boss, "/contacts/contact-4/move", json!({"queue": "general"})).await;

    let removed = world.ask(&boss, "DELETE", "/contacts/contact-2", None).await;
    assert_eq!(removed.status, 204);
    world.settle().await;
    let gone = world.get(&boss, "/contacts/contact-2/explain").await;
    assert_eq!(gone.status, 404, "{gone:?}");
}

#[tokio::test]
async fn who_gave_up_is_called_back_by_rule_and_stands_among_the_contacts() {
    let (mut world, boss, admin) = busy().await;
    let missed = json!({"after_ms": 5000, "delay_ms": 30000});
    let rules = general(json!({"missed": missed}));
    assert_eq!(put(&mut world, &admin, "/routing", rules).await.status, 204);
    world
        .run(
            "00:50 citizen 13812340009 dials 12345
             01:00 citizen 13812340009 hangs up
             01:31",
        )
        .await;
    let listed = world.get(&boss, "/contacts").await.json();
    let open = &listed["items"][0];
    assert_eq!((&open["medium"], &open["queue"]), (&json!("call_back"), &json!("general")));
    assert_eq!(open["position"], 4, "the place he had");
}
