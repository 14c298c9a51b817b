//! Who calls: his number in normal form, and what the blacklist and the whitelist make of him.

use super::Center;
use crate::{
    address::PhoneNumber,
    call::Listed,
    config::{NumberConfig, TrunkPlan},
    event::{CallKind, Fact},
    id::{CallId, QueueId},
    needs::{Needs, Wanted, WantedFor},
    numbers::{BlackLevel, CallNumbers, Judgement, ListEntry, ListLevel},
    switch::Origin,
};

/// What the lists say of a call.
#[derive(Debug)]
pub(super) struct Verdict {
    listed: Listed,
    entry: ListEntry,
}

impl Verdict {
    /// Returns what becomes of the call.
    pub(super) fn level(&self) -> &ListLevel {
        &self.listed.level
    }
}

impl Center {
    /// Reads the numbers of a call that came in, by the rules of its trunk.
    pub(super) fn incoming_numbers(
        &self,
        origin: &Origin,
        caller: &PhoneNumber,
        called: &PhoneNumber,
    ) -> Option<CallNumbers> {
        let trunk = match origin {
            Origin::Trunk(trunk) => Some(trunk),
            Origin::Device(_) => None,
        };
        Some(self.rules.as_ref()?.incoming(trunk, caller, called))
    }

    /// Reads the numbers of a call that the centre makes, and writes them down.
    pub(super) fn read_outgoing(&mut self, call: CallId) {
        let (Some(rules), Some(it)) = (&self.rules, self.state.calls.get(&call)) else { return };
        if let Some(held) = it.consults.and_then(|held| self.state.calls.get(&held)) {
            // Who is asked is asked about the citizen on hold.
            if let Some(numbers) = held.numbers.clone() {
                self.emit(Fact::NumbersRead { call, numbers });
            }
            return;
        }
        let dialled = match self.outside(&it.called) {
            Some((crate::switch::Endpoint::Outside { number, .. }, _)) => number,
            Some((crate::switch::Endpoint::Device(_), _)) | None => it.called.clone(),
        };
        let numbers = Box::new(rules.outgoing(&it.caller, &dialled));
        self.emit(Fact::NumbersRead { call, numbers });
    }

    /// Returns the entry of the number plan for a number that is spelt otherwise there.
    pub(super) fn planned(&self, called: &CallNumbers) -> Option<&NumberConfig> {
        let index = self.plan.get(&(None, called.called.clone()))?;
        self.config.numbers.get(*index)
    }

    /// Returns the entry of a trunk's own numbers for a number that is spelt otherwise there.
    pub(super) fn planned_by<'a>(
        &self,
        plan: &'a TrunkPlan,
        called: &CallNumbers,
    ) -> Option<&'a NumberConfig> {
        let index = self.plan.get(&(Some(plan.trunk.clone()), called.called.clone()))?;
        plan.numbers.get(*index)
    }

    /// Asks the lists about a call from outside that is to be served.
    pub(super) fn judge(
        &self,
        kind: CallKind,
        numbers: Option<&CallNumbers>,
        queue: Option<&QueueId>,
    ) -> Option<Verdict> {
        let numbers = numbers.filter(|_| kind == CallKind::Service)?;
        let lists = &self.state.lists;
        let (entry, listed) = match lists.judge(&numbers.caller, &numbers.called, queue, self.now) {
            Judgement::Unlisted => return None,
            Judgement::White { id, entry, .. } | Judgement::Black { id, entry, .. } => (id, entry),
        };
        let listed_as = Listed { entry, level: listed.level.clone() };
        Some(Verdict { listed: listed_as, entry: listed.clone() })
    }

    /// Writes down what the lists say of a call.
    pub(super) fn note_verdict(&mut self, call: CallId, verdict: &Verdict) {
        let Listed { entry, level } = verdict.listed.clone();
        let (scope, reason) = (verdict.entry.scope.clone(), verdict.entry.reason.clone());
        self.emit(Fact::CallerListed { call, entry, level, scope, reason });
    }

    /// Asks the lists about a caller who is to wait in a queue. Returns with which priority he waits, or nothing when he
    /// is refused or sent elsewhere.
    pub(super) fn admit(&mut self, call: CallId, queue: &QueueId, priority: u8) -> Option<u8> {
        let it = self.state.calls.get(&call)?;
        let known = it.listed.as_ref().map(|listed| listed.entry);
        let verdict = self
            .judge(it.kind, it.numbers.as_deref(), Some(queue))
            // What sent him here has had its say, or he would go in circles.
            .filter(|verdict| known != Some(verdict.listed.entry));
        if let Some(verdict) = verdict {
            self.note_verdict(call, &verdict);
            match verdict.level() {
                ListLevel::Black(BlackLevel::Refuse) => {
                    self.end_call(call, self.config.refuse_listed.cause());
                    return None;
                }
                ListLevel::Black(BlackLevel::Divert(flow)) => {
                    self.start_flow(call, flow.clone());
                    return None;
                }
                ListLevel::Black(BlackLevel::Warn)
                | ListLevel::White { .. }
                | ListLevel::Agent { .. } => {}
            }
        }
        Some(self.raised(call, priority))
    }

    /// Returns what a caller asks for who comes to a queue: his own agent, where he asks for nobody, and what the rules
    /// of the queue make of him.
    pub(super) fn wishes(&self, call: CallId, queue: &QueueId, needs: Needs) -> Needs {
        let it = self.state.calls.get(&call).filter(|it| it.kind == CallKind::Service);
        let Some(it) = it else { return needs };
        let own = it.numbers.as_ref().and_then(|numbers| {
            let (caller, called) = (&numbers.caller, &numbers.called);
            self.state.lists.own_agent(caller, called, Some(queue), self.now)
        });
        let own = own.map(|(agent, only_for)| Wanted {
            agent: agent.clone(),
            because: WantedFor::Customer,
            only_for: Some(only_for),
        });
        let agent = needs.agent.clone().or(own);
        self.router.wishes(call, queue, Needs { agent, ..needs }, self.now)
    }

    /// Returns the priority with which a caller waits who would wait with `priority` if he were on no list.
    pub(super) fn raised(&self, call: CallId, priority: u8) -> u8 {
        let listed = self.state.calls.get(&call).and_then(|it| it.listed.as_ref());
        let raise = match listed.map(|listed| &listed.level) {
            Some(ListLevel::White { priority, .. }) => *priority,
            Some(ListLevel::Black(_) | ListLevel::Agent { .. }) | None => 0,
        };
        let sum = i32::from(priority).saturating_add(raise).clamp(0, i32::from(u8::MAX));
        u8::try_from(sum).unwrap_or(u8::MAX)
    }
}
