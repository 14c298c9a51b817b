//! Whatever happens, in whatever order: the ledger's rules hold, and a snapshot goes on as if nothing had happened.

use std::{collections::BTreeMap, time::Duration};

use cti_acd::dialer::{
    AbandonmentRules, AttemptId, CallOutcome, Campaign, ContactResult, Dialer, DialerError, Input,
    Mode, NewRecord, Output, QuotaCell, RecordId, Region, SampleRules,
};
use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, Holidays},
    id::AgentId,
    time::Timestamp,
};

use crate::{
    ledger::{Ledger, Rules},
    simulator::Dice,
};

const BEGIN: u64 = 1_767_232_800; // Thursday, 10:00 in Shanghai

fn calendars() -> Calendars {
    let week = |from: &str, to: &str| {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .map(|day| format!(r#""{day}": [["{from}", "{to}", "work"]]"#));
        days.join(",")
    };
    let text = format!(
        r#"{{"schema": "cti.schedules/1", "schedules": {{
            "day": {{"name": "Day", "days": {{{}}}}},
            "evening": {{"name": "Evening", "days": {{{}}}}}
        }}}}"#,
        week("09:00", "20:00"),
        week("17:00", "21:00")
    );
    Calendars::parse("schedules.json", &text, Holidays::default()).unwrap()
}

fn campaign(mode: Mode, cells: [u32; 2]) -> (Campaign, Rules) {
    let calendars = calendars();
    let hours = |name: &str| Region::in_hours(name, calendars.get(name).unwrap().clone());
    let sample = SampleRules {
        max_attempts: 4,
        max_refusals: 2,
        busy_gap: Duration::from_secs(300),
        min_gap: Duration::from_secs(600),
        next_number_gap: Duration::from_secs(30),
        refused_gap: Duration::from_secs(3_600),
        abandoned_gap: Duration::from_secs(7_200),
        next_number_when_busy: true,
        next_number_when_no_answer: true,
        max_per_number_and_day: 2,
    };
    let abandonment = AbandonmentRules {
        window: Duration::from_secs(7_200),
        least_agents: 5,
        ..AbandonmentRules::default()
    };
    let quotas = [("women", cells[0]), ("men", cells[1])];
    let campaign = Campaign {
        sample,
        abandonment,
        lines: 60,
        regions: vec![Region::any_time("any"), hours("day"), hours("evening")],
        quotas: quotas
            .map(|(name, wanted)| QuotaCell { name: name.to_owned(), wanted })
            .into_iter()
            .collect(),
        ..Campaign::new(mode, Region::any_time("any"))
    };
    let rules = Rules {
        sample,
        cap: abandonment.cap,
        window: abandonment.window.as_secs(),
        hours: [("any", (0, 24)), ("day", (9, 20)), ("evening", (17, 21))]
            .map(|(name, span)| (name.to_owned(), span))
            .into(),
        quotas: quotas.map(|(name, wanted)| (name.to_owned(), wanted)).into(),
        preview: matches!(mode, Mode::Preview { .. }),
    };
    (campaign, rules)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Ringing,
    Waiting,
    Talking,
}

/// A dialer, a second one that is interrupted at every turn, and a ledger of what both decided.
struct Chaos {
    dialer: Dialer,
    /// Restored from text again and again, when there is one.
    twin: Option<Dialer>,
    rebuild: Box<dyn Fn() -> Campaign>,
    ledger: Ledger,
    dice: Dice,
    now: Timestamp,
    agents: Vec<AgentId>,
    calls: BTreeMap<AttemptId, (RecordId, Phase, Option<AgentId>)>,
    previews: Vec<AgentId>,
    records: u64,
    unhurried: bool,
    refused: u64,
}

impl Chaos {
    fn new(mode: Mode, cells: [u32; 2], seed: u64, with_twin: bool) -> Self {
        let (campaign, rules) = campaign(mode, cells);
        let mut dice = Dice(seed);
        let unhurried = dice.below(2) == 0;
        Self {
            ledger: Ledger::new(rules, campaign.lines),
            twin: with_twin.then(|| Dialer::new(campaign.clone()).unwrap()),
            dialer: Dialer::new(campaign).unwrap(),
            rebuild: Box::new(move || self::campaign(mode, cells).0),
            dice,
            now: Timestamp::from_secs(BEGIN),
            agents: (0..20).map(|n| AgentId::new(&format!("80{n:02}")).unwrap()).collect(),
            calls: BTreeMap::new(),
            previews: Vec::new(),
            records: 0,
            unhurried,
            refused: 0,
        }
    }

