//! The scripted flows of the test kit, and engines that say too much or too little.

use std::{collections::BTreeSet, time::Duration};

use cti_core::{
    conformance::flow::{Harness, run_all},
    flow::{FlowEffect, FlowEngine, FlowInput, SessionEnd, SessionView, UnknownFlow},
    id::{FlowId, SessionId},
    needs::Needs,
    switch::Clip,
    testkit::ScriptedFlows,
    time::Timestamp,
};

fn scripted() -> ScriptedFlows {
    let play = |play| FlowEffect::Play {
        play,
        clips: vec![Clip::Prompt("welcome".to_owned())],
        looped: false,
    };
    let (queue, needs) = ("general".parse().unwrap(), Needs::default());
    let enqueue = FlowEffect::Enqueue { queue, priority: 0, needs };
    let ring = FlowEffect::RingDevices {
        devices: vec!["201".parse().unwrap()],
        ring_for: Duration::from_secs(10),
    };
    let message = FlowEffect::RecordMessage {
        limit: Duration::from_secs(30),
        silence: Duration::from_secs(5),
        into: None,
    };
    ScriptedFlows::default()
        .flow("day", vec![FlowEffect::Answer, play(0), enqueue, play(1), ring, message])
        .on_key(
            "day",
            '1',
            vec![FlowEffect::SetData { key: "a".to_owned(), value: "1".to_owned() }],
        )
        .flow("short", vec![])
}

struct Scripted;

impl Harness for Scripted {
    fn create(&mut self) -> Box<dyn FlowEngine> {
        Box::new(scripted())
    }

    fn flows(&self) -> Vec<FlowId> {
        vec!["day".parse().unwrap(), "short".parse().unwrap()]
    }
}

#[test]
fn scripted_flows_keep_the_rules() {
    run_all(&mut Scripted).expect_conformance();
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    StartsAnything,
    EndsTwice,
    SpeaksAfterTheEnd,
    SpeaksAfterItWasGivenUp,
    HearsGhosts,
    ForgetsToForget,
    NumbersDownwards,
    IsDueTooEarly,
    DiffersEachTime,
    MixesUpSessions,
}

/// Scripted flows with a fault.
#[derive(Debug)]
struct Wrong {
    fault: Fault,
    right: ScriptedFlows,
    birth: u64,
    started: BTreeSet<SessionId>,
    extra: Vec<(SessionId, FlowEffect)>,
    due: Option<Timestamp>,
    ended: usize,
}

impl FlowEngine for Wrong {
    fn start(
        &mut self,
        now: Timestamp,
        session: SessionId,
        flow: &FlowId,
        view: SessionView<'_>,
    ) -> Result<String, UnknownFlow> {
        self.started.insert(session);
        if self.fault == Fault::IsDueTooEarly {
            self.due = Some(now + Duration::from_secs(60));
        }
        if self.fault == Fault::MixesUpSessions && self.started.len() > 1 {
            let (key, value) = ("other".to_owned(), "session".to_owned());
            self.extra.push((session, FlowEffect::SetData { key, value }));
        }
        if self.fault == Fault::DiffersEachTime {
            let (key, value) = ("birth".to_owned(), self.birth.to_string());
            self.extra.push((session, FlowEffect::SetData { key, value }));
        }
        match self.right.start(now, session, flow, view) {
            Err(_) if self.fault == Fault::StartsAnything => Ok("anything".to_owned()),
            other => other,
        }
    }

    fn handle(&mut self, now: Timestamp, id: SessionId, input: FlowInput, view: SessionView<'_>) {
        let speaks = match self.fault {
            Fault::SpeaksAfterTheEnd | Fault::SpeaksAfterItWasGivenUp => {
                self.ended > 0 && self.started.contains(&id)
            }
            Fault::HearsGhosts => !self.started.contains(&id),
            _ => false,
        };
        if speaks {
            self.extra.push((id, FlowEffect::Answer));
        }
        self.right.handle(now, id, input, view);
    }

    fn due(&self, now: Timestamp) -> Option<SessionId> {
        // It is due a second before it says.
        self.due
            .filter(|due| now + Duration::from_secs(1) >= *due)
            .and_then(|_| self.started.first().copied())
    }

    fn handle_timeout(&mut self, _now: Timestamp, _session: SessionId, _view: SessionView<'_>) {
        self.due = None;
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.due
    }

    fn poll_effect(&mut self) -> Option<(SessionId, FlowEffect)> {
        if let Some(extra) = self.extra.pop() {
            return Some(extra);
        }
        let (session, mut effect) = self.right.poll_effect()?;
        if effect == FlowEffect::End && self.fault == Fault::EndsTwice {
            self.extra.push((session, FlowEffect::End));
        }
        if let FlowEffect::Play { play, .. } = &mut effect
            && self.fault == Fault::NumbersDownwards
        {
            *play = 10 - *play;
        }
        Some((session, effect))
    }

    fn end(&mut self, session: SessionId, why: SessionEnd) {
        self.ended += 1;
        self.right.end(session, why);
    }

    fn sessions(&self) -> usize {
        match self.fault {
            Fault::ForgetsToForget => self.started.len(),
            _ => self.right.sessions(),
        }
    }
}

struct Faulty(Fault, u64);

impl Harness for Faulty {
    fn create(&mut self) -> Box<dyn FlowEngine> {
        self.1 += 1;
        Box::new(Wrong {
            fault: self.0,
            right: scripted(),
            birth: self.1,
            started: BTreeSet::new(),
            extra: Vec::new(),
            due: None,
            ended: 0,
        })
    }

    fn flows(&self) -> Vec<FlowId> {
        Scripted.flows()
    }
}

#[test]
fn an_engine_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    for (fault, rule) in [
        (Fault::StartsAnything, "an_unknown_flow_is_refused"),
        (Fault::EndsTwice, "a_session_ends_once"),
        (Fault::SpeaksAfterTheEnd, "nothing_comes_after_the_end"),
        (Fault::SpeaksAfterItWasGivenUp, "a_session_that_is_given_up_says_nothing_more"),
        (Fault::HearsGhosts, "what_is_told_to_a_session_that_never_was_is_ignored"),
        (Fault::ForgetsToForget, "the_sessions_are_counted"),
        (Fault::NumbersDownwards, "playings_are_numbered_upwards"),
        (Fault::IsDueTooEarly, "a_time_out_comes_when_it_is_due"),
        (Fault::DiffersEachTime, "equal_inputs_give_equal_effects"),
        (Fault::MixesUpSessions, "one_session_does_not_change_another"),
    ] {
        let report = run_all(&mut Faulty(fault, 0));
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}
