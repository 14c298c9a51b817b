//! Citizens are known by one number however it is spelt; the lists of callers are seen and changed by REST.

use cti_bindings::{testlog::center_config, testworld::TestWorld};
use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{CenterConfig, Destination, NumberConfig, TrunkPlan},
    flow::FlowEffect,
    needs::Needs,
    numbers::NumberingConfig,
    switch::{Origin, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::World;

fn config() -> CenterConfig {
    let numbering = NumberingConfig { area: "0531".to_owned(), ..NumberingConfig::default() };
    let flow = || Destination::Flow("hotline-12345".parse().unwrap());
    let name = "西区".to_owned();
    let number = NumberConfig { number: PhoneNumber::parse("82340000").unwrap(), name, to: flow() };
    let west = TrunkPlan {
        trunk: "west".parse().unwrap(),
        numbers: vec![number],
        others: Some(Destination::Queue("general".parse().unwrap())),
    };
    CenterConfig { numbering: Some(numbering), trunks: vec![west], ..center_config() }
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

/// Somebody calls by the trunk and hangs up; a citizen who is refused has been hung up on.
async fn calls(world: &mut World<TestWorld>, caller: &str) {
    world.centre.happens(|world| {
        let leg = world.switch.incoming(None);
        world.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk("pstn".parse().unwrap()),
            caller: PhoneNumber::parse(caller).unwrap(),
            called: PhoneNumber::parse("12345").unwrap(),
            network_id: leg.to_string(),
        });
        let now = world.now();
        world.switch.end(now, leg, cti_core::cause::Cause::Normal);
        world.settle();
    });
    world.settle().await;
}

/// Encodes a text for a query.
fn query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// What trunks deliver.
const RECEIVED: [&str; 10] = [
    "13812341234",
    "013812341234",
    "+8613812341234",
    "8613812341234",
    "008613812341234",
    "138-1234-1234",
    "138.1234.1234",
    "+86-138-1234-1234",
    "+86013812341234",
    "1795113812341234",
];

/// What agents type and files hold, besides.
const WRITTEN: [&str; 24] = [
    "138 1234 1234",
    "138 12341234",
    "0138 1234 1234",
    "(0138)12341234",
    "+86 138 1234 1234",
    "+86 (138) 1234-1234",
    "+86 (0)138 1234 1234",
    "0086 138 1234 1234",
    "86 138 1234 1234",
    "86-13812341234",
    "tel:13812341234",
    "tel:+8613812341234",
    "tel:+86-138-1234-1234",
    "tel:+86-138-1234-1234;ext=801",
    "tel:013812341234;phone-context=+86",
    "sip:13812341234@10.0.0.1",
    "sip:+8613812341234@example.com;user=phone",
    "sips:+8613812341234@example.com",
    "<sip:13812341234@10.0.0.1>",
    "１３８１２３４１２３４",
    "138　1234　1234",
    " 13812341234 ",
    "17909 138 1234 1234",
    "138\u{2010}1234\u{2010}1234",
];

#[tokio::test]
async fn every_spelling_finds_one_citizen_with_his_calls_and_tickets() {
    let mut world = world().await;
    for caller in RECEIVED {
        calls(&mut world, caller).await;
    }
    calls(&mut world, "13812341235").await;
    let admin = world.token("admin").await;
    let draft = json!({"category": "noise", "text": "施工", "number": "+86 138 1234 1234"});
    let ticket = world.post(&admin, "/tickets", draft).await.json();

    let spellings = RECEIVED.iter().chain(&WRITTEN);
    assert!(spellings.clone().count() >= 30);
    for spelling in spellings {
        let number = query(spelling);
        let history =
            world.get(&admin, &format!("/contacts/history?number={number}&limit=20")).await;
        let found = history.json()["items"].as_array().unwrap().len();
        assert_eq!(found, RECEIVED.len(), "{spelling}: {history:?}");
        let records = world.get(&admin, &format!("/call-records?caller={number}")).await.json();
        assert_eq!(records["items"].as_array().unwrap().len(), RECEIVED.len(), "{spelling}");
        let tickets = world.get(&admin, &format!("/tickets?number={number}")).await.json();
        assert_eq!(tickets["items"][0]["no"], ticket["no"], "{spelling}");
    }
    let records = world.get(&admin, "/call-records").await.json();
    let oldest = &records["items"][RECEIVED.len()];
    assert_eq!(oldest["caller"], "13812341234", "as it was received");
    assert_eq!(oldest["caller_normal"], "+8613812341234");
}

