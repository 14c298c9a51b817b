//! The media engine over real loopback sockets, with small fake phones.

#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test waits for one event among all")]
#![expect(clippy::disallowed_methods, reason = "fake phones live in real time")]

mod bridging;
mod keys;
mod mixing;
mod phone;
mod playing;
mod recording;
mod resilience;
mod wideband;
mod world;
