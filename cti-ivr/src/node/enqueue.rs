//! `enqueue`: the caller waits for an agent.

use cti_core::{
    flow::{FlowEffect, QueueExit},
    id::QueueId,
    needs::Needs,
    router::OverflowReason,
};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, Happening, Node, NodeType, Outlet, Run, SENDS_ON, Shape, State, Step,
    Uses, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "enqueue",
    group: Group::Queue,
    fields: &[
        Field::must("queue", Shape::Queue, "队列", "where the caller waits"),
        Field::may("priority", Shape::Count(0, 255, Some(0)), "优先级", "higher is served first"),
        Field::may("needs", Shape::Needs, "技能要求", "what is asked of the agent"),
    ],
    kinds: SENDS_ON,
    outlets: &[
        Outlet::waited("overflow", "等待超时", "the wait was too long"),
        Outlet::waited("no_staff", "无人值守", "nobody who is signed in can take calls"),
        Outlet::waited("full", "队列已满", "the queue is full"),
        Outlet::waited("left", "来电人按键离开", "the caller left by a key"),
        Outlet::waited("failed", "没有这个队列", "there is no such queue"),
    ],
    keys: None,
    ends: true,
    zh: "进入队列等待话务员；接通后流程结束",
    en: "Waits for an agent; the session ends when one answers",
    parse: |value| {
        let node: Enqueue = fields(value)?;
        node.needs.check().map_err(|error| FieldError::new("needs", error.to_string()))?;
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enqueue {
    queue: QueueId,
    #[serde(default)]
    priority: u8,
    /// What the caller asks of the agent: skills, language, region, a certain agent.
    #[serde(default)]
    needs: Needs,
}

impl Node for Enqueue {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.emit(FlowEffect::Enqueue {
            queue: self.queue.clone(),
            priority: self.priority,
            needs: self.needs.clone(),
        });
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        left_queue(state, what)
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn uses(&self, uses: &mut Uses) {
        uses.queues.insert(self.queue.clone());
    }
}

/// Goes on when the caller has left the queue, for every node that lets him wait.
pub(super) fn left_queue(state: State, what: Happening) -> Step {
    match what {
        // The queue's flow has said good-bye.
        Happening::LeftQueue(QueueExit::CallBack) => Step::End,
        Happening::LeftQueue(exit) => Step::Leave(match exit {
            QueueExit::Overflow(
                OverflowReason::WaitedTooLong
                | OverflowReason::ExpectedWait
                | OverflowReason::ServiceLevel,
            ) => "overflow",
            QueueExit::Overflow(OverflowReason::QueueFull) => "full",
            QueueExit::Overflow(OverflowReason::NobodyStaffed | OverflowReason::Closed) => {
                "no_staff"
            }
            QueueExit::Left => "left",
            QueueExit::UnknownQueue | QueueExit::CallBack => "failed",
        }),
        // A route of the queue led to somebody who could not be had.
        Happening::RingFailed => Step::Leave("overflow"),
        // Keys while waiting are for the queue's own flow.
        Happening::Digit(_)
        | Happening::PlayEnded
        | Happening::TimeOut
        | Happening::SpeechBegan
        | Happening::Listened(_)
        | Happening::LookupDone(_)
        | Happening::RecordingEnded { .. } => Step::Wait(state),
    }
}
