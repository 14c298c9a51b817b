//! Test-suites for the seams: what any journal, router, flow engine, switch, synthesizer or recognizer must keep.
//!
//! Each rule is a function with the rule as its name; it drives an implementation and returns the [`Violation`] it
//! finds. `run_all` of each module runs all its rules. An implementation brings a small harness that makes instances of
//! it, and a test that says:
//!
//! ```
//! use cti_core::{conformance::journal, journal::memory::MemoryJournal};
//!
//! struct InMemory;
//!
//! impl journal::Harness for InMemory {
//!     type Journal = MemoryJournal;
//!     fn create(&mut self) -> Result<MemoryJournal, cti_core::journal::JournalError> {
//!         Ok(MemoryJournal::default())
//!     }
//! }
//!
//! journal::run_all(&mut InMemory).expect_conformance();
//! ```

pub mod flow;
pub mod journal;
pub mod router;
pub mod speech;
pub mod switch;

mod floor;

use std::fmt;

/// A rule that an implementation broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {what}")]
pub struct Violation {
    /// The rule: the name of the function that checks it.
    pub rule: &'static str,
    /// What the implementation did.
    pub what: String,
}

/// What a rule finds.
pub type Verdict = Result<(), Violation>;

/// Which rules were checked, and which of them were broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The rules, in the order in which they were checked.
    pub rules: Vec<&'static str>,
    /// What was found; at most one for each rule.
    pub violations: Vec<Violation>,
}

impl Report {
    fn note(&mut self, rule: &'static str, verdict: Verdict) {
        self.rules.push(rule);
        self.violations.extend(verdict.err());
    }

    /// Returns whether a rule was broken.
    #[must_use]
    pub fn breaks(&self, rule: &str) -> bool {
        self.violations.iter().any(|violation| violation.rule == rule)
    }

    /// Ends a test.
    ///
    /// # Panics
    /// When a rule was broken.
    pub fn expect_conformance(&self) {
        assert!(self.violations.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rules checked, {} broken", self.rules.len(), self.violations.len())?;
        self.violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

/// The name of a rule, with which it says what is wrong.
#[derive(Clone, Copy, Debug)]
struct Rule(&'static str);

impl Rule {
    fn broken<T>(self, what: impl Into<String>) -> Result<T, Violation> {
        Err(Violation { rule: self.0, what: what.into() })
    }

    /// Demands that something holds.
    fn holds(self, it: bool, what: impl FnOnce() -> String) -> Verdict {
        if it { Ok(()) } else { self.broken(what()) }
    }

    /// Demands that something succeeds.
    fn works<T, E: fmt::Display>(self, doing: &str, it: Result<T, E>) -> Result<T, Violation> {
        it.or_else(|error| self.broken(format!("{doing}: {error}")))
    }
}

/// A small generator: the same seed gives the same run on every machine.
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.roll(from.len() as u64)).ok()?;
        from.get(index)
    }
}
