//! G.722 phones among others.

use cti_media::{
    codec::{Codec, Encoding, Wideband},
    dsp::{goertzel::share_of_energy, tone},
    engine::{LegKey, MediaEvent, MixId, MixParty, PlayId, PlayItem, RecordingId},
    sdp::Negotiated,
};

use crate::{
    phone::Phone,
    world::{World, channels, until},
};

/// Twenty seconds of a tone, encoded; its end does not fit its beginning, as ADPCM has a memory.
fn encoded(frequency: f64) -> Vec<u8> {
    let mut payload: Vec<u8> = tone::sine(frequency, -10.0, 160_000)
        .into_iter()
        .map(|sample| Codec::Pcma.encode(sample))
        .collect();
    Wideband::default().encode(Codec::Pcma, &mut payload);
    payload
}

/// A G.722 phone that talks in a tone.
fn phone(world: &World, key: u64, frequency: f64) -> (LegKey, Phone) {
    let (leg, mut phone) = world.leg(key, Codec::Pcma);
    let agreed = Negotiated::simple(phone.address(), Encoding::G722);
    world.media.set_remote(leg, agreed).unwrap();
    phone.repeat(9, encoded(frequency));
    (leg, phone)
}

/// What a G.722 phone heard after its first packets, decoded.
fn heard(phone: &Phone) -> Vec<i16> {
    let mut decoder = Wideband::default();
    let mut samples = Vec::new();
    for heard in phone.heard() {
        assert_eq!(heard.packet.payload_type, 9);
        let mut plain = vec![0; heard.payload.len()];
        decoder.decode(&heard.payload, Codec::Pcma, &mut plain);
        samples.extend(plain.iter().map(|&byte| Codec::Pcma.decode(byte)));
    }
    samples.split_off(1600.min(samples.len()))
}

#[test]
fn a_wideband_and_a_narrowband_phone_hear_each_other_and_are_recorded() {
    let world = World::new(100);
    let folder = tempfile::tempdir().unwrap();
    let (a, phone_a) = phone(&world, 1, 440.0);
    let (b, mut phone_b) = world.leg(2, Codec::Pcmu);
    phone_b.talk(Codec::Pcmu, 1000.0);
    world.media.bridge(a, b).unwrap();
    let path = folder.path().join("talk.wav");
    world.media.start_recording(RecordingId(1), a, b, path.clone()).unwrap();
    until("a second both ways", || phone_b.samples().len() > 9600 && heard(&phone_a).len() > 8000);
    assert!(share_of_energy(&heard(&phone_a), 1000.0) > 0.9);
    assert!(share_of_energy(&phone_b.samples()[1600..], 440.0) > 0.9);
    world.media.stop_recording(RecordingId(1)).unwrap();
    world.wait("the recording", |event| {
        matches!(event, MediaEvent::RecordingFinished { .. }).then_some(())
    });
    for (channel, tone) in channels(&path).iter().zip([440.0, 1000.0]) {
        assert!(share_of_energy(&channel[1600..6400], tone) > 0.9, "{tone} Hz is recorded");
    }
}

#[test]
fn two_wideband_phones_are_passed_through_bit_by_bit() {
    let world = World::new(101);
    let (a, phone_a) = phone(&world, 1, 440.0);
    let (b, _phone_b) = phone(&world, 2, 1000.0);
    world.media.bridge(a, b).unwrap();
    until("a second", || phone_a.heard().len() > 50);
    let sent = encoded(1000.0);
    let frames: Vec<&[u8]> = sent.chunks(160).collect();
    assert!(phone_a.heard().iter().all(|heard| frames.contains(&&heard.payload[..])));
}

#[test]
fn a_wideband_phone_hears_prompts_and_mixes_and_is_heard_in_them() {
    let world = World::new(102);
    let (a, phone_a) = phone(&world, 1, 440.0);
    let clip = [PlayItem::Clip("a1000".to_owned())];
    world.media.play(a, PlayId(1), &clip, true).unwrap();
    until("the prompt", || heard(&phone_a).len() > 4000);
    assert!(share_of_energy(&heard(&phone_a), 1000.0) > 0.9);

    let (b, mut phone_b) = world.leg(2, Codec::Pcma);
    let (c, mut phone_c) = world.leg(3, Codec::Pcma);
    phone_b.talk(Codec::Pcma, 700.0);
    phone_c.talk(Codec::Pcma, 1700.0);
    let party = |leg, hears: &[LegKey]| MixParty { leg, hears: hears.to_vec() };
    let list = [party(a, &[b, c]), party(b, &[a, c]), party(c, &[a, b])];
    world.media.mix(MixId(1), &list).unwrap();
    world.media.stop_play(a, PlayId(1)).unwrap();
    world.settle(a);
    phone_a.forget();
    until("the mix", || heard(&phone_a).len() > 4000 && phone_b.samples().len() > 6000);
    for tone in [700.0, 1700.0] {
        let share = share_of_energy(&heard(&phone_a), tone);
        assert!((0.35..0.65).contains(&share), "the wideband phone hears {tone} Hz by {share}");
    }
    assert!(share_of_energy(&heard(&phone_a), 440.0) < 0.01);
    let samples = phone_b.samples();
    let share = share_of_energy(&samples[samples.len() - 4000..], 440.0);
    assert!((0.35..0.65).contains(&share), "it is heard by {share}");
}
