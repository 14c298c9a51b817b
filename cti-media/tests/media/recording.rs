//! Talks and messages on disk.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use cti_core::seal::Key;
use cti_media::{
    codec::Codec,
    dsp::{goertzel::share_of_energy, level::rms_dbfs},
    engine::{MediaEvent, MessageLimits, RecordingEnd, RecordingFailure, RecordingId},
    record::audio::RecordedAudio,
};
use sha2::{Digest as _, Sha256};

use crate::world::{World, channels, until};

struct Finished {
    path: PathBuf,
    frames: u64,
    duration_ms: u64,
    sha256: String,
    how: RecordingEnd,
}

fn finished(world: &World, id: u64) -> Finished {
    world.wait("the end of the recording", |event| match event {
        MediaEvent::RecordingFinished { recording, path, frames, duration_ms, sha256, how }
            if *recording == RecordingId(id) =>
        {
            Some(Finished {
                path: path.clone(),
                frames: *frames,
                duration_ms: *duration_ms,
                sha256: sha256.clone(),
                how: *how,
            })
        }
        _ => None,
    })
}

#[test]
fn the_caller_is_left_and_the_agent_is_right() {
    let world = World::new(40);
    let folder = tempfile::tempdir().unwrap();
    let (caller, mut caller_phone) = world.leg(1, Codec::Pcma);
    let (agent, mut agent_phone) = world.leg(2, Codec::Pcmu);
    world.media.bridge(caller, agent).unwrap();
    caller_phone.talk(Codec::Pcma, 440.0);
    agent_phone.talk(Codec::Pcmu, 1000.0);
    until("both to be heard", || caller_phone.heard().len() > 2 && agent_phone.heard().len() > 2);
    let path = folder.path().join("talk.wav");
    world.media.start_recording(RecordingId(1), caller, agent, path.clone()).unwrap();
    world.settle(caller);
    let begun = Instant::now();
    let heard = agent_phone.heard().len();
    until("two seconds of talk", || agent_phone.heard().len() >= heard + 100);
    world.media.stop_recording(RecordingId(1)).unwrap();
    let talked = begun.elapsed();

    let end = finished(&world, 1);
    assert_eq!((end.how, &end.path), (RecordingEnd::Stopped, &path));
    let recorded = Duration::from_millis(end.duration_ms);
    assert!(recorded.abs_diff(talked) < Duration::from_millis(300), "{recorded:?} of {talked:?}");
    assert_eq!(end.sha256, hex::encode(Sha256::digest(std::fs::read(&path).unwrap())));
    let channels = channels(&path);
    assert_eq!((channels.len(), channels[0].len() as u64), (2, end.frames));
    let middle = 800..channels[0].len() - 800;
    assert!(share_of_energy(&channels[0][middle.clone()], 440.0) > 0.9);
    assert!(share_of_energy(&channels[1][middle], 1000.0) > 0.9);
}

#[test]
fn a_leg_that_closes_ends_the_recording_once() {
    let world = World::new(41);
    let folder = tempfile::tempdir().unwrap();
    let (caller, _caller_phone) = world.leg(1, Codec::Pcma);
    let (agent, mut agent_phone) = world.leg(2, Codec::Pcma);
    agent_phone.talk(Codec::Pcma, 1000.0);
    let path = folder.path().join("talk.wav");
    world.media.start_recording(RecordingId(1), caller, agent, path).unwrap();
    world.wait("the agent", |event| matches!(event, MediaEvent::MediaStarted { .. }).then_some(()));
    world.close(caller);
    world.close(agent);
    // The writer works beside the workers, so its event may have come before the leg's.
    until("the end of the recording", || {
        world.count(|event| matches!(event, MediaEvent::RecordingFinished { .. })) == 1
    });
    assert!(world.media.stop_recording(RecordingId(1)).is_err());
}

