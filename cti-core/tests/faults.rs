//! Nothing ever gets stuck: random callers, agents and faults, with the laws of the model checked at every step.
//!
//! `CTI_FAULT_SEEDS=1000 CTI_FAULT_STEPS=5000 cargo test -p cti-core --features testkit --test faults` runs more; a
//! failure prints its seed, and `CTI_FAULT_SEED=7` runs that one alone.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::collections::BTreeMap;

use cti_core::{
    agent::AgentState,
    call::Place,
    cause::Cause,
    event::{DequeueReason, Fact, OfferEnd},
    id::{AgentId, CallId, LegId},
    switch::SwitchReport,
    testkit::busy::{BusyCentre, center},
};

/// A switch may say things twice, late, or about legs that are gone.
const FAULTS: u64 = 8;

struct Run {
    day: BusyCentre,
    checked: usize,
    ledger: Ledger,
}

/// What the log says, added up: every arrival has one end.
#[derive(Debug, Default)]
struct Ledger {
    started: BTreeMap<CallId, u32>,
    ended: BTreeMap<CallId, u32>,
    queued: u64,
    dequeued: u64,
    offered: u64,
    offers_ended: u64,
    connected: u64,
    talks_ended: u64,
    answered: u64,
    recordings_started: u64,
    recordings_ended: u64,
}

