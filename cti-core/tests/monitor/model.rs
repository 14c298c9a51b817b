//! The obvious model: no index, no buffer; every question is answered from the whole log.

use std::{collections::BTreeSet, fmt};

use cti_core::{
    event::{Event, Fact, OfferEnd},
    id::{AgentId, CallId, ContactId, DeviceId, EventNo, LegId, QueueId},
    monitor::{Request, Subject, category},
    switch::{Endpoint, Origin},
    time::Timestamp,
    words::in_words,
};
use serde_json::Value;

/// A part of a call or contact as the facts up to some event have it.
type Leg = (CallId, LegId, Option<DeviceId>, Option<AgentId>);

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Model {
    log: Vec<Event>,
}

impl Model {
    /// Writes down what happened.
    pub(crate) fn happened(&mut self, fact: Fact) -> Event {
        let no = EventNo(self.log.len() as u64 + 1);
        let event = Event { no, at: Timestamp::from_secs(no.0), fact };
        self.log.push(event.clone());
        event
    }

    pub(crate) fn log(&self) -> &[Event] {
        &self.log
    }

    /// Returns the numbers of all events that a reader must have heard since his snapshot.
    pub(crate) fn heard(&self, request: &Request, since: EventNo) -> Vec<EventNo> {
        self.log
            .iter()
            .filter(|event| event.no > since && request.filter.passes(category(&event.fact)))
            .filter(|event| self.concerns(event, &request.subject, since))
            .map(|event| event.no)
            .collect()
    }

    /// Returns whether a call has ended and all its recordings are closed.
    pub(crate) fn is_over(&self, call: CallId) -> bool {
        self.is_over_before(call, EventNo(self.log.len() as u64 + 1))
    }

    /// Returns whether a call has been heard of.
    pub(crate) fn has_started(&self, call: CallId) -> bool {
        self.log.iter().any(|event| event.fact.call() == Some(call))
    }

    fn before(&self, no: EventNo) -> impl Iterator<Item = &Fact> {
        self.log.iter().take_while(move |event| event.no < no).map(|event| &event.fact)
    }

    fn is_over_before(&self, call: CallId, no: EventNo) -> bool {
        let (mut ended, mut open) = (false, 0);
        for fact in self.before(no).filter(|fact| fact.call() == Some(call)) {
            ended |= matches!(fact, Fact::CallEnded { .. });
            open += i32::from(matches!(fact, Fact::RecordingStarted { .. }));
            open -= i32::from(matches!(fact, Fact::RecordingEnded { .. }));
        }
        ended && open == 0
    }

    /// Returns the legs of all calls before an event.
    fn legs(&self, no: EventNo) -> Vec<Leg> {
        let mut legs: Vec<Leg> = Vec::new();
        for fact in self.before(no) {
            let (joins, leaves) = match_leg(fact);
            legs.retain(|it| !leaves.contains(&(it.0, it.1)));
            legs.extend(joins);
            if let Fact::CallEnded { call, .. } = fact {
                legs.retain(|it| it.0 != *call);
            }
        }
        legs
    }

    fn waits_in(&self, contact: ContactId, queue: &QueueId, no: EventNo) -> bool {
        let mut waits = false;
        for fact in self.before(no) {
            if let Fact::Queued { contact: whose, queue: at, .. } = fact {
                waits |= (*whose, at) == (contact, queue);
            }
            if let Fact::Dequeued { contact: whose, queue: at, .. } = fact {
                waits &= (*whose, at) != (contact, queue);
            }
        }
        waits
    }

    fn had_by(&self, contact: ContactId, agent: &AgentId, no: EventNo) -> bool {
        let mut had = false;
        for fact in self.before(no) {
            if let Fact::Offered { contact: whose, agent: to, leg: None, .. }
            | Fact::WorkBegun { contact: whose, agent: to, .. } = fact
            {
                had |= (*whose, to) == (contact, agent);
            }
            if let Fact::OfferEnded { contact: whose, agent: to, leg: None, .. }
            | Fact::WorkEnded { contact: whose, agent: to, .. } = fact
            {
                had &= (*whose, to) != (contact, agent);
            }
        }
        had
    }

    /// Returns the call that a fact is about, or the live calls of the contact that it is about.
    fn calls_of(&self, event: &Event) -> Vec<CallId> {
        let started = |call: CallId| {
            self.before(event.no.next())
                .any(|fact| matches!(fact, Fact::CallStarted { call: it, .. } if *it == call))
        };
        if let Some(call) = event.fact.call() {
            return vec![call];
        }
        if let Fact::FlowVisited { session, .. } = &event.fact {
            return self
                .before(event.no)
                .filter_map(|fact| match_session(fact).filter(|(its, _)| its == session))
                .map(|(_, call)| call)
                .collect();
        }
        let json = serde_json::to_value(&event.fact).unwrap();
        let Some(contact) = json["contact"].as_str() else { return Vec::new() };
        let contact: ContactId = contact.parse().unwrap();
        (contact.0 * 2 - 1..=contact.0 * 2)
            .map(CallId)
            .filter(|call| started(*call) && !self.is_over_before(*call, event.no))
            .collect()
    }

