//! Calls with sound.

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{ContactId, PlayId, RecordingId},
    speech::{Audio as Speech, Spoken, SynthesisError, SynthesisRequest, Synthesizer},
    switch::{Clip, Endpoint, Origin, PlayEnd, RecordingEnd, Tone},
};

use super::{super::*, phone::*, world::*};
use crate::{
    codec::Codec,
    dsp::{goertzel::share_of_energy, level::encoded_dbfs},
};

#[tokio::test]
async fn a_caller_hears_a_prompt_presses_keys_and_hangs_up() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let report = world.report().await;
    let SwitchReport::Incoming { leg, origin, caller: from, called, .. } = report else { panic!() };
    assert_eq!(leg, LegId(101));
    assert!(matches!(origin, Origin::Trunk(trunk) if trunk.as_str() == "mobile"));
    assert_eq!((from.reveal(), called.reveal()), ("13812345678", "12345"));
    world.switch.execute(SwitchCommand::Ring { leg });
    caller.status(180).await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    let clips = vec![Clip::Prompt("hello".into())];
    let play = PlayId(1);
    world.switch.execute(SwitchCommand::Play { leg, play, clips, looped: false });
    assert!(caller.hear().await.len() >= 160);
    let ended = world.report().await;
    assert_eq!(ended, SwitchReport::PlayEnded { leg, play, end: PlayEnd::Finished });
    caller.press(media, 5).await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg, digit: '5' });
    // A phone that sends the same key by INFO as well is heard once.
    caller.send("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n").await;
    caller.status(200).await;
    caller.press(media, 11).await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg, digit: '#' });
    caller.send("BYE", "", "").await;
    caller.status(200).await;
    assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause: Cause::Normal });
    world.nothing_is_reported().await;
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn what_came_of_the_voice_is_told_before_the_end_of_the_leg() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    caller.press(media, 5).await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg, digit: '5' });
    caller.send("BYE", "", "").await;
    caller.status(200).await;
    let report = world.report_of_any_kind().await;
    let SwitchReport::VoiceMeasured { leg: of, quality } = report else { panic!("{report:?}") };
    assert_eq!(of, leg);
    assert!(quality.received > 0 && quality.loss() < 0.5, "{quality:?}");
    let ended = world.report_of_any_kind().await;
    assert_eq!(ended, SwitchReport::LegEnded { leg, cause: Cause::Normal });
}