#[tokio::test]
async fn a_number_tells_its_kind_and_where_it_is_at_home() {
    let world = world().await;
    let agent = world.token("8003").await;
    let told = world.get(&agent, "/numbers/tell?number=0532-8234-5678").await.json();
    assert_eq!((&told["normal"], &told["region"]), (&json!("+8653282345678"), &json!("山东 青岛")));
}

fn nuisance() -> Value {
    json!({"list": "black", "number": "138-1234-1234", "level": "refuse", "reason": "骚扰"})
}

#[tokio::test]
async fn a_caller_on_the_blacklist_is_refused_until_he_is_taken_off() {
    let mut world = world().await;
    let admin = world.token("admin").await;
    let added = world.post(&admin, "/numbers/lists", nuisance()).await;
    assert_eq!(added.status, 201, "{added:?}");
    world.settle().await;
    calls(&mut world, "013812341234").await;
    let record = world.get(&admin, "/call-records").await.json()["items"][0].clone();
    assert_eq!((&record["cause"], &record["kind"]), (&json!("forbidden"), &json!("refused")));
    assert_eq!(
        (&record["list_entry"], &record["listed"]),
        (&json!("entry-1"), &json!("black refuse"))
    );

    let listed = world.get(&admin, "/numbers/lists?number=%2B8613812341234").await.json();
    let entry = &listed["items"][0];
    assert_eq!((&entry["number"], &entry["reason"]), (&json!("+8613812341234"), &json!("骚扰")));
    assert_eq!((&entry["entered_by"], &entry["scope"]), (&json!("admin"), &json!("centre")));

    let removed = world.ask(&admin, "DELETE", "/numbers/lists/entry-1", None).await;
    assert_eq!(removed.status, 204);
    world.settle().await;
    calls(&mut world, "013812341234").await;
    let record = world.get(&admin, "/call-records").await.json()["items"][0].clone();
    assert_eq!(record["kind"], "service");
    let again = world.ask(&admin, "DELETE", "/numbers/lists/entry-1", None).await;
    assert_eq!(again.problem().1, "unknown_entry");
}

#[tokio::test]
async fn the_agent_is_told_of_a_caller_whom_a_list_warns_of() {
    let mut world = world().await;
    let admin = world.token("admin").await;
    let mut entry = nuisance();
    entry["level"] = json!("warn");
    assert_eq!(world.post(&admin, "/numbers/lists", entry).await.status, 201);
    world.settle().await;
    world.run("00:00 citizen 13812341234 dials 12345").await;
    let call = world.get(&admin, "/calls/call-1").await.json();
    assert_eq!((&call["listed"], &call["listed_reason"]), (&json!("black warn"), &json!("骚扰")));
}

#[tokio::test]
async fn a_table_of_callers_is_imported_and_wrong_lines_are_named() {
    let mut world = world().await;
    let admin = world.token("admin").await;
    let table = "名单,号码,级别,范围,到期,原因\n\
        黑名单,13812341234,拒接,,,骚扰\n\
        白名单,13900001111,priority:20,queue:general,2027-12-31,市长\n\
        黑名单,138x,拒接,,,骚扰\n\
        黑名单,13700000000,flow,,,骚扰\n\
        黑名单,13700000000,拒接,,,\n\
        黑名单,+86 138 1234 1234,拒接,,,骚扰\n";
    let answer = world.table(&admin, "POST", "/numbers/lists/import", table).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let report = answer.json();
    assert_eq!(report["accepted"], 2);
    let lines: Vec<_> = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["line"].as_u64().unwrap(), error["field"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [(4, "number"), (5, "level"), (6, "reason"), (7, "number")]);
    assert!(!report.to_string().contains("13812341234"), "masked: {report}");
    world.settle().await;
    calls(&mut world, "13900001111").await;
    let events = world.centre.events();
    let priority = events.iter().find_map(|event| {
        if let cti_core::event::Fact::Queued { priority, .. } = &event.fact {
            Some(*priority)
        } else {
            None
        }
    });
    assert_eq!(priority, Some(20));
}