impl Ledger {
    fn add(&mut self, fact: &Fact) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a ledger adds up what concerns it")]
        match fact {
            Fact::CallStarted { call, .. } => *self.started.entry(*call).or_default() += 1,
            Fact::CallEnded { call, .. } => *self.ended.entry(*call).or_default() += 1,
            Fact::Queued { .. } => self.queued += 1,
            Fact::Dequeued { reason, .. } => {
                self.dequeued += 1;
                self.answered += u64::from(*reason == DequeueReason::Answered);
            }
            Fact::Offered { .. } => self.offered += 1,
            Fact::Rung { legs, .. } => self.offered += legs.len() as u64,
            Fact::OfferEnded { end, .. } | Fact::RingEnded { end, .. } => {
                self.offers_ended += 1;
                let _: OfferEnd = *end;
            }
            Fact::Connected { .. } => self.connected += 1,
            Fact::TalkEnded { .. } => self.talks_ended += 1,
            Fact::RecordingStarted { .. } => self.recordings_started += 1,
            Fact::RecordingEnded { .. } => self.recordings_ended += 1,
            _ => {}
        }
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        Self { day: BusyCentre::new(seed), checked: 0, ledger: Ledger::default() }
    }

    fn step(&mut self) {
        if self.day.dice.roll(24) == 0 {
            self.fault();
        }
        self.day.plain_step();
        self.check_laws();
    }

    /// Something that a switch should not say, or says too late, or twice.
    fn fault(&mut self) {
        let leg = LegId(self.day.dice.roll(40) + 1);
        let report = match self.day.dice.roll(FAULTS) {
            0 => SwitchReport::Answered { leg },
            1 => SwitchReport::LegEnded { leg: LegId(leg.0 + 1_000_001), cause: Cause::Lost },
            2 => SwitchReport::Held { leg },
            3 => SwitchReport::Retrieved { leg },
            4 => SwitchReport::Digit { leg, digit: '#' },
            5 => SwitchReport::PlayEnded {
                leg,
                play: cti_core::id::PlayId(self.day.dice.roll(30)),
                end: cti_core::switch::PlayEnd::Finished,
            },
            6 => SwitchReport::RecordingEnded {
                recording: cti_core::id::RecordingId(self.day.dice.roll(1000) + 1_000_000),
                end: cti_core::switch::RecordingEnd::Failed { reason: "fault".to_owned() },
            },
            _ => SwitchReport::Ringing { leg },
        };
        self.day.world.switch.report(report);
    }

    /// The laws that hold between any two inputs.
    fn check_laws(&mut self) {
        let center = &self.day.world.center;
        for event in &self.day.world.events[self.checked..] {
            self.ledger.add(&event.fact);
        }
        self.checked = self.day.world.events.len();

        let mut owners: BTreeMap<AgentId, CallId> = BTreeMap::new();
        for call in center.calls() {
            let agent = match &call.place {
                Place::Queue(waiting) => waiting.offer.as_ref().map(|offer| offer.agent.clone()),
                Place::Talk => call.first_talker().and_then(|it| it.party.agent.clone()),
                Place::Arriving => panic!("{} is left where it arrived", call.id),
                Place::Originating(_)
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_) => None,
                Place::Flow => {
                    assert!(call.session.is_some(), "{} is in a flow without a session", call.id);
                    None
                }
                Place::Ringing(_) | Place::Feature => None,
            };
            if let Some(agent) = agent {
                let other = owners.insert(agent.clone(), call.id);
                assert_eq!(other, None, "agent {agent} has two calls");
            }
        }
        for (agent, at_work) in center.agents() {
            let has = owners.get(agent).copied();
            assert_eq!(at_work.state.call(), has, "agent {agent} is {:?}", at_work.state);
            if at_work.state == AgentState::Ready && center.in_service(&at_work.device) {
                let kept_waiting = center.calls().find(|call| {
                    call.waiting().is_some_and(|waiting| {
                        waiting.offer.is_none() && at_work.queues.contains(&waiting.queue)
                    })
                });
                let id = kept_waiting.map(|call| call.id);
                assert_eq!(id, None, "agent {agent} is idle while a call waits for him");
            }
            let ends_by_itself = center.poll_timeout().is_some();
            assert!(
                at_work.state != AgentState::AfterCallWork || ends_by_itself,
                "after-call work of {agent} has no end"
            );
        }
        let waiting = center.calls().filter(|call| call.waiting().is_some()).count() as u64;
        assert_eq!(self.ledger.queued, self.ledger.dequeued + waiting, "{:?}", self.ledger);
        let offers = center
            .calls()
            .filter(|call| match &call.place {
                Place::Queue(waiting) => waiting.offer.is_some(),
                Place::Ringing(_) => true,
                Place::Arriving
                | Place::Originating(_)
                | Place::Flow
                | Place::Talk
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_)
                | Place::Feature => false,
            })
            .count() as u64;
        assert_eq!(self.ledger.offered, self.ledger.offers_ended + offers, "{:?}", self.ledger);
        let talks = center.calls().filter(|call| call.is_talk()).count() as u64;
        assert_eq!(self.ledger.connected, self.ledger.talks_ended + talks, "{:?}", self.ledger);
    }

    /// Everybody goes home: nothing may be left.
    fn finish(&mut self) {
        self.day.finish();
        self.check_laws();
        let center = &self.day.world.center;
        assert_eq!(center.calls().count(), 0, "calls are left");
        assert_eq!(center.leg_count(), 0, "legs are left");
        assert_eq!(self.day.world.switch.leg_count(), 0, "legs are left in the switch");
        assert_eq!(center.play_count(), 0, "playings are left");
        assert_eq!(center.open_recordings().count(), 0, "recordings are left");
        assert_eq!(self.ledger.started, self.ledger.ended, "each call starts once and ends once");
        assert_eq!(self.ledger.recordings_started, self.ledger.recordings_ended);
        assert!(self.ledger.connected >= self.ledger.answered);
    }

    /// Recovery is replay: a fresh Center that follows the log is in the same state.
    fn check_replay(&self) {
        let mut again = center();
        for event in &self.day.world.events {
            again.replay(event);
        }
        assert_eq!(again.state(), self.day.world.center.state(), "the log does not give the state");
        let mut restored = center();
        restored.restore(self.day.world.center.snapshot()).unwrap();
        assert_eq!(
            restored.state(),
            self.day.world.center.state(),
            "the snapshot does not give the state"
        );
    }

    /// The process dies: the next one accounts for every call, exactly once.
    fn crash(self) -> Self {
        let checked = self.checked;
        let day = self.day.crash();
        let mut run = Self { day, checked, ledger: self.ledger };
        run.check_laws();
        assert_eq!(run.day.world.center.calls().count(), 0, "a call outlives its process");
        run
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn whatever_callers_agents_and_faults_do_nothing_gets_stuck_and_the_numbers_add_up() {
    let steps = setting("CTI_FAULT_STEPS", 1_500);
    let seeds = match std::env::var("CTI_FAULT_SEED").ok().and_then(|text| text.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 1..setting("CTI_FAULT_SEEDS", 40) + 1,
    };
    let mut calls = 0;
    let mut answered = 0;
    for seed in seeds {
        let run = std::panic::catch_unwind(|| {
            let mut run = Run::new(seed);
            for step in 0..steps {
                run.step();
                if step == steps / 2 && seed % 3 == 0 {
                    run = run.crash();
                }
            }
            if seed % 3 != 0 {
                run.check_replay();
            }
            run.finish();
            (run.ledger.started.len(), run.ledger.answered)
        });
        match run {
            Ok((started, taken)) => {
                calls += started;
                answered += taken;
            }
            Err(cause) => {
                eprintln!("CTI_FAULT_SEED={seed} fails");
                std::panic::resume_unwind(cause);
            }
        }
    }
    println!("{calls} calls, {answered} answered from a queue");
    assert!(answered > 100, "the run exercises answered calls: {answered} of {calls}");
}