    fn run(&mut self, steps: u32) {
        self.tell(Input::Start);
        for agent in self.agents.clone() {
            self.tell(Input::AgentIdle(agent));
        }
        for _ in 0..steps {
            self.pass_time();
            self.step();
        }
    }

    fn pass_time(&mut self) {
        let micros = match self.dice.below(1_000) {
            0..=500 => self.dice.below(400_000),
            501..=980 => self.dice.below(3_000_000),
            981..=997 => self.dice.below(90_000_000),
            _ => self.dice.below(5 * 3_600_000_000),
        };
        let until = self.now + Duration::from_micros(micros);
        while let Some(at) = self.dialer.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.dialer.handle_timeout(self.now);
            let now = self.now;
            if let Some(twin) = &mut self.twin {
                twin.handle_timeout(now);
            }
            self.drain();
        }
        self.now = until;
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let count = u64::try_from(all.len()).unwrap();
        (count > 0).then(|| all[usize::try_from(self.dice.below(count)).unwrap()].clone())
    }

    fn call_in(&mut self, phase: Phase) -> Option<(AttemptId, RecordId, Option<AgentId>)> {
        let all: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| call.1 == phase)
            .map(|(attempt, call)| (*attempt, call.0, call.2.clone()))
            .collect();
        self.one_of(&all)
    }

    fn step(&mut self) {
        let rare = if self.unhurried { 1_000 } else { 100 };
        if self.dice.below(rare) == 0 {
            return self.disturb();
        }
        if !self.previews.is_empty() && self.dice.below(2) == 0 {
            return self.look();
        }
        if self.ledger.previews() && self.dice.below(8) == 0 {
            let agent = self.one_of(&self.agents.clone()).unwrap();
            return self.tell(Input::AgentIdle(agent));
        }
        match self.dice.below(94) {
            0..=44 => {
                let Some((attempt, ..)) = self.call_in(Phase::Ringing) else {
                    return self.import();
                };
                let outcome = match self.dice.below(100) {
                    0..=74 => CallOutcome::Answered,
                    75..=84 => CallOutcome::NoAnswer,
                    85..=89 => CallOutcome::Busy,
                    90..=92 => CallOutcome::Machine,
                    93..=95 => CallOutcome::Declined,
                    96..=97 => CallOutcome::Unobtainable,
                    _ => CallOutcome::Failed,
                };
                self.tell(Input::Outcome { attempt, outcome });
            }
            45..=84 => self.finish_talk(),
            _ => self.import(),
        }
    }

    fn look(&mut self) {
        let Some(agent) = self.one_of(&self.previews.clone()) else { return };
        if self.dice.below(5) == 0 {
            self.tell(Input::PreviewDeclined(agent));
        } else {
            self.tell(Input::PreviewAccepted(agent));
        }
    }

    fn finish_talk(&mut self) {
        let Some((attempt, record, agent)) = self.call_in(Phase::Talking) else {
            return self.import();
        };
        let result = match self.dice.below(20) {
            0..=11 => Some(ContactResult::Completed),
            12 => Some(ContactResult::Refused),
            13 => Some(ContactResult::Again),
            14 => Some(ContactResult::NextNumber),
            15 => Some(ContactResult::WrongNumber),
            16 => Some(ContactResult::DoNotCall),
            17..=18 => {
                let at = self.now + Duration::from_secs(self.dice.below(4_000));
                Some(ContactResult::CallBack { at })
            }
            _ => None,
        };
        if let Some(result) = result {
            self.tell(Input::Result { record, result });
        }
        match agent {
            Some(agent) => self.tell(Input::AgentIdle(agent)),
            None if result.is_none() => {
                self.tell(Input::Outcome { attempt, outcome: CallOutcome::HungUp });
            }
            None => {}
        }
    }

    fn import(&mut self) {
        for _ in 0..=self.dice.below(6) {
            if self.dialer.waiting().due > 60 {
                return;
            }
            self.records += 1;
            let count = 1 + self.dice.below(3);
            let number = |line: u64| format!("13{:08}{line}", self.records);
            let numbers =
                (0..count).map(|line| PhoneNumber::parse(&number(line)).unwrap()).collect();
            let region = self.one_of(&["any", "any", "day", "evening"]).unwrap();
            let cells = match self.dice.below(6) {
                0 => vec!["women".to_owned()],
                1 => vec!["men".to_owned(), "women".to_owned()],
                _ => Vec::new(),
            };
            let new = NewRecord {
                id: RecordId(self.records),
                numbers,
                region: Some(region.to_owned()),
                cells,
                priority: i32::try_from(self.dice.below(3)).unwrap(),
                not_before: self.now + Duration::from_secs(self.dice.below(50)),
            };
            self.tell(Input::Import(new));
        }
    }

    /// What happens less often, and what makes no sense.
    fn disturb(&mut self) {
        let agent = self.one_of(&self.agents.clone()).unwrap();
        let attempt = AttemptId(self.dice.below(2_000));
        let record = RecordId(1 + self.dice.below(self.records + 2));
        let number =
            PhoneNumber::parse(&format!("13{:08}{}", record.0, self.dice.below(3))).unwrap();
        match self.dice.below(16) {
            0 => self.tell(Input::AgentBusy(agent)),
            1 => self.tell(Input::AgentGone(agent)),
            2..=4 => self.tell(Input::AgentIdle(agent)),
            5 => self.tell(Input::DoNotCall { number, listed: true }),
            6 => self.tell(Input::DoNotCall { number, listed: false }),
            7 => self.tell(Input::Pause),
            8 => self.tell(Input::Start),
            9 => {
                let callers = u32::try_from(self.dice.below(3)).unwrap();
                self.tell(Input::InboundWaiting(callers));
            }
            10 => {
                let lines = 20 + u32::try_from(self.dice.below(60)).unwrap();
                self.tell(Input::Lines(lines));
            }
            11 => self.tell(Input::Recall(record)),
            12 => self.tell(Input::NotConnected(attempt)),
            13 => self.tell(Input::Outcome { attempt, outcome: CallOutcome::HungUp }),
            14 => {
                let waiting = self.call_in(Phase::Waiting).map(|(attempt, ..)| attempt);
                let attempt = waiting.unwrap_or(attempt);
                self.tell(Input::Outcome { attempt, outcome: CallOutcome::HungUp });
            }
            _ => self.tell(Input::Result { record, result: ContactResult::Again }),
        }
        // Nobody stays away for good.
        if self.dice.below(4) == 0 {
            self.tell(Input::Start);
            for agent in self.agents.clone() {
                self.tell(Input::AgentIdle(agent));
            }
        }
    }

    fn tell(&mut self, input: Input) {
        let now = self.now;
        if self.dice.below(40) == 0 {
            self.interrupt();
        }
        let told = self.dialer.handle(now, input.clone());
        if let Some(twin) = &mut self.twin {
            assert_eq!(twin.handle(now, input.clone()), told, "{input:?}");
        }
        match told {
            Ok(()) => self.accepted(&input),
            Err(error) => {
                self.refused += 1;
                let words: String = error.to_string();
                assert!(!words.is_empty());
                let unchanged = matches!(error, DialerError::Import { .. });
                assert!(
                    unchanged || self.dialer.poll_output().is_none(),
                    "a refusal changes nothing"
                );
            }
        }
        self.drain();
    }

    /// Stops the twin and starts it from the text of its snapshot.
    fn interrupt(&mut self) {
        let Some(twin) = self.twin.take() else { return };
        let snapshot = twin.snapshot().unwrap();
        assert!(snapshot == self.dialer.snapshot().unwrap(), "both know the same");
        let text = snapshot.to_string();
        let snapshot = serde_json::from_str(&text).unwrap();
        let mut twin = Dialer::restore((self.rebuild)(), snapshot, self.now).unwrap();
        while let Some(at) = twin.poll_timeout().filter(|at| *at <= self.now) {
            assert_eq!(at, self.now, "nothing is overdue");
            twin.handle_timeout(at);
        }
        self.twin = Some(twin);
    }

    fn accepted(&mut self, input: &Input) {
        self.ledger.told(self.now, input);
        if let Input::Outcome { attempt, outcome } = input {
            let Some(call) = self.calls.get_mut(attempt) else { return };
            match (outcome, call.1) {
                (CallOutcome::Answered, _) => call.1 = Phase::Waiting,
                // An agent's talk has a result or none when he is idle again.
                (CallOutcome::HungUp, Phase::Talking) if call.2.is_some() => {}
                _ => {
                    self.calls.remove(attempt);
                }
            }
        }
        if let Input::NotConnected(attempt) = input {
            let call = self.calls.get_mut(attempt).unwrap();
            (call.1, call.2) = (Phase::Waiting, None);
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.dialer.poll_output() {
            if let Some(twin) = &mut self.twin {
                assert_eq!(twin.poll_output().as_ref(), Some(&output), "interrupted or not");
            }
            self.ledger.decided(self.now, &output);
            match output {
                Output::Dial { attempt, record, .. } => {
                    self.calls.insert(attempt, (record, Phase::Ringing, None));
                    self.previews.retain(|agent| {
                        !matches!(
                            self.dialer.agent(agent),
                            Some(cti_acd::dialer::AgentDoes::Dials { .. })
                        )
                    });
                }
                Output::Connect { attempt, agent, .. } => {
                    let call = self.calls.get_mut(&attempt).unwrap();
                    (call.1, call.2) = (Phase::Talking, Some(agent));
                }
                Output::StartFlow { attempt, .. } => {
                    self.calls.get_mut(&attempt).unwrap().1 = Phase::Talking;
                }
                Output::Abandon { attempt, .. } | Output::Clear { attempt, .. } => {
                    self.calls.remove(&attempt);
                }
                Output::Preview { agent, .. } => self.previews.push(agent),
                Output::PreviewEnded { agent, .. } => self.previews.retain(|other| *other != agent),
                Output::Ended { record, .. } | Output::Retry { record, .. } => {
                    self.calls.retain(|_, call| call.0 != record);
                }
                Output::Imported { .. } | Output::QuotaReached { .. } => {}
            }
        }
        if let Some(twin) = &mut self.twin {
            assert_eq!(twin.poll_output(), None, "interrupted or not");
        }
    }
}

