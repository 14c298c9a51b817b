//! The rules one by one, in words.

use std::time::Duration;

use cti_acd::dialer::{
    AgentDoes, AttemptId, Blend, CallOutcome, Campaign, Cell, ContactResult, Dialer, DialerError,
    End, ImportRefusal, Input, Limit, Mode, NewRecord, Output, QuotaCell, RecordId, RecordState,
    Region, RestoreError, SampleRules,
};
use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, Holidays},
    id::AgentId,
    time::Timestamp,
};

const BEGIN: u64 = 1_767_232_800; // Thursday, 10:00 in Shanghai

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(BEGIN + seconds)
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn agent(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

fn usual(mode: Mode) -> Campaign {
    Campaign::new(mode, Region::any_time("any"))
}

fn customer(id: u64, numbers: &[&str]) -> NewRecord {
    NewRecord {
        numbers: numbers.iter().map(|text| number(text)).collect(),
        ..NewRecord::new(RecordId(id), PhoneNumber::withheld())
    }
}

/// A dialer with what it decided, in short.
struct Desk {
    dialer: Dialer,
}

impl Desk {
    fn new(campaign: Campaign) -> Self {
        Self { dialer: Dialer::new(campaign).unwrap() }
    }

    /// A running campaign with agents who are idle.
    fn with(campaign: Campaign, agents: &[&str], customers: &[NewRecord]) -> Self {
        let mut desk = Self::new(campaign);
        for customer in customers {
            desk.tell(0, Input::Import(customer.clone()));
        }
        for name in agents {
            desk.tell(0, Input::AgentIdle(agent(name)));
        }
        desk
    }

    /// Tells something, lets time pass up to then, and returns what was decided.
    fn tell(&mut self, seconds: u64, input: Input) -> Vec<String> {
        let mut said = self.until(seconds);
        self.dialer.handle(at(seconds), input).unwrap();
        said.extend(self.said());
        said
    }

    fn until(&mut self, seconds: u64) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(due) = self.dialer.poll_timeout().filter(|due| *due <= at(seconds)) {
            self.dialer.handle_timeout(due);
            said.extend(self.said());
        }
        said
    }

    fn said(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(output) = self.dialer.poll_output() {
            said.extend(in_short(&output));
        }
        said
    }

    fn outcome(&mut self, seconds: u64, attempt: u64, outcome: CallOutcome) -> Vec<String> {
        self.tell(seconds, Input::Outcome { attempt: AttemptId(attempt), outcome })
    }

    fn result(&mut self, seconds: u64, record: u64, result: ContactResult) -> Vec<String> {
        self.tell(seconds, Input::Result { record: RecordId(record), result })
    }

    fn refused(&mut self, seconds: u64, input: Input) -> DialerError {
        self.dialer.handle_timeout(at(seconds));
        let before = self.dialer.snapshot().unwrap();
        let error = self.dialer.handle(at(seconds), input).unwrap_err();
        assert_eq!(self.dialer.snapshot().unwrap(), before, "nothing has changed");
        error
    }

    fn why(&self, record: u64, seconds: u64) -> Vec<String> {
        self.dialer.explain(RecordId(record), at(seconds)).into_iter().map(|why| why.en).collect()
    }
}

fn in_short(output: &Output) -> Option<String> {
    let seconds = |moment: &Timestamp| moment.since(at(0)).as_secs();
    match output {
        Output::Dial { attempt, record, number, .. } => {
            Some(format!("{attempt}: dial {} of {record}", number.reveal()))
        }
        Output::Connect { attempt, agent, .. } => Some(format!("{attempt}: connect {agent}")),
        Output::StartFlow { attempt, .. } => Some(format!("{attempt}: flow")),
        Output::Abandon { attempt, why, .. } => Some(format!("{attempt}: abandon, {}", why.en)),
        Output::Clear { attempt, why } => Some(format!("{attempt}: clear, {}", why.en)),
        Output::Retry { record, at, why } => {
            Some(format!("{record}: again at {}, {}", seconds(at), why.en))
        }
        Output::Ended { record, end, .. } => Some(format!("{record}: {end:?}")),
        Output::Preview { record, agent, .. } => Some(format!("{record}: show to {agent}")),
        Output::PreviewEnded { record, agent, why } => {
            Some(format!("{record}: take from {agent}, {}", why.en))
        }
        Output::QuotaReached { cell, .. } => Some(format!("quota {cell} reached")),
        Output::Imported { .. } => None,
    }
}

