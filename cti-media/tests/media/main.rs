//! The media engine over real loopback sockets, with small fake phones.

mod bridging;
mod phone;
mod playing;
mod recording;
mod resilience;
mod world;
