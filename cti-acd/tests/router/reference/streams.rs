//! Random centres, and how they live.

use std::time::Duration;

use cti_acd::config::{
    AcdConfig, AgeStep, Ageing, AgentProfile, Between, Membership, MissRules, QueueRules,
    Relaxation,
};
use cti_core::{
    address::PhoneNumber,
    agent::{AgentState, NotReadyReason},
    cause::Cause,
    event::{CallKind, Fact},
    id::{CallId, ContactId, LegId},
    needs::{Medium, Needs, Wanted, WantedFor},
    router::Router,
    switch::Origin,
};

use crate::centre::{Centre, Doing, agent, device_of, queue};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let sides = from.len() as u64;
        (sides > 0).then(|| from[self.roll(sides) as usize].clone())
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn config(dice: &mut Dice) -> AcdConfig {
    let rules = |name, change: &dyn Fn(&mut QueueRules)| {
        let mut rules = QueueRules::new(queue(name));
        change(&mut rules);
        rules
    };
    let step = |after, change: &dyn Fn(&mut Relaxation)| {
        let mut step = Relaxation { after: seconds(after), ..Relaxation::default() };
        change(&mut step);
        step
    };
    let queues = vec![
        rules("a", &|it| {
            it.max_wait = Some(seconds(90));
            it.weight = 3;
            it.relax = vec![
                step(20, &|it| it.levels_down = 3),
                step(40, &|it| it.queues = vec![queue("b"), queue("e")]),
                step(60, &|it| (it.any_skill, it.any_language) = (true, true)),
            ];
        }),
        rules("b", &|it| {
            it.strategy = "fewest_calls".to_owned();
            it.max_length = Some(4);
            it.nobody_staffed_after = Duration::ZERO;
        }),
        rules("c", &|it| {
            it.strategy = "longest_average_idle".to_owned();
            it.max_wait = Some(seconds(60));
            it.max_length = Some(6);
            it.nobody_staffed_after = seconds(10);
            it.ageing = Ageing::Linear { worth: seconds(7) };
            it.head_start = seconds(5);
        }),
        rules("d", &|it| {
            it.strategy = "highest_skill".to_owned();
            it.max_length = Some(0);
        }),
        rules("e", &|it| {
            it.strategy = "round_robin".to_owned();
            it.sites = vec!["north".to_owned()];
            it.lift_after = Some(seconds(45));
            it.relax = vec![
                step(25, &|it| (it.any_site, it.any_region) = (true, true)),
                step(30, &|it| it.raise_to = Some(9)),
                step(70, &|it| it.move_to = Some(queue("a"))),
            ];
        }),
        rules("f", &|it| {
            it.strategy = "top_down".to_owned();
            it.refuse_unstaffed = true;
            it.max_wait = Some(seconds(120));
            it.ageing = Ageing::Steps {
                steps: vec![
                    AgeStep { after: seconds(15), up: 2 },
                    AgeStep { after: seconds(50), up: 200 },
                ],
            };
        }),
        rules("g", &|it| {
            // One at a time, so that the plain model can follow.
            it.strategy = "ring_progressively".to_owned();
            it.ring_at_most = 1;
            it.max_wait = Some(seconds(100));
        }),
    ];
    let agents = (0..9)
        .map(|number: u16| {
            let mut profile = AgentProfile::new(agent(&(8001 + number).to_string()));
            for skill in ["english", "law"] {
                let level = dice.roll(12);
                if level > 0 {
                    profile.skills.insert(skill.parse().unwrap(), level.min(10) as u8);
                }
            }
            if dice.roll(2) == 0 {
                profile.regions = vec!["east".parse().unwrap()];
            }
            profile.site =
                dice.pick(&[None, Some("north".to_owned()), Some("south".to_owned())]).unwrap();
            for rules in &queues {
                let (tier, rank) = (1 + dice.roll(2) as u8, 1 + dice.roll(3) as u8);
                profile
                    .queues
                    .insert(rules.queue.clone(), Membership { tier, position: number, rank });
            }
            profile
        })
        .collect();
    let misses = MissRules {
        after_no_answer: seconds(8),
        after_reject: seconds(3),
        max_misses: 3,
        pause: seconds(60),
        ..MissRules::default()
    };
    let between = dice.pick(&Between::ALL).unwrap();
    AcdConfig { queues, agents, between, misses, scripts: Vec::new() }
}

fn needs(dice: &mut Dice) -> Needs {
    let mut needs = Needs::default();
    match dice.roll(12) {
        0 | 1 => drop(needs.skills.insert("english".parse().unwrap(), 1 + dice.roll(10) as u8)),
        2 => {
            needs.skills.insert("english".parse().unwrap(), 1 + dice.roll(6) as u8);
            needs.skills.insert("law".parse().unwrap(), 1 + dice.roll(6) as u8);
        }
        3 => needs.language = Some("english".parse().unwrap()),
        4 => needs.region = Some("west".parse().unwrap()),
        5 => needs.medium = Medium::Chat,
        6 => {
            let only_for = dice.pick(&[None, Some(seconds(10)), Some(seconds(30))]).unwrap();
            let agent = agent(&(8001 + dice.roll(9)).to_string());
            needs.agent = Some(Wanted { agent, because: WantedFor::Last, only_for });
        }
        _ => {}
    }
    needs
}

