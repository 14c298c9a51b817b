//! Which devices an account is registered on (RFC 3261 §10.3).

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use crate::sip::{
    Transport, UnregisterCause,
    flow::{ConnectionId, Flow},
};

/// Contacts accepted in one REGISTER.
pub(crate) const MAX_CONTACTS: usize = 10;

/// A registration as it is stored over a restart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BindingRecord {
    /// The account.
    pub account: String,
    /// The contact URI of the device.
    pub contact: String,
    /// Index of the listener it registered at.
    pub listener: usize,
    /// How it registered.
    pub transport: Transport,
    /// The address it registered from.
    pub source: SocketAddr,
    /// When it ends, in seconds since 1970 UTC.
    pub expires_at: u64,
}

/// One registered device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) contact: String,
    pub(crate) flow: Flow,
    pub(crate) expires_at: Duration,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
}

/// What a REGISTER asks for, once its account is proven.
#[derive(Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
    /// Contact URI, the flow it is reached by, and how long; zero removes it.
    pub(crate) contacts: Vec<(String, Flow, Duration)>,
}

/// What changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Bound { contact: String, expires: Duration },
    Unbound { contact: String, cause: UnregisterCause },
}

/// A REGISTER older than one already applied (RFC 3261 §10.3 step 7).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OutOfOrder;

/// The location service.
pub(crate) struct Registrar {
    accounts: BTreeMap<String, Vec<Binding>>,
    per_account: usize,
}

impl Registrar {
    pub(crate) fn new(per_account: usize) -> Self {
        Self { accounts: BTreeMap::new(), per_account: per_account.max(1) }
    }

    /// The devices of an account; those past their time are left out.
    pub(crate) fn bindings(&self, account: &str, now: Duration) -> impl Iterator<Item = &Binding> {
        self.accounts
            .get(account)
            .into_iter()
            .flatten()
            .filter(move |binding| binding.expires_at > now)
    }

    /// How many devices are registered.
    pub(crate) fn len(&self) -> usize {
        self.accounts.values().map(Vec::len).sum()
    }

    /// Applies a REGISTER as a whole, or nothing of it.
    pub(crate) fn apply(
        &mut self,
        now: Duration,
        account: &str,
        registration: Registration<'_>,
    ) -> Result<Vec<Change>, OutOfOrder> {
        let bindings = self.accounts.entry(account.to_owned()).or_default();
        let stale = |binding: &Binding| {
            binding.call_id == registration.call_id && binding.cseq >= registration.cseq
        };
        let touched = |binding: &&Binding| {
            registration.contacts.iter().any(|(contact, ..)| *contact == binding.contact)
        };
        if bindings.iter().filter(touched).any(stale) {
            return Err(OutOfOrder);
        }
        let mut changes = Vec::new();
        for (contact, flow, expires) in registration.contacts {
            let former = bindings.iter().position(|binding| binding.contact == contact);
            if let Some(index) = former {
                bindings.remove(index);
            }
            if expires.is_zero() {
                if former.is_some() {
                    changes.push(Change::Unbound { contact, cause: UnregisterCause::Removed });
                }
                continue;
            }
            if bindings.len() >= self.per_account
                && let Some(first) = index_of_first_to_end(bindings)
            {
                let gone = bindings.remove(first);
                changes.push(Change::Unbound {
                    contact: gone.contact,
                    cause: UnregisterCause::Replaced,
                });
            }
            bindings.push(Binding {
                contact: contact.clone(),
                flow,
                expires_at: now + expires,
                call_id: registration.call_id.to_owned(),
                cseq: registration.cseq,
            });
            changes.push(Change::Bound { contact, expires });
        }
        if bindings.is_empty() {
            self.accounts.remove(account);
        }
        Ok(changes)
    }

    /// Removes all devices of an account (`Contact: *`).
    pub(crate) fn clear(&mut self, account: &str) -> Vec<Change> {
        let bindings = self.accounts.remove(account).unwrap_or_default();
        bindings
            .into_iter()
            .map(|b| Change::Unbound { contact: b.contact, cause: UnregisterCause::Removed })
            .collect()
    }

    /// Removes the devices of an account whose time is over.
    pub(crate) fn expire(&mut self, now: Duration, account: &str) -> Vec<Change> {
        let gone = self.remove_where(account, |binding| binding.expires_at <= now);
        gone.into_iter()
            .map(|contact| Change::Unbound { contact, cause: UnregisterCause::Expired })
            .collect()
    }

    /// Removes what was registered over a connection that has closed (RFC 5626 §4.2.2).
    pub(crate) fn connection_closed(&mut self, id: ConnectionId) -> Vec<(String, Change)> {
        let over = |binding: &Binding| binding.flow.connection == Some(id);
        let accounts: Vec<String> = self
            .accounts
            .iter()
            .filter(|(_, bindings)| bindings.iter().any(over))
            .map(|(account, _)| account.clone())
            .collect();
        let mut changes = Vec::new();
        for account in accounts {
            for contact in self.remove_where(&account, over) {
                let cause = UnregisterCause::ConnectionClosed;
                changes.push((account.clone(), Change::Unbound { contact, cause }));
            }
        }
        changes
    }

