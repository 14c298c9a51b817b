//! Proposing: the head of an index, or nothing.

use cti_core::{
    id::ContactId,
    router::{OverflowReason, Proposal, Why},
    time::Timestamp,
};

use super::{ASK_AGAIN, About, Acd, Asked};
use crate::{
    place::{AgentNo, QueueNo},
    words,
};

impl Acd {
    /// Offers go first: a contact that can have an agent at this moment neither overflows nor raises an alarm.
    pub(super) fn next_proposal(&mut self, now: Timestamp) -> Option<Proposal> {
        while let Some(asked) = self.asked.iter().find(|asked| asked.again_at <= now) {
            self.forget_asked(now, asked.about);
        }
        self.staffed_again(now)
            .or_else(|| self.offer(now))
            .or_else(|| self.queue_full(now))
            .or_else(|| self.waited_too_long(now))
            .or_else(|| self.nobody_staffed(now))
    }

    fn staffed_again(&mut self, now: Timestamp) -> Option<Proposal> {
        let queue = *self.staffed_again.first()?;
        self.ask_about_staff(now, queue);
        Some(Proposal::StaffedAgain { queue: self.queues[queue.0].rules.queue.clone() })
    }

    /// Of all queues that have both, the contact with the best place gets the agent that its queue prefers. So an
    /// agent of several queues gets the best contact of all of them.
    fn offer(&mut self, now: Timestamp) -> Option<Proposal> {
        let (place, number) = *self.hot.first()?;
        let queue = &self.queues[number.0];
        let agent_number =
            queue.ready.first().expect("a queue is hot only while an agent is ready").agent;
        let agent = &self.agents[agent_number.0];
        let said = queue.strategy.why(&agent.figures, now);
        let why = Why { rule: queue.strategy.name().to_owned(), zh: said.zh, en: said.en };
        let proposal = Proposal::Offer { contact: place.contact(), agent: agent.id.clone(), why };
        self.ask_about_contact(now, place.contact(), Some(agent_number));
        Some(proposal)
    }

    fn queue_full(&mut self, now: Timestamp) -> Option<Proposal> {
        let (place, number) = *self.over_length.first()?;
        let limit = self.queues[number.0].rules.max_length.unwrap_or_default();
        Some(self.overflow(
            now,
            place.contact(),
            OverflowReason::QueueFull,
            format!("到达时队列已满：上限 {limit} 位"),
            format!("the queue was full: its limit is {limit}"),
        ))
    }

    fn waited_too_long(&mut self, now: Timestamp) -> Option<Proposal> {
        let (due, place, number) = *self.deadlines.first()?;
        if due > now {
            return None;
        }
        let limit = self.queues[number.0].rules.max_wait.unwrap_or_default();
        Some(self.overflow(
            now,
            place.contact(),
            OverflowReason::WaitedTooLong,
            format!("等待已达上限 {}", words::zh(limit)),
            format!("waited as long as the queue allows: {}", words::en(limit)),
        ))
    }

    fn nobody_staffed(&mut self, now: Timestamp) -> Option<Proposal> {
        let (due, number) = *self.lost.first()?;
        if due > now {
            return None;
        }
        let queue = &self.queues[number.0];
        if queue.told.alarm.is_none() && !queue.asked {
            let proposal = Proposal::NobodyStaffed { queue: queue.rules.queue.clone() };
            self.ask_about_staff(now, number);
            return Some(proposal);
        }
        let place = *queue.waiting.first()?;
        let signed_in = queue.members.len();
        Some(self.overflow(
            now,
            place.contact(),
            OverflowReason::NobodyStaffed,
            format!("无坐席可接听：已签入 {signed_in} 名，均示忙或话机不通"),
            format!("nobody can take calls: {signed_in} signed in, none ready and reachable"),
        ))
    }

    fn overflow(
        &mut self,
        now: Timestamp,
        contact: ContactId,
        reason: OverflowReason,
        zh: String,
        en: String,
    ) -> Proposal {
        let rule = match reason {
            OverflowReason::WaitedTooLong => "max_wait",
            OverflowReason::QueueFull => "max_length",
            OverflowReason::NobodyStaffed => "nobody_staffed",
            OverflowReason::ExpectedWait => "expected_wait",
            OverflowReason::ServiceLevel => "service_level",
            OverflowReason::Closed => "closed",
        };
        self.ask_about_contact(now, contact, None);
        Proposal::Overflow { contact, reason, why: Why { rule: rule.to_owned(), zh, en } }
    }

    fn ask_about_contact(&mut self, now: Timestamp, contact: ContactId, agent: Option<AgentNo>) {
        self.asked.push(Asked { again_at: now + ASK_AGAIN, about: About::Contact(contact, agent) });
        if let Some(wait) = self.contacts.get_mut(&contact).and_then(|known| known.wait.as_mut()) {
            wait.index.asked = true;
            self.index_contact(now, contact);
        }
        if let Some(agent) = agent {
            self.agents[agent.0].index.asked = true;
            self.index_agent(now, agent);
        }
    }

    fn ask_about_staff(&mut self, now: Timestamp, queue: QueueNo) {
        self.asked.push(Asked { again_at: now + ASK_AGAIN, about: About::Staff(queue) });
        self.queues[queue.0].asked = true;
        self.index_queue(now, queue);
    }
}
