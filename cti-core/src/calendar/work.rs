//! Working time: how much of it lies between two moments, and when so much of it has passed.

use std::{fmt, time::Duration};

use jiff::{
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};

use super::{Calendar, CalendarWarning};
use crate::time::Timestamp;

/// Working time is looked for on this many days, about ten years.
const HORIZON: u32 = 3_660;

/// A time limit as rules of service state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingSpan {
    /// Minutes in which people work.
    Minutes(u32),
    /// Hours in which people work.
    Hours(u32),
    /// Working days: the day it begins is not counted, and it ends when work ends on the last day (Civil Code of the
    /// People's Republic of China, articles 201 and 203). None means by the end of this working day (当日), or of the
    /// next when work is over.
    Days(u32),
}

impl fmt::Display for WorkingSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(minutes) => write!(f, "{minutes} working minutes"),
            Self::Hours(hours) => write!(f, "{hours} working hours"),
            Self::Days(days) => write!(f, "{days} working days"),
        }
    }
}

/// When a time limit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The moment.
    pub at: Timestamp,
    /// What was not known when it was worked out, such as the holidays of a year that it reaches into. Work it out
    /// again when that has been imported.
    pub warnings: Vec<CalendarWarning>,
}

/// The schedule has not so much working time within ten years, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schedule does not have so much working time within {days} days")]
pub struct NoWorkingTime {
    /// On how many days it was looked for.
    pub days: u32,
}

const TOO_FAR: NoWorkingTime = NoWorkingTime { days: HORIZON };

