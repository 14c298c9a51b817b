//! How long callers wait and how many agents a load needs: Erlang B, C, A, finite queues, staffing from a curve.
//!
//! Everything here is a pure function of its arguments: formulas in steady state, evaluated by recursions of positive
//! terms, so that nothing overflows and nothing cancels with thousands of agents.
//!
//! | callers who find everybody busy | model | in Kendall's notation |
//! |---|---|---|
//! | are turned away | [`ErlangB`] | M/M/n/n |
//! | wait for ever | [`ErlangC`] | M/M/n |
//! | wait until their patience ends | [`ErlangA`] | M/M/n+M |
//! | wait if there is a place for them | [`FiniteQueue`] | M/M/n/K |
//!
//! Callers come at random (Poisson), handling times and patience are exponential, the first to come is the first to be
//! served, and the load stays the same for several handling times.
//!
//! ```
//! use std::time::Duration;
//! use cti_acd::forecast::{ErlangA, ErlangC, Target, Traffic, agents_for};
//!
//! // 360 calls an hour that take four minutes each: 24 erlangs.
//! let traffic = Traffic::per_hour(360.0, Duration::from_secs(240))?;
//!
//! let patient = ErlangC::new(traffic, 28)?;
//! assert_eq!(format!("{:.3}", patient.wait_probability()), "0.333");
//! assert_eq!(format!("{:.1} %", 100.0 * patient.service_level(Duration::from_secs(20))), "76.1 %");
//!
//! // Who gives up after two minutes on average makes room for others.
//! let real = ErlangA::new(traffic, 28, Duration::from_secs(120))?;
//! assert!(real.wait_probability() < patient.wait_probability());
//! assert_eq!(format!("{:.1} %", 100.0 * real.abandonment()), "3.3 %");
//!
//! // How many for 80 % within 20 s?
//! assert_eq!(agents_for(traffic, None, &Target::service_level(0.8, Duration::from_secs(20)))?, 29);
//! # Ok::<(), cti_acd::forecast::InvalidForecast>(())
//! ```

mod curve;
mod erlang_a;
mod erlang_b;
mod erlang_c;
mod finite_queue;
mod series;
mod staffing;
mod traffic;

pub use curve::{CurvePlan, Interval, IntervalPlan, LoadCurve};
pub use erlang_a::{Counting, ErlangA};
pub use erlang_b::ErlangB;
pub use erlang_c::ErlangC;
pub use finite_queue::FiniteQueue;
pub use staffing::{Reached, Target, agents_for};
pub use traffic::{InvalidForecast, MAX_AGENTS, MAX_ERLANGS, Traffic};
