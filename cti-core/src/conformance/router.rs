//! What every [`Router`] must keep.
//!
//! A router is put into a real Center, in which callers, agents and phones do whatever chance says, and is watched from
//! between the two: each proposal is compared with what the facts have said so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Report, Verdict, Violation, floor::Floor};
use crate::{
    agent::AgentState,
    event::{Event, Fact},
    id::{AgentId, ContactId, DeviceId, QueueId},
    router::{Explanation, Proposal, Router},
    time::Timestamp,
};

/// Makes routers of one kind.
pub trait Harness {
    /// Makes a router that serves these queues by plain rules: nobody is kept waiting while a member of his queue is
    /// free.
    fn create(&mut self, queues: &[QueueId]) -> Box<dyn Router>;

    /// Returns to how many agents such a router offers one contact at a time.
    fn offers_at_a_time(&self) -> usize {
        1
    }
}

/// How many runs are made, and how many things happen in each.
const RUNS: u64 = 6;
const STEPS: usize = 600;
/// More proposals than this without anything happening are taken for a router that never rests.
const RESTLESS: usize = 1_000;

/// The rules, in the order in which they are reported.
const RULES: [&str; 11] = [
    "a_contact_that_does_not_wait_or_is_offered_is_not_proposed",
    "an_agent_who_is_not_ready_is_not_proposed",
    "an_agent_who_does_not_serve_the_queue_is_not_proposed",
    "an_agent_whose_phone_cannot_be_reached_is_not_proposed",
    "it_comes_to_rest",
    "nobody_waits_while_a_matching_agent_is_free",
    "a_position_is_told_for_those_who_wait_and_only_for_them",
    "positions_in_a_queue_are_different_and_not_beyond_its_length",
    "a_restored_router_goes_on_like_the_one_it_was_taken_from",
    "equal_facts_give_equal_proposals",
    "what_is_due_has_been_dealt_with_after_it_was_asked",
];

/// Checks all rules.
pub fn run_all(harness: &mut impl Harness) -> Report {
    let violations = observed(harness);
    let mut report = Report::default();
    for rule in RULES {
        report.note(rule, verdict(rule, &violations));
    }
    report
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $rule:ident;)*) => {$(
        $(#[doc = $doc])*
        ///
        /// # Errors
        /// When the rule is broken.
        pub fn $rule(harness: &mut impl Harness) -> Verdict {
            verdict(stringify!($rule), &observed(harness))
        }
    )*};
}

rules! {
    /// A proposal concerns a contact that waits and is on offer to nobody, or can be on offer to one more agent.
    a_contact_that_does_not_wait_or_is_offered_is_not_proposed;
    /// Contacts are offered to agents whose last known state is ready.
    an_agent_who_is_not_ready_is_not_proposed;
    /// Contacts are offered to agents who signed in for their queue.
    an_agent_who_does_not_serve_the_queue_is_not_proposed;
    /// Contacts are offered to agents whose device is in service.
    an_agent_whose_phone_cannot_be_reached_is_not_proposed;
    /// When nothing happens, there is soon nothing more to propose.
    it_comes_to_rest;
    /// At rest, nobody waits without an offer while an agent of his queue is ready and can be reached.
    nobody_waits_while_a_matching_agent_is_free;
    /// Whoever waits has a position, and nobody else.
    a_position_is_told_for_those_who_wait_and_only_for_them;
    /// No two contacts of a queue have the same position, and none is beyond the last.
    positions_in_a_queue_are_different_and_not_beyond_its_length;
    /// A router that takes over a snapshot proposes what the first one proposes, and has the same snapshot.
    a_restored_router_goes_on_like_the_one_it_was_taken_from;
    /// Two routers that follow the same facts propose the same.
    equal_facts_give_equal_proposals;
    /// After a time that the router asked for, it asks for a later one, or for none.
    what_is_due_has_been_dealt_with_after_it_was_asked;
}

fn verdict(rule: &'static str, violations: &[Violation]) -> Verdict {
    violations.iter().find(|it| it.rule == rule).cloned().map_or(Ok(()), Err)
}

fn observed(harness: &mut impl Harness) -> Vec<Violation> {
    let Ok(queues) = super::floor::queues() else { return Vec::new() };
    let mut violations = Vec::new();
    for seed in 1..=RUNS {
        let watch = Arc::new(Mutex::new(Watch::new(harness.offers_at_a_time())));
        let watched = Watched {
            watch: watch.clone(),
            router: harness.create(&queues),
            twin: harness.create(&queues),
            twin_is_restored: false,
        };
        match Floor::with_router(Box::new(watched), seed) {
            Ok(mut floor) => {
                for step in 0..STEPS {
                    floor.step();
                    let at_rest = &mut seen(&watch);
                    at_rest.look(&floor);
                    if step % 50 == 49 {
                        // The twin begins anew from a snapshot with the next fact.
                        at_rest.restore_twin = Some(harness.create(&queues));
                    }
                }
                violations.append(&mut seen(&watch).violations);
            }
            Err(error) => violations.push(Violation { rule: RULES[4], what: error.to_string() }),
        }
        if !violations.is_empty() {
            break;
        }
    }
    violations
}

