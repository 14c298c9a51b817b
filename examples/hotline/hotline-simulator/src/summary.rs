//! What came of it: a fold over the events of the centre.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use cti_core::{
    agent::{AgentState, NotReadyReason},
    event::{CallKind, DequeueReason, Event, Fact, RecordingKind},
    id::{AgentId, CallId, SessionId},
    router::OverflowReason,
    time::Timestamp,
};

/// A wait that ends with an answer within this time is good service (GB/T 33358: 15 s).
pub const SERVICE_TIME: Duration = Duration::from_secs(15);

/// What became of the callers of some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who called.
    pub arrivals: u64,
    /// Who entered a queue.
    pub queued: u64,
    /// Whom an agent answered.
    pub answered: u64,
    /// Whom an agent answered within [`SERVICE_TIME`] of entering the queue.
    pub answered_in_time: u64,
    /// Who hung up before.
    pub abandoned: u64,
    /// Whom a queue sent on, by reason.
    pub overflowed: BTreeMap<OverflowReason, u64>,
    /// Who left a queue by a key.
    pub left: u64,
    /// Whom a flow served to the end, without a queue.
    pub by_flow: u64,
    /// Who was still inside at the end.
    pub inside: u64,
    /// Who left a message, after an overflow or by a key.
    pub messages: u64,
    /// How long those who were answered had waited, together.
    pub waited: Duration,
    /// The longest of these waits.
    pub longest_wait: Duration,
}

impl Tally {
    /// Returns the share of those who entered a queue that an agent answered in time.
    #[must_use]
    pub fn service_level(&self) -> Option<f64> {
        (self.queued > 0).then(|| self.answered_in_time as f64 / self.queued as f64)
    }

    /// Returns the mean wait of those who were answered.
    #[must_use]
    pub fn average_wait(&self) -> Option<Duration> {
        (self.answered > 0).then(|| self.waited.div_f64(self.answered as f64))
    }

    /// Returns everyone who was sent on by a queue.
    #[must_use]
    pub fn overflows(&self) -> u64 {
        self.overflowed.values().sum()
    }

    /// Returns whether everyone who called is accounted for, exactly once.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        let ends = self.answered + self.abandoned + self.overflows() + self.left + self.by_flow;
        self.arrivals == ends + self.inside
    }
}

/// What an agent did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentTally {
    /// The calls that he answered.
    pub answered: u64,
    /// The offers that he missed.
    pub missed: u64,
    /// The time that he was being rung, talked or wrote up.
    pub busy: Duration,
}

/// The outcome of a simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The seed it came from.
    pub seed: u64,
    /// How long the simulated time was.
    pub length: Duration,
    /// Everything.
    pub total: Tally,
    /// By the hour, from the beginning, in which the caller came.
    pub hours: Vec<Tally>,
    /// By agent.
    pub agents: BTreeMap<AgentId, AgentTally>,
    /// How many sessions of flows ran at once at most; a caller who waits in a queue with a flow of its own has two.
    pub most_sessions: usize,
    /// How many events the centre wrote down.
    pub events: u64,
}

impl Summary {
    /// Returns the share of their time that agents were busy.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        let time = self.length.as_secs_f64() * self.agents.len() as f64;
        let busy: Duration = self.agents.values().map(|agent| agent.busy).sum();
        (time > 0.0).then(|| busy.as_secs_f64() / time)
    }
}

/// A caller of whom the end is not known.
#[derive(Clone, Copy, Debug)]
struct Inside {
    hour: usize,
    queued_at: Option<Timestamp>,
    /// Whether it is already counted how he left.
    counted: bool,
}

/// Makes a [`Summary`] of events.
#[derive(Debug)]
pub(crate) struct Fold {
    from: Timestamp,
    summary: Summary,
    calls: BTreeMap<CallId, Inside>,
    sessions: BTreeSet<(CallId, SessionId)>,
    busy_since: BTreeMap<AgentId, Timestamp>,
}

