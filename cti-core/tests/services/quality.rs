//! How well each leg was heard is told when it has ended, also of a call that is over already.

use cti_core::{
    event::Fact,
    id::{CallId, LegId},
    quality::VoiceQuality,
    records::{CallRecords, CallRow, VoiceRecord},
    switch::SwitchReport,
    testkit::World,
};

use super::floor::{play, talking};

const QUALITY: VoiceQuality = VoiceQuality {
    received: 950,
    lost: 50,
    sent: 1000,
    lost_by_peer: 0,
    jitter_us: 3000,
    max_jitter_us: 9000,
    round_trip_us: Some(40_000),
};

fn rows(world: &World) -> Vec<VoiceRecord> {
    let mut fold = CallRecords::default();
    let rows = world.events.iter().flat_map(|event| fold.apply(event));
    let voice = rows.filter_map(|row| match row {
        CallRow::Voice(row) => Some(*row),
        CallRow::Call(_) | CallRow::Contact(_) | CallRow::Recording(_) => None,
    });
    voice.collect()
}

#[test]
fn both_legs_of_a_talk_are_measured_though_its_call_ends_with_the_first() {
    let mut world = talking();
    world.switch.measure(QUALITY);
    play(&mut world, "00:10 phone 8001 hangs up\n00:12");

    let rows = rows(&world);
    let mut who: Vec<_> = rows.iter().map(|row| (row.call, row.leg)).collect();
    who.sort_unstable();
    assert_eq!(who, [(CallId(1), LegId(1)), (CallId(1), LegId(2))]);
    let of = |leg| rows.iter().find(|row| row.leg == LegId(leg)).unwrap();
    assert_eq!((of(1).agent.as_ref(), of(1).device.as_ref()), (None, None));
    assert_eq!(of(2).agent.as_ref().unwrap().as_str(), "8001");
    assert!(rows.iter().all(|row| row.quality == QUALITY));
    let ended = |event: &&cti_core::event::Event| matches!(event.fact, Fact::CallEnded { .. });
    let over = world.events.iter().find(ended).unwrap().no;
    let told = |event: &&cti_core::event::Event| matches!(event.fact, Fact::VoiceMeasured { .. });
    assert!(world.events.iter().filter(told).any(|event| event.no > over), "one comes after it");
}

#[test]
fn a_measurement_of_a_leg_that_is_gone_or_was_never_there_changes_nothing() {
    let mut world = talking();
    play(&mut world, "00:10 phone 8001 hangs up\n00:12");
    let before = world.events.len();
    for leg in [LegId(1), LegId(2), LegId(77)] {
        world.switch.report(SwitchReport::VoiceMeasured { leg, quality: QUALITY });
    }
    play(&mut world, "00:20");
    assert!(rows(&world).is_empty(), "{} more events", world.events.len() - before);
}
