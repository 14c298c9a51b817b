//! Signal processing: making tones, recognising them, measuring levels, and shaping recorded voices.

pub mod dtmf;
pub mod goertzel;
pub mod level;
pub mod resample;
pub mod shape;
pub mod tone;
