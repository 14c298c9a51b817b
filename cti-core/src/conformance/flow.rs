//! What every [`FlowEngine`] must keep.
//!
//! Sessions of the harness's own flows are told whatever chance says: what they wait for, keys, time-outs, and things
//! that come too late. Their effects are answered as a Center does it.

use std::{collections::BTreeMap, time::Duration};

use super::{Dice, Report, Rule, Verdict};
use crate::{
    address::PhoneNumber,
    flow::{
        CallData, FlowEffect, FlowEngine, FlowInput, FlowOrder, LookupFailure, QueueExit,
        SessionEnd, SessionView,
    },
    id::{FlowId, SessionId},
    router::OverflowReason,
    speech::{Grammar, Recognised, RecognitionEnd, Spoken},
    switch::PlayEnd,
    time::Timestamp,
};

/// Makes engines of one kind.
pub trait Harness {
    /// Makes an engine; each time with the same flows.
    fn create(&mut self) -> Box<dyn FlowEngine>;

    /// Returns the names of flows that are to be run; they should use whatever the engine can do.
    fn flows(&self) -> Vec<FlowId>;

    /// Returns orders to be given one after the other, those that are refused too; none for engines that take none.
    fn orders(&self) -> Vec<FlowOrder> {
        Vec::new()
    }
}

/// How many runs of each flow are made, and how long one may be.
const RUNS: u64 = 40;
const STEPS: usize = 200;
/// More effects than this without anything happening are taken for an engine that never rests.
const RESTLESS: usize = 10_000;

/// A Thursday morning in Shanghai.
const BEGINNING: Timestamp = Timestamp::from_secs(1_767_837_600);

/// Checks all rules.
pub fn run_all(harness: &mut impl Harness) -> Report {
    let mut report = Report::default();
    report.note("an_unknown_flow_is_refused", an_unknown_flow_is_refused(harness));
    report.note("a_session_ends_once", a_session_ends_once(harness));
    report.note("nothing_comes_after_the_end", nothing_comes_after_the_end(harness));
    report.note(
        "a_session_that_is_given_up_says_nothing_more",
        a_session_that_is_given_up_says_nothing_more(harness),
    );
    report.note(
        "what_is_told_to_a_session_that_never_was_is_ignored",
        what_is_told_to_a_session_that_never_was_is_ignored(harness),
    );
    report.note("the_sessions_are_counted", the_sessions_are_counted(harness));
    report.note("playings_are_numbered_upwards", playings_are_numbered_upwards(harness));
    report.note("a_time_out_comes_when_it_is_due", a_time_out_comes_when_it_is_due(harness));
    report.note("equal_inputs_give_equal_effects", equal_inputs_give_equal_effects(harness));
    report
        .note("one_session_does_not_change_another", one_session_does_not_change_another(harness));
    report.note(
        "a_session_that_was_saved_goes_on_as_if_it_had_not_been",
        a_session_that_was_saved_goes_on_as_if_it_had_not_been(harness),
    );
    report.note("an_order_disturbs_no_session", an_order_disturbs_no_session(harness));
    report.note("a_refused_order_changes_nothing", a_refused_order_changes_nothing(harness));
    report.note("equal_orders_leave_the_same_flows", equal_orders_leave_the_same_flows(harness));
    report
}

/// A flow that is not there is refused, and leaves nothing behind.
///
/// # Errors
/// When the rule is broken.
pub fn an_unknown_flow_is_refused(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("an_unknown_flow_is_refused");
    let mut session = Session::new(harness.create(), 1);
    let flow: FlowId = rule.works("name", "conformance-no-such-flow".parse())?;
    rule.holds(!session.start(&flow), || "it is started".to_owned())?;
    rule.holds(session.drain(rule)?.is_empty(), || "it has effects".to_owned())?;
    rule.holds(session.engine.sessions() == 0, || "it counts as a session".to_owned())
}

