//! Sessions as data: saved and resumed at every step they do what they would have done anyway.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use common::{World, document, engine, flow_id};
use cti_core::{
    calendar::{Calendars, Holidays},
    flow::{FlowEffect, FlowEngine as _, FlowInput, LookupFailure, QueueExit, SessionEnd},
    id::SessionId,
    router::OverflowReason,
    switch::PlayEnd,
    time::Timestamp,
};
use cti_ivr::{
    engine::{CannotResume, Engine, SavedSession},
    flow::FlowSet,
    statistics::Statistics,
};
use proptest::prelude::*;

/// A flow with everything that a session remembers: a sub-flow, a loop, chance, variables, attempts, a question.
const REMEMBERS: &str = r##"
    "a":{"type":"random_split","shares":[1,1],"out":{"share_1":"b","share_2":"c"}},
    "b":{"type":"collect","prompt":["enter"],"variable":"pin","max":4,"terminator":"#","total_ms":9000,"retries":2,
        "out":{"next":"c","exhausted":"bye"}},
    "c":{"type":"subflow","flow":"inner","arguments":{"pin":{"from":"pin"}},"results":{"sum":"sum"},
        "out":{"done":"d","failed":"e","error":"bye"}},
    "d":{"type":"loop","times":3,"out":{"again":"b","done":"f"}},
    "e":{"type":"db_query","query":"q","params":{"p":"{pin}"},"retries":2,"out":{"found":"d","not_found":"d","error":"d"}},
    "f":{"type":"menu","prompt":["m"],"repeat":"9","out":{"1":"a","2":"g","exhausted":"bye"}},
    "g":{"type":"record_message","prompt":["speak"],"limit_ms":9000,"silence_ms":2000,"out":{"saved":"h","empty":"f"}},
    "h":{"type":"enqueue","queue":"q","out":{"overflow":"f","no_staff":"f","full":"f","left":"f","failed":"bye"}}"##;

const INNER: &str = r#"{"schema":"cti.flow/1","id":"inner","kind":"inbound","name":"Inner","entry":"a",
    "params":{"pin":{"type":"digits","default":"0","secret":true}},"vars":{"sum":{"type":"integer","secret":true}},"nodes":{
    "a":{"type":"script","code":"let s = 0; for c in pin.chars() { s += 1; } sum = s;","assigns":["sum"],
        "out":{"next":"b","error":"f"}},
    "b":{"type":"menu","prompt":["inner"],"retries":1,"out":{"1":"d","2":"f","exhausted":"f"}},
    "d":{"type":"return"},"f":{"type":"return","result":"failed"}}}"#;

static FLOWS: LazyLock<(FlowSet, Calendars)> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/");
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for entry in std::fs::read_dir(format!("{folder}flows")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            texts.insert(path.display().to_string(), std::fs::read_to_string(path).unwrap());
        }
    }
    let main = document(REMEMBERS).replace(
        r#""entry""#,
        r#""vars":{"pin":{"type":"digits","secret":true},"sum":{"type":"integer","secret":true}},"entry""#,
    );
    texts.insert("main".to_owned(), main);
    texts.insert("inner".to_owned(), INNER.to_owned());
    let flows = FlowSet::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let schedules =
        std::fs::read_to_string(format!("{folder}config/calendar/schedules.json")).unwrap();
    let calendars = Calendars::parse("schedules.json", &schedules, Holidays::default()).unwrap();
    (flows.unwrap_or_else(|error| panic!("{error}")), calendars)
});

fn new_engine() -> Engine {
    let (flows, calendars) = &*FLOWS;
    Engine::new(flows.clone(), calendars.clone()).unwrap()
}

