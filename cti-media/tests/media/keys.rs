//! Keys that come as tones, from peers that send no telephone events.

use cti_media::{codec::Codec, dsp::dtmf, engine::MediaEvent, rtp::Digit, sdp::Negotiated};

use crate::{
    phone::{Phone, datagram},
    world::{World, until},
};

fn without_events(phone: &Phone) -> Negotiated {
    let agreed = Negotiated::simple(phone.address(), Codec::Pcma);
    Negotiated { dtmf_pt: None, dtmf_receive_pt: None, ..agreed }
}

/// Sends the tones of keys, 80 ms each.
fn press(phone: &Phone, keys: &str) {
    let mut voice = Vec::new();
    for digit in Digit::parse_all(keys).unwrap() {
        voice.extend(dtmf::tones(digit, 640));
        voice.extend([0; 640]);
    }
    for (n, frame) in (0..).zip(voice.chunks(160)) {
        let payload: Vec<u8> = frame.iter().map(|&sample| Codec::Pcma.encode(sample)).collect();
        phone.send(&datagram(8, 7, n, u32::from(n) * 160, &payload));
    }
}

#[test]
fn tones_of_a_peer_without_telephone_events_are_keys_and_are_still_heard() {
    let world = World::new(95);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    world.media.set_remote(a, without_events(&phone_a)).unwrap();
    world.media.bridge(a, b).unwrap();
    world.settle(a);
    press(&phone_a, "12345*0#");
    let pressed: String = (0..8)
        .map(|_| {
            world.wait("a key", |event| match event {
                MediaEvent::TonedDigit { leg, digit } if *leg == a => Some(digit.as_char()),
                _ => None,
            })
        })
        .collect();
    assert_eq!(pressed, "12345*0#");
    until("the tones at the peer", || phone_b.samples().len() >= 8 * 1280);
    world.close(a);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::TonedDigit { .. })), 8);
}

#[test]
fn tones_of_a_peer_with_telephone_events_are_no_keys() {
    let world = World::new(96);
    let (a, phone_a) = world.leg(1, Codec::Pcma);
    world.settle(a);
    press(&phone_a, "12");
    phone_a.press(101, 3);
    world.wait("the event", |event| matches!(event, MediaEvent::Digit { .. }).then_some(()));
    world.close(a);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::TonedDigit { .. })), 0);
}
