//! The 12345 hotline centre: reads configuration, wires the parts, nothing else.

pub mod assets;
pub mod centre;
pub mod config;
pub mod parts;
pub mod tables;
