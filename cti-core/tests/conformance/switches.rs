//! The virtual switch of the test kit, and what a switch may get wrong.

use std::time::Duration;

use async_trait::async_trait;
use cti_core::{
    conformance::switch::{Act, Adapter, Virtual, run_all},
    id::{DeviceId, LegId},
    switch::{SwitchCommand, SwitchReport},
    testkit::VirtualSwitch,
    time::Timestamp,
};

fn virtual_switch() -> Virtual {
    Virtual::new(VirtualSwitch::default()).unwrap()
}

#[tokio::test]
async fn the_virtual_switch_keeps_the_rules() {
    run_all(&mut virtual_switch()).await.expect_conformance();
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    NumbersCallersEven,
    ForgetsAnAnswer,
    SaysNothingOfTheAbsent,
    EndsALegTwice,
    ForgetsWhoHangsUp,
    ObeysForTheDead,
    ForgetsThatAPlayingWasReplaced,
    StopsLoops,
    ForgetsPlayingsOfTheDead,
    EndsARecordingTwice,
    ForgetsARecordingWithItsLegs,
    ForgetsRecordingsOfTheDead,
    IgnoresTheLimit,
    StopsListeningTwice,
    ListensOnWithoutALeg,
    ForgetsListeningsOfTheDead,
    RepeatsKeys,
    EndsBothLegs,
}

/// The virtual switch with a fault.
struct Wrong {
    fault: Fault,
    right: Virtual,
    extra: Vec<SwitchReport>,
    ended: Vec<LegId>,
    mixed: Vec<LegId>,
    looped: Vec<SwitchReport>,
}

#[async_trait]
impl Adapter for Wrong {
    fn device(&self) -> DeviceId {
        self.right.device()
    }

    fn absent_device(&self) -> DeviceId {
        self.right.absent_device()
    }

    fn prompt(&self) -> String {
        self.right.prompt()
    }

    async fn execute(&mut self, command: SwitchCommand) {
        let dead = command.leg().is_some_and(|leg| self.ended.contains(&leg));
        match (&command, self.fault) {
            (SwitchCommand::Answer { leg }, Fault::ObeysForTheDead) if dead => {
                self.extra.push(SwitchReport::Answered { leg: *leg });
            }
            (
                SwitchCommand::RecordMessage { .. } | SwitchCommand::StartRecording { .. },
                Fault::ForgetsRecordingsOfTheDead,
            ) if dead => return,
            (SwitchCommand::Play { .. }, Fault::ForgetsPlayingsOfTheDead)
            | (SwitchCommand::Recognize { .. }, Fault::ForgetsListeningsOfTheDead)
                if dead =>
            {
                return;
            }
            (SwitchCommand::Play { leg, play, looped: true, .. }, Fault::StopsLoops) => {
                self.looped.push(SwitchReport::PlayEnded {
                    leg: *leg,
                    play: *play,
                    end: cti_core::switch::PlayEnd::Finished,
                });
            }
            (SwitchCommand::Mix { hears, .. }, Fault::EndsBothLegs) => {
                self.mixed = hears.iter().map(|hearing| hearing.leg).collect();
            }
            _ => {}
        }
        self.right.execute(command).await;
    }