#[test]
fn who_answers_is_connected_with_the_agent_who_has_been_idle_longest() {
    let mut desk = Desk::with(
        usual(Mode::Progressive),
        &["8002"],
        &[customer(1, &["131"]), customer(2, &["132"])],
    );
    desk.tell(5, Input::AgentIdle(agent("8001")));
    let dialled = desk.tell(10, Input::Start);
    assert_eq!(dialled, ["attempt-1: dial 131 of record-1", "attempt-2: dial 132 of record-2"]);
    assert_eq!(desk.outcome(15, 2, CallOutcome::Answered), ["attempt-2: connect 8002"]);
    assert_eq!(desk.outcome(16, 1, CallOutcome::Answered), ["attempt-1: connect 8001"]);
}

#[test]
fn who_answers_and_finds_nobody_within_two_seconds_is_told_so_and_left_alone_for_three_days() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    desk.tell(3, Input::AgentBusy(agent("8001")));
    assert_eq!(desk.outcome(5, 1, CallOutcome::Answered), [""; 0]);
    assert_eq!(
        desk.until(7),
        [
            "attempt-1: abandon, nobody was free within 2 s",
            "record-1: again at 259207, nobody was free within 2 s"
        ]
    );
    assert_eq!(desk.dialer.tally().abandoned, 1);
    assert_eq!(desk.dialer.window().abandonment(), 1.0);
}

#[test]
fn an_agent_who_gets_free_in_time_takes_who_has_answered() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    desk.tell(3, Input::AgentBusy(agent("8001")));
    desk.outcome(5, 1, CallOutcome::Answered);
    assert_eq!(desk.tell(6, Input::AgentIdle(agent("8001"))), ["attempt-1: connect 8001"]);
    // He was not there after all; the customer waits no longer than he would have.
    desk.tell(6, Input::NotConnected(AttemptId(1)));
    assert_eq!(desk.dialer.agent(&agent("8001")), Some(AgentDoes::Away));
    assert_eq!(desk.until(9)[0], "attempt-1: abandon, nobody was free within 2 s");
}

#[test]
fn after_busy_the_same_number_and_after_no_answer_the_next_one_is_dialled_when_its_gap_is_over() {
    let sample = SampleRules {
        busy_gap: Duration::from_secs(600),
        min_gap: Duration::from_secs(300),
        next_number_gap: Duration::from_secs(60),
        ..SampleRules::default()
    };
    let campaign = Campaign { sample, ..usual(Mode::Progressive) };
    let mut desk = Desk::with(campaign, &["8001"], &[customer(1, &["131", "132"])]);
    desk.tell(0, Input::Start);
    assert_eq!(desk.outcome(4, 1, CallOutcome::Busy), ["record-1: again at 604, busy"]);
    assert_eq!(desk.until(603), [""; 0]);
    assert_eq!(desk.until(604), ["attempt-2: dial 131 of record-1"]);
    let next = desk.outcome(629, 2, CallOutcome::NoAnswer);
    assert_eq!(next, ["record-1: again at 689, nobody answered"]);
    assert_eq!(desk.until(700), ["attempt-3: dial 132 of record-1"]);
    assert_eq!(
        desk.outcome(710, 3, CallOutcome::Machine),
        ["record-1: again at 1010, a machine answered"]
    );
}

