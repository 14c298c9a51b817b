//! Who gets the calls that programs route: the one who has asked longest gets the call that has waited longest.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    address::PhoneNumber,
    call::Place,
    cause::Cause,
    center::Center,
    event::{Event, Fact},
    id::{CallId, ContactId},
};

/// How many facts of a call may wait for one who follows it.
pub(super) const FOLLOWER_LAG: usize = 256;

/// A call that was given to a program.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) call: CallId,
    pub(super) contact: ContactId,
    pub(super) caller: PhoneNumber,
    pub(super) called: PhoneNumber,
    pub(super) ended: watch::Receiver<Option<Cause>>,
}

/// The calls and the askers of one program's name.
#[derive(Debug, Default)]
struct Program {
    waiting: VecDeque<CallId>,
    asking: VecDeque<oneshot::Sender<Given>>,
}

/// What programs wait for: calls, their ends, and what happens to them. It follows the durable facts.
#[derive(Debug, Default)]
pub(super) struct Programs {
    programs: BTreeMap<String, Program>,
    /// The calls that are with a program or wait for one.
    routed: BTreeMap<CallId, String>,
    ends: BTreeMap<CallId, watch::Sender<Option<Cause>>>,
    followers: BTreeMap<CallId, Vec<mpsc::Sender<Arc<Event>>>>,
}

impl Programs {
    /// A program wants the next call that is routed under this name.
    pub(super) fn ask(&mut self, center: &Center, name: String, asker: oneshot::Sender<Given>) {
        let program = self.programs.entry(name.clone()).or_default();
        program.asking.retain(|asker| !asker.is_closed());
        program.asking.push_back(asker);
        self.hand_out(center, &name);
    }

    /// A program that was given a call never took it.
    pub(super) fn give_back(&mut self, center: &Center, call: CallId) {
        if let Some(name) = self.routed.get(&call).cloned() {
            self.programs.entry(name.clone()).or_default().waiting.push_front(call);
            self.hand_out(center, &name);
        }
    }

    /// Someone wants to know what happens to a live call; no longer when it is over.
    pub(super) fn follow_call(&mut self, call: CallId, follower: mpsc::Sender<Arc<Event>>) {
        let followers = self.followers.entry(call).or_default();
        followers.retain(|follower| !follower.is_closed());
        followers.push(follower);
    }

    /// Follows one durable fact.
    pub(super) fn apply(&mut self, center: &Center, event: &Arc<Event>) {
        let Some(call) = event.fact.call() else { return };
        if let Some(followers) = self.followers.get_mut(&call) {
            // One who does not keep up is told by the end of his channel.
            followers.retain(|follower| follower.try_send(Arc::clone(event)).is_ok());
            if followers.is_empty() {
                self.followers.remove(&call);
            }
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "it looks at the facts that concern it")]
        match &event.fact {
            // A program that answers is named by this fact a second time.
            Fact::RouteRequested { program, .. } if self.routed.get(&call) != Some(program) => {
                self.leaves(call);
                self.routed.insert(call, program.clone());
                self.programs.entry(program.clone()).or_default().waiting.push_back(call);
                self.hand_out(center, program);
            }
            Fact::Queued { .. }
            | Fact::FlowStarted { .. }
            | Fact::Rung { .. }
            | Fact::Connected { .. }
            | Fact::Parked { .. }
            | Fact::CampedOn { .. }
            | Fact::Failed { .. } => self.leaves(call),
            Fact::CallEnded { cause, .. } => {
                self.leaves(call);
                self.followers.remove(&call);
                if let Some(end) = self.ends.remove(&call) {
                    // Nobody need wait for it.
                    let _ = end.send(Some(*cause));
                }
            }
            _ => {}
        }
    }

    fn leaves(&mut self, call: CallId) {
        let Some(name) = self.routed.remove(&call) else { return };
        if let Some(program) = self.programs.get_mut(&name) {
            program.waiting.retain(|waiting| *waiting != call);
        }
    }

    fn hand_out(&mut self, center: &Center, name: &str) {
        let Some(program) = self.programs.get_mut(name) else { return };
        while let (Some(call), true) =
            (program.waiting.front().copied(), !program.asking.is_empty())
        {
            program.waiting.pop_front();
            let live = center
                .call(call)
                .filter(|it| matches!(&it.place, Place::Program(program) if program.name == name));
            // The Center is ahead of what is durable: the call has left meanwhile.
            let Some(it) = live else { continue };
            let end = self.ends.entry(call).or_insert_with(|| watch::channel(None).0);
            let mut given = Given {
                call,
                contact: it.contact,
                caller: it.caller.clone(),
                called: it.called.clone(),
                ended: end.subscribe(),
            };
            let taken = loop {
                let Some(asker) = program.asking.pop_front() else { break false };
                match asker.send(given) {
                    Ok(()) => break true,
                    Err(back) => given = back,
                }
            };
            if !taken {
                program.waiting.push_front(call);
            }
        }
    }
}
