//! Walks every way through a flow that it can find, and says which outlets it did not get to.
//!
//! From each place that a session can wait at, everything that can happen there is tried: keys, ends of prompts,
//! time-outs, answers of services, ways out of queues. Sessions are saved and resumed for that, so a way is walked
//! step by step and not from the beginning each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
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
use serde::Serialize;

use super::understand::understood;
use crate::{
    engine::{Engine, SavedSession, UnknownSchedule},
    flow::FlowSet,
};

/// What the walk may try beside keys and time.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// The moments at which callers call: a working day, a lunch break, a night, a holiday.
    pub moments: Vec<Timestamp>,
    /// What comes with the calls: nothing, what an earlier flow or an agent left.
    pub data: Vec<CallData>,
    /// Rows that services answer with, by source.
    pub rows: BTreeMap<String, Vec<CallData>>,
    /// Keys that are pressed one after the other where several are asked for: `123456#`.
    pub inputs: Vec<String>,
    /// At most this many places are gone on from; the walk then says that it was cut short.
    pub most_places: usize,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            moments: vec![Timestamp::ZERO],
            data: vec![CallData::new()],
            rows: BTreeMap::new(),
            inputs: vec!["1#".to_owned(), "123456#".to_owned(), "13812345678#".to_owned()],
            most_places: 2000,
        }
    }
}

/// An outlet of a node of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The flow.
    pub flow: FlowId,
    /// The node.
    pub node: String,
    /// The outlet.
    pub outlet: String,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// For each outlet that was taken, the shortest way to it that was found.
    pub walked: Vec<(Edge, Vec<String>)>,
    /// The outlets of the flow that no way takes.
    pub not_walked: Vec<Edge>,
    /// Whether there were more places than the walk may go on from.
    pub cut_short: bool,
}

/// A session that waits for what is tried next.
struct Waiting {
    session: SavedSession,
    here: Here,
}

/// How a session got to where it is.
struct Here {
    data: CallData,
    now: Timestamp,
    way: Vec<String>,
    /// Which of the calls it is: what a schedule and the call's data say later depends on it.
    call: usize,
    caller: Who,
    doing: Doing,
}

/// Who calls.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Somebody,
    /// He has answered every question of every survey a moment ago.
    Answered,
}

/// What a session has under way.
#[derive(Clone, Default)]
struct Doing {
    playing: Option<u32>,
    listening: Option<(u32, Grammar)>,
    asking: Option<(u32, String)>,
    queued: bool,
    ringing: bool,
    recording: bool,
}

/// Something that is tried.
#[derive(Clone)]
enum Try {
    Keys(String),
    PlayEnds(u32),
    TimePasses,
    Answer(u32, Result<CallData, LookupFailure>),
    Hears(u32, String, RecognitionEnd),
    LeavesQueue(&'static str, QueueExit),
    RingFails,
    Recorded(bool),
}

impl Try {
    fn words(&self) -> String {
        match self {
            Self::Keys(keys) => format!("press {keys}"),
            Self::PlayEnds(_) => "hears it to the end".to_owned(),
            Self::TimePasses => "waits".to_owned(),
            Self::Answer(_, Ok(_)) => "the service answers".to_owned(),
            Self::Answer(_, Err(LookupFailure::NotFound)) => "the service finds nothing".to_owned(),
            Self::Answer(_, Err(LookupFailure::UnknownSource | LookupFailure::Unavailable)) => {
                "the service fails".to_owned()
            }
            Self::Hears(_, step, _) => step.clone(),
            Self::LeavesQueue(words, _) => format!("leaves queue {words}"),
            Self::RingFails => "ring fails".to_owned(),
            Self::Recorded(true) => "recorded 10s".to_owned(),
            Self::Recorded(false) => "not recorded".to_owned(),
        }
    }
}

const SESSION: SessionId = SessionId(1);
const KEYS: &str = "0123456789*#";

struct Walk<'a> {
    engine: Engine,
    attempts: &'a Attempts,
    somebody: PhoneNumber,
    answered: PhoneNumber,
    called: PhoneNumber,
    walked: BTreeMap<Edge, Vec<String>>,
    seen: BTreeSet<(usize, String)>,
    /// Where to go on from: what stands where few stood before comes first, then what came first. Variables alone
    /// make thousands of places of one node, and none of them may keep the walk from the next node.
    work: BTreeMap<(usize, usize), Waiting>,
    /// How many places there were where a session stands alike, but for its variables.
    shapes: BTreeMap<String, usize>,
}

