//! The account of abandoned calls: the last 30 minutes steer, the window of the rule binds.

use std::collections::VecDeque;

use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{config::AbandonmentRules, estimate::Average};

/// How far back the steering looks, in minutes.
const STEERING_MINUTES: u64 = 30;

/// How much of the cap is aimed at. More would hardly keep agents busier, and leaves no room below the cap to dial ahead.
const TARGET: f64 = 1.0 / 3.0;

/// How fast the steering learns, per minute.
const LEARNING: f64 = 0.03;

/// The least and the greatest share of a decision's answers that may find nobody, as parts of the cap.
const LEAST_SCALE: f64 = 0.001;
const GREATEST_SCALE: f64 = 1.0;

/// Answers that are taken for granted, so that the first abandoned call does not stop everything.
const HEAD_START: f64 = 20.0;

/// One window of the rule: what came of the calls that were dialled in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its number, from the first start of the campaign on.
    pub number: u64,
    /// Calls that a person answered.
    pub answers: u64,
    /// Those of them who found no agent.
    pub abandoned: u64,
    /// Calls that nobody has answered yet.
    pub ringing: u32,
    /// People who have answered and wait for an agent.
    pub waiting: u32,
}

impl Window {
    /// Returns the share of the answered calls that found no agent.
    #[must_use]
    pub fn abandonment(&self) -> f64 {
        if self.answers == 0 { 0.0 } else { self.abandoned as f64 / self.answers as f64 }
    }

    fn under_way(&self) -> u32 {
        self.ringing + self.waiting
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Minute {
    minute: u64,
    answers: u64,
    abandoned: u64,
}

/// The whole account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Budget {
    /// What a decision may risk, as part of the cap: learnt from what came of earlier risks, because each second brings
    /// a new decision and what they risk adds up.
    scale: Average,
    /// The minute until which it is learnt.
    learnt: u64,
    /// When the first window began.
    began: Option<Timestamp>,
    current: Window,
    /// Windows before of which calls still ring or wait, oldest first.
    before: VecDeque<Window>,
    /// The minutes of the steering, oldest first.
    minutes: VecDeque<Minute>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            scale: Average(0.03),
            learnt: 0,
            began: None,
            current: Window::default(),
            before: VecDeque::new(),
            minutes: VecDeque::new(),
        }
    }
}

