//! SIP: user agent, registrar and digest authentication behind one small port.
//!
//! [`SipEndpoint::start`] opens the listeners and returns a [`SipHandle`] that takes commands and a
//! receiver of [`SipEvent`]s. Every dialog has a [`DialogKey`] and ends with exactly one
//! [`SipEvent::Failed`] or [`SipEvent::Ended`]; nothing follows it.
//!
//! ```text
//!  sockets ──▶ driver ──▶ engine (sans-IO: transactions, dialogs, registrar) ──▶ SipEvent
//!     ▲                     │  ▲                                                    │
//!     └───── datagrams ◀────┘  └────────────── SipHandle commands ◀── the switch ◀──┘
//! ```
//!
//! The engine has no socket, clock or task; the driver is the only module that has them. Messages
//! are parsed by rsipstack, no type of which leaves this module (`docs/adr/0011-sip-machine-of-our-own.md`).

mod address;
mod auth;
mod config;
mod driver;
mod engine;
mod entropy;
mod event;
mod flow;
mod gateway;
mod handle;
mod limit;
mod mask;
mod message;
mod probe;
mod registrar;
mod reply;
mod stats;
mod stream;

pub use self::{
    auth::{Accounts, DigestAlgorithm, digest_ha1},
    config::{Guests, ListenerConfig, Network, SipConfig, TlsFiles, Transport, TrustedPeer},
    driver::{AttachError, SipConnection, SipEndpoint, StartError, TlsError},
    event::{DialogKey, EndCause, SipEvent, UnregisterCause},
    gateway::{
        CalledNumber, CallerRules, GatewayConfig, GatewayError, GatewayState, GatewayStatus, Login,
    },
    handle::{CommandError, Offer, SipHandle, Target},
    probe::{ProbeOutput, SipProbe},
    registrar::BindingRecord,
    stats::SipStats,
};
