//! Counting tests from what the runners print.

use std::{fmt, ops::AddAssign};

/// How many tests went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Ran and were right.
    pub(crate) passed: u32,
    /// Ran and were wrong, or ran out of time.
    pub(crate) failed: u32,
    /// Were left out.
    pub(crate) skipped: u32,
}

impl Totals {
    /// Adds up the summary lines of libtest and vitest, or takes those of nextest alone: it shows what libtest printed
    /// for a test that failed. Other lines count nothing.
    pub(crate) fn parse(text: &str) -> Self {
        let (mut totals, mut nextests) = (Self::default(), None::<Self>);
        for line in text.lines() {
            let line = without_colours(line);
            let line = line.trim();
            // nextest: `Summary [   1.2s] 3 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 0 skipped`
            let nextest = line.strip_prefix("Summary").and_then(|rest| rest.split_once("run: "));
            // libtest: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out`
            let libtest = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
            // vitest: `Tests  1 failed | 2 passed (3)`
            let vitest = line.strip_prefix("Tests ").map(|rest| ("", rest));
            if let Some((_, counts)) = nextest {
                *nextests.get_or_insert_default() += Self::counts(counts);
            } else if let Some((_, counts)) = libtest.or(vitest) {
                totals += Self::counts(counts);
            }
        }
        nextests.unwrap_or(totals)
    }

    /// Reads `2 passed (1 slow), 1 failed`: each count is a number and the word after it.
    fn counts(text: &str) -> Self {
        let mut totals = Self::default();
        for part in text.split([',', ';', '|']) {
            let mut words = part.split_whitespace();
            let Some(Ok(count)) = words.next().map(str::parse::<u32>) else { continue };
            match words.next() {
                Some("passed") => totals.passed += count,
                Some("failed" | "timed") => totals.failed += count,
                Some("skipped" | "ignored" | "todo") => totals.skipped += count,
                Some(_) | None => {}
            }
        }
        totals
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain += before;
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(passed: u32, failed: u32, skipped: u32) -> Totals {
        Totals { passed, failed, skipped }
    }

    #[test]
    fn nextest_summaries_are_counted_and_time_outs_are_failures() {
        let text = "     Summary [   3.1s] 12/14 tests run: 9 passed (1 slow, 2 leaky), 1 failed, 2 timed out, 3 skipped\n";
        assert_eq!(Totals::parse(text), totals(9, 3, 3));
    }

    #[test]
    fn the_results_of_several_test_binaries_are_added_up() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Totals::parse(text), totals(4, 2, 1));
    }

    #[test]
    fn a_failed_test_that_nextest_shows_is_counted_once() {
        let text = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n\
                    Summary [ 1.0s] 2 tests run: 1 passed, 1 failed, 0 skipped\n";
        assert_eq!(Totals::parse(text), totals(1, 1, 0));
    }

    #[test]
    fn vitest_is_counted_in_colour_too() {
        let text = " \u{1b}[2m Test Files \u{1b}[22m 2 passed (2)\n \u{1b}[2m     Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | 11 passed (12)\n";
        assert_eq!(Totals::parse(text), totals(11, 1, 0));
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(Totals::parse("Summary of the day: 3 passed\n7 failed\n"), Totals::default());
    }
}
