//! Devices, their accounts, and whether they can be reached.

use std::collections::BTreeMap;

use cti_core::{id::DeviceId, switch::SwitchReport};

use super::DeviceConfig;
use crate::sip::Target;

/// The devices of the centre.
#[derive(Debug)]
pub(super) struct Devices {
    devices: BTreeMap<DeviceId, DeviceConfig>,
    accounts: BTreeMap<String, DeviceId>,
    /// Contacts by account, with the listener they registered at; a device is in service while its account has one.
    contacts: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Devices {
    pub(super) fn new(configs: Vec<DeviceConfig>) -> Self {
        let accounts = configs.iter().map(|it| (it.account.clone(), it.device.clone())).collect();
        let devices = configs.into_iter().map(|it| (it.device.clone(), it)).collect();
        Self { devices, accounts, contacts: BTreeMap::new() }
    }

    /// Reports of the devices that do not register.
    pub(super) fn always_in_service(&self) -> Vec<SwitchReport> {
        self.devices
            .values()
            .filter(|it| it.contact.is_some())
            .map(|it| SwitchReport::DeviceInService { device: it.device.clone() })
            .collect()
    }

    /// The device of an account.
    pub(super) fn of_account(&self, account: &str) -> Option<&DeviceId> {
        self.accounts.get(account)
    }

    /// The account of a device.
    pub(super) fn account_of(&self, device: &DeviceId) -> Option<&str> {
        self.devices.get(device).map(|it| it.account.as_str())
    }

    /// Whether a device's voice must be protected.
    pub(super) fn must_protect(&self, device: &DeviceId) -> bool {
        self.devices.get(device).is_some_and(|config| config.srtp)
    }

    /// The listener that a device is reached by; of several contacts the first.
    pub(super) fn listener(&self, device: &DeviceId) -> usize {
        let contacts = self.devices.get(device).and_then(|it| self.contacts.get(&it.account));
        contacts.and_then(|contacts| contacts.values().next().copied()).unwrap_or(0)
    }

    /// How a device is called.
    pub(super) fn target(&self, device: &DeviceId) -> Option<Target> {
        let config = self.devices.get(device)?;
        Some(match &config.contact {
            Some(uri) => Target::Uri(uri.clone()),
            None => Target::Account(config.account.clone()),
        })
    }

    /// A contact appeared; a report if it is the first of its device.
    pub(super) fn registered(
        &mut self,
        account: &str,
        contact: String,
        listener: usize,
    ) -> Option<SwitchReport> {
        let device = self.accounts.get(account)?.clone();
        let contacts = self.contacts.entry(account.to_owned()).or_default();
        let first = contacts.is_empty();
        contacts.insert(contact, listener);
        first.then_some(SwitchReport::DeviceInService { device })
    }

    /// A contact went; a report if it was the last of its device.
    pub(super) fn unregistered(&mut self, account: &str, contact: &str) -> Option<SwitchReport> {
        let device = self.accounts.get(account)?.clone();
        let contacts = self.contacts.get_mut(account)?;
        let last = contacts.remove(contact).is_some() && contacts.is_empty();
        last.then_some(SwitchReport::DeviceOutOfService { device })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_in_service_from_its_first_contact_to_its_last() {
        let device = DeviceId::new("ext-1").unwrap();
        let mut devices = Devices::new(vec![DeviceConfig::registering(device.clone(), "8001")]);
        let up = SwitchReport::DeviceInService { device: device.clone() };
        assert_eq!(devices.registered("8001", "sip:a".into(), 0), Some(up));
        assert_eq!(devices.registered("8001", "sip:a".into(), 0), None);
        assert_eq!(devices.registered("8001", "sip:b".into(), 1), None);
        assert_eq!(devices.listener(&device), 0);
        assert_eq!(devices.unregistered("8001", "sip:a"), None);
        assert_eq!(devices.listener(&device), 1);
        let down = SwitchReport::DeviceOutOfService { device };
        assert_eq!(devices.unregistered("8001", "sip:b"), Some(down));
        assert_eq!(devices.unregistered("8001", "sip:b"), None);
        assert_eq!(devices.registered("9999", "sip:x".into(), 0), None);
    }
}
