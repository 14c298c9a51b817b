//! The plain router of the test kit, and some that propose what cannot be.

use std::time::Duration;

use cti_core::{
    conformance::router::{Harness, run_all},
    event::{Event, Fact},
    id::{AgentId, ContactId, QueueId},
    router::{Explanation, Proposal, Router, Why},
    testkit::SimpleRouter,
    time::Timestamp,
};

struct Simple(Option<Duration>);

impl Harness for Simple {
    fn create(&mut self, _queues: &[QueueId]) -> Box<dyn Router> {
        Box::new(self.0.map_or_else(SimpleRouter::default, SimpleRouter::with_max_wait))
    }
}

#[test]
fn the_plain_router_keeps_the_rules() {
    run_all(&mut Simple(None)).expect_conformance();
    run_all(&mut Simple(Some(Duration::from_secs(40)))).expect_conformance();
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    OffersTwice,
    OffersToTheBusy,
    OffersToStrangers,
    OffersToSilentPhones,
    NeverRests,
    SleepsOnIt,
    ForgetsAPosition,
    TellsOneTwice,
    RestoresNothing,
    ThrowsDice,
    IsDueForEver,
}

/// The plain router with a fault.
#[derive(Debug)]
struct Wrong {
    fault: Fault,
    right: SimpleRouter,
    queues: Vec<QueueId>,
    contacts: Vec<ContactId>,
    agents: Vec<AgentId>,
    /// How many were made before it.
    birth: u64,
    asked: u64,
}

impl Wrong {
    fn offer(&self, contact: ContactId, agent: &AgentId) -> Proposal {
        let why = Why { rule: "wrong".to_owned(), zh: String::new(), en: String::new() };
        Proposal::Offer { contact, agent: agent.clone(), why }
    }
}

impl Router for Wrong {
    fn apply(&mut self, event: &Event) {
        // What it does not know it cannot heed.
        let blind = match &event.fact {
            Fact::Offered { .. } => self.fault == Fault::OffersTwice,
            Fact::DeviceOutOfService { .. } => self.fault == Fault::OffersToSilentPhones,
            _ => false,
        };
        let mut event = event.clone();
        if let Fact::AgentSignedIn { queues, .. } = &mut event.fact
            && self.fault == Fault::OffersToStrangers
        {
            queues.clone_from(&self.queues);
        }
        if !blind {
            self.right.apply(&event);
        }
        if let Fact::Queued { contact, .. } = &event.fact {
            self.contacts.push(*contact);
        } else if let Fact::Dequeued { contact, .. } = &event.fact {
            self.contacts.retain(|it| it != contact);
        } else if let Fact::AgentSignedIn { agent, .. } = &event.fact {
            self.agents.push(agent.clone());
        }
    }

    fn propose(&mut self, now: Timestamp) -> Option<Proposal> {
        self.asked += 1;
        let first = self.contacts.first().copied();
        match self.fault {
            Fault::OffersToTheBusy => Some(self.offer(first?, self.agents.first()?))
                .filter(|_| self.asked.is_multiple_of(7)),
            Fault::NeverRests => Some(Proposal::Raise {
                contact: first?,
                priority: 1,
                why: Why { rule: "again".to_owned(), zh: String::new(), en: String::new() },
            }),
            Fault::SleepsOnIt => self.right.propose(now).filter(|_| self.asked > 400),
            Fault::ThrowsDice => self.right.propose(now).filter(|_| self.birth.is_multiple_of(2)),
            Fault::OffersTwice if self.asked.is_multiple_of(2) => None,
            Fault::OffersTwice
            | Fault::OffersToStrangers
            | Fault::OffersToSilentPhones
            | Fault::ForgetsAPosition
            | Fault::TellsOneTwice
            | Fault::RestoresNothing
            | Fault::IsDueForEver => self.right.propose(now),
        }
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        (self.fault == Fault::IsDueForEver).then_some(Timestamp::from_secs(1_000_010))
    }

    fn position(&self, contact: ContactId) -> Option<usize> {
        match self.fault {
            Fault::ForgetsAPosition => self.right.position(contact).filter(|at| *at < 3),
            Fault::TellsOneTwice => self.right.position(contact).map(|at| at.min(2)),
            _ => self.right.position(contact),
        }
    }

    fn expected_wait(&self, contact: ContactId, now: Timestamp) -> Option<Duration> {
        self.right.expected_wait(contact, now)
    }

    fn explain(&self, contact: ContactId, now: Timestamp) -> Vec<Explanation> {
        self.right.explain(contact, now)
    }

    fn snapshot(&self) -> serde_json::Value {
        self.right.snapshot()
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        match self.fault {
            Fault::RestoresNothing => Ok(()),
            _ => self.right.restore(snapshot),
        }
    }
}

struct Faulty(Fault, u64);

impl Harness for Faulty {
    fn create(&mut self, queues: &[QueueId]) -> Box<dyn Router> {
        self.1 += 1;
        Box::new(Wrong {
            fault: self.0,
            right: SimpleRouter::default(),
            queues: queues.to_vec(),
            contacts: Vec::new(),
            agents: Vec::new(),
            birth: self.1,
            asked: 0,
        })
    }
}

#[test]
fn a_router_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    for (fault, rule) in [
        (Fault::OffersTwice, "a_contact_that_does_not_wait_or_is_offered_is_not_proposed"),
        (Fault::OffersToTheBusy, "an_agent_who_is_not_ready_is_not_proposed"),
        (Fault::OffersToStrangers, "an_agent_who_does_not_serve_the_queue_is_not_proposed"),
        (Fault::OffersToSilentPhones, "an_agent_whose_phone_cannot_be_reached_is_not_proposed"),
        (Fault::NeverRests, "it_comes_to_rest"),
        (Fault::SleepsOnIt, "nobody_waits_while_a_matching_agent_is_free"),
        (Fault::ForgetsAPosition, "a_position_is_told_for_those_who_wait_and_only_for_them"),
        (Fault::TellsOneTwice, "positions_in_a_queue_are_different_and_not_beyond_its_length"),
        (Fault::RestoresNothing, "a_restored_router_goes_on_like_the_one_it_was_taken_from"),
        (Fault::ThrowsDice, "equal_facts_give_equal_proposals"),
        (Fault::IsDueForEver, "what_is_due_has_been_dealt_with_after_it_was_asked"),
    ] {
        let report = run_all(&mut Faulty(fault, 0));
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}
