//! `call_back`: the caller's place is kept, and he is called back when it is his turn.

use cti_core::{address::PhoneNumber, flow::FlowEffect};
use serde::Deserialize;

use super::{
    Field, Group, Happening, Kind, Node, NodeType, Outlet, Run, Shape, State, Step, Traffic, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "call_back",
    group: Group::Queue,
    fields: &[Field::may(
        "from",
        Shape::Variable,
        "号码变量",
        "the variable with the number to call back; the number he calls from when absent",
    )],
    kinds: &[Kind::Queue],
    outlets: &[Outlet::at_once(
        "refused",
        "无法回拨",
        "he cannot be called back: no way leads to the number, or it is none",
    )],
    keys: None,
    ends: true,
    zh: "回拨：保留来电人在队列中的位置，轮到时回拨；办妥后通话结束，请先播放告别语",
    en: "Keeps the caller's place and has him called back when it is his turn; the call ends, so say good-bye first",
    parse: |value| fields::<CallBack>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallBack {
    #[serde(default)]
    from: Option<String>,
}

impl Node for CallBack {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let number = match &self.from {
            None => None,
            Some(name) => match run.variable(name).map(PhoneNumber::parse) {
                Some(Ok(number)) if !number.is_withheld() => Some(number),
                Some(Ok(_) | Err(_)) | None => return Step::Leave("refused"),
            },
        };
        run.emit(FlowEffect::RequestCallBack { number });
        Step::Wait(State::Waiting)
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Some(variable) = &self.from {
            traffic.reads("from", variable);
        }
    }

    fn leads_to_people(&self) -> bool {
        true
    }

    fn handle(&self, state: State, what: Happening, _run: &mut Run<'_>) -> Step {
        match what {
            Happening::RingFailed => Step::Leave("refused"),
            Happening::Digit(_)
            | Happening::PlayEnded
            | Happening::TimeOut
            | Happening::LookupDone(_)
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }
}