#[test]
fn a_pause_is_silence_and_the_time_line_goes_on() {
    let world = World::new(42);
    let folder = tempfile::tempdir().unwrap();
    let (caller, mut caller_phone) = world.leg(1, Codec::Pcma);
    let (agent, phone) = world.leg(2, Codec::Pcma);
    world.media.bridge(caller, agent).unwrap();
    caller_phone.talk(Codec::Pcma, 440.0);
    until("the caller", || phone.heard().len() > 5);
    let path = folder.path().join("talk.wav");
    let id = RecordingId(1);
    let talk = |packets: usize| {
        let from = phone.heard().len();
        until("talk", || phone.heard().len() >= from + packets);
    };
    world.media.start_recording(id, caller, agent, path.clone()).unwrap();
    talk(50);
    world.media.pause_recording(id).unwrap();
    talk(50);
    world.media.resume_recording(id).unwrap();
    talk(50);
    world.media.stop_recording(id).unwrap();
    finished(&world, 1);

    let left = &channels(&path)[0];
    let loud: Vec<bool> = left.chunks(800).map(|block| rms_dbfs(block) > -30.0).collect();
    let quiet_from = (0..loud.len())
        .find(|&n| n + 8 <= loud.len() && n > 6 && loud[n..n + 8].iter().all(|loud| !loud))
        .unwrap_or_else(|| panic!("no pause in {loud:?}"));
    let tenths_of_talk = |blocks: &[bool]| blocks.iter().filter(|&&loud| loud).count();
    assert!(tenths_of_talk(&loud[..quiet_from]) >= 7, "{loud:?}");
    assert!(tenths_of_talk(&loud[quiet_from..]) >= 7, "{loud:?}");

    // What the caller said in the pause is not in the file: no trace of his tone.
    let tone =
        |blocks: std::ops::Range<usize>| rms_dbfs(&left[blocks.start * 800..blocks.end * 800]);
    assert!(tone(quiet_from..quiet_from + 8) < -70.0, "{:?}", tone(quiet_from..quiet_from + 8));
    assert!(tone(quiet_from - 5..quiet_from - 1) > -30.0);
}

#[test]
fn a_message_ends_when_the_speaker_falls_silent() {
    let world = World::new(43);
    let folder = tempfile::tempdir().unwrap();
    let (leg, mut phone) = world.leg(1, Codec::Pcma);
    phone.talk(Codec::Pcma, 440.0);
    world.wait("the peer", |event| matches!(event, MediaEvent::MediaStarted { .. }).then_some(()));
    let limits = MessageLimits {
        max: Duration::from_secs(60),
        silence_end: Some(Duration::from_millis(600)),
    };
    let path = folder.path().join("message.wav");
    world.media.record_message(RecordingId(1), leg, path.clone(), limits).unwrap();
    until("a chunk on disk", || {
        hound::WavReader::open(&path).is_ok_and(|wav| wav.duration() > 4000)
    });
    drop(phone);
    let end = finished(&world, 1);
    assert_eq!(end.how, RecordingEnd::Silence);
    let channels = channels(&path);
    assert_eq!(channels.len(), 1);
    assert!(share_of_energy(&channels[0][800..4000], 440.0) > 0.9);
}

#[test]
fn a_message_without_a_word_says_so() {
    let world = World::new(49);
    let folder = tempfile::tempdir().unwrap();
    let (leg, _silent) = world.leg(1, Codec::Pcma);
    let limits = MessageLimits {
        max: Duration::from_secs(60),
        silence_end: Some(Duration::from_millis(200)),
    };
    let path = folder.path().join("message.wav");
    world.media.record_message(RecordingId(1), leg, path, limits).unwrap();
    assert_eq!(finished(&world, 1).how, RecordingEnd::NothingSaid);
}

