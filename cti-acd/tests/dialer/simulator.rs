//! People, phones and agents around a dialer, on a virtual clock, from one seed.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    fmt,
    time::Duration,
};

use cti_acd::dialer::{
    AttemptId, CallOutcome, Campaign, ContactResult, Dialer, Input, NewRecord, Output, RecordId,
};
use cti_core::{address::PhoneNumber, id::AgentId, time::Timestamp};

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, neither of them.
    pub(crate) fn share(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }
}

/// What the world is like at a moment, in seconds since the start.
#[derive(Clone, Copy)]
pub(crate) struct World {
    /// The share of attempts that a person answers.
    pub(crate) answer_rate: fn(f64) -> f64,
    /// How many agents are signed in.
    pub(crate) agents: fn(f64) -> u32,
    /// Whether the trunks carry calls.
    pub(crate) trunks: fn(f64) -> bool,
    /// How long the simulation lasts.
    pub(crate) hours: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) dialled: u64,
    pub(crate) answered: u64,
    pub(crate) abandoned: u64,
    /// Agents who went while a phone rang that was to be theirs.
    pub(crate) went: u64,
    busy: f64,
    signed_in: f64,
    /// Answered and abandoned per half hour.
    halves: BTreeMap<u64, (u64, u64)>,
    /// Answered and abandoned per window of 24 hours, by the moment of dialling.
    windows: BTreeMap<u64, (u64, u64)>,
    /// The greatest share of abandoned calls that a window had at any moment.
    pub(crate) worst_window: f64,
}

impl Report {
    pub(crate) fn utilisation(&self) -> f64 {
        100.0 * self.busy / self.signed_in
    }

    pub(crate) fn abandonment(&self) -> f64 {
        100.0 * self.abandoned as f64 / self.answered as f64
    }

    fn worst_half_hour(&self) -> f64 {
        let shares = self.halves.values().filter(|(answered, _)| *answered >= 20);
        shares
            .map(|(answered, abandoned)| 100.0 * *abandoned as f64 / *answered as f64)
            .fold(0.0, f64::max)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "utilisation {:.1} %, abandoned {:.2} % of {} answered ({} dialled), worst half hour {:.1} %, \
             window never above {:.2} %",
            self.utilisation(),
            self.abandonment(),
            self.answered,
            self.dialled,
            self.worst_half_hour(),
            100.0 * self.worst_window,
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    Outcome(AttemptId, CallOutcome),
    TalkEnds(AgentId, RecordId),
    Minute,
}

const HANDLE: f64 = 120.0;
const BEGIN: u64 = 1_767_232_800;

/// Lets a campaign dial for the hours of a world.
pub(crate) fn simulate(campaign: Campaign, world: World, seed: u64) -> Report {
    let mut simulation = Simulation {
        dialer: Dialer::new(campaign).unwrap(),
        world,
        dice: Dice(seed),
        now: Timestamp::from_secs(BEGIN),
        heap: BinaryHeap::new(),
        order: 0,
        records: 0,
        // Signed in or not, and since when on a call.
        agents: BTreeMap::new(),
        dialled_at: BTreeMap::new(),
        report: Report::default(),
    };
    simulation.run();
    simulation.report
}

struct Simulation {
    dialer: Dialer,
    world: World,
    dice: Dice,
    now: Timestamp,
    heap: BinaryHeap<Reverse<(Timestamp, u64, Happens)>>,
    order: u64,
    records: u64,
    agents: BTreeMap<AgentId, Option<Timestamp>>,
    dialled_at: BTreeMap<AttemptId, Timestamp>,
    report: Report,
}

impl Simulation {
    fn run(&mut self) {
        let end = self.now + Duration::from_secs(3600 * self.world.hours);
        self.tell(Input::Start);
        self.happens(0.0, Happens::Minute);
        loop {
            let next = self.heap.peek().map(|Reverse((at, ..))| *at);
            let timeout = self.dialer.poll_timeout();
            let at = [next, timeout].into_iter().flatten().min().unwrap();
            if at >= end {
                break;
            }
            self.now = at;
            if timeout == Some(at) {
                self.dialer.handle_timeout(at);
                self.drain();
            } else {
                let Reverse((_, _, happens)) = self.heap.pop().unwrap();
                self.happen(happens);
            }
        }
        for since in self.agents.values().flatten() {
            self.report.busy += end.since(*since).as_secs_f64();
        }
        let tally = self.dialer.tally();
        assert_eq!(
            tally.abandoned, self.report.abandoned,
            "the dialer counts what the world counts"
        );
        assert_eq!(tally.answered, self.report.answered);
    }

    fn seconds(&self) -> f64 {
        self.now.since(Timestamp::from_secs(BEGIN)).as_secs_f64()
    }

    fn happens(&mut self, after: f64, what: Happens) {
        self.order += 1;
        let at = self.now + Duration::from_secs_f64(after);
        self.heap.push(Reverse((at, self.order, what)));
    }

