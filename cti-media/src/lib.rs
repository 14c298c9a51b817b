//! How calls touch the network: SIP, RTP, playing, recording, bridging.

pub mod codec;
pub mod dsp;
pub mod engine;
pub mod play;
pub mod rtp;
pub mod sdp;
