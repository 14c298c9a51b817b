//! The one async driver: it feeds a Center with what happens and carries out what it decides.
//!
//! ```text
//!  Handle ── requests ──▶ ┌────────┐ ── commands, once durable ──▶ Switch
//!  Switch ── reports ───▶ │ driver │ ── events ──▶ journal thread ──▶ durable up to #n
//!  clock ── time-outs ──▶ └────────┘ ── events, once durable ──▶ subscribers
//! ```
//!
//! Nobody is told anything that a crash could take back: replies, INVITEs, answers and published events wait until the
//! facts behind them are durable. What waits never lets anything of the same leg overtake it.

#![expect(clippy::disallowed_methods, reason = "this is the driver: it reads the clock and spawns")]

mod agent;
mod calls;
mod clips;
mod clock;
mod device;
mod gate;
mod handle;
mod journal_thread;
#[cfg(feature = "testkit")]
mod live_switch;
mod monitors;
mod program_call;
mod programs;

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

#[cfg(feature = "testkit")]
pub use self::live_switch::{LiveSwitch, People};
pub use self::{
    agent::Agent,
    calls::Calls,
    clips::Clips,
    clock::Clock,
    device::Device,
    handle::{Handle, Stopped, Subscription, SubscriptionEvent},
    monitors::{Heard as MonitorHeard, Monitor, MonitorError},
    program_call::{CallError, Collected, Heard, PlayError, ProgramCall},
};
use self::{
    gate::Gate,
    handle::{Message, MonitorRefresh, MonitorStart},
    journal_thread::{JournalReport, JournalThread},
    monitors::Hub,
    programs::Programs,
};
use crate::{
    call::Place,
    center::{Center, Effect, Input},
    command::{Command, CommandError, Reply, Request, Service},
    event::Event,
    flow::{CallData, LookupFailure},
    id::{CallId, EventNo, RequestId},
    journal::{Journal, JournalError},
    needs::Needs,
    switch::{Switch, SwitchCommand},
    time::Timestamp,
    trace::{Header, Step},
};

/// Answers the lookups of flows: tables, databases, services.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// Returns the row of `source` that `key` names.
    ///
    /// # Errors
    /// When there is no such source or row, or the source fails.
    async fn find(&self, source: &str, key: &str) -> Result<CallData, LookupFailure>;
}

/// No tables at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLookup;

#[async_trait]
impl Lookup for NoLookup {
    async fn find(&self, _source: &str, _key: &str) -> Result<CallData, LookupFailure> {
        Err(LookupFailure::UnknownSource)
    }
}

