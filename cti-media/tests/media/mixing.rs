//! Parties of a mix hear exactly those they are to hear, measured by tones.

use cti_media::{
    codec::Codec,
    dsp::{goertzel::share_of_energy, level::rms_dbfs},
    engine::{
        LegKey, MediaEvent, MixError, MixId, MixParty, PlayEnd, PlayId, PlayItem, RecordingId,
    },
    sdp::{Direction, Negotiated},
};

use crate::{
    phone::{Phone, datagram},
    world::{World, channels, until},
};

const MIX: MixId = MixId(1);

/// Half a second, which tells frequencies 2 Hz apart.
const LISTENING: usize = 4000;

struct Party {
    leg: LegKey,
    phone: Phone,
    tone: f64,
}

/// Parties that each talk in a tone of their own.
fn parties(world: &World, tones: &[(Codec, f64)]) -> Vec<Party> {
    let mut parties = Vec::new();
    for (key, &(codec, tone)) in (1..).zip(tones) {
        let (leg, mut phone) = world.leg(key, codec);
        phone.talk(codec, tone);
        parties.push(Party { leg, phone, tone });
    }
    parties
}

/// Says who hears whom, by positions.
fn mix(world: &World, parties: &[Party], hears: &[&[usize]]) {
    let list: Vec<MixParty> = parties
        .iter()
        .zip(hears)
        .map(|(party, from)| MixParty {
            leg: party.leg,
            hears: from.iter().map(|&other| parties[other].leg).collect(),
        })
        .collect();
    world.media.mix(MIX, &list).unwrap();
    world.settle(parties[0].leg);
}

/// What a party hears from now on, after a moment.
fn listen(party: &Party) -> Vec<i16> {
    party.phone.forget();
    until("half a second of audio", || party.phone.samples().len() >= 1600 + LISTENING);
    party.phone.samples()[1600..][..LISTENING].to_vec()
}

/// Checks that a party hears those given, equally loud, and nobody else of the mix.
fn assert_hears(parties: &[Party], listener: usize, heard: &[usize]) {
    let samples = listen(&parties[listener]);
    for (other, party) in parties.iter().enumerate() {
        let share = share_of_energy(&samples, party.tone);
        if heard.contains(&other) {
            let due = 1.0 / heard.len() as f64;
            assert!((share - due).abs() < 0.1, "{listener} hears {other} by {share}, not {due}");
        } else {
            assert!(share < 0.001, "{listener} hears {other} by {share}");
        }
    }
}

const THREE: [(Codec, f64); 3] =
    [(Codec::Pcma, 440.0), (Codec::Pcmu, 1000.0), (Codec::Pcma, 1700.0)];

#[test]
fn in_a_conference_each_hears_the_two_others_and_not_himself() {
    let world = World::new(80);
    let parties = parties(&world, &THREE);
    mix(&world, &parties, &[&[0, 1, 2], &[0, 1, 2], &[0, 1, 2]]);
    assert_hears(&parties, 0, &[1, 2]);
    assert_hears(&parties, 1, &[0, 2]);
    assert_hears(&parties, 2, &[0, 1]);
    let kinds = |n: usize| parties[n].phone.heard()[0].packet.payload_type;
    assert_eq!((kinds(0), kinds(1), kinds(2)), (8, 0, 8));
}

#[test]
fn a_whisper_is_heard_by_the_agent_and_not_by_the_citizen() {
    let world = World::new(81);
    let parties = parties(&world, &THREE);
    let (citizen, agent, supervisor) = (0, 1, 2);
    mix(&world, &parties, &[&[agent], &[citizen, supervisor], &[citizen, agent]]);
    assert_hears(&parties, citizen, &[agent]);
    assert_hears(&parties, agent, &[citizen, supervisor]);
    assert_hears(&parties, supervisor, &[citizen, agent]);
}

