//! Where a call leads by the trunk that it comes by: the most particular entry decides.

use cti_core::{
    address::PhoneNumber,
    center::Center,
    config::{CenterConfig, Destination, NumberConfig, TrunkPlan},
    event::Fact,
    flow::FlowEffect,
    numbers::NumberingConfig,
    switch::{Origin, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter, World},
    time::Timestamp,
};

use super::floor;

fn flow(name: &str) -> Destination {
    Destination::Flow(name.parse().unwrap())
}

fn number(number: &str, to: Destination) -> NumberConfig {
    NumberConfig { number: PhoneNumber::parse(number).unwrap(), name: number.to_owned(), to }
}

fn plan(trunk: &str, numbers: Vec<NumberConfig>, others: Option<Destination>) -> TrunkPlan {
    TrunkPlan { trunk: trunk.parse().unwrap(), numbers, others }
}

fn config() -> CenterConfig {
    let queue = || Destination::Queue("general".parse().unwrap());
    CenterConfig {
        numbers: vec![
            number("12345", flow("all")),
            number("82340000", flow("all")),
            number("8201", Destination::Device("8004".parse().unwrap())),
        ],
        trunks: vec![
            plan("west", vec![number("12345", flow("west-12345"))], Some(flow("west"))),
            plan("east", vec![number("82340000", flow("east-hall")), number("99", queue())], None),
            plan("hall", Vec::new(), Some(queue())),
        ],
        numbering: Some(NumberingConfig { area: "0531".to_owned(), ..NumberingConfig::default() }),
        ..floor::config()
    }
}

/// Returns where a call leads: the flow, the queue, or that it is refused.
fn leads(trunk: &str, called: &str) -> String {
    let flows = ["all", "west", "west-12345", "east-hall"];
    let flows = flows
        .iter()
        .fold(ScriptedFlows::default(), |flows, name| flows.flow(name, vec![FlowEffect::Answer]));
    let center = Center::new(config(), Box::new(SimpleRouter::default()), Box::new(flows)).unwrap();
    let mut world = World::new(center, Timestamp::from_secs(1_000_000));
    let leg = world.switch.incoming(None);
    world.report(SwitchReport::Incoming {
        leg,
        origin: Origin::Trunk(trunk.parse().unwrap()),
        caller: PhoneNumber::parse("13812341234").unwrap(),
        called: PhoneNumber::parse(called).unwrap(),
        network_id: leg.to_string(),
    });
    let found = world.events.iter().find_map(|event| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "other facts lead nowhere")]
        match &event.fact {
            Fact::FlowStarted { flow, .. } => Some(flow.to_string()),
            Fact::Queued { queue, .. } => Some(format!("queue {queue}")),
            Fact::CallEnded { cause, .. } => Some(format!("refused: {cause}")),
            _ => None,
        }
    });
    found.unwrap()
}

#[test]
fn a_number_of_the_trunk_goes_before_its_other_calls_and_both_before_the_number_of_all_trunks() {
    for (trunk, called, to) in [
        // A trunk that is not spoken of: the numbers of all.
        ("city", "12345", "all"),
        ("city", "77777", "refused: unknown number"),
        ("city", "8201", "refused: forbidden"),
        // A trunk with numbers of its own and a place for all other calls.
        ("west", "12345", "west-12345"),
        ("west", "82340000", "west"),
        ("west", "77777", "west"),
        ("west", "8201", "west"),
        // A trunk with numbers of its own only, one of them in another spelling.
        ("east", "82340000", "east-hall"),
        ("east", "053182340000", "east-hall"),
        ("east", "99", "queue general"),
        ("east", "12345", "all"),
        ("east", "77777", "refused: unknown number"),
        // A trunk whose calls all lead to one place.
        ("hall", "12345", "queue general"),
    ] {
        assert_eq!(leads(trunk, called), to, "{called} by {trunk}");
    }
}

#[test]
fn a_trunk_is_listed_once_leads_to_what_is_there_and_to_no_device() {
    let wrong =
        |trunks| CenterConfig { trunks, ..floor::config() }.check().unwrap_err().to_string();
    let twice = wrong(vec![plan("west", vec![], Some(flow("a"))), plan("west", vec![], None)]);
    assert_eq!(twice, "trunks: west is listed twice");
    let same = vec![number("12345", flow("a")), number("12345", flow("b"))];
    assert_eq!(wrong(vec![plan("west", same, None)]), "a trunk's numbers: 12345 is listed twice");
    let nowhere = Destination::Queue("nowhere".parse().unwrap());
    let nowhere = wrong(vec![plan("west", vec![], Some(nowhere))]);
    assert_eq!(nowhere, "number west: there is no queue named nowhere");
    let device = Destination::Device("8004".parse().unwrap());
    let device = wrong(vec![plan("west", vec![number("8201", device)], None)]);
    assert!(device.starts_with("trunk west: 8201: must lead to a flow, a queue"), "{device}");
}
