//! A centre of made-up callers and agents around the router of production, on a virtual clock.
//!
//! It makes the facts that the Center would make, and nothing else: calls ring as long as they are told to, agents
//! answer, talk and are ready again, callers give up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cti_core::{
    agent::{AfterCall, AgentState, NotReadyReason},
    cause::Cause,
    event::{AlarmKind, DequeueReason, Event, Fact, OfferEnd, Party},
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId, SeatId},
    router::{OverflowReason, Proposal, Router as _},
    target::Target,
    time::Timestamp,
};

use super::{AgentLoad, Arrival, Shift};
use crate::Acd;

/// How a contact ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// An agent answered.
    Answered {
        /// Who.
        agent: AgentId,
    },
    /// It gave up.
    Abandoned,
    /// The rules sent it elsewhere.
    Overflowed(OverflowReason),
}

/// What became of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// Which contact; they are numbered as they came.
    pub contact: ContactId,
    /// What it came with.
    pub arrival: &'a Arrival,
    /// The wait that it was told when it came, if it was told one.
    pub told: Option<Duration>,
    /// How many were before it when it came.
    pub ahead: usize,
    /// How long it waited.
    pub waited: Duration,
    /// How many who came earlier, with the same queue, priority and needs, went on waiting when it was answered.
    pub overtook: usize,
    /// How it ended.
    pub end: End,
}

#[derive(Debug)]
struct Live {
    arrival: Arrival,
    queue: QueueId,
    told: Option<Duration>,
    ahead: usize,
    class: usize,
    /// Who is being rung.
    rung: Vec<AgentId>,
}

#[derive(Debug)]
struct Seat {
    device: DeviceId,
    seat: SeatId,
    queues: Vec<QueueId>,
    state: AgentState,
    /// Whether his shift is on.
    present: bool,
    since: Timestamp,
    load: AgentLoad,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Begin(AgentId),
    GiveUp(ContactId),
    Answer(ContactId, AgentId),
    Done(ContactId, AgentId),
    Stop(AgentId),
}

/// A centre on a virtual clock.
#[derive(Debug)]
pub struct Simulation {
    acd: Acd,
    now: Timestamp,
    events: u64,
    contacts: u64,
    alarms: u64,
    ring_for: Duration,
    asks: bool,
    live: BTreeMap<ContactId, Live>,
    seats: BTreeMap<AgentId, Seat>,
    queues_of: BTreeMap<(Timestamp, AgentId), Vec<QueueId>>,
    due: BTreeSet<(Timestamp, Due)>,
    /// How many contacts are being handled.
    talks: usize,
    standing: BTreeMap<String, AlarmId>,
    /// The contacts that wait, by class and in the order they came.
    classes: Vec<(Arrival, BTreeSet<ContactId>)>,
    class_numbers: BTreeMap<(QueueId, u8, String), usize>,
}

impl Simulation {
    /// Returns a centre without callers and agents, whose agents answer at once.
    #[must_use]
    pub fn new(acd: Acd) -> Self {
        Self {
            acd,
            now: Timestamp::ZERO,
            events: 0,
            contacts: 0,
            alarms: 0,
            ring_for: Duration::ZERO,
            asks: false,
            live: BTreeMap::new(),
            seats: BTreeMap::new(),
            queues_of: BTreeMap::new(),
            due: BTreeSet::new(),
            talks: 0,
            standing: BTreeMap::new(),
            classes: Vec::new(),
            class_numbers: BTreeMap::new(),
        }
    }

    /// Lets phones ring so long before agents answer.
    #[must_use]
    pub fn ringing(mut self, ring_for: Duration) -> Self {
        self.ring_for = ring_for;
        self
    }