#[derive(Clone, Debug)]
enum Happens {
    Input(FlowInput),
    /// The current playing, or one that is over.
    PlayEnds(u32),
    /// The answer to the latest question, or to one before.
    Answer(u32, bool),
    Pass(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let exits = vec![
        QueueExit::Left,
        QueueExit::UnknownQueue,
        QueueExit::Overflow(OverflowReason::QueueFull),
        QueueExit::Overflow(OverflowReason::NobodyStaffed),
    ];
    let keys: Vec<char> = "0123456789*##11122".chars().collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(|key| Happens::Input(FlowInput::Digit(key))),
        1 => prop::sample::select(exits).prop_map(|exit| Happens::Input(FlowInput::LeftQueue(exit))),
        1 => Just(Happens::Input(FlowInput::RingFailed)),
        1 => any::<bool>().prop_map(|saved| Happens::Input(FlowInput::RecordingEnded {
            saved, length: Duration::from_secs(5) })),
        4 => (0_u32..2).prop_map(Happens::PlayEnds),
        2 => (0_u32..2, any::<bool>()).prop_map(|(before, found)| Happens::Answer(before, found)),
        2 => (0_u64..20_000).prop_map(Happens::Pass),
    ]
}

/// A session on a virtual clock, whose process dies after every step when `interrupted`.
struct Line {
    engine: Engine,
    world: World,
    now: Timestamp,
    plays: u32,
    lookups: u32,
    effects: Vec<FlowEffect>,
    interrupted: bool,
    statistics: Statistics,
}

const SESSION: SessionId = SessionId(7);

impl Line {
    fn start(flow: &str, interrupted: bool) -> Self {
        let mut line = Self {
            engine: new_engine(),
            world: World::default(),
            now: Timestamp::from_secs(1_795_399_200),
            plays: 0,
            lookups: 0,
            effects: Vec::new(),
            interrupted,
            statistics: Statistics::default(),
        };
        line.engine.start(line.now, SESSION, &flow_id(flow), line.world.view()).unwrap();
        line.drain();
        line
    }

    fn drain(&mut self) {
        while let Some((_, effect)) = self.engine.poll_effect() {
            self.plays += u32::from(matches!(effect, FlowEffect::Play { .. }));
            self.lookups += u32::from(matches!(effect, FlowEffect::Lookup { .. }));
            self.effects.push(effect);
        }
        self.statistics.merge(&self.engine.counts_mut().take());
        if self.interrupted
            && let Some(saved) = self.engine.save_session(SESSION)
        {
            let text = serde_json::to_string(&saved).unwrap();
            let again: SavedSession = serde_json::from_str(&text).unwrap();
            assert_eq!(again, saved);
            self.engine = new_engine();
            self.engine.resume_session(SESSION, again).unwrap();
        }
    }

    fn tell(&mut self, input: FlowInput) {
        self.engine.handle(self.now, SESSION, input, self.world.view());
        self.drain();
    }

