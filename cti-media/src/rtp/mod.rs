//! RTP and RTCP as pure machines: who may send to a leg, what was lost, digits, and our own stream.
//!
//! Nothing here opens a socket or reads a clock; the engine passes the time in as a
//! [`Duration`](std::time::Duration) since its start.

mod digit;

pub use digit::{Digit, ParseDigitError};
