//! Telephone switches behind [`cti_core::switch::Switch`].
//!
//! [`native`] is built in. The others drive a switch of another maker over its own interface: they keep a ledger of
//! what it carries, so that each leg, playing and recording ends once, also when the connection is lost in between.

#[cfg(feature = "freeswitch")]
pub mod freeswitch;
#[cfg(feature = "freeswitch")]
mod ledger;
pub mod native;
#[cfg(feature = "freeswitch")]
pub mod remote;