#[tokio::test]
async fn caller_and_agent_talk_are_recorded_and_the_agent_hangs_up() {
    let mut world = World::start().await;
    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    assert_eq!(world.report().await, SwitchReport::DeviceInService { device: device() });
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let left = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg: left });
    let caller_media = caller.connect().await;

    let right = LegId(2);
    world.switch.execute(SwitchCommand::Dial {
        leg: right,
        to: Endpoint::Device(device()),
        caller: PhoneNumber::parse("13812345678").unwrap(),
        contact: ContactId(1),
        auto_answer: true,
    });
    let invite = tokio::select! {
        invite = agent.receive("INVITE ") => invite,
        report = world.switch.report() => panic!("{report:?}"),
    };
    assert!(header(&invite, "From").contains("sip:13812345678@city"));
    assert_eq!(header(&invite, "Answer-Mode"), "Auto");
    assert!(header(&invite, "Call-Info").ends_with(";answer-after=0"));
    agent.reply(&invite, 180, "").await;
    assert_eq!(world.report().await, SwitchReport::Ringing { leg: right });
    let sdp = agent.sdp("");
    agent.reply(&invite, 200, &sdp).await;
    assert_eq!(world.report().await, SwitchReport::Answered { leg: right });
    agent.receive("ACK ").await;
    let agent_media = media_of(&invite);

    let recording = RecordingId(3);
    world.switch.execute(SwitchCommand::Bridge { a: left, b: right });
    // A telephone that answers by itself tells whoever sits there: a tone of 1000 Hz, half a second.
    let (play, clips) = (PlayId(1), vec![Clip::Tone(Tone::Beep)]);
    world.switch.execute(SwitchCommand::Play { leg: right, play, clips, looped: false });
    let mut heard = Vec::new();
    let ended = loop {
        tokio::select! {
            packet = agent.hear() => heard.extend(packet.iter().map(|it| Codec::Pcma.decode(*it))),
            report = world.report() => break report,
        }
    };
    assert_eq!(ended, SwitchReport::PlayEnded { leg: right, play, end: PlayEnd::Finished });
    let beeps = heard.chunks(800).filter(|part| share_of_energy(part, 1000.0) > 0.9);
    assert!((4..=5).contains(&beeps.count()), "{} samples", heard.len());

    world.switch.execute(SwitchCommand::StartRecording { recording, left, right, at: now() });
    for _ in 0..20 {
        caller.speak(caller_media, 0x11).await;
        agent.speak(agent_media, 0x22).await;
    }
    while agent.hear().await != [0x11; 160] {}
    while caller.hear().await != [0x22; 160] {}

    agent.send("BYE", "", "").await;
    agent.status(200).await;
    let mut reports = [world.report().await, world.report().await];
    reports.sort_by_key(|report| matches!(report, SwitchReport::RecordingEnded { .. }));
    let [
        ended,
        SwitchReport::RecordingEnded {
            recording: RecordingId(3),
            end: RecordingEnd::Saved { file, bytes, sha256, .. },
        },
    ] = reports
    else {
        panic!("{reports:?}")
    };
    assert_eq!(ended, SwitchReport::LegEnded { leg: right, cause: Cause::Normal });
    assert_eq!(file, "2026-01-02/recording-3.wav");
    assert_eq!(std::fs::metadata(world.recording(&file)).unwrap().len(), bytes);
    assert_eq!(sha256.len(), 64);

    world.switch.execute(SwitchCommand::Hangup { leg: left, cause: Cause::Normal });
    assert_eq!(world.report().await, SwitchReport::LegEnded { leg: left, cause: Cause::Normal });
    let bye = caller.receive("BYE ").await;
    caller.reply(&bye, 200, "").await;
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn ringing_back_is_heard_before_the_answer_as_early_media() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    let clips = vec![Clip::Tone(Tone::RingBack)];
    let play = PlayId(1);
    world.switch.execute(SwitchCommand::Play { leg, play, clips, looped: false });
    let early = caller.status(183).await;
    assert!(caller.hear().await.len() >= 160);
    world.switch.execute(SwitchCommand::StopPlay { leg, play });
    let ended = world.report().await;
    assert_eq!(ended, SwitchReport::PlayEnded { leg, play, end: PlayEnd::Stopped });
    world.switch.execute(SwitchCommand::Answer { leg });
    assert_eq!(caller.connect().await, media_of(&early));
}

#[tokio::test]
async fn a_play_on_a_leg_that_ended_has_an_end_of_its_own() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    caller.connect().await;
    let clips = vec![Clip::Prompt("hello".into())];
    let play = |n| PlayId(n);
    let command = |n, clips| SwitchCommand::Play { leg, play: play(n), clips, looped: true };
    world.switch.execute(command(1, vec![Clip::Prompt("missing".into())]));
    let failed = SwitchReport::PlayEnded { leg, play: play(1), end: PlayEnd::Failed };
    assert_eq!(world.report().await, failed);
    world.switch.execute(command(2, clips.clone()));
    world.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Cleared });
    world.switch.execute(command(3, clips));
    let end = PlayEnd::LegEnded;
    let mut reports = Vec::new();
    for _ in 0..3 {
        reports.push(world.report().await);
    }
    assert!(reports.contains(&SwitchReport::PlayEnded { leg, play: play(2), end }));
    assert!(reports.contains(&SwitchReport::PlayEnded { leg, play: play(3), end }));
    assert_eq!(reports[2], SwitchReport::LegEnded { leg, cause: Cause::Cleared });
    world.nothing_is_reported().await;
}

#[tokio::test]
async fn digits_go_out_by_rtp_where_agreed_and_by_info_where_not() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    caller.connect().await;
    world.switch.execute(SwitchCommand::SendDigits { leg, digits: "7".into() });
    while caller.hear().await.first() != Some(&7) {}

    let mut plain = Phone::new(&world, "13900000000").await;
    let sdp = plain.sdp("").replace(" 101\r\n", "\r\n");
    plain.send("INVITE", "", &sdp).await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    plain.connect().await;
    world.switch.execute(SwitchCommand::SendDigits { leg, digits: "*".into() });
    assert!(plain.receive("INFO ").await.contains("Signal=*\r\n"));
}

