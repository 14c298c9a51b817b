//! One run of a flow for one call.
//!
//! ```text
//!   start ─▶ enter node ──▶ Wait ──(digit, play ended, time-out …)──▶ handle ─┐
//!               ▲                                                             │
//!               ├──────────── Leave(outlet): next node ◀──────────────────────┤
//!               ├──────────── Call: entry of a sub-flow, one frame more ◀─────┤
//!               └──────────── Return: the caller's next node, one less ◀──────┤
//!                                                                             └─▶ End
//! ```
//!
//! Steps without a wait run in a loop, never in recursion, and are counted: a session that goes beyond the limits of
//! its flow goes to the flow's `on_error` node. A sub-flow without one leaves its caller's node by `error`; what is
//! handled nowhere ends the session.

mod saved;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use cti_core::{
    calendar::Calendars,
    flow::{FlowEffect, FlowInput, SessionEnd, SessionView},
    switch::PlayEnd,
    time::Timestamp,
};

use crate::{
    flow::{Channel, Flow, Placed, Target},
    node::{Argument, Happening, State, Step, key_of},
    publish::Library,
    run::{Failed, Locals, Memory, Run, variable},
    statistics::{Answers, Failure, Observation, Statistics, What},
};

pub use saved::{CannotResume, SavedSession};

/// A session that breaks this often ends.
const MAX_FAILURES: u8 = 8;

/// A session; it stays with the versions that it began with.
pub(crate) struct Session {
    /// The flow it began in, then the sub-flow that it uses, and so on; never empty.
    frames: Vec<Frame>,
    channel: Channel,
    state: State,
    memory: Memory,
    steps: u32,
    ends_by: Timestamp,
    /// When it came to its node.
    entered: Timestamp,
    failures: u8,
    /// Whether an administrator wants it to end.
    aborted: bool,
}

/// A flow that a session is in.
struct Frame {
    flow: Arc<Flow>,
    at: usize,
    locals: Locals,
    /// Whether the frame has gone to `on_error` already.
    failed: bool,
}

impl Frame {
    fn new(flow: Arc<Flow>) -> Self {
        let mut locals = Locals::default();
        for (name, value) in flow.variables().defaults() {
            locals.variables.insert(name.to_owned(), value.to_owned());
        }
        Self { at: flow.entry(), flow, locals, failed: false }
    }

    fn placed(&self) -> &Placed {
        &self.flow.nodes()[self.at]
    }
}

impl fmt::Debug for Session {
    /// Prints where the session stands; what the caller typed and what tables answered is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("flow", self.flow().id())
            .field("at", &self.placed().id)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// What a session sees of the world during one input.
#[derive(Debug)]
pub(crate) struct World<'a> {
    pub(crate) now: Timestamp,
    pub(crate) view: SessionView<'a>,
    pub(crate) calendars: &'a Calendars,
    pub(crate) library: &'a Library,
    pub(crate) answers: &'a Answers,
    pub(crate) statistics: &'a mut Statistics,
    pub(crate) failures: &'a mut Vec<Failed>,
    pub(crate) effects: &'a mut Vec<FlowEffect>,
}

/// Whether a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It waits for what happens.
    Waits,
    /// It is over.
    Over,
}

impl Session {
    /// Begins at the entry of a flow.
    pub(crate) fn start(
        flow: Arc<Flow>,
        channel: Channel,
        seed: u64,
        world: &mut World<'_>,
    ) -> (Self, Progress) {
        let mut session = Self {
            ends_by: world.now + flow.limits().session(),
            frames: vec![Frame::new(flow)],
            channel,
            state: State::Waiting,
            memory: Memory::seeded(seed),
            steps: 0,
            entered: world.now,
            failures: 0,
            aborted: false,
        };
        session.observe(What::Started, world);
        let step = session.enter(world);
        let progress = session.advance(step, world);
        (session, progress)
    }

    /// Goes on with an input; one that comes too late changes nothing.
    pub(crate) fn handle(&mut self, input: FlowInput, world: &mut World<'_>) -> Progress {
        let Some(what) = self.concerns(input) else { return Progress::Waits };
        let step = self.tell(what, world);
        self.advance(step, world)
    }

