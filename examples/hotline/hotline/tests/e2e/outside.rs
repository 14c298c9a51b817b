//! Calls to people outside by a trunk: a click, the next number, a call that finds its agent, a mobile telephone that is
//! followed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        rtp::Phone,
        sipp::{Scenario, Sipp},
        sound, wait,
    },
    talk::{direct, quick},
};

/// Two ways outside: 139… by one gateway, all other mobile numbers by another.
struct Outside {
    floor: Floor,
    /// The ports of the gateways.
    gateways: [u16; 2],
}

impl Outside {
    fn open() -> Self {
        let gateways = [wait::free_port(), wait::free_port()];
        let edit = move |demo: &str| {
            let trunk = |name: &str, port| {
                format!(
                    // Their phones are there for one call each, and know no other question.
                    "[[sip.trunks]]\ntrunk = \"{name}\"\n\
                     gateways = [{{ address = \"127.0.0.1:{port}\", probe_ms = 0 }}]\n"
                )
            };
            let way = |prefix: &str, trunk: &str| {
                format!(
                    "[[outside]]\naccess = \"9\"\nprefix = \"{prefix}\"\ntrunk = \"{trunk}\"\nshow = \"12345\"\n"
                )
            };
            quick(demo)
                + &trunk("first", gateways[0])
                + &trunk("second", gateways[1])
                + &way("139", "first")
                + &way("1", "second")
        };
        Self { floor: Floor::open_with(edit, direct), gateways }
    }

    /// Lets somebody outside do what a scenario says with the next call by a gateway.
    fn somebody(&self, gateway: usize, scenario: &'static str, phone: &Phone, stay: u64) -> Sipp {
        Scenario::new(scenario)
            .user("outside")
            .key("rtp_port", phone.port())
            .from(self.gateways[gateway])
            .pause(Duration::from_millis(stay))
            .start()
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.floor.supervisor.post(path, body);
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.json()
    }

    /// Waits for the record of the call to a number, in the order of the digits that were sent to the network.
    fn record_of(&self, called: &str) -> Value {
        wait::until(&format!("the record of {called}"), LIMIT, || {
            let records = self.floor.items("/api/v1/call-records");
            records
                .into_iter()
                .find(|it| it["called"].as_str().is_some_and(|it| it.ends_with(called)))
        })
    }
}

/// Returns the leg of the party outside of a call.
fn citizen_leg(outside: &Outside, call: &Value) -> Value {
    let path = format!("/api/v1/calls/{}", call.as_str().unwrap());
    let parties = outside.floor.supervisor.get(&path).json()["parties"].clone();
    let citizen = parties.as_array().unwrap().iter().find(|it| it["device"].is_null());
    citizen.unwrap_or_else(|| panic!("{parties}"))["leg"].clone()
}

/// Returns the first line of the From header that the gateway saw.
fn shown(messages: &str) -> String {
    let from = messages.lines().find(|line| line.starts_with("From:"));
    from.unwrap_or_else(|| panic!("no call reached the gateway: {messages}")).to_owned()
}

#[test]
fn an_agent_calls_a_citizen_by_a_click_and_is_recorded_from_the_citizens_answer() {
    if !asked_for() {
        return;
    }
    let outside = Outside::open();
    let agent = outside.floor.agent("8001");
    let citizen = Phone::playing(440.0);
    let own = agent.answers();
    let other = outside.somebody(0, "agent-hangs-up", &citizen, 4_000);
    let messages = {
        let body = json!({"device": "8001", "to": {"number": "913900000002"}});
        let call = outside.ask("/api/v1/calls", &body)["call"].clone();
        outside.floor.until_state("8001", "on_call");
        wait::until("a talk", LIMIT, || {
            let calls = outside.floor.items("/api/v1/calls");
            calls.into_iter().find(|it| it["id"] == call && it["state"] == "talking")
        });
        // As if the agent pressed keys, for a menu at the other end.
        let path = format!("/api/v1/calls/{}/send-digits", call.as_str().unwrap());
        let keys = json!({"party": {"leg": citizen_leg(&outside, &call)}, "digits": "12#"});
        assert_eq!(outside.floor.supervisor.post(&path, &keys).status, 204);
        let messages = wait::until("a call at the gateway", LIMIT, || {
            Some(other.messages()).filter(|it| it.contains("INVITE"))
        });
        other.succeeds(LIMIT);
        messages
    };
    own.succeeds(LIMIT);
    assert_eq!(citizen.heard().digits, "12#");
    assert!(shown(&messages).contains("12345"), "{messages}");
    assert!(messages.contains("INVITE sip:13900000002@"), "{messages}");
    assert!(sound::pieces_with(&agent.phone.heard().samples, 440.0) >= 20, "the agent hears him");
    assert!(sound::pieces_with(&citizen.heard().samples, 1000.0) >= 20, "he hears the agent");

    let record = outside.record_of("13900000002");
    assert_eq!((&record["outcome"], &record["agent"]), (&json!("answered"), &json!("8001")));
    let talked = record["talk_ms"].as_u64().unwrap();
    assert!((3_500..4_800).contains(&talked), "from his answer on: {record:#}");
    let id = wait::until("its recording", LIMIT, || {
        outside.record_of("13900000002")["recording"].as_str().map(str::to_owned)
    });
    let path = format!("/api/v1/recordings/{id}/audio");
    let audio = sound::channels(&outside.floor.supervisor.get(&path).body);
    let seconds = audio[0].len() as f64 / f64::from(sound::RATE);
    assert!((seconds - talked as f64 / 1000.0).abs() < 0.4, "recorded {seconds} s of {talked} ms");
}