#[tokio::test]
async fn keys_cross_a_bridge_whichever_way_each_side_sends_them() {
    let mut world = World::start().await;
    let mut by_info = Phone::new(&world, "13812345678").await;
    by_info.invite().await;
    let left = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg: left });
    by_info.connect().await;
    let mut plain = Phone::new(&world, "13900000000").await;
    let sdp = plain.sdp("").replace(" 101\r\n", "\r\n");
    plain.send("INVITE", "", &sdp).await;
    let right = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg: right });
    plain.connect().await;
    world.switch.execute(SwitchCommand::Bridge { a: left, b: right });

    by_info.send("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n").await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg: left, digit: '5' });
    let relayed = plain.receive("INFO ").await;
    assert!(relayed.contains("Signal=5\r\n"), "{relayed}");

    plain.send("INFO", "Content-Type: application/dtmf\r\n", "8").await;
    assert_eq!(world.report().await, SwitchReport::Digit { leg: right, digit: '8' });
    while by_info.hear().await.first() != Some(&8) {}
}

/// What a caller hears next, as A-law samples, silence left out.
async fn voice(phone: &mut Phone) -> Vec<u8> {
    loop {
        let heard = phone.hear().await;
        if heard.iter().any(|sample| *sample != 0xd5) {
            return heard;
        }
    }
}

#[tokio::test]
async fn a_caller_hears_what_was_recorded_earlier() {
    let mut world = World::start().await;
    let mut caller = Phone::new(&world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    let (recording, limit) = (RecordingId(7), std::time::Duration::from_secs(60));
    let silence = std::time::Duration::ZERO;
    world.switch.execute(SwitchCommand::RecordMessage {
        recording,
        leg,
        limit,
        silence,
        at: now(),
    });
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(20));
    for _ in 0..20 {
        pace.tick().await;
        caller.speak(media, 0x11).await;
    }
    world.nothing_is_reported().await;
    world.switch.execute(SwitchCommand::StopRecording { recording });
    let report = world.report().await;
    let saved =
        matches!(report, SwitchReport::RecordingEnded { end: RecordingEnd::Saved { .. }, .. });
    assert!(saved, "{report:?}");

    let play = |play, recording, looped| SwitchCommand::Play {
        leg,
        play: PlayId(play),
        clips: vec![Clip::Recording(RecordingId(recording))],
        looped,
    };
    let ended = |play, end| SwitchReport::PlayEnded { leg, play: PlayId(play), end };
    world.switch.execute(play(1, 7, false));
    let heard = tokio::select! {
        heard = voice(&mut caller) => heard,
        report = world.report() => panic!("{report:?}"),
    };
    assert!(heard.contains(&0x11), "{heard:?}");
    assert_eq!(world.report().await, ended(1, PlayEnd::Finished));

    world.switch.execute(play(2, 8, false));
    assert_eq!(world.report().await, ended(2, PlayEnd::Failed));

    // A playing that waits for the disk gives way to another one, and ends with its leg.
    world.switch.execute(play(3, 7, true));
    world.switch.execute(play(4, 7, true));
    assert_eq!(world.report().await, ended(3, PlayEnd::Stopped));
    world.switch.execute(SwitchCommand::StopPlay { leg, play: PlayId(4) });
    assert_eq!(world.report().await, ended(4, PlayEnd::Stopped));
    world.switch.execute(play(5, 7, true));
    world.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal });
    assert_eq!(world.report().await, ended(5, PlayEnd::LegEnded));
    assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause: Cause::Normal });
}

#[tokio::test]
async fn a_number_that_is_withheld_is_withheld_from_the_network_too() {
    let mut world = World::start().await;
    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    world.report().await;
    world.switch.execute(SwitchCommand::Dial {
        leg: LegId(2),
        to: Endpoint::Device(device()),
        caller: PhoneNumber::withheld(),
        contact: ContactId(1),
        auto_answer: false,
    });
    let invite = tokio::select! {
        invite = agent.receive("INVITE ") => invite,
        report = world.switch.report() => panic!("{report:?}"),
    };
    assert!(header(&invite, "From").contains("sip:anonymous@"));
    assert_eq!(header(&invite, "Privacy"), "id");
}