/// A session has at most one [`FlowEffect::End`], and it is its last effect.
///
/// # Errors
/// When the rule is broken.
pub fn a_session_ends_once(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("a_session_ends_once");
    each_run(rule, harness, |session| {
        let ends = session.heard.iter().filter(|effect| **effect == FlowEffect::End).count();
        rule.holds(ends == 1, || format!("it ended {ends} times"))
    })
}

/// What is told to a session that has ended is ignored.
///
/// # Errors
/// When the rule is broken.
pub fn nothing_comes_after_the_end(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("nothing_comes_after_the_end");
    each_run(rule, harness, |session| {
        session.engine.end(session.id, SessionEnd::HungUp);
        silent(rule, session)
    })
}

/// A session that the Center gives up in the middle, as when the caller hangs up, has no effects from then on.
///
/// # Errors
/// When the rule is broken.
pub fn a_session_that_is_given_up_says_nothing_more(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("a_session_that_is_given_up_says_nothing_more");
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let mut session = Session::new(harness.create(), seed);
            session.start(&flow);
            for _ in 0..seed / 2 {
                if !session.step(rule)? {
                    break;
                }
            }
            // Something may be on its way when the caller hangs up.
            let input = session.chance();
            session.tell(input);
            session.engine.end(session.id, SessionEnd::HungUp);
            silent(rule, &mut session)?;
        }
    }
    Ok(())
}

/// What is told to a session that never was, or time-outs of it, change nothing.
///
/// # Errors
/// When the rule is broken.
pub fn what_is_told_to_a_session_that_never_was_is_ignored(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("what_is_told_to_a_session_that_never_was_is_ignored");
    let mut session = Session::new(harness.create(), 1);
    silent(rule, &mut session)?;
    rule.holds(session.engine.sessions() == 0, || "it counts as a session".to_owned())
}

/// A session counts from its start until it is given up.
///
/// # Errors
/// When the rule is broken.
pub fn the_sessions_are_counted(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("the_sessions_are_counted");
    for flow in harness.flows() {
        let mut engine = harness.create();
        let world = Around::new();
        let ids: Vec<_> = (1..=20).map(SessionId).collect();
        for (count, id) in ids.iter().enumerate() {
            rule.works("start", engine.start(Timestamp::ZERO, *id, &flow, world.view()))?;
            let sessions = engine.sessions();
            rule.holds(sessions == count + 1, || format!("{sessions} after {} starts", count + 1))?;
        }
        for (ended, id) in ids.iter().enumerate() {
            engine.end(*id, SessionEnd::HungUp);
            engine.end(*id, SessionEnd::HungUp);
            let (left, sessions) = (ids.len() - ended - 1, engine.sessions());
            rule.holds(sessions == left, || format!("{sessions} when {left} are left"))?;
        }
    }
    Ok(())
}

/// The playings of a session are numbered 0, 1, 2 and so on, and so are its questions to tables.
///
/// # Errors
/// When the rule is broken.
pub fn playings_are_numbered_upwards(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("playings_are_numbered_upwards");
    each_run(rule, harness, |session| {
        let (mut plays, mut lookups) = (0, 0);
        for effect in &session.heard {
            let (number, next) = match effect {
                FlowEffect::Play { play, .. } => (play, &mut plays),
                FlowEffect::Lookup { lookup, .. } => (lookup, &mut lookups),
                FlowEffect::Answer
                | FlowEffect::StopPlay { .. }
                | FlowEffect::Listen { .. }
                | FlowEffect::StopListening { .. }
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
                | FlowEffect::Visited { .. }
                | FlowEffect::End => continue,
            };
            rule.holds(*number == *next, || format!("{effect:?} is not number {next}"))?;
            *next += 1;
        }
        Ok(())
    })
}

