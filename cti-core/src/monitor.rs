//! Monitors: programs follow a device, a call, an agent, a queue, a contact or everything (ECMA-269 clause 15).
//!
//! A program [starts](Monitors::start) a monitor and is given a snapshot as of event N; from there on it
//! [polls](Monitors::poll) every event after N that concerns the subject, once, in order. Events carry their
//! numbers, so that a program that was cut off can [resume](Monitors::resume) where it was.
//!
//! ```text
//!   log ── publish ──▶ who is concerned? ──▶ ring of recent events ── resume ──┐
//!                           │                                                  ▼
//!                           └──────────▶ a bounded buffer per monitor ── poll ──▶ Event · Lost · Stopped
//! ```
//!
//! # What a monitor hears
//!
//! The events that name its subject, and the events of every call or contact that the subject **takes part in** at
//! that moment: a device from its leg's beginning to its end, an agent from the offer to the end of the talk, a queue
//! while the contact waits in it. [`Subject::CallsVia`] goes on after the device has left: it hears of every call that
//! was at the device when the monitor started or came to it later, to the end of the call (ECMA-269 6.7.2: a
//! call-type monitor on a device). A call is over for its monitors when it has ended and its recordings are closed.
//!
//! # Slow readers
//!
//! A monitor keeps at most [`Limits::buffer`] unread events. When another one comes, the reader is told after those
//! which he has that some were [lost](Delivery::Lost); nothing more is kept for him until he
//! [takes a new snapshot](Monitors::refresh).
//!
//! # Cost
//!
//! One event costs as much as there are monitors that hear it: monitors are indexed by subject, and nobody else is
//! looked at.
//!
//! The hub is a machine without clock, task or lock. A driver publishes what is durable, and wakes the readers that
//! [`poll_ready`](Monitors::poll_ready) names.

mod filter;
mod hub;
mod index;
mod present;
mod relations;
mod request;
mod ring;
mod subject;
mod subscription;

pub use self::{
    filter::{Category, Filter},
    hub::Monitors,
    present::{DevicePresent, Snapshot},
    relations::Relations,
    request::{
        Delivery, Limits, MonitorId, PublishError, RefreshError, Request, ResumeError, Resumption,
        StartError, Started, StopReason, UnknownMonitor, View,
    },
    subject::{Subject, category},
};