    /// All devices, for storing.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.accounts.iter().flat_map(|(account, bindings)| {
            bindings.iter().map(move |binding| (account.as_str(), binding))
        })
    }

    fn remove_where(&mut self, account: &str, gone: impl Fn(&Binding) -> bool) -> Vec<String> {
        let Some(bindings) = self.accounts.get_mut(account) else { return Vec::new() };
        let removed: Vec<String> =
            bindings.iter().filter(|b| gone(b)).map(|b| b.contact.clone()).collect();
        bindings.retain(|binding| !gone(binding));
        if bindings.is_empty() {
            self.accounts.remove(account);
        }
        removed
    }
}

fn index_of_first_to_end(bindings: &[Binding]) -> Option<usize> {
    (0..bindings.len()).min_by_key(|index| bindings[*index].expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(connection: Option<u64>) -> Flow {
        Flow {
            listener: 0,
            transport: Transport::Tcp,
            remote: "192.0.2.1:5060".parse().unwrap(),
            connection: connection.map(ConnectionId),
        }
    }

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn register(
        registrar: &mut Registrar,
        at: u64,
        cseq: u32,
        contacts: &[(&str, u64)],
    ) -> Result<Vec<Change>, OutOfOrder> {
        let contacts =
            contacts.iter().map(|(uri, s)| ((*uri).to_owned(), flow(None), secs(*s))).collect();
        let registration = Registration { call_id: "c", cseq, contacts };
        registrar.apply(secs(at), "8001", registration)
    }

    fn contacts(registrar: &Registrar, at: u64) -> Vec<&str> {
        registrar.bindings("8001", secs(at)).map(|b| b.contact.as_str()).collect()
    }

    #[test]
    fn several_devices_of_one_account_are_kept_and_end_by_themselves() {
        let mut registrar = Registrar::new(5);
        register(&mut registrar, 0, 1, &[("sip:a", 60), ("sip:b", 120)]).unwrap();
        assert_eq!(contacts(&registrar, 1), ["sip:a", "sip:b"]);
        assert_eq!(contacts(&registrar, 60), ["sip:b"]);
        let gone = registrar.expire(secs(60), "8001");
        assert_eq!(
            gone,
            [Change::Unbound { contact: "sip:a".into(), cause: UnregisterCause::Expired }]
        );
        assert_eq!(registrar.len(), 1);
    }

    #[test]
    fn a_refresh_moves_the_end_and_zero_removes() {
        let mut registrar = Registrar::new(5);
        register(&mut registrar, 0, 1, &[("sip:a", 60)]).unwrap();
        register(&mut registrar, 50, 2, &[("sip:a", 60)]).unwrap();
        assert_eq!(contacts(&registrar, 100), ["sip:a"]);
        let changes = register(&mut registrar, 101, 3, &[("sip:a", 0), ("sip:unknown", 0)]);
        assert_eq!(changes.unwrap().len(), 1);
        assert_eq!(registrar.len(), 0);
    }

    #[test]
    fn an_older_request_of_the_same_device_changes_nothing() {
        let mut registrar = Registrar::new(5);
        register(&mut registrar, 0, 5, &[("sip:a", 60)]).unwrap();
        assert_eq!(register(&mut registrar, 1, 5, &[("sip:a", 0)]), Err(OutOfOrder));
        assert_eq!(contacts(&registrar, 2), ["sip:a"]);
    }

    #[test]
    fn one_device_too_many_replaces_the_one_that_ends_first() {
        let mut registrar = Registrar::new(2);
        register(&mut registrar, 0, 1, &[("sip:a", 60), ("sip:b", 30)]).unwrap();
        let changes = register(&mut registrar, 1, 2, &[("sip:c", 60)]).unwrap();
        assert_eq!(
            changes[0],
            Change::Unbound { contact: "sip:b".into(), cause: UnregisterCause::Replaced }
        );
        assert_eq!(contacts(&registrar, 2), ["sip:a", "sip:c"]);
    }

    #[test]
    fn a_closed_connection_takes_its_registrations_with_it() {
        let mut registrar = Registrar::new(5);
        let contacts = vec![(String::from("sip:t"), flow(Some(7)), secs(60))];
        let over = Registration { call_id: "x", cseq: 1, contacts };
        registrar.apply(secs(0), "8002", over).unwrap();
        register(&mut registrar, 0, 1, &[("sip:a", 60)]).unwrap();
        assert_eq!(registrar.connection_closed(ConnectionId(7)).len(), 1);
        assert_eq!(registrar.len(), 1);
        assert_eq!(registrar.clear("8001").len(), 1);
    }
}
