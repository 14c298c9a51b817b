//! The dialer from outside: what happens goes in, what to do comes out.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(clippy::print_stdout, reason = "a simulation prints its seed and its figures")]

mod chaos;
mod hours_of_work;
mod ledger;
mod rules;
mod simulator;
