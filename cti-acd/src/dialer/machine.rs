//! The dialer as a machine: what happens goes in with its time, what to do comes out.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use cti_core::{address::PhoneNumber, id::AgentId, time::Timestamp, timers::Timers};
use serde::{Deserialize, Serialize};

use super::{
    agents::{AgentDoes, Agents},
    budget::Budget,
    config::{Campaign, InvalidCampaign},
    estimate::Estimates,
    id::{AttemptId, RecordId},
    input::{DialerError, Input, Output},
    list::List,
    mode::{Limit, Mode},
    quota::Cell,
    record::{Record, RecordState},
};

/// Dials the records of one campaign.
///
/// [`handle`](Self::handle) what happens, [`handle_timeout`](Self::handle_timeout) when
/// [`poll_timeout`](Self::poll_timeout) says so, and after either drain [`poll_output`](Self::poll_output).
#[derive(Debug)]
pub struct Dialer {
    pub(super) campaign: Campaign,
    pub(super) state: State,
    pub(super) list: List,
    /// Whose a number is.
    pub(super) owners: BTreeMap<PhoneNumber, RecordId>,
    pub(super) prefixes: BTreeMap<String, u16>,
    /// How many phones ring, by the second in which they were dialled.
    pub(super) ringing_since: BTreeMap<u64, u32>,
    /// The minute that `region_open` is about.
    pub(super) minute: Option<u64>,
    pub(super) region_open: Vec<bool>,
    pub(super) timers: Timers<Timer>,
    pub(super) limit: Limit,
}

/// Everything that what happened has told; all that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) running: bool,
    pub(super) records: BTreeMap<RecordId, Record>,
    pub(super) attempts: BTreeMap<AttemptId, Attempt>,
    pub(super) last_attempt: AttemptId,
    pub(super) ringing: u32,
    /// Who has answered and waits, by the moment until which.
    pub(super) waiting: BTreeSet<(Timestamp, AttemptId)>,
    pub(super) agents: Agents,
    pub(super) cells: Vec<Cell>,
    pub(super) do_not_call: BTreeSet<PhoneNumber>,
    pub(super) inbound_waiting: u32,
    pub(super) lines: u32,
    pub(super) budget: Budget,
    pub(super) estimates: Estimates,
    pub(super) network: Network,
    /// A second and how many attempts were started in it.
    pub(super) second: (u64, u32),
    pub(super) tally: Tally,
    pub(super) outputs: VecDeque<Output>,
}

/// How often in a row the network has refused a call, and until when it is left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    pub(super) failures: u32,
    pub(super) hold_until: Timestamp,
}

/// What has come of attempts so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Attempts in all.
    pub dialled: u64,
    /// A person answered.
    pub answered: u64,
    /// A person answered and found nobody.
    pub abandoned: u64,
    /// A machine answered.
    pub machine: u64,
    /// Busy.
    pub busy: u64,
    /// Nobody answered.
    pub no_answer: u64,
    /// There is no such number.
    pub unobtainable: u64,
    /// Declined.
    pub declined: u64,
    /// The network could not place the call.
    pub failed: u64,
    /// Contacts completed.
    pub completed: u64,
}

/// An attempt from dialling to the result of the talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) record: RecordId,
    pub(super) dialled: Timestamp,
    /// The window of the abandonment rule that it counts in.
    pub(super) window: u64,
    pub(super) phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nobody has answered; in preview for one agent alone.
    Ringing { agent: Option<AgentId> },
    /// A person has answered and waits.
    Waiting { until: Timestamp },
    /// Talks with an agent, or with a flow.
    Talking { agent: Option<AgentId> },
}

/// What a dialer waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A person who answered has waited long enough.
    WaitEnd(AttemptId),
    /// Nothing was told of an attempt for too long.
    RingEnd(AttemptId),
    /// An agent has looked at a record long enough.
    LookEnd(AgentId),
    /// The next customer is due.
    Due,
    /// Hours of regions may begin or end.
    Minute,
    /// The pace is thought over.
    Second,
    /// The network is tried again.
    Hold,
}

