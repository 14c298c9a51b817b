//! The switch against hand-made phones on loopback.
