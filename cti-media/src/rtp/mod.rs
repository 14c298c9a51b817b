//! RTP and RTCP as pure machines: who may send to a leg, what was lost, digits, and our own stream.
//!
//! Nothing here opens a socket or reads a clock; the engine passes the time in as a
//! `Duration` since its start.

mod digit;
pub mod events;
pub mod latch;
pub mod packet;
pub mod rate;
pub mod receive;
pub mod report;
pub mod stream;

pub use digit::{Digit, ParseDigitError};

use std::time::Duration;

use crate::codec::SAMPLE_RATE;

/// Returns a time as a number of samples.
#[must_use]
pub fn samples_in(time: Duration) -> u64 {
    (time.as_micros() * u128::from(SAMPLE_RATE) / 1_000_000) as u64
}
