//! What must hold whatever happens, checked on the dialer's own facts.

use std::collections::{BTreeMap, BTreeSet};

use cti_acd::dialer::{
    AttemptId, CallOutcome, ContactResult, Input, NewRecord, Output, RecordId, SampleRules,
};
use cti_core::{address::PhoneNumber, id::AgentId, router::Why, time::Timestamp};

/// What the rules of a campaign are, as far as the ledger checks them.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) sample: SampleRules,
    pub(crate) cap: f64,
    pub(crate) window: u64,
    /// Hours of each region, from and to.
    pub(crate) hours: BTreeMap<String, (u64, u64)>,
    pub(crate) quotas: BTreeMap<String, u32>,
    pub(crate) preview: bool,
}

#[derive(Clone, Debug, Default)]
struct Customer {
    region: String,
    cells: Vec<String>,
    numbers: Vec<PhoneNumber>,
    ended: bool,
    under_way: bool,
    attempts: u16,
    refusals: u16,
    not_before: Timestamp,
    last: Option<(PhoneNumber, Timestamp)>,
    /// Whether the last attempt left the customer free to be dialled before the gaps are over.
    at_once: bool,
}

#[derive(Clone, Debug)]
struct Call {
    record: RecordId,
    dialled: Timestamp,
    number: PhoneNumber,
    answered: bool,
}

/// Everything that was told and decided so far.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    rules: Rules,
    begin: Option<Timestamp>,
    customers: BTreeMap<RecordId, Customer>,
    calls: BTreeMap<AttemptId, Call>,
    idle: BTreeSet<AgentId>,
    do_not_call: BTreeSet<PhoneNumber>,
    dialled: BTreeMap<PhoneNumber, Vec<Timestamp>>,
    /// Answered and abandoned by the window of dialling.
    windows: BTreeMap<u64, (u64, u64)>,
    completed: BTreeMap<String, u32>,
    shown: BTreeSet<RecordId>,
    shown_to: BTreeMap<AgentId, RecordId>,
    lines: u32,
    /// Agents who were counted on and did not come.
    pub(crate) withdrawn: u64,
    pub(crate) abandoned: u64,
    pub(crate) answered: u64,
    pub(crate) dials: u64,
    pub(crate) ended: u64,
}

impl Ledger {
    pub(crate) fn new(rules: Rules, lines: u32) -> Self {
        Self {
            rules,
            begin: None,
            customers: BTreeMap::new(),
            calls: BTreeMap::new(),
            idle: BTreeSet::new(),
            do_not_call: BTreeSet::new(),
            dialled: BTreeMap::new(),
            windows: BTreeMap::new(),
            completed: BTreeMap::new(),
            shown: BTreeSet::new(),
            shown_to: BTreeMap::new(),
            lines,
            withdrawn: 0,
            abandoned: 0,
            answered: 0,
            dials: 0,
            ended: 0,
        }
    }

    pub(crate) fn previews(&self) -> bool {
        self.rules.preview
    }

    /// Notes what was told and accepted.
    pub(crate) fn told(&mut self, now: Timestamp, input: &Input) {
        match input {
            Input::Import(new) => self.imported(new),
            Input::Start => {
                self.begin.get_or_insert(now);
            }
            Input::DoNotCall { number, listed: true } => {
                self.do_not_call.insert(number.clone());
            }
            Input::DoNotCall { number, listed: false } => {
                self.do_not_call.remove(number);
            }
            Input::AgentIdle(agent) => {
                self.idle.insert(agent.clone());
            }
            Input::AgentBusy(agent) | Input::AgentGone(agent) => {
                self.idle.remove(agent);
                self.withdrawn += 1;
            }
            Input::NotConnected(_) => self.withdrawn += 1,
            Input::Outcome { attempt, outcome } => self.outcome(*attempt, *outcome),
            Input::Result { record, result } => self.result(*record, *result),
            Input::Lines(lines) => self.lines = *lines,
            Input::Recall(_)
            | Input::Pause
            | Input::PreviewAccepted(_)
            | Input::PreviewDeclined(_)
            | Input::InboundWaiting(_) => {}
        }
    }

