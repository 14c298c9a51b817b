//! The router from outside: facts in, proposals out.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod centre;
mod in_the_centre;
mod missed;
mod properties;
mod reference;
mod replayed;
mod requirements;
mod ring_all;
mod rules;
mod scripted;
mod trying_out;
