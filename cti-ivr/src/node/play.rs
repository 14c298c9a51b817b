//! `play`: plays a prompt to its end, or until a key.

use serde::Deserialize;

use super::{
    Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step,
    Uses, fields, key_of,
};
use crate::{prompt::Prompt, statistics::What};

pub(super) static TYPE: NodeType = NodeType {
    name: "play",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "语音", "what is played"),
        Field::may("barge_in", Shape::Flag(false), "按键可打断", "any key cuts it short"),
    ],
    kinds: HEARD,
    outlets: &[Outlet::waited(
        "next",
        "播放结束或被按键打断",
        "the prompt is over or was cut short",
    )],
    keys: Some(0),
    ends: false,
    zh: "播放语音；接了出口的键立即离开；barge_in 为真时其他键打断播放并留给后面的节点",
    en: "Plays a prompt; keys with an outlet leave at once; with barge_in other keys cut it short and are kept for the next node that asks",
    parse: |value| {
        let node: Play = fields(value)?;
        if node.prompt.is_empty() {
            return Err(FieldError::new("prompt", "is empty"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Play {
    prompt: Prompt,
    #[serde(default)]
    barge_in: bool,
}

impl Node for Play {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        run.play(self.prompt.clips().to_vec(), false);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        until_over(self.barge_in, state, what, run)
    }

    fn must_hear(&self) -> Option<&Prompt> {
        (!self.barge_in).then_some(&self.prompt)
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
    }
}

/// Waits for the end of the playing, or a key, for every node that only speaks.
pub(super) fn until_over(barge_in: bool, state: State, what: Happening, run: &mut Run<'_>) -> Step {
    match what {
        Happening::PlayEnded => Step::Leave("next"),
        Happening::Digit(digit) => {
            if let Some(key) = key_of(digit).filter(|key| run.leads_on(key)) {
                run.observe(What::Key(digit));
                return Step::Leave(key);
            }
            run.type_ahead(digit);
            if barge_in { Step::Leave("next") } else { Step::Wait(state) }
        }
        Happening::TimeOut
        | Happening::LookupDone(_)
        | Happening::SpeechBegan
        | Happening::Listened(_)
        | Happening::LeftQueue(_)
        | Happening::RingFailed
        | Happening::RecordingEnded { .. } => Step::Wait(state),
    }
}