#[test]
fn the_next_number_is_rung_when_the_first_is_busy() {
    if !asked_for() {
        return;
    }
    let outside = Outside::open();
    let agent = outside.floor.agent("8001");
    let citizen = Phone::playing(440.0);
    let own = agent.answers();
    let busy = outside.somebody(0, "agent-busy", &citizen, 0);
    let next = outside.somebody(1, "agent-hangs-up", &citizen, 2_000);
    let numbers = ["913900000002", "913800000003"];
    outside.ask("/api/v1/calls", &json!({"device": "8001", "to": {"numbers": numbers}}));
    busy.succeeds(LIMIT);
    next.succeeds(LIMIT);
    own.succeeds(LIMIT);
    let record = outside.record_of("13900000002");
    let ends: Vec<_> =
        record["legs"].as_array().unwrap().iter().map(|leg| &leg["number"]).collect();
    assert!(
        ends.contains(&&json!("13900000002")) && ends.contains(&&json!("13800000003")),
        "{record:#}"
    );
    assert_eq!(record["outcome"], "answered", "{record:#}");
}

#[test]
fn a_citizen_who_is_called_first_is_put_through_to_an_agent_when_he_answers() {
    if !asked_for() {
        return;
    }
    let outside = Outside::open();
    let agent = outside.floor.agent("8001");
    let citizen = Phone::playing(440.0);
    let own = agent.answers();
    let other = outside.somebody(0, "agent-hangs-up", &citizen, 9_000);
    let body = json!({"to": "913900000002", "then": {"queue": "general"}, "ring_ms": 20_000});
    outside.ask("/api/v1/calls/predictive", &body);
    other.succeeds(LIMIT);
    own.succeeds(LIMIT);
    assert!(sound::pieces_with(&agent.phone.heard().samples, 440.0) >= 15, "the agent hears him");
    assert!(sound::pieces_with(&citizen.heard().samples, 1000.0) >= 10, "he hears the agent");
    let record = outside.record_of("13900000002");
    assert_eq!((&record["agent"], &record["queue"]), (&json!("8001"), &json!("general")));
}

#[test]
fn a_call_follows_an_absent_colleague_to_his_mobile_and_is_recorded_there() {
    if !asked_for() {
        return;
    }
    let outside = Outside::open();
    let agent = outside.floor.agent("8001");
    let caller = Phone::playing(440.0);
    let mobile = Phone::playing(1500.0);
    let features =
        json!({"forwarding": [{"when": "immediate", "whose": "all", "to": "913900000002"}]});
    let path = "/api/v1/devices/8004/features";
    assert_eq!(outside.floor.supervisor.patch(path, &features).status, 200);
    let answering = agent.answers();
    let stay = Duration::from_secs(10);
    let calling = outside.floor.call("caller", "13800000001", "12300", &caller).pause(stay).start();
    let call = outside.floor.until_call("13800000001", "talking");
    let followed = outside.somebody(0, "agent", &mobile, 200);
    let path = format!("/api/v1/calls/{}/single-step-transfer", call["id"].as_str().unwrap());
    let body = json!({"party": {"agent": "8001"}, "to": {"device": "8004"}});
    assert_eq!(outside.floor.supervisor.post(&path, &body).status, 204);
    answering.succeeds(LIMIT);
    calling.succeeds(LIMIT);
    followed.succeeds(LIMIT);
    assert!(
        sound::pieces_with(&caller.heard().samples, 1500.0) >= 20,
        "the caller hears the mobile"
    );
    assert!(
        sound::pieces_with(&mobile.heard().samples, 440.0) >= 20,
        "the mobile hears the caller"
    );
    let recordings = wait::until("two recordings", LIMIT, || {
        let found = outside.floor.items("/api/v1/recordings?caller=13800000001");
        (found.len() == 2).then_some(found)
    });
    let heard: usize = recordings
        .iter()
        .map(|it| format!("/api/v1/recordings/{}/audio", it["id"].as_str().unwrap()))
        .flat_map(|path| sound::channels(&outside.floor.supervisor.get(&path).body))
        .map(|samples| sound::pieces_with(&samples, 1500.0))
        .sum();
    assert!(heard >= 20, "the talk at the mobile is recorded");
}
