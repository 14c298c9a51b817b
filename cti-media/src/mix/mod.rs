//! Mixing: each party of a mix hears the sum of exactly those it is to hear, never itself.
//!
//! ```text
//!  RTP of a leg ─▶ Playout ──frame──▶ Mixer ──frame──▶ encoder ─▶ RTP of a leg
//!                  evens out jitter,  sums, by bus     shared by those
//!                  conceals losses                     who hear the same
//! ```
//!
//! Who hears whom is a matrix ([`PartySet`] per listener), and all there is: a conference is everybody
//! from everybody, a listener is heard by nobody, a whisper is heard by one, a muted party is left out of
//! the others' sets, a held one hears nobody.
//!
//! Nothing here opens a socket or reads a clock: the engine asks for one frame of 20 ms at each tick.

mod conceal;
mod gain;
mod mixer;
mod noise;
mod party;
mod playout;

pub use self::{
    conceal::Concealer,
    gain::Gain,
    mixer::Mixer,
    noise::Noise,
    party::{MAX_PARTIES, PartySet},
    playout::Playout,
};

use crate::codec::FRAME_SAMPLES;

/// 20 ms of one voice, as 16-bit linear samples at 8 kHz.
pub type Frame = [i16; FRAME_SAMPLES];
