//! What the golden logs tell of.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{
        AgentConfig, CenterConfig, Destination, Feature, NumberConfig, QueueConfig, SeatConfig,
    },
    event::Event,
    flow::FlowEffect,
    needs::Needs,
    switch::Clip,
    testkit::{ScriptedFlows, SimpleRouter, World, run},
    time::Timestamp,
};

/// A story: a name, and how it comes to its events.
pub(crate) type Story = (&'static str, fn() -> Vec<Event>);

/// All stories.
pub(crate) const ALL: [Story; 4] =
    [("day", || tell(DAY)), ("night", || tell(NIGHT)), ("talks", || tell(TALKS)), ("crash", crash)];

const DAY: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:01 agent 8001 signs in at A01
    00:02 agent 8001 is ready
    # Answered, held, hung up; after-call work runs out.
    00:10 citizen 13800000001 dials 12345
    00:20 phone 8001 answers
    00:30 phone 8001 holds
    00:40 phone 8001 retrieves
    01:20 citizen 13800000001 hangs up
    # Rings out with one agent, answered by the other, who hangs up.
    02:00 citizen 13800000002 dials 12345
    02:20 agent 8002 signs in at A02
    02:21 agent 8002 is ready
    02:30 phone 8002 answers
    03:00 phone 8002 hangs up
    03:05 agent 8002 is not ready lunch
    # Gives up in the queue.
    03:10 citizen 13800000003 dials 12345
    03:40 citizen 13800000003 hangs up
    # Leaves the queue by a key, and a message.
    04:00 citizen 13800000004 dials 12345
    04:20 citizen 13800000004 presses *
    04:40 citizen 13800000004 hangs up
    # Waits too long.
    05:00 citizen 13800000005 dials 12345
    07:30 citizen 13800000005 hangs up
    # One device calls another; a number that leads nowhere.
    08:00 phone 8001 dials 8002
    08:05 phone 8002 answers
    08:20 phone 8001 hangs up
    08:30 citizen 13800000006 dials 99999
    08:40 agent 8001 signs out
    08:41 agent 8002 signs out
    08:42 phone 8002 unregisters
";

const NIGHT: &str = "
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    # The second duty phone answers.
    00:10 citizen 13800000001 dials 12346
    00:40 phone 8003 answers
    01:40 citizen 13800000001 is lost
    # None answers: a message.
    02:00 citizen 13800000002 dials 12346
    03:20 citizen 13800000002 hangs up
    # An agent signs in by his phone; the flow of a number is missing.
    04:00 phone 8002 dials *118002
    04:10 phone 8002 dials *13
    04:20 citizen 13800000003 dials 12399
    04:40 phone 8002 dials *12
";

const TALKS: &str = "
    00:00 phone 8001 registers
    00:00 phone 8002 registers
    00:00 phone 8003 registers
    00:01 agent 8001 signs in at A01
    00:01 agent 8002 signs in at A02
    00:02 agent 8001 is ready
    # Asks a colleague, goes back and forth, brings all together; a third one listens; the first leaves.
    00:10 citizen 13800000001 dials 12345
    00:20 phone 8001 answers
    00:30 agent 8001 consults agent:8002 in call 1
    00:35 phone 8002 answers
    00:50 agent 8001 alternates call 1 with call 2
    01:00 agent 8001 alternates call 2 with call 1
    01:10 agent 8001 conferences call 1 with call 2
    01:20 phone 8003 monitors call 1
    01:40 agent 8001 leaves call 1
    02:00 citizen 13800000001 hangs up
    # Asks, and hands the citizen over.
    03:00 citizen 13800000002 dials 12345
    03:10 phone 8001 answers
    03:20 agent 8001 consults device:8003 in call 3
    03:25 phone 8003 answers
    03:40 agent 8001 transfers call 3 to call 4
    04:00 citizen 13800000002 hangs up
    # Hands on unasked; the next one puts the citizen back into the queue.
    05:00 citizen 13800000003 dials 12345
    05:10 phone 8001 answers
    05:20 agent 8001 sends call 5 to agent:8002
    05:25 phone 8002 answers
    05:40 agent 8002 requeues call 5 in general
    05:45 phone 8001 answers
    06:10 phone 8001 hangs up
    # A telephone that stands off hook talks without ringing.
    07:00 phone 8001 switches constant-off-hook on
    07:30 citizen 13800000004 dials 12345
    07:50 citizen 13800000004 hangs up
    08:20 agent 8001 signs out
    08:21 agent 8002 signs out
";

const CRASHES: &str = "
    00:00 phone 8001 registers
    00:00 agent 8001 signs in at A01
    00:01 agent 8001 is ready
    00:05 citizen 13800000001 dials 12345
    00:15 phone 8001 answers
    00:20 citizen 13800000002 dials 12345
    00:40
";

fn tell(script: &str) -> Vec<Event> {
    let mut world = World::new(center(), Timestamp::from_secs(1_700_000_000));
    run(&mut world, script).unwrap();
    world.events
}

/// The process ends in the middle of a talk, with another caller in the queue.
fn crash() -> Vec<Event> {
    let mut events = tell(CRASHES);
    let mut center = center();
    events.iter().for_each(|event| center.replay(event));
    center.start(Timestamp::from_secs(1_700_000_100), "test");
    events.extend(std::iter::from_fn(|| center.poll_event()));
    events
}

/// Returns the centre of the stories.
pub(crate) fn center() -> Center {
    let agents = ["8001", "8002"].map(|name| AgentConfig {
        id: name.parse().unwrap(),
        name: name.to_owned(),
        announced_number: name.to_owned(),
        queues: vec!["general".parse().unwrap()],
        capacity: std::collections::BTreeMap::new(),
    });
    let seats = ["1", "2", "3"].map(|n| SeatConfig {
        id: format!("A0{n}").parse().unwrap(),
        device: format!("800{n}").parse().unwrap(),
        pickup_group: None,
    });
    let number = |number: &str, to: Destination| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let config = CenterConfig {
        agents: agents.to_vec(),
        seats: seats.to_vec(),
        queues: vec![QueueConfig {
            id: "general".parse().unwrap(),
            name: "综合".to_owned(),
            waiting_flow: Some("waiting".parse().unwrap()),
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![
            number("12345", Destination::Flow("day".parse().unwrap())),
            number("12346", Destination::Flow("night".parse().unwrap())),
            number("12399", Destination::Flow("missing".parse().unwrap())),
            number("*11", Destination::Feature(Feature::SignIn)),
            number("*12", Destination::Feature(Feature::SignOut)),
            number("*13", Destination::Feature(Feature::Ready)),
        ],
        ..CenterConfig::default()
    };
    let router = SimpleRouter::with_max_wait(Duration::from_secs(120));
    Center::new(config, Box::new(router), Box::new(flows())).unwrap()
}

fn flows() -> ScriptedFlows {
    let play = |prompt: &str, looped| FlowEffect::Play {
        play: 0,
        clips: vec![Clip::Prompt(prompt.to_owned())],
        looped,
    };
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(60),
        silence: Duration::from_secs(5),
        into: None,
    };
    let (key, value) = ("district".to_owned(), "\"历下区\" & <1>".to_owned());
    let enqueue = FlowEffect::Enqueue {
        queue: "general".parse().unwrap(),
        priority: 3,
        needs: Needs::default(),
    };
    let ring = FlowEffect::RingDevices {
        devices: vec!["8002".parse().unwrap(), "8003".parse().unwrap()],
        ring_for: Duration::from_secs(20),
    };
    ScriptedFlows::default()
        .flow(
            "day",
            vec![
                FlowEffect::Answer,
                FlowEffect::SetData { key, value },
                play("greeting", false),
                enqueue,
                message.clone(),
            ],
        )
        .flow("waiting", vec![play("music", true)])
        .on_key("waiting", '*', vec![FlowEffect::LeaveQueue])
        .flow("night", vec![ring, play("leave-message", false), message])
}
