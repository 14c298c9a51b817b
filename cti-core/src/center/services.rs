//! Which file serves which service: one each.

mod accept_call;
mod alternate_call;
mod answer_call;
mod ask_floor;
mod associate_data;
mod barge;
mod call_back;
mod camp_on_call;
mod clear_call;
mod clear_connection;
mod collect_digits;
mod conference_call;
mod consultation_call;
mod deflect_call;
mod dial_digits;
mod directed_pickup;
mod generate_digits;
mod group_pickup;
mod hold_call;
mod intrude_call;
mod join_call;
mod make_call;
mod make_predictive_call;
mod mute;
mod park_call;
mod pause_recording;
mod play_message;
mod reconnect_call;
mod record;
mod requeue;
mod retrieve_call;
mod route_select;
mod send_user_information;
mod set_role;
mod silent_monitor;
mod single_step_conference;
mod single_step_transfer;
mod take_back;
mod take_over;
mod transfer_call;
mod whisper;

use super::{Answer, Center};
use crate::command::Service;

impl Center {
    pub(super) fn serve(&mut self, service: Service) -> Answer {
        match service {
            Service::MakeCall { from, to, data } => self.make_call(&from, to, data),
            Service::MakePredictiveCall { to, then, ring_for, data } => {
                self.make_predictive_call(&to, then, ring_for, data)
            }
            Service::DialDigits { call, digits } => self.dial_digits(call, digits),

            Service::AcceptCall { call } => self.accept_call(call),
            Service::AnswerCall { call, device } => self.answer_call(call, device.as_ref()),
            Service::DeflectCall { call, to } => self.deflect(call, &to),
            Service::DirectedPickup { call, device } => self.directed_pickup(call, &device),
            Service::GroupPickup { device } => self.group_pickup(&device),
            Service::RouteSelect { call, to, priority, needs } => {
                self.route_select(call, &to, priority, needs)
            }

            Service::HoldCall { call, party } => self.hold_call(call, &party),
            Service::RetrieveCall { call, party } => self.retrieve_call(call, &party),
            Service::ConsultationCall { call, party, to } => self.consult(call, &party, &to),
            Service::AlternateCall { held, active, party } => self.alternate(held, active, &party),
            Service::ReconnectCall { held, active, party } => self.reconnect(held, active, &party),
            Service::TransferCall { held, active, party } => self.transfer(held, active, &party),
            Service::ConferenceCall { held, active, party } => {
                self.conference(held, active, &party)
            }
            Service::SingleStepTransfer { call, party, to } => {
                self.single_step_transfer(call, &party, &to)
            }
            Service::SingleStepConference { call, to, role } => {
                self.single_step_conference(call, &to, role)
            }
            Service::ParkCall { call, party, at } => self.park(call, &party, &at),
            Service::Unpark { at, device } => self.unpark(&at, &device),
            Service::CampOnCall { call, party, on } => self.camp_on(call, &party, &on),
            Service::CallBackCall { from, to } => self.call_back_when_free(&from, &to),
            Service::CancelCallBack { from, to } => self.cancel_call_back(&from, &to),
            Service::IntrudeCall { call, device } => self.intrude(call, &device),
            Service::JoinCall { call, device } => self.join_call(call, &device),
            Service::ClearConnection { call, party } => self.clear_connection(call, &party),
            Service::TakeBack { call, device } => self.take_back(call, &device),

            Service::SilentMonitor { call, device } => self.silent_monitor(call, &device),
            Service::Whisper { call, device, to } => self.whisper(call, &device, &to),
            Service::Barge { call, device } => self.barge(call, &device),
            Service::TakeOver { call, device, from } => self.take_over(call, &device, &from),

            Service::SetRole { call, party, role } => self.set_role(call, &party, role),
            Service::AskFloor { call, party } => self.ask_floor(call, &party),
            Service::Mute { call, party, on } => self.mute(call, &party, on),
            Service::PlayMessage { call, party, clips, looped } => {
                self.play_message(call, &party, clips, looped)
            }
            Service::CollectDigits { call, party, collect } => {
                self.collect_digits(call, &party, collect)
            }
            Service::GenerateDigits { call, to, digits } => {
                self.generate_digits(call, &to, &digits)
            }
            Service::AssociateData { call, data, based_on } => {
                self.associate_data(call, data, based_on)
            }
            Service::SendUserInformation { call, from, text } => {
                self.send_user_information(call, from.as_ref(), text)
            }
            Service::Record { call, on } => self.record_on_demand(call, on),
            Service::PauseRecording { call, reason, by } => self.pause_recording(call, reason, by),
            Service::ResumeRecording { call, by } => self.resume_recording(call, by),
            Service::Requeue { call, party, queue, needs, agent } => {
                self.requeue(call, &party, queue, needs, agent)
            }
        }
    }
}
