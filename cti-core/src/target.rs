//! Where a call is to go: a device, an agent, a number, a queue, a flow.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    id::{AgentId, DeviceId, FlowId, LegId, QueueId},
};

/// Where a call is to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A device of the centre.
    Device(DeviceId),
    /// The device of an agent, wherever he sits today.
    Agent(AgentId),
    /// A number as one would dial it: of the house, or outside by the plan for numbers outside.
    Number(PhoneNumber),
    /// Numbers that are tried one after the other: the next one when one is busy or does not answer.
    Numbers(Vec<PhoneNumber>),
    /// A queue; it may be asked of the next agent by needs that were stated before.
    Queue(QueueId),
    /// A flow.
    Flow(FlowId),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(device) => write!(f, "device {device}"),
            Self::Agent(agent) => write!(f, "agent {agent}"),
            Self::Number(number) => write!(f, "number {number}"),
            Self::Numbers(numbers) => write!(f, "{} numbers", numbers.len()),
            Self::Queue(queue) => write!(f, "queue {queue}"),
            Self::Flow(flow) => write!(f, "flow {flow}"),
        }
    }
}

/// Who in a call is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyRef {
    /// An agent.
    Agent(AgentId),
    /// A device.
    Device(DeviceId),
    /// Anyone, by his leg.
    Leg(LegId),
    /// The one whom the call serves: the citizen, or who began the call.
    Served,
}

impl fmt::Display for PartyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(agent) => write!(f, "agent {agent}"),
            Self::Device(device) => write!(f, "device {device}"),
            Self::Leg(leg) => write!(f, "{leg}"),
            Self::Served => f.write_str("the served party"),
        }
    }
}
