//! Two phones talk, press keys, hold.

use std::{net::UdpSocket, time::Duration};

use cti_media::{
    codec::Codec,
    dsp::goertzel::share_of_energy,
    engine::{MediaEvent, PlayEnd, PlayId, PlayItem},
    rtp::Digit,
    sdp::{Direction, Negotiated},
};

use crate::{
    phone::datagram,
    world::{World, until},
};

#[test]
fn phones_with_different_codecs_hear_each_other() {
    let world = World::new(1);
    let (a, mut phone_a) = world.leg(1, Codec::Pcma);
    let (b, mut phone_b) = world.leg(2, Codec::Pcmu);
    world.media.bridge(a, b).unwrap();
    world.settle(b);
    phone_a.talk(Codec::Pcma, 440.0);
    phone_b.talk(Codec::Pcmu, 1000.0);

    until("a second of audio both ways", || {
        phone_a.samples().len() > 8000 && phone_b.samples().len() > 8000
    });

    assert!(share_of_energy(&phone_a.samples()[..8000], 1000.0) > 0.9);
    assert!(share_of_energy(&phone_b.samples()[..8000], 440.0) > 0.9);
    assert!(phone_a.heard().iter().all(|heard| heard.packet.payload_type == 8));
    assert!(phone_b.heard().iter().all(|heard| heard.packet.payload_type == 0));
    let stats = world.close(a);
    assert_eq!((stats.packets_lost, stats.foreign_packets, stats.invalid_packets), (0, 0, 0));
}

#[test]
fn playing_then_bridging_then_playing_is_one_stream_for_the_listener() {
    let world = World::new(2);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    let (b, mut phone_b) = world.leg(2, Codec::Pcma);
    phone_b.talk(Codec::Pcma, 1000.0);
    let clip = [PlayItem::Clip("a440".to_owned())];
    let ended = |play| {
        world.wait("the end of a play", |event| match event {
            MediaEvent::PlayEnded { play: ended, how, .. } if *ended == play => Some(*how),
            _ => None,
        })
    };

    world.media.play(a, PlayId(1), &clip, false).unwrap();
    assert_eq!(ended(PlayId(1)), PlayEnd::Finished);
    world.media.bridge(a, b).unwrap();
    until("the peer's voice", || phone_a.heard().len() > 40);
    world.media.play(a, PlayId(2), &clip, false).unwrap();
    assert_eq!(ended(PlayId(2)), PlayEnd::Finished);
    let so_far = phone_a.heard().len();
    until("the peer's voice again", || phone_a.heard().len() > so_far + 10);

    let heard = phone_a.heard();
    let first = &heard[0].packet;
    for (n, heard) in heard.iter().enumerate() {
        assert_eq!(heard.packet.ssrc, first.ssrc, "packet {n}");
        assert_eq!(heard.packet.sequence, first.sequence.wrapping_add(n as u16), "packet {n}");
    }
    for pair in heard.windows(2) {
        let step = pair[1].packet.timestamp.wrapping_sub(pair[0].packet.timestamp);
        assert!((160..1600).contains(&step), "timestamps step by {step}");
    }
    let marked = heard.iter().filter(|heard| heard.packet.marker).count();
    assert_eq!(marked, 4, "play, bridge, play, bridge");
}

#[test]
fn each_digit_is_reported_once_and_reaches_the_peer_on_its_own_payload_type() {
    let world = World::new(3);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    let other = Negotiated {
        dtmf_pt: Some(96),
        dtmf_receive_pt: Some(96),
        ..Negotiated::simple(phone_b.address(), Codec::Pcma)
    };
    world.media.set_remote(b, other).unwrap();
    world.media.bridge(a, b).unwrap();
    world.settle(a);

    for code in [1, 1, 11] {
        phone_a.press(101, code);
    }
    let digit = || {
        world.wait("a digit", |event| match event {
            MediaEvent::Digit { leg, digit } if *leg == a => Some(digit.as_char()),
            _ => None,
        })
    };
    let pressed: String = (0..3).map(|_| digit()).collect();
    assert_eq!(pressed, "11#");

    until("all packets of the keys at the peer", || phone_b.heard().len() == 21);
    assert!(phone_b.heard().iter().all(|heard| heard.packet.payload_type == 96));
    world.close(a);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::Digit { .. })), 3);
}

#[test]
fn digits_we_send_are_heard_once_each_with_audio_going_on_after() {
    let world = World::new(4);
    let (a, phone) = world.leg(1, Codec::Pcma);
    let digits = Digit::parse_all("12345*").unwrap();
    let music = [PlayItem::Clip("a440".to_owned())];
    world.media.play(a, PlayId(1), &music, true).unwrap();
    world.media.send_digits(a, &digits, Duration::from_millis(80)).unwrap();
    world.wait("the digits to be sent", |event| {
        matches!(event, MediaEvent::DigitsSent { .. }).then_some(())
    });
    let so_far = phone.heard().len();
    until("the music again", || phone.heard().len() > so_far + 5);

    let mut receiver = cti_media::rtp::events::EventReceiver::default();
    let heard: String = phone
        .heard()
        .iter()
        .filter(|heard| heard.packet.payload_type == 101)
        .filter_map(|heard| receiver.on_packet(heard.packet.timestamp, &heard.payload))
        .map(Digit::as_char)
        .collect();
    assert_eq!(heard, "12345*");
    let ends = phone
        .heard()
        .iter()
        .filter(|heard| heard.packet.payload_type == 101 && heard.payload[1] & 0x80 != 0)
        .count();
    assert_eq!(ends, 18);
    assert_eq!(phone.heard().last().unwrap().packet.payload_type, 8);
}

