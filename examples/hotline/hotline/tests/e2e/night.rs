//! Nobody at the desks: the duty phones by night, the alarm by day, and messages as the last resort.

use std::{fs, path::Path, thread, time::Duration};

use serde_json::{Value, json};

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        rtp::Phone,
        sound, wait,
    },
    talk::quick,
};

/// What a caller hears before his message: several prompts in a row.
const TO_THE_BEEP: Duration = Duration::from_secs(40);

#[test]
fn by_night_the_duty_phones_ring_in_order_and_a_message_is_the_last_resort() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, |data| {
        ringing_shortly(data);
        let off = json!({ "schema": "cti.schedules/1", "zone": "Asia/Shanghai",
            "schedules": { "hotline": { "name": "off", "days": {} } } });
        fs::create_dir(data.join("calendar")).unwrap();
        fs::write(data.join("calendar/schedules.json"), off.to_string()).unwrap();
    });
    let (first, second) = (floor.phone("8015", 1000.0), floor.phone("8016", 1200.0));
    let caller = Phone::playing(440.0);

    let ringing = first.does("agent-silent").start();
    let answering = second.answers();
    let calling = floor.call("caller", "13800000001", "12345", &caller);
    let calling = calling.pause(Duration::from_secs(30)).start();
    ringing.succeeds(TO_THE_BEEP);
    floor.until_call("13800000001", "talking");
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    for clip in ["greeting-12345", "recording-notice", "night-greeting", "duty-calling"] {
        assert!(sound::holds(&caller.heard().samples, &floor.prompt(clip)), "{clip} is not heard");
    }
    assert!(
        sound::pieces_with(&caller.heard().samples, 1200.0) > 10,
        "the duty phone is not heard"
    );
    let channels = floor.recording("13800000001");
    assert!(sound::pieces_with(&channels[0], 440.0) > 10);
    assert!(sound::pieces_with(&channels[1], 1200.0) > 10);
    let record = floor.record("13800000001");
    assert_eq!(record["outcome"], "answered", "{record:#}");
    let rung = record["legs"].as_array().unwrap().iter().map(|leg| &leg["device"]);
    assert_eq!(rung.collect::<Vec<_>>(), ["8015", "8016"], "{record:#}");

    let caller = Phone::playing(440.0);
    let ringing = [first.does("agent-silent").start(), second.does("agent-busy").start()];
    let calling = floor.call("caller-waits", "13800000002", "12345", &caller).start();
    leaves_a_message(&floor, "13800000002", &caller);
    for phone in ringing {
        phone.succeeds(LIMIT);
    }
    calling.succeeds(LIMIT);
    let record = floor.record("13800000002");
    assert_eq!(record["outcome"], "message", "{record:#}");
}

#[test]
fn by_day_with_nobody_ready_an_alarm_comes_and_callers_leave_messages() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, without_greeting);
    let agent = floor.phone("8001", 1000.0);
    floor.sign_in("8001", "8001");
    let (one, other) = (Phone::playing(440.0), Phone::playing(600.0));

    let calling = floor.call("caller-waits", "13800000001", "12345", &one).start();
    let impatient = floor.call("caller-waits", "13800000002", "12345", &other).start();
    floor.until_call("13800000002", "queued");
    other.press("*");
    wait::until("the alarm", Duration::from_secs(10), || {
        let alarms = floor.items("/api/v1/alarms");
        alarms.into_iter().find(|alarm| alarm["cleared"].is_null())
    });
    leaves_a_message(&floor, "13800000002", &other);
    leaves_a_message(&floor, "13800000001", &one);
    for call in [impatient, calling] {
        call.succeeds(LIMIT);
    }
    for (number, hertz) in [("13800000001", 440.0), ("13800000002", 600.0)] {
        let record = floor.record(number);
        assert_eq!(record["outcome"], "message", "{record:#}");
        let messages = floor.items("/api/v1/messages");
        let message = messages.iter().find(|message| message["caller"] == number).unwrap();
        let path = format!("/api/v1/recordings/{}/audio", message["recording"].as_str().unwrap());
        let channels = sound::channels(&floor.supervisor.get(&path).body);
        assert!(sound::pieces_with(&channels[0], hertz) >= 15, "{number} is not on his message");
    }

    floor.ready("8001");
    wait::until("the end of the alarm", LIMIT, || {
        let alarms = floor.items("/api/v1/alarms");
        alarms.iter().all(|alarm| !alarm["cleared"].is_null()).then_some(())
    });
    drop(agent);
}

/// Speaks for two seconds after the beep, then presses # and waits until the message is there.
fn leaves_a_message(floor: &Floor, number: &str, phone: &Phone) {
    let asked = floor.prompt("leave-message");
    wait::until("the wish for a message", TO_THE_BEEP, || {
        sound::holds(&phone.heard().samples, &asked).then_some(())
    });
    wait::until("the recording of the message", LIMIT, || {
        let calls = floor.items("/api/v1/calls");
        let mine = calls.into_iter().find(|call| call["caller"] == number)?;
        (mine["state"] == "message" && mine["recording"] == true).then_some(())
    });
    // He speaks: nobody tells him how far he is.
    thread::sleep(Duration::from_secs(2));
    phone.press("#");
    wait::until("the message", LIMIT, || {
        let messages = floor.items("/api/v1/messages");
        messages.into_iter().find(|message| message["caller"] == number)
    });
}

/// The hotline's own flow, with short ringing of the duty phones.
fn ringing_shortly(data: &Path) {
    put(data, |_| {});
}

/// The same from its second step on.
fn without_greeting(data: &Path) {
    put(data, |flow| {
        flow["nodes"]["answer"]["out"]["next"] = "hours".into();
        for unused in ["greeting", "notice", "english", "english-greeting"] {
            flow["nodes"].as_object_mut().unwrap().remove(unused);
        }
    });
}

fn put(data: &Path, change: impl Fn(&mut Value)) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/hotline-12345.json");
    let mut flow: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    flow["nodes"]["duty"]["each_ms"] = 2000.into();
    change(&mut flow);
    super::talk::direct(data);
    fs::write(data.join("flows/hotline-12345.json"), flow.to_string()).unwrap();
}
