//! Telephone switches behind [`cti_core::switch::Switch`].

pub mod native;
