//! The connection is lost, things happen, it is back.

use cti_core::{
    cause::Cause,
    id::{LegId, PlayId},
    switch::{Clip, PlayEnd, Switch as _, SwitchCommand, SwitchReport},
};

use super::{
    model::PROMPT,
    world::{World, device},
};

/// What was reported while nothing else comes, in the order of its text.
async fn reports(world: &mut World, count: usize) -> Vec<SwitchReport> {
    let mut all = Vec::new();
    while all.len() < count {
        all.push(world.report().await);
    }
    all.sort_by_key(|report| format!("{report:?}"));
    all
}

#[tokio::test]
async fn what_happened_while_the_connection_was_lost_is_reported_when_it_is_back() {
    let mut world = World::start().await;
    let (stays, _) = world.caller().await;
    let (goes, gone) = world.caller().await;
    let (leg, play) = (stays, PlayId(1));
    let clips = vec![Clip::Prompt("greeting".to_owned())];
    world.switch.execute(SwitchCommand::Play { leg, play, clips, looped: false });
    world.dials(LegId(2), device());
    world.reports(&SwitchReport::Ringing { leg: LegId(2) }).await;
    world.until(|model| model.was_told("sendmsg citizen-1")).await;

    let before = world.control.connections();
    world.model.goes_away();
    world.model.hangs_up(&gone);
    world.model.answers("test-leg-2");
    world.model.registers("8001", false);
    world.model.registers("8009", true);
    let new = world.calls_in();
    tokio::time::sleep(PROMPT).await;
    world.model.is_back();

    let told = reports(&mut world, 6).await;
    let told: Vec<String> = told.iter().map(|report| format!("{report:?}")).collect();
    let fresh = LegId(goes.0 + 2);
    let expected = [
        SwitchReport::Answered { leg: LegId(2) },
        SwitchReport::DeviceInService { device: "ext-9".parse().unwrap() },
        SwitchReport::DeviceOutOfService { device: device() },
        SwitchReport::LegEnded { leg: goes, cause: Cause::Lost },
        SwitchReport::PlayEnded { leg: stays, play, end: PlayEnd::Finished },
    ];
    for report in expected {
        assert!(told.contains(&format!("{report:?}")), "{report:?} is missing in {told:?}");
    }
    assert!(told.iter().any(|it| it.contains("Incoming") && it.contains(&format!("{new}@sip"))));
    assert!(world.control.connections() > before);
    world.hangs_up(fresh);
    world.reports(&SwitchReport::LegEnded { leg: fresh, cause: Cause::Normal }).await;
}

#[tokio::test]
async fn what_is_commanded_while_the_connection_is_lost_is_done_when_it_is_back_but_no_telephone_rings_late()
 {
    let mut world = World::start().await;
    let (leg, channel) = world.caller().await;
    world.until(|model| model.was_told("api uuid_answer")).await;
    world.model.goes_away();
    world.is_connected_no_more().await;
    world.dials(LegId(2), device());
    let refused = SwitchReport::LegEnded { leg: LegId(2), cause: Cause::ServiceUnavailable };
    assert_eq!(world.report().await, refused);
    world.hangs_up(leg);
    world.model.is_back();
    assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause: Cause::Normal });
    assert!(world.model.was_told(&format!("api uuid_kill {channel} NORMAL_CLEARING")));
}

#[tokio::test]
async fn legs_of_a_former_run_are_ended() {
    let (model, address) = super::model::Model::start().await;
    model.calls("left-over", "13812345678", "trunk:city");
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let config = super::world::config(address.to_string(), folder.path());
        super::super::FreeSwitch::start(config).unwrap()
    };
    let (mut first, _) = start();
    assert!(matches!(first.report().await, Some(SwitchReport::Incoming { .. })));
    while model.channel_of("leg-1").is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop(first);
    let (_second, _) = start();
    let told = async {
        while !model.was_told("api uuid_kill left-over NORMAL_TEMPORARY_FAILURE") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), told).await.unwrap();
}
