//! What all switches at the other end of a wire have in common: their devices, their trunks, how they are.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use cti_core::id::{DeviceId, TrunkId};

/// A device and the account that it registers with at the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteDevice {
    /// The device, as the Center knows it.
    pub device: DeviceId,
    /// Its account at the switch.
    pub account: String,
}

/// A trunk and what the switch calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteTrunk {
    /// The trunk, as the Center knows it.
    pub trunk: TrunkId,
    /// The gateway or endpoint of the switch that leads to it.
    pub gateway: String,
}

/// A secret that the switch asks for; it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// How the connection to a switch is; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RemoteControl {
    inner: Arc<Gauges>,
}

#[derive(Debug, Default)]
struct Gauges {
    connected: AtomicBool,
    connections: AtomicU64,
    legs: AtomicU64,
}

impl RemoteControl {
    /// Returns whether the switch is connected and what it carries is known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.inner.connected.load(Ordering::Relaxed)
    }

    /// Returns how often a connection was made.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.inner.connections.load(Ordering::Relaxed)
    }

    /// Returns the number of legs that have not ended.
    #[must_use]
    pub fn live_legs(&self) -> u64 {
        self.inner.legs.load(Ordering::Relaxed)
    }

    pub(super) fn set_connected(&self, connected: bool) {
        let before = self.inner.connected.swap(connected, Ordering::Relaxed);
        if connected && !before {
            self.inner.connections.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn set_legs(&self, legs: usize) {
        self.inner.legs.store(legs as u64, Ordering::Relaxed);
    }
}

/// Whether a text can stand in a command of a switch without being read as anything else.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.+*#@:/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("ClueCon")), "<secret>");
    }

    #[test]
    fn what_a_switch_reads_as_a_sign_is_not_plain() {
        assert!(is_plain("sofia/gateway/市话+8.6*#"));
        for text in ["", "a b", "a,b", "{a}", "a\nb", "a'b", "a!b", "a|b", "a&b"] {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
