//! Another calendar while the centre works.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Calendars, Holidays, InvalidCalendar, holidays};

/// What an administrator changes of the calendar. It takes effect at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarChange {
    /// These schedules, a document `cti.schedules/1`, in place of all that there were.
    Schedules(Value),
    /// These public holidays, a document `cti.holidays/1`, in place of all that there were.
    Holidays(Value),
}

/// A part of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarPart {
    /// The hours of the schedules.
    Schedules,
    /// The public holidays and make-up working days.
    Holidays,
}

impl fmt::Display for CalendarPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schedules => "schedules",
            Self::Holidays => "holidays",
        })
    }
}

impl CalendarChange {
    /// Returns which part is changed.
    #[must_use]
    pub fn part(&self) -> CalendarPart {
        match self {
            Self::Schedules(_) => CalendarPart::Schedules,
            Self::Holidays(_) => CalendarPart::Holidays,
        }
    }
}

/// A schedule that somebody goes by and a calendar does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{by} goes by the schedule {schedule:?}, which is not there")]
pub struct MissingSchedule {
    /// The schedule.
    pub schedule: String,
    /// Who goes by it: a queue, a flow.
    pub by: String,
}

impl Calendars {
    /// Returns the calendars after a change; these stay as they are.
    ///
    /// # Errors
    /// When the document is not one of its kind, or a value in it cannot be used; names the field.
    pub fn changed(&self, change: &CalendarChange) -> Result<Self, InvalidCalendar> {
        match change {
            CalendarChange::Schedules(document) => {
                Self::of("schedules", read("schedules", document)?, Arc::clone(&self.holidays))
            }
            CalendarChange::Holidays(document) => {
                let document: holidays::Document = read("holidays", document)?;
                Ok(self.with_holidays(Holidays::of("holidays", document)?))
            }
        }
    }

    /// Returns the same schedules with other public holidays.
    #[must_use]
    pub fn with_holidays(&self, holidays: Holidays) -> Self {
        let holidays = Arc::new(holidays);
        let mut changed = self.clone();
        for calendar in changed.schedules.values_mut() {
            calendar.holidays = Arc::clone(&holidays);
        }
        Self { holidays, ..changed }
    }
}

fn read<T: DeserializeOwned>(file: &str, document: &Value) -> Result<T, InvalidCalendar> {
    serde_path_to_error::deserialize(document).map_err(|error| InvalidCalendar::Value {
        file: file.to_owned(),
        field: error.path().to_string(),
        reason: error.into_inner().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{calendar::DayPart, time::Timestamp};

    /// Thursday, 1 October 2026, 10:00 in Shanghai.
    const NATIONAL_DAY: Timestamp = Timestamp::from_secs(1_790_820_000);

    fn schedules(from: &str) -> Value {
        json!({"schema": "cti.schedules/1", "schedules": {"hotline": {"name": "热线",
            "days": {"thu": [[from, "17:30", "work"]]},
            "days_off": [{"name": "迁址", "from": "2026-11-05", "to": "2026-11-05"}]}}})
    }

    fn calendars() -> Calendars {
        Calendars::default().changed(&CalendarChange::Schedules(schedules("08:30"))).unwrap()
    }

    fn part(calendars: &Calendars) -> DayPart {
        calendars.get("hotline").unwrap().day_part(NATIONAL_DAY)
    }

    #[test]
    fn other_hours_and_other_holidays_leave_each_other_alone() {
        let open = calendars();
        assert_eq!(part(&open), DayPart::Work);
        let later = open.changed(&CalendarChange::Schedules(schedules("10:30"))).unwrap();
        assert_eq!(part(&later), DayPart::Off);
        let days = json!({"schema": "cti.holidays/1", "years": {"2026": {"make_up": [],
            "holidays": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}]}}});
        let closed = later.changed(&CalendarChange::Holidays(days)).unwrap();
        assert_eq!(part(&closed), DayPart::Holiday);
        let closed = closed.changed(&CalendarChange::Schedules(schedules("08:30"))).unwrap();
        assert_eq!(part(&closed), DayPart::Holiday, "other hours keep the holidays");
        assert_eq!(part(&open), DayPart::Work, "who has the old calendar goes by it");
    }

    #[test]
    fn the_document_that_is_written_is_the_one_that_was_read() {
        let written: Value = serde_json::from_str(&calendars().to_document()).unwrap();
        let again = calendars().changed(&CalendarChange::Schedules(written.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&again.to_document()).unwrap(), written);
        assert_eq!(
            written["schedules"]["hotline"],
            schedules("08:30")["schedules"]["hotline"]
                .as_object()
                .map(|it| {
                    let mut it = it.clone();
                    it.insert("observes_holidays".to_owned(), json!(true));
                    Value::Object(it)
                })
                .unwrap()
        );
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_field() {
        let refused = |schedule: Value| {
            let document = json!({"schema": "cti.schedules/1", "schedules": {"day": schedule}});
            let change = CalendarChange::Schedules(document);
            match Calendars::default().changed(&change).unwrap_err() {
                InvalidCalendar::Value { field, .. } => field,
                InvalidCalendar::Syntax { reason, .. } => reason,
            }
        };
        let days = |spans: Value| json!({"name": "a", "days": {"mon": spans}});
        for (schedule, field) in [
            (days(json!([["08:30", "25:00", "work"]])), "schedules.day.days.mon[0]"),
            (days(json!([["08:30", "12:00", "tea"]])), "schedules.day.days.mon[0]"),
            (days(json!([["12:00", "08:30", "work"]])), "schedules.day.days.mon[0]"),
            (json!({"name": "", "days": {}}), "schedules.day.name"),
            (json!({"name": "a", "days": {}, "colour": 1}), "schedules.day"),
            (
                json!({"name": "a", "days": {},
                    "days_off": [{"name": "b", "from": "2026-02-02", "to": "2026-01-01"}]}),
                "schedules.day.days_off[0]",
            ),
        ] {
            let named = refused(schedule);
            assert!(named.starts_with(field), "{named} is not {field}");
        }
    }
}
