//! What legs hear from the Center.
//!
//! A leg that is alone hears an application of its own channel. Over a talk the switch can only lay a file on what the
//! leg hears (`uuid_displace`), and tells of its end as of that of a media bug. A playing ends when its leg is joined or
//! parted: the application that plays is over then.

use cti_core::{
    id::{LegId, PlayId, RecordingId},
    switch::{Clip, PlayEnd, Tone},
};

use super::{
    super::{super::ledger::Joined, event::Event},
    Awaited, Machine, Output,
};
use crate::switch::remote::is_plain;

/// How a leg hears something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The files of earlier recordings are looked for.
    Searched { clips: Vec<Clip>, looped: bool },
    /// An application of its channel plays this.
    Application { name: &'static str, source: String },
    /// It lies over a talk.
    Displaced { source: String },
}

impl Machine {
    pub(super) fn play(&mut self, leg: LegId, play: PlayId, clips: Vec<Clip>, looped: bool) {
        let recordings: Vec<RecordingId> = clips
            .iter()
            .filter_map(|clip| match clip {
                Clip::Recording(recording) => Some(*recording),
                Clip::Prompt(_) | Clip::Tone(_) | Clip::Silence(_) | Clip::Text { .. } => None,
            })
            .collect();
        let way = Way::Searched { clips, looped };
        let Ok(before) = self.ledger.begin_play(leg, play, way) else { return };
        if let Some(before) = before {
            self.silence(leg, &before);
        }
        if recordings.is_empty() {
            self.found(leg, play, &[]);
        } else {
            self.outputs.push_back(Output::Find { leg, play, recordings });
        }
    }

    /// The files of the recordings of a playing were looked for; those that are there are listed, as the switch
    /// names them.
    pub(in super::super) fn found(
        &mut self,
        leg: LegId,
        play: PlayId,
        files: &[(RecordingId, String)],
    ) {
        let Some((current, Way::Searched { clips, looped })) = self.ledger.playing(leg) else {
            return;
        };
        if *current != play {
            return;
        }
        let looped = *looped;
        let Some(source) = self.source(clips, files) else {
            tracing::warn!(%leg, "A clip is not there or has a name that the switch cannot be told");
            self.ledger.end_play(leg, Some(play), PlayEnd::Failed);
            return;
        };
        let (Some(joined), Some(channel)) =
            (self.ledger.leg(leg).map(|leg| leg.joined), self.ledger.channel(leg))
        else {
            return;
        };
        let (way, text) = match joined {
            Joined::Nobody => {
                let name = if looped { "endless_playback" } else { "playback" };
                let text = format!(
                    "sendmsg {channel}\ncall-command: execute\nexecute-app-name: {name}\n\
                     execute-app-arg: {source}\nEvent-UUID: {play}\n\n"
                );
                (Way::Application { name, source }, text)
            }
            Joined::Bridge(_) | Joined::Mix(_) => {
                let flags = if looped { "ml" } else { "m" };
                let text = format!("api uuid_displace {channel} start {source} 0 {flags}\n\n");
                (Way::Displaced { source }, text)
            }
        };
        if let Some(playing) = self.ledger.playing_mut(leg) {
            playing.1 = way;
        }
        self.send(text, Awaited::Play(leg, play));
    }

    pub(super) fn stop_play(&mut self, leg: LegId, play: PlayId) {
        if let Some((_, way)) = self.ledger.end_play(leg, Some(play), PlayEnd::Stopped) {
            self.silence(leg, &way);
        }
    }

    /// A leg is joined or parted; what it hears ends.
    pub(super) fn interrupt(&mut self, leg: LegId) {
        if let Some((_, way)) = self.ledger.end_play(leg, None, PlayEnd::Stopped) {
            self.silence(leg, &way);
        }
    }

    fn silence(&mut self, leg: LegId, way: &Way) {
        match way {
            Way::Searched { .. } => {}
            Way::Application { .. } => self.on_channel(leg, "uuid_break", "all"),
            Way::Displaced { source } => {
                let arguments = format!("stop {source}");
                self.on_channel(leg, "uuid_displace", &arguments);
            }
        }
    }

    /// An application of a channel is over.
    pub(super) fn executed(&mut self, leg: LegId, event: &Event) {
        let Some((play, Way::Application { name, source })) = self.ledger.playing(leg) else {
            return;
        };
        let play = *play;
        let named = event.get("Application-UUID") == Some(play.to_string().as_str());
        let same = event.get("Application") == Some(name)
            && event.get("Application-Data") == Some(source.as_str());
        // Older versions do not tell by which name an application was begun.
        let theirs = event.get("Application-UUID").is_none_or(|id| !id.starts_with("play-"));
        if !(named || theirs && same) {
            return;
        }
        if event.get("Answer-State") == Some("hangup") {
            // The end of the leg is on its way.
            return;
        }
        let end = match event.get("Application-Response") {
            Some("FILE NOT FOUND" | "PLAYBACK ERROR") => PlayEnd::Failed,
            Some(_) | None => PlayEnd::Finished,
        };
        self.ledger.end_play(leg, Some(play), end);
    }

    /// What lay over a talk is over.
    pub(super) fn displaced(&mut self, leg: LegId, event: &Event) {
        let Some((play, Way::Displaced { source })) = self.ledger.playing(leg) else { return };
        let play = *play;
        if event.get("Media-Bug-Function") == Some("displace")
            && event.get("Media-Bug-Target") == Some(source.as_str())
        {
            self.ledger.end_play(leg, Some(play), PlayEnd::Finished);
        }
    }

    /// What the switch plays for clips: one file, or several in a row.
    fn source(&self, clips: &[Clip], files: &[(RecordingId, String)]) -> Option<String> {
        let mut sources = Vec::new();
        for clip in clips {
            match clip {
                Clip::Prompt(name) => sources.push(self.prompt(name)?),
                Clip::Tone(tone) => sources.push(tone_of(*tone).to_owned()),
                Clip::Silence(length) => {
                    sources.push(format!("silence_stream://{}", length.as_millis().max(20)));
                }
                Clip::Recording(recording) => {
                    sources.push(files.iter().find(|(id, _)| id == recording)?.1.clone());
                }
                // No synthesizer of ours reaches the switch: recorded prompts speak for the text.
                Clip::Text { or, .. } => {
                    for name in or {
                        sources.push(self.prompt(name)?);
                    }
                }
            }
        }
        match sources.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("file_string://{}", several.join("!"))),
        }
    }

    fn prompt(&self, name: &str) -> Option<String> {
        let (folder, set) = (&self.config.prompts, &self.config.set);
        let plain = is_plain(name) && !name.contains("..");
        plain.then(|| {
            if name.contains('/') {
                format!("{folder}/{name}.wav")
            } else {
                format!("{folder}/{set}/{name}.wav")
            }
        })
    }
}

/// GB/T 3380: all tones have 450 Hz.
fn tone_of(tone: Tone) -> &'static str {
    match tone {
        Tone::RingBack => "tone_stream://%(1000,4000,450);loops=-1",
        Tone::Busy => "tone_stream://%(350,350,450);loops=7",
        Tone::Congestion => "tone_stream://%(700,700,450);loops=7",
        Tone::Beep => "tone_stream://%(200,0,450)",
    }
}
