//! How calls touch the network: SIP, RTP, playing, recording, bridging, speech.

pub mod bridge;
pub mod codec;
pub mod dsp;
pub mod engine;
pub mod mix;
pub mod play;
pub mod record;
pub mod rtp;
pub mod sdp;
pub mod sip;
pub mod speech;
mod srtp;
pub mod switch;
pub mod webrtc;
