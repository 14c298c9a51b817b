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
//! | `expect queue gjj` | the same as `expect enqueue gjj` |
//! | `expect menu`, `expect collect` | a node of this type asks the caller; what it plays need not be expected |
//! | `expect at main-menu` | stands at this node now |
//! | `expect nothing for 3s` | does nothing that can be noticed |
//! | `press 12#`, `press 1 after 800ms` | keys, one at once or after a time |
//! | `say 公积金`, `say "123456"` | words to a node that listens, understood as they are written |
//! | `speaks`, `mumbles` | begins to speak; says nothing that can be understood |
//! | `recognizer fails` | nobody understands him |
//! | `wait 5s` | lets time pass |
//! | `position 3` | the place in the queue from now on |
//! | `expected wait 2m`, `expected wait none` | what the centre makes of the wait from now on |
//! | `leaves queue overflow` | how the wait ends: `overflow`, `full`, `no_staff`, `left`, `failed` |
//! | `ring fails`, `recorded 8s`, `not recorded` | what else happens |
//! | `answers found name=value …`, `answers not_found`, `answers unavailable` | what a service says that was asked |
//! | `answered satisfaction 10m ago` | before the call: the caller answered this question of a survey in another call |
//! | `skip` | goes to the next thing that happens by itself |
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

pub mod log;
pub mod paths;
mod script;
mod show;
pub mod suite;
mod understand;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use cti_core::{
    address::{InvalidNumber, PhoneNumber},
    flow::{
        CallData, FlowEffect, FlowEngine as _, FlowInput, LookupFailure, QueueExit, SessionEnd,
        SessionView,
    },
    id::{FlowId, SessionId},
    router::OverflowReason,
    speech::{Grammar, RecognitionEnd},
    switch::PlayEnd,
    time::Timestamp,
};

use crate::{
    engine::{Engine, Place},
    flow::Flow,
    service,
    table::Table,
};
use log::{Entry, Log, Met};
use script::Step;
use show::{clips_text, length, name, show};
use understand::understood;

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
    expected_wait: Option<Duration>,
    tables: BTreeMap<String, Table>,
    playing: Option<(u32, Option<Timestamp>)>,
    listening: Option<(u32, Grammar)>,
    asked: Option<Asked>,
    noticed: VecDeque<String>,
    heard: Vec<String>,
    visited: BTreeSet<(String, String)>,
    ends: usize,
    log: Log,
    /// Whether services wait for a step of the script to answer.
    answers: bool,
    doing: Doing,
    lengths: BTreeMap<String, Duration>,
}

/// A question that has not been answered.
#[derive(Debug)]
struct Asked {
    lookup: u32,
    source: String,
    /// When it is answered by itself, and how; a service waits for the script.
    answer: Option<(Timestamp, Result<CallData, LookupFailure>)>,
}

/// What is under way at the node, so that it can be said what may happen next.
#[derive(Clone, Copy, Debug, Default)]
struct Doing {
    queued: bool,
    ringing: bool,
    recording: bool,
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
            expected_wait: None,
            tables: BTreeMap::new(),
            playing: None,
            listening: None,
            asked: None,
            noticed: VecDeque::new(),
            heard: Vec::new(),
            visited: BTreeSet::new(),
            ends: 0,
            log: Log::default(),
            answers: false,
            doing: Doing::default(),
            lengths: BTreeMap::new(),
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

    /// Lets him call from this number.
    #[must_use]
    pub fn calls_from(mut self, caller: PhoneNumber) -> Self {
        self.caller = caller;
        self
    }

    /// Lets data come with the call.
    #[must_use]
    pub fn with_data(mut self, data: CallData) -> Self {
        self.data = data;
        self
    }

    /// Lets services wait until a step `answers …` says what they answer; tables answer by themselves.
    #[must_use]
    pub fn with_answers(mut self) -> Self {
        self.answers = true;
        self
    }