#[tokio::test]
async fn a_leg_that_stands_takes_one_call_after_the_other_and_brings_silence_in_between() {
    let mut world = World::start().await;
    let mut agent = Phone::new(&world, "8001").await;
    agent.register("8001", 600).await;
    world.report().await;
    let standing = LegId(2);
    world.switch.execute(SwitchCommand::Dial {
        leg: standing,
        to: Endpoint::Device(device()),
        caller: PhoneNumber::parse("8001").unwrap(),
        contact: ContactId(0),
        auto_answer: true,
    });
    let invite = tokio::select! {
        invite = agent.receive("INVITE ") => invite,
        report = world.switch.report() => panic!("{report:?}"),
    };
    let sdp = agent.sdp("");
    agent.reply(&invite, 200, &sdp).await;
    assert_eq!(world.report().await, SwitchReport::Answered { leg: standing });
    agent.receive("ACK ").await;

    let mut next = 0;
    let mut play = |clips: Vec<Clip>, looped| {
        next += 1;
        (PlayId(next), SwitchCommand::Play { leg: standing, play: PlayId(next), clips, looped })
    };
    let silence = || vec![Clip::Silence(std::time::Duration::from_secs(60))];
    for byte in [0x11, 0x22] {
        let (resting, command) = play(silence(), true);
        world.switch.execute(command);
        while agent.hear().await != [0xd5; 160] {}
        let mut caller = Phone::new(&world, "13812345678").await;
        caller.invite().await;
        let leg = world.incoming().await;
        world.switch.execute(SwitchCommand::Answer { leg });
        let media = caller.connect().await;

        world.switch.execute(SwitchCommand::StopPlay { leg: standing, play: resting });
        let (tone, command) = play(vec![Clip::Tone(Tone::Beep)], false);
        world.switch.execute(command);
        for (play, end) in [(resting, PlayEnd::Stopped), (tone, PlayEnd::Finished)] {
            let ended = SwitchReport::PlayEnded { leg: standing, play, end };
            assert_eq!(world.report().await, ended);
        }
        world.switch.execute(SwitchCommand::Bridge { a: leg, b: standing });
        for _ in 0..10 {
            caller.speak(media, byte).await;
        }
        while agent.hear().await != [byte; 160] {}
        world.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal });
        assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause: Cause::Normal });
    }
    world.switch.execute(SwitchCommand::Hangup { leg: standing, cause: Cause::Normal });
    let bye = agent.receive("BYE ").await;
    agent.reply(&bye, 200, "").await;
    let ended = SwitchReport::LegEnded { leg: standing, cause: Cause::Normal };
    assert_eq!(world.report().await, ended);
    world.assert_nothing_left().await;
}

/// Says every text as a tone of half a second, unless it is ill.
#[derive(Debug)]
struct Voice(bool);

#[async_trait::async_trait]
impl Synthesizer for Voice {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Speech, SynthesisError> {
        assert_eq!(request.text.reveal(), "您好");
        if self.0 {
            return Err(SynthesisError::Unavailable { reason: "is ill".to_owned() });
        }
        let one = |n: u32| (f64::from(n) * 0.6).sin();
        let samples = (0..4_000).map(|n| (one(n) * 9_000.0) as i16);
        let bytes: Vec<u8> = samples.flat_map(i16::to_be_bytes).collect();
        Ok(Speech::new(request.format, bytes).unwrap())
    }
}

#[tokio::test]
async fn a_text_is_said_by_a_synthesizer_and_a_recorded_prompt_speaks_for_one_that_fails() {
    for (synthesizer, least, most) in
        [(Some(Voice(false)), 18, 26), (Some(Voice(true)), 6, 11), (None, 6, 11)]
    {
        let mut world = World::start().await;
        if let Some(voice) = synthesizer {
            world.switch = world.switch.with_synthesizer(Arc::new(voice));
        }
        let mut caller = Phone::new(&world, "13812345678").await;
        caller.invite().await;
        let leg = world.incoming().await;
        world.switch.execute(SwitchCommand::Answer { leg });
        caller.connect().await;
        let text = Clip::Text {
            text: Spoken::new("您好"),
            language: "zh-CN".to_owned(),
            or: vec!["hello".to_owned()],
        };
        let play = PlayId(1);
        let (clips, looped) = (vec![text], false);
        world.switch.execute(SwitchCommand::Play { leg, play, clips, looped });
        let mut loud = 0;
        let ended = loop {
            tokio::select! {
                report = world.report() => break report,
                packet = caller.hear() => {
                    loud += usize::from(encoded_dbfs(Codec::Pcma, &packet) > -40.0);
                }
            }
        };
        assert_eq!(ended, SwitchReport::PlayEnded { leg, play, end: PlayEnd::Finished });
        // The last packets may still be under way.
        assert!((least..=most).contains(&loud), "{loud} packets, not {least} to {most}");
    }
}
