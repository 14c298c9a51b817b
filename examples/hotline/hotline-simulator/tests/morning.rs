//! A morning of the real centre: its flows, its calendar, its router.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{path::PathBuf, time::Duration};

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules},
};
use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, Holidays},
    center::Center,
    config::{
        AgentConfig, CenterConfig, Destination, NumberConfig, PromptsConfig, QueueConfig,
        SeatConfig,
    },
    flow::{FlowEffect, FlowEngine},
    id::{AgentId, DeviceId, FlowId, QueueId, SeatId},
    router::OverflowReason,
    testkit::ScriptedFlows,
};
use cti_ivr::{engine::Engine, flow::FlowSet};
use hotline_simulator::{
    SimulationConfig, SimulationError, Spread, Summary, Surroundings, simulate,
};

fn hotline(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

fn config(flow: &str, agents: u32, waiting_flow: bool) -> CenterConfig {
    let numbers = 8001..8001 + agents;
    let queue_config = |name: &str| QueueConfig {
        id: queue(name),
        name: name.to_owned(),
        waiting_flow: waiting_flow.then(|| FlowId::new(&format!("queue-{name}")).unwrap()),
        whisper_flow: None,
        after_call_flow: None,
        ring_for: Duration::from_secs(15),
        after_call_work: if waiting_flow { Duration::from_secs(20) } else { Duration::ZERO },
    };
    CenterConfig {
        agents: numbers
            .clone()
            .map(|number| AgentConfig {
                id: AgentId::new(&number.to_string()).unwrap(),
                name: String::new(),
                announced_number: number.to_string(),
                queues: vec![queue("general"), queue("night")],
                capacity: Default::default(),
            })
            .collect(),
        seats: numbers
            .map(|number| SeatConfig {
                id: SeatId::new(&format!("A{number}")).unwrap(),
                device: DeviceId::new(&number.to_string()).unwrap(),
                pickup_group: None,
            })
            .collect(),
        queues: vec![queue_config("general"), queue_config("night")],
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345").unwrap(),
            name: "12345".to_owned(),
            to: Destination::Flow(FlowId::new(flow).unwrap()),
        }],
        prompts: PromptsConfig::default(),
        ..CenterConfig::default()
    }
}

fn router() -> Box<Acd> {
    let mut general = QueueRules::new(queue("general"));
    general.max_wait = Some(Duration::from_secs(180));
    general.max_length = Some(30);
    Box::new(Acd::new(AcdConfig { queues: vec![general], ..AcdConfig::default() }).unwrap())
}

fn real_flows() -> Box<dyn FlowEngine> {
    let read = |path: &str| std::fs::read_to_string(hotline(path)).unwrap();
    let holidays =
        Holidays::parse("holidays-cn.json", &read("config/calendar/holidays-cn.json")).unwrap();
    let calendars =
        Calendars::parse("schedules.json", &read("config/calendar/schedules.json"), holidays)
            .unwrap();
    let flows = FlowSet::load(&hotline("flows")).unwrap();
    Box::new(Engine::new(flows, calendars).unwrap())
}

fn morning(simulation: &SimulationConfig) -> Result<Summary, SimulationError> {
    let center = Center::new(config("hotline-12345", 16, true), router(), real_flows()).unwrap();
    simulate(simulation, center, Surroundings::default())
}

#[test]
fn everybody_who_called_on_a_morning_is_accounted_for() {
    let summary = morning(&SimulationConfig::default()).unwrap();
    let total = &summary.total;
    assert!(total.is_conserved(), "{summary}");
    assert!(summary.hours.iter().all(|hour| hour.is_conserved()), "{summary}");
    assert!((500..700).contains(&total.arrivals), "{summary}");
    assert!(total.answered > total.arrivals * 8 / 10, "{summary}");
    assert_eq!(summary.agents.len(), 12);
    let answered: u64 = summary.agents.values().map(|agent| agent.answered).sum();
    assert_eq!(answered, total.answered, "{summary}");
    println!("{summary}");
}

