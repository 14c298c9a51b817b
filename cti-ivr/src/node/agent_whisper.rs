//! `agent_whisper`: what the agent of this very call hears before he is put through.

use cti_core::{data::WHISPER_FLOW, flow::FlowEffect, id::FlowId};
use serde::Deserialize;

use super::{Field, Group, Node, NodeType, Outlet, Run, Shape, Step, Uses, fields};
use crate::flow::Kind;

pub(super) static TYPE: NodeType = NodeType {
    name: "agent_whisper",
    group: Group::Queue,
    fields: &[Field::must("flow", Shape::Flow, "密语流程", "a flow of kind whisper")],
    kinds: &[Kind::Inbound, Kind::Queue, Kind::Outbound, Kind::Voicemail, Kind::Routing],
    outlets: &[Outlet::at_once("next", "已设置", "it is chosen")],
    keys: None,
    ends: false,
    zh: "为本次来电选择话务员接通前听到的密语流程，代替队列的设置；写入随路数据 agent.whisper",
    en: "Chooses the flow that the agent of this call hears before he is put through, in place of the queue's own; it goes with the call's data as agent.whisper",
    parse: |value| fields::<Whisper>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whisper {
    flow: FlowId,
}

impl Node for Whisper {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let value = self.flow.to_string();
        run.emit(FlowEffect::SetData { key: WHISPER_FLOW.name().to_owned(), value });
        Step::Leave("next")
    }

    fn names_flow(&self) -> Option<(&'static str, &FlowId, Kind)> {
        Some(("flow", &self.flow, Kind::Whisper))
    }

    fn uses(&self, uses: &mut Uses) {
        uses.flows.insert(self.flow.clone());
    }
}
