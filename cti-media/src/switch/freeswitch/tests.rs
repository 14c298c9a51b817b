//! The adapter against a model of FreeSWITCH that speaks its event socket on loopback, and its machine against
//! exchanges written by hand.

mod conformance;
mod exchanges;
mod lost;
mod model;
mod over_talks;
mod world;