/// One step of a random centre; a step that is not possible just now is none.
pub(crate) fn step(
    dice: &mut Dice,
    centre: &mut Centre,
    acd: &mut dyn Router,
    direct_calls: &mut Vec<ContactId>,
) {
    let agents: Vec<_> = (8001..8010).map(|id| agent(&id.to_string())).collect();
    let queues = ["a", "b", "c", "d", "e", "f", "g"].map(queue);
    let someone = dice.pick(&agents).unwrap();
    let state = centre.agents.get(&someone).cloned().unwrap_or(AgentState::SignedOut);
    let live: Vec<_> = centre
        .contacts
        .iter()
        .filter(|(_, (_, doing))| *doing != Doing::Gone)
        .map(|(id, (_, doing))| (*id, doing.clone()))
        .collect();
    let rung: Vec<_> =
        live.iter().filter(|(_, doing)| matches!(doing, Doing::Rung(_))).cloned().collect();
    let talking: Vec<_> =
        live.iter().filter(|(_, doing)| matches!(doing, Doing::Talking(_))).cloned().collect();
    let waiting: Vec<_> =
        live.iter().filter(|(_, doing)| *doing == Doing::Waiting).cloned().collect();
    let rests = matches!(
        state,
        AgentState::Ready | AgentState::NotReady { .. } | AgentState::AfterCallWork
    );
    let is_rung = rung.iter().any(|(_, doing)| *doing == Doing::Rung(someone.clone()));
    match dice.roll(23) {
        0..=3 => centre.now += Duration::from_millis(dice.roll(15_000)),
        4..=7 => {
            let queue = dice.pick(&queues).unwrap();
            let priority = dice.pick(&[0, 0, 0, 1, 5]).unwrap();
            let needs = needs(dice);
            centre.arrive_with(acd, &queue, priority, needs);
        }
        8 | 9 if rests => centre.ready(acd, &someone),
        10 if rests => centre.not_ready(acd, &someone, "break"),
        11 if rests && !is_rung => centre.sign_out(acd, &someone),
        11 | 12 if state == AgentState::SignedOut => {
            let mut queues = queues.to_vec();
            queues.retain(|_| dice.roll(3) > 0);
            let room = [(Medium::Chat, dice.roll(3) as u8)].into();
            centre.capacity.insert(someone.clone(), room);
            centre.sign_in(acd, &someone, &queues);
        }
        13 => centre.device(acd, &someone, dice.roll(4) > 0),
        14 | 15 => {
            if let Some((contact, _)) = dice.pick(&rung) {
                centre.answer(acd, contact);
            }
        }
        16 => {
            if let Some((contact, _)) = dice.pick(&rung) {
                centre.miss(acd, contact, NotReadyReason::NoAnswer);
            }
        }
        17 => {
            if let Some((contact, _)) = dice.pick(&live) {
                centre.abandon(acd, contact);
            }
        }
        18 => {
            if let Some((contact, _)) = dice.pick(&talking) {
                let then = [AgentState::Ready, AgentState::AfterCallWork];
                centre.hang_up(acd, contact, dice.pick(&then).unwrap());
            }
        }
        19 => {
            if let Some((contact, _)) = dice.pick(&waiting) {
                let priority = dice.roll(12) as u8;
                centre.set_priority(acd, contact, priority);
            }
        }
        20 => {
            if let Some((contact, _)) = dice.pick(&waiting)
                && dice.roll(3) == 0
            {
                let agent = (dice.roll(3) > 0).then(|| someone.clone());
                centre.assign(acd, contact, agent);
            }
        }
        22 if state != AgentState::SignedOut => {
            let mut queues = queues.to_vec();
            queues.retain(|_| dice.roll(3) > 0);
            let room = [(Medium::Chat, dice.roll(3) as u8)].into();
            centre.duties(acd, &someone, &queues, room);
        }
        21 => match direct_calls.pop() {
            Some(contact) if dice.roll(2) == 0 => {
                let call = CallId(contact.0);
                centre.fact(acd, Fact::CallEnded { call, contact, cause: Cause::Normal });
            }
            kept => {
                direct_calls.extend(kept);
                let id = 1_000_000 + centre.log.len() as u64;
                direct_calls.push(ContactId(id));
                let number = PhoneNumber::withheld();
                let fact = Fact::CallStarted {
                    call: CallId(id),
                    contact: ContactId(id),
                    kind: CallKind::Internal,
                    leg: LegId(id),
                    origin: Origin::Device(device_of(&someone)),
                    caller: number.clone(),
                    called: number,
                    network_id: String::new(),
                    by: None,
                    consults: None,
                };
                centre.fact(acd, fact);
            }
        },
        _ => {}
    }
}
