//! A router and a flow engine of the plainest kind, for tests of the Center itself.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    agent::AgentState,
    event::{Event, Fact},
    flow::{FlowEffect, FlowEngine, FlowInput, SessionEnd, SessionView, UnknownFlow},
    id::{AgentId, ContactId, DeviceId, FlowId, QueueId, SessionId},
    router::{Explanation, OverflowReason, Proposal, Router, Why},
    time::Timestamp,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Contact {
    id: ContactId,
    queue: QueueId,
    since: Timestamp,
    /// To whom it is on offer.
    offers: Vec<AgentId>,
    /// When it was offered last.
    offered_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Member {
    queues: Vec<QueueId>,
    device: DeviceId,
    /// Since when he has been ready.
    ready: Option<Timestamp>,
}

/// First come, first served; the agent who has been ready longest, or several of them at a time. Scans everything, every
/// time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SimpleRouter {
    /// How long a caller waits before he is sent on.
    pub max_wait: Option<Duration>,
    /// How many agents beside the first one are rung for a caller, and after which time each.
    pub more: usize,
    /// How long after the last one who was rung another one is.
    pub step: Duration,
    /// When it was asked last.
    #[serde(skip)]
    asked: Timestamp,
    waiting: Vec<Contact>,
    members: BTreeMap<AgentId, Member>,
    in_service: Vec<DeviceId>,
}

impl SimpleRouter {
    /// Creates a router that sends callers on after `max_wait`.
    #[must_use]
    pub fn with_max_wait(max_wait: Duration) -> Self {
        Self { max_wait: Some(max_wait), ..Self::default() }
    }

    /// Lets so many agents ring beside the first one, one more after each `step`; all at once when it is zero.
    #[must_use]
    pub fn ringing(self, more: usize, step: Duration) -> Self {
        Self { more, step, ..self }
    }

    /// Returns when a contact can be offered to one more agent.
    fn due(&self, contact: &Contact) -> Option<Timestamp> {
        match contact.offers.len() {
            0 => Some(contact.since),
            more if more <= self.more => Some(contact.offered_at + self.step),
            _ => None,
        }
    }
}

impl Router for SimpleRouter {
    fn apply(&mut self, event: &Event) {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a follower looks at the facts that concern it"
        )]
        match &event.fact {
            Fact::Queued { contact, queue, .. } => self.waiting.push(Contact {
                id: *contact,
                queue: queue.clone(),
                since: event.at,
                offers: Vec::new(),
                offered_at: event.at,
            }),
            Fact::Dequeued { contact, .. } => self.waiting.retain(|it| it.id != *contact),
            Fact::Offered { contact, agent, .. } => {
                for it in self.waiting.iter_mut().filter(|it| it.id == *contact) {
                    it.offers.push(agent.clone());
                    it.offered_at = event.at;
                }
            }
            Fact::OfferEnded { contact, agent, .. } => {
                for it in self.waiting.iter_mut().filter(|it| it.id == *contact) {
                    it.offers.retain(|to| to != agent);
                }
            }
            Fact::AgentSignedIn { agent, device, queues, .. } => {
                let member = Member { queues: queues.clone(), device: device.clone(), ready: None };
                self.members.insert(agent.clone(), member);
            }
            Fact::DutiesSet { agent, queues, .. } => {
                if let Some(member) = self.members.get_mut(agent) {
                    member.queues.clone_from(queues);
                }
            }
            Fact::AgentStateChanged { agent, to, .. } => {
                if let Some(member) = self.members.get_mut(agent) {
                    member.ready = (*to == AgentState::Ready).then_some(event.at);
                }
            }
            Fact::AgentSignedOut { agent, .. } => {
                self.members.remove(agent);
            }
            Fact::DeviceInService { device } => self.in_service.push(device.clone()),
            Fact::DeviceOutOfService { device } => self.in_service.retain(|it| it != device),
            _ => {}
        }
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        self.asked = now;
        let why = |rule: &str| Why { rule: rule.to_owned(), zh: String::new(), en: String::new() };
        let overdue = |it: &&Contact| {
            it.offers.is_empty() && self.max_wait.is_some_and(|max| now.since(it.since) >= max)
        };
        if let Some(contact) = self.waiting.iter().find(overdue) {
            let reason = OverflowReason::WaitedTooLong;
            let why = why("max_wait");
            return Some(Proposal::Overflow { contact: contact.id, reason, to: None, why });
        }
        // Who is offered to nobody goes before those for whom one more can be rung.
        let mut due: Vec<&Contact> =
            self.waiting.iter().filter(|it| self.due(it).is_some_and(|at| at <= now)).collect();
        due.sort_by_key(|it| !it.offers.is_empty());
        due.into_iter().find_map(|contact| {
            self.members
                .iter()
                .filter(|(agent, it)| {
                    it.queues.contains(&contact.queue)
                        && self.in_service.contains(&it.device)
                        && !contact.offers.contains(agent)
                })
                .filter_map(|(agent, it)| it.ready.map(|since| (since, agent)))
                .min()
                .map(|(_, agent)| Proposal::Offer {
                    contact: contact.id,
                    agent: agent.clone(),
                    why: why("longest_idle"),
                })
        })
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let ends = self
            .waiting
            .iter()
            .filter(|it| it.offers.is_empty())
            .filter_map(|it| Some(it.since + self.max_wait?));
        let steps =
            self.waiting.iter().filter(|it| !it.offers.is_empty()).filter_map(|it| self.due(it));
        ends.chain(steps.filter(|at| *at > self.asked)).min()
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        let queue = &self.waiting.iter().find(|it| it.id == contact)?.queue;
        self.waiting
            .iter()
            .filter(|it| it.queue == *queue)
            .position(|it| it.id == contact)
            .map(|at| at + 1)
    }

    fn expected_wait(&self, _contact: ContactId, _now: Timestamp) -> Option<Duration> {
        None
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        let words = |position| format!("position {position}");
        self.position(contact)
            .map(|position| Explanation {
                at: now,
                why: Why {
                    rule: "first_come".to_owned(),
                    zh: words(position),
                    en: words(position),
                },
            })
            .into_iter()
            .collect()
    }

    fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("plain data can always be serialised")
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        *self = serde_json::from_value(snapshot)?;
        Ok(())
    }
}