#[tokio::test]
async fn wrong_entries_name_the_field_and_agents_may_not_see_the_lists() {
    let world = world().await;
    let admin = world.token("admin").await;
    let wrong = [
        ("number", "138x"),
        ("list", "grey"),
        ("level", "flow:"),
        ("scope", "planet"),
        ("expires", "tomorrow"),
        ("expires", "2001-01-01"),
        ("reason", ""),
    ];
    for (field, value) in wrong {
        let mut entry = nuisance();
        entry[field] = json!(value);
        let (status, code, named) = world.post(&admin, "/numbers/lists", entry).await.problem();
        assert_eq!((status, code.as_str()), (400, "invalid_value"), "{field}");
        assert_eq!(named.as_deref(), Some(field));
    }
    for user in ["8003", "8006"] {
        let token = world.token(user).await;
        assert_eq!(world.get(&token, "/numbers/lists").await.problem().0, 403, "{user}");
        assert_eq!(world.post(&token, "/numbers/lists", nuisance()).await.problem().0, 403);
        let import = world.table(&token, "POST", "/numbers/lists/import", "list\n").await;
        assert_eq!(import.problem().0, 403);
    }
    let chief = world.token("8000").await;
    assert_eq!(world.get(&chief, "/numbers/lists").await.status, 200, "all queues are his");
}

#[tokio::test]
async fn who_asks_to_erase_a_citizen_must_be_an_administrator_say_why_and_have_a_sealed_journal() {
    let world = world().await;
    let wanted = json!({"number": "138 1234 1234", "reason": "asked for by letter"});
    let chief = world.token("8000").await;
    assert_eq!(world.post(&chief, "/citizens/erase", wanted.clone()).await.problem().0, 403);
    let admin = world.token("admin").await;
    let unexplained = json!({"number": "138 1234 1234", "reason": " "});
    let refused = world.post(&admin, "/citizens/erase", unexplained).await.problem();
    assert_eq!((refused.0, refused.2.as_deref()), (400, Some("reason")));
    let refused = world.post(&admin, "/citizens/erase", wanted).await.problem();
    assert_eq!((refused.0, refused.1.as_str()), (409, "journal_not_sealed"));
}

#[tokio::test]
async fn an_administrator_imports_holidays_and_a_wrong_line_is_named() {
    let world = world().await;
    let admin = world.token("admin").await;
    let table = "开始,结束,类型,名称\n2027-02-05,2027-02-12,放假,春节\n2027-02-20,,上班,\n";
    let imported = world.table(&admin, "PUT", "/calendar/holidays", table).await;
    assert_eq!((imported.status.as_u16(), &imported.json()["accepted"]), (200, &json!(2)));
    let shown = world.get(&admin, "/calendar/holidays").await.json();
    assert_eq!(shown["years"]["2027"]["make_up"], json!(["2027-02-20"]));
    assert_eq!(shown["warnings"][0], "no holidays are known for 2027");
    let wrong = "from,kind,name\n2027-13-05,holiday,春节\n";
    let refused = world.table(&admin, "PUT", "/calendar/holidays", wrong).await;
    assert_eq!(refused.problem().2.as_deref(), Some("from"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("line 2"));
    let agent = world.token("8003").await;
    assert_eq!(world.table(&agent, "PUT", "/calendar/holidays", table).await.problem().0, 403);
}

#[tokio::test]
async fn where_calls_by_a_trunk_lead_is_listed_in_the_order_in_which_it_is_decided() {
    let world = world().await;
    let token = world.token("8003").await;
    let numbers = world.get(&token, "/trunks/numbers").await.json();
    let own = json!({ "trunk": "west", "number": "82340000", "name": "西区", "flow": "hotline-12345",
        "queue": null, "program": null });
    let others = json!({ "trunk": "west", "number": null, "name": null, "flow": null,
        "queue": "general", "program": null });
    assert_eq!(numbers, json!([own, others]));
}
