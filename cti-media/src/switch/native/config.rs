//! What the switch is told at its start.

use std::path::PathBuf;

use cti_core::id::{DeviceId, LegId, TrunkId};

use crate::{
    engine::{self, ListenerId, MediaConfig},
    sip::{self, SipConfig},
};

/// Settings of a [`NativeSwitch`](super::NativeSwitch).
#[derive(Clone, Debug)]
pub struct NativeConfig {
    /// Signalling. The name of a trusted peer is the name of the trunk its calls are reported with.
    pub sip: SipConfig,
    /// Media.
    pub media: MediaConfig,
    /// Which media listener belongs to each SIP listener, in the order of these: voice uses the network that the
    /// call came by. The first media listener, where it names none.
    pub sides: Vec<ListenerId>,
    /// The folder recordings are written below.
    pub recordings: PathBuf,
    /// How many bytes must be free there when a recording begins; with less it fails, and others than recordings keep
    /// their room.
    pub keep_free: u64,
    /// The time zone whose days name the folders of recordings, for example `Asia/Shanghai`.
    pub time_zone: String,
    /// Incoming legs are numbered from here on, by odd numbers
    /// (see `cti_core::center::Center::first_switch_leg`).
    pub first_leg: LegId,
    /// The devices of the centre and how they are reached.
    pub devices: Vec<DeviceConfig>,
    /// The trunks for calls to the outside.
    pub trunks: Vec<TrunkConfig>,
}

/// A device and its SIP account; the two are different things that an administrator ties together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceConfig {
    /// The device, as the Center knows it.
    pub device: DeviceId,
    /// The SIP account it registers with.
    pub account: String,
    /// The SIP URI of a device that does not register; it is always in service.
    pub contact: Option<String>,
    /// Whether its voice must be protected by SRTP; a call without is refused.
    pub srtp: bool,
}

impl DeviceConfig {
    /// Returns a device that registers with an account.
    #[must_use]
    pub fn registering(device: DeviceId, account: &str) -> Self {
        Self { device, account: account.to_owned(), contact: None, srtp: false }
    }
}

/// A trunk for calls to the outside; its gateways are those of [`SipConfig::gateways`] with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkConfig {
    /// The trunk, as the Center knows it.
    pub trunk: TrunkId,
    /// The SIP listener that its calls go out from, as its place in the configuration.
    pub listener: usize,
    /// Whether voice must be protected by SRTP on it; calls without are refused both ways.
    pub srtp: bool,
}

/// Why a switch did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The SIP endpoint did not start.
    #[error(transparent)]
    Sip(#[from] sip::StartError),
    /// The media engine did not start.
    #[error(transparent)]
    Media(#[from] engine::StartError),
    /// The time zone is not known.
    #[error("time_zone {name:?} is not known")]
    TimeZone {
        /// What was configured.
        name: String,
    },
    /// The folder for recordings cannot be made.
    #[error("recordings {folder}: {reason}", folder = folder.display())]
    Recordings {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
}
