//! Working hours: which part of the working day a moment falls into, with holidays and make-up working days.
//!
//! ```text
//!   has the schedule the date off? ── yes ─▶ Holiday, with its routing key
//!            │ no
//!   is the date a public holiday? ── yes ─▶ Holiday, with its routing key
//!            │ no
//!   is it a make-up working day? ── yes ─▶ hours of the make-up day ─┐
//!            │ no                                                     ├─▶ Work · Lunch · Off
//!            └───────────────────▶ hours of the day of the week ─────┘
//! ```
//!
//! Hours and holidays are two documents, so that next year's holidays are imported without touching the hours. A
//! year that the holidays say nothing about follows the days of the week, and [`Calendar::warnings`] says so.
//!
//! | what | where it comes from |
//! |---|---|
//! | schedules | `cti.schedules/1`: per group its hours of the week, whether it observes public holidays, days off of its own |
//! | public holidays, make-up days | `cti.holidays/1`, or a table: [`Holidays::import`] |
//! | a change while the centre works | [`CalendarChange`], by which [`Calendars::changed`] gives the calendars from then on |
//! | time limits | [`Calendar::due`] counts working minutes, hours and days; [`Calendar::working_time`] measures |

mod change;
mod holidays;
mod hours;
mod table;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use jiff::{Zoned, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

pub use change::{CalendarChange, CalendarPart, MissingSchedule};
pub use holidays::{Holiday, Holidays};
use hours::Week;
pub use work::{Due, NoWorkingTime, WorkingSpan};

/// More schedules than a centre has.
const MAX_SCHEDULES: usize = 1_000;
/// More days off than a schedule has.
const MAX_DAYS_OFF: usize = 1_000;
/// The longest id and the longest name of a schedule, in characters.
const LONGEST_NAME: usize = 64;

/// A part of the day, as schedules divide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// Working hours (上班).
    Work,
    /// The lunch break (午休).
    Lunch,
    /// Outside working hours (下班).
    Off,
    /// A holiday (节假日), whatever the hour.
    Holiday,
}

impl fmt::Display for DayPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Work => "work",
            Self::Lunch => "lunch",
            Self::Off => "off",
            Self::Holiday => "holiday",
        })
    }
}

/// A calendar document that cannot be used; names the file, the field and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// The text is not JSON of the right shape; the reason ends with line and column.
    #[error("{file}: {reason}")]
    Syntax {
        /// Which file.
        file: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A value cannot be used.
    #[error("{file}: {field}: {reason}")]
    Value {
        /// Which file.
        file: String,
        /// Which field, as a path of names.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Something an administrator should mend before it matters; an alarm is made of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum CalendarWarning {
    /// The holidays of a year are not known: its dates follow the days of the week.
    NoHolidays {
        /// The year.
        year: i16,
    },
}

impl fmt::Display for CalendarWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHolidays { year } => {
                write!(f, "no holidays are known for {year}; its dates follow the days of the week")
            }
        }
    }
}

/// The calendar of one schedule.
#[derive(Clone, Debug)]
pub struct Calendar {
    name: String,
    zone: TimeZone,
    week: Week,
    holidays: Arc<Holidays>,
    observes_holidays: bool,
    /// What only this schedule has off.
    days_off: BTreeMap<Date, Holiday>,
}

impl Calendar {
    /// Returns the schedule's name as people see it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the part of the day that a moment falls into.
    #[must_use]
    pub fn day_part(&self, at: Timestamp) -> DayPart {
        let civil = self.zone.to_datetime(moment(at));
        let (date, time) = (civil.date(), civil.time());
        let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
        if self.day_off(date).is_some() {
            DayPart::Holiday
        } else if self.is_make_up(date) {
            self.week.make_up_day(minute)
        } else {
            self.week.weekday(date.weekday(), minute)
        }
    }

    /// Returns the name of the holiday that a moment falls on.
    #[must_use]
    pub fn holiday(&self, at: Timestamp) -> Option<String> {
        self.day_off(self.date(at)).map(|holiday| holiday.name)
    }