/// Asked early or twice, a time-out is harmless; asked in time, it is over.
///
/// # Errors
/// When the rule is broken.
pub fn a_time_out_comes_when_it_is_due(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("a_time_out_comes_when_it_is_due");
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let mut session = Session::new(harness.create(), seed);
            session.start(&flow);
            while session.step(rule)? {
                session.settle(rule)?;
                let Some(due) = session.engine.poll_timeout().filter(|_| !session.ended) else {
                    continue;
                };
                let early = Timestamp::from_micros(due.as_micros().saturating_sub(1));
                if early >= session.now {
                    let found = session.engine.due(early);
                    rule.holds(found.is_none(), || {
                        format!("at {early} {found:?} is due, not {due}")
                    })?;
                    session.engine.handle_timeout(early, session.id, session.around.view());
                    let effects = session.drain(rule)?;
                    rule.holds(effects.is_empty(), || format!("too early it has {effects:?}"))?;
                }
                let found = session.engine.due(due.max(session.now));
                rule.holds(found == Some(session.id), || format!("at {due} {found:?} is due"))?;
            }
        }
    }
    Ok(())
}

/// Two engines that are told the same have the same effects.
///
/// # Errors
/// When the rule is broken.
pub fn equal_inputs_give_equal_effects(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("equal_inputs_give_equal_effects");
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let first = whole_run(rule, harness.create(), &flow, seed)?;
            let second = whole_run(rule, harness.create(), &flow, seed)?;
            rule.holds(first == second, || {
                let differ = first.iter().zip(&second).position(|(one, two)| one != two);
                format!("run {seed} of {flow}: effect {differ:?} differs")
            })?;
        }
    }
    Ok(())
}

/// A session has the same effects whether or not others run beside it.
///
/// # Errors
/// When the rule is broken.
pub fn one_session_does_not_change_another(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("one_session_does_not_change_another");
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let mut alone = Session::new(harness.create(), seed);
            alone.start(&flow);
            while alone.step(rule)? {}
            let mut engine = harness.create();
            for other in 100..105 {
                let (id, view) = (SessionId(other), alone.around.view());
                rule.works("start", engine.start(BEGINNING, id, &flow, view))?;
                engine.handle(BEGINNING, id, FlowInput::Digit('1'), view);
            }
            let mut crowded = Session::new(engine, seed);
            crowded.start(&flow);
            while crowded.step(rule)? {}
            rule.holds(alone.heard == crowded.heard, || {
                let differ = alone.heard.iter().zip(&crowded.heard).find(|(one, two)| one != two);
                format!("run {seed} of {flow} differs in company: {differ:?}")
            })?;
        }
    }
    Ok(())
}

/// A session that is saved after each step and goes on in a fresh engine has the effects of one that was left alone.
/// Engines that save nothing keep the rule.
///
/// # Errors
/// When the rule is broken.
pub fn a_session_that_was_saved_goes_on_as_if_it_had_not_been(
    harness: &mut impl Harness,
) -> Verdict {
    let rule = Rule("a_session_that_was_saved_goes_on_as_if_it_had_not_been");
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let whole = whole_run(rule, harness.create(), &flow, seed)?;
            let mut session = Session::new(harness.create(), seed);
            session.start(&flow);
            while session.step(rule)? {
                session.settle(rule)?;
                if let Some(saved) = session.engine.save(session.id) {
                    session.engine = harness.create();
                    rule.works("resume", session.engine.resume(session.id, saved))?;
                    let sessions = session.engine.sessions();
                    rule.holds(sessions == 1, || format!("{sessions} run after one was resumed"))?;
                }
            }
            rule.holds(whole == session.heard, || {
                let differ = whole.iter().zip(&session.heard).find(|(one, two)| one != two);
                format!("run {seed} of {flow} differs when it is saved: {differ:?}")
            })?;
        }
    }
    Ok(())
}

/// Whatever an administrator orders, a session goes on in the version that it began with.
///
/// # Errors
/// When the rule is broken.
pub fn an_order_disturbs_no_session(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("an_order_disturbs_no_session");
    let orders: Vec<FlowOrder> = harness
        .orders()
        .into_iter()
        .filter(|order| !matches!(order, FlowOrder::EndSessions { .. }))
        .collect();
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let whole = whole_run(rule, harness.create(), &flow, seed)?;
            let mut session = Session::new(harness.create(), seed);
            session.start(&flow);
            let mut orders = orders.iter();
            while session.step(rule)? {
                if let Some(order) = orders.next() {
                    let _ = session.engine.administer(session.now, "conformance", order);
                }
            }
            rule.holds(whole == session.heard, || {
                let differ = whole.iter().zip(&session.heard).find(|(one, two)| one != two);
                format!("run {seed} of {flow} differs when orders are given: {differ:?}")
            })?;
        }
    }
    Ok(())
}

