//! `talk_recording`: whether the talks that follow are recorded.

use cti_core::flow::FlowEffect;
use serde::Deserialize;

use super::{Field, Group, Node, NodeType, Outlet, Run, SENDS_ON, Shape, Step, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "talk_recording",
    group: Group::Call,
    fields: &[Field::must(
        "record",
        Shape::Flag(true),
        "录音",
        "whether talks of this call are recorded",
    )],
    kinds: SENDS_ON,
    outlets: &[Outlet::at_once("next", "已设置", "it is set")],
    keys: None,
    ends: false,
    zh: "来电人不同意录音时关闭本次来电的通话录音，或重新打开",
    en: "Switches the recording of this call's talks off, where the caller does not want it, or on again",
    parse: |value| fields::<TalkRecording>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TalkRecording {
    record: bool,
}

impl Node for TalkRecording {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.emit(match self.record {
            true => FlowEffect::ResumeRecording,
            false => FlowEffect::PauseRecording,
        });
        Step::Leave("next")
    }
}