#[test]
fn a_message_ends_at_its_greatest_length() {
    let world = World::new(44);
    let folder = tempfile::tempdir().unwrap();
    let (leg, _phone) = world.leg(1, Codec::Pcma);
    let limits = MessageLimits { max: Duration::from_millis(500), silence_end: None };
    let path = folder.path().join("message.wav");
    world.media.record_message(RecordingId(1), leg, path, limits).unwrap();
    let end = finished(&world, 1);
    assert_eq!((end.how, end.duration_ms), (RecordingEnd::MaxLength, 500));
}

#[test]
fn a_disk_error_is_said_once_and_the_talk_goes_on() {
    let world = World::new(45);
    let (a, mut phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    world.media.bridge(a, b).unwrap();
    phone_a.talk(Codec::Pcma, 440.0);
    let path = PathBuf::from("/nonexistent/folder/talk.wav");
    world.media.start_recording(RecordingId(1), a, b, path).unwrap();
    let failure = world.wait("the failure", |event| match event {
        MediaEvent::RecordingFailed { failure, .. } => Some(failure.clone()),
        _ => None,
    });
    assert!(matches!(failure, RecordingFailure::Disk(_)), "{failure}");
    let heard = phone_b.heard().len();
    until("the talk to go on", || phone_b.heard().len() > heard + 60);
    world.close(a);
    world.close(b);
    let ends = world.count(|event| {
        matches!(event, MediaEvent::RecordingFinished { .. } | MediaEvent::RecordingFailed { .. })
    });
    assert_eq!(ends, 1);
}

#[test]
fn shutting_down_completes_the_recordings() {
    let mut world = World::new(46);
    let folder = tempfile::tempdir().unwrap();
    let (a, _phone_a) = world.leg(1, Codec::Pcma);
    let (b, mut phone_b) = world.leg(2, Codec::Pcma);
    phone_b.talk(Codec::Pcma, 1000.0);
    let path = folder.path().join("talk.wav");
    world.media.start_recording(RecordingId(1), a, b, path.clone()).unwrap();
    world.wait("the agent", |event| matches!(event, MediaEvent::MediaStarted { .. }).then_some(()));
    world.shut_down();
    assert_eq!(world.count(|event| matches!(event, MediaEvent::RecordingFinished { .. })), 1);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::LegClosed { .. })), 2);
    assert!(hound::WavReader::open(&path).is_ok());
}

#[test]
fn with_a_key_a_talk_is_sealed_on_the_disk_and_plays_with_it() {
    let key = Key::from_bytes([9; Key::LENGTH]);
    let world = World::with(50, |config| config.recording_key = Some(key.clone()));
    let folder = tempfile::tempdir().unwrap();
    let (caller, mut caller_phone) = world.leg(1, Codec::Pcma);
    let (agent, agent_phone) = world.leg(2, Codec::Pcma);
    world.media.bridge(caller, agent).unwrap();
    caller_phone.talk(Codec::Pcma, 440.0);
    until("the caller", || agent_phone.heard().len() > 5);
    let path = folder.path().join("talk.wav.sealed");
    world.media.start_recording(RecordingId(1), caller, agent, path.clone()).unwrap();
    let heard = agent_phone.heard().len();
    until("a second of talk", || agent_phone.heard().len() >= heard + 50);
    world.media.stop_recording(RecordingId(1)).unwrap();
    let end = finished(&world, 1);
    assert_eq!(end.sha256, hex::encode(Sha256::digest(std::fs::read(&path).unwrap())));
    assert!(hound::WavReader::open(&path).is_err(), "it is no WAV file without the key");
    assert!(RecordedAudio::open(&path, None).is_err());

    let mut wav = hound::WavReader::new(RecordedAudio::open(&path, Some(&key)).unwrap()).unwrap();
    assert_eq!((wav.spec().channels, u64::from(wav.duration())), (2, end.frames));
    let left: Vec<i16> = wav.samples().step_by(2).map(Result::unwrap).collect();
    assert!(share_of_energy(&left[800..left.len() - 800], 440.0) > 0.9);
}
