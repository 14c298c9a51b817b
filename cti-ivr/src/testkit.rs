//! The scripted caller: walks through flows on a virtual clock and says where they do something unexpected.
//!
//! A script is a row of steps, one per line or separated by `;`. `expect` lets time pass until the session does the
//! next thing that can be noticed, which must be the expected one; nothing can be skipped.
//!
//! | step | meaning |
//! |---|---|
//! | `expect play welcome` | plays these clips; spoken values are written as Chinese text |
//! | `expect music music/hold` | plays these clips in a loop |
//! | `expect answer`, `expect enqueue gjj`, `expect ring 8015 8016 for 20s`, `expect record` … | the other effects |
//! | `expect at main-menu` | stands at this node now |
//! | `expect nothing for 3s` | does nothing that can be noticed |
//! | `press 12#`, `press 1 after 800ms` | keys, one at once or after a time |
//! | `wait 5s` | lets time pass |
//! | `position 3` | the place in the queue from now on |
//! | `leaves queue overflow` | how the wait ends: `overflow`, `full`, `no_staff`, `left`, `failed` |
//! | `ring fails`, `recorded 8s`, `not recorded` | what else happens |
//! | `hangs up` | the caller is gone |
//!
//! ```
//! # use cti_core::calendar::Calendars;
//! # use cti_ivr::{engine::Engine, flow::FlowSet, testkit::Caller};
//! # let text = r#"{"schema": "cti.flow/1", "id": "main", "kind": "inbound", "name": "Main", "entry": "answer", "nodes": {
//! #     "answer": {"type": "answer", "out": {"next": "menu"}},
//! #     "menu": {"type": "menu", "prompt": ["welcome"], "out": {"1": "queue", "exhausted": "bye"}},
//! #     "queue": {"type": "enqueue", "queue": "gjj", "out": {"overflow": "bye", "no_staff": "bye", "full": "bye", "left": "bye", "failed": "bye"}},
//! #     "bye": {"type": "hangup"}}}"#;
//! let engine = Engine::new(FlowSet::parse([("main.json", text)])?, Calendars::default())?;
//! Caller::new(engine, "main")?.run("expect answer; expect play welcome; press 1 after 800ms; expect enqueue gjj")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod paths;
mod script;
mod show;
pub mod suite;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use cti_core::{
    address::{InvalidNumber, PhoneNumber},
    flow::{
        CallData, FlowEffect, FlowEngine as _, FlowInput, LookupFailure, QueueExit, SessionView,
    },
    id::{FlowId, SessionId},
    router::OverflowReason,
    switch::PlayEnd,
    time::Timestamp,
};

use crate::{
    engine::{Engine, Place},
    flow::Flow,
    table::Table,
};
use script::Step;
use show::{length, show};

/// How long a table takes to answer.
const TABLE_DELAY: Duration = Duration::from_millis(50);
/// `expect` waits at most this long for something to happen.
const PATIENCE: Duration = Duration::from_secs(600);

/// A script that did not go as written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {reason}\nso far: {heard}")]
pub struct Unexpected {
    /// The step.
    pub step: String,
    /// What happened in its place.
    pub reason: String,
    /// What the session had done before, in order.
    pub heard: String,
}

/// A caller with a script in his hand.
#[derive(Debug)]
pub struct Caller {
    engine: Engine,
    flow: FlowId,
    session: SessionId,
    started: bool,
    now: Timestamp,
    caller: PhoneNumber,
    called: PhoneNumber,
    data: CallData,
    position: Option<usize>,
    tables: BTreeMap<String, Table>,
    playing: Option<(u32, Option<Timestamp>)>,
    asked: Option<(u32, Timestamp, Result<CallData, LookupFailure>)>,
    noticed: VecDeque<String>,
    heard: Vec<String>,
    visited: BTreeSet<(String, String)>,
    ends: usize,
}

