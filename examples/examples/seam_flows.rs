//! A flow engine of your own, in forty lines: it answers, greets, queues, and says good-bye.
//!
//! ```text
//! cargo run -p cti-examples --example seam_flows
//! ```
//!
//! You see that it keeps the rules that every flow engine must keep.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::collections::{BTreeMap, VecDeque};

use cti_core::{
    conformance::flow as rules,
    flow::{FlowEffect, FlowEngine, FlowInput, SessionEnd, SessionView, UnknownFlow},
    id::{FlowId, SessionId},
    switch::Clip,
    time::Timestamp,
};

/// For each session what it will do, step by step.
#[derive(Debug, Default)]
struct Greeter(BTreeMap<SessionId, Vec<FlowEffect>>, VecDeque<(SessionId, FlowEffect)>);

impl FlowEngine for Greeter {
    fn start(
        &mut self,
        _now: Timestamp,
        session: SessionId,
        flow: &FlowId,
        view: SessionView<'_>,
    ) -> Result<String, UnknownFlow> {
        let (true, Ok(queue)) = (flow.as_str() == "day", "general".parse()) else {
            return Err(UnknownFlow(flow.clone()));
        };
        let clips = |prompt: &str| vec![Clip::Prompt(prompt.to_owned())];
        let play = |play, clips| FlowEffect::Play { play, clips, looped: false };
        let wait = FlowEffect::Enqueue { queue, priority: 0, needs: Default::default() };
        let mut steps = vec![play(0, clips("welcome")), wait, play(1, clips("call-later"))];
        steps.reverse();
        self.0.insert(session, steps);
        self.handle(Timestamp::ZERO, session, FlowInput::RingFailed, view);
        Ok("1".to_owned())
    }

    /// Whatever a step waited for has happened; keys mean nothing here.
    fn handle(&mut self, _: Timestamp, id: SessionId, input: FlowInput, _: SessionView<'_>) {
        if let (Some(steps), false) = (self.0.get_mut(&id), matches!(input, FlowInput::Digit(_))) {
            self.1.push_back((id, steps.pop().unwrap_or(FlowEffect::End)));
        }
    }

    fn poll_effect(&mut self) -> Option<(SessionId, FlowEffect)> {
        self.1.pop_front()
    }

    fn end(&mut self, session: SessionId, _why: SessionEnd) {
        self.0.remove(&session);
        self.1.retain(|(whose, _)| *whose != session);
    }

    fn sessions(&self) -> usize {
        self.0.len()
    }

    fn due(&self, _now: Timestamp) -> Option<SessionId> {
        None
    }

    fn handle_timeout(&mut self, _now: Timestamp, _session: SessionId, _view: SessionView<'_>) {}

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }
}

struct Mine(FlowId);

impl rules::Harness for Mine {
    fn create(&mut self) -> Box<dyn FlowEngine> {
        Box::new(Greeter::default())
    }

    fn flows(&self) -> Vec<FlowId> {
        vec![self.0.clone()]
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = rules::run_all(&mut Mine("day".parse()?));
    println!("{report}");
    report.expect_conformance();
    Ok(())
}
