//! What the end-to-end tests are written with.

pub(super) mod floor;
pub(super) mod http;
pub(super) mod journal;
pub(super) mod raw;
pub(super) mod rtp;
pub(super) mod server;
pub(super) mod sipp;
pub(super) mod sound;
pub(super) mod wait;

/// Says whether end-to-end tests were asked for; without nextest's profile they would run with the unit tests.
pub(super) fn asked_for() -> bool {
    std::env::var_os("HOTLINE_E2E").is_some()
}