/// What a driver needs besides its Center.
pub struct Parts {
    /// The switch that carries out commands.
    pub switch: Box<dyn Switch>,
    /// Where events become durable.
    pub journal: Box<dyn Journal>,
    /// Who answers lookups.
    pub lookup: Arc<dyn Lookup>,
    /// The version that the log names.
    pub version: String,
    /// Where to record a trace, and the parts its header tells of.
    pub trace: Option<(Box<dyn Write + Send>, serde_json::Value)>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("journal", &self.journal)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// How many messages may wait for the driver.
const INBOX: usize = 4096;
/// How many published events are kept for subscribers who resume.
const HISTORY: usize = 65_536;
/// How many events a subscriber may be behind before he is told that he lost some.
const SUBSCRIBER_LAG: usize = 16_384;
/// How long a lookup may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
/// How many lookups may be under way; more are answered with a failure at once.
const LOOKUPS: usize = 256;

/// Replays the journal into the Center and returns how many events there were. The switch is built afterwards: it
/// numbers its incoming legs from [`Center::first_switch_leg`] on.
///
/// # Errors
/// When the journal cannot be read.
pub fn recover(center: &mut Center, journal: &mut dyn Journal) -> Result<usize, JournalError> {
    let events = journal.read(center.last_event())?;
    for event in &events {
        center.replay(event);
    }
    Ok(events.len())
}

/// Starts a [recovered](recover) Center and drives it from a task of its own until [`Handle::stop`].
#[must_use]
pub fn spawn(mut center: Center, mut parts: Parts) -> Handle {
    let clock = Clock::new(center.last_time());
    let (inbox, messages) = mpsc::channel(INBOX);
    let (published, _) = broadcast::channel(SUBSCRIBER_LAG);
    let started = clock.now();
    if let Some((trace, header_parts)) = &mut parts.trace {
        let header = Header {
            version: parts.version.clone(),
            parts: header_parts.take(),
            snapshot: center.snapshot(),
            started,
        };
        write_line(trace, &header);
    }
    let durable = center.last_event();
    let hub = Hub::of(&center);
    let (journal_failure, journal) = watch::channel(None);
    center.start(started, &parts.version);
    let (journal_thread, journal_reports) = JournalThread::start(parts.journal);
    let driver = Driver {
        center,
        clock,
        switch: parts.switch,
        journal: journal_thread,
        lookup: parts.lookup,
        lookups: 0,
        trace: parts.trace.map(|(trace, _)| trace),
        inbox: inbox.downgrade(),
        gate: Gate::new(durable),
        unpublished: VecDeque::new(),
        history: VecDeque::new(),
        published: published.clone(),
        next_request: RequestId(0),
        replies: BTreeMap::new(),
        programs: Programs::default(),
        hub: hub.clone(),
        journal_failure,
    };
    let (ended, end) = oneshot::channel();
    tokio::spawn(async move {
        driver.run(messages, journal_reports).await;
        let _ = ended.send(());
    });
    Handle::new(inbox, hub, journal, end)
}

struct Driver {
    center: Center,
    clock: Clock,
    switch: Box<dyn Switch>,
    journal: JournalThread,
    lookup: Arc<dyn Lookup>,
    lookups: usize,
    trace: Option<Box<dyn Write + Send>>,
    inbox: mpsc::WeakSender<Message>,
    gate: Gate<Ready>,
    unpublished: VecDeque<Arc<Event>>,
    history: VecDeque<Arc<Event>>,
    published: broadcast::Sender<Arc<Event>>,
    next_request: RequestId,
    replies: BTreeMap<RequestId, oneshot::Sender<Result<Reply, CommandError>>>,
    programs: Programs,
    hub: Hub,
    /// Why the journal cannot be written, while it cannot.
    journal_failure: watch::Sender<Option<String>>,
}

/// What is done once it may be.
enum Ready {
    Switch(SwitchCommand),
    Reply(RequestId, Result<Reply, CommandError>),
    MonitorStarted(Box<MonitorStart>, oneshot::Sender<MonitorStart>),
    MonitorRefreshed(Box<MonitorRefresh>, oneshot::Sender<MonitorRefresh>),
}

impl Driver {
    async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        mut journal_reports: mpsc::UnboundedReceiver<JournalReport>,
    ) {
        self.drain();
        loop {
            let due = self.center.poll_timeout();
            let sleep = self.clock.sleep_until(due);
            tokio::select! {
                report = self.switch.report() => match report {
                    Some(report) => self.input(Input::Report(report)),
                    None => {
                        tracing::error!("the switch has ended; the centre stops");
                        break;
                    }
                },
                message = messages.recv() => match message {
                    Some(Message::Stop) | None => break,
                    Some(message) => self.message(message),
                },
                report = journal_reports.recv() => match report {
                    Some(report) => self.journal_report(report),
                    None => {
                        tracing::error!("the journal has ended; the centre stops");
                        break;
                    }
                },
                () = sleep, if due.is_some() => {
                    let at = self.clock.now();
                    self.record(&Step::Timeout { at });
                    self.center.handle_timeout(at);
                    self.drain();
                }
            }
        }
        // What was decided is written down before the driver ends; what waits for it is carried out.
        self.journal.close();
        while let Some(report) = journal_reports.recv().await {
            self.journal_report(report);
        }
        self.hub.stop();
        if let Some(trace) = &mut self.trace {
            let _ = trace.flush();
        }
    }