#[test]
fn digits_to_a_peer_without_telephone_events_are_refused() {
    let world = World::new(5);
    let (a, phone) = world.leg(1, Codec::Pcma);
    let deaf = Negotiated { dtmf_pt: None, ..Negotiated::simple(phone.address(), Codec::Pcma) };
    world.media.set_remote(a, deaf).unwrap();
    let digits = Digit::parse_all("1").unwrap();
    world.media.send_digits(a, &digits, Duration::from_millis(80)).unwrap();
    world.wait("the refusal", |event| {
        matches!(event, MediaEvent::DigitsRefused { .. }).then_some(())
    });
}

#[test]
fn a_peer_that_holds_gets_nothing_and_the_other_can_be_played_music() {
    let world = World::new(6);
    let (a, mut phone_a) = world.leg(1, Codec::Pcma);
    let (b, mut phone_b) = world.leg(2, Codec::Pcma);
    world.media.bridge(a, b).unwrap();
    phone_a.talk(Codec::Pcma, 1000.0);
    phone_b.talk(Codec::Pcma, 1000.0);
    until("both to hear", || phone_a.heard().len() > 5 && phone_b.heard().len() > 5);

    // The agent holds: what SDP makes of his sendonly is recvonly for us, or inactive.
    let held = Negotiated {
        direction: Direction::Inactive,
        ..Negotiated::simple(phone_b.address(), Codec::Pcma)
    };
    world.media.set_remote(b, held).unwrap();
    let music = [PlayItem::Music("a440".to_owned())];
    world.media.play(a, PlayId(1), &music, true).unwrap();
    world.settle(b);
    phone_a.forget();
    phone_b.forget();

    until("a second of music", || phone_a.samples().len() > 8000);
    assert!(share_of_energy(&phone_a.samples(), 440.0) > 0.9);
    assert_eq!(phone_b.heard().len(), 0);

    world.media.set_remote(b, Negotiated::simple(phone_b.address(), Codec::Pcma)).unwrap();
    world.media.stop_play(a, PlayId(1)).unwrap();
    phone_a.forget();
    until("the talk to go on", || phone_b.heard().len() > 20 && phone_a.samples().len() > 8000);
    let end = phone_a.samples().len();
    assert!(share_of_energy(&phone_a.samples()[end - 4000..], 1000.0) > 0.9);
}

#[test]
fn a_stranger_who_sprays_packets_changes_nothing_and_gets_nothing() {
    let world = World::new(7);
    let (a, mut phone_a) = world.leg(1, Codec::Pcma);
    let (b, mut phone_b) = world.leg(2, Codec::Pcma);
    let targets = [a, b];
    world.media.bridge(a, b).unwrap();
    phone_a.talk(Codec::Pcma, 440.0);
    phone_b.talk(Codec::Pcma, 1000.0);
    until("both to hear", || phone_a.heard().len() > 5 && phone_b.heard().len() > 5);

    let stranger = UdpSocket::bind(world.address(66)).unwrap();
    stranger.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let noise = [0x2A; 160];
    for n in 0..500_u16 {
        for port in [40_000, 40_001, 40_002, 40_003] {
            let mut server = world.address(1);
            server.set_port(port);
            let packet = datagram(8, 7, n, u32::from(n) * 160, &noise);
            stranger.send_to(&packet, server).unwrap();
        }
    }
    phone_a.forget();
    phone_b.forget();
    until("a second of talk", || phone_a.samples().len() > 8000 && phone_b.samples().len() > 8000);

    assert!(share_of_energy(&phone_a.samples(), 1000.0) > 0.95);
    assert!(share_of_energy(&phone_b.samples(), 440.0) > 0.95);
    assert!(stranger.recv_from(&mut [0; 2048]).is_err(), "the stranger got a packet");
    let foreign: u64 = targets.iter().map(|&leg| world.close(leg).foreign_packets).sum();
    assert!(foreign >= 1000, "{foreign} foreign packets counted");
}

#[test]
fn a_peer_that_floods_is_cut_down_to_the_rate() {
    let world = World::new(8);
    let (a, phone) = world.leg(1, Codec::Pcma);
    for _ in 0..2000 {
        phone.say(Codec::Pcma);
    }
    world.wait("the peer", |event| matches!(event, MediaEvent::MediaStarted { .. }).then_some(()));
    let stats = world.close(a);
    assert!(stats.packets_received <= 400, "{stats:?}");
}