#[test]
fn a_number_that_is_none_is_not_dialled_again_and_without_numbers_a_record_ends() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131", "132"])]);
    desk.tell(0, Input::Start);
    desk.outcome(1, 1, CallOutcome::Unobtainable);
    assert_eq!(desk.until(61), ["attempt-2: dial 132 of record-1"]);
    desk.outcome(65, 2, CallOutcome::Answered);
    assert_eq!(desk.result(90, 1, ContactResult::WrongNumber), ["record-1: NoNumberLeft"]);
}

#[test]
fn a_customer_is_dialled_and_refuses_no_more_often_than_the_rules_allow() {
    let sample = SampleRules {
        max_attempts: 2,
        max_refusals: 2,
        refused_gap: Duration::from_secs(100),
        min_gap: Duration::ZERO,
        ..SampleRules::default()
    };
    let campaign = Campaign { sample, ..usual(Mode::Progressive) };
    let mut desk = Desk::with(campaign, &["8001"], &[customer(1, &["131"]), customer(2, &["132"])]);
    desk.tell(0, Input::Start);
    desk.outcome(9, 1, CallOutcome::Declined);
    desk.outcome(34, 2, CallOutcome::NoAnswer);
    assert_eq!(desk.outcome(60, 3, CallOutcome::NoAnswer), ["record-2: MaxAttempts"]);
    assert_eq!(desk.until(109), ["attempt-4: dial 131 of record-1"]);
    desk.outcome(112, 4, CallOutcome::Answered);
    assert_eq!(desk.result(120, 1, ContactResult::Refused), ["record-1: MaxRefusals"]);
    assert_eq!(desk.why(1, 130), ["refused as often as the rules allow"]);
}

#[test]
fn a_number_is_dialled_so_often_in_24_hours_and_then_the_next_day() {
    let sample = SampleRules {
        min_gap: Duration::from_secs(10),
        max_per_number_and_day: 2,
        ..SampleRules::default()
    };
    let campaign = Campaign { sample, ..usual(Mode::Progressive) };
    let mut desk = Desk::with(campaign, &["8001"], &[customer(1, &["131"])]);
    desk.tell(100, Input::Start);
    desk.outcome(125, 1, CallOutcome::NoAnswer);
    assert_eq!(desk.until(135), ["attempt-2: dial 131 of record-1"]);
    let next = desk.outcome(160, 2, CallOutcome::NoAnswer);
    assert_eq!(next, [format!("record-1: again at {}, nobody answered", 86_400 + 100)]);
}

#[test]
fn an_appointment_is_kept_and_the_next_number_is_dialled_when_the_agent_asks_for_it() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131", "132"])]);
    desk.tell(0, Input::Start);
    desk.outcome(5, 1, CallOutcome::Answered);
    assert_eq!(
        desk.result(30, 1, ContactResult::NextNumber),
        ["record-1: again at 30, the next number is asked for"]
    );
    assert_eq!(desk.tell(31, Input::AgentIdle(agent("8001"))), ["attempt-2: dial 132 of record-1"]);
    desk.outcome(40, 2, CallOutcome::Answered);
    desk.result(60, 1, ContactResult::CallBack { at: at(1_000) });
    desk.tell(61, Input::AgentIdle(agent("8001")));
    assert_eq!(desk.why(1, 400), ["due in 10 min"]);
    assert_eq!(desk.until(1_000), ["attempt-3: dial 132 of record-1"]);
}

