//! Working hours: which part of the working day a moment falls into, with holidays and make-up working days.
//!
//! ```text
//!   is the date a holiday? ── yes ─▶ Holiday
//!            │ no
//!   is it a make-up working day? ── yes ─▶ hours of the make-up day ─┐
//!            │ no                                                     ├─▶ Work · Lunch · Off
//!            └───────────────────▶ hours of the day of the week ─────┘
//! ```
//!
//! Hours and holidays are two documents, so that next year's holidays are imported without touching the hours. A
//! year that the holidays say nothing about follows the days of the week, and [`Calendar::warnings`] says so.

mod holidays;
mod hours;

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

pub use holidays::Holidays;
use hours::Week;

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

/// Something an administrator should mend before it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        if self.holidays.holiday(date).is_some() {
            DayPart::Holiday
        } else if self.holidays.is_make_up(date) {
            self.week.make_up_day(minute)
        } else {
            self.week.weekday(date.weekday(), minute)
        }
    }

    /// Returns the name of the holiday that a moment falls on.
    #[must_use]
    pub fn holiday(&self, at: Timestamp) -> Option<&str> {
        self.holidays.holiday(self.date(at))
    }

    /// Returns what should be mended: the holidays of this year, and in December of the next one, are not known.
    #[must_use]
    pub fn warnings(&self, at: Timestamp) -> Vec<CalendarWarning> {
        let date = self.date(at);
        let next = (date.month() == 12).then(|| date.year().saturating_add(1));
        [Some(date.year()), next]
            .into_iter()
            .flatten()
            .filter(|year| !self.holidays.knows(*year))
            .map(|year| CalendarWarning::NoHolidays { year })
            .collect()
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
}

impl Calendars {
    /// Reads a document of schedules, `cti.schedules/1`; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a document, or a zone, a time or a span in it cannot be used.
    pub fn parse(file: &str, text: &str, holidays: Holidays) -> Result<Self, InvalidCalendar> {
        let document: hours::Document = parse_json(file, text)?;
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
        let holidays = Arc::new(holidays);
        let schedules = document
            .schedules
            .into_iter()
            .map(|(id, schedule)| {
                let week = Week::new(&schedule).map_err(|(field, reason)| {
                    invalid(format!("schedules.{id}.{field}"), reason)
                })?;
                let calendar = Calendar {
                    name: schedule.name,
                    zone: zone.clone(),
                    week,
                    holidays: Arc::clone(&holidays),
                };
                Ok((id, calendar))
            })
            .collect::<Result<_, InvalidCalendar>>()?;
        Ok(Self { schedules })
    }

    /// Returns a schedule's calendar.
    #[must_use]
    pub fn get(&self, schedule: &str) -> Option<&Calendar> {
        self.schedules.get(schedule)
    }

    /// Returns what should be mended in the calendar of any schedule, without repetition.
    #[must_use]
    pub fn warnings(&self, at: Timestamp) -> Vec<CalendarWarning> {
        // Zone and holidays are common to all schedules.
        self.schedules.values().next().map_or_else(Vec::new, |calendar| calendar.warnings(at))
    }

    /// Returns the ids of all schedules.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.schedules.keys().map(String::as_str)
    }
}

