//! What a dialer knows, for supervisors.

use cti_core::{address::PhoneNumber, id::AgentId, router::Why, time::Timestamp};

use super::{
    agents::AgentDoes,
    budget::Window,
    config::Campaign,
    id::RecordId,
    machine::{Dialer, Tally},
    mode::Limit,
    quota::Cell,
    record::{Record, RecordState},
    words::{self, why},
};

/// How many customers wait, for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// For a moment: an appointment, the end of a gap.
    pub later: usize,
    /// For their turn.
    pub due: usize,
    /// For the hours of their region, or for room in their quota cells.
    pub closed: usize,
}

impl Dialer {
    /// Returns the campaign.
    #[must_use]
    pub fn campaign(&self) -> &Campaign {
        &self.campaign
    }

    /// Returns whether it is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state.running
    }

    /// Returns a customer.
    #[must_use]
    pub fn record(&self, record: RecordId) -> Option<&Record> {
        self.state.records.get(&record)
    }

    /// Returns whose a number is.
    #[must_use]
    pub fn owner(&self, number: &PhoneNumber) -> Option<RecordId> {
        self.owners.get(number).copied()
    }

    /// Returns what an agent does for the campaign.
    #[must_use]
    pub fn agent(&self, agent: &AgentId) -> Option<AgentDoes> {
        self.state.agents.get(agent)
    }

    /// Returns how many customers wait, for what.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let (later, due, closed) = self.list.counts();
        Waiting { later, due, closed }
    }

    /// Returns how many phones ring.
    #[must_use]
    pub fn ringing(&self) -> u32 {
        self.state.ringing
    }

    /// Returns what has come of attempts so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.state.tally
    }

    /// Returns the present window of the abandonment rule.
    #[must_use]
    pub fn window(&self) -> Window {
        self.state.budget.window()
    }

    /// Returns where a quota cell stands.
    #[must_use]
    pub fn quota(&self, name: &str) -> Option<Cell> {
        let index = self.campaign.quotas.iter().position(|cell| cell.name == name)?;
        self.state.cells.get(index).copied()
    }

    /// Returns why nothing more is being dialled.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Answers why a customer is not being called at `now`; empty when there is no such customer.
    #[must_use]
    pub fn explain(&self, id: RecordId, now: Timestamp) -> Vec<Why> {
        let Some(record) = self.record(id) else { return Vec::new() };
        match &record.state {
            RecordState::Waiting { due } => self.explain_waiting(record, *due, now),
            RecordState::Offered { agent } => {
                let zh = format!("正在向坐席 {agent} 展示");
                vec![why("preview", zh, format!("agent {agent} looks at it"))]
            }
            RecordState::Dialling { .. } => vec![why("ringing", "正在呼叫", "the phone rings")],
            RecordState::Answered { .. } => {
                vec![why("answered", "已接听，等待坐席", "has answered and waits for an agent")]
            }
            RecordState::Talking { .. } => vec![why("talking", "通话中", "is being talked to")],
            RecordState::Ended(end) => vec![words::end(*end)],
        }
    }

    fn explain_waiting(&self, record: &Record, due: Timestamp, now: Timestamp) -> Vec<Why> {
        let mut reasons = Vec::new();
        if due > now {
            let wait = due.since(now);
            reasons.push(why(
                "later",
                format!("{} 后到期", crate::words::zh(wait)),
                format!("due in {}", crate::words::en(wait)),
            ));
        }
        let region = &self.campaign.regions[usize::from(record.region)];
        if !region.is_open(now) {
            let name = &region.name;
            reasons.push(why(
                "hours",
                format!("{name} 不在可呼叫时段"),
                format!("people of {name} are not called at this hour"),
            ));
        }
        for cell in record.cells.iter().filter(|cell| !self.has_room(**cell)) {
            let name = &self.campaign.quotas[usize::from(*cell)].name;
            reasons.push(why("quota", format!("{name} 配额已满"), format!("{name} has no room")));
        }
        let callable = |line: &&super::record::Line| {
            line.usable && !self.state.do_not_call.contains(&line.number)
        };
        if record.lines.iter().find(callable).is_none() {
            reasons.push(words::end(super::record::End::DoNotCall));
        }
        if reasons.is_empty() {
            reasons.push(why("in_turn", "等待轮到", "waits for its turn"));
            reasons.push(self.limit.why());
        }
        reasons
    }
}