    /// Fires what is due.
    pub(crate) fn handle_timeout(&mut self, world: &mut World<'_>) -> Progress {
        if self.aborted {
            self.aborted = false;
            let step = self.fail(Failure::Aborted, world);
            return self.advance(step, world);
        }
        if self.ends_by <= world.now {
            self.ends_by = world.now + self.frames[0].flow.limits().session();
            if self.placed().node.waits_for_people() {
                return Progress::Waits;
            }
            let step = self.fail(Failure::Time, world);
            return self.advance(step, world);
        }
        if self.memory.timer.is_none_or(|timer| timer > world.now) {
            return Progress::Waits;
        }
        self.memory.timer = None;
        let step = self.tell(Happening::TimeOut, world);
        self.advance(step, world)
    }

    /// When [`handle_timeout`](Self::handle_timeout) should be called.
    pub(crate) fn poll_timeout(&self) -> Timestamp {
        if self.aborted {
            return Timestamp::ZERO;
        }
        self.memory.timer.map_or(self.ends_by, |timer| timer.min(self.ends_by))
    }

    /// Begins the node anew, after a restart in which its playing and its questions were lost.
    pub(crate) fn begin_node_again(&mut self, world: &mut World<'_>) -> Progress {
        self.memory.playing = None;
        self.memory.listening = None;
        self.memory.asking = None;
        self.memory.timer = None;
        let step = self.enter(world);
        self.advance(step, world)
    }

    /// Lets the session break at the next opportunity; its timer is due at once.
    pub(crate) fn abort(&mut self) {
        self.aborted = true;
    }

    /// Counts why the session was given up here.
    pub(crate) fn given_up(&self, now: Timestamp, why: SessionEnd, statistics: &mut Statistics) {
        let frame = self.frame();
        statistics.apply(&Observation {
            flow: frame.flow.id(),
            version: frame.flow.hash(),
            node: &frame.placed().id,
            what: What::GivenUp { why, dwell: now.since(self.entered) },
        });
    }

    pub(crate) fn flow(&self) -> &Arc<Flow> {
        &self.frame().flow
    }

    /// Returns the flows that the session is in, the one it began in first.
    pub(crate) fn flows(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.frames.iter().map(|frame| &frame.flow)
    }

