//! Prompts, tones and music.

use std::time::Duration;

use cti_media::{
    codec::Codec,
    dsp::{goertzel::share_of_energy, tone::Tone},
    engine::{
        CommandError, LegKey, ListenerId, MediaEvent, PlayEnd, PlayError, PlayId, PlayItem,
        WorkerKey,
    },
    play::MissingClip,
};

use crate::world::{World, until};

fn clip(name: &str) -> PlayItem {
    PlayItem::Clip(name.to_owned())
}

#[test]
fn a_sequence_is_spliced_without_gaps_and_ends_once() {
    let world = World::new(20);
    let (leg, phone) = world.leg(1, Codec::Pcma);
    let items = [clip("a440"), PlayItem::Silence(Duration::from_millis(100)), clip("a1000")];
    world.media.play(leg, PlayId(1), &items, false).unwrap();
    let how = world.wait("the end", |event| match event {
        MediaEvent::PlayEnded { play: PlayId(1), how, .. } => Some(*how),
        _ => None,
    });
    assert_eq!(how, PlayEnd::Finished);

    until("all packets", || phone.heard().len() == 35);
    let samples = phone.samples();
    assert!(share_of_energy(&samples[..2400], 440.0) > 0.95);
    assert!(samples[2400..3200].iter().all(|sample| sample.abs() <= 8));
    assert!(share_of_energy(&samples[3200..5600], 1000.0) > 0.95);
    let heard = phone.heard();
    for pair in heard.windows(2) {
        assert_eq!(pair[1].packet.timestamp.wrapping_sub(pair[0].packet.timestamp), 160);
    }
    world.close(leg);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::PlayEnded { .. })), 1);
}

#[test]
fn every_play_ends_exactly_once_however_it_ends() {
    let world = World::new(21);
    let (leg, _phone) = world.leg(1, Codec::Pcmu);
    let tone = [PlayItem::Tone(Tone::RingBack)];
    for play in 1..=5 {
        world.media.play(leg, PlayId(play), &tone, true).unwrap();
    }
    world.media.stop_play(leg, PlayId(5)).unwrap();
    world.media.stop_play(leg, PlayId(5)).unwrap();
    world.media.play(leg, PlayId(6), &tone, true).unwrap();
    world.media.stop_play(leg, PlayId(1)).unwrap();
    world.media.close_leg(leg).unwrap();
    // Sent after the close but before anybody can know: it ends all the same.
    let late = world.media.play(leg, PlayId(7), &tone, true);
    world.wait("the end of the leg", |event| {
        matches!(event, MediaEvent::LegClosed { .. }).then_some(())
    });
    if late.is_ok() {
        world.wait("the end of the late play", |event| {
            matches!(event, MediaEvent::PlayEnded { play: PlayId(7), .. }).then_some(())
        });
    }

    let ends = |play, expected| {
        let matching = |event: &MediaEvent| {
            matches!(event, MediaEvent::PlayEnded { play: ended, how, .. }
                if *ended == PlayId(play) && *how == expected)
        };
        world.count(matching)
    };
    for play in 1..=5 {
        assert_eq!(ends(play, PlayEnd::Stopped), 1, "play {play}");
    }
    assert_eq!(ends(6, PlayEnd::LegClosed), 1);
    let all = world.count(|event| matches!(event, MediaEvent::PlayEnded { .. }));
    assert_eq!(all, 6 + usize::from(late.is_ok()));
}

#[test]
fn ring_back_is_heard_at_450_hertz() {
    let world = World::new(22);
    let (leg, phone) = world.leg(1, Codec::Pcmu);
    world.media.play(leg, PlayId(1), &[PlayItem::Tone(Tone::RingBack)], true).unwrap();
    until("most of a second", || phone.samples().len() >= 6400);
    assert!(share_of_energy(&phone.samples()[..6400], 450.0) > 0.95);
}

#[test]
fn a_play_waits_for_the_peer_to_be_known() {
    let world = World::new(23);
    let leg = LegKey(9);
    let at = world.media.open_leg(leg, WorkerKey(1), ListenerId(0)).unwrap();
    world.media.play(leg, PlayId(1), &[clip("a440")], false).unwrap();
    let phone = crate::phone::Phone::new(world.address(12), at);
    let agreed = cti_media::sdp::Negotiated::simple(phone.address(), Codec::Pcma);
    world.media.set_remote(leg, agreed).unwrap();
    until("the whole prompt", || phone.heard().len() == 15);
}

#[test]
fn a_missing_prompt_and_a_missing_leg_are_typed_errors() {
    let world = World::new(24);
    let (leg, _phone) = world.leg(1, Codec::Pcma);
    let missing = world.media.play(leg, PlayId(1), &[clip("nobody")], false);
    assert_eq!(missing, Err(PlayError::MissingClip(MissingClip("nobody".to_owned()))));
    let nowhere = world.media.play(LegKey(77), PlayId(1), &[clip("a440")], false);
    let unknown = CommandError::UnknownLeg(LegKey(77));
    assert_eq!(nowhere, Err(PlayError::Command(unknown)));
    world.close(leg);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::PlayEnded { .. })), 0);
}
