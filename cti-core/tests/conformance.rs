//! The implementations of this crate keep the rules of their seams, and implementations that do not are found out.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fault is planted in one place, and elsewhere all is well"
)]

#[path = "conformance/flows.rs"]
mod flows;
#[path = "conformance/journals.rs"]
mod journals;
#[path = "conformance/routers.rs"]
mod routers;
#[path = "conformance/speech.rs"]
mod speech;
#[path = "conformance/switches.rs"]
mod switches;