/// How much longer than its ringing time an attempt is believed in.
pub(super) const RING_GRACE: Duration = Duration::from_secs(30);

impl Dialer {
    /// Returns the dialer of a campaign that is not running yet and has no records.
    ///
    /// # Errors
    /// When the campaign contradicts itself.
    pub fn new(campaign: Campaign) -> Result<Self, InvalidCampaign> {
        campaign.check()?;
        let state = State {
            running: false,
            records: BTreeMap::new(),
            attempts: BTreeMap::new(),
            last_attempt: AttemptId(0),
            ringing: 0,
            waiting: BTreeSet::new(),
            agents: Agents::default(),
            cells: vec![Cell::default(); campaign.quotas.len()],
            do_not_call: BTreeSet::new(),
            inbound_waiting: 0,
            lines: campaign.lines,
            budget: Budget::default(),
            estimates: Estimates::new(&campaign.first_guess, campaign.ring_for),
            network: Network::default(),
            second: (0, 0),
            tally: Tally::default(),
            outputs: VecDeque::new(),
        };
        Ok(Self::with_state(campaign, state))
    }

    /// Returns the dialer with indexes made anew from its state.
    pub(super) fn with_state(campaign: Campaign, state: State) -> Self {
        let mut prefixes = BTreeMap::new();
        for (number, region) in (0_u16..).zip(&campaign.regions) {
            for prefix in &region.prefixes {
                prefixes.entry(prefix.clone()).or_insert(number);
            }
        }
        let mut dialer = Self {
            region_open: vec![false; campaign.regions.len()],
            campaign,
            state,
            list: List::default(),
            owners: BTreeMap::new(),
            prefixes,
            ringing_since: BTreeMap::new(),
            minute: None,
            timers: Timers::default(),
            limit: Limit::NotRunning,
        };
        dialer.index();
        dialer
    }

    fn index(&mut self) {
        for (id, record) in &mut self.state.records {
            for line in &record.lines {
                self.owners.insert(line.number.clone(), *id);
            }
            record.group = self.list.group(record.region, &record.cells);
            if let RecordState::Waiting { due } = record.state {
                self.list.insert_later(*id, due);
            }
        }
        for (id, attempt) in &self.state.attempts {
            match &attempt.phase {
                Phase::Ringing { .. } => {
                    let end = attempt.dialled + self.campaign.ring_for + RING_GRACE;
                    self.timers.arm(Timer::RingEnd(*id), end);
                    *self.ringing_since.entry(second(attempt.dialled)).or_default() += 1;
                }
                Phase::Waiting { until } => self.timers.arm(Timer::WaitEnd(*id), *until),
                Phase::Talking { .. } => {}
            }
        }
        for (agent, does) in self.state.agents.iter() {
            if let AgentDoes::Looks { until, .. } = does {
                self.timers.arm(Timer::LookEnd(agent.clone()), until);
            }
        }
    }

    /// Goes on at `now` with restored state: everything is thought over at the first occasion.
    pub(super) fn take_up(&mut self, now: Timestamp) {
        self.state.budget.advance(now, &self.campaign.abandonment);
        self.catch_up(now);
        self.arm(now);
        if self.state.running {
            self.timers.arm(Timer::Second, now);
        }
    }