    /// Tells how long recordings are; those that are not told last two seconds.
    #[must_use]
    pub fn with_lengths(mut self, lengths: BTreeMap<String, Duration>) -> Self {
        self.lengths = lengths;
        self
    }

    /// Lets him dial, if he has not yet.
    ///
    /// # Errors
    /// When there is no such flow.
    pub fn dial(&mut self) -> Result<(), String> {
        self.begin()
    }

    /// Carries out one step of a script.
    ///
    /// # Errors
    /// When it cannot be read, or does not go as written.
    pub fn take(&mut self, step: &str) -> Result<(), Unexpected> {
        self.run(step)
    }

    /// Returns what happened after the entry of this number.
    pub fn log_after(&self, no: u64) -> impl Iterator<Item = &Entry> {
        self.log.after(no)
    }

    /// Returns the number of the last entry.
    #[must_use]
    pub fn last_entry(&self) -> u64 {
        self.log.last()
    }

    /// Returns what the session's flow knows; secrets are not told.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, String> {
        self.engine.variables(self.session)
    }

    /// Returns until when a playing lasts that has an end, if one is under way.
    #[must_use]
    pub fn playing_until(&self) -> Option<Option<Timestamp>> {
        self.playing.map(|(_, end)| end)
    }

    /// Returns which service waits for an answer of the script.
    #[must_use]
    pub fn question(&self) -> Option<&str> {
        let asked = self.asked.as_ref().filter(|asked| asked.answer.is_none())?;
        Some(&asked.source)
    }

    /// Returns when the session will do something by itself.
    #[must_use]
    pub fn next_time_out(&self) -> Option<Timestamp> {
        self.engine.poll_timeout()
    }

    /// Returns whether the call is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.started && self.engine.place(self.session).is_none()
    }

    /// Returns what may happen next: `key`, `speech`, `time`, `queue`, `ring`, `recording`, `service`.
    #[must_use]
    pub fn waits_for(&self) -> Vec<&'static str> {
        if self.is_over() {
            return Vec::new();
        }
        let Doing { queued, ringing, recording } = self.doing;
        let all = [
            (true, "key"),
            (self.listening.is_some(), "speech"),
            (true, "time"),
            (queued, "queue"),
            (ringing, "ring"),
            (recording, "recording"),
            (self.question().is_some(), "service"),
        ];
        all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect()
    }

    /// Plays a script from where the last one ended.
    ///
    /// # Errors
    /// At the first step that cannot be read or does not go as written.
    pub fn run(&mut self, script: &str) -> Result<(), Unexpected> {
        for text in script::steps(script) {
            let result = script::parse(text).and_then(|step| {
                if !matches!(step, Step::Answered(..)) {
                    self.begin()?;
                }
                let looks = matches!(
                    step,
                    Step::Expect(_)
                        | Step::ExpectAt(_)
                        | Step::ExpectAsking(_)
                        | Step::ExpectNothing(_)
                );
                if !looks {
                    self.log.push(self.now, Met::Did { text: text.to_owned() });
                }
                self.step(step)
            });
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
            expected_wait: self.expected_wait,
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
            Step::ExpectAsking(kind) => self.expect_asking(&kind),
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
            Step::Say(words) => {
                let Some((listening, grammar)) = self.listening.take() else {
                    return Err("nobody listens".to_owned());
                };
                self.tell(FlowInput::SpeechBegan { listening });
                let understood = |words: String| understood(&grammar, &words);
                let end = words.map_or(RecognitionEnd::NoMatch, understood);
                self.tell(FlowInput::ListenEnded { listening, end });
                Ok(())
            }
            Step::Speaks => {
                let (listening, _) = self.listening.as_ref().ok_or("nobody listens")?;
                let listening = *listening;
                self.tell(FlowInput::SpeechBegan { listening });
                Ok(())
            }
            Step::RecognizerFails => {
                let (listening, _) = self.listening.take().ok_or("nobody listens")?;
                self.tell(FlowInput::ListenEnded { listening, end: RecognitionEnd::Failed });
                Ok(())
            }
            Step::Position(position) => {
                self.position = position;
                Ok(())
            }
            Step::ExpectedWait(time) => {
                self.expected_wait = time;
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
            Step::Skip => {
                self.pass_to_next(self.now + PATIENCE);
                Ok(())
            }
            Step::Answers(result) => match self.asked.take() {
                Some(Asked { lookup, answer: None, .. }) => {
                    self.tell(FlowInput::LookupDone { lookup, result });
                    Ok(())
                }
                other => {
                    self.asked = other;
                    Err("no service was asked".to_owned())
                }
            },
            Step::Answered(..) if self.started => Err("the call has begun".to_owned()),
            Step::Answered(question, ago) => {
                self.engine.has_answered(&self.caller, &question, self.now - ago);
                Ok(())
            }
            Step::HangsUp => {
                self.engine.end(self.session, SessionEnd::HungUp);
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

    /// Lets time pass until a node of a type asks; what comes before it must have been expected.
    fn expect_asking(&mut self, kind: &str) -> Result<(), String> {
        let until = self.now + PATIENCE;
        loop {
            let place = self.engine.place(self.session);
            let asks = place.is_some_and(|place| place.node_type == kind);
            // What a node plays is the last thing that was noticed when it asks.
            let own = usize::from(asks && self.noticed.back().is_some_and(|it| is_play(it)));
            if self.noticed.len() > own {
                return Err(format!("did {}", self.noticed[0]));
            }
            if asks {
                self.noticed.clear();
                return Ok(());
            }
            if !self.pass_to_next(until) {
                return Err(format!("no {kind} asks within {} s", PATIENCE.as_secs()));
            }
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
        let answer = self.asked.as_ref().and_then(|asked| Some(asked.answer.as_ref()?.0));
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
            if let Some(Asked { lookup, answer: Some((_, result)), .. }) = self.asked.take() {
                self.tell(FlowInput::LookupDone { lookup, result });
            }
        } else if let Some(session) = self.engine.due(self.now) {
            let view =
                view(&self.caller, &self.called, &self.data, self.position, self.expected_wait);
            self.engine.handle_timeout(self.now, session, view);
            self.drain();
        }
        true
    }

    fn tell(&mut self, input: FlowInput) {
        let view = view(&self.caller, &self.called, &self.data, self.position, self.expected_wait);
        self.engine.handle(self.now, self.session, input, view);
        self.drain();
    }

    /// Writes down what the session wants.
    fn note(&mut self, effect: &FlowEffect) {
        let met = match effect {
            FlowEffect::Play { clips, looped, .. } => Met::Heard {
                clips: clips.clone(),
                text: clips_text(clips),
                looped: *looped,
                length: length(clips, &self.lengths),
            },
            FlowEffect::Visited { flow, version, node, outlet } => Met::Visited {
                flow: flow.clone(),
                version: version.as_ref().to_owned(),
                node: node.clone(),
                outlet: outlet.clone(),
            },
            FlowEffect::Lookup { source, .. } => {
                // The key may be secret.
                Met::Wanted { name: "lookup", text: format!("lookup {source}") }
            }
            FlowEffect::StopPlay { .. } | FlowEffect::StopListening { .. } => return,
            FlowEffect::Answer
            | FlowEffect::Listen { .. }
            | FlowEffect::Enqueue { .. }
            | FlowEffect::LeaveQueue
            | FlowEffect::RingDevices { .. }
            | FlowEffect::RingGroup { .. }
            | FlowEffect::Conference { .. }
            | FlowEffect::GoTo { .. }
            | FlowEffect::RequestCallBack { .. }
            | FlowEffect::RecordMessage { .. }
            | FlowEffect::StopRecording
            | FlowEffect::PauseRecording
            | FlowEffect::ResumeRecording
            | FlowEffect::SendDigits { .. }
            | FlowEffect::SetPriority { .. }
            | FlowEffect::SetData { .. }
            | FlowEffect::End => {
                Met::Wanted { name: name(effect), text: show(effect).unwrap_or_default() }
            }
        };
        self.log.push(self.now, met);
    }

    /// Writes down where the session has come to rest.
    fn note_place(&mut self) {
        let Some(place) = self.engine.place(self.session) else { return };
        let (flow, node) = (place.flow.clone(), place.node.to_owned());
        let version = place.version.to_owned();
        let met = Met::Entered { flow, version, node };
        let same = self.log.after(0).filter(|it| matches!(it.what, Met::Entered { .. })).last();
        let left = self
            .log
            .after(same.map_or(0, |it| it.no))
            .any(|it| matches!(it.what, Met::Visited { .. }));
        if left || same.is_none_or(|it| it.what != met) {
            self.log.push(self.now, met);
        }
    }

    fn drain(&mut self) {
        self.drain_effects();
        self.note_place();
    }

    fn drain_effects(&mut self) {
        while let Some((_, effect)) = self.engine.poll_effect() {
            if let Some(shown) = show(&effect) {
                self.heard.push(shown.clone());
                self.noticed.push_back(shown);
            }
            self.note(&effect);
            match effect {
                FlowEffect::Play { play, clips, looped } => {
                    let replaced = self.playing.take().map(|(play, _)| play);
                    let length = length(&clips, &self.lengths);
                    self.playing = Some((play, (!looped).then(|| self.now + length)));
                    // The end of what was replaced comes late; the session must not mind.
                    if let Some(play) = replaced {
                        self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Stopped });
                    }
                }
                FlowEffect::StopPlay { play } => {
                    self.playing.take_if(|(playing, _)| *playing == play);
                    self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Stopped });
                }
                FlowEffect::Listen { listening, request } => {
                    self.listening = Some((listening, request.grammar));
                }
                FlowEffect::StopListening { listening } => {
                    self.listening.take_if(|(it, _)| *it == listening);
                    let end = RecognitionEnd::Stopped;
                    self.tell(FlowInput::ListenEnded { listening, end });
                }
                FlowEffect::Lookup { lookup, source, key } => {
                    let answer = match (self.tables.get(&source), self.answers) {
                        (None, true) => None,
                        (None, false) => Some(Err(LookupFailure::UnknownSource)),
                        (Some(table), _) => {
                            let key = service::first_value(&source, &key);
                            Some(table.row(&key).ok_or(LookupFailure::NotFound))
                        }
                    };
                    let at = self.now + TABLE_DELAY;
                    let answer = answer.map(|answer| (at, answer));
                    self.asked = Some(Asked { lookup, source, answer });
                }
                FlowEffect::SetData { key, value } => {
                    self.data.insert(key, value);
                }
                FlowEffect::Visited { node, outlet, .. } => {
                    self.doing = Doing::default();
                    self.visited.insert((node, outlet));
                }
                FlowEffect::End => self.ends += 1,
                FlowEffect::Enqueue { .. } => self.doing.queued = true,
                FlowEffect::RingDevices { .. }
                | FlowEffect::RingGroup { .. }
                | FlowEffect::Conference { .. } => self.doing.ringing = true,
                FlowEffect::GoTo { .. } => (self.doing.queued, self.doing.ringing) = (true, true),
                FlowEffect::RecordMessage { .. } => self.doing.recording = true,
                FlowEffect::Answer
                | FlowEffect::LeaveQueue
                | FlowEffect::RequestCallBack { .. }
                | FlowEffect::StopRecording
                | FlowEffect::PauseRecording
                | FlowEffect::ResumeRecording
                | FlowEffect::SendDigits { .. }
                | FlowEffect::SetPriority { .. } => {}
            }
        }
    }
}

fn is_play(noticed: &str) -> bool {
    noticed.starts_with("play ")
}

fn view<'a>(
    caller: &'a PhoneNumber,
    called: &'a PhoneNumber,
    data: &'a CallData,
    position: Option<usize>,
    expected_wait: Option<Duration>,
) -> SessionView<'a> {
    SessionView { caller, called, data, position, expected_wait }
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
