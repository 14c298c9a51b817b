//! Three callers in one mix.

use cti_core::{cause::Cause, id::CallId, switch::Hearing};

use super::{super::*, phone::*, world::*};

fn hears(leg: LegId, from: &[LegId]) -> Hearing {
    Hearing { leg, from: from.to_vec() }
}

/// A caller who was answered.
async fn caller(world: &mut World, number: &str, attribute: &str) -> (LegId, Phone) {
    let mut phone = Phone::new(world, number).await;
    let sdp = match attribute {
        "" => phone.sdp(""),
        without => phone.sdp("").replace(without, "\r\n"),
    };
    phone.send("INVITE", "", &sdp).await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    phone.connect().await;
    (leg, phone)
}

#[tokio::test]
async fn keys_reach_those_who_hear_whichever_way_they_take_them() {
    let mut world = World::start().await;
    let (citizen, mut citizen_phone) = caller(&mut world, "13812345678", "").await;
    let (agent, mut agent_phone) = caller(&mut world, "13900000000", " 101\r\n").await;
    let (monitor, mut monitor_phone) = caller(&mut world, "13900000001", "").await;
    let mix = CallId(1);
    world.switch.execute(SwitchCommand::Mix {
        mix,
        hears: vec![
            hears(citizen, &[agent]),
            hears(agent, &[citizen]),
            hears(monitor, &[citizen, agent]),
        ],
    });
    citizen_phone.send("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n").await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg: citizen, digit: '5' });
    // The agent's phone takes no events, the monitor's does.
    let relayed = agent_phone.receive("INFO ").await;
    assert!(relayed.contains("Signal=5\r\n"), "{relayed}");
    while monitor_phone.hear().await.first() != Some(&5) {}

    world.switch.execute(SwitchCommand::Mix { mix, hears: vec![] });
    agent_phone.send("INFO", "Content-Type: application/dtmf\r\n", "8").await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg: agent, digit: '8' });
    assert_eq!(world.switch.hearers_of(agent), []);
    assert!(world.switch.mixes.is_empty());
}

#[tokio::test]
async fn a_leg_is_joined_to_what_it_was_joined_to_last_and_nothing_outlives_its_legs() {
    let mut world = World::start().await;
    let mut phones = Vec::new();
    let mut legs = Vec::new();
    for number in ["13812345678", "13900000000", "13900000001"] {
        let (leg, phone) = caller(&mut world, number, "").await;
        legs.push(leg);
        phones.push(phone);
    }
    let [a, b, c] = legs[..] else { panic!("three legs") };
    world.switch.execute(SwitchCommand::Bridge { a, b });
    assert_eq!(world.switch.hearers_of(a), [b]);
    let consult = vec![hears(b, &[c]), hears(c, &[b]), hears(a, &[])];
    world.switch.execute(SwitchCommand::Mix { mix: CallId(1), hears: consult });
    assert_eq!((world.switch.hearers_of(a), world.switch.hearers_of(b)), (vec![], vec![c]));
    world.switch.execute(SwitchCommand::Bridge { a, b });
    assert_eq!(world.switch.hearers_of(b), [a]);
    assert_eq!(world.switch.hearers_of(c), []);
    for leg in legs {
        world.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal });
        assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause: Cause::Normal });
    }
    assert!(world.switch.mixes.is_empty());
    world.assert_nothing_left().await;
}
