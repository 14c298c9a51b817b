//! The holidays and make-up working days of each year, as a government announces them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{InvalidCalendar, parse_json};

/// No holiday is longer than this many days.
const LONGEST: i32 = 60;

/// A day off and how calls are to be handled on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Holiday {
    /// Its name: 春节.
    pub name: String,
    /// What calls are routed by when this holiday has a handling of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

/// Holidays by date, with the years that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    years: BTreeSet<i16>,
    holidays: BTreeMap<Date, Holiday>,
    make_up: BTreeSet<Date>,
}

/// The document `cti.holidays/1`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    schema: String,
    #[serde(default, rename = "region", skip_serializing)]
    _region: String,
    #[serde(default, rename = "source", skip_serializing)]
    _source: String,
    years: BTreeMap<i16, Year>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Year {
    holidays: Vec<DaysOff>,
    make_up: Vec<Date>,
}

/// A holiday from one date to another, both included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysOff {
    pub(super) name: String,
    pub(super) from: Date,
    pub(super) to: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) route: Option<String>,
}

impl DaysOff {
    /// Returns the dates, or why there are none.
    pub(super) fn dates(&self) -> Result<impl Iterator<Item = Date> + use<>, String> {
        if self.to < self.from {
            return Err("ends before it begins".to_owned());
        }
        let length = (self.to - self.from).get_days() + 1;
        if length > LONGEST {
            return Err(format!("lasts {length} days, more than {LONGEST}"));
        }
        let to = self.to;
        Ok(self.from.series(1.day()).take_while(move |date| *date <= to))
    }

    pub(super) fn holiday(self) -> Holiday {
        Holiday { name: self.name, route: self.route }
    }
}

impl Holidays {
    /// Reads a document of holidays, `cti.holidays/1`; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a document, or a date is out of its year, or a day is both holiday and make-up day.
    pub fn parse(file: &str, text: &str) -> Result<Self, InvalidCalendar> {
        Self::of(file, parse_json(file, text)?)
    }

    pub(super) fn of(file: &str, document: Document) -> Result<Self, InvalidCalendar> {
        let invalid = |field: String, reason: String| InvalidCalendar::Value {
            file: file.to_owned(),
            field,
            reason,
        };
        if document.schema != "cti.holidays/1" {
            return Err(invalid("schema".to_owned(), "must be \"cti.holidays/1\"".to_owned()));
        }
        let mut all = Self::default();
        for (year, days) in document.years {
            all.years.insert(year);
            let in_year = |date: Date| match date.year() == year {
                true => Ok(()),
                false => Err(format!("{date} is not in this year")),
            };
            for (index, span) in days.holidays.into_iter().enumerate() {
                in_year(span.from)
                    .and_then(|()| all.add_holiday(span))
                    .map_err(|reason| invalid(format!("years.{year}.holidays[{index}]"), reason))?;
            }
            for (index, date) in days.make_up.into_iter().enumerate() {
                in_year(date)
                    .and_then(|()| all.add_make_up(date))
                    .map_err(|reason| invalid(format!("years.{year}.make_up[{index}]"), reason))?;
            }
        }
        Ok(all)
    }

    /// Writes the document that [`parse`](Self::parse) reads, for whoever keeps what he imported.
    #[must_use]
    pub fn to_document(&self) -> String {
        let mut years: BTreeMap<i16, Year> =
            self.years.iter().map(|year| (*year, Year::default())).collect();
        for (date, holiday) in &self.holidays {
            let spans = &mut years.entry(date.year()).or_default().holidays;
            match spans.last_mut() {
                Some(span)
                    if span.to.tomorrow().is_ok_and(|next| next == *date)
                        && span.name == holiday.name
                        && span.route == holiday.route
                        && (span.to - span.from).get_days() + 1 < LONGEST =>
                {
                    span.to = *date;
                }
                Some(_) | None => {
                    let Holiday { name, route } = holiday.clone();
                    spans.push(DaysOff { name, from: *date, to: *date, route });
                }
            }
        }
        for date in &self.make_up {
            years.entry(date.year()).or_default().make_up.push(*date);
        }
        let schema = "cti.holidays/1".to_owned();
        let document = Document { schema, _region: String::new(), _source: String::new(), years };
        serde_json::to_string_pretty(&document).expect("dates and names can be written as JSON")
    }

    pub(super) fn add_holiday(&mut self, span: DaysOff) -> Result<(), String> {
        // A span belongs to one year, or a few days of January would make the next year count as known.
        if span.from.year() != span.to.year() && span.from < span.to {
            return Err("runs into another year; make two of it".to_owned());
        }
        let dates: Vec<Date> = span.dates()?.collect();
        if let Some(date) = dates.iter().find(|date| self.holidays.contains_key(date)) {
            return Err(format!("{date} is a holiday already"));
        }
        if let Some(date) = dates.iter().find(|date| self.make_up.contains(date)) {
            return Err(format!("{date} is a make-up working day"));
        }
        self.years.insert(span.from.year());
        let holiday = span.holiday();
        self.holidays.extend(dates.into_iter().map(|date| (date, holiday.clone())));
        Ok(())
    }

    pub(super) fn add_make_up(&mut self, date: Date) -> Result<(), String> {
        if self.holidays.contains_key(&date) {
            return Err(format!("{date} is a holiday"));
        }
        if !self.make_up.insert(date) {
            return Err(format!("{date} is a make-up working day already"));
        }
        self.years.insert(date.year());
        Ok(())
    }

    /// Takes over the days of `newer`, which win over what was known of the same days; days that it does not name
    /// stay. A notice for next year that says something about this December therefore loses nothing.
    pub fn merge(&mut self, newer: Self) {
        for date in newer.holidays.keys() {
            self.make_up.remove(date);
        }
        for date in &newer.make_up {
            self.holidays.remove(date);
        }
        self.years.extend(newer.years);
        self.holidays.extend(newer.holidays);
        self.make_up.extend(newer.make_up);
    }

    /// Forgets the days of a year, before it is imported again.
    pub fn forget(&mut self, year: i16) {
        self.years.remove(&year);
        self.holidays.retain(|date, _| date.year() != year);
        self.make_up.retain(|date| date.year() != year);
    }

    /// Returns the name of the holiday on a date.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.day_off(date).map(|holiday| holiday.name.as_str())
    }

    /// Returns the holiday on a date.
    #[must_use]
    pub fn day_off(&self, date: Date) -> Option<&Holiday> {
        self.holidays.get(&date)
    }

    /// Returns whether people work on this date although it is at a weekend (调休上班).
    #[must_use]
    pub fn is_make_up(&self, date: Date) -> bool {
        self.make_up.contains(&date)
    }

    /// Returns whether the holidays of a year are known.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Returns the years whose holidays are known.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.iter().copied()
    }
}