/// Runs many seeds; a failure names its seed.
fn run(name: &str, mode: Mode, seeds: u64, steps: u32, with_twin: bool) -> (u64, u64) {
    let (mut dials, mut abandoned, mut answered, mut ended, mut refused) = (0, 0, 0, 0, 0);
    for number in 0..seeds {
        let seed = 0xc4a0_5000 + number;
        print!("{name}, seed {seed:#x}: ");
        let cells = [30 + u32::try_from(number).unwrap(), 12];
        let mut chaos = Chaos::new(mode, cells, seed, with_twin);
        chaos.run(steps);
        let ledger = &chaos.ledger;
        println!(
            "{} dialled, {} answered, {} abandoned, {} ended, {} agents withdrawn",
            ledger.dials, ledger.answered, ledger.abandoned, ledger.ended, ledger.withdrawn
        );
        dials += ledger.dials;
        abandoned += ledger.abandoned;
        answered += ledger.answered;
        ended += ledger.ended;
        refused += chaos.refused;
    }
    assert!(
        dials > 200 * seeds && answered > 50 * seeds && ended > 20 * seeds,
        "much has happened"
    );
    assert!(refused > 0, "nonsense was told, too");
    (dials, abandoned)
}

const LOOK: Mode = Mode::Preview { look_for: Duration::from_secs(60) };
const FLOW: Mode = Mode::Agentless { calls_per_second: 3 };

#[test]
fn predictive_dialling_keeps_every_rule_whatever_happens() {
    let (_, abandoned) = run("predictive", Mode::Predictive, 16, 4_000, false);
    assert!(abandoned > 0, "the cap was put to the test");
}

#[test]
fn progressive_dialling_keeps_every_rule_whatever_happens() {
    run("progressive", Mode::Progressive, 8, 2_000, false);
}

#[test]
fn preview_dialling_keeps_every_rule_whatever_happens() {
    run("preview", LOOK, 8, 4_000, false);
}

#[test]
fn agentless_dialling_keeps_every_rule_whatever_happens() {
    let (_, abandoned) = run("agentless", FLOW, 8, 2_000, false);
    assert_eq!(abandoned, 0, "a flow is always there");
}

#[test]
fn a_dialer_restored_from_its_snapshot_goes_on_as_if_nothing_had_happened() {
    for (name, mode) in [("predictive", Mode::Predictive), ("preview", LOOK), ("agentless", FLOW)] {
        run(name, mode, 4, 1_500, true);
    }
}