    fn imported(&mut self, new: &NewRecord) {
        let customer = Customer {
            region: new.region.clone().unwrap(),
            cells: new.cells.clone(),
            numbers: new.numbers.clone(),
            not_before: new.not_before,
            ..Customer::default()
        };
        assert!(self.customers.insert(new.id, customer).is_none(), "a record comes once");
    }

    fn window(&self, dialled: Timestamp) -> u64 {
        dialled.since(self.begin.unwrap()).as_secs() / self.rules.window
    }

    fn outcome(&mut self, attempt: AttemptId, outcome: CallOutcome) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        let (record, dialled) = (call.record, call.dialled);
        let customer = self.customers.get_mut(&record).unwrap();
        match outcome {
            CallOutcome::Answered => {
                call.answered = true;
                self.answered += 1;
                let window = self.window(dialled);
                self.windows.entry(window).or_default().0 += 1;
            }
            CallOutcome::Declined => customer.refusals += 1,
            CallOutcome::Failed => {
                // The customer did not notice: as if he had not been dialled.
                customer.attempts -= 1;
                customer.at_once = true;
                let number = call.number.clone();
                self.dialled.get_mut(&number).unwrap().pop();
            }
            CallOutcome::Machine
            | CallOutcome::Busy
            | CallOutcome::NoAnswer
            | CallOutcome::Unobtainable
            | CallOutcome::HungUp => {}
        }
    }

    fn result(&mut self, record: RecordId, result: ContactResult) {
        let customer = self.customers.get_mut(&record).unwrap();
        match result {
            ContactResult::Completed => {
                for cell in &customer.cells {
                    *self.completed.entry(cell.clone()).or_default() += 1;
                }
            }
            ContactResult::Refused => customer.refusals += 1,
            ContactResult::CallBack { .. } | ContactResult::NextNumber => customer.at_once = true,
            ContactResult::DoNotCall => self.do_not_call.extend(customer.numbers.iter().cloned()),
            ContactResult::WrongNumber | ContactResult::Again => {}
        }
    }

    /// Checks and notes what was decided.
    pub(crate) fn decided(&mut self, now: Timestamp, output: &Output) {
        match output {
            Output::Dial { attempt, record, number, why, .. } => {
                said(why);
                self.dial(now, *attempt, *record, number);
            }
            Output::Preview { record, agent, why, .. } => {
                said(why);
                let before = self.shown_to.insert(agent.clone(), *record);
                assert_eq!(before, None, "{agent} is shown one record at a time");
                assert!(!self.customers[record].ended, "who has ended is not shown");
                assert!(self.shown.insert(*record), "a record is shown to one agent");
                self.check_places(*record);
            }
            Output::PreviewEnded { record, why, .. } => {
                said(why);
                assert!(self.shown.remove(record));
                self.shown_to.retain(|_, shown| shown != record);
            }
            Output::Connect { attempt, record, agent, why } => {
                said(why);
                let mine = self.calls[attempt].record == *record && self.calls[attempt].answered;
                assert!(mine, "connected are those who answered");
                assert!(self.idle.remove(agent) || self.rules.preview, "{agent} has one call");
            }
            Output::StartFlow { attempt, why, .. } => {
                said(why);
                assert!(self.calls[attempt].answered);
            }
            Output::Abandon { attempt, why, .. } => {
                said(why);
                let call = self.calls[attempt].clone();
                assert!(call.answered, "only who has answered can be abandoned");
                self.abandoned += 1;
                let window = self.window(call.dialled);
                self.windows.entry(window).or_default().1 += 1;
            }
            Output::Clear { why, .. } | Output::Imported { why, .. } => said(why),
            Output::Retry { record, at, why } => {
                said(why);
                self.no_more_under_way(*record);
                self.customers.get_mut(record).unwrap().not_before = *at;
            }
            Output::Ended { record, why, .. } => {
                said(why);
                self.no_more_under_way(*record);
                let customer = self.customers.get_mut(record).unwrap();
                assert!(!customer.ended, "a record ends once");
                customer.ended = true;
                self.ended += 1;
            }
            Output::QuotaReached { cell, why } => {
                said(why);
                assert_eq!(self.completed[cell], self.rules.quotas[cell]);
            }
        }
        self.check_cap();
    }

    fn no_more_under_way(&mut self, record: RecordId) {
        self.customers.get_mut(&record).unwrap().under_way = false;
        self.calls.retain(|_, call| call.record != record);
    }

    fn dial(&mut self, now: Timestamp, attempt: AttemptId, record: RecordId, number: &PhoneNumber) {
        self.dials += 1;
        if self.rules.preview {
            assert!(self.shown.remove(&record), "in preview an agent starts the call");
            self.shown_to.retain(|_, shown| *shown != record);
        } else {
            assert!(self.calls.len() < self.lines as usize, "no more calls than lines");
        }
        let sample = self.rules.sample;
        let customer = self.customers.get_mut(&record).unwrap();
        assert!(!customer.ended, "{record} has ended");
        assert!(!customer.under_way, "{record} has a call already");
        assert!(customer.numbers.contains(number), "dialled are the customer's numbers");
        assert!(now >= customer.not_before, "{record} is due later");
        assert!(!self.do_not_call.contains(number), "{number} wants no calls");
        assert!(customer.attempts < sample.max_attempts, "{record} was dialled often enough");
        assert!(customer.refusals < sample.max_refusals, "{record} refused often enough");
        let (from, to) = self.rules.hours[&customer.region];
        let hour = (now.as_micros() / 1_000_000 + 8 * 3600) % 86_400 / 3600;
        // In preview the record was shown in its hours, and the agent may have taken his time.
        let late = if self.rules.preview { 1 } else { 0 };
        assert!((from..to + late).contains(&hour), "{} at {hour} h", customer.region);
        if let Some((last, at)) = customer.last.clone().filter(|_| !customer.at_once) {
            let gap = if last == *number { sample.min_gap } else { sample.next_number_gap };
            assert!(now.since(at) >= gap, "{record} was dialled {:?} ago", now.since(at));
        }
        customer.attempts += 1;
        customer.under_way = true;
        customer.at_once = false;
        customer.last = Some((number.clone(), now));
        let times = self.dialled.entry(number.clone()).or_default();
        times.push(now);
        let today = times.iter().filter(|at| now.since(**at).as_secs() < 86_400).count();
        assert!(
            today <= usize::from(sample.max_per_number_and_day),
            "{number} {today} times today"
        );
        let call = Call { record, dialled: now, number: number.clone(), answered: false };
        self.calls.insert(attempt, call);
        self.check_places(record);
    }

    /// With every customer who is being called completed, no quota cell would overshoot.
    fn check_places(&self, record: RecordId) {
        for cell in &self.customers[&record].cells {
            let under_way = |(id, customer): &(&RecordId, &Customer)| {
                (customer.under_way || self.shown.contains(id)) && customer.cells.contains(cell)
            };
            let taken = self.customers.iter().filter(under_way).count();
            let completed = self.completed.get(cell).copied().unwrap_or(0);
            assert!(
                completed as usize + taken <= self.rules.quotas[cell] as usize,
                "{cell}: {completed} completed and {taken} under way"
            );
        }
    }

    fn check_cap(&self) {
        for (window, (answered, abandoned)) in &self.windows {
            let allowed = self.rules.cap * *answered as f64 + self.withdrawn as f64;
            assert!(
                *abandoned as f64 <= allowed + 1e-9,
                "window {window}: {abandoned} of {answered} abandoned, {} agents withdrawn",
                self.withdrawn
            );
        }
    }
}

#[track_caller]
fn said(why: &Why) {
    assert!(!why.rule.is_empty() && !why.zh.is_empty() && !why.en.is_empty(), "{why:?}");
}
