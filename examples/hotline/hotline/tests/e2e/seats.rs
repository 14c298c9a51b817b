//! Calls follow the agent, and a seat remembers who sat there.

use std::time::Duration;

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        rtp::Phone,
        sound,
    },
    talk::{direct, quick},
};

#[test]
fn two_agents_at_one_seat_keep_their_own_calls_and_the_seat_finds_both() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open_with(quick, direct);
    let phone = floor.phone("8002", 1000.0);
    // On the telephone 1 is read 幺.
    let digits = [["n-2", "n-yao"], ["n-yao", "n-2"]];
    for (n, agent) in ["8002", "8001"].into_iter().enumerate() {
        floor.sign_in(agent, "8002");
        floor.ready(agent);
        let answering = phone.answers();
        let caller = Phone::playing(440.0);
        let number = format!("1380000000{n}");
        let calling = floor.call("caller", &number, "12300", &caller);
        calling.pause(Duration::from_secs(6)).run(LIMIT);
        answering.succeeds(LIMIT);
        let heard = caller.heard().samples;
        assert!(sound::holds(&heard, &floor.prompt("agent-id")), "{agent} is not announced");
        assert!(sound::holds(&heard, &floor.prompt(digits[n][0])), "not {agent} is announced");
        assert!(!sound::holds(&heard, &floor.prompt(digits[n][1])), "not {agent} is announced");
        floor.recording(&number);
        floor.until_state(agent, "ready");
        let path = format!("/api/v1/agents/{agent}/sign-out");
        assert_eq!(floor.supervisor.post(&path, &serde_json::json!({})).status, 200);
    }
    for list in ["call-records", "recordings"] {
        let found = |filter: &str| {
            let items = floor.items(&format!("/api/v1/{list}?{filter}"));
            items.iter().map(|item| item["agent"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut at_seat = found("seat=A02");
        at_seat.sort();
        assert_eq!(at_seat, ["8001", "8002"], "{list}");
        assert_eq!(found("agent=8001"), ["8001"], "{list}");
        assert_eq!(found("agent=8002"), ["8002"], "{list}");
        assert_eq!(found("seat=A01"), Vec::<String>::new(), "{list}");
    }
}
