//! The router of production on a virtual clock against what queueing theory says of such a centre.
//!
//! `CTI_ACD_CONTACTS` sets how many contacts each cell has; a million in the long run.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod cells;
mod chain;
mod estimate;
mod n_design;
mod random;
