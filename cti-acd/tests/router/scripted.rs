//! Strategies that an administrator writes: what they decide, and what happens when they fail.

use cti_acd::{
    Acd,
    config::{AcdConfig, QueueRules, ScriptSource},
};
use cti_core::{
    agent::AgentState,
    id::ContactId,
    router::{Proposal, Router as _},
};

use crate::{
    centre::{Centre, agent, queue},
    reference::streams::{self, Dice},
    rules::{shown, staff},
};

fn config(source: &str) -> AcdConfig {
    let mut general = QueueRules::new(queue("general"));
    general.strategy = "ours".to_owned();
    let script = ScriptSource { name: "ours".to_owned(), source: source.to_owned() };
    AcdConfig { queues: vec![general], scripts: vec![script], ..AcdConfig::default() }
}

fn offers(centre: &mut Centre, acd: &mut Acd) -> String {
    shown(&centre.settle(acd))
}

#[test]
fn contacts_lie_in_the_order_of_their_keys() {
    let mut acd =
        Acd::new(config("fn contact_key(c) { c.since_ms - c.priority * 30000 }")).unwrap();
    let mut centre = Centre::default();
    let mut arrive = |at, priority| {
        centre.at(at);
        centre.arrive(&mut acd, &queue("general"), priority)
    };
    let (usual, late, later) = (arrive(10, 0), arrive(39, 1), arrive(41, 1));
    assert_eq!([late, usual, later].map(|it| acd.position(it).unwrap()), [1, 2, 3]);
}

#[test]
fn agents_are_preferred_by_their_keys_and_picked_from_the_best() {
    let by_calls = "fn agent_key(a) { if a.agent == \"8002\" { 0 } else { 1 + a.calls } }";
    let mut acd = Acd::new(config(by_calls)).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    centre.arrive(&mut acd, &queue("general"), 0);
    assert_eq!(offers(&mut centre, &mut acd), "contact-1 -> 8002 (ours: 脚本 ours 决定)\n");

    let last = "fn pick(c, agents) { if c.priority > 3 { agents.len() - 1 } else { 0 } }";
    let mut acd = Acd::new(config(last)).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002", "8003"]);
    centre.arrive(&mut acd, &queue("general"), 9);
    centre.arrive(&mut acd, &queue("general"), 0);
    let made = offers(&mut centre, &mut acd);
    assert!(made.starts_with("contact-1 -> 8003") && made.contains("contact-2 -> 8001"), "{made}");
}

/// Built-in rules, and what an administrator would write instead.
const SAME: [(&str, &str); 4] = [
    ("longest_idle", "fn agent_key(a) { a.idle_since_ms }"),
    ("fewest_calls", "fn agent_key(a) { a.calls }"),
    ("top_down", "fn agent_key(a) { a.tier }"),
    ("highest_skill", "fn agent_key(a) { -((a.skill << 32) + a.all_skills) }"),
];

#[test]
fn a_rule_written_as_a_script_decides_like_the_built_in_one() {
    let mut offers = 0;
    for seed in 0..6 {
        let mut dice = Dice(seed);
        let config = streams::config(&mut dice);
        let mut written = config.clone();
        for (name, source) in SAME {
            let script = format!("our_{name}");
            written.queues.iter_mut().filter(|it| it.strategy == name).for_each(|rules| {
                rules.strategy.clone_from(&script);
            });
            written.scripts.push(ScriptSource { name: script, source: source.to_owned() });
        }
        let (mut acd, mut scripted) = (Acd::new(config).unwrap(), Acd::new(written).unwrap());
        let (mut centre, mut told, mut direct_calls) = (Centre::default(), 0, Vec::new());
        for _ in 0..1_500 {
            streams::step(&mut dice, &mut centre, &mut acd, &mut direct_calls);
            loop {
                centre.log[told..].iter().for_each(|event| scripted.apply(event));
                told = centre.log.len();
                let proposal = acd.propose(centre.now);
                match (&proposal, scripted.propose(centre.now)) {
                    (
                        Some(Proposal::Offer { contact, agent, .. }),
                        Some(Proposal::Offer { contact: other, agent: to, .. }),
                    ) => {
                        assert_eq!((contact, agent), (&other, &to), "seed {seed}");
                        offers += 1;
                    }
                    (one, other) => assert_eq!(*one, other, "seed {seed}"),
                }
                let Some(proposal) = proposal else { break };
                centre.carry_out(&mut acd, proposal);
            }
        }
    }
    assert!(offers > 300, "{offers}");
}

#[test]
fn a_failure_is_decided_by_the_built_in_rule_and_raises_one_alarm_until_it_goes_well_again() {
    // It was tried with 0 and 40 calls; one more than that it never saw.
    let source = "fn agent_key(a) { let x = 1; if a.calls == 1 { x = [1][7]; } 0 - x }";
    let mut acd = Acd::new(config(source)).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001", "8002"]);
    let serve = |centre: &mut Centre, acd: &mut Acd| {
        let contact = centre.arrive(acd, &queue("general"), 0);
        let made = centre.settle(acd);
        centre.answer(acd, contact);
        centre.hang_up(acd, contact, AgentState::Ready);
        made
    };
    for _ in 0..4 {
        let made = serve(&mut centre, &mut acd);
        assert!(made.iter().any(|it| matches!(it, Proposal::Offer { .. })), "{made:?}");
    }
    assert_eq!(centre.rule_alarms.len(), 1);
    let reason = centre.log.iter().find_map(|event| {
        let cti_core::event::Fact::AlarmRaised {
            kind: cti_core::event::AlarmKind::RuleFailed { reason, .. },
            ..
        } = &event.fact
        else {
            return None;
        };
        Some(reason.clone())
    });
    assert!(reason.unwrap().starts_with("agent_key, line 1, column"));
    for _ in 0..300 {
        serve(&mut centre, &mut acd);
    }
    assert_eq!(centre.rule_alarms.len(), 0, "it has gone well for long");
}

#[test]
fn a_script_that_keeps_failing_is_out_of_use_until_the_rules_change() {
    let source = "fn contact_key(c) { if c.since_ms < 0 || c.queue != \"general\" { 1 } else { \
                  if c.priority == 7 { [1][9] } else { c.since_ms } } }";
    let mut acd = Acd::new(config(source)).unwrap();
    let mut centre = Centre::default();
    staff(&mut centre, &mut acd, &["8001"]);
    centre.state(&mut acd, &agent("8001"), AgentState::AfterCallWork);
    for _ in 0..20 {
        centre.arrive(&mut acd, &queue("general"), 7);
    }
    assert!(offers(&mut centre, &mut acd).starts_with("ours failed: contact_key, line 1"));
    // Built-in order: by priority.
    let usual = centre.arrive(&mut acd, &queue("general"), 9);
    assert_eq!(acd.position(usual), Some(1));

    let mut other = config("fn contact_key(c) { c.since_ms }");
    other.queues[0].max_length = Some(500);
    acd.reconfigure(other).unwrap();
    assert_eq!(acd.position(usual), Some(21), "in the order they came, nobody lost");
    assert_eq!(acd.position(ContactId(1)), Some(1));
    assert!(Acd::new(config("fn contact_key(c) {")).is_err());
    assert!(acd.reconfigure(config("fn contact_key(c) {")).is_err());
    assert_eq!(acd.position(usual), Some(21), "what cannot be used changes nothing");
}
