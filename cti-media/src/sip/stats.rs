//! Gauges and counters of the endpoint.

use std::sync::atomic::{AtomicU64, Ordering};

/// Gauges and counters, readable at any time.
#[derive(Debug, Default)]
pub struct SipStats {
    dialogs: AtomicU64,
    transactions: AtomicU64,
    bindings: AtomicU64,
    connections: AtomicU64,
    messages: AtomicU64,
    malformed: AtomicU64,
    rate_limited: AtomicU64,
    refused_sources: AtomicU64,
    challenged: AtomicU64,
    retransmitted: AtomicU64,
}

macro_rules! gauges {
    ($($(#[$doc:meta])* $name:ident, $set:ident;)*) => {
        impl SipStats {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> u64 {
                self.$name.load(Ordering::Relaxed)
            }

            pub(crate) fn $set(&self, value: usize) {
                self.$name.store(value as u64, Ordering::Relaxed);
            })*
        }
    };
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident, $add:ident;)*) => {
        impl SipStats {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> u64 {
                self.$name.load(Ordering::Relaxed)
            }

            pub(crate) fn $add(&self) {
                self.$name.fetch_add(1, Ordering::Relaxed);
            })*
        }
    };
}

gauges! {
    /// Returns the number of dialogs held.
    dialogs, set_dialogs;
    /// Returns the number of transactions held.
    transactions, set_transactions;
    /// Returns the number of devices registered.
    bindings, set_bindings;
    /// Returns the number of TCP connections held.
    connections, set_connections;
}

counters! {
    /// Returns how many messages were read.
    messages, add_message;
    /// Returns how many messages could not be understood.
    malformed, add_malformed;
    /// Returns how many requests a rate limit dropped.
    rate_limited, add_rate_limited;
    /// Returns how many messages came from addresses that may not send to the listener.
    refused_sources, add_refused_source;
    /// Returns how many requests were challenged for a password.
    challenged, add_challenged;
    /// Returns how many messages were sent again for lack of a reply.
    retransmitted, add_retransmitted;
}
