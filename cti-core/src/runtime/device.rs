//! A device of the centre, and what its user can do with calls; the names are those of ECMA-269, clause 17.

use super::handle::{Handle, Stopped};
use crate::{
    call::Call,
    center::Center,
    command::{Command, CommandError, Reply, Service},
    device::{DeviceState, StandingLeg},
    event::DeviceFeature,
    flow::CallData,
    id::{CallId, DeviceId, LegId},
    role::Role,
    target::{PartyRef, Target},
};

/// A device of the centre; see [`Handle::device`]. Cloning is cheap.
///
/// Every method sends one command and waits until it is durable; giving up waiting is safe. What comes of it is told by
/// events. All of them are refused with a [`CommandError`] that says which rule stands against it.
#[derive(Clone, Debug)]
pub struct Device {
    handle: Handle,
    device: DeviceId,
}

impl Device {
    pub(super) fn new(handle: Handle, device: DeviceId) -> Self {
        Self { handle, device }
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &DeviceId {
        &self.device
    }

    /// Returns the calls that the device takes part in, rings for or dials, in the order they came.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn calls(&self) -> Result<Vec<Call>, Stopped> {
        let device = self.device.clone();
        let look = move |center: &Center| {
            center.calls().filter(|call| call.engages(&device)).cloned().collect()
        };
        self.handle.inspect(look).await
    }

    /// Make Call: this device rings, or answers by itself, and then `to` is called.
    ///
    /// # Errors
    /// When the device is engaged or out of service, or `to` leads nowhere.
    pub async fn make_call(&self, to: Target) -> Result<CallId, CommandError> {
        self.begins(Service::MakeCall {
            from: self.id().clone(),
            to: Some(to),
            data: CallData::new(),
        })
        .await
    }

    /// Make Call with data that travels with the call.
    ///
    /// # Errors
    /// As [`make_call`](Self::make_call).
    pub async fn make_call_with(&self, to: Target, data: CallData) -> Result<CallId, CommandError> {
        self.begins(Service::MakeCall { from: self.id().clone(), to: Some(to), data }).await
    }