    /// Returns what a call at this moment is routed by, the most particular key first: `holiday:spring`, then
    /// `holiday` on a holiday that has a handling of its own; `work`, `lunch` or `off` on other days. The first key
    /// that a table of handlings has decides.
    #[must_use]
    pub fn routing_keys(&self, at: Timestamp) -> Vec<String> {
        let route = self.day_off(self.date(at)).and_then(|holiday| holiday.route);
        let part = self.day_part(at).to_string();
        route.map(|route| format!("{part}:{route}")).into_iter().chain([part.clone()]).collect()
    }

    /// Returns what should be mended: the holidays of this year, and in December of the next one, are not known.
    #[must_use]
    pub fn warnings(&self, at: Timestamp) -> Vec<CalendarWarning> {
        if !self.observes_holidays {
            return Vec::new();
        }
        let date = self.date(at);
        let next = (date.month() == 12).then(|| date.year().saturating_add(1));
        [Some(date.year()), next]
            .into_iter()
            .flatten()
            .filter(|year| !self.holidays.knows(*year))
            .map(|year| CalendarWarning::NoHolidays { year })
            .collect()
    }

    fn day_off(&self, date: Date) -> Option<Holiday> {
        let public = || self.holidays.day_off(date).filter(|_| self.observes_holidays).cloned();
        self.days_off.get(&date).cloned().or_else(public)
    }

    fn is_make_up(&self, date: Date) -> bool {
        self.observes_holidays && self.holidays.is_make_up(date)
    }

    /// Returns the spans of work on a date, in minutes of the day.
    fn work_minutes(&self, date: Date) -> impl Iterator<Item = (i32, i32)> + '_ {
        let works = self.day_off(date).is_none();
        let make_up = works && self.is_make_up(date);
        let usual = works && !make_up;
        let make_up = make_up.then(|| self.week.work_on_make_up_day());
        let usual = usual.then(|| self.week.work_on_weekday(date.weekday()));
        make_up.into_iter().flatten().chain(usual.into_iter().flatten())
    }

    /// Returns a moment as the clocks of the schedule's zone show it, for people to read.
    #[must_use]
    pub fn civil(&self, at: Timestamp) -> Zoned {
        moment(at).to_zoned(self.zone.clone())
    }

    fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(moment(at)).date()
    }
}

/// Moments after the year 9999 count as its end.
fn moment(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.as_micros())
        .ok()
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok())
        .unwrap_or(jiff::Timestamp::MAX)
}

/// All schedules of a centre by their id.
///
/// # Examples
///
/// ```
/// use cti_core::{calendar::{Calendars, DayPart, Holidays}, time::Timestamp};
///
/// let holidays = Holidays::parse("holidays.json", r#"{
///     "schema": "cti.holidays/1",
///     "years": {"2026": {"holidays": [{"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"}], "make_up": []}}
/// }"#)?;
/// let calendars = Calendars::parse("schedules.json", r#"{
///     "schema": "cti.schedules/1",
///     "schedules": {"hotline": {"name": "热线", "days": {"thu": [["08:30", "17:30", "work"]]}}}
/// }"#, holidays)?;
/// let hotline = calendars.get("hotline").unwrap();
///
/// let thursday_1_january = Timestamp::from_secs(1_767_232_800); // 10:00 in Shanghai
/// assert_eq!(hotline.day_part(thursday_1_january), DayPart::Holiday);
/// assert_eq!(hotline.day_part(Timestamp::from_secs(1_767_837_600)), DayPart::Work);
/// # Ok::<(), cti_core::calendar::InvalidCalendar>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    schedules: BTreeMap<String, Calendar>,
    /// What the schedules were read from.
    document: Arc<hours::Document>,
    holidays: Arc<Holidays>,
}

impl Calendars {
    /// Reads a document of schedules, `cti.schedules/1`; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a document, or a zone, a time or a span in it cannot be used.
    pub fn parse(file: &str, text: &str, holidays: Holidays) -> Result<Self, InvalidCalendar> {
        Self::of(file, parse_json(file, text)?, Arc::new(holidays))
    }

