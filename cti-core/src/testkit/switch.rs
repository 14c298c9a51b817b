//! A switch without a network: it keeps the contract of [`crate::switch`] on a virtual clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    address::PhoneNumber,
    cause::Cause,
    id::{CallId, DeviceId, LegId, PlayId, RecognitionId, RecordingId},
    quality::VoiceQuality,
    speech::{Grammar, Recognised, RecognitionEnd, RecognitionRequest, Spoken},
    switch::{Clip, Endpoint, Hearing, PlayEnd, RecordingEnd, SwitchCommand, SwitchReport},
    time::Timestamp,
};

/// How long a prompt of unknown length takes.
const PROMPT: Duration = Duration::from_secs(2);
/// How long a character of a text is said.
const SYLLABLE: Duration = Duration::from_millis(250);

#[derive(Debug)]
struct Leg {
    /// The device behind it; `None` for parties outside.
    device: Option<DeviceId>,
    /// The number outside that was dialled.
    number: Option<PhoneNumber>,
    answered: bool,
}

#[derive(Debug)]
struct Recording {
    legs: Vec<LegId>,
    since: Timestamp,
    /// When it is as long as it may be.
    until: Option<Timestamp>,
}

/// What becomes due by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Play(LegId, PlayId),
    Recording(RecordingId),
}

/// The virtual switch.
#[derive(Debug, Default)]
pub struct VirtualSwitch {
    registered: BTreeSet<DeviceId>,
    legs: BTreeMap<LegId, Leg>,
    plays: BTreeMap<LegId, (PlayId, Vec<Clip>)>,
    recordings: BTreeMap<RecordingId, Recording>,
    recognitions: BTreeMap<RecognitionId, (LegId, RecognitionRequest)>,
    bridges: BTreeSet<(LegId, LegId)>,
    mixes: BTreeMap<CallId, Vec<Hearing>>,
    due: BTreeSet<(Timestamp, Due)>,
    reports: std::collections::VecDeque<SwitchReport>,
    last_incoming: LegId,
    prompt_lengths: BTreeMap<String, Duration>,
    /// Whether the network outside does not tell that it alerts someone.
    silent_network: bool,
    /// How many messages each device was told of.
    lamps: BTreeMap<DeviceId, u32>,
    /// What is measured of every leg with voice.
    quality: Option<VoiceQuality>,
    /// The length of each recording that was saved.
    saved: BTreeMap<RecordingId, Duration>,
}

impl VirtualSwitch {
    /// Sets how long a prompt takes.
    pub fn set_prompt_length(&mut self, prompt: &str, length: Duration) {
        self.prompt_lengths.insert(prompt.to_owned(), length);
    }

    /// Lets the network outside tell that a call has reached it, and not whether someone is alerted.
    pub fn network_is_silent(&mut self, on: bool) {
        self.silent_network = on;
    }

    /// Measures this of every leg that is answered, and reports it before the leg's end.
    pub fn measure(&mut self, quality: VoiceQuality) {
        self.quality = Some(quality);
    }

    /// Begins with incoming legs at this odd number, as after a restart.
    pub fn number_from(&mut self, first: LegId) {
        self.last_incoming = LegId(first.0.saturating_sub(2));
    }

    /// Returns the number for the next incoming leg and creates it.
    pub fn incoming(&mut self, device: Option<DeviceId>) -> LegId {
        self.last_incoming = match self.last_incoming.0 {
            0 => LegId(1),
            last => LegId(last + 2),
        };
        self.legs.insert(self.last_incoming, Leg { device, number: None, answered: false });
        self.last_incoming
    }

    /// Registers or unregisters a device.
    pub fn register(&mut self, device: &DeviceId, on: bool) {
        if on {
            self.registered.insert(device.clone());
            self.reports.push_back(SwitchReport::DeviceInService { device: device.clone() });
        } else {
            self.registered.remove(device);
            self.reports.push_back(SwitchReport::DeviceOutOfService { device: device.clone() });
        }
    }

