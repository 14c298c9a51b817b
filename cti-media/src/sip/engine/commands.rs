//! What the handle asks for.

use std::time::Duration;

use crate::sip::{
    DialogKey, EndCause,
    engine::{Engine, Output, client::CancelFor, dialog::Phase},
    handle::Command,
};

impl Engine {
    pub(crate) fn on_command(&mut self, now: Duration, command: Command) {
        match command {
            Command::Ring { dialog } => self.provisional(now, dialog, 180, None),
            Command::Progress { dialog, sdp } => self.provisional(now, dialog, 183, Some(&sdp)),
            Command::Answer { dialog, sdp } => self.answer(now, dialog, &sdp),
            Command::Reject { dialog, status, reason, retry_after } => {
                let status = if (300..700).contains(&status) { status } else { 500 };
                let extra = retry_after.map(|s| format!("Retry-After: {s}\r\n"));
                let extra = extra.unwrap_or_default();
                self.reject(now, dialog, status, &reason, &extra, EndCause::Rejected);
            }
            Command::Dial(dial) => self.dial(now, *dial),
            Command::Hangup { dialog } => self.hangup(now, dialog, CancelFor::TakenBack),
            Command::HangupAnsweredElsewhere { dialog } => {
                self.hangup(now, dialog, CancelFor::AnsweredElsewhere);
            }
            Command::AnswerReinvite { dialog, sdp } => self.answer_reinvite(now, dialog, &sdp),
            Command::RejectReinvite { dialog, status } => {
                self.reject_reinvite(now, dialog, status);
            }
            Command::Reinvite { dialog, sdp } => self.reinvite(now, dialog, &sdp),
            Command::InfoDigit { dialog, digit, duration_ms } => {
                self.send_info_digit(now, dialog, digit, duration_ms);
            }
            Command::AskToAnswer { dialog } => self.ask_to_answer(now, dialog),
            Command::AnswerReference { dialog, status } => {
                self.answer_reference(now, dialog, status);
            }
            Command::IndicateMessages { account, count } => {
                self.indicate_messages(now, account, count);
            }
            Command::Drain(draining) => self.draining = draining,
            // Nobody waits any more if the receiver is gone.
            Command::Bindings(reply) => drop(reply.send(self.binding_records())),
            Command::Gateways(reply) => drop(reply.send(self.gateway_statuses())),
            Command::Stop => self.outputs.push_back(Output::Stop),
        }
    }

    fn hangup(&mut self, now: Duration, key: DialogKey, why: CancelFor) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        tracing::info!(call_id = %dialog.call_id, dialog = %key, "Hanging up");
        match dialog.phase {
            Phase::Incoming { .. } => {
                self.reject(now, key, 480, "", "", EndCause::HungUp);
            }
            Phase::Calling { .. } => self.abandon(now, key, why),
            Phase::Confirmed => {
                // The call was released because it goes where the telephone sent it.
                self.answer_reference(now, key, 200);
                self.close_dialog(now, key);
                self.emit_end(key, EndCause::HungUp);
            }
            Phase::Closing => {}
        }
    }
}