    /// Lets each contact be told the wait it can expect when it comes.
    #[must_use]
    pub fn announcing(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Lets an agent take calls for a time.
    pub fn shift(&mut self, shift: Shift) {
        self.due.insert((shift.from, Due::Begin(shift.agent.clone())));
        self.due.insert((shift.until, Due::Stop(shift.agent.clone())));
        self.queues_of.insert((shift.from, shift.agent), shift.queues);
    }

    /// Returns the router.
    #[must_use]
    pub fn acd(&self) -> &Acd {
        &self.acd
    }

    /// Returns the moment it stands at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns what each agent had to do.
    #[must_use]
    pub fn loads(&self) -> BTreeMap<AgentId, AgentLoad> {
        self.seats.iter().map(|(agent, seat)| (agent.clone(), seat.load)).collect()
    }

    /// Runs arrivals, sorted by time, to the end of the last contact; tells what became of each.
    pub fn run(
        &mut self,
        arrivals: impl IntoIterator<Item = Arrival>,
        told: &mut dyn FnMut(&Outcome<'_>),
    ) {
        let mut arrivals = arrivals.into_iter().peekable();
        loop {
            let next = arrivals.peek().map(|arrival| arrival.at);
            let due = self.due.first().map(|(at, _)| *at);
            let wake = self.acd.poll_timeout();
            let Some(now) = [next, due, wake].into_iter().flatten().min() else { return };
            if next.is_none() && self.live.is_empty() && self.talks == 0 {
                return;
            }
            self.now = self.now.max(now);
            if due.is_some_and(|due| due <= self.now) {
                if let Some((_, due)) = self.due.pop_first() {
                    self.happen(due, told);
                }
            } else if next.is_some_and(|next| next <= self.now)
                && let Some(arrival) = arrivals.next()
            {
                self.arrive(arrival);
            }
            self.settle(told);
        }
    }

    fn fact(&mut self, fact: Fact) {
        self.events += 1;
        self.acd.apply(&Event { no: EventNo(self.events), at: self.now, fact });
    }

    fn state(&mut self, agent: &AgentId, to: AgentState) {
        if let Some(seat) = self.seats.get_mut(agent) {
            let passed = self.now.since(seat.since);
            match seat.state {
                AgentState::OnCall { .. } | AgentState::AfterCallWork => seat.load.busy += passed,
                AgentState::Ready | AgentState::Reserved { .. } => seat.load.idle += passed,
                AgentState::SignedOut | AgentState::NotReady { .. } => {}
            }
            seat.since = self.now;
            seat.state = to.clone();
        }
        self.fact(Fact::AgentStateChanged { agent: agent.clone(), to, until: None });
    }

    fn happen(&mut self, due: Due, told: &mut dyn FnMut(&Outcome<'_>)) {
        match due {
            Due::Begin(agent) => self.begin(&agent),
            Due::Stop(agent) => {
                let Some(seat) = self.seats.get_mut(&agent) else { return };
                seat.present = false;
                if seat.state == AgentState::Ready {
                    self.pause(&agent);
                }
            }
            Due::GiveUp(contact) => {
                if self.live.contains_key(&contact) {
                    self.leave(contact, DequeueReason::Abandoned);
                    self.over(contact, End::Abandoned, told);
                }
            }
            Due::Answer(contact, agent) => self.answer(contact, &agent, told),
            Due::Done(contact, agent) => self.done(contact, &agent),
        }
    }

    fn begin(&mut self, agent: &AgentId) {
        let queues = self.queues_of.remove(&(self.now, agent.clone())).unwrap_or_default();
        let name = agent.as_str();
        let (Ok(device), Ok(seat)) = (DeviceId::new(name), SeatId::new(name)) else { return };
        let known =
            self.seats.get(agent).map(|known| (known.queues == queues, known.state.clone()));
        if known.as_ref().is_none_or(|(same, _)| !same) {
            self.fact(Fact::DeviceInService { device: device.clone() });
            self.fact(Fact::AgentSignedIn {
                agent: agent.clone(),
                seat: seat.clone(),
                device: device.clone(),
                queues: queues.clone(),
                capacity: BTreeMap::new(),
            });
        }
        let (state, load) = match self.seats.remove(agent) {
            Some(known) => (known.state, known.load),
            None => (AgentState::SignedOut, AgentLoad::default()),
        };
        let (present, since) = (true, self.now);
        let resting = !matches!(state, AgentState::OnCall { .. } | AgentState::Reserved { .. });
        let new = Seat { device, seat, queues, state, present, since, load };
        self.seats.insert(agent.clone(), new);
        if resting {
            self.state(agent, AgentState::Ready);
        }
    }

    fn pause(&mut self, agent: &AgentId) {
        let reason = NotReadyReason::Code("break".to_owned());
        self.state(agent, AgentState::NotReady { reason });
    }

    fn arrive(&mut self, arrival: Arrival) {
        self.contacts += 1;
        let contact = ContactId(self.contacts);
        let needs_text = if arrival.needs.is_plain() {
            String::new()
        } else {
            serde_json::to_string(&arrival.needs).unwrap_or_default()
        };
        let key = (arrival.queue.clone(), arrival.priority, needs_text);
        let count = self.classes.len();
        let class = *self.class_numbers.entry(key).or_insert(count);
        if class == count {
            self.classes.push((arrival.clone(), BTreeSet::new()));
        }
        self.classes[class].1.insert(contact);
        if let Some(patience) = arrival.patience {
            self.due.insert((self.now + patience, Due::GiveUp(contact)));
        }
        let queue = arrival.queue.clone();
        let (priority, needs) = (arrival.priority, arrival.needs.clone());
        self.live.insert(
            contact,
            Live { arrival, queue: queue.clone(), told: None, ahead: 0, class, rung: Vec::new() },
        );
        let call = Some(CallId(contact.0));
        self.fact(Fact::Queued { contact, call, queue, priority, needs, since: None });
        let ahead = self.acd.position(contact).map_or(0, |position| position - 1);
        let asks = self.asks.then(|| self.acd.expected_wait(contact, self.now)).flatten();
        if let Some(live) = self.live.get_mut(&contact) {
            (live.ahead, live.told) = (ahead, asks);
        }
    }

    fn settle(&mut self, told: &mut dyn FnMut(&Outcome<'_>)) {
        while let Some(proposal) = self.acd.propose(self.now) {
            match proposal {
                Proposal::Offer { contact, agent, why } => {
                    let (Some(live), Some(seat)) =
                        (self.live.get(&contact), self.seats.get(&agent))
                    else {
                        continue;
                    };
                    let (queue, until) = (live.queue.clone(), self.now + self.ring_for);
                    let (call, leg) = (Some(CallId(contact.0)), Some(LegId(contact.0 * 2)));
                    let (device, seat) = (seat.device.clone(), seat.seat.clone());
                    let to = agent.clone();
                    self.fact(Fact::Offered {
                        contact,
                        call,
                        queue,
                        agent: to,
                        seat,
                        device,
                        leg,
                        until,
                        why,
                    });
                    self.state(&agent, AgentState::Reserved { call: CallId(contact.0) });
                    if let Some(live) = self.live.get_mut(&contact) {
                        live.rung.push(agent.clone());
                    }
                    match self.ring_for.is_zero() {
                        true => self.answer(contact, &agent, told),
                        false => {
                            self.due.insert((until, Due::Answer(contact, agent)));
                        }
                    }
                }
                Proposal::Overflow { contact, to: Some(Target::Queue(queue)), .. } => {
                    self.move_on(contact, queue);
                }
                Proposal::Overflow { contact, reason, .. } => {
                    self.leave(contact, DequeueReason::Overflowed(reason));
                    self.over(contact, End::Overflowed(reason), told);
                }
                Proposal::Move { contact, queue, .. } => self.move_on(contact, queue),
                Proposal::Raise { contact, priority, why } => {
                    self.fact(Fact::PrioritySet { contact, priority, by: why.rule });
                }
                // Who is called back is not among the callers of the day.
                Proposal::CallBack { .. } | Proposal::Withdraw { .. } => {}
                Proposal::NobodyStaffed { queue } => {
                    let name = queue.to_string();
                    self.alarm(name, AlarmKind::NobodyStaffed { queue });
                }
                Proposal::RuleFailed { rule, reason } => {
                    self.alarm(format!("rule {rule}"), AlarmKind::RuleFailed { rule, reason });
                }
                Proposal::StaffedAgain { queue } => self.clear(&queue.to_string()),
                Proposal::RuleWorksAgain { rule } => self.clear(&format!("rule {rule}")),
            }
        }
    }

    fn alarm(&mut self, name: String, kind: AlarmKind) {
        self.alarms += 1;
        let alarm = AlarmId(self.alarms);
        self.standing.insert(name, alarm);
        self.fact(Fact::AlarmRaised { alarm, kind });
    }

    fn clear(&mut self, name: &str) {
        if let Some(alarm) = self.standing.remove(name) {
            self.fact(Fact::AlarmCleared { alarm });
        }
    }

    fn move_on(&mut self, contact: ContactId, queue: QueueId) {
        self.leave(contact, DequeueReason::Moved);
        let Some(live) = self.live.get_mut(&contact) else { return };
        live.queue = queue.clone();
        let (priority, needs) = (live.arrival.priority, live.arrival.needs.clone());
        let since = Some(live.arrival.at);
        let call = Some(CallId(contact.0));
        self.fact(Fact::Queued { contact, call, queue, priority, needs, since });
    }

    fn answer(&mut self, contact: ContactId, agent: &AgentId, told: &mut dyn FnMut(&Outcome<'_>)) {
        // Who gave up in the meantime has withdrawn the offer.
        let Some(live) = self.live.get(&contact) else { return };
        let (call, leg) = (CallId(contact.0), LegId(contact.0 * 2));
        let (handling, queue) = (live.arrival.handling, live.queue.clone());
        let (agent_id, end) = (agent.clone(), OfferEnd::Answered);
        self.fact(Fact::OfferEnded {
            contact,
            call: Some(call),
            agent: agent_id,
            leg: Some(leg),
            end,
        });
        self.release(contact, Some(agent), OfferEnd::AnsweredElsewhere);
        self.leave_as(contact, DequeueReason::Answered);
        self.state(agent, AgentState::OnCall { call, then: AfterCall::default() });
        let seat = self.seats.get(agent);
        let party = Party {
            agent: Some(agent.clone()),
            seat: seat.map(|seat| seat.seat.clone()),
            device: seat.map(|seat| seat.device.clone()),
            number: None,
        };
        self.fact(Fact::Connected {
            call,
            contact,
            leg,
            party,
            queue: Some(queue),
            after_call_work: Duration::ZERO,
            role: cti_core::role::Role::default(),
        });
        self.due.insert((self.now + handling, Due::Done(contact, agent.clone())));
        self.talks += 1;
        if let Some(seat) = self.seats.get_mut(agent) {
            seat.load.answered += 1;
        }
        self.over(contact, End::Answered { agent: agent.clone() }, told);
    }

    fn done(&mut self, contact: ContactId, agent: &AgentId) {
        self.talks -= 1;
        self.fact(Fact::CallEnded { call: CallId(contact.0), contact, cause: Cause::Normal });
        match self.seats.get(agent).is_some_and(|seat| seat.present) {
            true => self.state(agent, AgentState::Ready),
            false => self.pause(agent),
        }
    }

    /// Takes a contact out of its queue; offers that are out are withdrawn.
    fn leave(&mut self, contact: ContactId, reason: DequeueReason) {
        self.release(contact, None, OfferEnd::Withdrawn);
        self.leave_as(contact, reason);
    }

    /// Ends the offers of a contact but that to whom has answered.
    fn release(&mut self, contact: ContactId, answered: Option<&AgentId>, end: OfferEnd) {
        let rung = self.live.get_mut(&contact).map(|live| std::mem::take(&mut live.rung));
        for agent in rung.unwrap_or_default() {
            if answered == Some(&agent) {
                continue;
            }
            let (call, leg) = (Some(CallId(contact.0)), Some(LegId(contact.0 * 2)));
            let to = agent.clone();
            self.due.retain(|(_, due)| *due != Due::Answer(contact, to.clone()));
            self.fact(Fact::OfferEnded { contact, call, agent: to, leg, end });
            match self.seats[&agent].present {
                true => self.state(&agent, AgentState::Ready),
                false => self.pause(&agent),
            }
        }
    }

    fn leave_as(&mut self, contact: ContactId, reason: DequeueReason) {
        if let Some(live) = self.live.get(&contact) {
            let (call, queue) = (Some(CallId(contact.0)), live.queue.clone());
            self.fact(Fact::Dequeued { contact, call, queue, reason });
        }
    }

    fn over(&mut self, contact: ContactId, end: End, told: &mut dyn FnMut(&Outcome<'_>)) {
        let Some(live) = self.live.remove(&contact) else { return };
        if let Some(patience) = live.arrival.patience {
            self.due.remove(&(live.arrival.at + patience, Due::GiveUp(contact)));
        }
        let class = &mut self.classes[live.class].1;
        class.remove(&contact);
        let overtook = match end {
            End::Answered { .. } => class.range(..contact).count(),
            End::Abandoned | End::Overflowed(_) => {
                let call = CallId(contact.0);
                self.fact(Fact::CallEnded { call, contact, cause: Cause::Normal });
                0
            }
        };
        told(&Outcome {
            contact,
            arrival: &live.arrival,
            told: live.told,
            ahead: live.ahead,
            waited: self.now.since(live.arrival.at),
            overtook,
            end,
        });
    }
}