    /// The party of a leg picks up.
    pub fn answer(&mut self, leg: LegId) {
        if let Some(known) = self.legs.get_mut(&leg)
            && !known.answered
        {
            known.answered = true;
            self.reports.push_back(SwitchReport::Answered { leg });
        }
    }

    /// A leg ends, whoever ends it.
    pub fn end(&mut self, now: Timestamp, leg: LegId, cause: Cause) {
        let Some(gone) = self.legs.remove(&leg) else { return };
        if let Some(quality) = self.quality.filter(|_| gone.answered) {
            self.reports.push_back(SwitchReport::VoiceMeasured { leg, quality });
        }
        self.end_play(leg, PlayEnd::LegEnded);
        while let Some(recognition) = self.listens_to(leg) {
            self.end_recognition(recognition, RecognitionEnd::LegEnded);
        }
        let recordings: Vec<_> = self
            .recordings
            .iter()
            .filter(|(_, it)| it.legs.contains(&leg))
            .map(|(id, _)| *id)
            .collect();
        for recording in recordings {
            self.end_recording(now, recording);
        }
        self.bridges.retain(|(a, b)| *a != leg && *b != leg);
        self.reports.push_back(SwitchReport::LegEnded { leg, cause });
    }

    /// The party of a leg says something, which is understood by its exact words; only who is listened to is heard.
    pub fn say(&mut self, leg: LegId, words: &str) {
        let Some(recognition) = self.listens_to(leg) else { return };
        self.reports.push_back(SwitchReport::SpeechBegan { leg, recognition });
        let keyword = match &self.recognitions[&recognition].1.grammar {
            Grammar::Free { .. } | Grammar::Digits { .. } => Some(None),
            Grammar::Keywords(known) => known.iter().find(|it| *it == words).cloned().map(Some),
        };
        let end = match keyword {
            Some(keyword) => {
                let text = Spoken::new(words);
                RecognitionEnd::Final(Recognised { text, confidence: 100, keyword })
            }
            None => RecognitionEnd::NoMatch,
        };
        self.end_recognition(recognition, end);
    }

    /// Reports something that a party did.
    pub fn report(&mut self, report: SwitchReport) {
        self.reports.push_back(report);
    }

    /// Returns the leg that rings or talks at a device, the newest first.
    #[must_use]
    pub fn leg_at(&self, device: &DeviceId) -> Option<LegId> {
        self.legs
            .iter()
            .rev()
            .find(|(_, leg)| leg.device.as_ref() == Some(device))
            .map(|(id, _)| *id)
    }

    /// Returns the leg by which a number outside was called last.
    #[must_use]
    pub fn leg_to(&self, number: &str) -> Option<LegId> {
        self.legs
            .iter()
            .rev()
            .find(|(_, leg)| leg.number.as_ref().is_some_and(|it| it.reveal() == number))
            .map(|(id, _)| *id)
    }

    /// Returns what a leg hears from the Center.
    #[must_use]
    pub fn heard_by(&self, leg: LegId) -> Option<&[Clip]> {
        self.plays.get(&leg).map(|(_, clips)| clips.as_slice())
    }

    /// Returns whether two legs hear each other.
    #[must_use]
    pub fn bridged(&self, a: LegId, b: LegId) -> bool {
        self.bridges.contains(&(a.min(b), a.max(b)))
    }

    /// Returns whether one leg hears another one, by a bridge or a mix.
    #[must_use]
    pub fn hears(&self, leg: LegId, from: LegId) -> bool {
        self.bridged(leg, from)
            || self.mixes.values().flatten().any(|it| it.leg == leg && it.from.contains(&from))
    }

    /// Returns how many messages a device was told of last.
    #[must_use]
    pub fn messages_at(&self, device: &DeviceId) -> u32 {
        self.lamps.get(device).copied().unwrap_or(0)
    }

