//! Requeue: the others of a conversation wait for another agent, with the place that they had.

use crate::{
    center::{Answer, Center},
    command::Reply,
    id::{AgentId, CallId, QueueId},
    needs::{Needs, Wanted, WantedFor},
    target::{PartyRef, Target},
};

impl Center {
    /// The others of a conversation wait for another agent, with the place that they had.
    pub(in crate::center) fn requeue(
        &mut self,
        call: CallId,
        who: &PartyRef,
        queue: QueueId,
        needs: Needs,
        agent: Option<AgentId>,
    ) -> Answer {
        let by = self.can_leave(call, who)?;
        self.route(&Target::Queue(queue.clone()))?;
        needs.check()?;
        self.leaves_one_behind(call, by.leg)?;
        let agent = agent.map(|agent| Wanted {
            agent,
            because: WantedFor::Named,
            only_for: Some(self.config.times.ring_for),
        });
        let needs = Needs { agent: agent.or(needs.agent), ..needs };
        let since = self.state.calls[&call]
            .served_from
            .as_ref()
            .filter(|(from, _)| *from == queue)
            .map(|(_, since)| *since);
        self.passed_on(call, by.leg, Target::Queue(queue.clone()));
        let priority = self.raised(call, 0);
        self.enqueue_since(call, queue, priority, needs, since);
        Ok(Reply::Done)
    }
}