impl Budget {
    /// Begins the first window, if none has begun.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.began.get_or_insert(now);
    }

    /// Goes on to the window and the minutes of `now`.
    pub(super) fn advance(&mut self, now: Timestamp, rules: &AbandonmentRules) {
        let began = self.began.unwrap_or(now);
        let number = u64::try_from(now.since(began).as_micros() / rules.window.as_micros().max(1))
            .unwrap_or(u64::MAX);
        if number > self.current.number {
            let ended =
                std::mem::replace(&mut self.current, Window { number, ..Window::default() });
            self.before.push_back(ended);
        }
        self.before.retain(|window| window.under_way() > 0);
        self.learn(now, rules);
        let oldest = minute(now).saturating_sub(STEERING_MINUTES - 1);
        while self.minutes.front().is_some_and(|first| first.minute < oldest) {
            self.minutes.pop_front();
        }
    }

    /// At each full minute: risks more after half an hour with fewer abandoned calls than aimed at, and less after one
    /// with more.
    ///
    /// Minutes that nobody looked at are made up for, so that it does not matter how often somebody does.
    fn learn(&mut self, now: Timestamp, rules: &AbandonmentRules) {
        let from = self.learnt + 1;
        for end in from..=minute(now).min(from + STEERING_MINUTES) {
            let (answers, abandoned) = self.minutes_before(end);
            let target = rules.cap * TARGET * (answers + HEAD_START);
            if answers >= HEAD_START && target > 0.0 {
                let error = ((target - abandoned) / target).clamp(-1.0, 1.0);
                let scale = self.scale.0 * (LEARNING * error).exp();
                self.scale = Average(scale.clamp(LEAST_SCALE, GREATEST_SCALE));
            }
        }
        self.learnt = minute(now);
    }

    /// Counts an attempt and returns the number of its window.
    pub(super) fn dialled(&mut self) -> u64 {
        self.current.ringing += 1;
        self.current.number
    }

    /// Counts the end of ringing without an answer by a person.
    pub(super) fn not_answered(&mut self, window: u64) {
        let window = self.window_mut(window);
        window.ringing = window.ringing.saturating_sub(1);
    }

    /// Counts a person who answered and waits for an agent, be it for no time.
    pub(super) fn answered(&mut self, now: Timestamp, window: u64) {
        let window = self.window_mut(window);
        window.ringing = window.ringing.saturating_sub(1);
        window.waiting += 1;
        window.answers += 1;
        self.minute_mut(now).answers += 1;
    }

    /// Counts the end of waiting: the person found an agent, or found nobody.
    pub(super) fn waited(&mut self, now: Timestamp, window: u64, abandoned: bool) {
        let window = self.window_mut(window);
        window.waiting = window.waiting.saturating_sub(1);
        if abandoned {
            window.abandoned += 1;
            self.minute_mut(now).abandoned += 1;
        }
    }

    /// Takes back the end of waiting of somebody who found an agent.
    pub(super) fn waits_again(&mut self, window: u64) {
        self.window_mut(window).waiting += 1;
    }

    pub(super) fn window(&self) -> Window {
        self.current
    }

    /// How many calls of windows before still ring or wait.
    pub(super) fn under_way_before(&self) -> u32 {
        self.before.iter().map(Window::under_way).sum()
    }

    /// The share of its answers that a decision may risk: what was learnt, and up to twice that or nothing by what the
    /// last 30 minutes left of the budget.
    pub(super) fn aim(&self, rules: &AbandonmentRules) -> f64 {
        let (answers, abandoned) = self.last_minutes();
        let budget = rules.cap * (answers + HEAD_START);
        if budget <= 0.0 {
            return 0.0;
        }
        rules.cap * self.scale.0 * (1.0 + (budget - abandoned) / budget).clamp(0.0, 2.0)
    }

    /// Whether the last 30 minutes are above the cap.
    pub(super) fn over_cap(&self, rules: &AbandonmentRules) -> bool {
        let (answers, abandoned) = self.last_minutes();
        abandoned > rules.cap * (answers + HEAD_START)
    }

    /// Answers and abandoned calls of the minutes that are kept: the present one and 29 before it.
    fn last_minutes(&self) -> (f64, f64) {
        sum(self.minutes.iter())
    }

    /// Answers and abandoned calls of the 30 minutes before one.
    fn minutes_before(&self, end: u64) -> (f64, f64) {
        let span = end.saturating_sub(STEERING_MINUTES)..end;
        sum(self.minutes.iter().filter(|one| span.contains(&one.minute)))
    }

    fn window_mut(&mut self, number: u64) -> &mut Window {
        let current = &mut self.current;
        self.before.iter_mut().find(|window| window.number == number).unwrap_or(current)
    }

    fn minute_mut(&mut self, now: Timestamp) -> &mut Minute {
        let minute = minute(now);
        if self.minutes.back().is_none_or(|last| last.minute != minute) {
            self.minutes.push_back(Minute { minute, ..Minute::default() });
        }
        self.minutes.back_mut().expect("one was pushed if there was none")
    }
}

fn minute(at: Timestamp) -> u64 {
    at.as_micros() / 60_000_000
}

fn sum<'m>(minutes: impl Iterator<Item = &'m Minute>) -> (f64, f64) {
    let (answers, abandoned) = minutes.fold((0, 0), |(answers, abandoned), one| {
        (answers + one.answers, abandoned + one.abandoned)
    });
    (answers as f64, abandoned as f64)
}