impl Fold {
    pub(crate) fn new(seed: u64, from: Timestamp) -> Self {
        Self {
            from,
            summary: Summary { seed, ..Summary::default() },
            calls: BTreeMap::new(),
            sessions: BTreeSet::new(),
            busy_since: BTreeMap::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a fold looks at the facts that concern it")]
    pub(crate) fn apply(&mut self, event: &Event) {
        self.summary.events += 1;
        let at = event.at;
        match &event.fact {
            Fact::CallStarted { call, kind: CallKind::Service, .. } => {
                let hour = usize::try_from(at.since(self.from).as_secs() / 3600).unwrap_or(0);
                self.calls.insert(*call, Inside { hour, queued_at: None, counted: false });
                self.count(*call, |tally| tally.arrivals += 1);
            }
            Fact::Queued { call: Some(call), .. } => {
                if let Some(inside) = self.calls.get_mut(call) {
                    let first = inside.queued_at.is_none();
                    inside.queued_at.get_or_insert(at);
                    if first {
                        self.count(*call, |tally| tally.queued += 1);
                    }
                }
            }
            Fact::Dequeued { call: Some(call), reason, .. } => self.dequeued(*call, *reason, at),
            Fact::RecordingStarted { call, kind: RecordingKind::Message, .. } => {
                self.count(*call, |tally| tally.messages += 1);
            }
            Fact::FlowStarted { call, session, .. } => {
                self.sessions.insert((*call, *session));
                self.summary.most_sessions = self.summary.most_sessions.max(self.sessions.len());
            }
            Fact::FlowEnded { call, session } => {
                self.sessions.remove(&(*call, *session));
            }
            Fact::CallEnded { call, .. } => {
                let of_call = (*call, SessionId(0))..=(*call, SessionId(u64::MAX));
                let left: Vec<_> = self.sessions.range(of_call).copied().collect();
                for session in left {
                    self.sessions.remove(&session);
                }
                self.ends(*call, |tally| tally.by_flow += 1);
                self.calls.remove(call);
            }
            Fact::Connected { party, .. } => {
                if let Some(agent) = &party.agent {
                    self.summary.agents.entry(agent.clone()).or_default().answered += 1;
                }
            }
            Fact::AgentStateChanged { agent, to, .. } => self.agent(agent, to, at),
            _ => {}
        }
    }

    /// Counts how a caller left the queue.
    fn dequeued(&mut self, call: CallId, reason: DequeueReason, at: Timestamp) {
        // He goes on waiting.
        if reason == DequeueReason::Moved {
            return;
        }
        let Some(queued_at) = self.calls.get(&call).and_then(|inside| inside.queued_at) else {
            return;
        };
        let waited = at.since(queued_at);
        self.ends(call, |tally| match reason {
            DequeueReason::Answered => {
                tally.answered += 1;
                tally.answered_in_time += u64::from(waited <= SERVICE_TIME);
                tally.waited += waited;
                tally.longest_wait = tally.longest_wait.max(waited);
            }
            DequeueReason::Abandoned => tally.abandoned += 1,
            DequeueReason::Overflowed(reason) => *tally.overflowed.entry(reason).or_default() += 1,
            DequeueReason::Left => tally.left += 1,
            DequeueReason::Cleared | DequeueReason::SystemRestart => tally.by_flow += 1,
            DequeueReason::Moved => {}
        });
    }

    fn agent(&mut self, agent: &AgentId, to: &AgentState, at: Timestamp) {
        let tally = self.summary.agents.entry(agent.clone()).or_default();
        match to {
            AgentState::Reserved { .. } | AgentState::OnCall { .. } | AgentState::AfterCallWork => {
                self.busy_since.entry(agent.clone()).or_insert(at);
            }
            AgentState::SignedOut | AgentState::NotReady { .. } | AgentState::Ready => {
                if let Some(since) = self.busy_since.remove(agent) {
                    tally.busy += at.since(since);
                }
                let missed = AgentState::NotReady { reason: NotReadyReason::NoAnswer };
                tally.missed += u64::from(*to == missed);
            }
        }
    }

    /// Counts the end of a caller once, by what happened first.
    fn ends(&mut self, call: CallId, add: impl Fn(&mut Tally)) {
        if let Some(inside) = self.calls.get_mut(&call)
            && !inside.counted
        {
            inside.counted = true;
            self.count(call, add);
        }
    }

    fn count(&mut self, call: CallId, add: impl Fn(&mut Tally)) {
        let Some(hour) = self.calls.get(&call).map(|inside| inside.hour) else { return };
        if self.summary.hours.len() <= hour {
            self.summary.hours.resize_with(hour + 1, Tally::default);
        }
        add(&mut self.summary.hours[hour]);
        add(&mut self.summary.total);
    }

    pub(crate) fn finish(mut self, to: Timestamp) -> Summary {
        let inside: Vec<_> = self.calls.keys().copied().collect();
        for call in inside {
            self.ends(call, |tally| tally.inside += 1);
        }
        for (agent, since) in std::mem::take(&mut self.busy_since) {
            self.summary.agents.entry(agent).or_default().busy += to.since(since);
        }
        self.summary.length = to.since(self.from);
        self.summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.total;
        let percent = |share: Option<f64>| {
            share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
        };
        let seconds = |time: Option<Duration>| {
            time.map_or("-".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()))
        };
        let reason = |reason| total.overflowed.get(&reason).copied().unwrap_or_default();
        let rows = [
            ("seed", self.seed.to_string()),
            ("来电 arrivals", total.arrivals.to_string()),
            ("接听 answered", total.answered.to_string()),
            ("放弃 abandoned", total.abandoned.to_string()),
            ("等待超时转出 waited too long", reason(OverflowReason::WaitedTooLong).to_string()),
            ("队列满转出 queue full", reason(OverflowReason::QueueFull).to_string()),
            ("无人值守转出 nobody staffed", reason(OverflowReason::NobodyStaffed).to_string()),
            ("预计等待过长转出 expected wait", reason(OverflowReason::ExpectedWait).to_string()),
            ("服务水平过低转出 service level", reason(OverflowReason::ServiceLevel).to_string()),
            ("队列关闭转出 closed", reason(OverflowReason::Closed).to_string()),
            ("按键离开 left by key", total.left.to_string()),
            ("自助完成 served by flow", total.by_flow.to_string()),
            ("尚在途中 still inside", total.inside.to_string()),
            ("留言 messages", total.messages.to_string()),
            ("15 秒接通率 service level in 15 s", percent(total.service_level())),
            ("平均等待 average wait", seconds(total.average_wait())),
            ("最长等待 longest wait", seconds((total.answered > 0).then_some(total.longest_wait))),
            ("坐席 agents", self.agents.len().to_string()),
            ("坐席忙碌率 occupancy", percent(self.occupancy())),
            ("同时会话最多 most sessions at once", self.most_sessions.to_string()),
            ("事件 events", self.events.to_string()),
        ];
        for (name, value) in rows {
            writeln!(f, "{value:>10}  {name}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "  hour  arrivals  answered  abandoned  overflow  left   in 15 s  average wait"
        )?;
        for (hour, tally) in self.hours.iter().enumerate() {
            writeln!(
                f,
                "{:>6}{:>10}{:>10}{:>11}{:>10}{:>6}{:>10}{:>14}",
                hour + 1,
                tally.arrivals,
                tally.answered,
                tally.abandoned,
                tally.overflows(),
                tally.left,
                percent(tally.service_level()),
                seconds(tally.average_wait()),
            )?;
        }
        Ok(())
    }
}
