//! Asking an outside source, with a time-out and attempts after the first.

use std::time::Duration;

use cti_core::flow::{CallData, LookupFailure};

use super::{FieldError, Happening, Run, Shape, State, Step, time};

/// The wait for an answer.
pub(super) const TIMEOUT: Shape = Shape::Millis(100, 60_000, Some(5000));
/// The wait before the next attempt.
pub(super) const RETRY_AFTER: Shape = Shape::Millis(0, 60_000, Some(500));
/// The attempts after the first.
pub(super) const MAX_RETRIES: u32 = 5;

pub(super) fn half_a_second() -> u64 {
    500
}

/// How often and how long a source is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    timeout: Duration,
    retries: u32,
    retry_after: Duration,
}

/// What came of it.
pub(super) enum Answered {
    /// Nothing yet.
    Waits(State),
    /// A row, after so many attempts that failed.
    Found(CallData, u32),
    /// The source has no such row.
    NotFound,
    /// It is not there, failed or was too slow, each time.
    Failed,
}

impl Asking {
    pub(super) fn new(
        timeout_ms: u64,
        retries: u32,
        retry_after_ms: u64,
    ) -> Result<Self, FieldError> {
        if retries > MAX_RETRIES {
            return Err(FieldError::new("retries", format!("must be at most {MAX_RETRIES}")));
        }
        Ok(Self {
            timeout: time("timeout_ms", timeout_ms, 100, 60_000)?,
            retries,
            retry_after: time("retry_after_ms", retry_after_ms, 0, 60_000)?,
        })
    }

    /// Returns whether it asks again when the source fails.
    pub(super) fn repeats(self) -> bool {
        self.retries > 0
    }

    /// Asks for the first time.
    pub(super) fn begin(self, run: &mut Run<'_>, ask: impl FnOnce(&mut Run<'_>)) -> Step {
        Step::Wait(self.ask(0, run, ask))
    }

    fn ask(self, failed: u32, run: &mut Run<'_>, ask: impl FnOnce(&mut Run<'_>)) -> State {
        ask(run);
        run.wake_after(self.timeout);
        State::Trying { failed, asked: true }
    }

    /// Goes on with what happened; keys are kept for the next node that asks for one.
    pub(super) fn handle(
        self,
        state: State,
        what: Happening,
        run: &mut Run<'_>,
        ask: impl FnOnce(&mut Run<'_>),
    ) -> Answered {
        let State::Trying { failed, asked } = state else { return Answered::Waits(state) };
        match what {
            Happening::LookupDone(Ok(row)) => Answered::Found(row, failed),
            Happening::LookupDone(Err(LookupFailure::NotFound)) => Answered::NotFound,
            // Asking again does not make it appear.
            Happening::LookupDone(Err(LookupFailure::UnknownSource)) => Answered::Failed,
            Happening::LookupDone(Err(LookupFailure::Unavailable)) => self.again(failed, run),
            Happening::TimeOut if asked => self.again(failed, run),
            Happening::TimeOut => Answered::Waits(self.ask(failed, run, ask)),
            Happening::Digit(digit) => {
                run.type_ahead(digit);
                Answered::Waits(state)
            }
            Happening::PlayEnded
            | Happening::SpeechBegan
            | Happening::Listened(_)
            | Happening::LeftQueue(_)
            | Happening::RingFailed
            | Happening::RecordingEnded { .. } => Answered::Waits(state),
        }
    }

    /// Goes on after an attempt that failed.
    pub(super) fn again(self, failed: u32, run: &mut Run<'_>) -> Answered {
        run.forget_lookup();
        if failed >= self.retries {
            return Answered::Failed;
        }
        run.wake_after(self.retry_after);
        Answered::Waits(State::Trying { failed: failed + 1, asked: false })
    }
}