    async fn act(&mut self, act: Act) {
        self.right.act(act).await;
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        if let Some(report) = self.extra.pop() {
            return Some(report);
        }
        let mut report = self.right.report().await?;
        if let SwitchReport::LegEnded { leg, .. } = &report {
            self.ended.push(*leg);
        }
        match (&mut report, self.fault) {
            (SwitchReport::Incoming { leg, .. }, Fault::NumbersCallersEven) => leg.0 += 1,
            (SwitchReport::Answered { .. }, Fault::ForgetsAnAnswer) => return None,
            (SwitchReport::LegEnded { cause, .. }, Fault::SaysNothingOfTheAbsent)
                if *cause == cti_core::cause::Cause::Unreachable =>
            {
                return None;
            }
            (SwitchReport::LegEnded { .. }, Fault::EndsALegTwice)
            | (SwitchReport::RecordingEnded { .. }, Fault::EndsARecordingTwice)
            | (SwitchReport::RecognitionEnded { .. }, Fault::StopsListeningTwice)
            | (SwitchReport::Digit { .. }, Fault::RepeatsKeys) => self.extra.push(report.clone()),
            (SwitchReport::RecognitionEnded { end, .. }, Fault::ListensOnWithoutALeg)
                if *end == cti_core::speech::RecognitionEnd::LegEnded
                    && self.right.report().await.is_some() =>
            {
                return None;
            }
            (SwitchReport::LegEnded { leg, .. }, Fault::ForgetsWhoHangsUp) if leg.0 % 2 == 0 => {
                return None;
            }
            (SwitchReport::PlayEnded { end, .. }, Fault::ForgetsThatAPlayingWasReplaced)
                if *end == cti_core::switch::PlayEnd::Stopped =>
            {
                return None;
            }
            (SwitchReport::RecordingEnded { .. }, Fault::ForgetsARecordingWithItsLegs)
                if self.right.report().await.is_some() =>
            {
                return None;
            }
            (SwitchReport::RecordingEnded { end, .. }, Fault::IgnoresTheLimit) => {
                let over = matches!(end, cti_core::switch::RecordingEnd::Saved { length, .. }
                    if *length == Duration::from_secs(2));
                if over {
                    return None;
                }
            }
            (SwitchReport::LegEnded { leg, cause }, Fault::EndsBothLegs) => {
                if let Some(other) = self.mixed.iter().find(|it| *it != leg) {
                    self.extra.push(SwitchReport::LegEnded { leg: *other, cause: *cause });
                }
            }
            _ => {}
        }
        Some(report)
    }

    async fn pass(&mut self, time: Duration) {
        self.extra.append(&mut self.looped);
        self.right.pass(time).await;
    }

    fn now(&self) -> Timestamp {
        self.right.now()
    }
}

#[tokio::test]
async fn a_switch_that_does_something_wrong_is_found_out_by_the_rule_it_breaks() {
    for (fault, rule) in [
        (Fault::NumbersCallersEven, "a_caller_has_an_odd_leg_that_was_never_used"),
        (Fault::ForgetsAnAnswer, "a_leg_that_is_dialled_rings_is_answered_and_ends_once"),
        (Fault::SaysNothingOfTheAbsent, "a_device_that_cannot_be_reached_ends_its_leg_once"),
        (Fault::EndsALegTwice, "a_leg_that_is_hung_up_ends_once_in_whatever_state"),
        (Fault::ForgetsWhoHangsUp, "a_leg_whose_party_hangs_up_ends_once"),
        (Fault::ObeysForTheDead, "a_command_for_a_leg_that_has_ended_is_ignored"),
        (Fault::ForgetsThatAPlayingWasReplaced, "a_playing_ends_once_however_it_ends"),
        (Fault::StopsLoops, "a_playing_over_and_over_ends_when_it_is_stopped"),
        (Fault::ForgetsPlayingsOfTheDead, "a_playing_for_a_leg_that_has_ended_ends_too"),
        (Fault::EndsARecordingTwice, "a_recording_ends_once_however_it_ends"),
        (Fault::ForgetsARecordingWithItsLegs, "a_recording_ends_when_its_legs_end"),
        (Fault::ForgetsRecordingsOfTheDead, "a_recording_of_legs_that_have_ended_ends_too"),
        (Fault::IgnoresTheLimit, "a_message_ends_at_its_limit"),
        (Fault::StopsListeningTwice, "a_listening_ends_once_when_it_is_stopped"),
        (Fault::ListensOnWithoutALeg, "a_listening_ends_with_its_leg"),
        (Fault::ForgetsListeningsOfTheDead, "a_listening_to_a_leg_that_has_ended_ends_too"),
        (Fault::RepeatsKeys, "a_key_is_reported_once"),
        (Fault::EndsBothLegs, "legs_can_be_bridged_and_mixed_and_end_all_the_same"),
    ] {
        let right = virtual_switch();
        let (extra, ended, mixed, looped) = Default::default();
        let mut wrong = Wrong { fault, right, extra, ended, mixed, looped };
        let report = run_all(&mut wrong).await;
        assert!(report.breaks(rule), "{fault:?}: {report}");
    }
}