#[test]
fn a_silent_monitor_hears_both_and_is_heard_by_neither() {
    let world = World::new(82);
    let parties = parties(&world, &THREE);
    mix(&world, &parties, &[&[1], &[0], &[0, 1]]);
    assert_hears(&parties, 0, &[1]);
    assert_hears(&parties, 1, &[0]);
    assert_hears(&parties, 2, &[0, 1]);
}

#[test]
fn monitor_whisper_barge_mute_and_leaving_follow_each_other_in_one_talk() {
    let world = World::new(83);
    let parties = parties(&world, &THREE);
    let steps: [[&[usize]; 3]; 6] = [
        [&[1], &[0], &[]],
        [&[1], &[0], &[0, 1]],
        [&[1], &[0, 2], &[0, 1]],
        [&[1, 2], &[0, 2], &[0, 1]],
        // The agent is muted, then taken off.
        [&[2], &[0, 2], &[0]],
        [&[2], &[], &[0]],
    ];
    for hears in steps {
        mix(&world, &parties, &hears);
        for (listener, heard) in hears.iter().enumerate().filter(|(_, heard)| !heard.is_empty()) {
            assert_hears(&parties, listener, heard);
        }
    }
    parties[1].phone.forget();
    assert_hears(&parties, 0, &[2]);
    assert_eq!(parties[1].phone.heard().len(), 0, "who hears nobody gets nothing");
}

#[test]
fn what_is_recorded_in_a_mix_is_what_each_of_the_two_said() {
    let world = World::new(84);
    let folder = tempfile::tempdir().unwrap();
    let parties = parties(&world, &THREE);
    mix(&world, &parties, &[&[1, 2], &[0, 2], &[0, 1]]);
    let path = folder.path().join("talk.wav");
    let (left, right) = (parties[0].leg, parties[1].leg);
    world.media.start_recording(RecordingId(1), left, right, path.clone()).unwrap();
    listen(&parties[0]);
    world.media.stop_recording(RecordingId(1)).unwrap();
    world.wait("the recording", |event| {
        matches!(event, MediaEvent::RecordingFinished { .. }).then_some(())
    });
    let channels = channels(&path);
    for (channel, tone) in channels.iter().zip([440.0, 1000.0]) {
        let share = share_of_energy(&channel[800..3200], tone);
        assert!(share > 0.95, "{tone} Hz has {share} of its channel");
    }
}

#[test]
fn a_prompt_is_heard_instead_of_the_mix_while_the_others_go_on() {
    let world = World::new(85);
    let parties =
        parties(&world, &[(Codec::Pcma, 600.0), (Codec::Pcma, 1000.0), (Codec::Pcma, 1700.0)]);
    mix(&world, &parties, &[&[1, 2], &[0, 2], &[0, 1]]);
    let clip = [PlayItem::Clip("a440".to_owned())];
    world.media.play(parties[0].leg, PlayId(1), &clip, true).unwrap();
    assert!(share_of_energy(&listen(&parties[0]), 440.0) > 0.95);
    assert_hears(&parties, 1, &[0, 2]);
    world.media.stop_play(parties[0].leg, PlayId(1)).unwrap();
    world.wait("the end of the play", |event| {
        matches!(event, MediaEvent::PlayEnded { how: PlayEnd::Stopped, .. }).then_some(())
    });
    assert_hears(&parties, 0, &[1, 2]);
}

#[test]
fn a_party_that_is_made_softer_is_softer_to_all_by_as_much() {
    let world = World::new(86);
    let parties = parties(&world, &THREE[..2]);
    mix(&world, &parties, &[&[1], &[0]]);
    let before = rms_dbfs(&listen(&parties[0]));
    world.media.set_gain(parties[1].leg, -12.0).unwrap();
    world.settle(parties[0].leg);
    let after = rms_dbfs(&listen(&parties[0]));
    assert!((before - after - 12.0).abs() < 0.5, "{before} dB became {after} dB");
    world.media.set_gain(parties[1].leg, 0.0).unwrap();
    world.settle(parties[0].leg);
    assert!((rms_dbfs(&listen(&parties[0])) - before).abs() < 0.5);
}

