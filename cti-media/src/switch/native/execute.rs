//! Commands of the Center.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{LegId, PlayId, RecordingId},
    speech::RecognitionEnd,
    switch::{Clip, Endpoint, PlayEnd, RecordingEnd, SwitchCommand, SwitchReport, Tone},
    time::Timestamp,
};

use super::{
    NativeSwitch, answer,
    earlier::Read,
    leg::{Leg, Phase, media_key},
    said::Said,
};
use crate::{
    dsp::tone,
    engine::{self, MessageLimits, PlayError, PlayItem},
    play,
    rtp::Digit,
    sip::{CommandError, Offer, Target},
};

/// How long each digit of ours is pressed.
const DIGIT: Duration = Duration::from_millis(160);

/// How long busy and congestion tones sound.
const TONE_REPEATS: usize = 7;

impl NativeSwitch {
    pub(super) fn carry_out(&mut self, command: SwitchCommand) {
        match command {
            SwitchCommand::Ring { leg } => self.ring(leg),
            SwitchCommand::Answer { leg } => self.answer(leg),
            SwitchCommand::Dial { leg, to, caller, contact: _, auto_answer } => {
                let headers = if auto_answer { answer::automatic() } else { Vec::new() };
                self.dial(leg, &to, &caller, headers);
            }
            SwitchCommand::AskToAnswer { leg } => self.ask_to_answer(leg),
            SwitchCommand::AnswerReference { leg, done } => {
                let dialog = self.legs.get(&leg).and_then(|leg| leg.dialog);
                if let Some(dialog) = dialog {
                    let status = if done { 200 } else { 603 };
                    // Unheard, the telephone asks its user again.
                    let _ = self.sip.answer_reference(dialog, status);
                }
            }
            SwitchCommand::Mix { mix, hears } => self.mix(mix, &hears),
            SwitchCommand::Hangup { leg, cause } => self.end_leg(leg, cause),
            SwitchCommand::Play { leg, play, clips, looped } => {
                self.play(leg, play, &clips, looped);
            }
            SwitchCommand::StopPlay { leg, play } => {
                self.stop_waiting(leg, Some(play), PlayEnd::Stopped);
                // A leg that is gone has reported the end of its plays.
                let _ = self.media.stop_play(media_key(leg), engine::PlayId(play.0));
            }
            SwitchCommand::Recognize { leg, recognition, request } => {
                self.recognize(leg, recognition, *request);
            }
            SwitchCommand::StopRecognition { recognition, .. } => {
                self.end_recognition(recognition, RecognitionEnd::Stopped);
            }
            SwitchCommand::SendDigits { leg, digits } => self.send_digits(leg, &digits),
            SwitchCommand::Bridge { a, b } => self.bridge(a, b),
            SwitchCommand::Unbridge { a, b } => self.unbridge(a, b),
            SwitchCommand::StartRecording { recording, left, right, at } => {
                self.start_recording(recording, left, right, at);
            }
            SwitchCommand::RecordMessage { recording, leg, limit, silence, at } => {
                let silence_end = (!silence.is_zero()).then_some(silence);
                self.record_message(recording, leg, MessageLimits { max: limit, silence_end }, at);
            }
            SwitchCommand::PauseRecording { recording } => {
                let _ = self.media.pause_recording(engine::RecordingId(recording.0));
            }
            SwitchCommand::ResumeRecording { recording } => {
                let _ = self.media.resume_recording(engine::RecordingId(recording.0));
            }
            SwitchCommand::StopRecording { recording } => {
                // A recording that is over has been reported.
                let _ = self.media.stop_recording(engine::RecordingId(recording.0));
            }
            SwitchCommand::IndicateMessages { device, count } => {
                let Some(account) = self.devices.account_of(&device) else { return };
                if let Err(error) = self.sip.indicate_messages(account, count) {
                    tracing::warn!(%device, %error, "Cannot tell how many messages wait");
                }
            }
        }
    }

    fn ring(&mut self, id: LegId) {
        let Some(Leg { dialog: Some(dialog), phase: Phase::Incoming { .. }, .. }) =
            self.legs.get(&id)
        else {
            return;
        };
        // Ringing is a courtesy: an overloaded endpoint may leave it out.
        let _ = self.sip.ring(*dialog);
    }