#[test]
fn who_wants_no_calls_is_refused_at_import_and_passed_over_at_dialling() {
    let mut desk = Desk::new(usual(Mode::Progressive));
    let listed = |text| Input::DoNotCall { number: number(text), listed: true };
    desk.tell(0, listed("131"));
    let error = desk.refused(0, Input::Import(customer(1, &["131"])));
    assert_eq!(error.to_string(), "record-1: numbers: all are on the do-not-call list");
    desk.tell(0, Input::Import(customer(2, &["131", "132"])));
    desk.tell(0, Input::Import(customer(3, &["133", "134"])));
    desk.tell(0, Input::Import(customer(4, &["135"])));
    desk.tell(1, listed("133"));
    desk.tell(1, listed("135"));
    for name in ["8001", "8002", "8003"] {
        desk.tell(1, Input::AgentIdle(agent(name)));
    }
    assert_eq!(
        desk.tell(2, Input::Start),
        [
            "attempt-1: dial 132 of record-2",
            "attempt-2: dial 134 of record-3",
            "record-4: DoNotCall"
        ]
    );
    desk.outcome(5, 1, CallOutcome::Answered);
    assert_eq!(desk.result(9, 2, ContactResult::DoNotCall), ["record-2: DoNotCall"]);
    let error = desk.refused(10, Input::Import(customer(5, &["132"])));
    let reason = ImportRefusal::NumberTaken { number: number("132"), record: RecordId(2) };
    assert_eq!(error, DialerError::Import { record: RecordId(5), reason });
}

#[test]
fn what_cannot_come_into_the_list_is_refused_by_field() {
    let campaign = Campaign {
        quotas: vec![QuotaCell { name: "women".to_owned(), wanted: 1 }],
        max_records: 1,
        ..usual(Mode::Progressive)
    };
    let mut desk = Desk::new(campaign);
    let reason = |desk: &mut Desk, new| {
        let error = desk.refused(0, Input::Import(new));
        let DialerError::Import { reason, .. } = error else { panic!("{error}") };
        reason.to_string()
    };
    let good = || customer(1, &["13812341234"]);
    assert_eq!(
        reason(&mut desk, NewRecord { numbers: vec![], ..good() }),
        "numbers: a customer has one to 8, this one has 0"
    );
    assert_eq!(reason(&mut desk, customer(1, &[""])), "numbers: one of them is empty");
    let nowhere = NewRecord { region: Some("nowhere".to_owned()), ..good() };
    assert_eq!(reason(&mut desk, nowhere), "region: there is no nowhere");
    let unknown = NewRecord { cells: vec!["men".to_owned()], ..good() };
    assert_eq!(reason(&mut desk, unknown), "cells: there is no men");
    desk.tell(0, Input::Import(good()));
    assert_eq!(reason(&mut desk, good()), "id: there is such a record");
    assert_eq!(reason(&mut desk, customer(2, &["139"])), "the campaign holds at most 1 records");
}

#[test]
fn people_are_called_in_the_hours_of_their_region_which_a_prefix_or_the_record_tells() {
    let text = r#"{"schema": "cti.schedules/1", "schedules": {
        "late": {"name": "Late", "days": {"thu": [["14:00", "16:00", "work"]]}}
    }}"#;
    let calendars = Calendars::parse("s.json", text, Holidays::default()).unwrap();
    let late = |name| Region::in_hours(name, calendars.get("late").unwrap().clone());
    let campaign = Campaign {
        regions: vec![
            Region::any_time("any"),
            Region { prefixes: vec!["0991".to_owned()], ..late("west") },
        ],
        ..usual(Mode::Progressive)
    };
    let named = NewRecord { region: Some("west".to_owned()), ..customer(2, &["132"]) };
    let customers = [customer(1, &["09911234567"]), named, customer(3, &["0990"])];
    let mut desk = Desk::with(campaign, &["8001", "8002", "8003"], &customers);
    assert_eq!(desk.tell(0, Input::Start), ["attempt-1: dial 0990 of record-3"]);
    assert_eq!(desk.why(1, 60), ["people of west are not called at this hour"]);
    assert_eq!(desk.dialer.waiting().closed, 2);
    desk.outcome(20, 1, CallOutcome::Unobtainable);
    assert_eq!(desk.until(4 * 3600 - 1), [""; 0]);
    assert_eq!(
        desk.until(4 * 3600),
        ["attempt-2: dial 09911234567 of record-1", "attempt-3: dial 132 of record-2"]
    );
}