#[test]
fn going_from_bridge_to_mix_and_back_is_one_stream_with_no_gap_longer_than_a_frame() {
    let world = World::new(87);
    let parties =
        parties(&world, &[(Codec::Pcma, 500.0), (Codec::Pcma, 500.0), (Codec::Pcma, 500.0)]);
    mix(&world, &parties, &[&[1], &[0], &[]]);
    let phone = &parties[0].phone;
    until("the talk", || phone.heard().len() > 20);
    for _ in 0..5 {
        mix(&world, &parties, &[&[1], &[0], &[0, 1]]);
        let so_far = phone.heard().len();
        until("the mix", || phone.heard().len() > so_far + 20);
        mix(&world, &parties, &[&[1], &[0], &[]]);
        let so_far = phone.heard().len();
        until("the bridge", || phone.heard().len() > so_far + 20);
    }

    let heard = phone.heard();
    let first = &heard[0].packet;
    let mut silent = 0;
    for (n, heard) in heard.iter().enumerate() {
        assert_eq!(heard.packet.ssrc, first.ssrc, "packet {n}");
        assert_eq!(heard.packet.sequence, first.sequence.wrapping_add(n as u16), "packet {n}");
        let samples: Vec<i16> = heard.payload.iter().map(|&b| Codec::Pcma.decode(b)).collect();
        silent = if rms_dbfs(&samples) < -40.0 { silent + 1 } else { 0 };
        assert!(silent <= 1, "{silent} silent frames before packet {n}");
    }
    for (n, pair) in heard.windows(2).enumerate() {
        let step = pair[1].packet.timestamp.wrapping_sub(pair[0].packet.timestamp);
        assert!((160..=320).contains(&step), "timestamps step by {step} after packet {n}");
    }
}

#[test]
fn a_key_pressed_in_a_mix_is_reported_once_and_heard_by_those_who_hear_the_party() {
    let world = World::new(88);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    let (c, phone_c) = world.leg(3, Codec::Pcmu);
    let party = |leg, hears: &[LegKey]| MixParty { leg, hears: hears.to_vec() };
    world.media.mix(MIX, &[party(a, &[b, c]), party(b, &[a, c]), party(c, &[b])]).unwrap();
    world.settle(a);
    phone_a.press(101, 7);
    let key = world.wait("the key", |event| match event {
        MediaEvent::Digit { leg, digit } if *leg == a => Some(digit.as_char()),
        _ => None,
    });
    assert_eq!(key, '7');
    let events = |phone: &Phone| {
        let heard = phone.heard();
        let keys = heard.iter().filter(|heard| heard.packet.payload_type == 101);
        let keys: Vec<Vec<u8>> = keys.map(|heard| heard.payload.clone()).collect();
        (keys.iter().filter(|key| key[1] & 0x80 != 0).count(), keys)
    };
    until("the key at the listener", || events(&phone_b).0 == 3);
    assert!(events(&phone_b).1.iter().all(|key| key[0] == 7));
    assert_eq!(events(&phone_a).1.len() + events(&phone_c).1.len(), 0);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::Digit { .. })), 1);
}

#[test]
fn legs_come_and_go_and_nothing_is_left_of_a_mix() {
    let world = World::new(89);
    let mut four = parties(
        &world,
        &[
            (Codec::Pcma, 440.0),
            (Codec::Pcma, 1000.0),
            (Codec::Pcma, 1700.0),
            (Codec::Pcma, 2300.0),
        ],
    );
    let all: &[usize] = &[0, 1, 2, 3];
    mix(&world, &four, &[all; 4]);
    assert_hears(&four, 0, &[1, 2, 3]);
    world.close(four[3].leg);
    assert_hears(&four, 0, &[1, 2]);
    // A leg that joins another mix leaves this one.
    let other = [MixParty { leg: four[2].leg, hears: vec![] }];
    world.media.mix(MixId(2), &other).unwrap();
    world.settle(four[2].leg);
    assert_hears(&four, 0, &[1]);
    world.media.mix(MIX, &[]).unwrap();
    world.settle(four[0].leg);
    four[0].phone.forget();
    world.media.bridge(four[0].leg, four[2].leg).unwrap();
    assert_hears(&four, 0, &[2]);
    assert_hears(&four, 2, &[0]);
    for party in four.drain(..3) {
        world.close(party.leg);
    }
    assert_eq!(world.media.live_legs(), 0);
}

