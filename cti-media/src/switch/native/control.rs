//! What the administrator sees and does while the switch belongs to the runtime.

use std::net::SocketAddr;

use crate::{
    engine::MediaHandle,
    sip::{BindingRecord, CommandError, GatewayStatus, SipHandle, SipStats, Transport},
};

/// Draining, gauges and registrations of a running switch; cheap to clone.
#[derive(Clone, Debug)]
pub struct NativeControl {
    sip: SipHandle,
    media: MediaHandle,
}

impl NativeControl {
    pub(super) fn new(sip: SipHandle, media: MediaHandle) -> Self {
        Self { sip, media }
    }

    /// Refuses new calls with 503 (`true`) or takes them again (`false`); live calls go on.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub fn drain(&self, draining: bool) -> Result<(), CommandError> {
        self.sip.drain(draining)
    }

    /// Returns the registrations, for [`SipConfig::restore`](crate::sip::SipConfig::restore).
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub async fn bindings(&self) -> Result<Vec<BindingRecord>, CommandError> {
        self.sip.bindings().await
    }

    /// Returns how the gateways of trunks are.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub async fn gateways(&self) -> Result<Vec<GatewayStatus>, CommandError> {
        self.sip.gateways().await
    }

    /// Returns the SIP addresses really bound.
    #[must_use]
    pub fn addresses(&self) -> &[(Transport, SocketAddr)] {
        self.sip.addresses()
    }

    /// Returns the gauges and counters of signalling.
    #[must_use]
    pub fn sip_stats(&self) -> &SipStats {
        self.sip.stats()
    }

    /// Returns the number of open media legs.
    #[must_use]
    pub fn live_legs(&self) -> u64 {
        self.media.live_legs()
    }

    /// Returns the number of open media sockets.
    #[must_use]
    pub fn live_sockets(&self) -> u64 {
        self.media.live_sockets()
    }

    /// Returns the SIP endpoint, for what the Center does not ask for (WebSockets that an HTTP server accepted).
    #[must_use]
    pub fn sip(&self) -> &SipHandle {
        &self.sip
    }

    /// Returns the media engine, for what the Center does not ask for (pausing a recording).
    #[must_use]
    pub fn media(&self) -> &MediaHandle {
        &self.media
    }
}
