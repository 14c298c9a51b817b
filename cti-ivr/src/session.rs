//! One run of a flow for one call.
//!
//! ```text
//!   start ─▶ enter node ──▶ Wait ──(digit, play ended, time-out …)──▶ handle ─┐
//!               ▲                                                             │
//!               └──────────── Leave(outlet): next node ◀──────────────────────┤
//!                                                                             └─▶ End
//! ```
//!
//! Steps without a wait run in a loop, never in recursion, and are counted: a session that goes beyond the limits of
//! its flow goes to the flow's `on_error` node, and when that fails too, ends.

use std::{fmt, sync::Arc};

use cti_core::{
    calendar::Calendars,
    flow::{FlowEffect, FlowInput, SessionView},
    switch::PlayEnd,
    time::Timestamp,
};

use crate::{
    flow::{Flow, FlowSet, Placed},
    node::{Happening, State, Step, key_of},
    run::{Memory, Run},
};

/// A session; it stays with the version of the flow that it began with.
pub(crate) struct Session {
    flow: Arc<Flow>,
    at: usize,
    state: State,
    memory: Memory,
    steps: u32,
    ends_by: Timestamp,
    /// Whether the session has gone to `on_error` already.
    failed: bool,
}

impl fmt::Debug for Session {
    /// Prints where the session stands; what the caller typed and what tables answered is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("flow", self.flow.id())
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
    pub(crate) flows: &'a FlowSet,
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
    pub(crate) fn start(flow: Arc<Flow>, world: &mut World<'_>) -> (Self, Progress) {
        let mut session = Self {
            at: flow.entry(),
            ends_by: world.now + flow.limits().session(),
            flow,
            state: State::Waiting,
            memory: Memory::default(),
            steps: 0,
            failed: false,
        };
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
        if self.ends_by <= world.now {
            self.ends_by = world.now + self.flow.limits().session();
            if self.placed().node.waits_for_people() {
                return Progress::Waits;
            }
            let step = self.fail(world);
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
        self.memory.timer.map_or(self.ends_by, |timer| timer.min(self.ends_by))
    }

    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    pub(crate) fn placed(&self) -> &Placed {
        &self.flow.nodes()[self.at]
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
            FlowInput::LookupDone { lookup, result } => {
                self.memory.asking.take_if(|asking| *asking == lookup)?;
                Some(Happening::LookupDone(result))
            }
            FlowInput::LeftQueue(exit) => Some(Happening::LeftQueue(exit)),
            FlowInput::RingFailed => Some(Happening::RingFailed),
            FlowInput::RecordingEnded { saved, length } => {
                Some(Happening::RecordingEnded { saved, length })
            }
        }
    }

    fn advance(&mut self, mut step: Step, world: &mut World<'_>) -> Progress {
        let mut in_a_row = 0;
        loop {
            let limits = self.flow.limits();
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
                Step::Leave(_) | Step::Goto(_)
                    if in_a_row >= limits.steps_per_input || self.steps >= limits.steps =>
                {
                    in_a_row = 0;
                    self.fail(world)
                }
                Step::Leave(outlet) => match self.placed().out.get(outlet).copied() {
                    Some(next) => {
                        self.leave(outlet, world);
                        self.at = next;
                        self.enter(world)
                    }
                    // The check demands every outlet that a node can take.
                    None => self.fail(world),
                },
                Step::Goto(id) => match world.flows.get(&id).cloned() {
                    Some(flow) => {
                        self.leave("end", world);
                        self.at = flow.entry();
                        self.flow = flow;
                        self.enter(world)
                    }
                    None => self.fail(world),
                },
            };
            in_a_row += 1;
            self.steps += 1;
        }
    }

    /// Goes to the flow's own handling of errors, once; else ends.
    fn fail(&mut self, world: &mut World<'_>) -> Step {
        let handler = self.flow.on_error().filter(|_| !self.failed);
        self.failed = true;
        self.steps = 0;
        match handler {
            Some(handler) => {
                self.leave("error", world);
                self.at = handler;
                self.enter(world)
            }
            None => Step::End,
        }
    }

    fn leave(&mut self, outlet: &str, world: &mut World<'_>) {
        if let Some(play) = self.memory.playing.take() {
            world.effects.push(FlowEffect::StopPlay { play });
        }
        self.memory.timer = None;
        self.memory.asking = None;
        let node = self.placed().id.clone();
        world.effects.push(FlowEffect::Visited { node, outlet: outlet.to_owned() });
    }

    fn enter(&mut self, world: &mut World<'_>) -> Step {
        self.state = State::Waiting;
        let placed = &self.flow.nodes()[self.at];
        placed.node.enter(&mut run(placed, &mut self.memory, world))
    }

    fn tell(&mut self, what: Happening, world: &mut World<'_>) -> Step {
        let state = std::mem::replace(&mut self.state, State::Waiting);
        let placed = &self.flow.nodes()[self.at];
        placed.node.handle(state, what, &mut run(placed, &mut self.memory, world))
    }
}

fn run<'a>(placed: &'a Placed, memory: &'a mut Memory, world: &'a mut World<'_>) -> Run<'a> {
    Run {
        now: world.now,
        view: world.view,
        calendars: world.calendars,
        wired: &placed.out,
        memory,
        effects: world.effects,
    }
}
