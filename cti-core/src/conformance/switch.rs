//! What every [`Switch`] must keep: the contract at the top of [`crate::switch`].
//!
//! A switch is driven through an [`Adapter`] that can also play the people at the other end: call in, answer, hang up,
//! press a key. For one with a network they are phones on loopback; [`Virtual`] is the adapter of the test kit's own.

#![expect(clippy::wildcard_enum_match_arm, reason = "a rule looks for the reports that concern it")]

use std::time::Duration;

use async_trait::async_trait;

use super::{Report, Rule, Verdict, Violation};
#[cfg(doc)]
use crate::switch::Switch;
use crate::{
    address::PhoneNumber,
    cause::Cause,
    id::{CallId, ContactId, DeviceId, LegId, PlayId, RecognitionId, RecordingId},
    speech::{AudioFormat, Grammar, RecognitionEnd, RecognitionRequest},
    switch::{Clip, Endpoint, Hearing, PlayEnd, RecordingEnd, SwitchCommand, SwitchReport, Tone},
    testkit::VirtualSwitch,
    time::Timestamp,
};

/// What someone at the other end of a switch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Someone calls the centre; [`SwitchReport::Incoming`] follows.
    CallIn,
    /// The party of a leg that rings picks up.
    Answer(LegId),
    /// The party of a leg hangs up.
    HangUp(LegId),
    /// The party of a leg presses a key.
    Press(LegId, char),
}

/// Drives a switch and the people around it.
#[async_trait]
pub trait Adapter: Send {
    /// Returns a device that is in service and rings when it is dialled.
    fn device(&self) -> DeviceId;

    /// Returns a device that cannot be reached.
    fn absent_device(&self) -> DeviceId;

    /// Returns a prompt of at most five seconds that is there.
    fn prompt(&self) -> String;

    /// Hands a command to the switch.
    async fn execute(&mut self, command: SwitchCommand);

    /// Lets someone at the other end do something.
    async fn act(&mut self, act: Act);

    /// Returns the next report; `None` once nothing more comes of what was done so far, as long as no time passes.
    async fn report(&mut self) -> Option<SwitchReport>;

    /// Lets time pass.
    async fn pass(&mut self, time: Duration);

    /// Returns the time, for the dates of recordings.
    fn now(&self) -> Timestamp;
}

/// Checks all rules, one after the other on one switch.
pub async fn run_all(adapter: &mut dyn Adapter) -> Report {
    let mut tape = Tape::new(adapter);
    let mut report = Report::default();
    macro_rules! check {
        ($($rule:ident)*) => {$(
            report.note(stringify!($rule), $rule(&mut tape).await);
            tape.clear().await;
        )*};
    }
    check! {
        a_caller_has_an_odd_leg_that_was_never_used
        a_leg_that_is_dialled_rings_is_answered_and_ends_once
        a_device_that_cannot_be_reached_ends_its_leg_once
        a_leg_that_is_hung_up_ends_once_in_whatever_state
        a_leg_whose_party_hangs_up_ends_once
        a_command_for_a_leg_that_has_ended_is_ignored
        a_playing_ends_once_however_it_ends
        a_playing_over_and_over_ends_when_it_is_stopped
        a_playing_for_a_leg_that_has_ended_ends_too
        a_recording_ends_once_however_it_ends
        a_recording_ends_when_its_legs_end
        a_recording_of_legs_that_have_ended_ends_too
        a_message_ends_at_its_limit
        a_listening_ends_once_when_it_is_stopped
        a_listening_ends_with_its_leg
        a_listening_to_a_leg_that_has_ended_ends_too
        a_key_is_reported_once
        legs_can_be_bridged_and_mixed_and_end_all_the_same
    }
    report
}

/// Legs of callers have odd numbers, each one another.
///
/// # Errors
/// When the rule is broken.
pub async fn a_caller_has_an_odd_leg_that_was_never_used(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_caller_has_an_odd_leg_that_was_never_used");
    let mut legs = Vec::new();
    for _ in 0..3 {
        let leg = tape.caller(rule).await?;
        rule.holds(leg.0 % 2 == 1, || format!("{leg} is even"))?;
        rule.holds(!legs.contains(&leg), || format!("{leg} is used twice"))?;
        legs.push(leg);
        tape.act(Act::HangUp(leg)).await;
    }
    legs.into_iter().try_for_each(|leg| tape.ended_once(rule, leg))
}