/// Walks a flow as far as the attempts lead.
///
/// # Errors
/// When a flow asks for a schedule that the calendar does not have.
pub fn walk(
    flows: &FlowSet,
    calendars: &Calendars,
    flow: &FlowId,
    attempts: &Attempts,
) -> Result<Coverage, UnknownSchedule> {
    let number = |text| PhoneNumber::parse(text).expect("a number of digits");
    let mut walk = Walk {
        engine: Engine::new(flows.clone(), calendars.clone())?,
        attempts,
        somebody: number("13800001234"),
        answered: number("13800005678"),
        called: number("12345"),
        walked: BTreeMap::new(),
        seen: BTreeSet::new(),
        work: BTreeMap::new(),
        shapes: BTreeMap::new(),
    };
    let splits =
        flows.iter().flat_map(|it| it.nodes()).any(|it| it.node_type.name == "random_split");
    let mut callers = vec![Who::Somebody];
    let latest = attempts.moments.iter().max().copied().unwrap_or_default();
    for question in flows.get(flow).map(|it| it.uses().questions).unwrap_or_default() {
        walk.engine.has_answered(&walk.answered, &question, latest);
        callers = vec![Who::Somebody, Who::Answered];
    }
    let mut call = 0;
    for caller in callers {
        for now in &attempts.moments {
            for data in &attempts.data {
                // Callers of different numbers are sent different ways.
                for session in 1..=if splits { 8 } else { 1 } {
                    walk.begin(flow, call, caller, *now, data.clone(), SessionId(session));
                }
                call += 1;
            }
        }
    }
    let mut places = 0;
    while let Some((_, waiting)) = walk.work.pop_first() {
        places += 1;
        if places > attempts.most_places {
            break;
        }
        for attempt in walk.attempts_at(&waiting) {
            walk.go_on(&waiting, &attempt);
        }
    }
    let cut_short = places > attempts.most_places;
    let edges = flows.get(flow).into_iter().flat_map(|it| it.edges());
    let not_walked = edges
        .map(|(node, outlet)| Edge {
            flow: flow.clone(),
            node: node.to_owned(),
            outlet: outlet.to_owned(),
        })
        .filter(|edge| !walk.walked.contains_key(edge))
        .collect();
    Ok(Coverage { walked: walk.walked.into_iter().collect(), not_walked, cut_short })
}

