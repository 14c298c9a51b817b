//! The call model and the Center: a deterministic, sans-IO call-centre machine.

pub mod address;
pub mod agent;
pub mod calendar;
pub mod call;
pub mod cause;
pub mod center;
pub mod command;
pub mod config;
pub mod event;
pub mod flow;
pub mod id;
pub mod journal;
pub mod router;
#[cfg(feature = "tokio")]
pub mod runtime;
pub mod switch;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod time;
pub mod timers;
pub mod trace;
