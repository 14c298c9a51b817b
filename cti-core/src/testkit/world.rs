//! A Center and a virtual switch on one virtual clock.

use std::collections::BTreeMap;

use crate::{
    center::{Center, Effect, Input},
    command::{Command, CommandError, Reply, Request},
    event::Event,
    flow::{CallData, LookupFailure},
    id::{LegId, RequestId},
    switch::{SwitchCommand, SwitchReport},
    testkit::VirtualSwitch,
    time::Timestamp,
    trace::Step,
};

/// A whole centre in memory.
#[derive(Debug)]
pub struct World {
    /// The machine under test.
    pub center: Center,
    /// Its switch.
    pub switch: VirtualSwitch,
    /// Rows that lookups find, by table and key.
    pub tables: BTreeMap<(String, String), CallData>,
    /// Everything that happened, oldest first.
    pub events: Vec<Event>,
    /// Everything that was commanded, with its time.
    pub commands: Vec<(Timestamp, SwitchCommand)>,
    /// Everything that was put into the Center, as a trace has it.
    pub steps: Vec<Step>,
    /// Whether events, commands and steps are kept; a long simulation folds and forgets them.
    pub keep: bool,
    now: Timestamp,
    next_request: RequestId,
    replies: BTreeMap<RequestId, Result<Reply, CommandError>>,
    /// The legs of the citizens of a scenario, by their numbers.
    pub(super) citizens: BTreeMap<String, LegId>,
}

impl World {
    /// Creates a world at `now` and starts its Center.
    #[must_use]
    pub fn new(center: Center, now: Timestamp) -> Self {
        let mut world = Self {
            switch: VirtualSwitch::default(),
            tables: BTreeMap::new(),
            events: Vec::new(),
            commands: Vec::new(),
            steps: Vec::new(),
            keep: true,
            now,
            next_request: RequestId(0),
            replies: BTreeMap::new(),
            citizens: BTreeMap::new(),
            center,
        };
        world.switch.number_from(world.center.first_switch_leg());
        world.center.start(now, "test");
        world.settle();
        world
    }

    /// Returns the virtual time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Asks the Center for something and returns its answer.
    ///
    /// # Errors
    /// When the Center refuses.
    pub fn request(&mut self, command: Command) -> Result<Reply, CommandError> {
        self.next_request.0 += 1;
        let id = self.next_request;
        self.input(Input::Request(Request { id, command }));
        self.settle();
        self.replies.remove(&id).unwrap_or(Err(CommandError::Stopping))
    }

    /// Hands the Center a report of the switch.
    pub fn report(&mut self, report: SwitchReport) {
        self.switch.report(report);
        self.settle();
    }

    /// Lets time pass until `to`, firing everything that falls due on the way.
    pub fn advance_to(&mut self, to: Timestamp) {
        self.settle();
        while let Some(at) = self.next_due().filter(|at| *at <= to) {
            self.now = at.max(self.now);
            self.switch.handle_timeout(self.now);
            if self.keep {
                self.steps.push(Step::Timeout { at: self.now });
            }
            self.center.handle_timeout(self.now);
            self.settle();
        }
        self.now = to.max(self.now);
    }

    /// When something falls due by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        [self.center.poll_timeout(), self.switch.poll_timeout()].into_iter().flatten().min()
    }

    /// Carries out everything that was decided and reported, until nothing is left.
    pub fn settle(&mut self) {
        loop {
            while let Some(event) = self.center.poll_event() {
                if self.keep {
                    self.events.push(event);
                }
            }
            if let Some(output) = self.center.poll_output() {
                match output.effect {
                    Effect::Switch(command) => {
                        if self.keep {
                            self.commands.push((self.now, command.clone()));
                        }
                        self.switch.execute(self.now, command);
                    }
                    Effect::Reply { request, result } => {
                        self.replies.insert(request, result);
                    }
                    Effect::Lookup { session, lookup, source, key } => {
                        let result =
                            self.tables.get(&(source, key)).cloned().ok_or(LookupFailure::NotFound);
                        self.input(Input::LookupDone { session, lookup, result });
                    }
                }
            } else if let Some(report) = self.switch.poll_report() {
                self.input(Input::Report(report));
            } else {
                return;
            }
        }
    }

    fn input(&mut self, input: Input) {
        if self.keep {
            self.steps.push(Step::Input { at: self.now, input: input.clone() });
        }
        let known = self.center.handle(self.now, input);
        debug_assert!(known.is_ok(), "the virtual switch numbers its legs rightly: {known:?}");
    }
}
