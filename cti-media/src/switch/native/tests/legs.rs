//! How legs begin and end.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{ContactId, DeviceId, TrunkId},
    switch::Endpoint,
};

use super::{super::*, phone::*, world::*};

fn dial(leg: u64, to: Endpoint) -> SwitchCommand {
    let caller = PhoneNumber::withheld();
    SwitchCommand::Dial { leg: LegId(leg), to, caller, contact: ContactId(1), auto_answer: false }
}

fn ended(leg: u64, cause: Cause) -> SwitchReport {
    SwitchReport::LegEnded { leg: LegId(leg), cause }
}

#[tokio::test]
async fn a_caller_who_gives_up_while_it_rings_is_cancelled() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    caller.send("CANCEL", "", "").await;
    caller.status(487).await;
    assert_eq!(world.report().await, ended(leg.0, Cause::Cancelled));
    world.switch.execute(SwitchCommand::Answer { leg });
    world.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal });
    world.nothing_is_reported().await;
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn an_unanswered_caller_is_refused_with_the_code_of_the_cause() {
    let mut world = World::start().await;
    for (cause, code) in
        [(Cause::Busy, 486), (Cause::UnknownNumber, 404), (Cause::ServiceUnavailable, 503)]
    {
        let mut caller = Phone::new(&world, "13812345678").await;
        caller.invite().await;
        let leg = world.incoming().await;
        world.switch.execute(SwitchCommand::Hangup { leg, cause });
        caller.status(code).await;
        assert_eq!(world.report().await, ended(leg.0, cause));
    }
}

#[tokio::test]
async fn an_offer_without_our_codecs_is_refused_and_not_reported() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    let sdp = caller.sdp("").replace("RTP/AVP 8 101", "RTP/AVP 18 101");
    caller.send("INVITE", "", &sdp).await;
    tokio::select! {
        _ = caller.status(488) => {}
        report = world.switch.report() => panic!("{report:?}"),
    }
    let mut next = Phone::new(&world, "13812345678").await;
    next.invite().await;
    world.incoming().await;
}

#[tokio::test]
async fn a_call_without_an_offer_is_agreed_in_its_ack() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.send("INVITE", "", "").await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let offer = caller.status(200).await;
    assert!(offer.contains("m=audio "));
    let ack = caller.sdp("");
    caller.answer_late(&offer, &ack).await;
    let clips = vec![cti_core::switch::Clip::Prompt("hello".into())];
    let play = cti_core::id::PlayId(1);
    tokio::select! {
        report = world.switch.report() => panic!("{report:?}"),
        () = tokio::task::yield_now() => {}
    }
    world.switch.execute(SwitchCommand::Play { leg, play, clips, looped: true });
    tokio::select! {
        report = world.switch.report() => panic!("{report:?}"),
        heard = caller.hear() => assert!(heard.len() >= 160),
    }
}

#[tokio::test]
async fn a_phone_that_holds_and_retrieves_is_reported_once_each() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    caller.connect().await;
    for (attribute, report) in [
        ("a=sendonly\r\n", Some(SwitchReport::Held { leg })),
        ("a=sendonly\r\n", None),
        ("a=sendrecv\r\n", Some(SwitchReport::Retrieved { leg })),
    ] {
        let sdp = caller.sdp(attribute);
        caller.send("INVITE", "", &sdp).await;
        if let Some(report) = report {
            assert_eq!(world.report().await, report);
            caller.connect().await;
        } else {
            tokio::select! {
                _ = caller.connect() => {}
                report = world.switch.report() => panic!("{report:?}"),
            }
        }
    }
    world.nothing_is_reported().await;
}

#[tokio::test]
async fn a_device_that_is_busy_or_unknown_or_not_registered_is_told_apart() {
    let mut world = World::start().await;
    world.switch.execute(dial(2, Endpoint::Device(device())));
    assert_eq!(world.report().await, ended(2, Cause::Unreachable));
    let stranger = DeviceId::new("ext-9").unwrap();
    world.switch.execute(dial(4, Endpoint::Device(stranger)));
    assert_eq!(world.report().await, ended(4, Cause::Unreachable));
    let trunk = TrunkId::new("nowhere").unwrap();
    let number = PhoneNumber::parse("10086").unwrap();
    world.switch.execute(dial(6, Endpoint::Outside { trunk, number }));
    assert_eq!(world.report().await, ended(6, Cause::Unreachable));

    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    assert_eq!(world.report().await, SwitchReport::DeviceInService { device: device() });
    world.switch.execute(dial(8, Endpoint::Device(device())));
    let invite = agent.receive("INVITE ").await;
    agent.reply(&invite, 486, "").await;
    assert_eq!(world.report().await, ended(8, Cause::Busy));
    agent.register("8001", 0).await;
    assert_eq!(world.report().await, SwitchReport::DeviceOutOfService { device: device() });
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn an_offer_taken_back_is_cancelled_at_the_phone_and_a_late_answer_ended() {
    let mut world = World::start().await;
    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    world.report().await;
    world.switch.execute(dial(2, Endpoint::Device(device())));
    let invite = agent.receive("INVITE ").await;
    agent.reply(&invite, 180, "").await;
    assert_eq!(world.report().await, SwitchReport::Ringing { leg: LegId(2) });
    world.switch.execute(SwitchCommand::Hangup { leg: LegId(2), cause: Cause::NoAnswer });
    assert_eq!(world.report().await, ended(2, Cause::NoAnswer));
    agent.receive("CANCEL ").await;
    let sdp = agent.sdp("");
    agent.reply(&invite, 200, &sdp).await;
    agent.receive("ACK ").await;
    let bye = agent.receive("BYE ").await;
    agent.reply(&bye, 200, "").await;
    world.nothing_is_reported().await;
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_phone_that_rings_while_another_agent_answers_is_told_so() {
    let mut world = World::start().await;
    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    world.report().await;
    world.switch.execute(dial(2, Endpoint::Device(device())));
    let invite = agent.receive("INVITE ").await;
    agent.reply(&invite, 180, "").await;
    world.report().await;
    let cause = Cause::AnsweredElsewhere;
    world.switch.execute(SwitchCommand::Hangup { leg: LegId(2), cause });
    let cancel = agent.receive("CANCEL ").await;
    assert_eq!(header(&cancel, "Reason"), "SIP;cause=200;text=\"Call completed elsewhere\"");
    assert_eq!(world.report().await, ended(2, cause));
}

#[tokio::test]
async fn a_leg_whose_media_vanished_is_lost() {
    let mut world = World::with_silence_timeout(Duration::from_millis(300)).await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    caller.speak(media, 0x11).await;
    assert_eq!(world.report().await, ended(leg.0, Cause::Lost));
    caller.receive("BYE ").await;
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_phone_that_holds_may_be_silent() {
    let mut world = World::with_silence_timeout(Duration::from_millis(300)).await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    caller.speak(media, 0x11).await;
    let sdp = caller.sdp("a=sendonly\r\n");
    caller.send("INVITE", "", &sdp).await;
    assert_eq!(world.report().await, SwitchReport::Held { leg });
    caller.connect().await;
    for _ in 0..4 {
        world.nothing_is_reported().await;
    }
}

#[tokio::test]
async fn while_draining_no_new_leg_comes_in() {
    let mut world = World::start().await;
    world.control.drain(true).unwrap();
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    caller.status(503).await;
    world.nothing_is_reported().await;
}