fn seen(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Waiting {
    queue: QueueId,
    /// How many agents it is on offer to.
    offers: usize,
}

#[derive(Debug)]
struct Member {
    queues: Vec<QueueId>,
    device: DeviceId,
    ready: bool,
}

/// What the facts have said, and what was wrong with the proposals.
#[derive(Debug, Default)]
struct Watch {
    /// On offer to how many agents a contact can be.
    offers_at_a_time: usize,
    waiting: BTreeMap<ContactId, Waiting>,
    gone: BTreeSet<ContactId>,
    members: BTreeMap<AgentId, Member>,
    in_service: BTreeSet<DeviceId>,
    /// Proposals since something happened.
    in_a_row: usize,
    /// When the router was asked last.
    asked: Option<Timestamp>,
    restore_twin: Option<Box<dyn Router>>,
    /// How often a rule was broken; the first time of each is kept.
    faults: usize,
    violations: Vec<Violation>,
}

impl Watch {
    fn new(offers_at_a_time: usize) -> Self {
        Self { offers_at_a_time, ..Self::default() }
    }

    fn broken(&mut self, rule: &'static str, what: String) {
        self.faults += 1;
        if self.violations.iter().all(|it| it.rule != rule) {
            self.violations.push(Violation { rule, what });
        }
    }

    fn follow(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a follower looks at what concerns it")]
        match &event.fact {
            Fact::Queued { contact, queue, .. } => {
                self.waiting.insert(*contact, Waiting { queue: queue.clone(), offers: 0 });
                self.gone.remove(contact);
            }
            Fact::Dequeued { contact, .. } => {
                self.waiting.remove(contact);
                self.gone.insert(*contact);
            }
            Fact::Offered { contact, .. } => {
                self.waiting.entry(*contact).and_modify(|it| it.offers += 1);
            }
            Fact::OfferEnded { contact, .. } => {
                self.waiting.entry(*contact).and_modify(|it| it.offers -= 1);
            }
            Fact::AgentSignedIn { agent, device, queues, .. } => {
                let (device, queues) = (device.clone(), queues.clone());
                self.members.insert(agent.clone(), Member { queues, device, ready: false });
            }
            Fact::DutiesSet { agent, queues, .. } => {
                if let Some(member) = self.members.get_mut(agent) {
                    member.queues.clone_from(queues);
                }
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                if let Some(member) = self.members.get_mut(agent) {
                    member.ready = *to == AgentState::Ready;
                }
            }
            Fact::AgentSignedOut { agent, .. } => drop(self.members.remove(agent)),
            Fact::DeviceInService { device } => drop(self.in_service.insert(device.clone())),
            Fact::DeviceOutOfService { device } => drop(self.in_service.remove(device)),
            _ => {}
        }
    }

    /// Says whether a Center may carry out a proposal.
    fn judge(&mut self, proposal: &Proposal) -> bool {
        let found = self.faults;
        match proposal {
            Proposal::Offer { contact, agent, .. } => {
                self.judge_contact(*contact, self.offers_at_a_time, proposal);
                self.judge_agent(*contact, agent);
            }
            Proposal::Overflow { contact, .. }
            | Proposal::Move { contact, .. }
            | Proposal::Raise { contact, .. } => self.judge_contact(*contact, 1, proposal),
            Proposal::Withdraw { contact, .. } => {
                self.judge_contact(*contact, usize::MAX, proposal);
            }
            Proposal::CallBack { .. }
            | Proposal::RuleFailed { .. }
            | Proposal::RuleWorksAgain { .. }
            | Proposal::NobodyStaffed { .. }
            | Proposal::StaffedAgain { .. } => {}
        }
        found == self.faults
    }

    /// Says whether something can be done with a contact that is on offer to fewer agents than `bound`.
    fn judge_contact(&mut self, contact: ContactId, bound: usize, proposal: &Proposal) {
        let why_not = match self.waiting.get(&contact) {
            None => "does not wait",
            Some(waiting) if waiting.offers >= bound => "is being offered",
            Some(_) => return,
        };
        self.broken(RULES[0], format!("{contact} {why_not}: {proposal:?}"));
    }

    fn judge_agent(&mut self, contact: ContactId, agent: &AgentId) {
        let Some(member) = self.members.get(agent) else {
            return self.broken(RULES[1], format!("agent {agent} is not at work"));
        };
        let queue = self.waiting.get(&contact).map(|it| it.queue.clone());
        let reachable = self.in_service.contains(&member.device);
        let serves = queue.as_ref().is_none_or(|queue| member.queues.contains(queue));
        if !member.ready {
            self.broken(RULES[1], format!("agent {agent} is offered {contact}"));
        }
        if !serves {
            self.broken(RULES[2], format!("agent {agent} is offered {contact} of {queue:?}"));
        }
        if !reachable {
            self.broken(RULES[3], format!("agent {agent} is offered {contact}"));
        }
    }

    /// Looks at the router while nothing happens.
    fn look(&mut self, floor: &Floor) {
        let idle =
            self.waiting.iter().filter(|(_, it)| it.offers == 0).find_map(|(contact, it)| {
                let free = self.members.iter().find(|(_, member)| {
                    member.ready
                        && member.queues.contains(&it.queue)
                        && self.in_service.contains(&member.device)
                });
                free.map(|(agent, _)| format!("{contact} waits while agent {agent} is free"))
            });
        // A center that was kept from a wrong proposal is not at rest.
        if let Some(what) = idle.filter(|_| self.violations.is_empty()) {
            self.broken(RULES[5], format!("{what}, at {}", floor.world.now()));
        }
    }

    fn look_at_positions(&mut self, router: &dyn Router) {
        let mut taken: BTreeMap<&QueueId, BTreeSet<usize>> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (contact, it) in &self.waiting {
            let length = self.waiting.values().filter(|other| other.queue == it.queue).count();
            match router.position(*contact) {
                None => wrong.push((RULES[6], format!("{contact} waits and has no position"))),
                Some(position) => {
                    let is_new = taken.entry(&it.queue).or_default().insert(position);
                    if !is_new || position == 0 || position > length {
                        let what = format!("{contact} is at {position} of {length}");
                        wrong.push((RULES[7], what));
                    }
                }
            }
        }
        for contact in self.gone.iter().rev().take(5) {
            if let Some(position) = router.position(*contact) {
                let what = format!("{contact} waits no more and has position {position}");
                wrong.push((RULES[6], what));
            }
        }
        wrong.into_iter().for_each(|(rule, what)| self.broken(rule, what));
    }
}

/// A router between the Center and the one that is checked.
#[derive(Debug)]
struct Watched {
    watch: Arc<Mutex<Watch>>,
    router: Box<dyn Router>,
    /// Follows the same facts.
    twin: Box<dyn Router>,
    twin_is_restored: bool,
}

impl Watched {
    fn twin_rule(&self) -> &'static str {
        if self.twin_is_restored { RULES[8] } else { RULES[9] }
    }

    fn restore(&mut self, mut twin: Box<dyn Router>) {
        let snapshot = self.router.snapshot();
        match twin.restore(snapshot.clone()) {
            Ok(()) if twin.snapshot() == snapshot => {}
            Ok(()) => seen(&self.watch).broken(
                RULES[8],
                format!("the snapshot of the restored one is {}, not {snapshot}", twin.snapshot()),
            ),
            Err(error) => {
                seen(&self.watch).broken(RULES[8], format!("it refuses its own snapshot: {error}"));
            }
        }
        self.twin = twin;
        self.twin_is_restored = true;
    }
}