impl Walk<'_> {
    fn begin(
        &mut self,
        flow: &FlowId,
        call: usize,
        caller: Who,
        now: Timestamp,
        data: CallData,
        session: SessionId,
    ) {
        let number = self.number(caller).clone();
        let view = view(&number, &self.called, &data);
        if self.engine.start(now, session, flow, view).is_ok() {
            let mut way = vec![format!("calls at {now}")];
            if caller == Who::Answered {
                way.push("answered this before".to_owned());
            }
            let doing = Doing::default();
            self.arrived(session, Here { now, data, way, call, caller, doing });
        }
    }

    fn number(&self, who: Who) -> &PhoneNumber {
        match who {
            Who::Somebody => &self.somebody,
            Who::Answered => &self.answered,
        }
    }

    fn attempts_at(&self, waiting: &Waiting) -> Vec<Try> {
        let doing = &waiting.here.doing;
        let mut tries = vec![Try::TimePasses];
        tries.extend(doing.playing.map(Try::PlayEnds));
        // Who has begun to enter digits goes on with one of the inputs, or ends; a way for each number of digits would
        // keep the walk from the rest.
        let keys = if waiting.session.is_entering() { "*#" } else { KEYS };
        tries.extend(keys.chars().map(|key| Try::Keys(key.to_string())));
        tries.extend(self.attempts.inputs.iter().cloned().map(Try::Keys));
        if let Some((lookup, source)) = &doing.asking {
            let rows = self.attempts.rows.get(source).cloned();
            let rows = rows.unwrap_or_else(|| vec![CallData::new()]);
            tries.extend(rows.into_iter().map(|row| Try::Answer(*lookup, Ok(row))));
            for failure in [LookupFailure::NotFound, LookupFailure::UnknownSource] {
                tries.push(Try::Answer(*lookup, Err(failure)));
            }
        }
        if let Some((listening, grammar)) = &doing.listening {
            let say = |words: &str| {
                Try::Hears(*listening, format!("say {words}"), understood(grammar, words))
            };
            match grammar {
                Grammar::Keywords(words) => tries.extend(words.iter().map(|word| say(word))),
                Grammar::Digits { min, .. } => tries.push(say(&"1".repeat((*min).into()))),
                Grammar::Free { .. } => tries.push(say("您好")),
            }
            for (step, end) in
                [("mumbles", RecognitionEnd::NoMatch), ("recognizer fails", RecognitionEnd::Failed)]
            {
                tries.push(Try::Hears(*listening, step.to_owned(), end));
            }
        }
        if doing.queued {
            tries.extend([
                Try::LeavesQueue("overflow", QueueExit::Overflow(OverflowReason::WaitedTooLong)),
                Try::LeavesQueue("full", QueueExit::Overflow(OverflowReason::QueueFull)),
                Try::LeavesQueue("no_staff", QueueExit::Overflow(OverflowReason::NobodyStaffed)),
                Try::LeavesQueue("left", QueueExit::Left),
                Try::LeavesQueue("failed", QueueExit::UnknownQueue),
            ]);
        }
        if doing.ringing {
            tries.push(Try::RingFails);
        }
        if doing.recording {
            tries.extend([Try::Recorded(true), Try::Recorded(false)]);
        }
        tries
    }

    fn go_on(&mut self, from: &Waiting, attempt: &Try) {
        // The versions are those of this very library, so it can always be resumed.
        if self.engine.resume_session(SESSION, from.session.clone()).is_err() {
            return;
        }
        let from = &from.here;
        let number = self.number(from.caller).clone();
        let mut now = from.now;
        let inputs: Vec<FlowInput> = match attempt.clone() {
            Try::Keys(keys) => keys.chars().map(FlowInput::Digit).collect(),
            Try::PlayEnds(play) => vec![FlowInput::PlayEnded { play, end: PlayEnd::Finished }],
            Try::Answer(lookup, result) => vec![FlowInput::LookupDone { lookup, result }],
            Try::Hears(listening, _, end) => vec![
                FlowInput::SpeechBegan { listening },
                FlowInput::ListenEnded { listening, end },
            ],
            Try::LeavesQueue(_, exit) => vec![FlowInput::LeftQueue(exit)],
            Try::RingFails => vec![FlowInput::RingFailed],
            Try::Recorded(saved) => {
                let length = Duration::from_secs(if saved { 10 } else { 0 });
                vec![FlowInput::RecordingEnded { saved, length }]
            }
            Try::TimePasses => {
                now = self.engine.poll_timeout().unwrap_or(now).max(now);
                let view = view(&number, &self.called, &from.data);
                self.engine.handle_timeout(now, SESSION, view);
                Vec::new()
            }
        };
        for input in inputs {
            let view = view(&number, &self.called, &from.data);
            self.engine.handle(now, SESSION, input, view);
        }
        let mut way = from.way.clone();
        way.push(attempt.words());
        let (data, call, caller) = (from.data.clone(), from.call, from.caller);
        self.arrived(SESSION, Here { now, data, way, call, caller, doing: from.doing.clone() });
    }

    /// Takes what a step did, and goes on from where it led, if nobody has been there.
    fn arrived(&mut self, id: SessionId, here: Here) {
        let Here { now, mut data, way, call, caller, mut doing } = here;
        while let Some((_, effect)) = self.engine.poll_effect() {
            match effect {
                FlowEffect::Play { play, looped, .. } => {
                    doing.playing = (!looped).then_some(play);
                }
                FlowEffect::StopPlay { .. } => doing.playing = None,
                FlowEffect::Listen { listening, request } => {
                    doing.listening = Some((listening, request.grammar));
                }
                FlowEffect::StopListening { .. } => doing.listening = None,
                FlowEffect::Enqueue { .. } => doing.queued = true,
                FlowEffect::RingDevices { .. }
                | FlowEffect::RingGroup { .. }
                | FlowEffect::Conference { .. } => doing.ringing = true,
                FlowEffect::GoTo { .. } => (doing.queued, doing.ringing) = (true, true),
                FlowEffect::RecordMessage { .. } => doing.recording = true,
                FlowEffect::Lookup { lookup, source, .. } => doing.asking = Some((lookup, source)),
                FlowEffect::SetData { key, value } => {
                    data.insert(key, value);
                }
                FlowEffect::Visited { .. } => {
                    doing = Doing { playing: doing.playing, ..Doing::default() };
                }
                FlowEffect::Answer
                | FlowEffect::LeaveQueue
                | FlowEffect::RequestCallBack { .. }
                | FlowEffect::StopRecording
                | FlowEffect::PauseRecording
                | FlowEffect::ResumeRecording
                | FlowEffect::SendDigits { .. }
                | FlowEffect::SetPriority { .. }
                | FlowEffect::End => {}
            }
        }
        for (flow, _, version) in self.engine.counts_mut().take().iter() {
            for (node, counts) in &version.nodes {
                for outlet in counts.left.keys() {
                    let (node, outlet) = (node.clone(), outlet.clone());
                    let edge = Edge { flow: flow.clone(), node, outlet };
                    self.walked.entry(edge).or_insert_with(|| way.clone());
                }
            }
        }
        let Some(session) = self.engine.save_session(id) else { return };
        self.engine.end(id, SessionEnd::Cleared);
        self.engine.counts_mut().take();
        if self.seen.insert((call, session.place())) {
            let alike = self.shapes.entry(session.shape()).or_default();
            *alike += 1;
            let here = Here { now, data, way, call, caller, doing };
            self.work.insert((*alike, self.seen.len()), Waiting { session, here });
        }
    }
}

fn view<'a>(
    caller: &'a PhoneNumber,
    called: &'a PhoneNumber,
    data: &'a CallData,
) -> SessionView<'a> {
    let expected_wait = Some(Duration::from_secs(90));
    SessionView { caller, called, data, position: Some(2), expected_wait }
}
