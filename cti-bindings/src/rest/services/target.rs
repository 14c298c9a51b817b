//! Whom a service means: where a call is to go, and who of its parties.

use cti_core::{
    address::PhoneNumber,
    id::{AgentId, DeviceId, FlowId, LegId, QueueId},
    target::{PartyRef, Target},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a call is to go: one of these.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// A device of the centre.
    #[schema(value_type = String)]
    Device(DeviceId),
    /// The device of an agent, wherever he sits.
    #[schema(value_type = String)]
    Agent(AgentId),
    /// A number as one would dial it.
    #[schema(value_type = String)]
    Number(PhoneNumber),
    /// Numbers that are tried one after the other.
    #[schema(value_type = Vec<String>)]
    Numbers(Vec<PhoneNumber>),
    /// A queue.
    #[schema(value_type = String)]
    Queue(QueueId),
    /// A flow.
    #[schema(value_type = String)]
    Flow(FlowId),
}

impl From<To> for Target {
    fn from(to: To) -> Self {
        match to {
            To::Device(device) => Self::Device(device),
            To::Agent(agent) => Self::Agent(agent),
            To::Number(number) => Self::Number(number),
            To::Numbers(numbers) => Self::Numbers(numbers),
            To::Queue(queue) => Self::Queue(queue),
            To::Flow(flow) => Self::Flow(flow),
        }
    }
}

/// Who of a call is meant: one of these.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// An agent.
    #[schema(value_type = String)]
    Agent(AgentId),
    /// A device.
    #[schema(value_type = String)]
    Device(DeviceId),
    /// Anyone, by his leg.
    #[schema(value_type = String)]
    Leg(LegId),
    /// The one whom the call serves: the citizen, or who began the call.
    Served,
}

impl From<Who> for PartyRef {
    fn from(who: Who) -> Self {
        match who {
            Who::Agent(agent) => Self::Agent(agent),
            Who::Device(device) => Self::Device(device),
            Who::Leg(leg) => Self::Leg(leg),
            Who::Served => Self::Served,
        }
    }
}
