//! The switch against hand-made phones on loopback.

mod calls;
mod conformance;
mod legs;
mod listening;
mod mixing;
mod phone;
mod protected;
mod world;