    fn input(&mut self, input: Input) {
        let at = self.clock.now();
        if self.trace.is_some() {
            self.record(&Step::Input { at, input: input.clone() });
        }
        if let Err(error) = self.center.handle(at, input) {
            tracing::error!(%error, "Refused an input");
        }
        self.drain();
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Request { command, reply } => {
                let id = self.next_request_id();
                self.replies.insert(id, reply);
                self.input(Input::Request(Request { id, command }));
            }
            Message::Input(input) => self.input(input),
            Message::LookupDone { session, lookup, result } => {
                self.lookups -= 1;
                self.input(Input::LookupDone { session, lookup, result });
            }
            Message::Inspect(inspect) => inspect(&self.center),
            Message::Subscribe { after, reply } => {
                let subscription = self.subscription(after);
                let _ = reply.send(subscription);
            }
            Message::StartMonitor { request, reply } => {
                let started = Box::new(self.hub.start(request, &self.center));
                let at = started.as_ref().as_ref().ok().map(|started| started.at);
                self.tell_when_durable(at, Ready::MonitorStarted(started, reply));
            }
            Message::RefreshMonitor { monitor, reply } => {
                let refreshed = Box::new(self.hub.refresh(monitor, &self.center));
                let at = refreshed.as_ref().as_ref().ok().map(|refreshed| refreshed.at);
                self.tell_when_durable(at, Ready::MonitorRefreshed(refreshed, reply));
            }
            Message::NextCall { program, asker } => {
                self.programs.ask(&self.center, program, asker);
            }
            Message::GiveBack { call } => self.programs.give_back(&self.center, call),
            Message::LetGo { call } => self.let_go(call),
            Message::FollowCall { call, follower } => {
                if self.center.call(call).is_some() {
                    self.programs.follow_call(call, follower);
                }
            }
            Message::Stop => {}
        }
    }

    fn tell_when_durable(&mut self, after: Option<EventNo>, ready: Ready) {
        if let Some(ready) = self.gate.pass(after, &[], ready) {
            self.carry_out(ready);
        }
    }

    fn subscription(&self, after: Option<EventNo>) -> Subscription {
        let published = self.published.subscribe();
        let newest = self.gate.durable();
        let oldest = self.history.front().map_or(newest.next(), |event| event.no);
        match after {
            Some(after) if after.next() >= oldest && after <= newest => {
                let backlog =
                    self.history.iter().filter(|event| event.no > after).cloned().collect();
                Subscription::new(published, backlog, None)
            }
            Some(_) => Subscription::new(published, VecDeque::new(), Some(newest)),
            None => Subscription::new(published, VecDeque::new(), None),
        }
    }

    fn journal_report(&mut self, report: JournalReport) {
        match report {
            JournalReport::Durable(no) => {
                if self.journal_failure.send_replace(None).is_some() {
                    tracing::warn!("The journal can be written again; new calls are taken");
                    self.drain_calls(false);
                }
                for ready in self.gate.open(no) {
                    self.carry_out(ready);
                }
                while self.unpublished.front().is_some_and(|event| event.no <= no) {
                    let Some(event) = self.unpublished.pop_front() else { break };
                    if self.history.len() == HISTORY {
                        self.history.pop_front();
                    }
                    self.history.push_back(Arc::clone(&event));
                    self.programs.apply(&self.center, &event);
                    self.hub.publish(&event);
                    // Without subscribers there is nobody to tell.
                    let _ = self.published.send(event);
                }
            }
            JournalReport::Failing(reason) => {
                if self.journal_failure.send_replace(Some(reason.clone())).is_none() {
                    tracing::error!(%reason, "The journal cannot be written; new calls are refused until it can");
                    self.drain_calls(true);
                }
            }
        }
    }

    /// A program has dropped its call: a caller who was answered must not hear silence until the time is over.
    fn let_go(&mut self, call: CallId) {
        let Some(it) = self.center.call(call) else { return };
        if let Place::Program(program) = &it.place
            && it.answered.is_some()
        {
            let (to, needs) = (program.otherwise.clone(), Needs::default());
            let service = Service::RouteSelect { call, to, priority: 0, needs };
            self.command(Command::Call(service));
        }
    }

    fn command(&mut self, command: Command) {
        let id = self.next_request_id();
        self.input(Input::Request(Request { id, command }));
    }

    fn drain_calls(&mut self, on: bool) {
        self.command(Command::Drain { on });
    }

    fn next_request_id(&mut self) -> RequestId {
        self.next_request.0 += 1;
        self.next_request
    }

    /// Hands events to the journal and outputs to whom they are for.
    fn drain(&mut self) {
        let mut events = Vec::new();
        while let Some(event) = self.center.poll_event() {
            self.unpublished.push_back(Arc::new(event.clone()));
            events.push(event);
        }
        if !events.is_empty() {
            self.journal.append(events);
        }
        while let Some(output) = self.center.poll_output() {
            match output.effect {
                Effect::Switch(command) => {
                    let legs = legs_of(&command);
                    if let Some(ready) = self.gate.pass(output.after, &legs, Ready::Switch(command))
                    {
                        self.carry_out(ready);
                    }
                }
                Effect::Reply { request, result } => {
                    if let Some(ready) =
                        self.gate.pass(output.after, &[], Ready::Reply(request, result))
                    {
                        self.carry_out(ready);
                    }
                }
                Effect::Lookup { session, lookup, source, key } => {
                    self.look_up(session, lookup, source, key);
                }
            }
        }
    }

    fn carry_out(&mut self, ready: Ready) {
        match ready {
            Ready::Switch(command) => self.switch.execute(command),
            Ready::Reply(request, result) => {
                if let Some(reply) = self.replies.remove(&request) {
                    // Who asked may have gone away.
                    let _ = reply.send(result);
                }
            }
            Ready::MonitorStarted(started, reply) => {
                if let Err(Ok(started)) = reply.send(*started) {
                    self.hub.forget(started.monitor);
                }
            }
            Ready::MonitorRefreshed(refreshed, reply) => drop(reply.send(*refreshed)),
        }
    }

    fn look_up(&mut self, session: crate::id::SessionId, lookup: u32, source: String, key: String) {
        let Some(inbox) = self.inbox.upgrade() else { return };
        self.lookups += 1;
        let overloaded = self.lookups > LOOKUPS;
        let tables = Arc::clone(&self.lookup);
        tokio::spawn(async move {
            let result = if overloaded {
                Err(LookupFailure::Unavailable)
            } else {
                tokio::time::timeout(LOOKUP_TIMEOUT, tables.find(&source, &key))
                    .await
                    .unwrap_or(Err(LookupFailure::Unavailable))
            };
            let _ = inbox.send(Message::LookupDone { session, lookup, result }).await;
        });
    }

    fn record(&mut self, step: &Step) {
        if let Some(trace) = &mut self.trace {
            write_line(trace, step);
        }
    }
}