impl Caller {
    /// Returns a caller of a flow.
    ///
    /// # Errors
    /// When the flow's name cannot be one.
    pub fn new(engine: Engine, flow: &str) -> Result<Self, cti_core::id::InvalidName> {
        let number = |text| PhoneNumber::parse(text).expect("a number of digits");
        Ok(Self {
            engine,
            flow: FlowId::new(flow)?,
            session: SessionId(1),
            started: false,
            now: Timestamp::ZERO,
            caller: number("13800001234"),
            called: number("12345"),
            data: CallData::new(),
            position: None,
            tables: BTreeMap::new(),
            playing: None,
            asked: None,
            noticed: VecDeque::new(),
            heard: Vec::new(),
            visited: BTreeSet::new(),
            ends: 0,
        })
    }

    /// Lets him call at this moment.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Lets him dial this number.
    ///
    /// # Errors
    /// When it is no number.
    pub fn dials(mut self, called: &str) -> Result<Self, InvalidNumber> {
        self.called = PhoneNumber::parse(called)?;
        Ok(self)
    }

    /// Adds a table; lookups in others fail.
    #[must_use]
    pub fn with_table(mut self, name: &str, table: Table) -> Self {
        self.tables.insert(name.to_owned(), table);
        self
    }

    /// Plays a script from where the last one ended.
    ///
    /// # Errors
    /// At the first step that cannot be read or does not go as written.
    pub fn run(&mut self, script: &str) -> Result<(), Unexpected> {
        for text in script::steps(script) {
            let result =
                script::parse(text).and_then(|step| self.begin().and_then(|()| self.step(step)));
            result.map_err(|reason| Unexpected {
                step: text.to_owned(),
                reason,
                heard: self.heard.join("; "),
            })?;
        }
        Ok(())
    }

    /// Returns the outlets that were taken, as node and outlet.
    #[must_use]
    pub fn visited(&self) -> &BTreeSet<(String, String)> {
        &self.visited
    }

    /// Returns the call's data.
    #[must_use]
    pub fn data(&self) -> &CallData {
        &self.data
    }

    /// Returns everything that could be noticed, in order.
    #[must_use]
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// Returns how often the session has ended; never more than once.
    #[must_use]
    pub fn ends(&self) -> usize {
        self.ends
    }

