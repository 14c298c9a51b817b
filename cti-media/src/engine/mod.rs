//! The media engine: a few worker threads that own every leg's sockets outright.
//!
//! ```text
//!   MediaHandle ── commands ──▶ worker 0 ─┬─ leg ─ RTP+RTCP sockets
//!   (any thread)               (epoll,    ├─ leg      │ bridge: forwarded as it arrives
//!        ▲                      20 ms     └─ leg ◀────┘ play:   one packet per tick
//!        │                      ticker)      │ mix:    one packet per tick
//!        └────── events ◀──────────┴─────────┴─ record: chunks ──▶ writer thread ──▶ WAV
//! ```
//!
//! Start a [`MediaEngine`], clone its [`MediaHandle`] freely. A leg is opened with a [`WorkerKey`]:
//! legs opened with the same key live on the same worker and can be bridged and recorded together,
//! so use the contact's number. Every method of the handle returns at once; what happens later
//! comes as a [`MediaEvent`] through the function given at start.
//!
//! The usual life of a leg:
//!
//! 1. [`open_leg`](MediaHandle::open_leg) binds the ports and returns the address for the SDP;
//! 2. [`set_remote`](MediaHandle::set_remote) with what SDP agreed on, again after every re-INVITE;
//! 3. [`play`](MediaHandle::play), [`bridge`](MediaHandle::bridge),
//!    [`start_recording`](MediaHandle::start_recording), [`send_digits`](MediaHandle::send_digits) …;
//! 4. [`close_leg`](MediaHandle::close_leg); the last event of the leg is [`MediaEvent::LegClosed`].
//!
//! What sounds on a leg, strongest first: digits being sent, a play, the bridged peer or the mix, nothing.
//! A play on a bridged or mixed leg replaces the others' voices for that leg until it ends.
//!
//! More than two legs, or two that do not simply hear each other, are joined by
//! [`mix`](MediaHandle::mix): who hears whom is a list, and two who hear each other and nobody else are
//! bridged, not mixed.

mod command;
mod config;
mod event;
mod handle;
mod leg;
mod mixing;
mod outbox;
mod ports;
mod slab;
mod start;
mod wire;
mod worker;

pub use config::{Listener, ListenerId, MediaConfig, StartError};
pub use event::{LegStats, MediaEvent, PlayEnd, RecordingEnd, RecordingFailure};
pub use handle::{CommandError, MediaHandle, MessageLimits, OpenError, PlayError, PlayItem};
pub use mixing::{MixError, MixParty};
pub use ports::PortError;
pub use start::MediaEngine;

use std::fmt;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }
    };
}

key!(
    /// Names a leg; chosen by the caller of [`MediaHandle::open_leg`], unique while the leg lives.
    LegKey, "leg"
);
key!(
    /// Chooses the worker of a leg; legs with the same key can be bridged.
    WorkerKey, "contact"
);
key!(
    /// Names a mix; chosen by the caller.
    MixId, "mix"
);
key!(
    /// Names one play on one leg; chosen by the caller.
    PlayId, "play"
);
key!(
    /// Names a recording; chosen by the caller, unique while the recording runs.
    RecordingId, "recording"
);