#[test]
fn a_quota_cell_never_overshoots_and_goes_on_when_a_call_came_to_nothing() {
    let quotas = ["women", "north"].map(|name| QuotaCell { name: name.to_owned(), wanted: 1 });
    let campaign = Campaign { quotas: quotas.into(), ..usual(Mode::Progressive) };
    let counted = |id, text: &str, cells: &[&str]| NewRecord {
        cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        ..customer(id, &[text])
    };
    let customers = [
        counted(1, "131", &["women", "north"]),
        counted(2, "132", &["women"]),
        counted(3, "133", &["north"]),
    ];
    let mut desk = Desk::with(campaign, &["8001", "8002"], &customers);
    assert_eq!(desk.tell(0, Input::Start), ["attempt-1: dial 131 of record-1"]);
    assert_eq!(desk.why(2, 1), ["women has no room"]);
    assert_eq!(desk.dialer.quota("women"), Some(Cell { completed: 0, taken: 1 }));
    // It came to nothing: both cells have room again.
    assert_eq!(
        desk.outcome(25, 1, CallOutcome::NoAnswer)[1..],
        ["attempt-2: dial 132 of record-2", "attempt-3: dial 133 of record-3"]
    );
    desk.outcome(30, 2, CallOutcome::Answered);
    let done = desk.result(60, 2, ContactResult::Completed);
    assert_eq!(done, ["quota women reached", "record-2: Completed"]);
    desk.outcome(61, 3, CallOutcome::NoAnswer);
    let later = desk.until(3 * 3600);
    let dialled: Vec<_> = later.iter().filter(|said| said.contains("dial")).collect();
    assert_eq!(dialled, ["attempt-4: dial 133 of record-3"], "only the north is still wanted");
    assert_eq!(desk.why(1, 3 * 3600), ["women has no room"]);
}

#[test]
fn in_preview_an_agent_starts_the_call_declines_it_or_loses_it() {
    let mode = Mode::Preview { look_for: Duration::from_secs(20) };
    let customers = [customer(1, &["131"]), customer(2, &["132"]), customer(3, &["133"])];
    let mut desk = Desk::with(usual(mode), &["8001"], &customers);
    assert_eq!(desk.tell(0, Input::Start), ["record-1: show to 8001"]);
    assert_eq!(
        desk.tell(5, Input::PreviewDeclined(agent("8001"))),
        [
            "record-1: take from 8001, not called by the agent",
            "record-1: again at 7205, not called by the agent",
            "record-2: show to 8001"
        ]
    );
    let dialled = desk.tell(9, Input::PreviewAccepted(agent("8001")));
    assert_eq!(dialled, ["attempt-1: dial 132 of record-2"]);
    assert_eq!(desk.outcome(15, 1, CallOutcome::Answered), ["attempt-1: connect 8001"]);
    desk.result(40, 2, ContactResult::Completed);
    assert_eq!(desk.tell(45, Input::AgentIdle(agent("8001"))), ["record-3: show to 8001"]);
    // He does nothing: the record is taken back, he is asked no more until he says that he is there.
    assert_eq!(
        desk.until(65),
        [
            "record-3: take from 8001, the agent did nothing",
            "record-3: again at 65, the agent did nothing"
        ]
    );
    assert_eq!(
        desk.refused(66, Input::PreviewAccepted(agent("8001"))),
        DialerError::NoPreview(agent("8001"))
    );
}