fn parse_json<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, InvalidCalendar> {
    serde_json::from_str(text).map_err(|error| InvalidCalendar::Syntax {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOLIDAYS: &str = include_str!("../../examples/hotline/config/calendar/holidays-cn.json");
    const SCHEDULES: &str = include_str!("../../examples/hotline/config/calendar/schedules.json");

    fn hotline() -> Calendar {
        let holidays = Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap();
        let calendars = Calendars::parse("schedules.json", SCHEDULES, holidays).unwrap();
        calendars.get("hotline").unwrap().clone()
    }

    fn at(civil: &str) -> Timestamp {
        let zoned = format!("{civil}[Asia/Shanghai]").parse::<jiff::Zoned>().unwrap();
        Timestamp::from_micros(u64::try_from(zoned.timestamp().as_microsecond()).unwrap())
    }

    #[test]
    fn a_working_day_has_hours_a_lunch_break_and_an_evening() {
        let hotline = hotline();
        let part = |time| hotline.day_part(at(&format!("2026-11-23T{time}")));
        assert_eq!(part("08:29:59"), DayPart::Off);
        assert_eq!(part("08:30:00"), DayPart::Work);
        assert_eq!(part("11:59:59"), DayPart::Work);
        assert_eq!(part("12:00:00"), DayPart::Lunch);
        assert_eq!(part("13:30:00"), DayPart::Work);
        assert_eq!(part("17:30:00"), DayPart::Off);
        assert_eq!(hotline.day_part(at("2026-11-22T10:00")), DayPart::Off, "a usual Sunday");
    }

    #[test]
    fn the_holidays_and_make_up_days_of_2026_are_those_the_state_council_announced() {
        let hotline = hotline();
        let spans = [
            ("2026-01-01", 3, "元旦"),
            ("2026-02-15", 9, "春节"),
            ("2026-04-04", 3, "清明节"),
            ("2026-05-01", 5, "劳动节"),
            ("2026-06-19", 3, "端午节"),
            ("2026-09-25", 3, "中秋节"),
            ("2026-10-01", 7, "国庆节"),
        ];
        let mut days = 0;
        for (from, length, name) in spans {
            for day in 0..length {
                let noon =
                    at(&format!("{from}T10:00")) + std::time::Duration::from_secs(86_400 * day);
                assert_eq!(hotline.day_part(noon), DayPart::Holiday, "{name} + {day}");
                assert_eq!(hotline.holiday(noon), Some(name));
                days += 1;
            }
        }
        let start = at("2026-01-01T10:00");
        let all = (0..365_u64)
            .map(|day| start + std::time::Duration::from_secs(86_400 * day))
            .filter(|noon| hotline.day_part(*noon) == DayPart::Holiday)
            .count();
        assert_eq!(all, days, "no other day of the year is a holiday");
        for make_up in
            ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
        {
            assert_eq!(hotline.day_part(at(&format!("{make_up}T10:00"))), DayPart::Work);
            assert_eq!(hotline.day_part(at(&format!("{make_up}T12:30"))), DayPart::Lunch);
        }
    }

    #[test]
    fn a_year_without_holidays_follows_the_week_and_warns() {
        let hotline = hotline();
        assert_eq!(hotline.day_part(at("2027-01-01T10:00")), DayPart::Work, "a Friday");
        assert_eq!(hotline.warnings(at("2026-11-23T10:00")), []);
        let warning = CalendarWarning::NoHolidays { year: 2027 };
        for moment in ["2026-12-01T10:00", "2027-06-01T10:00"] {
            assert_eq!(hotline.warnings(at(moment)), std::slice::from_ref(&warning));
        }
    }

    #[test]
    fn a_document_that_cannot_be_used_names_file_field_and_reason() {
        let schedule = |days: &str| {
            let text = format!(
                r#"{{"schema":"cti.schedules/1","schedules":{{"s":{{"name":"S","days":{days}}}}}}}"#
            );
            Calendars::parse("s.json", &text, Holidays::default()).unwrap_err().to_string()
        };
        assert_eq!(
            schedule(r#"{"mon":[["09:00","25:00","work"]]}"#),
            "s.json: schedules.s.days.mon[0]: \"25:00\" is not a time between 00:00 and 24:00"
        );
        assert_eq!(
            schedule(r#"{"mon":[["09:00","12:00","work"],["11:00","13:00","lunch"]]}"#),
            "s.json: schedules.s.days.mon[1]: begins before the span before it ends"
        );
        assert_eq!(
            schedule(r#"{"mon":[["12:00","09:00","work"]]}"#),
            "s.json: schedules.s.days.mon[0]: ends before it begins; split a span at midnight"
        );
        assert!(schedule(r#"{"monday":[]}"#).contains("unknown field `monday`"));
        let zone = r#"{"schema":"cti.schedules/1","zone":"Asia/Nowhere","schedules":{}}"#;
        assert_eq!(
            Calendars::parse("s.json", zone, Holidays::default()).unwrap_err().to_string(),
            "s.json: zone: unknown zone \"Asia/Nowhere\""
        );
        let holidays = |year: &str| {
            let text = format!(r#"{{"schema":"cti.holidays/1","years":{{"2026":{year}}}}}"#);
            Holidays::parse("h.json", &text).unwrap_err().to_string()
        };
        assert_eq!(
            holidays(
                r#"{"holidays":[{"name":"X","from":"2026-05-05","to":"2026-05-01"}],"make_up":[]}"#
            ),
            "h.json: years.2026.holidays[0]: ends before it begins"
        );
        assert_eq!(
            holidays(r#"{"holidays":[],"make_up":["2025-05-01"]}"#),
            "h.json: years.2026.make_up[0]: 2025-05-01 is not in this year"
        );
        assert!(holidays(r#"{"holidays":[],"make_up":["2026-02-30"]}"#).contains("line 1 column"));
    }

    proptest! {
        #[test]
        fn every_moment_of_eight_thousand_years_has_a_part_of_the_day(
            seconds in 0_u64..253_402_300_800,
            beyond in any::<u64>(),
        ) {
            let hotline = hotline();
            for moment in [Timestamp::from_secs(seconds), Timestamp::from_micros(beyond)] {
                let _ = hotline.day_part(moment);
                prop_assert!(hotline.warnings(moment).len() <= 2);
            }
        }
    }
}
