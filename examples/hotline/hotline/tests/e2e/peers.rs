//! The phones of these tests among themselves: what they report must not be their own doing.

use std::time::Duration;

use super::support::{asked_for, rtp::Phone, sipp::Scenario, sound, wait};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn two_phones_hear_each_others_tone_and_nothing_else() {
    if !asked_for() {
        return;
    }
    let agent = Phone::playing(1000.0);
    let caller = Phone::playing_to(440.0, ([127, 0, 0, 1], agent.port()).into());
    let answering = Scenario::new("agent")
        .user("8001")
        .key("rtp_port", agent.port())
        .pause(Duration::from_millis(200));
    let extension = answering.port();
    let answering = answering.start();
    let calling = Scenario::new("caller").to(extension).user("8001").key("caller", "13800001234");
    calling.key("rtp_port", caller.port()).pause(Duration::from_secs(1)).run(LIMIT);
    answering.succeeds(LIMIT);

    for (phone, heard, silent) in [(&agent, 440.0, 1000.0), (&caller, 1000.0, 440.0)] {
        let samples = phone.heard().samples;
        assert!(sound::pieces_with(&samples, heard) >= 5, "{heard} Hz is not heard");
        assert_eq!(sound::pieces_with(&samples, silent), 0, "{silent} Hz is heard");
        assert_eq!(phone.heard().lost, 0);
    }
}

#[test]
fn keys_arrive_once_and_in_order() {
    if !asked_for() {
        return;
    }
    let other = Phone::playing(1000.0);
    let phone = Phone::playing_to(440.0, ([127, 0, 0, 1], other.port()).into());
    phone.press("1100#");
    let heard = wait::until("five keys", LIMIT, || {
        Some(other.heard().digits).filter(|digits| digits.len() >= 5)
    });
    assert_eq!(heard, "1100#");
}

#[test]
fn every_way_a_phone_can_end_a_call_is_understood_by_another_phone() {
    if !asked_for() {
        return;
    }
    let pause = Duration::from_millis(200);
    for (answering, calling) in
        [("agent-hangs-up", "caller-waits"), ("agent-silent", "caller-cancels")]
    {
        let answering = Scenario::new(answering).user("8001").key("rtp_port", 40_000).pause(pause);
        let extension = answering.port();
        let answering = answering.start();
        let calling =
            Scenario::new(calling).to(extension).user("8001").key("caller", "13800001234");
        calling.key("rtp_port", 40_002).pause(pause).run(LIMIT);
        answering.succeeds(LIMIT);
    }
}