#[test]
fn without_agents_a_flow_talks_and_calls_are_started_at_a_rate_on_free_lines() {
    let customers: Vec<_> = (1..=9).map(|id| customer(id, &[&format!("13{id}")])).collect();
    let mode = Mode::Agentless { calls_per_second: 2 };
    let mut desk = Desk::with(Campaign { lines: 5, ..usual(mode) }, &[], &customers);
    assert_eq!(desk.tell(0, Input::Start).len(), 2);
    assert_eq!(desk.dialer.limit(), Limit::Rate);
    assert_eq!(desk.until(1).len(), 2);
    assert_eq!(desk.until(10).len(), 1, "five lines");
    assert_eq!(desk.dialer.limit(), Limit::Lines);
    assert_eq!(desk.outcome(11, 1, CallOutcome::Answered), ["attempt-1: flow"]);
    let done = desk.result(30, 1, ContactResult::Completed);
    assert_eq!(done, ["record-1: Completed", "attempt-6: dial 136 of record-6"]);
    assert_eq!(desk.dialer.window().abandoned, 0);
}

#[test]
fn callers_who_come_in_have_their_agents_kept() {
    let customers: Vec<_> = (1..=5).map(|id| customer(id, &[&format!("13{id}")])).collect();
    let campaign = Campaign { blend: Blend { keep_free: 1 }, ..usual(Mode::Progressive) };
    let mut desk = Desk::with(campaign, &["8001", "8002", "8003"], &customers);
    desk.tell(0, Input::InboundWaiting(1));
    assert_eq!(desk.tell(0, Input::Start).len(), 1, "one is kept, one has a caller who waits");
    assert_eq!(desk.tell(1, Input::InboundWaiting(0)).len(), 1);
}

#[test]
fn a_network_that_refuses_calls_is_tried_with_one_call_after_growing_pauses() {
    let customers: Vec<_> = (1..=50).map(|id| customer(id, &[&format!("13{id:02}")])).collect();
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &customers);
    desk.tell(0, Input::Start);
    for attempt in 1..=2 {
        assert_eq!(desk.outcome(0, attempt, CallOutcome::Failed).len(), 2, "at once the next one");
    }
    desk.outcome(0, 3, CallOutcome::Failed);
    assert_eq!(desk.dialer.limit(), Limit::Network);
    let mut pauses = Vec::new();
    for attempt in 4..=10 {
        let seconds = loop {
            let next = desk.dialer.poll_timeout().unwrap().since(at(0)).as_secs();
            if !desk.until(next).is_empty() {
                break next;
            }
        };
        pauses.push(seconds);
        desk.outcome(seconds, attempt, CallOutcome::Failed);
    }
    assert_eq!(pauses, [1, 3, 7, 15, 31, 63, 123], "after 1, 2, 4 s and so on to a minute");
    let record = desk.dialer.record(RecordId(1)).unwrap();
    assert_eq!(record.attempts(), 0, "the customer did not notice");
}

#[test]
fn a_call_of_which_nothing_is_told_is_cleared_and_counts_as_not_answered() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    assert_eq!(
        desk.until(55),
        [
            "attempt-1: clear, nothing was told of the call",
            "record-1: again at 7255, nobody answered"
        ]
    );
    let late = Input::Outcome { attempt: AttemptId(1), outcome: CallOutcome::Answered };
    assert_eq!(desk.refused(56, late), DialerError::UnknownAttempt(AttemptId(1)));
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    let (attempt, record) = (AttemptId(1), RecordId(1));
    let hung_up = Input::Outcome { attempt, outcome: CallOutcome::HungUp };
    assert_eq!(
        desk.refused(0, hung_up).to_string(),
        "attempt-1 cannot have this outcome: nobody has answered"
    );
    let result = Input::Result { record, result: ContactResult::Completed };
    assert_eq!(desk.refused(0, result).to_string(), "record-1: there is no talk to have a result");
    assert_eq!(
        desk.refused(0, Input::AgentGone(agent("8009"))).to_string(),
        "agent 8009 does not work for the campaign"
    );
    assert_eq!(
        desk.refused(0, Input::Recall(RecordId(9))),
        DialerError::UnknownRecord(RecordId(9))
    );
    desk.outcome(5, 1, CallOutcome::Answered);
    let again = Input::Outcome { attempt, outcome: CallOutcome::Busy };
    assert_eq!(
        desk.refused(5, again).to_string(),
        "attempt-1 cannot have this outcome: a person has answered"
    );
}