impl Router for Watched {
    fn apply(&mut self, event: &Event) {
        let twin = seen(&self.watch).restore_twin.take();
        if let Some(twin) = twin {
            self.restore(twin);
        }
        self.router.apply(event);
        self.twin.apply(event);
        seen(&self.watch).follow(event);
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        let proposal = self.router.propose(now);
        let of_twin = self.twin.propose(now);
        let watch = self.watch.clone();
        let mut watch = seen(&watch);
        if proposal != of_twin {
            let what = format!("one proposes {proposal:?}, the other {of_twin:?}");
            watch.broken(self.twin_rule(), what);
        }
        watch.in_a_row += 1;
        if watch.in_a_row > RESTLESS {
            watch.broken(RULES[4], format!("after {RESTLESS} proposals it has {proposal:?}"));
            return None;
        }
        match proposal {
            Some(proposal) => watch.judge(&proposal).then_some(proposal),
            None => {
                watch.in_a_row = 0;
                watch.asked = Some(now);
                if let Some(due) = self.router.poll_timeout().filter(|due| *due <= now) {
                    let what = format!("asked at {now}, it wants to be asked at {due}");
                    watch.broken(RULES[10], what);
                }
                watch.look_at_positions(self.router.as_ref());
                None
            }
        }
    }

    /// A time that has passed already would never end.
    fn poll_timeout(&self) -> Option<Timestamp> {
        let asked = seen(&self.watch).asked;
        self.router.poll_timeout().filter(|due| asked.is_none_or(|asked| *due > asked))
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        self.router.position(contact)
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.router.expected_wait(contact, now)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.router.explain(contact, now)
    }

    fn snapshot(&self) -> serde_json::Value {
        self.router.snapshot()
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        self.router.restore(snapshot)
    }
}