/// An order that is refused, or says that it changed nothing, leaves the flows as they were.
///
/// # Errors
/// When the rule is broken.
pub fn a_refused_order_changes_nothing(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("a_refused_order_changes_nothing");
    let mut engine = harness.create();
    for (at, order) in harness.orders().iter().enumerate() {
        let before = engine.snapshot();
        let answer = engine.administer(BEGINNING, "conformance", order);
        if answer.is_err() || answer.as_ref().is_ok_and(|answer| !answer.changed) {
            let after = engine.snapshot();
            rule.holds(before == after, || format!("order {at} gave {answer:?} and changed it"))?;
        }
    }
    Ok(())
}

/// The same orders leave the same flows, whether they are given at once or after a restart; so does a snapshot.
///
/// # Errors
/// When the rule is broken.
pub fn equal_orders_leave_the_same_flows(harness: &mut impl Harness) -> Verdict {
    let rule = Rule("equal_orders_leave_the_same_flows");
    let mut first = harness.create();
    let mut taken = Vec::new();
    for (at, order) in harness.orders().into_iter().enumerate() {
        let now = BEGINNING + Duration::from_secs(at as u64);
        if first.administer(now, "conformance", &order).is_ok_and(|answer| answer.changed) {
            taken.push((now, order));
        }
    }
    let mut second = harness.create();
    for (now, order) in &taken {
        rule.works("the order", second.administer(*now, "conformance", order))?;
    }
    let snapshot = first.snapshot();
    rule.holds(snapshot == second.snapshot(), || "orders given again leave others".to_owned())?;
    let mut third = harness.create();
    rule.works("restore", third.restore(snapshot.clone()))?;
    rule.holds(snapshot == third.snapshot(), || "a snapshot leaves others".to_owned())
}

/// Runs each flow often; `after` looks at the session at its end, or when it is given up.
fn each_run(
    rule: Rule,
    harness: &mut impl Harness,
    mut after: impl FnMut(&mut Session) -> Verdict,
) -> Verdict {
    for flow in harness.flows() {
        for seed in 0..RUNS {
            let mut session = Session::new(harness.create(), seed);
            rule.holds(session.start(&flow), || format!("{flow} is not there"))?;
            while session.step(rule)? {}
            if session.ended {
                after(&mut session)?;
            }
        }
    }
    Ok(())
}

fn whole_run(
    rule: Rule,
    engine: Box<dyn FlowEngine>,
    flow: &FlowId,
    seed: u64,
) -> Result<Vec<FlowEffect>, super::Violation> {
    let mut session = Session::new(engine, seed);
    session.start(flow);
    while session.step(rule)? {}
    Ok(session.heard)
}

/// Whatever a session is told that is no more, it says nothing.
fn silent(rule: Rule, session: &mut Session) -> Verdict {
    for input in late_inputs(session) {
        let told = format!("{input:?}");
        session.tell(input);
        let effects = session.drain(rule)?;
        rule.holds(effects.is_empty(), || format!("told {told} it has {effects:?}"))?;
    }
    session.now += Duration::from_secs(24 * 3_600);
    session.engine.handle_timeout(session.now, session.id, session.around.view());
    let effects = session.drain(rule)?;
    rule.holds(effects.is_empty(), || format!("a day later it has {effects:?}"))?;
    let due = session.engine.due(session.now);
    rule.holds(due != Some(session.id), || "it is still due".to_owned())
}

fn late_inputs(session: &Session) -> Vec<FlowInput> {
    let mut inputs = vec![
        FlowInput::Digit('1'),
        FlowInput::Digit('#'),
        FlowInput::PlayEnded { play: 0, end: PlayEnd::Finished },
        FlowInput::LookupDone { lookup: 0, result: Err(LookupFailure::NotFound) },
        FlowInput::LeftQueue(QueueExit::Left),
        FlowInput::RingFailed,
        FlowInput::LeftQueue(QueueExit::CallBack),
        FlowInput::CallBackRefused,
        FlowInput::RecordingEnded { saved: true, length: Duration::from_secs(5) },
    ];
    inputs.extend(session.pending.clone());
    inputs
}

