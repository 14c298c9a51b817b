//! Effects as the text that scripts expect.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    flow::{FlowEffect, RecordInto},
    switch::{Clip, Tone},
};

use crate::speak::Word;

/// Returns what a person would notice of an effect.
pub(super) fn show(effect: &FlowEffect) -> Option<String> {
    match effect {
        FlowEffect::Answer => Some("answer".to_owned()),
        FlowEffect::Play { clips, looped: false, .. } => {
            Some(format!("play {}", clips_text(clips)))
        }
        FlowEffect::Play { clips, looped: true, .. } => {
            Some(format!("music {}", clips_text(clips)))
        }
        FlowEffect::Enqueue { queue, priority: 0, .. } => Some(format!("enqueue {queue}")),
        FlowEffect::Enqueue { queue, priority, .. } => {
            Some(format!("enqueue {queue} priority {priority}"))
        }
        FlowEffect::GoTo { target } => Some(format!("go_to {target}")),
        FlowEffect::RequestCallBack { .. } => Some("call_back".to_owned()),
        FlowEffect::LeaveQueue => Some("leave_queue".to_owned()),
        FlowEffect::RingDevices { devices, ring_for } => {
            let devices: Vec<&str> = devices.iter().map(|device| device.as_str()).collect();
            Some(format!("ring {} for {}s", devices.join(" "), ring_for.as_secs()))
        }
        FlowEffect::RingGroup { group, ring_for } => {
            Some(format!("ring group {group} for {}s", ring_for.as_secs()))
        }
        FlowEffect::Conference { members, .. } => Some(format!("conference of {}", members.len())),
        FlowEffect::RecordMessage { into: Some(RecordInto::Greeting { .. }), .. } => {
            Some("record_greeting".to_owned())
        }
        FlowEffect::RecordMessage { into: Some(RecordInto::Message { .. }) | None, .. } => {
            Some("record".to_owned())
        }
        FlowEffect::Listen { .. } => Some("listen".to_owned()),
        FlowEffect::StopRecording => Some("stop_recording".to_owned()),
        FlowEffect::PauseRecording => Some("pause_recording".to_owned()),
        FlowEffect::ResumeRecording => Some("resume_recording".to_owned()),
        FlowEffect::SendDigits { digits } => Some(format!("send_digits {digits}")),
        FlowEffect::SetPriority { priority } => Some(format!("set_priority {priority}")),
        FlowEffect::Lookup { source, key, .. } => Some(format!("lookup {source} {key}")),
        FlowEffect::SetData { key, value } => Some(format!("set {key}={value}")),
        FlowEffect::End => Some("end".to_owned()),
        FlowEffect::StopPlay { .. }
        | FlowEffect::StopListening { .. }
        | FlowEffect::Visited { .. } => None,
    }
}

/// Returns what an effect is, as one word.
pub(super) fn name(effect: &FlowEffect) -> &'static str {
    match effect {
        FlowEffect::Answer => "answer",
        FlowEffect::Play { .. } => "play",
        FlowEffect::StopPlay { .. } => "stop_play",
        FlowEffect::Listen { .. } => "listen",
        FlowEffect::StopListening { .. } => "stop_listening",
        FlowEffect::Enqueue { .. } => "enqueue",
        FlowEffect::LeaveQueue => "leave_queue",
        FlowEffect::RingDevices { .. } => "ring",
        FlowEffect::GoTo { .. } => "go_to",
        FlowEffect::RequestCallBack { .. } => "call_back",
        FlowEffect::RingGroup { .. } => "ring_group",
        FlowEffect::Conference { .. } => "conference",
        FlowEffect::RecordMessage { .. } => "record",
        FlowEffect::StopRecording => "stop_recording",
        FlowEffect::PauseRecording => "pause_recording",
        FlowEffect::ResumeRecording => "resume_recording",
        FlowEffect::SendDigits { .. } => "send_digits",
        FlowEffect::SetPriority { .. } => "set_priority",
        FlowEffect::Lookup { .. } => "lookup",
        FlowEffect::SetData { .. } => "set",
        FlowEffect::Visited { .. } => "visited",
        FlowEffect::End => "end",
    }
}

/// The words that English values are spliced from.
const ENGLISH_WORD: &str = "en-US/w-";

/// Spoken words run together as Chinese text, English ones stand as words; everything else is apart.
pub(super) fn clips_text(clips: &[Clip]) -> String {
    let mut text = String::new();
    let mut speaking = false;
    for clip in clips {
        let word = word(clip);
        let runs_on = speaking && word.is_some();
        if !text.is_empty() && !runs_on {
            text.push(' ');
        }
        speaking = word.is_some();
        match (word, clip) {
            (Some(word), _) => text.push_str(word.text()),
            (None, Clip::Prompt(id)) => text.push_str(id.strip_prefix(ENGLISH_WORD).unwrap_or(id)),
            (None, Clip::Tone(tone)) => text.push_str(match tone {
                Tone::RingBack => "tone:ring_back",
                Tone::Busy => "tone:busy",
                Tone::Congestion => "tone:congestion",
                Tone::Beep => "tone:beep",
            }),
            (None, Clip::Silence(length)) => {
                text.push_str(&format!("silence:{}", length.as_millis()));
            }
            (None, Clip::Recording(recording)) => text.push_str(&recording.to_string()),
            (None, Clip::Text { text: said, .. }) => text.push_str(said.reveal()),
        }
    }
    text
}

fn word(clip: &Clip) -> Option<Word> {
    match clip {
        Clip::Prompt(id) => Word::ALL.iter().copied().find(|word| word.clip() == id),
        Clip::Tone(_) | Clip::Silence(_) | Clip::Recording(_) | Clip::Text { .. } => None,
    }
}

/// Returns how long clips last: as they are known to, else a prompt two seconds, a spoken word 300 ms, a tone half a
/// second, a character of a text a quarter.
pub(super) fn length(clips: &[Clip], known: &BTreeMap<String, Duration>) -> Duration {
    let one = |clip: &Clip| match clip {
        Clip::Prompt(id) if known.contains_key(id) => known[id],
        Clip::Prompt(id) if word(clip).is_some() || id.starts_with(ENGLISH_WORD) => {
            Duration::from_millis(300)
        }
        Clip::Prompt(_) | Clip::Recording(_) => Duration::from_secs(2),
        Clip::Tone(_) => Duration::from_millis(500),
        Clip::Silence(length) => *length,
        Clip::Text { text, .. } => {
            let characters = u32::try_from(text.reveal().chars().count()).unwrap_or(u32::MAX);
            Duration::from_millis(250).saturating_mul(characters)
        }
    };
    clips.iter().map(one).sum()
}