#[test]
fn ten_thousand_sessions_run_at_once_and_no_caller_is_lost() {
    let from = SimulationConfig::default().from;
    let rush = SimulationConfig {
        to: from + Duration::from_secs(80),
        calls_per_hour: vec![700_000.0],
        ..SimulationConfig::default()
    };
    let center = Center::new(config("gjj-12329", 16, true), router(), real_flows()).unwrap();
    let summary = simulate(&rush, center, Surroundings::default()).unwrap();
    assert!(summary.most_sessions >= 10_000, "{summary}");
    assert!(summary.total.is_conserved(), "{summary}");
}

#[test]
fn the_same_seed_gives_the_same_morning_and_another_seed_another_one() {
    let of = |seed| {
        morning(&SimulationConfig { seed, ..SimulationConfig::default() }).unwrap().to_string()
    };
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}

#[test]
fn too_few_agents_send_callers_to_the_message_box_and_nobody_is_lost() {
    let few = SimulationConfig { agents: 4, ..SimulationConfig::default() };
    let summary = morning(&few).unwrap();
    let total = &summary.total;
    assert!(total.is_conserved(), "{summary}");
    assert!(total.overflowed[&OverflowReason::WaitedTooLong] > 20, "{summary}");
    assert!(total.left > 0 && total.messages > total.left, "{summary}");
    assert!(total.service_level().unwrap() < 0.3, "{summary}");
    assert!(summary.occupancy().unwrap() > 0.9, "{summary}");
}

#[test]
fn a_morning_without_agents_is_sent_on_as_nobody_staffed() {
    let nobody = SimulationConfig { agents: 0, ..SimulationConfig::default() };
    let summary = morning(&nobody).unwrap();
    assert!(summary.total.is_conserved(), "{summary}");
    assert_eq!(summary.total.answered, 0);
    assert!(summary.total.overflowed[&OverflowReason::NobodyStaffed] > 500, "{summary}");
    assert!(summary.total.messages > 300, "{summary}");
}

#[test]
fn more_agents_than_the_centre_has_are_refused() {
    let many = SimulationConfig { agents: 17, ..SimulationConfig::default() };
    assert_eq!(morning(&many), Err(SimulationError::TooFew { agents: 16, seats: 16 }));
}

/// With Poisson arrivals, exponential talks, no impatience and nothing else, the mean wait is Erlang's (1917).
#[test]
fn waits_agree_with_erlang_c_where_its_assumptions_hold() {
    let flows = ScriptedFlows::default().flow(
        "queue-only",
        vec![
            FlowEffect::Answer,
            FlowEffect::Enqueue {
                queue: queue("general"),
                priority: 0,
                needs: cti_core::needs::Needs::default(),
            },
        ],
    );
    let (agents, talk, per_hour) = (5u32, 180.0, 80.0);
    let router = Box::new(Acd::new(AcdConfig::default()).unwrap());
    let center = Center::new(config("queue-only", agents, false), router, Box::new(flows)).unwrap();
    let from = SimulationConfig::default().from;
    let simulation = SimulationConfig {
        to: from + Duration::from_secs(250 * 3600),
        agents: 5,
        calls_per_hour: vec![per_hour],
        patience: Spread::Fixed { seconds: 86_400.0 },
        talk: Spread::Exponential { mean: talk },
        pick_up: Spread::Fixed { seconds: 0.0 },
        missed_percent: 0.0,
        star_percent: 0.0,
        ..SimulationConfig::default()
    };
    let summary = simulate(&simulation, center, Surroundings::default()).unwrap();
    assert!(summary.total.is_conserved(), "{summary}");
    assert!(summary.total.arrivals > 19_000, "{summary}");

    let load = per_hour * talk / 3600.0;
    let term = |k: u32| (1..=k).fold(1.0, |product, i| product * load / f64::from(i));
    let servers = f64::from(agents);
    let queue_term = term(agents) * servers / (servers - load);
    let waits = queue_term / ((0..agents).map(term).sum::<f64>() + queue_term);
    let expected = waits * talk / (servers - load);
    let measured = summary.total.average_wait().unwrap().as_secs_f64();
    // Waits of successive callers depend on each other; ten per cent is some three standard errors here.
    assert!((measured / expected - 1.0).abs() < 0.1, "{measured} s, Erlang C says {expected} s");
    println!("mean wait {measured:.1} s, Erlang C says {expected:.1} s");
}