#[test]
fn who_is_taken_back_is_not_called_again_even_if_his_phone_rings() {
    let customers = [customer(1, &["131"]), customer(2, &["132"])];
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &customers);
    desk.tell(0, Input::Start);
    assert_eq!(desk.tell(1, Input::Recall(RecordId(2))), ["record-2: Recalled"]);
    assert_eq!(desk.tell(1, Input::Recall(RecordId(1))), [""; 0]);
    assert_eq!(desk.outcome(25, 1, CallOutcome::NoAnswer), ["record-1: Recalled"]);
    let state = desk.dialer.record(RecordId(1)).unwrap().state();
    assert_eq!(state, &RecordState::Ended(End::Recalled));
}

#[test]
fn an_agent_who_is_done_without_a_result_leaves_none() {
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    desk.outcome(5, 1, CallOutcome::Answered);
    assert_eq!(desk.tell(90, Input::AgentIdle(agent("8001"))), ["record-1: NoResult"]);
}

#[test]
fn a_paused_campaign_dials_nothing_and_finishes_what_is_under_way() {
    let customers = [customer(1, &["131"]), customer(2, &["132"])];
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001"], &customers);
    assert_eq!(desk.why(1, 0), ["waits for its turn", "not running"]);
    desk.tell(0, Input::Start);
    desk.tell(2, Input::Pause);
    assert_eq!(desk.outcome(25, 1, CallOutcome::NoAnswer).len(), 1);
    assert_eq!(desk.dialer.limit(), Limit::NotRunning);
    assert_eq!(desk.tell(30, Input::Start), ["attempt-2: dial 132 of record-2"]);
}

#[test]
fn greater_priority_is_called_first_and_then_who_was_due_first() {
    let urgent = NewRecord { priority: 5, ..customer(3, &["133"]) };
    let customers = [customer(1, &["131"]), customer(2, &["132"]), urgent];
    let mut desk = Desk::with(usual(Mode::Progressive), &["8001", "8002"], &customers);
    assert_eq!(
        desk.tell(0, Input::Start),
        ["attempt-1: dial 133 of record-3", "attempt-2: dial 131 of record-1"]
    );
}

#[test]
fn a_snapshot_fits_a_campaign_with_other_rules_and_more_cells_but_not_with_other_names() {
    let with_cells = |names: &[&str]| Campaign {
        quotas: names
            .iter()
            .map(|name| QuotaCell { name: (*name).to_owned(), wanted: 9 })
            .collect(),
        ..usual(Mode::Progressive)
    };
    let mut desk = Desk::with(with_cells(&["women"]), &["8001"], &[customer(1, &["131"])]);
    desk.tell(0, Input::Start);
    let snapshot = desk.dialer.snapshot().unwrap();

    let other = with_cells(&["men"]);
    let error = Dialer::restore(other, snapshot.clone(), at(1)).unwrap_err();
    assert!(matches!(error, RestoreError::Names { field: "quotas", .. }), "{error}");
    let error = Dialer::restore(with_cells(&["women"]), "nothing".into(), at(1)).unwrap_err();
    assert!(error.to_string().starts_with("no snapshot of a dialer"), "{error}");

    let more = with_cells(&["women", "men"]);
    let mut restored = Dialer::restore(more, snapshot, at(1)).unwrap();
    assert_eq!(restored.quota("men"), Some(Cell::default()));
    let answered = Input::Outcome { attempt: AttemptId(1), outcome: CallOutcome::Answered };
    restored.handle(at(5), answered).unwrap();
    let connected = |output| matches!(output, Output::Connect { .. });
    assert!(restored.poll_output().is_some_and(connected));
}