impl Calendar {
    /// Returns when a time limit ends that begins at `from`.
    ///
    /// # Errors
    /// When the schedule does not have so much working time within ten years.
    ///
    /// # Examples
    ///
    /// ```
    /// # use cti_core::{calendar::{Calendars, Holidays, WorkingSpan}, time::Timestamp};
    /// # let (holidays, _) = Holidays::import(b"from,to,kind,name\n2026-10-01,2026-10-07,holiday,X\n2026-10-10,,make_up,\n");
    /// let calendars = Calendars::parse("schedules.json", r#"{
    ///     "schema": "cti.schedules/1",
    ///     "schedules": {"office": {"name": "办公", "days": {
    ///         "mon": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]],
    ///         "thu": [["08:30", "17:30", "work"]]
    ///     }}}
    /// }"#, holidays)?;
    /// let office = calendars.get("office").unwrap();
    ///
    /// // Monday 28 September 2026, 11:00 in Shanghai.
    /// let from = Timestamp::from_secs(1_790_564_400);
    /// let due = office.due(from, WorkingSpan::Hours(2))?;
    /// assert_eq!(due.at.to_string(), "2026-09-28T06:30:00.000000Z", "an hour before lunch, one after: 14:30");
    /// // Thursday 1 October is a holiday; work is on Thursday the 8th and, made up, on Saturday the 10th.
    /// let due = office.due(from, WorkingSpan::Days(2))?;
    /// assert_eq!(due.at.to_string(), "2026-10-10T09:30:00.000000Z", "17:30");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn due(&self, from: Timestamp, span: WorkingSpan) -> Result<Due, NoWorkingTime> {
        let at = match span {
            WorkingSpan::Minutes(minutes) => {
                self.after_working_time(from, Duration::from_secs(u64::from(minutes) * 60))
            }
            WorkingSpan::Hours(hours) => {
                self.after_working_time(from, Duration::from_secs(u64::from(hours) * 3_600))
            }
            WorkingSpan::Days(0) => self.end_of_working_day(from),
            WorkingSpan::Days(days) => self.after_working_days(from, days),
        }?;
        Ok(Due { at, warnings: self.unknown_years(from, at) })
    }

    /// Returns the earliest moment at which so much working time has passed since `from`.
    fn after_working_time(
        &self,
        from: Timestamp,
        mut left: Duration,
    ) -> Result<Timestamp, NoWorkingTime> {
        if left.is_zero() {
            return Ok(from);
        }
        for (start, end) in self.work_from(from) {
            let length = end.since(start);
            if left <= length {
                return Ok(start + left);
            }
            left -= length;
        }
        Err(TOO_FAR)
    }

    fn after_working_days(&self, from: Timestamp, days: u32) -> Result<Timestamp, NoWorkingTime> {
        let ends = self.days(self.date(from)).skip(1).filter_map(|date| self.end_of_work(date));
        let index = usize::try_from(days - 1).map_err(|_| TOO_FAR)?;
        ends.take(usize::try_from(HORIZON).map_err(|_| TOO_FAR)?).nth(index).ok_or(TOO_FAR)
    }

    fn end_of_working_day(&self, from: Timestamp) -> Result<Timestamp, NoWorkingTime> {
        let mut ends = self.days(self.date(from)).filter_map(|date| self.end_of_work(date));
        ends.find(|end| *end > from).ok_or(TOO_FAR)
    }

    /// Returns the working time between two moments; none when `to` is not after `from`.
    ///
    /// # Errors
    /// When they are more than ten years apart.
    pub fn working_time(&self, from: Timestamp, to: Timestamp) -> Result<Duration, NoWorkingTime> {
        if to <= from {
            return Ok(Duration::ZERO);
        }
        if to.since(from) > Duration::from_secs(u64::from(HORIZON - 1) * 86_400) {
            return Err(TOO_FAR);
        }
        let spans = self.work_from(from).take_while(|(start, _)| *start < to);
        Ok(spans.map(|(start, end)| end.min(to).since(start)).sum())
    }

    /// Returns the next moment at which people work: `from` itself when they do, so that a caller can be told when to
    /// call again.
    #[must_use]
    pub fn next_work(&self, from: Timestamp) -> Option<Timestamp> {
        self.work_from(from).next().map(|(start, _)| start)
    }

    /// Returns whether people work on the day of a moment, be it for an hour.
    #[must_use]
    pub fn is_working_day(&self, at: Timestamp) -> bool {
        self.end_of_work(self.date(at)).is_some()
    }

    /// Returns a warning for each year from one moment to another whose holidays are not known.
    #[must_use]
    pub fn unknown_years(&self, from: Timestamp, to: Timestamp) -> Vec<CalendarWarning> {
        if !self.observes_holidays {
            return Vec::new();
        }
        (self.date(from).year()..=self.date(to).year())
            .filter(|year| !self.holidays.knows(*year))
            .map(|year| CalendarWarning::NoHolidays { year })
            .collect()
    }

    /// Spans of work that end after `from`, cut at it, in order.
    fn work_from(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        self.days(self.date(from))
            .flat_map(|date| self.work_on(date))
            .map(move |(start, end)| (start.max(from), end))
            .filter(|(start, end)| start < end)
    }

    /// Dates from this one on, as far as working time is looked for.
    fn days(&self, first: Date) -> impl Iterator<Item = Date> + use<> {
        let days = usize::try_from(HORIZON).unwrap_or(usize::MAX);
        std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(days)
    }

    fn end_of_work(&self, date: Date) -> Option<Timestamp> {
        self.work_on(date).filter(|(start, end)| start < end).last().map(|(_, end)| end)
    }

    fn work_on(&self, date: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        self.work_minutes(date).filter_map(move |(from, to)| {
            Some((instant(&self.zone, date, from)?, instant(&self.zone, date, to)?))
        })
    }
}

/// Returns the moment of a minute of the day; one that the zone's clocks skip is the moment at which they do.
fn instant(zone: &TimeZone, date: Date, minute: i32) -> Option<Timestamp> {
    let (date, minute) =
        if minute == 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute) };
    let hour = i8::try_from(minute / 60).ok()?;
    let civil: DateTime = date.at(hour, i8::try_from(minute % 60).ok()?, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    let at = match ambiguous.offset() {
        AmbiguousOffset::Gap { before, .. } => {
            let after_the_gap = before.to_timestamp(civil).ok()?;
            zone.preceding(after_the_gap).next()?.timestamp()
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            ambiguous.earlier().ok()?
        }
    };
    u64::try_from(at.as_microsecond()).ok().map(Timestamp::from_micros)
}
