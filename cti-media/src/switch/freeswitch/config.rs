//! What the adapter is told at its start.

use std::path::PathBuf;

use cti_core::id::LegId;

use crate::switch::remote::{RemoteDevice, RemoteTrunk, Secret, is_plain};

/// Settings of a [`FreeSwitch`](super::FreeSwitch).
#[derive(Clone, Debug)]
pub struct FreeSwitchConfig {
    /// Where the event socket is, `host:port`.
    pub address: String,
    /// Its password.
    pub password: Secret,
    /// The name of this centre at the switch, which the names of its channels begin with; letters and digits.
    pub instance: String,
    /// The domain that devices register with.
    pub domain: String,
    /// The folder of prompts, as the switch sees it.
    pub prompts: String,
    /// The set of prompts below it that callers hear; prompts without a folder are taken from it.
    pub set: String,
    /// The folder of recordings, as this program sees it.
    pub recordings: PathBuf,
    /// The same folder, as the switch sees it.
    pub recordings_there: String,
    /// The time zone whose days name the folders of recordings, for example `Asia/Shanghai`.
    pub time_zone: String,
    /// The profile of conferences, which must be without announcements.
    pub conference_profile: String,
    /// Incoming legs are numbered from here on, by odd numbers.
    pub first_leg: LegId,
    /// The devices of the centre.
    pub devices: Vec<RemoteDevice>,
    /// The trunks for calls to the outside.
    pub trunks: Vec<RemoteTrunk>,
}

/// Why the adapter did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting holds what a command of the switch cannot hold.
    #[error("{field}: {value:?} is empty or holds a sign that a command of the switch cannot hold")]
    NotPlain {
        /// Which setting.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// The password is empty or holds a line end.
    #[error("password: is empty or holds a line end")]
    Password,
    /// The folder of recordings or the time zone cannot be used.
    #[error(transparent)]
    Recordings(#[from] crate::switch::native::StartError),
}

impl FreeSwitchConfig {
    /// Checks that the settings can stand in commands.
    ///
    /// # Errors
    /// Names the setting that cannot.
    pub fn check(&self) -> Result<(), StartError> {
        let password = self.password.reveal();
        if password.is_empty() || password.contains(['\n', '\r']) {
            return Err(StartError::Password);
        }
        let plain = [
            ("instance", &self.instance),
            ("domain", &self.domain),
            ("prompts", &self.prompts),
            ("set", &self.set),
            ("recordings", &self.recordings_there),
            ("conference_profile", &self.conference_profile),
        ];
        let accounts = self.devices.iter().map(|it| ("devices.account", &it.account));
        let gateways = self.trunks.iter().map(|it| ("trunks.gateway", &it.gateway));
        for (field, value) in plain.into_iter().chain(accounts).chain(gateways) {
            if !is_plain(value) {
                return Err(StartError::NotPlain { field, value: value.clone() });
            }
        }
        Ok(())
    }
}