#[test]
fn a_mix_that_makes_no_sense_is_refused_and_changes_nothing() {
    let world = World::with(90, |config| config.workers = Some(2));
    let three = parties(&world, &THREE);
    mix(&world, &three, &[&[1, 2], &[0, 2], &[0, 1]]);
    let party = |leg, hears: Vec<u64>| MixParty {
        leg: LegKey(leg),
        hears: hears.into_iter().map(LegKey).collect(),
    };
    let twice = world.media.mix(MIX, &[party(1, vec![]), party(1, vec![2])]);
    assert_eq!(twice, Err(MixError::ListedTwice(LegKey(1))));
    let crowd = world.media.mix(MIX, &[party(1, (2..=201).collect())]);
    assert_eq!(crowd, Err(MixError::TooManyParties(201)));
    let elsewhere = LegKey(50);
    world
        .media
        .open_leg(elsewhere, cti_media::engine::WorkerKey(2), cti_media::engine::ListenerId(0))
        .unwrap();
    let apart = world.media.mix(MIX, &[party(1, vec![50])]);
    assert_eq!(apart, Err(MixError::DifferentWorkers(LegKey(1), elsewhere)));
    assert_hears(&three, 0, &[1, 2]);
    // Legs that are gone are left out.
    world.media.mix(MIX, &[party(1, vec![2, 77]), party(77, vec![1]), party(2, vec![1])]).unwrap();
    assert_hears(&three, 0, &[1]);
}

#[test]
fn a_peer_that_holds_gets_nothing_of_the_mix_and_is_not_heard() {
    let world = World::new(91);
    let three = parties(&world, &THREE);
    mix(&world, &three, &[&[1, 2], &[0, 2], &[0, 1]]);
    assert_hears(&three, 0, &[1, 2]);
    let held = Negotiated {
        direction: Direction::Inactive,
        ..Negotiated::simple(three[2].phone.address(), Codec::Pcma)
    };
    world.media.set_remote(three[2].leg, held).unwrap();
    world.settle(three[0].leg);
    assert_hears(&three, 0, &[1]);
    three[2].phone.forget();
    assert_hears(&three, 0, &[1]);
    assert_eq!(three[2].phone.heard().len(), 0);
}

#[test]
fn a_party_that_fell_silent_is_heard_as_the_noise_it_described() {
    let world = World::new(92);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    let (c, _phone_c) = world.leg(3, Codec::Pcma);
    let noisy =
        Negotiated { comfort_noise: true, ..Negotiated::simple(phone_b.address(), Codec::Pcma) };
    world.media.set_remote(b, noisy).unwrap();
    let party = |leg, hears: &[LegKey]| MixParty { leg, hears: hears.to_vec() };
    world.media.mix(MIX, &[party(a, &[b, c]), party(b, &[a, c]), party(c, &[a, b])]).unwrap();
    world.settle(a);
    phone_b.say(Codec::Pcma);
    phone_b.send(&datagram(13, 7, 2, 50_160, &[50]));
    until("the noise", || {
        let heard = phone_a.samples();
        let newest = &heard[heard.len().saturating_sub(800)..];
        newest.len() == 800 && (rms_dbfs(newest) + 50.0).abs() < 3.0
    });
    let stats = world.close(b);
    assert_eq!((stats.packets_received, stats.invalid_packets), (2, 0));
}
