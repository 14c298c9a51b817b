//! How the engine is set up.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use cti_core::seal::Key;

/// Settings of a [`MediaEngine`](super::MediaEngine).
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Number of worker threads; `None` takes one for every two cores, at least one.
    pub workers: Option<usize>,
    /// Where media is sent and received; at least one. A leg names one by [`ListenerId`].
    pub listeners: Vec<Listener>,
    /// RTP packets per second that are accepted from one peer; more are dropped and counted.
    pub max_packets_per_second: u32,
    /// Time between two RTCP reports of one leg.
    pub rtcp_interval: Duration,
    /// A leg that receives nothing more for this long, or nothing at all for ten times as long, reports
    /// [`MediaEvent::MediaLost`](super::MediaEvent::MediaLost).
    pub silence_timeout: Duration,
    /// Commands that may wait for one worker before a method says [`CommandError::Overloaded`](super::CommandError::Overloaded).
    pub max_pending_commands: usize,
    /// Events that may wait for a receiver that is full; more are dropped, counted and logged.
    pub max_pending_events: usize,
    /// The key that recordings are sealed with on the disk; without one they lie there as WAV.
    pub recording_key: Option<Key>,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            workers: None,
            listeners: vec![Listener::loopback()],
            max_packets_per_second: 200,
            rtcp_interval: Duration::from_secs(5),
            silence_timeout: Duration::from_secs(60),
            max_pending_commands: 65_536,
            max_pending_events: 65_536,
            recording_key: None,
        }
    }
}

/// One network that media uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Address the sockets are bound to.
    pub bind: IpAddr,
    /// Address peers are told; differs from `bind` behind a static NAT.
    pub advertised: IpAddr,
    /// Ports that may be used; even ones carry RTP, the odd one above it RTCP.
    pub ports: RangeInclusive<u16>,
    /// Whether peers may sit behind NAT: a peer that announced a private address may then be
    /// learned from three packets in a row from one source (see `docs/standards/rtp.md`).
    pub nat: bool,
}

impl Listener {
    /// Returns a listener on 127.0.0.1 with the usual port range 40000–49999.
    #[must_use]
    pub fn loopback() -> Self {
        let address = IpAddr::from([127, 0, 0, 1]);
        Self { bind: address, advertised: address, ports: 40_000..=49_999, nat: false }
    }
}

/// The position of a [`Listener`] in [`MediaConfig::listeners`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(pub usize);

/// The engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration names no listener.
    #[error("media.listeners is empty")]
    NoListener,
    /// A listener's port range holds no even port with an odd one above it.
    #[error("media.listeners[{0}].ports holds no pair of an even and the next odd port")]
    NoPorts(usize),
    /// The media address is not one of this machine's.
    #[error("media.listeners[{index}].bind {address}: {source}")]
    BadAddress {
        /// Position of the listener.
        index: usize,
        /// The address.
        address: IpAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Browsers could not be shown a certificate.
    #[error(transparent)]
    Identity(#[from] crate::webrtc::IdentityError),
    /// The system refused a thread, a poll or random numbers.
    #[error("media worker: {0}")]
    Worker(std::io::Error),
}
