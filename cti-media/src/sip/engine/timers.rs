//! What is due when.

use std::{collections::BTreeMap, time::Duration};

use crate::sip::{
    DialogKey,
    engine::{client::ClientId, server::ServerId, subscriptions::SubscriptionId},
};

/// Something that must be looked at when its time comes; its owner knows whether it still matters.
#[derive(Clone, Debug)]
pub(crate) enum Timer {
    Server(ServerId),
    Client(ClientId),
    /// A 2xx of ours that waits for its ACK.
    Answer(DialogKey),
    /// A provisional response of ours that waits for its PRACK.
    Provisional(DialogKey),
    /// A session to be refreshed, or that was not.
    Session(DialogKey),
    /// A change of ours that met one of the peer's.
    Retry(DialogKey),
    /// A dialog whose connection has closed.
    Flow(DialogKey),
    /// A gateway to be probed, or that has rested.
    Gateway(usize),
    /// A registration of ours.
    Register(usize),
    /// A gateway that was called and may not have replied.
    Patience(DialogKey, ClientId),
    /// A subscription that may have run out.
    Subscription(SubscriptionId),
    /// Registrations of an account.
    Bindings(String),
}

/// Timers in the order they fall due.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<(Duration, u64), Timer>,
    count: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Duration, timer: Timer) {
        self.count += 1;
        self.due.insert((at, self.count), timer);
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<(Duration, Timer)> {
        if self.next_due()? > now {
            return None;
        }
        let ((at, _), timer) = self.due.pop_first()?;
        Some((at, timer))
    }
}