    fn concerns(&self, event: &Event, subject: &Subject, since: EventNo) -> bool {
        let json = serde_json::to_value(&event.fact).unwrap();
        let calls = self.calls_of(event);
        let mut contacts: BTreeSet<ContactId> =
            calls.iter().map(|call| ContactId(call.0.div_ceil(2))).collect();
        contacts.extend(json["contact"].as_str().map(|it| it.parse::<ContactId>().unwrap()));
        let legs = self.legs(event.no);
        let mut legs = legs.iter().filter(|leg| calls.contains(&leg.0));
        let is = |value: &Value, name: &str| value.as_str() == Some(name);
        match subject {
            Subject::Everything => true,
            Subject::Call(call) => calls.contains(call),
            Subject::Contact(contact) => contacts.contains(contact),
            Subject::Device(device) => {
                let seated = json["agent"].as_str().filter(|_| {
                    matches!(
                        event.fact,
                        Fact::AgentStateChanged { .. }
                            | Fact::AgentSignedOut { .. }
                            | Fact::WorkBegun { .. }
                            | Fact::WorkEnded { .. }
                    )
                });
                is(&json["device"], device.as_str())
                    || is(&json["at"], device.as_str())
                    || is(&json["to"]["device"], device.as_str())
                    || json["legs"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .any(|leg| is(&leg[1]["device"], device.as_str()))
                    || is(&json["origin"]["device"], device.as_str())
                    || legs.any(|leg| leg.2.as_ref() == Some(device))
                    || seated.and_then(|agent| self.seat_of(agent, event.no)).as_ref()
                        == Some(device)
            }
            Subject::Agent(agent) => {
                is(&json["agent"], agent.as_str())
                    || legs.any(|leg| leg.3.as_ref() == Some(agent))
                    || contacts.iter().any(|it| self.had_by(*it, agent, event.no))
            }
            Subject::Queue(queue) => {
                is(&json["queue"], queue.as_str())
                    || json["queues"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .any(|it| is(it, queue.as_str()))
                    || contacts.iter().any(|it| self.waits_in(*it, queue, event.no))
                    || self.alarm_queue(event).as_ref() == Some(queue)
            }
            Subject::CallsVia(device) => calls.iter().any(|call| {
                (since.0..=event.no.0).any(|at| {
                    self.legs(EventNo(at + 1))
                        .iter()
                        .any(|leg| leg.0 == *call && leg.2.as_ref() == Some(device))
                })
            }),
        }
    }

    fn seat_of(&self, agent: &str, no: EventNo) -> Option<DeviceId> {
        let mut seat = None;
        for fact in self.before(no) {
            if let Fact::AgentSignedIn { agent: who, device, .. } = fact
                && who.as_str() == agent
            {
                seat = Some(device.clone());
            }
            if let Fact::AgentSignedOut { agent: who, .. } = fact
                && who.as_str() == agent
            {
                seat = None;
            }
        }
        seat
    }

    fn alarm_queue(&self, event: &Event) -> Option<QueueId> {
        let json = serde_json::to_value(&event.fact).unwrap();
        let alarm = json["alarm"].as_str()?;
        self.before(event.no.next()).find_map(|fact| {
            let raised = serde_json::to_value(fact).unwrap();
            let queue = raised["kind"]["nobody_staffed"]["queue"].as_str()?;
            (raised["alarm"].as_str() == Some(alarm)).then(|| queue.parse().unwrap())
        })
    }
}

fn match_session(fact: &Fact) -> Option<(cti_core::id::SessionId, CallId)> {
    if let Fact::FlowStarted { session, call, .. } = fact { Some((*session, *call)) } else { None }
}

/// Returns the legs that come to a call by a fact, and those that leave or are replaced.
fn match_leg(fact: &Fact) -> (Vec<Leg>, Vec<(CallId, LegId)>) {
    if let Fact::CallStarted { call, leg, origin: Origin::Device(device), .. } = fact {
        return (vec![(*call, *leg, Some(device.clone()), None)], Vec::new());
    }
    if let Fact::Rung { call, legs, .. } = fact {
        let device = |to: &Endpoint| match to {
            Endpoint::Device(device) => Some(device.clone()),
            Endpoint::Outside { .. } => None,
        };
        let joins = legs.iter().map(|(leg, to)| (*call, *leg, device(to), None)).collect();
        return (joins, legs.iter().map(|(leg, _)| (*call, *leg)).collect());
    }
    if let Fact::Offered { call: Some(call), leg: Some(leg), device, agent, .. } = fact {
        let joins = (*call, *leg, Some(device.clone()), Some(agent.clone()));
        return (vec![joins], vec![(*call, *leg)]);
    }
    if let Fact::Connected { call, leg, party, .. } | Fact::PartyDialed { call, leg, party, .. } =
        fact
    {
        let joins = (*call, *leg, party.device.clone(), party.agent.clone());
        return (vec![joins], vec![(*call, *leg)]);
    }
    // What waits at a device is there as if by a leg that nobody else has.
    if let Fact::Parked { call, at, .. } = fact {
        let joins = (*call, parked(at), Some(at.clone()), None);
        return (vec![joins], vec![(*call, parked(at))]);
    }
    if let Fact::ParkEnded { call, device } = fact {
        return (Vec::new(), vec![(*call, parked(device))]);
    }
    let stays = OfferEnd::Answered;
    let leaves = if let Fact::RingEnded { call, leg, end } = fact {
        (*end != stays).then_some((*call, *leg))
    } else if let Fact::OfferEnded { call: Some(call), leg: Some(leg), end, .. } = fact {
        (*end != stays).then_some((*call, *leg))
    } else if let Fact::TalkEnded { call, leg, .. } | Fact::PartyFailed { call, leg, .. } = fact {
        Some((*call, *leg))
    } else {
        None
    };
    (Vec::new(), leaves.into_iter().collect())
}

fn parked(at: &DeviceId) -> LegId {
    let n: u64 = at.as_str().strip_prefix("device").unwrap().parse().unwrap();
    LegId(1_000 + n)
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.log.iter().try_for_each(|event| writeln!(f, "{} {}", event.no, in_words(&event.fact)))
    }
}