/// A leg that is dialled keeps its number, is answered once its party picks up, and ends once.
///
/// # Errors
/// When the rule is broken.
pub async fn a_leg_that_is_dialled_rings_is_answered_and_ends_once(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_leg_that_is_dialled_rings_is_answered_and_ends_once");
    let leg = tape.dialled().await;
    rule.holds(!tape.answered(leg), || "it is answered before its party picks up".to_owned())?;
    tape.act(Act::Answer(leg)).await;
    rule.holds(tape.answered(leg), || "the party picked up, and no answer is reported".to_owned())?;
    rule.holds(tape.ends(leg) == 0, || "it ends by itself".to_owned())?;
    tape.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal }).await;
    tape.ended_once(rule, leg)
}

/// Dialling a device that is not there ends the leg.
///
/// # Errors
/// When the rule is broken.
pub async fn a_device_that_cannot_be_reached_ends_its_leg_once(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_device_that_cannot_be_reached_ends_its_leg_once");
    let device = tape.adapter.absent_device();
    let leg = tape.dial(device).await;
    tape.ended_once(rule, leg)?;
    rule.holds(!tape.answered(leg), || "it is answered".to_owned())
}

/// A leg that is hung up before it is answered, or afterwards, or twice, ends once.
///
/// # Errors
/// When the rule is broken.
pub async fn a_leg_that_is_hung_up_ends_once_in_whatever_state(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_leg_that_is_hung_up_ends_once_in_whatever_state");
    let calling = tape.caller(rule).await?;
    let talking = tape.answered_caller(rule).await?;
    for leg in [calling, talking] {
        for cause in [Cause::Busy, Cause::Normal] {
            tape.execute(SwitchCommand::Hangup { leg, cause }).await;
        }
        tape.ended_once(rule, leg)?;
    }
    let ringing = tape.dialled().await;
    tape.execute(SwitchCommand::Hangup { leg: ringing, cause: Cause::Cancelled }).await;
    tape.execute(SwitchCommand::Hangup { leg: ringing, cause: Cause::Cancelled }).await;
    tape.ended_once(rule, ringing)
}

/// A party that hangs up ends its leg, also when the switch is told to hang up at the same time.
///
/// # Errors
/// When the rule is broken.
pub async fn a_leg_whose_party_hangs_up_ends_once(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_leg_whose_party_hangs_up_ends_once");
    let caller = tape.answered_caller(rule).await?;
    tape.act(Act::HangUp(caller)).await;
    tape.execute(SwitchCommand::Hangup { leg: caller, cause: Cause::Normal }).await;
    tape.ended_once(rule, caller)?;
    let called = tape.dialled().await;
    tape.act(Act::Answer(called)).await;
    tape.act(Act::HangUp(called)).await;
    tape.ended_once(rule, called)
}

/// Whatever is commanded for a leg that has ended, nothing more is reported of it.
///
/// # Errors
/// When the rule is broken.
pub async fn a_command_for_a_leg_that_has_ended_is_ignored(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_command_for_a_leg_that_has_ended_is_ignored");
    let leg = tape.answered_caller(rule).await?;
    let other = tape.answered_caller(rule).await?;
    tape.act(Act::HangUp(leg)).await;
    tape.ended_once(rule, leg)?;
    let before = tape.reports.len();
    let hears = vec![Hearing { leg, from: vec![other] }, Hearing { leg: other, from: vec![leg] }];
    for command in [
        SwitchCommand::Ring { leg },
        SwitchCommand::Answer { leg },
        SwitchCommand::AskToAnswer { leg },
        SwitchCommand::SendDigits { leg, digits: "12".to_owned() },
        SwitchCommand::StopPlay { leg, play: PlayId(u64::MAX) },
        SwitchCommand::Bridge { a: leg, b: other },
        SwitchCommand::Unbridge { a: leg, b: other },
        SwitchCommand::Mix { mix: CallId(1), hears },
        SwitchCommand::Mix { mix: CallId(1), hears: Vec::new() },
        SwitchCommand::PauseRecording { recording: RecordingId(u64::MAX) },
        SwitchCommand::ResumeRecording { recording: RecordingId(u64::MAX) },
        SwitchCommand::StopRecording { recording: RecordingId(u64::MAX) },
        SwitchCommand::StopRecognition { leg, recognition: RecognitionId(u64::MAX) },
        SwitchCommand::Hangup { leg, cause: Cause::Normal },
    ] {
        tape.execute(command).await;
    }
    let told = tape.reports[before..].to_vec();
    rule.holds(told.is_empty(), || format!("it reports {told:?}"))?;
    rule.holds(tape.ends(other) == 0, || "another leg ended".to_owned())
}

