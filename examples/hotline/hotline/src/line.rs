//! The switch that the centre was started with, as an administrator sees it while it runs.

use std::time::Duration;

use cti_media::{
    sip::GatewayStatus,
    switch::{native::NativeControl, remote::RemoteControl},
};

use crate::modules::Membership;

/// How often the connection is looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// The control of whichever switch carries the calls; cheap to clone.
#[derive(Clone, Debug)]
pub enum Line {
    /// The built-in switch.
    Native(NativeControl),
    /// A switch at the other end of a wire.
    Remote(RemoteControl),
}

impl Line {
    /// Returns the built-in switch, if it is that one.
    #[must_use]
    pub fn native(&self) -> Option<&NativeControl> {
        match self {
            Self::Native(control) => Some(control),
            Self::Remote(_) => None,
        }
    }

    /// Refuses new calls at the door; another switch learns of it call by call from the Center.
    pub fn drain(&self) {
        if let Self::Native(control) = self {
            let _ = control.drain(true);
        }
    }

    /// Returns the number of legs that have not ended.
    #[must_use]
    pub fn live_legs(&self) -> u64 {
        match self {
            Self::Native(control) => control.live_legs(),
            Self::Remote(control) => control.live_legs(),
        }
    }

    /// Returns how the gateways of trunks are; another switch knows that itself.
    pub async fn gateways(&self) -> Vec<GatewayStatus> {
        match self {
            Self::Native(control) => control.gateways().await.unwrap_or_default(),
            Self::Remote(_) => Vec::new(),
        }
    }

    /// Returns why no call can be carried, if none can.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        match self {
            Self::Native(_) => None,
            Self::Remote(control) if control.is_connected() => None,
            Self::Remote(_) => Some("switch: there is no connection"),
        }
    }
}

/// Tells whether the switch can be reached, for as long as the program runs.
pub async fn watch(line: Line, module: Membership) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        module.tell(line.trouble().map(str::to_owned));
    }
}
