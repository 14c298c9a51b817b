//! `music`: plays in a loop for a time, while keys lead away.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step,
    Uses, fields, key_of, time,
};
use crate::{prompt::Prompt, statistics::What};

pub(super) static TYPE: NodeType = NodeType {
    name: "music",
    group: Group::Media,
    fields: &[
        Field::must("prompt", Shape::Prompt, "音乐", "what is played again and again"),
        Field::must("for_ms", Shape::Millis(100, 3_600_000, None), "时长", "for how long"),
    ],
    kinds: HEARD,
    outlets: &[Outlet::waited("done", "时间到", "the time is over")],
    keys: Some(0),
    ends: false,
    zh: "循环播放一段时间；接了出口的键立即离开，其他键无作用",
    en: "Plays in a loop for a time; keys with an outlet leave at once, others do nothing",
    parse: |value| {
        let fields: Fields = fields(value)?;
        if fields.prompt.is_empty() {
            return Err(FieldError::new("prompt", "is empty"));
        }
        let length = time("for_ms", fields.for_ms, 100, 3_600_000)?;
        Ok(Box::new(Music { prompt: fields.prompt, length }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    prompt: Prompt,
    for_ms: u64,
}

#[derive(Debug)]
struct Music {
    prompt: Prompt,
    length: Duration,
}

impl Node for Music {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        while let Some(digit) = run.typed() {
            if let Some(key) = key_of(digit).filter(|key| run.leads_on(key)) {
                return Step::Leave(key);
            }
        }
        run.play(self.prompt.clips().to_vec(), true);
        run.wake_after(self.length);
        Step::Wait(State::Waiting)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match what {
            Happening::Digit(digit) => match key_of(digit).filter(|key| run.leads_on(key)) {
                Some(key) => {
                    run.observe(What::Key(digit));
                    Step::Leave(key)
                }
                None => Step::Wait(state),
            },
            Happening::TimeOut => Step::Leave("done"),
            Happening::PlayEnded
            | Happening::LookupDone(_)
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Step::Wait(state),
        }
    }

    fn uses(&self, uses: &mut Uses) {
        uses.prompt(&self.prompt);
    }
}
