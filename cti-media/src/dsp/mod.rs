//! Signal processing on 8 kHz samples: making tones, recognising them, measuring levels.

pub mod dtmf;
pub mod goertzel;
pub mod level;
pub mod tone;