    /// Answer Call: the device that rings is asked to answer by itself.
    ///
    /// # Errors
    /// When it does not ring for this call.
    pub async fn answer_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::AnswerCall { call, device: Some(self.id().clone()) }).await
    }

    /// Deflect Call: what rings goes elsewhere.
    ///
    /// # Errors
    /// When the call does not ring, or `to` leads nowhere.
    pub async fn deflect_call(&self, call: CallId, to: Target) -> Result<(), CommandError> {
        self.done(Service::DeflectCall { call, to }).await
    }

    /// Directed Pickup Call: what rings elsewhere rings here (代接).
    ///
    /// # Errors
    /// When the call does not ring, or this device is engaged.
    pub async fn directed_pickup_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::DirectedPickup { call, device: self.id().clone() }).await
    }

    /// Group Pickup Call: what has rung longest in the group of this device rings here.
    ///
    /// # Errors
    /// When nothing rings there, or this device is engaged.
    pub async fn group_pickup_call(&self) -> Result<CallId, CommandError> {
        self.begins(Service::GroupPickup { device: self.id().clone() }).await
    }

    /// Hold Call.
    ///
    /// # Errors
    /// When the device is not connected in this call.
    pub async fn hold_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::HoldCall { call, party: self.party() }).await
    }

    /// Retrieve Call.
    ///
    /// # Errors
    /// When the device does not hold this call.
    pub async fn retrieve_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::RetrieveCall { call, party: self.party() }).await
    }

    /// Consultation Call: the call is held, and a new one asks `to`.
    ///
    /// # Errors
    /// When the device is not connected in this call, or `to` cannot be reached.
    pub async fn consultation_call(
        &self,
        call: CallId,
        to: Target,
    ) -> Result<CallId, CommandError> {
        self.begins(Service::ConsultationCall { call, party: self.party(), to }).await
    }

    /// Alternate Call: the held call is taken up, the active one held.
    ///
    /// # Errors
    /// When the device does not hold the one or is not connected in the other.
    pub async fn alternate_call(&self, held: CallId, active: CallId) -> Result<(), CommandError> {
        self.done(Service::AlternateCall { held, active, party: self.party() }).await
    }

    /// Reconnect Call: the active call is left, the held one taken up.
    ///
    /// # Errors
    /// As [`alternate_call`](Self::alternate_call).
    pub async fn reconnect_call(&self, held: CallId, active: CallId) -> Result<(), CommandError> {
        self.done(Service::ReconnectCall { held, active, party: self.party() }).await
    }

    /// Transfer Call: those of both calls talk with each other, this device leaves.
    ///
    /// # Errors
    /// As [`alternate_call`](Self::alternate_call).
    pub async fn transfer_call(&self, held: CallId, active: CallId) -> Result<(), CommandError> {
        self.done(Service::TransferCall { held, active, party: self.party() }).await
    }

    /// Conference Call: the parties of both calls talk in one.
    ///
    /// # Errors
    /// As [`alternate_call`](Self::alternate_call), and when it becomes too large.
    pub async fn conference_call(&self, held: CallId, active: CallId) -> Result<(), CommandError> {
        self.done(Service::ConferenceCall { held, active, party: self.party() }).await
    }

    /// Single Step Transfer Call: the other party goes to `to`, this device leaves at once.
    ///
    /// # Errors
    /// When the device is not in the call, or `to` leads nowhere.
    pub async fn single_step_transfer_call(
        &self,
        call: CallId,
        to: Target,
    ) -> Result<(), CommandError> {
        self.done(Service::SingleStepTransfer { call, party: self.party(), to }).await
    }

    /// Single Step Conference Call: `to` is brought in, to hear and speak as `role` says.
    ///
    /// # Errors
    /// When `to` cannot be reached, or the call has as many parties as it may.
    pub async fn single_step_conference_call(
        &self,
        call: CallId,
        to: Target,
        role: Role,
    ) -> Result<LegId, CommandError> {
        self.brings_in(Service::SingleStepConference { call, to, role }).await
    }

    /// Park Call: the other party waits at the device `at`.
    ///
    /// # Errors
    /// When another call is parked there.
    pub async fn park_call(&self, call: CallId, at: DeviceId) -> Result<(), CommandError> {
        self.done(Service::ParkCall { call, party: self.party(), at }).await
    }

    /// Unpark Call: the call that waits at `at` rings here.
    ///
    /// # Errors
    /// When nothing is parked there, or this device is engaged.
    pub async fn unpark_call(&self, at: DeviceId) -> Result<CallId, CommandError> {
        self.begins(Service::Unpark { at, device: self.id().clone() }).await
    }

    /// Camp On Call: the call waits until `on` is free.
    ///
    /// # Errors
    /// When `on` is free already, or unknown.
    pub async fn camp_on_call(&self, call: CallId, on: DeviceId) -> Result<(), CommandError> {
        self.done(Service::CampOnCall { call, party: self.party(), on }).await
    }

    /// Call Back: when `to` is free, this device is rung and then `to`.
    ///
    /// # Errors
    /// When there is no such device.
    pub async fn call_back_call(&self, to: DeviceId) -> Result<(), CommandError> {
        self.done(Service::CallBackCall { from: self.id().clone(), to }).await
    }

    /// Cancel Call Back.
    ///
    /// # Errors
    /// When it was not asked for.
    pub async fn cancel_call_back(&self, to: DeviceId) -> Result<(), CommandError> {
        self.done(Service::CancelCallBack { from: self.id().clone(), to }).await
    }

    /// Intrude Call: this device joins the call of a busy one.
    ///
    /// # Errors
    /// When the call is no talk.
    pub async fn intrude_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::IntrudeCall { call, device: self.id().clone() }).await
    }

    /// Join Call: this device takes part in a call on a line that it shares.
    ///
    /// # Errors
    /// When the call is no talk, or not on a line of this device.
    pub async fn join_call(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::JoinCall { call, device: self.id().clone() }).await
    }

    /// Clear Connection: this device leaves the call.
    ///
    /// # Errors
    /// When it is not in the call.
    pub async fn clear_connection(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::ClearConnection { call, party: self.party() }).await
    }

    /// Takes back the party whom this device has transferred (接回).
    ///
    /// # Errors
    /// When the call was not transferred from here, or this device is engaged.
    pub async fn take_back(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::TakeBack { call, device: self.id().clone() }).await
    }

    /// Hears a call unheard (监听).
    ///
    /// # Errors
    /// When the call is no talk, or this device is engaged.
    pub async fn silent_monitor(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::SilentMonitor { call, device: self.id().clone() }).await
    }

    /// Hears a call and is heard by one party alone (密语).
    ///
    /// # Errors
    /// As [`silent_monitor`](Self::silent_monitor), and when `to` is not in the call.
    pub async fn whisper(&self, call: CallId, to: PartyRef) -> Result<(), CommandError> {
        self.done(Service::Whisper { call, device: self.id().clone(), to }).await
    }

    /// Joins a call unasked (强插).
    ///
    /// # Errors
    /// As [`silent_monitor`](Self::silent_monitor).
    pub async fn barge(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::Barge { call, device: self.id().clone() }).await
    }

    /// Takes the served party over from another one, who is released (强接, 拦截).
    ///
    /// # Errors
    /// As [`silent_monitor`](Self::silent_monitor), and when `from` is not in the call.
    pub async fn take_over(&self, call: CallId, from: PartyRef) -> Result<(), CommandError> {
        self.done(Service::TakeOver { call, device: self.id().clone(), from }).await
    }

    /// Asks to speak in a conference that the device may only hear (申请发言).
    ///
    /// # Errors
    /// When it may speak already, or may not ask.
    pub async fn ask_for_the_floor(&self, call: CallId) -> Result<(), CommandError> {
        self.done(Service::AskFloor { call, party: self.party() }).await
    }

    /// Mutes the device for the others of a call, or lets it be heard again.
    ///
    /// # Errors
    /// When it is not in the call.
    pub async fn mute(&self, call: CallId, on: bool) -> Result<(), CommandError> {
        self.done(Service::Mute { call, party: self.party(), on }).await
    }

    /// Switches a feature of the device.
    ///
    /// # Errors
    /// When there is no such device, or the value is out of its range.
    pub async fn set_feature(&self, feature: DeviceFeature) -> Result<(), CommandError> {
        let device = self.id().clone();
        self.handle.request(Command::SetFeature { device, feature }).await.map(|_| ())
    }

    /// Returns how the features of the device stand.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn features(&self) -> Result<DeviceState, Stopped> {
        let device = self.device.clone();
        let look = move |center: &Center| center.device(&device).cloned().unwrap_or_default();
        self.handle.inspect(look).await
    }

    /// Returns the leg that stands to the device while it is constantly off hook.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn standing_leg(&self) -> Result<Option<StandingLeg>, Stopped> {
        let device = self.device.clone();
        self.handle.inspect(move |center: &Center| center.standing_leg(&device).copied()).await
    }

    fn party(&self) -> PartyRef {
        PartyRef::Device(self.device.clone())
    }

    async fn done(&self, service: Service) -> Result<(), CommandError> {
        self.handle.request(Command::Call(service)).await.map(|_| ())
    }

    async fn begins(&self, service: Service) -> Result<CallId, CommandError> {
        let name = service.name();
        let reply = self.handle.request(Command::Call(service)).await?;
        let Reply::Call(call) = reply else {
            unreachable!("{name} is answered by its call, not {reply:?}")
        };
        Ok(call)
    }

    async fn brings_in(&self, service: Service) -> Result<LegId, CommandError> {
        let name = service.name();
        let reply = self.handle.request(Command::Call(service)).await?;
        let Reply::Leg(leg) = reply else {
            unreachable!("{name} is answered by its leg, not {reply:?}")
        };
        Ok(leg)
    }
}
