//! The 12329 menu by keys, as telephone events in the audio and as SIP INFO.

use std::time::Duration;

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        journal,
        rtp::Phone,
        sound, wait,
    },
    talk::{direct, quick},
};

#[test]
fn keys_in_the_audio_lead_through_the_menu_to_the_balance_and_to_an_agent() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let answering = agent.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller", "13800000001", "12329", &caller);
    let calling = calling.pause(Duration::from_secs(25)).start();
    wait::until("the greeting", LIMIT, || {
        sound::holds(&caller.heard().samples, &floor.prompt("greeting-12329")).then_some(())
    });
    caller.press("11");
    wait::until("the wish for an account", LIMIT, || {
        sound::holds(&caller.heard().samples, &floor.prompt("enter-account")).then_some(())
    });
    caller.press("1001234567#");
    wait::until("the balance and what to press next", LIMIT, || {
        sound::holds(&caller.heard().samples, &floor.prompt("repeat-or-back")).then_some(())
    });
    let heard = caller.heard().samples;
    // 45,678.90 yuan: 四万五千六百七十八元九角.
    for clip in ["your-balance", "n-4", "u-wan", "n-5", "u-qian", "n-8", "m-yuan", "n-9", "m-jiao"]
    {
        assert!(sound::holds(&heard, &floor.prompt(clip)), "{clip} is not heard");
    }
    assert!(!sound::holds(&heard, &floor.prompt("m-fen")), "there are no fen in this balance");
    caller.press("0");
    floor.until_call("13800000001", "talking");
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);

    let record = floor.record("13800000001");
    assert_eq!((&record["queue"], &record["agent"]), (&"gjj".into(), &"8001".into()), "{record:#}");
    let pressed = journal::facts(&floor.folder.path().join("data"), "digit_pressed");
    assert_eq!(pressed.len(), "111001234567#0".len(), "a key is lost or doubled");
    assert!(pressed.iter().all(|event| event["digit"].is_null()), "an account is in the log");
}

#[test]
fn a_key_by_info_leads_through_the_menu_to_an_agent() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let agent = floor.agent("8001");
    let answering = agent.answers();
    let caller = Phone::playing(440.0);
    let calling = floor.call("caller-info", "13800000001", "12329", &caller);
    let calling = calling.key("digit", "0").pause(Duration::from_secs(8)).start();
    floor.until_call("13800000001", "talking");
    calling.succeeds(LIMIT);
    answering.succeeds(LIMIT);
    let record = floor.record("13800000001");
    assert_eq!((&record["queue"], &record["agent"]), (&"gjj".into(), &"8001".into()), "{record:#}");
}