/// A playing ends once: when everything was heard, when it is stopped, when another takes its place, when its leg ends.
///
/// # Errors
/// When the rule is broken.
pub async fn a_playing_ends_once_however_it_ends(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_playing_ends_once_however_it_ends");
    let leg = tape.answered_caller(rule).await?;
    let heard = tape.play(leg, false).await;
    tape.pass(Duration::from_secs(6)).await;
    tape.play_ended(rule, heard, PlayEnd::Finished)?;

    let stopped = tape.play(leg, false).await;
    tape.execute(SwitchCommand::StopPlay { leg, play: stopped }).await;
    tape.execute(SwitchCommand::StopPlay { leg, play: stopped }).await;
    tape.play_ended(rule, stopped, PlayEnd::Stopped)?;

    let replaced = tape.play(leg, false).await;
    let last = tape.play(leg, false).await;
    tape.play_ended(rule, replaced, PlayEnd::Stopped)?;
    tape.act(Act::HangUp(leg)).await;
    tape.pass(Duration::from_secs(6)).await;
    tape.play_ended(rule, last, PlayEnd::LegEnded)?;
    for play in [heard, stopped, replaced] {
        let ends = tape.play_ends(play).len();
        rule.holds(ends == 1, || format!("{play} ended {ends} times"))?;
    }
    Ok(())
}

/// A looped playing does not end by itself.
///
/// # Errors
/// When the rule is broken.
pub async fn a_playing_over_and_over_ends_when_it_is_stopped(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_playing_over_and_over_ends_when_it_is_stopped");
    let leg = tape.answered_caller(rule).await?;
    let play = tape.play(leg, true).await;
    tape.pass(Duration::from_secs(6)).await;
    let ends = tape.play_ends(play);
    rule.holds(ends.is_empty(), || format!("after 6 s it ended as {ends:?}"))?;
    tape.execute(SwitchCommand::StopPlay { leg, play }).await;
    tape.play_ended(rule, play, PlayEnd::Stopped)
}

/// A playing that comes too late for its leg ends at once.
///
/// # Errors
/// When the rule is broken.
pub async fn a_playing_for_a_leg_that_has_ended_ends_too(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_playing_for_a_leg_that_has_ended_ends_too");
    let leg = tape.answered_caller(rule).await?;
    tape.act(Act::HangUp(leg)).await;
    for looped in [false, true] {
        let play = tape.play(leg, looped).await;
        tape.pass(Duration::from_secs(6)).await;
        tape.play_ended(rule, play, PlayEnd::LegEnded)?;
    }
    tape.ended_once(rule, leg)
}

/// A recording ends once when it is stopped, however often, and has a file as long as it ran.
///
/// # Errors
/// When the rule is broken.
pub async fn a_recording_ends_once_however_it_ends(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_recording_ends_once_however_it_ends");
    let (left, right) = tape.talk(rule).await?;
    let recording = tape.record(left, right).await;
    tape.pass(Duration::from_secs(2)).await;
    for _ in 0..2 {
        tape.execute(SwitchCommand::StopRecording { recording }).await;
    }
    match tape.recording_ended(rule, recording)? {
        RecordingEnd::Saved { length, file, .. } => {
            let about = Duration::from_millis(1_500)..=Duration::from_millis(3_500);
            rule.holds(about.contains(&length), || format!("2 s became {length:?}"))?;
            rule.holds(!file.is_empty(), || "the file has no name".to_owned())
        }
        RecordingEnd::Failed { reason } => rule.broken(format!("it failed: {reason}")),
    }
}

/// A recording ends once when its legs end, one after the other, and then is stopped.
///
/// # Errors
/// When the rule is broken.
pub async fn a_recording_ends_when_its_legs_end(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_recording_ends_when_its_legs_end");
    let (left, right) = tape.talk(rule).await?;
    let recording = tape.record(left, right).await;
    tape.pass(Duration::from_secs(1)).await;
    tape.act(Act::HangUp(left)).await;
    tape.execute(SwitchCommand::Hangup { leg: right, cause: Cause::Normal }).await;
    tape.execute(SwitchCommand::StopRecording { recording }).await;
    tape.recording_ended(rule, recording).map(drop)
}