/// Flows that are a list of effects; a session goes on when what it waits for has happened.
#[derive(Clone, Debug, Default)]
pub struct ScriptedFlows {
    flows: BTreeMap<FlowId, Script>,
    sessions: BTreeMap<SessionId, Session>,
    effects: VecDeque<(SessionId, FlowEffect)>,
}

#[derive(Clone, Debug, Default)]
struct Script {
    steps: Vec<FlowEffect>,
    keys: BTreeMap<char, Vec<FlowEffect>>,
}

#[derive(Clone, Debug)]
struct Session {
    flow: FlowId,
    rest: VecDeque<FlowEffect>,
}

impl ScriptedFlows {
    /// Adds a flow.
    ///
    /// # Panics
    /// When the name cannot be a flow's.
    #[must_use]
    pub fn flow(mut self, name: &str, steps: Vec<FlowEffect>) -> Self {
        let flow = FlowId::new(name).expect("a test names its flows rightly");
        self.flows.insert(flow, Script { steps, keys: BTreeMap::new() });
        self
    }

    /// Lets a key have effects, at any step of a flow.
    ///
    /// # Panics
    /// When there is no such flow.
    #[must_use]
    pub fn on_key(mut self, name: &str, key: char, effects: Vec<FlowEffect>) -> Self {
        let flow = FlowId::new(name).expect("a test names its flows rightly");
        self.flows
            .get_mut(&flow)
            .expect("keys belong to a flow that was added")
            .keys
            .insert(key, effects);
        self
    }

    fn go_on(&mut self, session: SessionId) {
        let Some(state) = self.sessions.get_mut(&session) else { return };
        while let Some(effect) = state.rest.pop_front() {
            let blocks = matches!(
                effect,
                FlowEffect::Play { .. }
                    | FlowEffect::Enqueue { .. }
                    | FlowEffect::RingDevices { .. }
                    | FlowEffect::RingGroup { .. }
                    | FlowEffect::Conference { .. }
                    | FlowEffect::GoTo { .. }
                    | FlowEffect::RecordMessage { .. }
                    | FlowEffect::Listen { .. }
                    | FlowEffect::Lookup { .. }
            );
            self.effects.push_back((session, effect));
            if blocks {
                return;
            }
        }
        self.effects.push_back((session, FlowEffect::End));
    }
}

impl FlowEngine for ScriptedFlows {
    fn start(
        &mut self,
        _now: Timestamp,
        session: SessionId,
        flow: &FlowId,
        _view: SessionView<'_>,
    ) -> Result<String, UnknownFlow> {
        let script = self.flows.get(flow).ok_or_else(|| UnknownFlow(flow.clone()))?;
        let rest = script.steps.clone().into();
        self.sessions.insert(session, Session { flow: flow.clone(), rest });
        self.go_on(session);
        Ok("test".to_owned())
    }

    fn handle(
        &mut self,
        _now: Timestamp,
        session: SessionId,
        input: FlowInput,
        _view: SessionView<'_>,
    ) {
        match input {
            FlowInput::Digit(key) => {
                let Some(state) = self.sessions.get(&session) else { return };
                let effects = self.flows[&state.flow].keys.get(&key).cloned().unwrap_or_default();
                self.effects.extend(effects.into_iter().map(|effect| (session, effect)));
            }
            FlowInput::PlayEnded { .. }
            | FlowInput::LookupDone { .. }
            | FlowInput::LeftQueue(_)
            | FlowInput::RingFailed
            | FlowInput::CallBackRefused
            | FlowInput::ListenEnded { .. }
            | FlowInput::RecordingEnded { .. } => self.go_on(session),
            FlowInput::SpeechBegan { .. } => {}
        }
    }

    fn due(&self, _now: Timestamp) -> Option<SessionId> {
        None
    }

    fn handle_timeout(&mut self, _now: Timestamp, _session: SessionId, _view: SessionView<'_>) {}

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    fn poll_effect(&mut self) -> Option<(SessionId, FlowEffect)> {
        self.effects.pop_front()
    }

    fn end(&mut self, session: SessionId, _why: SessionEnd) {
        self.sessions.remove(&session);
        self.effects.retain(|(owner, _)| *owner != session);
    }

    fn sessions(&self) -> usize {
        self.sessions.len()
    }
}