    fn happens(&mut self, happens: &Happens) {
        match happens {
            Happens::Input(input) => self.tell(input.clone()),
            Happens::PlayEnds(before) => {
                let play = self.plays.saturating_sub(1 + before);
                self.tell(FlowInput::PlayEnded { play, end: PlayEnd::Finished });
            }
            Happens::Answer(before, found) => {
                let lookup = self.lookups.saturating_sub(1 + before);
                let row = [("balance".to_owned(), "12.34".to_owned())].into();
                let result = if *found { Ok(row) } else { Err(LookupFailure::Unavailable) };
                self.tell(FlowInput::LookupDone { lookup, result });
            }
            Happens::Pass(ms) => {
                let until = self.now + Duration::from_millis(*ms);
                while let Some(next) = self.engine.poll_timeout().filter(|next| *next <= until) {
                    self.now = self.now.max(next);
                    let due = self.engine.due(self.now).unwrap();
                    self.engine.handle_timeout(self.now, due, self.world.view());
                    self.drain();
                }
                self.now = until;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_session_that_is_saved_and_resumed_at_every_step_does_what_it_would_have_done(
        flow in prop::sample::select(vec!["main", "main", "gjj-12329", "hotline-12345", "queue-general"]),
        steps in prop::collection::vec(happens(), 0..80),
    ) {
        let mut whole = Line::start(flow, false);
        let mut broken = Line::start(flow, true);
        for step in &steps {
            whole.happens(step);
            broken.happens(step);
            prop_assert_eq!(&whole.effects, &broken.effects);
            prop_assert_eq!(whole.engine.poll_timeout(), broken.engine.poll_timeout());
        }
        prop_assert_eq!(whole.engine.save_session(SESSION), broken.engine.save_session(SESSION));
        // Whoever came to a node left it, was lost there, or is there still.
        whole.engine.end(SESSION, SessionEnd::HungUp);
        whole.drain();
        for (_, _, version) in whole.statistics.iter() {
            for (id, node) in &version.nodes {
                let left: u64 = node.left.values().sum();
                // A node that uses a sub-flow is waiting while that runs.
                let inside = u64::from(id == "c" && node.entered > left);
                prop_assert_eq!(node.entered, left + node.abandoned + inside, "{}", id);
            }
        }
        prop_assert!(whole.statistics.iter().map(|(_, _, it)| it.started).sum::<u64>() == 1);
    }
}

#[test]
fn what_cannot_be_resumed_says_why() {
    let text =
        document(r#""a":{"type":"menu","prompt":["m"],"out":{"1":"bye","exhausted":"bye"}}"#);
    let mut first = engine(&text);
    let world = World::default();
    first.start(Timestamp::ZERO, SESSION, &flow_id("main"), world.view()).unwrap();
    let saved = first.save_session(SESSION).unwrap();
    assert_eq!(first.save_session(SessionId(8)), None);
    let versions: Vec<String> = saved.versions().map(|(flow, _)| flow.to_string()).collect();
    assert_eq!(versions, ["main"]);
    let mut other = engine(&text.replace("\"m\"", "\"n\""));
    let error = other.resume_session(SESSION, saved.clone()).unwrap_err();
    assert!(matches!(error, CannotResume::UnknownVersion { .. }), "{error}");
    let gone = serde_json::to_string(&saved).unwrap().replace(r#""node":"a""#, r#""node":"z""#);
    let error = first.resume_session(SESSION, serde_json::from_str(&gone).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "flow main has no node z");
    assert_eq!(first.sessions(), 1, "nothing has changed");
}

#[test]
fn after_a_restart_a_node_can_begin_anew_because_its_playing_is_lost() {
    let text =
        document(r#""a":{"type":"menu","prompt":["m"],"out":{"1":"bye","exhausted":"bye"}}"#);
    let mut before = engine(&text);
    let world = World::default();
    before.start(Timestamp::ZERO, SESSION, &flow_id("main"), world.view()).unwrap();
    let saved = before.save(SESSION).unwrap();
    let mut after = engine(&text);
    after.resume(SESSION, saved).unwrap();
    assert_eq!(after.poll_effect(), None);
    after.begin_again(Timestamp::from_secs(9), SESSION, world.view());
    assert!(matches!(after.poll_effect(), Some((_, FlowEffect::Play { play: 1, .. }))));
}

#[test]
fn a_saved_session_is_small_and_does_not_print_what_was_typed() {
    let text = document(
        r##""a":{"type":"collect","prompt":["enter"],"variable":"x","max":20,"terminator":"#","out":{"next":"bye","exhausted":"bye"}}"##,
    );
    let mut engine = engine(&text);
    let world = World::default();
    engine.start(Timestamp::ZERO, SESSION, &flow_id("main"), world.view()).unwrap();
    for key in "739152".chars() {
        engine.handle(Timestamp::ZERO, SESSION, FlowInput::Digit(key), world.view());
    }
    let saved = engine.save_session(SESSION).unwrap();
    assert!(!format!("{saved:?}").contains("7391"));
    let text = serde_json::to_string(&saved).unwrap();
    assert!(text.contains("739152") && text.len() < 4096, "{} bytes", text.len());
}
