//! How calls touch the network: SIP, RTP, playing, recording, bridging.