    fn answer(&mut self, id: LegId) {
        let Some(Leg { dialog: Some(dialog), phase: Phase::Incoming { .. }, .. }) =
            self.legs.get(&id)
        else {
            return;
        };
        let dialog = *dialog;
        let sdp = match self.describe(id) {
            Ok(sdp) => sdp,
            Err(cause) => return self.end_leg(id, cause),
        };
        if self.sip.answer(dialog, sdp.into_bytes()).is_err() {
            return self.end_leg(id, Cause::ServiceUnavailable);
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.phase = Phase::Up;
        }
    }

    fn dial(
        &mut self,
        id: LegId,
        to: &Endpoint,
        caller: &PhoneNumber,
        mut headers: Vec<(String, String)>,
    ) {
        let dialog = self.sip.new_dialog();
        if self.legs.contains_key(&id) {
            tracing::error!(leg = %id, "A leg number was used twice");
            return;
        }
        let (listener, srtp) = match to {
            Endpoint::Device(device) => {
                (self.devices.listener(device), self.devices.must_protect(device))
            }
            Endpoint::Outside { trunk, .. } => {
                let config = self.trunks.iter().find(|config| config.trunk == *trunk);
                config.map_or((0, false), |config| (config.listener, config.srtp))
            }
        };
        self.legs.insert(id, Leg { listener, srtp, ..Leg::new(dialog, Phase::Outgoing) });
        let Some(target) = self.target(to) else {
            return self.fail_dial(id, Cause::Unreachable);
        };
        let sdp = match self.describe(id) {
            Ok(sdp) => sdp,
            Err(cause) => return self.fail_dial(id, cause),
        };
        let number = if caller.is_withheld() { "anonymous" } else { caller.reveal() };
        if caller.is_withheld() {
            // RFC 3323 §4.2: networks that know the number by other ways do not pass it on.
            headers.push(("Privacy".to_owned(), "id".to_owned()));
        }
        let browser = match to {
            Endpoint::Device(_) => self.describe_for_browsers(id),
            Endpoint::Outside { .. } => None,
        };
        let offer = Offer { phone: sdp.into_bytes(), browser };
        match self.sip.dial(dialog, target, number, "", headers, Some(offer)) {
            Ok(()) => drop(self.dialogs.insert(dialog, id)),
            Err(CommandError::Full | CommandError::Stopped) => {
                self.fail_dial(id, Cause::ServiceUnavailable);
            }
        }
    }