    fn happen(&mut self, what: Happens) {
        match what {
            Happens::Outcome(attempt, outcome) => {
                let dialled = self.dialled_at[&attempt];
                if outcome == CallOutcome::Answered {
                    self.count(dialled, 1, 0);
                } else {
                    self.dialled_at.remove(&attempt);
                }
                self.tell(Input::Outcome { attempt, outcome });
            }
            Happens::TalkEnds(agent, record) => {
                self.tell(Input::Result { record, result: ContactResult::Completed });
                let since = self.agents.insert(agent.clone(), None).flatten().unwrap();
                self.report.busy += self.now.since(since).as_secs_f64();
                if self.is_wanted(&agent) {
                    self.tell(Input::AgentIdle(agent));
                } else {
                    self.agents.remove(&agent);
                    self.tell(Input::AgentGone(agent));
                }
            }
            Happens::Minute => {
                self.report.signed_in += 60.0 * self.agents.len() as f64;
                self.sign_in_and_out();
                self.fill_list();
                self.happens(60.0, Happens::Minute);
            }
        }
    }

    fn is_wanted(&self, agent: &AgentId) -> bool {
        agent.as_str().parse::<u32>().unwrap() < (self.world.agents)(self.seconds())
    }

    fn sign_in_and_out(&mut self) {
        let wanted = (self.world.agents)(self.seconds());
        for number in 0..wanted {
            let agent = AgentId::new(&number.to_string()).unwrap();
            if !self.agents.contains_key(&agent) {
                self.agents.insert(agent.clone(), None);
                self.tell(Input::AgentIdle(agent));
            }
        }
        let idle: Vec<_> = self
            .agents
            .iter()
            .filter(|(_, talk)| talk.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        for agent in idle {
            // Who was given a call a moment ago is idle no more.
            if !self.is_wanted(&agent) && self.agents[&agent].is_none() {
                self.agents.remove(&agent);
                if self.dialer.ringing() > 0 {
                    self.report.went += 1;
                }
                self.tell(Input::AgentGone(agent));
            }
        }
    }

    fn fill_list(&mut self) {
        while self.dialer.waiting().due < 3_000 {
            self.records += 1;
            let number =
                PhoneNumber::parse(&format!("{:011}", 13_000_000_000 + self.records)).unwrap();
            self.tell(Input::Import(NewRecord::new(RecordId(self.records), number)));
        }
    }

    fn tell(&mut self, input: Input) {
        self.dialer.handle(self.now, input).unwrap();
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.dialer.poll_output() {
            match output {
                Output::Dial { attempt, .. } => self.ring(attempt),
                Output::Connect { attempt, record, agent, .. } => {
                    self.dialled_at.remove(&attempt);
                    let before = self.agents.insert(agent.clone(), Some(self.now));
                    assert_eq!(before, Some(None), "agent {agent} has one call at a time");
                    let talk = self.dice.exponential(HANDLE);
                    self.happens(talk, Happens::TalkEnds(agent, record));
                }
                Output::Abandon { attempt, .. } => {
                    let dialled = self.dialled_at.remove(&attempt).unwrap();
                    self.count(dialled, 0, 1);
                }
                Output::Imported { .. }
                | Output::Retry { .. }
                | Output::Ended { .. }
                | Output::QuotaReached { .. } => {}
                Output::Preview { .. }
                | Output::PreviewEnded { .. }
                | Output::StartFlow { .. }
                | Output::Clear { .. } => panic!("{output:?} in this mode"),
            }
        }
    }

    /// Three seconds and a bit to ring, somebody answers or nobody does for 25 s.
    fn ring(&mut self, attempt: AttemptId) {
        self.report.dialled += 1;
        self.dialled_at.insert(attempt, self.now);
        if !(self.world.trunks)(self.seconds()) {
            self.happens(0.5, Happens::Outcome(attempt, CallOutcome::Failed));
        } else if self.dice.share() < (self.world.answer_rate)(self.seconds()) {
            let after = (3.0 + self.dice.exponential(7.0)).min(24.9);
            self.happens(after, Happens::Outcome(attempt, CallOutcome::Answered));
        } else {
            self.happens(25.0, Happens::Outcome(attempt, CallOutcome::NoAnswer));
        }
    }

    fn count(&mut self, dialled: Timestamp, answered: u64, abandoned: u64) {
        self.report.answered += answered;
        self.report.abandoned += abandoned;
        let half = self.report.halves.entry(self.now.as_micros() / 1_800_000_000).or_default();
        *half = (half.0 + answered, half.1 + abandoned);
        let day = dialled.since(Timestamp::from_secs(BEGIN)).as_secs() / 86_400;
        let window = self.report.windows.entry(day).or_default();
        *window = (window.0 + answered, window.1 + abandoned);
        let share = window.1 as f64 / window.0 as f64;
        self.report.worst_window = self.report.worst_window.max(share);
    }
}