/// What a session can look at.
#[derive(Debug)]
struct Around {
    caller: PhoneNumber,
    called: PhoneNumber,
    data: CallData,
    position: Option<usize>,
}

impl Around {
    fn new() -> Self {
        let number = |digits| PhoneNumber::parse(digits).expect("digits are a number");
        let data = BTreeMap::new();
        Self { caller: number("13812341234"), called: number("12345"), data, position: None }
    }

    fn view(&self) -> SessionView<'_> {
        let Self { caller, called, data, position } = self;
        let expected_wait = position.map(|ahead| Duration::from_secs(30) * ahead as u32);
        SessionView { caller, called, data, position: *position, expected_wait }
    }
}

/// One session and what chance tells it.
#[derive(Debug)]
struct Session {
    engine: Box<dyn FlowEngine>,
    id: SessionId,
    now: Timestamp,
    around: Around,
    dice: Dice,
    /// What the session waits for, as it will be told.
    pending: Vec<FlowInput>,
    heard: Vec<FlowEffect>,
    ended: bool,
    steps: usize,
    /// Time-outs of other sessions.
    others: usize,
}

impl Session {
    fn new(engine: Box<dyn FlowEngine>, seed: u64) -> Self {
        Self {
            engine,
            id: SessionId(1),
            now: BEGINNING,
            around: Around::new(),
            dice: Dice::new(seed),
            pending: Vec::new(),
            heard: Vec::new(),
            ended: false,
            steps: 0,
            others: 0,
        }
    }

    fn start(&mut self, flow: &FlowId) -> bool {
        self.engine.start(self.now, self.id, flow, self.around.view()).is_ok()
    }

    fn tell(&mut self, input: FlowInput) {
        self.engine.handle(self.now, self.id, input, self.around.view());
    }

    /// Returns what the session wants now; what others want is left aside.
    fn drain(&mut self, rule: Rule) -> Result<Vec<FlowEffect>, super::Violation> {
        let mut effects = Vec::new();
        for _ in 0..RESTLESS {
            match self.engine.poll_effect() {
                Some((id, effect)) if id == self.id => effects.push(effect),
                Some(_) => {}
                None => return Ok(effects),
            }
        }
        rule.broken(format!("it does not come to rest within {RESTLESS} effects"))
    }

    /// Carries out what the session wants.
    fn settle(&mut self, rule: Rule) -> Verdict {
        for effect in self.drain(rule)? {
            rule.holds(!self.ended, || format!("behind its end it has {effect:?}"))?;
            self.carry_out(&effect);
            self.heard.push(effect);
        }
        Ok(())
    }

