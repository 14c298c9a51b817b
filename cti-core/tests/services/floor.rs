//! The centre that the scenarios play in: three agents, five phones, one queue, one trunk.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{
        AgentConfig, CenterConfig, Destination, Feature, NumberConfig, OutsideConfig,
        PromptsConfig, QueueConfig, SeatConfig, TimesConfig,
    },
    flow::FlowEffect,
    id::LegId,
    needs::{Medium, Needs},
    switch::Clip,
    target::Target,
    testkit::{ScriptedFlows, SimpleRouter, World, run},
    time::Timestamp,
};

/// Everyone at work: a citizen talks with agent 8001 in call 1 since 00:10; legs 1 and 2 are theirs.
pub(crate) const TALK: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:00 phone 8004 registers
    00:01 agent 8001 signs in at A1
    00:01 agent 8001 is ready
    00:05 citizen 13812341234 dials 12345
    00:07 phone 8001 answers
    00:08 agent 8002 signs in at A2
    00:08 agent 8002 is ready
    00:08 agent 8003 signs in at A3
    00:10
";

/// Opens the centre.
pub(crate) fn world() -> World {
    ringing(0, Duration::ZERO)
}

/// Opens the centre; so many agents beside the first one are rung for a caller, one after each `step`.
pub(crate) fn ringing(more: usize, step: Duration) -> World {
    let router = SimpleRouter::default().ringing(more, step);
    World::new(center_of(router), Timestamp::from_secs(1_000_000))
}

/// Opens the centre and lets the talk of [`TALK`] begin.
pub(crate) fn talking() -> World {
    let mut world = world();
    run(&mut world, TALK).unwrap();
    world
}

/// Plays what happens after [`TALK`], whose end is the zero of its times, and returns the trace.
pub(crate) fn after_talk(script: &str) -> String {
    play(&mut talking(), script)
}

/// Plays a scenario and returns its trace.
pub(crate) fn play(world: &mut World, script: &str) -> String {
    run(world, script).unwrap()
}

/// Plays a scenario whose last line is refused, and returns why.
pub(crate) fn refused(world: &mut World, script: &str) -> String {
    run(world, script).unwrap_err().reason
}

/// Returns whom a leg hears, as numbers.
pub(crate) fn hears(world: &World, leg: u64) -> Vec<u64> {
    (1..40).filter(|other| world.switch.hears(LegId(leg), LegId(*other))).collect()
}

pub(crate) fn config() -> CenterConfig {
    let number = |number: &str, to: Destination| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    CenterConfig {
        agents: ["8001", "8002", "8003"]
            .map(|name| AgentConfig {
                id: name.parse().unwrap(),
                name: name.to_owned(),
                announced_number: name.to_owned(),
                queues: vec!["general".parse().unwrap()],
                capacity: [(Medium::Chat, 2)].into(),
            })
            .to_vec(),
        seats: (1..=5)
            .map(|n| SeatConfig {
                id: format!("A{n}").parse().unwrap(),
                device: format!("800{n}").parse().unwrap(),
                pickup_group: Some("desk".to_owned()),
            })
            .collect(),
        devices: Vec::new(),
        queues: vec![QueueConfig {
            id: "general".parse().unwrap(),
            name: "综合".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![
            number("12345", Destination::Queue("general".parse().unwrap())),
            number("12346", Destination::Flow("menu".parse().unwrap())),
            number(
                "12347",
                Destination::Program {
                    program: "crm".to_owned(),
                    within: Duration::from_secs(3),
                    otherwise: Target::Queue("general".parse().unwrap()),
                },
            ),
            number(
                "8100",
                Destination::Devices {
                    steps: vec![
                        vec!["8002".parse().unwrap(), "8003".parse().unwrap()],
                        vec!["8004".parse().unwrap()],
                    ],
                    ring_for: Duration::from_secs(10),
                    shared: true,
                },
            ),
            number("8201", Destination::Device("8004".parse().unwrap())),
            number("8202", Destination::Device("8004".parse().unwrap())),
            number("*8", Destination::Feature(Feature::GroupPickup)),
            number("*6", Destination::Feature(Feature::Unpark)),
            number("*72", Destination::Feature(Feature::Forward)),
            number("*70", Destination::Feature(Feature::OffHook)),
            number("*78", Destination::Feature(Feature::DoNotDisturb(true))),
        ],
        outside: vec![OutsideConfig {
            access: "9".to_owned(),
            prefix: "1".to_owned(),
            trunk: "city".parse().unwrap(),
            show: PhoneNumber::parse("12345").unwrap(),
        }],
        times: TimesConfig {
            overlong_not_ready: Some(Duration::from_secs(600)),
            ..TimesConfig::default()
        },
        prompts: PromptsConfig { agent_number_suffix: None, ..PromptsConfig::default() },
        ..CenterConfig::default()
    }
}

pub(crate) fn center() -> Center {
    center_of(SimpleRouter::default())
}

fn center_of(router: SimpleRouter) -> Center {
    let clip = |prompt: &str| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped: false,
    };
    let flows = ScriptedFlows::default()
        .flow(
            "menu",
            vec![
                FlowEffect::Answer,
                clip("greeting"),
                FlowEffect::Enqueue {
                    queue: "general".parse().unwrap(),
                    priority: 0,
                    needs: Needs::default(),
                },
                clip("good-bye"),
            ],
        )
        .flow("survey", vec![clip("survey"), FlowEffect::End]);
    Center::new(config(), Box::new(router), Box::new(flows)).unwrap()
}
