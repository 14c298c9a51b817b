//! Many calls at once, and nothing left of them.

use std::{net::UdpSocket, time::Duration};

use super::support::{asked_for, floor::Floor, sipp::Scenario, wait};

#[test]
fn fifty_calls_a_second_into_the_menu_all_succeed_and_leave_nothing_behind() {
    if !asked_for() {
        return;
    }
    let floor = Floor::open();
    // What the callers hear goes nowhere.
    let audio = UdpSocket::bind("127.0.0.1:0").unwrap();
    let gauge = |name: &str| floor.supervisor.gauge(&format!("cti_live_{name}"));
    let calls = Scenario::new("callers")
        .to(floor.server.sip)
        .user("12329")
        .key("caller", "138")
        .key("rtp_port", audio.local_addr().unwrap().port())
        .pause(Duration::from_secs(2))
        .load(1000, 50)
        .start();
    wait::until("a hundred legs at once", Duration::from_secs(15), || {
        (gauge("legs") >= 90.0).then_some(())
    });
    calls.succeeds(Duration::from_secs(60));
    let gone = |names: &'static [&str], limit: u64| {
        wait::until(&format!("the end of {names:?}"), Duration::from_secs(limit), || {
            names.iter().all(|name| gauge(name) == 0.0).then_some(())
        });
    };
    gone(&["legs", "sockets", "calls"], 2);
    gone(&["dialogs", "transactions"], 40);
    let records = floor.items("/api/v1/call-records?limit=1");
    assert_eq!(records[0]["outcome"], "self_service", "{records:#?}");
    assert_eq!(floor.supervisor.gauge("cti_media_dropped_events_total"), 0.0);
}