    /// Carries out what the session wants and lets one thing happen; says whether it goes on.
    fn step(&mut self, rule: Rule) -> Result<bool, super::Violation> {
        self.settle(rule)?;
        self.steps += 1;
        if self.ended || self.steps > STEPS {
            return Ok(false);
        }
        // Time passes, by little or by much, as far as the next time-out of whichever session.
        let by = [100, 400, 900, 6_000][self.dice.roll(4) as usize];
        let until = self.now + Duration::from_millis(by);
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let Some(session) = self.engine.due(self.now) else {
                return rule.broken(format!("asked for {due}, at {} nothing is due", self.now));
            };
            self.engine.handle_timeout(self.now, session, self.around.view());
            if session == self.id {
                return Ok(true);
            }
            self.others += 1;
            rule.holds(self.others < RESTLESS, || format!("{session} is due again and again"))?;
        }
        self.now = until;
        let input = self.chance();
        self.tell(input);
        Ok(true)
    }

    fn chance(&mut self) -> FlowInput {
        if !self.pending.is_empty() && self.dice.roll(3) > 0 {
            let index = self.dice.roll(self.pending.len() as u64) as usize;
            return self.pending.swap_remove(index);
        }
        let keys = ['0', '1', '2', '3', '9', '*', '#'];
        FlowInput::Digit(self.dice.pick(&keys).copied().unwrap_or('1'))
    }

    fn carry_out(&mut self, effect: &FlowEffect) {
        match effect {
            FlowEffect::Play { play, looped, .. } => {
                // A playing takes the place of the one before.
                self.pending.retain(|it| !matches!(it, FlowInput::PlayEnded { .. }));
                if !looped {
                    let end = match self.dice.roll(8) {
                        0 => PlayEnd::Failed,
                        1 => PlayEnd::Stopped,
                        _ => PlayEnd::Finished,
                    };
                    self.pending.push(FlowInput::PlayEnded { play: *play, end });
                }
            }
            FlowEffect::StopPlay { play } => {
                self.pending.retain(
                    |it| !matches!(it, FlowInput::PlayEnded { play: it, .. } if it == play),
                );
            }
            FlowEffect::Listen { listening, request } => {
                let (listening, keyword) = (
                    *listening,
                    match &request.grammar {
                        Grammar::Keywords(words) => words.first().cloned(),
                        Grammar::Free { .. } | Grammar::Digits { .. } => None,
                    },
                );
                let end = match self.dice.roll(4) {
                    0 => RecognitionEnd::NoMatch,
                    1 => RecognitionEnd::Failed,
                    _ => RecognitionEnd::Final(Recognised {
                        text: Spoken::new("1"),
                        confidence: 100,
                        keyword,
                    }),
                };
                self.pending.push(FlowInput::SpeechBegan { listening });
                self.pending.push(FlowInput::ListenEnded { listening, end });
            }
            FlowEffect::StopListening { listening } => {
                self.pending.retain(|it| {
                    !matches!(it, FlowInput::SpeechBegan { listening: it } | FlowInput::ListenEnded { listening: it, .. } if it == listening)
                });
            }
            FlowEffect::Enqueue { .. } => {
                self.around.position = Some(1 + self.dice.roll(5) as usize);
                let exit = match self.dice.roll(4) {
                    0 => QueueExit::Left,
                    1 => QueueExit::UnknownQueue,
                    2 => QueueExit::Overflow(OverflowReason::NobodyStaffed),
                    _ => QueueExit::Overflow(OverflowReason::WaitedTooLong),
                };
                self.pending.push(FlowInput::LeftQueue(exit));
            }
            FlowEffect::RingDevices { .. }
            | FlowEffect::RingGroup { .. }
            | FlowEffect::Conference { .. }
            | FlowEffect::GoTo { .. } => self.pending.push(FlowInput::RingFailed),
            FlowEffect::RequestCallBack { .. } => self.pending.push(match self.dice.roll(2) {
                0 => FlowInput::CallBackRefused,
                _ => FlowInput::LeftQueue(QueueExit::CallBack),
            }),
            FlowEffect::RecordMessage { .. } => {
                let (saved, length) =
                    (self.dice.roll(4) > 0, Duration::from_secs(self.dice.roll(30)));
                self.pending.push(FlowInput::RecordingEnded { saved, length });
            }
            FlowEffect::Lookup { lookup, .. } => {
                let result = match self.dice.roll(3) {
                    0 => Err(LookupFailure::NotFound),
                    1 => Err(LookupFailure::Unavailable),
                    _ => Ok(CallData::from([("name".to_owned(), "value".to_owned())])),
                };
                self.pending.push(FlowInput::LookupDone { lookup: *lookup, result });
            }
            FlowEffect::SetData { key, value } => {
                self.around.data.insert(key.clone(), value.clone());
            }
            FlowEffect::End => self.ended = true,
            FlowEffect::Answer
            | FlowEffect::LeaveQueue
            | FlowEffect::StopRecording
            | FlowEffect::PauseRecording
            | FlowEffect::ResumeRecording
            | FlowEffect::SendDigits { .. }
            | FlowEffect::SetPriority { .. }
            | FlowEffect::Visited { .. } => {}
        }
    }
}
