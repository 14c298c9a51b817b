//! A world to test call flows in: virtual clock, virtual switch, callers, agents, scenario text.
//!
//! ```text
//!   scenario text ──▶ World ── inputs ──▶ Center ── commands ──▶ VirtualSwitch
//!   trace ◀────────────┘ ▲                                           │
//!                        └──────────────── reports ◀─────────────────┘
//! ```
//!
//! A [`World`] runs the same [`Center`](crate::center::Center) as production, with the router and flow engine it is
//! given. [`check`] runs a scenario and compares the trace; time passes only as the text says. A
//! [`BusyCentre`](busy::BusyCentre) is a day on which anything may happen, chosen by a seed.

pub mod busy;
mod fakes;
mod scenario;
mod switch;
mod words;
mod world;

pub use self::{
    fakes::{ScriptedFlows, SimpleRouter},
    scenario::{ScenarioError, check, run},
    switch::VirtualSwitch,
    world::World,
};
