//! The built-in switch: our own SIP endpoint and media engine behind the seam of the Center.
//!
//! ```text
//!              execute ┌────────────────┐ commands ──▶ SipHandle    dialogs
//!   Center ───────────▶│  NativeSwitch  │ commands ──▶ MediaHandle  RTP legs
//!          ◀───────────│ leg ↔ dialog   │ ◀── SipEvent, MediaEvent
//!              report  └────────────────┘
//! ```
//!
//! A leg's number is the key of its media leg; its dialog has a key of its own. A leg that ends first
//! gives up its dialog and its media, then, when the media engine has said its last word about it,
//! [`SwitchReport::LegEnded`] is reported: so the ends of its plays always come before.

mod answer;
mod cause;
mod config;
mod control;
mod devices;
mod earlier;
mod execute;
mod joining;
mod leg;
mod listening;
mod media;
pub(in crate::switch) mod recordings;
mod said;
mod signalling;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use async_trait::async_trait;
use cti_core::{
    id::{CallId, LegId},
    switch::{Hearing, Switch, SwitchCommand, SwitchReport},
};
use tokio::sync::mpsc;

pub use self::{
    config::{DeviceConfig, NativeConfig, StartError, TrunkConfig},
    control::NativeControl,
};
use self::{
    devices::Devices, earlier::Earlier, leg::Leg, listening::Listeners, recordings::Recordings,
    said::Speaker,
};
use crate::{
    engine::{ListenerId, MediaEngine, MediaEvent, MediaHandle},
    play::ClipLibrary,
    sip::{Accounts, DialogKey, SipEndpoint, SipEvent, SipHandle},
};

/// Events of the media engine that may wait.
const MEDIA_EVENTS: usize = 8192;

/// The switch; give it to the runtime of the Center.
#[derive(Debug)]
pub struct NativeSwitch {
    sip: SipHandle,
    sip_events: mpsc::Receiver<SipEvent>,
    media: MediaHandle,
    media_events: mpsc::Receiver<MediaEvent>,
    /// Ends the media threads when the switch goes.
    _engine: MediaEngine,
    trunks: Vec<TrunkConfig>,
    /// The media listener of each SIP listener.
    sides: Vec<ListenerId>,
    devices: Devices,
    recordings: Recordings,
    earlier: Earlier,
    speaker: Speaker,
    listeners: Listeners,
    next_incoming: LegId,
    legs: BTreeMap<LegId, Leg>,
    dialogs: HashMap<DialogKey, LegId>,
    /// Who hears whom, by mix.
    mixes: BTreeMap<CallId, Vec<Hearing>>,
    /// Dialogs to be given up again, because the endpoint had no room for the command.
    unsaid: VecDeque<DialogKey>,
    reports: VecDeque<SwitchReport>,
}

impl NativeSwitch {
    /// Opens the SIP listeners and starts the media engine.
    ///
    /// # Errors
    ///
    /// Names the listener or the media setting that cannot be used.
    pub async fn start(
        config: NativeConfig,
        accounts: Arc<dyn Accounts>,
        clips: Arc<ClipLibrary>,
    ) -> Result<(Self, NativeControl), StartError> {
        let recordings = Recordings::new(
            config.recordings,
            &config.time_zone,
            config.media.recording_key.clone(),
        )?
        .keep_free(config.keep_free);
        let folder = recordings.root().to_owned();
        let earlier = Earlier::start(recordings.clone())
            .map_err(|reason| StartError::Recordings { folder, reason })?;
        let (events, media_events) = mpsc::channel(MEDIA_EVENTS);
        let engine = MediaEngine::start(config.media, clips, move |event| {
            events.try_send(event).map_err(mpsc::error::TrySendError::into_inner)
        })?;
        let (sip, sip_events) = SipEndpoint::start(config.sip, accounts).await?;
        let media = engine.handle();
        let control = NativeControl::new(sip.clone(), media.clone());
        let mut switch = Self {
            sip,
            sip_events,
            media,
            media_events,
            _engine: engine,
            trunks: config.trunks,
            sides: config.sides,
            devices: Devices::new(config.devices),
            recordings,
            earlier,
            speaker: Speaker::default(),
            listeners: Listeners::default(),
            // Incoming legs have odd numbers.
            next_incoming: LegId(config.first_leg.0 | 1),
            legs: BTreeMap::new(),
            dialogs: HashMap::new(),
            mixes: BTreeMap::new(),
            unsaid: VecDeque::new(),
            reports: VecDeque::new(),
        };
        switch.reports.extend(switch.devices.always_in_service());
        Ok((switch, control))
    }

    fn report_later(&mut self, report: SwitchReport) {
        self.reports.push_back(report);
    }
}

#[async_trait]
impl Switch for NativeSwitch {
    fn execute(&mut self, command: SwitchCommand) {
        self.carry_out(command);
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        loop {
            if let Some(report) = self.reports.pop_front() {
                return Some(report);
            }
            self.say_again();
            tokio::select! {
                event = self.sip_events.recv() => self.on_sip(event?),
                event = self.media_events.recv() => self.on_media(event?),
                Some(read) = self.earlier.next() => self.on_read(read),
                said = self.speaker.next() => self.on_said(said),
                Some(told) = self.listeners.next() => self.on_heard(told),
            }
        }
    }
}