    fn of(
        file: &str,
        document: hours::Document,
        holidays: Arc<Holidays>,
    ) -> Result<Self, InvalidCalendar> {
        let invalid = |field: String, reason: String| InvalidCalendar::Value {
            file: file.to_owned(),
            field,
            reason,
        };
        if document.schema != "cti.schedules/1" {
            return Err(invalid("schema".to_owned(), "must be \"cti.schedules/1\"".to_owned()));
        }
        let zone = TimeZone::get(&document.zone)
            .map_err(|_| invalid("zone".to_owned(), format!("unknown zone {:?}", document.zone)))?;
        if document.schedules.len() > MAX_SCHEDULES {
            return Err(invalid(
                "schedules".to_owned(),
                format!("there are more than {MAX_SCHEDULES}"),
            ));
        }
        let schedules = document
            .schedules
            .iter()
            .map(|(id, schedule)| {
                let named = |(field, reason): (String, String)| {
                    invalid(format!("schedules.{id}.{field}"), reason)
                };
                check_name(id).map_err(|reason| invalid(format!("schedules.{id}"), reason))?;
                check_name(&schedule.name).map_err(|reason| named(("name".to_owned(), reason)))?;
                let calendar = Calendar {
                    zone: zone.clone(),
                    week: Week::new(schedule).map_err(named)?,
                    holidays: Arc::clone(&holidays),
                    observes_holidays: schedule.observes_holidays,
                    days_off: own_days_off(&schedule.days_off).map_err(named)?,
                    name: schedule.name.clone(),
                };
                Ok((id.clone(), calendar))
            })
            .collect::<Result<_, InvalidCalendar>>()?;
        Ok(Self { schedules, document: Arc::new(document), holidays })
    }

    /// Returns the public holidays.
    #[must_use]
    pub fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// Writes the document of schedules that [`parse`](Self::parse) reads.
    #[must_use]
    pub fn to_document(&self) -> String {
        serde_json::to_string_pretty(self.document.as_ref())
            .expect("hours and names can be written as JSON")
    }

    /// Returns a schedule's calendar.
    #[must_use]
    pub fn get(&self, schedule: &str) -> Option<&Calendar> {
        self.schedules.get(schedule)
    }

    /// Returns the date of a moment, as `2026-11-22`: in the zone of the schedules, in UTC where there are none.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> String {
        let zone = self.schedules.values().next().map_or(TimeZone::UTC, |it| it.zone.clone());
        zone.to_datetime(moment(at)).date().to_string()
    }

    /// Returns what should be mended in the calendar of any schedule, without repetition.
    #[must_use]
    pub fn warnings(&self, at: Timestamp) -> Vec<CalendarWarning> {
        let all: BTreeSet<_> =
            self.schedules.values().flat_map(|calendar| calendar.warnings(at)).collect();
        all.into_iter().collect()
    }

    /// Returns the ids of all schedules.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.schedules.keys().map(String::as_str)
    }
}

fn own_days_off(spans: &[holidays::DaysOff]) -> Result<BTreeMap<Date, Holiday>, (String, String)> {
    if spans.len() > MAX_DAYS_OFF {
        return Err(("days_off".to_owned(), format!("there are more than {MAX_DAYS_OFF}")));
    }
    let mut days_off = BTreeMap::new();
    for (index, span) in spans.iter().enumerate() {
        let invalid = |reason| (format!("days_off[{index}]"), reason);
        let dates = span.dates().map_err(invalid)?;
        let holiday = span.clone().holiday();
        days_off.extend(dates.map(|date| (date, holiday.clone())));
    }
    Ok(days_off)
}

fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if (1..=LONGEST_NAME).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!("must be 1 to {LONGEST_NAME} printable characters, this is {length}"))
}

fn parse_json<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, InvalidCalendar> {
    serde_json::from_str(text).map_err(|error| InvalidCalendar::Syntax {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
