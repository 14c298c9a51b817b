//! Who and what there is: agents, seats, devices, SIP accounts.

use async_trait::async_trait;
use cti_core::{
    config::{AgentConfig, SeatConfig},
    id::DeviceId,
};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;

/// What a telephone proves who it is with; the password itself is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SipAccount {
    /// The user name.
    pub user: String,
    /// The device that the account belongs to.
    pub device: DeviceId,
    /// The realm that the hashes hold for.
    pub realm: String,
    /// MD5 of `user:realm:password` in lower-case hexadecimal (RFC 3261).
    pub ha1_md5: String,
    /// SHA-256 of the same (RFC 8760).
    pub ha1_sha256: String,
}

impl std::fmt::Debug for SipAccount {
    /// Leaves the hashes out: who has them can register.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { user, device, realm, ha1_md5: _, ha1_sha256: _ } = self;
        write!(f, "SipAccount {{ user: {user}, device: {device}, realm: {realm} }}")
    }
}

impl SipAccount {
    /// Returns the account of a device with this password.
    #[must_use]
    pub fn new(user: &str, device: DeviceId, realm: &str, password: &str) -> Self {
        let secret = format!("{user}:{realm}:{password}");
        Self {
            user: user.to_owned(),
            device,
            realm: realm.to_owned(),
            ha1_md5: hex::encode(Md5::digest(secret.as_bytes())),
            ha1_sha256: hex::encode(Sha256::digest(secret.as_bytes())),
        }
    }
}

/// Keeps who and what there is.
#[async_trait]
pub trait DirectoryStore: Send + Sync {
    /// Returns the agents with their announced numbers and queues.
    async fn agents(&self) -> Result<Vec<AgentConfig>, StoreError>;

    /// Returns the seats with their devices.
    async fn seats(&self) -> Result<Vec<SeatConfig>, StoreError>;

    /// Returns the SIP accounts.
    async fn sip_accounts(&self) -> Result<Vec<SipAccount>, StoreError>;

    /// Keeps an agent, replacing one of the same id.
    async fn put_agent(&self, agent: &AgentConfig) -> Result<(), StoreError>;

    /// Keeps a seat and its device.
    async fn put_seat(&self, seat: &SeatConfig) -> Result<(), StoreError>;

    /// Keeps a device that stands at no seat.
    async fn put_device(&self, device: &DeviceId) -> Result<(), StoreError>;

    /// Keeps a SIP account of a known device, replacing one of the same user.
    async fn put_sip_account(&self, account: &SipAccount) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_the_standards() {
        // RFC 2617 §3.5: H("Mufasa:testrealm@host.com:Circle Of Life").
        let device = "mufasa".parse().unwrap();
        let account = SipAccount::new("Mufasa", device, "testrealm@host.com", "Circle Of Life");
        assert_eq!(account.ha1_md5, "939e7578ed9e3c518a452acee763bce9");
        assert_eq!(account.ha1_sha256.len(), 64);
        assert!(!format!("{account:?}").contains("939e"));
    }
}