    /// Returns where the session stands, while it runs.
    #[must_use]
    pub fn place(&self) -> Option<Place<'_>> {
        self.engine.place(self.session)
    }

    /// Returns the moment on the virtual clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    fn begin(&mut self) -> Result<(), String> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        let view = SessionView {
            caller: &self.caller,
            called: &self.called,
            data: &self.data,
            position: self.position,
            expected_wait: None,
        };
        self.engine
            .start(self.now, self.session, &self.flow, view)
            .map_err(|error| error.to_string())?;
        self.drain();
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Expect(expected) => self.expect(&expected),
            Step::ExpectAt(node) => match self.engine.place(self.session) {
                Some(place) if place.node == node => Ok(()),
                Some(place) => Err(format!("the session is at {}", place.node)),
                None => Err("the session is over".to_owned()),
            },
            Step::ExpectNothing(time) => {
                self.pass(time);
                self.noticed.front().map_or(Ok(()), |noticed| Err(format!("did {noticed}")))
            }
            Step::Press(digits, after) => {
                self.pass(after);
                digits.chars().for_each(|digit| self.tell(FlowInput::Digit(digit)));
                Ok(())
            }
            Step::Wait(time) => {
                self.pass(time);
                Ok(())
            }
            Step::Position(position) => {
                self.position = position;
                Ok(())
            }
            Step::LeavesQueue(exit) => {
                self.tell(FlowInput::LeftQueue(exit));
                Ok(())
            }
            Step::RingFails => {
                self.tell(FlowInput::RingFailed);
                Ok(())
            }
            Step::Recorded(length) => {
                let saved = length.is_some();
                let length = length.unwrap_or_default();
                self.pass(length);
                self.tell(FlowInput::RecordingEnded { saved, length });
                Ok(())
            }
            Step::HangsUp => {
                self.engine.end(self.session);
                self.noticed.clear();
                Ok(())
            }
        }
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        let until = self.now + PATIENCE;
        while self.noticed.is_empty() && self.pass_to_next(until) {}
        match self.noticed.pop_front() {
            Some(noticed) if noticed == expected => Ok(()),
            Some(noticed) => Err(format!("did {noticed}")),
            None => Err(format!("nothing happened within {} s", PATIENCE.as_secs())),
        }
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.pass_to_next(until) {}
        self.now = until;
    }

    /// Goes to the next thing that happens by itself; returns whether there was one until then.
    fn pass_to_next(&mut self, until: Timestamp) -> bool {
        let play = self.playing.and_then(|(_, end)| end);
        let answer = self.asked.as_ref().map(|(_, at, _)| *at);
        let timer = self.engine.poll_timeout();
        let Some(next) = [play, answer, timer].into_iter().flatten().min() else { return false };
        if next > until {
            return false;
        }
        self.now = self.now.max(next);
        if play == Some(next) {
            if let Some((play, _)) = self.playing.take() {
                self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Finished });
            }
        } else if answer == Some(next) {
            if let Some((lookup, _, result)) = self.asked.take() {
                self.tell(FlowInput::LookupDone { lookup, result });
            }
        } else if let Some(session) = self.engine.due(self.now) {
            let view = view(&self.caller, &self.called, &self.data, self.position);
            self.engine.handle_timeout(self.now, session, view);
            self.drain();
        }
        true
    }

    fn tell(&mut self, input: FlowInput) {
        let view = view(&self.caller, &self.called, &self.data, self.position);
        self.engine.handle(self.now, self.session, input, view);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some((_, effect)) = self.engine.poll_effect() {
            if let Some(shown) = show(&effect) {
                self.heard.push(shown.clone());
                self.noticed.push_back(shown);
            }
            match effect {
                FlowEffect::Play { play, clips, looped } => {
                    let replaced = self.playing.take().map(|(play, _)| play);
                    self.playing = Some((play, (!looped).then(|| self.now + length(&clips))));
                    // The end of what was replaced comes late; the session must not mind.
                    if let Some(play) = replaced {
                        self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Stopped });
                    }
                }
                FlowEffect::StopPlay { play } => {
                    self.playing.take_if(|(playing, _)| *playing == play);
                    self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Stopped });
                }
                FlowEffect::Lookup { lookup, source, key } => {
                    let result = self
                        .tables
                        .get(&source)
                        .ok_or(LookupFailure::UnknownSource)
                        .and_then(|table| table.row(&key).ok_or(LookupFailure::NotFound));
                    self.asked = Some((lookup, self.now + TABLE_DELAY, result));
                }
                FlowEffect::SetData { key, value } => {
                    self.data.insert(key, value);
                }
                FlowEffect::Visited { node, outlet } => {
                    self.visited.insert((node, outlet));
                }
                FlowEffect::End => self.ends += 1,
                FlowEffect::Answer
                | FlowEffect::Enqueue { .. }
                | FlowEffect::LeaveQueue
                | FlowEffect::GoTo { .. }
                | FlowEffect::RequestCallBack { .. }
                | FlowEffect::RingDevices { .. }
                | FlowEffect::RecordMessage { .. }
                | FlowEffect::StopRecording => {}
            }
        }
    }
}

fn view<'a>(
    caller: &'a PhoneNumber,
    called: &'a PhoneNumber,
    data: &'a CallData,
    position: Option<usize>,
) -> SessionView<'a> {
    SessionView { caller, called, data, position, expected_wait: None }
}

/// Returns the wired outlets of a flow that nobody has taken, as node and outlet.
#[must_use]
pub fn not_walked(flow: &Flow, visited: &BTreeSet<(String, String)>) -> Vec<(String, String)> {
    flow.edges()
        .map(|(node, outlet)| (node.to_owned(), outlet.to_owned()))
        .filter(|edge| !visited.contains(edge))
        .collect()
}

/// Returns how a wait ends by the name of the outlet that it leads to.
fn queue_exit(outlet: &str) -> Option<QueueExit> {
    match outlet {
        "overflow" => Some(QueueExit::Overflow(OverflowReason::WaitedTooLong)),
        "full" => Some(QueueExit::Overflow(OverflowReason::QueueFull)),
        "no_staff" => Some(QueueExit::Overflow(OverflowReason::NobodyStaffed)),
        "left" => Some(QueueExit::Left),
        "failed" => Some(QueueExit::UnknownQueue),
        _ => None,
    }
}
