//! `transfer_agent`: the caller waits for one certain agent.

use std::time::Duration;

use cti_core::{
    flow::FlowEffect,
    id::{AgentId, QueueId},
    needs::{Needs, Wanted, WantedFor},
};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Traffic, Uses, enqueue::left_queue, fields, time,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "transfer_agent",
    group: Group::Queue,
    fields: &[
        Field::must("queue", Shape::Queue, "队列", "where the caller waits for him"),
        Field::may("agent", Shape::Text(64), "工号", "the agent"),
        Field::may(
            "from",
            Shape::Variable,
            "工号变量",
            "the variable with the agent, for example what the caller entered",
        ),
        Field::may(
            "only_for_ms",
            Shape::Millis(1000, 3_600_000, None),
            "专属等待",
            "how long nobody else will do; always when absent",
        ),
        Field::may("priority", Shape::Count(0, 255, Some(0)), "优先级", "higher is served first"),
    ],
    kinds: SENDS_ON,
    outlets: &[
        Outlet::at_once("unknown", "不是工号", "this is no agent's number").optional(),
        Outlet::waited("overflow", "等待超时", "the wait was too long"),
        Outlet::waited("no_staff", "无人值守", "nobody who is signed in can take calls"),
        Outlet::waited("full", "队列已满", "the queue is full"),
        Outlet::waited("left", "来电人按键离开", "the caller left by a key"),
        Outlet::waited("failed", "没有这个队列", "there is no such queue"),
    ],
    keys: None,
    ends: true,
    zh: "转指定话务员：在队列中等待该工号，专属等待之后其他人也可接；from 时 unknown 必须接线",
    en: "Waits in a queue for one agent, after only_for_ms for anyone in it; with from the outlet unknown must be wired",
    parse: |value| Ok(Box::new(TransferAgent::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    queue: QueueId,
    #[serde(default)]
    agent: Option<AgentId>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    only_for_ms: Option<u64>,
    #[serde(default)]
    priority: u8,
}

#[derive(Debug)]
struct TransferAgent {
    queue: QueueId,
    agent: Who,
    only_for: Option<Duration>,
    priority: u8,
}

#[derive(Debug)]
enum Who {
    Agent(AgentId),
    /// The variable with his number.
    From(String),
}

impl TransferAgent {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let agent = match (fields.agent, fields.from) {
            (Some(agent), None) => Who::Agent(agent),
            (None, Some(variable)) => Who::From(variable),
            (Some(_), Some(_)) | (None, None) => {
                return Err(FieldError::new("agent", "give either agent or from"));
            }
        };
        let only_for =
            fields.only_for_ms.map(|ms| time("only_for_ms", ms, 1000, 3_600_000)).transpose()?;
        Ok(Self { queue: fields.queue, agent, only_for, priority: fields.priority })
    }
}

impl Node for TransferAgent {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let agent = match &self.agent {
            Who::Agent(agent) => agent.clone(),
            Who::From(variable) => {
                match run.variable(variable).and_then(|name| AgentId::new(name).ok()) {
                    Some(agent) => agent,
                    None => return Step::Leave("unknown"),
                }
            }
        };
        let wanted = Wanted { agent, because: WantedFor::Named, only_for: self.only_for };
        run.emit(FlowEffect::Enqueue {
            queue: self.queue.clone(),
            priority: self.priority,
            needs: Needs { agent: Some(wanted), ..Needs::default() },
        });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        left_queue(state, what)
    }

    fn must_wire(&self) -> &'static [&'static str] {
        match self.agent {
            Who::Agent(_) => &[],
            Who::From(_) => &["unknown"],
        }
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Who::From(variable) = &self.agent {
            traffic.reads("from", variable);
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.queues.insert(self.queue.clone());
    }
}
