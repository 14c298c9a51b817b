//! Every flow that ships is heard by a caller with a real telephone, several of them at once; one of them in English.

use std::{fs, path::Path, thread, time::Duration};

use serde_json::{Value, json};

use super::support::{
    asked_for,
    floor::{Floor, LIMIT},
    rtp::Phone,
    sipp::Sipp,
    sound, wait,
};

/// What a caller hears before a certain clip: several prompts in a row.
const SOON: Duration = Duration::from_secs(40);

/// A caller who waits until the other side hangs up.
pub(crate) struct Caller {
    pub(crate) phone: Phone,
    pub(crate) calling: Sipp,
}

impl Caller {
    pub(crate) fn of(floor: &Floor, number: &str, called: &str) -> Self {
        let phone = Phone::playing(440.0);
        let calling = floor.call("caller-waits", number, called, &phone).start();
        Self { phone, calling }
    }

    pub(crate) fn hears(&self, floor: &Floor, clip: &str) {
        let wanted = floor.prompt(clip);
        wait::until(clip, SOON, || {
            sound::holds(&self.phone.heard().samples, &wanted).then_some(())
        });
    }
}

#[test]
fn every_shipped_flow_is_heard_and_a_question_for_the_leader_is_on_the_page() {
    if !asked_for() {
        return;
    }
    let soon = |demo: &str| demo.replace("after_call_work_ms = 30_000", "after_call_work_ms = 500");
    let floor = Floor::open_with(soon, holiday);
    let agent = floor.agent("8003");
    let answering = agent.does("agent-hangs-up").pause(Duration::from_secs(4)).start();

    let fund = Caller::of(&floor, "13800000001", "12329");
    fund.hears(&floor, "greeting-12329");
    fund.phone.press("9");
    fund.hears(&floor, "en-US/greeting-12329");
    fund.hears(&floor, "en-US/menu1");
    fund.phone.press("0");
    fund.hears(&floor, "en-US/transfer-to-agent");
    floor.until_call("13800000001", "talking");
    for clip in ["whisper-incoming", "whisper-english"] {
        let told = sound::holds(&agent.phone.heard().samples, &floor.prompt(clip));
        assert!(told, "the agent is not told what call it is: {clip}");
    }
    answering.succeeds(LIMIT);
    fund.calling.succeeds(LIMIT);

    let answering = agent.does("agent-hangs-up").pause(Duration::from_secs(6)).start();
    let leader = Caller::of(&floor, "13800000002", "12349");
    let holiday = Caller::of(&floor, "13800000003", "12345");
    let personal = Caller::of(&floor, "13800000004", "12348");
    floor.until_state("8003", "ready");
    let transport = Caller::of(&floor, "13800000005", "12328");
    transport.hears(&floor, "greeting-12328");
    leader.hears(&floor, "leader-which-number");
    leader.phone.press("1");
    personal.hears(&floor, "mailbox-number");
    personal.phone.press("8001#");
    leader.hears(&floor, "leader-question");
    until_recorded(&floor, "13800000002");
    thread::sleep(Duration::from_secs(2));
    leader.phone.press("#");
    leader.hears(&floor, "leader-reply");
    leader.phone.press("1");
    personal.hears(&floor, "voicemail-greeting");
    holiday.hears(&floor, "holiday-greeting");
    transport.hears(&floor, "waiting");
    transport.hears(&floor, "satisfaction");
    transport.phone.press("1");
    transport.hears(&floor, "satisfaction-thanks");
    leader.hears(&floor, "leader-saved");
    answering.succeeds(LIMIT);
    for caller in [leader, transport] {
        caller.calling.succeeds(LIMIT);
    }

    let messages = floor.items("/api/v1/mailboxes/leader/messages");
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(messages[0]["call_back"], "13800000002");
    assert_eq!(messages[0]["wants_reply"], true);
    let path = format!("/api/v1/recordings/{}/audio", messages[0]["id"].as_str().unwrap());
    let spoken = sound::channels(&floor.supervisor.get(&path).body);
    assert!(sound::pieces_with(&spoken[0], 440.0) >= 15, "the question is not in the box");
}

/// Waits until the call of a number is being recorded.
pub(crate) fn until_recorded(floor: &Floor, number: &str) {
    wait::until("the recording", LIMIT, || {
        let calls = floor.items("/api/v1/calls");
        let mine = calls.into_iter().find(|call| call["caller"] == number)?;
        (mine["recording"] == true).then_some(())
    });
}

/// Every day is a holiday.
fn holiday(data: &Path) {
    let hours = json!([["00:00", "24:00", "work"]]);
    let days: Value = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .into_iter()
        .map(|day| (day.to_owned(), hours.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let today = jiff::Zoned::now().date();
    let (from, to) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
    let schedules = json!({ "schema": "cti.schedules/1", "zone": "Asia/Shanghai",
        "schedules": { "hotline": { "name": "holiday", "days": days,
            "days_off": [{ "name": "节假日", "from": from.to_string(), "to": to.to_string() }] } } });
    fs::create_dir(data.join("calendar")).unwrap();
    fs::write(data.join("calendar/schedules.json"), schedules.to_string()).unwrap();
}