/// A recording that comes too late for its legs ends all the same.
///
/// # Errors
/// When the rule is broken.
pub async fn a_recording_of_legs_that_have_ended_ends_too(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_recording_of_legs_that_have_ended_ends_too");
    let (left, right) = tape.talk(rule).await?;
    tape.act(Act::HangUp(left)).await;
    tape.execute(SwitchCommand::Hangup { leg: right, cause: Cause::Normal }).await;
    let talk = tape.record(left, right).await;
    let message = tape.record_message(left, Duration::from_secs(2)).await;
    tape.pass(Duration::from_secs(4)).await;
    tape.recording_ended(rule, talk)?;
    tape.recording_ended(rule, message).map(drop)
}

/// A message ends at its limit, or at the silence before it.
///
/// # Errors
/// When the rule is broken.
pub async fn a_message_ends_at_its_limit(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_message_ends_at_its_limit");
    let leg = tape.answered_caller(rule).await?;
    let recording = tape.record_message(leg, Duration::from_secs(2)).await;
    tape.pass(Duration::from_secs(4)).await;
    tape.execute(SwitchCommand::StopRecording { recording }).await;
    tape.recording_ended(rule, recording).map(drop)?;
    rule.holds(tape.ends(leg) == 0, || "the leg ended with it".to_owned())
}

/// A listening that is stopped, however often, ends once; one that nobody can fulfil has failed, once too.
///
/// # Errors
/// When the rule is broken.
pub async fn a_listening_ends_once_when_it_is_stopped(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_listening_ends_once_when_it_is_stopped");
    let leg = tape.answered_caller(rule).await?;
    for _ in 0..2 {
        let recognition = tape.recognize(leg).await;
        for _ in 0..2 {
            tape.execute(SwitchCommand::StopRecognition { leg, recognition }).await;
        }
        tape.listening_ended(rule, recognition, &RecognitionEnd::Stopped)?;
    }
    rule.holds(tape.ends(leg) == 0, || "the leg ended with it".to_owned())
}

/// A listening ends once when its leg does, and stopping it then changes nothing.
///
/// # Errors
/// When the rule is broken.
pub async fn a_listening_ends_with_its_leg(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_listening_ends_with_its_leg");
    let leg = tape.answered_caller(rule).await?;
    let recognition = tape.recognize(leg).await;
    tape.act(Act::HangUp(leg)).await;
    tape.execute(SwitchCommand::StopRecognition { leg, recognition }).await;
    tape.listening_ended(rule, recognition, &RecognitionEnd::LegEnded)?;
    tape.ended_once(rule, leg)
}

/// A listening that comes too late for its leg ends at once.
///
/// # Errors
/// When the rule is broken.
pub async fn a_listening_to_a_leg_that_has_ended_ends_too(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_listening_to_a_leg_that_has_ended_ends_too");
    let leg = tape.answered_caller(rule).await?;
    tape.act(Act::HangUp(leg)).await;
    let recognition = tape.recognize(leg).await;
    tape.listening_ended(rule, recognition, &RecognitionEnd::LegEnded)?;
    tape.ended_once(rule, leg)
}

/// Each key is reported, once and in order.
///
/// # Errors
/// When the rule is broken.
pub async fn a_key_is_reported_once(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("a_key_is_reported_once");
    let leg = tape.answered_caller(rule).await?;
    for digit in ['1', '1', '#', '0'] {
        tape.act(Act::Press(leg, digit)).await;
    }
    let keys: String = tape
        .reports
        .iter()
        .filter_map(|report| match report {
            SwitchReport::Digit { leg: whose, digit } if *whose == leg => Some(*digit),
            _ => None,
        })
        .collect();
    rule.holds(keys == "11#0", || format!("1, 1, # and 0 were pressed, it reports {keys:?}"))
}

/// Legs that hear each other, by a bridge or a mix, end once like any other, and one's end is not the other's.
///
/// # Errors
/// When the rule is broken.
pub async fn legs_can_be_bridged_and_mixed_and_end_all_the_same(tape: &mut Tape<'_>) -> Verdict {
    let rule = Rule("legs_can_be_bridged_and_mixed_and_end_all_the_same");
    let (a, b) = tape.talk(rule).await?;
    tape.execute(SwitchCommand::Unbridge { a, b }).await;
    let hears = vec![Hearing { leg: a, from: vec![b] }, Hearing { leg: b, from: vec![a] }];
    tape.execute(SwitchCommand::Mix { mix: CallId(9), hears }).await;
    tape.act(Act::HangUp(a)).await;
    tape.ended_once(rule, a)?;
    rule.holds(tape.ends(b) == 0, || "the other leg ended too".to_owned())?;
    tape.execute(SwitchCommand::Mix { mix: CallId(9), hears: Vec::new() }).await;
    tape.execute(SwitchCommand::Hangup { leg: b, cause: Cause::Normal }).await;
    tape.ended_once(rule, b)
}