    /// Returns how many listenings have not ended.
    #[must_use]
    pub fn listening(&self) -> usize {
        self.recognitions.len()
    }

    /// Returns how many legs there are.
    #[must_use]
    pub fn leg_count(&self) -> usize {
        self.legs.len()
    }

    /// Carries out a command at `now`.
    pub fn execute(&mut self, now: Timestamp, command: SwitchCommand) {
        match command {
            SwitchCommand::Ring { .. }
            | SwitchCommand::SendDigits { .. }
            | SwitchCommand::AnswerReference { .. } => {}
            SwitchCommand::IndicateMessages { device, count } => {
                self.lamps.insert(device, count);
            }
            SwitchCommand::Answer { leg } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.answered = true;
                }
            }
            SwitchCommand::Dial { leg, to, auto_answer, .. } => match to {
                Endpoint::Device(device) if self.registered.contains(&device) => {
                    let device = Some(device);
                    self.legs.insert(leg, Leg { device, number: None, answered: false });
                    self.reports.push_back(SwitchReport::Ringing { leg });
                    if auto_answer {
                        self.answer(leg);
                    }
                }
                Endpoint::Outside { number, .. } => {
                    let number = Some(number);
                    self.legs.insert(leg, Leg { device: None, number, answered: false });
                    self.reports.push_back(if self.silent_network {
                        SwitchReport::NetworkReached { leg }
                    } else {
                        SwitchReport::Ringing { leg }
                    });
                }
                Endpoint::Device(_) => {
                    self.reports
                        .push_back(SwitchReport::LegEnded { leg, cause: Cause::Unreachable });
                }
            },
            SwitchCommand::Hangup { leg, cause } => self.end(now, leg, cause),
            SwitchCommand::Play { leg, play, clips, looped } => {
                self.end_play(leg, PlayEnd::Stopped);
                if !self.legs.contains_key(&leg) {
                    self.reports.push_back(SwitchReport::PlayEnded {
                        leg,
                        play,
                        end: PlayEnd::LegEnded,
                    });
                    return;
                }
                let missing = |clip: &Clip| match clip {
                    Clip::Recording(recording) => !self.saved.contains_key(recording),
                    Clip::Prompt(_) | Clip::Tone(_) | Clip::Silence(_) | Clip::Text { .. } => false,
                };
                if clips.iter().any(missing) {
                    let end = PlayEnd::Failed;
                    self.reports.push_back(SwitchReport::PlayEnded { leg, play, end });
                    return;
                }
                if !looped {
                    let length: Duration = clips.iter().map(|clip| self.length(clip)).sum();
                    self.due.insert((now + length, Due::Play(leg, play)));
                }
                self.plays.insert(leg, (play, clips));
            }
            SwitchCommand::StopPlay { leg, play } => {
                if self.plays.get(&leg).is_some_and(|(current, _)| *current == play) {
                    self.end_play(leg, PlayEnd::Stopped);
                }
            }
            SwitchCommand::Recognize { leg, recognition, request } => {
                self.recognitions.insert(recognition, (leg, *request));
                if !self.legs.contains_key(&leg) {
                    self.end_recognition(recognition, RecognitionEnd::LegEnded);
                }
            }
            SwitchCommand::StopRecognition { recognition, .. } => {
                self.end_recognition(recognition, RecognitionEnd::Stopped);
            }
            SwitchCommand::Bridge { a, b } => {
                if self.legs.contains_key(&a) && self.legs.contains_key(&b) {
                    self.bridges.insert((a.min(b), a.max(b)));
                }
            }
            SwitchCommand::Unbridge { a, b } => {
                self.bridges.remove(&(a.min(b), a.max(b)));
            }
            SwitchCommand::AskToAnswer { leg } => self.answer(leg),
            SwitchCommand::Mix { mix, hears } => {
                self.mixes.insert(mix, hears);
                self.mixes.retain(|_, hears| !hears.is_empty());
            }
            SwitchCommand::StartRecording { recording, left, right, .. } => {
                let legs = vec![left, right];
                self.start_recording(recording, Recording { legs, since: now, until: None });
            }
            SwitchCommand::RecordMessage { recording, leg, limit, .. } => {
                let (legs, until) = (vec![leg], Some(now + limit));
                self.start_recording(recording, Recording { legs, since: now, until });
            }
            SwitchCommand::PauseRecording { .. } | SwitchCommand::ResumeRecording { .. } => {}
            SwitchCommand::StopRecording { recording } => self.end_recording(now, recording),
        }
    }

    /// When something is due by itself.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while self.due.first().is_some_and(|(at, _)| *at <= now) {
            match self.due.pop_first() {
                // A playing that another one has replaced is not the leg's any more.
                Some((_, Due::Play(leg, play)))
                    if self.plays.get(&leg).is_some_and(|(current, _)| *current == play) =>
                {
                    self.end_play(leg, PlayEnd::Finished);
                }
                Some((_, Due::Play(..))) => {}
                Some((_, Due::Recording(recording))) => self.end_recording(now, recording),
                None => {}
            }
        }
    }

    /// Returns the next report, until `None`.
    pub fn poll_report(&mut self) -> Option<SwitchReport> {
        self.reports.pop_front()
    }

    fn length(&self, clip: &Clip) -> Duration {
        match clip {
            Clip::Prompt(prompt) => self.prompt_lengths.get(prompt).copied().unwrap_or(PROMPT),
            Clip::Tone(_) => Duration::from_millis(350),
            Clip::Silence(length) => *length,
            Clip::Text { text, .. } => {
                SYLLABLE * u32::try_from(text.reveal().chars().count()).unwrap_or(u32::MAX)
            }
            Clip::Recording(recording) => self.saved.get(recording).copied().unwrap_or_default(),
        }
    }

    /// Returns which listening the party of a leg speaks to.
    fn listens_to(&self, leg: LegId) -> Option<RecognitionId> {
        self.recognitions.iter().find(|(_, (whose, _))| *whose == leg).map(|(id, _)| *id)
    }

    fn end_recognition(&mut self, recognition: RecognitionId, end: RecognitionEnd) {
        if let Some((leg, _)) = self.recognitions.remove(&recognition) {
            self.reports.push_back(SwitchReport::RecognitionEnded { leg, recognition, end });
        }
    }

    fn end_play(&mut self, leg: LegId, end: PlayEnd) {
        if let Some((play, _)) = self.plays.remove(&leg) {
            self.reports.push_back(SwitchReport::PlayEnded { leg, play, end });
        }
    }

    /// A recording that comes too late for all its legs ends at once.
    fn start_recording(&mut self, recording: RecordingId, it: Recording) {
        if !it.legs.iter().any(|leg| self.legs.contains_key(leg)) {
            let end = RecordingEnd::Failed { reason: "its legs have ended".to_owned() };
            self.reports.push_back(SwitchReport::RecordingEnded { recording, end });
            return;
        }
        if let Some(until) = it.until {
            self.due.insert((until, Due::Recording(recording)));
        }
        self.recordings.insert(recording, it);
    }

    fn end_recording(&mut self, now: Timestamp, recording: RecordingId) {
        let Some(open) = self.recordings.remove(&recording) else { return };
        if let Some(until) = open.until {
            self.due.remove(&(until, Due::Recording(recording)));
        }
        let length = now.since(open.since);
        self.saved.insert(recording, length);
        let end = RecordingEnd::Saved {
            file: format!("{recording}.wav"),
            length,
            bytes: 44 + u64::try_from(length.as_millis()).unwrap_or(u64::MAX) * 32,
            sha256: String::new(),
        };
        self.reports.push_back(SwitchReport::RecordingEnded { recording, end });
    }
}