fn write_line(trace: &mut Box<dyn Write + Send>, line: &impl serde::Serialize) {
    let written = serde_json::to_writer(&mut *trace, line)
        .map_err(std::io::Error::from)
        .and_then(|()| trace.write_all(b"\n"));
    if let Err(error) = written {
        tracing::error!(%error, "Cannot record the trace");
    }
}

fn legs_of(command: &SwitchCommand) -> Vec<crate::id::LegId> {
    match command {
        SwitchCommand::Bridge { a, b } | SwitchCommand::Unbridge { a, b } => vec![*a, *b],
        SwitchCommand::StartRecording { left, right, .. } => vec![*left, *right],
        SwitchCommand::Mix { hears, .. } => hears.iter().map(|hearing| hearing.leg).collect(),
        SwitchCommand::Ring { .. }
        | SwitchCommand::AskToAnswer { .. }
        | SwitchCommand::Answer { .. }
        | SwitchCommand::Dial { .. }
        | SwitchCommand::Hangup { .. }
        | SwitchCommand::Play { .. }
        | SwitchCommand::StopPlay { .. }
        | SwitchCommand::Recognize { .. }
        | SwitchCommand::StopRecognition { .. }
        | SwitchCommand::SendDigits { .. }
        | SwitchCommand::AnswerReference { .. }
        | SwitchCommand::RecordMessage { .. }
        | SwitchCommand::PauseRecording { .. }
        | SwitchCommand::ResumeRecording { .. }
        | SwitchCommand::StopRecording { .. }
        | SwitchCommand::IndicateMessages { .. } => command.leg().into_iter().collect(),
    }
}

/// Returns the moment of an event as the driver's clock would; for callers who need a first timestamp.
#[must_use]
pub fn now() -> Timestamp {
    Clock::new(Timestamp::ZERO).now()
}