/// A switch and what it has reported.
#[expect(missing_debug_implementations, reason = "an adapter need not be printable")]
pub struct Tape<'a> {
    adapter: &'a mut dyn Adapter,
    reports: Vec<SwitchReport>,
    next: u64,
}

impl<'a> Tape<'a> {
    /// Begins to listen to a switch.
    #[must_use]
    pub fn new(adapter: &'a mut dyn Adapter) -> Self {
        Self { adapter, reports: Vec::new(), next: 0 }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    async fn listen(&mut self) {
        while let Some(report) = self.adapter.report().await {
            self.reports.push(report);
        }
    }

    async fn execute(&mut self, command: SwitchCommand) {
        self.adapter.execute(command).await;
        self.listen().await;
    }

    async fn act(&mut self, act: Act) {
        self.adapter.act(act).await;
        self.listen().await;
    }

    async fn pass(&mut self, time: Duration) {
        self.adapter.pass(time).await;
        self.listen().await;
    }

    /// Ends what a rule has left.
    async fn clear(&mut self) {
        let mut legs: Vec<LegId> = Vec::new();
        for report in &self.reports {
            match report {
                SwitchReport::Incoming { leg, .. }
                | SwitchReport::NetworkReached { leg }
                | SwitchReport::Ringing { leg }
                | SwitchReport::Answered { leg } => legs.push(*leg),
                _ => {}
            }
        }
        for leg in legs {
            self.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal }).await;
        }
    }

    async fn caller(&mut self, rule: Rule) -> Result<LegId, Violation> {
        let before = self.reports.len();
        self.act(Act::CallIn).await;
        let incoming = self.reports[before..].iter().find_map(|report| match report {
            SwitchReport::Incoming { leg, .. } => Some(*leg),
            _ => None,
        });
        incoming.map_or_else(|| rule.broken("a call came in and is not reported"), Ok)
    }

    async fn answered_caller(&mut self, rule: Rule) -> Result<LegId, Violation> {
        let leg = self.caller(rule).await?;
        self.execute(SwitchCommand::Answer { leg }).await;
        Ok(leg)
    }

    async fn dial(&mut self, device: DeviceId) -> LegId {
        let leg = LegId(self.number() * 2);
        let caller = PhoneNumber::parse("13812341234").expect("digits are a number");
        let (to, contact) = (Endpoint::Device(device), ContactId(1));
        self.execute(SwitchCommand::Dial { leg, to, caller, contact, auto_answer: false }).await;
        leg
    }

    async fn dialled(&mut self) -> LegId {
        let device = self.adapter.device();
        self.dial(device).await
    }

    /// Lets a caller and a device talk.
    async fn talk(&mut self, rule: Rule) -> Result<(LegId, LegId), Violation> {
        let a = self.answered_caller(rule).await?;
        let b = self.dialled().await;
        self.act(Act::Answer(b)).await;
        self.execute(SwitchCommand::Bridge { a, b }).await;
        Ok((a, b))
    }

    async fn play(&mut self, leg: LegId, looped: bool) -> PlayId {
        let play = PlayId(self.number());
        let prompt = Clip::Prompt(self.adapter.prompt());
        let clips = if looped { vec![prompt] } else { vec![Clip::Tone(Tone::Beep), prompt] };
        self.execute(SwitchCommand::Play { leg, play, clips, looped }).await;
        play
    }

    async fn record(&mut self, left: LegId, right: LegId) -> RecordingId {
        let (recording, at) = (RecordingId(self.number()), self.adapter.now());
        self.execute(SwitchCommand::StartRecording { recording, left, right, at }).await;
        recording
    }

    async fn record_message(&mut self, leg: LegId, limit: Duration) -> RecordingId {
        let (recording, at) = (RecordingId(self.number()), self.adapter.now());
        let silence = limit;
        self.execute(SwitchCommand::RecordMessage { recording, leg, limit, silence, at }).await;
        recording
    }

    async fn recognize(&mut self, leg: LegId) -> RecognitionId {
        let recognition = RecognitionId(self.number());
        let words = Grammar::Keywords(vec!["社保".to_owned(), "公积金".to_owned()]);
        let request = Box::new(RecognitionRequest::new(words, AudioFormat::TELEPHONE));
        self.execute(SwitchCommand::Recognize { leg, recognition, request }).await;
        recognition
    }

    fn answered(&self, leg: LegId) -> bool {
        self.reports.contains(&SwitchReport::Answered { leg })
    }

    fn ends(&self, leg: LegId) -> usize {
        let ended =
            |it: &&SwitchReport| matches!(it, SwitchReport::LegEnded { leg: it, .. } if *it == leg);
        self.reports.iter().filter(ended).count()
    }

    fn ended_once(&self, rule: Rule, leg: LegId) -> Verdict {
        let ends = self.ends(leg);
        rule.holds(ends == 1, || format!("{leg} is reported to end {ends} times"))
    }

    fn play_ends(&self, which: PlayId) -> Vec<PlayEnd> {
        let ends = self.reports.iter().filter_map(|report| match report {
            SwitchReport::PlayEnded { play, end, .. } if *play == which => Some(*end),
            _ => None,
        });
        ends.collect()
    }

    fn play_ended(&self, rule: Rule, play: PlayId, how: PlayEnd) -> Verdict {
        let ends = self.play_ends(play);
        rule.holds(ends == [how], || format!("{play} should end as {how:?}, reported is {ends:?}"))
    }

    fn recording_ended(&self, rule: Rule, which: RecordingId) -> Result<RecordingEnd, Violation> {
        let ends = self.reports.iter().filter_map(|report| match report {
            SwitchReport::RecordingEnded { recording, end } if *recording == which => Some(end),
            _ => None,
        });
        match ends.collect::<Vec<_>>().as_slice() {
            [end] => Ok((*end).clone()),
            ends => rule.broken(format!("{which} is reported to end {} times", ends.len())),
        }
    }

    /// A switch without a recognizer may fail in its place.
    fn listening_ended(&self, rule: Rule, which: RecognitionId, how: &RecognitionEnd) -> Verdict {
        let ends = self.reports.iter().filter_map(|report| match report {
            SwitchReport::RecognitionEnded { recognition, end, .. } if *recognition == which => {
                Some(end)
            }
            _ => None,
        });
        let ends: Vec<_> = ends.collect();
        let right = matches!(ends[..], [end] if end == how || *end == RecognitionEnd::Failed);
        rule.holds(right, || format!("{which} should end as {how:?}, reported is {ends:?}"))
    }
}

