//! Effects as the text that scripts expect.

use std::time::Duration;

use cti_core::{
    flow::FlowEffect,
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
        FlowEffect::RecordMessage { .. } => Some("record".to_owned()),
        FlowEffect::StopRecording => Some("stop_recording".to_owned()),
        FlowEffect::Lookup { source, key, .. } => Some(format!("lookup {source} {key}")),
        FlowEffect::SetData { key, value } => Some(format!("set {key}={value}")),
        FlowEffect::End => Some("end".to_owned()),
        FlowEffect::StopPlay { .. } | FlowEffect::Visited { .. } => None,
    }
}

/// Spoken words run together as Chinese text; everything else is apart.
fn clips_text(clips: &[Clip]) -> String {
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
            (None, Clip::Prompt(id)) => text.push_str(id),
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
        }
    }
    text
}

fn word(clip: &Clip) -> Option<Word> {
    match clip {
        Clip::Prompt(id) => Word::ALL.iter().copied().find(|word| word.clip() == id),
        Clip::Tone(_) | Clip::Silence(_) | Clip::Recording(_) => None,
    }
}

/// Returns how long clips last: a prompt two seconds, a spoken word 300 ms, a tone half a second.
pub(super) fn length(clips: &[Clip]) -> Duration {
    let one = |clip: &Clip| match clip {
        Clip::Prompt(_) if word(clip).is_some() => Duration::from_millis(300),
        Clip::Prompt(_) | Clip::Recording(_) => Duration::from_secs(2),
        Clip::Tone(_) => Duration::from_millis(500),
        Clip::Silence(length) => *length,
    };
    clips.iter().map(one).sum()
}