    /// Ends a leg whose dialog never began.
    fn fail_dial(&mut self, id: LegId, cause: Cause) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.dialog = None;
        }
        self.end_leg(id, cause);
    }

    fn target(&self, to: &Endpoint) -> Option<Target> {
        match to {
            Endpoint::Device(device) => self.devices.target(device),
            Endpoint::Outside { trunk, number } => {
                let (trunk, number) = (trunk.to_string(), number.reveal().to_owned());
                Some(Target::Trunk { trunk, number })
            }
        }
    }

    fn play(&mut self, id: LegId, play: PlayId, clips: &[Clip], looped: bool) {
        let ended = |end| SwitchReport::PlayEnded { leg: id, play, end };
        if self.legs.get(&id).is_none_or(Leg::is_ending) {
            return self.report_later(ended(PlayEnd::LegEnded));
        }
        if !self.open_early_media(id) {
            return self.report_later(ended(PlayEnd::LegEnded));
        }
        self.stop_waiting(id, None, PlayEnd::Stopped);
        if clips.iter().any(|clip| matches!(clip, Clip::Text { .. })) {
            self.say_first(id, play, clips, looped);
        } else {
            self.play_said(id, play, clips, looped, Said::new());
        }
    }

    /// Plays clips whose texts were said and whose recordings were read.
    pub(super) fn play_read(
        &mut self,
        id: LegId,
        play: PlayId,
        clips: &[Clip],
        looped: bool,
        read: &Read,
        said: &Said,
    ) {
        let ended = |end| SwitchReport::PlayEnded { leg: id, play, end };
        let looped = looped || matches!(clips, [Clip::Tone(Tone::RingBack)]);
        let items: Vec<PlayItem> = clips
            .iter()
            .enumerate()
            .flat_map(|(at, clip)| items_of(clip, looped, read, said.get(&at)))
            .collect();
        let key = engine::PlayId(play.0);
        match self.media.play(media_key(id), key, &items, looped) {
            Ok(()) => {}
            Err(PlayError::Command(engine::CommandError::UnknownLeg(_))) => {
                self.report_later(ended(PlayEnd::LegEnded));
            }
            Err(error) => {
                tracing::error!(leg = %id, %error, "Cannot play");
                self.report_later(ended(PlayEnd::Failed));
            }
        }
    }

    /// Lets a caller hear something before the answer (183); `false` if the leg ended by it.
    fn open_early_media(&mut self, id: LegId) -> bool {
        let Some(leg) = self.legs.get(&id) else { return false };
        let (Some(dialog), Phase::Incoming { .. }, None) = (leg.dialog, &leg.phase, &leg.session)
        else {
            return true;
        };
        match self.describe(id) {
            Ok(sdp) => {
                // Without room for it the caller hears nothing until the answer.
                let _ = self.sip.progress(dialog, sdp.into_bytes());
                true
            }
            Err(cause) => {
                self.end_leg(id, cause);
                false
            }
        }
    }

    pub(super) fn send_digits(&mut self, id: LegId, digits: &str) {
        let Some(leg) = self.legs.get(&id) else { return };
        let Ok(keys) = Digit::parse_all(digits) else {
            tracing::warn!(leg = %id, "Digits hold a character that is on no key");
            return;
        };
        let by_rtp = leg.negotiated.as_ref().is_some_and(|agreed| agreed.dtmf_pt.is_some());
        if by_rtp {
            if let Err(error) = self.media.send_digits(media_key(id), &keys, DIGIT) {
                tracing::warn!(leg = %id, %error, "Cannot send digits");
            }
            return;
        }
        let Some(dialog) = leg.dialog else { return };
        for key in keys {
            if let Err(error) = self.sip.send_info_digit(dialog, key.as_char(), 160) {
                tracing::warn!(leg = %id, %error, "Cannot send a digit");
            }
        }
    }

    fn start_recording(
        &mut self,
        recording: RecordingId,
        left: LegId,
        right: LegId,
        at: Timestamp,
    ) {
        let key = engine::RecordingId(recording.0);
        let begun = self.recordings.file(recording, at).map_err(|error| error.to_string());
        let begun = begun.and_then(|path| {
            let started = self.media.start_recording(key, media_key(left), media_key(right), path);
            started.map_err(|error| error.to_string())
        });
        self.fail_recording(recording, begun);
    }

    fn record_message(
        &mut self,
        recording: RecordingId,
        leg: LegId,
        limits: MessageLimits,
        at: Timestamp,
    ) {
        let key = engine::RecordingId(recording.0);
        let begun = self.recordings.file(recording, at).map_err(|error| error.to_string());
        let begun = begun.and_then(|path| {
            let started = self.media.record_message(key, media_key(leg), path, limits);
            started.map_err(|error| error.to_string())
        });
        self.fail_recording(recording, begun);
    }

    fn fail_recording(&mut self, recording: RecordingId, begun: Result<(), String>) {
        if let Err(reason) = begun {
            tracing::error!(%recording, reason, "Cannot record");
            let end = RecordingEnd::Failed { reason };
            self.report_later(SwitchReport::RecordingEnded { recording, end });
        }
    }
}

fn items_of(clip: &Clip, looped: bool, read: &Read, said: Option<&play::Clip>) -> Vec<PlayItem> {
    match clip {
        // Music goes on where it would be, so that a caller who returns to it hears no restart.
        Clip::Prompt(name) if looped && name.starts_with("music/") => {
            vec![PlayItem::Music(name.clone())]
        }
        Clip::Prompt(name) => vec![PlayItem::Clip(name.clone())],
        Clip::Silence(length) => vec![PlayItem::Silence(*length)],
        Clip::Recording(recording) => {
            read.get(recording).cloned().map(PlayItem::Recording).into_iter().collect()
        }
        Clip::Text { or, .. } => match said {
            Some(said) => vec![PlayItem::Recording(said.clone())],
            None => or.iter().cloned().map(PlayItem::Clip).collect(),
        },
        Clip::Tone(Tone::RingBack) => vec![PlayItem::Tone(tone::Tone::RingBack)],
        Clip::Tone(Tone::Beep) => vec![PlayItem::Tone(tone::Tone::Beep)],
        Clip::Tone(Tone::Busy) => vec![PlayItem::Tone(tone::Tone::Busy); repeats(looped)],
        Clip::Tone(Tone::Congestion) => {
            vec![PlayItem::Tone(tone::Tone::Congestion); repeats(looped)]
        }
    }
}

fn repeats(looped: bool) -> usize {
    if looped { 1 } else { TONE_REPEATS }
}
