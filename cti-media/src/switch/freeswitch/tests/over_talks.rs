//! Bridges, conferences with relations, and what is played over them.

use cti_core::{
    id::{CallId, LegId, PlayId},
    switch::{Clip, Hearing, PlayEnd, Switch as _, SwitchCommand, SwitchReport, Tone},
};

use super::world::World;

fn hearing(leg: LegId, from: &[LegId]) -> Hearing {
    Hearing { leg, from: from.to_vec() }
}

#[tokio::test]
async fn a_supervisor_listens_whispers_and_barges_in() {
    let mut world = World::start().await;
    let (caller, citizen) = world.caller().await;
    let (agent, supervisor) = (LegId(2), LegId(4));
    let at_agent = world.answering_device(agent).await;
    let at_supervisor = world.answering_device(supervisor).await;
    let mix = |hears: Vec<Hearing>| SwitchCommand::Mix { mix: CallId(1), hears };
    let names = [citizen.clone(), at_agent.clone(), at_supervisor.clone()];
    let heard = move |model: &super::model::Model| -> Vec<(usize, usize)> {
        let pairs = (0..3).flat_map(|a| (0..3).map(move |b| (a, b)));
        pairs.filter(|(a, b)| a != b && model.hears(&names[*a], &names[*b])).collect()
    };

    world.switch.execute(mix(vec![
        hearing(caller, &[agent]),
        hearing(agent, &[caller]),
        hearing(supervisor, &[caller, agent]),
    ]));
    world.until(|model| heard(model) == [(0, 1), (1, 0), (2, 0), (2, 1)]).await;

    world.switch.execute(mix(vec![
        hearing(caller, &[agent]),
        hearing(agent, &[caller, supervisor]),
        hearing(supervisor, &[caller, agent]),
    ]));
    world.until(|model| heard(model) == [(0, 1), (1, 0), (1, 2), (2, 0), (2, 1)]).await;

    world.switch.execute(mix(vec![
        hearing(caller, &[agent, supervisor]),
        hearing(agent, &[caller, supervisor]),
        hearing(supervisor, &[caller, agent]),
    ]));
    world.until(|model| heard(model).len() == 6).await;

    world.switch.execute(mix(Vec::new()));
    world.until(|model| heard(model).is_empty()).await;
}

#[tokio::test]
async fn who_whispers_is_not_heard_by_the_caller_when_the_connection_was_lost_in_between() {
    let mut world = World::start().await;
    let (caller, citizen) = world.caller().await;
    let (agent, supervisor) = (LegId(2), LegId(4));
    let at_agent = world.answering_device(agent).await;
    let at_supervisor = world.answering_device(supervisor).await;
    let talk = SwitchCommand::Mix {
        mix: CallId(1),
        hears: vec![hearing(caller, &[agent]), hearing(agent, &[caller])],
    };
    world.switch.execute(talk);
    world.until(|model| model.hears(&citizen, &at_agent)).await;

    world.model.goes_away();
    world.is_connected_no_more().await;
    let whisper = SwitchCommand::Mix {
        mix: CallId(1),
        hears: vec![
            hearing(caller, &[agent]),
            hearing(agent, &[caller, supervisor]),
            hearing(supervisor, &[caller, agent]),
        ],
    };
    world.switch.execute(whisper);
    world.model.is_back();
    world
        .until(|model| {
            model.hears(&at_agent, &at_supervisor)
                && model.hears(&at_supervisor, &citizen)
                && model.hears(&citizen, &at_agent)
                && !model.hears(&citizen, &at_supervisor)
        })
        .await;
}

#[tokio::test]
async fn what_is_played_over_a_talk_leaves_the_talk_as_it_is_and_ends_once() {
    let mut world = World::start().await;
    let (caller, citizen) = world.caller().await;
    let agent = LegId(2);
    let at_agent = world.answering_device(agent).await;
    world.switch.execute(SwitchCommand::Bridge { a: caller, b: agent });
    world.until(|model| model.hears(&citizen, &at_agent) && model.hears(&at_agent, &citizen)).await;

    let play = PlayId(7);
    let clips = vec![Clip::Tone(Tone::Beep), Clip::Prompt("zh-CN/notice".to_owned())];
    world.switch.execute(SwitchCommand::Play { leg: caller, play, clips, looped: false });
    let told = "api uuid_displace citizen-1 start \
        file_string://tone_stream://%(200,0,450)!/prompts/zh-CN/notice.wav 0 m";
    world.until(|model| model.was_told(told)).await;
    assert!(world.model.hears(&citizen, &at_agent));
    let ended = |play, end| SwitchReport::PlayEnded { leg: caller, play, end };
    assert_eq!(world.report().await, ended(play, PlayEnd::Finished));

    let (play, clips) = (PlayId(8), vec![Clip::Prompt("music/hold".to_owned())]);
    world.switch.execute(SwitchCommand::Play { leg: caller, play, clips, looped: true });
    world
        .until(|model| {
            model.was_told("api uuid_displace citizen-1 start /prompts/music/hold.wav 0 ml")
        })
        .await;
    world.switch.execute(SwitchCommand::Unbridge { a: caller, b: agent });
    assert_eq!(world.report().await, ended(play, PlayEnd::Stopped));
    world.until(|model| !model.hears(&citizen, &at_agent)).await;
}

#[tokio::test]
async fn a_clip_that_is_not_there_or_could_be_read_as_a_command_fails_its_playing() {
    let mut world = World::start().await;
    let (leg, _) = world.caller().await;
    for (number, clip) in [
        Clip::Prompt("../../etc/passwd".to_owned()),
        Clip::Prompt("a\napi shutdown".to_owned()),
        Clip::Recording(cti_core::id::RecordingId(404)),
    ]
    .into_iter()
    .enumerate()
    {
        let play = PlayId(number as u64);
        world.switch.execute(SwitchCommand::Play { leg, play, clips: vec![clip], looped: false });
        let end = PlayEnd::Failed;
        assert_eq!(world.report().await, SwitchReport::PlayEnded { leg, play, end });
    }
}