/// The test kit's switch with one device, on a clock of its own.
#[derive(Debug)]
pub struct Virtual {
    switch: VirtualSwitch,
    device: DeviceId,
    absent: DeviceId,
    now: Timestamp,
}

impl Virtual {
    /// Takes a switch; a device is registered with it.
    ///
    /// # Errors
    /// Never; the names of the devices are right.
    pub fn new(mut switch: VirtualSwitch) -> Result<Self, crate::id::InvalidName> {
        let (device, absent) = ("201".parse()?, "299".parse()?);
        switch.register(&device, true);
        Ok(Self { switch, device, absent, now: Timestamp::from_secs(1_000_000) })
    }
}

#[async_trait]
impl Adapter for Virtual {
    fn device(&self) -> DeviceId {
        self.device.clone()
    }

    fn absent_device(&self) -> DeviceId {
        self.absent.clone()
    }

    fn prompt(&self) -> String {
        "greeting".to_owned()
    }

    async fn execute(&mut self, command: SwitchCommand) {
        self.switch.execute(self.now, command);
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::CallIn => {
                let leg = self.switch.incoming(None);
                let number = |digits| PhoneNumber::parse(digits).expect("digits are a number");
                self.switch.report(SwitchReport::Incoming {
                    leg,
                    origin: crate::switch::Origin::Device(self.device.clone()),
                    caller: number("13812341234"),
                    called: number("12345"),
                    network_id: leg.to_string(),
                });
            }
            Act::Answer(leg) => self.switch.answer(leg),
            Act::HangUp(leg) => self.switch.end(self.now, leg, Cause::Normal),
            Act::Press(leg, digit) => self.switch.report(SwitchReport::Digit { leg, digit }),
        }
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        self.switch.poll_report()
    }

    async fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.switch.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.switch.handle_timeout(self.now);
        }
        self.now = until;
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}
