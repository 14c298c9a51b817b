//! Commands of the Center.

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::LegId,
    speech::RecognitionEnd,
    switch::{Endpoint, SwitchCommand, SwitchReport},
    time::Timestamp,
};

use super::{
    super::{super::ledger::Phase, cause},
    Awaited, Link, Machine,
};

/// How long the switch lets a telephone ring, in seconds, if nobody tells it to stop.
const RING_LIMIT: u32 = 300;

impl Machine {
    /// Carries out a command.
    pub(in super::super) fn execute(&mut self, command: SwitchCommand, now: Timestamp) {
        match command {
            SwitchCommand::Ring { leg } => {
                if self.is_incoming(leg) {
                    self.on_channel(leg, "uuid_ring_ready", "");
                }
            }
            SwitchCommand::Answer { leg } => {
                if self.is_incoming(leg) {
                    self.on_channel(leg, "uuid_answer", "");
                    self.ledger.answered(leg);
                }
            }
            SwitchCommand::Dial { leg, to, caller, contact: _, auto_answer } => {
                self.dial(leg, &to, &caller, auto_answer, now);
            }
            SwitchCommand::AskToAnswer { leg } => {
                let rings = |phase| matches!(phase, Phase::Ordered | Phase::Dialling);
                if self.ledger.leg(leg).is_some_and(|it| rings(it.phase)) {
                    self.on_channel(leg, "uuid_phone_event", "talk");
                }
            }
            SwitchCommand::Hangup { leg, cause } => self.hang_up(leg, cause),
            SwitchCommand::Play { leg, play, clips, looped } => {
                self.play(leg, play, clips, looped);
            }
            SwitchCommand::StopPlay { leg, play } => self.stop_play(leg, play),
            SwitchCommand::Recognize { leg, recognition, .. } => {
                let known = self.ledger.leg(leg).is_some();
                // Recognizers need the voice, which stays at the switch.
                let end = if known { RecognitionEnd::Failed } else { RecognitionEnd::LegEnded };
                self.ledger.report(SwitchReport::RecognitionEnded { leg, recognition, end });
            }
            // It has ended already; telephones transfer by the switch alone.
            SwitchCommand::StopRecognition { .. } | SwitchCommand::AnswerReference { .. } => {}
            SwitchCommand::SendDigits { leg, digits } => {
                if !digits.is_empty() && digits.chars().all(|key| "0123456789*#ABCD".contains(key))
                {
                    self.on_channel(leg, "uuid_send_dtmf", &digits);
                }
            }
            SwitchCommand::Bridge { a, b } => self.bridge(a, b),
            SwitchCommand::Unbridge { a, b } => self.unbridge(a, b),
            SwitchCommand::Mix { mix, hears } => self.mix(mix, &hears),
            SwitchCommand::StartRecording { recording, left, right, at } => {
                self.record_talk(recording, left, right, at);
            }
            SwitchCommand::RecordMessage { recording, leg, limit, silence, at } => {
                self.record_message(recording, leg, limit, silence, at, now);
            }
            SwitchCommand::PauseRecording { recording } => self.mask(recording, "mask"),
            SwitchCommand::ResumeRecording { recording } => self.mask(recording, "unmask"),
            SwitchCommand::StopRecording { recording } => self.stop_recording(recording, now),
            SwitchCommand::IndicateMessages { device, count } => {
                let account = self.config.devices.iter().find(|it| it.device == device);
                let Some(account) = account.map(|it| it.account.clone()) else { return };
                let waiting = if count > 0 { "yes" } else { "no" };
                let domain = &self.config.domain;
                let event = format!(
                    "sendevent MESSAGE_WAITING\nMWI-Messages-Waiting: {waiting}\n\
                     MWI-Message-Account: sip:{account}@{domain}\nMWI-Voice-Message: {count}/0 (0/0)\n\n"
                );
                self.send(event, Awaited::Nothing);
            }
        }
    }

    fn is_incoming(&self, leg: LegId) -> bool {
        self.ledger.leg(leg).is_some_and(|leg| leg.phase == Phase::Incoming)
    }

    fn dial(
        &mut self,
        leg: LegId,
        to: &Endpoint,
        caller: &PhoneNumber,
        auto_answer: bool,
        now: Timestamp,
    ) {
        let channel = format!("{}-{leg}", self.config.instance);
        if !self.ledger.order(leg, &channel) {
            return;
        }
        let Some(target) = self.target(to) else {
            return self.leg_is_over(leg, Cause::Unreachable, now);
        };
        // A telephone shall not ring a minute late.
        if !matches!(self.link, Link::Up) {
            return self.leg_is_over(leg, Cause::ServiceUnavailable, now);
        }
        let mut variables = vec![
            format!("origination_uuid={channel}"),
            format!("cti_leg={leg}"),
            format!("originate_timeout={RING_LIMIT}"),
            "ignore_early_media=true".to_owned(),
            "park_after_bridge=true".to_owned(),
            "hangup_after_bridge=false".to_owned(),
        ];
        if caller.is_withheld() {
            variables.push("origination_privacy=hide_name:hide_number".to_owned());
        } else {
            let number = caller.reveal();
            variables.push(format!("origination_caller_id_number={number}"));
            variables.push(format!("origination_caller_id_name={number}"));
        }
        if auto_answer {
            variables.push("sip_auto_answer=true".to_owned());
        }
        let variables = variables.join(",");
        let text =
            format!("bgapi originate {{{variables}}}{target} &park()\nJob-UUID: {channel}\n\n");
        self.send(text, Awaited::Dial(leg));
    }

    fn target(&self, to: &Endpoint) -> Option<String> {
        match to {
            Endpoint::Device(device) => {
                let known = self.config.devices.iter().find(|it| it.device == *device)?;
                Some(format!("user/{}@{}", known.account, self.config.domain))
            }
            Endpoint::Outside { trunk, number } => {
                let known = self.config.trunks.iter().find(|it| it.trunk == *trunk)?;
                Some(format!("sofia/gateway/{}/{}", known.gateway, number.reveal()))
            }
        }
    }

    fn hang_up(&mut self, leg: LegId, why: Cause) {
        let Some(known) = self.ledger.leg_mut(leg) else { return };
        if known.ending.replace(why).is_some() {
            return;
        }
        self.on_channel(leg, "uuid_kill", cause::name(why));
    }

    /// Says again that a leg shall end, which could not be ended when it was said.
    pub(super) fn hang_up_late(&mut self, leg: LegId) {
        if let Some(why) = self.ledger.leg(leg).and_then(|leg| leg.ending) {
            self.on_channel(leg, "uuid_kill", cause::name(why));
        }
    }
}
