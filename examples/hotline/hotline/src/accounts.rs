//! The SIP accounts of the directory, as the registrar asks for them: in memory, hashes only.

use std::collections::BTreeMap;

use cti_core::id::DeviceId;
use cti_media::sip::{Accounts, DigestAlgorithm};
use hotline_store::directory::SipAccount;

/// Accounts by user name.
#[derive(Debug, Default)]
pub struct AccountTable(BTreeMap<String, SipAccount>);

impl AccountTable {
    /// Takes over the accounts of one realm.
    #[must_use]
    pub fn new(accounts: Vec<SipAccount>, realm: &str) -> Self {
        Self(
            accounts
                .into_iter()
                .filter(|account| account.realm == realm)
                .map(|account| (account.user.clone(), account))
                .collect(),
        )
    }

    /// Returns the devices with the account that each one registers with.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &str)> {
        self.0.values().map(|account| (&account.device, account.user.as_str()))
    }
}

impl Accounts for AccountTable {
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
        let known = self.0.get(account).filter(|known| known.realm == realm)?;
        Some(match algorithm {
            DigestAlgorithm::Md5 => known.ha1_md5.clone(),
            DigestAlgorithm::Sha256 => known.ha1_sha256.clone(),
        })
    }
}