    /// Returns the variables of the flow that the session is in; secrets are not told.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let frame = self.frame();
        let declared = frame.flow.variables();
        let told = |name: &str, value: &str| match declared.is_secret(name) {
            true => "***".to_owned(),
            false => value.to_owned(),
        };
        let variables = &frame.locals.variables;
        variables.iter().map(|(name, value)| (name.clone(), told(name, value))).collect()
    }

    pub(crate) fn placed(&self) -> &Placed {
        self.frame().placed()
    }

    fn frame(&self) -> &Frame {
        self.frames.last().expect("a session is in at least one flow")
    }

    fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a session is in at least one flow")
    }

    /// Returns what an input means for the node, if anything.
    fn concerns(&mut self, input: FlowInput) -> Option<Happening> {
        match input {
            FlowInput::Digit(digit) => key_of(digit).map(|_| Happening::Digit(digit)),
            // The call itself is about to end the session.
            FlowInput::PlayEnded { end: PlayEnd::LegEnded, .. } => None,
            // A prompt that is missing must not hold a caller up.
            FlowInput::PlayEnded {
                play,
                end: PlayEnd::Finished | PlayEnd::Stopped | PlayEnd::Failed,
            } => {
                self.memory.playing.take_if(|playing| *playing == play)?;
                Some(Happening::PlayEnded)
            }
            FlowInput::SpeechBegan { listening } => {
                (self.memory.listening == Some(listening)).then_some(Happening::SpeechBegan)
            }
            FlowInput::ListenEnded { listening, end } => {
                self.memory.listening.take_if(|it| *it == listening)?;
                Some(Happening::Listened(end))
            }
            FlowInput::LookupDone { lookup, result } => {
                self.memory.asking.take_if(|asking| *asking == lookup)?;
                Some(Happening::LookupDone(result))
            }
            FlowInput::LeftQueue(exit) => Some(Happening::LeftQueue(exit)),
            FlowInput::RingFailed | FlowInput::CallBackRefused => Some(Happening::RingFailed),
            FlowInput::RecordingEnded { saved, length } => {
                Some(Happening::RecordingEnded { saved, length })
            }
        }
    }

    fn advance(&mut self, mut step: Step, world: &mut World<'_>) -> Progress {
        let mut in_a_row = 0;
        loop {
            let limits = self.frames[0].flow.limits();
            step = match step {
                Step::Wait(state) => {
                    self.state = state;
                    return Progress::Waits;
                }
                Step::End => {
                    self.leave("end", world);
                    world.effects.push(FlowEffect::End);
                    return Progress::Over;
                }
                Step::LeaveQueue => {
                    self.leave("end", world);
                    world.effects.push(FlowEffect::LeaveQueue);
                    world.effects.push(FlowEffect::End);
                    return Progress::Over;
                }
                Step::Leave(_) | Step::Goto(_) | Step::Call(_) | Step::Return(_)
                    if in_a_row >= limits.steps_per_input || self.steps >= limits.steps =>
                {
                    in_a_row = 0;
                    self.fail(Failure::Steps, world)
                }
                Step::Leave(outlet) => self.go(outlet, world),
                Step::Goto(target) => match world.library.resolve(&target, self.channel) {
                    Some(flow) => {
                        self.leave("end", world);
                        let mut next = Frame::new(flow);
                        let old = std::mem::take(&mut self.frame_mut().locals.variables);
                        next.locals.variables.extend(old);
                        *self.frame_mut() = next;
                        self.enter(world)
                    }
                    None => self.fail(Failure::UnknownFlow, world),
                },
                Step::Call(target) => self.call(&target, limits.depth, world),
                Step::Return(outlet) => self.go_back(outlet, world),
            };
            in_a_row += 1;
            self.steps += 1;
        }
    }

    /// Goes on where an outlet leads.
    fn go(&mut self, outlet: &'static str, world: &mut World<'_>) -> Step {
        match self.placed().out.get(outlet).copied() {
            Some(next) => {
                self.leave(outlet, world);
                self.frame_mut().at = next;
                self.enter(world)
            }
            // The check demands every outlet that a node can take.
            None => self.fail(Failure::Outlet, world),
        }
    }

    /// Goes into a sub-flow.
    fn call(&mut self, target: &Target, depth: usize, world: &mut World<'_>) -> Step {
        if self.frames.len() >= depth {
            return self.broken_subflow(Failure::Depth, world);
        }
        let Some(flow) = world.library.resolve(target, self.channel) else {
            return self.broken_subflow(Failure::UnknownFlow, world);
        };
        let mut next = Frame::new(Arc::clone(&flow));
        let frame = self.frame();
        if let Some(call) = frame.placed().node.calls() {
            for (name, argument) in &call.arguments {
                let value = match argument {
                    Argument::Text(text) => Some(text.as_str()),
                    Argument::Variable { from } => {
                        variable(&frame.locals.variables, &world.view, from)
                    }
                };
                if let Some(value) = value.filter(|_| flow.variables().params.contains_key(name)) {
                    next.locals.variables.insert(name.clone(), value.to_owned());
                }
            }
        }
        self.frames.push(next);
        self.enter(world)
    }

    fn broken_subflow(&mut self, failure: Failure, world: &mut World<'_>) -> Step {
        self.observe(What::Failed(failure), world);
        world.failures.push(Failed::of(self.flow()));
        Step::Leave("error")
    }

    /// Goes back to the node that used the sub-flow, with the results it asked for.
    fn go_back(&mut self, outlet: &'static str, world: &mut World<'_>) -> Step {
        if self.frames.len() < 2 {
            // A flow that was not used by another has nowhere to go back to.
            return Step::End;
        }
        self.leave("end", world);
        let Some(done) = self.frames.pop() else { return Step::End };
        let frame = self.frame_mut();
        let placed = Arc::clone(&frame.flow);
        if let Some(call) = placed.nodes()[frame.at].node.calls() {
            for (theirs, ours) in &call.results {
                if let Some(value) = done.locals.variables.get(theirs) {
                    frame.locals.variables.insert(ours.clone(), value.clone());
                }
            }
        }
        Step::Leave(outlet)
    }

    /// Goes to the flow's own handling of errors, once per flow; else the sub-flow's caller deals with it; else ends.
    fn fail(&mut self, failure: Failure, world: &mut World<'_>) -> Step {
        self.observe(What::Failed(failure), world);
        if failure != Failure::Aborted {
            world.failures.push(Failed::of(self.flow()));
        }
        self.steps = 0;
        self.failures = self.failures.saturating_add(1);
        if self.failures > MAX_FAILURES {
            return Step::End;
        }
        loop {
            let frame = self.frame_mut();
            let handler = frame.flow.on_error().filter(|_| !frame.failed);
            frame.failed = true;
            if let Some(handler) = handler {
                self.leave("error", world);
                self.frame_mut().at = handler;
                return self.enter(world);
            }
            if self.frames.len() < 2 {
                return Step::End;
            }
            self.leave("error", world);
            self.frames.pop();
            if failure != Failure::Aborted && self.placed().out.contains_key("error") {
                self.observe(What::Failed(Failure::Subflow), world);
                return Step::Leave("error");
            }
        }
    }

    fn observe(&self, what: What<'_>, world: &mut World<'_>) {
        let frame = self.frame();
        world.statistics.apply(&Observation {
            flow: frame.flow.id(),
            version: frame.flow.hash(),
            node: &frame.placed().id,
            what,
        });
    }

    fn leave(&mut self, outlet: &str, world: &mut World<'_>) {
        if let Some(play) = self.memory.playing.take() {
            world.effects.push(FlowEffect::StopPlay { play });
        }
        if let Some(listening) = self.memory.listening.take() {
            world.effects.push(FlowEffect::StopListening { listening });
        }
        self.memory.timer = None;
        self.memory.asking = None;
        self.observe(What::Left { outlet, dwell: world.now.since(self.entered) }, world);
        let frame = self.frame();
        world.effects.push(FlowEffect::Visited {
            flow: frame.flow.id().clone(),
            version: Arc::clone(frame.flow.version()),
            node: frame.placed().id.clone(),
            outlet: outlet.to_owned(),
        });
    }

    fn enter(&mut self, world: &mut World<'_>) -> Step {
        self.state = State::Waiting;
        self.entered = world.now;
        self.observe(What::Entered, world);
        self.with_node(world, |placed, run| placed.node.enter(run))
    }

    fn tell(&mut self, what: Happening, world: &mut World<'_>) -> Step {
        let state = std::mem::replace(&mut self.state, State::Waiting);
        self.with_node(world, |placed, run| placed.node.handle(state, what, run))
    }

    /// Lets the node act. One that panics breaks this session alone: its caller goes the way of errors, the others and
    /// the Center never know.
    fn with_node(
        &mut self,
        world: &mut World<'_>,
        act: impl FnOnce(&Placed, &mut Run<'_>) -> Step,
    ) -> Step {
        // What a node had written down before it broke is as good as after any other failure: values, not halves of them.
        let acts = AssertUnwindSafe(|| self.node_acts(world, act));
        panic::catch_unwind(acts).unwrap_or_else(|_| self.fail(Failure::Panic, world))
    }

    fn node_acts(
        &mut self,
        world: &mut World<'_>,
        act: impl FnOnce(&Placed, &mut Run<'_>) -> Step,
    ) -> Step {
        let frame = self.frames.last_mut().expect("a session is in at least one flow");
        let placed = &frame.flow.nodes()[frame.at];
        let mut run = Run {
            now: world.now,
            view: world.view,
            calendars: world.calendars,
            answers: world.answers,
            flow: &frame.flow,
            placed,
            memory: &mut self.memory,
            locals: &mut frame.locals,
            statistics: world.statistics,
            failures: world.failures,
            effects: world.effects,
        };
        act(placed, &mut run)
    }
}
