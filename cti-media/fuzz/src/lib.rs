//! Fuzz targets: what strangers may send must neither stop the endpoint nor confuse it.
//!
//! A [`Target`] is a function of bytes that panics when a promise is broken. The same targets are run in two ways: by the
//! tests of this crate, a fixed number of times with mutated seeds, and by libFuzzer, led by coverage and for as long as
//! one likes:
//!
//! ```text
//! cargo xtask long fuzz --seconds 600                every target for ten minutes
//! cargo xtask long fuzz --target sdp                 one of them
//! CTI_FUZZ_RUNS=1000000 cargo test -p cti-media-fuzz sdp      many mutations without coverage
//! ```
//!
//! Seeds lie in `seeds/TARGET`, one file each; what a run found once is kept there. Words that the mutations should know
//! are in `dictionaries`.

pub mod mutate;
pub mod target;

pub use target::{LONGEST, TARGETS, Target};
