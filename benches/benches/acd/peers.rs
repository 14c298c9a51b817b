//! The same load on models of two open designs that poll, written after reading their sources; in memory, where the
//! first of them asks a database.
//!
//! - *Dispatch thread* (FreeSWITCH mod_callcenter): every 100 ms one loop sorts all waiting members by score and joins
//!   agents with tiers for each of them.
//! - *Caller threads* (Asterisk app_queue): every waiting caller wakes once a second, walks the queue to see whether it
//!   is his turn, computes a metric for every member and, where queues have weights, walks all of them to compare.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use cti_core::agent::AgentState;

use super::Centre;

const AGENTS: usize = 1_000;
const QUEUES: usize = 100;
const WAITING: usize = 10_000;
/// How many agents finish a call in a second.
const READY: usize = 500;

struct Member {
    queue: usize,
    joined: u64,
    base_score: u64,
}

struct Tier {
    agent: usize,
    level: u8,
    position: u16,
}

struct Polling {
    members: Vec<Member>,
    /// By queue.
    tiers: Vec<Vec<Tier>>,
    /// Since when each agent is ready.
    ready: Vec<Option<u64>>,
    now: u64,
    next: usize,
}

impl Polling {
    fn new() -> Self {
        let mut tiers: Vec<Vec<Tier>> = (0..QUEUES).map(|_| Vec::new()).collect();
        for agent in 0..AGENTS {
            for step in 0..super::QUEUES_EACH {
                let queue = (agent * 7 + step * 101) % QUEUES;
                tiers[queue].push(Tier { agent, level: 1, position: 1 });
            }
        }
        let mut it =
            Self { members: Vec::new(), tiers, ready: vec![None; AGENTS], now: 0, next: 0 };
        (0..WAITING).for_each(|_| it.arrive());
        it
    }

    fn arrive(&mut self) {
        self.now += 1;
        self.next += 1;
        let queue = self.next * 31 % QUEUES;
        self.members.push(Member { queue, joined: self.now, base_score: 0 });
    }

    /// One turn of the dispatch thread; returns how many were matched.
    fn dispatch(&mut self) -> usize {
        let now = self.now;
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|it| {
            let member = &self.members[*it];
            std::cmp::Reverse(now - member.joined + member.base_score)
        });
        let mut gone = Vec::new();
        for number in order {
            let queue = self.members[number].queue;
            let mut agents: Vec<(u8, u64, u16, usize)> = self.tiers[queue]
                .iter()
                .filter_map(|tier| {
                    let since = self.ready[tier.agent]?;
                    Some((tier.level, since, tier.position, tier.agent))
                })
                .collect();
            agents.sort_unstable();
            if let Some((_, _, _, agent)) = agents.first() {
                self.ready[*agent] = None;
                gone.push(number);
            }
        }
        let matched = gone.len();
        gone.sort_unstable_by(|a, b| b.cmp(a));
        for number in gone {
            self.members.remove(number);
        }
        matched
    }

    /// One wake-up of every caller; returns how many were matched.
    fn wake(&mut self) -> usize {
        let mut weights = vec![0u32; QUEUES];
        let mut gone = vec![false; self.members.len()];
        let mut queued: Vec<Vec<usize>> = (0..QUEUES).map(|_| Vec::new()).collect();
        for (number, member) in self.members.iter().enumerate() {
            queued[member.queue].push(number);
        }
        for number in 0..self.members.len() {
            let queue = self.members[number].queue;
            // Whether it is his turn: as many before him as agents are free.
            let free = self.tiers[queue].iter().filter(|it| self.ready[it.agent].is_some()).count();
            let before = queued[queue].iter().take_while(|it| **it != number);
            if before.filter(|it| !gone[**it]).take(free + 1).count() >= free.max(1) {
                continue;
            }
            let mut best: Option<(u64, usize)> = None;
            for tier in &self.tiers[queue] {
                let Some(since) = self.ready[tier.agent] else { continue };
                // compare_weight: another queue of this agent with a greater weight goes first.
                for (other, weight) in weights.iter_mut().enumerate() {
                    *weight = black_box(*weight);
                    if *weight > weights_of(queue) && !queued[other].is_empty() {
                        break;
                    }
                }
                if best.is_none_or(|best| (since, tier.agent) < best) {
                    best = Some((since, tier.agent));
                }
            }
            if let Some((_, agent)) = best {
                self.ready[agent] = None;
                gone[number] = true;
            }
        }
        let before = self.members.len();
        let mut number = 0;
        self.members.retain(|_| {
            number += 1;
            !gone[number - 1]
        });
        before - self.members.len()
    }

    /// Lets agents get ready and as many callers come as were matched, for so many turns.
    fn run(
        &mut self,
        turns: usize,
        ready: usize,
        turn: fn(&mut Self) -> usize,
    ) -> (usize, Duration) {
        let (mut matched, mut agent) = (0, 0);
        let mut spent = Duration::ZERO;
        for _ in 0..turns {
            for _ in 0..ready {
                self.now += 1;
                self.ready[agent % AGENTS] = Some(self.now);
                agent += 1;
            }
            let began = Instant::now();
            let made = turn(self);
            spent += began.elapsed();
            matched += made;
            (0..made).for_each(|_| self.arrive());
        }
        (matched, spent)
    }
}

fn weights_of(_queue: usize) -> u32 {
    0
}

fn ours() -> (usize, Duration) {
    let mut centre = Centre::new(AGENTS, QUEUES, None);
    for agent in centre.agents.clone() {
        centre.state(&agent, AgentState::AfterCallWork);
    }
    (0..WAITING).for_each(|_| centre.arrive());
    let count = 10 * READY;
    let mut spent = Duration::ZERO;
    for turn in 0..count {
        let agent = centre.agents[turn % AGENTS].clone();
        let began = Instant::now();
        centre.state(&agent, AgentState::Ready);
        let proposal = centre.propose();
        spent += began.elapsed();
        centre.serve(proposal);
        centre.arrive();
    }
    (count, spent)
}

/// Prints what a match costs here and there, and how long an agent waits for it at least.
pub(super) fn compare() {
    println!(
        "{AGENTS} agents in {} of {QUEUES} queues, {WAITING} wait, {READY} agents a second finish a call:",
        super::QUEUES_EACH
    );
    let cost = |(matched, spent): (usize, Duration)| {
        spent / u32::try_from(matched.max(1)).expect("a small count")
    };
    let here = cost(ours());
    let dispatch = cost(Polling::new().run(10, READY / 10, Polling::dispatch));
    let callers = cost(Polling::new().run(5, READY, Polling::wake));
    let ratio = |it: Duration| it.as_secs_f64() / here.as_secs_f64();
    println!("  events and indexes (this router):   {here:?} a match; at once");
    println!(
        "  dispatch thread every 100 ms:       {dispatch:?} a match, {:.0} times as much; 50 ms later on average",
        ratio(dispatch)
    );
    println!(
        "  caller threads every second:        {callers:?} a match, {:.0} times as much; 500 ms later on average",
        ratio(callers)
    );
}