    /// Takes in what happened at `now`; drain [`poll_output`](Self::poll_output) afterwards.
    ///
    /// # Errors
    /// When it makes no sense now; nothing is changed then.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), DialerError> {
        self.state.budget.advance(now, &self.campaign.abandonment);
        match input {
            Input::Import(record) => self.import(record)?,
            Input::Recall(record) => self.recall(record)?,
            Input::DoNotCall { number, listed } => self.do_not_call(number, listed)?,
            Input::Start => {
                self.state.running = true;
                self.state.budget.begin(now);
            }
            Input::Pause => {
                self.state.running = false;
                self.withdraw_previews(now);
            }
            Input::AgentIdle(agent) => self.agent_idle(now, &agent),
            Input::AgentBusy(agent) => self.agent_busy(now, &agent)?,
            Input::AgentGone(agent) => self.agent_gone(now, &agent)?,
            Input::PreviewAccepted(agent) => self.preview_accepted(now, &agent)?,
            Input::PreviewDeclined(agent) => self.preview_declined(now, &agent)?,
            Input::Outcome { attempt, outcome } => self.outcome(now, attempt, outcome)?,
            Input::NotConnected(attempt) => self.not_connected(attempt)?,
            Input::Result { record, result } => self.result(now, record, result)?,
            Input::InboundWaiting(callers) => self.state.inbound_waiting = callers,
            Input::Lines(lines) => self.state.lines = lines,
        }
        self.settle(now);
        Ok(())
    }

    /// Fires what is due at `now`; calling it early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.state.budget.advance(now, &self.campaign.abandonment);
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::WaitEnd(attempt) => self.wait_ended(now, attempt),
                Timer::RingEnd(attempt) => self.ring_ended(now, attempt),
                Timer::LookEnd(agent) => self.look_ended(now, &agent),
                Timer::Due | Timer::Minute | Timer::Second | Timer::Hold => {}
            }
        }
        self.settle(now);
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) should next be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// Returns the next thing to do, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.state.outputs.pop_front()
    }

    pub(super) fn put(&mut self, output: Output) {
        self.state.outputs.push_back(output);
    }

    /// Brings everything up to `now`: who is connected, who is dialled.
    fn settle(&mut self, now: Timestamp) {
        self.catch_up(now);
        self.connect_waiting(now);
        self.dial(now);
        self.arm(now);
    }

    /// Brings up to `now` what time alone changes: hours, who is due.
    fn catch_up(&mut self, now: Timestamp) {
        self.refresh_hours(now);
        while let Some((id, due)) = self.list.pop_due(now) {
            let record = &self.state.records[&id];
            self.list.insert_due(record.group, id, record.priority, due);
        }
    }

    /// Opens and closes regions when a minute begins; hours have no finer steps.
    fn refresh_hours(&mut self, now: Timestamp) {
        let minute = now.as_micros() / 60_000_000;
        if self.minute == Some(minute) {
            return;
        }
        let first = self.minute.replace(minute).is_none();
        for number in 0..self.campaign.regions.len() {
            let open = self.campaign.regions[number].is_open(now);
            if self.region_open[number] != open || first {
                self.region_open[number] = open;
                let region = u16::try_from(number).expect("regions are at most 4096");
                for group in self.list.of_region(region) {
                    self.refresh_group(group);
                }
            }
        }
    }

    fn arm(&mut self, now: Timestamp) {
        let running = self.state.running;
        let next = |unit: u64| Timestamp::from_micros((now.as_micros() / unit + 1) * unit);
        let has_hours = self.campaign.regions.iter().any(|region| region.calendar.is_some());
        self.arm_if(Timer::Minute, (running && has_hours).then(|| next(60_000_000)));
        self.arm_if(Timer::Due, self.list.next_due().filter(|_| running));
        let paced = match self.campaign.mode {
            Mode::Predictive => self.state.agents.at_work() > 0,
            Mode::Agentless { .. } => true,
            Mode::Preview { .. } | Mode::Progressive => false,
        };
        let second = running && paced && self.list.has_next();
        self.arm_if(Timer::Second, second.then(|| next(1_000_000)));
        let hold = self.state.network.hold_until;
        self.arm_if(Timer::Hold, (running && hold > now).then_some(hold));
    }

    fn arm_if(&mut self, timer: Timer, at: Option<Timestamp>) {
        match at {
            Some(at) => self.timers.arm(timer, at),
            None => self.timers.disarm(&timer),
        }
    }
}

/// The second that a moment is in.
pub(super) fn second(at: Timestamp) -> u64 {
    at.as_micros() / 1_000_000
}
